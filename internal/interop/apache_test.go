//go:build linux

package interop

import (
	"crypto"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// startApache starts Apache with this certificate and these settings. They can
// name root.pem and trusted.pem, which holds both CAs.
func startApache(t *testing.T, leaf *fakeca.Leaf, settings string) *daemon {
	t.Helper()
	path := program(t, "apache2")
	const modules = "/usr/lib/apache2/modules"
	if _, err := os.Stat(filepath.Join(modules, "mod_ssl.so")); err != nil {
		t.Skipf("mod_ssl is not where Debian puts it: %v", err)
	}
	root := leaf.Issuer.Root().CertPEM()
	files := map[string][]byte{
		"chain.pem":   leaf.ChainPEM(),
		"key.pem":     leaf.KeyPEM(),
		"root.pem":    root,
		"trusted.pem": append(leaf.Issuer.CertPEM(), root...),
	}
	config := func(dir, address string) string {
		return fmt.Sprintf(`
ServerRoot %q
ServerName localhost
PidFile daemon.pid
ErrorLog error.log
LogLevel warn ssl:info
Mutex pthread
User www-data
Group www-data
LoadModule mpm_event_module %[2]s/mod_mpm_event.so
LoadModule authz_core_module %[2]s/mod_authz_core.so
LoadModule alias_module %[2]s/mod_alias.so
LoadModule socache_shmcb_module %[2]s/mod_socache_shmcb.so
LoadModule ssl_module %[2]s/mod_ssl.so
StartServers 1
ServerLimit 1
ThreadsPerChild 5
MaxRequestWorkers 5
MinSpareThreads 1
MaxSpareThreads 5
Listen %[3]s
SSLStaplingCache shmcb:%[1]s/stapling(65536)
<VirtualHost *:*>
	SSLEngine on
	SSLCertificateFile chain.pem
	SSLCertificateKeyFile key.pem
	Redirect 204 /
	%[4]s
</VirtualHost>
`, dir, modules, address, settings)
	}
	args := func(config string) []string { return []string{"-d", ".", "-f", config, "-DFOREGROUND"} }
	return startDaemon(t, path, files, config, args)
}

// Apache fetches a staple during the handshake that needs it.
func TestApacheStaples(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	d := startApache(t, s.leaf, apacheStapling+"SSLStaplingStandardCacheTimeout 1\nSSLStaplingErrorCacheTimeout 1")
	if got := s.requests(t); len(got) > 0 {
		t.Errorf("before the first handshake, Apache sent %v", got)
	}
	if got := d.staple(t, s.leaf); got != "good" {
		t.Errorf("at the first handshake the staple is %q, want good", got)
	}
	was := "good"
	becomes := func(staple string) {
		t.Helper()
		eventually(t, "the staple is "+staple, func() bool {
			got := d.staple(t, s.leaf)
			if got != was && got != staple {
				t.Errorf("the staple is %q, want %q or %q", got, was, staple)
			}
			return got == staple
		})
		was = staple
	}
	s.leaf.Revoke(fakeca.KeyCompromise)
	becomes("revoked: key_compromise")
	s.leaf.Set(fakeca.Response{Error: ocsp.TryLater})
	becomes("try later")
	s.leaf.Set(fakeca.Response{Status: fakeca.Unknown})
	becomes("unknown")
	s.leaf.Set(fakeca.Response{})
	becomes("good")
	s.responder.SetFault(fault.HTTPError(500))
	becomes("try later") // made by Apache itself
	for _, a := range s.requests(t) {
		if diff := cmp.Diff(request{Method: "POST", About: "leaf", Hash: crypto.SHA1}, a); diff != "" {
			t.Errorf("Apache sends other requests (-want +got):\n%s", diff)
		}
	}
}

const apacheStapling = "SSLUseStapling on\n"

// By default Apache keeps a response for an hour.
func TestApacheKeepsStaple(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	d := startApache(t, s.leaf, apacheStapling)
	for range 2 {
		if got := d.staple(t, s.leaf); got != "good" {
			t.Errorf("the staple is %q, want good", got)
		}
		s.leaf.Revoke(fakeca.KeyCompromise)
	}
	if diff := cmp.Diff([]request{{Method: "POST", About: "leaf", Hash: crypto.SHA1}}, s.requests(t)); diff != "" {
		t.Errorf("Apache sends other requests (-want +got):\n%s", diff)
	}
}

// What Apache staples, by response.
func TestApacheJudgesResponses(t *testing.T) {
	t.Parallel()
	program(t, "apache2")
	stranger := fakeca.New()
	byStranger := fakeca.Response{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}
	const (
		noErrors = "SSLStaplingReturnResponderErrors off\n"
		noFake   = "SSLStaplingFakeTryLater off\n"
	)
	for _, test := range []struct {
		name     string
		settings string
		record   fakeca.Response
		fault    fault.Fault
		staple   string
	}{
		{name: "good", staple: "good"},
		{name: "no nextUpdate", record: fakeca.Response{Forever: true}, staple: "good"},
		{name: "revoked", record: fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded}, staple: "revoked: superseded"},
		{name: "unknown", record: fakeca.Response{Status: fakeca.Unknown}, staple: "unknown"},
		{name: "tryLater", record: fakeca.Response{Error: ocsp.TryLater}, staple: "try later"},
		{name: "internalError", record: fakeca.Response{Error: ocsp.InternalError}, staple: "internal error"},
		{name: "expired", record: expired(), staple: "good"},
		{name: "good, no errors", settings: noErrors, staple: "good"},
		// The manual of Apache says that it would staple only good responses.
		{name: "revoked, no errors", settings: noErrors, record: fakeca.Response{Status: fakeca.Revoked}, staple: "revoked: unspecified"},
		{name: "unknown, no errors", settings: noErrors, record: fakeca.Response{Status: fakeca.Unknown}, staple: "unknown"},
		{name: "tryLater, no errors", settings: noErrors, record: fakeca.Response{Error: ocsp.TryLater}, staple: "none"},
		{name: "expired, no errors", settings: noErrors, record: expired(), staple: "none"},
		{name: "HTTP 500, no errors", settings: noErrors, fault: fault.HTTPError(500), staple: "try later"},
		{name: "stranger's signature", record: byStranger, staple: "good"},
		{name: "stranger's signature, no errors", settings: noErrors, record: byStranger, staple: "good"},
		{name: "other serial number", record: fakeca.Response{Serial: big.NewInt(1)}, staple: "good"},
		{name: "other serial number, no errors", settings: noErrors, record: fakeca.Response{Serial: big.NewInt(1)}, staple: "none"},
		{name: "other hash", record: fakeca.Response{Hash: crypto.SHA256}, staple: "good"},
		{name: "HTTP 500", fault: fault.HTTPError(500), staple: "try later"},
		{name: "HTTP 500, nothing made up", settings: noFake, fault: fault.HTTPError(500), staple: "none"},
		{name: "hung up", fault: fault.Hangup(), staple: "try later"},
		{name: "reset", fault: fault.Reset(), staple: "try later"},
		{name: "reset, nothing made up", settings: noFake, fault: fault.Reset(), staple: "none"},
		{name: "reset in the middle", fault: fault.ResetAfter(30), staple: "try later"},
		{name: "wrong Content-Type", fault: fault.ContentType("text/html"), staple: "good"},
		{name: "no Content-Type", fault: fault.ContentType(""), staple: "good"},
		{name: "redirected", fault: fault.Redirect(), staple: "try later"},
		{name: "GET only", fault: fault.GETOnly(), staple: "try later"},
		{name: "empty", fault: fault.EmptyBody(), staple: "try later"},
		{name: "gzip", fault: fault.Gzip(), staple: "try later"},
		{name: "chunked", fault: fault.Chunked(), staple: "good"},
		{name: "no Content-Length", fault: fault.NoContentLength(), staple: "good"},
		{name: "short Content-Length", fault: fault.ShortContentLength(), staple: "good"},
		{name: "long Content-Length", fault: fault.LongContentLength(), staple: "good"},
		{name: "huge", fault: fault.HugeBody(1 << 20), staple: "good"},
		{name: "nonce that was not sent", fault: fault.UnsolicitedNonce(), staple: "good"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			s.leaf.Set(test.record)
			s.responder.SetFault(test.fault)
			d := startApache(t, s.leaf, apacheStapling+test.settings)
			if got := d.staple(t, s.leaf); got != test.staple {
				t.Errorf("the staple is %q, want %q", got, test.staple)
			}
			if diff := cmp.Diff([]request{{Method: "POST", About: "leaf", Hash: crypto.SHA1}}, s.requests(t)); diff != "" {
				t.Errorf("Apache sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// Apache accepts a client's certificate, and refuses it after a change.
func TestApacheChecksClients(t *testing.T) {
	t.Parallel()
	program(t, "apache2")
	const verify = "SSLVerifyClient require\nSSLVerifyDepth 2\nSSLCACertificateFile root.pem\nSSLOCSPResponderCertificateFile trusted.pem\n"
	leaf := request{Method: "POST", About: "leaf", Hash: crypto.SHA1, Nonce: 16}
	issuer := request{Method: "POST", About: "issuer", Hash: crypto.SHA1, Nonce: 16}
	bare := request{Method: "POST", About: "leaf", Hash: crypto.SHA1}
	for _, test := range []struct {
		name     string
		settings string
		change   func(*fixture)
		alert    string    // default: handshake failure
		requests []request // default: about the leaf, twice
	}{
		{name: "revoked", settings: "SSLOCSPEnable leaf", change: revoke(fakeca.KeyCompromise), alert: "revoked certificate"},
		{
			name:     "revoked, no nonce",
			settings: "SSLOCSPEnable leaf\nSSLOCSPUseRequestNonce off",
			change:   revoke(fakeca.KeyCompromise),
			alert:    "revoked certificate",
			requests: []request{bare, bare},
		},
		{name: "unknown", settings: "SSLOCSPEnable leaf", change: says(fakeca.Response{Status: fakeca.Unknown})},
		{name: "tryLater", settings: "SSLOCSPEnable leaf", change: says(fakeca.Response{Error: ocsp.TryLater})},
		{name: "expired", settings: "SSLOCSPEnable leaf", change: says(expired())},
		{name: "HTTP 500", settings: "SSLOCSPEnable leaf", change: faulty(fault.HTTPError(500))},
		{name: "hung up", settings: "SSLOCSPEnable leaf", change: faulty(fault.Hangup())},
		{name: "wrong nonce", settings: "SSLOCSPEnable leaf", change: faulty(fault.WrongNonce())},
		{name: "no nonce", settings: "SSLOCSPEnable leaf", change: faulty(fault.NoNonce())},
		{name: "issuer revoked", settings: "SSLOCSPEnable on", change: revokeIssuer,
			alert: "revoked certificate", requests: []request{issuer, leaf, issuer}},
		{name: "revoked, whole chain", settings: "SSLOCSPEnable on", change: revoke(fakeca.KeyCompromise), alert: "revoked certificate",
			requests: []request{issuer, leaf, issuer, leaf}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			d := startApache(t, s.leaf.Issuer.Leaf(), verify+test.settings)
			if got := d.refusal(t, s.root, nil); got != "remote error: tls: certificate required" {
				t.Errorf("without a certificate: %s", got)
			}
			if code, err := d.get(t, s.root, s.leaf); err != nil || code != 204 {
				t.Errorf("HTTP status %d, error %v, want 204", code, err)
			}
			test.change(s)
			alert := test.alert
			if alert == "" {
				alert = "handshake failure"
			}
			if got := d.refusal(t, s.root, s.leaf); got != "remote error: tls: "+alert {
				t.Errorf("refused with %q, want the alert %q", got, alert)
			}
			want := test.requests
			if want == nil {
				want = []request{leaf, leaf}
			}
			if diff := cmp.Diff(want, s.requests(t)); diff != "" {
				t.Errorf("Apache sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// Apache looks for the signer's certificate in the response and in
// SSLOCSPResponderCertificateFile, but not among its CAs.
func TestApacheFindsSigners(t *testing.T) {
	t.Parallel()
	program(t, "apache2")
	const (
		verify = "SSLVerifyClient require\nSSLVerifyDepth 2\nSSLOCSPEnable leaf\n"
		root   = "SSLCACertificateFile root.pem\n"
		both   = "SSLCACertificateFile trusted.pem\n"
		given  = "SSLOCSPResponderCertificateFile trusted.pem\n"
	)
	issuer := func(ca *fakeca.CA) fakeca.Response { return fakeca.Response{} }
	embedded := func(ca *fakeca.CA) fakeca.Response {
		return fakeca.Response{Signer: &fakeca.Leaf{Cert: ca.Cert, Key: ca.Key}}
	}
	delegate := func(ca *fakeca.CA) fakeca.Response { return fakeca.Response{Signer: ca.OCSPSigner()} }
	for _, test := range []struct {
		name     string
		settings string
		record   func(issuer *fakeca.CA) fakeca.Response
		logs     string // of a refusal; empty: accepted
	}{
		{name: "issuer", settings: root, record: issuer, logs: "signer certificate not found"},
		{name: "issuer, trusted", settings: both, record: issuer, logs: "signer certificate not found"},
		{name: "issuer, given", settings: root + given, record: issuer},
		{name: "issuer, not verified", settings: root + "SSLOCSPNoverify on", record: issuer},
		{name: "issuer, embedded", settings: root, record: embedded},
		{name: "delegate", settings: root, record: delegate, logs: "unable to get local issuer certificate"},
		{name: "delegate, issuer trusted", settings: both, record: delegate},
		{name: "delegate, issuer given", settings: root + given, record: delegate},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			s.leaf.Set(test.record(s.leaf.Issuer))
			d := startApache(t, s.leaf.Issuer.Leaf(), verify+test.settings)
			if test.logs == "" {
				if code, err := d.get(t, s.root, s.leaf); err != nil || code != 204 {
					t.Errorf("HTTP status %d, error %v, want 204", code, err)
				}
				return
			}
			if got := d.refusal(t, s.root, s.leaf); got != "remote error: tls: handshake failure" {
				t.Errorf("refused with %q", got)
			}
			d.logs(t, test.logs, 1)
		})
	}
}
