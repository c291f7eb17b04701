package conformance

import (
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// combinedCases have two faults at once, or sources that conflict.
func combinedCases() []*scenario {
	return slices.Concat(stapledAndFetched(twoFaults()), conflicting())
}

func twoFaults() []responseCase {
	const (
		ref         = "RFC 6960 3.2"
		saysNothing = ", so that the response says nothing"
	)
	return []responseCase{
		{
			name:     "combined/expired-other-signer",
			doc:      "the response has expired, and another CA signed it",
			ref:      ref,
			evidence: invalid,
			rule:     "expired, signer-eku, signer-issuer",
			response: func(w *world) fakeca.Response {
				return outdated(w, fakeca.Response{Signer: asSigner(otherRoot())})
			},
		},
		{
			name:     "combined/revoked-other-signer",
			doc:      "the response says revoked, and another CA signed it" + saysNothing,
			ref:      ref,
			evidence: invalid,
			rule:     "signer-eku, signer-issuer",
			response: func(*world) fakeca.Response {
				r := revokedResponse
				r.Signer = asSigner(otherRoot())
				return r
			},
		},
		{
			name:     "combined/revoked-bad-signature",
			doc:      "the response says revoked, and its signature is broken" + saysNothing,
			ref:      ref,
			evidence: invalid,
			rule:     "signature",
			response: func(*world) fakeca.Response {
				r := revokedResponse
				r.Mutate = flipLastBit
				return r
			},
		},
		{
			name:     "combined/revoked-delegate-without-eku",
			doc:      "the response says revoked, and its signer has no authority" + saysNothing,
			ref:      ref,
			evidence: invalid,
			rule:     "signer-eku",
			response: func(w *world) fakeca.Response {
				r := revokedResponse
				r.Signer = w.ca.Leaf("sibling.test")
				return r
			},
		},
		{
			name:     "combined/expired-expired-delegate",
			doc:      "the response and the certificate of its delegate have expired",
			ref:      ref,
			evidence: invalid,
			rule:     "expired, signer-expired",
			response: func(w *world) fakeca.Response {
				return outdated(w, fakeca.Response{Signer: expiredDelegate(w)})
			},
		},
		{
			name:     "combined/other-serial-other-signer",
			doc:      "the response is about another certificate, and another CA signed it",
			ref:      ref,
			evidence: invalid,
			rule:     "certid-serial, signer-eku, signer-issuer",
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Serial: w.root.Cert.SerialNumber, Signer: asSigner(otherRoot())}
			},
		},
	}
}

// conflicting are sources that say different things.
func conflicting() []*scenario {
	const ref = "RFC 6960 2.2"
	broken := fakeca.Response{Mutate: flipLastBit}
	return []*scenario{
		{
			name: "combined/good-by-ocsp-revoked-by-crl",
			doc:  "the staple and the responder say good, and the CRL lists the certificate; the first source that decides counts",
			ref:  ref,
			leaf: says{crl: revoked},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(fakeca.Response{})
				w.respond(fakeca.Response{})
			},
		},
		{
			name: "combined/revoked-by-ocsp-good-by-crl",
			doc:  "the staple and the responder say revoked, and the CRL does not list the certificate yet",
			ref:  ref,
			leaf: says{staple: revoked, ocsp: revoked},
			setup: func(w *world) {
				w.staple(revokedResponse)
				w.respond(revokedResponse)
			},
		},
		{
			name: "combined/broken-staple-revoked-responder",
			doc:  "the signature of the staple is broken, and the responder says revoked",
			ref:  ref,
			seen: []string{"snowflakedb/gosnowflake#250"},
			leaf: says{staple: invalid, ocsp: revoked, crl: revoked},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(broken)
			},
		},
		{
			name: "combined/broken-staple-broken-responder",
			doc:  "the signatures of the staple and of the responder's response are broken, and the CRL lists the certificate",
			ref:  ref,
			leaf: says{staple: invalid, ocsp: invalid, crl: revoked},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(broken)
				w.respond(broken)
			},
		},
		{
			name: "combined/all-expired",
			doc:  "the staple, the responder's response and the CRL have expired",
			ref:  "RFC 6960 4.2.2.1",
			leaf: says{staple: invalid, ocsp: invalid, crl: invalid},
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.respond(outdated(w, fakeca.Response{}))
				w.responder.SetCRL(w.ca, outdatedCRL(w.ca))
			},
		},
		{
			name:       "combined/must-staple-missing-revoked",
			doc:        "the certificate is must-staple, nothing is stapled, and the responder says revoked",
			ref:        "RFC 7633 4.2.3.1",
			leaf:       says{staple: absent, ocsp: revoked, crl: revoked},
			mustStaple: true,
			setup:      withoutStaple(func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) }),
		},
		{
			name:            "combined/must-staple-expired-revoked",
			doc:             "the certificate is must-staple, the staple has expired, and the responder says revoked",
			ref:             "RFC 7633 4.2.3.1",
			leaf:            says{staple: invalid, ocsp: revoked, crl: revoked},
			mustStaple:      true,
			fallbackAllowed: true,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(outdated(w, fakeca.Response{}))
			},
		},
		{
			name:         "combined/leaf-and-intermediate-revoked",
			doc:          "the leaf and the intermediate are revoked",
			ref:          "RFC 5280 6.3",
			leaf:         says{staple: revoked, ocsp: revoked, crl: revoked},
			intermediate: says{ocsp: revoked, crl: revoked},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				revokeIntermediate(w)
			},
		},
		{
			name:         "combined/leaf-unchecked-intermediate-revoked",
			doc:          "no source says anything about the leaf, and the intermediate is revoked",
			ref:          "RFC 5280 6.3",
			seen:         []string{"notation-go CVE-2024-56138"},
			leaf:         says{staple: absent, ocsp: invalid, crl: invalid},
			intermediate: says{ocsp: revoked, crl: revoked},
			setup: withoutStaple(func(w *world) {
				w.respond(tryLaterResponse)
				w.crlFault(fault.HTTPError(404))
				revokeIntermediate(w)
			}),
		},
	}
}
