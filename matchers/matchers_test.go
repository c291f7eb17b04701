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

// TestActuals shows one response in all types that can hold it.
func TestActuals(t *testing.T) {
	t.Parallel()
	f := newFixture()
	der := f.leaf.Staple(revoked)
	state := f.state(der)
	keyPair := keyPair(f.leaf, der)
	unsigned := reread(t, der)
	served := ocsptest.Handshake{Staple: der}

	for _, c := range []struct {
		name   string
		actual any
		signed bool // knows the signature and the CertID
	}{
		{"bytes", der, true},
		{"x/crypto, parsed", parsed(t, der), true},
		{"x/crypto, only fields", fieldsOf(parsed(t, der)), false},
		{"fakeca.Response", unsigned, false},
		{"pointer to fakeca.Response", &unsigned, false},
		{"tls.ConnectionState", state, true},
		{"pointer to tls.ConnectionState", &state, true},
		{"tls.Conn", f.dial(t, der), true},
		{"http.Response", f.get(t, der), true},
		{"tls.Certificate", keyPair, true},
		{"pointer to tls.Certificate", &keyPair, true},
		{"recorder", recorded(200, der), true},
		{"handshake", served, true},
		{"pointer to handshake", &served, true},
		{"foreign type", &holder{der}, true},
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
				{BeOCSPFor(f.leaf), match},
				{BeOCSPFor(f.mustStaple), mismatch},
				{BeOCSPSignedBy(f.ca), onlySigned(match)},
				{BeOCSPSignedBy(f.root), onlySigned(mismatch)},
			} {
				if got := outcomeOf(m.matcher, c.actual); got != m.want {
					_, message := text(m.matcher, c.actual)
					t.Errorf("%s, want %s:\n%s", got, m.want, message)
				}
			}
		})
	}
}

// fieldsOf returns r without Raw, as a program would write it by hand.
func fieldsOf(r *ocsp.Response) *ocsp.Response {
	bare := *r
	bare.Raw = nil
	return &bare
}

