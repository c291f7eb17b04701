package conformance

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// hangingCases are those in which a client without a time limit hangs.
// TestReferenceIn2049 measures them.
var hangingCases = []string{
	"http/hang", "http/drip", "http/first-hangs", "http/all-hang", "crl/hang",
	"crl-points/first-hanging", "crl-points/first-hanging-revoked", "crl-transport/drip",
}

func (c Case) hangs() bool { return slices.Contains(hangingCases, c.Name) }

func (c Case) hanging() int {
	if c.hangs() {
		return 1
	}
	return 0
}

// test runs a client in the case's world, once or twice.
func (s *suite) test(ctx context.Context, c Case) (Result, error) {
	if ctx.Err() != nil {
		return Result{}, stopped(ctx, c)
	}
	w, err := s.newWorld(c)
	if err != nil {
		return Result{}, err
	}
	defer w.close()
	client := s.newClient()
	if client == nil {
		return Result{}, errors.New("conformance: the function given to WithClientPerCase returned nil")
	}
	connect := func(c Case, when string) (Result, error) {
		before := finished(w.server)
		result := s.run(ctx, c, client, w.server)
		if ctx.Err() != nil {
			return Result{}, stopped(ctx, c)
		}
		result.Case, result.when = c, when
		if result.Got == Accepted {
			if missing := s.role.missing(c, w, finished(w.server)-before); missing != "" {
				result.Got, result.Err = NotRunOutcome, errors.New(missing)
			}
		}
		result.judge(s.policy, w)
		return result, nil
	}
	var result Result
	if c.First != nil {
		result, err = connect(*c.First, " at the first connection")
		if err != nil {
			return result, err
		}
	}
	if result.Severity == NoSeverity && result.Got != UnsupportedOutcome {
		first := result
		if c.First != nil {
			c.scenario.second(w)
			result, err = connect(c, " at the second connection")
		} else {
			result, err = connect(c, "")
		}
		result.Took += first.Took
		result.Slow = result.Slow || first.Slow
	}
	result.Case = c
	s.excuse(&result)
	return result, err
}

func stopped(ctx context.Context, c Case) error {
	return fmt.Errorf("conformance: stopped at %s: %w", c.Name, context.Cause(ctx))
}

// judge fills in what was wanted, and what was seen if the outcome is wrong.
func (r *Result) judge(p Policy, w *world) {
	c := r.Case
	r.Want, r.Because, r.Severity = p.Judge(c)
	right := r.Got.isRight(r.Want)
	switch notApplicable := c.scenario.notApplicable; {
	case r.Got == Hung, r.Got == Panicked, r.Got == NotRunOutcome:
		r.Severity = Liveness
	case r.Got == UnsupportedOutcome, notApplicable != nil && notApplicable(w.leafRequests()):
		r.excused, r.Severity = true, NoSeverity
		return
	case r.Got == Accepted && c.mustAsk(p) && len(w.leafRequests()) == 0:
		r.unasked, r.Severity = true, Security
		r.Because = "only the responder says good, and it was not asked about the leaf"
	case right:
		r.Severity = NoSeverity
		return
	}
	w.server.Close()
	r.Saw = []string{w.server.Report()}
	for _, responder := range w.responders() {
		r.Saw = append(r.Saw, responder.Report())
	}
	r.Files = w.files()
}

// files returns what the client got: the response, the CRL and the chain.
func (w *world) files() map[string][]byte {
	files := make(map[string][]byte)
	for _, responder := range w.responders() {
		for _, r := range responder.Requests() {
			switch {
			case len(r.Response) == 0:
			case r.OCSP != nil:
				files["response.der"] = r.Response
			case strings.Contains(r.Path, "/crl"):
				files["crl.der"] = r.Response
			}
		}
	}
	for _, h := range w.server.Handshakes() {
		if len(h.Staple) > 0 {
			files["response.der"] = h.Staple
		}
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.leaf.Cert.Raw})
	for ca := w.leaf.Issuer; ca != nil; ca = ca.Issuer {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Cert.Raw})...)
	}
	files["chain.pem"] = chain
	return files
}

// mustAsk reports whether the client must accept, and can know that only from the
// responder: several sources speak about the leaf, and no other says good. The
// controls do not demand it.
func (c Case) mustAsk(p Policy) bool {
	if c.isControl() || c.Sources&(c.Sources-1) == 0 || c.Leaf.OCSP != Good || p.sources()&OCSP == 0 {
		return false
	}
	if p.judge(c).verdict != Accept {
		return false
	}
	c.Leaf.OCSP, c.Leaf.NextOCSP = Unreachable, Absent
	return p.judge(c).verdict == Reject
}

// deadlineOf returns how long a client may take for one connection.
func (s *suite) deadlineOf(c Case) time.Duration {
	if c.hangs() {
		return max(s.deadline, s.hangDeadline)
	}
	return s.deadline
}

// run runs the client once.
func (s *suite) run(ctx context.Context, c Case, client Client, server *ocsptest.Server) Result {
	ctx, cancel := context.WithTimeout(ctx, s.deadlineOf(c))
	defer cancel()
	begin := time.Now()
	done := make(chan error, 1)
	go call(ctx, client, server, done)
	result := func(got Outcome, err error) Result {
		took := time.Since(begin)
		return Result{Got: got, Err: err, Took: took, Slow: took > s.deadline && got != Hung}
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

// newWorld returns the world of a case, as the options want it.
func (s *suite) newWorld(c Case) (*world, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	o := s.world
	if s.inMemory {
		o.network = new(ocsptest.Network)
	}
	if c.Untrusted {
		o.root = nil
	}
	return newWorld(c.scenario, o)
}
