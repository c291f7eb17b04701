package conformance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A sight is what a client sees of a connection before it checks revocation.
type sight struct {
	*tls.ConnectionState
	reference *reference
}

// errUnchecked ends a check with nothing found.
var errUnchecked = errors.New("not checked")

// seeing changes what a client sees of a connection, or decides: with an error,
// or with errUnchecked to accept.
func seeing(look func(sight) error) func(*reference) checkFunc {
	return func(r *reference) checkFunc {
		return func(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
			mine := *r // look may change the policy for this connection
			switch err := look(sight{&cs, &mine}); err {
			case nil:
				return mine.check(ctx, client, cs, now)
			case errUnchecked:
				return nil
			default:
				return err
			}
		}
	}
}

// staple is what the staple says, if it can be read.
func (s sight) staple() (fakeca.Response, bool) {
	said, err := fakeca.ParseResponse(s.OCSPResponse)
	return said, err == nil && said.Status != fakeca.ServerFailed
}

// seeingFeature changes the TLS feature extension of the leaf.
func seeingFeature(change func(*pkix.Extension)) func(*reference) checkFunc {
	return seeing(func(s sight) error {
		leaf := *s.VerifiedChains[0][0]
		leaf.Extensions = slices.Clone(leaf.Extensions)
		for i := range leaf.Extensions {
			if leaf.Extensions[i].Id.Equal(fakeca.MustStaple().Id) {
				change(&leaf.Extensions[i])
			}
		}
		chain := slices.Clone(s.VerifiedChains[0])
		chain[0] = &leaf
		s.VerifiedChains = [][]*x509.Certificate{chain}
		return nil
	})
}

