package conformance

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// evidenceTable holds what the sources say in each case, as package verify judges
// it in the case's own world. TestEvidence measures it, and -update rewrites it.
//
//go:embed evidence.txt
var evidenceTable string

// A measurement is a line of the table. For two connections it has the evidence
// of both.
type measurement struct {
	leaf, issuer           Says
	rules                  []verify.Rule
	two                    bool
	firstLeaf, firstIssuer Says
}

// String returns the measurement as the table has it: the evidence of the leaf,
// that of the issuer, the rules, and the same for a first connection.
func (m measurement) String() string {
	rules := make([]string, len(m.rules))
	for i, r := range m.rules {
		rules[i] = string(r)
	}
	text := m.leaf.String() + "\t" + m.issuer.String() + "\t" + strings.Join(rules, " ")
	if m.two {
		text += "\t" + m.firstLeaf.String() + "\t" + m.firstIssuer.String()
	}
	return text
}

// measured returns the table by the names of the cases.
var measured = sync.OnceValue(func() map[string]measurement {
	table := make(map[string]measurement)
	for line := range strings.Lines(evidenceTable) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		m, err := parseMeasurement(fields[1:])
		if err != nil {
			panic(fmt.Sprintf("conformance: evidence.txt: %s: %v", fields[0], err))
		}
		table[fields[0]] = m
	}
	return table
})

func parseMeasurement(fields []string) (measurement, error) {
	if len(fields) != 3 && len(fields) != 5 {
		return measurement{}, fmt.Errorf("%d fields, want 3 or 5", len(fields))
	}
	m := measurement{two: len(fields) == 5}
	says := map[int]*Says{0: &m.leaf, 1: &m.issuer, 3: &m.firstLeaf, 4: &m.firstIssuer}
	for i, field := range fields {
		if i == 2 {
			for _, rule := range strings.Fields(field) {
				m.rules = append(m.rules, verify.Rule(rule))
			}
		} else if err := says[i].parse(field); err != nil {
			return measurement{}, err
		}
	}
	return m, nil
}
