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
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// In a test this is NewWithT(t); with Ginkgo it goes without saying.
var g = NewGomega(func(message string, _ ...int) { fmt.Println(message) })

// A CA with a clock that stands still, and a certificate with the serial
// number 42.
func example() (*fakeca.CA, *fakeca.Leaf) {
	ca := fakeca.New(fakeca.WithName("Example CA"), fakeca.WithClock(func() time.Time { return now }))
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(42), DNSNames: []string{"api.example.test"}})
	return ca, leaf
}

// A failure says what was stapled, for whom, when and by whom, and what was
// expected.
func Example() {
	_, leaf := example()
	state := tls.ConnectionState{ // as http.Response.TLS has it
		PeerCertificates: []*x509.Certificate{leaf.Cert},
		OCSPResponse:     leaf.Staple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}),
	}
	g.Expect(state).To(HaveOCSPStatus(Good))
	// Output:
	// Expected the staple
	//     revoked (key_compromise) since 2026-03-01T10:00:00Z
	//     for CN=api.example.test, serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
	// to have the status good
}

func ExampleHaveOCSPStatus() {
	ca, leaf := example()
	serial := leaf.Cert.SerialNumber
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus(Good))

	leaf.Revoke(fakeca.Superseded)
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus(Revoked))
	g.Expect(ca.Sign(serial, ca.Lookup(serial))).To(HaveOCSPStatus("revoked"))

	g.Expect(leaf.Staple(fakeca.Response{Status: fakeca.Unknown})).To(HaveOCSPStatus(BeElementOf(Revoked, Unknown)))
	g.Expect(leaf.Staple(fakeca.Response{Error: ocsp.TryLater})).To(HaveOCSPStatus(ServerFailed))
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
	// Expected the OCSP response
	//     good
	//     for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
	// to have the reason key_compromise
	// but it is not revoked
}

func ExampleHaveOCSPError() {
	_, leaf := example()
	busy := leaf.Staple(fakeca.Response{Error: ocsp.TryLater})
	g.Expect(busy).To(HaveOCSPError(ocsp.TryLater))
	g.Expect(busy).To(HaveOCSPError("unauthorized"))
	// Output:
	// Expected the OCSP response
	//     server_failed (try later)
	// to have the error unauthorized
}

func ExampleHaveOCSPThisUpdate() {
	_, leaf := example()
	answer := leaf.Staple(fakeca.Response{Status: Revoked})
	g.Expect(answer).To(HaveOCSPThisUpdate(now.Add(-time.Hour)))
	g.Expect(answer).To(HaveOCSPNextUpdate(BeTemporally(">", now)))
	g.Expect(answer).To(HaveOCSPProducedAt("2026-03-01T11:00:00Z"))
	g.Expect(answer).To(HaveOCSPRevokedAt(BeTemporally("~", now, 3*time.Hour)))
	// Output:
}

// A time.Time of zero expects an answer without nextUpdate.
func ExampleHaveOCSPNextUpdate() {
	_, leaf := example()
	answer := leaf.Staple(fakeca.Response{Forever: true})
	g.Expect(answer).To(HaveOCSPNextUpdate(time.Time{}))
	g.Expect(answer).To(HaveOCSPNextUpdate(BeTemporally(">", now)))
	// Output:
	// Expected the OCSP response
	//     good
	//     for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, no nextUpdate, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
	// to match in its nextUpdate
	// but it has no nextUpdate
}

func ExampleHaveOCSPProducedAt() {
	_, leaf := example()
	answer := leaf.Staple(fakeca.Response{ProducedAt: now})
	g.Expect(answer).To(HaveOCSPProducedAt(now))
	// Output:
}

func ExampleHaveOCSPRevokedAt() {
	ca, leaf := example()
	leaf.Revoke(KeyCompromise) // two hours ago
	answer := leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber))
	g.Expect(answer).To(HaveOCSPRevokedAt(now.Add(-2 * time.Hour)))
	// Output:
}

func ExampleHaveOCSPNonce() {
	_, leaf := example()
	asked := []byte{0xca, 0xfe}
	g.Expect(leaf.Staple(fakeca.Response{Nonce: asked})).To(HaveOCSPNonce(asked))
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
	// Expected the staple
	//     good
	//     for CN=api.example.test, serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example CA
	// to be current at 2026-03-08T12:00:00Z
	// but that is 145h0m0s after nextUpdate
}

// Who signed is one thing, and for whom they spoke another.
func ExampleBeOCSPSignedBy() {
	ca, leaf := example()
	delegate := ca.OCSPSigner(&x509.Certificate{Subject: pkix.Name{CommonName: "Example responder"}})
	answer := leaf.Staple(fakeca.Response{Signer: delegate})
	g.Expect(answer).To(BeOCSPSignedBy(delegate))
	g.Expect(answer).To(BeOCSPSignedBy(ca))
	// Output:
	// Expected the OCSP response
	//     good
	//     for serial 2a
	//     thisUpdate 2026-03-01T11:00:00Z, nextUpdate 2026-03-02T11:00:00Z, producedAt 2026-03-01T11:00:00Z
	//     responder CN=Example responder, embeds its certificate
	// to be signed by CN=Example CA
	// but its delegate CN=Example responder signed it
}

