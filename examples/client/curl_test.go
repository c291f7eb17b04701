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
	policy := conformance.Policy{}
	conformance.Run(t, policy, conformance.ClientFunc(func(ctx context.Context, srv *ocsptest.Server) error {
		root := filepath.Join(dir, strings.ReplaceAll(srv.Addr().String(), ":", "-")+".pem")
		if err := os.WriteFile(root, srv.RootPEM(), 0o666); err != nil {
			return err
		}
		cmd := exec.CommandContext(ctx, curl, "-q", "-sS", "--cert-status", "--cacert", root, "--noproxy", "*", srv.URL)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
		}
		return nil
	}), conformance.WithSystemClock(), conformance.WithKnownFailures(known(t, "testdata/curl.txt")...))
}
