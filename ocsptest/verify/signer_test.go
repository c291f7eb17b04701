package verify_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

const (
	notNamed   = "signature: it is not by the signer that the responder ID names (RFC 6960 3.2)"
	notAtHand  = "signature: it is by neither the issuer nor an embedded certificate (RFC 6960 3.2)"
	notIssued  = "was not issued by the issuer of the certificate (RFC 6960 4.2.2.2)"
	hasNoUsage = "has no id-kp-OCSPSigning (RFC 6960 4.2.2.2)"
)

func TestVerifySigner(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	by := func(signer *fakeca.Leaf) fakeca.Response { return fakeca.Response{Signer: signer} }
	certs := func(signer *fakeca.Leaf, list ...*x509.Certificate) fakeca.Response {
		return fakeca.Response{Signer: signer, Edit: func(m *fakeca.Message) {
			m.Certs = [][]byte{}
			for _, c := range list {
				m.Certs = append(m.Certs, c.Raw)
			}
		}}
	}
	flipped := mutating(func(der []byte) []byte { der[len(der)-1] ^= 1; return der })
	// It has the issuer's name and another key.
	imposter := fakeca.New(fakeca.WithName("CA"), fakeca.WithClock(w.ca.Now))
	subCA := w.ca.Intermediate(fakeca.WithName("sub-CA"))
	wrongKey := &fakeca.Leaf{Cert: w.delegate.Cert, Key: w.sibling.Key}
	tampered := func() *fakeca.Leaf {
		cert := *w.delegate.Cert
		cert.Raw = []byte(strings.Replace(string(cert.Raw), "delegate", "delegatE", 1))
		return &fakeca.Leaf{Cert: &cert, Key: w.delegate.Key}
	}()

	runCases(t, w, []testCase{
		{name: "signature changed", response: flipped, want: []string{notNamed}},
		{name: "empty signature", response: editing(func(m *fakeca.Message) { m.Signature = []byte{} }), want: []string{notNamed}},
		{
			name:     "garbage signature",
			response: editing(func(m *fakeca.Message) { m.Signature = []byte{0xde, 0xad, 0xbe, 0xef} }),
			want:     []string{notNamed},
		},
		{
			name:     "issuer's name, another key",
			response: fakeca.Response{Signer: asSigner(imposter), OmitCert: true},
			want:     []string{notNamed},
		},
		{
			name:     "issuer's name, another key, embedded",
			response: by(asSigner(imposter)),
			want: []string{
				`signer-issuer: "CN=CA" ` + notIssued,
				`signer-eku: "CN=CA" ` + hasNoUsage,
				`signer-ca: "CN=CA" is a CA (Baseline Requirements 4.9.9)`,
			},
		},
		{
			name:     "root",
			response: by(asSigner(w.root)),
			want: []string{
				`signer-issuer: "CN=root" ` + notIssued,
				`signer-eku: "CN=root" ` + hasNoUsage,
				`signer-ca: "CN=root" is a CA (Baseline Requirements 4.9.9)`,
			},
		},
		{name: "root, not embedded", response: fakeca.Response{Signer: asSigner(w.root), OmitCert: true}, want: []string{notAtHand}},
		{
			name:     "stranger, not embedded",
			response: fakeca.Response{Signer: asSigner(w.stranger), OmitCert: true, ByKey: true},
			want:     []string{notAtHand},
		},
		{name: "sibling", response: by(w.sibling), want: []string{`signer-eku: "CN=sibling.example.test" ` + hasNoUsage}},
		{
			name:     "leaf",
			response: by(w.leaf),
			want: []string{
				"signer-leaf: the certificate signed the response about itself (RFC 6960 4.2.2.2)",
				`signer-eku: "CN=leaf.example.test" ` + hasNoUsage,
			},
		},

		{name: "delegate by key", response: fakeca.Response{Signer: w.delegate, ByKey: true}},
		{name: "delegate, first", response: certs(w.delegate, w.delegate.Cert, w.ca.Cert, w.sibling.Cert)},
		{name: "delegate, in the middle", response: certs(w.delegate, w.ca.Cert, w.delegate.Cert, w.root.Cert)},
		{name: "delegate, last", response: certs(w.delegate, w.ca.Cert, w.leaf.Cert, w.ca.Cert, w.delegate.Cert)},
		{name: "delegate, twice", response: certs(w.delegate, w.delegate.Cert, w.delegate.Cert)},
		{name: "delegate, omitted", response: certs(w.delegate), want: []string{notAtHand}},
		{
			name:     "delegate, omitted among others",
			response: certs(w.delegate, w.ca.Cert, w.leaf.Cert, w.sibling.Cert),
			want:     []string{notAtHand},
		},
		{
			name:     "delegate, known",
			response: certs(w.delegate),
			options:  verify.Options{Responders: []*x509.Certificate{w.sibling.Cert, w.delegate.Cert}},
		},
		{name: "sibling, known", response: certs(w.sibling), options: verify.Options{Responders: []*x509.Certificate{w.sibling.Cert}},
			want: []string{`signer-eku: "CN=sibling.example.test" ` + hasNoUsage}},
		{name: "delegate's certificate, another key", response: by(wrongKey), want: []string{notNamed}},
		{name: "delegate's certificate tampered with", response: by(tampered), want: []string{
			`responder-id: it does not name the signer, "CN=delegatE" (RFC 6960 4.2.2.3)`, `signer-issuer: "CN=delegatE" ` + notIssued,
		}},
		{name: "delegate of a stranger", response: by(w.stranger.OCSPSigner()), want: []string{
			`signer-issuer: "CN=fakeca OCSP responder (do not trust)" ` + notIssued,
		}},
		{name: "delegate of the root", response: by(w.root.OCSPSigner()), want: []string{
			`signer-issuer: "CN=fakeca OCSP responder (do not trust)" ` + notIssued,
		}},
		{name: "delegate of a CA below the issuer", response: certsWith(subCA), want: []string{
			`signer-issuer: "CN=fakeca OCSP responder (do not trust)" ` + notIssued,
		}},
		{name: "delegate of a CA with the issuer's name", response: by(imposter.OCSPSigner()), want: []string{
			`signer-issuer: "CN=fakeca OCSP responder (do not trust)" ` + notIssued,
		}},
		{
			name:     "delegate without EKU",
			response: by(w.signer(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}})),
			want:     []string{`signer-eku: "CN=delegate" ` + hasNoUsage},
		},
		{
			name:     "delegate for servers",
			response: by(w.signer(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})),
			want:     []string{`signer-eku: "CN=delegate" ` + hasNoUsage},
		},
		{
			name:     "delegate for anyExtendedKeyUsage",
			response: by(w.signer(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})),
			want:     []string{`signer-eku: "CN=delegate" ` + hasNoUsage},
		},
		{
			name: "delegate for servers too",
			response: by(w.signer(x509.Certificate{
				ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageOCSPSigning},
			})),
		},
		{
			name: "delegate that is a CA",
			response: by(w.signer(x509.Certificate{
				IsCA:                  true,
				BasicConstraintsValid: true,
				KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
			})),
			want: []string{`signer-ca: "CN=delegate" is a CA (Baseline Requirements 4.9.9)`},
		},
		{name: "delegate for CRLs", response: by(w.signer(x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})),
			want: []string{`signer-key-usage: the key usage of "CN=delegate" lacks digitalSignature (RFC 5280 4.2.1.3)`}},
		{
			name: "delegate without any authority",
			response: by(w.signer(x509.Certificate{
				ExtKeyUsage: []x509.ExtKeyUsage{}, NotAfter: judgedAt.Add(-time.Second), KeyUsage: x509.KeyUsageCRLSign,
			})),
			want: []string{
				`signer-eku: "CN=delegate" ` + hasNoUsage,
				`signer-time: "CN=delegate" is not valid after 2026-03-01T11:59:59Z (RFC 5280 6.1.3)`,
				`signer-key-usage: the key usage of "CN=delegate" lacks digitalSignature (RFC 5280 4.2.1.3)`,
			},
		},
	})
}

