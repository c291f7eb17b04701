package conformance

import (
	"cmp"
	"slices"
)

// Fit returns the policies that explain the outcomes of the report better than
// the policy that it was given, the best first: those with at least ten wrong
// outcomes fewer. It returns nil if there are none.
//
// Each kind of evidence has one vote, which is the share of its outcomes that
// contradict the policy. Cases in which both outcomes are right cost a quarter
// of a contradiction, and each field of the policy that is set a sixteenth.
func (r *Report) Fit() []Policy {
	const better = 10
	given := r.wrongUnder(r.Policy)
	if given < better {
		return nil
	}
	kinds := r.kinds()
	type scored struct {
		policy Policy
		cost   float64
	}
	var all []scored
	for p := range legalPolicies() {
		if r.wrongUnder(p) <= given-better {
			all = append(all, scored{p, p.cost(kinds)})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(a.cost, b.cost) })
	var out []Policy
	for _, s := range all {
		if s.cost > all[0].cost {
			break
		}
		out = append(out, s.policy)
	}
	return out
}

// wrongUnder returns how many outcomes would be wrong under a policy.
func (r *Report) wrongUnder(p Policy) int {
	n := 0
	for _, result := range r.Results {
		if result.counts() && !result.Got.isRight(p.judge(result.Case).verdict) {
			n++
		}
	}
	return n
}

// counts reports whether the outcome says anything about a policy.
func (r Result) counts() bool { return r.Got == Accepted || r.Got == Rejected }

// A kind of evidence is all that a policy looks at in a case.
type kind struct {
	leaf, issuer Says
	feature      Feature
	untrusted    bool
}

// kinds counts the outcomes of each kind of evidence.
func (r *Report) kinds() map[kind]map[Outcome]int {
	kinds := make(map[kind]map[Outcome]int)
	for _, result := range r.Results {
		if !result.counts() {
			continue
		}
		c := result.Case
		k := kind{c.Leaf, c.Issuer, c.Feature, c.Untrusted}
		if kinds[k] == nil {
			kinds[k] = make(map[Outcome]int)
		}
		kinds[k][result.Got]++
	}
	return kinds
}

// cost returns how badly a policy explains the outcomes.
func (p Policy) cost(kinds map[kind]map[Outcome]int) float64 {
	const open, field = 1.0 / 4, 1.0 / 16
	cost := field * float64(p.fields())
	for k, outcomes := range kinds {
		want := p.judge(Case{Leaf: k.leaf, Issuer: k.issuer, Feature: k.feature, Untrusted: k.untrusted}).verdict
		if want == Either {
			cost += open
			continue
		}
		wrong, all := 0, 0
		for got, n := range outcomes {
			all += n
			if !got.isRight(want) {
				wrong += n
			}
		}
		cost += float64(wrong) / float64(all)
	}
	return cost
}

// fields returns how many settings the policy has beyond the zero value.
func (p Policy) fields() int {
	n := 0
	for range p.Tolerates.readings() {
		n++
	}
	for _, set := range []bool{p.sources()&OCSP != 0, p.sources()&CRL != 0, p.sources()&Staple == 0, p.AllSources, p.MustStaple, p.Chain, p.Persistent} {
		if set {
			n++
		}
	}
	return n
}
