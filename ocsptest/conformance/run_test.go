package conformance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

var errRefused = errors.New("refused by the test's client")

// find returns a case of the catalogue.
func find(t testing.TB, name string) conformance.Case {
	t.Helper()
	c, ok := conformance.Lookup(name)
	if !ok {
		t.Fatalf("there is no case %s", name)
	}
	return c
}

// inner runs a test of this binary in a process of its own.
func inner(t *testing.T, run string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"-test.run", run, "-test.v"}, args...)...)
	cmd.Env = append(os.Environ(), "OCSPTEST_INNER=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestRunOneCase shows that the command in a failure runs only that case, and
// what Run gives to the test besides: attributes, files, and the sum at the end.
func TestRunOneCase(t *testing.T) {
	t.Parallel()
	if os.Getenv("OCSPTEST_INNER") != "" {
		conformance.Run(t, conformance.Policy{}, conformance.ClientFunc(chainOnly), append(only("status"),
			conformance.WithInMemoryNetwork(), conformance.Skip("status/try-later", "a known bug"),
			conformance.WithKnownFailures(
				conformance.KnownFailure{Pattern: "status/unknown", Reason: "it ignores staples"},
				conformance.KnownFailure{Pattern: "status/good", Reason: "no longer true"}))...)
		return
	}
	dir := t.TempDir()
	out, err := inner(t, "^TestRunOneCase$/^(status|control)$", "-test.artifacts", "-test.outputdir", dir)
	if err == nil {
		t.Fatalf("it passed:\n%s", out)
	}
	const command = "run this case: go test -run '^TestRunOneCase$/^status$/^revoked$'"
	for _, want := range []string{
		command,
		"--- SKIP: TestRunOneCase/status/try-later", "a known bug",
		"--- SKIP: TestRunOneCase/status/unknown", "known failure (it ignores staples): status/unknown: accepted; want reject",
		"--- FAIL: TestRunOneCase/status/good", "status/good: accepted, a known failure that passes now; take it off the list",
		"=== ATTR  TestRunOneCase/status/revoked severity security",
		"checks nothing: 6 holes (status/revoked, status/malformed-request, status/internal-error and 3 more), " +
			"1 known and passed, 1 known; score 0; 10 cases judged under sources=staple",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "_artifacts", "*", "*", "*", "*"))
	if len(files) == 0 {
		files, err = globAll(dir)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	if err != nil || !slices.Contains(names, "response.der") || !slices.Contains(names, "chain.pem") {
		t.Errorf("the artifacts are %q, %v", files, err)
	}
	_, run, _ := strings.Cut(command, "-run ")
	out, err = inner(t, strings.Trim(run, "'"))
	ran := regexp.MustCompile(`=== RUN +(\S+)`).FindAllStringSubmatch(out, -1)
	if err == nil || len(ran) != 2 || ran[1][1] != "TestRunOneCase/status/revoked" {
		t.Errorf("%v, ran %q:\n%s", err, ran, out)
	}
}

// globAll returns all files below a folder.
func globAll(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// TestRunStopsAtControls shows that Run shows the control that a client fails,
// and runs nothing else.
func TestRunStopsAtControls(t *testing.T) {
	t.Parallel()
	if os.Getenv("OCSPTEST_INNER") != "" {
		never := conformance.ClientFunc(func(context.Context, *ocsptest.Server) error { return nil })
		conformance.Run(t, conformance.Policy{}, never, conformance.WithInMemoryNetwork())
		return
	}
	out, err := inner(t, "^TestRunStopsAtControls$")
	const want = "control/good: was not run (it returned nil, but finished no handshake); want accept\n"
	if err == nil || !strings.Contains(out, want) || strings.Contains(out, "=== RUN   TestRunStopsAtControls/") {
		t.Errorf("%v, want %q and no subtests in:\n%s", err, want, out)
	}
}

// insecure is a client that checks nothing at all.
func insecure(ctx context.Context, s *ocsptest.Server) error {
	raw, err := s.DialContext(ctx, "", "")
	if err != nil {
		return err
	}
	defer raw.Close()
	return tls.Client(raw, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx)
}

// TestGate runs clients that are not worth running on.
func TestGate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		client conformance.ClientFunc
		got    conformance.Outcome
		sum    string
	}{
		{
			"never connects", func(context.Context, *ocsptest.Server) error { return nil }, conformance.NotRunOutcome,
			"could not be judged: it failed control/good, so no other case was run",
		},
		{
			"refuses everything", func(context.Context, *ocsptest.Server) error { return errRefused }, conformance.Rejected,
			"refuses everything: it failed control/good, so no other case was run",
		},
		{
			"checks nothing", insecure, conformance.Accepted,
			"checks nothing: it failed control/untrusted-root, so no other case was run",
		},
		{
			"panics", func(context.Context, *ocsptest.Server) error { panic("on purpose") }, conformance.Panicked,
			"could not be judged: it failed control/good, so no other case was run",
		},
		{
			"hangs", func(ctx context.Context, _ *ocsptest.Server) error { <-ctx.Done(); return ctx.Err() }, conformance.Hung,
			"could not be judged: it failed control/good, so no other case was run",
		},
		{
			"cannot be executed",
			func(context.Context, *ocsptest.Server) error { return conformance.NotRun(exec.ErrNotFound) },
			conformance.NotRunOutcome,
			"could not be judged: it failed control/good, so no other case was run",
		},
		{
			"supports nothing",
			func(context.Context, *ocsptest.Server) error { return conformance.Unsupported("TLS") },
			conformance.UnsupportedOutcome,
			"could not be judged: it failed control/good, so no other case was run",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int32
				counting := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
					calls.Add(1)
					return test.client(ctx, s)
				})
				for _, p := range []conformance.Policy{{}, {Tolerates: conformance.FailOpen}, {Sources: conformance.OCSP}} {
					calls.Store(0)
					report, err := conformance.Check(t.Context(), p, counting, conformance.WithInMemoryNetwork())
					if err != nil {
						t.Fatal(err)
					}
					if report.Broken == nil || report.Broken.Got != test.got || report.Sum() != test.sum || calls.Load() > 2 {
						t.Errorf("under %v: %d calls, %+v: %s", p, calls.Load(), report.Broken, report.Sum())
					}
				}
			})
		})
	}
}