func certsWith(ca *fakeca.CA) fakeca.Response {
	return fakeca.Response{Signer: ca.OCSPSigner(), Edit: func(m *fakeca.Message) { m.Certs = append(m.Certs, ca.Cert.Raw) }}
}

func TestVerifyDelegateTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	signer := w.signer(x509.Certificate{NotBefore: judgedAt.Add(-time.Hour), NotAfter: judgedAt.Add(time.Hour)})
	r := fakeca.Response{Signer: signer, ThisUpdate: judgedAt.Add(-6 * time.Hour), NextUpdate: judgedAt.Add(24 * time.Hour)}
	runCases(t, w, []testCase{
		{name: "first second", response: r, at: -time.Hour},
		{
			name:     "before",
			response: r,
			at:       -time.Hour - time.Second,
			want:     []string{`signer-time: "CN=delegate" is not valid before 2026-03-01T11:00:00Z (RFC 5280 6.1.3)`},
		},
		{name: "last second", response: r, at: time.Hour},
		{
			name:     "after",
			response: r,
			at:       time.Hour + time.Second,
			want:     []string{`signer-time: "CN=delegate" is not valid after 2026-03-01T13:00:00Z (RFC 5280 6.1.3)`},
		},
	})
}

// TestVerifyCrossSigned shows that another certificate with the issuer's name and
// key, such as a cross-signed one, is the issuer.
func TestVerifyCrossSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	crossed := w.stranger.Intermediate(fakeca.WithName("CA"), fakeca.WithKey(w.ca.Key))
	for _, tt := range []struct {
		name     string
		response fakeca.Response
	}{
		{"not embedded", fakeca.Response{}},
		{"embedded", fakeca.Response{Signer: asSigner(w.ca)}},
		{"delegate", fakeca.Response{Signer: w.delegate}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := verify.Response(w.leaf.Staple(tt.response), w.leaf.Cert, crossed.Cert, judgedAt); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestVerifyResponderID(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	const text = `responder-id: it does not name the signer, "CN=CA" (RFC 6960 4.2.2.3)`
	named := func(id fakeca.ResponderID) fakeca.Response {
		return editing(func(m *fakeca.Message) { m.ResponderID = id })
	}
	runCases(t, w, []testCase{
		{name: "by another's name", response: named(fakeca.ResponderID{ByName: w.stranger.Cert.RawSubject}), want: []string{text}},
		{name: "by another's key", response: named(fakeca.ResponderID{ByKey: make([]byte, 20)}), want: []string{text}},
		{name: "a delegate that did not sign", response: fakeca.Response{Edit: func(m *fakeca.Message) {
			m.ResponderID = fakeca.ResponderID{ByName: w.delegate.Cert.RawSubject}
			m.Certs = [][]byte{w.delegate.Cert.Raw}
		}}, want: []string{text}},
	})
}

// The keys are generated once, because that takes time.
var verifyKeys = sync.OnceValue(func() map[string]crypto.Signer {
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	return map[string]crypto.Signer{
		"P-256":   must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		"P-384":   must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"P-521":   must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		"RSA":     must(rsa.GenerateKey(rand.Reader, 2048)),
		"Ed25519": ed,
	}
})

// TestVerifyAlgorithms checks each signature algorithm, with issuers and with
// delegates. Only SHA-1 has an option.
func TestVerifyAlgorithms(t *testing.T) {
	t.Parallel()
	const refused = "signature-algorithm: "
	for _, tt := range []struct {
		key       string
		algorithm x509.SignatureAlgorithm
		want      []string
		strict    []string // with RefuseSHA1
	}{
		{key: "P-256", algorithm: x509.ECDSAWithSHA256},
		{key: "P-256", algorithm: x509.ECDSAWithSHA384},
		{key: "P-256", algorithm: x509.ECDSAWithSHA512},
		{key: "P-256", algorithm: x509.ECDSAWithSHA1, strict: []string{refused + "SHA-1 (RFC 6960 4.3)"}},
		{key: "P-384", algorithm: x509.ECDSAWithSHA384},
		{key: "P-521", algorithm: x509.ECDSAWithSHA512},
		{key: "RSA", algorithm: x509.SHA256WithRSA},
		{key: "RSA", algorithm: x509.SHA384WithRSA},
		{key: "RSA", algorithm: x509.SHA512WithRSA},
		{key: "RSA", algorithm: x509.SHA256WithRSAPSS},
		{key: "RSA", algorithm: x509.SHA384WithRSAPSS},
		{key: "RSA", algorithm: x509.SHA512WithRSAPSS},
		{key: "RSA", algorithm: x509.SHA1WithRSA, strict: []string{refused + "SHA-1 (RFC 6960 4.3)"}},
		{
			key:       "RSA",
			algorithm: x509.MD5WithRSA,
			want:      []string{refused + "MD5 (RFC 6960 4.3)"},
			strict:    []string{refused + "MD5 (RFC 6960 4.3)"},
		},
		{key: "Ed25519", algorithm: x509.PureEd25519},
	} {
		t.Run(fmt.Sprintf("%s %v", tt.key, tt.algorithm), func(t *testing.T) {
			t.Parallel()
			key := verifyKeys()[tt.key]
			w := newWorld(key)
			delegate := newWorld(nil)
			delegate.delegate = delegate.signer(x509.Certificate{PublicKey: key})
			for _, signed := range []struct {
				by     string
				world  *world
				signer *fakeca.Leaf
			}{
				{"issuer", w, nil}, {"delegate", delegate, delegate.delegate},
			} {
				r := fakeca.Response{SignatureAlgorithm: tt.algorithm, Signer: signed.signer}
				for _, by := range []bool{false, true} {
					r.ByKey = by
					signed.world.judge(t, testCase{response: r, want: tt.want})
					signed.world.judge(t, testCase{response: r, want: tt.strict, options: verify.Options{RefuseSHA1: true}})
				}
				if tt.want == nil {
					r.Mutate = func(der []byte) []byte { der[changed(t, der)] ^= 1; return der }
					signed.world.judge(t, testCase{response: r, want: []string{notNamed}})
				}
			}
		})
	}
}

// changed returns the index of the last digit of producedAt.
func changed(t *testing.T, der []byte) int {
	t.Helper()
	i := strings.Index(string(der), "20260301110000Z")
	if i < 0 {
		t.Fatalf("no producedAt in %x", der)
	}
	return i + len("20260301110000Z") - 2
}

func TestVerifyUnknownAlgorithm(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	algorithm := func(id fakeca.AlgorithmIdentifier) fakeca.Response {
		return editing(func(m *fakeca.Message) { m.SignatureAlgorithm = id })
	}
	runCases(t, w, []testCase{
		{name: "unknown", response: algorithm(fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 3}}),
			want: []string{"signature-algorithm: 1.2.3 is unknown (RFC 6960 4.3)"}},
		{
			name: "parameters",
			response: algorithm(fakeca.AlgorithmIdentifier{
				Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2},
				Parameters: asn1.NullBytes,
			}),
			want: []string{"signature-algorithm: 1.2.840.10045.4.3.2 is unknown (RFC 6960 4.3)"},
		},
		{
			name: "of another key",
			response: algorithm(fakeca.AlgorithmIdentifier{
				Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11},
				Parameters: asn1.NullBytes,
			}),
			want: []string{notNamed},
		},
		{name: "another hash", response: algorithm(fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}}),
			want: []string{notNamed}},
	})
}

func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		all  verify.Violations
		want string
	}{
		{"one", verify.Violations{{"age", "RFC 5019 4", "it is old"}}, "verify: OCSP response: age: it is old (RFC 5019 4)"},
		{"two", verify.Violations{{"age", "RFC 5019 4", "it is old"}, {"nonce", "RFC 9654 2.1", "the response has none"}},
			"verify: OCSP response: age: it is old (RFC 5019 4); nonce: the response has none (RFC 9654 2.1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.all.Error()); diff != "" {
				t.Error(diff)
			}
			if got := len(violations(t, tt.all)); got != len(tt.all) {
				t.Errorf("%d violations, want %d", got, len(tt.all))
			}
		})
	}
}
