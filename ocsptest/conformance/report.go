package conformance

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"regexp"
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
	Slow     bool // it returned between the times of WithDeadline and WithHangDeadline

	// If the outcome is wrong, Saw is what the server and the responders saw, and
	// Files are what the client may have got from them: response.der, crl.der and
	// chain.pem.
	Saw   []string
	Files map[string][]byte

	// Known is the reason that WithKnownFailures gives for a wrong outcome, and
	// New is set if the case is in a newer set than WithSet names. Neither
	// counts as a failure.
	Known string
	New   bool

	// Fixed is set for a known failure that passed. It counts as a failure,
	// because the list is wrong.
	Fixed bool

	when    string // " at the first connection"; "" if there is only one
	unasked bool   // it accepted, and did not ask the only source that says good
	excused bool   // the case does not apply to the client
}

// Attributes returns what is most important about a result, for testing.T.Attr
// or for Ginkgo's AddReportEntry: case, ref, want, got and severity.
func (r Result) Attributes() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_ = yield("case", r.Case.Name) && yield("ref", r.Case.Ref.String()) && yield("want", r.Want.String()) &&
			yield("got", r.Got.String()) && yield("severity", r.Severity.String())
	}
}

// excuse returns why the case does not apply to the client.
func (r Result) excuse() string {
	if r.Err != nil && r.Got == UnsupportedOutcome {
		return r.Err.Error()
	}
	return "its requests leave nothing to judge"
}

// kind returns the severity of a failure, or "fixed".
func (r Result) kind() string {
	if r.Fixed {
		return "fixed"
	}
	return r.Severity.String()
}

// Failed reports whether the result fails a run.
func (r Result) Failed() bool {
	return r.Fixed || r.Severity != NoSeverity && r.Known == "" && !r.New
}

