package conformance_test

import (
	"fmt"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// A policy that is the value of a flag.
func ExampleParsePolicy() {
	policy, err := conformance.ParsePolicy("sources=staple+ocsp,tolerates=unreachable,must-staple")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(policy.Sources == conformance.Staple|conformance.OCSP, policy.Tolerates, policy.MustStaple)

	_, err = conformance.ParsePolicy("sources=ocsp,soft-fail")
	fmt.Println(err)
	// Output:
	// true unreachable true
	// conformance: policy: "soft-fail" is none of sources=, tolerates=, all-sources, must-staple, chain, persistent
}
