package conformance

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A mutant is the reference with one mistake, which the cases about it must
// notice. One of read, review, change, check and client is set.
type mutant struct {
	name     string
	policies []Policy // under which the mistake shows

	read   reader                      // judges OCSP responses differently
	review reviewer                    // judges CRLs differently
	change func(*reference)            // has another policy, or asks differently
	check  func(*reference) checkFunc  // decides differently
	client func(*reference) ClientFunc // connects differently
}

// A checkFunc decides about a connection, as reference.check does.
type checkFunc func(ctx context.Context, client *http.Client, cs tls.ConnectionState, now time.Time) error

// mutate turns r into the mutant, and returns its check.
func (m mutant) mutate(r *reference) checkFunc {
	switch {
	case m.read != nil:
		r.verify = m.read(r.verify)
	case m.review != nil:
		r.checkCRL = m.review(r.checkCRL)
	case m.change != nil:
		m.change(r)
	case m.check != nil:
		return m.check(r)
	}
	return r.check
}

// connect returns the mutant as a client.
func (m mutant) connect(p Policy) ClientFunc {
	r := newReference(p)
	if m.client != nil {
		return m.client(r)
	}
	return connecting(r, m.mutate(r))
}

// connecting is reference.connect with another check.
func connecting(r *reference, check checkFunc) ClientFunc {
	return func(ctx context.Context, s *ocsptest.Server) error {
		cfg := s.TLSClientConfig()
		cfg.ClientSessionCache = r.sessions
		cfg.VerifyConnection = func(cs tls.ConnectionState) error { return check(ctx, httpClient(s), cs, cfg.Time()) }
		return get(ctx, s, cfg)
	}
}

// Policies under which mistakes show.
var (
	soft        = Policy{}
	hard        = Policy{HardFail: true}
	fetching    = Policy{HardFail: true, Fetch: true}
	softFetch   = Policy{Fetch: true}
	onlyFetch   = Policy{HardFail: true, NoStaple: true, Fetch: true}
	listing     = Policy{HardFail: true, NoStaple: true, CRL: true}
	softList    = Policy{NoStaple: true, CRL: true}
	fetchList   = Policy{HardFail: true, Fetch: true, CRL: true}
	mustSoft    = Policy{MustStaple: true}
	mustFetch   = Policy{MustStaple: true, Fetch: true}
	chainFetch  = Policy{HardFail: true, Fetch: true, Chain: true}
	chainList   = Policy{HardFail: true, NoStaple: true, CRL: true, Chain: true}
	chainSoft   = Policy{Fetch: true, CRL: true, Chain: true}
	everything  = Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}
	acceptShows = []Policy{fetching}       // where wrong acceptance shows
	rejectShows = []Policy{hard, fetching} // where wrong rejection shows
)

func mutants() []mutant {
	return slices.Concat(lenient(), strict(), misreaders(), askers(), crlReaders(), deciders())
}

// failures runs a client against cases in memory, and returns the names of those
// that it gets wrong.
func failures(t *testing.T, cases []Case, client ClientFunc) (names []string) {
	for _, c := range cases {
		err := c.Test(t.Context(), client, WithInMemoryNetwork())
		if _, wrong := errors.AsType[*CaseError](err); wrong {
			names = append(names, c.Name)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// mutantsSkipped reports whether TestMutants is skipped.
func mutantsSkipped() bool { return testing.Short() || raced }

// TestMutants shows that each mutant fails exactly the cases in
// testdata/mutants.txt, and that a mutant fails each case. All mutants of a policy
// share the world of a case. Only a mutant that differs from the reference gets
// its own.
func TestMutants(t *testing.T) {
	t.Parallel()
	if mutantsSkipped() {
		t.Skip("takes minutes under the race detector; there TestReference runs the same code")
	}
	type result struct {
		mutant mutant
		policy Policy
		failed []string
	}
	byPolicy := make(map[Policy][]mutant)
	for _, m := range mutants() {
		for _, p := range m.policies {
			byPolicy[p] = append(byPolicy[p], m)
		}
	}
	var mu sync.Mutex
	var results []result
	t.Run("all", func(t *testing.T) {
		for p, all := range byPolicy {
			t.Run(p.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					cases := suspects(t, p, all)
					for _, m := range all {
						failed := failures(t, cases[m.name], m.connect(p))
						if len(failed) == 0 {
							t.Errorf("no case notices a client that %s; add one, or a policy under which one does", m.name)
						}
						mu.Lock()
						results = append(results, result{m, p, failed})
						mu.Unlock()
					}
				})
			})
		}
	})

	slices.SortFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(a.mutant.name, b.mutant.name), cmp.Compare(a.policy.String(), b.policy.String()))
	})
	// A mutant that fails one case in five says little about each of them.
	blunt := len(slices.Collect(Cases(everything))) / 5
	var text strings.Builder
	caught := make(map[string]bool)
	for _, r := range results {
		fmt.Fprintf(&text, "%s, under %v:\n", r.mutant.name, r.policy)
		if len(r.failed) >= blunt {
			fmt.Fprintf(&text, "\t%s\n", byGroup(r.failed))
			continue
		}
		for _, name := range r.failed {
			caught[name] = true
			fmt.Fprintf(&text, "\t%s\n", name)
		}
	}

	fmt.Fprintf(&text, "failed by no mutant, because real clients differ:\n")
	for c := range Cases(everything) {
		switch {
		case caught[c.Name]:
		case c.scenario.isOpen():
			fmt.Fprintf(&text, "\t%s\n", c.Name)
		default:
			t.Errorf("no mutant fails %s", c.Name)
		}
	}
	labtest.Golden(t, "mutants.txt", text.String())
}

// byGroup counts names by group.
func byGroup(names []string) string {
	var groups []string
	count := make(map[string]int)
	for _, name := range names {
		group, _, _ := strings.Cut(name, "/")
		if count[group]++; count[group] == 1 {
			groups = append(groups, group)
		}
	}
	for i, group := range groups {
		groups[i] = fmt.Sprintf("%d %s", count[group], group)
	}
	return strings.Join(groups, ", ")
}

// isOpen reports whether the verdict is Either wherever a client sees what the
// case is about, so that no client can get it wrong.
func (s *scenario) isOpen() bool {
	if s.want == nil {
		return slices.Contains([]evidence{s.leaf.staple, s.leaf.ocsp, s.leaf.crl, s.intermediate.ocsp, s.intermediate.crl}, disputed)
	}
	for p := range policies() {
		if s.want(p) == Either {
			return true
		}
	}
	return false
}

// TestControlOfMutants shows that what the mutants run in does not break them.
func TestControlOfMutants(t *testing.T) {
	t.Parallel()
	names := make(map[string]bool)
	for _, m := range mutants() {
		if names[m.name] {
			t.Errorf("two mutants have the name %q", m.name)
		}
		names[m.name] = true
	}
	if len(names) < 40 {
		t.Errorf("%d mutants, want at least 40", len(names))
	}
	unchanged := []mutant{
		{name: "reading", read: ignoring()},
		{name: "reviewing", review: reviewing(func(*x509.RevocationList, time.Time) {})},
		{name: "changing", change: func(*reference) {}},
		{name: "over", change: over(nil)},
		{name: "seeing", check: seeing(func(sight) error { return nil })},
		{name: "connecting", client: func(r *reference) ClientFunc { return r.connect }},
	}
	synctest.Test(t, func(t *testing.T) {
		for name, cases := range suspects(t, everything, unchanged) {
			t.Errorf("%s: a client without a mistake differs in %d cases, first in %s", name, len(cases), cases[0].Name)
		}
	})
}