// TestMismatchOrError shows which mistakes are mismatches, and which are errors.
func TestMismatchOrError(t *testing.T) {
	t.Parallel()
	f := newFixture()
	good := f.leaf.Staple(fakeca.Response{})
	tryLater := f.leaf.Staple(fakeca.Response{Error: ocsp.TryLater})
	unconnected := tls.Client(nil, &tls.Config{})
	two := f.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{{Status: Revoked}}})
	hashed := func(h crypto.Hash) []byte { return f.leaf.Staple(fakeca.Response{Hash: h}) }
	cousin := newCousin(f)
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
		{"no staple", HaveOCSPStatus(Good), f.state(nil), fault},
		{"no staple, HaveOCSPStaple", HaveOCSPStaple(), f.state(nil), mismatch},
		{"no staple, HaveOCSPStaple of a matcher", HaveOCSPStaple(HaveOCSPStatus(Good)), f.state(nil), mismatch},
		{"no staple, HaveOCSPStaple of a matcher that makes no sense", HaveOCSPStaple(HaveOCSPStatus("godo")), f.state(nil), fault},
		{"no staple over TCP", HaveOCSPStaple(), f.dial(t, nil), mismatch},
		{"no staple over HTTP", HaveOCSPStaple(), f.get(t, nil), mismatch},
		{"no staple in bytes", HaveOCSPStaple(), []byte(nil), mismatch},
		{"staple", HaveOCSPStaple(), f.state(good), match},
		{"staple in bytes", HaveOCSPStaple(), good, match},
		{"staple that is garbage", HaveOCSPStaple(), f.state([]byte("garbage")), match},
		{"staple that is garbage, matched", HaveOCSPStaple(HaveOCSPStatus(Good)), f.state([]byte("garbage")), fault},
		{"staple, all", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPFor(f.leaf), BeOCSPSignedBy(f.ca)), f.state(good), match},
		{"staple, not all", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPFor(f.mustStaple)), f.state(good), mismatch},
		{"staple, bytes", HaveOCSPStaple(Equal(good)), f.state(good), match},
		{"staple, other bytes", HaveOCSPStaple(Equal(tryLater)), f.state(good), mismatch},
		{"staple, And", HaveOCSPStaple(And(HaveOCSPStatus(Good), HaveLen(len(good)))), f.state(good), match},
		{"staple, Or", HaveOCSPStaple(Or(HaveOCSPStatus(Revoked), HaveLen(len(good)))), f.state(good), match},
		{"staple, Or of none", HaveOCSPStaple(Or(HaveOCSPStatus(Revoked), HaveLen(1))), f.state(good), mismatch},
		{"staple, Not", HaveOCSPStaple(Not(HaveOCSPStatus(Revoked))), f.state(good), match},
		{"staple, Not in vain", HaveOCSPStaple(Not(HaveOCSPStatus(Good))), f.state(good), mismatch},
		{"staple, Not of garbage", HaveOCSPStaple(Not(HaveOCSPStatus(Good))), f.state([]byte("garbage")), fault},
		{"staple, And with the chain", HaveOCSPStaple(And(BeOCSPFor(cousin.Cert))), tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{cousin.Cert, f.stranger.Cert}, OCSPResponse: good}, mismatch},
		{"no staple, And of a matcher that makes no sense", HaveOCSPStaple(Not(And(Or(HaveOCSPStatus("godo"))))), f.state(nil), fault},
		{"staple, matcher that fails", HaveOCSPStaple(HaveField("X", 1)), f.state(good), fault},
		{"staple of a parsed response", HaveOCSPStaple(), parsed(t, good), fault},
		{"garbage", HaveOCSPStatus(Good), []byte("garbage"), fault},
		{"trailing data", HaveOCSPStatus(Good), append(bytes.Clone(good), 0), fault},
		{"HTTP without TLS", HaveOCSPStaple(), &http.Response{}, fault},
		{"connection before its handshake", HaveOCSPStaple(), unconnected, fault},
		{"recorder without a body", HaveOCSPStatus(Good), &httptest.ResponseRecorder{}, fault},
		{"nil", HaveOCSPStaple(), nil, fault},
		{"nil pointer", HaveOCSPStaple(), (*tls.Conn)(nil), fault},
		{"nil foreign pointer", HaveOCSPStaple(), (*holder)(nil), fault},
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
		{"error response, signer", BeOCSPSignedBy(f.ca), tryLater, mismatch},
		{"error response, certificate", BeOCSPFor(f.leaf), tryLater, mismatch},
		{"error response, current", BeOCSPCurrentAt(now), tryLater, mismatch},
		{"error response, unsigned", HaveOCSPError(ocsp.TryLater), fakeca.Response{Error: ocsp.TryLater}, match},
		{"failed responder, unsigned", HaveOCSPError(ocsp.InternalError), fakeca.Response{Status: ServerFailed}, match},

		{"reason of what is not revoked", HaveOCSPReason(Unspecified), good, mismatch},
		{"revokedAt of what is not revoked", HaveOCSPRevokedAt(now), good, mismatch},
		{"no reason", HaveOCSPReason(Unspecified), f.leaf.Staple(fakeca.Response{Status: Revoked}), match},
		{"reason spelled out", HaveOCSPReason("unspecified"), f.leaf.Staple(fakeca.Response{Status: Revoked, ExplicitReason: true}), match},
		{"reason by number", HaveOCSPReason(ocsp.KeyCompromise), f.leaf.Staple(revoked), match},
		{"reason by RFC 5280's name", HaveOCSPReason("keyCompromise"), f.leaf.Staple(revoked), match},
		{"status by text", HaveOCSPStatus("good"), good, match},
		{"status by number", HaveOCSPStatus(ocsp.Good), good, match},

		{"sub-second time", HaveOCSPThisUpdate(now.Add(-time.Hour + 999*time.Millisecond)), good, match},
		{"one second off", HaveOCSPThisUpdate(now.Add(-time.Hour + time.Second)), good, mismatch},
		{"other zone", HaveOCSPThisUpdate(now.Add(-time.Hour).In(time.FixedZone("", 3600))), good, match},
		{"text", HaveOCSPThisUpdate("2026-03-01T11:00:00Z"), good, match},
		{"sub-second description", HaveOCSPThisUpdate(now), fakeca.Response{ThisUpdate: now.Add(time.Millisecond)}, match},
		{"nested", HaveOCSPNextUpdate(BeTemporally(">", now)), good, match},
		{"nested matcher that fails", HaveOCSPNextUpdate(BeTemporally("?", now)), good, fault},
		{"no nextUpdate", HaveOCSPNextUpdate(BeTemporally("<", now)), f.leaf.Staple(fakeca.Response{Forever: true}), mismatch},
		{"no nextUpdate expected", HaveOCSPNextUpdate(time.Time{}), f.leaf.Staple(fakeca.Response{Forever: true}), match},
		{"no nextUpdate expected in vain", HaveOCSPNextUpdate(time.Time{}), good, mismatch},
		{"default times", HaveOCSPNextUpdate(now), fakeca.Response{}, fault},
		{"default revokedAt", HaveOCSPRevokedAt(now), revoked, fault},

		{"current at thisUpdate", BeOCSPCurrentAt(now.Add(-time.Hour)), good, match},
		{"before thisUpdate", BeOCSPCurrentAt(now.Add(-time.Hour - 1)), good, mismatch},
		{"current at nextUpdate", BeOCSPCurrentAt(now.Add(23 * time.Hour)), good, match},
		{"after nextUpdate", BeOCSPCurrentAt(now.Add(23*time.Hour + 1)), good, mismatch},
		{"current for ever", BeOCSPCurrentAt(now.Add(1e6 * time.Hour)), f.leaf.Staple(fakeca.Response{Forever: true}), match},
		{"default nextUpdate", BeOCSPCurrentAt(now), fakeca.Response{ThisUpdate: now}, fault},

		{"nonce", HaveOCSPNonce([]byte{1}), f.leaf.Staple(fakeca.Response{Nonce: []byte{1}}), match},
		{"empty nonce", HaveOCSPNonce([]byte{}), f.leaf.Staple(fakeca.Response{Nonce: []byte{}}), match},
		{"empty nonce is a nonce", HaveOCSPNonce(BeNil()), f.leaf.Staple(fakeca.Response{Nonce: []byte{}}), mismatch},
		{"no nonce is not an empty one", HaveOCSPNonce([]byte{}), good, mismatch},

		{"several, the connection's", HaveOCSPStatus(Revoked), f.state(two), match},
		{"several, the first", HaveOCSPStatus(Good), two, match},
		{"several, for the first", BeOCSPFor(&x509.Certificate{SerialNumber: big.NewInt(1)}), two, match},
		{"several, for the second", BeOCSPFor(f.leaf), two, match},
		{"several, unsigned", BeOCSPFor(f.leaf), reread(t, two), match},
		{"several, for none", BeOCSPFor(f.mustStaple), two, mismatch},

		{"SHA-1", BeOCSPFor(f.leaf), hashed(crypto.SHA1), match},
		{"SHA-256", BeOCSPFor(f.leaf), hashed(crypto.SHA256), match},
		{"SHA-384", BeOCSPFor(f.leaf), hashed(crypto.SHA384), match},
		{"SHA-512", BeOCSPFor(f.leaf), hashed(crypto.SHA512), match},
		{"same serial, other issuer", BeOCSPFor(cousin), good, mismatch},
		{"same serial, issuer not known", BeOCSPFor(cousin.Cert), good, match},
		{"same serial, issuer from the chain", BeOCSPFor(cousin.Cert), tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{cousin.Cert, f.stranger.Cert}, OCSPResponse: good}, mismatch},
		{"same serial, issuer from the verified chain", BeOCSPFor(cousin.Cert), tls.ConnectionState{
			PeerCertificates: []*x509.Certificate{cousin.Cert},
			VerifiedChains:   [][]*x509.Certificate{{cousin.Cert, f.stranger.Cert}}, OCSPResponse: good}, mismatch},
		{"an intermediate", BeOCSPFor(f.ca), f.root.Sign(f.ca.Cert.SerialNumber, fakeca.Response{}), match},

		{"the delegate", BeOCSPSignedBy(f.delegate), f.leaf.Staple(fakeca.Response{Signer: f.delegate}), match},
		{"the delegate's certificate", BeOCSPSignedBy(f.delegate.Cert),
			f.leaf.Staple(fakeca.Response{Signer: f.delegate, OmitCert: true}), match},
		{"the delegate's CA", BeOCSPSignedBy(f.ca), f.leaf.Staple(fakeca.Response{Signer: f.delegate}), mismatch},
		{"an algorithm that crypto/x509 refuses", BeOCSPSignedBy(old),
			old.Sign(big.NewInt(1), fakeca.Response{SignatureAlgorithm: x509.MD5WithRSA}), fault},
		{"a name that is malformed", HaveOCSPStatus(Good), f.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.ResponderID.ByName = []byte{0x30, 2, 0x31, 0}
		}}), fault},
		{"an empty responder name", HaveOCSPStatus(Good), f.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.ResponderID.ByName = []byte{0x30, 0}
		}}), match},
		{"two nonces", HaveOCSPStatus(Good), f.leaf.Staple(fakeca.Response{Nonce: []byte{1}, Edit: func(m *fakeca.Message) {
			m.ResponseExtensions = append(m.ResponseExtensions, m.ResponseExtensions[0])
		}}), fault},
		{"signature broken", BeOCSPSignedBy(f.ca), f.leaf.Staple(fakeca.Response{Mutate: flipLast}), mismatch},
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

