package verify

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A point is a distribution point of the certificate.
type point struct {
	issuer    []byte   // the name of the certificate's issuer
	crlIssuer [][]byte // nil: left out
	names     [][]byte // as fakeca.CRLPoint.Names returns them
	reasons   reasonSet
}

// readPoints reads the distribution points of the certificate. The last is the one
// that RFC 5280 section 6.3.3 assumes for all other lists of the issuer.
func (j *crlJudgement) readPoints() {
	issuer := j.cert.RawIssuer
	points, err := fakeca.CRLPointsOf(j.cert.Extensions)
	if err != nil {
		j.wrong.add(RuleCRLPoint, "those of the certificate cannot be read: %s", strings.TrimPrefix(err.Error(), "fakeca: "))
	}
	for _, p := range points {
		j.points = append(j.points, point{issuer, p.CRLIssuer, p.Names(issuer), reasonsOf(p.Reasons)})
	}
	assumed := fakeca.CRLPoint{DirectoryNames: [][]byte{issuer}}
	j.points = append(j.points, point{issuer, nil, append(assumed.Names(issuer), issuerAltNames(j.cert)...), allReasons})
}

// issuerAltNames returns the DER of each name of the issuerAltName extension (RFC
// 5280 section 4.2.1.7).
func issuerAltNames(cert *x509.Certificate) (names [][]byte) {
	for _, e := range cert.Extensions {
		var list cryptobyte.String
		value := cryptobyte.String(e.Value)
		if !e.Id.Equal(oidIssuerAltName) || !value.ReadASN1(&list, cryptobyte_asn1.SEQUENCE) {
			continue
		}
		var name cryptobyte.String
		var tag cryptobyte_asn1.Tag
		for list.ReadAnyASN1Element(&name, &tag) {
			names = append(names, name)
		}
	}
	return names
}

var oidIssuerAltName = asn1.ObjectIdentifier{2, 5, 29, 18}

// A fit is how far a list passes step (b) for a point.
type fit int

const (
	otherIssuer fit = iota // (b)(1)
	notIndirect            // (b)(1)
	otherPoint             // (b)(2)(i)
	fits
)

// fit verifies the issuer of a list, and that it is for p: RFC 5280 section 6.3.3,
// (b)(1) and (b)(2)(i).
func (j *crlJudgement) fit(l *crl, p point) fit {
	isFrom := func(name []byte) bool { return bytes.Equal(name, l.message.Issuer) }
	switch {
	case p.crlIssuer == nil && !isFrom(p.issuer):
		return otherIssuer
	case p.crlIssuer != nil && !slices.ContainsFunc(p.crlIssuer, isFrom):
		return otherIssuer
	case p.crlIssuer != nil && (l.idp == nil || !l.idp.Indirect):
		return notIndirect
	case j.NoIDP:
		return fits
	}
	inPoint := func(name []byte) bool {
		return slices.ContainsFunc(p.names, func(other []byte) bool { return bytes.Equal(name, other) })
	}
	if len(l.names) > 0 && !slices.ContainsFunc(l.names, inPoint) {
		return otherPoint
	}
	return fits
}

// outOfScope returns why a list does not cover the certificate by its kind, or "":
// RFC 5280 section 6.3.3, (b)(2)(ii) to (iv).
func (j *crlJudgement) outOfScope(l *crl) string {
	isCA := j.cert.BasicConstraintsValid && j.cert.IsCA
	switch {
	case l.idp == nil || j.NoIDP:
		return ""
	case l.idp.OnlyUserCerts && isCA:
		return "it covers no CAs, and the certificate is that of a CA"
	case l.idp.OnlyCACerts && !isCA:
		return "it covers only CAs, and the certificate is not that of a CA"
	case l.idp.OnlyAttributeCerts:
		return "it covers only attribute certificates"
	}
	return ""
}

// explainScope adds why a complete list does not cover the certificate.
func (j *crlJudgement) explainScope(l *crl, wrong *Violations) {
	best := otherIssuer
	for _, p := range j.points {
		best = max(best, j.fit(l, p))
	}
	name := nameText(l.message.Issuer)
	switch best {
	case otherIssuer:
		l.add(wrong, RuleCRLIssuer, "it is from %q, neither the issuer nor a cRLIssuer of the certificate", name)
	case notIndirect:
		l.add(wrong, RuleCRLIndirect, "the certificate names its issuer, %q, as cRLIssuer, and it is not indirect", name)
	case otherPoint:
		l.add(wrong, RuleCRLPoint, "it is for other distribution points%s", urlText(l.idp.URLs))
	}
	if why := j.outOfScope(l); why != "" {
		l.add(wrong, RuleCRLScope, "%s", why)
	}
	if j.NoIDP && l.idp != nil && best == fits && l.entry == nil {
		l.add(wrong, RuleCRLCriticalExtension, "the issuing distribution point is not known, and the certificate not listed")
	}
}

func urlText(urls []string) string {
	if len(urls) == 0 {
		return ""
	}
	return ", such as " + urls[0]
}

// A reasonSet is a set of reasons for revocation: bit n is reason n.
type reasonSet uint16

// allReasons are those of section 6.3.2, which are all except unspecified and
// removeFromCRL.
const allReasons reasonSet = 1<<fakeca.KeyCompromise | 1<<fakeca.CACompromise | 1<<fakeca.AffiliationChanged |
	1<<fakeca.Superseded | 1<<fakeca.CessationOfOperation | 1<<fakeca.CertificateHold |
	1<<fakeca.PrivilegeWithdrawn | 1<<fakeca.AACompromise

// reasonsOf returns the set of reasons; nil stands for all.
func reasonsOf(reasons []fakeca.Reason) (s reasonSet) {
	if reasons == nil {
		return allReasons
	}
	for _, r := range reasons {
		s |= 1 << r & allReasons
	}
	return s
}

// String returns the reasons, such as "superseded, certificate_hold".
func (s reasonSet) String() string {
	if s == allReasons {
		return "any reason"
	}
	var names []string
	for r := range fakeca.Reasons() {
		if s&(1<<r) != 0 {
			names = append(names, r.String())
		}
	}
	return strings.Join(names, ", ")
}
