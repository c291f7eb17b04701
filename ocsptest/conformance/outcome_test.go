package conformance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
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

// credulous is a client that looks at the chain alone.
func credulous(ctx context.Context, s *ocsptest.Server) error {
	transport := &http.Transport{TLSClientConfig: s.TLSClientConfig(), DialContext: s.DialContext, DisableKeepAlives: true}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

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

// What a failure says, which is what people meet first.
func TestFailureText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		which  string
		policy conformance.Policy
		client conformance.ClientFunc
	}{
		{"accepted", "delegate/without-eku", conformance.Policy{HardFail: true}, credulous},
		{"rejected", "status/good-fetched", conformance.Policy{HardFail: true, Fetch: true}, func(_ context.Context, s *ocsptest.Server) error {
			cfg := s.TLSClientConfig()
			cfg.ServerName = "localhost"
			cfg.VerifyConnection = func(tls.ConnectionState) error { return errors.New("myclient: no staple") }
			raw, err := s.DialContext(context.Background(), "", "")
			if err != nil {
				return err
			}
			defer raw.Close()
			return tls.Client(raw, cfg).Handshake()
		}},
		{"did not ask", "status/no-staple", conformance.Policy{HardFail: true, Fetch: true}, credulous},
		{"hung", "status/good", conformance.Policy{}, func(ctx context.Context, _ *ocsptest.Server) error {
			<-ctx.Done()
			return ctx.Err()
		}},
	}
	var b strings.Builder
	for _, test := range tests {
		c := find(t, test.policy, test.which)
		var err error
		synctest.Test(t, func(t *testing.T) {
			err = c.Test(t.Context(), test.client, conformance.InMemory())
		})
		if err == nil {
			t.Fatalf("%s: no failure", test.name)
		}
		fmt.Fprintf(&b, "# %s\n%s\n\n", test.name, normal(err.Error()))
	}
	labtest.Golden(t, "failure.txt", b.String())
}

var (
	aPort   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	aSerial = regexp.MustCompile(`serial [0-9a-f]+`)
)

// normal takes out of a text what is different each time.
func normal(text string) string {
	return aSerial.ReplaceAllString(aPort.ReplaceAllString(text, "127.0.0.1:4433"), "serial 2a")
}

