package conformance

import (
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A responseCase is a case about an OCSP response that can be stapled and
// fetched. It becomes two scenarios: name, in which the response is stapled, and
// name-fetched, in which the responder sends it.
type responseCase struct {
	name, doc   string
	ref         Ref
	fetchedRef  Ref // of the fetched case, if it has another
	seen        []string
	since       string
	rules       []verify.Rule // that it breaks too, to clients that can read it
	also        Evidence      // what other correct clients read in it
	response    func(*world) fakeca.Response
	template    func(*world)
	fetchedOnly bool
}

func stapledAndFetched(cases []responseCase) []*scenario {
	var out []*scenario
	for _, c := range cases {
		s := scenario{name: c.name, doc: c.doc, ref: c.ref, seen: c.seen, since: c.since, rules: c.rules, template: c.template, response: &c}
		if !c.fetchedOnly {
			stapled := s
			stapled.sources, stapled.also.Staple = Staple, c.also
			stapled.setup = func(w *world) { w.staple(c.response(w)) }
			out = append(out, &stapled)
		}
		fetched := s
		fetched.name += "-fetched"
		fetched.doc = "fetched, not stapled: " + c.doc
		if c.fetchedRef != (Ref{}) {
			fetched.ref = c.fetchedRef
		}
		fetched.sources, fetched.also.OCSP = OCSP, c.also
		fetched.setup = func(w *world) { w.respond(c.response(w)) }
		out = append(out, &fetched)
	}
	return out
}
