package conformance

// Fit returns the policies that explain the outcomes of the report best, if they
// explain them better than the policy that was given, and leave at least ten
// wrong outcomes fewer. Else it returns nil. All that it returns explain them
// equally well.
//
// Each kind of evidence has one vote, which is the share of its outcomes that
// contradict the policy. Cases in which both outcomes are right cost a quarter
// of a contradiction, and each field of the policy that is set a sixteenth.
func (r *Report) Fit() []Policy {
	const better = 10
	kinds := r.kinds()
	given, least := r.Policy.explains(kinds)
	if given < better {
		return nil
	}
	var out []Policy
	for p := range legalPolicies() {
		wrong, cost := p.explains(kinds)
		switch {
		case cost > least || len(out) == 0 && cost == least || wrong > given-better:
		case cost < least:
			out, least = []Policy{p}, cost
		default:
			out = append(out, p)
		}
	}
	return out
}

// wrongUnder returns how many outcomes would be wrong under a policy.
func (r *Report) wrongUnder(p Policy) int {
	wrong, _ := p.explains(r.kinds())
	return wrong
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
			kinds = append(kinds, evidenceKind{k, make(map[Outcome]int)})
		}
		kinds[i].outcomes[result.Got]++
	}
	return kinds
}

// explains returns how many outcomes are wrong under a policy, and how badly it
// explains them.
func (p Policy) explains(kinds []evidenceKind) (wrong int, cost float64) {
	const open, field = 1.0 / 4, 1.0 / 16
	cost = field * float64(p.fields())
	for _, k := range kinds {
		want := p.judge(Case{Leaf: k.leaf, Issuer: k.issuer, Feature: k.feature, Untrusted: k.untrusted}).verdict
		if want == Either {
			cost += open
			continue
		}
		against, all := 0, 0
		for got, n := range k.outcomes {
			all += n
			if !got.isRight(want) {
				against += n
			}
		}
		wrong += against
		cost += float64(against) / float64(all)
	}
	return wrong, cost
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
