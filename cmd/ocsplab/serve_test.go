package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// The servers staple what the description says.
func TestLab(t *testing.T) {
	t.Parallel()
	l, err := startLab(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	d := l.describe("root.pem")
	for i, s := range l.servers {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(s.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				if addr := s.Addr().(*net.TCPAddr); !addr.IP.IsLoopback() {
					t.Errorf("listens on %v", addr)
				}
				cs := dial(t, d.Servers[i].URL, l.root.Pool(), version)
				mustStaple := slices.ContainsFunc(cs.PeerCertificates[0].Extensions, func(e pkix.Extension) bool {
					return e.Id.Equal(fakeca.MustStaple().Id)
				})
				if mustStaple != d.Servers[i].MustStaple {
					t.Errorf("must-staple is %v, described as %v", mustStaple, d.Servers[i].MustStaple)
				}
				if len(cs.VerifiedChains[0]) != 3 {
					t.Errorf("chain of %d, want leaf, intermediate and root", len(cs.VerifiedChains[0]))
				}
				want := d.Servers[i].OCSP
				if want == nil || cs.OCSPResponse == nil {
					if want != nil || cs.OCSPResponse != nil {
						t.Errorf("staple of %d bytes, described as %v", len(cs.OCSPResponse), want)
					}
					return
				}
				got, err := fakeca.ParseResponse(cs.OCSPResponse)
				if err != nil {
					t.Fatal(err)
				}
				got.Serial, got.Hash, got.SignatureAlgorithm = nil, 0, 0
				if diff := cmp.Diff(*want, got); diff != "" {
					t.Errorf("staple (-described +sent):\n%s", diff)
				}
			})
		}
	}
}

// A root that stays in a trust store is harmless.
func TestRoot(t *testing.T) {
	t.Parallel()
	l, err := startLab(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	if life := l.root.Cert.NotAfter.Sub(l.now); life > 31*day {
		t.Errorf("valid for %v, want about a month", life)
	}
	for _, test := range []struct {
		name  string
		below *fakeca.CA
		want  bool
	}{
		{"localhost", l.root, true},
		{"127.0.0.1", l.root, true},
		{"127.1.2.3", l.root, true},
		{"::1", l.root, true},
		{"api.test", l.root, true},
		{"api.example", l.root, true},
		{"api.invalid", l.root, true},
		{"api.example.com", l.root, true},
		{"api.example.net", l.root, true},
		{"api.example.org", l.root, true},
		{"api.example.test", l.root.Intermediate(), true},
		{"api.example.test", l.root.Intermediate().Intermediate(), false},
		{"golang.org", l.root, false},
		{"golang.org", l.root.Intermediate(), false},
		{"notexample.com", l.root, false},
		{"128.0.0.1", l.root, false},
		{"::2", l.root, false},
		{"::ffff:8.8.8.8", l.root, false},
	} {
		leaf := test.below.Leaf(test.name)
		intermediates := x509.NewCertPool()
		for ca := test.below; ca != nil; ca = ca.Issuer {
			intermediates.AddCert(ca.Cert)
		}
		_, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: l.root.Pool(), Intermediates: intermediates})
		if (err == nil) != test.want {
			t.Errorf("%s, issued by %s: %v", test.name, test.below.Cert.Subject, err)
		}
	}
}

// The responses stay true to their names for as long as the help says.
func TestTimes(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC)
	for _, s := range scenarios(start) {
		r := usual(s.response, start)
		for _, now := range []time.Time{start, start.Add(week)} {
			expired, early := r.NextUpdate.Before(now), r.ThisUpdate.After(now)
			if expired != (s.name == "expired") || early != (s.name == "not-yet-valid") {
				t.Errorf("%s at %v: expired %v, not yet valid %v", s.name, now, expired, early)
			}
		}
	}
}

// A serving is a run of `ocsplab serve`.
type serving struct {
	description
	stop func() int // returns the exit code
}

// begin runs `ocsplab serve --json`, and returns when all servers are up. It
// expects nothing on stderr.
func begin(t *testing.T, args ...string) serving {
	t.Helper()
	var stderr bytes.Buffer
	t.Cleanup(func() {
		if stderr.Len() > 0 {
			t.Errorf("stderr %q", &stderr)
		}
	})
	return beginTo(t, &stderr, args...)
}

func beginTo(t *testing.T, stderr io.Writer, args ...string) serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	code := make(chan int, 1)
	go func() {
		c := run(ctx, append([]string{"serve", "--json"}, args...), w, stderr)
		w.Close()
		code <- c
	}()
	s := serving{stop: func() int {
		cancel()
		c := <-code
		code <- c
		return c
	}}
	t.Cleanup(func() { s.stop() })
	if err := json.NewDecoder(r).Decode(&s.description); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, r)
	return s
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := begin(t, "--dir", dir)
	if want := filepath.Join(dir, "root.pem"); s.Root != want {
		t.Errorf("root %q, want %q", s.Root, want)
	}
	pem, err := os.ReadFile(s.Root)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("root.pem holds no certificate:\n%s", pem)
	}
	for _, server := range s.Servers {
		dial(t, server.URL, roots, tls.VersionTLS13)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	wantEmpty(t, dir)
	for _, server := range s.Servers {
		// Another program may use the port by now, but not with this root.
		dialer := &net.Dialer{Timeout: time.Second}
		if c, err := tls.DialWithDialer(dialer, "tcp", strings.TrimPrefix(server.URL, "https://"), &tls.Config{RootCAs: roots}); err == nil {
			c.Close()
			t.Errorf("%s still listens", server.Name)
		}
	}
}

