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

// Groups whose cases name the rules that their answers break.
var ruled = regexp.MustCompile(`^(status|reason|encoding|certid|times|responderid|extensions)/`)

// What a case says of its answer is what Verify says of it: all of it, and
// nothing else. The answer is that which a client gets, by TLS or by HTTP.
func TestAnswersOfCases(t *testing.T) {
	t.Parallel()
	names := make(map[string]bool)
	for _, group := range groups {
		for _, s := range group() {
			if s.answer == nil {
				continue
			}
			if names[s.name] {
				t.Errorf("two cases are called %q", s.name)
			}
			names[s.name] = true
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkAnswer(t, s) })
			})
		}
	}
}

func checkAnswer(t *testing.T, s *scenario) {
	w, err := newWorld(s, new(ocsptest.Network))
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	said, err := receive(t, w, s.staple != silent)

	if ruled.MatchString(s.name) || s.answer.rule != "" {
		if diff := cmp.Diff(s.answer.rule, rulesOf(t, err)); diff != "" {
			t.Errorf("the rules that it breaks (-case +Verify):\n%s%v", diff, err)
		}
	}
	want := map[news]fakeca.Status{good: fakeca.Good, revoked: fakeca.Revoked, unknown: fakeca.Unknown}
	switch status, settled := want[s.answer.news]; {
	case settled && said.Status != status:
		t.Errorf("it says %v", said)
	case settled && err != nil && s.answer.rule != string(verify.RuleContradiction):
		t.Errorf("it is valid, says the case; Verify: %v", err)
	case (s.answer.news == useless || s.answer.news == accused) && err == nil:
		t.Errorf("it is not valid, says the case; Verify: %v", said)
	}
}

// receive gets an answer as a client does, and verifies it.
func receive(t *testing.T, w *world, stapled bool) (fakeca.Response, error) {
	t.Helper()
	leaf, issuer := w.leaf.Cert, w.ca.Cert
	if !stapled {
		return askOnce(t.Context(), httpClient(w.server), http.MethodGet, w.responder.URL, leaf, issuer, w.clock.now(), verify.Options.Response)
	}
	c, err := w.server.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cfg := w.server.TLSClientConfig()
	cfg.ServerName = "localhost"
	client := tls.Client(c, cfg)
	if err := client.HandshakeContext(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return verify.Response(client.ConnectionState().OCSPResponse, leaf, issuer, w.clock.now())
}

// rulesOf are the names of the rules that are broken, sorted, each once.
func rulesOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	all, ok := errors.AsType[verify.Violations](err)
	if !ok {
		t.Fatalf("not what Verify returns: %v", err)
	}
	var names []string
	for _, v := range all {
		names = append(names, string(v.Rule))
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}
