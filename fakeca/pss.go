package fakeca

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// The identifiers of RSA-PSS and of its mask generation function (RFC 4055
// sections 2.2 and 3.1).
var oidMGF1, oidPSS = pkcs1(8), pkcs1(10)

// A pss holds the parameters of RSA-PSS (RFC 4055 section 3.1): a hash, MGF1 with
// the same hash, and the length of the salt. It is not zero, which means any length
// to crypto/rsa.
type pss struct {
	hash crypto.Hash
	salt int
}

const (
	defaultSalt = 20   // the length if it is left out
	maxSalt     = 2048 // more than a signature of 16384 bits can hold
)

// identifier returns p with all parameters, and NULL in the identifiers of hashes.
func (p pss) identifier() AlgorithmIdentifier {
	hash := HashIdentifier(p.hash)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(explicit0, hash.add)
		b.AddASN1(explicit1, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidMGF1)
				hash.add(b)
			})
		})
		b.AddASN1(explicit2, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(p.salt)) })
	})
	return AlgorithmIdentifier{Algorithm: oidPSS, Parameters: b.BytesOrPanic()}
}

// pss reads an identifier of RSA-PSS with SHA-256, SHA-384 or SHA-512. It refuses
// SHA-1, which is the default. NULL and no parameters of a hash are the same (RFC
// 4055 section 2.1).
func (a AlgorithmIdentifier) pss() (p pss, ok bool) {
	if a.Raw != nil || a.Extra != nil || !a.Algorithm.Equal(oidPSS) {
		return p, false
	}
	s, err := readOnly(a.Parameters, asn1.SEQUENCE)
	if err != nil {
		return p, false
	}
	var hash, mgf1Hash AlgorithmIdentifier
	explicit, err := read(&s, explicit0)
	if err != nil || hash.parse(&explicit) != nil || !explicit.Empty() {
		return p, false
	}
	mask, err := readExplicit(&s, explicit1, asn1.SEQUENCE)
	if err != nil {
		return p, false
	}
	if function, err := readOID(&mask); err != nil || !function.Equal(oidMGF1) || mgf1Hash.parse(&mask) != nil || !mask.Empty() {
		return p, false
	}
	p = pss{hash.Hash(), defaultSalt}
	if s.PeekASN1Tag(explicit2) {
		if explicit, err = read(&s, explicit2); err != nil || !explicit.ReadASN1Integer(&p.salt) || !explicit.Empty() {
			return p, false
		}
	}
	// There is no trailer field: only its default exists, which DER leaves out.
	return p, s.Empty() && p.algorithm() != 0 && p.hash == mgf1Hash.Hash() && p.salt > 0 && p.salt <= maxSalt
}

// algorithm returns the name in crypto/x509, which does not depend on the salt.
func (p pss) algorithm() x509.SignatureAlgorithm {
	switch p.hash {
	case crypto.SHA256:
		return x509.SHA256WithRSAPSS
	case crypto.SHA384:
		return x509.SHA384WithRSAPSS
	case crypto.SHA512:
		return x509.SHA512WithRSAPSS
	}
	return x509.UnknownSignatureAlgorithm
}

// check checks a signature, as crypto/x509 does for a salt as long as the hash.
func (p pss) check(key *rsa.PublicKey, signed, signature []byte) error {
	h := p.hash.New()
	h.Write(signed)
	return rsa.VerifyPSS(key, p.hash, h.Sum(nil), signature, &rsa.PSSOptions{SaltLength: p.salt})
}
