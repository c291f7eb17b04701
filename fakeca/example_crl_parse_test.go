package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// ParseCRL reads what CA.CRL makes.
func ExampleParseCRL() {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(4711), fakeca.KeyCompromise)
	c, err := fakeca.ParseCRL(ca.CRL(fakeca.CRL{
		Number: big.NewInt(7), DistributionPoint: []string{"http://crl.example.test/1"}, OnlyUserCerts: true,
	}))
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Number, c.DistributionPoint, c.OnlyUserCerts)
	for _, r := range c.Also {
		fmt.Println(r.Serial, r.Reason)
	}
	// Output:
	// 7 [http://crl.example.test/1] true
	// 4711 key_compromise
}

// crypto/x509 takes a list with two nextUpdate for an empty one.
func ExampleParseCRLMessage() {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(4711), fakeca.KeyCompromise)
	date := append([]byte{0x17, 13}, "490101000000Z"...)
	der := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = slices.Concat(date, date) }})

	list, err := x509.ParseRevocationList(der)
	fmt.Println(len(list.RevokedCertificateEntries), err)

	_, err = fakeca.ParseCRLMessage(der)
	fmt.Println(err)
	var syntax *fakeca.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Element)
	}
	// Output:
	// 0 <nil>
	// fakeca: CRL: nextUpdate: there are two
	// nextUpdate
}

// What a list says about itself.
func ExampleTBSCertList_Number() {
	ca := fakeca.New()
	m, err := fakeca.ParseCRLMessage(ca.CRL(fakeca.CRL{Number: big.NewInt(9), Base: big.NewInt(7)}))
	if err != nil {
		panic(err)
	}
	number, err := m.Number()
	fmt.Println(number, err)
	base, err := m.BaseNumber()
	fmt.Println(base, err)
	key, err := m.AuthorityKeyID()
	fmt.Println(bytes.Equal(key, ca.Cert.SubjectKeyId), err)
	fmt.Println(m.CheckSignatureFrom(ca.Cert))
	// Output:
	// 9 <nil>
	// 7 <nil>
	// true <nil>
	// <nil>
}

// An indirect CRL names the CA of an entry, and of those after it.
func ExampleRevokedCertificate_CertificateIssuer() {
	root := fakeca.New()
	ca := root.Intermediate()
	ca.Revoke(big.NewInt(1), fakeca.Superseded)
	ca.Revoke(big.NewInt(2), fakeca.KeyCompromise)
	issuer := root.Issue(&x509.Certificate{DNSNames: []string{"crl.example.test"}, KeyUsage: x509.KeyUsageCRLSign})
	m, err := fakeca.ParseCRLMessage(ca.CRL(fakeca.CRL{Indirect: true, Signer: issuer}))
	if err != nil {
		panic(err)
	}
	for _, c := range m.RevokedCertificates {
		names, err := c.CertificateIssuer()
		if err != nil {
			panic(err)
		}
		reason, err := c.Reason()
		if err != nil {
			panic(err)
		}
		since, err := c.InvalidityDate()
		if err != nil {
			panic(err)
		}
		fmt.Println(c.SerialNumber, *reason, len(names) > 0 && bytes.Equal(names[0], ca.Cert.RawSubject), since.IsZero())
	}
	// Output:
	// 1 superseded true true
	// 2 key_compromise false true
}

// A certificate with two distribution points, which take the place of the CA's
// own: one list of this CA for some reasons, and one of another issuer for all.
func ExampleCRLDistributionPoints() {
	ca := fakeca.New(fakeca.WithCRLServer("http://crl.example.test/0"))
	issuer := fakeca.New(fakeca.WithName("CRL issuer"))
	leaf := ca.Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{fakeca.CRLDistributionPoints(
		fakeca.CRLPoint{
			URLs:    []string{"ldap://crl.example.test/1", "http://crl.example.test/1"},
			Reasons: []fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise},
		},
		fakeca.CRLPoint{URLs: []string{"http://crl.example.test/2"}, CRLIssuer: [][]byte{issuer.Cert.RawSubject}},
	)}})
	points, err := fakeca.CRLPointsOf(leaf.Cert.Extensions)
	if err != nil {
		panic(err)
	}
	for _, p := range points {
		fmt.Println(p.URLs, p.Reasons, len(p.CRLIssuer))
	}
	// Output:
	// [ldap://crl.example.test/1 http://crl.example.test/1] [key_compromise ca_compromise] 0
	// [http://crl.example.test/2] [] 1
}

// A certificate that says where delta CRLs are.
func ExampleFreshestCRL() {
	leaf := fakeca.New().Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{
		fakeca.FreshestCRL(fakeca.CRLPoint{URLs: []string{"http://crl.example.test/delta"}}),
	}})
	points, err := fakeca.FreshestCRLOf(leaf.Cert.Extensions)
	if err != nil {
		panic(err)
	}
	fmt.Println(points[0].URLs)
	// Output: [http://crl.example.test/delta]
}

// Whether a list is the one that a certificate names: they share a name. Here the
// list has a name relative to its issuer, and the certificate the whole name.
func ExampleIssuingDistributionPoint() {
	ca := fakeca.New(fakeca.WithName("ca"))
	shard := pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "shard 1"}}
	relative, err := asn1.Marshal(shard)
	if err != nil {
		panic(err)
	}
	whole, err := asn1.Marshal(append(ca.Cert.Subject.ToRDNSequence(), shard))
	if err != nil {
		panic(err)
	}
	point := fakeca.CRLPoint{DirectoryNames: [][]byte{whole}}

	m, err := fakeca.ParseCRLMessage(ca.CRL(fakeca.CRL{RelativeName: relative}))
	if err != nil {
		panic(err)
	}
	p, err := m.IssuingDistributionPoint()
	if err != nil {
		panic(err)
	}
	shareName := func(list *fakeca.IssuingDistributionPoint, point fakeca.CRLPoint) bool {
		names := point.Names(ca.Cert.RawSubject)
		return slices.ContainsFunc(list.Names(m.Issuer), func(name []byte) bool {
			return slices.ContainsFunc(names, func(other []byte) bool { return bytes.Equal(name, other) })
		})
	}
	fmt.Println(shareName(p, point))
	// Output: true
}
