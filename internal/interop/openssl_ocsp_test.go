package interop

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

const (
	opensslOK      = "Response verify OK"
	opensslFailure = "Response Verify Failure"
)

// opensslHash has the flags that select the hash of the CertID.
var opensslHash = map[crypto.Hash]string{
	0: "-sha1", crypto.SHA1: "-sha1", crypto.SHA256: "-sha256", crypto.SHA384: "-sha384", crypto.SHA512: "-sha512",
}

// opensslOCSP verifies a response about the leaf with openssl ocsp.
func opensslOCSP(t *testing.T, w *pki, der []byte, hash crypto.Hash, args ...string) result {
	t.Helper()
	return command{path: program(t, "openssl"), dir: w.dir(t, der), args: append([]string{
		"ocsp", "-respin", "response.der", "-CAfile", "root.pem", "-issuer", "issuer.pem",
		opensslHash[hash], "-cert", "leaf.pem", "-no_nonce", "-text",
	}, args...)}.run(t)
}

// OpenSSL accepts every valid response, and reads what fakeca wrote.
func TestOpenSSLAcceptsResponses(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	for _, a := range append(signatures(t), contents(t)...) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			var others []string
			if a.response.OmitCert {
				others = []string{"-verify_other", "others.pem"}
			}
			r := opensslOCSP(t, a.pki, a.der(), a.response.Hash, others...)
			if r.code != 0 || !strings.Contains(r.stderr, opensslOK) || strings.Contains(r.all(), "WARNING") {
				t.Fatalf("openssl refuses (exit status %d):\n%s", r.code, r.all())
			}
			said := a.said()
			if diff := cmp.Diff(said, opensslRead(t, r), sameInt); diff != "" {
				t.Errorf("-fakeca +openssl:\n%s\n%s", diff, r.stdout)
			}
			if want := "\nleaf.pem: " + a.leafStatus().String() + "\n"; !strings.Contains("\n"+r.stdout, want) {
				t.Errorf("openssl does not say %q:\n%s", want, r.stdout)
			}
			for _, s := range said.Also {
				serial := "0x" + s.Serial.Text(16)
				r := opensslOCSP(t, a.pki, a.der(), s.Hash, "-serial", serial)
				if want := "\n" + serial + ": " + s.Status.String() + "\n"; !strings.Contains(r.stdout, want) {
					t.Errorf("openssl does not say %q:\n%s", want, r.stdout)
				}
			}
		})
	}
}

// The same checks find faults.
func TestOpenSSLRefusesResponses(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	w := allPKIs(t)[0]
	stranger := fakeca.New().Intermediate(fakeca.WithName("a stranger"))
	now := time.Now()
	for _, test := range []struct {
		name     string
		response fakeca.Response
		args     []string
		want     string
	}{
		{name: "stranger's signature", want: opensslFailure,
			response: fakeca.Response{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}},
		{name: "issuer's name, stranger's key", want: opensslFailure,
			response: fakeca.Response{
				Signer:             &fakeca.Leaf{Cert: w.ca.Cert, Key: stranger.Key},
				OmitCert:           true,
				SignatureAlgorithm: x509.ECDSAWithSHA256,
			}},
		{name: "delegate of a stranger", want: opensslFailure,
			response: fakeca.Response{Signer: stranger.OCSPSigner()}},
		{name: "delegate without the extended key usage", want: opensslFailure,
			response: fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}})}},
		{name: "leaf signs for itself", want: opensslFailure,
			response: fakeca.Response{Signer: w.leaf}},
		{name: "delegate omitted and not at hand", want: opensslFailure,
			response: fakeca.Response{Signer: w.delegate, OmitCert: true}},
		{name: "delegate expired", want: opensslFailure,
			response: fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotAfter: now.Add(-time.Hour)})}},
		{name: "signature broken", want: opensslFailure,
			response: fakeca.Response{Mutate: func(der []byte) []byte { der[len(der)-1] ^= 1; return der }}},
		{name: "expired", want: "Status times invalid",
			response: fakeca.Response{ThisUpdate: now.Add(-48 * time.Hour), NextUpdate: now.Add(-time.Hour)}},
		{name: "not yet valid", want: "Status times invalid",
			response: fakeca.Response{ThisUpdate: now.Add(time.Hour)}},
		{name: "nextUpdate before thisUpdate", want: "Status times invalid",
			response: fakeca.Response{NextUpdate: now.Add(-2 * time.Hour)}},
		{name: "other serial number", want: "leaf.pem: ERROR: No Status found",
			response: fakeca.Response{Serial: big.NewInt(1)}},
		{name: "other hash", want: "leaf.pem: ERROR: No Status found",
			response: fakeca.Response{Hash: crypto.SHA256}},
		{name: "other nonce", want: "Nonce Verify error", args: []string{"-nonce"},
			response: fakeca.Response{Nonce: []byte("not the one of the request")}},
		{name: "try later", want: "Responder Error: trylater",
			response: fakeca.Response{Error: ocsp.TryLater}},
		{name: "not DER", want: "Error reading OCSP response",
			response: fakeca.Response{Mutate: func(der []byte) []byte { return der[:len(der)-1] }}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if r := opensslOCSP(t, w, w.leaf.Staple(test.response), 0, test.args...); !strings.Contains(r.all(), test.want) {
				t.Errorf("openssl does not say %q (exit status %d):\n%s", test.want, r.code, r.all())
			}
		})
	}
}

