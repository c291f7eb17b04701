package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// noOCSPCases are about certificates of CAs that have given up OCSP, or say nothing
// about revocation. What a certificate says without a source cannot be measured; it
// is declared.
//
// Left out: a critical noRevAvail, which crypto/x509 does not know.
func noOCSPCases() []*scenario {
	all := slices.Concat(noRevAvails(), shortLived(), goneResponders(), unstapleable())
	for _, s := range all {
		s.since = set2026_3
	}
	return all
}

// acceptable is what clients have that need no source.
var acceptable = Says{Staple: Good, OCSP: Good, CRL: Good}

// nameNothing has the certificate name neither a responder nor a CRL.
func nameNothing(w *world) { w.tmpl.OCSPServer, w.tmpl.CRLDistributionPoints = []string{}, []string{} }

// nameOnlyCRL has the certificate name a CRL and no responder.
func nameOnlyCRL(w *world) { w.tmpl.OCSPServer = []string{} }

// noRevAvails are about the extension with which a CA says that it publishes nothing
// about revocation.
func noRevAvails() []*scenario {
	const invalid = "; RFC 9608 makes the certificate invalid, and clients that do not know the extension check as usual"
	var (
		extension = []pkix.Extension{fakeca.NoRevAvail()}
		refused   = Says{OCSP: Revoked}
	)
	withoutSources := func(w *world) {
		nameNothing(w)
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, extension...)
	}
	// naming names a source in spite of the extension. Issue would leave it out.
	namingCRL := func(w *world) {
		w.tmpl.CRLDistributionPoints = []string{w.responder.CRLURL(w.ca)}
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, extension...)
	}
	namingResponder := func(w *world) {
		w.tmpl.OCSPServer = []string{w.responder.URL}
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, extension...)
	}
	ofCA := func(tmpl func(*world) x509.Certificate) func(*world) {
		return func(w *world) {
			t := tmpl(w)
			t.ExtraExtensions = extension
			w.replaceIssuer(t)
		}
	}
	caNaming := ofCA(func(w *world) x509.Certificate {
		return x509.Certificate{OCSPServer: []string{}, CRLDistributionPoints: []string{w.responder.CRLURL(w.root)}}
	})
	return []*scenario{
		{
			name:     "no-ocsp/no-rev-avail",
			doc:      "the certificate has noRevAvail and names no source; clients that know RFC 9608 do not check it",
			ref:      refNoRevAvail,
			seen:     []string{"cabforum/servercert#670"},
			also:     acceptable,
			template: withoutSources,
			setup:    withoutStaple(nil),
		},
		{
			name:     "no-ocsp/no-rev-avail-with-crl",
			doc:      "the certificate has noRevAvail, and names a CRL, which is good" + invalid,
			ref:      refNoRevAvailNaming,
			sources:  CRL,
			also:     Says{CRL: Revoked},
			template: namingCRL,
		},
		{
			name:     "no-ocsp/no-rev-avail-with-crl-revoked",
			doc:      "the certificate has noRevAvail, and names a CRL, which lists it",
			ref:      refNoRevAvailNaming,
			sources:  CRL,
			template: namingCRL,
			setup:    revokeLeaf,
		},
		{
			name:     "no-ocsp/no-rev-avail-with-responder",
			doc:      "the certificate has noRevAvail, and names a responder, which says good" + invalid,
			ref:      refNoRevAvailNaming,
			sources:  OCSP,
			also:     refused,
			template: namingResponder,
		},
		{
			name:     "no-ocsp/no-rev-avail-with-responder-revoked",
			doc:      "the certificate has noRevAvail, and names a responder, which says revoked",
			ref:      refNoRevAvailNaming,
			sources:  OCSP,
			template: namingResponder,
			setup:    revokeLeaf,
		},
		{
			name:         "no-ocsp/no-rev-avail-of-ca",
			doc:          "the intermediate has noRevAvail, which is not for CAs, and names a CRL, which is good" + invalid,
			ref:          refNoRevAvailOfCA,
			intermediate: true,
			issuerAlso:   Says{CRL: Revoked},
			template:     caNaming,
		},
		{
			name:         "no-ocsp/no-rev-avail-of-ca-revoked",
			doc:          "the intermediate has noRevAvail, which is not for CAs, and names a CRL, which lists it",
			ref:          refNoRevAvailOfCA,
			intermediate: true,
			template:     caNaming,
			setup:        revokeIntermediate,
		},
		{
			name: "no-ocsp/no-rev-avail-of-ca-without-sources",
			doc: "the intermediate has noRevAvail, which is not for CAs, and names no source; " +
				"RFC 9608 makes it invalid, and clients that do not know the extension find nothing to check",
			ref:          refNoRevAvailOfCA,
			intermediate: true,
			issuerAlso:   Says{CRL: Revoked, OCSP: Revoked},
			template: ofCA(func(*world) x509.Certificate {
				return x509.Certificate{OCSPServer: []string{}, CRLDistributionPoints: []string{}}
			}),
		},
	}
}