// TestRoles shows what is demanded of each kind of client.
func TestRoles(t *testing.T) {
	t.Parallel()
	asks := conformance.Policy{Sources: conformance.OCSP}
	insecureAsker := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		client := s.Network()
		if client == nil {
			return errRefused
		}
		return conformance.Reference(asks)(ctx, s)
	})
	never := conformance.ClientFunc(func(context.Context, *ocsptest.Server) error { return nil })
	for _, test := range []struct {
		name   string
		role   conformance.Role
		client conformance.ClientFunc
		broken bool
	}{
		{"TLS client", conformance.TLSClient, insecureAsker, false},
		{"TLS client that does not connect", conformance.TLSClient, never, true},
		{"checker", conformance.CertificateChecker, insecureAsker, false},
		{"checker that trusts any root", conformance.CertificateChecker, insecure, false},
		{"checker that asks nobody", conformance.CertificateChecker, never, true},
		{"stapler", conformance.Stapler, insecureAsker, false},
		{"stapler that asks nobody", conformance.Stapler, never, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := append(only("status"), conformance.WithInMemoryNetwork(), conformance.WithRole(test.role))
			report, err := conformance.Check(t.Context(), asks, test.client, opts...)
			if err != nil {
				t.Fatal(err)
			}
			if (report.Broken != nil) != test.broken {
				t.Errorf("%+v", report.Broken)
			}
			for _, r := range report.Results {
				if r.Case.Untrusted && test.role != conformance.TLSClient {
					t.Errorf("a %v is judged by %s", test.role, r.Case.Name)
				}
			}
		})
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	tried := func(opts ...conformance.Option) int {
		opts = slices.Concat(opts, only("status"), []conformance.Option{conformance.WithInMemoryNetwork()})
		report, err := conformance.Check(t.Context(), conformance.Policy{}, conformance.ClientFunc(chainOnly), opts...)
		if err != nil {
			t.Fatal(err)
		}
		return len(report.Results)
	}
	all := tried()
	for _, test := range []struct {
		name         string
		skip, reason string
		want         int
	}{
		{"a case", "status/good", "it is a test", 1},
		{"a case, without a reason", "status/good", "", 1},
		{"a group", "status", "it is a test", all - 2},
		{"a group, without a reason", "status", "", all - 2},
		{"the controls", "control", "it is a test", 2},
	} {
		if got := all - tried(conformance.Skip(test.skip, test.reason)); got != test.want {
			t.Errorf("%s: Skip(%q, %q) leaves out %d of %d, want %d", test.name, test.skip, test.reason, got, all, test.want)
		}
	}
}

