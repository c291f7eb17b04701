package conformance

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlCases are about CRLs. Only they speak about the leaf. There is more in the
// groups whose names start with crl-.
func crlCases() []*scenario {
	var out []*scenario
	for _, c := range slices.Concat(completeCRLs(), crlTimes(), crlSigners(), scopedCRLs(), crlTransport()) {
		out = append(out, &scenario{
			name: c.name, doc: c.doc, ref: c.ref, seen: c.seen, since: c.since,
			sources: CRL, also: Says{CRL: c.also},
			template: c.template, setup: c.setup,
		})
	}
	return out
}

// serving has the responder serve a CRL.
func serving(c fakeca.CRL) func(*world) { return func(w *world) { w.responder.SetCRL(w.ca, c) } }

// failing has the responder play a fault at requests for the CRL.
func failing(f fault.Fault) func(*world) { return func(w *world) { w.crlFault(f) } }

func completeCRLs() []sourceCase {
	return []sourceCase{
		{
			name: "crl/empty",
			doc:  "the CRL is empty",
			ref:  refCRLEmpty,
			seen: []string{"rustls/webpki#228"},
		},
		{
			name:  "crl/revoked",
			doc:   "the CRL lists the certificate",
			ref:   refCRLEntry,
			seen:  []string{"mondoohq/mql#10464", "wolfSSL/wolfssl#11481"},
			setup: revokeLeaf,
		},
		{
			name:  "crl/on-hold",
			doc:   "the CRL lists the certificate as on hold",
			ref:   refReasons,
			setup: func(w *world) { w.leaf.Revoke(fakeca.CertificateHold) },
		},
		{
			name:     "crl/high-serial-revoked",
			doc:      "the CRL lists the certificate, whose serial number has its highest bit set, so that DER puts a zero before it",
			ref:      refCRLEntry,
			seen:     []string{"rustls/webpki#132"},
			since:    set2026_2,
			template: func(w *world) { w.tmpl.SerialNumber = big.NewInt(0xf1e2d3c4) },
			setup:    revokeLeaf,
		},
		{
			name:     "crl/serial-contained",
			doc:      "the certificate's serial number has one byte, and the CRL lists others that have it at the start or at the end",
			ref:      refCRLEntry,
			seen:     []string{"matteocorti/check_ssl_cert#540"},
			since:    set2026_2,
			template: func(w *world) { w.tmpl.SerialNumber = big.NewInt(0x42) },
			setup: serving(fakeca.CRL{Also: []fakeca.Response{
				{Serial: big.NewInt(0x4211), Status: fakeca.Revoked},
				{Serial: big.NewInt(0x1142), Status: fakeca.Revoked},
			}}),
		},
		{
			name:  "crl/others",
			doc:   "the CRL lists other certificates",
			ref:   refCRLEntry,
			setup: serving(fakeca.CRL{Also: manyRevoked(3)}),
		},
		{
			name:  "crl/long",
			doc:   "the CRL lists two thousand other certificates",
			ref:   refCRLEntry,
			setup: serving(fakeca.CRL{Also: manyRevoked(2000)}),
		},
		{
			name: "crl/long-revoked",
			doc:  "the CRL lists the certificate and two thousand others",
			ref:  refCRLEntry,
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, fakeca.CRL{Also: manyRevoked(2000)})
				revokeLeaf(w)
			},
		},
	}
}

func crlTimes() []sourceCase {
	return []sourceCase{
		{
			name:  "crl/expired",
			doc:   "the CRL has expired",
			ref:   refCRLExpired,
			setup: func(w *world) { w.responder.SetCRL(w.ca, outdatedCRL(w.ca)) },
		},
		{
			name: "crl/expired-revoked",
			doc:  "the CRL has expired, and lists the certificate; some clients ignore it, some treat it as revoked",
			ref:  refCRLExpired,
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, outdatedCRL(w.ca))
				revokeLeaf(w)
			},
		},
		{
			name: "crl/not-yet-valid",
			doc:  "thisUpdate of the CRL is in two days",
			ref:  refCRLThisUpdate,
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, fakeca.CRL{ThisUpdate: w.ca.Now().Add(2 * day)})
			},
		},
		{
			name:  "crl/no-next-update",
			doc:   "the CRL lacks nextUpdate, which is required; some clients accept that",
			ref:   refCRLNextUpdate,
			also:  Disputed,
			setup: serving(fakeca.CRL{Forever: true}),
		},
	}
}

