package conformance

import (
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlDeltaCases are about delta CRLs. RFC 5280 leaves it to clients whether they use
// them. So what only a delta says is open, except that a delta which is not valid
// changes nothing.
func crlDeltaCases() []*scenario {
	return onlyCRLs(goodDeltas(), missingDeltas(), lonelyDeltas(), expiredBases(), wrongDeltas())
}

// Why clients differ.
const (
	deltasOptional = "; clients need not use deltas"
	deltasRequired = "; some clients that use deltas require a current one"
)

var (
	baseNumber  = big.NewInt(100)
	laterNumber = big.NewInt(150)
	deltaNumber = big.NewInt(200)
	otherSerial = big.NewInt(1000) // of another certificate
)

const deltaPath = "/delta.crl"

// A deltaWorld has a complete CRL that names a delta to it.
type deltaWorld struct {
	base, delta fakeca.CRL
	unnamed     bool         // the complete CRL does not name the delta
	before      func(*world) // before the complete CRL is made
	between     func(*world) // before the delta is made
}

// setup serves both.
func (d deltaWorld) setup(w *world) {
	url := w.responder.AddCRL(w.ca, deltaPath, fakeca.CRL{})
	if d.base.Number == nil {
		d.base.Number = baseNumber
	}
	if d.base.ThisUpdate.IsZero() {
		d.base.ThisUpdate = w.ca.Now().Add(-3 * time.Hour)
	}
	if !d.unnamed {
		d.base.Freshest = []string{url}
	}
	if d.before != nil {
		d.before(w)
	}
	w.responder.SetCRL(w.ca, unchanging(w.ca, d.base))
	if d.between != nil {
		d.between(w)
	}
	w.responder.AddCRL(w.ca, deltaPath, asDelta(d.delta))
}

// asDelta returns c as a delta to the CRL with the number baseNumber.
func asDelta(c fakeca.CRL) fakeca.CRL {
	if c.Base == nil {
		c.Base = baseNumber
	}
	if c.Number == nil {
		c.Number = deltaNumber
	}
	return c
}

func supersede(w *world)   { w.leaf.Revoke(fakeca.Superseded) }
func liftAnother(w *world) { w.ca.Set(otherSerial, fakeca.Response{}) }

func putBothOnHold(w *world) {
	putOnHold(w)
	w.ca.Revoke(otherSerial, fakeca.CertificateHold)
}

// goodDeltas are valid.
func goodDeltas() []*scenario {
	// inCertificate has the certificate name the delta, instead of the complete CRL.
	inCertificate := func(w *world) {
		url := w.responder.AddCRL(w.ca, deltaPath, fakeca.CRL{})
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, fakeca.FreshestCRL(fakeca.CRLPoint{URLs: []string{url}}))
	}
	return []*scenario{
		{
			name:  "crl-delta/good",
			doc:   "the complete CRL names a delta, and neither lists the certificate",
			ref:   refUseDeltas,
			setup: deltaWorld{}.setup,
		},
		{
			name:  "crl-delta/revoked-in-base",
			doc:   "the complete CRL lists the certificate, and the delta does not, because nothing has changed",
			ref:   refDeltaEntries,
			setup: deltaWorld{before: revokeLeaf}.setup,
		},
		{
			name:  "crl-delta/revoked-in-both",
			doc:   "the complete CRL lists the certificate, and so does the delta, for another reason",
			ref:   refDeltaEntries,
			setup: deltaWorld{before: supersede, between: revokeLeaf}.setup,
		},
		{
			name:  "crl-delta/revoked-in-delta",
			doc:   "the delta lists the certificate, and the complete CRL does not yet" + deltasOptional,
			ref:   refUseDeltas,
			also:  Says{CRL: Good},
			setup: deltaWorld{between: revokeLeaf}.setup,
		},
		{
			name:  "crl-delta/lifted",
			doc:   "the complete CRL lists the certificate as on hold, and the delta has removeFromCRL for it" + deltasOptional,
			ref:   refDeltaRemoves,
			also:  Says{CRL: Revoked},
			setup: deltaWorld{before: putOnHold, between: liftHold}.setup,
		},
		{
			name:  "crl-delta/another-lifted",
			doc:   "the complete CRL lists two certificates as on hold, and the delta has removeFromCRL for the other",
			ref:   refDeltaRemoves,
			setup: deltaWorld{before: putBothOnHold, between: liftAnother}.setup,
		},
		{
			name: "crl-delta/held-again",
			doc:  "the complete CRL lists the certificate as on hold, and the delta again, because the hold was lifted for a while",
			ref:  refDeltaEntries,
			setup: deltaWorld{before: putOnHold, between: func(w *world) {
				liftHold(w)
				putOnHold(w)
			}}.setup,
		},
		{
			name:     "crl-delta/named-by-certificate",
			doc:      "the certificate names the delta, the complete CRL does not, and neither lists the certificate",
			ref:      refFreshestOfLeaf,
			template: inCertificate,
			setup:    deltaWorld{unnamed: true}.setup,
		},
		{
			name:     "crl-delta/named-by-certificate-revoked",
			doc:      "the certificate names the delta, the complete CRL does not, and the delta lists the certificate" + deltasOptional,
			ref:      refFreshestOfLeaf,
			also:     Says{CRL: Good},
			template: inCertificate,
			setup:    deltaWorld{unnamed: true, between: revokeLeaf}.setup,
		},
		{
			name:  "crl-delta/later-base",
			doc:   "the complete CRL is newer than the base of the delta, which lists the certificate" + deltasOptional,
			ref:   refDeltaCombined,
			also:  Says{CRL: Good},
			setup: deltaWorld{base: fakeca.CRL{Number: laterNumber}, between: revokeLeaf}.setup,
		},
		{
			name: "crl-delta/names-itself",
			doc:  "the delta names itself as the delta to itself, so that a client that gets what it names goes in circles",
			ref:  refNoFreshestInDelta,
			setup: func(w *world) {
				deltaWorld{delta: fakeca.CRL{Freshest: []string{w.responder.URL + deltaPath}}}.setup(w)
			},
		},
		{
			name:  "crl-delta/freshest-critical",
			doc:   "the extension that names the delta is critical, which it must not be; clients that know it do not mind",
			ref:   refFreshestNotCritical,
			also:  Says{CRL: Good},
			setup: deltaWorld{base: fakeca.CRL{Edit: setCritical(idFreshest, true)}}.setup,
		},
	}
}

