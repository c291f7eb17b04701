package matchers_test

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// failures returns what the assertions of run report.
func failures(run func(Gomega)) []string {
	var texts []string
	run(NewGomega(func(message string, _ ...int) { texts = append(texts, message) }))
	return texts
}

// TestErrorsFailBothWays shows that nothing passes without a response.
func TestErrorsFailBothWays(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
	}{
		{"no staple", HaveOCSPStatus(Revoked), f.state(nil)},
		{"garbage", HaveOCSPStatus(Revoked), []byte("garbage")},
		{"another type", HaveOCSPStatus(Revoked), 42},
		{"bad expectation", HaveOCSPStatus("godo"), f.leaf.Staple(fakeca.Response{})},
		{"not a CRL", HaveCRLEntry(f.leaf), f.leaf.Staple(fakeca.Response{})},
		{"bad expectation, nested", HaveOCSPStaple(HaveOCSPStatus("godo")), f.leaf.Staple(fakeca.Response{})},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := c.matcher.Match(c.actual)
			if err == nil {
				t.Fatal("no error")
			}
			got := failures(func(g Gomega) {
				g.Expect(c.actual).To(c.matcher)
				g.Expect(c.actual).NotTo(c.matcher)
				g.Expect(c.actual).To(Not(c.matcher))
			})
			if len(got) != 3 {
				t.Fatalf("%d failures, want 3: %q", len(got), got)
			}
			for _, text := range got {
				if text != err.Error() {
					t.Errorf("%q, want only the error: %q", text, err)
				}
			}
		})
	}
}

// TestMismatches shows that a mismatch passes NotTo.
func TestMismatches(t *testing.T) {
	t.Parallel()
	f := newFixture()
	got := failures(func(g Gomega) {
		g.Expect(f.state(nil)).NotTo(HaveOCSPStaple())
		g.Expect(f.leaf.Staple(fakeca.Response{})).NotTo(HaveOCSPReason(KeyCompromise))
		g.Expect(f.leaf.Staple(fakeca.Response{Status: ServerFailed})).NotTo(HaveOCSPStatus(Good))
	})
	if len(got) != 0 {
		t.Errorf("failures: %q", got)
	}
}

// TestEventually shows that Eventually waits only for values that may change. It
// measures the wait with the fake clock of a synctest bubble.
func TestEventually(t *testing.T) {
	t.Parallel()
	f := newFixture()
	good := f.leaf.Staple(fakeca.Response{})
	conn := f.dial(t, good)
	state := f.state(good)
	pair := keyPair(f.leaf, good)
	unsigned := reread(t, good)
	for _, c := range []struct {
		name   string
		actual any
		waits  bool
	}{
		{"bytes", good, false},
		{"fakeca.Response", unsigned, false},
		{"pointer to fakeca.Response", &unsigned, false},
		{"x/crypto", parsed(t, good), false},
		{"tls.ConnectionState", state, false},
		{"pointer to tls.ConnectionState", &state, false},
		{"tls.Certificate", pair, false},
		{"pointer to tls.Certificate", &pair, false},
		{"http.Response", f.get(t, good), false},
		{"connection after its handshake", conn, false},
		{"handshake", ocsptest.Handshake{Staple: good}, false},
		{"pointer to handshake", &ocsptest.Handshake{Staple: good}, false},
		{"another type", 42, false},
		{"nil", nil, false},
		{"nil pointer", (*holder)(nil), false},
		{"recorder", recorded(200, good), true},
		{"foreign type", &holder{good}, true},
		{"function", func() []byte { return good }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := failures(func(g Gomega) {
					g.Eventually(c.actual).WithTimeout(time.Hour).WithPolling(time.Minute).Should(HaveOCSPStatus(Revoked))
				})
				if len(got) != 1 {
					t.Fatalf("%d failures, want 1: %q", len(got), got)
				}
				if waited := time.Since(start) > 0; waited != c.waits {
					t.Errorf("waited: %v, want %v:\n%s", waited, c.waits, got[0])
				}
				if early := strings.Contains(got[0], "No future change is possible"); early == c.waits {
					t.Errorf("gave up early: %v, want %v:\n%s", early, !c.waits, got[0])
				}
			})
		})
	}
}

