package conformance

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlCases are about CRLs. Nothing is stapled in them, and the certificate names
// no responder, so that the CRL decides.
//
// Left out are indirect CRLs and those in PEM, which hardly anybody has, and a
// complete CRL with its delta, which needs a client with a memory.
func crlCases() []*scenario {
	var out []*scenario
	for _, cases := range [][]crlCase{whole(), listTimes(), listSigners(), partial(), listTransport()} {
		for _, c := range cases {
			out = append(out, &scenario{
				name: "crl/" + c.name, doc: c.doc, ref: c.ref,
				staple: silent, fetched: silent, listed: c.news,
				template: func(w *world) {
					w.tmpl.OCSPServer = []string{}
					if c.template != nil {
						c.template(w)
					}
				},
				setup: func(w *world) {
					w.noStaple()
					if c.list != nil {
						w.responder.SetCRL(w.ca, c.list(w))
					}
					if c.setup != nil {
						c.setup(w)
					}
				},
			})
		}
	}
	return out
}

// A crlCase is something about the CRL that the leaf names.
type crlCase struct {
	name, doc, ref string
	news           news
	list           func(*world) fakeca.CRL // nil: as it should be
	template       func(*world)
	setup          func(*world)
}

// lists is a CRL that is the same in every world.
func lists(c fakeca.CRL) func(*world) fakeca.CRL { return func(*world) fakeca.CRL { return c } }

func whole() []crlCase {
	return []crlCase{
		{name: "empty", doc: "the CRL has nothing in it", ref: "RFC 5280 5.1.2.6"},
		{
			name: "revoked", doc: "the CRL has the certificate", ref: "RFC 5280 6.3.3", news: revoked,
			setup: func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name: "on-hold", doc: "the CRL has the certificate, on hold", ref: "RFC 5280 5.3.1", news: revoked,
			setup: func(w *world) { w.leaf.Revoke(fakeca.CertificateHold) },
		},
		{
			name: "others", doc: "the CRL has other certificates", ref: "RFC 5280 6.3.3",
			list: lists(fakeca.CRL{Also: manyRevoked(3)}),
		},
		{
			name: "long", doc: "the CRL has two thousand other certificates", ref: "RFC 5280 6.3.3",
			list: lists(fakeca.CRL{Also: manyRevoked(2000)}),
		},
		{
			name: "long-revoked", doc: "the CRL has the certificate among two thousand", ref: "RFC 5280 6.3.3", news: revoked,
			list:  lists(fakeca.CRL{Also: manyRevoked(2000)}),
			setup: func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
	}
}

// manyRevoked are revocations of certificates that were never issued.
func manyRevoked(n int) []fakeca.Response {
	out := make([]fakeca.Response, n)
	for i := range out {
		out[i] = fakeca.Response{Serial: big.NewInt(int64(1000 + i)), Status: fakeca.Revoked, Reason: fakeca.Superseded}
	}
	return out
}

func listTimes() []crlCase {
	old := func(w *world) fakeca.CRL {
		now := w.ca.Now()
		return fakeca.CRL{ThisUpdate: now.Add(-10 * day), NextUpdate: now.Add(-3 * day)}
	}
	return []crlCase{
		{name: "expired", doc: "the CRL has expired", ref: "RFC 5280 6.3.3", news: useless, list: old},
		{
			name: "expired-revoked", doc: "the CRL has expired, and has the certificate; to some clients that is no answer, to others revoked is", ref: "RFC 5280 6.3.3", news: accused,
			list:  old,
			setup: func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name: "not-yet-valid", doc: "the CRL is from the day after tomorrow", ref: "RFC 5280 5.1.2.4", news: useless,
			list: func(w *world) fakeca.CRL { return fakeca.CRL{ThisUpdate: w.ca.Now().Add(2 * day)} },
		},
		{
			name: "no-next-update", doc: "the CRL does not say when it ends, as it has to; not all clients mind", ref: "RFC 5280 5.1.2.5", news: dubious,
			list: lists(fakeca.CRL{Forever: true}),
		},
	}
}

func listSigners() []crlCase {
	withRSA := func(w *world) { w.newIssuer(fakeca.WithKey(rsaKey())) }
	return []crlCase{
		{
			name: "bad-signature", doc: "a bit of the signature is flipped", ref: "RFC 5280 6.3.3", news: useless,
			list: lists(fakeca.CRL{Mutate: func(der []byte) []byte { der[len(der)-1] ^= 1; return der }}),
		},
		{
			name: "forged", doc: "the CRL has the issuer's name, and is signed with another key", ref: "RFC 5280 6.3.3", news: useless,
			list: func(w *world) fakeca.CRL {
				return fakeca.CRL{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: p256Key()}}
			},
		},
		{
			name: "of-root", doc: "the CRL is that of the root, which did not issue the certificate", ref: "RFC 5280 6.3.3", news: useless,
			list: func(w *world) fakeca.CRL {
				return fakeca.CRL{Mutate: func([]byte) []byte { return w.root.CRL(fakeca.CRL{}) }}
			},
		},
		{
			name: "of-namesake", doc: "the CRL is that of a CA that has the issuer's name and another key", ref: "RFC 5280 6.3.3", news: useless,
			list: func(w *world) fakeca.CRL { return fakeca.CRL{Signer: asSigner(namesake(w.ca))} },
		},
		{
			name: "by-sibling", doc: "the certificate of another server, issued by the same CA, signs the CRL", ref: "RFC 5280 6.3.3", news: useless,
			list: func(w *world) fakeca.CRL { return fakeca.CRL{Signer: w.ca.Leaf("sibling.test")} },
		},
		{
			name: "sha1", doc: "the CRL is signed with SHA-1, which some clients take and others do not", ref: "RFC 5280 5.1.1.2", news: dubious,
			list: lists(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}),
		},
		{
			name: "md5", doc: "the CRL is signed with MD5, with which signatures can be forged", ref: "RFC 6151 2.1", news: useless,
			template: withRSA, list: lists(fakeca.CRL{SignatureAlgorithm: x509.MD5WithRSA}),
		},
		{
			name: "rsa-pss", doc: "the CRL is signed with RSA-PSS", ref: "RFC 4055 3.1",
			template: withRSA, list: lists(fakeca.CRL{SignatureAlgorithm: x509.SHA256WithRSAPSS}),
		},
	}
}

