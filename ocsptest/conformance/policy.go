package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// A Policy is what a client promises about revocation. The zero value is the
// policy of most clients: they look at staples, and fail open.
type Policy struct {
	// HardFail: the client rejects unless it knows that the certificate is good.
	// By default it rejects only if it knows that the certificate is revoked.
	HardFail bool
	// MustStaple: the client enforces the TLS feature extension (RFC 7633).
	MustStaple bool
	// NoStaple: the client ignores staples.
	NoStaple bool
	// Fetch: without a good staple, the client asks the responder that the
	// certificate names.
	Fetch bool
	// CRL: if neither the staple nor the responder decides, the client looks at
	// the CRL that the certificate names.
	CRL bool
	// Chain: the client also checks the intermediate, by Fetch and CRL.
	Chain bool
}

// String returns the fields that are set: "HardFail+Fetch"; "Soft" for none.
func (p Policy) String() string {
	var set []string
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"HardFail", p.HardFail}, {"MustStaple", p.MustStaple}, {"NoStaple", p.NoStaple},
		{"Fetch", p.Fetch}, {"CRL", p.CRL}, {"Chain", p.Chain},
	} {
		if field.set {
			set = append(set, field.name)
		}
	}
	if set == nil {
		return "Soft"
	}
	return strings.Join(set, "+")
}

// check returns an error if no client can have this policy.
func (p Policy) check() error {
	switch {
	case p.MustStaple && p.NoStaple:
		return errors.New("conformance: Policy: MustStaple needs staples; leave NoStaple out")
	case p.Chain && !p.Fetch && !p.CRL:
		return errors.New("conformance: Policy: Chain needs Fetch or CRL, because staples cover only the leaf")
	case p.HardFail && p.NoStaple && !p.Fetch && !p.CRL:
		return errors.New("conformance: Policy: HardFail needs a source; set Fetch or CRL, or leave NoStaple out")
	}
	return nil
}

// A Verdict is what a client should do with a server, or did.
type Verdict int

const (
	// Either means that the RFCs leave it open, or that real clients differ. It
	// is only an expectation, never an outcome.
	Either Verdict = iota
	// Accept means that the client completes the connection.
	Accept
	// Reject means that the client ends the connection.
	Reject
	// Hung means that the client did not return: it passed its deadline, or
	// panicked. It is only an outcome, never an expectation.
	Hung
)

var verdictTexts = []string{"either", "accept", "reject", "hung"}

// String returns "either", "accept", "reject" or "hung".
func (v Verdict) String() string {
	if v < 0 || int(v) >= len(verdictTexts) {
		return fmt.Sprintf("verdict(%d)", int(v))
	}
	return verdictTexts[v]
}
