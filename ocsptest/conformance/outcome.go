package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Outcome is what a client did in a case.
type Outcome int

const (
	// NotRunOutcome means that the client could not be run, or returned nil without
	// having connected.
	NotRunOutcome Outcome = iota
	// Accepted means that the client finished the handshake and went on.
	Accepted
	// Rejected means that the client rejected the server.
	Rejected
	// Hung means that the client did not return before its deadline.
	Hung
	// Panicked means that the client panicked.
	Panicked
	// UnsupportedOutcome means that the client cannot be judged by the case.
	UnsupportedOutcome
)

var outcomeNames = []string{"not-run", "accept", "reject", "hung", "panicked", "unsupported"}

// String returns "accept", "reject", "hung", "panicked", "not-run" or
// "unsupported".
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("Outcome(%d)", int(o))
	}
	return outcomeNames[o]
}

// MarshalText returns the text of [Outcome.String].
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// parseOutcome reads the text of String.
func parseOutcome(text string) (Outcome, error) {
	if i := slices.Index(outcomeNames, text); i >= 0 {
		return Outcome(i), nil
	}
	return 0, fmt.Errorf("conformance: outcome %q is none of %s", text, strings.Join(outcomeNames, ", "))
}

// isRight reports whether an outcome is among those that are wanted.
func (o Outcome) isRight(want Verdict) bool {
	switch o {
	case Accepted:
		return want&Accept != 0
	case Rejected:
		return want&Reject != 0
	}
	return false
}

type notRunError struct{ error }

func (e notRunError) Unwrap() error { return e.error }

type unsupportedError string

func (e unsupportedError) Error() string { return "unsupported: " + string(e) }

// NotRun returns an error for a [Client] to return if it could not be run, such as
// a command that is not installed. It does not count as a rejection.
func NotRun(err error) error {
	if err == nil {
		err = errors.New("the client was not run")
	}
	return notRunError{err}
}

// Unsupported returns an error for a [Client] to return if it lacks what the case
// is about, such as TLS 1.2. The case does not count then.
func Unsupported(why string) error { return unsupportedError(why) }
