package fakeca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // for signatures that clients must refuse
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // CertIDs
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
)

var null = []byte{0x05, 0x00} // in DER

// The hashes of CertIDs.
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

// HashIdentifier returns the identifier of SHA1, SHA256, SHA384 or SHA512, with
// NULL as parameters. Readers must accept it without NULL too (RFC 4055 section
// 2.1).
func HashIdentifier(h crypto.Hash) AlgorithmIdentifier {
	oid, ok := hashOID(h)
	if !ok {
		panic(fmt.Sprintf("fakeca: HashIdentifier(%v): use SHA1, SHA256, SHA384 or SHA512", h))
	}
	return AlgorithmIdentifier{Algorithm: oid, Parameters: null}.clone()
}

func (a AlgorithmIdentifier) clone() AlgorithmIdentifier {
	a.Algorithm, a.Parameters = slices.Clone(a.Algorithm), slices.Clone(a.Parameters)
	return a
}

// Hash returns the hash function that a names, with NULL or without parameters
// (RFC 4055 section 2.1): SHA1, SHA256, SHA384, SHA512, or 0 for any other.
func (a AlgorithmIdentifier) Hash() crypto.Hash {
	if a.Raw != nil || a.Extra != nil || len(a.Parameters) > 0 && !bytes.Equal(a.Parameters, null) {
		return 0
	}
	for _, k := range hashes {
		if k.oid.Equal(a.Algorithm) {
			return k.hash
		}
	}
	return 0
}

// A scheme is a signature algorithm.
type scheme struct {
	algorithm  x509.SignatureAlgorithm
	key        x509.PublicKeyAlgorithm
	hash       crypto.Hash
	identifier AlgorithmIdentifier
	others     [][]byte // other forms of the parameters, which readers must accept
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
	ecdsaScheme(x509.ECDSAWithSHA256, crypto.SHA256, 4, 3, 2),
	ecdsaScheme(x509.ECDSAWithSHA384, crypto.SHA384, 4, 3, 3),
	ecdsaScheme(x509.ECDSAWithSHA512, crypto.SHA512, 4, 3, 4),
	ecdsaScheme(x509.ECDSAWithSHA1, crypto.SHA1, 4, 1),
	rsaScheme(x509.SHA256WithRSA, crypto.SHA256, 11),
	rsaScheme(x509.SHA384WithRSA, crypto.SHA384, 12),
	rsaScheme(x509.SHA512WithRSA, crypto.SHA512, 13),
	rsaScheme(x509.SHA1WithRSA, crypto.SHA1, 5),
	rsaScheme(x509.MD5WithRSA, crypto.MD5, 4),
	pssScheme(x509.SHA256WithRSAPSS, crypto.SHA256),
	pssScheme(x509.SHA384WithRSAPSS, crypto.SHA384),
	pssScheme(x509.SHA512WithRSAPSS, crypto.SHA512),
	{algorithm: x509.PureEd25519, key: x509.Ed25519, identifier: AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}},
}

func ecdsaScheme(algorithm x509.SignatureAlgorithm, hash crypto.Hash, arc ...int) scheme {
	oid := append(asn1.ObjectIdentifier{1, 2, 840, 10045}, arc...)
	return scheme{algorithm, x509.ECDSA, hash, AlgorithmIdentifier{Algorithm: oid}, nil}
}

// pkcs1 returns an identifier below pkcs-1, where RSA's algorithms are.
func pkcs1(arc int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, arc}
}

func rsaScheme(algorithm x509.SignatureAlgorithm, hash crypto.Hash, arc int) scheme {
	return scheme{algorithm, x509.RSA, hash, AlgorithmIdentifier{Algorithm: pkcs1(arc), Parameters: null}, [][]byte{nil}}
}

func pssScheme(algorithm x509.SignatureAlgorithm, hash crypto.Hash) scheme {
	return scheme{algorithm, x509.RSA, hash, pss{hash, hash.Size()}.identifier(), nil}
}

// schemeFor returns the scheme of the algorithm asked for, or the key's default.
func schemeFor(pub crypto.PublicKey, asked x509.SignatureAlgorithm) *scheme {
	var kind x509.PublicKeyAlgorithm
	standard := x509.UnknownSignatureAlgorithm
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		kind = x509.ECDSA
		switch k.Curve.Params().BitSize {
		case 384:
			standard = x509.ECDSAWithSHA384
		case 521:
			standard = x509.ECDSAWithSHA512
		default:
			standard = x509.ECDSAWithSHA256
		}
	case *rsa.PublicKey:
		kind, standard = x509.RSA, x509.SHA256WithRSA
	case ed25519.PublicKey:
		kind, standard = x509.Ed25519, x509.PureEd25519
	default:
		mustKnowKey(pub)
	}
	if asked == x509.UnknownSignatureAlgorithm {
		asked = standard
	}
	for i := range schemes {
		if s := &schemes[i]; s.algorithm == asked && s.key == kind {
			return s
		}
	}
	panic(fmt.Sprintf("fakeca: an %v key cannot sign with %v; leave SignatureAlgorithm out, "+
		"or set it in Edit to name an algorithm that was not used", kind, asked))
}

func hashOf(a x509.SignatureAlgorithm) crypto.Hash {
	for _, s := range schemes {
		if s.algorithm == a {
			return s.hash
		}
	}
	return 0
}

func (s *scheme) sign(key crypto.Signer, message []byte) []byte {
	mustBeAllowed(s.hash, "a signature", "leave SignatureAlgorithm out")
	signature, err := crypto.SignMessage(key, rand.Reader, message, s.opts())
	if err != nil {
		panic(fmt.Sprintf("fakeca: the key cannot sign with %v: %v", s.algorithm, err))
	}
	return signature
}

// SignatureAlgorithm returns the algorithm that a names, or
// [x509.UnknownSignatureAlgorithm]. The parameters must be right; NULL and no
// parameters are the same for RSA and for the hashes of RSA-PSS (RFC 4055 section
// 2.1), and the salt of RSA-PSS may have any length.
func (a AlgorithmIdentifier) SignatureAlgorithm() x509.SignatureAlgorithm {
	if p, ok := a.pss(); ok {
		return p.algorithm()
	}
	if a.Raw != nil || a.Extra != nil {
		return x509.UnknownSignatureAlgorithm
	}
	for _, s := range schemes {
		same := func(parameters []byte) bool { return bytes.Equal(parameters, a.Parameters) }
		if s.identifier.Algorithm.Equal(a.Algorithm) && (same(s.identifier.Parameters) || slices.ContainsFunc(s.others, same)) {
			return s.algorithm
		}
	}
	return x509.UnknownSignatureAlgorithm
}
