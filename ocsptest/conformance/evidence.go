package conformance

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Evidence is what a source says about a certificate to a client that reads it
// correctly. It is a set: where correct clients read one thing in more than one
// way, it holds every reading.
type Evidence uint8

const (
	// Good means that the certificate is not revoked.
	Good Evidence = 1 << iota
	// Revoked means that the certificate is revoked or on hold.
	Revoked
	// Unknown means that the responder does not know the certificate.
	Unknown
	// Invalid means that a response or a CRL came, and is not valid.
	Invalid
	// Unreachable means that nothing came: refused, reset, timed out.
	Unreachable
	// Absent means that nothing is stapled, or that the certificate names no
	// responder or no CRL.
	Absent

	// Disputed is what some correct clients accept as good, and others do not.
	Disputed = Good | Invalid
	// NoResponse is something that came and is not a response: an HTTP error,
	// garbage, tryLater. To some clients that is an invalid response, to others
	// none.
	NoResponse = Unreachable | Invalid
	// InvalidRevoked is a response that says revoked and has expired. No client
	// accepts it as good.
	InvalidRevoked = Invalid | Revoked
	// FailOpen is all evidence that does not say revoked, for Policy.Tolerates.
	FailOpen = Unknown | Invalid | Unreachable | Absent
)

const allEvidence = Good | Revoked | Unknown | Invalid | Unreachable | Absent

var evidenceNames = []string{"good", "revoked", "unknown", "invalid", "unreachable", "absent"}

// readings returns the single readings of e, in the order of the constants.
func (e Evidence) readings() iter.Seq[Evidence] {
	return func(yield func(Evidence) bool) {
		for one := Good; one <= Absent; one <<= 1 {
			if e&one != 0 && !yield(one) {
				return
			}
		}
	}
}

// String returns the readings, such as "good|invalid", or "none".
func (e Evidence) String() string {
	if e == 0 {
		return "none"
	}
	var names []string
	for i, name := range evidenceNames {
		if e&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	if rest := e &^ allEvidence; rest != 0 {
		names = append(names, fmt.Sprintf("Evidence(%d)", uint8(rest)))
	}
	return strings.Join(names, "|")
}

// MarshalText returns the text of [Evidence.String].
func (e Evidence) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the text of [Evidence.String].
func (e *Evidence) UnmarshalText(text []byte) error {
	var read Evidence
	if string(text) != "none" {
		for name := range strings.SplitSeq(string(text), "|") {
			i := slices.Index(evidenceNames, name)
			switch {
			case i < 0:
				return fmt.Errorf("conformance: evidence %q is none of %s", name, strings.Join(evidenceNames, ", "))
			case read&(1<<i) != 0:
				return fmt.Errorf("conformance: evidence %q is given twice; give it once", name)
			}
			read |= 1 << i
		}
	}
	*e = read
	return nil
}

// Says is what the sources say about one certificate. If the certificate names
// two responders or two CRLs, or the responder says different things by GET and
// by POST, the fields that begin with Next are the second. Zero evidence is
// Absent.
type Says struct{ Staple, OCSP, NextOCSP, CRL, NextCRL Evidence }

// readings returns every combination of single readings.
func (s Says) readings() []Says {
	all := make([]Says, 1, 4)
	expand := func(e Evidence, field func(*Says) *Evidence) {
		if e == 0 {
			e = Absent
		}
		begun := len(all)
		for one := range e.readings() {
			for _, says := range all[:begun] {
				*field(&says) = one
				all = append(all, says)
			}
		}
		all = all[begun:]
	}
	expand(s.Staple, func(s *Says) *Evidence { return &s.Staple })
	expand(s.OCSP, func(s *Says) *Evidence { return &s.OCSP })
	expand(s.NextOCSP, func(s *Says) *Evidence { return &s.NextOCSP })
	expand(s.CRL, func(s *Says) *Evidence { return &s.CRL })
	expand(s.NextCRL, func(s *Says) *Evidence { return &s.NextCRL })
	return all
}

// String returns the evidence of staple, OCSP, second OCSP, CRL and second CRL,
// separated by spaces.
func (s Says) String() string {
	return fmt.Sprint(s.Staple, " ", s.OCSP, " ", s.NextOCSP, " ", s.CRL, " ", s.NextCRL)
}

// parse reads the text of String.
func (s *Says) parse(text string) error {
	fields := strings.Fields(text)
	all := []*Evidence{&s.Staple, &s.OCSP, &s.NextOCSP, &s.CRL, &s.NextCRL}
	if len(fields) != len(all) {
		return fmt.Errorf("conformance: %q has %d fields, want %d", text, len(fields), len(all))
	}
	for i, e := range all {
		if err := e.UnmarshalText([]byte(fields[i])); err != nil {
			return err
		}
	}
	return nil
}

// with returns s with further readings.
func (s Says) with(also Says) Says {
	return Says{
		Staple: s.Staple | also.Staple, OCSP: s.OCSP | also.OCSP, NextOCSP: s.NextOCSP | also.NextOCSP,
		CRL: s.CRL | also.CRL, NextCRL: s.NextCRL | also.NextCRL,
	}
}