// shortLived are about certificates that are valid for a few days.
func shortLived() []*scenario {
	// For the Baseline Requirements both ends are within the validity.
	validFor := func(d time.Duration, then func(*world)) func(*world) {
		return func(w *world) {
			w.tmpl.NotBefore = w.ca.Now().Add(-time.Hour).Truncate(time.Second)
			w.tmpl.NotAfter = w.tmpl.NotBefore.Add(d - time.Second)
			then(w)
		}
	}
	const doc = "the certificate names no source, and is valid for "
	return []*scenario{
		{
			name:     "no-ocsp/six-days",
			doc:      doc + "six days; some clients do not check certificates that are short-lived by the Baseline Requirements",
			ref:      refShortLived,
			seen:     []string{"letsencrypt/boulder#7673", "snowflakedb/snowflake-connector-python#2518"},
			also:     acceptable,
			template: validFor(6*day, nameNothing),
			setup:    withoutStaple(nil),
		},
		{
			name:     "no-ocsp/seven-days",
			doc:      doc + "seven days, which is the limit of the Baseline Requirements; some clients do not check such certificates",
			ref:      refShortLived,
			seen:     []string{"snowflakedb/drivers#72"},
			also:     acceptable,
			template: validFor(7*day, nameNothing),
			setup:    withoutStaple(nil),
		},
		{
			name: "no-ocsp/over-seven-days",
			doc: doc + "a second more than seven days; " +
				"some clients have the limit of ten days, which the Baseline Requirements had until 2026-03-15",
			ref:      refShortLived,
			also:     acceptable,
			template: validFor(7*day+time.Second, nameNothing),
			setup:    withoutStaple(nil),
		},
		{
			name:     "no-ocsp/over-ten-days",
			doc:      doc + "a second more than ten days, which the Baseline Requirements never allowed",
			ref:      refShortLived,
			template: validFor(10*day+time.Second, nameNothing),
			setup:    withoutStaple(nil),
		},
		{
			name:     "no-ocsp/six-days-revoked",
			doc:      "the certificate is valid for six days, and names a CRL, which lists it; some clients do not check short-lived certificates",
			ref:      refPointersChecked,
			seen:     []string{"snowflakedb/snowflake-connector-python#2518", "snowflakedb/drivers#72"},
			sources:  CRL,
			also:     Says{CRL: Good},
			template: validFor(6*day, nameOnlyCRL),
			setup:    revokeLeaf,
		},
		{
			name:     "no-ocsp/over-ten-days-revoked",
			doc:      "the certificate is valid for a second more than ten days, and names a CRL, which lists it",
			ref:      refPointersChecked,
			sources:  CRL,
			template: validFor(10*day+time.Second, nameOnlyCRL),
			setup:    revokeLeaf,
		},
	}
}

// goneResponders are of CAs that have shut them down, while certificates still name
// them.
func goneResponders() []*scenario {
	naming := func(url func(*world) string) func(*world) {
		return func(w *world) { w.tmpl.OCSPServer = []string{url(w)} }
	}
	refusing := naming((*world).deadResponder)
	notFound := naming(func(w *world) string { return w.faultyResponder(fault.HTTPError(404)) })
	return []*scenario{
		{
			name:     "no-ocsp/responder-gone",
			doc:      "the responder's port refuses connections, and the CRL is good",
			ref:      refUnreachable,
			seen:     []string{"YunoHost/issues#2593", "bcgit/bc-java#2372"},
			sources:  OCSP | CRL,
			template: refusing,
		},
		{
			name:     "no-ocsp/responder-gone-revoked",
			doc:      "the responder's port refuses connections, and the CRL lists the certificate",
			ref:      refUnreachable,
			seen:     []string{"YunoHost/issues#2593", "bcgit/bc-java#2372"},
			sources:  OCSP | CRL,
			template: refusing,
			setup:    revokeLeaf,
		},
		{
			name:     "no-ocsp/responder-not-found",
			doc:      "the responder responds with status 404, and the CRL is good",
			ref:      refUnreachable,
			seen:     []string{"icing/mod_md#367"},
			sources:  OCSP | CRL,
			template: notFound,
		},
		{
			name:     "no-ocsp/responder-not-found-revoked",
			doc:      "the responder responds with status 404, and the CRL lists the certificate",
			ref:      refUnreachable,
			seen:     []string{"icing/mod_md#367"},
			sources:  OCSP | CRL,
			template: notFound,
			setup:    revokeLeaf,
		},
	}
}

// unstapleable are about servers that have no responder to get a staple from.
func unstapleable() []*scenario {
	return []*scenario{
		{
			name:     "no-ocsp/must-staple",
			doc:      "the certificate is must-staple and names no responder, so that nothing can be stapled, and the CRL is good",
			ref:      refMustStaple,
			seen:     []string{"matteocorti/check_ssl_cert#530"},
			feature:  FeatureMustStaple,
			template: nameOnlyCRL,
			setup:    withoutStaple(nil),
		},
		{
			name:     "no-ocsp/must-staple-stapled",
			doc:      "the certificate is must-staple and names no responder, and the staple is good",
			ref:      refMustStaple,
			feature:  FeatureMustStaple,
			template: nameOnlyCRL,
		},
		{
			name:     "no-ocsp/no-sources-stapled",
			doc:      "the certificate names no source, and the staple is good",
			ref:      refNoResponder,
			template: nameNothing,
		},
		{
			name:     "no-ocsp/no-sources-stapled-revoked",
			doc:      "the certificate names no source, and the staple says revoked",
			ref:      refRevoked,
			template: nameNothing,
			setup:    revokeLeaf,
		},
	}
}
