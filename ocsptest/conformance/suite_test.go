package conformance_test

import (
	"testing"
	"testing/synctest"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// policies are all that a client can have.
func policies() []conformance.Policy {
	var all []conformance.Policy
	for bits := range 64 {
		p := conformance.Policy{
			HardFail: bits&1 != 0, MustStaple: bits&2 != 0, NoStaple: bits&4 != 0,
			Fetch: bits&8 != 0, CRL: bits&16 != 0, Chain: bits&32 != 0,
		}
		impossible := p.MustStaple && p.NoStaple || p.Chain && !p.Fetch && !p.CRL || p.HardFail && p.NoStaple && !p.Fetch && !p.CRL
		if !impossible {
			all = append(all, p)
		}
	}
	return all
}

// The reference gets every case right under every policy, in no time.
func TestReference(t *testing.T) {
	t.Parallel()
	for _, p := range policies() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				if err := conformance.Check(t.Context(), p, conformance.Reference(p), conformance.InMemory()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// The same over sockets, for one policy that looks at everything.
func TestRun(t *testing.T) {
	t.Parallel()
	p := conformance.Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}
	conformance.Run(t, p, conformance.Reference(p))
}
