package conformance_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// What a client must do depends on its policy.
func ExamplePolicy_Judge() {
	c, _ := conformance.Lookup("status/try-later")
	fmt.Println(c.Doc)
	fmt.Println(c.Leaf.Staple, c.Sources == conformance.Staple, c.Feature&conformance.FeatureMustStaple != 0)
	for _, p := range []conformance.Policy{
		{},
		{Tolerates: conformance.FailOpen},
		{Tolerates: conformance.Unreachable},
	} {
		want, because, severity := p.Judge(c)
		fmt.Printf("%v: %v (%v): %s\n", p, want, severity, because)
	}
	// Output:
	// the response is the error tryLater, which says nothing about the certificate
	// invalid|unreachable true false
	// sources=staple: reject (security): no source says good, and the policy does not tolerate invalid
	// sources=staple,tolerates=all: either (none): accept: no source says revoked, and the policy tolerates invalid; reject: the staple is not valid, on which a client may refuse at once (RFC 6066 8)
	// sources=staple,tolerates=unreachable: either (none): accept: no source says revoked, and the policy tolerates unreachable; reject: no source says good, and the policy does not tolerate invalid
}

// A Ref is the place in a document that decides a case.
func ExampleRef() {
	for _, name := range []string{"delegate/without-eku", "times/early", "http/redirect", "times/produced-before-this"} {
		c, ok := conformance.Lookup(name)
		fmt.Println(ok, c.Ref.Text())
	}
	// Output:
	// true RFC 6960 4.2.2.2 (must): a delegate has id-kp-OCSPSigning in its extended key usage
	// true RFC 6960 4.2.2.1 (should): a response is reliable only from thisUpdate until nextUpdate
	// true RFC 9110 15.4.8 (may): a client may follow a redirect, by the same method
	// true RFC 6960 2.4 (no rule): producedAt is when the response was signed, and nothing is compared with it
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

// Where accept and reject are both right, the verdict is Either.
func ExampleVerdict() {
	fmt.Println(conformance.Accept, conformance.Reject, conformance.Accept|conformance.Reject == conformance.Either)
	// Output: accept reject true
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

// Test runs one case. The reference passes, and a client that ignores staples
// does not.
func ExampleCase_Test() {
	revoked, _ := conformance.Lookup("status/revoked")
	policy := conformance.Policy{}
	for _, client := range []conformance.Client{conformance.Reference(policy), conformance.ClientFunc(chainOnly)} {
		result, err := revoked.Test(context.Background(), policy, client, conformance.WithInMemoryNetwork())
		fmt.Println(result.Got, result.Want, result.Severity, result.Failed(), err)
	}
	// Output:
	// reject reject none false <nil>
	// accept reject security true <nil>
}
