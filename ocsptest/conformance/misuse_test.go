package conformance_test

import (
	"crypto/x509"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// allSets returns the sets of the catalogue, in its order.
func allSets() []string {
	var all []string
	for c := range conformance.Cases() {
		if !slices.Contains(all, c.Since) {
			all = append(all, c.Since)
		}
	}
	return all
}

func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		opts []conformance.Option
		want string
	}{
		{
			name: "nil",
			opts: []conformance.Option{conformance.WithInMemoryNetwork(), nil},
			want: "conformance: option 2 of 2 is nil; leave it out",
		},
		{
			name: "twice",
			opts: []conformance.Option{conformance.WithDeadline(time.Second), conformance.WithDeadline(time.Minute)},
			want: "conformance: WithDeadline is given twice; give it once",
		},
		{
			name: "no time to hang",
			opts: []conformance.Option{conformance.WithHangDeadline(-time.Second)},
			want: "conformance: WithHangDeadline(-1s): the deadline must be positive; leave it out for 30s",
		},
		{
			name: "no jobs",
			opts: []conformance.Option{conformance.WithJobs(0)},
			want: "conformance: WithJobs(0): use at least 1; leave it out for GOMAXPROCS",
		},
		{
			name: "no role",
			opts: []conformance.Option{conformance.WithRole(7)},
			want: "conformance: WithRole(Role(7)): use TLSClient, CertificateChecker or Stapler",
		},
		{
			name: "a client, and one for each case",
			opts: []conformance.Option{conformance.WithClientPerCase(func() conformance.Client { return nil })},
			want: "conformance: there is a client, and WithClientPerCase; pass nil as the client",
		},
		{
			name: "no function that makes clients",
			opts: []conformance.Option{conformance.WithClientPerCase(nil)},
			want: "conformance: WithClientPerCase needs a function; leave the option out for one client",
		},
		{
			name: "a set to come",
			opts: []conformance.Option{conformance.WithSet("1999.1")},
			want: `conformance: WithSet: there is no set "1999.1"; use one of ` + strings.Join(allSets(), ", "),
		},
		{
			name: "a known failure of no case",
			opts: []conformance.Option{conformance.WithKnownFailures(conformance.KnownFailure{Pattern: "certid/wrogn-serial"})},
			want: `conformance: WithKnownFailures: no case or group "certid/wrogn-serial"; the closest are ` +
				`certid/wrong-serial, certid/wrong-key-hash, certid/wrong-name-hash`,
		},
		{
			name: "a known failure of a group",
			opts: []conformance.Option{conformance.WithKnownFailures(conformance.KnownFailure{Pattern: "certid"})},
			want: `conformance: WithKnownFailures: "certid" is a group; write "certid/*" for its cases`,
		},
		{
			name: "a malformed pattern",
			opts: []conformance.Option{conformance.WithKnownFailures(conformance.KnownFailure{Pattern: "certid/["})},
			want: `conformance: WithKnownFailures: the pattern "certid/[" is malformed`,
		},
		{
			name: "no root",
			opts: []conformance.Option{conformance.WithRoot(nil)},
			want: "conformance: WithRoot needs a CA; leave the option out for a new one in each case",
		},
		{
			name: "no keys",
			opts: []conformance.Option{conformance.WithKeys(nil)},
			want: "conformance: WithKeys needs a function; leave the option out for P-256",
		},
		{
			name: "a template that names responders",
			opts: []conformance.Option{conformance.WithLeafTemplate(&x509.Certificate{OCSPServer: []string{"http://localhost"}})},
			want: "conformance: WithLeafTemplate: OCSPServer and CRLDistributionPoints are set by the cases; leave them out",
		},
		{
			name: "no protocol",
			opts: []conformance.Option{conformance.WithALPN()},
			want: `conformance: WithALPN needs the names of protocols, such as "h2"; leave the option out for http/1.1`,
		},
		{
			name: "no time",
			opts: []conformance.Option{conformance.WithDeadline(0)},
			want: "conformance: WithDeadline(0s): the deadline must be positive; leave it out for 10s",
		},
		{
			name: "part of a group's name",
			opts: []conformance.Option{conformance.Skip("status", "exists"), conformance.Skip("time", "typo")},
			want: `conformance: Skip: no case or group "time"; the closest are times, times/early, times/ancient`,
		},
		{
			name: "part of a case's name",
			opts: []conformance.Option{conformance.Skip("status/goo", "typo")},
			want: `conformance: Skip: no case or group "status/goo"; the closest are status/good, status/good-fetched, status/revoked`,
		},
		{
			name: "transposed letters",
			opts: []conformance.Option{conformance.Skip("certid/wrogn-serial", "typo")},
			want: `conformance: Skip: no case or group "certid/wrogn-serial"; the closest are ` +
				`certid/wrong-serial, certid/wrong-key-hash, certid/wrong-name-hash`,
		},
		{
			name: "a case without its group",
			opts: []conformance.Option{conformance.Skip("without-eku", "typo")},
			want: `conformance: Skip: no case or group "without-eku"; the closest are delegate/without-eku, ` +
				`combined/revoked-delegate-without-eku, delegate/any-eku`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := conformance.ClientFunc(chainOnly)
			_, checkErr := conformance.Check(t.Context(), conformance.Policy{}, client, test.opts...)
			_, testErr := find(t, "status/good").Test(t.Context(), conformance.Policy{}, client, test.opts...)
			for what, err := range map[string]error{"Check": checkErr, "Test": testErr} {
				if err == nil || err.Error() != test.want {
					t.Errorf("%s returns %v\nwant %s", what, err, test.want)
				}
			}
		})
	}
}

