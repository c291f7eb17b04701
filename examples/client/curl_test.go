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

// A client can be a command. curl --cert-status fails closed too.
func TestCurl(t *testing.T) {
	if testing.Short() {
		t.Skip("runs hundreds of commands")
	}
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	if version, err := exec.Command(curl, "--version").Output(); err != nil || !bytes.Contains(version, []byte("OpenSSL/")) {
		t.Skip("the list below is for curl with OpenSSL")
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
	}, append(opinions, conformance.WithSystemClock())...)
}

// Where curl or OpenSSL differ from the catalogue.
var opinions = []conformance.Option{
	conformance.Skip("encoding", "OpenSSL accepts more than DER, and trailing data"),
	conformance.Skip("extensions", "OpenSSL ignores critical extensions"),
	conformance.Skip("certid/sha256", "curl looks only for CertIDs with SHA-1"),
	conformance.Skip("certid/sha256-without-null", "curl looks only for CertIDs with SHA-1"),
	conformance.Skip("certid/sha384", "curl looks only for CertIDs with SHA-1"),
	conformance.Skip("certid/sha512", "curl looks only for CertIDs with SHA-1"),
	conformance.Skip("certid/good-and-revoked", "openssl/openssl#32376: the first of two statuses counts"),
	conformance.Skip("certid/early-and-current", "the first of two single responses counts"),
	conformance.Skip("certid/expired-and-current", "the first of two single responses counts"),
	conformance.Skip("times/no-next-update-and-old", "OpenSSL does not limit the age of a response without nextUpdate"),
	conformance.Skip("delegate/crl-sign", "OpenSSL ignores the key usage of a delegate"),
	conformance.Skip("signer/rsa-md5", "OpenSSL accepts MD5 in OCSP responses"),
}
