package conformance

import (
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// fallbackCases are about what a client does if one source does not decide, and
// about what changes between two connections.
//
// Left out: clients' caches and what they keep; settings that are not in a
// Policy, such as leaving out short-lived certificates, preferring GET or POST,
// or a vendor's list; and a server that waits for its own responder, which looks
// like one that does not staple.
func fallbackCases() []*scenario {
	return append(twoSources(), append(noSources(), changes()...)...)
}

// twoSources are a staple and a responder that differ, or a responder and a CRL.
func twoSources() []*scenario {
	const someHeed = "; some clients ignore the staple, some treat it as revoked"
	return []*scenario{
		{
			name:  "fallback/good-staple-failing-responder",
			doc:   "the staple is good; the responder, which is not needed, fails",
			ref:   refNoStaple,
			setup: func(w *world) { w.respond(tryLaterResponse) },
		},
		{
			name:  "fallback/good-staple-revoked-responder",
			doc:   "the staple says good and is valid for some hours; the responder says revoked, and clients may ask it or go by the staple",
			ref:   refValidity,
			setup: func(w *world) { w.respond(revokedResponse) },
		},
		{
			name:  "fallback/revoked-staple-good-responder",
			doc:   "the staple says revoked, and the responder says good",
			ref:   refRevoked,
			setup: func(w *world) { w.staple(revokedResponse) },
		},
		{
			name: "fallback/revoked-staple-failing-responder",
			doc:  "the staple says revoked, and the responder fails",
			ref:  refRevoked,
			setup: func(w *world) {
				w.staple(revokedResponse)
				w.respond(tryLaterResponse)
			},
		},
		{
			name:  "fallback/expired-staple-good-responder",
			doc:   "the staple has expired, and the responder says good",
			ref:   refStapleChecked,
			seen:  []string{"caddyserver/caddy#4591", "caddyserver/caddy#6524"},
			setup: func(w *world) { w.staple(outdated(w, fakeca.Response{})) },
		},
		{
			name: "fallback/expired-staple-revoked-responder",
			doc:  "the staple said good and has expired, and the responder says revoked",
			ref:  refStapleChecked,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.respond(revokedResponse)
			},
		},
		{
			name: "fallback/expired-staple-failing-responder",
			doc:  "the staple has expired, and the responder fails",
			ref:  refStapleChecked,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.respond(tryLaterResponse)
			},
		},
		{
			name: "fallback/expired-staple-expired-responder",
			doc:  "the staple and the responder's response have expired",
			ref:  refStapleChecked,
			setup: func(w *world) {
				w.staple(outdated(w, fakeca.Response{}))
				w.respond(outdated(w, fakeca.Response{}))
			},
		},
		{
			name:  "fallback/expired-revoked-staple-good-responder",
			doc:   "the staple says revoked and has expired, and the responder says good" + someHeed,
			ref:   refStapleChecked,
			setup: func(w *world) { w.staple(outdated(w, revokedResponse)) },
		},
		{
			name: "fallback/expired-revoked-staple-failing-responder",
			doc:  "the staple says revoked and has expired, and the responder fails" + someHeed,
			ref:  refStapleChecked,
			setup: func(w *world) {
				w.staple(outdated(w, revokedResponse))
				w.respond(tryLaterResponse)
			},
		},
		{
			name: "fallback/unknown-staple-revoked-responder",
			doc:  "the staple says unknown, and the responder says revoked",
			ref:  refUnknown,
			setup: func(w *world) {
				w.staple(unknownResponse)
				w.respond(revokedResponse)
			},
		},
		{
			name: "fallback/unknown-staple-failing-responder",
			doc:  "the staple says unknown, and the responder fails",
			ref:  refUnknown,
			setup: func(w *world) {
				w.staple(unknownResponse)
				w.respond(tryLaterResponse)
			},
		},
		{
			name: "fallback/unknown-to-revoked-crl",
			doc:  "nothing is stapled, the responder says unknown, and the CRL lists the certificate",
			ref:  refUnknown,
			seen: []string{"wolfSSL/wolfssl#9834"},
			setup: withoutStaple(func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.respond(unknownResponse)
			}),
		},
		{
			name:  "fallback/to-good-crl",
			doc:   "nothing is stapled, the responder fails, and the CRL does not list the certificate",
			ref:   refUnreachable,
			seen:  []string{"bcgit/bc-java#2372", "18F/identity-pki#184"},
			setup: withoutStaple(func(w *world) { w.respond(tryLaterResponse) }),
		},
		{
			name: "fallback/to-revoked-crl",
			doc:  "nothing is stapled, the responder fails, and the CRL lists the certificate",
			ref:  refUnreachable,
			seen: []string{"wolfSSL/wolfssl#3070"},
			setup: withoutStaple(func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.respond(tryLaterResponse)
			}),
		},
	}
}

