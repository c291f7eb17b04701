package matchers

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
)

// HaveCRLPoint matches a certificate with this CRL distribution point (RFC 5280
// section 4.2.1.13), and a CRL with this issuing distribution point (section
// 5.2.5). The point is a URL, a matcher for a URL, or a fakeca.CRLPoint.
//
// Of several URLs, one must match. A fakeca.CRLPoint matches a point that has the
// same names in the same order, the same Reasons, and the same CRLIssuer. An
// issuing distribution point has its onlySomeReasons as Reasons, and no CRLIssuer.
//
// The certificate is an *[x509.Certificate], a *fakeca.Leaf or *fakeca.CA, the
// first of a [tls.Certificate], or the peer's in a [tls.ConnectionState] or
// *[tls.Conn]. Any other value is a CRL, except for an *[http.Response], which is
// an error because it has a certificate and a body. An extension that cannot be
// read is an error, too.
func HaveCRLPoint(point any) types.GomegaMatcher {
	judge, err := expectPoint(point)
	return newMatcher("HaveCRLPoint", []any{point}, err, func(actual any) (verdict, error) {
		points, v, err := pointsIn(actual)
		if err != nil {
			return v, err
		}
		return judge(points, v)
	})
}

// expectPoint returns a function that compares points with an expected one, and
// completes a verdict whose but says why no point matches.
func expectPoint(x any) (func([]fakeca.CRLPoint, verdict) (verdict, error), error) {
	if want, ok := x.(fakeca.CRLPoint); ok {
		return func(points []fakeca.CRLPoint, v verdict) (verdict, error) {
			v.ok = slices.ContainsFunc(points, func(p fakeca.CRLPoint) bool { return samePoint(p, want) })
			v.want = "have the CRL distribution point " + pointText(want)
			return v, nil
		}, nil
	}
	e, err := urls.expect(x)
	return func(points []fakeca.CRLPoint, v verdict) (verdict, error) {
		v.want = e.want()
		for _, p := range points {
			for _, url := range p.URLs {
				judged, err := e.judge(url, v)
				if err != nil || judged.ok {
					return judged, err
				}
				if len(points) == 1 && len(p.URLs) == 1 {
					v.nested = judged.nested
				}
			}
		}
		return v, nil
	}, err
}

var urls = kind[string]{
	have:     "have the CRL distribution point",
	matching: "have a CRL distribution point with a URL matching",
	same:     func(want, got string) bool { return want == got },
	show:     printable,
	read: func(x any) (string, error) {
		const write = "write a URL, a matcher for a URL, or a fakeca.CRLPoint"
		switch x := x.(type) {
		case string:
			if x == "" {
				return "", errors.New("the URL is empty; " + write)
			}
			return x, nil
		case *fakeca.CRLPoint:
			return "", errors.New("got a pointer to a fakeca.CRLPoint; write the fakeca.CRLPoint")
		}
		return "", fmt.Errorf("%s is not a distribution point; %s", typeOf(x), write)
	},
}

// pointsIn returns the points of a certificate or a list. The verdict has no want
// yet.
func pointsIn(actual any) ([]fakeca.CRLPoint, verdict, error) {
	switch actual.(type) {
	case *http.Response:
		return nil, verdict{}, errors.New("an *http.Response has a certificate and a body; pass its TLS, or the bytes of its Body")
	case *x509.Certificate, *fakeca.Leaf, *fakeca.CA, *subject,
		tls.ConnectionState, *tls.ConnectionState, tls.Certificate, *tls.Certificate, connection:
		cert, err := carriedCert(actual)
		if err != nil {
			return nil, verdict{}, err
		}
		return certPoints(cert)
	}
	l, err := listingOf(actual, wantCertificate+"; for a CRL want []byte, *x509.RevocationList, fakeca.CRLMessage, "+
		"*httptest.ResponseRecorder or ocsptest.Request")
	if err != nil {
		return nil, verdict{}, err
	}
	list, err := l.read()
	if err != nil {
		return nil, verdict{}, err
	}
	return list.points()
}

