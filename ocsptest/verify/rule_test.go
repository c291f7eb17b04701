package verify_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

func TestRules(t *testing.T) {
	t.Parallel()
	var forgeable []verify.Rule
	for _, r := range verify.Rules() {
		if r.Ref() == "" {
			t.Errorf("%s has no reference", r)
		}
		if r.Forgeable() {
			forgeable = append(forgeable, r)
		}
	}
	if diff := cmp.Diff([]verify.Rule{
		"age", "certid-serial",
		"crl-age", "crl-delta", "crl-expired", "crl-indirect", "crl-issuer", "crl-malformed", "crl-missing", "crl-next-update", "crl-point",
		"crl-reasons", "crl-scope", "crl-signature", "crl-signature-algorithm", "crl-signer", "crl-signer-expired",
		"error-status", "expired", "nonce", "signature", "signature-algorithm", "signer-algorithm",
		"signer-ca", "signer-eku", "signer-expired", "signer-issuer", "signer-leaf",
	}, forgeable); diff != "" {
		t.Errorf("the rules that can be forged (-want +got):\n%s", diff)
	}
	if r := verify.Rule("no such rule"); r.Ref() != "" || r.Forgeable() {
		t.Errorf("%q: reference %q, forgeable %t", r, r.Ref(), r.Forgeable())
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		all  verify.Violations
		want string
	}{
		{"one", verify.Violations{{"age", "RFC 6960 3.2", "it is old"}}, "verify: OCSP response: age: it is old (RFC 6960 3.2)"},
		{"two", verify.Violations{{"age", "RFC 6960 3.2", "it is old"}, {"nonce", "RFC 9654 2.1", "the response has none"}},
			"verify: OCSP response: age: it is old (RFC 6960 3.2); nonce: the response has none (RFC 9654 2.1)"},
		{"of a CRL", verify.Violations{{"crl-age", "RFC 5280 3.3", "it is old"}}, "verify: CRL: crl-age: it is old (RFC 5280 3.3)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.all.Error()); diff != "" {
				t.Error(diff)
			}
			if v, ok := errors.AsType[*verify.Violation](tt.all); !ok || v != tt.all[0] {
				t.Errorf("errors.As finds %v", v)
			}
		})
	}
}