// newCousin issues a leaf with the same serial number from another CA.
func newCousin(f *fixture) *fakeca.Leaf {
	return f.stranger.Issue(&x509.Certificate{SerialNumber: f.leaf.Cert.SerialNumber, DNSNames: []string{"api.example.test"}})
}

func TestMustStaple(t *testing.T) {
	t.Parallel()
	f := newFixture()
	strict := f.mustStaple.TLS()
	state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{f.mustStaple.Cert}}
	for _, c := range []struct {
		name   string
		actual any
		want   outcome
	}{
		{"leaf", f.mustStaple, match},
		{"certificate", f.mustStaple.Cert, match},
		{"tls.Certificate", strict, match},
		{"pointer to tls.Certificate", &strict, match},
		{"connection state", state, match},
		{"pointer to connection state", &state, match},
		{"HTTP response", &http.Response{TLS: &state}, match},
		{"leaf without", f.leaf, mismatch},
		{"CA without", f.ca, mismatch},
		{"connection without", f.dial(t, nil), mismatch},
		{"HTTP response without", f.get(t, nil), mismatch},
		{"status_request among others", f.withFeatures(0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x11), match},
		{"only status_request_v2", f.withFeatures(0x30, 0x03, 0x02, 0x01, 0x11), mismatch},
		{"empty list", f.withFeatures(0x30, 0x00), mismatch},
		{"261, whose last byte is 5", f.withFeatures(0x30, 0x04, 0x02, 0x02, 0x01, 0x05), mismatch},
		{"no sequence", f.withFeatures(0x02, 0x01, 0x05), fault},
		{"no integer", f.withFeatures(0x30, 0x03, 0x04, 0x01, 0x05), fault},
		{"integer with a leading zero", f.withFeatures(0x30, 0x04, 0x02, 0x02, 0x00, 0x05), fault},
		{"trailing data", f.withFeatures(0x30, 0x03, 0x02, 0x01, 0x05, 0x00), fault},
		{"no bytes", f.withFeatures(), fault},
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

// TestBadExpectations shows that an invalid argument is an error for any actual
// value.
func TestBadExpectations(t *testing.T) {
	t.Parallel()
	f := newFixture()
	der := f.leaf.Staple(revoked)
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
		HaveCRLEntry(nil), HaveCRLEntry(big.NewInt(42)), HaveCRLEntry(f.leaf, nil), HaveCRLEntry(f.leaf, HaveOCSPStatus(Revoked)),
		HaveCRLEntry(f.leaf, HaveOCSPReason("lost")), HaveCRLEntry(f.leaf, Or(HaveCRLNumber(7))),
		HaveCRLNumber(nil), HaveCRLNumber("7"), HaveCRLNumber(7.0), HaveCRLNumber((*big.Int)(nil)), HaveCRLNumber(BeNumerically(">", "7")),
		HaveCRLNumber(BeNumerically("?", 7)), HaveCRLNumber(BeNumerically(">")), HaveCRLNumber(BeNumerically("~", 7, 0.5)),
		BeValidCRLFor(nil), BeValidCRLFor(f.leaf.Cert), BeValidCRLFor(f.root), BeValidCRLFor(&fakeca.Leaf{}),
		HaveCRLPoint(nil), HaveCRLPoint(""), HaveCRLPoint(7), HaveCRLPoint(&fakeca.CRLPoint{}),
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
				t.Errorf("want one line that begins with the call: %q", text)
			}
			if to, notTo := m.FailureMessage(der), m.NegatedFailureMessage(der); to != text || notTo != text {
				t.Errorf("the failure texts are not the error's: %q, %q, %q", to, notTo, text)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	f := newFixture()
	plain := ocsptest.Request{OCSP: fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.ca.Cert)}
	foreign := ocsptest.Request{OCSP: fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.stranger.Cert)}
	strange := ocsptest.Request{OCSP: fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.ca.Cert)}
	strange.OCSP.List[0].CertID.HashAlgorithm.Algorithm = []int{1, 2, 3}
	nonce := ocsptest.Request{OCSP: fakeca.NewRequest(big.NewInt(1), f.ca.Cert)}
	nonce.OCSP.SetNonce([]byte("nonce"))
	nonce.OCSP.List = append(nonce.OCSP.List, plain.OCSP.List...)
	none := ocsptest.Request{Method: "GET", Path: "/crl/0"}
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"for the leaf", HaveRequestedOCSPFor(f.leaf), plain, match},
		{"pointer", HaveRequestedOCSPFor(f.leaf), &plain, match},
		{"bytes", HaveRequestedOCSPFor(f.leaf), plain.OCSP.Marshal(), match},
		{"for a certificate", HaveRequestedOCSPFor(f.leaf.Cert), plain, match},
		{"for the second", HaveRequestedOCSPFor(f.leaf), nonce, match},
		{"for another", HaveRequestedOCSPFor(f.mustStaple), plain, mismatch},
		{"of another issuer", HaveRequestedOCSPFor(f.leaf), foreign, mismatch},
		{"of another issuer, which is not known", HaveRequestedOCSPFor(f.leaf.Cert), foreign, match},
		{"a hash that is not known", HaveRequestedOCSPFor(f.leaf), strange, match},
		{"a hash that is not known, for another", HaveRequestedOCSPFor(f.mustStaple), strange, mismatch},
		{"no OCSP", HaveRequestedOCSPFor(f.leaf), none, mismatch},
		{"empty", HaveRequestedOCSPFor(f.leaf), ocsptest.Request{OCSP: new(fakeca.Request)}, mismatch},
		{"nil", HaveRequestedOCSPFor(f.leaf), nil, fault},
		{"one of several", ContainElement(HaveRequestedOCSPFor(f.leaf)), []ocsptest.Request{none, plain}, match},
		{"nonce", HaveSentNonce([]byte("nonce")), nonce, match},
		{"another nonce", HaveSentNonce([]byte("other")), nonce, mismatch},
		{"no nonce", HaveSentNonce([]byte("nonce")), plain, mismatch},
		{"no nonce, as wanted", HaveSentNonce(BeNil()), plain, match},
		{"no nonce of no request", HaveSentNonce(BeNil()), none, mismatch},
		{"a nonce of another type", HaveSentNonce(5), plain, fault},
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

// TestSimilarAlerts shows what is suggested for a name that no alert has.
func TestSimilarAlerts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"revoked", "certificate_revoked"},
		{"Revoked", "certificate_revoked"},
		{"revoked certificate", "certificate_revoked"},
		{"certificate_revokd", "certificate_revoked, "},
		{"handshake", "handshake_failure"},
		{"bad certificate status", "bad_certificate_status_response"},
	} {
		_, err := HaveSentAlert(c.name).Match(ocsptest.Handshake{})
		if err == nil || !strings.Contains(err.Error(), ": "+c.want) && !strings.Contains(err.Error(), " are "+c.want) {
			t.Errorf("%q: %v, want %s first", c.name, err, c.want)
		}
	}
}
