package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// mustStapleCases are about the TLS feature extension.
//
// Left out are a critical extension, which clients may refuse or know under any
// policy, and what a server does at its start. Clients that do not enforce the
// extension have the same cases, under a Policy without MustStaple.
func mustStapleCases() []*scenario {
	var out []*scenario
	for _, c := range []struct {
		name, doc string
		staple    news
		rescued   bool
		setup     func(*world)
	}{
		{name: "good", doc: "the staple is good"},
		{
			name: "revoked", doc: "the staple says revoked", staple: revoked,
			setup: func(w *world) { w.staple(revokedR) },
		},
		{
			name: "missing", doc: "nothing is stapled, and the responder, which says good, does not make up for that", staple: silent,
			setup: func(w *world) { w.noStaple() },
		},
		{
			name: "expired", doc: "the staple has expired; some clients ask the responder, which says good, others refuse", staple: useless, rescued: true,
			setup: func(w *world) { w.staple(outdated(w, fakeca.Response{})) },
		},
		{
			name: "try-later", doc: "the staple says tryLater; some clients ask the responder, which says good, others refuse", staple: useless, rescued: true,
			setup: func(w *world) { w.staple(tryLater) },
		},
		{
			name: "unknown", doc: "the staple says unknown; some clients ask the responder, which says good, others refuse", staple: unknown, rescued: true,
			setup: func(w *world) { w.staple(unknownR) },
		},
		{
			name: "other-signer", doc: "the staple is signed by another CA; some clients ask the responder, which says good, others refuse", staple: useless, rescued: true,
			setup: func(w *world) {
				w.staple(fakeca.Response{Signer: asSigner(fakeca.New(fakeca.WithName("another root")))})
			},
		},
	} {
		out = append(out, &scenario{
			name: "muststaple/" + c.name, doc: "the certificate is must-staple, and " + c.doc, ref: "RFC 7633 4.2.3.1",
			staple: c.staple, rescued: c.rescued, mustStaple: true, setup: c.setup,
		})
	}
	return append(append(out, featureLists()...), issuersFeatures()...)
}

// featureLists are TLS feature extensions of other forms. Nothing is stapled in
// them.
func featureLists() []*scenario {
	seen := []string{"nats-io/nats-server#2210"}
	var out []*scenario
	for _, c := range []struct {
		name, doc  string
		seen       []string
		extension  pkix.Extension
		mustStaple bool
		want       func(Policy) Verdict
	}{
		{
			name: "first-of-two", doc: "the TLS features are status_request and status_request_v2, and nothing is stapled", seen: seen,
			extension: features(5, 17), mustStaple: true,
		},
		{
			name: "last-of-two", doc: "the TLS features are status_request_v2 and status_request, and nothing is stapled", seen: seen,
			extension: features(17, 5), mustStaple: true,
		},
		{
			name: "other-feature", doc: "the TLS feature is one that nobody asks for, so that nothing has to be stapled, and nothing is",
			extension: features(4),
		},
		{
			name: "v2-alone", doc: "the TLS feature is status_request_v2, which few clients ask for, and nothing is stapled",
			extension: features(17), want: between(&scenario{staple: silent, mustStaple: true}, &scenario{staple: silent}),
		},
		{
			name: "no-list", doc: "the TLS feature extension is an OCTET STRING and no list, and nothing is stapled: who enforces it cannot tell what it asks for",
			extension: feature([]byte{4, 3, 2, 1, 5}), mustStaple: true,
		},
		{
			name: "list-of-octets", doc: "the TLS feature extension is a list of OCTET STRINGs, and nothing is stapled: who enforces it cannot tell what it asks for",
			extension: feature([]byte{0x30, 3, 4, 1, 5}), mustStaple: true,
		},
		{
			name: "trailing", doc: "there are bytes after the list of TLS features, and nothing is stapled",
			extension: feature([]byte{0x30, 3, 2, 1, 5, 5, 0}), mustStaple: true,
		},
		{
			name: "huge-feature", doc: "the TLS features are status_request and a number of 20 bytes, and nothing is stapled",
			extension: feature(append([]byte{0x30, 25, 2, 1, 5, 2, 20, 0x7f}, make([]byte, 19)...)), mustStaple: true,
		},
	} {
		out = append(out, &scenario{
			name: "muststaple/" + c.name, doc: c.doc, ref: "RFC 7633 4.1", seen: c.seen,
			staple: silent, mustStaple: c.mustStaple, want: c.want,
			template: func(w *world) { w.tmpl.ExtraExtensions = []pkix.Extension{c.extension} },
			setup:    func(w *world) { w.noStaple() },
		})
	}
	return out
}

// issuersFeatures are about the TLS feature extension of the intermediate.
func issuersFeatures() []*scenario {
	const ref = "RFC 7633 4.2.2"
	lists := func(issuer, leaf []pkix.Extension) func(*world) {
		return func(w *world) {
			w.newIssuer(fakeca.WithTemplate(&x509.Certificate{ExtraExtensions: issuer}))
			w.tmpl.ExtraExtensions = leaf
		}
	}
	enforced := func(p Policy) Verdict {
		if p.MustStaple {
			return Reject
		}
		return Accept
	}
	one, two := []pkix.Extension{features(5)}, []pkix.Extension{features(5, 17)}
	return []*scenario{
		{
			name: "muststaple/issuer-too", doc: "the certificate and its issuer have the TLS feature, and the staple is good", ref: ref,
			template: lists(one, one),
		},
		{
			name: "muststaple/issuer-too-missing", doc: "the certificate and its issuer have the TLS feature, and nothing is stapled", ref: ref,
			staple: silent, mustStaple: true,
			template: lists(one, one),
			setup:    func(w *world) { w.noStaple() },
		},
		{
			name: "muststaple/issuer-alone", doc: "the issuer has the TLS feature, and the certificate lacks it, which makes it invalid even with a good staple", ref: ref,
			want: enforced, template: lists(one, nil),
		},
		{
			name: "muststaple/issuer-fewer", doc: "the issuer has one of the certificate's two TLS features, and the staple is good", ref: ref,
			template: lists(one, two),
		},
		{
			name: "muststaple/issuer-same", doc: "the certificate has both TLS features of its issuer, and the staple is good", ref: ref,
			template: lists(two, two),
		},
		{
			name: "muststaple/issuer-more", doc: "the certificate has one of its issuer's two TLS features, which makes it invalid even with a good staple", ref: ref,
			want: enforced, template: lists(two, one),
		},
	}
}

// feature is a TLS feature extension with this value.
func feature(value []byte) pkix.Extension {
	return pkix.Extension{Id: fakeca.MustStaple().Id, Value: value}
}

// features lists TLS features.
func features(numbers ...int) pkix.Extension { return feature(made(asn1.Marshal(numbers))) }
