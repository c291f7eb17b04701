package fakeca_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

func Example() {
	ca := fakeca.New().Intermediate()
	leaf := ca.Leaf("api.example.test")
	leaf.Revoke(fakeca.KeyCompromise)

	der := leaf.Staple(leaf.OnRecord())
	r, err := fakeca.ParseResponse(der)
	fmt.Println(r.Status, r.Reason, err)
	// Output: revoked key_compromise <nil>
}

func ExampleNew() {
	root := fakeca.New(fakeca.WithName("Example Root"), fakeca.WithOCSPServer("http://ocsp.example.test"))
	leaf := root.Leaf("localhost")
	fmt.Println(leaf.Cert.Issuer, leaf.Cert.OCSPServer)
	// Output: CN=Example Root [http://ocsp.example.test]
}

// A CA with another type of key, and with the test's clock.
func ExampleWithClock() {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	monday := time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)
	ca := fakeca.New(fakeca.WithKey(key), fakeca.WithClock(func() time.Time { return monday }))
	r, err := fakeca.ParseResponse(ca.Leaf().Staple(fakeca.Response{}))
	fmt.Println(ca.Now().Weekday(), r.SignatureAlgorithm, r.ThisUpdate, err)
	// Output: Monday Ed25519 2024-05-06 11:00:00 +0000 UTC <nil>
}

// A CA that has expired.
func ExampleWithTemplate() {
	ca := fakeca.New(fakeca.WithTemplate(&x509.Certificate{
		Subject:  pkix.Name{Organization: []string{"Example"}},
		NotAfter: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
	}))
	_, err := ca.Cert.Verify(x509.VerifyOptions{Roots: ca.Pool()})
	fmt.Println(ca.Cert.Subject, err != nil)
	// Output: O=Example true
}

// Options are values, which several CAs can share.
func ExampleOption() {
	shared := []fakeca.Option{fakeca.WithCRLServer("http://crl.example.test")}
	for _, name := range []string{"one", "two"} {
		ca := fakeca.New(append(shared, fakeca.WithName(name))...)
		fmt.Println(ca.Cert.Subject, ca.Leaf().Cert.CRLDistributionPoints)
	}
	// Output:
	// CN=one [http://crl.example.test]
	// CN=two [http://crl.example.test]
}

func ExampleLoad() {
	old := fakeca.New(fakeca.WithName("Example Root"))
	certPEM, keyPEM := old.ChainPEM(), old.KeyPEM() // from files, in real life

	ca, err := fakeca.Load(certPEM, keyPEM)
	if err != nil {
		panic(err)
	}
	fmt.Println(ca.Leaf("localhost").Cert.Issuer)

	_, err = fakeca.Load(certPEM, nil)
	fmt.Println(err)
	// Output:
	// CN=Example Root
	// fakeca: Load: key: no PEM block of type PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY; give the CA's key in PEM
}

func ExampleCA_Leaf() {
	leaf := fakeca.New().Leaf("api.example.test", "127.0.0.1", "ops@example.test", "spiffe://example.test/api")
	c := leaf.Cert
	fmt.Println(c.DNSNames, c.IPAddresses, c.EmailAddresses, c.URIs)
	// Output: [api.example.test] [127.0.0.1] [ops@example.test] [spiffe://example.test/api]
}

// A must-staple certificate that is valid for one hour.
func ExampleCA_Issue() {
	ca := fakeca.New()
	now := ca.Now()
	leaf := ca.Issue(&x509.Certificate{
		DNSNames:        []string{"example.test"},
		NotBefore:       now,
		NotAfter:        now.Add(time.Hour),
		ExtraExtensions: []pkix.Extension{fakeca.MustStaple()},
	})
	fmt.Println(leaf.Cert.Subject, leaf.Cert.NotAfter.Sub(leaf.Cert.NotBefore))
	fmt.Println(slices.ContainsFunc(leaf.Cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(fakeca.MustStaple().Id) }))
	// Output:
	// CN=example.test 1h0m0s
	// true
}

// A short-lived certificate without revocation information.
func ExampleNoRevAvail() {
	ca := fakeca.New(fakeca.WithOCSPServer("http://ocsp.example.test"))
	leaf := ca.Issue(&x509.Certificate{
		DNSNames:        []string{"example.test"},
		NotAfter:        ca.Now().Add(24 * time.Hour),
		ExtraExtensions: []pkix.Extension{fakeca.NoRevAvail()},
	})
	fmt.Println(len(leaf.Cert.OCSPServer), "responders")
	// Output: 0 responders
}

// 5 is status_request, so the certificate is must-staple.
func ExampleTLSFeatures() {
	leaf := fakeca.New().Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{fakeca.MustStaple()}})
	fmt.Println(fakeca.TLSFeatures(leaf.Cert))
	// Output: [5] <nil>
}

