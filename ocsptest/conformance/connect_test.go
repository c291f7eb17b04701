package conformance_test

import (
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// TestMustAsk shows that a client that accepts without a request fails where it
// must accept and only the responder says good, and nowhere else.
func TestMustAsk(t *testing.T) {
	t.Parallel()
	both := conformance.Policy{Sources: conformance.Staple | conformance.OCSP}
	persistent := both
	persistent.Persistent = true
	for _, test := range []struct {
		name   string
		which  string
		policy conformance.Policy
		want   conformance.Verdict
		failed bool
	}{
		{"only the responder says good", "fallback/expired-staple-good-responder", persistent, conformance.Accept, true},
		{"accept and reject are right", "fallback/expired-staple-good-responder", both, conformance.Either, false},
		{"the staple says good too", "fallback/good-staple-failing-responder", both, conformance.Accept, false},
		{"only the responder is named", "status/good-fetched", both, conformance.Accept, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			result, err := find(t, test.which).Test(t.Context(), test.policy, conformance.ClientFunc(chainOnly), conformance.WithInMemoryNetwork())
			if err != nil {
				t.Fatal(err)
			}
			if result.Got != conformance.Accepted || result.Want != test.want || result.Failed() != test.failed {
				t.Errorf("got %v, want %v, failed %v; want %v, failed %v", result.Got, result.Want, result.Failed(), test.want, test.failed)
			}
		})
	}
}
