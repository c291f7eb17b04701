package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"math/big"
	"net/http"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A deltaCheck is one of those before a delta is applied to a complete CRL: steps
// (a), (c) and (h) of RFC 5280 section 6.3.3, and section 5.2.4.
type deltaCheck struct {
	mutant string // that does not make the check
	holds  func(delta, complete *fakeca.CRLMessage, issuer *x509.Certificate, at time.Time) bool
}

func deltaChecks() []deltaCheck {
	type message = fakeca.CRLMessage
	return []deltaCheck{
		{"applies deltas that have expired", func(d, _ *message, _ *x509.Certificate, at time.Time) bool {
			return at.Before(d.NextUpdate.Time)
		}},
		{"applies deltas from the future", func(d, _ *message, _ *x509.Certificate, at time.Time) bool {
			return at.After(d.ThisUpdate.Time)
		}},
		{"does not verify the signature of deltas", func(d, _ *message, issuer *x509.Certificate, _ time.Time) bool {
			return !bytes.Equal(d.Issuer, issuer.RawSubject) || d.CheckSignatureFrom(issuer) == nil
		}},
		{"applies deltas of another issuer", func(d, l *message, _ *x509.Certificate, _ time.Time) bool {
			return bytes.Equal(d.Issuer, l.Issuer)
		}},
		{"applies deltas of another scope", func(d, l *message, _ *x509.Certificate, _ time.Time) bool {
			return slices.EqualFunc(idpValues(d), idpValues(l), bytes.Equal)
		}},
		{"applies deltas to a newer CRL", func(d, l *message, _ *x509.Certificate, _ time.Time) bool {
			base, err := d.BaseNumber()
			return err == nil && base.Cmp(numberOf(l)) <= 0
		}},
		{"applies deltas that are older than the CRL", func(d, l *message, _ *x509.Certificate, _ time.Time) bool {
			return numberOf(d).Cmp(numberOf(l)) > 0
		}},
	}
}

// idpValues returns the values of a list's issuing distribution points.
func idpValues(l *fakeca.CRLMessage) (values [][]byte) {
	for _, e := range l.CRLExtensions {
		if e.Id.Equal(idIssuingPoint) {
			values = append(values, e.Value)
		}
	}
	return values
}

// numberOf returns the number of a list, or 0.
func numberOf(l *fakeca.CRLMessage) *big.Int {
	if n, err := l.Number(); err == nil && n != nil {
		return n
	}
	return new(big.Int)
}

func isDelta(l *fakeca.CRLMessage) bool {
	base, err := l.BaseNumber()
	return err == nil && base != nil
}

// removes reports whether an entry says that a certificate is no longer on hold.
func removes(e *fakeca.RevokedCertificate) bool {
	if e == nil {
		return false
	}
	reason, err := e.Reason()
	return err == nil && reason != nil && *reason == fakeca.RemoveFromCRL
}

// lifting reads removeFromCRL in a delta as good if the check allows it.
func lifting(may func(delta, complete *fakeca.CRLMessage, issuer *x509.Certificate, at time.Time) bool) reviewer {
	return readingLists(func(lists []*fakeca.CRLMessage, cert, issuer *x509.Certificate, at time.Time) (said fakeca.Response, ok bool) {
		for _, l := range lists {
			for _, d := range lists {
				if !isDelta(l) && isDelta(d) && removes(entryIn(d, cert)) && may(d, l, issuer, at) {
					return said, true
				}
			}
		}
		return said, false
	})
}

func deltaReaders() []mutant {
	checks := deltaChecks()
	var all []mutant
	for i, skipped := range checks {
		all = append(all, mutant{
			name: skipped.mutant,
			review: lifting(func(delta, complete *fakeca.CRLMessage, issuer *x509.Certificate, at time.Time) bool {
				for j, check := range checks {
					if i != j && !check.holds(delta, complete, issuer, at) {
						return false
					}
				}
				return true
			}),
		})
	}
	return append(all,
		mutant{name: "takes a delta for a complete CRL", review: reviewing(verify.RuleCRLDelta)},
		mutant{
			name:   "takes a delta for a complete CRL unless its indicator is critical",
			review: reviewing(verify.RuleCRLDelta, verify.RuleCRLCriticalExtension),
		},
		mutant{
			name: "reads only the delta, if there is one",
			review: readingLists(func(lists []*fakeca.CRLMessage, cert, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
				i := slices.IndexFunc(lists, isDelta)
				if i < 0 {
					return said, false
				}
				return statusIn(lists[i], cert), true
			}),
		},
		mutant{
			name: "lifts every hold if a delta lifts one",
			review: readingLists(func(lists []*fakeca.CRLMessage, _, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
				for _, l := range lists {
					for i := range l.RevokedCertificates {
						if isDelta(l) && removes(&l.RevokedCertificates[i]) {
							return said, true
						}
					}
				}
				return said, false
			}),
		},
		mutant{
			name:     "does not use CRLs that name a delta",
			policies: []Policy{listing, softLists},
			review: discarding(func(l *fakeca.CRLMessage, _ *x509.Certificate) bool {
				points, err := fakeca.FreshestCRLOf(l.CRLExtensions)
				return err == nil && points != nil
			}),
		},
		mutant{name: "gets what each delta names", change: looking(followingDeltas)},
		mutant{
			name: "rejects certificates that name a delta",
			change: looking(ifCertificate(func(cert *x509.Certificate) bool {
				points, err := fakeca.FreshestCRLOf(cert.Extensions)
				return err == nil && points != nil
			}, fakeca.Response{}, errGivesUp)),
		},
	)
}

// followingDeltas follows the names of deltas in lists, and gives up after many.
func followingDeltas(ask askFunc) askFunc {
	return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
		urls := slices.Clone(chain[0].CRLDistributionPoints)
		for i := 0; i < len(urls); i++ {
			if i == 20 {
				return fakeca.Response{}, errGivesUp
			}
			der, err := downloadCRL(ctx, client, urls[i])
			if err != nil {
				continue
			}
			if l, err := fakeca.ParseCRLMessage(der); err == nil {
				points, _ := fakeca.FreshestCRLOf(l.CRLExtensions)
				for _, p := range points {
					urls = append(urls, p.URLs...)
				}
			}
		}
		return ask(ctx, client, chain, at)
	}
}
