package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// What a client must do depends on its policy.
func ExamplePolicy_Judge() {
	c, _ := conformance.Lookup("status/try-later")
	fmt.Println(c.Doc)
	for _, p := range []conformance.Policy{
		{},
		{Tolerates: conformance.FailOpen},
		{Sources: conformance.CRL},
		{MustStaple: true},
	} {
		want, _, severity := p.Judge(c)
		fmt.Printf("%v: %v (%v)\n", p, want, severity)
	}
	// Output:
	// the response is the error tryLater, which says nothing about the certificate
	// sources=staple: reject (security)
	// sources=staple,tolerates=all: either (none)
	// sources=crl: reject (security)
	// sources=staple,must-staple: reject (security)
}

// A verdict follows from what the sources say. Evidence is a set: where correct
// clients read one thing in two ways, both verdicts can be right.
func ExampleSays() {
	policy := conformance.Policy{Tolerates: conformance.Unreachable | conformance.Absent}
	for _, staple := range []conformance.Evidence{
		conformance.Good, conformance.Revoked, conformance.Unknown, conformance.Invalid, conformance.Absent,
		conformance.Disputed, conformance.NoResponse, conformance.InvalidRevoked,
	} {
		c := conformance.Case{Leaf: conformance.Says{Staple: staple}}
		want, _, _ := policy.Judge(c)
		fmt.Printf("%v: %v\n", staple, want)
	}
	// Output:
	// good: accept
	// revoked: reject
	// unknown: reject
	// invalid: reject
	// absent: accept
	// good|invalid: either
	// invalid|unreachable: either
	// revoked|invalid: reject
}

// A must-staple certificate requires a staple from clients that enforce it.
func ExampleFeature() {
	says := conformance.Says{Staple: conformance.Absent}
	policy := conformance.Policy{Tolerates: conformance.FailOpen, MustStaple: true}
	for _, f := range []conformance.Feature{conformance.FeatureNone, conformance.FeatureMustStaple} {
		want, because, _ := policy.Judge(conformance.Case{Leaf: says, Feature: f})
		fmt.Printf("%v: %s\n", want, because)
	}
	// Output:
	// accept: no source says revoked, and the policy tolerates absent
	// reject: the certificate is must-staple, and the staple is absent (RFC 7633 4.3.3)
}

// Cases returns the catalogue, for programs that choose from it. Here are cases
// about staples, with the rules of package verify that they break.
func ExampleCases() {
	for c := range conformance.Cases() {
		if strings.HasPrefix(c.Name, "certid/wrong") && c.Sources == conformance.Sources(conformance.Staple) {
			fmt.Println(c.Name, c.Rules)
		}
	}
	// Output:
	// certid/wrong-serial [certid-serial]
	// certid/wrong-name-hash [certid-name-hash]
	// certid/wrong-key-hash [certid-key-hash]
}

// A Ref is the place in a document that decides a case.
func ExampleRef() {
	var ref conformance.Ref
	for _, name := range []string{"delegate/without-eku", "times/early", "http/redirect", "times/produced-before-this"} {
		c, _ := conformance.Lookup(name)
		ref = c.Ref
		fmt.Println(ref.Text())
	}
	// Output:
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

// Where accept and reject are both right, the verdict is Either.
func ExampleVerdict() {
	for _, v := range []conformance.Verdict{conformance.Accept, conformance.Reject, conformance.Accept | conformance.Reject} {
		fmt.Println(v, v == conformance.Either)
	}
	// Output:
	// accept false
	// reject false
	// either true
}

// ParsePolicy is for flags of commands.
func ExampleParsePolicy() {
	p, err := conformance.ParsePolicy("sources=staple+ocsp,tolerates=unreachable,must-staple")
	fmt.Println(p.MustStaple, p.Sources == conformance.Staple|conformance.OCSP, p.Tolerates, err)
	// Output: true true unreachable <nil>
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
