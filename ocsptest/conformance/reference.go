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

	verify   verifyFunc   // judges an OCSP response
	checkCRL checkCRLFunc // judges a CRL
	fetch    askFunc      // asks the responders
	list     askFunc      // gets the CRLs
}

type (
	askFunc      func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
	verifyFunc   func(o verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
	checkCRLFunc func(list *x509.RevocationList, issuer *x509.Certificate, point string, at time.Time) error
)

func newReference(p Policy) *reference {
	r := &reference{policy: p, sessions: tls.NewLRUClientSessionCache(0), verify: judge, checkCRL: checkCRL}
	r.fetch = func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		return askResponders(ctx, client, cert, issuer, at, r.verify)
	}
	r.list = func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		return askCRLs(ctx, client, cert, issuer, at, r.checkCRL)
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
	resp, err := r.stapled(cs.OCSPResponse, leaf, issuer, now)
	if r.policy.MustStaple {
		if bad := checkFeatures(chain); bad != nil {
			return bad
		}
		required, bad := mustStaple(leaf)
		if bad != nil {
			return bad
		}
		if required && (err != nil || resp.Status != fakeca.Good) {
			return fmt.Errorf("the certificate is must-staple, and there is no good staple: %w", unresolved(resp, err))
		}
	}
	if err := r.decide(ctx, client, leaf, issuer, now, resp, err); err != nil {
		return err
	}
	if !r.policy.Chain {
		return nil
	}
	for i, cert := range chain[1 : len(chain)-1] {
		if err := r.decide(ctx, client, cert, chain[i+2], now, fakeca.Response{}, errNoStaple); err != nil {
			return fmt.Errorf("intermediate %q: %w", cert.Subject, err)
		}
	}
	return nil
}

var (
	errNoStaple = errors.New("no staple")
	errRevoked  = errors.New("revoked")
)

// stapled judges the staple.
func (r *reference) stapled(der []byte, leaf, issuer *x509.Certificate, now time.Time) (fakeca.Response, error) {
	if r.policy.NoStaple || len(der) == 0 {
		return fakeca.Response{}, errNoStaple
	}
	return r.verify(verify.Options{}, der, leaf, issuer, now)
}

// decide decides about one certificate, given the result of the staple. It asks
// the responder and then the CRL, until one says good or revoked.
func (r *reference) decide(
	ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, now time.Time, resp fakeca.Response, err error,
) error {
	problems := []error{unresolved(resp, err)}
	if !conclusive(resp, err) && r.policy.Fetch {
		resp, err = r.fetch(ctx, client, cert, issuer, now)
		problems = append(problems, unresolved(resp, err))
	}
	if !conclusive(resp, err) && r.policy.CRL {
		resp, err = r.list(ctx, client, cert, issuer, now)
		problems = append(problems, unresolved(resp, err))
	}
	switch {
	case conclusive(resp, err) && resp.Status == fakeca.Good:
		return nil
	case conclusive(resp, err):
		return fmt.Errorf("%w since %v (%v)", errRevoked, resp.RevokedAt, resp.Reason)
	case r.policy.HardFail:
		return fmt.Errorf("no source says whether it is revoked: %w", errors.Join(problems...))
	}
	return nil
}

// conclusive reports whether a source decides.
func conclusive(resp fakeca.Response, err error) bool {
	return err == nil && (resp.Status == fakeca.Good || resp.Status == fakeca.Revoked)
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
