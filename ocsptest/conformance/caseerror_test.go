package conformance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// TestFailureText compares the texts of failures with testdata/failure.txt.
func TestFailureText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		which  string
		policy conformance.Policy
		client conformance.ClientFunc
	}{
		{"accepted", "delegate/without-eku", conformance.Policy{}, chainOnly},
		{"accepted without a handshake", "status/revoked", conformance.Policy{}, func(context.Context, *ocsptest.Server) error { return nil }},
		{"rejected", "status/good-fetched", conformance.Policy{Sources: conformance.OCSP}, refusing},
		{"rejected at one of two connections", "resumption/good-tls13", conformance.Policy{}, refusing},
		{
			"did not ask", "fallback/expired-staple-good-responder",
			conformance.Policy{Sources: conformance.Staple | conformance.OCSP, Persistent: true}, chainOnly,
		},
		{"timed out", "status/good", conformance.Policy{}, func(ctx context.Context, _ *ocsptest.Server) error {
			<-ctx.Done()
			return ctx.Err()
		}},
		{
			"timed out where both are right", "status/unknown", conformance.Policy{Tolerates: conformance.FailOpen},
			func(ctx context.Context, _ *ocsptest.Server) error {
				<-ctx.Done()
				return nil
			},
		},
		{"panicked", "status/good", conformance.Policy{}, func(context.Context, *ocsptest.Server) error {
			return panicking([]error{nil})
		}},
		{"exited", "status/good", conformance.Policy{}, func(context.Context, *ocsptest.Server) error {
			runtime.Goexit()
			return nil
		}},
	}
	var b strings.Builder
	for _, test := range tests {
		c := find(t, test.which)
		synctest.Test(t, func(t *testing.T) {
			result, err := c.Test(t.Context(), test.policy, test.client, conformance.WithInMemoryNetwork())
			if err != nil || !result.Failed() {
				t.Fatalf("%s: no failure, %v", test.name, err)
			}
			failure := &conformance.CaseError{Result: result, Policy: test.policy}
			fmt.Fprintf(&b, "# %s\n%s\n\n", test.name, normal(failure.Error()))
		})
	}
	labtest.Golden(t, "failure.txt", b.String())
}

// refusing is a client that refuses all servers.
func refusing(ctx context.Context, s *ocsptest.Server) error {
	cfg := s.TLSClientConfig()
	cfg.VerifyConnection = func(tls.ConnectionState) error { return errors.New("myclient: no staple") }
	raw, err := s.DialContext(ctx, "", "")
	if err != nil {
		return err
	}
	defer raw.Close()
	return tls.Client(raw, cfg).HandshakeContext(ctx)
}

func panicking(errs []error) error { return errs[len(errs)] }

var (
	portPattern   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	pathPattern   = regexp.MustCompile(`/x[0-9a-f]{8}\b`) // of a responder
	serialPattern = regexp.MustCompile(`serial [0-9a-f]+`)
	linePattern   = regexp.MustCompile(`_test\.go:\d+`)
)

// normal replaces what differs from run to run. Ports count from 4433, in the
// order in which they are first mentioned.
func normal(text string) string {
	ports := make(map[string]string)
	text = portPattern.ReplaceAllStringFunc(text, func(address string) string {
		if ports[address] == "" {
			ports[address] = fmt.Sprintf("127.0.0.1:%d", 4433+len(ports))
		}
		return ports[address]
	})
	text = pathPattern.ReplaceAllString(text, "/x7f3a12c4")
	return linePattern.ReplaceAllString(serialPattern.ReplaceAllString(text, "serial 2a"), "_test.go:42")
}
