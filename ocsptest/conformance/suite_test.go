package conformance

import (
	"iter"
	"slices"
	"testing"
	"testing/synctest"
)

// policies returns every policy that a client can have.
func policies() iter.Seq[Policy] {
	return func(yield func(Policy) bool) {
		for bits := range 64 {
			p := Policy{
				HardFail: bits&1 != 0, MustStaple: bits&2 != 0, NoStaple: bits&4 != 0,
				Fetch: bits&8 != 0, CRL: bits&16 != 0, Chain: bits&32 != 0,
			}
			if p.check() == nil && !yield(p) {
				return
			}
		}
	}
}

// covering returns policies in which any three fields have every combination of
// values that a policy can have. These come with those that are given.
func covering(given []Policy) []Policy {
	uncovered := make(map[triple]bool)
	for p := range policies() {
		for t := range triples(p) {
			uncovered[t] = true
		}
	}
	cover := func(p Policy) {
		for t := range triples(p) {
			delete(uncovered, t)
		}
	}
	for _, p := range given {
		cover(p)
	}
	var chosen []Policy
	for len(uncovered) > 0 {
		var best Policy
		most := 0
		for p := range policies() {
			n := 0
			for t := range triples(p) {
				if uncovered[t] {
					n++
				}
			}
			if n > most {
				best, most = p, n
			}
		}
		chosen = append(chosen, best)
		cover(best)
	}
	return chosen
}

// A triple is three fields of a Policy with their values.
type triple struct {
	fields [3]int
	values [3]bool
}

func triples(p Policy) iter.Seq[triple] {
	v := []bool{p.HardFail, p.MustStaple, p.NoStaple, p.Fetch, p.CRL, p.Chain}
	return func(yield func(triple) bool) {
		for a := range v {
			for b := range a {
				for c := range b {
					if !yield(triple{[3]int{a, b, c}, [3]bool{v[a], v[b], v[c]}}) {
						return
					}
				}
			}
		}
	}
}

// The reference gets every case right under a covering array of policies, and
// with -full under every policy. TestMutants runs it under some of them, unless
// it is skipped.
func TestReference(t *testing.T) {
	t.Parallel()
	var given []Policy
	if !mutantsSkipped() {
		for _, m := range mutants() {
			given = append(given, m.policies...)
		}
	}
	run := covering(given)
	switch {
	case *full:
		run = slices.Collect(policies())
	case testing.Short():
		run = []Policy{everything}
	}
	for _, p := range run {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if err := Check(t.Context(), p, Reference(p), WithInMemoryNetwork()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestCovering counts what the covering array leaves out: nothing, and it is
// smaller than the array of all policies.
func TestCovering(t *testing.T) {
	t.Parallel()
	want := make(map[triple]bool)
	for p := range policies() {
		for t := range triples(p) {
			want[t] = true
		}
	}
	chosen := covering(nil)
	for _, p := range chosen {
		for t := range triples(p) {
			delete(want, t)
		}
	}
	if len(want) > 0 {
		t.Errorf("%d combinations of three fields are not covered", len(want))
	}
	if all := len(slices.Collect(policies())); len(chosen) >= all/2 {
		t.Errorf("%d of %d policies, more than half", len(chosen), all)
	}
	if again := covering(chosen); len(again) > 0 {
		t.Errorf("%v are chosen although everything is covered", again)
	}
}

// TestRun runs the reference over sockets, under one policy that looks at
// everything.
func TestRun(t *testing.T) {
	t.Parallel()
	Run(t, everything, Reference(everything))
}