func crlSigners() []sourceCase {
	withRSA := func(w *world) { w.replaceIssuer(x509.Certificate{}, fakeca.WithKey(rsaKey())) }
	signedBy := func(signer func(*world) *fakeca.Leaf) func(*world) {
		return func(w *world) { w.responder.SetCRL(w.ca, fakeca.CRL{Signer: signer(w)}) }
	}
	return []sourceCase{
		{
			name:  "crl/bad-signature",
			doc:   "one bit of the CRL's signature is flipped",
			ref:   refCRLSignature,
			setup: serving(fakeca.CRL{Mutate: flipLastBit}),
		},
		{
			name:  "crl/forged",
			doc:   "the CRL has the issuer's name, and is signed with another key",
			ref:   refCRLSignature,
			setup: signedBy(func(w *world) *fakeca.Leaf { return &fakeca.Leaf{Cert: w.ca.Cert, Key: p256Key()} }),
		},
		{
			name: "crl/of-root",
			doc:  "the CRL is from the root, which did not issue the certificate",
			ref:  refCRLIssuer,
			seen: []string{"Mbed-TLS/mbedtls#433"},
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, fakeca.CRL{Mutate: func([]byte) []byte { return w.root.CRL(fakeca.CRL{}) }})
			},
		},
		{
			name:  "crl/of-namesake",
			doc:   "the CRL is from a CA with the issuer's name and another key",
			ref:   refCRLSignature,
			setup: signedBy(func(w *world) *fakeca.Leaf { return asSigner(namesake(w.ca)) }),
		},
		{
			name:  "crl/by-sibling",
			doc:   "another server's certificate from the same issuer signs the CRL",
			ref:   refCRLSignature,
			setup: signedBy(func(w *world) *fakeca.Leaf { return w.ca.Leaf("sibling.test") }),
		},
		{
			name:  "crl/sha1",
			doc:   "the CRL is signed with SHA-1, which some clients accept",
			ref:   refP256NeedsSHA256,
			also:  Disputed,
			setup: serving(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}),
		},
		{
			name:     "crl/md5",
			doc:      "the CRL is signed with MD5, which allows forgeries",
			ref:      refMD5NotForSigning,
			template: withRSA,
			setup:    serving(fakeca.CRL{SignatureAlgorithm: x509.MD5WithRSA}),
		},
		{
			name:     "crl/rsa-pss",
			doc:      "the CRL is signed with RSA-PSS; some clients do not know RSA-PSS here",
			ref:      refRSAPSS,
			also:     Disputed,
			template: withRSA,
			setup:    serving(fakeca.CRL{SignatureAlgorithm: x509.SHA256WithRSAPSS}),
		},
	}
}