// A Report is the result of a run: a [Result] for each case that was run, in the
// order of the catalogue.
type Report struct {
	Policy  Policy
	Set     string // that of WithSet, or the newest; cases of newer sets do not count
	Results []Result

	// LeftOut is the number of cases about what the policy does not look at.
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

// sort sorts the results as the catalogue does.
func (r *Report) sort() {
	order := make(map[string]int)
	for c := range Cases() {
		order[c.Name] = len(order)
	}
	slices.SortFunc(r.Results, func(a, b Result) int { return cmp.Compare(order[a.Case.Name], order[b.Case.Name]) })
}

// Sum returns the report in one line: the holes, which are the failures of severity
// [Security], by name; the counts of the others; and a score from 0 to 100.
func (r *Report) Sum() string {
	if r.Broken != nil {
		return fmt.Sprintf("%s: it failed %s, so no other case was run", r.brokenBy(), r.Broken.Case.Name)
	}
	t := r.tally()
	var b strings.Builder
	switch {
	case t.checksNothing():
		b.WriteString("checks nothing: ")
	case t.refusesEverything():
		b.WriteString("refuses everything: ")
	}
	const shown = 3
	switch n := len(t.holes); {
	case n == 0:
		b.WriteString("no holes")
	case n == 1:
		fmt.Fprintf(&b, "1 hole (%s)", t.holes[0])
	case n <= shown:
		fmt.Fprintf(&b, "%d holes (%s)", n, strings.Join(t.holes, ", "))
	default:
		fmt.Fprintf(&b, "%d holes (%s and %d more)", n, strings.Join(t.holes[:shown], ", "), n-shown)
	}
	for _, more := range []struct {
		n    int
		what string
	}{
		{t.failed[Liveness], "liveness"}, {t.failed[Availability], "availability"}, {t.failed[Strictness], "strictness"},
		{t.fixed, "known and passed"}, {t.known, "known"}, {t.newer, "in newer sets"},
	} {
		if more.n > 0 {
			fmt.Fprintf(&b, ", %d %s", more.n, more.what)
		}
	}
	fmt.Fprintf(&b, "; score %.0f; %d cases judged under %v (set %s)", t.score(), t.judged, r.Policy, r.Set)
	return b.String()
}

// brokenBy says what it means that a control failed.
func (r *Report) brokenBy() string {
	switch {
	case r.Broken.Got == Accepted:
		return "checks nothing"
	case r.Broken.Got == Rejected:
		return "refuses everything"
	}
	return "could not be judged"
}

// A tally counts the outcomes of a report.
type tally struct {
	judged              int
	holes               []string         // failures of Security
	failed              map[Severity]int // that fail the run
	wrong, right        map[Severity]int // also known and new ones, without the controls
	fixed, known, newer int
}

func (r *Report) tally() tally {
	t := tally{failed: make(map[Severity]int), wrong: make(map[Severity]int), right: make(map[Severity]int)}
	for _, result := range r.Results {
		if result.excused {
			continue
		}
		t.judged++
		s := result.Severity
		switch {
		case result.Fixed:
			t.fixed++
		case s == NoSeverity:
		case result.Known != "":
			t.known++
		case result.New:
			t.newer++
		default:
			t.failed[s]++
			if s == Security {
				t.holes = append(t.holes, result.Case.Name)
			}
		}
		if result.Case.isControl() {
			continue // all clients that get here passed them
		}
		if s != NoSeverity {
			t.wrong[s]++
		} else if _, _, s := r.Policy.Judge(result.Case); s != NoSeverity {
			t.right[s]++
		}
	}
	return t
}

func (t tally) checksNothing() bool { return t.wrong[Security] > 1 && t.right[Security] == 0 }
func (t tally) refusesEverything() bool {
	return t.wrong[Availability] > 1 && t.right[Availability] == 0
}

// score returns 100 for a client without a wrong outcome, and 0 for one that
// accepts everything or refuses everything. It is a product, because nothing
// makes up for either.
func (t tally) score() float64 {
	rate := func(s Severity, atLeast int) float64 {
		if t.wrong[s] == 0 {
			return 0
		}
		return float64(t.wrong[s]) / float64(max(t.wrong[s]+t.right[s], atLeast))
	}
	const few = 20 // two of two wrong pedantries are not all
	return 100 * (1 - rate(Security, 1)) * (1 - rate(Availability, 1)) *
		(1 - rate(Strictness, few)/4) * (1 - rate(Liveness, few)/4)
}

// WriteText writes the report for a person: the failures, gathered by their
// cause, what was slow, and [Report.Sum].
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	if r.Broken != nil {
		fmt.Fprintf(&b, "%v\n\n%s\n", &CaseError{*r.Broken, r.Policy}, r.Sum())
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, cause := range r.causes() {
		fmt.Fprintf(&b, "%s:\n", cause.text)
		for _, name := range cause.names {
			fmt.Fprintf(&b, "    %s\n", name)
		}
	}
	for _, result := range r.Results {
		if result.Slow {
			fmt.Fprintf(&b, "slow: %s: %s after %v\n", result.Case.Name, result.Got, result.Took.Round(time.Second))
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s%s\n", r.fitText(), r.Sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// A cause is what several failures have in common: the severity, the outcome
// and the client's error.
type cause struct {
	text  string
	names []string
}

// causes gathers the failures by their cause, the most severe first.
func (r *Report) causes() []cause {
	var out []cause
	for _, f := range r.Failures() {
		text := f.cause()
		i := slices.IndexFunc(out, func(c cause) bool { return c.text == text })
		if i < 0 {
			i = len(out)
			out = append(out, cause{text: text})
		}
		out[i].names = append(out[i].names, f.Case.Name)
	}
	return out
}

// cause returns what a failure shares with others. Addresses, numbers and dates
// in the client's error differ from case to case.
func (r Result) cause() string {
	if r.Fixed {
		return "known failures that pass now; take them off the list"
	}
	text := fmt.Sprintf("%v: %s, want %s", r.Severity, r.did(), r.wanted())
	if r.Err != nil {
		text += " (" + varying.ReplaceAllString(r.Err.Error(), "…") + ")"
	}
	return text
}

var varying = regexp.MustCompile(`(https?://)?127\.0\.0\.1:\d+[^\s":]*|\b[0-9a-f]{16,}\b|\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[ +-][\d:]+)?`)
