package conformance

import (
	"crypto/x509"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// chainCases are about intermediates, and about who issued the leaf.
//
// Left out: an intermediate that the server does not send, because then there is
// no chain; a leaf that is the root itself, which cannot be revoked; clients'
// certificates, which servers check; and extended validation.
func chainCases() []*scenario {
	return slices.Concat(intermediates(), issuers(), sentChains())
}

func intermediates() []*scenario {
	respond := func(r fakeca.Response) func(*world) {
		return func(w *world) { w.intermediateFault(fault.Respond(r)) }
	}
	withoutResponder := func(w *world) {
		w.replaceIssuer(x509.Certificate{OCSPServer: []string{}})
	}
	return []*scenario{
		{
			name:         "chain/intermediate-revoked",
			doc:          "the intermediate is revoked, and the leaf is good",
			ref:          refChainRevoked,
			seen:         []string{"open62541/open62541#6705"},
			intermediate: true,
			setup:        revokeIntermediate,
		},
		{
			name:         "chain/intermediate-revoked-responder",
			doc:          "the responder says that the intermediate is revoked, and the CRL does not list it yet",
			ref:          refChainRevoked,
			intermediate: true,
			setup:        respond(revokedResponse),
		},
		{
			name:         "chain/intermediate-revoked-crl",
			doc:          "the CRL lists the intermediate, and the responder fails",
			ref:          refChainRevoked,
			seen:         []string{"open62541/open62541#6705"},
			intermediate: true,
			setup: func(w *world) {
				revokeIntermediate(w)
				w.intermediateFault(fault.Respond(tryLaterResponse))
			},
		},
		{
			name:         "chain/intermediate-unknown",
			doc:          "the responder says unknown about the intermediate",
			ref:          refChainRevoked,
			intermediate: true,
			setup:        respond(unknownResponse),
		},
		{
			name:         "chain/intermediate-unknown-crl-expired",
			doc:          "the responder says unknown about the intermediate, and the root's CRL has expired",
			ref:          refChainRevoked,
			intermediate: true,
			setup: func(w *world) {
				w.intermediateFault(fault.Respond(unknownResponse))
				w.responder.SetCRL(w.root, outdatedCRL(w.root))
			},
		},
		{
			name:         "chain/intermediate-failing",
			doc:          "the responder fails at requests about the intermediate",
			ref:          refChainRevoked,
			intermediate: true,
			setup:        respond(tryLaterResponse),
		},
		{
			name:         "chain/intermediate-by-itself",
			doc:          "the intermediate signs the response about itself",
			ref:          refAuthorized,
			intermediate: true,
			setup: func(w *world) {
				w.intermediateFault(fault.Respond(fakeca.Response{Signer: asSigner(w.ca)}))
			},
		},
		{
			name:         "chain/intermediate-no-responder",
			doc:          "the intermediate names only a CRL and no responder, as most do",
			ref:          refNoResponder,
			intermediate: true,
			template:     withoutResponder,
		},
		{
			name:         "chain/intermediate-no-responder-revoked",
			doc:          "the intermediate names only a CRL and no responder, and the CRL lists it",
			ref:          refNoResponder,
			seen:         []string{"wolfSSL/wolfssl#11481"},
			intermediate: true,
			template:     withoutResponder,
			setup:        revokeIntermediate,
		},
		{
			name:         "chain/intermediate-no-sources",
			doc:          "the intermediate names neither a responder nor a CRL",
			ref:          refNoResponder,
			intermediate: true,
			template: func(w *world) {
				w.replaceIssuer(x509.Certificate{OCSPServer: []string{}, CRLDistributionPoints: []string{}})
			},
		},
		{
			name:     "chain/two-intermediates",
			doc:      "the chain has two intermediates, and everything is good",
			ref:      refChainRevoked,
			template: twoIntermediates,
		},
		{
			name:         "chain/upper-intermediate-revoked",
			doc:          "the chain has two intermediates, and the upper one is revoked",
			ref:          refChainRevoked,
			seen:         []string{"open62541/open62541#6705"},
			intermediate: true,
			template: func(w *world) {
				twoIntermediates(w)
				w.root.Revoke(w.ca.Issuer.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
		{
			name:         "chain/lower-intermediate-revoked",
			doc:          "the chain has two intermediates, and the lower one is revoked",
			ref:          refChainRevoked,
			seen:         []string{"open62541/open62541#6705"},
			intermediate: true,
			template: func(w *world) {
				twoIntermediates(w)
				w.ca.Issuer.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
	}
}

// twoIntermediates puts two intermediates between the root and the leaf.
func twoIntermediates(w *world) {
	w.replaceIssuer(x509.Certificate{}, fakeca.WithName("upper intermediate"))
	w.ca = w.ca.Intermediate(fakeca.WithName("lower intermediate"))
	w.responder.Add(w.ca)
}

// issuers are about certificates of different issuers that are easy to confuse.
func issuers() []*scenario {
	revokeAndUnstaple := withoutStaple(func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) })
	return []*scenario{
		{
			name:     "chain/of-two",
			doc:      "the root issued the certificate itself, and everything is good",
			ref:      refCertIDIssuer,
			seen:     []string{"nats-io/nats-server#3773"},
			template: func(w *world) { w.ca = w.root },
		},
		{
			name:     "chain/of-two-revoked",
			doc:      "the root issued the certificate itself, and revoked it",
			ref:      refCertIDIssuer,
			seen:     []string{"nats-io/nats-server#3773"},
			template: func(w *world) { w.ca = w.root },
			setup:    func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name:     "chain/serial-revoked-by-root",
			doc:      "nothing is stapled, and the root revoked another certificate with the same serial number",
			ref:      refCertIDIssuer,
			seen:     []string{"nats-io/nats-server#3773"},
			template: func(w *world) { shareSerial(w, w.root).Revoke(fakeca.KeyCompromise) },
			setup:    withoutStaple(nil),
		},
		{
			name:     "chain/serial-good-by-root",
			doc:      "nothing is stapled, the certificate is revoked, and the root issued a good one with the same serial number",
			ref:      refCertIDIssuer,
			seen:     []string{"nats-io/nats-server#3773"},
			template: func(w *world) { shareSerial(w, w.root) },
			setup:    revokeAndUnstaple,
		},
		{
			name: "chain/serial-revoked-by-sibling",
			doc: "nothing is stapled, and another CA with the same responder revoked " +
				"a certificate with the same serial number",
			ref:      refCertIDIssuer,
			seen:     []string{"golang/go#81396"},
			template: func(w *world) { shareSerial(w, siblingCA(w)).Revoke(fakeca.KeyCompromise) },
			setup:    withoutStaple(nil),
		},
		{
			name: "chain/serial-good-by-sibling",
			doc: "nothing is stapled, the certificate is revoked, and another CA with the same responder issued " +
				"a good one with the same serial number",
			ref:      refCertIDIssuer,
			seen:     []string{"golang/go#81396"},
			template: func(w *world) { shareSerial(w, siblingCA(w)) },
			setup:    revokeAndUnstaple,
		},
		{
			name:     "chain/ca-as-server",
			doc:      "the server's certificate is a CA certificate, and is revoked",
			ref:      refRevoked,
			template: func(w *world) { w.tmpl.IsCA = true },
			setup:    func(w *world) { w.leaf.Revoke(fakeca.CACompromise) },
		},
	}
}

// siblingCA adds another intermediate to the responder.
func siblingCA(w *world) *fakeca.CA {
	ca := w.intermediate(x509.Certificate{}, fakeca.WithName("another intermediate"))
	w.responder.Add(ca)
	return ca
}

// shareSerial has ca issue another certificate, and gives the leaf its serial
// number.
func shareSerial(w *world, ca *fakeca.CA) *fakeca.Leaf {
	other := ca.Leaf("sibling.test")
	w.tmpl.SerialNumber = other.Cert.SerialNumber
	return other
}

// sentChains are about certificates that the server sends beside those of the
// chain.
func sentChains() []*scenario {
	// crossSigned gives the intermediate two certificates, and revokes some.
	crossSigned := func(revoked ...bool) func(*world) {
		return func(w *world) {
			other := w.intermediate(x509.Certificate{RawSubject: w.ca.Cert.RawSubject}, fakeca.WithKey(w.ca.Key))
			for i, cert := range []*x509.Certificate{other.Cert, w.ca.Cert} {
				if revoked[i] {
					w.root.Revoke(cert.SerialNumber, fakeca.CACompromise)
				}
			}
			w.sendChain(w.onRecord, func() []*x509.Certificate { return []*x509.Certificate{w.leaf.Cert, w.ca.Cert, other.Cert} })
		}
	}
	// decoy sends another certificate of the same name after the leaf.
	decoy := func(w *world) {
		w.sendChain(w.onRecord, func() []*x509.Certificate {
			mine := w.leaf.Cert
			other := w.ca.Issue(&x509.Certificate{Subject: mine.Subject, DNSNames: mine.DNSNames, IPAddresses: mine.IPAddresses})
			return []*x509.Certificate{mine, other.Cert, w.ca.Cert}
		})
	}
	return []*scenario{
		{
			name:     "chain/decoy-leaf",
			doc:      "the certificate is revoked, and the server sends another one after it, with the same name, which is good",
			ref:      refChainRevoked,
			seen:     []string{"snowflakedb/snowflake-connector-python#2567", "snowflakedb/snowflake-connector-python#2584"},
			since:    set2026_2,
			template: decoy,
			setup:    func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name:         "chain/cross-signed-one-revoked",
			doc:          "the intermediate has two certificates, the server sends both, and one is revoked; clients may use either",
			ref:          refChainRevoked,
			seen:         []string{"snowflakedb/gosnowflake#1828"},
			since:        set2026_2,
			intermediate: true,
			issuerAlso:   Says{OCSP: Revoked, CRL: Revoked},
			template:     crossSigned(true, false),
		},
		{
			name:         "chain/cross-signed-both-revoked",
			doc:          "the intermediate has two certificates, the server sends both, and both are revoked",
			ref:          refChainRevoked,
			since:        set2026_2,
			intermediate: true,
			template:     crossSigned(true, true),
		},
	}
}
