package conformance

import (
	"fmt"
	"strings"
)

// A Comparison is what differs between two reports.
type Comparison struct {
	// Notes say if the reports have different policies or different sets, one
	// line each. Then not every change is due to the client.
	Notes   []string
	Changes []Change // in the order of the catalogue
}

// String returns the notes and the changes, each in one line, or "" if nothing
// differs.
func (c Comparison) String() string {
	var b strings.Builder
	for _, note := range c.Notes {
		fmt.Fprintf(&b, "%s\n", note)
	}
	for _, change := range c.Changes {
		fmt.Fprintf(&b, "%v\n", change)
	}
	return b.String()
}

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

// Compare compares two reports: about a client before and after an upgrade, or
// about two clients.
func Compare(before, after *Report) Comparison {
	var out Comparison
	note := func(what string, before, after any) {
		if before != after {
			out.Notes = append(out.Notes, fmt.Sprintf("the %s differ: %v, and then %v", what, before, after))
		}
	}
	note("policies", before.Policy, after.Policy)
	note("sets", before.Set, after.Set)
	was, is := before.byName(), after.byName()
	for c := range Cases() {
		b, inBefore := was[c.Name]
		a, inAfter := is[c.Name]
		if !inBefore && !inAfter || b.Got == a.Got {
			continue
		}
		out.Changes = append(out.Changes, Change{
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
