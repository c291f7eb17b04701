package fakeca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // for the signatures that nobody should accept
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // CertIDs
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var null = []byte{0x05, 0x00}

// The hashes of a CertID. SHA-1 comes first, as the default (RFC 5019 section
// 2.1.1; RFC 9654 and the responders of today have not left it).
var hashes = []struct {
	hash crypto.Hash
	oid  asn1.ObjectIdentifier
}{
	{crypto.SHA1, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}},
	{crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}},
	{crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}},
	{crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}},
}

func hashOID(h crypto.Hash) (asn1.ObjectIdentifier, bool) {
	for _, k := range hashes {
		if k.hash == h {
			return k.oid, true
		}
	}
	return nil, false
}

// hashIdentifier is written with NULL, as OpenSSL and x/crypto write it. RFC
// 5754 section 2 asks readers to take both forms.
func hashIdentifier(h crypto.Hash) AlgorithmIdentifier {
	oid, _ := hashOID(h)
	return AlgorithmIdentifier{Algorithm: oid, Parameters: null}.clone()
}

func (a AlgorithmIdentifier) clone() AlgorithmIdentifier {
	a.Algorithm, a.Parameters = slices.Clone(a.Algorithm), slices.Clone(a.Parameters)
	return a
}

// Hash returns the hash function that a names, or 0 if it names none that a
// CertID of this package can have.
func (a AlgorithmIdentifier) Hash() crypto.Hash {
	for _, k := range hashes {
		if k.oid.Equal(a.Algorithm) {
			return k.hash
		}
	}
	return 0
}

// A scheme is a way to sign.
type scheme struct {
	algorithm  x509.SignatureAlgorithm
	key        x509.PublicKeyAlgorithm
	hash       crypto.Hash
	identifier AlgorithmIdentifier
}

func (s *scheme) opts() crypto.SignerOpts {
	switch s.algorithm {
	case x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS:
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.hash}
	}
	return s.hash
}

// RSA's identifiers have NULL (RFC 4055 section 5), ECDSA's and Ed25519's have
// nothing (RFC 5758 section 3.2, RFC 8410 section 3).
var schemes = []scheme{
	{x509.ECDSAWithSHA256, x509.ECDSA, crypto.SHA256, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}},
	{x509.ECDSAWithSHA384, x509.ECDSA, crypto.SHA384, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}}},
	{x509.ECDSAWithSHA512, x509.ECDSA, crypto.SHA512, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}}},
	{x509.ECDSAWithSHA1, x509.ECDSA, crypto.SHA1, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}}},
	{x509.SHA256WithRSA, x509.RSA, crypto.SHA256, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: null}},
	{x509.SHA384WithRSA, x509.RSA, crypto.SHA384, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, Parameters: null}},
	{x509.SHA512WithRSA, x509.RSA, crypto.SHA512, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, Parameters: null}},
	{x509.SHA1WithRSA, x509.RSA, crypto.SHA1, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, Parameters: null}},
	{x509.MD5WithRSA, x509.RSA, crypto.MD5, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, Parameters: null}},
	{x509.SHA256WithRSAPSS, x509.RSA, crypto.SHA256, pssIdentifier(crypto.SHA256)},
	{x509.SHA384WithRSAPSS, x509.RSA, crypto.SHA384, pssIdentifier(crypto.SHA384)},
	{x509.SHA512WithRSAPSS, x509.RSA, crypto.SHA512, pssIdentifier(crypto.SHA512)},
	{x509.PureEd25519, x509.Ed25519, 0, AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}},
}

// pssIdentifier is id-RSASSA-PSS with its parameters (RFC 4055 section 3.1):
// the hash, MGF1 with the same hash, and a salt as long as the hash.
func pssIdentifier(h crypto.Hash) AlgorithmIdentifier {
	hash := hashIdentifier(h)
	var b cryptobyte.Builder
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(explicit0, hash.add)
		b.AddASN1(explicit1, func(b *cryptobyte.Builder) {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8})
				hash.add(b)
			})
		})
		b.AddASN1(explicit2, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(h.Size())) })
	})
	return AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, Parameters: b.BytesOrPanic()}
}

// schemeFor returns the scheme that was asked for, or the usual one of the key.
func schemeFor(pub crypto.PublicKey, asked x509.SignatureAlgorithm) *scheme {
	var kind x509.PublicKeyAlgorithm
	usual := x509.UnknownSignatureAlgorithm
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		kind = x509.ECDSA
		switch k.Curve.Params().BitSize {
		case 384:
			usual = x509.ECDSAWithSHA384
		case 521:
			usual = x509.ECDSAWithSHA512
		default:
			usual = x509.ECDSAWithSHA256
		}
	case *rsa.PublicKey:
		kind, usual = x509.RSA, x509.SHA256WithRSA
	case ed25519.PublicKey:
		kind, usual = x509.Ed25519, x509.PureEd25519
	default:
		mustKnowKey(pub)
	}
	if asked == x509.UnknownSignatureAlgorithm {
		asked = usual
	}
	for i := range schemes {
		if s := &schemes[i]; s.algorithm == asked && s.key == kind {
			return s
		}
	}
	panic(fmt.Sprintf("fakeca: an %v key cannot sign with %v; leave SignatureAlgorithm out, or change SignatureAlgorithm in Edit to lie about it", kind, asked))
}

func (s *scheme) sign(key crypto.Signer, message []byte) []byte {
	signature, err := crypto.SignMessage(key, rand.Reader, message, s.opts())
	if err != nil {
		panic(fmt.Sprintf("fakeca: the key cannot sign with %v: %v", s.algorithm, err))
	}
	return signature
}

// SignatureAlgorithm returns the algorithm that a names, by its parameters
// too, or [x509.UnknownSignatureAlgorithm].
func (a AlgorithmIdentifier) SignatureAlgorithm() x509.SignatureAlgorithm {
	for _, s := range schemes {
		if !s.identifier.Algorithm.Equal(a.Algorithm) || a.Raw != nil || a.Extra != nil {
			continue
		}
		// NULL and nothing are the same to readers (RFC 4055 section 2.1).
		absent := a.Parameters == nil && bytes.Equal(s.identifier.Parameters, null)
		if absent || bytes.Equal(s.identifier.Parameters, a.Parameters) {
			return s.algorithm
		}
	}
	return x509.UnknownSignatureAlgorithm
}

// CheckSignatureFrom checks that the key of signer's certificate made the
// signature over tbsResponseData. Whether signer has authority to answer is
// not looked at. SHA-1 is taken, MD5 is not.
func (m *Message) CheckSignatureFrom(signer *x509.Certificate) error {
	if m.ResponseBytes == nil {
		return fmt.Errorf("fakeca: an error response (%v) has no signature", m.ResponseStatus)
	}
	algorithm := m.SignatureAlgorithm.SignatureAlgorithm()
	if algorithm == x509.UnknownSignatureAlgorithm {
		return fmt.Errorf("fakeca: the signature algorithm %v with parameters %x is not known", m.SignatureAlgorithm.Algorithm, m.SignatureAlgorithm.Parameters)
	}
	if err := signer.CheckSignature(algorithm, m.ResponseData.Marshal(), m.Signature); err != nil {
		return fmt.Errorf("fakeca: the OCSP response is not signed by %q: %w", signer.Subject, err)
	}
	return nil
}
