package interop

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

const (
	badCertificate = ocsptest.Alert(42)
	unknownCA      = ocsptest.Alert(48)
)

// What a server records of real clients: whether they request a staple, and
// how they refuse one.
func TestClientsAreRecorded(t *testing.T) {
	t.Parallel()
	revoked := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	tests := []struct {
		name    string
		program string
		args    func(url, port, root string) []string
		env     func(root string) []string
		stdin   string
		staple  fakeca.Response
		code    int
		asks    bool
		version uint16 // zero: 1.3
		alert   ocsptest.Alert
		fails   bool // the handshake, for the server
	}{
		{
			name: "curl", program: "curl",
			args:   func(url, _, root string) []string { return []string{"-sS", "--cacert", root, url} },
			staple: revoked,
		},
		{
			name: "curl --cert-status", program: "curl",
			args: func(url, _, root string) []string { return []string{"-sS", "--cert-status", "--cacert", root, url} },
			asks: true,
		},
		{
			// It decides after the handshake, and sends no alert.
			name: "curl --cert-status/revoked", program: "curl",
			args:   func(url, _, root string) []string { return []string{"-sS", "--cert-status", "--cacert", root, url} },
			staple: revoked,
			code:   91,
			asks:   true,
		},
		{
			name: "s_client", program: "openssl",
			args: func(_, port, root string) []string {
				return []string{"s_client", "-connect", "localhost:" + port, "-servername", "localhost", "-CAfile", root}
			},
		},
		{
			name: "s_client -status", program: "openssl",
			args: func(_, port, root string) []string {
				return []string{"s_client", "-connect", "localhost:" + port, "-servername", "localhost", "-CAfile", root, "-status"}
			},
			asks: true,
		},
		{
			// OpenSSL sends this alert in the clear, although TLS 1.3 has keys.
			name: "s_client without the root", program: "openssl",
			args: func(_, port, _ string) []string {
				return []string{"s_client", "-connect", "localhost:" + port, "-servername", "localhost", "-status",
					"-verify_return_error", "-no-CAfile", "-no-CApath", "-no-CAstore"}
			},
			code:  1,
			asks:  true,
			alert: unknownCA,
			fails: true,
		},
		{
			name: "gnutls-cli", program: "gnutls-cli",
			args: func(_, port, root string) []string { return []string{"--x509cafile", root, "-p", port, "localhost"} },
			asks: true,
		},
		{
			name: "gnutls-cli/revoked, TLS 1.3", program: "gnutls-cli",
			args: func(_, port, root string) []string {
				return []string{"--x509cafile", root, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "-p", port, "localhost"}
			},
			staple: revoked,
			code:   1,
			asks:   true,
			alert:  badCertificate,
			fails:  true,
		},
		{
			name: "gnutls-cli/revoked, TLS 1.2", program: "gnutls-cli",
			args: func(_, port, root string) []string {
				return []string{"--x509cafile", root, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "-p", port, "localhost"}
			},
			staple:  revoked,
			code:    1,
			asks:    true,
			version: tls.VersionTLS12,
			alert:   badCertificate,
			fails:   true,
		},
		{
			name: "node, requestOCSP", program: "node",
			args: func(_, port, root string) []string { return []string{"-e", nodeScript, root, port + "/TLSv1.3"} },
			asks: true,
		},
		{
			name: "node", program: "node",
			args: func(url, _, _ string) []string {
				return []string{"-e", `require('https').get(process.argv[1], {family: 4, agent: false}, (res) => res.resume())`, url}
			},
			env: func(root string) []string { return []string{"NODE_EXTRA_CA_CERTS=" + root} },
		},
		{
			name: "k6", program: "k6",
			args: func(url, _, _ string) []string {
				return []string{"run", "-q", "--no-usage-report", "--summary-mode=disabled", "--address", "", "-e", "URL=" + url, "-"}
			},
			env:   func(root string) []string { return []string{"SSL_CERT_FILE=" + root} },
			stdin: `import http from 'k6/http'; export default () => http.get(__ENV.URL);`,
			asks:  true,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := program(t, test.program)
			srv := ocsptest.NewServer(t, ocsptest.WithStaple(test.staple))
			port, root := portOf(srv), rootFile(t, srv)
			c := command{path: path, args: test.args("https://localhost:"+port, port, root), stdin: test.stdin, timeout: time.Minute}
			if test.env != nil {
				c.env = test.env(root)
			}
			if r := c.run(t); r.code != test.code {
				t.Errorf("exit code %d, want %d\n%s", r.code, test.code, r.all())
			}
			h := handshake(t, srv)
			version := test.version
			if version == 0 {
				version = tls.VersionTLS13
			}
			if h.StatusRequest != test.asks || (h.Staple != nil) != test.asks {
				t.Errorf("want status_request %v; the server saw %v", test.asks, h)
			}
			if h.Version != version || h.ServerName != "localhost" || h.Alert != test.alert || (h.Err != nil) != test.fails {
				t.Errorf("want %s, alert %v, failure %v; the server saw %v", tls.VersionName(version), test.alert, test.fails, h)
			}
		})
	}
}

// handshake closes srv and returns the only handshake that it saw.
func handshake(t testing.TB, srv *ocsptest.Server) ocsptest.Handshake {
	t.Helper()
	srv.Close() // records alerts sent after the handshake
	hs := srv.Handshakes()
	if len(hs) != 1 {
		t.Fatalf("the server saw %d handshakes, want one: %v", len(hs), hs)
	}
	return hs[0]
}
