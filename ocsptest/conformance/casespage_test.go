package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// The policies that the page has columns for: each sees what those before it do
// not.
var columns = []struct {
	policy        conformance.Policy
	head, meaning string
}{
	{conformance.Policy{}, "soft", "the zero Policy: looks at staples, and fails open"},
	{conformance.Policy{HardFail: true}, "hard", "HardFail: accepts only what it knows to be good"},
	{conformance.Policy{HardFail: true, Fetch: true}, "fetch", "HardFail and Fetch: asks the responder if there is no good staple"},
	{conformance.Policy{HardFail: true, Fetch: true, CRL: true}, "crl", "HardFail, Fetch and CRL: looks at the CRL if the responder has no say"},
	{conformance.Policy{MustStaple: true}, "must", "MustStaple alone: fails open, but for must-staple certificates"},
	{conformance.Policy{HardFail: true, Fetch: true, CRL: true, Chain: true}, "chain", "HardFail, Fetch, CRL and Chain: the same of the intermediate"},
}

// CASES.md is made of the cases: go generate ./ocsptest/conformance writes it.
func TestCasesPage(t *testing.T) {
	t.Parallel()
	labtest.GoldenFile(t, "CASES.md", casesPage())
}

// An entry is a case with its verdicts, one for each column.
type entry struct {
	conformance.Case
	verdicts []conformance.Verdict
}

func casesPage() string {
	var groups []string
	entries := make(map[string][]entry)
	index := make(map[string]int) // in its group
	total := 0
	for i, column := range columns {
		for c := range conformance.Cases(column.policy) {
			group, _, _ := strings.Cut(c.Name, "/")
			if i == 0 {
				if !slices.Contains(groups, group) {
					groups = append(groups, group)
				}
				index[c.Name] = len(entries[group])
				entries[group] = append(entries[group], entry{Case: c})
				total++
			}
			e := &entries[group][index[c.Name]]
			e.verdicts = append(e.verdicts, c.Want)
		}
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Made by go generate ./ocsptest/conformance; do not edit. -->
# The cases

%d servers at each of which one thing is wrong, or seems to be.
`+"`ocsptest.Run`"+` has a client connect to each, and judges it by its policy:

| column | policy |
|---|---|
`, total)
	for _, column := range columns {
		fmt.Fprintf(&b, "| %s | %s |\n", column.head, column.meaning)
	}
	b.WriteString(`
✓ is accept, ✗ is reject, and ~ is either: the RFCs leave it open, or real clients disagree.
A case that ends in -fetched is the one before it, said by the responder to clients that ask; nothing is stapled.

`)
	b.WriteString("| group | cases |\n|---|---|\n")
	for _, group := range groups {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %d |\n", group, len(entries[group]))
	}
	for _, group := range groups {
		fmt.Fprintf(&b, "\n## %s\n\n| case | what | why |", group)
		for _, column := range columns {
			fmt.Fprintf(&b, " %s |", column.head)
		}
		fmt.Fprintf(&b, "\n|---|---|---|%s\n", strings.Repeat(":-:|", len(columns)))
		for i, e := range entries[group] {
			_, name, _ := strings.Cut(e.Name, "/")
			what, why := cell(e.Doc), cell(strings.Join(append([]string{e.Ref}, linked(e.Seen)...), "; "))
			if strings.HasSuffix(name, "-fetched") && i > 0 && e.Name == entries[group][i-1].Name+"-fetched" {
				what, why = "the same, fetched", ""
			}
			fmt.Fprintf(&b, "| %s | %s | %s |", name, what, why)
			for _, v := range e.verdicts {
				fmt.Fprintf(&b, " %s |", map[conformance.Verdict]string{conformance.Either: "~", conformance.Accept: "✓", conformance.Reject: "✗"}[v])
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// linked makes links of issues on GitHub.
func linked(issues []string) []string {
	out := slices.Clone(issues)
	for i, issue := range out {
		if repository, number, ok := strings.Cut(issue, "#"); ok && strings.Count(repository, "/") == 1 {
			out[i] = fmt.Sprintf("[%s](https://github.com/%s/issues/%s)", issue, repository, number)
		}
	}
	return out
}

// cell is a text in a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) }
