package conformance

import (
	"fmt"
	"slices"

	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A Severity is how bad a wrong outcome is. It follows from the policy, the
// evidence and the rules that the case breaks.
type Severity int

const (
	// NoSeverity: the outcome is right.
	NoSeverity Severity = iota
	// Security: the client accepted, and an attacker or a revoked certificate
	// can profit from it.
	Security
	// Availability: the client rejected what it must accept.
	Availability
	// Liveness: the client hung, panicked, or could not be run.
	Liveness
	// Strictness: the client accepted what it must reject, but nobody can profit
	// from it.
	Strictness
)

var severityNames = []string{"none", "security", "availability", "liveness", "strictness"}

// String returns "security", "availability", "liveness", "strictness" or "none".
func (s Severity) String() string {
	if s < 0 || int(s) >= len(severityNames) {
		return fmt.Sprintf("Severity(%d)", int(s))
	}
	return severityNames[s]
}

// severity returns how bad it is to accept in a case in which the policy
// requires to refuse.
func (p Policy) severity(c Case) Severity {
	switch {
	case c.Untrusted, p.seesRevoked(c):
		return Security
	case len(c.Rules) > 0 && !slices.ContainsFunc(c.Rules, verify.Rule.Forgeable):
		return Strictness // only the CA can break these rules
	case p.judge(silenced(c)).verdict&Accept != 0:
		return Strictness // who can forge can also block, and that the policy accepts
	}
	return Security
}

// seesRevoked reports whether a source of the policy says revoked, and no correct
// client reads good in it. Some may find it invalid.
func (p Policy) seesRevoked(c Case) bool {
	says := []Says{c.Leaf}
	if p.Chain {
		says = append(says, c.Issuer)
	}
	for _, s := range says {
		for _, source := range p.turns(s, "") {
			if slices.ContainsFunc(source, func(t turn) bool { return t.evidence&Revoked != 0 && t.evidence&Good == 0 }) {
				return true
			}
		}
	}
	return false
}

// silenced returns the case as an attacker can make it who blocks all that does
// not say good.
func silenced(c Case) Case {
	block := func(s Says) Says {
		for _, e := range []*Evidence{&s.OCSP, &s.NextOCSP, &s.CRL, &s.NextCRL} {
			if *e&(Good|Absent) == 0 && *e != 0 {
				*e = Unreachable
			}
		}
		if s.Staple&Good == 0 {
			s.Staple = Absent
		}
		return s
	}
	c.Leaf, c.Issuer = block(c.Leaf), block(c.Issuer)
	return c
}
