package matchers_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// TestActuals shows one answer in everything that can hold it.
func TestActuals(t *testing.T) {
	t.Parallel()
	w := newWorld()
	der := w.leaf.Staple(revoked)
	state := w.state(der)
	keyPair := keyPair(w.leaf, der)
	described := reread(t, der)
	served := ocsptest.Handshake{Staple: der}

	for _, c := range []struct {
		name   string
		actual any
		signed bool // knows the signature and the CertID
	}{
		{"bytes", der, true},
		{"x/crypto, parsed", parsed(t, der), true},
		{"x/crypto, fields alone", fieldsOf(parsed(t, der)), false},
		{"fakeca.Response", described, false},
		{"pointer to fakeca.Response", &described, false},
		{"tls.ConnectionState", state, true},
		{"pointer to tls.ConnectionState", &state, true},
		{"tls.Conn", w.dial(t, der), true},
		{"http.Response", w.get(t, der), true},
		{"tls.Certificate", keyPair, true},
		{"pointer to tls.Certificate", &keyPair, true},
		{"recorder", recorded(200, der), true},
		{"handshake", served, true},
		{"pointer to handshake", &served, true},
		{"foreign type", &carrier{der}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onlySigned := func(o outcome) outcome {
				if c.signed {
					return o
				}
				return fault
			}
			for _, m := range []struct {
				matcher types.GomegaMatcher
				want    outcome
			}{
				{HaveOCSPStatus(Revoked), match},
				{HaveOCSPStatus(Good), mismatch},
				{HaveOCSPReason(KeyCompromise), match},
				{HaveOCSPReason(Superseded), mismatch},
				{HaveOCSPError(ocsp.TryLater), mismatch},
				{HaveOCSPThisUpdate(now.Add(-time.Hour)), match},
				{HaveOCSPNextUpdate(now.Add(23 * time.Hour)), match},
				{HaveOCSPNextUpdate(now), mismatch},
				{HaveOCSPProducedAt(now.Add(-time.Hour)), match},
				{HaveOCSPRevokedAt(now.Add(-2 * time.Hour)), match},
				{HaveOCSPNonce(BeNil()), match},
				{BeOCSPCurrentAt(now), match},
				{BeOCSPCurrentAt(now.Add(24 * time.Hour)), mismatch},
				{BeOCSPFor(w.leaf), match},
				{BeOCSPFor(w.mustStaple), mismatch},
				{BeOCSPSignedBy(w.ca), onlySigned(match)},
				{BeOCSPSignedBy(w.root), onlySigned(mismatch)},
			} {
				if got := outcomeOf(m.matcher, c.actual); got != m.want {
					_, message := text(m.matcher, c.actual)
					t.Errorf("%s, want %s:\n%s", got, m.want, message)
				}
			}
		})
	}
}

// fieldsOf is r as a program would write it by hand.
func fieldsOf(r *ocsp.Response) *ocsp.Response {
	bare := *r
	bare.Raw = nil
	return &bare
}

