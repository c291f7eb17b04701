package ocsptest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// What a client is to do depends on its policy.
func ExampleCases() {
	var later ocsptest.Case
	for _, p := range []ocsptest.Policy{{}, {HardFail: true}, {HardFail: true, Fetch: true}} {
		for c := range ocsptest.Cases(p) {
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
	for _, v := range []ocsptest.Verdict{ocsptest.Either, ocsptest.Accept, ocsptest.Reject, ocsptest.Hung} {
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
func ExampleTestClient() {
	options := []ocsptest.SuiteOption{ocsptest.InMemory(), ocsptest.WithDeadline(time.Minute)}
	for c := range ocsptest.Cases(ocsptest.Policy{}) {
		if !strings.HasPrefix(c.Name, "status/") {
			options = append(options, ocsptest.Skip(c.Name, "another day"))
		}
	}
	var client ocsptest.ClientFunc = chainOnly
	err := ocsptest.TestClient(context.Background(), ocsptest.Policy{}, client, options...)
	if wrong, ok := errors.AsType[*ocsptest.CaseError](err); ok {
		fmt.Printf("%s: got %v, want %v\n", wrong.Case.Name, wrong.Got, wrong.Case.Want)
	}
	// Output: status/revoked: got accept, want reject
}

// One case, and a client that gets it right, as it does all of them.
func ExampleReference() {
	policy := ocsptest.Policy{HardFail: true}
	for c := range ocsptest.Cases(policy) {
		if c.Name == "status/revoked" {
			fmt.Println(c.Test(context.Background(), ocsptest.Reference(policy), ocsptest.InMemory()))
			fmt.Println(c.Test(context.Background(), chainOnly, ocsptest.InMemory()) != nil)
		}
	}
	// Output:
	// <nil>
	// true
}