// noSources are about certificates without sources.
func noSources() []*scenario {
	return []*scenario{
		{
			name:     "fallback/no-responder",
			doc:      "nothing is stapled, and the certificate names no responder, as from CAs that no longer offer OCSP",
			ref:      refNoResponder,
			seen:     []string{"mondoohq/mql#10464"},
			template: func(w *world) { w.tmpl.OCSPServer = []string{} },
			setup:    withoutStaple(nil),
		},
		{
			name:     "fallback/no-responder-good-staple",
			doc:      "the staple is good, and the certificate names no responder",
			ref:      refNoResponder,
			template: func(w *world) { w.tmpl.OCSPServer = []string{} },
		},
		{
			name:     "fallback/no-responder-no-crl",
			doc:      "nothing is stapled, and the certificate names neither a responder nor a CRL",
			ref:      refNoResponder,
			template: func(w *world) { w.tmpl.OCSPServer, w.tmpl.CRLDistributionPoints = []string{}, []string{} },
			setup:    withoutStaple(nil),
		},
		{
			name:  "fallback/all-down",
			doc:   "nothing is stapled, and the responder and the CRL's server close connections without a response",
			ref:   refUnreachable,
			seen:  []string{"hashicorp/vault#25982", "mongodb/mongo-go-driver#926"},
			setup: withoutStaple(allDown),
		},
	}
}

// changes happen between two connections.
func changes() []*scenario {
	return []*scenario{
		{
			name: "fallback/revoked-meanwhile",
			doc: "the certificate is revoked between two connections, and the staple says so; " +
				"clients may still use what they fetched before",
			ref:  refRevoked,
			also: Says{OCSP: Good, CRL: Good}, // fetched before
			setup: func(w *world) {
				// What is said later has later dates, and ends later, for clients
				// that keep the better of two.
				then := w.clock.now().Add(-3 * time.Hour)
				early := fakeca.Response{ThisUpdate: then, NextUpdate: then.Add(day)}
				w.staple(early)
				w.respond(early)
				w.responder.SetCRL(w.ca, fakeca.CRL{ThisUpdate: then, NextUpdate: then.Add(day)})
			},
			second: func(w *world) {
				w.leaf.Revoke(fakeca.KeyCompromise)
				w.staple(revokedResponse)
				w.responder.SetFault(fault.None())
				w.responder.SetCRL(w.ca, fakeca.CRL{})
			},
		},
		{
			name:       "fallback/revoked-later",
			doc:        "nothing is stapled; after all that was fetched at the first connection has expired, the certificate is revoked",
			ref:        refCached,
			needsClock: true,
			setup:      withoutStaple(nil),
			second:     revokeLater,
		},
		{
			name:    "fallback/broken-then-good",
			doc:     "nothing is stapled; the signature of the response is broken at the first connection, and good at the second",
			ref:     refConfirmSignature,
			seen:    []string{"bradh11/certmonitor#112"},
			since:   set2026_2,
			sources: OCSP,
			setup:   func(w *world) { w.respond(fakeca.Response{Mutate: flipLastBit}) },
			second:  func(w *world) { w.responder.SetFault(fault.None()) },
		},
		{
			name:       "fallback/known-later",
			doc:        "nothing is stapled; the responder says unknown, and two days later good",
			ref:        refUnknown,
			needsClock: true,
			setup:      withoutStaple(func(w *world) { w.respond(unknownResponse) }),
			second: func(w *world) {
				w.clock.advance(2 * day)
				w.responder.SetFault(fault.None())
			},
		},
	}
}
