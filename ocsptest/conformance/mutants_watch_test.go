package conformance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

var full = flag.Bool("full", false, "run each mutant and each option in every case")

// A pair is a mutant under one of its policies.
type pair struct {
	mutant string
	policy Policy
}

func (p pair) String() string { return p.mutant + ", under " + p.policy.String() }

// watch runs one world of a case, in which the reference decides under every
// policy, and fails the test if it gets the case wrong. Mutants decide about the
// same connections, each under its policies. watch returns the pairs that differ:
// they judged a response or a CRL in another way, or decided in another way.
// Mutants that connect themselves are not watched.
func watch(t *testing.T, c Case, mutants []mutant) map[pair]bool {
	w, err := c.newWorld(new(ocsptest.Network))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	s := &watched{
		c: c, w: w, mutants: mutants, sessions: tls.NewLRUClientSessionCache(0),
		asked: make(map[pair]*bool), differs: make(map[pair]bool),
	}
	if c.First != nil {
		s.c = *c.First
		s.connect(t, false)
		s.c = c
		c.scenario.second(w)
	}
	s.connect(t, true)
	return s.differs
}

// A watched is the world of one case.
type watched struct {
	c        Case
	w        *world
	mutants  []mutant
	sessions tls.ClientSessionCache
	asked    map[pair]*bool // whether a pair asked a responder about the leaf
	differs  map[pair]bool
}

// connect connects once, with a client that accepts, and lets everybody decide.
func (s *watched) connect(t *testing.T, last bool) {
	seen := &connection{}
	cfg := s.w.server.TLSClientConfig()
	cfg.ClientSessionCache = s.sessions
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		seen.client, seen.state, seen.now = httpClient(s.w.server), cs, cfg.Time()
		return nil
	}
	err := get(t.Context(), s.w.server, cfg)
	if (err != nil) != s.c.Untrusted {
		t.Fatalf("%s: %v", s.c.Name, err)
	}
	if s.c.Untrusted {
		return // nobody gets as far as to decide
	}
	seen.remember()
	s.checkReference(t, seen)
	for _, m := range s.mutants {
		for _, p := range m.policies {
			if m.client == nil && s.c.judges(p) {
				s.compare(t, m, p, seen, last)
			}
		}
	}
}

// checkReference checks what the reference decides under every policy.
func (s *watched) checkReference(t *testing.T, seen *connection) {
	for p := range legalPolicies() {
		if !s.c.judges(p) {
			continue
		}
		want := p.judge(s.c)
		got := Accept
		err := seen.reference(t.Context(), p)
		if err != nil {
			got = Reject
		}
		if got&want.verdict == 0 && (s.c.scenario.notApplicable == nil || !s.c.scenario.notApplicable(s.w.leafRequests())) {
			t.Errorf("%s, under %v: the reference: %v (%v), want %v: %s%s", s.c.Name, p, got, err, want.verdict, want.accept, want.reject)
			return // one policy is enough
		}
	}
}

// compare notes whether a mutant differs from the reference.
func (s *watched) compare(t *testing.T, m mutant, p Policy, seen *connection, last bool) {
	key := pair{m.name, p}
	if s.asked[key] == nil {
		s.asked[key] = new(bool)
	}
	ours := seen.reference(t.Context(), p)
	switch {
	case m.read != nil:
		s.differs[key] = s.differs[key] || seen.readsOtherwise(m.read)
		return
	case m.review != nil:
		s.differs[key] = s.differs[key] || seen.reviewsOtherwise(m.review)
		return
	}
	r := seen.newReference(p)
	r.fetch = s.noting(key, r.fetch)
	theirs := decide(t.Context(), seen, m.mutate(r))
	unasked := last && theirs == nil && s.c.mustAsk(p) && !*s.asked[key]
	if (ours == nil) != (theirs == nil) || errors.Is(theirs, errHung) || unasked {
		s.differs[key] = true
	}
}

// noting records that a pair asked about the leaf.
func (s *watched) noting(key pair, ask askFunc) askFunc {
	return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
		*s.asked[key] = *s.asked[key] || chain[0].Equal(s.w.leaf.Cert)
		return ask(ctx, client, chain, at)
	}
}

var errHung = errors.New("the client hangs")

