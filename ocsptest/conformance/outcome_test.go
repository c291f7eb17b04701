package conformance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

var errRefused = errors.New("refused by the test's client")

// find returns a case of the catalogue.
func find(t testing.TB, p conformance.Policy, name string) conformance.Case {
	t.Helper()
	for c := range conformance.Cases(p) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no case %s", name)
	return conformance.Case{}
}

// TestRunOneCase shows that the command in a failure runs only that case.
func TestRunOneCase(t *testing.T) {
	t.Parallel()
	if os.Getenv("OCSPTEST_INNER") != "" {
		conformance.Run(t, conformance.Policy{HardFail: true}, chainOnly,
			conformance.WithInMemoryNetwork(), conformance.Skip("status/try-later", "a known bug"))
		return
	}
	inner := func(run string) (string, error) {
		cmd := exec.Command(os.Args[0], "-test.run", run, "-test.v")
		cmd.Env = append(os.Environ(), "OCSPTEST_INNER=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := inner("^TestRunOneCase$/^status$")
	if err == nil {
		t.Fatalf("it passed:\n%s", out)
	}
	const command = "run this case: go test -run '^TestRunOneCase$/^status$/^revoked$'"
	if !strings.Contains(out, command) {
		t.Errorf("no %q in:\n%s", command, out)
	}
	if !strings.Contains(out, "--- SKIP: TestRunOneCase/status/try-later") || !strings.Contains(out, "a known bug") {
		t.Errorf("the skip and its reason are not in:\n%s", out)
	}
	_, run, _ := strings.Cut(command, "-run ")
	out, err = inner(strings.Trim(run, "'"))
	ran := regexp.MustCompile(`=== RUN +(\S+)`).FindAllStringSubmatch(out, -1)
	if err == nil || len(ran) != 2 || ran[1][1] != "TestRunOneCase/status/revoked" {
		t.Errorf("%v, ran %q:\n%s", err, ran, out)
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		groups := make(map[string]int)
		var others []conformance.Option // skip all groups except status
		for c := range conformance.Cases(conformance.Policy{}) {
			group, _, _ := strings.Cut(c.Name, "/")
			if groups[group]++; groups[group] == 1 && group != "status" {
				others = append(others, conformance.Skip(group, "another group"))
			}
		}
		tried := func(opts ...conformance.Option) (n int) {
			count := func(context.Context, *ocsptest.Server) error {
				n++
				return nil
			}
			opts = slices.Concat(opts, others, []conformance.Option{conformance.WithInMemoryNetwork()})
			conformance.Check(t.Context(), conformance.Policy{}, count, opts...)
			return n
		}
		all := tried()
		if all == 0 || all != groups["status"] {
			t.Fatalf("%d cases of the group status ran, want %d", all, groups["status"])
		}
		for _, test := range []struct {
			name         string
			skip, reason string
			want         int
		}{
			{"a case", "status/good", "it is a test", 1},
			{"a case, without a reason", "status/good", "", 1},
			{"a group", "status", "it is a test", all},
			{"a group, without a reason", "status", "", all},
		} {
			if got := all - tried(conformance.Skip(test.skip, test.reason)); got != test.want {
				t.Errorf("%s: Skip(%q, %q) leaves out %d, want %d", test.name, test.skip, test.reason, got, test.want)
			}
		}
	})
}

// TestHung shows that a client hangs that does not return before its deadline,
// whether it heeds its context, is late, or never returns. No goroutine is left
// when it has returned, because the bubble would fail.
func TestHung(t *testing.T) {
	t.Parallel()
	const deadline = 3 * time.Second
	tests := []struct {
		name   string
		client func(release <-chan struct{}) conformance.ClientFunc
		want   conformance.Verdict
		took   time.Duration
		err    error // that CaseError has
	}{
		{"in time", func(<-chan struct{}) conformance.ClientFunc {
			return func(context.Context, *ocsptest.Server) error {
				time.Sleep(deadline - time.Millisecond)
				return errRefused
			}
		}, conformance.Reject, deadline - time.Millisecond, errRefused},
		{"heeds its context", func(<-chan struct{}) conformance.ClientFunc {
			return func(ctx context.Context, _ *ocsptest.Server) error {
				<-ctx.Done()
				return errRefused
			}
		}, conformance.Hung, deadline, errRefused},
		{"late, and accepts", func(<-chan struct{}) conformance.ClientFunc {
			return func(context.Context, *ocsptest.Server) error {
				time.Sleep(deadline + time.Second/2)
				return nil
			}
		}, conformance.Hung, deadline + time.Second/2, nil},
		{"never", func(release <-chan struct{}) conformance.ClientFunc {
			return func(context.Context, *ocsptest.Server) error {
				<-release
				return nil
			}
		}, conformance.Hung, deadline + time.Second, context.DeadlineExceeded},
		{"never, in a handshake", func(release <-chan struct{}) conformance.ClientFunc {
			return func(_ context.Context, s *ocsptest.Server) error {
				c, err := s.DialContext(context.Background(), "", "")
				if err != nil {
					return err
				}
				defer c.Close()
				<-release
				return nil
			}
		}, conformance.Hung, deadline + time.Second, context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := find(t, conformance.Policy{}, "status/good")
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				var took time.Duration
				start := time.Now()
				timed := func(ctx context.Context, s *ocsptest.Server) error {
					defer func() { took = time.Since(start) }()
					return test.client(release)(ctx, s)
				}
				err := c.Test(t.Context(), timed, conformance.WithInMemoryNetwork(), conformance.WithDeadline(deadline))
				wrong, ok := errors.AsType[*conformance.CaseError](err)
				if !ok {
					t.Fatalf("got %v", err)
				}
				if wrong.Got != test.want || !errors.Is(wrong.Err, test.err) {
					t.Errorf("got %v (%v), want %v (%v)", wrong.Got, wrong.Err, test.want, test.err)
				}
				if took == 0 {
					took = deadline + time.Second // it is still running
				}
				if took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

// TestClientErrors shows that Check returns an error for each case that a client
// gets wrong, with the client's error.
func TestClientErrors(t *testing.T) {
	t.Parallel()
	p := conformance.Policy{HardFail: true}
	refusal := errors.New("not today")
	var want []string
	for c := range conformance.Cases(p) {
		if c.Want == conformance.Accept {
			want = append(want, c.Name)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		refusing := func(context.Context, *ocsptest.Server) error { return refusal }
		err := conformance.Check(t.Context(), p, refusing, conformance.WithInMemoryNetwork())
		if !errors.Is(err, refusal) {
			t.Errorf("the client's error is not in %v", err)
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("not joined: %v", err)
		}
		var got []string
		for _, err := range joined.Unwrap() {
			wrong, ok := errors.AsType[*conformance.CaseError](err)
			if !ok {
				t.Fatalf("not a CaseError: %v", err)
			}
			if wrong.Got != conformance.Reject || wrong.Err != refusal || !strings.HasPrefix(err.Error(), wrong.Case.Name+": ") {
				t.Errorf("%v, %v: %v", wrong.Got, wrong.Err, err)
			}
			if wrong.Case.Want == conformance.Accept || !strings.Contains(err.Error(), "at the first connection") {
				got = append(got, wrong.Case.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestCheckStops shows that Check stops when its context is done, and says where.
func TestCheckStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := conformance.Check(ctx, conformance.Policy{}, func(ctx context.Context, s *ocsptest.Server) error {
			if n++; n == 3 {
				cancel()
			}
			return errRefused
		}, conformance.WithInMemoryNetwork())
		const want = "conformance: stopped at status/good: context canceled"
		if n != 3 || !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%d cases, %v", n, err)
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
		srv := find(t, conformance.Policy{}, "status/revoked").Start(tb)
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

// TestReferenceInYearsToCome shows that nothing in the catalogue depends on the
// year, until certificates expire.
func TestReferenceInYearsToCome(t *testing.T) {
	t.Parallel()
	const year = 8766 * time.Hour
	p := conformance.Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}
	for _, years := range []int{39, 49} {
		t.Run(strconv.Itoa(2000+years), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Duration(years) * year)
				err := conformance.Check(t.Context(), p, conformance.Reference(p), conformance.WithInMemoryNetwork())
				if err != nil {
					t.Error(err)
				}
			})
		})
	}
}
