package conformance

import (
	"cmp"
	"context"
	"crypto/tls"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
		r.crls = m.review(r.crls)
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
	hard          = Policy{}
	soft          = Policy{Tolerates: FailOpen}
	fetching      = Policy{Sources: Staple | OCSP}
	softFetch     = Policy{Sources: Staple | OCSP, Tolerates: FailOpen, Persistent: true}
	onlyFetch     = Policy{Sources: OCSP, Persistent: true}
	listing       = Policy{Sources: CRL, Persistent: true}
	softList      = Policy{Sources: CRL, Tolerates: FailOpen}
	fetchNext     = Policy{Sources: Staple | OCSP, Persistent: true}
	fetchList     = Policy{Sources: Staple | OCSP | CRL, Persistent: true}
	mustHard      = Policy{MustStaple: true}
	mustSoft      = Policy{Tolerates: FailOpen, MustStaple: true}
	mustFetch     = Policy{Sources: Staple | OCSP, Tolerates: FailOpen, MustStaple: true}
	chainFetch    = Policy{Sources: Staple | OCSP, Chain: true}
	chainList     = Policy{Sources: CRL, Chain: true}
	softLists     = Policy{Sources: CRL, Tolerates: FailOpen, Persistent: true}
	chainSoftList = Policy{Sources: CRL, Tolerates: FailOpen, Chain: true}
	chainSoft     = Policy{Sources: Staple | OCSP | CRL, Tolerates: FailOpen, Chain: true}
	everything    = Policy{Sources: Staple | OCSP | CRL, MustStaple: true, Chain: true, Persistent: true}
	unreached     = Policy{Sources: OCSP, Tolerates: Unreachable, Persistent: true}
	allSources    = Policy{Sources: OCSP | CRL, AllSources: true, Tolerates: Absent}

	acceptShows = []Policy{fetching}       // where wrong acceptance shows
	rejectShows = []Policy{hard, fetching} // where wrong rejection shows
)

func mutants() []mutant {
	return slices.Concat(
		lenient(), strict(), misreaders(), askers(),
		crlReaders(), crlMisreaders(), crlScopeMutants(), crlFetchMutants(), noOCSPMutants(), deciders(),
	)
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

// mutantsSkipped reports whether the mutants do not run. They take minutes under
// the race detector, and run the code of the reference.
func mutantsSkipped() bool { return testing.Short() || raced }

// TestReference shows that the reference gets every case right under every policy,
// and that a mutant fails each case, as in mutants.txt. All of them share one
// world of each case. In a world of its own, a mutant runs in some of the cases in
// which it differs from the reference; TestMutantsEverywhere runs it in all.
func TestReference(t *testing.T) {
	t.Parallel()
	all := mutants()
	if mutantsSkipped() {
		all = nil
	}
	var mu sync.Mutex
	suspects := make(map[pair][]Case) // the cases in which a mutant may differ
	inParts(t, "all", slices.Collect(Cases()), func(t *testing.T, c Case) {
		differs := watch(t, c, slices.Concat(all, unchanged()))
		for _, m := range unchanged() {
			if differs[pair{m.name, everything}] {
				t.Errorf("%s: the client %q differs, and has no mistake", c.Name, m.name)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for _, m := range all {
			for _, p := range m.policies {
				key := pair{m.name, p}
				if c.judges(p) && (differs[key] || m.client != nil || c.First != nil) { // it may remember the first connection
					suspects[key] = append(suspects[key], c)
				}
			}
		}
	})
	if !mutantsSkipped() {
		t.Run("mutants", func(t *testing.T) { checkMutants(t, suspects) })
	}
}

// checkMutants runs each mutant in some of the cases in which it may differ, and
// always in those that no sharper mutant fails.
func checkMutants(t *testing.T, suspects map[pair][]Case) {
	order := make(map[string]int)
	for c := range Cases() {
		order[c.Name] = len(order)
	}
	for _, cases := range suspects {
		slices.SortFunc(cases, func(a, b Case) int { return cmp.Compare(order[a.Name], order[b.Name]) })
	}
	listed := readKills(t)
	sharpest := listed.sharpest()
	for c := range Cases() {
		if sharpest[c.Name] == "" && !c.isOpen() {
			t.Errorf("no mutant fails %s; add one, and update mutants.txt", c.Name)
		}
	}
	inParts(t, "each", mutants(), func(t *testing.T, m mutant) {
		const some = 4
		for _, p := range m.policies {
			key := pair{m.name, p}
			names, exact := listed[key.String()]
			var chosen []Case
			step := len(suspects[key])/some + 1
			for i, c := range suspects[key] {
				if i%step == 0 || sharpest[c.Name] == key.String() || m.client != nil && slices.Contains(names, c.Name) {
					chosen = append(chosen, c)
				}
			}
			failed := failures(t, p, chosen, m)
			switch {
			case !exact && len(failed) == 0:
				t.Errorf("no case notices the mutant that %v; add one, or a policy under which one does", key)
			case exact:
				in := func(cases []Case, name string) bool {
					return slices.ContainsFunc(cases, func(c Case) bool { return c.Name == name })
				}
				for _, name := range names {
					if !in(suspects[key], name) {
						t.Errorf("mutants.txt says that the mutant that %v fails %s, but it decides as the reference does", key, name)
					}
				}
				want := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !in(chosen, name) })
				if diff := gocmp.Diff(want, failed, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("the mutant that %v fails other cases than in mutants.txt (-listed +failed):\n%s", key, diff)
				}
			}
		}
	})
}

// TestMutantsEverywhere runs each mutant in every case that judges it, and
// compares the failures with mutants.txt, which -update rewrites.
func TestMutantsEverywhere(t *testing.T) {
	t.Parallel()
	if !*full {
		t.Skip("takes two minutes; use -full")
	}
	all := slices.Collect(Cases())
	var mu sync.Mutex
	found := make(map[string][]string)
	inParts(t, "run", mutants(), func(t *testing.T, m mutant) {
		for _, p := range m.policies {
			judged := slices.DeleteFunc(slices.Clone(all), func(c Case) bool { return !c.judges(p) })
			failed := failures(t, p, judged, m)
			if len(failed) == 0 {
				t.Errorf("no case notices the mutant that %v; add one, or a policy under which one does", pair{m.name, p})
			}
			mu.Lock()
			found[pair{m.name, p}.String()] = failed
			mu.Unlock()
		}
	})
	labtest.Golden(t, killsFile, kills(found).text())
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

// unchanged are clients without a mistake. They show that what the mutants run in
// does not break them.
func unchanged() []mutant {
	in := []Policy{everything}
	return []mutant{
		{name: "reading", policies: in, read: ignoring()},
		{name: "reviewing", policies: in, review: reviewing()},
		{name: "changing", policies: in, change: func(*reference) {}},
		{name: "over", policies: in, change: over(nil)},
		{name: "seeing", policies: in, check: seeing(func(sight) error { return nil })},
	}
}

// TestMutantNames shows that no two mutants have the same name.
func TestMutantNames(t *testing.T) {
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
}
