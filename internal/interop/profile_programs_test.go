package interop

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// A profiled program is how the program of a profile is run.
type profiled struct {
	profile string
	program string // of the table of programs; "" for a client in this process
	client  func(t *testing.T, path string) conformance.Client
	options []conformance.Option
}

// leavingOut leaves out cases.
func leavingOut(names ...string) []conformance.Option {
	var opts []conformance.Option
	for _, name := range names {
		opts = append(opts, conformance.Skip(name, "not judged here"))
	}
	return opts
}

func profiledPrograms(vm *javaVM) []profiled {
	java := leavingOut(
		"crl/critical-entry-extension",
		"crl-encoding/next-update-twice", "crl-encoding/next-update-twice-revoked",
		"crl-encoding/entries-set", "crl-encoding/entries-set-revoked", "crl-encoding/entries-tag-1-revoked",
		"crl-encoding/entries-null", "crl-encoding/entries-null-revoked", "crl-encoding/entries-twice-revoked",
		"crl-encoding/extensions-first-revoked", "crl-encoding/extensions-twice",
		"crl-entries/certificate-issuer-revoked", "crl-entries/certificate-issuer-before-revoked",
		"crl-entries/date-tomorrow-revoked", "crl-entries/date-2050-revoked",
		"crl-times/next-update-impossible", "crl-delta/without-base-not-critical", "crl-transport/short-content-length",
	)
	gnutls := leavingOut(
		"crl-signer/entry-added", "crl-points/first-lists-it", "crl-scope/reasons-in-two-revoked-by-first",
		"crl-indirect/revoked", "crl-indirect/carried-over-revoked", "crl-indirect/another-with-serial-revoked",
	)
	openssl := leavingOut(
		"crl-entries/removed-then-twice-revoked", "crl-entries/certificate-issuer-revoked", "crl-entries/certificate-issuer-before-revoked",
	)
	deltas := leavingOut(
		"crl-scope/reasons-none", "crl-scope/reasons-none-then-all-revoked", "crl-indirect/nameless-point-other-name",
	)
	checker := []conformance.Option{conformance.WithRole(conformance.CertificateChecker)}
	return []profiled{
		{profile: "curl", program: "curl", client: commandClient(func(s *ocsptest.Server, root string) []string {
			return []string{"-sS", "--cert-status", "--cacert", root, "https://localhost:" + portOf(s)}
		}, byExitStatus)},
		{profile: "gnutls", program: "gnutls-cli", client: commandClient(func(s *ocsptest.Server, root string) []string {
			return []string{"--x509cafile", root, "-p", portOf(s), "localhost"}
		}, byHandshake)},
		{profile: "gnutls-ocsp", program: "gnutls-cli", client: commandClient(func(s *ocsptest.Server, root string) []string {
			return []string{"--ocsp", "--x509cafile", root, "-p", portOf(s), "localhost"}
		}, byHandshake), options: leavingOut("certid/expired-good-and-revoked-fetched")},
		{profile: "openssl-ocsp", program: "openssl", client: opensslClient, options: checker},
		{profile: "java", program: "java", client: vm.client(), options: java},
		{profile: "java-end-entity", program: "java", client: vm.client("ONLY_END_ENTITY"), options: java},
		{profile: "java-no-fallback", program: "java", client: vm.client("NO_FALLBACK"), options: java},
		{profile: "java-prefer-crls", program: "java", client: vm.client("PREFER_CRLS", "NO_FALLBACK"), options: java},
		{profile: "java-soft-fail", program: "java", client: vm.client("SOFT_FAIL"), options: java},
		{profile: "nss", program: "tstclnt", client: nssClient, options: leavingOut("certid/good-and-revoked")},
		{profile: "go", client: goClient},
		{profile: "openssl-crl", program: "openssl", client: opensslWithCRLs(crlScript{}, "-crl_check"),
			options: slices.Concat(checker, openssl)},
		{profile: "openssl-crl-all", program: "openssl", client: opensslWithCRLs(crlScript{chain: true}, "-crl_check_all"),
			options: slices.Concat(checker, openssl)},
		{profile: "openssl-crl-deltas", program: "openssl", options: slices.Concat(checker, openssl, deltas),
			client: opensslWithCRLs(crlScript{deltas: true}, "-crl_check", "-extended_crl", "-use_deltas")},
		{profile: "gnutls-crl", program: "certtool", client: certtoolWithCRLs, options: slices.Concat(checker, gnutls)},
		{profile: "curl-crlfile", program: "curl", client: curlWithCRLs, options: openssl},
		{profile: "nginx-crl", program: "nginx", client: nginxWithCRLs, options: slices.Concat(checker, openssl)},
		{profile: "go-crl", client: goCRLClient},
	}
}

