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

// What a client should do depends on its policy.
func ExampleCases() {
	var tryLater conformance.Case
	for _, p := range []conformance.Policy{{}, {HardFail: true}, {HardFail: true, Fetch: true}} {
		for c := range conformance.Cases(p) {
			if c.Name == "status/try-later" {
				fmt.Println(p, c.Want)
				tryLater = c
			}
		}
	}
	fmt.Println(tryLater.Doc)
	fmt.Println(tryLater.Ref, tryLater.Seen)
	// Output:
	// Soft either
	// HardFail reject
	// HardFail+Fetch accept
	// the response is the error tryLater, which says nothing about the certificate
	// RFC 6960 2.3 [curl CVE-2024-8096]
}

// A Ref is the place in a document that decides a case.
func ExampleRef() {
	refs := make(map[string]conformance.Ref)
	for c := range conformance.Cases(conformance.Policy{}) {
		refs[c.Name] = c.Ref
	}
	fmt.Println(refs["delegate/without-eku"])
	for _, name := range []string{"delegate/without-eku", "times/early", "http/redirect", "times/produced-before-this"} {
		fmt.Println(refs[name].Text())
	}
	// Output:
	// RFC 6960 4.2.2.2
	// RFC 6960 4.2.2.2 (must): a delegate has id-kp-OCSPSigning in its extended key usage
	// RFC 6960 4.2.2.1 (should): a response is reliable only from thisUpdate until nextUpdate
	// RFC 9110 15.4.8 (may): a client may follow a redirect, by the same method
	// RFC 6960 2.4 (no rule): producedAt is when the response was signed, and nothing is compared with it
}

// A Level is how strongly a document requires something.
func ExampleLevel() {
	for _, l := range []conformance.Level{conformance.None, conformance.May, conformance.Should, conformance.Must} {
		fmt.Println(l)
	}
	// Output:
	// none
	// may
	// should
	// must
}

// A Verdict is what a client should do, or did.
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

// chainOnly is a client that checks only the chain.
func chainOnly(ctx context.Context, s *ocsptest.Server) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: s.TLSClientConfig(), DialContext: s.DialContext, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Check runs the catalogue outside of tests, here only the group status.
func ExampleCheck() {
	options := []conformance.Option{
		conformance.WithInMemoryNetwork(),
		conformance.WithSystemClock(),
		conformance.WithDeadline(time.Minute),
	}
	for c := range conformance.Cases(conformance.Policy{}) {
		if !strings.HasPrefix(c.Name, "status/") {
			options = append(options, conformance.Skip(c.Name, "not now"))
		}
	}
	var client conformance.ClientFunc = chainOnly
	err := conformance.Check(context.Background(), conformance.Policy{}, client, options...)
	if wrong, ok := errors.AsType[*conformance.CaseError](err); ok {
		fmt.Printf("%s: got %v, want %v\n", wrong.Case.Name, wrong.Got, wrong.Case.Want)
	}
	// Output: status/revoked: got accept, want reject
}

// Test runs one case. The reference passes, and a client that ignores staples
// does not.
func ExampleCase_Test() {
	policy := conformance.Policy{HardFail: true}
	for c := range conformance.Cases(policy) {
		if c.Name == "status/revoked" {
			ctx, inMemory := context.Background(), conformance.WithInMemoryNetwork()
			fmt.Println(c.Test(ctx, conformance.Reference(policy), inMemory))
			fmt.Println(c.Test(ctx, chainOnly, inMemory) != nil)
		}
	}
	// Output:
	// <nil>
	// true
}
