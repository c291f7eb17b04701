package conformance

import (
	"crypto/x509"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// combinedCases have two things wrong at once, or sources at odds.
func combinedCases() []*scenario {
	return slices.Concat(both(twoFaults()), atOdds())
}

func twoFaults() []answerCase {
	stranger := func() *fakeca.Leaf { return asSigner(fakeca.New(fakeca.WithName("another root"))) }
	const precedence = "RFC 6960 3.2"
	return []answerCase{
		{
			name: "combined/expired-other-signer", doc: "the answer has expired, and another CA signed it", ref: precedence, news: useless, rule: "expired, signer-ca, signer-eku, signer-issuer",
			said: func(w *world) fakeca.Response { return outdated(w, fakeca.Response{Signer: stranger()}) },
		},
		{
			name: "combined/revoked-other-signer", doc: "the answer says revoked, and another CA signed it, so that it says nothing", ref: precedence, news: useless, rule: "signer-ca, signer-eku, signer-issuer",
			said: func(*world) fakeca.Response {
				r := revokedR
				r.Signer = stranger()
				return r
			},
		},
		{
			name: "combined/revoked-bad-signature", doc: "the answer says revoked, and its signature is broken, so that it says nothing", ref: precedence, news: useless, rule: "signature",
			said: func(*world) fakeca.Response {
				r := revokedR
				r.Mutate = func(der []byte) []byte { der[len(der)-1] ^= 1; return der }
				return r
			},
		},
		{
			name: "combined/revoked-delegate-without-eku", doc: "the answer says revoked, and its signer has no authority, so that it says nothing", ref: precedence, news: useless, rule: "signer-eku",
			said: func(w *world) fakeca.Response {
				r := revokedR
				r.Signer = w.ca.Leaf("sibling.test")
				return r
			},
		},
		{
			name: "combined/expired-expired-delegate", doc: "the answer has expired, and so has the delegate that signed it", ref: precedence, news: useless, rule: "expired, signer-time",
			said: func(w *world) fakeca.Response {
				return outdated(w, fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotAfter: w.ca.Now().Add(-day)})})
			},
		},
		{
			name: "combined/other-serial-other-signer", doc: "the answer is about another certificate, and another CA signed it", ref: precedence, news: useless, rule: "certid-serial, signer-ca, signer-eku, signer-issuer",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Serial: w.root.Cert.SerialNumber, Signer: stranger()}
			},
		},
	}
}

func atOdds() []*scenario {
	const ref = "RFC 6960 2.2"
	broken := fakeca.Response{Mutate: func(der []byte) []byte { der[len(der)-1] ^= 1; return der }}
	return []*scenario{
		{
			name: "combined/good-by-ocsp-revoked-by-crl", doc: "the staple and the responder say good, and the CRL has the certificate; the first that knows decides", ref: ref,
			listed: revoked,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(fakeca.Response{})
				w.aboutLeaf(fault.Respond(fakeca.Response{}))
			},
		},
		{
			name: "combined/revoked-by-ocsp-good-by-crl", doc: "the staple and the responder say revoked, and the CRL does not have the certificate yet", ref: ref,
			staple: revoked, fetched: revoked,
			setup: func(w *world) {
				w.staple(revokedR)
				w.aboutLeaf(fault.Respond(revokedR))
			},
		},
		{
			name: "combined/broken-staple-revoked-responder", doc: "the signature of the staple is broken, and the responder says revoked", ref: ref,
			staple: useless, fetched: revoked, listed: revoked, seen: []string{"snowflakedb/gosnowflake#250"},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(broken)
			},
		},
		{
			name: "combined/broken-staple-broken-responder", doc: "the signatures of the staple and of the responder's answer are broken, and the CRL has the certificate", ref: ref,
			staple: useless, fetched: useless, listed: revoked,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(broken)
				w.aboutLeaf(fault.Respond(broken))
			},
		},
		{
			name: "combined/all-expired", doc: "the staple, the responder's answer and the CRL have expired", ref: "RFC 6960 4.2.2.1",
			staple: useless, fetched: useless, listed: useless,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.aboutLeaf(fault.Respond(outdated(w, fakeca.Response{})))
				w.responder.SetCRL(w.ca, fakeca.CRL{ThisUpdate: w.ca.Now().Add(-10 * day)})
			},
		},
		{
			name: "combined/must-staple-missing-revoked", doc: "the certificate is must-staple, nothing is stapled, and the responder says revoked", ref: "RFC 7633 4.2.3.1",
			staple: silent, fetched: revoked, listed: revoked, mustStaple: true,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.noStaple()
			},
		},
		{
			name: "combined/must-staple-expired-revoked", doc: "the certificate is must-staple, the staple has expired, and the responder says revoked, which rescues nobody", ref: "RFC 7633 4.2.3.1",
			staple: useless, fetched: revoked, listed: revoked, mustStaple: true, rescued: true,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(outdated(w, fakeca.Response{}))
			},
		},
		{
			name: "combined/leaf-and-intermediate-revoked", doc: "the leaf and the intermediate are revoked", ref: "RFC 5280 6.3",
			staple: revoked, fetched: revoked, listed: revoked, intermediate: revoked, intermediateListed: revoked,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
		{
			name: "combined/leaf-unchecked-intermediate-revoked", doc: "nobody says anything about the leaf, and the intermediate is revoked", ref: "RFC 5280 6.3",
			staple: silent, fetched: useless, listed: useless, intermediate: revoked, intermediateListed: revoked, seen: []string{"notation-go CVE-2024-56138"},
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(tryLater))
				w.aboutList(fault.HTTPError(404))
				w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
	}
}
