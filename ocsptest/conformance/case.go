package conformance

import (
	"iter"
	"slices"

	"github.com/ocsplab/ocsplab/ocsptest"
)

//go:generate go test . -run ^TestCasesPage$ -update

// A Case is a server at which something is wrong, or seems to be, and what a
// client is to make of it.
type Case struct {
	Name string   // stable, and good for -run: "times/expired"
	Doc  string   // what is wrong, and why the verdict is open if it is
	Ref  string   // where it is written
	Seen []string // real bugs of this kind, as public issues
	Want Verdict  // under the policy that Cases was given

	policy   Policy
	scenario *scenario
}

// Cases returns the catalogue, with the verdicts for a policy. It panics if no
// client can have that policy.
//
// What crypto/tls cannot send is not in it: staples that nobody asked for, empty
// ones, staples of intermediates, status_request_v2, malformed extensions, and
// anything over DTLS or QUIC.
func Cases(p Policy) iter.Seq[Case] {
	if err := p.check(); err != nil {
		panic(err)
	}
	return func(yield func(Case) bool) {
		for _, group := range groups {
			for _, s := range group() {
				c := Case{Name: s.name, Doc: s.doc, Ref: s.ref, Seen: slices.Clone(s.seen), Want: s.verdict(p), policy: p, scenario: s}
				if !yield(c) {
					return
				}
			}
		}
	}
}

// The groups of the catalogue, each in a file of its own.
var groups = []func() []*scenario{
	controlCases,
	statusCases,
	reasonCases,
	encodingCases,
	certIDCases,
	timesCases,
	responderIDCases,
	signerCases,
	delegateCases,
	extensionCases,
	nonceCases,
	httpCases,
	fallbackCases,
	crlCases,
	mustStapleCases,
	chainCases,
	resumptionCases,
	combinedCases,
}

// A scenario is a case for all policies. It changes one thing in a world in
// which all is well.
type scenario struct {
	name, doc, ref string
	seen           []string

	// What a client that does all right learns of the leaf from the staple,
	// the responder and the CRL, and of the intermediate from the responder
	// and the CRL.
	staple, fetched, listed          news
	intermediate, intermediateListed news
	mustStaple                       bool                          // the leaf is a must-staple one
	rescued                          bool                          // real clients differ on whether fetching makes up for the staple that must be
	want                             func(Policy) Verdict          // in place of what follows from all that
	excused                          func([]ocsptest.Request) bool // the client did not ask what the case is about
	untimely                         bool                          // a client that goes by its own clock cannot see it

	template func(*world)         // changes w.tmpl, before the leaf is issued
	setup    func(*world)         // before the server starts
	answer   *answerCase          // what it is made of, if the fault lies in the answer
	then     func(*world)         // between a first and a second connection; nil: there is one
	first    func(Policy) Verdict // of the first
}

// News is what a source says of a certificate to a client that reads it right.
type news int

const (
	good    news = iota
	revoked      // and nothing is wrong with the answer
	unknown      // likewise
	useless      // an answer that is not valid
	silent       // no answer at all
	dubious      // an answer that some clients take and others do not
	accused      // revoked, by an answer that is not valid: some clients go by it, none takes it for good
)

// verdict is what follows for a policy.
func (s *scenario) verdict(p Policy) Verdict {
	if s.want != nil {
		return s.want(p)
	}
	leaf := s.leafVerdict(p)
	if !p.Chain || leaf == Reject {
		return leaf
	}
	chain := settle(p, p.sources(silent, s.intermediate, s.intermediateListed))
	switch {
	case chain == Reject:
		return Reject
	case leaf == Either:
		return Either
	}
	return chain
}

// between is the verdict where clients read a case in two ways: Either, unless
// it is the same.
func between(a, b *scenario) func(Policy) Verdict {
	return func(p Policy) Verdict {
		if v := a.verdict(p); v == b.verdict(p) {
			return v
		}
		return Either
	}
}

func (s *scenario) leafVerdict(p Policy) Verdict {
	if p.MustStaple && s.mustStaple && s.staple != good {
		if s.rescued && settle(p, p.sources(silent, s.fetched, s.listed)) == Accept {
			return Either
		}
		return Reject
	}
	return settle(p, p.sources(s.staple, s.fetched, s.listed))
}

// sources are the news that a client of this policy gets, in turn.
func (p Policy) sources(staple, fetched, listed news) []news {
	var out []news
	if !p.NoStaple {
		out = append(out, staple)
	}
	if p.Fetch {
		out = append(out, fetched)
	}
	if p.CRL {
		out = append(out, listed)
	}
	return out
}

// settle is the verdict after news from several sources: the first that knows
// decides.
func settle(p Policy, sources []news) Verdict {
	open, suspect := false, false
	for i, n := range sources {
		switch n {
		case good:
			if suspect {
				return Either
			}
			return Accept
		case revoked:
			return Reject
		case dubious:
			return Either
		case unknown:
			open = true
		case accused:
			open, suspect = true, true
		case useless:
			// Whether a bad staple is worse than none is where clients differ.
			open = open || i == 0 && !p.NoStaple
		}
	}
	switch {
	case p.HardFail:
		return Reject
	case open:
		return Either
	}
	return Accept
}
