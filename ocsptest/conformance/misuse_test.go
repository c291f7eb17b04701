package conformance_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

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
			c := find(t, conformance.Policy{}, "status/good")
			for what, err := range map[string]error{
				"Check": conformance.Check(t.Context(), conformance.Policy{}, chainOnly, test.opts...),
				"Test":  c.Test(t.Context(), chainOnly, test.opts...),
			} {
				if err == nil || err.Error() != test.want {
					t.Errorf("%s returns %v\nwant %s", what, err, test.want)
				}
			}
		})
	}
}

func TestNilClient(t *testing.T) {
	t.Parallel()
	const want = "conformance: the client is nil; pass a function that connects to the server"
	c := find(t, conformance.Policy{}, "status/good")
	for what, err := range map[string]error{
		"Check": conformance.Check(t.Context(), conformance.Policy{}, nil),
		"Test":  c.Test(t.Context(), nil),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%s returns %v, want %s", what, err, want)
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
	const want = "misuse_test.go:42: conformance: the client is nil; pass a function that connects to the server\n--- FAIL"
	if got := linePattern.ReplaceAllString(string(out), "_test.go:42"); err == nil || !strings.Contains(got, want) {
		t.Errorf("%v, want %q in:\n%s", err, want, got)
	}
}

// TestNoTest shows that a nil test panics with one line.
func TestNoTest(t *testing.T) {
	t.Parallel()
	c := find(t, conformance.Policy{}, "status/good")
	const start = "conformance: Start needs a test, not nil; pass t"
	for _, test := range []struct {
		name string
		call func()
		want string
	}{
		{
			name: "Run",
			call: func() { conformance.Run(nil, conformance.Policy{}, chainOnly) },
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
	if err := (conformance.Case{}).Test(t.Context(), chainOnly); err == nil || err.Error() != want {
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

// TestPanickingClient shows that a client's panic does not end the test binary,
// and fails the case, also if rejecting is right.
func TestPanickingClient(t *testing.T) {
	t.Parallel()
	c := find(t, conformance.Policy{}, "status/revoked")
	panicking := func(context.Context, *ocsptest.Server) error { panic("on purpose") }
	err := c.Test(t.Context(), panicking, conformance.WithInMemoryNetwork())
	if err == nil || !strings.HasPrefix(err.Error(), "status/revoked: panicked (on purpose); want reject\n    at:     misuse_test.go:") {
		t.Errorf("got %v", err)
	}
}
