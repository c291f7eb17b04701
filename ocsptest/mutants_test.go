package ocsptest

import (
	"cmp"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest/verify"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A mutant is a client that is broken in one way. The cases about that way are
// there to catch it.
type mutant struct {
	name     string
	policies []Policy                    // under which it shows
	read     reader                      // reads answers its own way
	client   func(*reference) ClientFunc // or does something else
}

func (m mutant) made(r *reference) ClientFunc {
	if m.read == nil {
		return m.client(r)
	}
	r.verify = m.read(r.verify)
	return r.connect
}

// Policies under which mutants show.
var (
	soft        = Policy{}
	hard        = Policy{HardFail: true}
	fetching    = Policy{HardFail: true, Fetch: true}
	softFetch   = Policy{Fetch: true}
	onlyFetch   = Policy{HardFail: true, NoStaple: true, Fetch: true}
	listing     = Policy{HardFail: true, NoStaple: true, CRL: true}
	softList    = Policy{NoStaple: true, CRL: true}
	fetchList   = Policy{HardFail: true, Fetch: true, CRL: true}
	must        = Policy{MustStaple: true}
	mustFetch   = Policy{MustStaple: true, Fetch: true}
	chainFetch  = Policy{HardFail: true, Fetch: true, Chain: true}
	chainList   = Policy{HardFail: true, NoStaple: true, CRL: true, Chain: true}
	chainSoft   = Policy{Fetch: true, CRL: true, Chain: true}
	everything  = Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}
	answersBite = []Policy{fetching}       // where what is taken for good shows
	strictBites = []Policy{hard, fetching} // where what is refused shows
)

func mutants() []mutant {
	return slices.Concat(takers(), refusers(), misreaders(), askers(), listers(), deciders())
}

// with changes the reference.
func with(change func(*reference)) func(*reference) ClientFunc {
	return func(r *reference) ClientFunc {
		change(r)
		return r.connect
	}
}

// failures runs a client through cases in memory, and returns the names of those
// that it got wrong.
func failures(t *testing.T, cases []Case, client ClientFunc) (names []string) {
	for _, c := range cases {
		err := c.Test(t.Context(), client, InMemory())
		if _, wrong := errors.AsType[*CaseError](err); wrong {
			names = append(names, c.Name)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// suspects are the cases in which a reader comes to another result than the
// reference, by the mutant's name. In all others the two do the same, so that
// there is no need to run a whole suite for each.
func suspects(t *testing.T, p Policy, readers []mutant) map[string][]Case {
	found := make(map[string][]Case)
	r := newReference(p)
	judge := r.verify
	var now Case
	r.verify = func(v verify.Options, der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		said, err := judge(v, der, cert, issuer, at)
		for _, m := range readers {
			theirs, wrong := m.read(judge)(v, der, cert, issuer, at)
			same := (wrong == nil) == (err == nil) && (err != nil || theirs.Status == said.Status)
			if before := found[m.name]; !same && (len(before) == 0 || before[len(before)-1].Name != now.Name) {
				found[m.name] = append(before, now)
			}
		}
		return said, err
	}
	for c := range Cases(p) {
		now = c
		if failed := failures(t, []Case{c}, r.connect); len(failed) > 0 {
			t.Errorf("the reference fails %q", failed)
		}
	}
	return found
}

// Each mutant fails just the cases in testdata/mutants.txt, and each case is
// failed by a mutant.
func TestMutants(t *testing.T) {
	t.Parallel()
	if testing.Short() || raced {
		t.Skip("minutes under the race detector, to which the suites of the reference say as much")
	}
	type result struct {
		mutant mutant
		policy Policy
		failed []string
	}
	var mu sync.Mutex
	var results []result
	readers, others := make(map[Policy][]mutant), make(map[Policy][]mutant)
	for _, m := range mutants() {
		for _, p := range m.policies {
			if m.read != nil {
				readers[p] = append(readers[p], m)
			} else {
				others[p] = append(others[p], m)
			}
		}
	}
	run := func(t *testing.T, m mutant, p Policy, cases []Case) {
		failed := failures(t, cases, m.made(newReference(p)))
		if len(failed) == 0 {
			t.Errorf("no case notices a client that %s; add one, or a policy under which one does", m.name)
		}
		mu.Lock()
		defer mu.Unlock()
		results = append(results, result{m, p, failed})
	}
	t.Run("all", func(t *testing.T) {
		for p, all := range readers {
			t.Run("readers/"+p.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for cases := suspects(t, p, all); len(all) > 0; all = all[1:] {
						run(t, all[0], p, cases[all[0].name])
					}
				})
			})
		}
		for p, all := range others {
			for _, m := range all {
				t.Run(m.name+"/"+p.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { run(t, m, p, slices.Collect(Cases(p))) })
				})
			}
		}
	})

	slices.SortFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(a.mutant.name, b.mutant.name), cmp.Compare(a.policy.String(), b.policy.String()))
	})
	// A mutant that fails one case in five is not what any of them is there for.
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

	fmt.Fprintf(&text, "failed by none of these, for real clients do either:\n")
	for c := range Cases(everything) {
		switch {
		case caught[c.Name]:
		case c.scenario.isOpen():
			fmt.Fprintf(&text, "\t%s\n", c.Name)
		default:
			t.Errorf("no mutant fails %s", c.Name)
		}
	}
	compareGolden(t, "mutants.txt", text.String())
}

// byGroup says how many there are of each group.
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

// isOpen says whether the verdict is Either wherever a client sees what the case
// is about, so that nobody can get that wrong.
func (s *scenario) isOpen() bool {
	if s.want == nil {
		return slices.Contains([]news{s.staple, s.fetched, s.listed, s.intermediate, s.intermediateListed}, dubious)
	}
	for bits := range 64 {
		p := Policy{
			HardFail: bits&1 != 0, MustStaple: bits&2 != 0, NoStaple: bits&4 != 0,
			Fetch: bits&8 != 0, CRL: bits&16 != 0, Chain: bits&32 != 0,
		}
		if p.check() == nil && s.want(p) == Either {
			return true
		}
	}
	return false
}

// What breaks the mutants is not what they run in.
func TestControlOfMutants(t *testing.T) {
	t.Parallel()
	names := make(map[string]bool)
	for _, m := range mutants() {
		if names[m.name] {
			t.Errorf("two mutants are called %q", m.name)
		}
		names[m.name] = true
	}
	if len(names) < 40 {
		t.Errorf("%d mutants, fewer than 40", len(names))
	}
	for name, client := range map[string]func(*reference) ClientFunc{
		"with":      with(func(*reference) {}),
		"seeing":    seeing(func(sight) error { return nil }),
		"over":      over(nil),
		"reviewing": reviewing(func(*x509.RevocationList, time.Time) {}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cases := slices.Collect(Cases(everything))
				if failed := failures(t, cases, client(newReference(everything))); len(failed) > 0 {
					t.Errorf("the unbroken client fails %q", failed)
				}
			})
		})
	}
}

// compareGolden compares a text with a file in testdata, which -update rewrites.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if it is right, rewrite it with -update:\n%s", file, diff)
	}
}
