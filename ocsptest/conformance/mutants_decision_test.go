package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A sight is what a client sees of a connection before it checks revocation.
type sight struct {
	*tls.ConnectionState
	reference *reference
}

// errUnchecked ends a check, and accepts.
var errUnchecked = errors.New("not checked")

// seeing changes what a client sees of a connection. If look returns an error,
// the client rejects, or accepts if it is errUnchecked.
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

// acceptingIf accepts without a check under a condition.
func acceptingIf(condition func(sight) bool) func(*reference) checkFunc {
	return seeing(func(s sight) error {
		if condition(s) {
			return errUnchecked
		}
		return nil
	})
}

// stapleSays reports whether the staple can be read and has a status.
func (s sight) stapleSays(status fakeca.Status) bool {
	resp, err := fakeca.ParseResponse(s.OCSPResponse)
	return err == nil && resp.Status == status
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
	return slices.Concat(policyMutants(), fieldMutants(), sourceMutants(), mustStapleMutants(), chainMutants(), resumptionMutants())
}

func policyMutants() []mutant {
	return []mutant{
		{
			name:     "accepts every server",
			policies: []Policy{hard, everything},
			client: func(*reference) ClientFunc {
				return func(ctx context.Context, s *ocsptest.Server) error {
					cfg := s.TLSClientConfig()
					cfg.InsecureSkipVerify = true
					return get(ctx, s, cfg)
				}
			},
		},
		{
			name:     "rejects every server",
			policies: []Policy{soft, everything},
			client: func(*reference) ClientFunc {
				return func(context.Context, *ocsptest.Server) error { return errors.New("no") }
			},
		},
		{
			name:     "does not verify the chain",
			policies: []Policy{soft, hard},
			client:   insecure,
		},
		{
			name:     "fails open",
			policies: []Policy{hard, fetching, listing},
			change:   func(r *reference) { r.policy.Tolerates = FailOpen },
		},
		{
			name:     "fails hard",
			policies: []Policy{soft, softFetch, softList},
			change:   func(r *reference) { r.policy.Tolerates = 0 },
		},
		{
			name:     "ignores that the certificate is revoked",
			policies: []Policy{soft, softFetch, softList},
			check: func(r *reference) checkFunc {
				return func(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error {
					if err := r.check(ctx, client, cs, now); !errors.Is(err, errRevoked) {
						return err
					}
					return nil
				}
			},
		},
	}
}

// sourceMutants are wrong about which sources to use.
func sourceMutants() []mutant {
	return []mutant{
		{
			name:     "ignores staples",
			policies: []Policy{soft, hard},
			check: seeing(func(s sight) error {
				s.OCSPResponse = nil
				return nil
			}),
		},
		{
			name:     "accepts any staple unread",
			policies: []Policy{hard},
			check:    acceptingIf(func(s sight) bool { return len(s.OCSPResponse) > 0 }),
		},
		{
			name:     "accepts staples that say good unverified",
			policies: []Policy{hard, fetching},
			check:    acceptingIf(func(s sight) bool { return s.stapleSays(fakeca.Good) }),
		},
		{
			name:     "asks the responder when the staple says revoked",
			policies: []Policy{fetching},
			check: seeing(func(s sight) error {
				if s.stapleSays(fakeca.Revoked) {
					s.OCSPResponse = nil
				}
				return nil
			}),
		},
		{
			name:     "does not ask the responder when there is a staple",
			policies: []Policy{fetchNext},
			check: seeing(func(s sight) error {
				if len(s.OCSPResponse) > 0 {
					s.reference.policy.Sources &^= OCSP
				}
				return nil
			}),
		},
		{
			name:     "asks the responder only when there is a staple",
			policies: []Policy{fetching},
			check: seeing(func(s sight) error {
				if len(s.OCSPResponse) == 0 {
					s.reference.policy.Sources &^= OCSP
				}
				return nil
			}),
		},
		{
			name:     "asks the responder even when the staple is good",
			policies: []Policy{fetching},
			change:   func(r *reference) { r.policy.Sources = OCSP },
		},
		{
			name:     "asks no responder",
			policies: []Policy{fetching, softFetch},
			change:   func(r *reference) { r.policy.Sources &^= OCSP },
		},
		{
			name:     "ignores the CRL after it has asked a responder",
			policies: []Policy{fetchList},
			change:   func(r *reference) { r.policy.Sources &^= CRL },
		},
		{
			name:     "looks at the CRL before it asks the responder",
			policies: []Policy{fetchList},
			change:   func(r *reference) { r.fetch, r.list = r.list, r.fetch },
		},
		{
			name:     "rejects when the responder says unknown",
			policies: []Policy{fetchList},
			change:   asking(ifSays(fakeca.Unknown, func(resp *fakeca.Response) { resp.Status = fakeca.Revoked })),
		},
	}
}

func mustStapleMutants() []mutant {
	return []mutant{
		{
			name:     "rejects must-staple certificates",
			policies: []Policy{mustSoft},
			check: seeing(func(s sight) error {
				if required, _ := mustStaple(s.VerifiedChains[0][0]); required {
					return errors.New("a must-staple certificate")
				}
				return nil
			}),
		},
		{
			name:     "ignores must-staple",
			policies: []Policy{mustSoft, mustFetch},
			change:   func(r *reference) { r.policy.MustStaple = false },
		},
		{
			name:     "knows must-staple only as the only feature",
			policies: []Policy{mustSoft},
			check: seeingFeature(func(e *pkix.Extension) {
				if string(e.Value) != string(fakeca.MustStaple().Value) {
					e.Value = []byte{0x30, 0}
				}
			}),
		},
		{
			name:     "accepts any staple of a must-staple certificate",
			policies: []Policy{mustSoft},
			check: seeing(func(s sight) error {
				if len(s.OCSPResponse) > 0 {
					s.reference.policy.MustStaple = false
				}
				return nil
			}),
		},
	}
}

// fieldMutants misread a field of their policy.
func fieldMutants() []mutant {
	tolerating := func(e Evidence) func(*reference) { return func(r *reference) { r.policy.Tolerates = e } }
	return []mutant{
		{name: "tolerates sources that are absent", policies: []Policy{hard, onlyFetch, listing}, change: tolerating(Absent)},
		{name: "tolerates sources that are unreachable", policies: []Policy{onlyFetch, listing}, change: tolerating(Unreachable)},
		{name: "tolerates what is invalid", policies: []Policy{hard, onlyFetch, listing}, change: tolerating(Invalid)},
		{name: "tolerates unknown", policies: []Policy{hard, onlyFetch}, change: tolerating(Unknown)},
		{name: "tolerates what is invalid, too", policies: []Policy{unreached}, change: tolerating(Unreachable | Invalid)},
		{name: "tolerates nothing", policies: []Policy{unreached, allSources}, change: tolerating(0)},
		{
			name:     "is content with one source",
			policies: []Policy{allSources},
			change:   func(r *reference) { r.policy.AllSources = false },
		},
	}
}

func chainMutants() []mutant {
	return []mutant{
		{
			name:     "ignores the intermediate",
			policies: []Policy{chainFetch, chainList, chainSoft},
			change:   func(r *reference) { r.policy.Chain = false },
		},
		{
			name:     "mistakes the root for the issuer",
			policies: []Policy{hard, fetching},
			check: seeing(func(s sight) error {
				chain := s.VerifiedChains[0]
				s.VerifiedChains = [][]*x509.Certificate{{chain[0], chain[len(chain)-1]}}
				return nil
			}),
		},
		{
			name:     "checks the last certificate with the server's name",
			policies: []Policy{fetching, listing},
			check: seeing(func(s sight) error {
				chain := slices.Clone(s.VerifiedChains[0])
				for _, cert := range s.PeerCertificates[1:] {
					if bytes.Equal(cert.RawSubject, chain[0].RawSubject) {
						chain[0], s.OCSPResponse = cert, nil
					}
				}
				s.VerifiedChains = [][]*x509.Certificate{chain}
				return nil
			}),
		},
		{
			name:     "checks only the intermediate",
			policies: []Policy{chainFetch, chainList},
			check: seeing(func(s sight) error {
				if chain := s.VerifiedChains[0]; len(chain) > 2 {
					s.VerifiedChains = [][]*x509.Certificate{chain[1:]}
					s.OCSPResponse = nil
				}
				return nil
			}),
		},
	}
}

func resumptionMutants() []mutant {
	return []mutant{
		{
			name:     "uses VerifyPeerCertificate",
			policies: []Policy{onlyFetch, listing},
			client:   verifyPeer,
		},
		{
			name:     "does not check resumed sessions",
			policies: []Policy{hard, fetching},
			check:    acceptingIf(func(s sight) bool { return s.DidResume }),
		},
		{
			name:     "keeps what it decided about a server",
			policies: []Policy{onlyFetch},
			client:   decidingOnce(),
		},
		{
			name:     "rejects resumed sessions",
			policies: []Policy{hard, fetching},
			check: seeing(func(s sight) error {
				if s.DidResume {
					return errors.New("a mutant does not resume")
				}
				return nil
			}),
		},
	}
}

// verifyPeer checks in VerifyPeerCertificate, which crypto/tls does not call for
// resumed sessions, and which does not get the staple.
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

// insecure checks revocation, but does not verify the chain.
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

// decidingOnce keeps what it decided at the first connection to each server.
func decidingOnce() func(*reference) ClientFunc {
	type key struct {
		server *ocsptest.Server
		policy Policy
	}
	var mu sync.Mutex
	seen := make(map[key]error)
	return func(r *reference) ClientFunc {
		return func(ctx context.Context, s *ocsptest.Server) error {
			mu.Lock()
			defer mu.Unlock()
			k := key{s, r.policy}
			kept, ok := seen[k]
			switch {
			case !ok:
				seen[k] = r.connect(ctx, s)
				return seen[k]
			case kept != nil:
				return kept
			}
			cfg := s.TLSClientConfig()
			cfg.ClientSessionCache = r.sessions
			return get(ctx, s, cfg)
		}
	}
}
