package verify_test

import (
	"crypto/fips140"
	"crypto/x509"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// TestFIPS140Only runs TestUnderFIPS140Only in a process with the mode, which
// cannot be changed later.
func TestFIPS140Only(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), must(os.Executable()), "-test.run=^TestUnderFIPS140Only$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnderFIPS140Only") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnderFIPS140Only judges responses with SHA-1, which panics in this mode.
func TestUnderFIPS140Only(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("TestFIPS140Only runs it with GODEBUG=fips140=only")
	}
	var w *world
	var signature, delegate, certID, byKey, list []byte
	fips140.WithoutEnforcement(func() {
		w = newWorld(nil)
		signature = w.leaf.Staple(fakeca.Response{SignatureAlgorithm: x509.ECDSAWithSHA1})
		delegate = w.leaf.Staple(fakeca.Response{Signer: w.signer(x509.Certificate{SignatureAlgorithm: x509.ECDSAWithSHA1})})
		certID = w.stranger.Sign(w.leaf.Cert.SerialNumber, fakeca.Response{Signer: asSigner(w.ca)})
		list = w.ca.CRL(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1})
		byKey = w.leaf.Staple(fakeca.Response{ByKey: true})
	})
	for _, tt := range []struct {
		name string
		der  []byte
		want []string
	}{
		{"signature", signature, []string{"signature-algorithm: SHA-1, which GODEBUG=fips140=only forbids (RFC 6960 4.3)"}},
		{"delegate", delegate, []string{
			`signer-algorithm: the certificate of "CN=delegate" is signed with SHA-1, which GODEBUG=fips140=only forbids (RFC 5280 4.1.1.2)`,
		}},
		{"CertID", certID, []string{
			"certid-name-hash: issuerNameHash is not the SHA-1 of the issuer's name (RFC 6960 3.2)",
			"certid-key-hash: issuerKeyHash is not the SHA-1 of the issuer's key (RFC 6960 3.2)",
		}},
		{"responder ID", byKey, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("panic: %v", v)
				}
			}()
			_, err := verify.Response(tt.der, w.leaf.Cert, w.ca.Cert, judgedAt)
			if diff := cmp.Diff(tt.want, violations(t, err)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
	said, err := verify.CRLs([][]byte{list}, w.leaf.Cert, w.ca.Cert, judgedAt)
	want := []string{"crl-signature-algorithm: SHA-1, which GODEBUG=fips140=only forbids"}
	if diff := cmp.Diff(want, crlViolations(t, err)); diff != "" || said.Status != fakeca.Good {
		t.Errorf("the CRL says %v, violations (-want +got):\n%s", said.Status, diff)
	}
}
