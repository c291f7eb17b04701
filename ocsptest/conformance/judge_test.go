package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// TestTruthTable checks the rows of the truth table, one by one: what a client
// meets, and what it must do.
func TestTruthTable(t *testing.T) {
	t.Parallel()
	var (
		staple   = Policy{}
		ocsp     = Policy{Sources: OCSP}
		both     = Policy{Sources: Staple | OCSP}
		three    = Policy{Sources: Staple | OCSP | CRL}
		ocspCRL  = Policy{Sources: OCSP | CRL}
		eachOf   = Policy{Sources: OCSP | CRL, AllSources: true}
		must     = Policy{Sources: Staple | OCSP, Tolerates: FailOpen, MustStaple: true}
		chain    = Policy{Sources: OCSP, Chain: true}
		fineRoot = Says{OCSP: Good, CRL: Good}
	)
	persistent := func(p Policy) Policy {
		p.Persistent = true
		return p
	}
	tolerant := func(p Policy, e Evidence) Policy {
		p.Tolerates = e
		return p
	}
	for _, tt := range []struct {
		row     string
		policy  Policy
		c       Case
		want    Verdict
		because string // part of it
	}{
		{"good", staple, Case{Leaf: Says{Staple: Good}}, Accept, "the staple says good"},
		{"good, and later revoked", both, Case{Leaf: Says{Staple: Good, OCSP: Revoked}}, Either, "a client may look at it although"},
		{"good, and a later one that the policy does not look at", staple, Case{Leaf: Says{Staple: Good, OCSP: Revoked}}, Accept, "says good"},
		{"revoked", ocsp, Case{Leaf: Says{OCSP: Revoked}}, Reject, "the OCSP response says revoked"},
		{"revoked, and later good", both, Case{Leaf: Says{Staple: Revoked, OCSP: Good}}, Reject, "the staple says revoked"},

		{"unknown, the last", ocsp, Case{Leaf: Says{OCSP: Unknown}}, Reject, "does not tolerate unknown"},
		{"unknown, then good", ocspCRL, Case{Leaf: Says{OCSP: Unknown, CRL: Good}}, Either, "RFC 6960 2.2"},
		{"unknown, then good, persistent", persistent(ocspCRL), Case{Leaf: Says{OCSP: Unknown, CRL: Good}}, Accept, "the CRL says good"},
		{"unknown, then good, tolerated", tolerant(ocspCRL, Unknown), Case{Leaf: Says{OCSP: Unknown, CRL: Good}}, Accept, "the CRL says good"},
		{"unknown, then revoked", ocspCRL, Case{Leaf: Says{OCSP: Unknown, CRL: Revoked}}, Reject, "the CRL says revoked"},

		{"invalid staple, then good", both, Case{Leaf: Says{Staple: Invalid, OCSP: Good}}, Either, "RFC 6066 8"},
		{
			"invalid staple, then good, persistent", persistent(both),
			Case{Leaf: Says{Staple: Invalid, OCSP: Good}}, Accept, "the OCSP response says good",
		},
		{"invalid staple, then revoked", both, Case{Leaf: Says{Staple: Invalid, OCSP: Revoked}}, Reject, "the OCSP response says revoked"},
		{"invalid response, then good", ocspCRL, Case{Leaf: Says{OCSP: Invalid, CRL: Good}}, Accept, "the CRL says good"},
		{"unreachable, then good", ocspCRL, Case{Leaf: Says{OCSP: Unreachable, CRL: Good}}, Accept, "the CRL says good"},
		{"absent, then good", three, Case{Leaf: Says{CRL: Good}}, Accept, "the CRL says good"},

		{"nothing left: absent", staple, Case{}, Reject, "does not tolerate absent"},
		{"nothing left: absent, tolerated", tolerant(staple, Absent), Case{}, Accept, "tolerates absent"},
		{"nothing left: absent counts for nothing", tolerant(both, Invalid), Case{Leaf: Says{OCSP: Invalid}}, Accept, "tolerates invalid"},
		{
			"nothing left: one is not tolerated", tolerant(ocspCRL, Unreachable),
			Case{Leaf: Says{OCSP: Unreachable, CRL: Invalid}}, Reject, "does not tolerate invalid",
		},
		{
			"nothing left: all are tolerated", tolerant(ocspCRL, Unreachable|Invalid),
			Case{Leaf: Says{OCSP: Unreachable, CRL: Invalid}}, Accept, "tolerates invalid|unreachable",
		},

		{"the root is not trusted", tolerant(staple, FailOpen), Case{Untrusted: true, Leaf: Says{Staple: Good}}, Reject, "RFC 5280 6.1"},
		{"a feature of the issuer is missing", must, Case{Feature: FeatureOfIssuerMissing, Leaf: Says{Staple: Good}}, Reject, "RFC 7633 4.2.2"},
		{"must-staple, staple good", must, Case{Feature: FeatureMustStaple, Leaf: Says{Staple: Good}}, Accept, "the staple says good"},
		{
			"must-staple, staple absent", must,
			Case{Feature: FeatureMustStaple, Leaf: Says{Staple: Absent, OCSP: Good}}, Reject, "RFC 7633 4.3.3",
		},
		{
			"must-staple, staple invalid", must,
			Case{Feature: FeatureMustStaple, Leaf: Says{Staple: Invalid, OCSP: Good}}, Reject, "RFC 7633 4.3.3",
		},
		{
			"must-staple, staple unknown", must,
			Case{Feature: FeatureMustStaple, Leaf: Says{Staple: Unknown, OCSP: Good}}, Accept, "the OCSP response says good",
		},
		{
			"must-staple, not enforced", tolerant(both, FailOpen),
			Case{Feature: FeatureMustStaple, Leaf: Says{Staple: Absent, OCSP: Good}}, Accept, "says good",
		},
		{
			"must-staple or not", must,
			Case{Feature: FeatureNone | FeatureMustStaple, Leaf: Says{Staple: Absent, OCSP: Good}}, Either, "RFC 7633 4.3.3",
		},

		{"all sources: good and good", eachOf, Case{Leaf: Says{OCSP: Good, CRL: Good}}, Accept, "says good"},
		{"all sources: good and revoked", eachOf, Case{Leaf: Says{OCSP: Good, CRL: Revoked}}, Reject, "the CRL says revoked"},
		{"all sources: good and unreachable", eachOf, Case{Leaf: Says{OCSP: Good, CRL: Unreachable}}, Reject, "does not tolerate unreachable"},
		{
			"all sources: good and unreachable, tolerated", tolerant(eachOf, Unreachable),
			Case{Leaf: Says{OCSP: Good, CRL: Unreachable}}, Accept, "says good",
		},
		{
			"all sources: two responders", persistent(eachOf),
			Case{Leaf: Says{OCSP: Good, NextOCSP: Unreachable, CRL: Good}}, Either, "does not tolerate unreachable",
		},

		{"chain: both good", chain, Case{Leaf: Says{OCSP: Good}, Issuer: fineRoot}, Accept, "says good"},
		{
			"chain: issuer revoked", chain,
			Case{Leaf: Says{OCSP: Good}, Issuer: Says{OCSP: Revoked}}, Reject, "about the intermediate says revoked",
		},
		{"chain: issuer revoked, not checked", ocsp, Case{Leaf: Says{OCSP: Good}, Issuer: Says{OCSP: Revoked}}, Accept, "says good"},
		{"chain: leaf revoked", chain, Case{Leaf: Says{OCSP: Revoked}, Issuer: fineRoot}, Reject, "says revoked"},

		{"a second responder", ocsp, Case{Leaf: Says{OCSP: Unreachable, NextOCSP: Good}}, Either, "the second OCSP response says good"},
		{
			"a second responder, persistent", persistent(ocsp),
			Case{Leaf: Says{OCSP: Unreachable, NextOCSP: Good}}, Accept, "the second OCSP response says good",
		},
		{
			"a second responder says revoked, persistent", persistent(ocsp),
			Case{Leaf: Says{OCSP: Unreachable, NextOCSP: Revoked}}, Reject, "the second OCSP response says revoked",
		},

		{"two readings", staple, Case{Leaf: Says{Staple: Disputed}}, Either, "does not tolerate invalid"},
		{"two readings, both wrong", staple, Case{Leaf: Says{Staple: InvalidRevoked}}, Reject, ""},
		{
			"two readings, of which one is tolerated", tolerant(staple, Invalid),
			Case{Leaf: Says{Staple: InvalidRevoked}}, Either, "says revoked",
		},
	} {
		t.Run(tt.row, func(t *testing.T) {
			t.Parallel()
			want, because, _ := tt.policy.Judge(tt.c)
			if want != tt.want || !strings.Contains(because, tt.because) {
				t.Errorf("under %v: %v, because %s; want %v, because ...%s...", tt.policy, want, because, tt.want, tt.because)
			}
		})
	}
}

