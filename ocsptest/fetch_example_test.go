package ocsptest_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A server that behaves as nginx does: the first client gets no staple, and only
// good is stapled.
func ExampleWithFetchedStaple() {
	ca := fakeca.New().Intermediate()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()

	fetching := func(when ocsptest.FetchTime) ocsptest.Option {
		return ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{When: when, GoodOnly: true})
	}
	srv := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca), fetching(ocsptest.FetchAtHandshake))
	srv.Start()
	defer srv.Close()

	show(srv)
	for len(srv.Fetches()) == 0 {
		time.Sleep(time.Millisecond) // in a test, Eventually(srv.Fetches).ShouldNot(BeEmpty())
	}
	show(srv)

	other := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca), fetching(ocsptest.FetchAtStart)) // the default
	other.Start()
	defer other.Close()
	show(other)
	// Output:
	// no staple
	// good unspecified
	// good unspecified
}

// A server that behaves as Apache does: the client waits for the fetch, which fails
// here.
func ExampleServer_Fetches() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	responder.SetFault(fault.HTTPError(http.StatusServiceUnavailable))

	policy := ocsptest.FetchPolicy{When: ocsptest.FetchInHandshake}
	srv := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca), ocsptest.WithFetchedStaple(policy))
	srv.Start()
	defer srv.Close()

	show(srv)
	failed := func(f ocsptest.Fetch) bool { return f.Err != nil }
	fmt.Println(slices.ContainsFunc(srv.Fetches(), failed), srv.Fetches()[0].Err)
	// Output:
	// no staple
	// true the responder said 503 Service Unavailable
}
