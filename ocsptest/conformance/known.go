package conformance

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"
)

// A KnownFailure is a wrong outcome that is known and does not fail a run. The
// case still runs. If the client gets it right, the run fails, so that the list
// stays true, unless accept and reject are both right.
type KnownFailure struct {
	Pattern string // the name of a case, or a pattern of path.Match: "encoding/*"
	Reason  string
	Error   string // text that the client's error must contain; "" for any outcome
}

// WithKnownFailures says which cases the client is known to get wrong. A pattern
// that matches no case of the catalogue is an error.
func WithKnownFailures(known ...KnownFailure) Option {
	return setting{"WithKnownFailures", func(s *suite) error {
		for _, k := range known {
			if err := s.checkPattern(k.Pattern); err != nil {
				return fmt.Errorf("WithKnownFailures: %w", err)
			}
		}
		s.known = append(s.known, known...)
		return nil
	}}
}

// checkPattern returns an error if no case has a name that matches.
func (s *suite) checkPattern(pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return fmt.Errorf("the pattern %q is malformed", pattern)
	}
	for c := range Cases() {
		if (KnownFailure{Pattern: pattern}).matches(c.Name) {
			return nil
		}
	}
	if err := s.checkName(pattern); err != nil {
		return err
	}
	return fmt.Errorf("%q is a group; write \"%s/*\" for its cases", pattern, pattern)
}

// excuse fills in whether a result counts.
func (s *suite) excuse(r *Result) {
	r.New = compareSets(r.Case.Since, s.set) > 0
	if r.excused {
		return
	}
	for _, k := range s.known {
		switch {
		case !k.matches(r.Case.Name):
		case r.Severity == NoSeverity:
			r.Fixed = r.Want != Either
			return
		case k.Error == "" || r.Err != nil && strings.Contains(r.Err.Error(), k.Error):
			r.Known = cmp.Or(k.Reason, "no reason given")
			return
		}
	}
}

// matches reports whether the failure is about a case.
func (k KnownFailure) matches(name string) bool {
	ok, err := path.Match(k.Pattern, name)
	return err == nil && ok
}

// ReadKnownFailures reads a list, one line for each failure: a pattern, a colon,
// a space, and the reason. Empty lines and lines that begin with # are skipped.
//
//	# what x/crypto/ocsp does not show
//	encoding/*: encoding/asn1 accepts more than DER
//	certid/other-issuer: golang/go#81396
func ReadKnownFailures(r io.Reader) ([]KnownFailure, error) {
	var out []KnownFailure
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pattern, reason, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("conformance: known failures, line %d: %q has no reason; write \"name: reason\"", n, line)
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("conformance: known failures, line %d: the pattern %q is malformed", n, pattern)
		}
		out = append(out, KnownFailure{Pattern: pattern, Reason: strings.TrimSpace(reason)})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("conformance: known failures: %w", err)
	}
	return out, nil
}

// KnownFailures returns the failures of the report as a list for
// [WithKnownFailures], each with its severity as the reason.
func (r *Report) KnownFailures() []KnownFailure {
	var out []KnownFailure
	for _, result := range r.Results {
		if result.Severity != NoSeverity && !result.Fixed {
			reason := result.Known
			if reason == "" {
				reason = result.Severity.String()
			}
			out = append(out, KnownFailure{Pattern: result.Case.Name, Reason: reason})
		}
	}
	return out
}
