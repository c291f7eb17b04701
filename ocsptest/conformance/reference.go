package conformance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// Reference returns a client that gets every case right under p. It panics if no
// client can have that policy. Its source, reference.go and reference_ask.go, is
// an example of how to check revocation with crypto/tls, crypto/x509 and package
// verify.
func Reference(p Policy) ClientFunc {
	if err := p.check(); err != nil {
		panic(err)
	}
	return newReference(p).connect
}

// A reference is a client that checks revocation: of the leaf by its staple, by
// OCSP and by CRL, and of intermediates by OCSP and CRL.
type reference struct {
	policy   Policy
	sessions tls.ClientSessionCache

	verify verifyFunc // judges an OCSP response
	crls   crlsFunc   // judges CRLs
	fetch  askFunc    // asks the responders
	list   askFunc    // gets the CRLs
}

type (
	askFunc    func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error)
	verifyFunc func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
	crlsFunc   func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
)

func newReference(p Policy) *reference {
	r := &reference{policy: p, sessions: tls.NewLRUClientSessionCache(0), verify: judge, crls: verify.Options.CRLs}
	r.fetch = func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
		return askResponders(ctx, client, chain, at, r.verify)
	}
	r.list = func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
		return askCRLs(ctx, client, chain, at, r.crls)
	}
	return r
}

// judge is [verify.Options.Response], except that a response that says both good
// and revoked is valid, and says revoked: no CA signs that by mistake.
func judge(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	resp, err := o.Response(der, cert, issuer, at)
	violations, _ := errors.AsType[verify.Violations](err)
	if len(violations) == 1 && violations[0].Rule == verify.RuleContradiction && resp.Status == fakeca.Revoked {
		err = nil
	}
	return resp, err
}

// connect connects once.
func (r *reference) connect(ctx context.Context, s *ocsptest.Server) error {
	cfg := s.TLSClientConfig()
	cfg.ClientSessionCache = r.sessions
	// Unlike VerifyPeerCertificate, VerifyConnection is also called for resumed
	// sessions.
	cfg.VerifyConnection = func(cs tls.ConnectionState) error { return r.check(ctx, httpClient(s), cs, cfg.Time()) }
	return get(ctx, s, cfg)
}