// TestMismatchOrError shows what is a mismatch, and what an error.
func TestMismatchOrError(t *testing.T) {
	t.Parallel()
	w := newWorld()
	good := w.leaf.Staple(fakeca.Response{})
	tryLater := w.leaf.Staple(fakeca.Response{Error: ocsp.TryLater})
	unconnected := tls.Client(nil, &tls.Config{})
	two := w.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{{Status: Revoked}}})
	hashed := func(h crypto.Hash) []byte { return w.leaf.Staple(fakeca.Response{Hash: h}) }
	cousin := newCousin(w)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	old := fakeca.New(fakeca.WithKey(rsaKey))

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"no staple", HaveOCSPStatus(Good), w.state(nil), fault},
		{"no staple, HaveOCSPStaple", HaveOCSPStaple(), w.state(nil), mismatch},
		{"no staple, HaveOCSPStaple of a matcher", HaveOCSPStaple(HaveOCSPStatus(Good)), w.state(nil), mismatch},
		{"no staple, HaveOCSPStaple of a matcher that makes no sense", HaveOCSPStaple(HaveOCSPStatus("godo")), w.state(nil), fault},
		{"no staple over TCP", HaveOCSPStaple(), w.dial(t, nil), mismatch},
		{"no staple over HTTP", HaveOCSPStaple(), w.get(t, nil), mismatch},
		{"no staple in bytes", HaveOCSPStaple(), []byte(nil), mismatch},
		{"staple", HaveOCSPStaple(), w.state(good), match},
		{"staple in bytes", HaveOCSPStaple(), good, match},
		{"staple that is garbage", HaveOCSPStaple(), w.state([]byte("garbage")), match},
		{"staple that is garbage, matched", HaveOCSPStaple(HaveOCSPStatus(Good)), w.state([]byte("garbage")), fault},
		{"staple, all", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPFor(w.leaf), BeOCSPSignedBy(w.ca)), w.state(good), match},
		{"staple, not all", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPFor(w.mustStaple)), w.state(good), mismatch},
		{"staple, bytes", HaveOCSPStaple(Equal(good)), w.state(good), match},
		{"staple, other bytes", HaveOCSPStaple(Equal(tryLater)), w.state(good), mismatch},
		{"staple, And", HaveOCSPStaple(And(HaveOCSPStatus(Good), HaveLen(len(good)))), w.state(good), match},
		{"staple, matcher that fails", HaveOCSPStaple(HaveField("X", 1)), w.state(good), fault},
		{"staple of a parsed answer", HaveOCSPStaple(), parsed(t, good), fault},
		{"garbage", HaveOCSPStatus(Good), []byte("garbage"), fault},
		{"trailing data", HaveOCSPStatus(Good), append(bytes.Clone(good), 0), fault},
		{"HTTP without TLS", HaveOCSPStaple(), &http.Response{}, fault},
		{"connection before its handshake", HaveOCSPStaple(), unconnected, fault},
		{"recorder without a body", HaveOCSPStatus(Good), &httptest.ResponseRecorder{}, fault},
		{"nil", HaveOCSPStaple(), nil, fault},
		{"nil pointer", HaveOCSPStaple(), (*tls.Conn)(nil), fault},
		{"nil foreign pointer", HaveOCSPStaple(), (*carrier)(nil), fault},
		{"other type", HaveOCSPStatus(Good), 42, fault},

		{"error response, its status", HaveOCSPStatus(ServerFailed), tryLater, match},
		{"error response, another status", HaveOCSPStatus(Good), tryLater, mismatch},
		{"error response, its error", HaveOCSPError(ocsp.TryLater), tryLater, match},
		{"error response, its error by name", HaveOCSPError("tryLater"), tryLater, match},
		{"error response, its error by x/crypto's name", HaveOCSPError("try later"), tryLater, match},
		{"error response, its error by number", HaveOCSPError(3), tryLater, match},
		{"error response, another error", HaveOCSPError(ocsp.Unauthorized), tryLater, mismatch},
		{"error response, reason", HaveOCSPReason(Unspecified), tryLater, mismatch},
		{"error response, thisUpdate", HaveOCSPThisUpdate(now), tryLater, mismatch},
		{"error response, nextUpdate", HaveOCSPNextUpdate(now), tryLater, mismatch},
		{"error response, no nextUpdate", HaveOCSPNextUpdate(time.Time{}), tryLater, mismatch},
		{"error response, producedAt", HaveOCSPProducedAt(now), tryLater, mismatch},
		{"error response, revokedAt", HaveOCSPRevokedAt(now), tryLater, mismatch},
		{"error response, nonce", HaveOCSPNonce(BeNil()), tryLater, mismatch},
		{"error response, signer", BeOCSPSignedBy(w.ca), tryLater, mismatch},
		{"error response, certificate", BeOCSPFor(w.leaf), tryLater, mismatch},
		{"error response, current", BeOCSPCurrentAt(now), tryLater, mismatch},
		{"error response, described", HaveOCSPError(ocsp.TryLater), fakeca.Response{Error: ocsp.TryLater}, match},
		{"failed responder, described", HaveOCSPError(ocsp.InternalError), fakeca.Response{Status: ServerFailed}, match},

		{"reason of what is not revoked", HaveOCSPReason(Unspecified), good, mismatch},
		{"revokedAt of what is not revoked", HaveOCSPRevokedAt(now), good, mismatch},
		{"no reason", HaveOCSPReason(Unspecified), w.leaf.Staple(fakeca.Response{Status: Revoked}), match},
		{"reason spelled out", HaveOCSPReason("unspecified"), w.leaf.Staple(fakeca.Response{Status: Revoked, ExplicitReason: true}), match},
		{"reason by number", HaveOCSPReason(ocsp.KeyCompromise), w.leaf.Staple(revoked), match},
		{"reason by RFC 5280's name", HaveOCSPReason("keyCompromise"), w.leaf.Staple(revoked), match},
		{"status by text", HaveOCSPStatus("good"), good, match},
		{"status by number", HaveOCSPStatus(ocsp.Good), good, match},

		{"sub-second time", HaveOCSPThisUpdate(now.Add(-time.Hour + 999*time.Millisecond)), good, match},
		{"one second off", HaveOCSPThisUpdate(now.Add(-time.Hour + time.Second)), good, mismatch},
		{"other zone", HaveOCSPThisUpdate(now.Add(-time.Hour).In(time.FixedZone("", 3600))), good, match},
		{"text", HaveOCSPThisUpdate("2026-03-01T11:00:00Z"), good, match},
		{"sub-second description", HaveOCSPThisUpdate(now), fakeca.Response{ThisUpdate: now.Add(time.Millisecond)}, match},
		{"nested", HaveOCSPNextUpdate(BeTemporally(">", now)), good, match},
		{"nested matcher that fails", HaveOCSPNextUpdate(BeTemporally("?", now)), good, fault},
		{"no nextUpdate", HaveOCSPNextUpdate(BeTemporally("<", now)), w.leaf.Staple(fakeca.Response{Forever: true}), mismatch},
		{"no nextUpdate expected", HaveOCSPNextUpdate(time.Time{}), w.leaf.Staple(fakeca.Response{Forever: true}), match},
		{"no nextUpdate expected in vain", HaveOCSPNextUpdate(time.Time{}), good, mismatch},
		{"default times", HaveOCSPNextUpdate(now), fakeca.Response{}, fault},
		{"default revokedAt", HaveOCSPRevokedAt(now), revoked, fault},

		{"current at thisUpdate", BeOCSPCurrentAt(now.Add(-time.Hour)), good, match},
		{"before thisUpdate", BeOCSPCurrentAt(now.Add(-time.Hour - 1)), good, mismatch},
		{"current at nextUpdate", BeOCSPCurrentAt(now.Add(23 * time.Hour)), good, match},
		{"after nextUpdate", BeOCSPCurrentAt(now.Add(23*time.Hour + 1)), good, mismatch},
		{"current for ever", BeOCSPCurrentAt(now.Add(1e6 * time.Hour)), w.leaf.Staple(fakeca.Response{Forever: true}), match},
		{"default nextUpdate", BeOCSPCurrentAt(now), fakeca.Response{ThisUpdate: now}, fault},

		{"nonce", HaveOCSPNonce([]byte{1}), w.leaf.Staple(fakeca.Response{Nonce: []byte{1}}), match},
		{"empty nonce", HaveOCSPNonce([]byte{}), w.leaf.Staple(fakeca.Response{Nonce: []byte{}}), match},
		{"empty nonce is a nonce", HaveOCSPNonce(BeNil()), w.leaf.Staple(fakeca.Response{Nonce: []byte{}}), mismatch},
		{"no nonce is not an empty one", HaveOCSPNonce([]byte{}), good, mismatch},

		{"several, the connection's", HaveOCSPStatus(Revoked), w.state(two), match},
		{"several, the first", HaveOCSPStatus(Good), two, match},
		{"several, for the first", BeOCSPFor(&x509.Certificate{SerialNumber: big.NewInt(1)}), two, match},
		{"several, for the second", BeOCSPFor(w.leaf), two, match},
		{"several, described", BeOCSPFor(w.leaf), reread(t, two), match},
		{"several, for none", BeOCSPFor(w.mustStaple), two, mismatch},

		{"SHA-1", BeOCSPFor(w.leaf), hashed(crypto.SHA1), match},
		{"SHA-256", BeOCSPFor(w.leaf), hashed(crypto.SHA256), match},
		{"SHA-384", BeOCSPFor(w.leaf), hashed(crypto.SHA384), match},
		{"SHA-512", BeOCSPFor(w.leaf), hashed(crypto.SHA512), match},
		{"same serial, other issuer", BeOCSPFor(cousin), good, mismatch},
		{"same serial, issuer not known", BeOCSPFor(cousin.Cert), good, match},
		{"same serial, issuer from the chain", BeOCSPFor(cousin.Cert), tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{cousin.Cert, w.stranger.Cert}, OCSPResponse: good}, mismatch},
		{"same serial, issuer from the verified chain", BeOCSPFor(cousin.Cert), tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{cousin.Cert},
			VerifiedChains:   [][]*x509.Certificate{{cousin.Cert, w.stranger.Cert}}, OCSPResponse: good}, mismatch},
		{"an intermediate", BeOCSPFor(w.ca), w.root.Sign(w.ca.Cert.SerialNumber, fakeca.Response{}), match},

		{"the delegate", BeOCSPSignedBy(w.delegate), w.leaf.Staple(fakeca.Response{Signer: w.delegate}), match},
		{"the delegate's certificate", BeOCSPSignedBy(w.delegate.Cert), w.leaf.Staple(fakeca.Response{Signer: w.delegate, OmitCert: true}), match},
		{"the delegate's CA", BeOCSPSignedBy(w.ca), w.leaf.Staple(fakeca.Response{Signer: w.delegate}), mismatch},
		{"an algorithm that crypto/x509 refuses", BeOCSPSignedBy(old), old.Sign(big.NewInt(1), fakeca.Response{SignatureAlgorithm: x509.MD5WithRSA}), fault},
		{"a name that is malformed", HaveOCSPStatus(Good), w.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponderID.ByName = []byte{0x30, 2, 0x31, 0} }}), fault},
		{"an empty responder name", HaveOCSPStatus(Good), w.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponderID.ByName = []byte{0x30, 0} }}), match},
		{"two nonces", HaveOCSPStatus(Good), w.leaf.Staple(fakeca.Response{Nonce: []byte{1}, Edit: func(m *fakeca.Message) {
			m.ResponseExtensions = append(m.ResponseExtensions, m.ResponseExtensions[0])
		}}), fault},
		{"signature broken", BeOCSPSignedBy(w.ca), w.leaf.Staple(fakeca.Response{Mutate: flipLast}), mismatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(c.matcher, c.actual); got != c.want {
				_, message := text(c.matcher, c.actual)
				t.Errorf("%s, want %s:\n%s", got, c.want, message)
			}
		})
	}
}

