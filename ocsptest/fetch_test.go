package ocsptest_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A lab is a server that fetches its staple, its responder and their clock.
type lab struct {
	*testing.T
	ca        *fakeca.CA
	responder *ocsptest.Responder
	srv       *ocsptest.Server
}

// inLab runs f with a server of this policy, in a bubble.
func inLab(t *testing.T, policy ocsptest.FetchPolicy, f func(*lab)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := ocsptest.WithNetwork(new(ocsptest.Network))
		l := &lab{T: t, ca: fakeca.New().Intermediate()}
		l.responder = ocsptest.NewResponder(t, l.ca, network)
		l.srv = ocsptest.NewServer(t, ocsptest.WithCA(l.ca), network, ocsptest.WithFetchedStaple(policy))
		f(l)
	})
}

// wants checks what is stapled now.
func (l *lab) wants(want string) {
	l.Helper()
	if got := labtest.Status(labtest.Stapled(l.T, l.srv, tls.VersionTLS13)); got != want {
		l.Errorf("%v: stapled %s, want %s", time.Now(), got, want)
	}
	synctest.Wait() // for a fetch that the handshake began
}

// A week: the staple is refreshed, outlives a short outage, not a long one, and
// shows a revocation after the next refresh.
func TestFetchedStapleForAWeek(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{}, func(l *lab) {
		monday := time.Now()
		at := func(d time.Duration) { time.Sleep(time.Until(monday.Add(d))) }
		day, hour := 24*time.Hour, time.Hour

		for h := range 48 {
			at(time.Duration(h) * hour)
			l.wants("good")
		}
		// A response is valid for 24 hours, from an hour before it is fetched. Half
		// of its life is over 11 hours later: fetches at 0, 11, 22, 33 and 44 hours.
		if got := len(l.responder.Requests()); got != 5 {
			l.Errorf("%d fetches in two days, want 5", got)
		}

		at(2 * day) // an outage of ten hours
		l.responder.SetFault(fault.HTTPError(http.StatusServiceUnavailable))
		at(2*day + 10*hour)
		l.wants("good")
		l.responder.SetFault(fault.None())
		at(2*day + 12*hour)
		l.wants("good")

		at(3 * day) // an outage of a day
		l.responder.SetFault(fault.Hangup())
		at(3*day + 16*hour)
		l.wants("good")
		at(4 * day)
		l.wants("none")
		l.responder.SetFault(fault.None())
		at(4*day + 2*time.Minute)
		l.wants("good")

		at(5 * day)
		before := len(l.srv.Fetches())
		l.srv.Leaf.Revoke(fakeca.KeyCompromise)
		for h := range 12 {
			at(5*day + time.Duration(h)*hour + 30*time.Minute) // between fetches
			want := "good"
			if len(l.srv.Fetches()) > before {
				want = "revoked (key_compromise)"
			}
			l.wants(want)
		}
		at(6 * day)
		l.wants("revoked (key_compromise)")
		if last := l.srv.Fetches()[before]; last.Time.Sub(monday.Add(5*day)) > 12*hour || last.Err != nil {
			l.Errorf("the revocation was fetched at %v: %v", last.Time, last)
		}
	})
}

func TestFetchTimes(t *testing.T) {
	for _, test := range []struct {
		when  ocsptest.FetchTime
		wants [3]string // the first three handshakes; the second after Revoke and a day
	}{
		{ocsptest.FetchAtStart, [3]string{"good", "revoked (superseded)", "revoked (superseded)"}},
		{ocsptest.FetchAtHandshake, [3]string{"none", "revoked (superseded)", "revoked (superseded)"}},
		{ocsptest.FetchInHandshake, [3]string{"good", "revoked (superseded)", "revoked (superseded)"}},
	} {
		t.Run(test.when.String(), func(t *testing.T) {
			inLab(t, ocsptest.FetchPolicy{When: test.when}, func(l *lab) {
				if got, want := len(l.responder.Requests()) > 0, test.when == ocsptest.FetchAtStart; got != want {
					l.Errorf("fetched at start: %v", got)
				}
				l.wants(test.wants[0])
				l.srv.Leaf.Revoke(fakeca.Superseded)
				time.Sleep(24 * time.Hour)
				l.wants(test.wants[1])
				l.wants(test.wants[2])
			})
		})
	}
}