// get sends a request. The session tickets of TLS 1.3 come with the response.
func get(ctx context.Context, s *ocsptest.Server, cfg *tls.Config) error {
	client := &http.Client{Transport: &http.Transport{DialContext: s.DialContext, TLSClientConfig: cfg, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// check checks a connection whose chain crypto/tls has verified.
func (r *reference) check(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
	chain := cs.VerifiedChains[0]
	if len(chain) < 2 {
		return nil // the root itself, which cannot be revoked
	}
	leaf, issuer := chain[0], chain[1]
	staple := func() (fakeca.Response, error) { return r.stapled(cs.OCSPResponse, leaf, issuer, now) }
	if r.policy.MustStaple {
		if err := r.checkMustStaple(chain, staple); err != nil {
			return err
		}
	}
	if err := r.decide(ctx, client, chain, now, staple); err != nil {
		return err
	}
	if !r.policy.Chain {
		return nil
	}
	for i, cert := range chain[1 : len(chain)-1] {
		if err := r.decide(ctx, client, chain[i+1:], now, nil); err != nil {
			return fmt.Errorf("intermediate %q: %w", cert.Subject, err)
		}
	}
	return nil
}

// A source says what it has about one certificate.
type source = func() (fakeca.Response, error)

// checkMustStaple enforces the TLS feature extension. A staple that says unknown
// is a staple, and a valid one.
func (r *reference) checkMustStaple(chain []*x509.Certificate, staple source) error {
	if err := checkFeatures(chain); err != nil {
		return err
	}
	required, err := mustStaple(chain[0])
	if err != nil || !required {
		return err
	}
	if _, err := staple(); err != nil {
		return fmt.Errorf("the certificate is must-staple, and there is no valid staple: %w", err)
	}
	return nil
}

var errRevoked = errors.New("revoked")

// stapled judges the staple.
func (r *reference) stapled(der []byte, leaf, issuer *x509.Certificate, now time.Time) (fakeca.Response, error) {
	if len(der) == 0 {
		return fakeca.Response{}, &sourceError{0, errors.New("no staple")}
	}
	return r.verify(verify.Options{}, der, leaf, issuer, now)
}

// decide decides about one certificate. The sources of the policy take turns,
// until one says good or revoked. With AllSources, each must be heard, and must
// accept by itself. staple is nil for an intermediate.
func (r *reference) decide(
	ctx context.Context, client *http.Client, chain []*x509.Certificate, now time.Time, staple source,
) error {
	var sources []source
	if r.policy.sources()&Staple != 0 && staple != nil {
		sources = append(sources, staple)
	}
	if r.policy.sources()&OCSP != 0 {
		sources = append(sources, func() (fakeca.Response, error) { return r.fetch(ctx, client, chain, now) })
	}
	if r.policy.sources()&CRL != 0 {
		sources = append(sources, func() (fakeca.Response, error) { return r.list(ctx, client, chain, now) })
	}
	var heard Evidence
	var problems []error
	for _, ask := range sources {
		resp, err := ask()
		switch said := evidenceOf(resp, err); {
		case said == Revoked:
			return fmt.Errorf("%w since %v (%v)", errRevoked, resp.RevokedAt, resp.Reason)
		case said == Good && !r.policy.AllSources:
			return nil
		case said == Good:
		case r.policy.AllSources:
			if err := r.tolerate(said, []error{unresolved(resp, err)}); err != nil {
				return err
			}
		default:
			heard |= said
			problems = append(problems, unresolved(resp, err))
		}
	}
	if r.policy.AllSources {
		return nil
	}
	return r.tolerate(heard, problems)
}

// tolerate accepts evidence that does not say good, if the policy tolerates it.
func (r *reference) tolerate(heard Evidence, problems []error) error {
	if heard == 0 {
		heard = Absent // no source was there to be heard
	}
	if heard&^r.policy.Tolerates == 0 {
		return nil
	}
	return fmt.Errorf("no source says whether it is revoked: %w", errors.Join(problems...))
}

// A sourceError is why a source does not decide, and what was heard of it: zero
// if it is absent.
type sourceError struct {
	heard Evidence
	err   error
}

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// evidenceOf returns what a source says.
func evidenceOf(resp fakeca.Response, err error) Evidence {
	if e, ok := errors.AsType[*sourceError](err); ok {
		return e.heard
	}
	switch {
	case err != nil:
		return Invalid
	case resp.Status == fakeca.Good:
		return Good
	case resp.Status == fakeca.Revoked:
		return Revoked
	}
	return Unknown
}

// unresolved returns why a source does not decide, or nil.
func unresolved(resp fakeca.Response, err error) error {
	if err == nil && resp.Status == fakeca.Unknown {
		return errors.New("unknown to the responder")
	}
	return err
}

// mustStaple reports whether the TLS feature extension (RFC 7633) lists
// status_request, which is 5.
func mustStaple(cert *x509.Certificate) (bool, error) {
	features, err := fakeca.TLSFeatures(cert)
	return slices.Contains(features, 5), err
}

// checkFeatures checks that each certificate lists the TLS features that its
// issuer lists (RFC 7633 section 4.2.2).
func checkFeatures(chain []*x509.Certificate) error {
	for i, issuer := range chain[1:] {
		required, err := fakeca.TLSFeatures(issuer)
		if err != nil {
			return err
		}
		listed, err := fakeca.TLSFeatures(chain[i])
		if err != nil {
			return err
		}
		for _, feature := range required {
			if !slices.Contains(listed, feature) {
				return fmt.Errorf("%q lacks the TLS feature %d of its issuer", chain[i].Subject, feature)
			}
		}
	}
	return nil
}
