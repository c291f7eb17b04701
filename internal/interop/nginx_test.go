//go:build linux

package interop

import (
	"crypto"
	"math/big"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// startNginx starts nginx with this certificate and these settings. They can
// name root.pem and trusted.pem, which holds both CAs.
func startNginx(t *testing.T, leaf *fakeca.Leaf, settings string) *daemon {
	t.Helper()
	root := leaf.Issuer.Root().CertPEM()
	files := map[string][]byte{
		"chain.pem": leaf.ChainPEM(), "key.pem": leaf.KeyPEM(),
		"root.pem": root, "trusted.pem": append(leaf.Issuer.CertPEM(), root...),
	}
	config := func(_, address string) string { return nginxConfig(address, settings) }
	args := func(config string) []string { return []string{"-p", ".", "-e", "error.log", "-c", config} }
	return startDaemon(t, program(t, "nginx"), files, config, args)
}

// reloadNginx replaces the worker with a new one, which has no staple yet, and
// waits until the old one has ended.
func reloadNginx(t *testing.T, d *daemon) {
	t.Helper()
	before := strings.Count(d.log(t), ": exit\n")
	if err := d.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	d.logs(t, ": exit\n", before+1)
}

const nginxStapling = "ssl_trusted_certificate trusted.pem; ssl_stapling on; ssl_stapling_verify on;"

// nginx fetches its staple after the first handshake, and staples only good
// responses. It fetches again after an hour, or five minutes after a failure. A
// new worker fetches at its first handshake.
func TestNginxStaples(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	d := startNginx(t, s.leaf, nginxStapling)
	var want []request
	wants := func(staple string) {
		t.Helper()
		if got := d.staple(t, s.leaf); got != staple {
			t.Errorf("the staple is %q, want %q", got, staple)
		}
		if diff := cmp.Diff(want, s.requests(t)); diff != "" {
			t.Errorf("nginx sends other requests (-want +got):\n%s", diff)
		}
	}
	// first is the first handshake of a worker, which starts the fetch.
	first := func() {
		t.Helper()
		if got := d.staple(t, s.leaf); got != "none" {
			t.Errorf("at the first handshake the staple is %q", got)
		}
		want = append(want, request{Method: "GET", About: "leaf", Hash: crypto.SHA1})
	}
	if got := s.requests(t); len(got) > 0 {
		t.Errorf("before the first handshake, nginx sent %v", got)
	}
	first()
	eventually(t, "nginx staples", func() bool { return d.staple(t, s.leaf) != "none" })
	wants("good")

	s.leaf.Revoke(fakeca.KeyCompromise)
	wants("good") // cached
	reloadNginx(t, d)
	first()
	d.logs(t, `certificate status "revoked" in the OCSP response`, 1)
	wants("none")
	wants("none")

	s.leaf.Set(fakeca.Response{})
	s.responder.SetFault(fault.HTTPError(503))
	reloadNginx(t, d)
	first()
	d.logs(t, "OCSP responder sent invalid", 1)
	wants("none")

	s.responder.SetFault(fault.Fault{})
	wants("none")
	reloadNginx(t, d)
	first()
	eventually(t, "nginx staples again", func() bool { return d.staple(t, s.leaf) != "none" })
	wants("good")
}

// Which responses nginx accepts, and what it staples.
func TestNginxJudgesResponses(t *testing.T) {
	t.Parallel()
	program(t, "nginx")
	stranger := fakeca.New()
	byStranger := fakeca.Response{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}
	for _, test := range []struct {
		name   string
		record fakeca.Response
		fault  fault.Fault
		logs   string // of a refusal; empty: stapled
		staple string
	}{
		{name: "no nextUpdate", record: fakeca.Response{Forever: true}, staple: "good"},
		{name: "delegate", staple: "good"},
		{name: "revoked", record: fakeca.Response{Status: fakeca.Revoked}, logs: `certificate status "revoked" in the OCSP response`},
		{name: "unknown", record: fakeca.Response{Status: fakeca.Unknown}, logs: `certificate status "unknown" in the OCSP response`},
		{name: "tryLater", record: fakeca.Response{Error: ocsp.TryLater}, logs: "OCSP response not successful (3: trylater)"},
		{name: "expired", record: expired(), logs: "status expired"},
		{name: "not yet valid", record: fakeca.Response{ThisUpdate: time.Now().Add(time.Hour)}, logs: "status not yet valid"},
		{name: "stranger's signature", record: byStranger, logs: "certificate verify error"},
		{name: "other serial number", record: fakeca.Response{Serial: big.NewInt(1)}, logs: "certificate status not found in the OCSP response"},
		{name: "other hash", record: fakeca.Response{Hash: crypto.SHA256}, logs: "certificate status not found in the OCSP response"},
		{name: "nonce that was not sent", fault: fault.UnsolicitedNonce(), staple: "good"},
		{name: "HTTP 500", fault: fault.HTTPError(500), logs: "OCSP responder sent invalid"},
		{name: "redirected", fault: fault.Redirect(), logs: "OCSP responder sent invalid"},
		{name: "POST only", fault: fault.POSTOnly(), logs: "OCSP responder sent invalid"},
		{name: "hung up", fault: fault.Hangup(), logs: "OCSP responder prematurely closed connection"},
		{name: "reset", fault: fault.Reset(), logs: "Connection reset by peer"},
		{name: "reset in the middle", fault: fault.ResetAfter(30), logs: "Connection reset by peer"},
		{name: "wrong Content-Type", fault: fault.ContentType("text/html"), logs: `sent invalid "Content-Type" header`},
		{name: "no Content-Type", fault: fault.ContentType(""), staple: "good"},
		{name: "empty", fault: fault.EmptyBody(), logs: "d2i_OCSP_RESPONSE() failed"},
		{name: "gzip", fault: fault.Gzip(), logs: "d2i_OCSP_RESPONSE() failed"},
		// nginx speaks HTTP/1.0, and reads until the connection ends, 16 KiB at
		// most. It parses only the beginning, and staples everything.
		{name: "chunked", fault: fault.Chunked(), staple: "good"},
		{name: "no Content-Length", fault: fault.NoContentLength(), staple: "good"},
		{name: "short Content-Length", fault: fault.ShortContentLength(), staple: "good"},
		{name: "long Content-Length", fault: fault.LongContentLength(), staple: "good"},
		{name: "huge", fault: fault.HugeBody(1 << 20), staple: "bytes of trailing data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			if test.name == "delegate" {
				test.record.Signer = s.leaf.Issuer.OCSPSigner()
			}
			s.leaf.Set(test.record)
			s.responder.SetFault(test.fault)
			d := startNginx(t, s.leaf, nginxStapling)
			if got := d.staple(t, s.leaf); got != "none" {
				t.Errorf("at the first handshake the staple is %q", got)
			}
			if test.logs != "" {
				d.logs(t, test.logs, 1)
				if got := d.staple(t, s.leaf); got != "none" {
					t.Errorf("the staple is %q, want none", got)
				}
			} else {
				got := "none"
				eventually(t, "nginx staples", func() bool { got = d.staple(t, s.leaf); return got != "none" })
				if !strings.HasSuffix(got, test.staple) {
					t.Errorf("the staple is %q, want %q", got, test.staple)
				}
			}
			if diff := cmp.Diff([]request{{Method: "GET", About: "leaf", Hash: crypto.SHA1}}, s.requests(t)); diff != "" {
				t.Errorf("nginx sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// nginx accepts a client's certificate, and refuses it after a change.
func TestNginxChecksClients(t *testing.T) {
	t.Parallel()
	program(t, "nginx")
	const verify = "ssl_trusted_certificate trusted.pem; ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate root.pem; "
	leaf := request{Method: "GET", About: "leaf", Hash: crypto.SHA1}
	issuer := request{Method: "GET", About: "issuer", Hash: crypto.SHA1}
	for _, test := range []struct {
		name     string
		settings string
		change   func(*fixture)
		logs     string
		requests []request
	}{
		{name: "revoked", settings: "ssl_ocsp leaf;", change: revoke(fakeca.KeyCompromise), logs: "certificate revoked"},
		{name: "unknown", settings: "ssl_ocsp leaf;", change: says(fakeca.Response{Status: fakeca.Unknown}), logs: "certificate status unknown"},
		{
			name:     "tryLater",
			settings: "ssl_ocsp leaf;",
			change:   says(fakeca.Response{Error: ocsp.TryLater}),
			logs:     "certificate status request failed",
		},
		{name: "expired", settings: "ssl_ocsp leaf;", change: says(expired()), logs: "certificate status request failed"},
		{name: "HTTP 500", settings: "ssl_ocsp leaf;", change: faulty(fault.HTTPError(500)), logs: "certificate status request failed"},
		{name: "hung up", settings: "ssl_ocsp leaf;", change: faulty(fault.Hangup()), logs: "certificate status request failed"},
		{name: "issuer revoked", settings: "ssl_ocsp on;", change: revokeIssuer, logs: "certificate revoked",
			requests: []request{leaf, issuer, leaf, issuer}},
		{
			name:     "revoked, whole chain",
			settings: "ssl_ocsp on;",
			change:   revoke(fakeca.KeyCompromise),
			logs:     "certificate revoked",
			requests: []request{leaf, issuer, leaf},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			d := startNginx(t, s.leaf.Issuer.Leaf(), verify+test.settings)
			visit := func(client *fakeca.Leaf, want int) {
				t.Helper()
				if code, err := d.get(t, s.root, client); err != nil || code != want {
					t.Errorf("HTTP status %d, error %v, want %d", code, err, want)
				}
			}
			visit(nil, 400)
			visit(s.leaf, 200)
			test.change(s)
			visit(s.leaf, 400)
			d.logs(t, "client SSL certificate verify error: "+test.logs, 1)
			want := test.requests
			if want == nil {
				want = []request{leaf, leaf}
			}
			if diff := cmp.Diff(want, s.requests(t)); diff != "" {
				t.Errorf("nginx sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}
