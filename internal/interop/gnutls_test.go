package interop

import (
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

const gnutlsOK = "Verifying OCSP Response: Success."

// gnutlsVerify verifies a response with ocsptool. It checks the signature and
// the signer's authority, but neither the times nor the CertID.
func gnutlsVerify(t *testing.T, w *pki, der []byte, args ...string) result {
	t.Helper()
	return command{path: program(t, "ocsptool"), dir: w.dir(t, der), args: append([]string{
		"--verify-response", "--load-response", "response.der",
	}, args...)}.run(t)
}

// gnutlsTrust returns the flags that name the trusted certificate. ocsptool
// builds no chains, so the anchor is the issuer itself. A signer that is neither
// embedded nor named in the response must be given.
func gnutlsTrust(r fakeca.Response) []string {
	switch {
	case r.Signer != nil && r.OmitCert:
		return []string{"--load-signer", "delegate.pem"}
	case r.Signer == nil && r.ByKey:
		return []string{"--load-signer", "issuer.pem"}
	default:
		return []string{"--load-trust", "issuer.pem"}
	}
}

// gnutlsMistakes reports whether GnuTLS misreads the signature: it takes all
// RSA-PSS signatures for SHA-256.
func gnutlsMistakes(r fakeca.Response) bool {
	return r.SignatureAlgorithm == x509.SHA384WithRSAPSS || r.SignatureAlgorithm == x509.SHA512WithRSAPSS
}

func TestGnuTLSAcceptsResponses(t *testing.T) {
	t.Parallel()
	program(t, "ocsptool")
	for _, a := range append(signatures(t), contents(t)...) {
		if gnutlsMistakes(a.response) {
			continue // TestGnuTLSRefusesValidResponses
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			r := gnutlsVerify(t, a.pki, a.der(), gnutlsTrust(a.response)...)
			if r.code != 0 || !strings.Contains(r.stdout, gnutlsOK) {
				t.Fatalf("ocsptool refuses (exit status %d):\n%s", r.code, r.all())
			}
			want := a.said()
			want.Reason, want.ExplicitReason = 0, false // ocsptool prints none
			if epoch := time.Unix(0, 0).UTC(); !want.RevokedAt.IsZero() && want.RevokedAt.Before(epoch) {
				want.RevokedAt = epoch // its earliest time
			}
			for i := range want.Also {
				want.Also[i].Reason = 0
			}
			if diff := cmp.Diff(want, gnutlsRead(t, r), sameInt); diff != "" {
				t.Errorf("-fakeca +ocsptool:\n%s\n%s", diff, r.stdout)
			}
		})
	}
}

// Valid responses that GnuTLS 3.7 refuses, also when OpenSSL made them.
func TestGnuTLSRefusesValidResponses(t *testing.T) {
	t.Parallel()
	if v := run(t, program(t, "ocsptool"), "--version").stdout; !strings.HasPrefix(v, "ocsptool 3.7.") {
		t.Skipf("the table is for GnuTLS 3.7, not for %s", strings.TrimSpace(v))
	}
	for _, a := range signatures(t) {
		byKey := a.response.ByKey && a.response.Signer == nil
		if !gnutlsMistakes(a.response) && !byKey || a.response.Hash != crypto.SHA1 {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			if gnutlsMistakes(a.response) {
				r := gnutlsVerify(t, a.pki, a.der(), gnutlsTrust(a.response)...)
				if r.code == 0 || !strings.Contains(r.stdout, "Failure, Signature failure") {
					t.Errorf("ocsptool no longer fails at the signature (exit status %d):\n%s", r.code, r.all())
				}
			}
			if byKey { // GnuTLS finds an anchor only by name
				r := gnutlsVerify(t, a.pki, a.der(), "--load-trust", "issuer.pem")
				if r.code == 0 || !strings.Contains(r.stdout, "Failure, Signer cert not found") {
					t.Errorf("ocsptool no longer misses the signer (exit status %d):\n%s", r.code, r.all())
				}
			}
		})
	}
}

