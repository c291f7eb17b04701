package matchers_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	. "github.com/onsi/gomega"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// In a test, use NewWithT(t); in Ginkgo, call Expect directly.
var g = NewGomega(func(message string, _ ...int) { fmt.Println(message) })

// example returns a CA whose clock stands still, and a certificate with serial
// number 42.
func example() (*fakeca.CA, *fakeca.Leaf) {
	ca := fakeca.New(fakeca.WithName("Example CA"), fakeca.WithClock(func() time.Time { return now }))
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(42), DNSNames: []string{"api.example.test"}})
	return ca, leaf
}

// A failure shows what was expected and what was stapled: the status, the
// certificate, the times and the responder.
func Example() {
	_, leaf := example()
	state := tls.ConnectionState{ // as http.Response.TLS has it
		PeerCertificates: []*x509.Certificate{leaf.Cert},
		OCSPResponse:     leaf.Staple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}),
	}
	g.Expect(state).To(HaveOCSPStatus(Good))
	// Output:
	// Expected the staple to have the status good
	// but its status is revoked:
	//     revoked (key_compromise) since 2026-03-01T10:00:00Z, for CN=api.example.test (serial 2a)
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
}

func ExampleHaveOCSPStatus() {
	ca, leaf := example()
	serial := leaf.Cert.SerialNumber
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus(Good))

	leaf.Revoke(fakeca.Superseded)
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus(Revoked))
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus("revoked"))

	g.Expect(leaf.Staple(fakeca.Response{Status: fakeca.Unknown})).To(HaveOCSPStatus(BeElementOf(Revoked, Unknown)))
	g.Expect(leaf.Staple(fakeca.Response{Error: fakeca.TryLater})).To(HaveOCSPStatus(ServerFailed))
	// Output:
}

func ExampleHaveOCSPReason() {
	_, leaf := example()
	for _, why := range []fakeca.Reason{
		Unspecified, KeyCompromise, CACompromise, AffiliationChanged, Superseded, CessationOfOperation,
		CertificateHold, RemoveFromCRL, PrivilegeWithdrawn, AACompromise,
	} {
		g.Expect(leaf.Staple(fakeca.Response{Status: Revoked, Reason: why})).To(HaveOCSPReason(why))
	}
	g.Expect(leaf.Staple(fakeca.Response{})).To(HaveOCSPReason(KeyCompromise))
	// Output:
	// Expected the OCSP response to have the reason key_compromise
	// but it is good, not revoked:
	//     good, for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
}

func ExampleHaveOCSPError() {
	_, leaf := example()
	busy := leaf.Staple(fakeca.Response{Error: fakeca.TryLater})
	g.Expect(busy).To(HaveOCSPError(fakeca.TryLater))
	g.Expect(busy).To(HaveOCSPError("unauthorized"))
	// Output:
	// Expected the OCSP response to have the error unauthorized
	// but its error is try later:
	//     server_failed (try later)
}

func ExampleHaveOCSPThisUpdate() {
	_, leaf := example()
	der := leaf.Staple(fakeca.Response{Status: Revoked})
	g.Expect(der).To(HaveOCSPThisUpdate(now.Add(-time.Hour)))
	g.Expect(der).To(HaveOCSPNextUpdate(BeTemporally(">", now)))
	g.Expect(der).To(HaveOCSPProducedAt("2026-03-01T11:00:00Z"))
	g.Expect(der).To(HaveOCSPRevokedAt(BeTemporally("~", now, 3*time.Hour)))
	// Output:
}

// A zero time.Time expects a response without nextUpdate.
func ExampleHaveOCSPNextUpdate() {
	_, leaf := example()
	der := leaf.Staple(fakeca.Response{Forever: true})
	g.Expect(der).To(HaveOCSPNextUpdate(time.Time{}))
	g.Expect(der).To(HaveOCSPNextUpdate(BeTemporally(">", now)))
	// Output:
	// Expected the OCSP response to have a nextUpdate matching BeTemporally(">", 2026-03-01T12:00:00Z)
	// but it has no nextUpdate:
	//     good, for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, no nextUpdate, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
}

func ExampleHaveOCSPProducedAt() {
	_, leaf := example()
	der := leaf.Staple(fakeca.Response{ProducedAt: now})
	g.Expect(der).To(HaveOCSPProducedAt(now))
	// Output:
}

func ExampleHaveOCSPRevokedAt() {
	ca, leaf := example()
	leaf.Revoke(KeyCompromise) // two hours ago
	der := leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber))
	g.Expect(der).To(HaveOCSPRevokedAt(now.Add(-2 * time.Hour)))
	// Output:
}

func ExampleHaveOCSPNonce() {
	_, leaf := example()
	nonce := []byte{0xca, 0xfe} // from the request
	g.Expect(leaf.Staple(fakeca.Response{Nonce: nonce})).To(HaveOCSPNonce(nonce))
	g.Expect(leaf.Staple(fakeca.Response{})).To(HaveOCSPNonce(BeNil()))
	// Output:
}

func ExampleHaveOCSPStaple() {
	ca, leaf := example()
	cert := leaf.TLS()
	g.Expect(cert).NotTo(HaveOCSPStaple())

	cert.OCSPStaple = leaf.Staple(fakeca.Response{})
	g.Expect(cert).To(HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPSignedBy(ca), BeOCSPFor(leaf), BeOCSPCurrentAt(now)))
	g.Expect(cert).To(HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPCurrentAt(now.AddDate(0, 0, 7))))
	// Output:
	// Expected the staple to be current at 2026-03-08T12:00:00Z
	// but that is 145h0m0s after its nextUpdate:
	//     good, for CN=api.example.test (serial 2a)
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
}

