package conformance

import (
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// nonceCases are about the nonce of a request, and that of the answer. In all
// but those about none the responder takes POST alone, for a nonce keeps a GET
// from being cached, and clients leave it out there. Clients that send none are
// excused.
func nonceCases() []*scenario {
	var out []*scenario
	for _, c := range []struct {
		name, doc, ref string
		news           news
		fault          fault.Fault
	}{
		{name: "echoed", doc: "the answer has the nonce of the request", ref: "RFC 9654 2.1"},
		{name: "absent", doc: "the answer has no nonce, which is not to be held against it", ref: "RFC 5019 4", fault: fault.NoNonce()},
		{name: "wrong", doc: "the answer has another nonce than the request", ref: "RFC 9654 2.1", news: useless, fault: fault.WrongNonce()},
		{name: "empty", doc: "the answer has a nonce of no bytes", ref: "RFC 9654 2.1", news: useless, fault: fault.NonceOfLength(0)},
		{name: "33-bytes", doc: "the nonce in the answer is cut off or filled up to 33 bytes, one more than RFC 8954 allowed", ref: "RFC 9654 2.1", news: useless, fault: fault.NonceOfLength(33)},
		{name: "129-bytes", doc: "the nonce in the answer is filled up to 129 bytes, one more than is allowed", ref: "RFC 9654 2.1", news: useless, fault: fault.NonceOfLength(129)},
		{name: "in-single", doc: "the nonce is among the extensions of the single response, where it means nothing, so that the answer has none", ref: "RFC 9654 2.1", fault: fault.NonceInSingle()},
		{name: "two", doc: "the answer has the nonce of the request and another; clients that look at the first see nothing wrong", ref: "RFC 9654 2.1", news: dubious, fault: fault.TwoNonces()},
		{name: "unwrapped", doc: "the nonce lacks the OCTET STRING around it, which old responders left out, and some clients mind", ref: "RFC 9654 2.1", news: dubious, fault: fault.UnwrappedNonce()},
	} {
		out = append(out, &scenario{
			name: "nonce/" + c.name, doc: c.doc, ref: c.ref,
			staple: silent, fetched: c.news, excused: sentNoNonce,
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(byPOST(c.fault))
			},
		})
	}
	return append(out,
		&scenario{
			name: "nonce/replayed", doc: "the answer has the nonce of an earlier request", ref: "RFC 9654 2.1",
			staple: silent, fetched: useless, excused: sentNoNonce,
			first: firstSays(silent, useless, good),
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(byPOST(fault.HTTPError(500))) // which leaves nothing to be kept
			},
			then: func(w *world) { w.aboutLeaf(byPOST(fault.ReplayedNonce())) },
		},
		&scenario{
			name: "nonce/unsolicited", doc: "the answer has a nonce that nobody asked for", ref: "RFC 5019 4",
			staple: silent,
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.UnsolicitedNonce())
			},
		},
		&scenario{
			name: "nonce/stapled", doc: "the staple has the nonce of whoever fetched it", ref: "RFC 5019 4",
			setup: func(w *world) { w.staple(fakeca.Response{Nonce: fakeca.NewNonce()}) },
		},
	)
}

// byPOST plays a fault at requests by POST, and refuses others.
func byPOST(f fault.Fault) fault.Fault { return fault.All(fault.POSTOnly(), f) }

func sentNoNonce(asked []ocsptest.Request) bool {
	for _, r := range asked {
		if r.OCSP.Nonce() != nil {
			return false
		}
	}
	return len(asked) > 0
}
