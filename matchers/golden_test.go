package matchers_test

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// The size of a failure text. Violations and the texts of foreign matchers may
// add lines.
const (
	maxLines  = 6
	moreLines = 9
	maxWidth  = 160
)

// TestTexts compares all failure texts with the golden files.
func TestTexts(t *testing.T) {
	t.Parallel()
	f := newFixture()
	var (
		good     = f.leaf.Staple(fakeca.Response{})
		revoked  = f.leaf.Staple(revoked)
		byKey    = f.leaf.Staple(fakeca.Response{ByKey: true})
		forever  = f.leaf.Staple(fakeca.Response{Forever: true})
		tryLater = f.leaf.Staple(fakeca.Response{Error: ocsp.TryLater})
		proxied  = f.leaf.Staple(fakeca.Response{Signer: f.delegate})
		cousin   = f.leaf.Staple(fakeca.Response{Signer: f.stranger.OCSPSigner(
			&x509.Certificate{SerialNumber: big.NewInt(0x31), PublicKey: key(8)})})
		other   = f.leaf.Staple(fakeca.Response{Serial: big.NewInt(0x99)})
		nonce   = f.leaf.Staple(fakeca.Response{Nonce: []byte{1, 2, 3}})
		several = f.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{
			{Status: Revoked}, {Serial: big.NewInt(2)}, {Serial: big.NewInt(3), Status: Unknown}, {Serial: big.NewInt(4)}}})
		wrongKey = f.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.IssuerKeyHash = make([]byte, 20)
		}})
		wrongName = f.leaf.Staple(fakeca.Response{Hash: crypto.SHA256, Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.IssuerNameHash = make([]byte, 32)
		}})
		unknownAlgorithm = f.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.SignatureAlgorithm.Algorithm = []int{1, 2, 3}
		}})
		garbage = []byte("<html>busy</html>")
		again   = f.state(revoked)

		asked   = handshake
		alerted = handshake
		unasked = ocsptest.Handshake{ServerName: "api.example.test", Err: errors.New("EOF")}
	)
	asking := ocsptest.Request{Method: "POST", OCSP: fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.ca.Cert)}
	many := fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.ca.Cert)
	many.SetNonce([]byte("nonce"))
	for serial := range int64(4) {
		many.List = append(many.List, fakeca.SingleRequest{CertID: fakeca.NewCertID(big.NewInt(serial), f.ca.Cert, crypto.SHA256)})
	}
	again.DidResume = true
	asked.Staple = good
	alerted.Staple, alerted.Alert = revoked, 42

	compareTexts(t, map[string][]failure{
		"status": {
			{"a staple", HaveOCSPStatus(Revoked), f.state(good)},
			{"a staple, negated", HaveOCSPStatus(Revoked), f.state(revoked)},
			{"bytes", HaveOCSPStatus(Revoked), good},
			{"an error response", HaveOCSPStatus(Good), f.state(tryLater)},
			{"an error response in bytes", HaveOCSPStatus(Good), tryLater},
			{"a resumed connection", HaveOCSPStatus(Good), again},
			{"a handshake on the server", HaveOCSPStatus(Revoked), asked},
			{"a responder", HaveOCSPStatus(Revoked), recorded(200, good)},
			{"an unsigned response", HaveOCSPStatus(Revoked), fakeca.Response{}},
			{"several single responses", HaveOCSPStatus(Good), f.state(several)},
			{"a staple for another certificate", HaveOCSPStatus(Unknown), f.state(other)},
			{"by a known key", HaveOCSPStatus(Revoked), f.state(byKey)},
			{"by an unknown key", HaveOCSPStatus(Revoked), byKey},
			{"a delegate", HaveOCSPStatus(Revoked), f.state(proxied)},
			{"a nested matcher", HaveOCSPStatus(BeElementOf(Good, Unknown)), f.state(revoked)},
			{"a nested matcher, negated", HaveOCSPStatus(BeElementOf(Good, Revoked)), f.state(revoked)},
			{"a function, negated", HaveOCSPStatus(WithTransform(fakeca.Status.String, ContainSubstring("ok"))), f.state(revoked)},
			{"not a status", HaveOCSPStatus("godo"), good},
			{"an unknown status", HaveOCSPStatus(7), good},
			{"a reason", HaveOCSPStatus(KeyCompromise), good},
			{"an error", HaveOCSPStatus(ocsp.TryLater), good},
			{"another type", HaveOCSPStatus(1.5), good},
		},
		"actual": {
			{"no staple on a connection", HaveOCSPStatus(Good), f.state(nil)},
			{"no staple in a handshake", HaveOCSPStatus(Good), handshake},
			{"no staple in a tls.Certificate", HaveOCSPStatus(Good), f.leaf.TLS()},
			{"no bytes", HaveOCSPStatus(Good), []byte(nil)},
			{"garbage", HaveOCSPStatus(Good), f.state(garbage)},
			{"a responder's error page", HaveOCSPStatus(Good), recorded(503, garbage)},
			{"trailing data", HaveOCSPStatus(Good), append(bytes.Clone(good), 0)},
			{"another type", HaveOCSPStatus(Good), "good"},
			{"nil", HaveOCSPStatus(Good), nil},
			{"a nil pointer", HaveOCSPStatus(Good), (*ocsp.Response)(nil)},
			{"a slice", HaveOCSPStatus(Good), []ocsptest.Handshake{asked}},
		},
		"reason": {
			{"another", HaveOCSPReason(Superseded), f.state(revoked)},
			{"negated", HaveOCSPReason("keyCompromise"), f.state(revoked)},
			{"not revoked", HaveOCSPReason(KeyCompromise), f.state(good)},
			{"an error response", HaveOCSPReason(KeyCompromise), f.state(tryLater)},
			{"a nested matcher", HaveOCSPReason(Equal(Superseded)), f.state(revoked)},
			{"an unknown reason", HaveOCSPReason(7), revoked},
			{"an unknown text", HaveOCSPReason("lost"), revoked},
			{"a status", HaveOCSPReason(Revoked), revoked},
		},
		"error": {
			{"another", HaveOCSPError(ocsp.Unauthorized), f.state(tryLater)},
			{"negated", HaveOCSPError("tryLater"), f.state(tryLater)},
			{"not an error response", HaveOCSPError(ocsp.TryLater), f.state(good)},
			{"a nested matcher", HaveOCSPError(BeElementOf(ocsp.Malformed, ocsp.Unauthorized)), tryLater},
			{"success", HaveOCSPError(ocsp.Success), tryLater},
			{"an unknown error", HaveOCSPError(4), tryLater},
			{"an unknown text", HaveOCSPError("try_again"), tryLater},
		},
		"times": {
			{"thisUpdate", HaveOCSPThisUpdate(now), f.state(good)},
			{"thisUpdate, negated", HaveOCSPThisUpdate(now.Add(-time.Hour)), f.state(good)},
			{"thisUpdate, nested", HaveOCSPThisUpdate(BeTemporally(">", now)), f.state(good)},
			{"thisUpdate of an error response", HaveOCSPThisUpdate(now), f.state(tryLater)},
			{"thisUpdate of an unsigned response", HaveOCSPThisUpdate(now), fakeca.Response{}},
			{"nextUpdate", HaveOCSPNextUpdate(now), f.state(good)},
			{"no nextUpdate", HaveOCSPNextUpdate(now), f.state(forever)},
			{"no nextUpdate, nested", HaveOCSPNextUpdate(BeTemporally("<", now)), f.state(forever)},
			{"no nextUpdate expected", HaveOCSPNextUpdate(time.Time{}), f.state(good)},
			{"no nextUpdate not expected", HaveOCSPNextUpdate(time.Time{}), f.state(forever)},
			{"producedAt", HaveOCSPProducedAt("2026-03-01T12:00:00Z"), f.state(good)},
			{"revokedAt", HaveOCSPRevokedAt(now), f.state(revoked)},
			{"revokedAt, not revoked", HaveOCSPRevokedAt(now), f.state(good)},
			{"a zero time", HaveOCSPThisUpdate(time.Time{}), good},
			{"not a time", HaveOCSPThisUpdate("yesterday"), good},
			{"another type", HaveOCSPThisUpdate(1772366400), good},
		},
		"current": {
			{"too late", BeOCSPCurrentAt(now.Add(48 * time.Hour)), f.state(good)},
			{"too early", BeOCSPCurrentAt(now.Add(-90 * time.Minute)), f.state(good)},
			{"negated", BeOCSPCurrentAt(now), f.state(good)},
			{"an error response", BeOCSPCurrentAt(now), f.state(tryLater)},
			{"an unsigned response", BeOCSPCurrentAt(now), fakeca.Response{}},
			{"a zero time", BeOCSPCurrentAt(time.Time{}), good},
		},
		"nonce": {
			{"another", HaveOCSPNonce([]byte{9}), f.state(nonce)},
			{"negated", HaveOCSPNonce([]byte{1, 2, 3}), f.state(nonce)},
			{"none", HaveOCSPNonce([]byte{9}), f.state(good)},
			{"a nested matcher", HaveOCSPNonce(HaveLen(32)), f.state(nonce)},
			{"an error response", HaveOCSPNonce([]byte{9}), f.state(tryLater)},
			{"nil", HaveOCSPNonce(nil), nonce},
			{"another type", HaveOCSPNonce("010203"), nonce},
		},
		"staple": {
			{"none on a connection", HaveOCSPStaple(), f.state(nil)},
			{"none in a handshake", HaveOCSPStaple(HaveOCSPStatus(Good)), handshake},
			{"none in a handshake that failed", HaveOCSPStaple(), unasked},
			{"none in a tls.Certificate", HaveOCSPStaple(), f.leaf.TLS()},
			{"negated", HaveOCSPStaple(), f.state(good)},
			{"negated, in a handshake", HaveOCSPStaple(), asked},
			{"negated, garbage", HaveOCSPStaple(), f.state(garbage)},
			{"the first of two", HaveOCSPStaple(HaveOCSPStatus(Revoked), BeOCSPSignedBy(f.stranger)), f.state(good)},
			{"the second of two", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPSignedBy(f.stranger)), f.state(good)},
			{"two, negated", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPSignedBy(f.ca)), f.state(good)},
			{"a long text", HaveOCSPStaple(Equal(make([]byte, 200))), f.state(good)},
			{"a nested matcher of bytes", HaveOCSPStaple(BeEmpty()), f.state(tryLater)},
			{"a type without staples", HaveOCSPStaple(), recorded(200, good)},
			{"a nil matcher", HaveOCSPStaple(nil), f.state(good)},
			{"And and Not", HaveOCSPStaple(And(HaveOCSPStatus(Good), Not(BeOCSPSignedBy(f.ca)))), f.state(good)},
			{"And and Not, negated", HaveOCSPStaple(And(HaveOCSPStatus(Good), Not(BeOCSPSignedBy(f.stranger)))), f.state(good)},
			{"Not And", HaveOCSPStaple(Not(And(HaveOCSPStatus(Good), BeOCSPFor(f.leaf)))), f.state(good)},
			{"Or", HaveOCSPStaple(Or(HaveOCSPStatus(Revoked), HaveOCSPStatus(Unknown), BeOCSPSignedBy(f.stranger))), f.state(good)},
			{"Or, negated", HaveOCSPStaple(Or(HaveOCSPStatus(Revoked), HaveOCSPStatus(Good))), f.state(good)},
			{"a matcher with a short text", HaveOCSPStaple(foreign{"Expected\n    it\nto be\n    short"}), f.state(good)},
			{"a matcher with a long text", HaveOCSPStaple(foreign{strings.Repeat(strings.Repeat("It is long. ", 20)+"\n", 20)}), f.state(good)},
			{"a function", HaveOCSPStaple(WithTransform(func(der []byte) int { return len(der) }, Equal(7))), f.state(garbage)},
		},
		"signer": {
			{"another CA", BeOCSPSignedBy(f.stranger), f.state(good)},
			{"another CA, bytes", BeOCSPSignedBy(f.stranger), good},
			{"a delegate of it", BeOCSPSignedBy(f.ca), f.state(proxied)},
			{"a delegate of another", BeOCSPSignedBy(f.ca), f.state(cousin)},
			{"negated", BeOCSPSignedBy(f.delegate), f.state(proxied)},
			{"an error response", BeOCSPSignedBy(f.ca), f.state(tryLater)},
			{"an unknown algorithm", BeOCSPSignedBy(f.ca), unknownAlgorithm},
			{"an unsigned response", BeOCSPSignedBy(f.ca), fakeca.Response{}},
			{"a foreign certificate embedded", BeOCSPSignedBy(f.stranger), f.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
				m.Certs = [][]byte{f.leaf.Cert.Raw}
			}})},
			{"nil", BeOCSPSignedBy((*fakeca.CA)(nil)), good},
			{"another type", BeOCSPSignedBy(f.leaf.TLS()), good},
		},
		"names": {
			{"only an organization", HaveOCSPStatus(Revoked), named(pkix.Name{Organization: []string{"Example Ltd"}})},
			{"a line break", HaveOCSPStatus(Revoked), named(pkix.Name{CommonName: "two\nlines"})},
			{"no subject", HaveMustStaple(), &x509.Certificate{DNSNames: []string{"example.test"}, SerialNumber: big.NewInt(1)}},
			{"no name at all", HaveMustStaple(), &x509.Certificate{SerialNumber: big.NewInt(1)}},
			{"by key, another certificate embedded", HaveOCSPStatus(Revoked), f.leaf.Staple(fakeca.Response{
				ByKey: true,
				Edit:  func(m *fakeca.Message) { m.Certs = [][]byte{f.leaf.Cert.Raw} },
			})},
			{"several certificates, one unreadable", HaveOCSPStatus(Revoked), f.leaf.Staple(fakeca.Response{
				Signer: f.delegate,
				Edit: func(m *fakeca.Message) {
					m.Certs = append(m.Certs, f.ca.Cert.Raw, []byte{0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0})
				},
			})},
		},
		"for": {
			{"another serial", BeOCSPFor(f.leaf), f.state(other)},
			{"negated", BeOCSPFor(f.leaf), f.state(good)},
			{"another key", BeOCSPFor(f.leaf), f.state(wrongKey)},
			{"another name", BeOCSPFor(f.leaf.Cert), f.state(wrongName)},
			{"an error response", BeOCSPFor(f.leaf), f.state(tryLater)},
			{"an unsigned response without Serial", BeOCSPFor(f.leaf), fakeca.Response{}},
			{"an unsigned response with another", BeOCSPFor(f.leaf), fakeca.Response{Serial: big.NewInt(1)}},
			{"another type", BeOCSPFor("api.example.test"), good},
		},
		"valid": {
			{"negated", BeValidOCSPFor(f.leaf), f.state(good)},
			{"one rule", BeValidOCSPFor(f.leaf), f.state(f.leaf.Staple(fakeca.Response{ThisUpdate: now.Add(-48 * time.Hour)}))},
			{"two rules", BeValidOCSPFor(f.leaf), f.state(f.leaf.Staple(fakeca.Response{Signer: f.leaf}))},
			{"five rules", BeValidOCSPFor(f.leaf), f.state(f.leaf.Staple(fakeca.Response{
				ThisUpdate: now.Add(-48 * time.Hour), ProducedAt: now.Add(time.Hour),
				Signer: &fakeca.Leaf{Cert: f.stranger.Cert, Key: f.stranger.Key},
			}))},
			{"six rules", BeValidOCSPFor(f.leaf), f.state(f.leaf.Staple(fakeca.Response{
				ThisUpdate: now.Add(time.Hour), NextUpdate: now.Add(-48 * time.Hour),
				Signer: &fakeca.Leaf{Cert: f.stranger.Cert, Key: f.stranger.Key},
			}))},
			{"an error response", BeValidOCSPFor(f.leaf), f.state(tryLater)},
			{"garbage", BeValidOCSPFor(f.leaf), f.state(garbage)},
			{"for another certificate", BeValidOCSPFor(f.leaf), f.state(other)},
			{"the fifth of several", BeValidOCSPFor(f.leaf), f.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{
				{Serial: big.NewInt(2)}, {Serial: big.NewInt(3)}, {Serial: big.NewInt(4)}, {Status: Revoked, NextUpdate: now.Add(-2 * time.Hour)}}})},
			{"a staple among other matchers", HaveOCSPStaple(HaveOCSPStatus(Good), BeValidOCSPFor(f.leaf)), f.state(good)},
			{"no staple", BeValidOCSPFor(f.leaf), f.state(nil)},
			{"an unsigned response", BeValidOCSPFor(f.leaf), fakeca.Response{}},
			{"an unknown issuer", BeValidOCSPFor(f.leaf.Cert), good},
			{"another type", BeValidOCSPFor(f.leaf.TLS()), good},
		},
		"muststaple": {
			{"without", HaveMustStaple(), f.leaf.Cert},
			{"with", HaveMustStaple(), f.mustStaple},
			{"other features", HaveMustStaple(), f.withFeatures(0x30, 0x06, 0x02, 0x01, 0x11, 0x02, 0x01, 0x63)},
			{"malformed", HaveMustStaple(), f.withFeatures(0x02, 0x01, 0x05)},
			{"another type", HaveMustStaple(), good},
			{"a connection without certificates", HaveMustStaple(), tls.ConnectionState{}},
			{"a tls.Certificate that is garbage", HaveMustStaple(), tls.Certificate{Certificate: [][]byte{garbage}}},
		},
		"handshake": {
			{"not asked", HaveAskedForStaple(), unasked},
			{"asked", HaveAskedForStaple(), asked},
			{"a slice", HaveAskedForStaple(), []ocsptest.Handshake{asked, unasked}},
			{"resumed", HaveAskedForStaple(), ocsptest.Handshake{Resumed: true, Version: tls.VersionTLS12}},
			{"got garbage", HaveSentAlert("bad_certificate_status_response"), ocsptest.Handshake{StatusRequest: true, Staple: garbage}},
			{"got nothing", HaveSentAlert("bad_certificate_status_response"), handshake},
			{"another type", HaveAskedForStaple(), f.state(good)},
			{"another alert", HaveSentAlert("certificate_revoked"), alerted},
			{"negated", HaveSentAlert(42), alerted},
			{"no alert", HaveSentAlert("bad_certificate"), asked},
			{"an alert without a name", HaveSentAlert(200), alerted},
			{"a nested matcher", HaveSentAlert(Equal(ocsptest.Alert(44))), alerted},
			{"a matcher of several", HaveSentAlert(BeElementOf(ocsptest.Alert(44), ocsptest.Alert(113))), alerted},
			{"an unknown alert", HaveSentAlert("certificate_revokd"), alerted},
			{"too large", HaveSentAlert(300), alerted},
			{"negative", HaveSentAlert(-1), alerted},
			{"close_notify", HaveSentAlert("close_notify"), alerted},
			{"nil", HaveSentAlert(nil), alerted},
			{"a fraction", HaveSentAlert(1.5), alerted},
		},
		"request": {
			{"another certificate", HaveRequestedOCSPFor(f.mustStaple), asking},
			{"negated", HaveRequestedOCSPFor(f.leaf), asking},
			{"another issuer", HaveRequestedOCSPFor(f.leaf), ocsptest.Request{OCSP: fakeca.NewRequest(f.leaf.Cert.SerialNumber, f.stranger.Cert)}},
			{"several", HaveRequestedOCSPFor(f.mustStaple), many.Marshal()},
			{"not an OCSP request", HaveRequestedOCSPFor(f.leaf), ocsptest.Request{Method: "GET", Path: "/crl/0"}},
			{"not a request", HaveRequestedOCSPFor(f.leaf), garbage},
			{"a slice", HaveRequestedOCSPFor(f.leaf), []ocsptest.Request{asking}},
			{"another type", HaveRequestedOCSPFor(f.leaf), asked},
			{"nil", HaveRequestedOCSPFor(nil), asking},
			{"no nonce", HaveSentNonce([]byte{1}), asking},
			{"another nonce", HaveSentNonce([]byte{1}), many.Marshal()},
			{"a nested matcher", HaveSentNonce(HaveLen(32)), many.Marshal()},
			{"not an OCSP request, nonce", HaveSentNonce(BeNil()), ocsptest.Request{Method: "GET", Path: "/crl/0"}},
		},
	})
}

