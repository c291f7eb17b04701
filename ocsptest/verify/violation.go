package verify

import (
	"fmt"
	"strings"
)

// A Violation is one thing that is wrong with an OCSP response or with CRLs.
// [errors.As] finds it in the error of [Response] and of [CRLs].
type Violation struct {
	Rule   Rule
	Ref    string // where the rule is written: "RFC 6960 4.2.2.2"
	Detail string // what is wrong
}

// Error returns the rule, what is wrong, and where the rule is written.
func (v *Violation) Error() string { return fmt.Sprintf("%s: %s (%s)", v.Rule, v.Detail, v.Ref) }

// Violations are all that is wrong with an OCSP response, or with CRLs.
type Violations []*Violation

// Error returns all violations in one line.
func (all Violations) Error() string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = v.Error()
	}
	what := "OCSP response"
	if len(all) > 0 && strings.HasPrefix(string(all[0].Rule), crlPrefix) {
		what = "CRL"
	}
	return "verify: " + what + ": " + strings.Join(texts, "; ")
}

const crlPrefix = "crl-" // of the rules about CRLs

// Unwrap returns the violations, for errors.Is and errors.As.
func (all Violations) Unwrap() []error {
	errs := make([]error, len(all))
	for i, v := range all {
		errs[i] = v
	}
	return errs
}

// err returns all as an error, or nil if there are none.
func (all Violations) err() error {
	if len(all) == 0 {
		return nil
	}
	return all
}

func (all *Violations) add(r Rule, format string, args ...any) {
	*all = append(*all, &Violation{r, r.Ref(), fmt.Sprintf(format, args...)})
}
