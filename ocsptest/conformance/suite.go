package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A Client is the client under test.
type Client interface {
	// Connect makes one connection to s. It returns nil if the client accepted
	// the server, and the client's own error if not; failures print that error.
	// It may run a command. If it panics, the case fails.
	Connect(ctx context.Context, s *ocsptest.Server) error
}

// A ClientFunc is a [Client] that is a function.
type ClientFunc func(ctx context.Context, s *ocsptest.Server) error

// Connect calls f.
func (f ClientFunc) Connect(ctx context.Context, s *ocsptest.Server) error { return f(ctx, s) }

// Run runs a client against each server of the catalogue that its policy can
// tell from a control. Each case is a subtest, so that -run selects cases. It
// ends with the sum of the report in one line.
func Run(t *testing.T, p Policy, client Client, opts ...Option) {
	if t == nil {
		panic("conformance: Run needs a test, not nil; outside of tests call Check")
	}
	t.Helper()
	s, err := prepare(p, client, opts)
	if err != nil {
		t.Fatal(err)
	}
	for c := range Cases() {
		if !c.judges(p) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			if reason, ok := s.skipped(c); ok {
				t.Skip(reason)
			}
			t.Parallel()
			result, err := c.test(t.Context(), p, client, s)
			switch {
			case err != nil:
				t.Error(err)
			case result.Failed():
				pattern := strings.ReplaceAll("^"+t.Name()+"$", "/", "$/^")
				t.Errorf("%v\nrun this case: go test -run '%s'", &CaseError{result, p}, pattern)
			}
		})
	}
}

// Check runs a client against the servers of the catalogue that its policy can
// tell from a control. It returns what the client did in each case. The error is
// about the arguments, or ctx is done.
func Check(ctx context.Context, p Policy, client Client, opts ...Option) (*Report, error) {
	s, err := prepare(p, client, opts)
	if err != nil {
		return nil, err
	}
	report := &Report{Policy: p}
	for c := range Cases() {
		if !c.judges(p) {
			report.LeftOut++
			continue
		}
		if _, ok := s.skipped(c); ok {
			continue
		}
		result, err := c.test(ctx, p, client, s)
		if err != nil {
			return report, err
		}
		report.Results = append(report.Results, result)
	}
	return report, nil
}

// Test runs a client against the case's server. The error is about the
// arguments, or ctx is done.
func (c Case) Test(ctx context.Context, p Policy, client Client, opts ...Option) (Result, error) {
	s, err := prepare(p, client, opts)
	if err != nil {
		return Result{}, err
	}
	return c.test(ctx, p, client, s)
}

// prepare checks the arguments of Run, Check and Test.
func prepare(p Policy, client Client, opts []Option) (*suite, error) {
	if f, ok := client.(ClientFunc); client == nil || ok && f == nil {
		return nil, errors.New("conformance: the client is nil; pass a ClientFunc that connects to the server")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return newSuite(opts)
}

// test runs a client in the case's world, once or twice.
func (c Case) test(ctx context.Context, p Policy, client Client, s *suite) (Result, error) {
	var network *ocsptest.Network
	if s.inMemory {
		network = new(ocsptest.Network)
	}
	w, err := c.newWorld(network)
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	connect := func(c Case, when string) (Result, error) {
		result := s.run(ctx, client, w.server)
		if ctx.Err() != nil {
			return Result{}, fmt.Errorf("conformance: stopped at %s: %w", c.Name, context.Cause(ctx))
		}
		result.Case, result.when = c, when
		result.judge(p, w)
		return result, nil
	}
	if c.First == nil {
		return connect(c, "")
	}
	first, err := connect(*c.First, " at the first connection")
	if err != nil || first.Severity != NoSeverity {
		first.Case = c
		return first, err
	}
	c.scenario.second(w)
	return connect(c, " at the second connection")
}

// judge fills in what was wanted, and what was seen if the outcome is wrong.
func (r *Result) judge(p Policy, w *world) {
	c := r.Case
	r.Want, r.Because, r.Severity = p.Judge(c)
	right := r.Got.isRight(r.Want)
	switch notApplicable := c.scenario.notApplicable; {
	case r.Got == Hung, r.Got == Panicked:
		r.Severity = Liveness
	case r.Got == UnsupportedOutcome, notApplicable != nil && notApplicable(w.leafRequests()):
		r.Severity = NoSeverity
		return
	case right && r.Got == Accepted && c.mustAsk(p) && len(w.leafRequests()) == 0:
		r.unasked, r.Severity = true, Security
	case right:
		r.Severity = NoSeverity
		return
	}
	w.server.Close()
	r.Saw = []string{w.server.Report()}
	for _, responder := range w.responders() {
		r.Saw = append(r.Saw, responder.Report())
	}
}

// mustAsk reports whether accepting is right only if the client asked the
// responder about the leaf: other sources speak, and none of them says good.
func (c Case) mustAsk(p Policy) bool {
	if c.scenario.asks == false || p.sources()&OCSP == 0 {
		return false
	}
	c.Leaf.OCSP, c.Leaf.NextOCSP = Unreachable, Absent
	return p.judge(c).verdict == Reject
}

// run runs the client once.
func (s *suite) run(ctx context.Context, client Client, server *ocsptest.Server) Result {
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	begin := time.Now()
	done := make(chan error, 1)
	go call(ctx, client, server, done)
	result := func(got Outcome, err error) Result {
		return Result{Got: got, Err: err, Took: time.Since(begin)}
	}
	select {
	case err := <-done:
		switch {
		case !returned(err):
			return result(Panicked, err)
		case ctx.Err() != nil:
			return result(Hung, err)
		}
		return result(outcomeOf(err), err)
	case <-ctx.Done():
	}
	// A client that heeds its context will return soon.
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case err := <-done:
		return result(Hung, err)
	case <-grace.C:
		return result(Hung, ctx.Err())
	}
}

// outcomeOf returns what the error of a client that returned means.
func outcomeOf(err error) Outcome {
	if err == nil {
		return Accepted
	}
	if _, ok := errors.AsType[notRunError](err); ok {
		return NotRunOutcome
	}
	if _, ok := errors.AsType[unsupportedError](err); ok {
		return UnsupportedOutcome
	}
	return Rejected
}

// call calls a client and sends its error, also if it does not return.
func call(ctx context.Context, client Client, server *ocsptest.Server, done chan<- error) {
	err := errExited
	defer func() {
		if value := recover(); value != nil {
			err = newPanicError(value)
		}
		done <- err
	}()
	err = client.Connect(ctx, server)
}

// returned reports whether the client returned, rather than panic or exit.
func returned(err error) bool {
	_, panicked := err.(*panicError)
	return !panicked && err != errExited
}