var (
	libraryVersion = regexp.MustCompile(`library-version=([0-9.]+)`)
	nginxVersion   = regexp.MustCompile(`(?s)(nginx/\S+).*(OpenSSL \S+)`) // the OpenSSL that it runs with comes last
)

// version returns the version of the program.
func (p profiled) version(t *testing.T, path string) string {
	switch p.program {
	case "java":
		return firstLine(run(t, path, "-version").stderr)
	case "openssl":
		return firstWords(run(t, path, "version").stdout)
	case "tstclnt": // has no switch for it
		database, err := newNSSDatabase(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		modules := run(t, "modutil", "-dbdir", database, "-list").all()
		if m := libraryVersion.FindStringSubmatch(modules); m != nil {
			return "NSS " + m[1]
		}
		return "NSS"
	case "curl": // as it matters which library it is built with
		words := strings.Fields(run(t, path, "--version").stdout)
		return strings.Join([]string{words[0], words[1], words[4]}, " ")
	case "nginx":
		if m := nginxVersion.FindStringSubmatch(run(t, path, "-V").stderr); m != nil {
			return m[1] + " " + m[2]
		}
		return "nginx"
	}
	return firstWords(run(t, path, "--version").stdout)
}

// A refusal is what a program printed when it refused a server.
type refusal struct {
	code int
	text string
}

func (r refusal) Error() string {
	return fmt.Sprintf("%s\nexit status %d", strings.TrimSpace(r.text), r.code)
}

// byExitStatus returns an error unless the program exited with 0.
func byExitStatus(r result) error {
	if r.code == 0 {
		return nil
	}
	return refusal{r.code, r.all()}
}

// byHandshake is for gnutls-cli, which checks revocation before it says that the
// handshake was completed. What fails later is no refusal.
func byHandshake(r result) error {
	if strings.Contains(r.stdout, "- Handshake was completed") {
		return nil
	}
	return refusal{r.code, r.all()}
}

// commandClient returns a client that runs a program with the root in a file,
// and reads the outcome with decide.
func commandClient(
	args func(s *ocsptest.Server, root string) []string, decide func(result) error,
) func(*testing.T, string) conformance.Client {
	return func(t *testing.T, path string) conformance.Client {
		dir := t.TempDir()
		return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
			root, err := tempFile(dir, s.RootPEM())
			if err != nil {
				return conformance.NotRun(err)
			}
			return command{path: path, args: args(s, root)}.connect(ctx, decide)
		})
	}
}

// connect runs the program and returns its outcome.
func (c command) connect(ctx context.Context, decide func(result) error) error {
	r, err := c.output(ctx)
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		return conformance.NotRun(err)
	}
	return decide(r)
}

// tempFile writes data to a new file in dir, and returns its path.
func tempFile(dir string, data []byte) (string, error) {
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Close())
}

// opensslClient asks the responder that the leaf names. It makes no connection
// to the server.
func opensslClient(t *testing.T, path string) conformance.Client {
	dir := t.TempDir()
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		if len(s.Leaf.Cert.OCSPServer) == 0 {
			return errors.New("the certificate names no responder")
		}
		root, err1 := tempFile(dir, s.RootPEM())
		issuer, err2 := tempFile(dir, s.Leaf.Issuer.CertPEM())
		leaf, err3 := tempFile(dir, s.Leaf.CertPEM())
		if err := errors.Join(err1, err2, err3); err != nil {
			return conformance.NotRun(err)
		}
		c := command{path: path, args: []string{
			"ocsp", "-CAfile", root, "-issuer", issuer, "-cert", leaf, "-url", s.Leaf.Cert.OCSPServer[0], "-timeout", "1",
		}}
		return c.connect(ctx, func(r result) error {
			good := strings.Contains(r.stdout, leaf+": good") && strings.Contains(r.stderr, "Response verify OK")
			if r.code != 0 || !good || strings.Contains(r.all(), "WARNING") {
				return refusal{r.code, strings.ReplaceAll(r.stderr+r.stdout, leaf, "leaf.pem")}
			}
			return nil
		})
	})
}

// nssClient runs tstclnt with a database for each root.
func nssClient(t *testing.T, path string) conformance.Client {
	dir := t.TempDir()
	var databases sync.Map // of root, to a function that makes it once
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		root := s.RootPEM()
		make := func() (string, error) { return newNSSDatabase(dir, root) }
		once, _ := databases.LoadOrStore(string(root), sync.OnceValues(make))
		database, err := once.(func() (string, error))()
		if err != nil {
			return conformance.NotRun(err)
		}
		// tstclnt tries no second address if the first refuses the connection.
		c := command{path: path, args: []string{"-4", "-h", "localhost", "-p", portOf(s), "-d", database, "-T", "-F", "-O"}}
		return c.connect(ctx, byExitStatus)
	})
}

