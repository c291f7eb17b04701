package conformance

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// A Result is what a client did in one case, and what was wanted.
type Result struct {
	Case     Case
	Want     Verdict
	Because  string // why
	Got      Outcome
	Severity Severity // of a wrong outcome; NoSeverity if it is right
	Err      error    // of the client; nil if it accepted
	Took     time.Duration
	Saw      []string // what the server and the responders saw, if the outcome is wrong

	// Known is the reason that WithKnownFailures gives for a wrong outcome, and
	// New is set if the case is in a newer set than WithSet names. Neither
	// counts as a failure.
	Known string
	New   bool

	// Fixed is set for a known failure that passed. It counts as a failure,
	// because the list is wrong.
	Fixed bool

	when    string // " at the first connection"; "" if there is only one
	unasked bool   // it accepted, and did not ask the responder, which alone says good
}

// Failed reports whether the result fails a run.
func (r Result) Failed() bool {
	return r.Fixed || r.Severity != NoSeverity && r.Known == "" && !r.New
}

// A Report is the result of a run: a [Result] for each case that the policy can
// tell from a control, in the order of the catalogue.
type Report struct {
	Policy  Policy
	Results []Result

	// LeftOut is the number of cases that the policy cannot tell from a control,
	// because they are about a source that it does not look at.
	LeftOut int

	// Broken is the control that failed; nil if they passed. If it is set, the
	// other cases were not run, because they would only show that the client is
	// not connected properly.
	Broken *Result
}

// Failures returns the results that fail the run, the most severe first.
func (r *Report) Failures() []Result {
	var out []Result
	for _, result := range r.Results {
		if result.Failed() {
			out = append(out, result)
		}
	}
	slices.SortStableFunc(out, func(a, b Result) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return out
}

// rank sorts severities: what matters most comes first.
func rank(s Severity) int {
	return slices.Index([]Severity{Security, Liveness, Availability, Strictness, NoSeverity}, s)
}

// Count returns how many failures have a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, result := range r.Results {
		if result.Failed() && result.Severity == s {
			n++
		}
	}
	return n
}

// Sum returns the report in one line: the holes by name, then the counts by
// severity.
func (r *Report) Sum() string {
	if r.Broken != nil {
		return fmt.Sprintf("the control %s failed, so no other case was run", r.Broken.Case.Name)
	}
	judged := 0
	var holes []string
	right := make(map[Severity]int) // of each severity that a wrong outcome would have
	wrong := make(map[Severity]int)
	for _, result := range r.Results {
		if result.Got != UnsupportedOutcome {
			judged++
		}
		_, _, s := r.Policy.Judge(result.Case)
		if result.Failed() {
			wrong[result.Severity]++
		} else {
			right[s]++
		}
		if result.Failed() && result.Severity == Security {
			holes = append(holes, result.Case.Name)
		}
	}
	var b strings.Builder
	switch {
	case wrong[Security] > 0 && right[Security] == 0:
		b.WriteString("checks nothing: ")
	case wrong[Availability] > 0 && right[Availability] == 0:
		b.WriteString("refuses everything: ")
	}
	const shown = 5
	switch n := len(holes); {
	case n == 0:
		b.WriteString("no holes")
	case n == 1:
		fmt.Fprintf(&b, "1 hole (%s)", holes[0])
	case n <= shown:
		fmt.Fprintf(&b, "%d holes (%s)", n, strings.Join(holes, ", "))
	default:
		fmt.Fprintf(&b, "%d holes (%s and %d more)", n, strings.Join(holes[:shown], ", "), n-shown)
	}
	for _, s := range []Severity{Liveness, Availability, Strictness} {
		fmt.Fprintf(&b, ", %d %s", wrong[s], s)
	}
	fmt.Fprintf(&b, "; %d of %d cases judged under %v", judged, judged+r.LeftOut, r.Policy)
	return b.String()
}

// WriteText writes the report for a person: the failures, gathered by their
// cause, the sums by group, and the sum in one line.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	if r.Broken != nil {
		fmt.Fprintf(&b, "%v\n\n", &CaseError{*r.Broken, r.Policy})
		fmt.Fprintf(&b, "%s\n", r.Sum())
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, cause := range r.causes() {
		fmt.Fprintf(&b, "%s: %s\n", cause.severity, cause.text)
		for _, name := range cause.names {
			fmt.Fprintf(&b, "    %s\n", name)
		}
	}
	if fits := r.Fit(); len(fits) > 0 {
		fmt.Fprintf(&b, "\nThese outcomes fit %v better (%d wrong) than the policy given (%d wrong).\n",
			fits[0], r.wrongUnder(fits[0]), r.wrongUnder(r.Policy))
	}
	fmt.Fprintf(&b, "\n%s\n", r.Sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// A cause is what several failures have in common: the severity, the outcome
// and the client's error.
type cause struct {
	severity Severity
	text     string
	names    []string
}

func (r *Report) causes() []cause {
	var out []cause
	for _, f := range r.Failures() {
		text := fmt.Sprintf("%s; want %s", f.Got, f.Want)
		if f.Fixed {
			text = "a known failure that passes now; take it off the list"
		} else if f.Err != nil {
			text += ": " + f.Err.Error()
		}
		i := slices.IndexFunc(out, func(c cause) bool { return c.severity == f.Severity && c.text == text })
		if i < 0 {
			i = len(out)
			out = append(out, cause{severity: f.Severity, text: text})
		}
		out[i].names = append(out[i].names, f.Case.Name)
	}
	return out
}
