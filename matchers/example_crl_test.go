package matchers_test

import (
	"crypto/x509"
	"math/big"
	"net/http"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func ExampleHaveCRLEntry() {
	ca, leaf := example()
	leaf.Revoke(KeyCompromise) // two hours ago
	list := ca.CRL(fakeca.CRL{Number: big.NewInt(7)})
	g.Expect(list).To(HaveCRLEntry(leaf))
	g.Expect(list).To(HaveCRLEntry(leaf, HaveOCSPReason(KeyCompromise), HaveOCSPRevokedAt(BeTemporally("<", now))))
	g.Expect(list).To(HaveCRLEntry(leaf, HaveField("RevokedAt.Year()", 2026))) // a matcher for a fakeca.Response

	g.Expect(list).To(HaveCRLEntry(leaf, HaveOCSPReason(Superseded)))
	// Output:
	// Expected the entry for CN=api.example.test (serial 2a) to have the reason superseded
	// but its reason is key_compromise:
	//     revoked (key_compromise) since 2026-03-01T10:00:00Z, for CN=api.example.test (serial 2a)
	//     CRL number 7, issuer CN=Example CA, 1 entry
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z
}

// A responder serves a newer list after a revocation.
func ExampleHaveCRLNumber() {
	ca, leaf := example()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	get := func() *http.Response {
		resp, err := http.Get(responder.CRLURL(ca))
		if err != nil {
			panic(err)
		}
		return resp
	}

	before := get()
	defer before.Body.Close()
	g.Expect(before).NotTo(HaveCRLEntry(leaf))
	number := responder.Requests()[0].CRLNumber

	leaf.Revoke(Superseded)
	after := get()
	defer after.Body.Close()
	g.Expect(after).To(And(HaveCRLEntry(leaf), HaveCRLNumber(BeNumerically(">", number))))
	g.Expect(responder.Requests()).To(ContainElement(HaveCRLNumber(number)))
	// Output:
}

func ExampleBeDeltaCRL() {
	ca, _ := example()
	g.Expect(ca.CRL(fakeca.CRL{Number: big.NewInt(8), Base: big.NewInt(7)})).To(BeDeltaCRL())
	g.Expect(ca.CRL(fakeca.CRL{Number: big.NewInt(8)})).To(BeDeltaCRL())
	// Output:
	// Expected the CRL to be a delta CRL
	// but it has no delta CRL indicator:
	//     CRL number 8, issuer CN=Example CA, no entries
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z
}

// The certificate names a shard, and the shard says where it is.
func ExampleHaveCRLPoint() {
	const url = "http://crl.example.test/1"
	ca, _ := example()
	leaf := ca.Issue(&x509.Certificate{
		SerialNumber: big.NewInt(43), DNSNames: []string{"shard.example.test"}, CRLDistributionPoints: []string{url},
	})
	g.Expect(leaf).To(HaveCRLPoint(url))
	g.Expect(leaf).To(HaveCRLPoint(HavePrefix("http://")))
	g.Expect(leaf).To(HaveCRLPoint(fakeca.CRLPoint{URLs: []string{url}})) // for all reasons, signed by the issuer

	shard := ca.CRL(fakeca.CRL{Number: big.NewInt(7), DistributionPoint: []string{url}, OnlyUserCerts: true})
	g.Expect(shard).To(HaveCRLPoint(url))
	g.Expect(shard).To(HaveCRLPoint("http://crl.example.test/2"))
	// Output:
	// Expected the CRL to have the CRL distribution point http://crl.example.test/2
	// but its issuing distribution point is another:
	//     CRL number 7, issuer CN=Example CA, no entries
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z
	//     issuing distribution point http://crl.example.test/1, only user certificates
}

// A delta CRL is judged together with its base. A failure lists all violations.
func ExampleBeValidCRLFor() {
	ca, leaf := example()
	base := ca.CRL(fakeca.CRL{Number: big.NewInt(7), ThisUpdate: now.AddDate(0, 0, -7), NextUpdate: now.Add(time.Hour)})
	leaf.Revoke(KeyCompromise)
	delta := ca.CRL(fakeca.CRL{Number: big.NewInt(8), Base: big.NewInt(7)})
	g.Expect([][]byte{base, delta}).To(BeValidCRLFor(leaf))

	g.Expect(ca.CRL(fakeca.CRL{
		Number:      big.NewInt(9),
		ThisUpdate:  now.AddDate(0, 0, -7),
		OnlyCACerts: true,
	})).To(BeValidCRLFor(leaf))
	// Output:
	// Expected the CRL to be valid for CN=api.example.test (serial 2a) at 2026-03-01T12:00:00Z
	// but it breaks these rules:
	//     crl-expired: nextUpdate 2026-02-23T12:00:00Z is in the past (RFC 5280 6.3.3 (a))
	//     crl-scope: it covers only CAs, and the certificate is not that of a CA (RFC 5280 6.3.3 (b))
	// This is the CRL:
	//     CRL number 9, issuer CN=Example CA, no entries
	//     thisUpdate 2026-02-22T12:00:00Z, nextUpdate 2026-02-23T12:00:00Z
	//     issuing distribution point without a name, only CA certificates
}
