package matchers_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A fixture has the same bytes in every run.
type fixture struct {
	root, ca, stranger *fakeca.CA
	leaf, mustStaple   *fakeca.Leaf
	delegate           *fakeca.Leaf
}

func newFixture() *fixture {
	clock := func() time.Time { return now }
	f := new(fixture)
	f.root = fakeca.New(fakeca.WithName("root"), fakeca.WithClock(clock), fakeca.WithKey(key(1)), fakeca.WithTemplate(template(1)))
	f.ca = f.root.Intermediate(fakeca.WithName("issuing CA"), fakeca.WithKey(key(2)), fakeca.WithTemplate(template(2)))
	f.stranger = fakeca.New(fakeca.WithName("stranger"), fakeca.WithClock(clock), fakeca.WithKey(key(3)), fakeca.WithTemplate(template(3)))

	leaf := template(0x2a)
	leaf.DNSNames, leaf.PublicKey = []string{"api.example.test"}, key(4)
	f.leaf = f.ca.Issue(leaf)

	strict := template(0x2b)
	strict.DNSNames, strict.PublicKey = []string{"strict.example.test"}, key(5)
	strict.ExtraExtensions = []pkix.Extension{fakeca.MustStaple()}
	f.mustStaple = f.ca.Issue(strict)

	signer := template(0x30)
	signer.Subject, signer.PublicKey = pkix.Name{CommonName: "OCSP responder"}, key(6)
	f.delegate = f.ca.OCSPSigner(signer)
	return f
}

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func template(serial int64) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(serial)}
}

// withFeatures issues a certificate with this TLS feature extension.
func (f *fixture) withFeatures(der ...byte) *fakeca.Leaf {
	tmpl := template(0x2c)
	tmpl.DNSNames, tmpl.PublicKey = []string{"features.example.test"}, key(7)
	tmpl.ExtraExtensions = []pkix.Extension{{Id: fakeca.MustStaple().Id, Value: der}}
	return f.ca.Issue(tmpl)
}

// keyPair returns the leaf with a staple, for a server.
func keyPair(leaf *fakeca.Leaf, staple []byte) tls.Certificate {
	cert := leaf.TLS()
	cert.OCSPStaple = staple
	return cert
}

// state returns what a client sees of the leaf with a staple.
func (f *fixture) state(staple []byte) tls.ConnectionState {
	return tls.ConnectionState{
		Version:           tls.VersionTLS13,
		HandshakeComplete: true,
		PeerCertificates:  []*x509.Certificate{f.leaf.Cert, f.ca.Cert},
		OCSPResponse:      staple,
	}
}

// dial connects over TCP, and returns the client's end.
func (f *fixture) dial(t *testing.T, staple []byte) *tls.Conn {
	t.Helper()
	ln := f.listen(t, staple)
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		io.Copy(io.Discard, conn)
	}()
	conn, err := tls.Dial("tcp", ln.Addr().String(), f.clientConfig())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); <-served })
	return conn
}

// get makes an HTTP request over TLS.
func (f *fixture) get(t *testing.T, staple []byte) *http.Response {
	t.Helper()
	ln := f.listen(t, staple)
	server := &http.Server{
		Handler:  http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(ln)
	}()
	t.Cleanup(func() { server.Close(); <-served })
	transport := &http.Transport{TLSClientConfig: f.clientConfig()}
	t.Cleanup(transport.CloseIdleConnections)
	resp, err := (&http.Client{Transport: transport}).Get("https://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

func (f *fixture) listen(t *testing.T, staple []byte) net.Listener {
	t.Helper()
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates:           []tls.Certificate{keyPair(f.leaf, staple)},
		SessionTicketsDisabled: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func (f *fixture) clientConfig() *tls.Config {
	return &tls.Config{RootCAs: f.ca.Pool(), ServerName: "api.example.test"}
}

// parsed parses der with x/crypto.
func parsed(t *testing.T, der []byte) *ocsp.Response {
	t.Helper()
	r, err := ocsp.ParseResponse(der, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reread parses der with fakeca.
func reread(t *testing.T, der []byte) fakeca.Response {
	t.Helper()
	r, err := fakeca.ParseResponse(der)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recorded returns the recorded response of an HTTP handler.
func recorded(code int, body []byte) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	rec.WriteHeader(code)
	rec.Write(body)
	return rec
}

// A holder is a type of somebody else with an OCSP response.
type holder struct{ der []byte }

func (h *holder) OCSPResponse() []byte { return h.der }

// An outcome is the result of a matcher.
type outcome string

const (
	match    outcome = "match"
	mismatch outcome = "mismatch"
	fault    outcome = "error"
)

func outcomeOf(m types.GomegaMatcher, actual any) outcome {
	switch ok, err := m.Match(actual); {
	case err != nil:
		return fault
	case ok:
		return match
	}
	return mismatch
}

// text returns the message of the assertion that fails, and which one fails.
func text(m types.GomegaMatcher, actual any) (word, message string) {
	switch ok, err := m.Match(actual); {
	case err != nil:
		return "To and NotTo", err.Error()
	case ok:
		return "NotTo", m.NegatedFailureMessage(actual)
	}
	return "To", m.FailureMessage(actual)
}

var (
	revoked   = fakeca.Response{Status: Revoked, Reason: KeyCompromise}
	handshake = ocsptest.Handshake{ServerName: "api.example.test", Version: tls.VersionTLS13, StatusRequest: true}
)
