package conformance

import (
	"errors"
	"fmt"
	"iter"
	"strings"
)

// Sources are where a client looks for the status of a certificate.
type Sources uint8

const (
	// Staple is the response that the server sends in the handshake (RFC 6066
	// section 8).
	Staple Sources = 1 << iota
	// OCSP is the responder that the certificate names (RFC 6960).
	OCSP
	// CRL is the CRL that the certificate names (RFC 5280 section 4.2.1.13).
	CRL
)

var sourceNames = []string{"staple", "ocsp", "crl"}

// A Policy is what a client promises about revocation. The zero value is the
// policy of curl --cert-status: look only at the staple, and reject without a
// good one. Policies can be compared with ==.
type Policy struct {
	// Sources are where the client looks, always in the order staple, OCSP, CRL.
	// The zero value is Staple.
	Sources Sources

	// Tolerates is the evidence on which the client accepts if no source says
	// good. The zero value fails closed. FailOpen tolerates everything except
	// revoked; Unreachable accepts only if no source could be reached.
	Tolerates Evidence

	// AllSources makes the client look at every source, and judge each by
	// itself. By default, the first that says good or revoked decides.
	AllSources bool

	// MustStaple enforces the TLS feature extension (RFC 7633).
	MustStaple bool

	// Chain makes the client check the intermediate too.
	Chain bool

	// Persistent makes the client try the second responder, CRL and HTTP method,
	// and look at the next source after an invalid staple or the status unknown.
	// No RFC requires that, so by default it is right to do it, and right not to.
	Persistent bool
}

// sources returns Sources with its default.
func (p Policy) sources() Sources {
	if p.Sources == 0 {
		return Staple
	}
	return p.Sources
}

// String returns the policy as [ParsePolicy] reads it, such as
// "sources=staple+ocsp,tolerates=unreachable,must-staple".
func (p Policy) String() string {
	var names []string
	for i, name := range sourceNames {
		if p.sources()&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	parts := []string{"sources=" + strings.Join(names, "+")}
	switch {
	case p.Tolerates == FailOpen:
		parts = append(parts, "tolerates=all")
	case p.Tolerates != 0:
		parts = append(parts, "tolerates="+strings.ReplaceAll(p.Tolerates.String(), "|", "+"))
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"all-sources", p.AllSources}, {"must-staple", p.MustStaple}, {"chain", p.Chain}, {"persistent", p.Persistent}} {
		if flag.set {
			parts = append(parts, flag.name)
		}
	}
	return strings.Join(parts, ",")
}

// check returns why no client can have the policy.
func (p Policy) check() error {
	sources := p.sources()
	switch {
	case sources&^(Staple|OCSP|CRL) != 0:
		return fmt.Errorf("conformance: Policy: Sources is %d; use Staple, OCSP and CRL", p.Sources)
	case p.Tolerates&^FailOpen != 0:
		return fmt.Errorf("conformance: Policy: Tolerates has %v; use Unknown, Invalid, Unreachable and Absent", p.Tolerates&^FailOpen)
	case p.MustStaple && sources&Staple == 0:
		return errors.New("conformance: Policy: MustStaple needs Staple in Sources")
	case p.Chain && sources == Staple:
		return errors.New("conformance: Policy: Chain needs OCSP or CRL in Sources, because no staple is about an intermediate")
	case p.AllSources && sources&(sources-1) == 0:
		return errors.New("conformance: Policy: AllSources needs more than one of Staple, OCSP and CRL in Sources")
	}
	return nil
}

// legalPolicies returns every policy that check accepts.
func legalPolicies() iter.Seq[Policy] {
	return func(yield func(Policy) bool) {
		for sources := Staple; sources <= Staple|OCSP|CRL; sources++ {
			for tolerated := range 16 {
				for flags := range 16 {
					p := Policy{
						Sources: sources, Tolerates: Evidence(tolerated) << 2,
						AllSources: flags&1 != 0, MustStaple: flags&2 != 0, Chain: flags&4 != 0, Persistent: flags&8 != 0,
					}
					if p.check() == nil && !yield(p) {
						return
					}
				}
			}
		}
	}
}
