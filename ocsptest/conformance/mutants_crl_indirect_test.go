package conformance

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

func isIndirect(l *fakeca.CRLMessage) bool {
	p, err := l.IssuingDistributionPoint()
	return err == nil && p != nil && p.Indirect
}

// An attribution returns whose certificate an entry of an indirect list is about.
// names are those in the entry, nil if it has none, and before is the issuer of the
// entry before it.
type attribution func(l *fakeca.CRLMessage, names [][]byte, before []byte, cert *x509.Certificate) []byte

// attributing attributes the entries of indirect lists in its own way, if the lists
// are valid.
func attributing(to attribution) reviewer {
	return func(judge crlsFunc) crlsFunc {
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := judge(o, lists, cert, issuer, at)
			if err != nil {
				return said, err
			}
			for _, der := range lists {
				if l, err := fakeca.ParseCRLMessage(der); err == nil && isIndirect(l) {
					said = fakeca.Response{Status: fakeca.Good}
					if listsBy(to, l, cert) {
						said.Status = fakeca.Revoked
					}
				}
			}
			return said, nil
		}
	}
}

// listsBy reports whether an indirect list lists a certificate.
func listsBy(to attribution, l *fakeca.CRLMessage, cert *x509.Certificate) bool {
	issuer := l.Issuer
	for i := range l.RevokedCertificates {
		e := &l.RevokedCertificates[i]
		names, _ := e.CertificateIssuer()
		issuer = to(l, names, issuer, cert)
		if bytes.Equal(issuer, cert.RawIssuer) && e.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			return true
		}
	}
	return false
}

// firstOr returns the first name, or else another one.
func firstOr(names [][]byte, otherwise []byte) []byte {
	if len(names) > 0 {
		return names[0]
	}
	return otherwise
}

func indirectReaders() []mutant {
	return []mutant{
		{name: "takes any CRL of a cRLIssuer for indirect", review: reviewing(verify.RuleCRLIndirect)},
		{name: "looks for no path to the issuer of a CRL", review: reviewing(verify.RuleCRLSigner)},
		{name: "ignores entries that it cannot read", review: reviewing(verify.RuleCRLEntry)},
		{
			name: "takes a CRL for a nameless point whatever its name",
			review: readingLists(func(lists []*fakeca.CRLMessage, cert, _ *x509.Certificate, _ time.Time) (said fakeca.Response, ok bool) {
				nameless := slices.ContainsFunc(pointsOf(cert), func(p fakeca.CRLPoint) bool { return p.URLs == nil && p.CRLIssuer != nil })
				if !nameless || len(lists) != 1 || !isIndirect(lists[0]) {
					return said, false
				}
				return statusIn(lists[0], cert), true
			}),
		},
		{
			name:     "attributes all entries of an indirect CRL to the issuer of the certificate",
			policies: []Policy{softList},
			review: attributing(func(_ *fakeca.CRLMessage, _ [][]byte, _ []byte, cert *x509.Certificate) []byte {
				return cert.RawIssuer
			}),
		},
		{
			name:     "attributes entries without a certificate issuer to the issuer of the CRL",
			policies: []Policy{listing, softList},
			review: attributing(func(l *fakeca.CRLMessage, names [][]byte, _ []byte, _ *x509.Certificate) []byte {
				return firstOr(names, l.Issuer)
			}),
		},
		{
			name:     "attributes entries before the first certificate issuer to the issuer of the certificate",
			policies: []Policy{softList},
			review: attributing(func(l *fakeca.CRLMessage, names [][]byte, before []byte, cert *x509.Certificate) []byte {
				if names == nil && bytes.Equal(before, l.Issuer) {
					return cert.RawIssuer
				}
				return firstOr(names, before)
			}),
		},
		{
			name: "keeps the first certificate issuer to the end of an indirect CRL",
			review: attributing(func(l *fakeca.CRLMessage, names [][]byte, before []byte, _ *x509.Certificate) []byte {
				if bytes.Equal(before, l.Issuer) {
					return firstOr(names, before)
				}
				return before
			}),
		},
		{
			name: "skips entries without a certificate issuer of an indirect CRL",
			review: attributing(func(_ *fakeca.CRLMessage, names [][]byte, _ []byte, _ *x509.Certificate) []byte {
				return firstOr(names, nil)
			}),
		},
		{
			name:     "knows only certificate issuers of one name",
			review:   discarding(func(l *fakeca.CRLMessage, _ *x509.Certificate) bool { return hasSeveralNames(l) }),
			policies: []Policy{softList},
		},
		{
			name:     "does not use indirect CRLs",
			policies: misses,
			review:   discarding(func(l *fakeca.CRLMessage, _ *x509.Certificate) bool { return isIndirect(l) }),
		},
	}
}

// hasSeveralNames reports whether the certificate issuer of an entry has several
// names.
func hasSeveralNames(l *fakeca.CRLMessage) bool {
	for _, entry := range l.RevokedCertificates {
		for _, e := range entry.Extensions {
			var names []asn1.RawValue
			if _, err := asn1.Unmarshal(e.Value, &names); err == nil && e.Id.Equal(idCertificateIssuer) && len(names) > 1 {
				return true
			}
		}
	}
	return false
}