// This CA works under GODEBUG=fips140=only, which forbids SHA-1.
func ExampleWithHash() {
	leaf := fakeca.New(fakeca.WithHash(crypto.SHA256)).Leaf()
	r, err := fakeca.ParseResponse(leaf.Staple(leaf.OnRecord()))
	fmt.Println(r.Hash, err)
	// Output: SHA-256 <nil>
}

// A delegated responder signs for the CA, until it is replaced.
func ExampleWithDelegate() {
	ca := fakeca.New(fakeca.WithDelegate())
	leaf := ca.Leaf()
	leaf.Revoke(fakeca.KeyCompromise)

	first := ca.Delegate()
	m, err := fakeca.ParseMessage(leaf.Staple(leaf.OnRecord()))
	if err != nil {
		panic(err)
	}
	fmt.Println(m.CheckSignatureFrom(first.Cert), m.ResponderID.Names(first.Cert))
	second := ca.RotateDelegate()
	fmt.Println(ca.Delegate() == second, second.Cert.Equal(first.Cert))
	// Output:
	// <nil> true
	// true false
}

// A delegated responder signs one response.
func ExampleCA_OCSPSigner() {
	ca := fakeca.New()
	leaf, delegate := ca.Leaf(), ca.OCSPSigner()
	m, err := fakeca.ParseMessage(leaf.Staple(fakeca.Response{Signer: delegate}))
	if err != nil {
		panic(err)
	}
	fmt.Println(len(m.Certs), m.CheckSignatureFrom(delegate.Cert))
	// Output: 1 <nil>
}

func ExampleLeaf_Set() {
	leaf := fakeca.New().Leaf()
	fmt.Println(leaf.OnRecord())
	leaf.Revoke(fakeca.CertificateHold)
	fmt.Println(leaf.OnRecord().Reason)
	leaf.Set(fakeca.Response{}) // the hold is over
	fmt.Println(leaf.OnRecord())
	// Output:
	// good
	// certificate_hold
	// good
}

// The record of a CA can hold certificates that it never issued.
func ExampleCA_Set() {
	ca := fakeca.New()
	serial := big.NewInt(4711)
	fmt.Println(ca.Lookup(serial))
	ca.Set(serial, fakeca.Response{Forever: true})
	fmt.Println(ca.Lookup(serial))
	ca.Revoke(serial, fakeca.CACompromise)
	fmt.Println(ca.Lookup(serial).Reason)
	// Output:
	// unknown
	// good, no nextUpdate
	// ca_compromise
}

// The revision changes with the record.
func ExampleCA_Revision() {
	ca := fakeca.New()
	leaf := ca.Leaf()
	before := ca.Revision()
	leaf.Revoke(fakeca.Superseded)
	fmt.Println(ca.Revision() > before)
	// Output: true
}

func ExampleCA_Issued() {
	ca := fakeca.New(fakeca.WithName("CA")).Intermediate(fakeca.WithName("below"))
	ca.Leaf("www.example.com")
	for _, cert := range ca.Issued() {
		fmt.Println(cert.DNSNames)
	}
	// Output: [www.example.com]
}

func ExampleCA_Sign() {
	ca := fakeca.New()
	der := ca.Sign(big.NewInt(4711), fakeca.Response{Status: fakeca.ServerFailed})
	fmt.Printf("%x\n", der)
	// Output: 30030a0102
}

// The chain of a certificate, up to the root that a client trusts.
func ExampleCA_Root() {
	ca := fakeca.New(fakeca.WithName("root")).Intermediate(fakeca.WithName("intermediate"))
	intermediates := x509.NewCertPool()
	intermediates.AddCert(ca.Cert)
	chains, err := ca.Leaf("leaf.test").Cert.Verify(x509.VerifyOptions{Roots: ca.Pool(), Intermediates: intermediates})
	if err != nil {
		panic(err)
	}
	for _, c := range chains[0] {
		fmt.Println(c.Subject, c.Equal(ca.Root().Cert))
	}
	// Output:
	// CN=leaf.test false
	// CN=intermediate false
	// CN=root true
}

// A server with a staple.
func ExampleLeaf_TLS() {
	leaf := fakeca.New().Intermediate().Leaf()
	cert := leaf.TLS()
	cert.OCSPStaple = leaf.Staple(fakeca.Response{Status: fakeca.Unknown})
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	fmt.Println(len(config.Certificates[0].Certificate), "certificates")
	// Output: 2 certificates
}

// PEM for a server that is not written in Go.
func ExampleLeaf_ChainPEM() {
	leaf := fakeca.New().Intermediate().Leaf()
	chain, key := leaf.ChainPEM(), leaf.KeyPEM()
	_, err := tls.X509KeyPair(chain, key)
	fmt.Println(err, len(chain) > len(leaf.CertPEM()))
	// Output: <nil> true
}
