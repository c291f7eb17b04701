package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// The policies with a column in CASES.md. Each checks something that those before
// it do not.
var columns = []struct {
	head, meaning string
	policy        conformance.Policy
}{
	{
		head:    "soft",
		meaning: "the zero Policy: it checks staples, and fails open",
		policy:  conformance.Policy{},
	},
	{
		head:    "hard",
		meaning: "HardFail: it accepts only certificates that it knows to be good",
		policy:  conformance.Policy{HardFail: true},
	},
	{
		head:    "fetch",
		meaning: "HardFail, Fetch: without a good staple, it asks the responder",
		policy:  conformance.Policy{HardFail: true, Fetch: true},
	},
	{
		head:    "crl",
		meaning: "HardFail, Fetch, CRL: if the responder does not decide, it looks at the CRL",
		policy:  conformance.Policy{HardFail: true, Fetch: true, CRL: true},
	},
	{
		head:    "must",
		meaning: "MustStaple: it fails open, except for must-staple certificates",
		policy:  conformance.Policy{MustStaple: true},
	},
	{
		head:    "chain",
		meaning: "HardFail, Fetch, CRL, Chain: it also checks the intermediate",
		policy:  conformance.Policy{HardFail: true, Fetch: true, CRL: true, Chain: true},
	},
}

var marks = map[conformance.Verdict]string{conformance.Either: "~", conformance.Accept: "✓", conformance.Reject: "✗"}

// TestCasesPage compares CASES.md with the cases. go generate
// ./ocsptest/conformance rewrites it.
func TestCasesPage(t *testing.T) {
	t.Parallel()
	labtest.GoldenFile(t, "CASES.md", casesPage())
}

func casesPage() string {
	var byColumn [][]conformance.Case // in the same order in each column
	for _, column := range columns {
		byColumn = append(byColumn, slices.Collect(conformance.Cases(column.policy)))
	}
	var groups []string
	count := make(map[string]int)
	for _, c := range byColumn[0] {
		group, _, _ := strings.Cut(c.Name, "/")
		if count[group]++; count[group] == 1 {
			groups = append(groups, group)
		}
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Made by go generate ./ocsptest/conformance; do not edit. -->
# The cases

%d servers, each with one fault or one harmless oddity.
`+"`conformance.Run`"+` runs a client against all of them. What the client must do depends on its policy:

| column | policy |
|---|---|
`, len(byColumn[0]))
	for _, column := range columns {
		fmt.Fprintf(&b, "| %s | %s |\n", column.head, column.meaning)
	}
	b.WriteString(`
✓ means accept, and ✗ means reject. ~ means either: the RFCs leave it open, or real clients differ.
If the name of a case ends in -fetched, nothing is stapled, and the responder sends the response of the case above.
A reference has a level (must, should, may, or no rule) and, in our words, what the document says. What a definition says counts as must.
Where there is no rule, a case goes by what real clients do.

`)
	b.WriteString("| group | cases |\n|---|---|\n")
	for _, group := range groups {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %d |\n", group, count[group])
	}
	var before conformance.Case
	for i, c := range byColumn[0] {
		group, name, _ := strings.Cut(c.Name, "/")
		if !strings.HasPrefix(before.Name, group+"/") {
			fmt.Fprintf(&b, "\n## %s\n\n| case | server | reference; known bugs |", group)
			for _, column := range columns {
				fmt.Fprintf(&b, " %s |", column.head)
			}
			fmt.Fprintf(&b, "\n|---|---|---|%s\n", strings.Repeat(":-:|", len(columns)))
		}
		doc, refs := cell(c.Doc), cell(strings.Join(append([]string{c.Ref.Text()}, linked(c.Seen)...), "; "))
		if c.Name == before.Name+"-fetched" {
			doc = "the same, fetched"
			if c.Ref == before.Ref {
				refs = ""
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", name, doc, refs)
		for _, cases := range byColumn {
			fmt.Fprintf(&b, " %s |", marks[cases[i].Want])
		}
		b.WriteByte('\n')
		before = c
	}
	return b.String()
}

// linked replaces issues on GitHub with links.
func linked(issues []string) []string {
	out := slices.Clone(issues)
	for i, issue := range out {
		if repository, number, ok := strings.Cut(issue, "#"); ok && strings.Count(repository, "/") == 1 {
			out[i] = fmt.Sprintf("[%s](https://github.com/%s/issues/%s)", issue, repository, number)
		}
	}
	return out
}

// cell escapes text for a table.
func cell(text string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) }