// A failure is an assertion that fails.
type failure struct {
	name    string
	matcher types.GomegaMatcher
	actual  any
}

// compareTexts compares the failure texts with the golden file of each name.
func compareTexts(t *testing.T, files map[string][]failure) {
	for file, texts := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, c := range texts {
				word, message := text(c.matcher, c.actual)
				lines, most := strings.Split(message, "\n"), maxLines
				if strings.HasSuffix(file, "valid") || c.name == "a matcher with a long text" {
					most += moreLines
				}
				if len(lines) > most {
					t.Errorf("%s: %d lines, more than %d:\n%s", c.name, len(lines), most, message)
				}
				for _, line := range lines {
					if len(line) > maxWidth && len(lines) > 1 {
						t.Errorf("%s: a line of %d bytes, more than %d:\n%s", c.name, len(line), maxWidth, message)
					}
				}
				fmt.Fprintf(&got, "=== %s: %s %s\n%s\n\n", c.name, word, c.matcher.(interface{ GomegaString() string }).GomegaString(), message)
			}
			path := filepath.Join("testdata", file+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s differs; if it is better now, go test -update (-want +got):\n%s", path, diff)
			}
		})
	}
}

// A foreign matcher never matches, and says so with a text of its own.
type foreign struct{ text string }

func (m foreign) Match(any) (bool, error)          { return false, nil }
func (m foreign) FailureMessage(any) string        { return m.text }
func (m foreign) NegatedFailureMessage(any) string { return m.text }

// named returns a response signed by a CA with this name.
func named(subject pkix.Name) []byte {
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return now }), fakeca.WithTemplate(&x509.Certificate{Subject: subject}))
	return ca.Sign(big.NewInt(0x2a), fakeca.Response{})
}
