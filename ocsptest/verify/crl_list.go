package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A crl is one of the lists, with what was read of it.
type crl struct {
	name     string                     // how violations name it: "", or "CRL 0: "
	message  *fakeca.CRLMessage         // nil: cannot be parsed
	entry    *fakeca.RevokedCertificate // the one about the certificate
	number   *big.Int
	base     *big.Int
	isDelta  bool
	keyID    []byte
	idp      *fakeca.IssuingDistributionPoint
	rawIDP   []byte
	names    [][]byte // those of the issuing distribution point
	reasons  reasonSet
	unscoped bool // what it covers cannot be read
	signer   *x509.Certificate

	wrong    Violations // everything except for:
	outdated Violations // what a delta remedies
}

func (l *crl) add(wrong *Violations, r Rule, format string, args ...any) {
	wrong.add(r, "%s%s", l.name, fmt.Sprintf(format, args...))
}

// readCRL reads list i of n, and judges all of it except what it covers.
func (j *crlJudgement) readCRL(i, n int, der []byte) *crl {
	l := new(crl)
	if n > 1 {
		l.name = fmt.Sprintf("CRL %d: ", i)
	}
	m, err := fakeca.ParseCRLMessage(der)
	if err != nil {
		broken := RuleCRLMalformed
		if syntax, ok := errors.AsType[*fakeca.SyntaxError](err); ok && syntax.Element == "version" {
			broken = RuleCRLVersion
		}
		l.add(&l.wrong, broken, "%s", strings.TrimPrefix(err.Error(), "fakeca: CRL: "))
		return l
	}
	m.TBSCertList.Raw = tbsCertList(der)
	l.message = m
	l.readScope()
	if n > 1 {
		l.name = fmt.Sprintf("CRL %d%s: ", i, l.title(j.cert))
	}
	j.checkForm(l)
	j.checkListTimes(l)
	l.checkListExtensions()
	l.checkEntries(j.cert)
	j.checkListSignature(l)
	return l
}

// tbsCertList returns the signed bytes of a list that fakeca has parsed.
func tbsCertList(der []byte) []byte {
	var signed cryptobyte.String
	s := cryptobyte.String(der)
	if !s.ReadASN1(&s, cryptobyte_asn1.SEQUENCE) || !s.ReadASN1Element(&signed, cryptobyte_asn1.SEQUENCE) {
		panic("verify: fakeca accepted a CRL without tbsCertList")
	}
	return signed
}

// readScope reads what the list covers.
func (l *crl) readScope() {
	tbs := &l.message.TBSCertList
	var err error
	if l.idp, err = tbs.IssuingDistributionPoint(); err != nil {
		l.unscoped = true
		l.add(&l.wrong, RuleCRLIDP, "%v", err)
	}
	l.reasons = allReasons
	if l.idp != nil {
		l.names, l.reasons = l.idp.Names(tbs.Issuer), reasonsOf(l.idp.OnlySomeReasons)
	}
	if l.base, err = tbs.BaseNumber(); err != nil {
		l.unscoped = true
		l.add(&l.wrong, RuleCRLDelta, "%v", err)
	}
	l.isDelta = l.base != nil
	for _, e := range tbs.CRLExtensions {
		if e.Id.Equal(oidIDP) {
			l.rawIDP = e.Value
		}
	}
}

// title distinguishes the list from others: by its kind, its issuer if that is not the
// certificate's, its number, and its URL.
func (l *crl) title(cert *x509.Certificate) string {
	var b strings.Builder
	if l.isDelta {
		b.WriteString(", a delta")
	}
	if !bytes.Equal(l.message.Issuer, cert.RawIssuer) {
		fmt.Fprintf(&b, " of %q", nameText(l.message.Issuer))
	}
	if n, err := l.message.Number(); err == nil && n != nil {
		fmt.Fprintf(&b, ", number %v", n)
	}
	if l.idp != nil && len(l.idp.URLs) > 0 {
		fmt.Fprintf(&b, ", for %s", l.idp.URLs[0])
	}
	return b.String()
}

