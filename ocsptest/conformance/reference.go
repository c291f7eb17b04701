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

// Reference returns a client that gets every case right under p. It is the
// example of how to do it, with crypto/tls and crypto/x509; what it needs of
// this package is [Verify].
func Reference(p Policy) ClientFunc {
	if err := p.check(); err != nil {
		panic(err)
	}
	return newReference(p).connect
}

// A reference checks revocation: of the leaf by its staple, then by asking the
// responder, then by the CRL; of intermediates by the latter two.
type reference struct {
	policy   Policy
	sessions tls.ClientSessionCache

	verify   verifyFunc   // judges an answer, and says what it says
	checkCRL checkCRLFunc // judges a CRL
	fetch    askFunc      // asks the responders
	list     askFunc      // looks into the CRLs
}

type (
	askFunc      func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
	verifyFunc   func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error)
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

// judge is [verify.Options.Response], save that of two statuses for one certificate it
// takes revoked: nobody signs that by mistake.
func judge(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	said, err := v.Response(der, cert, issuer, at)
	wrong, _ := errors.AsType[verify.Violations](err)
	if len(wrong) == 1 && wrong[0].Rule == verify.RuleContradiction && said.Status == fakeca.Revoked {
		err = nil
	}
	return said, err
}

// connect connects once.
func (r *reference) connect(ctx context.Context, s *ocsptest.Server) error {
	cfg := s.TLSClientConfig()
	cfg.ClientSessionCache = r.sessions
	// VerifyConnection is called on resumed connections too, as
	// VerifyPeerCertificate is not.
	cfg.VerifyConnection = func(cs tls.ConnectionState) error { return r.check(ctx, httpClient(s), cs, cfg.Time()) }
	return get(ctx, s, cfg)
}

// get sends a request. With the answer come the session tickets of TLS 1.3.
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

// check decides about a connection whose chain crypto/tls has verified.
func (r *reference) check(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
	chain := cs.VerifiedChains[0]
	if len(chain) < 2 {
		return nil // the root itself, which nobody revokes
	}
	leaf, issuer := chain[0], chain[1]
	said, err := r.stapled(cs.OCSPResponse, leaf, issuer, now)
	if r.policy.MustStaple {
		if bad := inheritFeatures(chain); bad != nil {
			return bad
		}
		if must, bad := mustStaple(leaf); bad != nil {
			return bad
		} else if must && (err != nil || said.Status != fakeca.Good) {
			return fmt.Errorf("the certificate is must-staple, and there is no good staple: %w", because(said, err))
		}
	}
	if err := r.settle(ctx, client, leaf, issuer, now, said, err); err != nil {
		return err
	}
	if !r.policy.Chain {
		return nil
	}
	for i, cert := range chain[1 : len(chain)-1] {
		if err := r.settle(ctx, client, cert, chain[i+2], now, fakeca.Response{}, errNoStaple); err != nil {
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

// settle decides about one certificate. Source after source is asked until one
// knows: what a valid answer says is final, unless it is Unknown.
func (r *reference) settle(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, now time.Time, said fakeca.Response, err error) error {
	problems := []error{because(said, err)}
	if !knows(said, err) && r.policy.Fetch {
		said, err = r.fetch(ctx, client, cert, issuer, now)
		problems = append(problems, because(said, err))
	}
	if !knows(said, err) && r.policy.CRL {
		said, err = r.list(ctx, client, cert, issuer, now)
		problems = append(problems, because(said, err))
	}
	switch {
	case knows(said, err) && said.Status == fakeca.Good:
		return nil
	case knows(said, err):
		return fmt.Errorf("%w since %v (%v)", errRevoked, said.RevokedAt, said.Reason)
	case r.policy.HardFail:
		return fmt.Errorf("nobody knows whether it is revoked: %w", errors.Join(problems...))
	}
	return nil
}

func knows(said fakeca.Response, err error) bool {
	return err == nil && (said.Status == fakeca.Good || said.Status == fakeca.Revoked)
}

// because is why a source did not settle it.
func because(said fakeca.Response, err error) error {
	if err == nil && said.Status == fakeca.Unknown {
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

// inheritFeatures checks that certificates list the TLS features that their
// issuer lists (RFC 7633 section 4.2.2).
func inheritFeatures(chain []*x509.Certificate) error {
	for i, issuer := range chain[1:] {
		above, err := fakeca.TLSFeatures(issuer)
		if err != nil {
			return err
		}
		below, err := fakeca.TLSFeatures(chain[i])
		if err != nil {
			return err
		}
		for _, feature := range above {
			if !slices.Contains(below, feature) {
				return fmt.Errorf("%q lacks the TLS feature %d of its issuer", chain[i].Subject, feature)
			}
		}
	}
	return nil
}
