package matchers

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
)

// HaveCRLEntry matches a CRL with an entry for this certificate that matches all
// of these matchers. The certificate is a *fakeca.Leaf, *fakeca.CA or
// *[x509.Certificate]. For the serial number n of any issuer, write
// &x509.Certificate{SerialNumber: n}.
//
// The matchers get a fakeca.Response with Serial, Status, Reason, ExplicitReason
// and RevokedAt, which is how fakeca.CRL.Also describes an entry. Of the matchers
// of this package, [HaveOCSPReason] and [HaveOCSPRevokedAt] can match an entry:
//
//	HaveCRLEntry(leaf, HaveOCSPReason(KeyCompromise), HaveOCSPRevokedAt(BeTemporally("<", now)))
//
// An entry is for the certificate if it has its serial number and its issuer. The
// issuer is that of the list, or the one that an indirect CRL names for the entry
// (RFC 5280 section 5.3.3). Of several entries, one must match. In a delta CRL, an
// entry with the reason RemoveFromCRL says that the certificate is no longer
// revoked. An entry that cannot be read is an error.
func HaveCRLEntry(cert any, matchers ...types.GomegaMatcher) types.GomegaMatcher {
	c, _, err := certOf(cert)
	if err == nil {
		err = invalid(forEntries, matchers...)
	}
	args := []any{cert}
	for _, m := range matchers {
		args = append(args, m)
	}
	matchers = slices.Clone(matchers)
	return newMatcher("HaveCRLEntry", args, err, onList(func(l *list) (verdict, error) {
		entries, others, err := l.entriesFor(c)
		v := verdict{what: l.what, want: "have an entry for " + certText(c)}
		switch {
		case err != nil:
			return v, err
		case len(entries) == 0:
			v.but = lacksEntry(c, others)
			v.lines = append(l.lines(), l.serials()...)
			return v, nil
		case len(matchers) == 0:
			v.ok = true
			v.lines = entryLines(l, c, entries)
			return v, nil
		}
		return l.oneOf(entries, c, matchers)
	}))
}

// forEntries returns an error for the matchers that do not match an entry.
func forEntries(m matcher) error {
	switch name, _, _ := strings.Cut(m.text, "("); name {
	case "HaveOCSPReason", "HaveOCSPRevokedAt":
		return nil
	}
	return fmt.Errorf("%s does not match an entry; write HaveOCSPReason, HaveOCSPRevokedAt, or a matcher for a fakeca.Response", m.text)
}

// entriesFor returns the entries for cert, and the names of other issuers that
// have entries for the same serial number.
func (l *list) entriesFor(cert *x509.Certificate) (entries []fakeca.Response, others []string, err error) {
	issuers := [][]byte{l.Issuer}
	for i := range l.RevokedCertificates {
		c := &l.RevokedCertificates[i]
		names, err := c.CertificateIssuer()
		if err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", i, err)
		}
		if names != nil {
			issuers = names
		}
		if !sameInt(c.SerialNumber, cert.SerialNumber) {
			continue
		}
		if !isIssuer(issuers, cert) {
			for _, name := range issuers {
				others = append(others, rdnText(name))
			}
			continue
		}
		r, err := entryOf(c)
		if err != nil {
			return nil, nil, fmt.Errorf("entry %d: %w", i, err)
		}
		entries = append(entries, r)
	}
	return entries, others, nil
}

func isIssuer(names [][]byte, cert *x509.Certificate) bool {
	unknown := len(cert.RawIssuer) == 0
	return unknown || slices.ContainsFunc(names, func(name []byte) bool { return bytes.Equal(name, cert.RawIssuer) })
}

func entryOf(c *fakeca.RevokedCertificate) (fakeca.Response, error) {
	r := fakeca.Response{Serial: c.SerialNumber, Status: fakeca.Revoked, RevokedAt: c.RevocationDate.Time}
	reason, err := c.Reason()
	if reason != nil {
		r.Reason, r.ExplicitReason = *reason, *reason == fakeca.Unspecified
	}
	return r, err
}

func lacksEntry(cert *x509.Certificate, others []string) string {
	if len(others) == 0 {
		return fmt.Sprintf("it has no entry for serial %x", cert.SerialNumber)
	}
	return fmt.Sprintf("its entry for serial %x is for a certificate of %s, not of %s",
		cert.SerialNumber, strings.Join(others, " and "), nameText(cert.Issuer))
}

// serials returns a line with the first serial numbers on the list.
func (l *list) serials() []string {
	const most = 3
	n := len(l.RevokedCertificates)
	if n == 0 {
		return nil
	}
	var numbers []string
	for _, c := range l.RevokedCertificates[:min(n, most)] {
		numbers = append(numbers, fmt.Sprintf("%x", c.SerialNumber))
	}
	line := "entries for serials " + strings.Join(numbers, ", ")
	if n > most {
		line += fmt.Sprintf(" and %d more", n-most)
	}
	return []string{line}
}

// oneOf judges the entries by all of the matchers. One entry must match.
func (l *list) oneOf(entries []fakeca.Response, cert *x509.Certificate, matchers []types.GomegaMatcher) (verdict, error) {
	var v verdict
	for _, r := range entries {
		s := &subject{what: "the entry for " + certText(cert), resp: &r, serial: r.Serial, cert: cert}
		var err error
		if v, err = s.all(matchers); err != nil {
			return v, err
		}
		if v.ok {
			break
		}
	}
	v.lines = entryLines(l, cert, entries)
	if n := len(entries); n > 1 {
		v.what = fmt.Sprintf("the %d entries for %s", n, certText(cert))
		if !v.ok {
			v.what, v.but, v.nested = "one of "+v.what, "none does", ""
		}
	}
	return v, nil
}

// entryLines describes the first entries, and the list that they are on.
func entryLines(l *list, cert *x509.Certificate, entries []fakeca.Response) []string {
	const most = 2
	var lines []string
	for _, r := range entries[:min(len(entries), most)] {
		s := &subject{serial: r.Serial, cert: cert}
		lines = append(lines, newResponse(s, r, nil).lines()...)
	}
	if n := len(entries); n > most {
		lines[most-1] += fmt.Sprintf("; and %d more", n-most)
	}
	return append(lines, l.lines()...)
}
