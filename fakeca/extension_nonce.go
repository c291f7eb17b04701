package fakeca

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var oidNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}

// NewNonce returns 32 random bytes, the minimum that RFC 9654 section 2.1 requires
// of clients.
func NewNonce() []byte {
	nonce := make([]byte, 32)
	rand.Read(nonce)
	return nonce
}

// IsNonce reports whether e is a nonce.
func IsNonce(e pkix.Extension) bool { return e.Id.Equal(oidNonce) }

// nonceExtension returns a nonce as an extension: an OCTET STRING in extnValue
// (RFC 9654 section 2.1).
func nonceExtension(nonce []byte) pkix.Extension {
	var b cryptobyte.Builder
	b.AddASN1OctetString(nonce)
	return pkix.Extension{Id: slices.Clone(oidNonce), Value: b.BytesOrPanic()}
}

// NonceOf returns the nonce among the extensions of a request or response. It is
// nil if there is none, and empty if it has no bytes. Two nonces, and one that is
// not an OCTET STRING, are errors.
func NonceOf(extensions []pkix.Extension) ([]byte, error) {
	var nonce []byte
	for _, e := range extensions {
		if !IsNonce(e) {
			continue
		}
		if nonce != nil {
			return nil, within("nonce", errors.New("there are two"))
		}
		value, err := readOnly(cryptobyte.String(e.Value), cryptobyte_asn1.OCTET_STRING)
		if err != nil {
			return nil, within("nonce", err)
		}
		nonce = append([]byte{}, value...)
	}
	return nonce, nil
}
