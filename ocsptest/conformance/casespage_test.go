package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// The policies with a column in CASES.md. Each looks at something that those
// before it do not.
var columns = []struct {
	head, meaning string
	policy        Policy
}{
	{"staple", "the zero Policy, as curl --cert-status: it looks only at the staple, and fails closed", Policy{}},
	{"both", "without a good staple, it asks the responder", Policy{Sources: Staple | OCSP}},
	{"OCSP", "as Java for leaves: it asks the responder", Policy{Sources: OCSP}},
	{"CRL", "it looks only at the CRL", Policy{Sources: CRL}},
	{"open", "it fails open, except for revoked and must-staple certificates", mustFetch},
	{"all", "it looks at everything, and tries every responder and CRL", everything},
}

// TestCasesPage compares CASES.md with the cases. go generate
// ./ocsptest/conformance rewrites it.
func TestCasesPage(t *testing.T) {
	t.Parallel()
	labtest.GoldenFile(t, "CASES.md", casesPage(t))
}

func casesPage(t *testing.T) string {
	cases := slices.Collect(Cases())
	clients := realClients(t)
	var groups []string
	count := make(map[string]int)
	for _, c := range cases {
		group, _, _ := strings.Cut(c.Name, "/")
		if count[group]++; count[group] == 1 {
			groups = append(groups, group)
		}
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Made by go generate ./ocsptest/conformance; do not edit. -->
# The cases

%d servers, each with one fault or one harmless oddity.
`+"`conformance.Run`"+` runs a client against those that are about something that its policy looks at.
What the client must do follows from the policy and from what the sources say:

| column | policy | | cases | definite |
|---|---|---|--:|--:|
`, len(cases))
	for _, column := range columns {
		judged, definite := 0, 0
		for _, c := range cases {
			if c.judges(column.policy) {
				judged++
				if column.policy.judge(c).verdict != Either {
					definite++
				}
			}
		}
		fmt.Fprintf(&b, "| %s | `%v` | %s | %d | %d |\n", column.head, column.policy, column.meaning, judged, definite)
	}
	b.WriteString(`
| mark | meaning |
|---|---|
| ✓ | the client must accept |
| ✗ | the client must reject; if it accepts, an attacker or a revoked certificate can profit |
| (✗) | the client must reject; if it accepts, nobody can profit |
| ~ | both are right: the RFCs leave it open, or real clients differ |
| | the policy does not look at what the case is about |

What the sources say is measured by package verify in the case's own world, with the rules that a response breaks.
"Good or invalid" means that some correct clients read it as good, and some as invalid.
If the name of a case ends in -fetched, nothing is stapled, and the responder sends the response of the case above.
A reference has a level (must, should, may, or no rule) and, in our words, what the document says. What a definition says counts as must.
Where there is no rule, a case goes by what real clients do.
The last column says how many real clients accept, of those that look at what the case is about.
A client does not count in a case whose verdict depends on what the client tolerates.

`)
	b.WriteString("| group | cases |\n|---|--:|\n")
	for _, group := range groups {
		fmt.Fprintf(&b, "| [%s](#%[1]s) | %d |\n", group, count[group])
	}
	var before Case
	for _, c := range cases {
		group, name, _ := strings.Cut(c.Name, "/")
		if !strings.HasPrefix(before.Name, group+"/") {
			fmt.Fprintf(&b, "\n## %s\n\n| case | server | the sources say | reference; known bugs |", group)
			for _, column := range columns {
				fmt.Fprintf(&b, " %s |", column.head)
			}
			fmt.Fprintf(&b, " real clients |\n|---|---|---|---|%s\n", strings.Repeat(":-:|", len(columns)+1))
		}
		doc, refs := cell(c.Doc), cell(strings.Join(append([]string{c.Ref.Text()}, linked(c.Seen)...), "; "))
		if c.Name == before.Name+"-fetched" {
			doc = "the same, fetched"
			if c.Ref == before.Ref {
				refs = ""
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |", name, doc, c.inWords(), refs)
		for _, column := range columns {
			fmt.Fprintf(&b, " %s |", c.mark(column.policy))
		}
		fmt.Fprintf(&b, " %s |\n", clients[c.Name])
		before = c
	}
	return b.String()
}

// mark returns the mark of what a client must do in a case.
func (c Case) mark(p Policy) string {
	if !c.judges(p) {
		return ""
	}
	switch want, _, severity := p.Judge(c); {
	case want == Either:
		return "~"
	case want == Accept:
		return "✓"
	case severity == Strictness:
		return "(✗)"
	}
	return "✗"
}

// inWords returns what the sources say in a case, at the first connection and
// then at the second, and the rules that are broken.
func (c Case) inWords() string {
	text := c.Leaf.inWords()
	if fine := (Says{Absent, Good, Absent, Good, Absent}); c.Issuer != fine {
		text += "; of the intermediate: " + c.Issuer.inWords()
	}
	if c.First != nil && c.First.Leaf != c.Leaf {
		text = "first " + c.First.Leaf.inWords() + ", then " + text
	}
	if c.Untrusted {
		text += "; the root is not trusted"
	}
	if len(c.Rules) > 0 {
		text += fmt.Sprintf(" %v", c.Rules)
	}
	return text
}

// inWords returns what the sources say, without those that are absent.
func (s Says) inWords() string {
	var parts []string
	add := func(source string, first, next Evidence) {
		if first == Absent && next == Absent {
			return
		}
		text := source + " " + strings.ReplaceAll(first.String(), "|", " or ")
		if next != Absent {
			text += ", the second " + strings.ReplaceAll(next.String(), "|", " or ")
		}
		parts = append(parts, text)
	}
	add("staple", s.Staple, Absent)
	add("OCSP", s.OCSP, s.NextOCSP)
	add("CRL", s.CRL, s.NextCRL)
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// realClients returns how many real clients accept a case, such as "3 of 18", by
// the case's name. TestProfiles of package interop writes the file. Each of its
// lines has the name of a case, how many accepted, and how many were run.
func realClients(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash("../../internal/interop/testdata/profiles/summary.txt"))
	if err != nil {
		t.Fatal(err)
	}
	clients := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var name string
		var accepted, all int
		if _, err := fmt.Sscan(line, &name, &accepted, &all); err != nil || accepted > all {
			t.Fatalf("summary.txt: %q is not a name and two numbers: %v", line, err)
		}
		if _, ok := Lookup(name); !ok {
			t.Errorf("summary.txt: there is no case %s", name)
		}
		clients[name] = fmt.Sprintf("%d of %d", accepted, all)
	}
	return clients
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
