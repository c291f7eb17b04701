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

// A ClientFunc makes one connection to s with the client under test. It returns
// nil if the client accepted the server, and the client's own error if not;
// failures print that error. It may run a command. If it panics, the case fails.
type ClientFunc func(ctx context.Context, s *ocsptest.Server) error

// Run runs a client against each server of the catalogue, in parallel. Each case
// is a subtest, so that -run selects cases.
func Run(t *testing.T, p Policy, client ClientFunc, opts ...Option) {
	if t == nil {
		panic("conformance: Run needs a test, not nil; outside of tests call Check")
	}
	t.Helper()
	s, err := prepare(p, client, opts)
	if err != nil {
		t.Fatal(err)
	}
	for c := range Cases(p) {
		t.Run(c.Name, func(t *testing.T) {
			if reason, ok := s.skipped(c); ok {
				t.Skip(reason)
			}
			t.Parallel()
			if err := c.test(t.Context(), client, s); err != nil {
				pattern := strings.ReplaceAll("^"+t.Name()+"$", "/", "$/^")
				t.Errorf("%v\nrun this case: go test -run '%s'", err, pattern)
			}
		})
	}
}

// Check runs a client against the servers of the catalogue, one after the other.
// It returns nil or the failures, joined: a [*CaseError] for each. It stops when
// ctx is done.
func Check(ctx context.Context, p Policy, client ClientFunc, opts ...Option) error {
	s, err := prepare(p, client, opts)
	if err != nil {
		return err
	}
	var errs []error
	for c := range Cases(p) {
		if _, ok := s.skipped(c); ok {
			continue
		}
		errs = append(errs, c.test(ctx, client, s))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// Test runs a client against the case's server. It returns nil or a [*CaseError],
// unless an argument is wrong or ctx is done.
func (c Case) Test(ctx context.Context, client ClientFunc, opts ...Option) error {
	s, err := prepare(c.policy, client, opts)
	if err != nil {
		return err
	}
	return c.test(ctx, client, s)
}

// prepare checks the arguments of Run, Check and Test.
func prepare(p Policy, client ClientFunc, opts []Option) (*suite, error) {
	if client == nil {
		return nil, errors.New("conformance: the client is nil; pass a function that connects to the server")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return newSuite(opts)
}

func (c Case) test(ctx context.Context, client ClientFunc, s *suite) error {
	var network *ocsptest.Network
	if s.inMemory {
		network = new(ocsptest.Network)
	}
	w, err := c.newWorld(network)
	if err != nil {
		return err
	}
	defer w.close()
	connect := func(want expectation) error {
		got := s.run(ctx, client, w.server)
		if ctx.Err() != nil {
			return fmt.Errorf("conformance: stopped at %s: %w", c.Name, context.Cause(ctx))
		}
		return c.judge(w, want, got)
	}
	want := expectation{verdict: c.Want, request: c.mustHaveAsked(), deadline: s.deadline}
	if c.scenario.second != nil {
		before := expectation{verdict: c.scenario.firstWant(c.policy), deadline: s.deadline, connection: " at the first connection"}
		if err := connect(before); err != nil {
			return err
		}
		c.scenario.second(w)
		want.connection = " at the second connection"
	}
	return connect(want)
}

// An outcome is what a client did.
type outcome struct {
	verdict Verdict
	err     error // the client's
}

// run runs the client once.
func (s *suite) run(ctx context.Context, client ClientFunc, server *ocsptest.Server) outcome {
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	done := make(chan error, 1)
	go call(ctx, client, server, done)
	select {
	case err := <-done:
		switch {
		case ctx.Err() != nil, !returned(err):
			return outcome{Hung, err}
		case err != nil:
			return outcome{Reject, err}
		}
		return outcome{Accept, nil}
	case <-ctx.Done():
	}
	// A client that heeds its context will return soon.
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case err := <-done:
		return outcome{Hung, err}
	case <-grace.C:
		return outcome{Hung, ctx.Err()}
	}
}

// call calls a client and sends its error, also if it does not return.
func call(ctx context.Context, client ClientFunc, server *ocsptest.Server, done chan<- error) {
	err := errExited
	defer func() {
		if value := recover(); value != nil {
			err = newPanicError(value)
		}
		done <- err
	}()
	err = client(ctx, server)
}

// returned reports whether the client returned, rather than panic or exit.
func returned(err error) bool {
	_, panicked := err.(*panicError)
	return !panicked && err != errExited
}
