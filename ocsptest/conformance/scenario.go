package conformance

import (
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A scenario makes a case. It changes one thing in a world where everything is
// fine. What the sources then say is not written here: it is measured, in the
// world itself.
type scenario struct {
	name, doc string
	ref       Ref
	seen      []string
	since     string // the set in which the case came; zero is the first

	// sources are those that speak about the leaf; the leaf names no others, and
	// the server staples nothing without Staple. Zero is all three.
	sources Sources

	// intermediate is set if the case is about the intermediate, and feature if
	// it is about the TLS feature extension: only clients that check them are
	// judged by the case.
	intermediate bool
	feature      Feature

	// also are readings that no measurement finds: what other correct clients
	// see. firstAlso is about the first of two connections, and issuerAlso about
	// the intermediate.
	also, firstAlso, issuerAlso Says

	// rules are those that a response breaks too, but only to clients that can
	// read it.
	rules []verify.Rule

	untrusted     bool                          // clients do not trust the root
	notApplicable func([]ocsptest.Request) bool // reports whether the client's requests leave nothing to judge
	needsClock    bool                          // only clients that go by the CA's clock can pass

	template func(*world)  // changes w.tmpl before the leaf is issued
	setup    func(*world)  // before the server starts
	response *responseCase // the response that the case is about, if there is one
	second   func(*world)  // between the first and the second connection; nil: there is only one
}

// speaks returns the sources that speak about the leaf.
func (s *scenario) speaks() Sources {
	if s.sources == 0 {
		return Staple | OCSP | CRL
	}
	return s.sources
}
