package conformance

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// discarding leaves out lists that a client does not understand.
func discarding(which func(l *fakeca.CRLMessage, cert *x509.Certificate) bool) reviewer {
	return func(judge crlsFunc) crlsFunc {
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			left := slices.DeleteFunc(slices.Clone(lists), func(der []byte) bool {
				l, err := fakeca.ParseCRLMessage(der)
				return err == nil && which(l, cert)
			})
			return judge(o, left, cert, issuer, at)
		}
	}
}

// discardingIDP leaves out lists with an issuing distribution point that a client
// does not understand.
func discardingIDP(which func(p *fakeca.IssuingDistributionPoint, cert *x509.Certificate) bool) reviewer {
	return discarding(func(l *fakeca.CRLMessage, cert *x509.Certificate) bool {
		p, err := l.IssuingDistributionPoint()
		return err == nil && p != nil && which(p, cert)
	})
}

// A listReader reads lists in a way of its own, and reports whether it does.
type listReader func(lists []*fakeca.CRLMessage, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, bool)

// readingLists has a listReader read lists first.
func readingLists(read listReader) reviewer {
	return func(judge crlsFunc) crlsFunc {
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			var all []*fakeca.CRLMessage
			for _, der := range lists {
				if l, err := fakeca.ParseCRLMessage(der); err == nil {
					all = append(all, l)
				}
			}
			if said, ok := read(all, cert, issuer, at); ok {
				return said, nil
			}
			return judge(o, lists, cert, issuer, at)
		}
	}
}

// comparing takes lists for those of the certificate's points if the URL of one is
// like that of the other.
func comparing(like func(inList, inCert string) bool) reviewer {
	return readingLists(func(lists []*fakeca.CRLMessage, cert, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
		for _, l := range lists {
			p, err := l.IssuingDistributionPoint()
			if err != nil || p == nil || len(p.URLs) != 1 || slices.Contains(cert.CRLDistributionPoints, p.URLs[0]) {
				continue
			}
			if slices.ContainsFunc(cert.CRLDistributionPoints, func(inCert string) bool { return like(p.URLs[0], inCert) }) {
				return statusIn(l, cert), true
			}
		}
		return said, false
	})
}

// statusIn returns what a list says about the serial number of cert.
func statusIn(l *fakeca.CRLMessage, cert *x509.Certificate) fakeca.Response {
	if entryIn(l, cert) == nil {
		return fakeca.Response{}
	}
	return fakeca.Response{Status: fakeca.Revoked}
}

// entryIn returns the entry of a list with the serial number of cert, or nil.
func entryIn(l *fakeca.CRLMessage, cert *x509.Certificate) *fakeca.RevokedCertificate {
	i := slices.IndexFunc(l.RevokedCertificates, func(e fakeca.RevokedCertificate) bool {
		return e.SerialNumber.Cmp(cert.SerialNumber) == 0
	})
	if i < 0 {
		return nil
	}
	return &l.RevokedCertificates[i]
}

// crlScopeMutants are clients that are wrong about which lists cover a certificate:
// steps (b), (d), (e), (f) and (j) of RFC 5280 section 6.3.3.
func crlScopeMutants() []mutant {
	all := slices.Concat(scopeReaders(), pointReaders(), indirectReaders(), deltaReaders())
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{listing}
		}
	}
	return all
}

// misses are the policies under which a client accepts that finds no list that it
// understands.
var misses = []Policy{softLists}

