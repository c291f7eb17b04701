package conformance

import "fmt"

// Fit returns the policies that explain the outcomes of the report best, if they
// explain them better than the policy that was given, and leave at least ten
// wrong outcomes fewer. Else it returns nil. All that it returns explain them
// equally well.
//
// Each kind of evidence has one vote, which is the share of its outcomes that
// contradict the policy. If a policy allows both outcomes, that costs a quarter of
// a contradiction. Then the rarer outcome counts as a contradiction too, unless
// correct clients read the evidence in more than one way: a client with a policy
// does the same whenever it finds the same. Each field of the policy that is set
// costs a sixteenth.
func (r *Report) Fit() []Policy {
	const better = 10
	kinds := r.kinds()
	given := r.Policy.explain(kinds)
	if given.wrong < better {
		return nil
	}
	best := given
	var out []Policy
	for p := range legalPolicies() {
		e := p.explain(kinds)
		switch {
		case e.against > given.against-better, e.cost > best.cost, e.cost == best.cost && len(out) == 0:
			continue
		case e.cost < best.cost:
			out, best = nil, e
		}
		if p.Sources == Staple {
			p.Sources = 0 // which is the same
		}
		out = append(out, p)
	}
	if best.wrong > given.wrong-better {
		return nil
	}
	return out
}

// fitText says which policy fits better, or returns "".
func (r *Report) fitText() string {
	fits := r.Fit()
	if len(fits) == 0 {
		return ""
	}
	kinds := r.kinds()
	text := fmt.Sprintf("The outcomes fit the policy %v better (%d wrong) than the one given (%d wrong).\n",
		fits[0], fits[0].explain(kinds).wrong, r.Policy.explain(kinds).wrong)
	if fits[0].prefersInvalid() {
		text += "No client should have that policy: it accepts an invalid response, and refuses if there is none.\n"
	}
	return text
}

// prefersInvalid reports whether the policy tolerates what an attacker can forge,
// and does not tolerate what the attacker can block.
func (p Policy) prefersInvalid() bool {
	blocked := Unreachable
	if p.sources() == Staple {
		blocked = Absent
	}
	return p.Tolerates&Invalid != 0 && p.Tolerates&blocked == 0
}

// counts reports whether the outcome says anything about a policy.
func (r Result) counts() bool { return !r.excused && (r.Got == Accepted || r.Got == Rejected) }

// A kind of evidence is all that a policy looks at in a case.
type kind struct {
	leaf, issuer Says
	feature      Feature
	untrusted    bool
}

// An evidenceKind is a kind of evidence, with its outcomes.
type evidenceKind struct {
	kind
	outcomes map[Outcome]int
	several  bool // correct clients read it in more than one way
}

// kinds counts the outcomes of each kind of evidence, in the order in which they
// come. Sums of fractions depend on the order.
func (r *Report) kinds() []evidenceKind {
	var kinds []evidenceKind
	index := make(map[kind]int)
	for _, result := range r.Results {
		if !result.counts() {
			continue
		}
		c := result.Case
		k := kind{c.Leaf, c.Issuer, c.Feature, c.Untrusted}
		i, ok := index[k]
		if !ok {
			i = len(kinds)
			index[k] = i
			several := len(c.Leaf.readings())*len(c.Issuer.readings()) > 1 || c.Feature&(c.Feature-1) != 0
			kinds = append(kinds, evidenceKind{k, make(map[Outcome]int), several})
		}
		kinds[i].outcomes[result.Got]++
	}
	return kinds
}

// An explanation is how well a policy explains the outcomes of a report.
type explanation struct {
	wrong   int // outcomes that are wrong under the policy
	against int // outcomes that contradict it, also where both are right
	cost    float64
}

func (p Policy) explain(kinds []evidenceKind) (e explanation) {
	const open, field = 1.0 / 4, 1.0 / 16
	e.cost = field * float64(p.fields())
	for _, k := range kinds {
		against := 0
		accepted, rejected := k.outcomes[Accepted], k.outcomes[Rejected]
		switch p.judge(Case{Leaf: k.leaf, Issuer: k.issuer, Feature: k.feature, Untrusted: k.untrusted}).verdict {
		case Accept:
			against = rejected
			e.wrong += rejected
		case Reject:
			against = accepted
			e.wrong += accepted
		case Either:
			e.cost += open
			if !k.several {
				against = min(accepted, rejected)
			}
		}
		e.against += against
		e.cost += float64(against) / float64(accepted+rejected)
	}
	return e
}

// fields returns how many settings the policy has beyond the zero value.
func (p Policy) fields() int {
	n := 0
	for range p.Tolerates.readings() {
		n++
	}
	for _, set := range []bool{
		p.sources()&OCSP != 0, p.sources()&CRL != 0, p.sources()&Staple == 0,
		p.AllSources, p.MustStaple, p.Chain, p.Persistent,
	} {
		if set {
			n++
		}
	}
	return n
}
