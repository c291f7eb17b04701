package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A listQuery is what a client wants to know from CRLs.
type listQuery struct {
	lists        [][]byte
	cert, issuer *x509.Certificate
	at           time.Time
}

// parsed returns the lists that are DER.
func (q listQuery) parsed() (all []*fakeca.CRLMessage) {
	for _, der := range q.lists {
		if m, err := fakeca.ParseCRLMessage(der); err == nil {
			all = append(all, m)
		}
	}
	return all
}

// entries returns those about the certificate.
func (q listQuery) entries() (all []fakeca.RevokedCertificate) {
	for _, m := range q.parsed() {
		for _, e := range m.RevokedCertificates {
			if e.SerialNumber.Cmp(q.cert.SerialNumber) == 0 {
				all = append(all, e)
			}
		}
	}
	return all
}

// afterwards changes what package verify says.
func afterwards(change func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error)) reviewer {
	return func(judge crlsFunc) crlsFunc {
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := judge(o, lists, cert, issuer, at)
			return change(listQuery{lists, cert, issuer, at}, said, err)
		}
	}
}

// refusingLists refuses lists that are valid.
func refusingLists(refuses func(listQuery, *fakeca.CRLMessage) bool) reviewer {
	return afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
		if slices.ContainsFunc(q.parsed(), func(m *fakeca.CRLMessage) bool { return refuses(q, m) }) {
			return fakeca.Response{}, errors.New("a mutant refuses this CRL")
		}
		return said, err
	})
}

// overlooking reads good if it overlooks all entries about the certificate. It also
// ignores violations of some rules.
func overlooking(overlooks func(listQuery, fakeca.RevokedCertificate) bool, rules ...verify.Rule) reviewer {
	ignore := reviewing(rules...)
	overlook := afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
		seen := func(e fakeca.RevokedCertificate) bool { return !overlooks(q, e) }
		if err == nil && said.Status == fakeca.Revoked && !slices.ContainsFunc(q.entries(), seen) {
			return fakeca.Response{}, nil
		}
		return said, err
	})
	return func(judge crlsFunc) crlsFunc { return overlook(ignore(judge)) }
}

// mistaking reads revoked if it takes an entry about another certificate for one
// about this one.
func mistaking(mistakes func(entry, serial *big.Int) bool) reviewer {
	return afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
		if err == nil && hasEntry(q.lists, func(n *big.Int) bool { return mistakes(n, q.cert.SerialNumber) }) {
			said.Status = fakeca.Revoked
		}
		return said, err
	})
}

// readingOn reads good in a list that it cannot parse at one of some places.
func readingOn(places ...string) reviewer {
	return afterwards(func(_ listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
		violations, _ := errors.AsType[verify.Violations](err)
		if len(violations) == 1 && violations[0].Rule == verify.RuleCRLMalformed && slices.ContainsFunc(places, func(place string) bool {
			return strings.HasPrefix(violations[0].Detail, place)
		}) {
			return fakeca.Response{}, nil
		}
		return said, err
	})
}

// crlMisreaders are clients that read one thing in CRLs badly.
func crlMisreaders() []mutant {
	all := slices.Concat(crlFormReaders(), crlSignerReaders(), crlTimeReaders(), crlEntryReaders(), crlSerialReaders())
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{listing}
		}
	}
	return all
}

// crlFormReaders are about the form of a list, and about its extensions.
func crlFormReaders() []mutant {
	return []mutant{
		{name: "reads CRLs as crypto/x509 does", review: func(crlsFunc) crlsFunc { return readX509 }},
		{name: "reads good in entries that it cannot parse", review: readingOn("revokedCertificates: entry")},
		{name: "reads good in extensions that it cannot parse", review: readingOn("crlExtensions")},
		{
			name:     "refuses CRLs of version v1",
			policies: []Policy{listing, softList},
			review:   refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool { return m.Version == 0 }),
		},
		{name: "does not compare the CRL's two algorithms", review: reviewing(verify.RuleCRLAlgorithms)},
		{name: "refuses CRLs with unknown extensions", review: refusingLists(hasUnknownExtension)},
		{
			name: "reads CRL numbers of up to eight octets",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				n, _ := m.Number()
				return n != nil && n.BitLen() > 64
			}),
		},
		{
			name: "refuses the CRL number zero",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				n, _ := m.Number()
				return n != nil && n.Sign() == 0
			}),
		},
	}
}

// readX509 judges complete CRLs with crypto/x509, which takes a list for empty
// after an element that it does not expect.
func readX509(_ verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	list, err := x509.ParseRevocationList(lists[len(lists)-1])
	if err == nil {
		err = list.CheckSignatureFrom(issuer)
	}
	switch {
	case err != nil:
		return fakeca.Response{}, err
	case at.Before(list.ThisUpdate), at.After(list.NextUpdate):
		return fakeca.Response{}, errors.New("the CRL is not current")
	}
	for _, e := range list.Extensions {
		if e.Critical {
			return fakeca.Response{}, errors.New("an extension is critical")
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		for _, e := range entry.Extensions {
			if e.Critical {
				return fakeca.Response{}, errors.New("an extension of an entry is critical")
			}
		}
		if entry.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			return fakeca.Response{Status: fakeca.Revoked}, nil
		}
	}
	return fakeca.Response{}, nil
}

