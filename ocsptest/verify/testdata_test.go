package verify_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A testdataNote is what testdata/index.json says about a response.
type testdataNote struct {
	File    string    `json:"file"`
	Clock   time.Time `json:"clock"`
	Issuer  string    `json:"issuer"`
	Leaf    string    `json:"leaf"`
	Signer  string    `json:"signer"`
	Error   string    `json:"error"`
	Singles []struct {
		Response struct {
			Status string `json:"status"`
		} `json:"response"`
	} `json:"singles"`
}

// testdataFaults has the responses in testdata that are invalid, or valid only if
// the client knows the responder.
var testdataFaults = map[string]struct {
	without []string // violations if the client does not know the responder
	with    []string // violations if it does
}{
	"openssl/delegate-omitted.der":        {without: []string{notAtHand}},
	"openssl/delegate-omitted-by-key.der": {without: []string{notAtHand}},
	"openssl/no-single.der":               always("certid-serial: none of 0 single responses is about serial 1010 (RFC 6960 3.2)"),
	"openssl/certid-serial-zero.der":      always("certid-serial: none of 1 single responses is about serial 1010 (RFC 6960 3.2)"),
	"openssl/unknown-issuer.der": {
		without: []string{notAtHand},
		with: []string{
			`signer-issuer: "CN=openssl p256,O=ocsplab testdata" ` + notIssued,
			`signer-eku: "CN=openssl p256,O=ocsplab testdata" ` + hasNoUsage,
		},
	},
	"openssl/error-malformed.der":    always("error-status: malformed (RFC 6960 2.3)"),
	"openssl/error-internal.der":     always("error-status: internal error (RFC 6960 2.3)"),
	"openssl/error-try-later.der":    always("error-status: try later (RFC 6960 2.3)"),
	"openssl/error-sig-required.der": always("error-status: signature required (RFC 6960 2.3)"),
	"openssl/error-unauthorized.der": always("error-status: unauthorized (RFC 6960 2.3)"),
}

func always(text string) struct{ without, with []string } {
	return struct{ without, with []string }{[]string{text}, []string{text}}
}

// TestVerifyTestdata judges responses of OpenSSL and GnuTLS.
func TestVerifyTestdata(t *testing.T) {
	t.Parallel()
	var notes []testdataNote
	if err := json.Unmarshal(readTestdata(t, "index.json"), &notes); err != nil {
		t.Fatal(err)
	}
	if len(notes) < 60 {
		t.Fatalf("%d responses, want at least 60", len(notes))
	}
	seen := 0
	for _, n := range notes {
		want := testdataFaults[n.File]
		if want.without != nil {
			seen++
		}
		t.Run(n.File, func(t *testing.T) {
			t.Parallel()
			if n.Error != "" { // about no certificate
				n.Leaf, n.Issuer, n.Signer = "openssl/leaf-p256.pem", "openssl/p256.pem", "openssl/p256.pem"
			}
			der, leaf, issuer := readTestdata(t, n.File), testdataCert(t, n.Leaf), testdataCert(t, n.Issuer)
			resp, err := verify.Response(der, leaf, issuer, n.Clock)
			if diff := cmp.Diff(want.without, violations(t, err)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			for _, lenient := range []bool{false, true} {
				known := verify.Options{Responders: []*x509.Certificate{testdataCert(t, n.Signer)}, Skew: -1, Lenient: lenient}
				_, err = known.Response(der, leaf, issuer, n.Clock)
				if diff := cmp.Diff(want.with, violations(t, err)); diff != "" {
					t.Errorf("violations if the signer is known, with Lenient %t (-want +got):\n%s", lenient, diff)
				}
			}
			if len(want.with) == 0 && resp.Status.String() != n.Singles[0].Response.Status {
				t.Errorf("it says %v, want %s", resp.Status, n.Singles[0].Response.Status)
			}
			if _, err := verify.Response(der, leaf, testdataCert(t, "openssl/root.pem"), n.Clock); err == nil {
				t.Error("valid with another issuer")
			}
		})
	}
	if seen != len(testdataFaults) {
		t.Errorf("testdata has %d of %d invalid responses", seen, len(testdataFaults))
	}
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func testdataCert(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(readTestdata(t, name))
	if block == nil {
		t.Fatalf("%s: not PEM", name)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return cert
}