// checkForm checks what RFC 5280 requires of the fields and the extensions that
// every list of version v2 has.
func (j *crlJudgement) checkForm(l *crl) {
	tbs := &l.message.TBSCertList
	if tbs.Version == 0 {
		switch hasExtensions := func(e fakeca.RevokedCertificate) bool { return e.Extensions != nil }; {
		case j.RefuseVersion1:
			l.add(&l.wrong, RuleCRLVersion, "v1")
		case tbs.CRLExtensions != nil || slices.ContainsFunc(tbs.RevokedCertificates, hasExtensions):
			l.add(&l.wrong, RuleCRLVersion, "v1 with extensions")
		}
		return
	}
	const longest = 20 // bytes
	var err error
	switch l.number, err = tbs.Number(); {
	case err != nil:
		l.add(&l.wrong, RuleCRLNumber, "%v", err)
	case l.number == nil:
		l.add(&l.wrong, RuleCRLNumber, "it is missing")
	case l.number.Sign() < 0:
		l.add(&l.wrong, RuleCRLNumber, "%v is negative", l.number)
	case l.number.BitLen()/8+1 > longest:
		l.add(&l.wrong, RuleCRLNumber, "it has %d bytes, more than %d", l.number.BitLen()/8+1, longest)
	}
	switch l.keyID, err = tbs.AuthorityKeyID(); {
	case err != nil:
		l.add(&l.wrong, RuleCRLKeyID, "%v", err)
	case l.keyID == nil:
		l.add(&l.wrong, RuleCRLKeyID, "it is missing")
	}
	if p := l.idp; p != nil {
		switch {
		case btoi(p.OnlyUserCerts)+btoi(p.OnlyCACerts)+btoi(p.OnlyAttributeCerts) > 1:
			l.add(&l.wrong, RuleCRLIDP, "it covers only certificates of one kind, and only those of another")
		case l.names == nil && !p.OnlyUserCerts && !p.OnlyCACerts && !p.OnlyAttributeCerts && p.OnlySomeReasons == nil && !p.Indirect:
			l.add(&l.wrong, RuleCRLIDP, "it is empty")
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// checkListTimes checks step (a) of RFC 5280 section 6.3.3.
func (j *crlJudgement) checkListTimes(l *crl) {
	this, next := l.message.ThisUpdate.Time, l.message.NextUpdate.Time
	if this.After(j.at.Add(j.Skew)) {
		l.add(&l.wrong, RuleCRLEarly, "thisUpdate %s is in the future", stamp(this))
	}
	switch {
	case next.IsZero() && !j.AcceptExpired:
		l.add(&l.outdated, RuleCRLNextUpdate, "there is none")
	case next.IsZero():
	case next.Before(this):
		l.add(&l.wrong, RuleCRLUpdateOrder, "nextUpdate %s is before thisUpdate %s", stamp(next), stamp(this))
	case next.Before(j.at.Add(-j.Skew)) && !j.AcceptExpired:
		l.add(&l.outdated, RuleCRLExpired, "nextUpdate %s is in the past", stamp(next))
	}
	if age := j.at.Sub(this); j.MaxAge > 0 && age > j.MaxAge+j.Skew {
		l.add(&l.outdated, RuleCRLAge, "thisUpdate %s is %v old, more than %v", stamp(this), age.Round(time.Second), j.MaxAge)
	}
}

// A criticality is whether RFC 5280 section 5.2 allows or requires that an extension
// is critical.
type criticality int

const (
	either criticality = iota
	always
	never
)

var oidIDP = asn1.ObjectIdentifier{2, 5, 29, 28}

// listExtensions are the extensions of lists in RFC 5280 section 5.2.
var listExtensions = []struct {
	id       asn1.ObjectIdentifier
	name     string
	critical criticality
}{
	{asn1.ObjectIdentifier{2, 5, 29, 35}, "authorityKeyIdentifier", either},
	{oidIssuerAltName, "issuerAltName", either},
	{asn1.ObjectIdentifier{2, 5, 29, 20}, "cRLNumber", never},
	{asn1.ObjectIdentifier{2, 5, 29, 27}, "deltaCRLIndicator", always},
	{oidIDP, "issuingDistributionPoint", always},
	{asn1.ObjectIdentifier{2, 5, 29, 46}, "freshestCRL", never},
	{asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, "authorityInfoAccess", never},
}

func (l *crl) checkListExtensions() {
	for _, e := range l.message.CRLExtensions {
		l.checkCriticality(e)
	}
}

func (l *crl) checkCriticality(e pkix.Extension) {
	for _, known := range listExtensions {
		if !e.Id.Equal(known.id) {
			continue
		}
		switch {
		case known.critical == never && e.Critical:
			l.add(&l.wrong, RuleCRLCriticalExtension, "%s must not be critical", known.name)
		case known.critical == always && !e.Critical:
			l.add(&l.wrong, RuleCRLCriticalExtension, "%s must be critical", known.name)
		}
		return
	}
	if e.Critical {
		l.add(&l.wrong, RuleCRLCriticalExtension, "the extension %v is critical and unknown", e.Id)
	}
}

// nameText returns the text of a name in DER.
func nameText(der []byte) string {
	var rdns pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdns); err != nil || len(rest) > 0 {
		return fmt.Sprintf("%x", der)
	}
	return rdns.String()
}
