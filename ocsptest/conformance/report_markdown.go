package conformance

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the report for the summary of a CI job: the sum, a table
// by group, and the failures.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### ocsplab, policy `%v`, set %s\n\n%s\n", r.Policy, r.Set, r.Sum())
	if r.Broken != nil {
		fmt.Fprintf(&b, "\n```text\n%v\n```\n", &CaseError{*r.Broken, r.Policy})
		_, err := io.WriteString(w, b.String())
		return err
	}
	b.WriteString("\n| group | cases | security | liveness | availability | strictness |\n|---|--:|--:|--:|--:|--:|\n")
	for _, group := range r.groups() {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d |\n", group.name, group.cases,
			group.wrong[Security], group.wrong[Liveness], group.wrong[Availability], group.wrong[Strictness])
	}
	if failures := r.Failures(); len(failures) > 0 {
		b.WriteString("\n| severity | case | outcome | want | why |\n|---|---|---|---|---|\n")
		for _, f := range failures {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.kind(), f.Case.Name, f.Got, f.Want, cell(f.Because))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type groupSum struct {
	name  string
	cases int
	wrong map[Severity]int
}

// groups returns the sums by group, in the order of the catalogue.
func (r *Report) groups() []groupSum {
	var out []groupSum
	for _, result := range r.Results {
		name, _, _ := strings.Cut(result.Case.Name, "/")
		if n := len(out); n == 0 || out[n-1].name != name {
			out = append(out, groupSum{name: name, wrong: make(map[Severity]int)})
		}
		g := &out[len(out)-1]
		g.cases++
		if result.Failed() {
			g.wrong[result.Severity]++
		}
	}
	return out
}

// cell returns a text for a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) }