func flipLast(der []byte) []byte {
	der[len(der)-1] ^= 1
	return der
}

// newCousin has the leaf's serial number, from another CA.
func newCousin(w *world) *fakeca.Leaf {
	return w.stranger.Issue(&x509.Certificate{SerialNumber: w.leaf.Cert.SerialNumber, DNSNames: []string{"api.example.test"}})
}

func TestMustStaple(t *testing.T) {
	t.Parallel()
	w := newWorld()
	strict := w.mustStaple.TLS()
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{w.mustStaple.Cert}}
	for _, c := range []struct {
		name   string
		actual any
		want   outcome
	}{
		{"leaf", w.mustStaple, match},
		{"certificate", w.mustStaple.Cert, match},
		{"tls.Certificate", strict, match},
		{"pointer to tls.Certificate", &strict, match},
		{"connection state", state, match},
		{"pointer to connection state", &state, match},
		{"HTTP response", &http.Response{TLS: &state}, match},
		{"leaf without", w.leaf, mismatch},
		{"CA without", w.ca, mismatch},
		{"connection without", w.dial(t, nil), mismatch},
		{"HTTP response without", w.get(t, nil), mismatch},
		{"status_request among others", w.withFeatures(0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x11), match},
		{"status_request_v2 alone", w.withFeatures(0x30, 0x03, 0x02, 0x01, 0x11), mismatch},
		{"empty list", w.withFeatures(0x30, 0x00), mismatch},
		{"261, whose last byte is 5", w.withFeatures(0x30, 0x04, 0x02, 0x02, 0x01, 0x05), mismatch},
		{"no sequence", w.withFeatures(0x02, 0x01, 0x05), fault},
		{"no integer", w.withFeatures(0x30, 0x03, 0x04, 0x01, 0x05), fault},
		{"integer with a leading zero", w.withFeatures(0x30, 0x04, 0x02, 0x02, 0x00, 0x05), fault},
		{"trailing data", w.withFeatures(0x30, 0x03, 0x02, 0x01, 0x05, 0x00), fault},
		{"no bytes", w.withFeatures(), fault},
		{"other type", []byte{0x30}, fault},
		{"nil", nil, fault},
		{"nil certificate", (*x509.Certificate)(nil), fault},
		{"no certificate", tls.ConnectionState{}, fault},
		{"HTTP without TLS", &http.Response{}, fault},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(HaveMustStaple(), c.actual); got != c.want {
				_, message := text(HaveMustStaple(), c.actual)
				t.Errorf("%s, want %s:\n%s", got, c.want, message)
			}
		})
	}
}

