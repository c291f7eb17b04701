package verify

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"slices"
)

// checkListSignature finds the certificate of the list's issuer, and judges it and
// the signature: RFC 5280 section 6.3.3, (f), (g) and (h).
func (j *crlJudgement) checkListSignature(l *crl) {
	m := l.message
	if inside, outside := m.Signature, m.SignatureAlgorithm; !inside.Algorithm.Equal(outside.Algorithm) ||
		!bytes.Equal(inside.Parameters, outside.Parameters) {
		l.add(&l.wrong, RuleCRLAlgorithms, "%v with parameters %x inside, and %v with parameters %x outside",
			inside.Algorithm, inside.Parameters, outside.Algorithm, outside.Parameters)
		m.Signature = outside // not to fail below; what is signed is m.Raw
	}
	refusal, checkable := j.refusal(m.SignatureAlgorithm)
	if refusal != "" {
		l.add(&l.wrong, RuleCRLSignatureAlgorithm, "%s", refusal)
	}
	candidates := j.certificatesOf(l)
	switch {
	case len(candidates) == 0 && j.isExpectedFrom(l):
		l.add(&l.wrong, RuleCRLSigner, "no certificate of its issuer, %q, is known", nameText(m.Issuer))
	case len(candidates) > 0 && checkable:
		l.findSigner(candidates)
	}
	if l.signer == nil {
		return
	}
	if id := l.signer.SubjectKeyId; l.keyID != nil && len(id) > 0 && !bytes.Equal(l.keyID, id) {
		l.add(&l.wrong, RuleCRLKeyID, "it is not that of the key of %q", l.signer.Subject)
	}
	if hasKeyUsage(l.signer) && l.signer.KeyUsage&x509.KeyUsageCRLSign == 0 {
		l.add(&l.wrong, RuleCRLSignerKeyUsage, "the key usage of %q lacks cRLSign", l.signer.Subject)
	}
	if !sameSubject(l.signer, j.issuer) {
		j.checkPath(l)
	}
}

// certificatesOf returns the known certificates with the name of the list's issuer,
// first those whose key it names.
func (j *crlJudgement) certificatesOf(l *crl) (all []*x509.Certificate) {
	for _, c := range slices.Concat([]*x509.Certificate{j.issuer}, j.CRLIssuers) {
		if bytes.Equal(c.RawSubject, l.message.Issuer) {
			all = append(all, c)
		}
	}
	rank := func(c *x509.Certificate) int {
		if bytes.Equal(c.SubjectKeyId, l.keyID) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b *x509.Certificate) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// isExpectedFrom reports whether the certificate names the issuer of the list.
func (j *crlJudgement) isExpectedFrom(l *crl) bool {
	return slices.ContainsFunc(j.points, func(p point) bool { return j.fit(l, p) != otherIssuer })
}

// findSigner sets the signer to the candidate whose key made the signature.
func (l *crl) findSigner(candidates []*x509.Certificate) {
	var unchecked error
	for _, c := range candidates {
		err := l.message.CheckSignatureFrom(c)
		if err == nil {
			l.signer = c
			return
		}
		if unchecked == nil && cannotCheck(c, err) {
			unchecked = errors.Unwrap(err) // without the text that it is not by c
		}
	}
	if unchecked != nil {
		l.add(&l.wrong, RuleCRLSignatureAlgorithm, "it cannot be checked with the key of %q: %s", candidates[0].Subject, reason(unchecked))
		return
	}
	l.add(&l.wrong, RuleCRLSignature, "it is not by the key of %q", candidates[0].Subject)
}

// hasKeyUsage reports whether c has the extension. [x509.Certificate] does not
// distinguish one without bits from none.
func hasKeyUsage(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(oidKeyUsage) {
			return true
		}
	}
	return c.KeyUsage != 0
}

var oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}

// checkPath validates a signer that is not the issuer. The trust anchor of the
// certificate is not known, so the path must lead to the issuer, or to a CA that
// issued the issuer.
func (j *crlJudgement) checkPath(l *crl) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range j.above() {
		roots.AddCert(c)
	}
	for _, c := range j.CRLIssuers {
		intermediates.AddCert(c)
	}
	c := l.signer
	_, err := c.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: j.at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	switch {
	case err == nil:
	case j.at.Before(c.NotBefore):
		l.add(&l.wrong, RuleCRLSignerEarly, "%q is not valid before %s", c.Subject, stamp(c.NotBefore))
	case j.at.After(c.NotAfter):
		l.add(&l.wrong, RuleCRLSignerExpired, "%q is not valid after %s", c.Subject, stamp(c.NotAfter))
	default:
		l.add(&l.wrong, RuleCRLSigner, "the certificate of %q is not valid below the issuer or its CAs: %v", c.Subject, err)
	}
}

// above returns the issuer and those of CRLIssuers that are above it.
func (j *crlJudgement) above() []*x509.Certificate {
	all := []*x509.Certificate{j.issuer}
	for i := 0; i < len(all); i++ {
		for _, c := range j.CRLIssuers {
			if bytes.Equal(all[i].RawIssuer, c.RawSubject) && !slices.ContainsFunc(all, c.Equal) && all[i].CheckSignatureFrom(c) == nil {
				all = append(all, c)
			}
		}
	}
	return all
}
