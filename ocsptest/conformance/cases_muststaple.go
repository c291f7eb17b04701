package conformance

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// mustStapleCases are about the TLS feature extension.
//
// Left out: a critical extension, which clients may reject or know under any
// policy, and what a server does when it starts. Only clients that enforce
// the extension run these cases.
func mustStapleCases() []*scenario {
	var out []*scenario
	for _, c := range append(mustStaples(), versions()...) {
		out = append(out, &scenario{
			name: c.name, doc: c.doc, ref: refMustStaple, seen: c.seen, since: c.since,
			sources: Staple, feature: FeatureMustStaple,
			template: c.template, setup: c.setup,
		})
	}
	return append(append(out, featureLists()...), issuerFeatures()...)
}

// versions are must-staple certificates by each version of TLS, which have the
// staple in different messages.
func versions() []sourceCase {
	var out []sourceCase
	for _, v := range []struct {
		name    string
		version uint16
	}{{"tls12", tls.VersionTLS12}, {"tls13", tls.VersionTLS13}} {
		template := func(w *world) { w.tls.MinVersion, w.tls.MaxVersion = v.version, v.version }
		for _, c := range []sourceCase{
			{name: "good", doc: "the staple is good"},
			{name: "revoked", doc: "the staple says revoked", setup: func(w *world) { w.staple(revokedResponse) }},
			{name: "missing", doc: "nothing is stapled", setup: withoutStaple(nil)},
		} {
			c.name = "muststaple/" + c.name + "-" + v.name
			c.doc = tls.VersionName(v.version) + ": the certificate is must-staple, and " + c.doc
			c.seen = []string{"bcgit/bc-java#2458", "bcgit/bc-java#1485"}
			c.since, c.template = set2026_2, template
			out = append(out, c)
		}
	}
	return out
}

// mustStaples are about the staple of a must-staple certificate.
func mustStaples() []sourceCase {
	return []sourceCase{
		{
			name: "muststaple/good",
			doc:  "the certificate is must-staple, and the staple is good",
			seen: []string{"bcgit/bc-java#2458"},
		},
		{
			name:  "muststaple/revoked",
			doc:   "the certificate is must-staple, and the staple says revoked",
			setup: func(w *world) { w.staple(revokedResponse) },
		},
		{
			name:  "muststaple/missing",
			doc:   "the certificate is must-staple, and nothing is stapled",
			setup: withoutStaple(nil),
		},
		{
			name:  "muststaple/expired",
			doc:   "the certificate is must-staple, and the staple has expired",
			setup: func(w *world) { w.staple(outdated(w, fakeca.Response{})) },
		},
		{
			name:  "muststaple/try-later",
			doc:   "the certificate is must-staple, and the staple says tryLater",
			setup: func(w *world) { w.staple(tryLaterResponse) },
		},
		{
			name:  "muststaple/unknown",
			doc:   "the certificate is must-staple, and the staple says unknown",
			setup: func(w *world) { w.staple(unknownResponse) },
		},
		{
			name:  "muststaple/other-signer",
			doc:   "the certificate is must-staple, and another CA signed the staple",
			setup: func(w *world) { w.staple(fakeca.Response{Signer: asSigner(otherRoot())}) },
		},
	}
}

