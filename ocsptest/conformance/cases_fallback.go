package conformance

import (
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// fallbackCases are about what one source does not settle, and about what
// changes between two connections.
//
// Left out are caches that a client may have or not, and what it keeps there;
// settings of clients that are not in a Policy, such as to take unknown for
// good, to leave out short-lived certificates, to prefer GET or POST, or lists
// of its vendor; and a server that waits for its own responder, which looks to a
// client like one that does not staple.
func fallbackCases() []*scenario {
	return append(twoSources(), append(noSources(), changes()...)...)
}

var (
	tryLater = fakeca.Response{Error: ocsp.TryLater}
	revokedR = fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	unknownR = fakeca.Response{Status: fakeca.Unknown}
)

// outdated is an answer that was good ten days ago, for a week.
func outdated(w *world, r fakeca.Response) fakeca.Response {
	now := w.ca.Now()
	r.ThisUpdate, r.NextUpdate = now.Add(-10*day), now.Add(-3*day)
	return r
}

// twoSources are a staple and a responder that say two things, or a responder
// and a CRL.
func twoSources() []*scenario {
	return []*scenario{
		{
			name: "fallback/good-staple-failing-responder", doc: "the staple is good, and the responder out of order, which nobody needs", ref: "RFC 6066 8",
			fetched: useless,
			setup:   func(w *world) { w.aboutLeaf(fault.Respond(tryLater)) },
		},
		{
			name: "fallback/good-staple-revoked-responder", doc: "the staple is good for some hours yet, and the responder says revoked since; who goes by the staple is right until it ends", ref: "RFC 6960 4.2.2.1",
			fetched: revoked,
			setup:   func(w *world) { w.aboutLeaf(fault.Respond(revokedR)) },
		},
		{
			name: "fallback/revoked-staple-good-responder", doc: "the staple says revoked, and the responder good", ref: "RFC 6960 2.2",
			staple: revoked,
			setup:  func(w *world) { w.staple(revokedR) },
		},
		{
			name: "fallback/revoked-staple-failing-responder", doc: "the staple says revoked, and the responder is out of order", ref: "RFC 6960 2.2",
			staple: revoked, fetched: useless, seen: []string{"snowflakedb/gosnowflake#250"},
			setup: func(w *world) {
				w.staple(revokedR)
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
		{
			name: "fallback/expired-staple-good-responder", doc: "the staple has expired, and the responder says good", ref: "RFC 6960 4.2.2.1",
			staple: useless, seen: []string{"caddyserver/caddy#4591", "caddyserver/caddy#6524", "traefik/traefik#11921"},
			setup: func(w *world) { w.staple(outdated(w, fakeca.Response{})) },
		},
		{
			name: "fallback/expired-staple-revoked-responder", doc: "the staple was good and has expired, and the responder says revoked", ref: "RFC 6960 4.2.2.1",
			staple: useless, fetched: revoked, seen: []string{"snowflakedb/gosnowflake#250"},
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.aboutLeaf(fault.Respond(revokedR))
			},
		},
		{
			name: "fallback/expired-staple-failing-responder", doc: "the staple has expired, and the responder is out of order", ref: "RFC 6960 4.2.2.1",
			staple: useless, fetched: useless,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
		{
			name: "fallback/expired-staple-expired-responder", doc: "the staple has expired, and so has what the responder says", ref: "RFC 6960 4.2.2.1",
			staple: useless, fetched: useless,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.aboutLeaf(fault.Respond(outdated(w, fakeca.Response{})))
			},
		},
		{
			name: "fallback/expired-revoked-staple-good-responder", doc: "the staple says revoked and has expired, and the responder says good; to some clients that is no answer, to others revoked is", ref: "RFC 6960 4.2.2.1",
			staple: accused,
			setup:  func(w *world) { w.staple(outdated(w, revokedR)) },
		},
		{
			name: "fallback/expired-revoked-staple-failing-responder", doc: "the staple says revoked and has expired, and the responder is out of order; to some clients that is no answer, to others revoked is", ref: "RFC 6960 4.2.2.1",
			staple: accused, fetched: useless,
			setup: func(w *world) {
				w.staple(outdated(w, revokedR))
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
		{
			name: "fallback/unknown-staple-revoked-responder", doc: "the staple says unknown, and the responder revoked", ref: "RFC 6960 2.2",
			staple: unknown, fetched: revoked,
			setup: func(w *world) {
				w.staple(unknownR)
				w.aboutLeaf(fault.Respond(revokedR))
			},
		},
		{
			name: "fallback/unknown-staple-failing-responder", doc: "the staple says unknown, and the responder is out of order", ref: "RFC 6960 2.2",
			staple: unknown, fetched: useless,
			setup: func(w *world) {
				w.staple(unknownR)
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
		{
			name: "fallback/unknown-to-revoked-crl", doc: "nothing is stapled, the responder says unknown, and the CRL has the certificate", ref: "RFC 6960 2.2",
			staple: silent, fetched: unknown, listed: revoked,
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.noStaple()
				w.aboutLeaf(fault.Respond(unknownR))
			},
		},
		{
			name: "fallback/to-good-crl", doc: "nothing is stapled, the responder is out of order, and the CRL does not have the certificate", ref: "RFC 6960 5",
			staple: silent, fetched: useless,
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
		{
			name: "fallback/to-revoked-crl", doc: "nothing is stapled, the responder is out of order, and the CRL has the certificate", ref: "RFC 6960 5",
			staple: silent, fetched: useless, listed: revoked, seen: []string{"snowflakedb/gosnowflake#250"},
			setup: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.noStaple()
				w.aboutLeaf(fault.Respond(tryLater))
			},
		},
	}
}

// noSources are certificates about which nobody says anything.
func noSources() []*scenario {
	seen := []string{"apernet/hysteria#1389", "SagerNet/sing-box#3118"}
	return []*scenario{
		{
			name: "fallback/no-responder", doc: "nothing is stapled, and the certificate names no responder, as CAs issue them since they gave up OCSP", ref: "RFC 5280 4.2.2.1",
			staple: silent, fetched: silent, seen: seen,
			template: func(w *world) { w.tmpl.OCSPServer = []string{} },
			setup:    func(w *world) { w.noStaple() },
		},
		{
			name: "fallback/no-responder-good-staple", doc: "the staple is good, and the certificate names no responder", ref: "RFC 5280 4.2.2.1",
			fetched: silent, seen: seen,
			template: func(w *world) { w.tmpl.OCSPServer = []string{} },
		},
		{
			name: "fallback/no-responder-no-crl", doc: "nothing is stapled, and the certificate names neither a responder nor a CRL", ref: "RFC 5280 4.2.2.1",
			staple: silent, fetched: silent, listed: silent, seen: seen,
			template: func(w *world) { w.tmpl.OCSPServer, w.tmpl.CRLDistributionPoints = []string{}, []string{} },
			setup:    func(w *world) { w.noStaple() },
		},
		{
			name: "fallback/all-down", doc: "nothing is stapled, and the responder and the CRL's server hang up", ref: "RFC 6960 5",
			staple: silent, fetched: useless, listed: useless, seen: []string{"hashicorp/vault#25982"},
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Hangup())
				w.aboutList(fault.Hangup())
			},
		},
	}
}

// changes happen between two connections.
func changes() []*scenario {
	seen := []string{"snowflakedb/gosnowflake#960", "snowflakedb/gosnowflake#1346", "hashicorp/vault#25986"}
	return []*scenario{
		{
			name: "fallback/revoked-meanwhile", doc: "the certificate is revoked between two connections, and so says the staple; what was fetched before may be kept, as long as it is valid", ref: "RFC 6960 2.2",
			staple: revoked, fetched: dubious, listed: dubious, seen: []string{"nats-io/nats-server#5208"},
			first: firstSays(good, good, good),
			then:  func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
		},
		{
			name: "fallback/revoked-later", doc: "nothing is stapled, and the certificate is revoked when all that was fetched before has expired", ref: "RFC 6960 4.2.2.1",
			staple: silent, fetched: revoked, listed: revoked, seen: seen, untimely: true,
			first: firstSays(silent, good, good),
			setup: func(w *world) { w.noStaple() },
			then:  revokeLater,
		},
		{
			name: "fallback/known-later", doc: "nothing is stapled, and the responder knows the certificate two days after it did not", ref: "RFC 6960 2.2",
			staple: silent, seen: seen, untimely: true,
			first: firstSays(silent, unknown, good),
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(unknownR))
			},
			then: func(w *world) {
				w.clock.putForward(2 * day)
				w.responder.SetFault(fault.None())
			},
		},
	}
}
