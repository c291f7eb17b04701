package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// requireEnv lists the programs that must be installed, separated by commas.
const requireEnv = "OCSPLAB_REQUIRE"

// The programs that the tests run, and how to install them.
var programs = map[string]string{
	"apache2":    "apt-get install apache2",
	"certtool":   "apt-get install gnutls-bin",
	"curl":       "apt-get install curl",
	"gnutls-cli": "apt-get install gnutls-bin",
	"java":       "apt-get install default-jdk-headless",
	"k6":         "go install go.k6.io/k6@v1.8.1",
	"nginx":      "apt-get install nginx",
	"node":       "apt-get install nodejs",
	"ocsptool":   "apt-get install gnutls-bin",
	"openssl":    "apt-get install openssl",
	"tstclnt":    "apt-get install libnss3-tools",
}

// required parses the value of OCSPLAB_REQUIRE.
func required(list string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if _, ok := programs[name]; !ok {
			var known []string
			for k := range programs {
				known = append(known, k)
			}
			slices.Sort(known)
			return nil, fmt.Errorf("%s lists %q, which no test runs; it can list %s", requireEnv, name, strings.Join(known, ", "))
		}
		names = append(names, name)
	}
	return names, nil
}

// A misspelled name requires nothing, so it fails the run, even if the selected
// tests need no program.
func TestMain(m *testing.M) {
	if _, err := required(os.Getenv(requireEnv)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// program returns the path of a program. The test is skipped with -short, and if
// the program is not installed, except where OCSPLAB_REQUIRE lists it.
func program(t testing.TB, name string) string {
	t.Helper()
	install, ok := programs[name]
	if !ok {
		t.Fatalf("%q is not in the table of programs", name)
	}
	needed := isRequired(t, name)
	path, err := exec.LookPath(name)
	switch {
	case testing.Short() && !needed:
		t.Skip("no programs are run with -short")
	case err != nil && needed:
		t.Fatalf("%s is not on PATH, and %s lists it; install it: %s", name, requireEnv, install)
	case err != nil:
		t.Skipf("%s is not on PATH; install it: %s", name, install)
	}
	return path
}

// isRequired reports whether OCSPLAB_REQUIRE lists a program.
func isRequired(t testing.TB, name string) bool {
	t.Helper()
	names, err := required(os.Getenv(requireEnv))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(names, name)
}

// A command runs a program.
type command struct {
	path    string
	args    []string
	env     []string      // added to the environment
	dir     string        // default: the test's
	stdin   string        // default: nothing
	timeout time.Duration // default: 20 seconds
}

// A result is the outcome of a command.
type result struct {
	stdout, stderr string
	code           int // exit status
}

// all returns the output on both streams.
func (r result) all() string { return r.stdout + r.stderr }

// run runs a program with these arguments.
func run(t testing.TB, path string, args ...string) result {
	t.Helper()
	return command{path: path, args: args}.run(t)
}

// run fails the test if the program does not start or does not end in time.
func (c command) run(t testing.TB) result {
	t.Helper()
	if c.timeout == 0 {
		c.timeout = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
	defer cancel()
	r, err := c.output(ctx)
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", c.path, c.args, err, r.all())
	}
	return r
}

// output runs the program until it ends. An exit status is no error.
func (c command) output(ctx context.Context) (result, error) {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Stdin = &stdout, &stderr, strings.NewReader(c.stdin)
	cmd.Dir, cmd.Env = c.dir, append(cleanEnv(os.Environ()), c.env...)
	cmd.WaitDelay = time.Second // for children that keep the pipes open
	err := cmd.Run()
	r := result{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
	if ctx.Err() != nil {
		return r, fmt.Errorf("still running: %w", context.Cause(ctx))
	}
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || r.code < 0) {
		return r, err
	}
	return r, nil
}

// cleanEnv removes variables that make clients trust other roots, use a proxy,
// or print another language.
func cleanEnv(environ []string) []string {
	unwanted := []string{
		"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "NODE_OPTIONS", "REQUESTS_CA_BUNDLE",
		"OPENSSL_CONF", "OPENSSL_MODULES", "GNUTLS_SYSTEM_PRIORITY_FILE", "SSLKEYLOGFILE",
		"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "LANG", "LANGUAGE", "LC_ALL", "TZ",
	}
	clean := []string{"LC_ALL=C", "TZ=UTC"}
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains(unwanted, strings.ToUpper(name)) {
			clean = append(clean, v)
		}
	}
	return clean
}

// write writes data to a file in dir and returns its path.
func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		list    string
		want    []string
		wantErr string
	}{
		{name: "empty"},
		{name: "one", list: "openssl", want: []string{"openssl"}},
		{name: "several", list: "openssl, ocsptool,", want: []string{"openssl", "ocsptool"}},
		{name: "misspelled", list: "openssl,opensll", wantErr: `OCSPLAB_REQUIRE lists "opensll"`},
		{name: "other separator", list: "openssl k6", wantErr: `OCSPLAB_REQUIRE lists "openssl k6"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := required(test.list)
			if test.wantErr == "" && err != nil || test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)) {
				t.Fatalf("error %v, want %q", err, test.wantErr)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestCleanEnv(t *testing.T) {
	t.Parallel()
	got := cleanEnv([]string{"PATH=/bin", "SSL_CERT_FILE=a", "https_proxy=b", "LC_ALL=de_DE", "HOME=/h"})
	if want := []string{"LC_ALL=C", "TZ=UTC", "PATH=/bin", "HOME=/h"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