// partial are CRLs that are not about all that the CA issued, and those with
// extensions that have to be understood.
func partial() []crlCase {
	const scope = "RFC 5280 5.2.5"
	return []crlCase{
		{
			name: "delta-alone", doc: "the CRL is a delta to a list that is nowhere to be had", ref: "RFC 5280 5.2.4", news: useless,
			list: lists(fakeca.CRL{Base: big.NewInt(1)}),
		},
		{
			name: "only-cas", doc: "the CRL is about CAs alone", ref: scope, news: useless,
			list: lists(fakeca.CRL{OnlyCACerts: true}),
		},
		{
			name: "only-attributes", doc: "the CRL is about attribute certificates alone", ref: scope, news: useless,
			list: lists(fakeca.CRL{OnlyAttributeCerts: true}),
		},
		{
			name: "some-reasons", doc: "the CRL is about keys that were compromised, and about no other reason", ref: scope, news: useless,
			list: lists(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}}),
		},
		{
			name: "other-point", doc: "the CRL is one for another distribution point", ref: scope, news: useless,
			list: lists(fakeca.CRL{DistributionPoint: []string{"http://127.0.0.1:0/crl"}}),
		},
		{
			name: "this-point", doc: "the CRL is one for this distribution point; clients need not understand the extension that says so", ref: scope, news: dubious,
			list: func(w *world) fakeca.CRL { return fakeca.CRL{DistributionPoint: w.leaf.Cert.CRLDistributionPoints} },
		},
		{
			name: "only-users", doc: "the CRL is about certificates of users, as this one; clients need not understand the extension that says so", ref: scope, news: dubious,
			list: lists(fakeca.CRL{OnlyUserCerts: true}),
		},
		{
			name: "critical-extension", doc: "the CRL has a critical extension that nobody knows", ref: "RFC 5280 5.2", news: useless,
			list: lists(fakeca.CRL{Edit: func(l *fakeca.CRLMessage) { l.CRLExtensions = append(l.CRLExtensions, nobodyKnows) }}),
		},
		{
			name: "critical-entry-extension", doc: "the entry of another certificate has a critical extension that nobody knows, which forbids to use the CRL at all", ref: "RFC 5280 5.3", news: useless,
			list: lists(fakeca.CRL{Also: manyRevoked(1), Edit: func(l *fakeca.CRLMessage) {
				l.RevokedCertificates[0].Extensions = append(l.RevokedCertificates[0].Extensions, nobodyKnows)
			}}),
		},
	}
}

// nobodyKnows is an extension under the arc for examples (X.660).
var nobodyKnows = pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 1}, Critical: true, Value: []byte{5, 0}}

func listTransport() []crlCase {
	const ref = "RFC 5280 4.2.1.13"
	meets := func(f fault.Fault) func(*world) { return func(w *world) { w.aboutList(f) } }
	points := func(named func(*world) []string) func(*world) {
		return func(w *world) { w.tmpl.CRLDistributionPoints = named(w) }
	}
	return []crlCase{
		{name: "404", doc: "there is no CRL where there should be", ref: ref, news: useless, setup: meets(fault.HTTPError(404))},
		{name: "500", doc: "the CRL's server answers 500", ref: ref, news: useless, setup: meets(fault.HTTPError(500))},
		{name: "hangup", doc: "the CRL's server hangs up", ref: ref, news: useless, setup: meets(fault.Hangup())},
		{name: "hang", doc: "the CRL's server never answers", ref: ref, news: useless, setup: meets(fault.Hang())},
		{name: "empty-body", doc: "there is an empty body in place of the CRL", ref: "RFC 5280 5.1", news: useless, setup: meets(fault.Body("application/pkix-crl", nil))},
		{name: "garbage", doc: "there is garbage in place of the CRL", ref: "RFC 5280 5.1", news: useless, setup: meets(fault.Body("application/pkix-crl", []byte("garbage")))},
		{name: "too-large", doc: "the CRL is followed by a megabyte of zeros, which some clients do not look at", ref: "RFC 5280 5.1", news: dubious, setup: meets(fault.HugeBody(1 << 20))},
		{
			name: "truncated", doc: "the CRL ends halfway", ref: "RFC 5280 5.1", news: useless,
			list: lists(fakeca.CRL{Mutate: func(der []byte) []byte { return bytes.Clone(der[:len(der)/2]) }}),
		},
		{
			name: "no-point", doc: "the certificate names no CRL", ref: ref, news: silent,
			template: points(func(*world) []string { return []string{} }),
		},
		{
			name: "first-dead", doc: "of two places where the CRL is, the first is dead", ref: ref,
			template: points(func(w *world) []string { return []string{w.deadResponder() + "/crl/0", w.responder.CRLURL(w.ca)} }),
		},
		{
			name: "first-dead-revoked", doc: "of two places where the CRL is, the first is dead, and the CRL has the certificate", ref: ref, news: revoked,
			template: points(func(w *world) []string { return []string{w.deadResponder() + "/crl/0", w.responder.CRLURL(w.ca)} }),
			setup:    func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
	}
}
