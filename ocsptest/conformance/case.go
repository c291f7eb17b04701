package conformance

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest"
)

//go:generate go test . -run ^TestCasesPage$ -update

// A Case is one server, faulty or only unusual, and what a client should do
// with it.
type Case struct {
	Name string   // "times/expired"; it is stable, and -run finds it
	Doc  string   // what is special about the server, and why clients differ if they do
	Ref  Ref      // the place in a document that decides the case
	Seen []string // public issues about real bugs of this kind
	Want Verdict  // under the policy that [Cases] was given

	policy   Policy
	scenario *scenario
}

// Cases returns the catalogue with the verdicts for a policy. It panics if no
// client can have that policy.
func Cases(p Policy) iter.Seq[Case] {
	if err := p.check(); err != nil {
		panic(err)
	}
	return func(yield func(Case) bool) {
		for _, group := range groups {
			for _, s := range group() {
				c := Case{
					Name: s.name, Doc: s.doc, Ref: s.ref, Seen: slices.Clone(s.seen),
					Want: s.verdict(p), policy: p, scenario: s,
				}
				if !yield(c) {
					return
				}
			}
		}
	}
}

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
	return newWorld(c.scenario, network)
}
