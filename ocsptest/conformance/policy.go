package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// A Policy is what a client is meant to do about revocation. The zero value is
// that of most clients: they look at staples, and fail open.
type Policy struct {
	HardFail   bool // refuses unless it knows that the certificate is good; else only if it knows that it is revoked
	MustStaple bool // enforces the TLS feature extension (RFC 7633)
	NoStaple   bool // does not look at staples
	Fetch      bool // asks the responder that the certificate names, if there is no good staple
	CRL        bool // looks at the CRL that the certificate names, if nobody has said anything yet
	Chain      bool // checks the intermediate too, by Fetch and CRL
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

// check says what no client can do.
func (p Policy) check() error {
	switch {
	case p.MustStaple && p.NoStaple:
		return errors.New("ocsptest: Policy: MustStaple needs a look at staples; leave NoStaple out")
	case p.Chain && !p.Fetch && !p.CRL:
		return errors.New("ocsptest: Policy: Chain needs Fetch or CRL, for nobody staples for intermediates")
	case p.HardFail && p.NoStaple && !p.Fetch && !p.CRL:
		return errors.New("ocsptest: Policy: HardFail without staples, Fetch and CRL refuses everybody; set one of them")
	}
	return nil
}

// A Verdict is what a client is to make of a case, or made of it.
type Verdict int

const (
	// Either: the RFCs leave it open, or real clients disagree.
	Either Verdict = iota
	// Accept: the client is to go on.
	Accept
	// Reject: the client is to refuse.
	Reject
	// Hung is an outcome alone: the client did not come to an end in time.
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