// When the test sets the CA's clock forward, the next handshake finds that a
// fetch is due.
func TestFetchFollowsTheCAsClock(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	ca := fakeca.New(fakeca.WithClock(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}))
	ocsptest.NewResponder(t, ca)
	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake}))
	for _, step := range []struct {
		jump    time.Duration
		fetches int
	}{{0, 1}, {10 * time.Hour, 1}, {2 * time.Hour, 2}, {time.Hour, 2}, {48 * time.Hour, 3}} {
		mu.Lock()
		now = now.Add(step.jump)
		mu.Unlock()
		if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS12)); got != "good" || len(srv.Fetches()) != step.fetches {
			t.Errorf("after %v: stapled %s, %d fetches, want %d", step.jump, got, len(srv.Fetches()), step.fetches)
		}
	}
}

func TestFetchPolicy(t *testing.T) {
	revoke := func(l *lab) { l.srv.Leaf.Revoke(fakeca.KeyCompromise) }
	fail := func(l *lab) { l.responder.SetFault(fault.Reset()) }
	say := func(r fakeca.Response) func(*lab) {
		return func(l *lab) { l.responder.SetFault(fault.Respond(r)) }
	}
	nothing := func(*lab) {}
	for _, test := range []struct {
		name    string
		policy  ocsptest.FetchPolicy
		change  func(*lab)
		after   time.Duration
		want    string
		fetches int // 0: any number
	}{
		{"refreshed at an age", ocsptest.FetchPolicy{RefreshAfter: time.Hour}, revoke, time.Hour + time.Second, "revoked (key_compromise)", 2},
		{"not before that age", ocsptest.FetchPolicy{RefreshAfter: time.Hour}, revoke, time.Hour - time.Second, "good", 1},
		{"never refreshed", ocsptest.FetchPolicy{RefreshAfter: -1}, revoke, 22 * time.Hour, "good", 1},
		{"never refreshed, ends", ocsptest.FetchPolicy{RefreshAfter: -1}, nothing, 24 * time.Hour, "none", 1},
		{"never refreshed, kept", ocsptest.FetchPolicy{RefreshAfter: -1, KeepExpired: true}, nothing, 1000 * time.Hour, "good", 1},
		{"kept through a failure", ocsptest.FetchPolicy{}, fail, 12 * time.Hour, "good", 0},
		{"dropped at a failure", ocsptest.FetchPolicy{DropOnFailure: true}, fail, 12 * time.Hour, "none", 0},
		{"retried", ocsptest.FetchPolicy{RefreshAfter: time.Hour, RetryAfter: 10 * time.Minute}, fail, 100 * time.Minute, "good", 6},
		{"any response: unknown", ocsptest.FetchPolicy{}, say(fakeca.Response{Status: fakeca.Unknown}), 12 * time.Hour, "unknown", 0},
		{"any response: an error", ocsptest.FetchPolicy{}, say(fakeca.Response{Error: ocsp.TryLater}), 12 * time.Hour,
			"server_failed (try later)", 0},
		{"good only: good", ocsptest.FetchPolicy{GoodOnly: true}, nothing, 12 * time.Hour, "good", 2},
		{"good only: revoked", ocsptest.FetchPolicy{GoodOnly: true}, revoke, 12 * time.Hour, "none", 0},
		{"good only: an error", ocsptest.FetchPolicy{GoodOnly: true}, say(fakeca.Response{Error: ocsp.TryLater}), 12 * time.Hour, "none", 0},
		{"good only: expired", ocsptest.FetchPolicy{GoodOnly: true}, func(l *lab) {
			say(fakeca.Response{ThisUpdate: time.Now().AddDate(0, 0, -8)})(l)
		}, 12 * time.Hour, "none", 0},
		{"good only: another serial", ocsptest.FetchPolicy{GoodOnly: true}, func(l *lab) {
			say(fakeca.Response{Serial: l.ca.Cert.SerialNumber})(l)
		}, 12 * time.Hour, "none", 0},
		{"good only: forged", ocsptest.FetchPolicy{GoodOnly: true}, say(fakeca.Response{Mutate: func(der []byte) []byte {
			der[len(der)-1] ^= 1
			return der
		}}), 12 * time.Hour, "none", 0},
		{"good only: garbage", ocsptest.FetchPolicy{GoodOnly: true}, func(l *lab) {
			l.responder.SetFault(fault.Body("application/ocsp-response", []byte("garbage")))
		}, 12 * time.Hour, "none", 0},
		{"by GET", ocsptest.FetchPolicy{GET: true}, revoke, 12 * time.Hour, "revoked (key_compromise)", 2},
		{"no nextUpdate", ocsptest.FetchPolicy{}, func(l *lab) {
			l.ca.Set(l.srv.Leaf.Cert.SerialNumber, fakeca.Response{Forever: true})
		}, 14 * time.Hour, "good", 5}, // at 0, 11, 12, 13 and 14 hours
	} {
		t.Run(test.name, func(t *testing.T) {
			inLab(t, test.policy, func(l *lab) {
				l.wants("good")
				test.change(l)
				time.Sleep(test.after)
				synctest.Wait()
				l.wants(test.want)
				if got := len(l.srv.Fetches()); test.fetches != 0 && got != test.fetches {
					l.Errorf("%d fetches, want %d", got, test.fetches)
				}
				for _, req := range l.responder.Requests() {
					if got := req.Method == http.MethodGet; got != test.policy.GET || len(req.Irregularities) > 0 || req.OCSP == nil {
						l.Errorf("asked: %v", req)
					}
				}
			})
		})
	}
}

