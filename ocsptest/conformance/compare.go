package conformance

import "fmt"

// A Change is a case whose outcome differs between two reports.
type Change struct {
	Case   Case
	Before Outcome // NotRunOutcome if the case is not in the report
	After  Outcome
	Better bool // wrong before, right now
	Worse  bool // right before, wrong now
}

// String returns the change in one line.
func (c Change) String() string {
	mark := " "
	switch {
	case c.Better:
		mark = "+"
	case c.Worse:
		mark = "-"
	}
	return fmt.Sprintf("%s %s: %s, was %s", mark, c.Case.Name, c.After, c.Before)
}

// Compare returns the cases whose outcomes differ, in the order of the
// catalogue: for the same client before and after an upgrade, or for two
// clients.
func Compare(before, after *Report) []Change {
	var out []Change
	was, is := before.byName(), after.byName()
	for c := range Cases() {
		b, inBefore := was[c.Name]
		a, inAfter := is[c.Name]
		if !inBefore && !inAfter || b.Got == a.Got {
			continue
		}
		out = append(out, Change{
			Case: c, Before: b.Got, After: a.Got,
			Better: inBefore && b.Severity != NoSeverity && a.Severity == NoSeverity,
			Worse:  inAfter && a.Severity != NoSeverity && b.Severity == NoSeverity,
		})
	}
	return out
}

func (r *Report) byName() map[string]Result {
	out := make(map[string]Result)
	for _, result := range r.Results {
		out[result.Case.Name] = result
	}
	return out
}