// Open connections do not delay the end.
func TestServeStopsWithOpenConnections(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := begin(t, "--dir", dir)
	pem, err := os.ReadFile(s.Root)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	for _, h2 := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: h2}}
		t.Cleanup(client.CloseIdleConnections)
		resp, err := client.Get(s.Servers[0].URL)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	silent, err := net.Dial("tcp", strings.TrimPrefix(s.Servers[0].URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	start := time.Now()
	if code := s.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	// Close of a server waits up to five seconds.
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	wantEmpty(t, dir)
}

func TestServePorts(t *testing.T) {
	t.Parallel()
	// Systems hand out ports from 32768 or 49152 up, so a row of free ones is
	// sought below. Ports can only be found free by trying.
	for range 100 {
		first := 10000 + rand.IntN(20000)
		lab, err := startLab(first)
		if err != nil {
			continue
		}
		defer lab.Close()
		for i, s := range lab.servers {
			if want := fmt.Sprintf("https://localhost:%d", first+i); s.url() != want {
				t.Errorf("%s is at %s, want %s", s.name, s.url(), want)
			}
		}
		return
	}
	t.Fatal("found no consecutive free ports")
}

// A client that does not finish its handshake delays the end, and serve says so.
func TestServeSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	stderr, w := io.Pipe()
	s := beginTo(t, w)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.Servers[0].URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begun := make(chan struct{})
	go tls.Client(&silent{Conn: conn, begun: begun}, &tls.Config{ServerName: "localhost"}).Handshake()
	<-begun

	code := make(chan int, 1)
	go func() {
		code <- s.stop()
		w.Close()
	}()
	line, err := bufio.NewReader(stderr).ReadString('\n')
	if want := "ocsplab: waiting up to 5 seconds for open connections; a second signal stops at once\n"; err != nil || line != want {
		t.Errorf("stderr %q, %v, want %q", line, err, want)
	}
	conn.Close()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
}

// A silent connection closes begun when the server has replied, and keeps the
// reply from the client.
type silent struct {
	net.Conn
	begun chan struct{}
}

func (s *silent) Read(b []byte) (int, error) {
	if _, err := s.Conn.Read(b); err != nil {
		return 0, err
	}
	close(s.begun)
	io.Copy(io.Discard, s.Conn)
	return 0, io.EOF
}

func TestStopSignals(t *testing.T) {
	t.Parallel()
	for _, ignored := range []bool{false, true} {
		got := stopSignals(func(s os.Signal) bool { return ignored && s == syscall.SIGHUP })
		want := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
		if ignored {
			want = want[:2]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("SIGHUP ignored %v (-want +got):\n%s", ignored, diff)
		}
	}
}

// The program itself, stopped by signals.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ocsplab")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range []struct {
		name   string
		signal os.Signal
		dir    bool
		nohup  bool
	}{
		{name: "SIGINT", signal: os.Interrupt},
		{name: "SIGTERM", signal: syscall.SIGTERM},
		{name: "SIGTERM, --dir", signal: syscall.SIGTERM, dir: true},
		{name: "SIGHUP", signal: syscall.SIGHUP},
		{name: "SIGTERM after SIGHUP under nohup", signal: syscall.SIGTERM, nohup: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			temp, dir := t.TempDir(), t.TempDir()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, path, "serve", "--json")
			if test.dir {
				cmd.Args = append(cmd.Args, "--dir", ".")
			}
			if test.nohup { // as nohup does it
				cmd = exec.CommandContext(ctx, "sh", "-c", `trap "" HUP; exec "$0" serve --json`, path)
			}
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+temp)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var d description
			if err := json.NewDecoder(stdout).Decode(&d); err != nil {
				t.Fatal(err)
			}
			want := temp
			if test.dir {
				want = dir
			}
			if parent, err := filepath.EvalSymlinks(filepath.Dir(d.Root)); err != nil || !strings.HasPrefix(parent, evalSymlinks(t, want)) {
				t.Errorf("root is %q, want it below %q (%v)", d.Root, want, err)
			}
			if info, err := os.Stat(filepath.Dir(d.Root)); !test.dir && (err != nil || info.Mode().Perm() != 0o700) {
				t.Errorf("folder of the root: %v, %v, want a private one", info.Mode(), err)
			}
			if test.nohup {
				if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
			}
			if err := cmd.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(stdout)
			if err != nil || strings.TrimSpace(string(rest)) != "" {
				t.Errorf("more on stdout: %q, %v", rest, err)
			}
			if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
				t.Errorf("ended with %v, stderr %q", err, &stderr)
			}
			wantEmpty(t, temp)
			wantEmpty(t, dir)
		})
	}
	t.Run("no reader", func(t *testing.T) {
		t.Parallel()
		temp := t.TempDir()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, path, "serve")
		cmd.Env = append(os.Environ(), "TMPDIR="+temp)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd.Stdout = w
		err = cmd.Run()
		w.Close()
		if code := cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("ended with %v, want exit code 1", err)
		}
		wantEmpty(t, temp)
	})
}

func evalSymlinks(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// dial makes one handshake with the server at url.
func dial(t *testing.T, url string, roots *x509.CertPool, version uint16) tls.ConnectionState {
	t.Helper()
	c, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState()
}
