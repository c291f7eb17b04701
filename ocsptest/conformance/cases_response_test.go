package conformance

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// Groups in which each case names the rules that its response breaks.
var ruled = regexp.MustCompile(`^(status|reason|encoding|certid|times|responderid|extensions)/`)

// TestResponsesOfCases shows that package verify finds in each response what its
// case says, and nothing else. The test gets the response as a client does, by
// TLS or by HTTP.
func TestResponsesOfCases(t *testing.T) {
	t.Parallel()
	for _, group := range groups {
		for _, s := range group() {
			if s.response == nil {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkResponse(t, s) })
			})
		}
	}
}

func checkResponse(t *testing.T, s *scenario) {
	w, err := newWorld(s, new(ocsptest.Network))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	resp, err := receive(t, w, s.leaf.staple != absent)

	if ruled.MatchString(s.name) || s.response.rule != "" {
		if diff := cmp.Diff(s.response.rule, rulesOf(t, err)); diff != "" {
			t.Errorf("rules that it breaks (-case +verify):\n%s%v", diff, err)
		}
	}
	want := map[evidence]fakeca.Status{good: fakeca.Good, revoked: fakeca.Revoked, unknown: fakeca.Unknown}
	switch status, valid := want[s.response.evidence]; {
	case valid && resp.Status != status:
		t.Errorf("it says %v, want %v", resp.Status, status)
	case valid && err != nil && s.response.rule != string(verify.RuleContradiction):
		t.Errorf("the case says that it is valid, verify says %v", err)
	case (s.response.evidence == invalid || s.response.evidence == invalidRevoked) && err == nil:
		t.Errorf("the case says that it is invalid, verify says that it is valid: %v", resp)
	}
}

// receive gets a response as a client does, and verifies it.
func receive(t *testing.T, w *world, stapled bool) (fakeca.Response, error) {
	t.Helper()
	leaf, issuer, now := w.leaf.Cert, w.ca.Cert, w.clock.now()
	if !stapled {
		client := httpClient(w.server)
		return askOnce(t.Context(), client, http.MethodGet, w.responder.URL, leaf, issuer, now, verify.Options.Response)
	}
	c, err := w.server.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cfg := w.server.TLSClientConfig()
	client := tls.Client(c, cfg)
	if err := client.HandshakeContext(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return verify.Response(client.ConnectionState().OCSPResponse, leaf, issuer, now)
}

// rulesOf returns the names of the broken rules, sorted, each once.
func rulesOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	all, ok := errors.AsType[verify.Violations](err)
	if !ok {
		t.Fatalf("got %v, want verify.Violations", err)
	}
	var names []string
	for _, v := range all {
		names = append(names, string(v.Rule))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