// OpenSSL reads error responses.
func TestOpenSSLReadsErrors(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	w := allPKIs(t)[0]
	for _, test := range []struct {
		name   string // openssl's
		status ocsp.ResponseStatus
	}{
		{"malformedrequest", ocsp.Malformed},
		{"internalerror", ocsp.InternalError},
		{"trylater", ocsp.TryLater},
		{"sigrequired", ocsp.SignatureRequired},
		{"unauthorized", ocsp.Unauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := opensslOCSP(t, w, w.leaf.Staple(fakeca.Response{Error: test.status}), 0)
			if want := fmt.Sprintf("Responder Error: %s (%d)", test.name, int(test.status)); r.code == 0 || !strings.Contains(r.stdout, want) {
				t.Errorf("openssl does not say %q (exit status %d):\n%s", want, r.code, r.all())
			}
		})
	}
}

// Valid responses that openssl does not verify because it does not find a
// certificate: a second intermediate is not in the response, and openssl does
// not use -issuer to complete a chain that starts with -verify_other.
func TestOpenSSLMissesIssuers(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	w := allPKIs(t)[0]
	low := w.ca.Intermediate(fakeca.WithName("fakeca second intermediate"))
	deep := &pki{ca: low, leaf: low.Leaf(), delegate: low.OCSPSigner()}
	for _, test := range []struct {
		name     string
		pki      *pki
		response fakeca.Response
		args     []string
		others   []byte // for -verify_other
	}{
		{name: "delegate below two intermediates", pki: deep, response: fakeca.Response{Signer: deep.delegate},
			others: append(low.CertPEM(), w.ca.CertPEM()...)},
		{name: "delegate omitted", pki: w, response: fakeca.Response{Signer: w.delegate, OmitCert: true},
			args: []string{"-verify_other", "delegate.pem"}, others: append(w.delegate.CertPEM(), w.ca.CertPEM()...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			der := test.pki.leaf.Staple(test.response)
			if r := opensslOCSP(t, test.pki, der, 0, test.args...); !strings.Contains(r.stderr, "unable to get local issuer certificate") {
				t.Errorf("openssl no longer misses a certificate (exit status %d):\n%s", r.code, r.all())
			}
			others := write(t, t.TempDir(), "others.pem", test.others)
			if r := opensslOCSP(t, test.pki, der, 0, "-verify_other", others); !strings.Contains(r.stderr, opensslOK) {
				t.Errorf("openssl refuses with -verify_other (exit status %d):\n%s", r.code, r.all())
			}
		})
	}
}

// opensslRead parses what openssl prints of a response.
func opensslRead(t *testing.T, r result) fakeca.Response {
	t.Helper()
	_, text, _ := strings.Cut(r.stdout, "OCSP Response Data:")
	head, text, _ := strings.Cut(text, "Certificate ID:")
	text, _, _ = strings.Cut(text, "Signature Algorithm:")
	text, extensions, _ := strings.Cut(text, "Response Extensions:")
	var all []fakeca.Response
	for single := range strings.SplitSeq(text, "Certificate ID:") {
		all = append(all, opensslReadSingle(t, single))
	}
	got := all[0]
	if len(all) > 1 {
		got.Also = all[1:]
	}
	got.ProducedAt = opensslTime(t, head, "Produced At")
	got.ByKey = len(field(head, "Responder Id")) == 40
	if _, value, ok := strings.Cut(extensions, "OCSP Nonce:"); ok {
		value = strings.Fields(strings.ReplaceAll(value, "\\\n", ""))[0] // long ones are wrapped
		der, err := hex.DecodeString(value)
		if err == nil {
			_, err = asn1.Unmarshal(der, &got.Nonce)
		}
		if err != nil {
			t.Errorf("nonce %q: %v", value, err)
		}
	}
	return got
}

func opensslReadSingle(t *testing.T, text string) fakeca.Response {
	t.Helper()
	got := fakeca.Response{
		RevokedAt:  opensslTime(t, text, "Revocation Time"),
		ThisUpdate: opensslTime(t, text, "This Update"),
		NextUpdate: opensslTime(t, text, "Next Update"),
	}
	got.Forever = got.NextUpdate.IsZero()
	if err := got.Status.UnmarshalText([]byte(field(text, "Cert Status"))); err != nil {
		t.Error(err)
	}
	if reason := field(text, "Revocation Reason"); reason != "" {
		// Not by name: OpenSSL 3.0 prints "(UNKNOWN)" for 9 and 10.
		_, number, _ := strings.Cut(reason, "(0x")
		n, err := strconv.ParseInt(strings.TrimSuffix(number, ")"), 16, 0)
		if err != nil {
			t.Errorf("reason %q: %v", reason, err)
		}
		got.Reason = fakeca.Reason(n)
		got.ExplicitReason = n == 0
	}
	for h, flag := range opensslHash {
		if h != 0 && flag == "-"+field(text, "Hash Algorithm") {
			got.Hash = h
		}
	}
	got.Serial, _ = new(big.Int).SetString(field(text, "Serial Number"), 16)
	return got
}

func opensslTime(t *testing.T, text, label string) time.Time {
	t.Helper()
	value := field(text, label)
	if value == "" {
		return time.Time{}
	}
	at, err := time.Parse("Jan _2 15:04:05 2006 MST", value)
	if err != nil {
		t.Errorf("%s: %v", label, err)
	}
	return at.UTC()
}

// field returns what follows "label:" on the first line that has it, or "".
func field(text, label string) string {
	_, after, _ := strings.Cut(text, label+":")
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(line)
}
