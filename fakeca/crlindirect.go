package fakeca

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// A section of a list has the entries for the CAs of one name.
type section struct {
	issuer  *x509.Certificate // of one of these CAs
	entries []revocation      // in the order of the serial numbers
}

// sections returns what c lists, and what it was read from. The section of the
// signer is the first, because it needs no certificate issuer there.
func (ca *CA) sections(c *CRL, signer *x509.Certificate, now time.Time) ([]section, revisions) {
	var base revisions
	if c.Base != nil {
		base = ca.madeFrom(c.Base)
	}
	var all []section
	from := make(revisions)
	part := *c
	for _, o := range slices.Concat([]*CA{ca}, c.Others) {
		entries, revision := o.listed(&part, base[o], now)
		from[o] = revision
		part.Also = nil // those are of ca
		if i := slices.IndexFunc(all, func(s section) bool { return sameName(s.issuer, o.Cert) }); i >= 0 {
			all[i].entries = append(all[i].entries, entries...)
			slices.SortStableFunc(all[i].entries, compareSerials)
			continue
		}
		all = append(all, section{o.Cert, entries})
	}
	slices.SortStableFunc(all, func(a, b section) int {
		switch first := sameName(a.issuer, signer); {
		case first == sameName(b.issuer, signer):
			return 0
		case first:
			return -1
		}
		return 1
	})
	return all, from
}

// revokedCertificates returns the entries of an indirect CRL if indirect is true,
// and else of one that names no certificate issuers.
func revokedCertificates(sections []section, signer *x509.Certificate, indirect bool) []RevokedCertificate {
	var all []RevokedCertificate
	for _, s := range sections {
		all = slices.Grow(all, len(s.entries))
		for i, r := range s.entries {
			entry := revokedCertificate(r)
			if i == 0 && indirect && !sameName(s.issuer, signer) {
				entry.Extensions = append(entry.Extensions, certificateIssuer(s.issuer))
			}
			all = append(all, entry)
		}
	}
	return all
}

func sameName(a, b *x509.Certificate) bool { return bytes.Equal(a.RawSubject, b.RawSubject) }

func compareSerials(a, b revocation) int { return a.serial.Cmp(b.serial) }

// checkOthers returns what is wrong with CRL.Others and what to write instead, or
// "".
func (ca *CA) checkOthers(others []*CA) string {
	for i, o := range others {
		switch {
		case o == nil:
			return fmt.Sprintf("Others[%d] is nil; leave it out", i)
		case o == ca:
			return fmt.Sprintf("Others[%d] is the CA itself, whose revocations are listed anyway; leave it out", i)
		case slices.Contains(others[:i], o):
			return fmt.Sprintf("Others[%d] is there twice; leave it out", i)
		}
	}
	return ""
}
