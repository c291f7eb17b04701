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

// under returns the report as a run under another policy would give it.
func (r *Report) under(given Policy) *Report {
	out := &Report{Policy: given, Set: r.Set}
	for _, result := range r.Results {
		if !result.Case.judges(given) {
			continue
		}
		result.Want, result.Because, result.Severity = given.Judge(result.Case)
		if result.Got.isRight(result.Want) {
			result.Severity = NoSeverity
		}
		out.Results = append(out.Results, result)
	}
	return out
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
		kinds := wrong.kinds()
		if given.explain(kinds).wrong < 10 {
			continue
		}
		if len(fits) == 0 || fits[0].explain(kinds).wrong > 0 {
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

// TestMistakesAreNoPolicy shows that a report takes missing checks for what they
// are, and names no policy that tolerates invalid responses.
func TestMistakesAreNoPolicy(t *testing.T) {
	t.Parallel()
	ignoring := func(rules ...verify.Rule) func(Case, Policy, Outcome) Outcome {
		return func(c Case, _ Policy, right Outcome) Outcome {
			checked := func(r verify.Rule) bool { return !slices.Contains(rules, r) }
			if len(c.Rules) > 0 && !slices.ContainsFunc(c.Rules, checked) {
				return Accepted
			}
			return right
		}
	}
	signers := ignoring(verify.RuleSignerEKU, verify.RuleSignerIssuer, verify.RuleSignerExpired, verify.RuleSignerEarly, verify.RuleSignerLeaf)
	everySource := Policy{Sources: Staple | OCSP | CRL, Chain: true}
	for _, client := range append(syntheticClients(),
		synthetic{"ignores dates", ignoring(verify.RuleExpired, verify.RuleEarly, verify.RuleAge, verify.RuleUpdateOrder)},
		synthetic{"ignores the CertID", ignoring(verify.RuleCertIDSerial, verify.RuleCertIDName, verify.RuleCertIDKey, verify.RuleCertIDHash)},
		synthetic{"ignores signers", signers},
	) {
		if slices.Contains([]string{"checks nothing", "refuses everything", "all pedantries"}, client.name) {
			continue // they are near another policy
		}
		for _, p := range []Policy{{}, everySource, {Sources: OCSP, Tolerates: Unreachable}} {
			if report := client.report(p); len(report.Fit()) > 0 {
				t.Errorf("%s, under %v: %s", client.name, p, report.fitText())
			}
		}
	}
	// It fails closed, which the run does not expect.
	if report := (synthetic{"", signers}).report(Policy{}).under(Policy{Tolerates: FailOpen}); len(report.Fit()) > 0 {
		t.Errorf("fails closed, and ignores signers: %s", report.fitText())
	}
}

// TestFitOfStatusOnly shows what a report says about a client that believes every
// response that it can read.
func TestFitOfStatusOnly(t *testing.T) {
	t.Parallel()
	report := synthetic{"", func(c Case, _ Policy, right Outcome) Outcome {
		if c.Leaf.Staple == Invalid {
			return Accepted
		}
		return right
	}}.report(Policy{})
	const want = "The outcomes fit the policy sources=staple,tolerates=invalid,persistent better (0 wrong) than the one given (73 wrong).\n" +
		"No client should have that policy: it accepts an invalid response, and refuses if there is none.\n"
	if got := report.fitText(); got != want {
		t.Errorf("got %swant %s", got, want)
	}
}
