package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// What a client is to do depends on its policy.
func ExampleCases() {
	var later conformance.Case
	for _, p := range []conformance.Policy{{}, {HardFail: true}, {HardFail: true, Fetch: true}} {
		for c := range conformance.Cases(p) {
			if c.Name == "status/try-later" {
				fmt.Println(p, c.Want)
				later = c
			}
		}
	}
	fmt.Println(later.Doc)
	fmt.Println(later.Ref, later.Seen)
	// Output:
	// Soft either
	// HardFail reject
	// HardFail+Fetch accept
	// the responder has no answer but the error try later, which tells no status
	// RFC 6960 2.3 [curl CVE-2024-8096]
}

// A verdict is what a client is to do, or did.
func ExampleVerdict() {
	for _, v := range []conformance.Verdict{conformance.Either, conformance.Accept, conformance.Reject, conformance.Hung} {
		fmt.Println(v)
	}
	// Output:
	// either
	// accept
	// reject
	// hung
}

// chainOnly is a client that never looks at staples.
func chainOnly(ctx context.Context, s *ocsptest.Server) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.TLSClientConfig(), DialContext: s.DialContext, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// The catalogue outside of a test, here the statuses and the reasons alone.
func ExampleCheck() {
	options := []conformance.SuiteOption{conformance.InMemory(), conformance.WithDeadline(time.Minute)}
	for c := range conformance.Cases(conformance.Policy{}) {
		if !strings.HasPrefix(c.Name, "status/") {
			options = append(options, conformance.Skip(c.Name, "another day"))
		}
	}
	var client conformance.ClientFunc = chainOnly
	err := conformance.Check(context.Background(), conformance.Policy{}, client, options...)
	if wrong, ok := errors.AsType[*conformance.CaseError](err); ok {
		fmt.Printf("%s: got %v, want %v\n", wrong.Case.Name, wrong.Got, wrong.Case.Want)
	}
	// Output: status/revoked: got accept, want reject
}

// One case, and a client that gets it right, as it does all of them.
func ExampleReference() {
	policy := conformance.Policy{HardFail: true}
	for c := range conformance.Cases(policy) {
		if c.Name == "status/revoked" {
			fmt.Println(c.Test(context.Background(), conformance.Reference(policy), conformance.InMemory()))
			fmt.Println(c.Test(context.Background(), chainOnly, conformance.InMemory()) != nil)
		}
	}
	// Output:
	// <nil>
	// true
}
