package interop

import (
	"strings"
	"testing"
)

// opensslVerify verifies a chain with openssl verify, with the checks of RFC
// 5280 that are off by default.
func opensslVerify(t *testing.T, c chain) result {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "root.pem", c.leaf.Issuer.Root().CertPEM())
	write(t, dir, "chain.pem", c.leaf.ChainPEM())
	write(t, dir, "leaf.pem", c.leaf.CertPEM())
	args := []string{
		"verify", "-x509_strict", "-check_ss_sig", "-purpose", c.purpose.openssl,
		"-CAfile", "root.pem", "-untrusted", "chain.pem",
	}
	if c.host != "" {
		args = append(args, "-verify_hostname", c.host)
	}
	return command{path: program(t, "openssl"), dir: dir, args: append(args, "leaf.pem")}.run(t)
}

func TestOpenSSLVerifiesChains(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	for _, c := range validChains(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if r := opensslVerify(t, c); r.code != 0 || r.stdout != "leaf.pem: OK\n" {
				t.Errorf("openssl refuses (exit status %d):\n%s", r.code, r.all())
			}
		})
	}
}

func TestOpenSSLRefusesChains(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	for _, c := range invalidChains(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := opensslVerify(t, c.chain)
			if c.openssl == "" && r.code != 0 {
				t.Errorf("openssl refuses; want it to accept:\n%s", r.all())
			}
			if c.openssl != "" && (r.code == 0 || !strings.Contains(r.all(), c.openssl)) {
				t.Errorf("openssl does not say %q (exit status %d):\n%s", c.openssl, r.code, r.all())
			}
		})
	}
}
