package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A CRL issuer signs one list for two CAs. An entry that names no CA has that of
// the entry before. Certificates name the CRL issuer in their distribution point.
func ExampleCRL_indirect() {
	root := fakeca.New()
	a, b := root.Intermediate(fakeca.WithName("CA a")), root.Intermediate(fakeca.WithName("CA b"))
	issuer := root.Issue(&x509.Certificate{
		Subject:  pkix.Name{CommonName: "CRL issuer"},
		KeyUsage: x509.KeyUsageCRLSign,
	})
	point := fakeca.CRLPoint{URLs: []string{"http://crl.example.test/all"}, CRLIssuer: [][]byte{issuer.Cert.RawSubject}}
	for i, ca := range []*fakeca.CA{a, a, b} {
		ca.Issue(&x509.Certificate{
			SerialNumber:    big.NewInt(int64(100 + i)),
			ExtraExtensions: []pkix.Extension{fakeca.CRLDistributionPoints(point)},
		}).Revoke(fakeca.Superseded)
	}

	m, err := fakeca.ParseCRLMessage(a.CRL(fakeca.CRL{
		Signer: issuer, Others: []*fakeca.CA{b}, DistributionPoint: point.URLs,
	}))
	if err != nil {
		panic(err)
	}
	ca := m.Issuer
	for _, e := range m.RevokedCertificates {
		names, err := e.CertificateIssuer()
		if err != nil {
			panic(err)
		}
		if len(names) > 0 {
			ca = names[0]
		}
		fmt.Println(e.SerialNumber, bytes.Equal(ca, a.Cert.RawSubject), bytes.Equal(ca, b.Cert.RawSubject), len(names))
	}
	fmt.Println(m.CheckSignatureFrom(issuer.Cert))
	// Output:
	// 100 true false 1
	// 101 true false 0
	// 102 false true 1
	// <nil>
}

// After a key rollover a CA has two keys, with a list by each, which names the
// key. The new one can sign a list for both.
func ExampleCRL_rollover() {
	root := fakeca.New()
	before := root.Intermediate(fakeca.WithName("CA"))
	after := root.Intermediate(fakeca.WithName("CA"))
	before.Revoke(big.NewInt(1), fakeca.Superseded)
	after.Revoke(big.NewInt(2), fakeca.Superseded)

	for _, der := range [][]byte{
		before.CRL(fakeca.CRL{}),
		after.CRL(fakeca.CRL{}),
		after.CRL(fakeca.CRL{Others: []*fakeca.CA{before}}),
	} {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			panic(err)
		}
		fmt.Println(list.Issuer, bytes.Equal(list.AuthorityKeyId, after.Cert.SubjectKeyId), len(list.RevokedCertificateEntries))
	}
	// Output:
	// CN=CA false 1
	// CN=CA true 1
	// CN=CA true 2
}

// A delta CRL can be to any earlier list, also to one that was given its number.
func ExampleCRL_base() {
	ca := fakeca.New()
	for n := int64(1); n <= 3; n++ {
		ca.Revoke(big.NewInt(100+n), fakeca.Superseded)
		ca.CRL(fakeca.CRL{Number: big.NewInt(n)})
	}
	for base := int64(1); base <= 3; base++ {
		delta, err := fakeca.ParseCRL(ca.CRL(fakeca.CRL{Number: big.NewInt(4), Base: big.NewInt(base)}))
		if err != nil {
			panic(err)
		}
		fmt.Println(delta.Base, len(delta.Also))
	}
	// Output:
	// 1 2
	// 2 1
	// 3 0
}

// The lists of all CAs of a chain in one file.
func ExampleCRLPEM() {
	root := fakeca.New(fakeca.WithName("Root"))
	ca := root.Intermediate(fakeca.WithName("CA"))
	bundle := fakeca.CRLPEM(ca.CRL(fakeca.CRL{}), root.CRL(fakeca.CRL{}))

	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			panic(err)
		}
		fmt.Println(block.Type, list.Issuer)
	}
	// Output:
	// X509 CRL CN=CA
	// X509 CRL CN=Root
}

// A CA whose new key is also certified by the old one: clients that know only the
// old certificate find a path.
func ExampleWithKey_rollover() {
	root := fakeca.New()
	before := root.Intermediate(fakeca.WithName("CA"))
	after := root.Intermediate(fakeca.WithName("CA"))
	crossed := before.Intermediate(fakeca.WithName("CA"), fakeca.WithKey(after.Key))

	known := x509.NewCertPool()
	known.AddCert(before.Cert)
	leaf := after.Leaf("example.test")
	options := x509.VerifyOptions{Roots: root.Pool(), Intermediates: known}
	_, err := leaf.Cert.Verify(options)
	fmt.Println(err != nil)

	known.AddCert(crossed.Cert)
	chains, err := leaf.Cert.Verify(options)
	if err != nil {
		panic(err)
	}
	for _, c := range chains[0] {
		fmt.Println(c.Subject)
	}
	// Output:
	// true
	// CN=example.test
	// CN=CA
	// CN=CA
	// CN=fakeca root (do not trust)
}
