package conformance

import (
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// An answerCase is something about an OCSP response that can be stapled and
// fetched. It becomes two scenarios: name, in which it is stapled, and
// name-fetched, in which nothing is stapled and the responder says it.
type answerCase struct {
	name, doc, ref string
	seen           []string
	news           news
	rule           string // what Verify says that it breaks: "age, expired"; empty: nothing
	said           func(*world) fakeca.Response
	template       func(*world)
	staplesOnly    bool // it cannot be fetched, or means something else then
	fetchedOnly    bool
}

func both(cases []answerCase) []*scenario {
	var out []*scenario
	for _, c := range cases {
		s := scenario{name: c.name, doc: c.doc, ref: c.ref, seen: c.seen, template: c.template, answer: &c}
		if !c.fetchedOnly {
			stapled := s
			stapled.staple = c.news
			stapled.setup = func(w *world) { w.staple(c.said(w)) }
			out = append(out, &stapled)
		}
		if !c.staplesOnly {
			fetched := s
			fetched.name += "-fetched"
			fetched.doc = "fetched, not stapled: " + c.doc
			fetched.staple, fetched.fetched = silent, c.news
			fetched.setup = func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(c.said(w)))
			}
			out = append(out, &fetched)
		}
	}
	return out
}

// says is an answer that is the same in every world.
func says(r fakeca.Response) func(*world) fakeca.Response {
	return func(*world) fakeca.Response { return r }
}

// edited is a good answer with a change before it is signed.
func edited(edit func(*fakeca.Message)) func(*world) fakeca.Response {
	return says(fakeca.Response{Edit: edit})
}

// mutated is a good answer with a change to its bytes.
func mutated(mutate func([]byte) []byte) func(*world) fakeca.Response {
	return says(fakeca.Response{Mutate: mutate})
}