// featureLists are other forms of the TLS feature extension. Nothing is stapled.
func featureLists() []*scenario {
	const unclear = ", and nothing is stapled; some clients ignore an extension that they cannot read"
	withFeature := func(e pkix.Extension) func(*world) {
		return func(w *world) { w.tmpl.ExtraExtensions = []pkix.Extension{e} }
	}
	cases := []*scenario{
		{
			name:     "muststaple/first-of-two",
			doc:      "the TLS features are status_request and status_request_v2, and nothing is stapled",
			ref:      refFeatureNumbers,
			seen:     []string{"nats-io/nats-server#2210"},
			feature:  FeatureMustStaple,
			template: withFeature(features(5, 17)),
		},
		{
			name:     "muststaple/last-of-two",
			doc:      "the TLS features are status_request_v2 and status_request, and nothing is stapled",
			ref:      refFeatureNumbers,
			seen:     []string{"nats-io/nats-server#2210"},
			feature:  FeatureMustStaple,
			template: withFeature(features(17, 5)),
		},
		{
			name: "muststaple/other-feature",
			doc: "the TLS feature is another than status_request, and nothing is stapled; " +
				"some clients reject features that they do not know",
			ref:      refFeatureNumbers,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(features(4)),
		},
		{
			name:     "muststaple/v2-alone",
			doc:      "the TLS feature is status_request_v2, which few clients request, and nothing is stapled",
			ref:      refFeatureNumbers,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(features(17)),
		},
		{
			name:     "muststaple/no-list",
			doc:      "the TLS feature extension is an OCTET STRING instead of a list" + unclear,
			ref:      refFeatureList,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(feature([]byte{4, 3, 2, 1, 5})),
		},
		{
			name:     "muststaple/list-of-octets",
			doc:      "the TLS feature extension is a list of OCTET STRINGs" + unclear,
			ref:      refFeatureList,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(feature([]byte{0x30, 3, 4, 1, 5})),
		},
		{
			name:     "muststaple/trailing",
			doc:      "NULL follows the list of TLS features" + unclear,
			ref:      refFeatureList,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(feature([]byte{0x30, 3, 2, 1, 5, 5, 0})),
		},
		{
			name:     "muststaple/huge-feature",
			doc:      "the TLS features are status_request and a number of 20 bytes" + unclear,
			ref:      refFeatureList,
			feature:  FeatureNone | FeatureMustStaple,
			template: withFeature(feature(append([]byte{0x30, 25, 2, 1, 5, 2, 20, 0x7f}, make([]byte, 19)...))),
		},
	}
	for _, s := range cases {
		s.sources = Staple
		s.setup = withoutStaple(nil)
	}
	return cases
}

// issuerFeatures are about the TLS feature extension of the intermediate.
func issuerFeatures() []*scenario {
	with := func(issuer, leaf []pkix.Extension) func(*world) {
		return func(w *world) {
			w.replaceIssuer(x509.Certificate{ExtraExtensions: issuer})
			w.tmpl.ExtraExtensions = leaf
		}
	}
	one, two := []pkix.Extension{features(5)}, []pkix.Extension{features(5, 17)}
	return []*scenario{
		{
			name: "muststaple/issuer-too",
			doc: "the certificate and its issuer have the TLS feature, and the staple is good; " +
				"some clients want a staple for the intermediate too",
			ref:      refIssuersFeatures,
			feature:  FeatureMustStaple,
			also:     Says{Staple: Invalid}, // or too little
			template: with(one, one),
		},
		{
			name:     "muststaple/issuer-too-missing",
			doc:      "the certificate and its issuer have the TLS feature, and nothing is stapled",
			ref:      refMustStaple,
			feature:  FeatureMustStaple,
			template: with(one, one),
			setup:    withoutStaple(nil),
		},
		{
			name:     "muststaple/issuer-alone",
			doc:      "the issuer has the TLS feature and the certificate lacks it; clients may reject that even with a good staple",
			ref:      refFeaturesRejected,
			feature:  FeatureNone | FeatureOfIssuerMissing,
			template: with(one, nil),
		},
		{
			name: "muststaple/issuer-fewer",
			doc: "the issuer has one of the certificate's two TLS features, and the staple is good; " +
				"some clients want another staple, or know only status_request",
			ref:      refIssuersFeatures,
			feature:  FeatureMustStaple,
			also:     Says{Staple: Invalid}, // or too little
			template: with(one, two),
		},
		{
			name: "muststaple/issuer-same",
			doc: "the certificate and its issuer have the same two TLS features, and the staple is good; " +
				"some clients want another staple, or know only status_request",
			ref:      refIssuersFeatures,
			feature:  FeatureMustStaple,
			also:     Says{Staple: Invalid}, // or too little
			template: with(two, two),
		},
		{
			name:     "muststaple/issuer-more",
			doc:      "the certificate lacks one of its issuer's two TLS features; clients may reject that even with a good staple",
			ref:      refFeaturesRejected,
			feature:  FeatureNone | FeatureOfIssuerMissing,
			template: with(two, one),
		},
	}
}

// feature returns a TLS feature extension with this value.
func feature(value []byte) pkix.Extension {
	return pkix.Extension{Id: fakeca.MustStaple().Id, Value: value}
}

// features returns a TLS feature extension that lists these features.
func features(numbers ...int) pkix.Extension { return feature(must(asn1.Marshal(numbers))) }
