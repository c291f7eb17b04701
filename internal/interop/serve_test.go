package interop

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A lab is what `ocsplab serve --json` prints.
type lab struct {
	Root    string       `json:"root"`
	Servers []*labServer `json:"servers"`
}

type labServer struct {
	Name       string           `json:"name"`
	URL        string           `json:"url"`
	MustStaple bool             `json:"must_staple"`
	OCSP       *fakeca.Response `json:"ocsp"`
	Error      string           `json:"error,omitempty"`
}

func (s *labServer) port(t testing.TB) string {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// server returns the server of that name.
func (l *lab) server(t testing.TB, name string) *labServer {
	t.Helper()
	for _, s := range l.Servers {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("serve has no server %q", name)
	return nil
}

// Each client connects to all servers of one lab.
func TestServe(t *testing.T) {
	if testing.Short() && os.Getenv(requireEnv) == "" {
		t.Skip("no programs are run with -short")
	}
	if runtime.GOOS == "windows" {
		t.Skip("serve is stopped by a signal, which Windows does not have")
	}
	t.Parallel()
	path := buildCommand(t)
	stdout := startServe(t, path, "", "--json")
	var l lab
	if err := json.NewDecoder(stdout).Decode(&l); err != nil {
		t.Fatalf("serve --json: %v", err)
	}
	if len(l.Servers) == 0 {
		t.Fatal("serve --json lists no servers")
	}
	t.Run("curl", func(t *testing.T) { t.Parallel(); testCurl(t, &l) })
	t.Run("gnutls-cli", func(t *testing.T) { t.Parallel(); testGnuTLS(t, &l) })
	t.Run("node", func(t *testing.T) { t.Parallel(); testNode(t, &l) })
	t.Run("k6", func(t *testing.T) { t.Parallel(); testK6(t, &l) })
	t.Run("printed commands", func(t *testing.T) { t.Parallel(); testPrintedCommands(t, path) })
}

func buildCommand(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ocsplab")
	command{
		path: "go", args: []string{"build", "-o", path, "github.com/ocsplab/ocsplab/cmd/ocsplab"},
		env:     os.Environ(), // go may need a proxy
		timeout: 5 * time.Minute,
	}.run(t)
	return path
}

// startServe starts `ocsplab serve` and returns its output. At the end of the
// test it sends SIGTERM, and wants exit code 0 and nothing on stderr.
func startServe(t *testing.T, path, dir string, args ...string) *os.File {
	t.Helper()
	ctx, kill := context.WithTimeout(context.Background(), 5*time.Minute)
	cmd := exec.CommandContext(ctx, path, append([]string{"serve"}, args...)...)
	cmd.Dir, cmd.Env = dir, append(cleanEnv(os.Environ()), "TMPDIR="+t.TempDir())
	var stderr bytes.Buffer
	cmd.Stderr, cmd.WaitDelay = &stderr, time.Second
	stdout, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer kill()
		defer stdout.Close()
		cmd.Process.Signal(syscall.SIGTERM)
		hung := time.AfterFunc(20*time.Second, kill)
		defer hung.Stop()
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			t.Errorf("serve, stopped by SIGTERM: %v, stderr %q", err, &stderr)
		}
	})
	return stdout
}

// eachServer runs f in a subtest for each server and TLS version.
func eachServer(t *testing.T, l *lab, f func(t *testing.T, s *labServer, version string)) {
	for _, s := range l.Servers {
		eachVersion(t, s.Name, func(t *testing.T, version string) { f(t, s, version) })
	}
}

// curl --cert-status accepts only a good staple.
func testCurl(t *testing.T, l *lab) {
	curl := program(t, "curl")
	eachServer(t, l, func(t *testing.T, s *labServer, version string) {
		r := run(t, curl, "-sS", "--cert-status", "--cacert", l.Root,
			"--tlsv"+version, "--tls-max", version, "--max-time", "10", s.URL)
		want := 91 // CURLE_SSL_INVALIDCERTSTATUS
		if s.Name == "good" || s.Name == "must-staple" {
			want = 0
		}
		if r.code != want {
			t.Fatalf("exit code %d, want %d\n%s", r.code, want, r.all())
		}
		if text := curlReason(s); !strings.Contains(r.stderr, text) {
			t.Errorf("stderr %q, want %q in it", r.stderr, text)
		}
	})
}

// curlReason returns a part of the message that curl prints for a server.
func curlReason(s *labServer) string {
	switch {
	case s.Error != "":
		return "Invalid OCSP response status: " + strings.ReplaceAll(s.Error, "_", "")
	case s.OCSP == nil:
		return "No OCSP response received"
	case s.Name == "expired" || s.Name == "not-yet-valid":
		return "OCSP response has expired"
	case s.Name == "revoked-unspecified":
		return "(-1)" // no reason in the response
	case s.OCSP.Status == fakeca.Revoked:
		return fmt.Sprintf("(%d)", s.OCSP.Reason)
	}
	return ""
}

