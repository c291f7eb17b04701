package fakeca

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"math/big"
)

// NewCertID returns the CertID of the certificate that issuer issued with this
// serial number. hash is SHA1, SHA256, SHA384 or SHA512. The CertID holds the
// hashes of the issuer's name and of the bits of its key (RFC 6960 section 4.1.1).
func NewCertID(serial *big.Int, issuer *x509.Certificate, hash crypto.Hash) CertID {
	if serial == nil || issuer == nil {
		panic("fakeca: NewCertID needs a serial number and the issuer's certificate")
	}
	if _, ok := hashOID(hash); !ok {
		panic(fmt.Sprintf("fakeca: NewCertID: the hash is %v; use SHA1, SHA256, SHA384 or SHA512", hash))
	}
	mustBeAllowed(hash, "a CertID", "use New(WithHash(crypto.SHA256)), or Hash or NewCertID with SHA256")
	name, key := issuerHashes(issuer, hash)
	return CertID{
		HashAlgorithm:  HashIdentifier(hash),
		IssuerNameHash: name,
		IssuerKeyHash:  key,
		SerialNumber:   new(big.Int).Set(serial),
	}
}

// IssuedBy reports whether id names this issuer: by its name and its key, with
// the hash that id names.
func (id CertID) IssuedBy(issuer *x509.Certificate) bool {
	if issuer == nil {
		panic("fakeca: IssuedBy needs the issuer's certificate")
	}
	hash := id.HashAlgorithm.Hash()
	if hash == 0 {
		return false
	}
	name, key := issuerHashes(issuer, hash)
	return bytes.Equal(id.IssuerNameHash, name) && bytes.Equal(id.IssuerKeyHash, key)
}

func issuerHashes(issuer *x509.Certificate, hash crypto.Hash) (name, key []byte) {
	bits := keyBits(issuer.RawSubjectPublicKeyInfo)
	if hash == crypto.SHA1 { // what most clients send; without an allocation
		name, key := sha1Sum(issuer.RawSubject), sha1Sum(bits)
		return name[:], key[:]
	}
	h := hash.New()
	h.Write(issuer.RawSubject)
	name = h.Sum(nil)
	h.Reset()
	h.Write(bits)
	return name, h.Sum(nil)
}