// TestHung shows that a client hangs that does not return before its deadline,
// whether it heeds its context, is late, or never returns. No goroutine is left
// when it has returned, because the bubble would fail.
func TestHung(t *testing.T) {
	t.Parallel()
	const deadline, hangDeadline = 3 * time.Second, 7 * time.Second
	late := func(d time.Duration) func(<-chan struct{}) conformance.ClientFunc {
		return func(<-chan struct{}) conformance.ClientFunc {
			return func(context.Context, *ocsptest.Server) error {
				time.Sleep(d)
				return errRefused
			}
		}
	}
	heeding := func(<-chan struct{}) conformance.ClientFunc {
		return func(ctx context.Context, _ *ocsptest.Server) error {
			<-ctx.Done()
			return errRefused
		}
	}
	tests := []struct {
		name   string
		which  string
		client func(release <-chan struct{}) conformance.ClientFunc
		want   conformance.Outcome
		slow   bool
		took   time.Duration
		err    error
	}{
		{"in time", "status/revoked", late(deadline - time.Millisecond), conformance.Rejected, false, deadline - time.Millisecond, errRefused},
		{"heeds its context", "status/revoked", heeding, conformance.Hung, false, deadline, errRefused},
		{"late", "status/revoked", late(deadline + time.Second/2), conformance.Hung, false, deadline + time.Second/2, errRefused},
		{"never", "status/revoked", func(release <-chan struct{}) conformance.ClientFunc {
			return func(context.Context, *ocsptest.Server) error {
				<-release
				return nil
			}
		}, conformance.Hung, false, deadline + time.Second, context.DeadlineExceeded},
		{"never, in a handshake", "status/revoked", func(release <-chan struct{}) conformance.ClientFunc {
			return func(_ context.Context, s *ocsptest.Server) error {
				c, err := s.DialContext(context.Background(), "", "")
				if err != nil {
					return err
				}
				defer c.Close()
				<-release
				return nil
			}
		}, conformance.Hung, false, deadline + time.Second, context.DeadlineExceeded},
		{
			"slow, where the server hangs", "http/hang", late(deadline + time.Second),
			conformance.Rejected, true, deadline + time.Second, errRefused,
		},
		{"hangs, where the server hangs", "http/hang", heeding, conformance.Hung, false, hangDeadline, errRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := find(t, test.which)
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				result, err := c.Test(t.Context(), conformance.Policy{}, test.client(release), conformance.WithInMemoryNetwork(),
					conformance.WithDeadline(deadline), conformance.WithHangDeadline(hangDeadline))
				if err != nil {
					t.Fatal(err)
				}
				if result.Got != test.want || !errors.Is(result.Err, test.err) || result.Took != test.took || result.Slow != test.slow {
					t.Errorf("got %v (%v) after %v, slow %v; want %v (%v) after %v, slow %v",
						result.Got, result.Err, result.Took, result.Slow, test.want, test.err, test.took, test.slow)
				}
			})
		})
	}
}

// TestHangsSideBySide shows that a client that hangs wherever a server hangs
// costs the deadline of such cases once.
func TestHangsSideBySide(t *testing.T) {
	t.Parallel()
	asks := conformance.Policy{Sources: conformance.OCSP, Persistent: true}
	synctest.Test(t, func(t *testing.T) {
		hangs := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
			begin := time.Now()
			err := conformance.Reference(asks)(ctx, s)
			if time.Since(begin) > 500*time.Millisecond {
				<-ctx.Done()
			}
			return err
		})
		begin := time.Now()
		report, err := conformance.Check(t.Context(), asks, hangs,
			append(only("http"), conformance.WithInMemoryNetwork(), conformance.WithJobs(2))...)
		if err != nil {
			t.Fatal(err)
		}
		if n := report.Count(conformance.Liveness); n != 4 {
			t.Errorf("it hangs in %d cases, want 4", n)
		}
		if took := time.Since(begin); took < 30*time.Second || took > 35*time.Second {
			t.Errorf("took %v, want 30 s", took)
		}
	})
}

// TestPanickingClient shows that a client's panic does not end the test binary,
// and fails the case, also if rejecting is right.
func TestPanickingClient(t *testing.T) {
	t.Parallel()
	panicking := conformance.ClientFunc(func(context.Context, *ocsptest.Server) error { panic("on purpose") })
	result, err := find(t, "status/revoked").Test(t.Context(), conformance.Policy{}, panicking, conformance.WithInMemoryNetwork())
	text := (&conformance.CaseError{Result: result}).Error()
	if err != nil || !strings.HasPrefix(text, "status/revoked: panicked (on purpose); want reject\n    at:     run_test.go:") {
		t.Errorf("got %v, %v", text, err)
	}
}

// TestCheckStops shows that Check stops when its context is done, and says where.
func TestCheckStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		client := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
			if n++; n == 5 {
				cancel()
			}
			return chainOnly(ctx, s)
		})
		report, err := conformance.Check(ctx, conformance.Policy{}, client, conformance.WithInMemoryNetwork(), conformance.WithJobs(1))
		const want = "conformance: stopped at status/"
		if n != 5 || !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), want) || len(report.Results) != 4 {
			t.Errorf("%d cases, %d results, %v", n, len(report.Results), err)
		}
	})
}

func TestCaseStart(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{false, true} {
		tb := &labtest.TB{TB: t}
		if failed {
			tb.Fail()
		}
		srv := find(t, "status/revoked").Start(tb)
		if err := chainOnly(t.Context(), srv); err != nil {
			t.Error(err)
		}
		if h := srv.Handshakes(); len(h) != 1 || !strings.Contains(h[0].String(), "stapled revoked") {
			t.Errorf("the server saw %v", h)
		}
		addr := srv.Addr().String()
		tb.End()
		if c, err := tls.Dial("tcp", addr, srv.TLSClientConfig()); err == nil {
			c.Close()
			t.Error("it still listens after the test has ended")
		}
		if logged := strings.Join(tb.Logged(), "\n"); strings.Contains(logged, "what https://"+addr+" saw") != failed {
			t.Errorf("failed %v, logged %q", failed, logged)
		}
	}
}