// scopedCRLs do not cover all that the CA issued, or have extensions that clients
// must understand.
func scopedCRLs() []sourceCase {
	const (
		notRequired = "; clients need not understand the extension that says so"
	)
	return []sourceCase{
		{
			name:  "crl/delta-alone",
			doc:   "the CRL is a delta, and its base CRL is not available",
			ref:   refCRLDelta,
			setup: serving(fakeca.CRL{Base: big.NewInt(1)}),
		},
		{
			name:  "crl/only-cas",
			doc:   "the CRL covers only CAs",
			ref:   refCRLScope,
			setup: serving(fakeca.CRL{OnlyCACerts: true}),
		},
		{
			name:  "crl/only-attributes",
			doc:   "the CRL covers only attribute certificates",
			ref:   refCRLScope,
			setup: serving(fakeca.CRL{OnlyAttributeCerts: true}),
		},
		{
			name:  "crl/some-reasons",
			doc:   "the CRL covers only the reason key compromise",
			ref:   refCRLScope,
			setup: serving(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}}),
		},
		{
			name:  "crl/other-point",
			doc:   "the CRL is for another distribution point",
			ref:   refCRLScope,
			seen:  []string{"mozilla/crlite#356"},
			setup: serving(fakeca.CRL{DistributionPoint: []string{"http://127.0.0.1:0/crl"}}),
		},
		{
			name: "crl/this-point",
			doc:  "the CRL is for the distribution point that the certificate names" + notRequired,
			ref:  refCRLScopeUnknown,
			seen: []string{"aws/aws-lc#3105"},
			also: Disputed,
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, fakeca.CRL{DistributionPoint: w.leaf.Cert.CRLDistributionPoints})
			},
		},
		{
			name:  "crl/only-users",
			doc:   "the CRL covers only end-entity certificates, such as this one" + notRequired,
			ref:   refCRLScopeUnknown,
			also:  Disputed,
			setup: serving(fakeca.CRL{OnlyUserCerts: true}),
		},
		{
			name: "crl/critical-extension",
			doc:  "the CRL has an unknown critical extension",
			ref:  refCRLExtension,
			seen: []string{"bradh11/certmonitor#128"},
			setup: serving(fakeca.CRL{Edit: func(l *fakeca.CRLMessage) {
				l.CRLExtensions = append(l.CRLExtensions, unknownExtension(true))
			}}),
		},
		{
			name: "crl/critical-entry-extension",
			doc:  "the entry of another certificate has an unknown critical extension, which makes the whole CRL unusable",
			ref:  refCRLEntryExtension,
			seen: []string{"bradh11/certmonitor#128"},
			setup: serving(fakeca.CRL{Also: manyRevoked(1), Edit: func(l *fakeca.CRLMessage) {
				l.RevokedCertificates[0].Extensions = append(l.RevokedCertificates[0].Extensions, unknownExtension(true))
			}}),
		},
	}
}

func crlTransport() []sourceCase {
	firstDead := func(w *world) {
		w.tmpl.CRLDistributionPoints = []string{w.deadResponder() + "/crl/0", w.responder.CRLURL(w.ca)}
	}
	return []sourceCase{
		{
			name:  "crl/404",
			doc:   "the CRL's server responds with status 404",
			ref:   refCRLPoint,
			setup: failing(fault.HTTPError(404)),
		},
		{
			name:  "crl/500",
			doc:   "the CRL's server responds with status 500",
			ref:   refCRLPoint,
			setup: failing(fault.HTTPError(500)),
		},
		{
			name:  "crl/hangup",
			doc:   "the CRL's server closes the connection without a response",
			ref:   refCRLPoint,
			setup: failing(fault.Hangup()),
		},
		{
			name:  "crl/hang",
			doc:   "the CRL's server never responds",
			ref:   refCRLPoint,
			setup: failing(fault.Hang()),
		},
		{
			name:  "crl/empty-body",
			doc:   "the body is empty instead of a CRL",
			ref:   refCRLSyntax,
			setup: failing(fault.Body("application/pkix-crl", nil)),
		},
		{
			name:  "crl/garbage",
			doc:   "the body is garbage instead of a CRL",
			ref:   refCRLSyntax,
			setup: failing(fault.Body("application/pkix-crl", []byte("garbage"))),
		},
		{
			name:  "crl/too-large",
			doc:   "a megabyte of zeros follows the CRL; some clients ignore them",
			ref:   refCRLSyntax,
			also:  Disputed,
			setup: failing(fault.HugeBody(1 << 20)),
		},
		{
			name:  "crl/truncated",
			doc:   "the second half of the CRL is missing",
			ref:   refCRLSyntax,
			setup: serving(fakeca.CRL{Mutate: func(der []byte) []byte { return bytes.Clone(der[:len(der)/2]) }}),
		},
		{
			name:     "crl/no-point",
			doc:      "the certificate names no CRL",
			ref:      refNoCRLPoint,
			template: func(w *world) { w.tmpl.CRLDistributionPoints = []string{} },
		},
		{
			name:     "crl/first-dead",
			doc:      "the certificate names two URLs of the CRL, and the first is down",
			ref:      refCRLEachPoint,
			template: firstDead,
		},
		{
			name:     "crl/first-dead-revoked",
			doc:      "the certificate names two URLs of the CRL, the first is down, and the CRL lists the certificate",
			ref:      refCRLEachPoint,
			template: firstDead,
			setup:    revokeLeaf,
		},
	}
}
