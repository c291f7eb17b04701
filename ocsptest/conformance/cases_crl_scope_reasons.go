package conformance

import (
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

var exceptForHold = slices.DeleteFunc(slices.Clone(otherReasons), func(r fakeca.Reason) bool { return r == fakeca.CertificateHold })

// someReasons are about lists that cover only some reasons.
func someReasons() []*scenario {
	// lists has the leaf name a list for each set of reasons.
	lists := func(sets ...[]fakeca.Reason) func(*world) {
		return func(w *world) {
			for i, reasons := range sets {
				path := "/reasons" + string(rune('1'+i)) + ".crl"
				url := w.responder.AddCRL(w.ca, path, fakeca.CRL{})
				w.responder.AddCRL(w.ca, path, fakeca.CRL{OnlySomeReasons: reasons, DistributionPoint: []string{url}})
				w.tmpl.CRLDistributionPoints = append(w.tmpl.CRLDistributionPoints, url)
			}
		}
	}
	revokedFor := func(why fakeca.Reason) func(*world) { return func(w *world) { w.leaf.Revoke(why) } }
	none, all := []fakeca.Reason{}, []fakeca.Reason(nil)
	return []*scenario{
		{
			name: "crl-scope/reasons-in-two",
			doc: "the certificate names two CRLs, which cover all reasons together; " +
				"clients need not understand the extension that says so, and many look only at one",
			ref:      refReasonsMask,
			also:     Says{NextCRL: Invalid},
			template: lists(compromises, otherReasons),
		},
		{
			name:     "crl-scope/reasons-in-two-revoked",
			doc:      "the certificate names two CRLs for some reasons each, and the second lists it",
			ref:      refReasonsMask,
			template: lists(compromises, otherReasons),
			setup:    revokedFor(fakeca.Superseded),
		},
		{
			name:     "crl-scope/reasons-in-two-revoked-by-first",
			doc:      "the certificate names two CRLs for some reasons each, and the first lists it",
			ref:      refReasonsMask,
			template: lists(compromises, otherReasons),
			setup:    revokedFor(fakeca.KeyCompromise),
		},
		{
			name:     "crl-scope/reasons-incomplete",
			doc:      "the certificate names two CRLs for some reasons each, and neither covers that the certificate is on hold",
			ref:      refReasonsMask,
			template: lists(compromises, exceptForHold),
			setup:    revokedFor(fakeca.CertificateHold),
		},
		{
			name:     "crl-scope/reasons-twice",
			doc:      "the certificate names two CRLs, which cover the same reasons, and is revoked for another",
			ref:      refReasonsMask,
			template: lists(compromises, compromises),
			setup:    revokedFor(fakeca.Superseded),
		},
		{
			name:     "crl-scope/reasons-then-all-revoked",
			doc:      "the certificate names a CRL for some reasons, and then one for all, which lists it",
			ref:      refReasonsMask,
			template: lists(compromises, all),
			setup:    revokedFor(fakeca.Superseded),
		},
		{
			name:     "crl-scope/reasons-none",
			doc:      "onlySomeReasons is a BIT STRING without bits, so that the CRL covers no reason, and the certificate is revoked",
			ref:      refSomeReasons,
			template: lists(none),
			setup:    revokedFor(fakeca.Superseded),
		},
		{
			name:     "crl-scope/reasons-none-then-all-revoked",
			doc:      "the certificate names a CRL for no reason, and then one for all, which lists it",
			ref:      refReasonsMask,
			template: lists(none, all),
			setup:    revokedFor(fakeca.Superseded),
		},
		{
			name:     "crl-scope/reason-revoked",
			doc:      "the CRL covers only the reason key compromise, and lists the certificate for it",
			ref:      refSomeReasons,
			template: lists([]fakeca.Reason{fakeca.KeyCompromise}),
			setup:    revokedFor(fakeca.KeyCompromise),
		},
		{
			name: "crl-scope/reason-without-code",
			doc:  "the CRL covers only the reason key compromise, and lists the certificate without a reason code, which is optional",
			ref:  refReasonOfScope,
			template: func(w *world) {
				w.tmpl.SerialNumber = big.NewInt(0x1000)
				url := w.responder.AddCRL(w.ca, "/reason.crl", fakeca.CRL{
					OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise},
					Also:            []fakeca.Response{{Serial: w.tmpl.SerialNumber, Status: fakeca.Revoked}},
				})
				w.tmpl.CRLDistributionPoints = []string{url}
			},
		},
	}
}
