package fakeca_test

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A list of what is on record as revoked.
func ExampleCA_CRL() {
	ca := fakeca.New().Intermediate()
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(4711)})
	leaf.Revoke(fakeca.KeyCompromise)

	list, err := x509.ParseRevocationList(ca.CRL(fakeca.CRL{}))
	if err != nil {
		panic(err)
	}
	fmt.Println(list.CheckSignatureFrom(ca.Cert))
	for _, e := range list.RevokedCertificateEntries {
		fmt.Println(e.SerialNumber, fakeca.Reason(e.ReasonCode))
	}
	// Output:
	// <nil>
	// 4711 key_compromise
}

// Lists that a client should refuse.
func ExampleCRL() {
	ca := fakeca.New()
	now := ca.Now()
	for _, c := range []fakeca.CRL{
		{},
		{Signer: &fakeca.Leaf{Cert: ca.Cert, Key: fakeca.New().Key}},
		{SignatureAlgorithm: x509.ECDSAWithSHA1}, // Go accepts it in a CRL
		{ThisUpdate: now.Add(-48 * time.Hour), NextUpdate: now.Add(-time.Hour)},
	} {
		list, err := x509.ParseRevocationList(ca.CRL(c))
		if err != nil {
			panic(err)
		}
		fmt.Println(list.CheckSignatureFrom(ca.Cert), list.SignatureAlgorithm, list.NextUpdate.Before(now))
	}
	// Output:
	// <nil> ECDSA-SHA256 false
	// x509: ECDSA verification failure ECDSA-SHA256 false
	// <nil> ECDSA-SHA1 false
	// <nil> ECDSA-SHA256 true
}

// A delta CRL also lists what is no longer revoked.
func ExampleCRL_delta() {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(1), fakeca.CertificateHold)
	base, err := x509.ParseRevocationList(ca.CRL(fakeca.CRL{}))
	if err != nil {
		panic(err)
	}
	ca.Set(big.NewInt(1), fakeca.Response{})
	ca.Revoke(big.NewInt(2), fakeca.Superseded)

	delta, err := x509.ParseRevocationList(ca.CRL(fakeca.CRL{Base: base.Number}))
	if err != nil {
		panic(err)
	}
	for _, e := range delta.RevokedCertificateEntries {
		fmt.Println(e.SerialNumber, fakeca.Reason(e.ReasonCode))
	}
	// Output:
	// 1 remove_from_crl
	// 2 superseded
}

// A list with an entry that has no date.
func ExampleCRLMessage() {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(1), fakeca.Superseded)
	der := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		m.TBSCertList = fakeca.TBSCertList{
			Version: m.Version, Signature: m.Signature, Issuer: m.Issuer, ThisUpdate: m.ThisUpdate,
			RevokedCertificates: []fakeca.RevokedCertificate{{
				SerialNumber:   big.NewInt(1),
				RevocationDate: fakeca.Time{Raw: []byte{}},
			}},
		}
	}})
	_, err := x509.ParseRevocationList(der)
	fmt.Println(err)
	// Output: x509: unsupported time format
}

// Shards: a CA distributes its revocations over two lists, as public CAs do.
func ExampleCRL_shards() {
	ca := fakeca.New()
	urls := []string{"http://crl.example.test/0", "http://crl.example.test/1"}
	ca.Advertise(fakeca.Servers{CRLShards: urls})
	for serial := int64(1); serial <= 4; serial++ {
		leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial)})
		leaf.Revoke(fakeca.Superseded)
		fmt.Println(serial, "names", leaf.Cert.CRLDistributionPoints)
	}
	for i, url := range urls {
		list, err := x509.ParseRevocationList(ca.CRL(fakeca.CRL{
			Shard: i, Shards: len(urls), DistributionPoint: []string{url}, OnlyUserCerts: true,
		}))
		if err != nil {
			panic(err)
		}
		for _, e := range list.RevokedCertificateEntries {
			fmt.Println(url, "lists", e.SerialNumber)
		}
	}
	// Output:
	// 1 names [http://crl.example.test/1]
	// 2 names [http://crl.example.test/0]
	// 3 names [http://crl.example.test/1]
	// 4 names [http://crl.example.test/0]
	// http://crl.example.test/0 lists 2
	// http://crl.example.test/0 lists 4
	// http://crl.example.test/1 lists 1
	// http://crl.example.test/1 lists 3
}

// Shards by another rule: one list for each year in which certificates end.
func ExampleCRL_only() {
	ca := fakeca.New()
	for year := 2030; year <= 2031; year++ {
		ca.Issue(&x509.Certificate{
			SerialNumber:          big.NewInt(int64(year)),
			NotAfter:              time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC),
			CRLDistributionPoints: []string{fmt.Sprintf("http://crl.example.test/%d", year)},
		}).Revoke(fakeca.Superseded)
	}
	list, err := x509.ParseRevocationList(ca.CRL(fakeca.CRL{
		DistributionPoint: []string{"http://crl.example.test/2030"},
		Only:              func(c *x509.Certificate) bool { return c.NotAfter.Year() == 2030 },
	}))
	if err != nil {
		panic(err)
	}
	for _, e := range list.RevokedCertificateEntries {
		fmt.Println(e.SerialNumber)
	}
	// Output: 2030
}

func ExampleCA_Revoked() {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(300), fakeca.Superseded)
	ca.Revoke(big.NewInt(20), fakeca.KeyCompromise)
	for _, r := range ca.Revoked() {
		fmt.Println(r.Serial, r.Reason)
	}
	// Output:
	// 20 key_compromise
	// 300 superseded
}

// The URLs of servers that start after the CA was made.
func ExampleCA_Advertise() {
	ca := fakeca.New()
	withdraw := ca.Advertise(fakeca.Servers{
		OCSP:   []string{"http://127.0.0.1:8080"},
		CRL:    []string{"http://127.0.0.1:8080/crl"},
		Issuer: []string{"http://127.0.0.1:8080/issuer"},
	})
	c := ca.Leaf().Cert
	fmt.Println(c.OCSPServer, c.CRLDistributionPoints, c.IssuingCertificateURL)
	withdraw()
	fmt.Println(ca.Leaf().Cert.OCSPServer)
	// Output:
	// [http://127.0.0.1:8080] [http://127.0.0.1:8080/crl] [http://127.0.0.1:8080/issuer]
	// []
}

// The shard that a certificate names, as a CA names it.
func ExampleServers_CRLFor() {
	servers := fakeca.Servers{
		CRL:       []string{"http://crl.example.test/complete"},
		CRLShards: []string{"http://crl.example.test/0", "http://crl.example.test/1"},
	}
	fmt.Println(servers.CRLFor(&x509.Certificate{SerialNumber: big.NewInt(4711)}))
	fmt.Println(servers.CRLFor(&x509.Certificate{SerialNumber: big.NewInt(4711), IsCA: true}))
	// Output:
	// [http://crl.example.test/1]
	// [http://crl.example.test/complete]
}
