package conformance

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

//go:generate go test . -run ^TestEvidence$ -update
//go:generate go test . -run ^TestCasesPage$ -update

// A Case is one server, faulty or only unusual. [Policy.Judge] says what a client
// must do with it.
type Case struct {
	Name  string   // "times/expired"; it is stable, and -run finds it
	Doc   string   // what is special about the server, and why clients differ if they do
	Ref   Ref      // the place that decides the case
	Seen  []string // public issues about real bugs of this kind
	Since string   // the set in which the case came, such as "2026.1"

	// What the sources say about the leaf and about its issuer to a client that
	// reads them correctly, at the last connection.
	Leaf, Issuer Says

	// Sources are those that speak about the leaf. If a policy looks at none of
	// them, the case is left out.
	Sources Sources

	Feature   Feature       // what the leaf requires
	Untrusted bool          // the client does not trust the root
	Rules     []verify.Rule // that responses break

	// First is the case at the first of two connections; nil if there is only one.
	First *Case

	NeedsClock bool // only clients that go by the CA's clock can be judged

	scenario *scenario
}

// The sets of cases, from the oldest. A case never leaves its set.
const (
	set2026_1 = "2026.1"
	set2026_2 = "2026.2"
	set2026_3 = "2026.3"
	newestSet = set2026_3
)

// Cases returns the catalogue.
func Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		for _, group := range groups {
			for _, s := range group() {
				if !yield(newCase(s)) {
					return
				}
			}
		}
	}
}

// Lookup returns the case with that name, if there is one.
func Lookup(name string) (Case, bool) {
	for _, group := range groups {
		for _, s := range group() {
			if s.name == name {
				return newCase(s), true
			}
		}
	}
	return Case{}, false
}

// newCase returns the case of a scenario, with the evidence that was measured.
func newCase(s *scenario) Case {
	m := measured()[s.name]
	c := Case{
		Name: s.name, Doc: s.doc, Ref: s.ref, Seen: slices.Clone(s.seen), Since: cmp.Or(s.since, set2026_1),
		Leaf: m.leaf.with(s.also), Issuer: m.issuer.with(s.issuerAlso), Sources: s.speaks(),
		Feature: s.feature, Untrusted: s.untrusted, Rules: slices.Concat(m.rules, s.rules),
		NeedsClock: s.needsClock, scenario: s,
	}
	if s.second != nil {
		first := c
		first.Leaf, first.Issuer = m.firstLeaf.with(s.firstAlso), m.firstIssuer
		c.First = &first
	}
	return c
}

// judges reports whether the case is about something that a policy looks at.
func (c Case) judges(p Policy) bool {
	s := c.scenario
	switch {
	case c.isControl():
		return true
	case s.intermediate:
		return p.Chain
	case s.feature != 0:
		return p.MustStaple
	}
	return c.Sources&p.sources() != 0
}

// isControl reports whether the case is a control: it fails clients that accept
// everything or refuse everything.
func (c Case) isControl() bool { return strings.HasPrefix(c.Name, "control/") }

// The groups of the catalogue. Each has a file of its own.
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
	crlEncodingCases,
	crlTimesCases,
	crlSignerCases,
	crlEntriesCases,
	crlScopeCases,
	crlPointsCases,
	crlDeltaCases,
	crlIndirectCases,
	crlTransportCases,
	crlUpdateCases,
	noOCSPCases,
	mustStapleCases,
	chainCases,
	resumptionCases,
	combinedCases,
}

// check returns an error if c is not from [Cases].
func (c Case) check() error {
	if c.scenario == nil {
		return errors.New("conformance: this Case was not made by Cases; use one that was")
	}
	return nil
}

// Start starts the case's server and responders, and closes them when the test
// ends. It is for tests that judge the client themselves. For cases with two
// connections, Start sets up the first.
func (c Case) Start(t ocsptest.TB) *ocsptest.Server {
	if own, ok := t.(*testing.T); t == nil || ok && own == nil {
		panic("conformance: Start needs a test, not nil; pass t")
	}
	t.Helper()
	w, err := c.newWorld(nil)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	for _, r := range w.responders() {
		t.Cleanup(func() {
			r.Close()
			r.LogIfFailed(t)
		})
	}
	t.Cleanup(func() {
		w.server.Close()
		w.server.LogIfFailed(t)
	})
	return w.server
}

// newWorld returns the case's world, started.
func (c Case) newWorld(network *ocsptest.Network) (*world, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	return newWorld(c.scenario, worldSetting{network: network})
}