// missingDeltas are deltas that a client does not get.
func missingDeltas() []*scenario {
	unreachable := func(d deltaWorld) func(*world) {
		return func(w *world) {
			d.setup(w)
			w.responder.SetCRLFault(w.ca, fault.Hangup(), w.responder.URL+deltaPath)
		}
	}
	return []*scenario{
		{
			name:  "crl-delta/unreachable",
			doc:   "the complete CRL is good, and the delta cannot be reached" + deltasRequired,
			ref:   refUseDeltas,
			also:  Says{CRL: Invalid},
			setup: unreachable(deltaWorld{}),
		},
		{
			name:  "crl-delta/unreachable-revoked",
			doc:   "the complete CRL lists the certificate, and the delta cannot be reached",
			ref:   refUseDeltas,
			setup: unreachable(deltaWorld{before: revokeLeaf}),
		},
		{
			name:  "crl-delta/expired",
			doc:   "the complete CRL is good, and the delta has expired" + deltasRequired,
			ref:   refDeltaCurrent,
			seen:  []string{"openssl/openssl#31297"},
			also:  Says{CRL: Invalid},
			setup: func(w *world) { deltaWorld{delta: outdatedCRL(w.ca)}.setup(w) },
		},
	}
}

// lonelyDeltas are served where a complete CRL belongs.
func lonelyDeltas() []*scenario {
	// withoutBase serves a delta. What happened before is on the complete CRL only.
	withoutBase := func(delta fakeca.CRL, before, between func(*world)) func(*world) {
		return func(w *world) {
			before(w)
			w.ca.CRL(fakeca.CRL{Number: baseNumber})
			between(w)
			w.responder.SetCRL(w.ca, asDelta(delta))
		}
	}
	unchanged := func(*world) {}
	return []*scenario{
		{
			name:  "crl-delta/without-base",
			doc:   "the CRL is a delta, and the base, which is not available, lists the certificate",
			ref:   refDeltaIndicator,
			seen:  []string{"openssl/openssl#32514"},
			setup: withoutBase(fakeca.CRL{}, revokeLeaf, unchanged),
		},
		{
			name:  "crl-delta/without-base-listing",
			doc:   "the CRL is a delta, which lists the certificate, and the base is not available; some clients heed the entry",
			ref:   refDeltaIndicator,
			also:  Says{CRL: Revoked},
			setup: withoutBase(fakeca.CRL{}, unchanged, revokeLeaf),
		},
		{
			name:  "crl-delta/without-base-not-critical",
			doc:   "the CRL is a delta whose indicator is not critical, and the base, which is not available, lists the certificate",
			ref:   refDeltaIndicator,
			setup: withoutBase(fakeca.CRL{Edit: setCritical(idDeltaIndicator, false)}, revokeLeaf, unchanged),
		},
		{
			name:  "crl-delta/without-base-some-reasons",
			doc:   "the CRL is a delta for some reasons, and the base, which is not available, lists the certificate",
			ref:   refDeltaIndicator,
			seen:  []string{"openssl/openssl#31040"},
			setup: withoutBase(fakeca.CRL{OnlySomeReasons: compromises}, revokeLeaf, unchanged),
		},
		{
			name: "crl-delta/before-base",
			doc:  "the first distribution point has the delta, and the second the complete CRL, which lists the certificate",
			ref:  refDeltaIndicator,
			template: func(w *world) {
				w.tmpl.CRLDistributionPoints = []string{w.responder.AddCRL(w.ca, deltaPath, fakeca.CRL{}), w.responder.CRLURL(w.ca)}
			},
			setup: deltaWorld{before: revokeLeaf}.setup,
		},
	}
}

