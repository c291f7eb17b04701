package conformance

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A listCase is a case about the CRL that the certificate names. It becomes two
// scenarios: name, in which the certificate is not revoked, and name-revoked, in
// which it is.
type listCase struct {
	name       string
	doc        string
	docRevoked string // default: that the CRL lists the certificate, and doc
	ref        Ref
	seen       []string
	rules      []verify.Rule // that it breaks too, to clients that can read it

	// What other correct clients read in the CRL, and why they differ.
	also, alsoRevoked Evidence
	why, whyRevoked   string

	omit     twin // default: none
	template func(*world)
	crl      func(*world) fakeca.CRL
}

// A twin is one of the two scenarios of a listCase.
type twin int

const (
	goodTwin twin = 1 + iota
	revokedTwin
)

// list returns a case about a CRL.
func list(name, doc string, ref Ref, crl func(*world) fakeca.CRL) listCase {
	return listCase{name: name, doc: doc, ref: ref, crl: crl}
}

// known sets the public bugs of this kind.
func (c listCase) known(seen ...string) listCase { c.seen = seen; return c }

// tolerated says that some clients read a CRL that is not valid.
func (c listCase) tolerated() listCase {
	c.also, c.why = Good, someAccept
	return c.stillRevoked()
}

// stillRevoked says that some clients believe a revocation in a CRL that is not
// valid.
func (c listCase) stillRevoked() listCase {
	c.alsoRevoked, c.whyRevoked = Revoked, someReadRevoked
	return c
}

// refusedBy says that some clients do not accept a valid CRL.
func (c listCase) refusedBy(why string) listCase {
	c.also, c.alsoRevoked = Invalid, Invalid
	c.why, c.whyRevoked = "; "+why, "; "+why
	return c
}

// revoked sets the doc of the scenario in which the certificate is revoked.
func (c listCase) revoked(doc string) listCase { c.docRevoked = doc; return c }

func (c listCase) onlyGood() listCase    { c.omit = revokedTwin; return c }
func (c listCase) onlyRevoked() listCase { c.omit = goodTwin; return c }

func (c listCase) with(template func(*world)) listCase { c.template = template; return c }

// listScenarios returns the scenarios of a group.
func listScenarios(group string, cases ...[]listCase) []*scenario {
	var out []*scenario
	for _, c := range slices.Concat(cases...) {
		s := scenario{
			name: group + c.name, doc: c.doc + c.why, ref: c.ref, seen: c.seen, since: set2026_3,
			sources: CRL, rules: c.rules, also: Says{CRL: c.also}, template: c.template,
			setup: func(w *world) { w.responder.SetCRL(w.ca, c.crl(w)) },
		}
		if c.omit != goodTwin {
			good := s
			out = append(out, &good)
		}
		if c.omit == revokedTwin {
			continue
		}
		s.name += "-revoked"
		s.doc = c.docRevoked
		if s.doc == "" {
			s.doc = "the CRL lists the certificate, and " + c.doc
		}
		s.doc += c.whyRevoked
		s.also = Says{CRL: c.alsoRevoked}
		s.setup = func(w *world) {
			revokeLeaf(w)
			w.responder.SetCRL(w.ca, c.crl(w))
		}
		out = append(out, &s)
	}
	return out
}

// editedCRL returns a CRL of three other certificates that is changed before it is
// signed.
func editedCRL(edit func(*fakeca.CRLMessage)) func(*world) fakeca.CRL {
	return always(fakeca.CRL{Also: manyRevoked(3), Edit: edit})
}

// resealedCRL returns a CRL of three other certificates that is changed after it
// was signed.
func resealedCRL(edit func(*fakeca.CRLMessage)) func(*world) fakeca.CRL {
	return mutatedCRL(func(der []byte) []byte {
		m := must(fakeca.ParseCRLMessage(der))
		edit(m)
		return m.Marshal()
	})
}

// mutatedCRL returns a CRL of three other certificates whose bytes are changed.
func mutatedCRL(mutate func([]byte) []byte) func(*world) fakeca.CRL {
	return always(fakeca.CRL{Also: manyRevoked(3), Mutate: mutate})
}

// editedEntry returns a CRL whose entry about the certificate is changed before
// the CRL is signed. If there is none, that of another certificate is changed.
func editedEntry(edit func(*fakeca.RevokedCertificate)) func(*world) fakeca.CRL {
	return func(w *world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) { edit(entryOf(m, w.leaf.Cert.SerialNumber)) })(w)
	}
}

// entryOf returns the entry about a certificate, or the second entry.
func entryOf(m *fakeca.CRLMessage, serial *big.Int) *fakeca.RevokedCertificate {
	for i := range m.RevokedCertificates {
		if m.RevokedCertificates[i].SerialNumber.Cmp(serial) == 0 {
			return &m.RevokedCertificates[i]
		}
	}
	return &m.RevokedCertificates[1]
}

// entriesOf returns the entries as they are encoded.
func entriesOf(m *fakeca.CRLMessage) (all [][]byte) {
	for i := range m.RevokedCertificates {
		all = append(all, m.RevokedCertificates[i].Marshal())
	}
	return all
}

// The extensions of CRLs and their entries, below id-ce (RFC 5280 sections 5.2 and
// 5.3).
const (
	extCRLNumber         = 20
	extReasonCode        = 21
	extInvalidityDate    = 24
	extCertificateIssuer = 29
	extAuthorityKeyID    = 35
)

func idCE(number int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, number} }

// editedExtension returns a CRL with a change to one of its extensions.
func editedExtension(number int, edit func(*pkix.Extension)) func(*world) fakeca.CRL {
	return editedCRL(func(m *fakeca.CRLMessage) {
		i := slices.IndexFunc(m.CRLExtensions, func(e pkix.Extension) bool { return e.Id.Equal(idCE(number)) })
		edit(&m.CRLExtensions[i])
	})
}

// withoutExtension returns a CRL without one of its extensions.
func withoutExtension(number int) func(*world) fakeca.CRL {
	return editedCRL(func(m *fakeca.CRLMessage) {
		m.CRLExtensions = slices.DeleteFunc(m.CRLExtensions, func(e pkix.Extension) bool { return e.Id.Equal(idCE(number)) })
	})
}

// unknownExtension returns an extension that no client knows. The arc is for
// examples (X.660).
func unknownExtension(critical bool) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 1}, Critical: critical, Value: asn1.NullBytes}
}

// encoded returns an element with a tag of one byte.
func encoded(tag byte, content ...[]byte) []byte {
	body := slices.Concat(content...)
	const class, constructed, number = 0xc0, 0x20, 0x1f
	return must(asn1.Marshal(asn1.RawValue{
		Class: int(tag & class >> 6), IsCompound: tag&constructed != 0, Tag: int(tag & number), Bytes: body,
	}))
}
