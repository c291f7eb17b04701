package interop

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// openssl s_client -status prints the staple, and does not check it.
func TestSClientPrintsStaples(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	tests := map[string]fakeca.Response{
		"good":                 {},
		"good, no nextUpdate":  {Forever: true},
		"unknown":              {Status: fakeca.Unknown},
		"unspecified, present": {Status: fakeca.Revoked, ExplicitReason: true},
	}
	for why := fakeca.Unspecified; why <= fakeca.AACompromise; why++ {
		if _, err := why.MarshalText(); err == nil { // 7 is not assigned
			tests[why.String()] = fakeca.Response{Status: fakeca.Revoked, Reason: why}
		}
	}
	for name, response := range tests {
		eachVersion(t, name, func(t *testing.T, version string) {
			response := timed(response)
			srv := ocsptest.NewServer(t, ocsptest.WithStaple(response))
			r := sClient(t, srv, version)
			if status := field(r.stdout, "OCSP Response Status"); status != "successful (0x0)" {
				t.Errorf("OCSP Response Status %q", status)
			}
			sent := validResponse{pki: &pki{ca: srv.CA, leaf: srv.Leaf}, response: response}
			if diff := cmp.Diff(sent.said(), opensslRead(t, r), sameInt); diff != "" {
				t.Errorf("openssl reads something else (-sent +read):\n%s", diff)
			}
		})
	}
}

// A staple can be an error response.
func TestSClientPrintsErrors(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	for text, status := range map[string]ocsp.ResponseStatus{
		"malformedrequest (0x1)": ocsp.Malformed,
		"internalerror (0x2)":    ocsp.InternalError,
		"trylater (0x3)":         ocsp.TryLater,
		"sigrequired (0x5)":      ocsp.SignatureRequired,
		"unauthorized (0x6)":     ocsp.Unauthorized,
	} {
		eachVersion(t, status.String(), func(t *testing.T, version string) {
			srv := ocsptest.NewServer(t, ocsptest.WithStaple(fakeca.Response{Error: status}))
			r := sClient(t, srv, version)
			if got := field(r.stdout, "OCSP Response Status"); got != text {
				t.Errorf("OCSP Response Status %q, want %q", got, text)
			}
		})
	}
}

func TestSClientWithoutStaple(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	for name, option := range map[string]ocsptest.Option{
		"WithoutStaple": ocsptest.WithoutStaple(),
		"no bytes":      ocsptest.WithRawStaple([]byte{}),
	} {
		eachVersion(t, name, func(t *testing.T, version string) {
			r := sClient(t, ocsptest.NewServer(t, option), version)
			if got := field(r.stdout, "OCSP response"); got != "no response sent" {
				t.Errorf("OCSP response %q", got)
			}
		})
	}
}

// Garbage is sent as it is.
func TestSClientRefusesGarbage(t *testing.T) {
	t.Parallel()
	openssl := program(t, "openssl")
	eachVersion(t, "garbage", func(t *testing.T, version string) {
		srv := ocsptest.NewServer(t, ocsptest.WithRawStaple([]byte("garbage")))
		r := run(t, openssl, sClientArgs(t, srv, version)...)
		if r.code == 0 || !strings.Contains(r.stdout, "response parse error") {
			t.Errorf("exit code %d\n%s", r.code, r.all())
		}
	})
}

// A revocation shows in the next handshake.
func TestSClientSeesRevocation(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	eachVersion(t, "revoked", func(t *testing.T, version string) {
		srv := ocsptest.NewServer(t)
		before := opensslRead(t, sClient(t, srv, version))
		srv.Leaf.Revoke(fakeca.Superseded)
		after := opensslRead(t, sClient(t, srv, version))
		if before.Status != fakeca.Good || after.Status != fakeca.Revoked || after.Reason != fakeca.Superseded {
			t.Errorf("before %v, after %v", before, after)
		}
	})
}

// sClient runs s_client -status, and checks that the handshake succeeds.
func sClient(t *testing.T, srv *ocsptest.Server, version string) result {
	t.Helper()
	r := run(t, program(t, "openssl"), sClientArgs(t, srv, version)...)
	if r.code != 0 || !strings.Contains(r.stdout, "Verify return code: 0 (ok)") {
		t.Fatalf("exit code %d\n%s", r.code, r.all())
	}
	hs := srv.Handshakes()
	number := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[version]
	if h := hs[len(hs)-1]; h.Version != number || !h.StatusRequest || h.ServerName != "localhost" || h.Err != nil {
		t.Errorf("with TLS %s the server saw %v", version, h)
	}
	return r
}

func sClientArgs(t *testing.T, srv *ocsptest.Server, version string) []string {
	t.Helper()
	return []string{
		"s_client", "-status", "-tls" + strings.ReplaceAll(version, ".", "_"), "-connect", srv.Addr().String(),
		"-servername", "localhost", "-CAfile", rootFile(t, srv), "-verify_return_error",
	}
}

// The TLS versions that clients run with, as on command lines.
var versions = []string{"1.2", "1.3"}

// eachVersion runs f in a parallel subtest for each TLS version.
func eachVersion(t *testing.T, name string, f func(t *testing.T, version string)) {
	for _, version := range versions {
		t.Run(name+", TLS "+version, func(t *testing.T) {
			t.Parallel()
			f(t, version)
		})
	}
}

func rootFile(t testing.TB, srv *ocsptest.Server) string {
	t.Helper()
	return write(t, t.TempDir(), "root.pem", srv.CA.Root().CertPEM())
}

func portOf(srv *ocsptest.Server) string {
	return fmt.Sprint(srv.Addr().(*net.TCPAddr).Port)
}
