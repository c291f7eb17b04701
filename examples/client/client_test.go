package client_test

import (
	"context"
	"os"
	"testing"

	"github.com/ocsplab/ocsplab/examples/client"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

func TestRevocation(t *testing.T) {
	policy := conformance.Policy{} // a good staple, or nothing
	conformance.Run(t, policy, conformance.ClientFunc(func(ctx context.Context, srv *ocsptest.Server) error {
		resp, err := client.Get(ctx, srv.URL, srv.TLSClientConfig())
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}), conformance.WithKnownFailures(known(t, "testdata/client.txt")...))
}

// known reads a list of known failures. A failure that passes is an error.
func known(t *testing.T, name string) []conformance.KnownFailure {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	list, err := conformance.ReadKnownFailures(file)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