func TestHandshakes(t *testing.T) {
	t.Parallel()
	asked := ocsptest.Handshake{StatusRequest: true}
	alerted := ocsptest.Handshake{Alert: 44}
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"asked", HaveAskedForStaple(), asked, match},
		{"asked, pointer", HaveAskedForStaple(), &asked, match},
		{"did not ask", HaveAskedForStaple(), alerted, mismatch},
		{"nil", HaveAskedForStaple(), nil, fault},
		{"nil pointer", HaveAskedForStaple(), (*ocsptest.Handshake)(nil), fault},
		{"slice", HaveAskedForStaple(), []ocsptest.Handshake{asked}, fault},
		{"one of several", ContainElement(HaveAskedForStaple()), []ocsptest.Handshake{alerted, asked}, match},
		{"int", HaveSentAlert(44), alerted, match},
		{"int8", HaveSentAlert(int8(44)), alerted, match},
		{"uint64", HaveSentAlert(uint64(44)), alerted, match},
		{"Alert", HaveSentAlert(ocsptest.Alert(44)), alerted, match},
		{"tls.AlertError", HaveSentAlert(tls.AlertError(44)), alerted, match},
		{"name", HaveSentAlert("certificate_revoked"), alerted, match},
		{"another name", HaveSentAlert("bad_certificate"), alerted, mismatch},
		{"matcher", HaveSentAlert(Equal(ocsptest.Alert(44))), alerted, match},
		{"matcher of a number", HaveSentAlert(BeNumerically(">", 41)), alerted, match},
		{"none", HaveSentAlert(BeZero()), asked, match},
		{"none sent", HaveSentAlert(44), asked, mismatch},
		{"unknown name", HaveSentAlert("revoked"), alerted, fault},
		{"number as Alert prints it", HaveSentAlert("alert(200)"), ocsptest.Handshake{Alert: 200}, fault},
		{"300 is not 44", HaveSentAlert(300), alerted, fault},
		{"-212 is not 44", HaveSentAlert(-212), alerted, fault},
		{"other type", HaveSentAlert(44), 44, fault},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(c.matcher, c.actual); got != c.want {
				_, message := text(c.matcher, c.actual)
				t.Errorf("%s, want %s:\n%s", got, c.want, message)
			}
		})
	}
}