// decide returns what a check decides about a connection.
func decide(ctx context.Context, c *connection, check checkFunc) error {
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

// A connection is what a client saw of one. Each response is judged once, and
// each certificate is asked about once, whoever decides.
type connection struct {
	client      *http.Client
	state       tls.ConnectionState
	now         time.Time
	fetch, list askFunc

	responses map[responseQuestion]answered
	crls      []crlQuestion
}

type (
	responseQuestion struct {
		der, nonce   string
		cert, issuer *x509.Certificate
	}
	crlQuestion struct {
		options      verify.Options
		lists        [][]byte
		cert, issuer *x509.Certificate
		at           time.Time
		said         answered
	}
	answered struct {
		options verify.Options
		resp    fakeca.Response
		err     error
	}
)

// remember prepares a connection that was seen.
func (c *connection) remember() {
	c.responses = make(map[responseQuestion]answered)
	r := &reference{verify: c.verify, crls: c.judgeCRLs}
	c.fetch = remembering(func(
		ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time,
	) (fakeca.Response, error) {
		return askResponders(ctx, client, chain, at, r.verify)
	}, c.client, c.state)
	c.list = remembering(func(
		ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time,
	) (fakeca.Response, error) {
		return askCRLs(ctx, client, chain, at, r.crls)
	}, c.client, c.state)
}

// newReference returns a reference that uses what is remembered.
func (c *connection) newReference(p Policy) *reference {
	r := newReference(p)
	r.verify, r.fetch, r.list = c.verify, c.fetch, c.list
	return r
}

// reference returns what the reference decides.
func (c *connection) reference(ctx context.Context, p Policy) error {
	return c.newReference(p).check(ctx, c.client, c.state, c.now)
}

// verify is judge, once for each response and its options.
func (c *connection) verify(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	q := responseQuestion{string(der), string(o.Nonce), cert, issuer}
	a, ok := c.responses[q]
	switch {
	case !ok:
		a.options = o
		a.resp, a.err = judge(o, der, cert, issuer, at)
		c.responses[q] = a
	case !reflect.DeepEqual(o, a.options):
		return judge(o, der, cert, issuer, at)
	}
	return a.resp, a.err
}

// judgeCRLs is [verify.Options.CRLs], and records the question.
func (c *connection) judgeCRLs(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	resp, err := o.CRLs(lists, cert, issuer, at)
	c.crls = append(c.crls, crlQuestion{o, slices.Clone(lists), cert, issuer, at, answered{resp: resp, err: err}})
	return resp, err
}

// judge is [verify.Options.CRLs], which need not run again for the same question.
func (q crlQuestion) judge(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	if cert == q.cert && issuer == q.issuer && at.Equal(q.at) && reflect.DeepEqual(o, q.options) && reflect.DeepEqual(lists, q.lists) {
		return q.said.resp, q.said.err
	}
	return o.CRLs(lists, cert, issuer, at)
}

// readsOtherwise reports whether a mutant reads one of the responses otherwise.
func (c *connection) readsOtherwise(read reader) bool {
	for q, a := range c.responses {
		resp, err := read(c.verify)(a.options, []byte(q.der), q.cert, q.issuer, c.now)
		if (err == nil) != (a.err == nil) || err == nil && resp.Status != a.resp.Status {
			return true
		}
	}
	return false
}

// reviewsOtherwise reports whether a mutant judges one of the CRLs otherwise.
func (c *connection) reviewsOtherwise(review reviewer) bool {
	for _, q := range c.crls {
		resp, err := review(q.judge)(q.options, q.lists, q.cert, q.issuer, q.at)
		if (err == nil) != (q.said.err == nil) || err == nil && resp.Status != q.said.resp.Status {
			return true
		}
	}
	return false
}

// remembering asks about each certificate of a connection once. A mutant that
// uses another client, or changes the certificate, asks again.
func remembering(ask askFunc, own *http.Client, cs tls.ConnectionState) askFunc {
	type question struct {
		cert, issuer *x509.Certificate
		above        int // how many certificates are above the issuer
	}
	known := make(map[question]answered)
	mine := make(map[*x509.Certificate]bool)
	for _, cert := range cs.VerifiedChains[0] {
		mine[cert] = true
	}
	return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
		if client != own || !mine[chain[0]] {
			return ask(ctx, client, chain, at)
		}
		q := question{chain[0], chain[1], len(chain) - 2}
		a, ok := known[q]
		if !ok {
			a.resp, a.err = ask(ctx, client, chain, at)
			known[q] = a
		}
		return a.resp, a.err
	}
}