func TestNilClient(t *testing.T) {
	t.Parallel()
	const want = "conformance: the client is nil; pass a ClientFunc that connects to the server"
	for _, client := range []conformance.Client{nil, conformance.ClientFunc(nil)} {
		_, checkErr := conformance.Check(t.Context(), conformance.Policy{}, client)
		_, testErr := find(t, "status/good").Test(t.Context(), conformance.Policy{}, client)
		for what, err := range map[string]error{"Check": checkErr, "Test": testErr} {
			if err == nil || err.Error() != want {
				t.Errorf("%s returns %v, want %s", what, err, want)
			}
		}
	}
}

// TestRunRefuses shows that Run fails with one line if its arguments are wrong.
func TestRunRefuses(t *testing.T) {
	t.Parallel()
	if os.Getenv("OCSPTEST_INNER") != "" {
		conformance.Run(t, conformance.Policy{}, nil)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^TestRunRefuses$", "-test.v")
	cmd.Env = append(os.Environ(), "OCSPTEST_INNER=1")
	out, err := cmd.CombinedOutput()
	const want = "misuse_test.go:42: conformance: the client is nil; pass a ClientFunc that connects to the server\n--- FAIL"
	if got := linePattern.ReplaceAllString(string(out), "_test.go:42"); err == nil || !strings.Contains(got, want) {
		t.Errorf("%v, want %q in:\n%s", err, want, got)
	}
}

// recovered returns what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestNoTest shows that a nil test panics with one line.
func TestNoTest(t *testing.T) {
	t.Parallel()
	c := find(t, "status/good")
	const start = "conformance: Start needs a test, not nil; pass t"
	for _, test := range []struct {
		name string
		call func()
		want string
	}{
		{
			name: "Run",
			call: func() { conformance.Run(nil, conformance.Policy{}, conformance.ClientFunc(chainOnly)) },
			want: "conformance: Run needs a test, not nil; outside of tests call Check",
		},
		{
			name: "Start, nil",
			call: func() { c.Start(nil) },
			want: start,
		},
		{
			name: "Start, nil *testing.T",
			call: func() { c.Start((*testing.T)(nil)) },
			want: start,
		},
	} {
		if got := recovered(test.call); got != test.want {
			t.Errorf("%s panics with %v, want %s", test.name, got, test.want)
		}
	}
}

// TestZeroCase shows that a Case that Cases did not make is refused with one line.
func TestZeroCase(t *testing.T) {
	t.Parallel()
	const want = "conformance: this Case was not made by Cases; use one that was"
	_, err := (conformance.Case{}).Test(t.Context(), conformance.Policy{}, conformance.ClientFunc(chainOnly))
	if err == nil || err.Error() != want {
		t.Errorf("Test returns %v, want %s", err, want)
	}
	tb := &labtest.TB{TB: t}
	if srv := (conformance.Case{}).Start(tb); srv != nil {
		t.Errorf("Start returns %v", srv)
	}
	if logged := strings.Join(tb.Logged(), "\n"); logged != want {
		t.Errorf("Start logs %q, want %q", logged, want)
	}
}