// TestBadExpectations shows that what makes no sense fails both ways, whatever
// is looked at.
func TestBadExpectations(t *testing.T) {
	t.Parallel()
	w := newWorld()
	der := w.leaf.Staple(revoked)
	for _, m := range []types.GomegaMatcher{
		HaveOCSPStatus(nil), HaveOCSPStatus("Revoked"), HaveOCSPStatus(-1), HaveOCSPStatus(4), HaveOCSPStatus(KeyCompromise),
		HaveOCSPStatus(ocsp.TryLater), HaveOCSPStatus(uint8(1)),
		HaveOCSPReason(nil), HaveOCSPReason("compromised"), HaveOCSPReason(7), HaveOCSPReason(11), HaveOCSPReason(Revoked),
		HaveOCSPError(nil), HaveOCSPError(ocsp.Success), HaveOCSPError(4), HaveOCSPError("later"), HaveOCSPError(ServerFailed),
		HaveOCSPThisUpdate(nil), HaveOCSPThisUpdate(time.Time{}), HaveOCSPThisUpdate("now"), HaveOCSPThisUpdate("0001-01-01T00:00:00Z"),
		HaveOCSPNextUpdate(nil), HaveOCSPProducedAt(12), HaveOCSPRevokedAt(time.Hour),
		HaveOCSPNonce(nil), HaveOCSPNonce([]byte(nil)), HaveOCSPNonce("x"),
		HaveOCSPStaple(nil), HaveOCSPStaple(HaveOCSPReason("lost")), BeOCSPCurrentAt(time.Time{}),
		BeOCSPSignedBy(nil), BeOCSPSignedBy((*x509.Certificate)(nil)), BeOCSPSignedBy(&fakeca.Leaf{}), BeOCSPSignedBy("CA"),
		BeOCSPFor(nil), BeOCSPFor((*fakeca.Leaf)(nil)), BeOCSPFor(big.NewInt(1)),
		BeValidOCSPFor(nil), BeValidOCSPFor(&fakeca.Leaf{}), BeValidOCSPFor("api.example.test"),
	} {
		name := m.(interface{ GomegaString() string }).GomegaString()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := m.Match(der)
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error()
			if !strings.HasPrefix(text, "matchers: "+name+": ") || strings.Contains(text, "\n") {
				t.Errorf("not one line that begins with the call: %q", text)
			}
			if to, notTo := m.FailureMessage(der), m.NegatedFailureMessage(der); to != text || notTo != text {
				t.Errorf("the failure texts are not the error's: %q, %q, %q", to, notTo, text)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld()
	plain := ocsptest.Request{OCSP: fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert)}
	foreign := ocsptest.Request{OCSP: fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.stranger.Cert)}
	strange := ocsptest.Request{OCSP: fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert)}
	strange.OCSP.List[0].CertID.HashAlgorithm.Algorithm = []int{1, 2, 3}
	nonce := ocsptest.Request{OCSP: fakeca.NewRequest(big.NewInt(1), w.ca.Cert)}
	nonce.OCSP.SetNonce([]byte("nonce"))
	nonce.OCSP.List = append(nonce.OCSP.List, plain.OCSP.List...)
	none := ocsptest.Request{Method: "GET", Path: "/crl/0"}
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"for the leaf", HaveRequestedOCSPFor(w.leaf), plain, match},
		{"pointer", HaveRequestedOCSPFor(w.leaf), &plain, match},
		{"bytes", HaveRequestedOCSPFor(w.leaf), plain.OCSP.Marshal(), match},
		{"for a certificate", HaveRequestedOCSPFor(w.leaf.Cert), plain, match},
		{"for the second", HaveRequestedOCSPFor(w.leaf), nonce, match},
		{"for another", HaveRequestedOCSPFor(w.mustStaple), plain, mismatch},
		{"of another issuer", HaveRequestedOCSPFor(w.leaf), foreign, mismatch},
		{"of another issuer, which nobody told", HaveRequestedOCSPFor(w.leaf.Cert), foreign, match},
		{"a hash that is not known", HaveRequestedOCSPFor(w.leaf), strange, match},
		{"a hash that is not known, for another", HaveRequestedOCSPFor(w.mustStaple), strange, mismatch},
		{"no OCSP", HaveRequestedOCSPFor(w.leaf), none, mismatch},
		{"empty", HaveRequestedOCSPFor(w.leaf), ocsptest.Request{OCSP: new(fakeca.Request)}, mismatch},
		{"nil", HaveRequestedOCSPFor(w.leaf), nil, fault},
		{"one of several", ContainElement(HaveRequestedOCSPFor(w.leaf)), []ocsptest.Request{none, plain}, match},
		{"nonce", HaveSentNonce([]byte("nonce")), nonce, match},
		{"another nonce", HaveSentNonce([]byte("other")), nonce, mismatch},
		{"no nonce", HaveSentNonce([]byte("nonce")), plain, mismatch},
		{"no nonce, as wanted", HaveSentNonce(BeNil()), plain, match},
		{"no nonce of no request", HaveSentNonce(BeNil()), none, mismatch},
		{"a nonce that is none", HaveSentNonce(5), plain, fault},
		{"nonce of garbage", HaveSentNonce(BeNil()), []byte("garbage"), fault},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(c.matcher, c.actual); got != c.want {
				_, message := text(c.matcher, c.actual)
				t.Errorf("%s, want %s:\n%s", got, c.want, message)
			}
		})
	}
}