// In a subtest the failure says how to run the case alone, and that is so.
func TestRunAlone(t *testing.T) {
	t.Parallel()
	if os.Getenv("OCSPTEST_INNER") != "" {
		conformance.Run(t, conformance.Policy{HardFail: true}, credulous, conformance.InMemory(), conformance.Skip("status/try-later", "a known bug"))
		return
	}
	inner := func(run string) (string, error) {
		cmd := exec.Command(os.Args[0], "-test.run", run, "-test.v")
		cmd.Env = append(os.Environ(), "OCSPTEST_INNER=1")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := inner("^TestRunAlone$/^status$")
	if err == nil {
		t.Fatalf("it passed:\n%s", out)
	}
	const alone = "alone: go test -run '^TestRunAlone$/^status$/^revoked$'"
	if !strings.Contains(out, alone) {
		t.Errorf("no %q in:\n%s", alone, out)
	}
	if !strings.Contains(out, "--- SKIP: TestRunAlone/status/try-later") || !strings.Contains(out, "a known bug") {
		t.Errorf("the skip and its reason are not in:\n%s", out)
	}
	_, run, _ := strings.Cut(alone, "-run ")
	out, err = inner(strings.Trim(run, "'"))
	ran := regexp.MustCompile(`=== RUN +(\S+)`).FindAllStringSubmatch(out, -1)
	if err == nil || len(ran) != 2 || ran[1][1] != "TestRunAlone/status/revoked" {
		t.Errorf("%v, ran %q:\n%s", err, ran, out)
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var others []conformance.SuiteOption // skips all groups except status
		for c := range conformance.Cases(conformance.Policy{}) {
			if !strings.HasPrefix(c.Name, "status/") {
				others = append(others, conformance.Skip(c.Name, "another group"))
			}
		}
		tried := func(opts ...conformance.SuiteOption) (n int) {
			count := func(context.Context, *ocsptest.Server) error {
				n++
				return nil
			}
			conformance.Check(t.Context(), conformance.Policy{}, count, slices.Concat(opts, others, []conformance.SuiteOption{conformance.InMemory()})...)
			return n
		}
		all := tried()
		if all == 0 {
			t.Fatal("no case of the group ran")
		}
		for _, test := range []struct {
			name string
			skip string
			want int
		}{
			{"a case", "status/good", 1},
			{"a group", "status", all},
			{"not by a part of its name", "status/goo", 0},
			{"not by a part of the group's", "stat", 0},
			{"nothing of that name", "status/none-of-these", 0},
		} {
			if got := all - tried(conformance.Skip(test.skip, "it is a test")); got != test.want {
				t.Errorf("%s: Skip(%q) leaves out %d, want %d", test.name, test.skip, got, test.want)
			}
		}
	})
	for _, test := range []struct {
		option conformance.SuiteOption
		want   string
	}{
		{conformance.Skip("times", "why"), `Skip("times", "why")`},
		{conformance.WithDeadline(time.Second), "WithDeadline(1s)"},
		{conformance.InMemory(), "InMemory()"},
	} {
		if got := test.option.String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// A client that says nothing in time hangs, whether it heeds its context, is
// late, or never comes back; and once it is gone nothing is left, or the bubble
// would fail.
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
		{"late, and content", func(<-chan struct{}) conformance.ClientFunc {
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
				err := c.Test(t.Context(), timed, conformance.InMemory(), conformance.WithDeadline(deadline))
				wrong, ok := errors.AsType[*conformance.CaseError](err)
				if !ok {
					t.Fatalf("got %v", err)
				}
				if wrong.Got != test.want || !errors.Is(wrong.Err, test.err) {
					t.Errorf("got %v (%v), want %v (%v)", wrong.Got, wrong.Err, test.want, test.err)
				}
				if took == 0 {
					took = deadline + time.Second // it is there yet
				}
				if took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

// The errors of all cases are there, each with what the client said.
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
		err := conformance.Check(t.Context(), p, func(context.Context, *ocsptest.Server) error { return refusal }, conformance.InMemory())
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
			if wrong.Case.Want == conformance.Accept || !strings.Contains(err.Error(), " at the first connection") {
				got = append(got, wrong.Case.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A suite that is told to stop does, and says where.
func TestClientStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := conformance.Check(ctx, conformance.Policy{}, func(ctx context.Context, s *ocsptest.Server) error {
			if n++; n == 3 {
				cancel()
			}
			return errRefused
		}, conformance.InMemory())
		if n != 3 || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "ocsptest: stopped at status/") {
			t.Errorf("%d cases, %v", n, err)
		}
	})
}

// A case on its own, for suites that judge for themselves.
func TestCaseStart(t *testing.T) {
	t.Parallel()
	for _, failed := range []bool{false, true} {
		tb := &labtest.TB{TB: t}
		if failed {
			tb.Fail()
		}
		srv := find(t, conformance.Policy{}, "status/revoked").Start(tb)
		if err := credulous(t.Context(), srv); err != nil {
			t.Error(err)
		}
		if h := srv.Handshakes(); len(h) != 1 || !strings.Contains(h[0].String(), "stapled revoked") {
			t.Errorf("the server saw %v", h)
		}
		addr := srv.Addr().String()
		tb.End()
		if c, err := tls.Dial("tcp", addr, srv.TLSClientConfig()); err == nil {
			c.Close()
			t.Error("it still listens when the test has ended")
		}
		if logged := strings.Join(tb.Logged(), "\n"); strings.Contains(logged, "what https://"+addr+" saw") != failed {
			t.Errorf("failed %v, logged %q", failed, logged)
		}
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		policy conformance.Policy
		text   string
		err    string // "" if there can be such a client
	}{
		{"zero", conformance.Policy{}, "Soft", ""},
		{"one", conformance.Policy{Fetch: true}, "Fetch", ""},
		{"all that go together", conformance.Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}, "HardFail+MustStaple+Fetch+CRL+Chain", ""},
		{"no sources, but soft", conformance.Policy{NoStaple: true}, "NoStaple", ""},
		{"must-staple without staples", conformance.Policy{MustStaple: true, NoStaple: true}, "MustStaple+NoStaple", "MustStaple needs a look at staples"},
		{"a chain and nobody to ask", conformance.Policy{Chain: true}, "Chain", "Chain needs Fetch or CRL"},
		{"no sources", conformance.Policy{HardFail: true, NoStaple: true}, "HardFail+NoStaple", "refuses everybody"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.policy.String(); got != test.text {
				t.Errorf("got %q, want %q", got, test.text)
			}
			only := []conformance.SuiteOption{conformance.InMemory()}
			for c := range conformance.Cases(conformance.Policy{}) {
				only = append(only, conformance.Skip(c.Name, "the policy is what matters"))
			}
			err := conformance.Check(t.Context(), test.policy, credulous, only...)
			for what, f := range map[string]func(){
				"Cases":     func() { conformance.Cases(test.policy) },
				"Reference": func() { conformance.Reference(test.policy) },
			} {
				if p := recovered(f); (p != nil) != (test.err != "") || p != nil && fmt.Sprint(p) != err.Error() {
					t.Errorf("%s panics with %v, Check returns %v", what, p, err)
				}
			}
			if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
	for v, want := range map[conformance.Verdict]string{
		conformance.Either: "either", conformance.Accept: "accept", conformance.Reject: "reject", conformance.Hung: "hung",
		-1: "verdict(-1)", 4: "verdict(4)",
	} {
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func recovered(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// Nothing in the catalogue depends on the year, until certificates end.
func TestReferenceInYearsToCome(t *testing.T) {
	t.Parallel()
	const year = 8766 * time.Hour
	p := conformance.Policy{HardFail: true, MustStaple: true, Fetch: true, CRL: true, Chain: true}
	for _, years := range []int{39, 49} {
		t.Run(strconv.Itoa(2000+years), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Duration(years) * year)
				if err := conformance.Check(t.Context(), p, conformance.Reference(p), conformance.InMemory()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
