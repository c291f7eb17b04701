package matchers_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
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

// TestErrorsFailBothWays shows that there is no way to pass without an answer.
func TestErrorsFailBothWays(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
	}{
		{"no staple", HaveOCSPStatus(Revoked), w.state(nil)},
		{"garbage", HaveOCSPStatus(Revoked), []byte("garbage")},
		{"another type", HaveOCSPStatus(Revoked), 42},
		{"bad expectation", HaveOCSPStatus("godo"), w.leaf.Staple(fakeca.Response{})},
		{"bad expectation, nested", HaveOCSPStaple(HaveOCSPStatus("godo")), w.leaf.Staple(fakeca.Response{})},
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
					t.Errorf("%q, want the error alone: %q", text, err)
				}
			}
		})
	}
}

// TestMismatches shows that a mismatch fails one way.
func TestMismatches(t *testing.T) {
	t.Parallel()
	w := newWorld()
	got := failures(func(g Gomega) {
		g.Expect(w.state(nil)).NotTo(HaveOCSPStaple())
		g.Expect(w.leaf.Staple(fakeca.Response{})).NotTo(HaveOCSPReason(KeyCompromise))
		g.Expect(w.leaf.Staple(fakeca.Response{Status: ServerFailed})).NotTo(HaveOCSPStatus(Good))
	})
	if len(got) != 0 {
		t.Errorf("failures: %q", got)
	}
}

// TestEventually shows that Eventually waits on what may change, and on nothing
// else. In the bubble a wait of an hour is none, and told by its clock.
func TestEventually(t *testing.T) {
	t.Parallel()
	w := newWorld()
	good := w.leaf.Staple(fakeca.Response{})
	conn := w.dial(t, good)
	state := w.state(good)
	pair := keyPair(w.leaf, good)
	described := reread(t, good)
	for _, c := range []struct {
		name   string
		actual any
		waits  bool
	}{
		{"bytes", good, false},
		{"fakeca.Response", described, false},
		{"pointer to fakeca.Response", &described, false},
		{"x/crypto", parsed(t, good), false},
		{"tls.ConnectionState", state, false},
		{"pointer to tls.ConnectionState", &state, false},
		{"tls.Certificate", pair, false},
		{"pointer to tls.Certificate", &pair, false},
		{"http.Response", w.get(t, good), false},
		{"connection after its handshake", conn, false},
		{"handshake", ocsptest.Handshake{Staple: good}, false},
		{"pointer to handshake", &ocsptest.Handshake{Staple: good}, false},
		{"another type", 42, false},
		{"nil", nil, false},
		{"nil pointer", (*carrier)(nil), false},
		{"recorder", recorded(200, good), true},
		{"foreign type", &carrier{good}, true},
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

// A late carrier has its answer from the third time on.
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
	w := newWorld()
	der := w.leaf.Staple(revoked)
	synctest.Test(t, func(t *testing.T) {
		NewWithT(t).Eventually(&late{der: der}).Should(HaveOCSPStatus(Revoked))
		NewWithT(t).Eventually(&late{der: der}).Should(HaveOCSPStaple(HaveOCSPStatus(Revoked)))
	})
}

// TestSharing shows one matcher to many answers at once; the race detector and
// the texts tell whether it keeps anything.
func TestSharing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	shared := HaveOCSPStaple(BeOCSPFor(w.leaf), HaveOCSPStatus(Good), HaveOCSPThisUpdate(BeTemporally("<", now)))
	for _, c := range []struct {
		name, want string
		response   fakeca.Response
	}{
		{"revoked", "\n    revoked (key_compromise) since", revoked},
		{"unknown", "\n    unknown\n", fakeca.Response{Status: Unknown}},
		{"not yet valid", "to match in its thisUpdate:", fakeca.Response{ThisUpdate: now.Add(time.Hour)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			state := w.state(w.leaf.Staple(c.response))
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

// TestInsideOthers shows how a matcher prints inside of Gomega's.
func TestInsideOthers(t *testing.T) {
	t.Parallel()
	got := failures(func(g Gomega) {
		g.Expect([]ocsptest.Handshake{{}}).To(ContainElement(HaveSentAlert("certificate_revoked")))
	})
	if len(got) != 1 || !strings.Contains(got[0], `HaveSentAlert("certificate_revoked")`) {
		t.Errorf("%q", got)
	}
}
