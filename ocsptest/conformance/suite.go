package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A ClientFunc has a client connect to a server once. It returns nil if the
// client went on, and an error if it refused: the client's own, so that it is
// seen whether "expired" is reported as "revoked". It may run a command.
type ClientFunc func(ctx context.Context, s *ocsptest.Server) error

// A SuiteOption is a setting of [Run] and [Check].
type SuiteOption interface {
	applyToSuite(*suite)
	String() string
}

type suite struct {
	deadline time.Duration
	skips    []skip
	network  bool
	ownClock bool
}

type skip struct{ name, reason string }

type suiteOption struct {
	text string
	set  func(*suite)
}

func (o suiteOption) applyToSuite(s *suite) { o.set(s) }
func (o suiteOption) String() string        { return o.text }

// Skip leaves out a case, or a group of cases, by its name: "times/expired" or
// "times". The reason is printed.
func Skip(name, reason string) SuiteOption {
	return suiteOption{fmt.Sprintf("Skip(%q, %q)", name, reason), func(s *suite) { s.skips = append(s.skips, skip{name, reason}) }}
}

// WithDeadline sets how long a client may take for one connection. The default
// is ten seconds. A client that takes longer hangs.
func WithDeadline(d time.Duration) SuiteOption {
	return suiteOption{fmt.Sprintf("WithDeadline(%v)", d), func(s *suite) { s.deadline = d }}
}

// InMemory runs each case on a [Network] of its own, for clients that connect
// with [Server.DialContext].
func InMemory() SuiteOption {
	return suiteOption{"InMemory()", func(s *suite) { s.network = true }}
}

// OwnClock leaves out the cases in which the CA's clock is put forward, for
// clients that go by their own, as commands do. Others take the time of
// [Server.TLSClientConfig].
func OwnClock() SuiteOption {
	return suiteOption{"OwnClock()", func(s *suite) { s.ownClock = true }}
}

func newSuite(opts []SuiteOption) *suite {
	s := &suite{deadline: 10 * time.Second}
	for _, o := range opts {
		o.applyToSuite(s)
	}
	return s
}

// skipped returns why a case is left out, or "".
func (s *suite) skipped(c Case) string {
	if s.ownClock && c.scenario.untimely {
		return "the client goes by its own clock, and this is about the CA's"
	}
	for _, skip := range s.skips {
		if c.Name == skip.name || strings.HasPrefix(c.Name, skip.name+"/") {
			return skip.reason
		}
	}
	return ""
}

// Run runs a client through the catalogue: a subtest for each case, in parallel,
// so that -run picks one.
func Run(t *testing.T, p Policy, client ClientFunc, opts ...SuiteOption) {
	t.Helper()
	s := newSuite(opts)
	for c := range Cases(p) {
		t.Run(c.Name, func(t *testing.T) {
			if reason := s.skipped(c); reason != "" {
				t.Skip(reason)
			}
			t.Parallel()
			if err := c.test(t.Context(), client, s); err != nil {
				t.Errorf("%v\nalone: go test -run '%s'", err, strings.ReplaceAll("^"+t.Name()+"$", "/", "$/^"))
			}
		})
	}
}

// Check runs a client through the catalogue, one case after the other, and
// returns what it got wrong, joined: a [*CaseError] for each case. It stops when
// ctx is done.
func Check(ctx context.Context, p Policy, client ClientFunc, opts ...SuiteOption) error {
	s := newSuite(opts)
	if err := p.check(); err != nil {
		return err
	}
	var errs []error
	for c := range Cases(p) {
		if ctx.Err() != nil {
			return errors.Join(append(errs, fmt.Errorf("ocsptest: stopped at %s: %w", c.Name, ctx.Err()))...)
		}
		if s.skipped(c) == "" {
			errs = append(errs, c.test(ctx, client, s))
		}
	}
	return errors.Join(errs...)
}

// Start starts the case's server, with its responder, and closes both when the
// test ends. It is for suites that judge for themselves, as a DescribeTable
// does. Of a case in which a client connects twice, it is the world of the first
// connection.
func (c Case) Start(t ocsptest.TB) *ocsptest.Server {
	t.Helper()
	w, err := newWorld(c.scenario, nil)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	for _, r := range w.responders() {
		t.Cleanup(func() {
			r.Close()
			r.LogIfFailed(t)
		})
	}
	t.Cleanup(func() {
		w.server.Close()
		w.server.LogIfFailed(t)
	})
	return w.server
}

