package fakeca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func newKey() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("fakeca: cannot generate a key: " + err.Error())
	}
	return key
}

// keyID returns the leftmost 160 bits of the SHA-256 of the public key's bits
// (RFC 7093 section 2, method 1). It differs on purpose from the SHA-1 in a
// CertID's issuerKeyHash, so that tests find clients that confuse the two.
func keyID(pub crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		panic("fakeca: cannot encode the public key: " + err.Error())
	}
	sum := sha256.Sum256(keyBits(der))
	return sum[:20]
}

// keyBits returns the bits of a subjectPublicKey, which CertIDs and responder IDs
// hash (RFC 6960 section 4.1.1), or nil.
func keyBits(spki []byte) []byte {
	var inner cryptobyte.String
	var bits []byte
	s := cryptobyte.String(spki)
	if !s.ReadASN1(&inner, cryptobyte_asn1.SEQUENCE) ||
		!inner.SkipASN1(cryptobyte_asn1.SEQUENCE) ||
		!inner.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	return bits
}

// keyPair returns the key of a leaf from the PublicKey of its template. The
// private key is nil if the template has only a public key.
func keyPair(given any) (crypto.Signer, crypto.PublicKey) {
	switch k := given.(type) {
	case nil:
		key := newKey()
		return key, key.Public()
	case crypto.Signer:
		mustKnowKey(k.Public())
		return k, k.Public()
	default:
		mustKnowKey(k)
		return nil, k
	}
}

func mustKnowKey(pub crypto.PublicKey) {
	if err := checkKey(pub); err != nil {
		panic("fakeca: " + err.Error())
	}
}

func checkKey(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *rsa.PublicKey, ed25519.PublicKey:
		return nil
	case *ecdsa.PublicKey:
		if slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()}, k.Curve) {
			return nil
		}
		return fmt.Errorf("keys on %s are not supported; use P-256, P-384, P-521, RSA or Ed25519", k.Curve.Params().Name)
	}
	return fmt.Errorf("keys of type %T are not supported; use ECDSA, RSA or Ed25519", pub)
}
