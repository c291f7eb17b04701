package conformance

import (
	"slices"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// nonceCases are about the nonces of requests and responses.
//
// Clients send no nonce by GET, because it would defeat caches. So the responder
// accepts only POST, except where the request has no nonce. Clients that send
// none pass.
func nonceCases() []*scenario {
	out := onlyOCSP(nonceFaults())
	for _, s := range out {
		s.notApplicable = sentNoNonce
	}
	return append(out,
		&scenario{
			name:          "nonce/replayed",
			doc:           "the response has the nonce of an earlier request",
			ref:           refNonceBinds,
			notApplicable: sentNoNonce,
			sources:       OCSP,
			setup:         byPOST(fault.HTTPError(500)), // leaves nothing to cache
			second:        byPOST(fault.ReplayedNonce()),
		},
		&scenario{
			name:    "nonce/unsolicited",
			doc:     "the response has a nonce, and the request has none",
			ref:     refNonceIgnored,
			sources: OCSP,
			setup:   func(w *world) { w.leafFault(fault.UnsolicitedNonce()) },
		},
		&scenario{
			name:    "nonce/long-refused",
			doc:     "the responder says malformedRequest to nonces of more than 16 bytes, and good without; some clients send 32",
			ref:     refNonceLength,
			seen:    []string{"strongswan/strongswan#2011", "carl-wallace/rust-pki#93"},
			since:   set2026_2,
			sources: OCSP,
			also:    Says{OCSP: NoResponse}, // to clients that send a longer one
			setup: func(w *world) {
				w.leafFault(errorAt("refuses long nonces", ocsp.Malformed, func(nonce []byte) bool { return len(nonce) > 16 }))
			},
		},
		&scenario{
			name:    "nonce/demanded",
			doc:     "the responder says unauthorized to requests without a nonce; some clients send none",
			ref:     refNonceOptional,
			seen:    []string{"acmesh-official/acme.sh#2900", "keycloak/keycloak#28768"},
			since:   set2026_2,
			sources: OCSP,
			also:    Says{NextOCSP: NoResponse}, // to clients that never send one
			setup: func(w *world) {
				w.leafFault(errorAt("demands nonces", ocsp.Unauthorized, func(nonce []byte) bool { return nonce == nil }))
			},
		},
		&scenario{
			name:    "nonce/stapled",
			sources: Staple,
			doc:     "the staple has the nonce of the server's request",
			ref:     refNonceIgnored,
			setup:   func(w *world) { w.staple(fakeca.Response{Nonce: fakeca.NewNonce()}) },
		},
	)
}

func nonceFaults() []sourceCase {
	return []sourceCase{
		{
			name:  "nonce/echoed",
			doc:   "the response has the nonce of the request",
			ref:   refNonceBinds,
			setup: byPOST(fault.None()),
		},
		{
			name:  "nonce/absent",
			doc:   "the response has no nonce, which clients must tolerate",
			ref:   refNonceMissing,
			setup: byPOST(fault.NoNonce()),
		},
		{
			name:  "nonce/wrong",
			doc:   "the nonce in the response is not that of the request",
			ref:   refNonceBinds,
			setup: byPOST(fault.WrongNonce()),
		},
		{
			name:  "nonce/empty",
			doc:   "the nonce in the response has no bytes",
			ref:   refNonceLength,
			setup: byPOST(fault.NonceOfLength(0)),
		},
		{
			name:  "nonce/33-bytes",
			doc:   "the nonce in the response is cut or padded to 33 bytes, one more than RFC 8954 allowed",
			ref:   refNonceBinds,
			setup: byPOST(fault.NonceOfLength(33)),
		},
		{
			name:  "nonce/129-bytes",
			doc:   "the nonce in the response is padded to 129 bytes, one more than allowed",
			ref:   refNonceLength,
			setup: byPOST(fault.NonceOfLength(129)),
		},
		{
			name:  "nonce/in-single",
			doc:   "the nonce is an extension of the single response, where it means nothing",
			ref:   refNonceBinds,
			setup: byPOST(fault.NonceInSingle()),
		},
		{
			name:  "nonce/two",
			doc:   "the response has the nonce of the request and another; some clients look only at the first",
			ref:   refOneOfEach,
			also:  Disputed,
			setup: byPOST(fault.TwoNonces()),
		},
		{
			name:  "nonce/unwrapped",
			doc:   "the nonce lacks its OCTET STRING, which old responders left out; some clients reject that",
			ref:   refNonceLength,
			also:  Disputed,
			setup: byPOST(fault.UnwrappedNonce()),
		},
	}
}

// byPOST has the responder play a fault at requests by POST, and refuse GET.
func byPOST(f fault.Fault) func(*world) {
	return func(w *world) { w.leafFault(fault.All(fault.POSTOnly(), f)) }
}

// errorAt says an error to requests with some nonces.
func errorAt(name string, why ocsp.ResponseStatus, refuses func(nonce []byte) bool) fault.Fault {
	return fault.Fault{Name: name, Say: func(x *fault.Exchange, r *fakeca.Response) {
		if refuses(x.OCSP.Nonce()) {
			*r = fakeca.Response{Error: why}
		}
	}}
}

// sentNoNonce reports whether there were requests, all without a nonce.
func sentNoNonce(requests []ocsptest.Request) bool {
	hasNonce := func(r ocsptest.Request) bool { return r.OCSP.Nonce() != nil }
	return len(requests) > 0 && !slices.ContainsFunc(requests, hasNonce)
}