// expiredBases are complete CRLs that have expired, as they may with a current
// delta.
func expiredBases() []*scenario {
	expired := func(d deltaWorld) func(*world) {
		return func(w *world) {
			d.base = outdatedCRL(w.ca)
			d.setup(w)
		}
	}
	return []*scenario{
		{
			name:  "crl-delta/base-expired",
			doc:   "the complete CRL has expired, and the delta is current" + deltasOptional,
			ref:   refDeltaOfExpired,
			also:  Says{CRL: Invalid},
			setup: expired(deltaWorld{}),
		},
		{
			name:  "crl-delta/base-expired-revoked",
			doc:   "the complete CRL has expired, and the delta is current, and lists the certificate" + deltasOptional,
			ref:   refDeltaOfExpired,
			also:  Says{CRL: Invalid},
			setup: expired(deltaWorld{between: revokeLeaf}),
		},
		{
			name: "crl-delta/both-expired",
			doc:  "the complete CRL and the delta have expired",
			ref:  refDeltaOfExpired,
			setup: func(w *world) {
				old := outdatedCRL(w.ca)
				old.ThisUpdate = old.ThisUpdate.Add(day)
				expired(deltaWorld{delta: old})(w)
			},
		},
	}
}

// wrongDeltas would lift the hold of the certificate, and must not.
func wrongDeltas() []*scenario {
	lifting := func(delta func(*world) fakeca.CRL) func(*world) {
		return func(w *world) { deltaWorld{delta: delta(w), before: putOnHold, between: liftHold}.setup(w) }
	}
	var out []*scenario
	for _, c := range []struct {
		name, doc string
		ref       Ref
		delta     func(*world) fakeca.CRL
	}{
		{"expired", "has expired", refDeltaCurrent, func(w *world) fakeca.CRL { return outdatedCRL(w.ca) }},
		{"early", "is from the future", refDeltaCurrent, func(w *world) fakeca.CRL {
			return fakeca.CRL{ThisUpdate: w.ca.Now().Add(2 * day)}
		}},
		{"bad-signature", "has a signature of which one bit is flipped", refDeltaSignature, always(fakeca.CRL{Mutate: flipLastBit})},
		{"other-key", "has the issuer's name, and is signed with another key", refDeltaSignature, func(w *world) fakeca.CRL {
			return fakeca.CRL{Signer: asSigner(namesake(w.ca))}
		}},
		{"other-issuer", "is from the root", refDeltaCombined, func(w *world) fakeca.CRL {
			return fakeca.CRL{Signer: asSigner(w.root)}
		}},
		{"other-scope", "has an issuing distribution point, which the complete CRL lacks", refDeltaCombined,
			always(fakeca.CRL{OnlyUserCerts: true})},
		{"newer-base", "continues a newer complete CRL than the one that the client gets", refDeltaCombined,
			always(fakeca.CRL{Base: laterNumber})},
	} {
		out = append(out, &scenario{
			name:  "crl-delta/lifted-by-" + c.name,
			doc:   "the complete CRL lists the certificate as on hold, and the delta with removeFromCRL for it " + c.doc,
			ref:   c.ref,
			setup: lifting(c.delta),
		})
	}
	return append(out, &scenario{
		name: "crl-delta/lifted-by-older",
		doc:  "the delta with removeFromCRL for the certificate is older than the complete CRL, which lists it as on hold again",
		ref:  refDeltaCombined,
		setup: func(w *world) {
			deltaWorld{before: putOnHold, between: liftHold}.setup(w)
			old := unchanging(w.ca, asDelta(fakeca.CRL{}))
			putOnHold(w)
			w.responder.AddCRL(w.ca, deltaPath, old)
			w.responder.SetCRL(w.ca, fakeca.CRL{Freshest: []string{w.responder.URL + deltaPath}})
		},
	})
}
