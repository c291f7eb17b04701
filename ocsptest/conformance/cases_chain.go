package conformance

import (
	"crypto/x509"
	"math/big"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// chainCases are about intermediates, and about whose certificate the leaf is.
//
// Left out are an intermediate that the server does not send, without which
// there is no chain to speak of; a leaf that is the root itself, which nobody
// revokes; clients' certificates, which servers check; and extended validation.
func chainCases() []*scenario {
	return append(intermediates(), issuers()...)
}

func intermediates() []*scenario {
	const ref = "RFC 5280 6.3"
	seen := []string{"notation-go CVE-2024-56138"}
	revoke := func(w *world) { w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise) }
	says := func(r fakeca.Response) func(*world) { return func(w *world) { w.aboutIntermediate(fault.Respond(r)) } }
	return []*scenario{
		{
			name: "chain/intermediate-revoked", doc: "the intermediate is revoked; all is well with the leaf", ref: ref, seen: seen,
			intermediate: revoked, intermediateListed: revoked, setup: revoke,
		},
		{
			name: "chain/intermediate-revoked-responder", doc: "the responder says that the intermediate is revoked, and the CRL does not have it yet", ref: ref, seen: seen,
			intermediate: revoked, setup: says(revokedR),
		},
		{
			name: "chain/intermediate-revoked-crl", doc: "the CRL has the intermediate, and the responder is out of order", ref: ref, seen: seen,
			intermediate: useless, intermediateListed: revoked,
			setup: func(w *world) {
				revoke(w)
				w.aboutIntermediate(fault.Respond(tryLater))
			},
		},
		{
			name: "chain/intermediate-unknown", doc: "the responder does not know the intermediate", ref: ref,
			intermediate: unknown, setup: says(unknownR),
		},
		{
			name: "chain/intermediate-unknown-crl-expired", doc: "the responder does not know the intermediate, and the root's CRL has expired", ref: ref,
			intermediate: unknown, intermediateListed: useless,
			setup: func(w *world) {
				w.aboutIntermediate(fault.Respond(unknownR))
				w.responder.SetCRL(w.root, fakeca.CRL{ThisUpdate: w.root.Now().Add(-10 * day)})
			},
		},
		{
			name: "chain/intermediate-failing", doc: "the responder is out of order at requests about the intermediate", ref: ref,
			intermediate: useless, setup: says(tryLater),
		},
		{
			name: "chain/intermediate-by-itself", doc: "the intermediate signs the answer about itself", ref: "RFC 6960 4.2.2.2",
			intermediate: useless,
			setup:        func(w *world) { w.aboutIntermediate(fault.Respond(fakeca.Response{Signer: asSigner(w.ca)})) },
		},
		{
			name: "chain/intermediate-no-responder", doc: "the intermediate names no responder, only a CRL, as most do", ref: "RFC 5280 4.2.2.1",
			intermediate: silent,
			template: func(w *world) {
				w.newIssuer(fakeca.WithTemplate(&x509.Certificate{OCSPServer: []string{}}))
			},
		},
		{
			name: "chain/intermediate-no-responder-revoked", doc: "the intermediate names no responder, only a CRL, which has it", ref: "RFC 5280 4.2.2.1", seen: seen,
			intermediate: silent, intermediateListed: revoked,
			template: func(w *world) {
				w.newIssuer(fakeca.WithTemplate(&x509.Certificate{OCSPServer: []string{}}))
			},
			setup: revoke,
		},
		{
			name: "chain/intermediate-no-sources", doc: "the intermediate names neither a responder nor a CRL", ref: "RFC 5280 4.2.2.1",
			intermediate: silent, intermediateListed: silent,
			template: func(w *world) {
				w.newIssuer(fakeca.WithTemplate(&x509.Certificate{OCSPServer: []string{}, CRLDistributionPoints: []string{}}))
			},
		},
		{
			name: "chain/two-intermediates", doc: "the chain has two intermediates, and all is well", ref: ref,
			template: twoIntermediates,
		},
		{
			name: "chain/upper-intermediate-revoked", doc: "of two intermediates, the upper one is revoked", ref: ref, seen: seen,
			intermediate: revoked, intermediateListed: revoked,
			template: func(w *world) {
				twoIntermediates(w)
				w.root.Revoke(w.ca.Issuer.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
		{
			name: "chain/lower-intermediate-revoked", doc: "of two intermediates, the lower one is revoked", ref: ref, seen: seen,
			intermediate: revoked, intermediateListed: revoked,
			template: func(w *world) {
				twoIntermediates(w)
				w.ca.Issuer.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
	}
}

// twoIntermediates puts an intermediate below an intermediate in place of ca.
func twoIntermediates(w *world) {
	w.newIssuer(fakeca.WithName("upper intermediate"))
	w.ca = w.ca.Intermediate(fakeca.WithName("lower intermediate"))
	w.responder.Add(w.ca)
}

// issuers are about whose serial number it is.
func issuers() []*scenario {
	const ref = "RFC 6960 4.1.1"
	picked := []string{"nats-io/nats-server#3773"}
	hashes := []string{"golang/go#81396"}
	return []*scenario{
		{
			name: "chain/of-two", doc: "the root issued the certificate itself, and all is well", ref: ref, seen: picked,
			template: func(w *world) { w.ca = w.root },
		},
		{
			name: "chain/of-two-revoked", doc: "the root issued the certificate itself, and revoked it", ref: ref, seen: picked,
			staple: revoked, fetched: revoked, listed: revoked,
			template: func(w *world) { w.ca = w.root },
			setup:    func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name: "chain/serial-revoked-by-root", doc: "nothing is stapled, and the root revoked another certificate with the same serial number: the issuer is the intermediate", ref: ref, seen: picked,
			staple:   silent,
			template: func(w *world) { shareSerial(w, w.root).Revoke(fakeca.KeyCompromise) },
			setup:    func(w *world) { w.noStaple() },
		},
		{
			name: "chain/serial-good-by-root", doc: "nothing is stapled, the certificate is revoked, and the root issued another with the same serial number: the issuer is the intermediate", ref: ref, seen: picked,
			staple: silent, fetched: revoked, listed: revoked,
			template: func(w *world) { shareSerial(w, w.root) },
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.noStaple()
			},
		},
		{
			name: "chain/serial-revoked-by-sibling", doc: "nothing is stapled, and another CA of the same responder revoked a certificate with the same serial number", ref: ref, seen: hashes,
			staple: silent,
			template: func(w *world) {
				shareSerial(w, siblingCA(w)).Revoke(fakeca.KeyCompromise)
			},
			setup: func(w *world) { w.noStaple() },
		},
		{
			name: "chain/serial-good-by-sibling", doc: "nothing is stapled, the certificate is revoked, and another CA of the same responder issued one with the same serial number", ref: ref, seen: hashes,
			staple: silent, fetched: revoked, listed: revoked,
			template: func(w *world) { shareSerial(w, siblingCA(w)) },
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.noStaple()
			},
		},
		{
			name: "chain/ca-as-server", doc: "the server's certificate is that of a CA, and is revoked", ref: "RFC 6960 2.2",
			staple: revoked, fetched: revoked, listed: revoked,
			template: func(w *world) { w.tmpl.IsCA = true },
			setup:    func(w *world) { w.leaf.Revoke(fakeca.CACompromise) },
		},
	}
}

// siblingCA is one more intermediate that the responder answers for.
func siblingCA(w *world) *fakeca.CA {
	ca := w.root.Intermediate(fakeca.WithName("another intermediate"))
	w.responder.Add(ca)
	return ca
}

// shareSerial has ca issue a certificate with the serial number that the leaf is
// to have.
func shareSerial(w *world, ca *fakeca.CA) *fakeca.Leaf {
	w.tmpl.SerialNumber = big.NewInt(0x5e71a1)
	return ca.Issue(&x509.Certificate{SerialNumber: w.tmpl.SerialNumber, DNSNames: []string{"sibling.test"}})
}