func scopeReaders() []mutant {
	return []mutant{
		{name: "does not compare the distribution points of a CRL", review: reviewing(verify.RuleCRLPoint)},
		{
			name:     "does not compare the kinds of certificates of a CRL",
			policies: []Policy{listing, chainList},
			review:   reviewing(verify.RuleCRLScope),
		},
		{name: "takes a CRL for some reasons for complete", review: reviewing(verify.RuleCRLReasons)},
		{name: "ignores an issuing distribution point that it cannot read", review: reviewing(verify.RuleCRLIDP)},
		{
			name:   "ignores an issuing distribution point that it cannot read or that excludes the certificate",
			review: reviewing(verify.RuleCRLIDP, verify.RuleCRLScope),
		},
		{
			name:   "compares only how the URLs of CRLs start",
			review: comparing(strings.HasPrefix),
		},
		{
			name:   "looks for the URL of a CRL in that of the certificate",
			review: comparing(func(inList, inCert string) bool { return strings.HasPrefix(inCert, inList) }),
		},
		{
			name:   "compares only the hosts in the URLs of CRLs",
			review: comparing(func(a, b string) bool { return hostOf(a) == hostOf(b) }),
		},
		{
			name: "reads only the last of several issuing distribution points",
			review: readingLists(func(lists []*fakeca.CRLMessage, cert, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
				for _, l := range lists {
					values := idpValues(l)
					if len(values) < 2 {
						continue
					}
					last := fakeca.TBSCertList{CRLExtensions: []pkix.Extension{{Id: idIssuingPoint, Value: values[len(values)-1]}}}
					if p, err := last.IssuingDistributionPoint(); err == nil && slices.Equal(p.URLs, cert.CRLDistributionPoints) {
						return statusIn(l, cert), true
					}
				}
				return said, false
			}),
		},
		{
			name:     "compares only the first URL of an issuing distribution point",
			policies: misses,
			review: discardingIDP(func(p *fakeca.IssuingDistributionPoint, cert *x509.Certificate) bool {
				return len(p.URLs) > 0 && !slices.Contains(cert.CRLDistributionPoints, p.URLs[0])
			}),
		},
		{
			name:     "compares a CRL only with the first distribution point",
			policies: misses,
			review: discardingIDP(func(p *fakeca.IssuingDistributionPoint, cert *x509.Certificate) bool {
				return len(p.URLs) > 0 && len(cert.CRLDistributionPoints) > 0 && !slices.Contains(p.URLs, cert.CRLDistributionPoints[0])
			}),
		},
		{
			name:     "knows only URLs as names of CRLs",
			policies: misses,
			review: discardingIDP(func(p *fakeca.IssuingDistributionPoint, _ *x509.Certificate) bool {
				return p.DirectoryNames != nil || p.RelativeName != nil
			}),
		},
		{
			name:     "does not use CRLs only for users",
			policies: misses,
			review:   discardingIDP(func(p *fakeca.IssuingDistributionPoint, _ *x509.Certificate) bool { return p.OnlyUserCerts }),
		},
		{
			name:     "does not use CRLs only for CAs",
			policies: []Policy{chainSoftList},
			review:   discardingIDP(func(p *fakeca.IssuingDistributionPoint, _ *x509.Certificate) bool { return p.OnlyCACerts }),
		},
		{
			name:     "does not use CRLs for some reasons",
			policies: misses,
			review:   discardingIDP(func(p *fakeca.IssuingDistributionPoint, _ *x509.Certificate) bool { return p.OnlySomeReasons != nil }),
		},
		{
			name: "requires a reason code in a CRL for some reasons",
			review: readingLists(func(lists []*fakeca.CRLMessage, cert, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
				for _, l := range lists {
					p, err := l.IssuingDistributionPoint()
					entry := entryIn(l, cert)
					if err != nil || p == nil || p.OnlySomeReasons == nil || entry == nil {
						continue
					}
					if reason, err := entry.Reason(); err == nil && reason == nil {
						return said, true
					}
				}
				return said, false
			}),
		},
	}
}

// hostOf returns the host in a URL.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Hostname()
}

// pointsOf returns the distribution points of a certificate.
func pointsOf(cert *x509.Certificate) []fakeca.CRLPoint {
	points, _ := fakeca.CRLPointsOf(cert.Extensions)
	return points
}

var idPoints = asn1.ObjectIdentifier{2, 5, 29, 31}

var errGivesUp = errors.New("a mutant gives up")

// ifCertificate changes what a client hears if something holds for the certificate.
func ifCertificate(holds func(*x509.Certificate) bool, resp fakeca.Response, err error) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			if holds(chain[0]) {
				return resp, err
			}
			return ask(ctx, client, chain, at)
		}
	}
}

func pointReaders() []mutant {
	hasNameless := func(cert *x509.Certificate) bool {
		return slices.ContainsFunc(pointsOf(cert), func(p fakeca.CRLPoint) bool { return p.URLs == nil })
	}
	return []mutant{
		{
			name:     "gives up at a distribution point without a URL",
			policies: []Policy{listing, softLists},
			change:   looking(ifCertificate(hasNameless, fakeca.Response{}, errGivesUp)),
		},
		{
			name:     "gives up at a first URL that is not http",
			policies: []Policy{listing, softLists},
			change: looking(ifCertificate(func(cert *x509.Certificate) bool {
				return len(cert.CRLDistributionPoints) > 0 && !strings.HasPrefix(cert.CRLDistributionPoints[0], "http://")
			}, fakeca.Response{}, errGivesUp)),
		},
		{
			name:     "does not use CRLs of distribution points with reasons",
			policies: misses,
			review: discarding(func(_ *fakeca.CRLMessage, cert *x509.Certificate) bool {
				return slices.ContainsFunc(pointsOf(cert), func(p fakeca.CRLPoint) bool { return p.Reasons != nil })
			}),
		},
		{
			name: "rejects critical distribution points",
			change: looking(ifCertificate(func(cert *x509.Certificate) bool {
				return slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(idPoints) && e.Critical })
			}, fakeca.Response{}, errGivesUp)),
		},
		{
			name:   "reads the lack of a CRL's URL as good",
			change: looking(goodOn(func(err error) bool { return err.Error() == "no CRL decides" })),
		},
		{
			name:   "reads an unusable URL of a CRL as good",
			change: looking(goodOn(containing("unsupported protocol", "no Host", "invalid port"))),
		},
		{
			name: "looks only at the last CRL",
			change: looking(about(func(cert *x509.Certificate) {
				cert.CRLDistributionPoints = cert.CRLDistributionPoints[max(0, len(cert.CRLDistributionPoints)-1):]
			})),
		},
		{
			name:     "does not look at a CRL after one that is not valid",
			policies: []Policy{listing, softLists},
			review: func(judge crlsFunc) crlsFunc {
				return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
					if len(lists) > 1 {
						return judge(o, lists[:1], cert, issuer, at)
					}
					return judge(o, lists, cert, issuer, at)
				}
			},
		},
	}
}