func TestFetchFails(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault fault.Fault
		want  string // in the error
	}{
		{"HTTP", fault.HTTPError(500), "the responder said 500 Internal Server Error"},
		{"empty", fault.EmptyBody(), "the response is empty"},
		{"huge", fault.HugeBody(1 << 20), "the response is larger than 64 KiB"},
		{"reset", fault.Reset(), "connection reset by peer"},
		{"short", fault.LongContentLength(), "unexpected EOF"},
		{"silence", fault.Hang(), "context deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inLab(t, ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake, Timeout: 3 * time.Second}, func(l *lab) {
				l.responder.SetFault(test.fault)
				begin := time.Now()
				l.wants("none")
				took := time.Since(begin)
				if silent := test.name == "silence"; silent != (took == 3*time.Second) || !silent && took != 0 {
					l.Errorf("took %v", took)
				}
				f := l.srv.Fetches()
				if len(f) != 1 || f[0].Response != nil || f[0].Err == nil || !strings.Contains(f[0].Err.Error(), test.want) {
					l.Errorf("fetched %v, want the error %q", f, test.want)
				}
			})
		})
	}
}

// The first responder refuses connections, the second responds.
func TestFetchAsksTheNextResponder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := ocsptest.WithNetwork(new(ocsptest.Network))
		ca := fakeca.New()
		second := ocsptest.NewResponder(t, ca, network)
		leaf := ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, OCSPServer: []string{"http://127.0.0.1:9", second.URL}})
		srv := ocsptest.NewServer(t, ocsptest.WithLeaf(leaf), network, ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{}))
		if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != "good" {
			t.Errorf("stapled %s", got)
		}
		if f := srv.Fetches(); len(f) != 2 || f[0].Err == nil || f[1].Err != nil || f[1].URL != second.URL {
			t.Errorf("fetched %v", f)
		}
	})
}

func TestFetchIsOverriddenBySetStaple(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{}, func(l *lab) {
		l.wants("good")
		l.srv.SetStaple(fakeca.Response{Status: fakeca.Unknown})
		l.wants("unknown")
		l.srv.SetRawStaple(nil)
		l.wants("none")
	})
}

// Close ends a fetch that hangs.
func TestCloseEndsAFetch(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{When: ocsptest.FetchAtHandshake, Timeout: time.Hour}, func(l *lab) {
		l.responder.SetFault(fault.Hang())
		l.wants("none")
		begin := time.Now()
		l.srv.Close()
		if took := time.Since(begin); took != 0 {
			l.Errorf("Close took %v", took)
		}
	})
}

func TestFetchesAreCopies(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{}, func(l *lab) {
		first := l.srv.Fetches()
		clear(first[0].Response)
		if again := l.srv.Fetches(); bytes.Equal(again[0].Response, first[0].Response) {
			l.Error("a caller changed the record")
		}
		l.wants("good")
	})
	if got := ocsptest.NewUnstartedServer().Fetches(); got != nil {
		t.Errorf("a server that fetches nothing has fetched %v", got)
	}
}

func TestFetchString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fetch ocsptest.Fetch
		want  string
	}{
		{ocsptest.Fetch{URL: "http://ocsp.test", Response: []byte{0x30, 3, 0x0a, 1, 3}}, "from http://ocsp.test: server_failed (try later)"},
		{ocsptest.Fetch{URL: "http://ocsp.test", Err: io.EOF}, "from http://ocsp.test: failed: EOF"},
		{ocsptest.Fetch{URL: "u", Response: []byte{0x30, 3, 0x0a, 1, 3}, Err: errors.New("it says server_failed")},
			"from u: server_failed (try later): failed: it says server_failed"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, test.fetch.String()); diff != "" || test.fetch.GomegaString() != test.want {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if !bytes.Equal(test.fetch.OCSPResponse(), test.fetch.Response) {
			t.Error("OCSPResponse is not the response")
		}
	}
	if got := ocsptest.FetchTime(9).String(); got != "FetchTime(9)" {
		t.Error(got)
	}
}