// A response of a delegated responder is signed by the delegate, not by the CA.
func ExampleBeOCSPSignedBy() {
	ca, leaf := example()
	delegate := ca.OCSPSigner(&x509.Certificate{Subject: pkix.Name{CommonName: "Example responder"}})
	der := leaf.Staple(fakeca.Response{Signer: delegate})
	g.Expect(der).To(BeOCSPSignedBy(delegate))
	g.Expect(der).To(BeOCSPSignedBy(ca))
	// Output:
	// Expected the OCSP response to be signed by CN=Example CA
	// but it is signed by its delegate CN=Example responder:
	//     good, for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example responder, embeds its certificate
}

func ExampleBeOCSPFor() {
	ca, leaf := example()
	other := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(43), DNSNames: []string{"other.example.test"}})
	der := leaf.Staple(fakeca.Response{})
	g.Expect(der).To(BeOCSPFor(leaf))
	g.Expect(der).NotTo(BeOCSPFor(other))
	// Output:
}

func ExampleBeOCSPCurrentAt() {
	_, leaf := example()
	der := leaf.Staple(fakeca.Response{NextUpdate: now})
	g.Expect(der).To(BeOCSPCurrentAt(now))
	g.Expect(der).NotTo(BeOCSPCurrentAt(now.Add(time.Second)))
	// Output:
}

// A failure lists all violations. This response is expired, and signed by a
// certificate that is not a responder's.
func ExampleBeValidOCSPFor() {
	ca, leaf := example()
	g.Expect(leaf.Staple(fakeca.Response{Status: Revoked})).To(BeValidOCSPFor(leaf))
	g.Expect(leaf.Staple(fakeca.Response{
		Signer:     ca.Leaf("sibling.example.test"),
		ThisUpdate: now.AddDate(0, 0, -7),
	})).To(BeValidOCSPFor(leaf))
	// Output:
	// Expected the OCSP response to be valid for CN=api.example.test (serial 2a) at 2026-03-01T12:00:00Z
	// but it breaks these rules:
	//     expired: nextUpdate 2026-02-23T12:00:00Z is in the past (RFC 6960 3.2)
	//     signer-eku: "CN=sibling.example.test" has no id-kp-OCSPSigning (RFC 6960 4.2.2.2)
	// This is the OCSP response:
	//     good, for serial 2a
	//     thisUpdate 2026-02-22T12:00:00Z, nextUpdate 2026-02-23T12:00:00Z, producedAt 2026-02-22T12:00:00Z
	//     responder CN=sibling.example.test, embeds its certificate
}

func ExampleHaveMustStaple() {
	ca, leaf := example()
	strict := ca.Issue(&x509.Certificate{
		DNSNames:        []string{"strict.example.test"},
		ExtraExtensions: []pkix.Extension{fakeca.MustStaple()},
	})
	g.Expect(strict).To(HaveMustStaple())
	g.Expect(leaf).To(HaveMustStaple())
	// Output:
	// Expected CN=api.example.test (serial 2a) to have the TLS feature status_request (must-staple)
	// but it has no TLS feature extension
}

func ExampleHaveAskedForStaple() {
	handshakes := []ocsptest.Handshake{ // as Server.Handshakes returns them
		{Version: tls.VersionTLS13, ServerName: "localhost", StatusRequest: true},
		{Version: tls.VersionTLS12, ServerName: "localhost"},
	}
	g.Expect(handshakes).To(ContainElement(HaveAskedForStaple()))
	g.Expect(handshakes[1]).To(HaveAskedForStaple())
	// Output:
	// Expected the client to have asked for a staple (status_request)
	// but it did not:
	//     TLS 1.2, for "localhost"
	//     asked for no staple
	//     sent no alert
}

func ExampleHaveSentAlert() {
	handshake := ocsptest.Handshake{Version: tls.VersionTLS13, ServerName: "localhost", StatusRequest: true, Alert: 42}
	g.Expect(handshake).To(HaveSentAlert("bad_certificate"))
	g.Expect(handshake).To(HaveSentAlert("revoked_certificate"))
	// Output:
	// matchers: HaveSentAlert("revoked_certificate"): no alert has this name; similar names are certificate_revoked
}

func ExampleEquateOCSPResponses() {
	_, leaf := example()
	got, err := fakeca.ParseResponse(leaf.Staple(fakeca.Response{Status: Revoked}))
	g.Expect(err).NotTo(HaveOccurred())
	want := fakeca.Response{
		Status:     Revoked,
		RevokedAt:  now.Add(-2 * time.Hour),
		ThisUpdate: now.Add(-time.Hour),
		NextUpdate: now.AddDate(0, 0, 1),
		ProducedAt: now.Add(-time.Hour),
	}
	approximately := cmp.Options{
		EquateOCSPResponses(2 * time.Hour),
		cmpopts.IgnoreFields(fakeca.Response{}, "Serial", "SignatureAlgorithm"),
	}
	fmt.Println(cmp.Equal(want, got, approximately))
	g.Expect(got).To(BeComparableTo(want, approximately))
	// Output: true
}

// The responder recorded a request without a nonce.
func ExampleHaveRequestedOCSPFor() {
	ca, leaf := example()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()

	request := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert).Marshal()
	resp, err := http.Post(responder.URL, "application/ocsp-request", bytes.NewReader(request))
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()

	g.Expect(responder.Requests()).To(ContainElement(And(HaveRequestedOCSPFor(leaf), HaveOCSPStatus(Good))))
	g.Expect(responder.Requests()[0]).To(HaveSentNonce(HaveLen(32)))
	// Output:
	// Expected the request to have a nonce matching HaveLen(32)
	// but its nonce is missing:
	//     POST for serial 2a, by SHA-1
}