// Test runs a client through the case. The error, if any, is a [*CaseError].
func (c Case) Test(ctx context.Context, client ClientFunc, opts ...SuiteOption) error {
	return c.test(ctx, client, newSuite(opts))
}

// Which connection it is, of two.
const first, second = "the first connection", "the second connection"

func (c Case) test(ctx context.Context, client ClientFunc, s *suite) error {
	var network *ocsptest.Network
	if s.network {
		network = new(ocsptest.Network)
	}
	w, err := newWorld(c.scenario, network)
	if err != nil {
		return err
	}
	defer w.close()
	if c.scenario.then != nil {
		before := c.scenario.first(c.policy)
		if err := c.judge(w, first, before, s.connect(ctx, client, w)); err != nil {
			return err
		}
		c.scenario.then(w)
		return c.judge(w, second, c.Want, s.connect(ctx, client, w))
	}
	return c.judge(w, "", c.Want, s.connect(ctx, client, w))
}

// An outcome is what a client made of a server.
type outcome struct {
	verdict Verdict
	err     error // of the client
}

// connect has the client connect once.
func (s *suite) connect(ctx context.Context, client ClientFunc, w *world) outcome {
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- client(ctx, w.server) }()
	select {
	case err := <-done:
		switch {
		case ctx.Err() != nil:
			return outcome{Hung, err}
		case err != nil:
			return outcome{Reject, err}
		}
		return outcome{Accept, nil}
	case <-ctx.Done():
	}
	// A client that heeds its context is on its way out.
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case err := <-done:
		return outcome{Hung, err}
	case <-grace.C:
		return outcome{Hung, ctx.Err()}
	}
}

// A CaseError is a case that a client got wrong.
type CaseError struct {
	Case Case
	Got  Verdict
	Err  error // of the client; nil if it accepted

	when string // which connection, of two
	why  string
	saw  []string // what the server and the responders saw
}

// Unwrap returns the client's error.
func (e *CaseError) Unwrap() error { return e.Err }

// Error tells what is wrong with the server, what the client made of it, why
// that matters, and what was seen.
func (e *CaseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the client %s", e.Case.Name, deeds[e.Got])
	if e.when != "" {
		fmt.Fprintf(&b, " at %s", e.when)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " (%s)", indented(e.Err.Error()))
	}
	fmt.Fprintf(&b, ", and %s\n    what:   %s\n    why:    %s", e.why, e.Case.Doc, e.Case.Ref)
	if len(e.Case.Seen) > 0 {
		fmt.Fprintf(&b, "; seen in %s", strings.Join(e.Case.Seen, ", "))
	}
	fmt.Fprintf(&b, "\n    policy: %v", e.Case.policy)
	for _, report := range e.saw {
		b.WriteString("\n    " + indented(strings.TrimPrefix(report, "ocsptest: ")))
	}
	return b.String()
}

func indented(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") }

var deeds = map[Verdict]string{Accept: "accepted", Reject: "rejected", Hung: "did not come to an end"}

// judge compares what a client did with what it was to do.
func (c Case) judge(w *world, when string, want Verdict, got outcome) error {
	e := &CaseError{Case: c, Got: got.verdict, Err: got.err, when: when}
	if c.scenario.excused != nil && got.verdict != Hung && c.scenario.excused(w.asked()) {
		return nil
	}
	switch {
	case got.verdict == Hung:
		e.why = "should have"
	case want != Either && got.verdict != want:
		e.why = "should have " + deeds[want]
	case got.verdict == Accept && when != first && c.mustHaveAsked() && len(w.asked()) == 0:
		e.why = "should have asked the responder first"
	default:
		return nil
	}
	w.server.Close()
	e.saw = []string{w.server.Report()}
	for _, r := range w.responders() {
		e.saw = append(e.saw, r.Report())
	}
	return e
}

// mustHaveAsked says whether accepting is right only if the responder was asked:
// nothing but its answer is good.
func (c Case) mustHaveAsked() bool {
	s, p := c.scenario, c.policy
	if !p.Fetch || !p.HardFail || s.want != nil || s.fetched != good || !p.NoStaple && s.staple == good {
		return false
	}
	return !p.NoStaple && s.staple != dubious || p.NoStaple
}

var loopback = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
