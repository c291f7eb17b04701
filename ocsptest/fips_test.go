package ocsptest_test

import (
	"crypto"
	"crypto/fips140"
	"crypto/x509"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// TestFIPS140Only runs TestUnderFIPS140Only in another process, because a process
// cannot change the mode.
func TestFIPS140Only(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestUnderFIPS140Only$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnderFIPS140Only") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A server whose staple needs SHA-1 fails when it is created, not in a handshake.
func TestUnderFIPS140Only(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("TestFIPS140Only runs it with GODEBUG=fips140=only")
	}
	named := fakeca.New().Issue(&x509.Certificate{DNSNames: []string{"localhost"}, OCSPServer: []string{"http://ocsp.test"}})
	const certID = "fakeca: GODEBUG=fips140=only forbids SHA-1 in a CertID; use New(WithHash(crypto.SHA256)), or Hash or NewCertID with SHA256"
	for _, test := range []struct {
		name string
		opts []ocsptest.Option
		want string // "": it works
	}{
		{"SHA-256", []ocsptest.Option{ocsptest.WithCA(fakeca.New(fakeca.WithHash(crypto.SHA256)))}, ""},
		{"SHA-256 in the response", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Hash: crypto.SHA256})}, ""},
		{"bytes", []ocsptest.Option{ocsptest.WithRawStaple([]byte("staple"))}, ""},
		{"default", nil, certID},
		{"WithStaple", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{})}, certID},
		{"WithFetchedStaple", []ocsptest.Option{ocsptest.WithLeaf(named), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{})}, certID},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &labtest.TB{TB: t}
			srv := ocsptest.NewServer(f, test.opts...)
			defer f.End()
			if test.want != "" {
				if got := f.Logged(); len(got) != 1 || got[0] != test.want {
					t.Errorf("\n got %q\nwant %q", got, test.want)
				}
				return
			}
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if len(resp.TLS.OCSPResponse) == 0 {
				t.Error("no staple")
			}
		})
	}
}
