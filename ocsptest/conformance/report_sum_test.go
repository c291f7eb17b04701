package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A synthetic client does in each case what a function says. It passes the
// controls.
type synthetic struct {
	name string
	does func(c Case, p Policy, right Outcome) Outcome
}

func syntheticClients() []synthetic {
	ignoring := func(rule verify.Rule) func(Case, Policy, Outcome) Outcome {
		return func(c Case, _ Policy, right Outcome) Outcome {
			if len(c.Rules) == 1 && c.Rules[0] == rule {
				return Accepted
			}
			return right
		}
	}
	return []synthetic{
		{"is right", func(_ Case, _ Policy, right Outcome) Outcome { return right }},
		{"checks nothing", func(Case, Policy, Outcome) Outcome { return Accepted }},
		{"refuses everything", func(Case, Policy, Outcome) Outcome { return Rejected }},
		{"one hole: the serial number", ignoring(verify.RuleCertIDSerial)},
		{"one hole: the delegate's extended key usage", ignoring(verify.RuleSignerEKU)},
		{"all pedantries", func(c Case, p Policy, right Outcome) Outcome {
			if _, _, s := p.Judge(c); s == Strictness {
				return Accepted
			}
			return right
		}},
		{"hangs", func(c Case, _ Policy, right Outcome) Outcome {
			if c.hangs() {
				return Hung
			}
			return right
		}},
	}
}

// report returns the report about the client.
func (s synthetic) report(p Policy) *Report {
	r := &Report{Policy: p, Set: newestSet}
	for c := range Cases() {
		if !c.judges(p) {
			r.LeftOut++
			continue
		}
		result := Result{Case: c}
		result.Want, result.Because, result.Severity = p.Judge(c)
		right := Accepted
		if result.Want == Reject {
			right = Rejected
		}
		if result.Got = right; !c.isControl() {
			result.Got = s.does(c, p, right)
		}
		switch {
		case result.Got == Hung:
			result.Severity = Liveness
		case result.Got.isRight(result.Want):
			result.Severity = NoSeverity
		}
		r.Results = append(r.Results, result)
	}
	return r
}

// TestSums compares what reports say in one line about clients that do
// everything wrong, or one thing. A client that accepts everything or refuses
// everything scores 0, and one hole is no worse than all pedantries.
func TestSums(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, p := range []Policy{
		{},
		{Sources: Staple | OCSP | CRL, Chain: true},
		{Sources: OCSP, Tolerates: Unreachable},
	} {
		fmt.Fprintf(&text, "# %v\n", p)
		scores := make(map[string]float64)
		for _, client := range syntheticClients() {
			report := client.report(p)
			scores[client.name] = report.tally().score()
			fmt.Fprintf(&text, "%s: %s\n", client.name, report.Sum())
		}
		text.WriteByte('\n')
		if scores["is right"] != 100 || scores["checks nothing"] >= 1 || scores["refuses everything"] >= 1 {
			t.Errorf("under %v: %v", p, scores)
		}
		for _, hole := range []string{"one hole: the serial number", "one hole: the delegate's extended key usage"} {
			if scores[hole] < scores["all pedantries"] {
				t.Errorf("under %v: %s: %v is less than %v of all pedantries", p, hole, scores[hole], scores["all pedantries"])
			}
		}
	}
	labtest.Golden(t, "sums.txt", text.String())
}

// TestFailuresAreSorted shows that holes come first, however many pedantries
// come before them in the catalogue.
func TestFailuresAreSorted(t *testing.T) {
	t.Parallel()
	report := synthetic{"", func(c Case, p Policy, right Outcome) Outcome {
		_, _, s := p.Judge(c)
		switch {
		case s == Strictness, c.Name == "signer/rsa-md5":
			return Accepted
		case c.Name == "certid/good":
			return Rejected
		}
		return right
	}}.report(Policy{})
	var order []Severity
	for _, f := range report.Failures() {
		order = append(order, f.Severity)
	}
	byRank := func(a, b Severity) int { return rank(a) - rank(b) }
	if order[0] != Security || order[len(order)-1] != Strictness || !slices.IsSortedFunc(order, byRank) {
		t.Errorf("%v", order)
	}
}

// TestFit shows that a report finds the policy that a client has, and is silent
// if the policy given is the right one, or no other explains much more.
func TestFit(t *testing.T) {
	t.Parallel()
	right := syntheticClients()[0]
	for _, p := range []Policy{
		{},
		{Tolerates: FailOpen},
		{Sources: OCSP},
		{Sources: Staple | OCSP | CRL, Chain: true, Persistent: true},
		{Sources: OCSP, Tolerates: Unreachable},
		{Sources: CRL, Chain: true},
	} {
		has := right.report(p)
		if fits := has.Fit(); len(fits) > 0 {
			t.Errorf("%v is right, and %v fits better", p, fits)
		}
		// The same client, run under a policy that it does not have.
		given := Policy{Sources: Staple | OCSP | CRL, MustStaple: true}
		wrong := &Report{Policy: given}
		for c := range Cases() {
			r := Result{Case: c, Got: Rejected}
			if p.judge(c).verdict&Accept != 0 {
				r.Got = Accepted
			}
			r.Want, r.Because, r.Severity = given.Judge(c)
			if r.Got.isRight(r.Want) {
				r.Severity = NoSeverity
			}
			wrong.Results = append(wrong.Results, r)
		}
		fits := wrong.Fit()
		if wrong.wrongUnder(given) < 10 {
			continue
		}
		if len(fits) == 0 || wrong.wrongUnder(fits[0]) > 0 {
			t.Errorf("for %v, %v fit", p, fits)
			continue
		}
		// Persistent does not show in a client that always accepts where it may.
		fits[0].Persistent = p.Persistent
		if diff := cmp.Diff(p, fits[0], cmp.Transformer("sources", func(p Policy) string { return p.String() })); diff != "" {
			t.Errorf("%v fits best, not %v", fits[0], p)
		}
	}
}
