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
	Case Case
	Got  Verdict
	Err  error // the client's; nil if it accepted

	did, want string
	stack     []string // if it panicked: its calls, innermost first
	reports   []string // of the server and the responders
}

// An expectation is what a client must do with one connection.
type expectation struct {
	verdict    Verdict
	request    bool   // if it accepts, it must have asked a responder about the leaf
	connection string // " at the first connection"; "" if there is only one
	deadline   time.Duration
}

// judge compares what a client did with what it should do.
func (c Case) judge(w *world, want expectation, got outcome) error {
	e := &CaseError{Case: c, Got: got.verdict, Err: got.err, want: want.verdict.String()}
	notApplicable := c.scenario.notApplicable
	switch {
	case got.verdict == Hung:
		if want.verdict == Either {
			e.want = "accept or reject"
		}
	case notApplicable != nil && notApplicable(w.leafRequests()):
		return nil
	case want.verdict != Either && got.verdict != want.verdict:
	case want.request && got.verdict == Accept && len(w.leafRequests()) == 0:
		e.want = "a request to the responder first"
	default:
		return nil
	}
	e.did = outcomeVerb(got, want.deadline) + want.connection
	if p, ok := got.err.(*panicError); ok {
		e.stack = p.stack
	}
	w.server.Close()
	e.reports = []string{w.server.Report()}
	for _, r := range w.responders() {
		e.reports = append(e.reports, r.Report())
	}
	return e
}

func outcomeVerb(got outcome, deadline time.Duration) string {
	_, panicked := got.err.(*panicError)
	switch {
	case got.verdict == Accept:
		return "accepted"
	case got.verdict == Reject:
		return "rejected"
	case panicked:
		return "panicked"
	case got.err == errExited:
		return "did not return"
	}
	return fmt.Sprintf("timed out after %v", deadline)
}

// Unwrap returns the client's error.
func (e *CaseError) Unwrap() error { return e.Err }

// Error returns what the client did and should have done, what is special about
// the server, where the rule is written, and what the server and the responders
// saw.
func (e *CaseError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Case.Name, e.did)
	if e.Err != nil {
		fmt.Fprintf(&b, " (%s)", indented(e.Err.Error()))
	}
	fmt.Fprintf(&b, "; want %s\n", e.want)
	if len(e.stack) > 0 {
		fmt.Fprintf(&b, "    at:     %s\n", strings.Join(e.stack, "\n            "))
	}
	fmt.Fprintf(&b, "    case:   %s\n    ref:    %s\n", e.Case.Doc, e.Case.Ref.Text())
	if len(e.Case.Seen) > 0 {
		fmt.Fprintf(&b, "    bugs:   %s\n", strings.Join(e.Case.Seen, ", "))
	}
	fmt.Fprintf(&b, "    policy: %v", e.Case.policy)
	for _, report := range e.reports {
		b.WriteString("\n    " + indented(strings.TrimPrefix(report, "ocsptest: ")))
	}
	return b.String()
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
		default:
			e.stack = append(e.stack, fmt.Sprintf("%s:%d %s", filepath.Base(frame.File), frame.Line, filepath.Base(frame.Function)))
		}
		if !more {
			return e
		}
	}
}