// newNSSDatabase makes a database of certificates that trusts a root, if there
// is one. It needs programs that come with tstclnt.
func newNSSDatabase(dir string, root []byte) (string, error) {
	dir, err := os.MkdirTemp(dir, "")
	if err != nil {
		return "", err
	}
	database := "sql:" + dir
	steps := [][]string{{"-N", "-d", database, "--empty-password"}}
	if root != nil {
		steps = append(steps, []string{"-A", "-d", database, "-n", "root", "-t", "C,,", "-a"})
	}
	for _, args := range steps {
		r, err := command{path: "certutil", args: args, stdin: string(root)}.output(context.Background())
		if err != nil || r.code != 0 {
			return "", fmt.Errorf("certutil %q: exit status %d, %v: %s", args, r.code, err, r.all())
		}
	}
	return database, nil
}

// goClient checks the staple as many Go programs do.
func goClient(*testing.T, string) conformance.Client {
	return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		cfg := s.TLSClientConfig()
		cfg.VerifyConnection = func(cs tls.ConnectionState) error {
			if len(cs.OCSPResponse) == 0 {
				return errors.New("no OCSP response is stapled")
			}
			chain := cs.VerifiedChains[0]
			resp, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
			switch {
			case err != nil:
				return err
			case resp.Status != ocsp.Good:
				return errors.New("the OCSP response does not say good")
			case cfg.Time().After(resp.NextUpdate):
				return errors.New("the OCSP response has expired")
			}
			return nil
		}
		conn, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", s.Addr().String())
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// A javaVM runs Connect.java. It takes a second to start, so one makes the
// connections of all profiles.
type javaVM struct {
	start   func() error
	stdin   io.Writer
	mu      sync.Mutex // protects what follows, and writes to stdin
	n       int
	waiting map[string]chan string // by number of the connection
}

// newJavaVM returns a virtual machine that starts at the first connection, and
// stops when the test ends.
func newJavaVM(t *testing.T) *javaVM {
	t.Helper()
	vm := &javaVM{waiting: make(map[string]chan string)}
	stop := func() error { return nil }
	vm.start = sync.OnceValue(func() error {
		path, err := exec.LookPath("java")
		if err != nil {
			return err
		}
		cmd := exec.Command(path,
			"-Djdk.tls.client.enableStatusRequestExtension=true",
			"-Dcom.sun.security.ocsp.timeout=2", "-Dcom.sun.security.crl.timeout=2", "-Dcom.sun.security.crl.readtimeout=2",
			"-XX:TieredStopAtLevel=1", "-Xshare:auto",
			filepath.Join("testdata", "Connect.java"))
		cmd.Env, cmd.Stderr = cleanEnv(os.Environ()), os.Stderr
		stdin, err1 := cmd.StdinPipe()
		stdout, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		vm.stdin = stdin
		done := make(chan struct{})
		go func() {
			defer close(done)
			vm.read(stdout)
		}()
		stop = func() error {
			stdin.Close()
			<-done
			return cmd.Wait()
		}
		return nil
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Connect.java: %v", err)
		}
	})
	return vm
}

// read passes each line on to the connection that it is about.
func (vm *javaVM) read(stdout io.Reader) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		number, outcome, _ := strings.Cut(lines.Text(), " ")
		vm.mu.Lock()
		if c, ok := vm.waiting[number]; ok {
			c <- outcome
			delete(vm.waiting, number)
		}
		vm.mu.Unlock()
	}
}

// client returns a client with these options of PKIXRevocationChecker.
func (vm *javaVM) client(options ...string) func(*testing.T, string) conformance.Client {
	return func(t *testing.T, _ string) conformance.Client {
		dir := t.TempDir()
		return conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
			root, err := tempFile(dir, s.RootPEM())
			if err != nil {
				return conformance.NotRun(err)
			}
			return vm.connect(ctx, append([]string{portOf(s), root}, options...))
		})
	}
}

// connect makes one connection.
func (vm *javaVM) connect(ctx context.Context, fields []string) error {
	if err := vm.start(); err != nil {
		return conformance.NotRun(err)
	}
	outcome := make(chan string, 1)
	vm.mu.Lock()
	vm.n++
	number := fmt.Sprint(vm.n)
	vm.waiting[number] = outcome
	_, err := fmt.Fprintln(vm.stdin, number, strings.Join(fields, " "))
	vm.mu.Unlock()
	if err != nil {
		return conformance.NotRun(err)
	}
	select {
	case text := <-outcome:
		if text == "ok" {
			return nil
		}
		return refusal{1, text}
	case <-ctx.Done():
		return ctx.Err()
	}
}
