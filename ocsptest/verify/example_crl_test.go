package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// The lists that decide are valid; others do not matter. If none decides, the
// violations say why.
func ExampleCRLs() {
	ca, leaf := exampleAtNoon()
	leaf.Revoke(fakeca.KeyCompromise)
	complete := ca.CRL(fakeca.CRL{})
	shard := ca.CRL(fakeca.CRL{Number: big.NewInt(7), DistributionPoint: []string{"http://crl.example.test/7"}})
	expired := ca.CRL(fakeca.CRL{Number: big.NewInt(8), ThisUpdate: ca.Now().AddDate(0, 0, -7)})

	said, err := verify.CRLs([][]byte{shard, expired, complete}, leaf.Cert, ca.Cert, ca.Now())
	fmt.Println(said.Status, said.Reason, err)

	said, err = verify.CRLs([][]byte{shard}, leaf.Cert, ca.Cert, ca.Now())
	fmt.Println(said.Status, err)

	said, err = verify.CRLs([][]byte{shard, expired}, leaf.Cert, ca.Cert, ca.Now())
	fmt.Println(said.Status)
	all, _ := errors.AsType[verify.Violations](err)
	for _, v := range all {
		fmt.Printf("  %s\n    %s\n    %s\n", v.Rule, v.Detail, v.Ref)
	}
	// Output:
	// revoked key_compromise <nil>
	// unknown verify: CRL: crl-point: it is for other distribution points, such as http://crl.example.test/7 (RFC 5280 6.3.3 (b))
	// revoked
	//   crl-point
	//     CRL 0, number 7, for http://crl.example.test/7: it is for other distribution points, such as http://crl.example.test/7
	//     RFC 5280 6.3.3 (b)
	//   crl-expired
	//     CRL 1, number 8: nextUpdate 2026-02-23T12:00:00Z is in the past
	//     RFC 5280 6.3.3 (a)
}

// A delta continues a complete list, even one that has expired.
func ExampleCRLs_delta() {
	ca, leaf := exampleAtNoon()
	yesterday := ca.CRL(fakeca.CRL{ThisUpdate: ca.Now().AddDate(0, 0, -2)})
	leaf.Revoke(fakeca.Superseded)
	number := must(fakeca.ParseCRL(yesterday)).Number
	delta := ca.CRL(fakeca.CRL{Base: number})

	said, err := verify.CRLs([][]byte{yesterday, delta}, leaf.Cert, ca.Cert, ca.Now())
	fmt.Println(said.Status, said.Reason, err)
	fmt.Println("until", said.NextUpdate.Format(time.DateTime))
	// Output:
	// revoked superseded <nil>
	// until 2026-03-02 11:00:00
}

// Policy that RFC 5280 leaves to clients.
func ExampleOptions_CRLs() {
	ca, leaf := exampleAtNoon()
	version1 := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.Version, m.CRLExtensions = 0, nil }})
	onlyUsers := ca.CRL(fakeca.CRL{OnlyUserCerts: true})
	expired := ca.CRL(fakeca.CRL{ThisUpdate: ca.Now().AddDate(0, 0, -7)})
	for _, o := range []verify.Options{{}, {RefuseVersion1: true, NoIDP: true, AcceptExpired: true}} {
		for _, der := range [][]byte{version1, onlyUsers, expired} {
			said, err := o.CRLs([][]byte{der}, leaf.Cert, ca.Cert, ca.Now())
			fmt.Println(said.Status, err)
		}
	}
	// Output:
	// good <nil>
	// good <nil>
	// good verify: CRL: crl-expired: nextUpdate 2026-02-23T12:00:00Z is in the past (RFC 5280 6.3.3 (a))
	// good verify: CRL: crl-version: v1 (RFC 5280 5.1.2.1)
	// unknown verify: CRL: crl-critical-extension: the issuing distribution point is not known, and the certificate not listed (RFC 5280 5.2)
	// good <nil>
}

// An authority signs an indirect list for the CA, which names it as cRLIssuer.
func ExampleOptions_indirect() {
	root := fakeca.New(fakeca.WithName("Example Root"))
	ca := root.Intermediate(fakeca.WithName("Example CA"))
	authority := root.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "CRL authority"}, KeyUsage: x509.KeyUsageCRLSign})
	leaf := ca.Issue(&x509.Certificate{
		DNSNames:        []string{"api.example.test"},
		ExtraExtensions: []pkix.Extension{fakeca.CRLDistributionPoints(fakeca.CRLPoint{CRLIssuer: [][]byte{authority.Cert.RawSubject}})},
	})
	leaf.Revoke(fakeca.PrivilegeWithdrawn)
	der := ca.CRL(fakeca.CRL{Signer: authority, Indirect: true})

	o := verify.Options{CRLIssuers: []*x509.Certificate{authority.Cert, root.Cert}}
	said, err := o.CRLs([][]byte{der}, leaf.Cert, ca.Cert, ca.Now())
	fmt.Println(said.Status, said.Reason, err)
	// Output:
	// revoked privilege_withdrawn <nil>
}
