package conformance

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// A CaseError is a case that a client got wrong.
type CaseError struct {
	Result Result
	Policy Policy
}

// Unwrap returns the client's error.
func (e *CaseError) Unwrap() error { return e.Result.Err }

// Error returns what the client did and should have done, how severe that is and
// why, what is special about the server, which place decides the case, and what
// the server and the responders saw.
func (e *CaseError) Error() string {
	r := e.Result
	c := r.Case
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s%s", c.Name, r.did(), r.when)
	if r.Fixed {
		b.WriteString(", a known failure that passes now; take it off the list")
		return b.String()
	}
	if r.Err != nil {
		fmt.Fprintf(&b, " (%s)", indented(r.Err.Error()))
	}
	fmt.Fprintf(&b, "; want %s\n", r.wanted())
	if p, ok := r.Err.(*panicError); ok && len(p.stack) > 0 {
		fmt.Fprintf(&b, "    at:     %s\n", strings.Join(p.stack, "\n            "))
	}
	fmt.Fprintf(&b, "    case:   %s\n    why:    %s (%v)\n    ref:    %s\n", c.Doc, r.Because, r.Severity, c.Ref.Text())
	if len(c.Seen) > 0 {
		fmt.Fprintf(&b, "    bugs:   %s\n", strings.Join(c.Seen, ", "))
	}
	fmt.Fprintf(&b, "    policy: %v", e.Policy)
	for _, report := range r.Saw {
		b.WriteString("\n    " + indented(strings.TrimPrefix(report, "ocsptest: ")))
	}
	return b.String()
}

// wanted returns what was wanted.
func (r Result) wanted() string {
	switch {
	case r.unasked:
		return "a request to the responder first"
	case r.Want == Either:
		return "accept or reject"
	}
	return r.Want.String()
}

// did returns what the client did.
func (r Result) did() string {
	switch r.Got {
	case Accepted:
		return "accepted"
	case Rejected:
		return "rejected"
	case Hung:
		return "timed out after " + r.Took.Round(time.Second).String()
	case Panicked:
		if r.Err == errExited {
			return "did not return"
		}
		return "panicked"
	case UnsupportedOutcome:
		return "unsupported"
	}
	return "was not run"
}

func indented(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") }

// errExited is the error of a client that ended its goroutine.
var errExited = errors.New("it ended its goroutine, as t.FailNow does; return an error instead")

// A panicError is a client's panic.
type panicError struct {
	value any
	stack []string // the client's calls, innermost first
}

func (e *panicError) Error() string { return fmt.Sprint(e.value) }

// newPanicError must be called by the deferred function that recovers.
func newPanicError(value any) *panicError {
	e := &panicError{value: value}
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			e.stack = nil // the client's calls come after runtime.gopanic
		case strings.HasSuffix(frame.Function, "/conformance.call"), !more:
			return e
		case strings.HasSuffix(frame.Function, "/conformance.ClientFunc.Connect"):
		default:
			e.stack = append(e.stack, fmt.Sprintf("%s:%d %s", filepath.Base(frame.File), frame.Line, filepath.Base(frame.Function)))
		}
		if !more {
			return e
		}
	}
}
