package conformance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"net/http"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

var full = flag.Bool("full", false, "run the reference under all policies, and each mutant over all cases")

// suspects returns, for each mutant, the cases in which it may differ from the
// reference: it judged a response or a CRL differently, or decided differently
// about the same connection. With -full these are all cases.
func suspects(t *testing.T, p Policy, all []mutant) map[string][]Case {
	found := make(map[string][]Case)
	for c := range Cases(p) {
		s := newShared(c, all)
		// The mutants need time too.
		if err := c.Test(t.Context(), s.connect, WithInMemoryNetwork(), WithDeadline(time.Hour)); err != nil {
			t.Errorf("the reference: %v", err)
		}
		for _, m := range all {
			if *full || s.differs[m.name] {
				found[m.name] = append(found[m.name], c)
			}
		}
	}
	return found
}

// A shared is the world of one case, in which the reference connects and the
// mutants watch it.
type shared struct {
	c          Case
	mutants    []mutant
	references map[string]*reference // of the mutants that connect themselves; "" for the reference
	asked      map[string]*bool      // whether a mutant asked a responder about the leaf
	differs    map[string]bool
	connected  int // how many times
}

func newShared(c Case, all []mutant) *shared {
	s := &shared{c: c, mutants: all, asked: make(map[string]*bool), differs: make(map[string]bool)}
	r := newReference(c.policy)
	s.references = map[string]*reference{"": r}
	judge, check := r.verify, r.checkCRL
	r.verify = func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		resp, err := judge(o, der, cert, issuer, at)
		for _, m := range all {
			if m.read != nil {
				theirs, theirErr := m.read(judge)(o, der, cert, issuer, at)
				s.compare(m, err, theirErr, err == nil && theirs.Status != resp.Status)
			}
		}
		return resp, err
	}
	r.checkCRL = func(list *x509.RevocationList, issuer *x509.Certificate, point string, at time.Time) error {
		err := check(list, issuer, point, at)
		for _, m := range all {
			if m.review != nil {
				s.compare(m, err, m.review(check)(list, issuer, point, at), false)
			}
		}
		return err
	}
	for _, m := range all {
		s.asked[m.name] = new(bool)
		if m.client != nil {
			mine := newReference(c.policy)
			mine.fetch = s.noting(m, mine.fetch)
			s.references[m.name] = mine
		}
	}
	return s
}

// compare records whether a mutant's result differs from the reference's.
func (s *shared) compare(m mutant, reference, mutant error, otherwise bool) {
	if (reference == nil) != (mutant == nil) || otherwise {
		s.differs[m.name] = true
	}
}

// connect connects with the reference, and then lets each mutant decide about
// the same connection.
func (s *shared) connect(ctx context.Context, srv *ocsptest.Server) error {
	r := *s.references[""]
	var seen *connection
	err := connecting(&r, func(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
		seen = &connection{client: client, state: cs, now: now, verify: judging()}
		r.fetch, r.list = remembering(r.fetch, client, cs), remembering(r.list, client, cs)
		seen.fetch, seen.list = r.fetch, r.list
		return r.check(ctx, client, cs, now)
	})(ctx, srv)
	s.connected++
	mustHaveAsked := s.c.mustHaveAsked() && (s.c.scenario.second == nil || s.connected == 2)
	for _, m := range s.mutants {
		var theirs error
		switch {
		case m.client != nil:
			theirs = m.client(s.references[m.name])(ctx, srv)
		case seen != nil && (m.change != nil || m.check != nil):
			r := newReference(s.c.policy)
			r.verify, r.fetch, r.list = seen.verify, s.noting(m, seen.fetch), seen.list
			theirs = seen.decide(ctx, m.mutate(r))
		default:
			continue
		}
		s.compare(m, err, theirs, errors.Is(theirs, errHung) || theirs == nil && mustHaveAsked && !*s.asked[m.name])
	}
	return err
}

// noting records that a mutant asked about the leaf.
func (s *shared) noting(m mutant, ask askFunc) askFunc {
	return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		if !cert.IsCA {
			*s.asked[m.name] = true
		}
		return ask(ctx, client, cert, issuer, at)
	}
}

// A connection is what the reference saw of a connection.
type connection struct {
	client      *http.Client
	state       tls.ConnectionState
	now         time.Time
	fetch, list askFunc    // ask about each certificate once
	verify      verifyFunc // judges each response once
}

var errHung = errors.New("the client hangs")

// decide returns what a mutant decides about the connection.
func (c *connection) decide(ctx context.Context, check checkFunc) error {
	ctx, cancel := context.WithTimeout(ctx, defaultDeadline)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- check(ctx, c.client, c.state, c.now) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errHung
	}
}

// remembering asks about each certificate of a connection once. A mutant that
// uses another client, or changes the certificate, asks again.
func remembering(ask askFunc, own *http.Client, cs tls.ConnectionState) askFunc {
	type question struct{ cert, issuer *x509.Certificate }
	type result struct {
		resp fakeca.Response
		err  error
	}
	known := make(map[question]result)
	mine := make(map[*x509.Certificate]bool)
	for _, cert := range cs.VerifiedChains[0] {
		mine[cert] = true
	}
	return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		if client != own || !mine[cert] {
			return ask(ctx, client, cert, issuer, at)
		}
		q := question{cert, issuer}
		r, ok := known[q]
		if !ok {
			r.resp, r.err = ask(ctx, client, cert, issuer, at)
			known[q] = r
		}
		return r.resp, r.err
	}
}

// judging judges each response about a certificate once.
func judging() verifyFunc {
	type question struct {
		der, nonce   string
		cert, issuer *x509.Certificate
	}
	type result struct {
		resp fakeca.Response
		err  error
	}
	known := make(map[question]result)
	return func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		q := question{string(der), string(o.Nonce), cert, issuer}
		r, ok := known[q]
		if !ok {
			r.resp, r.err = judge(o, der, cert, issuer, at)
			known[q] = r
		}
		return r.resp, r.err
	}
}
