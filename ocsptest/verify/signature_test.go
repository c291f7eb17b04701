package verify_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

const (
	notNamed    = "signature: it is not by the signer that the responder ID names (RFC 6960 3.2)"
	notAtHand   = "signature: it is by neither the issuer nor an embedded certificate (RFC 6960 3.2)"
	notReadable = "signature: it is by neither the issuer nor an embedded certificate that can be read; "
	notIssued   = "was not issued by the issuer of the certificate (RFC 6960 4.2.2.2)"
	hasNoUsage  = "has no id-kp-OCSPSigning (RFC 6960 4.2.2.2)"
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
	tampered := withRaw(w.delegate, bytes.Replace(w.delegate.Cert.Raw, []byte("delegate"), []byte("delegatE"), 1))

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
			want:     []string{`signer-issuer: "CN=CA" ` + notIssued, `signer-eku: "CN=CA" ` + hasNoUsage},
		},
		{
			name:     "root",
			response: by(asSigner(w.root)),
			want:     []string{`signer-issuer: "CN=root" ` + notIssued, `signer-eku: "CN=root" ` + hasNoUsage},
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
		},
		{
			name: "delegate without any authority",
			response: by(w.signer(x509.Certificate{
				ExtKeyUsage: []x509.ExtKeyUsage{}, NotAfter: judgedAt.Add(-time.Second), KeyUsage: x509.KeyUsageCRLSign,
			})),
			want: []string{
				`signer-eku: "CN=delegate" ` + hasNoUsage,
				`signer-expired: "CN=delegate" is not valid after 2026-03-01T11:59:59Z (RFC 5280 6.1.3)`,
				`signer-key-usage: the key usage of "CN=delegate" has neither digitalSignature nor nonRepudiation (RFC 5280 4.2.1.12)`,
			},
		},
	})
}

func certsWith(ca *fakeca.CA) fakeca.Response {
	return fakeca.Response{Signer: ca.OCSPSigner(), Edit: func(m *fakeca.Message) { m.Certs = append(m.Certs, ca.Cert.Raw) }}
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

func TestUnknownAlgorithm(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	algorithm := func(parameters []byte, oid ...int) fakeca.Response {
		return editing(func(m *fakeca.Message) {
			m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: oid, Parameters: parameters}
		})
	}
	null := []byte{5, 0}
	const refused = "signature-algorithm: "
	runCases(t, w, []testCase{
		{name: "unknown", response: algorithm(nil, 1, 2, 3), want: []string{refused + "1.2.3 is not supported (RFC 6960 4.3)"}},
		{name: "DSA", response: algorithm(nil, 1, 2, 840, 10040, 4, 3),
			want: []string{refused + "1.2.840.10040.4.3 is not supported (RFC 6960 4.3)"}},
		{name: "parameters", response: algorithm(null, 1, 2, 840, 10045, 4, 3, 2),
			want: []string{refused + "1.2.840.10045.4.3.2 with parameters 0500 is not supported (RFC 6960 4.3)"}},
		{name: "RSA-PSS with SHA-1", response: algorithm([]byte{0x30, 0}, 1, 2, 840, 113549, 1, 1, 10),
			want: []string{refused + "1.2.840.113549.1.1.10 with parameters 3000 is not supported (RFC 6960 4.3)"}},
		{name: "of another key", response: algorithm(null, 1, 2, 840, 113549, 1, 1, 11), want: []string{notNamed}},
		{name: "another hash", response: algorithm(nil, 1, 2, 840, 10045, 4, 3, 3), want: []string{notNamed}},
	})
}

// TestUnsupportedKey checks what is said of signers whose keys crypto cannot use.
func TestUnsupportedKey(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	signer := func(pub crypto.PublicKey) *fakeca.Leaf {
		return &fakeca.Leaf{Cert: w.issue(x509.Certificate{}, pub), Key: w.sibling.Key}
	}
	replaced := func(cert *x509.Certificate, from, to string) []byte {
		return bytes.Replace(cert.Raw, []byte(from), []byte(to), 1)
	}
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	x25519 := signer(verifyKeys()["Ed25519"].Public())
	x25519.Cert = must(x509.ParseCertificate(replaced(x25519.Cert, "\x2b\x65\x70", "\x2b\x65\x6e")))
	short := signer(&rsa.PublicKey{N: new(big.Int).SetBytes(bytes.Repeat([]byte{0xff}, 64)), E: 65537})
	byRSA := func(m *fakeca.Message) {
		m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: []int{1, 2, 840, 113549, 1, 1, 11}, Parameters: []byte{5, 0}}
		m.Signature = make([]byte, 64)
	}
	const p256 = "\x2a\x86\x48\xce\x3d\x03\x01\x07"
	otherCurve := withRaw(w.delegate, replaced(w.delegate.Cert, p256, "\x2a\x86\x48\xce\x3d\x03\x01\x09"))
	const (
		unchecked     = `signature-algorithm: it cannot be checked with the key of "CN=delegate": `
		unimplemented = unchecked + "algorithm unimplemented (RFC 6960 4.3)"
	)
	runCases(t, w, []testCase{
		{name: "P-224", response: fakeca.Response{Signer: &fakeca.Leaf{Cert: w.issue(x509.Certificate{}, p224.Public()), Key: p224}}},
		{name: "X25519", response: fakeca.Response{Signer: x25519}, want: []string{unimplemented}},
		{name: "X25519, by key", response: fakeca.Response{Signer: x25519, ByKey: true}, want: []string{unimplemented}},
		{name: "RSA with 512 bits", response: fakeca.Response{Signer: short, Edit: byRSA}, want: []string{
			unchecked + "crypto/rsa: 512-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size) (RFC 6960 4.3)",
		}},
		{name: "one that signed nothing", response: editing(func(m *fakeca.Message) { m.Certs = [][]byte{x25519.Cert.Raw} })},
		{name: "one that the responder ID does not name", response: editing(func(m *fakeca.Message) {
			m.Certs, m.Signature = [][]byte{x25519.Cert.Raw}, []byte{0xde, 0xad}
		}), want: []string{notNamed}},
		{name: "one that may have signed", response: fakeca.Response{Signer: w.stranger.OCSPSigner(), Edit: func(m *fakeca.Message) {
			m.Certs = [][]byte{x25519.Cert.Raw}
		}}, want: []string{unimplemented}},
		{name: "on a curve that crypto/x509 does not know", response: fakeca.Response{Signer: otherCurve},
			want: []string{notReadable + "certificate 0 cannot: x509: unsupported elliptic curve (RFC 6960 3.2)"}},
	})
}

// TestUnreadableCertificate checks that an embedded certificate that crypto/x509
// cannot read matters only if the signer is not found.
func TestUnreadableCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	hollow := []byte{0x30, 7, 0x30, 0, 0x30, 0, 0x03, 1, 0}
	embedding := func(signer *fakeca.Leaf, certs ...[]byte) fakeca.Response {
		return fakeca.Response{Signer: signer, Edit: func(m *fakeca.Message) { m.Certs = certs }}
	}
	runCases(t, w, []testCase{
		{name: "beside the issuer's signature", response: embedding(nil, hollow)},
		{name: "before the delegate", response: embedding(w.delegate, hollow, w.delegate.Cert.Raw)},
		{name: "after the delegate", response: embedding(w.delegate, w.delegate.Cert.Raw, hollow)},
		{name: "instead of the delegate", response: embedding(w.delegate, w.sibling.Cert.Raw, hollow), want: []string{
			notReadable + "certificate 1 cannot: x509: malformed serial number (RFC 6960 3.2)",
		}},
	})
}