func ExampleBeOCSPFor() {
	ca, leaf := example()
	other := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(43), DNSNames: []string{"other.example.test"}})
	answer := leaf.Staple(fakeca.Response{})
	g.Expect(answer).To(BeOCSPFor(leaf))
	g.Expect(answer).NotTo(BeOCSPFor(other))
	// Output:
}

func ExampleBeOCSPCurrentAt() {
	_, leaf := example()
	answer := leaf.Staple(fakeca.Response{NextUpdate: now})
	g.Expect(answer).To(BeOCSPCurrentAt(now))
	g.Expect(answer).NotTo(BeOCSPCurrentAt(now.Add(time.Second)))
	// Output:
}

// All that is wrong is told at once: an old answer that a certificate without
// authority signed.
func ExampleBeValidOCSPFor() {
	ca, leaf := example()
	g.Expect(leaf.Staple(fakeca.Response{Status: Revoked})).To(BeValidOCSPFor(leaf))
	g.Expect(leaf.Staple(fakeca.Response{
		Signer:     ca.Leaf("sibling.example.test"),
		ThisUpdate: now.AddDate(0, 0, -7),
	})).To(BeValidOCSPFor(leaf))
	// Output:
	// Expected the OCSP response
	//     good
	//     for serial 2a
	//     thisUpdate 2026-02-22T12:00:00Z, nextUpdate 2026-02-23T12:00:00Z, producedAt 2026-02-22T12:00:00Z
	//     responder CN=sibling.example.test, embeds its certificate
	// to be a valid answer for CN=api.example.test, serial 2a, at 2026-03-01T12:00:00Z
	// but it breaks these rules:
	//     expired: nextUpdate 2026-02-23T12:00:00Z is in the past (RFC 6960 4.2.2.1)
	//     signer-eku: "CN=sibling.example.test" has no id-kp-OCSPSigning (RFC 6960 4.2.2.2)
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
	// Expected the certificate
	//     CN=api.example.test, serial 2a
	//     no TLS feature extension
	// to have the TLS feature status_request (must-staple, RFC 7633)
}

func ExampleHaveAskedForStaple() {
	handshakes := []ocsptest.Handshake{ // as Server.Handshakes returns them
		{Version: tls.VersionTLS13, ServerName: "localhost", StatusRequest: true},
		{Version: tls.VersionTLS12, ServerName: "localhost"},
	}
	g.Expect(handshakes).To(ContainElement(HaveAskedForStaple()))
	g.Expect(handshakes[1]).To(HaveAskedForStaple())
	// Output:
	// Expected the client of the handshake
	//     TLS 1.2, for "localhost"
	//     asked for no staple
	//     sent no alert
	// to have asked for a staple (status_request, RFC 6066 section 8)
}

func ExampleHaveSentAlert() {
	handshake := ocsptest.Handshake{Version: tls.VersionTLS13, ServerName: "localhost", StatusRequest: true, Alert: 42}
	g.Expect(handshake).To(HaveSentAlert("bad_certificate"))
	g.Expect(handshake).To(HaveSentAlert("revoked_certificate"))
	// Output:
	// matchers: HaveSentAlert("revoked_certificate"): RFC 8446 has no such alert; the closest are certificate_revoked, certificate_required, certificate_expired
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
	loosely := cmp.Options{
		EquateOCSPResponses(2 * time.Hour),
		cmpopts.IgnoreFields(fakeca.Response{}, "Serial", "SignatureAlgorithm"),
	}
	fmt.Println(cmp.Equal(want, got, loosely))
	g.Expect(got).To(BeComparableTo(want, loosely))
	// Output: true
}

// What a responder saw of a client that asked without a nonce.
func ExampleHaveRequestedOCSPFor() {
	ca, leaf := example()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()

	question := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert).Marshal()
	resp, err := http.Post(responder.URL, "application/ocsp-request", bytes.NewReader(question))
	if err != nil {
		fmt.Println(err)
		return
	}
	resp.Body.Close()

	g.Expect(responder.Requests()).To(ContainElement(And(HaveRequestedOCSPFor(leaf), HaveOCSPStatus(Good))))
	g.Expect(responder.Requests()[0]).To(HaveSentNonce(HaveLen(32)))
	// Output:
	// Expected the request by POST
	//     for serial 2a, by SHA-1
	// to match in its nonce:
	//     Expected <[]uint8>: nil to have length 32
	// but it has no nonce
}
