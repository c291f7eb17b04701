package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// The extensions of entries, by their numbers below id-ce (RFC 5280 section 5.3,
// and for the hold instruction RFC 3280 section 5.3.2).
const (
	reasonCode        = 21
	holdInstruction   = 23
	invalidityDate    = 24
	certificateIssuer = 29
)

// checkEntries judges all entries, and finds the one about cert: RFC 5280 section
// 6.3.3, (i) and (j). A list can have a million of them. What is wrong with many is
// reported once.
func (l *crl) checkEntries(cert *x509.Certificate) {
	entries := l.message.RevokedCertificates
	if entries != nil && len(entries) == 0 {
		l.add(&l.wrong, RuleCRLEntry, "there are none, so that revokedCertificates must be left out")
	}
	indirect := l.idp != nil && l.idp.Indirect
	isOurs := bytes.Equal(l.message.Issuer, cert.RawIssuer) // section 5.3.3
	first := 0
	for i := range entries {
		e := &entries[i]
		if names := l.checkEntry(i, e); names != nil && indirect {
			isOurs = slices.ContainsFunc(names, func(name []byte) bool { return bytes.Equal(name, cert.RawIssuer) })
		} else if names != nil {
			l.addOnce(RuleCRLEntry, i, e, "names its certificate issuer, and the CRL is not indirect")
		}
		if !isOurs || e.SerialNumber.Cmp(cert.SerialNumber) != 0 {
			continue
		}
		if l.entry == nil {
			l.entry, first = e, i
			continue
		}
		l.add(&l.wrong, RuleCRLEntry, "entries %d and %d are both about serial %x", first, i, e.SerialNumber)
		if isRemoval(l.entry) {
			l.entry, first = e, i
		}
	}
}

// checkEntry checks the extensions of entry i, and returns the names of its
// certificate issuer, if it has any.
func (l *crl) checkEntry(i int, e *fakeca.RevokedCertificate) (issuer [][]byte) {
	reasons := 0
	for k := range e.Extensions {
		x := &e.Extensions[k]
		var err error
		switch number := belowIDCE(x); {
		case number == reasonCode:
			if reasons++; reasons > 1 || !isUsualReason(x.Value) {
				_, err = e.Reason()
			}
			if isRemovalCode(x.Value) && !l.isDelta {
				l.addOnce(RuleCRLRemove, i, e, "has the reason removeFromCRL, and the CRL is not a delta")
			}
		case number == invalidityDate:
			_, err = e.InvalidityDate()
		case number == certificateIssuer:
			issuer, err = e.CertificateIssuer()
			if !x.Critical {
				l.addOnce(RuleCRLEntryExtension, i, e, "has a certificateIssuer that is not critical")
			}
		case x.Critical && number != holdInstruction:
			l.addOnce(RuleCRLEntryExtension, i, e, "has the critical and unknown extension "+x.Id.String())
		}
		if err != nil {
			l.addOnce(RuleCRLEntry, i, e, "has an extension that cannot be read: "+err.Error())
		}
	}
	return issuer
}

// addOnce adds what is wrong with an entry, unless that rule is broken already.
func (l *crl) addOnce(r Rule, i int, e *fakeca.RevokedCertificate, what string) {
	if !slices.ContainsFunc(l.wrong, func(v *Violation) bool { return v.Rule == r }) {
		l.add(&l.wrong, r, "entry %d, serial %x, %s", i, e.SerialNumber, what)
	}
}

// belowIDCE returns the number of an extension below id-ce, or 0.
func belowIDCE(x *pkix.Extension) int {
	if id := x.Id; len(id) == 4 && id[0] == 2 && id[1] == 5 && id[2] == 29 {
		return id[3]
	}
	return 0
}

// isUsualReason reports whether fakeca can read the value of a reason code. It is
// faster, and right about all reasons that are assigned.
func isUsualReason(value []byte) bool {
	const unused = 7
	return len(value) == 3 && value[0] == 0x0a && value[1] == 1 && value[2] <= byte(fakeca.AACompromise) && value[2] != unused
}

func isRemovalCode(value []byte) bool {
	return isUsualReason(value) && value[2] == byte(fakeca.RemoveFromCRL)
}

// isRemoval reports whether an entry says that a certificate is not revoked: RFC
// 5280 section 6.3.3 (k).
func isRemoval(e *fakeca.RevokedCertificate) bool {
	reason, err := e.Reason()
	return err == nil && reason != nil && *reason == fakeca.RemoveFromCRL
}
