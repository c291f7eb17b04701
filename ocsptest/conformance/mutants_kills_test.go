package conformance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const killsFile = "mutants.txt"

// Kills are the cases that each mutant fails under each of its policies, by the
// text of the pair.
type kills map[string][]string

const failedByNone = "failed by no mutant, because real clients differ:"

// text returns the text of mutants.txt. A mutant that fails one case in five says
// little about each of them, so they are only counted.
func (k kills) text() string {
	names := caseNames()
	blunt := len(names) / 5
	var text strings.Builder
	sharp := make(kills)
	for _, key := range slices.Sorted(maps.Keys(k)) {
		fmt.Fprintf(&text, "%s:\n", key)
		if len(k[key]) >= blunt {
			fmt.Fprintf(&text, "\t%s\n", byGroup(k[key]))
			continue
		}
		sharp[key] = k[key]
		for _, name := range k[key] {
			fmt.Fprintf(&text, "\t%s\n", name)
		}
	}
	fmt.Fprintln(&text, failedByNone)
	caught := sharp.sharpest()
	for _, name := range names {
		if caught[name] == "" {
			fmt.Fprintf(&text, "\t%s\n", name)
		}
	}
	return text.String()
}

// readKills reads mutants.txt, without the mutants whose cases are only counted.
func readKills(t *testing.T) kills {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", killsFile))
	if err != nil {
		t.Fatal(err)
	}
	listed, _, found := strings.Cut(string(text), failedByNone)
	if !found {
		t.Fatalf("%s does not end with the cases that no mutant fails", killsFile)
	}
	k := make(kills)
	var key string
	for line := range strings.Lines(listed) {
		name, indented := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case !indented:
			key = strings.TrimSuffix(name, ":")
		case strings.Contains(name, "/"): // else it is a count
			k[key] = append(k[key], name)
		}
	}
	return k
}

// sharpest returns, for each case, the mutant that fails it and fewest others.
func (k kills) sharpest() map[string]string {
	of := make(map[string]string)
	for _, key := range slices.Sorted(maps.Keys(k)) {
		for _, name := range k[key] {
			if best, ok := of[name]; !ok || len(k[key]) < len(k[best]) {
				of[name] = key
			}
		}
	}
	return of
}

func caseNames() (names []string) {
	for c := range Cases() {
		names = append(names, c.Name)
	}
	return names
}

// byGroup counts names by group.
func byGroup(names []string) string {
	var groups []string
	count := make(map[string]int)
	for _, name := range names {
		group, _, _ := strings.Cut(name, "/")
		if count[group]++; count[group] == 1 {
			groups = append(groups, group)
		}
	}
	for i, group := range groups {
		groups[i] = fmt.Sprintf("%d %s", count[group], group)
	}
	return strings.Join(groups, ", ")
}

// isOpen reports whether both outcomes are right wherever a client looks at
// nothing else than what the case is about, so that no client can get it wrong.
func (c Case) isOpen() bool {
	closed := Policy{Sources: c.Sources, Persistent: true, MustStaple: c.Feature != 0, Chain: c.scenario.intermediate}
	open := closed
	open.Tolerates = FailOpen
	return closed.judge(c).verdict == Either || open.judge(c).verdict == Either
}
