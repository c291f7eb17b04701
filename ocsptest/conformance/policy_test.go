package conformance_test

import (
	"fmt"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

func TestPolicies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		policy conformance.Policy
		text   string
		err    string // "" if a client can have the policy
	}{
		{
			name:   "zero",
			policy: conformance.Policy{},
			text:   "Soft",
		},
		{
			name:   "one field",
			policy: conformance.Policy{Fetch: true},
			text:   "Fetch",
		},
		{
			name:   "all compatible fields",
			policy: conformance.Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true},
			text:   "HardFail+MustStaple+Fetch+CRL+Chain",
		},
		{
			name:   "no sources, fails open",
			policy: conformance.Policy{NoStaple: true},
			text:   "NoStaple",
		},
		{
			name:   "MustStaple without staples",
			policy: conformance.Policy{MustStaple: true, NoStaple: true},
			text:   "MustStaple+NoStaple",
			err:    "conformance: Policy: MustStaple needs staples; leave NoStaple out",
		},
		{
			name:   "Chain without sources",
			policy: conformance.Policy{Chain: true},
			text:   "Chain",
			err:    "conformance: Policy: Chain needs Fetch or CRL, because staples cover only the leaf",
		},
		{
			name:   "HardFail without sources",
			policy: conformance.Policy{HardFail: true, NoStaple: true},
			text:   "HardFail+NoStaple",
			err:    "conformance: Policy: HardFail needs a source; set Fetch or CRL, or leave NoStaple out",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.policy.String(); got != test.text {
				t.Errorf("got %q, want %q", got, test.text)
			}
			want := any(nil)
			if test.err != "" {
				want = test.err
			}
			for what, f := range map[string]func(){
				"Cases":     func() { conformance.Cases(test.policy) },
				"Reference": func() { conformance.Reference(test.policy) },
			} {
				if got := recovered(f); got != want {
					t.Errorf("%s panics with %v, want %v", what, got, want)
				}
			}
			if test.err == "" {
				return
			}
			if err := conformance.Check(t.Context(), test.policy, chainOnly); err == nil || err.Error() != test.err {
				t.Errorf("Check returns %v, want %s", err, test.err)
			}
		})
	}
}

// recovered returns the text with which f panics, or nil.
func recovered(f func()) (text any) {
	defer func() {
		if value := recover(); value != nil {
			text = fmt.Sprint(value)
		}
	}()
	f()
	return nil
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for v, want := range map[conformance.Verdict]string{
		conformance.Either: "either",
		conformance.Accept: "accept",
		conformance.Reject: "reject",
		conformance.Hung:   "hung",
		-1:                 "verdict(-1)",
		4:                  "verdict(4)",
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