// TestEventuallyCRL shows the same for a CRL.
func TestEventuallyCRL(t *testing.T) {
	t.Parallel()
	f := newFixture()
	list := f.crl(fakeca.CRL{})
	for _, c := range []struct {
		name   string
		actual any
		waits  bool
	}{
		{"bytes", list, false},
		{"x509.RevocationList", parsedCRL(t, list), false},
		{"fakeca.CRLMessage", *crlMessage(t, list), false},
		{"http.Response", served(200, bytes.NewReader(list)), false},
		{"request", ocsptest.Request{Response: list}, false},
		{"recorder", recorded(200, list), true},
		{"function", func() []byte { return list }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := failures(func(g Gomega) {
					g.Eventually(c.actual).WithTimeout(time.Hour).WithPolling(time.Minute).Should(HaveCRLNumber(8))
				})
				if len(got) != 1 {
					t.Fatalf("%d failures, want 1: %q", len(got), got)
				}
				if waited := time.Since(start) > 0; waited != c.waits {
					t.Errorf("waited: %v, want %v:\n%s", waited, c.waits, got[0])
				}
			})
		})
	}
}

// A late holder returns its response from the third call on.
type late struct {
	der   []byte
	asked atomic.Int32
}

func (l *late) OCSPResponse() []byte {
	if l.asked.Add(1) < 3 {
		return nil
	}
	return l.der
}

func TestEventuallyMatches(t *testing.T) {
	t.Parallel()
	f := newFixture()
	der := f.leaf.Staple(revoked)
	synctest.Test(t, func(t *testing.T) {
		NewWithT(t).Eventually(&late{der: der}).Should(HaveOCSPStatus(Revoked))
		NewWithT(t).Eventually(&late{der: der}).Should(HaveOCSPStaple(HaveOCSPStatus(Revoked)))
	})
}

// TestSharing uses one matcher for many responses at once. The race detector and
// the texts show that it has no state.
func TestSharing(t *testing.T) {
	t.Parallel()
	f := newFixture()
	shared := HaveOCSPStaple(BeOCSPFor(f.leaf), HaveOCSPStatus(Good), HaveOCSPThisUpdate(BeTemporally("<", now)))
	for _, c := range []struct {
		name, want string
		response   fakeca.Response
	}{
		{"revoked", "\n    revoked (key_compromise) since", revoked},
		{"unknown", "\n    unknown, for", fakeca.Response{Status: Unknown}},
		{"not yet valid", "to have a thisUpdate matching", fakeca.Response{ThisUpdate: now.Add(time.Hour)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			state := f.state(f.leaf.Staple(c.response))
			for range 50 {
				if got := outcomeOf(shared, state); got != mismatch {
					t.Fatal(got)
				}
				if text := shared.FailureMessage(state); !strings.Contains(text, c.want) {
					t.Fatalf("no %q in\n%s", c.want, text)
				}
			}
		})
	}
}

// TestInsideOthers shows that Gomega's matchers print ours as calls.
func TestInsideOthers(t *testing.T) {
	t.Parallel()
	f := newFixture()
	good := f.leaf.Staple(fakeca.Response{})
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    string
	}{
		{"ContainElement", ContainElement(HaveSentAlert("certificate_revoked")), []ocsptest.Handshake{{}},
			`HaveSentAlert("certificate_revoked")`},
		{"Or", Or(HaveOCSPStatus(Revoked), HaveOCSPReason(Superseded)), good,
			"[HaveOCSPStatus(revoked) HaveOCSPReason(superseded)]"},
		{"Or of a CRL", Or(HaveCRLNumber(8), BeDeltaCRL(), HaveCRLEntry(f.mustStaple, HaveOCSPReason(Superseded))), f.crl(fakeca.CRL{}),
			"[HaveCRLNumber(8) BeDeltaCRL() HaveCRLEntry(CN=strict.example.test, HaveOCSPReason(superseded))]"},
		{"Not And", Not(And(HaveOCSPStatus(Good), HaveOCSPStaple())), good,
			"[HaveOCSPStatus(good) HaveOCSPStaple()]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := failures(func(g Gomega) { g.Expect(c.actual).To(c.matcher) })
			if len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("%q, want one with %q", got, c.want)
			}
		})
	}
}

// TestNames shows that Gomega prints names, not numbers, also inside slices.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values any
		want   string
	}{
		{[]fakeca.Status{Good, Unknown}, "[good, unknown]"},
		{[]fakeca.Reason{KeyCompromise, Superseded}, "[key_compromise, superseded]"},
		{[]ocsptest.Alert{10, 44}, "[unexpected_message, certificate_revoked]"},
	} {
		if got := format.Object(c.values, 0); !strings.Contains(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
