package conformance

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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
	hard       = Policy{}
	soft       = Policy{Tolerates: FailOpen}
	fetching   = Policy{Sources: Staple | OCSP}
	softFetch  = Policy{Sources: Staple | OCSP, Tolerates: FailOpen, Persistent: true}
	onlyFetch  = Policy{Sources: OCSP, Persistent: true}
	listing    = Policy{Sources: CRL, Persistent: true}
	softList   = Policy{Sources: CRL, Tolerates: FailOpen}
	fetchNext  = Policy{Sources: Staple | OCSP, Persistent: true}
	fetchList  = Policy{Sources: Staple | OCSP | CRL, Persistent: true}
	mustHard   = Policy{MustStaple: true}
	mustSoft   = Policy{Tolerates: FailOpen, MustStaple: true}
	mustFetch  = Policy{Sources: Staple | OCSP, Tolerates: FailOpen, MustStaple: true}
	chainFetch = Policy{Sources: Staple | OCSP, Chain: true}
	chainList  = Policy{Sources: CRL, Chain: true}
	chainSoft  = Policy{Sources: Staple | OCSP | CRL, Tolerates: FailOpen, Chain: true}
	everything = Policy{Sources: Staple | OCSP | CRL, MustStaple: true, Chain: true, Persistent: true}
	unreached  = Policy{Sources: OCSP, Tolerates: Unreachable, Persistent: true}
	allSources = Policy{Sources: OCSP | CRL, AllSources: true, Tolerates: Absent}

	acceptShows = []Policy{fetching}       // where wrong acceptance shows
	rejectShows = []Policy{hard, fetching} // where wrong rejection shows
)

func mutants() []mutant {
	return slices.Concat(lenient(), strict(), misreaders(), askers(), crlReaders(), deciders())
}

// failures runs a mutant against cases in memory, each with a client of its own,
// and returns the names of those that it gets wrong.
func failures(t *testing.T, p Policy, cases []Case, m mutant) (names []string) {
	for _, c := range cases {
		result, err := c.Test(t.Context(), p, m.connect(p), WithInMemoryNetwork())
		if err != nil {
			t.Fatal(err)
		}
		if result.Failed() {
			names = append(names, c.Name)
		}
	}
	return names
}

// mutantsSkipped reports whether TestMutants is skipped.
func mutantsSkipped() bool { return testing.Short() || raced }

// TestMutants shows that each mutant fails exactly the cases in
// testdata/mutants.txt, and that a mutant fails each case. All mutants share the
// world of a case, under all their policies. Only where one differs from the
// reference it gets a world of its own.
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
	var mu sync.Mutex
	found := make(map[pair][]Case) // the cases in which a mutant may differ
	inParts(t, "watch", slices.Collect(Cases()), func(t *testing.T, c Case) {
		differs := watch(t, c, mutants())
		mu.Lock()
		defer mu.Unlock()
		for _, m := range mutants() {
			for _, p := range m.policies {
				if c.judges(p) && (*full || differs[pair{m.name, p}] || m.client == nil && c.First != nil) { // it may remember
					found[pair{m.name, p}] = append(found[pair{m.name, p}], c)
				}
			}
		}
	})
	var results []result
	inParts(t, "run", mutants(), func(t *testing.T, m mutant) {
		for _, p := range m.policies {
			failed := failures(t, p, inOrder(found[pair{m.name, p}]), m)
			if len(failed) == 0 {
				t.Errorf("no case notices a client that %s, under %v; add one, or a policy under which one does", m.name, p)
			}
			mu.Lock()
			results = append(results, result{m, p, failed})
			mu.Unlock()
		}
	})

	slices.SortFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(a.mutant.name, b.mutant.name), cmp.Compare(a.policy.String(), b.policy.String()))
	})
	// A mutant that fails one case in five says little about each of them.
	blunt := len(slices.Collect(Cases())) / 5
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
	for c := range Cases() {
		switch {
		case caught[c.Name]:
		case c.isOpen():
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

// isOpen reports whether both outcomes are right wherever a client looks at
// nothing else than what the case is about, so that no client can get it wrong.
func (c Case) isOpen() bool {
	closed := Policy{Sources: c.Sources, Persistent: true, MustStaple: c.Feature != 0, Chain: c.scenario.intermediate}
	open := closed
	open.Tolerates = FailOpen
	return closed.judge(c).verdict == Either || open.judge(c).verdict == Either
}

// inParts runs f for each element, in parallel and in bubbles.
func inParts[T any](t *testing.T, name string, all []T, f func(*testing.T, T)) {
	const parts = 8
	t.Run(name, func(t *testing.T) {
		for i := range parts {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for j := i; j < len(all); j += parts {
						f(t, all[j])
					}
				})
			})
		}
	})
}

// inOrder sorts cases as the catalogue does.
func inOrder(cases []Case) []Case {
	order := make(map[string]int)
	for c := range Cases() {
		order[c.Name] = len(order)
	}
	slices.SortFunc(cases, func(a, b Case) int { return cmp.Compare(order[a.Name], order[b.Name]) })
	return cases
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
	in := []Policy{everything}
	unchanged := []mutant{
		{name: "reading", policies: in, read: ignoring()},
		{name: "reviewing", policies: in, review: reviewing(func(*x509.RevocationList, time.Time) {})},
		{name: "changing", policies: in, change: func(*reference) {}},
		{name: "over", policies: in, change: over(nil)},
		{name: "seeing", policies: in, check: seeing(func(sight) error { return nil })},
		{name: "connecting", policies: in, client: func(r *reference) ClientFunc { return r.connect }},
	}
	inParts(t, "all", slices.Collect(Cases()), func(t *testing.T, c Case) {
		for p, differs := range watch(t, c, unchanged) {
			if !differs {
				continue
			}
			t.Errorf("%s: the client %q differs, and has no mistake", c.Name, p.mutant)
		}
	})
}