func TestBadFetchOptions(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	plain := ca.Leaf()
	named := fakeca.New(fakeca.WithOCSPServer("http://127.0.0.1:9")).Leaf()
	tests := []struct {
		name string
		opts []ocsptest.Option
		want string
	}{
		{"no responder", []ocsptest.Option{ocsptest.WithLeaf(plain), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{})},
			"ocsptest: WithFetchedStaple: the leaf names no responder; issue it after NewResponder(t, ca)"},
		{"no such time", []ocsptest.Option{ocsptest.WithLeaf(named), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{When: 7})},
			"ocsptest: WithFetchedStaple: When is FetchTime(7); use FetchAtStart, FetchAtHandshake or FetchInHandshake"},
		{"two staples", []ocsptest.Option{ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{}), ocsptest.WithoutStaple()},
			"ocsptest: WithFetchedStaple(...) and WithoutStaple() both set the staple; give one of them"},
	}
	for _, test := range tests {
		tb := new(labtest.TB)
		ocsptest.NewServer(tb, test.opts...)
		if diff := cmp.Diff([]string{test.want}, tb.Logged()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// Close ends the fetches that handshakes wait for.
func TestCloseEndsFetchesInHandshakes(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake, RetryAfter: 1, Timeout: time.Hour}, func(l *lab) {
		l.responder.SetFault(fault.Hang())
		for range 5 {
			go labtest.Connect(l.srv, labtest.ClientConfig(l.srv, tls.VersionTLS13))
		}
		synctest.Wait()
		begin := time.Now()
		l.srv.Close()
		if took := time.Since(begin); took != 0 {
			l.Errorf("Close took %v", took)
		}
	})
}

// Handshakes that wait for one fetch do not each make their own.
func TestHandshakesShareAFetch(t *testing.T) {
	inLab(t, ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake}, func(l *lab) {
		l.responder.SetFault(fault.Delay(time.Second))
		var clients sync.WaitGroup
		for range 10 {
			clients.Go(func() {
				c, err := labtest.Connect(l.srv, labtest.ClientConfig(l.srv, tls.VersionTLS13))
				if err != nil {
					l.Error(err)
					return
				}
				defer c.Close()
				if got := labtest.Status(c.OCSPResponse()); got != "good" {
					l.Errorf("stapled %s", got)
				}
			})
		}
		clients.Wait()
		if got := len(l.srv.Fetches()); got != 1 {
			l.Errorf("%d fetches", got)
		}
	})
}

// A response that is already old, or that has no times, is not fetched again
// before RetryAfter.
func TestFetchWaitsForRetryAfter(t *testing.T) {
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when bubbles begin
	for _, test := range []struct {
		name string
		said fakeca.Response
	}{
		{"past half of its life", fakeca.Response{ThisUpdate: midnight.Add(-23 * time.Hour), NextUpdate: midnight.Add(time.Hour)}},
		{"expired", fakeca.Response{ThisUpdate: midnight.AddDate(0, -1, 0)}},
		{"an error", fakeca.Response{Error: ocsp.TryLater}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inLab(t, ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake, RetryAfter: time.Minute}, func(l *lab) {
				l.responder.SetFault(fault.Respond(test.said))
				begin := time.Now()
				for _, step := range []struct {
					at      time.Duration
					fetches int
				}{{0, 1}, {0, 1}, {59 * time.Second, 1}, {60 * time.Second, 2}, {61 * time.Second, 2}} {
					time.Sleep(time.Until(begin.Add(step.at)))
					labtest.Stapled(l.T, l.srv, tls.VersionTLS13)
					if got := len(l.srv.Fetches()); got != step.fetches {
						l.Errorf("after %v: %d fetches, want %d", step.at, got, step.fetches)
					}
				}
			})
		})
	}
}

// After Reset, a server fetches as after its start.
func TestResetFetchesAgain(t *testing.T) {
	for _, test := range []struct {
		when  ocsptest.FetchTime
		first string
	}{
		{ocsptest.FetchAtStart, "revoked (superseded)"},
		{ocsptest.FetchAtHandshake, "none"},
		{ocsptest.FetchInHandshake, "revoked (superseded)"},
	} {
		t.Run(test.when.String(), func(t *testing.T) {
			inLab(t, ocsptest.FetchPolicy{When: test.when}, func(l *lab) {
				labtest.Stapled(l.T, l.srv, tls.VersionTLS13)
				synctest.Wait()
				l.srv.Leaf.Revoke(fakeca.Superseded)
				l.srv.SetStaple(fakeca.Response{Status: fakeca.Unknown})
				l.srv.FollowRecord()
				l.wants("good") // it is not time to fetch again
				l.srv.Reset()
				l.wants(test.first)
				if got := len(l.srv.Fetches()); got != 1 {
					l.Errorf("%d fetches", got)
				}
			})
		})
	}
}
