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

const mostLines = 7

// mostRules is how many lines more there are where violations have one each.
const mostRules = 5

// TestTexts compares every failure text with its golden file, by eye worth
// reading as a whole.
func TestTexts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	var (
		good     = w.leaf.Staple(fakeca.Response{})
		revoked  = w.leaf.Staple(revoked)
		byKey    = w.leaf.Staple(fakeca.Response{ByKey: true})
		forever  = w.leaf.Staple(fakeca.Response{Forever: true})
		tryLater = w.leaf.Staple(fakeca.Response{Error: ocsp.TryLater})
		proxied  = w.leaf.Staple(fakeca.Response{Signer: w.delegate})
		foreign  = w.leaf.Staple(fakeca.Response{Signer: w.stranger.OCSPSigner(&x509.Certificate{SerialNumber: big.NewInt(0x31), PublicKey: key(8)})})
		other    = w.leaf.Staple(fakeca.Response{Serial: big.NewInt(0x99)})
		nonce    = w.leaf.Staple(fakeca.Response{Nonce: []byte{1, 2, 3}})
		several  = w.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{
			{Status: Revoked}, {Serial: big.NewInt(2)}, {Serial: big.NewInt(3), Status: Unknown}, {Serial: big.NewInt(4)}}})
		wrongKey = w.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.IssuerKeyHash = make([]byte, 20)
		}})
		wrongName = w.leaf.Staple(fakeca.Response{Hash: crypto.SHA256, Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.IssuerNameHash = make([]byte, 32)
		}})
		unknownAlgorithm = w.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.SignatureAlgorithm.Algorithm = []int{1, 2, 3}
		}})
		garbage = []byte("<html>busy</html>")
		again   = w.state(revoked)

		asked   = handshake
		alerted = handshake
		unasked = ocsptest.Handshake{ServerName: "api.example.test", Err: errors.New("EOF")}
	)
	asking := ocsptest.Request{Method: "POST", OCSP: fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert)}
	many := fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert)
	many.SetNonce([]byte("nonce"))
	for serial := range int64(4) {
		many.List = append(many.List, fakeca.SingleRequest{CertID: fakeca.NewCertID(big.NewInt(serial), w.ca.Cert, crypto.SHA256)})
	}
	again.DidResume = true
	asked.Staple = good
	alerted.Staple, alerted.Alert = revoked, 42

	type failure struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
	}
	for file, texts := range map[string][]failure{
		"status": {
			{"a staple", HaveOCSPStatus(Revoked), w.state(good)},
			{"a staple, negated", HaveOCSPStatus(Revoked), w.state(revoked)},
			{"bytes", HaveOCSPStatus(Revoked), good},
			{"an error response", HaveOCSPStatus(Good), w.state(tryLater)},
			{"an error response in bytes", HaveOCSPStatus(Good), tryLater},
			{"a resumed connection", HaveOCSPStatus(Good), again},
			{"a handshake on the server", HaveOCSPStatus(Revoked), asked},
			{"a responder", HaveOCSPStatus(Revoked), recorded(200, good)},
			{"a description", HaveOCSPStatus(Revoked), fakeca.Response{}},
			{"several single responses", HaveOCSPStatus(Good), w.state(several)},
			{"a staple for another certificate", HaveOCSPStatus(Unknown), w.state(other)},
			{"by key, known", HaveOCSPStatus(Revoked), w.state(byKey)},
			{"by key, not known", HaveOCSPStatus(Revoked), byKey},
			{"a delegate", HaveOCSPStatus(Revoked), w.state(proxied)},
			{"a nested matcher", HaveOCSPStatus(BeElementOf(Good, Unknown)), w.state(revoked)},
			{"a nested matcher, negated", HaveOCSPStatus(BeElementOf(Good, Revoked)), w.state(revoked)},
			{"not a status", HaveOCSPStatus("godo"), good},
			{"no such status", HaveOCSPStatus(7), good},
			{"a reason", HaveOCSPStatus(KeyCompromise), good},
			{"an error", HaveOCSPStatus(ocsp.TryLater), good},
			{"another type", HaveOCSPStatus(1.5), good},
		},
		"actual": {
			{"no staple on a connection", HaveOCSPStatus(Good), w.state(nil)},
			{"no staple in a handshake", HaveOCSPStatus(Good), handshake},
			{"no staple in a tls.Certificate", HaveOCSPStatus(Good), w.leaf.TLS()},
			{"no bytes", HaveOCSPStatus(Good), []byte(nil)},
			{"garbage", HaveOCSPStatus(Good), w.state(garbage)},
			{"a responder's error page", HaveOCSPStatus(Good), recorded(503, garbage)},
			{"trailing data", HaveOCSPStatus(Good), append(bytes.Clone(good), 0)},
			{"another type", HaveOCSPStatus(Good), "good"},
			{"nil", HaveOCSPStatus(Good), nil},
			{"a nil pointer", HaveOCSPStatus(Good), (*ocsp.Response)(nil)},
			{"a slice", HaveOCSPStatus(Good), []ocsptest.Handshake{asked}},
		},
		"reason": {
			{"another", HaveOCSPReason(Superseded), w.state(revoked)},
			{"negated", HaveOCSPReason("keyCompromise"), w.state(revoked)},
			{"not revoked", HaveOCSPReason(KeyCompromise), w.state(good)},
			{"an error response", HaveOCSPReason(KeyCompromise), w.state(tryLater)},
			{"a nested matcher", HaveOCSPReason(Equal(Superseded)), w.state(revoked)},
			{"no such reason", HaveOCSPReason(7), revoked},
			{"no such text", HaveOCSPReason("lost"), revoked},
			{"a status", HaveOCSPReason(Revoked), revoked},
		},
		"error": {
			{"another", HaveOCSPError(ocsp.Unauthorized), w.state(tryLater)},
			{"negated", HaveOCSPError("tryLater"), w.state(tryLater)},
			{"no error response", HaveOCSPError(ocsp.TryLater), w.state(good)},
			{"a nested matcher", HaveOCSPError(BeElementOf(ocsp.Malformed, ocsp.Unauthorized)), tryLater},
			{"success", HaveOCSPError(ocsp.Success), tryLater},
			{"no such error", HaveOCSPError(4), tryLater},
			{"no such text", HaveOCSPError("try again"), tryLater},
		},
		"times": {
			{"thisUpdate", HaveOCSPThisUpdate(now), w.state(good)},
			{"thisUpdate, negated", HaveOCSPThisUpdate(now.Add(-time.Hour)), w.state(good)},
			{"thisUpdate, nested", HaveOCSPThisUpdate(BeTemporally(">", now)), w.state(good)},
			{"thisUpdate of an error response", HaveOCSPThisUpdate(now), w.state(tryLater)},
			{"thisUpdate of a description", HaveOCSPThisUpdate(now), fakeca.Response{}},
			{"nextUpdate", HaveOCSPNextUpdate(now), w.state(good)},
			{"no nextUpdate", HaveOCSPNextUpdate(now), w.state(forever)},
			{"no nextUpdate, nested", HaveOCSPNextUpdate(BeTemporally("<", now)), w.state(forever)},
			{"no nextUpdate expected", HaveOCSPNextUpdate(time.Time{}), w.state(good)},
			{"no nextUpdate not expected", HaveOCSPNextUpdate(time.Time{}), w.state(forever)},
			{"producedAt", HaveOCSPProducedAt("2026-03-01T12:00:00Z"), w.state(good)},
			{"revokedAt", HaveOCSPRevokedAt(now), w.state(revoked)},
			{"revokedAt, not revoked", HaveOCSPRevokedAt(now), w.state(good)},
			{"a zero time", HaveOCSPThisUpdate(time.Time{}), good},
			{"not a time", HaveOCSPThisUpdate("yesterday"), good},
			{"another type", HaveOCSPThisUpdate(1772366400), good},
		},
		"current": {
			{"too late", BeOCSPCurrentAt(now.Add(48 * time.Hour)), w.state(good)},
			{"too early", BeOCSPCurrentAt(now.Add(-90 * time.Minute)), w.state(good)},
			{"negated", BeOCSPCurrentAt(now), w.state(good)},
			{"an error response", BeOCSPCurrentAt(now), w.state(tryLater)},
			{"a description", BeOCSPCurrentAt(now), fakeca.Response{}},
			{"a zero time", BeOCSPCurrentAt(time.Time{}), good},
		},
		"nonce": {
			{"another", HaveOCSPNonce([]byte{9}), w.state(nonce)},
			{"negated", HaveOCSPNonce([]byte{1, 2, 3}), w.state(nonce)},
			{"none", HaveOCSPNonce([]byte{9}), w.state(good)},
			{"a nested matcher", HaveOCSPNonce(HaveLen(32)), w.state(nonce)},
			{"an error response", HaveOCSPNonce([]byte{9}), w.state(tryLater)},
			{"nil", HaveOCSPNonce(nil), nonce},
			{"another type", HaveOCSPNonce("010203"), nonce},
		},
		"staple": {
			{"none on a connection", HaveOCSPStaple(), w.state(nil)},
			{"none in a handshake", HaveOCSPStaple(HaveOCSPStatus(Good)), handshake},
			{"none in a handshake that failed", HaveOCSPStaple(), unasked},
			{"none in a tls.Certificate", HaveOCSPStaple(), w.leaf.TLS()},
			{"negated", HaveOCSPStaple(), w.state(good)},
			{"negated, in a handshake", HaveOCSPStaple(), asked},
			{"negated, garbage", HaveOCSPStaple(), w.state(garbage)},
			{"the first of two", HaveOCSPStaple(HaveOCSPStatus(Revoked), BeOCSPSignedBy(w.stranger)), w.state(good)},
			{"the second of two", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPSignedBy(w.stranger)), w.state(good)},
			{"two, negated", HaveOCSPStaple(HaveOCSPStatus(Good), BeOCSPSignedBy(w.ca)), w.state(good)},
			{"a long text", HaveOCSPStaple(Equal(make([]byte, 200))), w.state(good)},
			{"a nested matcher of bytes", HaveOCSPStaple(BeEmpty()), w.state(tryLater)},
			{"what carries no staple", HaveOCSPStaple(), recorded(200, good)},
			{"a nil matcher", HaveOCSPStaple(nil), w.state(good)},
		},
		"signer": {
			{"another CA", BeOCSPSignedBy(w.stranger), w.state(good)},
			{"another CA, bytes", BeOCSPSignedBy(w.stranger), good},
			{"a delegate of it", BeOCSPSignedBy(w.ca), w.state(proxied)},
			{"a delegate of another", BeOCSPSignedBy(w.ca), w.state(foreign)},
			{"negated", BeOCSPSignedBy(w.delegate), w.state(proxied)},
			{"an error response", BeOCSPSignedBy(w.ca), w.state(tryLater)},
			{"an algorithm that is not known", BeOCSPSignedBy(w.ca), unknownAlgorithm},
			{"a description", BeOCSPSignedBy(w.ca), fakeca.Response{}},
			{"a foreign certificate embedded", BeOCSPSignedBy(w.stranger), w.leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
				m.Certs = [][]byte{w.leaf.Cert.Raw}
			}})},
			{"nil", BeOCSPSignedBy((*fakeca.CA)(nil)), good},
			{"another type", BeOCSPSignedBy(w.leaf.TLS()), good},
		},
		"names": {
			{"only an organization", HaveOCSPStatus(Revoked), named(pkix.Name{Organization: []string{"Example Ltd"}})},
			{"a line break", HaveOCSPStatus(Revoked), named(pkix.Name{CommonName: "two\nlines"})},
			{"no subject", HaveMustStaple(), &x509.Certificate{DNSNames: []string{"example.test"}, SerialNumber: big.NewInt(1)}},
			{"no name at all", HaveMustStaple(), &x509.Certificate{SerialNumber: big.NewInt(1)}},
			{"by key, another certificate embedded", HaveOCSPStatus(Revoked), w.leaf.Staple(fakeca.Response{ByKey: true, Edit: func(m *fakeca.Message) {
				m.Certs = [][]byte{w.leaf.Cert.Raw}
			}})},
			{"several certificates, one unreadable", HaveOCSPStatus(Revoked), w.leaf.Staple(fakeca.Response{Signer: w.delegate, Edit: func(m *fakeca.Message) {
				m.Certs = append(m.Certs, w.ca.Cert.Raw, []byte{0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0})
			}})},
		},
		"for": {
			{"another serial", BeOCSPFor(w.leaf), w.state(other)},
			{"negated", BeOCSPFor(w.leaf), w.state(good)},
			{"another key", BeOCSPFor(w.leaf), w.state(wrongKey)},
			{"another name", BeOCSPFor(w.leaf.Cert), w.state(wrongName)},
			{"an error response", BeOCSPFor(w.leaf), w.state(tryLater)},
			{"a description without Serial", BeOCSPFor(w.leaf), fakeca.Response{}},
			{"a description with another", BeOCSPFor(w.leaf), fakeca.Response{Serial: big.NewInt(1)}},
			{"another type", BeOCSPFor("api.example.test"), good},
		},
		"valid": {
			{"negated", BeValidOCSPFor(w.leaf), w.state(good)},
			{"one rule", BeValidOCSPFor(w.leaf), w.state(w.leaf.Staple(fakeca.Response{ThisUpdate: now.Add(-48 * time.Hour)}))},
			{"two rules", BeValidOCSPFor(w.leaf), w.state(w.leaf.Staple(fakeca.Response{Signer: w.leaf}))},
			{"five rules", BeValidOCSPFor(w.leaf), w.state(w.leaf.Staple(fakeca.Response{
				ThisUpdate: now.Add(-48 * time.Hour), ProducedAt: now.Add(time.Hour),
				Signer: &fakeca.Leaf{Cert: w.stranger.Cert, Key: w.stranger.Key},
			}))},
			{"six rules", BeValidOCSPFor(w.leaf), w.state(w.leaf.Staple(fakeca.Response{
				ThisUpdate: now.Add(time.Hour), NextUpdate: now.Add(-48 * time.Hour),
				Signer: &fakeca.Leaf{Cert: w.stranger.Cert, Key: w.stranger.Key},
			}))},
			{"an error response", BeValidOCSPFor(w.leaf), w.state(tryLater)},
			{"garbage", BeValidOCSPFor(w.leaf), w.state(garbage)},
			{"for another certificate", BeValidOCSPFor(w.leaf), w.state(other)},
			{"the fifth of several", BeValidOCSPFor(w.leaf), w.leaf.Staple(fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{
				{Serial: big.NewInt(2)}, {Serial: big.NewInt(3)}, {Serial: big.NewInt(4)}, {Status: Revoked, NextUpdate: now.Add(-2 * time.Hour)}}})},
			{"a staple among other matchers", HaveOCSPStaple(HaveOCSPStatus(Good), BeValidOCSPFor(w.leaf)), w.state(good)},
			{"no staple", BeValidOCSPFor(w.leaf), w.state(nil)},
			{"a description", BeValidOCSPFor(w.leaf), fakeca.Response{}},
			{"an issuer that is not known", BeValidOCSPFor(w.leaf.Cert), good},
			{"another type", BeValidOCSPFor(w.leaf.TLS()), good},
		},
		"muststaple": {
			{"without", HaveMustStaple(), w.leaf.Cert},
			{"with", HaveMustStaple(), w.mustStaple},
			{"other features", HaveMustStaple(), w.withFeatures(0x30, 0x06, 0x02, 0x01, 0x11, 0x02, 0x01, 0x63)},
			{"malformed", HaveMustStaple(), w.withFeatures(0x02, 0x01, 0x05)},
			{"another type", HaveMustStaple(), good},
			{"a connection without certificates", HaveMustStaple(), tls.ConnectionState{}},
		},
		"handshake": {
			{"did not ask", HaveAskedForStaple(), unasked},
			{"asked", HaveAskedForStaple(), asked},
			{"a slice", HaveAskedForStaple(), []ocsptest.Handshake{asked, unasked}},
			{"resumed", HaveAskedForStaple(), ocsptest.Handshake{Resumed: true, Version: tls.VersionTLS12}},
			{"got garbage", HaveSentAlert("bad_certificate_status_response"), ocsptest.Handshake{StatusRequest: true, Staple: garbage}},
			{"got nothing", HaveSentAlert("bad_certificate_status_response"), handshake},
			{"another type", HaveAskedForStaple(), w.state(good)},
			{"another alert", HaveSentAlert("certificate_revoked"), alerted},
			{"negated", HaveSentAlert(42), alerted},
			{"no alert", HaveSentAlert("bad_certificate"), asked},
			{"an alert without a name", HaveSentAlert(200), alerted},
			{"a nested matcher", HaveSentAlert(Equal(ocsptest.Alert(44))), alerted},
			{"no such alert", HaveSentAlert("certificate_revokd"), alerted},
			{"too large", HaveSentAlert(300), alerted},
			{"negative", HaveSentAlert(-1), alerted},
			{"close_notify", HaveSentAlert("close_notify"), alerted},
			{"nil", HaveSentAlert(nil), alerted},
			{"no alert at all", HaveSentAlert(1.5), alerted},
		},
		"request": {
			{"another certificate", HaveRequestedOCSPFor(w.mustStaple), asking},
			{"negated", HaveRequestedOCSPFor(w.leaf), asking},
			{"another issuer", HaveRequestedOCSPFor(w.leaf), ocsptest.Request{OCSP: fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.stranger.Cert)}},
			{"many", HaveRequestedOCSPFor(w.mustStaple), many.Marshal()},
			{"no OCSP request", HaveRequestedOCSPFor(w.leaf), ocsptest.Request{Method: "GET", Path: "/crl/0"}},
			{"bytes that are none", HaveRequestedOCSPFor(w.leaf), garbage},
			{"a slice", HaveRequestedOCSPFor(w.leaf), []ocsptest.Request{asking}},
			{"another type", HaveRequestedOCSPFor(w.leaf), asked},
			{"for nobody", HaveRequestedOCSPFor(nil), asking},
			{"no nonce", HaveSentNonce([]byte{1}), asking},
			{"another nonce", HaveSentNonce([]byte{1}), many.Marshal()},
			{"a nested matcher", HaveSentNonce(HaveLen(32)), many.Marshal()},
			{"the nonce of no request", HaveSentNonce(BeNil()), ocsptest.Request{Method: "GET", Path: "/crl/0"}},
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, c := range texts {
				word, message := text(c.matcher, c.actual)
				most := mostLines
				if file == "valid" {
					most += mostRules
				}
				if n := strings.Count(message, "\n") + 1; n > most {
					t.Errorf("%s: %d lines, more than %d:\n%s", c.name, n, most, message)
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

// named is an answer that a CA of this name signed.
func named(subject pkix.Name) []byte {
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return now }), fakeca.WithTemplate(&x509.Certificate{Subject: subject}))
	return ca.Sign(big.NewInt(0x2a), fakeca.Response{})
}