func certPoints(cert *x509.Certificate) ([]fakeca.CRLPoint, verdict, error) {
	v := verdict{what: certText(cert), but: "it has no CRL distribution points"}
	points, err := fakeca.CRLPointsOf(cert.Extensions)
	switch n := len(points); {
	case n == 1:
		v.but = "it has another"
	case n > 1:
		v.but = fmt.Sprintf("it has %d others", n)
	}
	const most = 3
	for i, p := range points {
		if i == most {
			v.lines = append(v.lines, fmt.Sprintf("and %d more", len(points)-most))
			break
		}
		v.lines = append(v.lines, cut(pointText(p), 150))
	}
	return points, v, err
}

func (l *list) points() ([]fakeca.CRLPoint, verdict, error) {
	v := verdict{what: l.what, but: "it has no issuing distribution point", lines: l.lines()}
	p, err := l.IssuingDistributionPoint()
	if p == nil || err != nil {
		return nil, v, err
	}
	v.but = "its issuing distribution point is another"
	if len(p.Names(l.Issuer)) == 0 {
		v.but = "its issuing distribution point has no name"
	}
	return []fakeca.CRLPoint{pointOf(p)}, v, nil
}

// pointOf returns an issuing distribution point as a certificate names it.
func pointOf(p *fakeca.IssuingDistributionPoint) fakeca.CRLPoint {
	return fakeca.CRLPoint{
		URLs: p.URLs, DirectoryNames: p.DirectoryNames, OtherNames: p.OtherNames, RelativeName: p.RelativeName,
		Reasons: p.OnlySomeReasons,
	}
}

func samePoint(a, b fakeca.CRLPoint) bool {
	sorted := func(reasons []fakeca.Reason) []fakeca.Reason { return slices.Sorted(slices.Values(reasons)) }
	return slices.Equal(a.URLs, b.URLs) &&
		slices.EqualFunc(a.DirectoryNames, b.DirectoryNames, slices.Equal) &&
		slices.EqualFunc(a.OtherNames, b.OtherNames, slices.Equal) &&
		slices.Equal(a.RelativeName, b.RelativeName) &&
		(a.Reasons == nil) == (b.Reasons == nil) && slices.Equal(sorted(a.Reasons), sorted(b.Reasons)) &&
		slices.EqualFunc(a.CRLIssuer, b.CRLIssuer, slices.Equal)
}

// pointText describes a point in one line.
func pointText(p fakeca.CRLPoint) string {
	var names []string
	for _, url := range p.URLs {
		names = append(names, printable(url))
	}
	for _, name := range p.DirectoryNames {
		names = append(names, "directory "+rdnText(name))
	}
	for _, name := range p.OtherNames {
		names = append(names, "another name "+hexText(name))
	}
	if p.RelativeName != nil {
		names = append(names, relativeText(p.RelativeName))
	}
	text := strings.Join(names, " and ")
	if names == nil {
		text = "without a name"
	}
	if p.Reasons != nil {
		text += ", for " + reasonsText(p.Reasons)
	}
	for _, name := range p.CRLIssuer {
		text += ", CRL issuer " + rdnText(name)
	}
	return text
}

// relativeText describes the DER of a RelativeDistinguishedName.
func relativeText(der []byte) string {
	var set pkix.RelativeDistinguishedNameSET
	if rest, err := asn1.Unmarshal(der, &set); err != nil || len(rest) > 0 {
		return "relative name " + hexText(der)
	}
	return "relative name " + printable(pkix.RDNSequence{set}.String())
}

func reasonsText(reasons []fakeca.Reason) string {
	if len(reasons) == 0 {
		return "no reasons"
	}
	var names []string
	for _, r := range reasons {
		names = append(names, r.String())
	}
	return strings.Join(names, " and ")
}