func hasUnknownExtension(_ listQuery, m *fakeca.CRLMessage) bool {
	unknown := unknownExtension(false).Id
	for _, e := range m.CRLExtensions {
		if e.Id.Equal(unknown) {
			return true
		}
	}
	for _, entry := range m.RevokedCertificates {
		for _, e := range entry.Extensions {
			if e.Id.Equal(unknown) {
				return true
			}
		}
	}
	return false
}

// crlSignerReaders are about RFC 5280 section 6.3.3, (b), (f) and (g).
func crlSignerReaders() []mutant {
	usesKey := func(is func(x509.SignatureAlgorithm) bool) reviewer {
		return refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool { return is(m.SignatureAlgorithm.SignatureAlgorithm()) })
	}
	isOneOf := func(all ...x509.SignatureAlgorithm) func(x509.SignatureAlgorithm) bool {
		return func(a x509.SignatureAlgorithm) bool { return slices.Contains(all, a) }
	}
	return []mutant{
		{name: "accepts CRLs of any issuer", review: reviewing(verify.RuleCRLIssuer)},
		{name: "does not look at cRLSign", review: reviewing(verify.RuleCRLSignerKeyUsage)},
		{
			name: "requires digitalSignature of who signs CRLs",
			review: refusingLists(func(q listQuery, _ *fakeca.CRLMessage) bool {
				return q.issuer.KeyUsage&x509.KeyUsageDigitalSignature == 0
			}),
		},
		{
			name:     "requires a key usage of who signs CRLs",
			policies: []Policy{listing, softList},
			review:   refusingLists(func(q listQuery, _ *fakeca.CRLMessage) bool { return q.issuer.KeyUsage == 0 }),
		},
		{
			name: "accepts CRLs that are signed with the certificate's own key",
			review: afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
				for _, m := range q.parsed() {
					if m.CheckSignatureFrom(q.cert) == nil {
						return looseList(q.lists, q.cert.SerialNumber), nil
					}
				}
				return said, err
			}),
		},
		{
			name: "does not know authority key identifiers with more than a key",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				const onlyKey = 40 // bytes, at most
				return slices.ContainsFunc(m.CRLExtensions, func(e pkix.Extension) bool {
					return e.Id.Equal(idCE(extAuthorityKeyID)) && len(e.Value) > onlyKey
				})
			}),
		},
		{
			name:     "knows only ECDSA with SHA-256 for CRLs",
			policies: []Policy{listing, softList},
			review:   usesKey(func(a x509.SignatureAlgorithm) bool { return a != x509.ECDSAWithSHA256 }),
		},
		{name: "does not know RSA for CRLs", review: usesKey(isOneOf(x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA))},
		{name: "does not know SHA-512 for CRLs", review: usesKey(isOneOf(x509.ECDSAWithSHA512, x509.SHA512WithRSA))},
		{
			name: "requires NULL in the identifiers of RSA",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				return m.SignatureAlgorithm.SignatureAlgorithm() == x509.SHA256WithRSA && len(m.SignatureAlgorithm.Parameters) == 0
			}),
		},
		{
			name:     "believes revocations in CRLs that are not valid",
			policies: []Policy{softList},
			review: afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
				if len(q.entries()) > 0 {
					return fakeca.Response{Status: fakeca.Revoked}, nil
				}
				return said, err
			}),
		},
	}
}

// crlTimeReaders are about the times of lists.
func crlTimeReaders() []mutant {
	isGeneralized := func(t fakeca.Time) bool { return t.Raw != nil || t.Year() >= 2050 }
	return []mutant{
		{name: "takes a CRL for current if it cannot read its times", review: readingOn("thisUpdate", "nextUpdate")},
		{name: "does not compare nextUpdate of a CRL with thisUpdate", review: reviewing(verify.RuleCRLUpdateOrder)},
		{
			name: "reads only UTCTime in CRLs",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				return isGeneralized(m.ThisUpdate) || isGeneralized(m.NextUpdate) ||
					slices.ContainsFunc(m.RevokedCertificates, func(e fakeca.RevokedCertificate) bool { return isGeneralized(e.RevocationDate) })
			}),
		},
		{
			name:   "refuses CRLs that are valid for more than ten days",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool { return m.NextUpdate.Sub(m.ThisUpdate.Time) > 10*day }),
		},
		{
			name:   "refuses CRLs that expire within an hour",
			review: refusingLists(func(q listQuery, m *fakeca.CRLMessage) bool { return m.NextUpdate.Before(q.at.Add(time.Hour)) }),
		},
	}
}
