package conformance

import (
	"slices"
	"testing"
)

func TestPolicyText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		policy     Policy
	}{
		{"zero", "sources=staple", Policy{}},
		{"two sources", "sources=staple+ocsp", Policy{Sources: Staple | OCSP}},
		{"tolerates one", "sources=ocsp,tolerates=unreachable", Policy{Sources: OCSP, Tolerates: Unreachable}},
		{"tolerates two", "sources=crl,tolerates=unknown+absent", Policy{Sources: CRL, Tolerates: Unknown | Absent}},
		{"tolerates all", "sources=staple,tolerates=all,must-staple", Policy{Tolerates: FailOpen, MustStaple: true}},
		{
			"every flag", "sources=staple+ocsp+crl,all-sources,must-staple,chain,persistent",
			Policy{Sources: Staple | OCSP | CRL, AllSources: true, MustStaple: true, Chain: true, Persistent: true},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.String(); got != tt.text {
				t.Errorf("String() = %q, want %q", got, tt.text)
			}
		})
	}
}

// TestPoliciesRoundTrip shows that ParsePolicy reads what String returns, for
// every policy.
func TestPoliciesRoundTrip(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for p := range legalPolicies() {
		got, err := ParsePolicy(p.String())
		if p.Sources == Staple {
			p.Sources = 0 // which is the same
		}
		if err != nil || got != p {
			t.Errorf("ParsePolicy(%q) = %+v, %v; want %+v", p.String(), got, err, p)
		}
		seen[p.String()] = true
	}
	const want = 1088
	if len(seen) != want {
		t.Errorf("%d policies, want %d", len(seen), want)
	}
}

func TestParsePolicy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       Policy
		err        string
	}{
		{name: "without sources", text: "must-staple", want: Policy{MustStaple: true}},
		{name: "in another order", text: "chain,sources=crl", want: Policy{Sources: CRL, Chain: true}},
		{name: "empty", text: ""},
		{
			name: "unknown word", text: "sources=ocsp,strict",
			err: `conformance: policy: "strict" is none of sources=, tolerates=, all-sources, must-staple, chain, persistent`,
		},
		{
			name: "flag with a value", text: "chain=true",
			err: `conformance: policy: "chain=true" is none of sources=, tolerates=, all-sources, must-staple, chain, persistent`,
		},
		{name: "unknown source", text: "sources=dns", err: `conformance: policy: source "dns" is none of staple, ocsp, crl`},
		{name: "no source", text: "sources=", err: `conformance: policy: source "" is none of staple, ocsp, crl`},
		{
			name: "unknown evidence", text: "tolerates=timeout",
			err: `conformance: evidence "timeout" is none of good, revoked, unknown, invalid, unreachable, absent`,
		},
		{name: "a flag twice", text: "chain,sources=ocsp,chain", err: `conformance: policy: "chain" is given twice; give it once`},
		{name: "sources twice", text: "sources=ocsp,sources=crl", err: `conformance: policy: "sources=" is given twice; give it once`},
		{name: "a source twice", text: "sources=ocsp+crl+ocsp", err: `conformance: policy: source "ocsp" is given twice; give it once`},
		{name: "tolerates twice", text: "tolerates=all,tolerates=absent", err: `conformance: policy: "tolerates=" is given twice; give it once`},
		{name: "evidence twice", text: "tolerates=absent+absent", err: `conformance: evidence "absent" is given twice; give it once`},
		{
			name: "impossible", text: "sources=ocsp,must-staple",
			want: Policy{Sources: OCSP, MustStaple: true},
			err:  "conformance: Policy: MustStaple needs Staple in Sources",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParsePolicy(tt.text)
			if text := textOf(err); got != tt.want || text != tt.err {
				t.Errorf("got %+v, %q; want %+v, %q", got, text, tt.want, tt.err)
			}
		})
	}
}

func TestPolicyCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		policy Policy
		err    string
	}{
		{"zero", Policy{}, ""},
		{"everything", everything, ""},
		{"another source", Policy{Sources: 8}, "conformance: Policy: Sources is 8; use Staple, OCSP and CRL"},
		{
			"tolerates good", Policy{Tolerates: Good | Invalid},
			"conformance: Policy: Tolerates has good; use Unknown, Invalid, Unreachable and Absent",
		},
		{
			"tolerates revoked", Policy{Tolerates: Revoked},
			"conformance: Policy: Tolerates has revoked; use Unknown, Invalid, Unreachable and Absent",
		},
		{
			"MustStaple without staples", Policy{Sources: OCSP, MustStaple: true},
			"conformance: Policy: MustStaple needs Staple in Sources",
		},
		{
			"Chain with staples only", Policy{Chain: true},
			"conformance: Policy: Chain needs OCSP or CRL in Sources, because no staple is about an intermediate",
		},
		{
			"AllSources of one", Policy{Sources: CRL, AllSources: true},
			"conformance: Policy: AllSources needs more than one of Staple, OCSP and CRL in Sources",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := textOf(tt.policy.check()); got != tt.err {
				t.Errorf("got %q, want %q", got, tt.err)
			}
		})
	}
}