// gnutls-cli refuses staples that say revoked or are expired, and a missing one
// if the certificate is must-staple. It accepts one that is not valid yet.
func testGnuTLS(t *testing.T, l *lab) {
	gnutls := program(t, "gnutls-cli")
	eachServer(t, l, func(t *testing.T, s *labServer, version string) {
		r := run(t, gnutls, "--x509cafile", l.Root, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS"+version,
			"-p", s.port(t), "localhost")
		code, status := 0, "The certificate is trusted."
		switch {
		case s.OCSP != nil && s.OCSP.Status == fakeca.Revoked:
			code, status = 1, "The certificate chain is revoked."
		case s.Name == "expired":
			code, status = 1, "The revocation or OCSP data are old and have been superseded."
		case s.Name == "must-staple-missing":
			code, status = 1, "the OCSP status is missing."
		}
		if r.code != code || !strings.Contains(r.stdout, status) {
			t.Errorf("exit code %d, want %d and %q\n%s", r.code, code, status, r.all())
		}
	})
}

// node prints the raw staple of each target, which is port/version. One process
// connects to all, because a start takes longer than a connection.
const nodeScript = `
const [root, ...targets] = process.argv.slice(1);
const ca = require('fs').readFileSync(root);
for (const target of targets) {
  const [port, version] = target.split('/');
  const options = {
    host: 'localhost', family: 4, port, agent: false, requestOCSP: true,
    ca, minVersion: version, maxVersion: version,
  };
  require('https').get(options, (res) => res.resume()).on('socket', (socket) => {
    socket.on('OCSPResponse', (der) => console.log(target, der ? der.toString('base64') : 'none'));
  });
}
`

func testNode(t *testing.T, l *lab) {
	args := []string{"-e", nodeScript, l.Root}
	for _, s := range l.Servers {
		args = append(args, s.port(t)+"/TLSv1.2", s.port(t)+"/TLSv1.3")
	}
	r := run(t, program(t, "node"), args...)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.all())
	}
	staples := make(map[string]string) // by target
	for line := range strings.Lines(r.stdout) {
		target, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		staples[target] = text
	}
	eachServer(t, l, func(t *testing.T, s *labServer, version string) {
		text := staples[s.port(t)+"/TLSv"+version]
		if s.OCSP == nil {
			if text != "none" {
				t.Errorf("staple %q, want none", text)
			}
			return
		}
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fakeca.ParseResponse(der)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(jsonOf(t, s.OCSP), jsonOf(t, got)); diff != "" {
			t.Errorf("staple differs from what serve --json says (-serve +node):\n%s", diff)
		}
		if s.Error != "" && strings.ReplaceAll(s.Error, "_", "") != rfcName(got) {
			t.Errorf("staple is %v, serve --json says %q", got, s.Error)
		}
	})
}

// rfcName returns the responseStatus of RFC 6960 section 4.2.1, in lower case.
func rfcName(r fakeca.Response) string {
	return [...]string{1: "malformedrequest", 2: "internalerror", 3: "trylater", 5: "sigrequired", 6: "unauthorized"}[r.Error]
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The printed commands work as they are, also with a folder name that needs
// quotes.
func testPrintedCommands(t *testing.T, path string) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not installed")
	}
	dir := filepath.Join(t.TempDir(), "it's a $folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stdout := startServe(t, path, dir, "--dir", ".")
	text := readUntil(t, stdout, "Ctrl-C")
	lines := regexp.MustCompile(`(?m)^ {4}(.+)$`).FindAllStringSubmatch(text, -1)
	tests := []struct {
		name string
		code int
		want string
	}{
		{"curl", 91, "keyCompromise (1)"},
		{"openssl", 0, "Revocation Reason: keyCompromise (0x1)"},
		{"k6", 0, `revocation_reason: \"key_compromise\"`},
	}
	if len(lines) != len(tests) {
		t.Fatalf("%d commands, want %d:\n%s", len(lines), len(tests), text)
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program(t, test.name)
			if !strings.Contains(lines[i][1], test.name+" ") {
				t.Fatalf("command %q does not run %s", lines[i][1], test.name)
			}
			r := command{path: sh, args: []string{"-c", lines[i][1]}, timeout: time.Minute}.run(t)
			if r.code != test.code || !strings.Contains(r.all(), test.want) {
				t.Errorf("%s\nexit code %d, want %d and %q\n%s", lines[i][1], r.code, test.code, test.want, r.all())
			}
		})
	}
}

// readUntil reads f until it has read text.
func readUntil(t *testing.T, f *os.File, text string) string {
	t.Helper()
	f.SetReadDeadline(time.Now().Add(time.Minute))
	var all []byte
	buf := make([]byte, 4096)
	for !bytes.Contains(all, []byte(text)) {
		n, err := f.Read(buf)
		if err != nil {
			t.Fatalf("read %q, want %q: %v", all, text, err)
		}
		all = append(all, buf[:n]...)
	}
	return string(all)
}