func TestSeverity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		policy Policy
		c      Case
		want   Severity
	}{
		{"must accept", Policy{}, Case{Leaf: Says{Staple: Good}}, Availability},
		{"may do either", Policy{}, Case{Leaf: Says{Staple: Disputed}}, NoSeverity},
		{"revoked", Policy{}, Case{Leaf: Says{Staple: Revoked}}, Security},
		{"revoked, fails open", Policy{Tolerates: FailOpen}, Case{Leaf: Says{Staple: Revoked}}, Security},
		{
			"revoked, and only the CA made it invalid", Policy{},
			Case{Leaf: Says{Staple: InvalidRevoked}, Rules: []verify.Rule{verify.RuleEarly}}, Security,
		},
		{
			"good or revoked", Policy{Sources: CRL},
			Case{Leaf: Says{CRL: Good | Revoked | Invalid}, Rules: []verify.Rule{verify.RuleCRLRemove}}, NoSeverity,
		},
		{"not trusted", Policy{Tolerates: FailOpen}, Case{Untrusted: true}, Security},
		{"forged", Policy{}, Case{Leaf: Says{Staple: Invalid}, Rules: []verify.Rule{verify.RuleSignature}}, Security},
		{"only the CA can do it", Policy{}, Case{Leaf: Says{Staple: Invalid}, Rules: []verify.Rule{verify.RuleVersion}}, Strictness},
		{
			"only one of two rules is the CA's", Policy{},
			Case{Leaf: Says{Staple: Invalid}, Rules: []verify.Rule{verify.RuleVersion, verify.RuleSignature}}, Security,
		},
		{
			"who can forge can also block", Policy{Sources: OCSP, Tolerates: Unreachable},
			Case{Leaf: Says{OCSP: Invalid}, Rules: []verify.Rule{verify.RuleSignature}}, Strictness,
		},
		{
			"and that is not accepted", Policy{Sources: OCSP, Tolerates: Absent},
			Case{Leaf: Says{OCSP: Invalid}, Rules: []verify.Rule{verify.RuleSignature}}, Security,
		},
		{"intermediate revoked", Policy{Sources: CRL, Chain: true}, Case{Leaf: Says{CRL: Good}, Issuer: Says{CRL: Revoked}}, Security},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, got := tt.policy.Judge(tt.c); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// BenchmarkJudge judges one case under one policy.
func BenchmarkJudge(b *testing.B) {
	cases := manyKinds()
	policies := slices.Collect(legalPolicies())
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		policies[i%len(policies)].judge(cases[i%len(cases)])
		i++
	}
}