// textOf returns the text of an error, or "".
func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// evidenceKinds returns one of the cases for each kind of evidence.
func evidenceKinds(cases []Case) (out []Case) {
	seen := make(map[kind]bool)
	for _, c := range cases {
		k := kind{c.Leaf, c.Issuer, c.Feature, c.Untrusted}
		if !seen[k] {
			out = append(out, c)
		}
		seen[k] = true
	}
	return out
}

// manyKinds returns cases of the kinds of evidence that the catalogue has, and of
// more that it does not have.
func manyKinds() []Case {
	all := slices.Collect(Cases())
	each := []Evidence{Good, Revoked, Unknown, Invalid, Unreachable, Absent, Disputed}
	for _, staple := range each {
		for _, ocsp := range each {
			all = append(all, Case{Leaf: Says{Staple: staple, OCSP: ocsp}, Issuer: Says{OCSP: Good, CRL: ocsp}, Feature: FeatureMustStaple})
			for _, crl := range each {
				all = append(all, Case{Leaf: Says{Staple: staple, OCSP: ocsp, CRL: crl}, Issuer: Says{OCSP: Good, CRL: Good}})
			}
		}
	}
	return evidenceKinds(all)
}

// TestLaws shows what holds for every policy in every case.
func TestLaws(t *testing.T) {
	t.Parallel()
	cases := manyKinds()
	verdicts := make(map[Policy][]Verdict)
	for p := range legalPolicies() {
		for _, c := range cases {
			want, because, severity := p.Judge(c)
			verdicts[p] = append(verdicts[p], want)
			switch {
			case want == 0:
				t.Errorf("%v: %+v: no verdict", p, c)
			case because == "":
				t.Errorf("%v: %+v: no reason", p, c)
			case (severity == NoSeverity) != (want == Either) || (severity == Availability) != (want == Accept):
				t.Errorf("%v: %+v: %v, and severity %v", p, c, want, severity)
			}
		}
	}

	// never checks that an outcome that is wrong under p is wrong under q too. If
	// q is not legal, it has no verdicts.
	never := func(law string, outcome Verdict, p, q Policy) {
		for i, got := range verdicts[q] {
			if verdicts[p][i]&outcome == 0 && got&outcome != 0 {
				t.Errorf("%s: %v is %v under %v, and %v under %v", law, cases[i].Leaf, verdicts[p][i], p, got, q)
			}
		}
	}
	for p := range legalPolicies() {
		for _, e := range []Evidence{Unknown, Invalid, Unreachable, Absent} {
			q := p
			q.Tolerates |= e
			never("more tolerance never refuses more", Reject, p, q)
		}
		q := p
		q.AllSources = true
		never("AllSources never accepts more", Accept, p, q)
		q = p
		q.Chain = true
		never("Chain never accepts more", Accept, p, q)
		q = p
		q.Persistent = true
		never("Persistent only narrows", Accept, p, q)
		never("Persistent only narrows", Reject, p, q)
	}
}

// TestGoodAndRevoked shows that every policy accepts a certificate that all
// sources call good, and refuses one that they call revoked.
func TestGoodAndRevoked(t *testing.T) {
	t.Parallel()
	all := func(e Evidence) Says { return Says{Staple: e, OCSP: e, CRL: e} }
	for p := range legalPolicies() {
		for _, tt := range []struct {
			leaf, issuer Evidence
			want         Verdict
		}{
			{Good, Good, Accept},
			{Revoked, Good, Reject},
			{Revoked, Revoked, Reject},
		} {
			if want, _, _ := p.Judge(Case{Leaf: all(tt.leaf), Issuer: all(tt.issuer)}); want != tt.want {
				t.Errorf("%v: %v, and its issuer %v: %v, want %v", p, tt.leaf, tt.issuer, want, tt.want)
			}
		}
	}
}

// TestCasesTellPoliciesApart shows that most fields of a policy matter to the
// catalogue.
func TestCasesTellPoliciesApart(t *testing.T) {
	t.Parallel()
	const fewest = 800
	apart := make(map[string]bool)
	cases := evidenceKinds(slices.Collect(Cases()))
	for p := range legalPolicies() {
		verdicts := make([]byte, len(cases))
		for i, c := range cases {
			verdicts[i] = '0' + byte(p.judge(c).verdict)
		}
		apart[string(verdicts)] = true
	}
	t.Logf("%d policies differ in some case", len(apart))
	if len(apart) < fewest {
		t.Errorf("the catalogue tells only %d policies apart, want at least %d", len(apart), fewest)
	}
}
