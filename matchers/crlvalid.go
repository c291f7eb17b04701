package matchers

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// BeValidCRLFor matches a CRL in which [verify.CRLs] finds no violation: it is
// well-formed, current, about this certificate, and signed by its issuer or by a
// CRL issuer that it names. The certificate is a *fakeca.Leaf or *fakeca.CA. CRL
// issuers can be the CAs above the issuer. The time is that of the issuer's clock.
//
// BeValidCRLFor also matches a set of CRLs, in PEM or as a [][]byte: a delta CRL
// and its base, for example. The CRLs that decide whether the certificate is
// revoked must be valid; the others do not matter.
//
// A valid CRL may say that the certificate is revoked; add
// NotTo(HaveCRLEntry(leaf)). Bytes that are not a CRL are a mismatch, not an
// error.
func BeValidCRLFor(leaf any) types.GomegaMatcher {
	cert, issuer, err := certOf(leaf)
	if err == nil && issuer == nil {
		err = fmt.Errorf("the issuer of %s is unknown; write a *fakeca.Leaf, or call verify.CRLs", nameOf(cert))
	}
	return newMatcher("BeValidCRLFor", []any{leaf}, err, func(actual any) (verdict, error) {
		l, err := listingOfAll(actual)
		if err != nil {
			return verdict{}, err
		}
		return l.valid(cert, issuer, above(leaf), clockOf(leaf)), nil
	})
}

// listingOfAll also reads a [][]byte.
func listingOfAll(actual any) (*listing, error) {
	lists, several := actual.([][]byte)
	if !several {
		return listingOf(actual, wantList+", or several CRLs in PEM or a [][]byte")
	}
	all := &listing{what: theCRL}
	for _, list := range lists {
		all.ders = append(all.ders, newListing(theCRL, list).ders...)
	}
	if len(lists) == 0 {
		all.what = "the empty [][]byte"
	}
	return all, nil
}

// above returns the certificates of the CAs above the issuer of x.
func above(x any) []*x509.Certificate {
	var certs []*x509.Certificate
	for ca := issuerOf(x).Issuer; ca != nil; ca = ca.Issuer {
		certs = append(certs, ca.Cert)
	}
	return certs
}

// valid judges the set of CRLs. The certificates above are those of further CAs
// that may have signed one.
func (l *listing) valid(cert, issuer *x509.Certificate, above []*x509.Certificate, at time.Time) verdict {
	what := l.what
	if n := len(l.ders); n > 1 && what == theCRL {
		what = fmt.Sprintf("the set of %d CRLs", n)
	}
	r, err := verify.Options{CRLIssuers: above}.CRLs(l.ders, cert, issuer, at)
	v := verdict{
		ok:   err == nil,
		what: what,
		want: fmt.Sprintf("be valid for %s at %s", certText(cert), stamp(at)),
		but:  violationsText(err),
	}
	if v.ok {
		v.lines = newResponse(&subject{cert: cert, serial: r.Serial}, fakeca.Response{
			Status: r.Status, Reason: r.Reason, RevokedAt: r.RevokedAt, Serial: r.Serial,
		}, nil).lines()
	}
	v.lines = append(v.lines, l.lines()...)
	return v
}

// lines describes the list, which may be unreadable, or the first of several in a
// line each.
func (l *listing) lines() []string {
	const most = 3
	var lines []string
	for i, der := range l.ders {
		if i == most {
			return append(lines, fmt.Sprintf("and %d more", len(l.ders)-most))
		}
		list, err := l.parse(der)
		switch u, _ := errors.AsType[*unreadable](err); {
		case u != nil:
			lines = append(lines, u.why)
		case len(l.ders) == 1:
			lines = list.lines()
		default:
			lines = append(lines, list.nameLine())
		}
	}
	return lines
}