// deciders are clients that decide badly.
func deciders() []mutant {
	return []mutant{
		{name: "accepts everybody", policies: []Policy{hard, everything}, client: func(*reference) ClientFunc {
			return func(context.Context, *ocsptest.Server) error { return nil }
		}},
		{name: "rejects everybody", policies: []Policy{soft, everything}, client: func(*reference) ClientFunc {
			return func(context.Context, *ocsptest.Server) error { return errors.New("no") }
		}},
		{name: "does not verify the chain", policies: []Policy{soft, hard}, client: insecure},
		{name: "fails open", policies: []Policy{hard, fetching, listing}, change: func(r *reference) { r.policy.HardFail = false }},
		{name: "fails closed", policies: []Policy{soft, softFetch, softList}, change: func(r *reference) { r.policy.HardFail = true }},
		{name: "swallows what is revoked", policies: []Policy{soft, softFetch, softList}, check: func(r *reference) checkFunc {
			return func(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
				if err := r.check(ctx, client, cs, now); !errors.Is(err, errRevoked) {
					return err
				}
				return nil
			}
		}},

		// Staples, and where to look without.
		{name: "does not look at staples", policies: []Policy{soft, hard}, change: func(r *reference) { r.policy.NoStaple = true }},
		{name: "does not read staples", policies: []Policy{hard}, check: seeing(func(s sight) error {
			if len(s.OCSPResponse) > 0 {
				return errUnchecked
			}
			return nil
		})},
		{name: "trusts the staple", policies: []Policy{hard, fetching}, check: seeing(func(s sight) error {
			if said, ok := s.staple(); ok && said.Status == fakeca.Good {
				return errUnchecked
			}
			return nil
		})},
		{name: "asks again when the staple says revoked", policies: []Policy{fetching}, check: seeing(func(s sight) error {
			if said, ok := s.staple(); ok && said.Status == fakeca.Revoked {
				s.OCSPResponse = nil
			}
			return nil
		})},
		{name: "does not ask when there is a staple", policies: []Policy{fetching}, check: seeing(func(s sight) error {
			if len(s.OCSPResponse) > 0 {
				s.reference.policy.Fetch = false
			}
			return nil
		})},
		{name: "asks only when there is a staple", policies: []Policy{fetching}, check: seeing(func(s sight) error {
			if len(s.OCSPResponse) == 0 {
				s.reference.policy.Fetch = false
			}
			return nil
		})},
		{name: "asks even when the staple is good", policies: []Policy{fetching}, change: func(r *reference) {
			r.policy.NoStaple = true
		}},
		{name: "asks no responder", policies: []Policy{fetching, softFetch}, change: func(r *reference) { r.policy.Fetch = false }},
		{name: "does not look at the CRL when a responder was asked", policies: []Policy{fetchList}, change: func(r *reference) { r.policy.CRL = false }},
		{name: "looks at the CRL before it asks", policies: []Policy{fetchList}, change: func(r *reference) { r.fetch, r.list = r.list, r.fetch }},
		{name: "takes unknown from a responder for the last word", policies: []Policy{fetchList}, change: asking(func(ask askFunc) askFunc {
			return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				said, err := ask(ctx, client, cert, issuer, at)
				if err == nil && said.Status == fakeca.Unknown {
					said.Status = fakeca.Revoked
				}
				return said, err
			}
		})},

		// Must-staple.
		{name: "ignores must-staple", policies: []Policy{mustSoft, mustFetch}, change: func(r *reference) { r.policy.MustStaple = false }},
		{name: "sees must-staple in lists of one alone", policies: []Policy{mustSoft}, check: seeingFeature(func(e *pkix.Extension) {
			if string(e.Value) != string(fakeca.MustStaple().Value) {
				e.Value = []byte{0x30, 0}
			}
		})},
		{name: "does not mind a TLS feature that cannot be read", policies: []Policy{mustSoft}, check: seeingFeature(func(e *pkix.Extension) {
			if _, err := mustStaple(&x509.Certificate{Extensions: []pkix.Extension{*e}}); err != nil {
				e.Value = []byte{0x30, 0}
			}
		})},
		{name: "takes any TLS feature for must-staple", policies: []Policy{mustSoft}, check: seeingFeature(func(e *pkix.Extension) {
			e.Value = fakeca.MustStaple().Value
		})},
		{name: "takes any staple for what must be", policies: []Policy{mustSoft}, check: seeing(func(s sight) error {
			if len(s.OCSPResponse) > 0 {
				s.reference.policy.MustStaple = false
			}
			return nil
		})},

		// The chain.
		{name: "does not look at the intermediate", policies: []Policy{chainFetch, chainList, chainSoft}, change: func(r *reference) { r.policy.Chain = false }},
		{name: "takes the root for the issuer", policies: []Policy{hard, fetching}, check: seeing(func(s sight) error {
			chain := s.VerifiedChains[0]
			s.VerifiedChains = [][]*x509.Certificate{{chain[0], chain[len(chain)-1]}}
			return nil
		})},
		{name: "looks at the intermediate alone", policies: []Policy{chainFetch, chainList}, check: seeing(func(s sight) error {
			if chain := s.VerifiedChains[0]; len(chain) > 2 {
				s.VerifiedChains = [][]*x509.Certificate{chain[1:]}
				s.OCSPResponse = nil
			}
			return nil
		})},

		// Resumption.
		{name: "uses VerifyPeerCertificate", policies: []Policy{onlyFetch, listing}, client: verifyPeer},
		{name: "does not check what is resumed", policies: []Policy{hard, fetching}, check: seeing(func(s sight) error {
			if s.DidResume {
				return errUnchecked
			}
			return nil
		})},
		{name: "refuses what is resumed", policies: []Policy{hard, fetching}, check: seeing(func(s sight) error {
			if s.DidResume {
				return errors.New("a mutant does not resume")
			}
			return nil
		})},
	}
}

// verifyPeer checks in the callback that resumed connections do not call, and
// that is not told of staples.
func verifyPeer(r *reference) ClientFunc {
	return func(ctx context.Context, s *ocsptest.Server) error {
		cfg := s.TLSClientConfig()
		cfg.ClientSessionCache = r.sessions
		cfg.VerifyPeerCertificate = func(_ [][]byte, chains [][]*x509.Certificate) error {
			return r.check(ctx, httpClient(s), tls.ConnectionState{VerifiedChains: chains}, cfg.Time())
		}
		return get(ctx, s, cfg)
	}
}

// insecure checks revocation, and not whether the chain leads anywhere.
func insecure(r *reference) ClientFunc {
	return func(ctx context.Context, s *ocsptest.Server) error {
		cfg := s.TLSClientConfig()
		cfg.ClientSessionCache = r.sessions
		cfg.InsecureSkipVerify = true
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			cs.VerifiedChains = [][]*x509.Certificate{append(slices.Clone(cs.PeerCertificates), s.CA.Root().Cert)}
			return r.check(ctx, httpClient(s), cs, cfg.Time())
		}
		return get(ctx, s, cfg)
	}
}