func TestGnuTLSRefusesResponses(t *testing.T) {
	t.Parallel()
	program(t, "ocsptool")
	w := allPKIs(t)[0]
	stranger := fakeca.New().Intermediate(fakeca.WithName("a stranger"))
	for _, test := range []struct {
		name     string
		response fakeca.Response
		want     string
	}{
		{name: "stranger's signature", want: "Signer cert not found",
			response: fakeca.Response{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}, OmitCert: true}},
		{name: "stranger's signature, embedded", want: "Signer cert is not trusted",
			response: fakeca.Response{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}},
		{name: "issuer's name, stranger's key", want: "Signature failure",
			response: fakeca.Response{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: stranger.Key}, OmitCert: true}},
		{name: "delegate of a stranger", want: "Signer cert is not trusted",
			response: fakeca.Response{Signer: stranger.OCSPSigner()}},
		{name: "delegate without the extended key usage", want: "Signer cert keyusage error",
			response: fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}})}},
		{name: "leaf signs for itself", want: "Signer cert is not trusted",
			response: fakeca.Response{Signer: w.leaf}},
		{name: "delegate expired", want: "Signer cert expired",
			response: fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotAfter: time.Now().Add(-time.Hour)})}},
		{name: "signature broken", want: "Signature failure",
			response: fakeca.Response{Mutate: func(der []byte) []byte { der[len(der)-1] ^= 1; return der }}},
		{name: "not DER", want: "importing response",
			response: fakeca.Response{Mutate: func(der []byte) []byte { return der[:len(der)-1] }}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := gnutlsVerify(t, w, w.leaf.Staple(test.response), "--load-trust", "issuer.pem")
			if r.code == 0 || !strings.Contains(r.all(), test.want) {
				t.Errorf("ocsptool does not say %q (exit status %d):\n%s", test.want, r.code, r.all())
			}
		})
	}
}

// gnutlsRead parses what ocsptool prints of a response.
func gnutlsRead(t *testing.T, r result) fakeca.Response {
	t.Helper()
	head, text, _ := strings.Cut(r.stdout, "Certificate ID:")
	text, extensions, _ := strings.Cut(text, "Extensions:")
	at := func(text, label string) time.Time {
		value := field(text, label)
		if value == "" {
			return time.Time{}
		}
		at, err := time.Parse(time.UnixDate, value)
		if err != nil {
			t.Errorf("%s: %v", label, err)
		}
		return at.UTC()
	}
	var all []fakeca.Response
	for single := range strings.SplitSeq(text, "Certificate ID:") {
		got := fakeca.Response{
			RevokedAt: at(single, "Revocation time"), ThisUpdate: at(single, "This Update"), NextUpdate: at(single, "Next Update"),
			Hash: map[string]crypto.Hash{
				"SHA1": crypto.SHA1, "SHA256": crypto.SHA256, "SHA384": crypto.SHA384, "SHA512": crypto.SHA512,
			}[field(single, "Hash Algorithm")],
		}
		got.Forever = got.NextUpdate.IsZero()
		if err := got.Status.UnmarshalText([]byte(field(single, "Certificate Status"))); err != nil {
			t.Error(err)
		}
		got.Serial, _ = new(big.Int).SetString(field(single, "Serial Number"), 16)
		all = append(all, got)
	}
	got := all[0]
	if len(all) > 1 {
		got.Also = all[1:]
	}
	got.ProducedAt = at(head, "Produced At")
	got.ByKey = field(head, "Responder Key ID") != ""
	if value := field(extensions, "Nonce"); value != "" {
		nonce, err := hex.DecodeString(value)
		if err != nil {
			t.Errorf("nonce %q: %v", value, err)
		}
		got.Nonce = nonce
	}
	return got
}

// certtoolVerify verifies a chain with certtool.
func certtoolVerify(t *testing.T, c chain) result {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "root.pem", c.leaf.Issuer.Root().CertPEM())
	write(t, dir, "chain.pem", c.leaf.ChainPEM())
	args := []string{
		"--verify", "--verify-profile", "medium", "--verify-purpose", c.purpose.oid,
		"--load-ca-certificate", "root.pem", "--infile", "chain.pem",
	}
	if c.host != "" {
		args = append(args, "--verify-hostname", c.host)
	}
	return command{path: program(t, "certtool"), dir: dir, args: args}.run(t)
}

func TestCerttoolVerifiesChains(t *testing.T) {
	t.Parallel()
	program(t, "certtool")
	for _, c := range validChains(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := certtoolVerify(t, c)
			if r.code != 0 || !strings.Contains(r.stdout, "Chain verification output: Verified. The certificate is trusted.") {
				t.Errorf("certtool refuses (exit status %d):\n%s", r.code, r.all())
			}
		})
	}
}

func TestCerttoolRefusesChains(t *testing.T) {
	t.Parallel()
	program(t, "certtool")
	for _, c := range invalidChains(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := certtoolVerify(t, c.chain)
			_, verdict, _ := strings.Cut(r.stdout, "Chain verification output:")
			if r.code == 0 || !strings.Contains(verdict, c.certtool) {
				t.Errorf("certtool does not say %q (exit status %d):\n%s", c.certtool, r.code, r.all())
			}
		})
	}
}
