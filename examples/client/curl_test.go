package client_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// A client may be a command: curl --cert-status, which fails closed too.
func TestCurl(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	if version, err := exec.Command(curl, "--version").Output(); err != nil || !bytes.Contains(version, []byte("OpenSSL/")) {
		t.Skip("curl is built with another library than OpenSSL, which has opinions of its own")
	}
	dir := t.TempDir()
	policy := conformance.Policy{HardFail: true}
	conformance.Run(t, policy, func(ctx context.Context, srv *ocsptest.Server) error {
		root := filepath.Join(dir, strings.ReplaceAll(srv.Addr().String(), ":", "-")+".pem")
		if err := os.WriteFile(root, srv.RootPEM(), 0o666); err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, curl, "-q", "-sS", "--cert-status", "--cacert", root, "--noproxy", "*", srv.URL)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
		}
		return nil
	}, append(opinions, conformance.OwnClock())...)
}

// What is curl's own opinion, or OpenSSL's.
var opinions = []conformance.SuiteOption{
	conformance.Skip("encoding", "OpenSSL takes more than DER, and what follows an answer"),
	conformance.Skip("extensions", "OpenSSL does not look at critical extensions"),
	conformance.Skip("certid/sha256", "curl looks for a CertID with SHA-1"),
	conformance.Skip("certid/sha256-without-null", "curl looks for a CertID with SHA-1"),
	conformance.Skip("certid/sha384", "curl looks for a CertID with SHA-1"),
	conformance.Skip("certid/sha512", "curl looks for a CertID with SHA-1"),
	conformance.Skip("certid/good-and-revoked", "OpenSSL takes the first of two statuses: openssl/openssl#32376"),
	conformance.Skip("certid/early-and-current", "OpenSSL takes the first of two answers"),
	conformance.Skip("certid/expired-and-current", "OpenSSL takes the first of two answers"),
	conformance.Skip("times/no-next-update-and-old", "OpenSSL sets no limit to the age of an answer without nextUpdate"),
	conformance.Skip("delegate/crl-sign", "OpenSSL does not look at the key usage of a delegate"),
	conformance.Skip("signer/rsa-md5", "OpenSSL takes MD5 in OCSP responses"),
}
