package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

func pemOf(blockType string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der})
}

func TestLoad(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithKey(p384()))
	one := root.Intermediate(fakeca.WithKey(rsa2048()))
	two := one.Intermediate(fakeca.WithKey(ed()))
	ecPEM := pemOf("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p384().(*ecdsa.PrivateKey))))
	tests := []struct {
		name string
		cert []byte
		key  []byte
		want *fakeca.CA
		len  int // of the chain
	}{
		{"PKCS #8, ECDSA", root.CertPEM(), root.KeyPEM(), root, 1},
		{"PKCS #8, RSA", one.CertPEM(), one.KeyPEM(), one, 1},
		{"PKCS #8, Ed25519", two.CertPEM(), two.KeyPEM(), two, 1},
		{"SEC 1", root.CertPEM(), ecPEM, root, 1},
		{"SEC 1 after its parameters", root.CertPEM(), slices.Concat(pemOf("EC PARAMETERS", []byte{5, 0}), ecPEM), root, 1},
		{"PKCS #1", one.CertPEM(), pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsa2048().(*rsa.PrivateKey))), one, 1},
		{"a chain", slices.Concat(two.CertPEM(), one.CertPEM(), root.CertPEM()), two.KeyPEM(), two, 3},
		{"a chain without its root", slices.Concat(two.CertPEM(), one.CertPEM()), two.KeyPEM(), two, 2},
		{
			"key and certificate in one file",
			slices.Concat([]byte("text\n"), two.KeyPEM(), two.CertPEM()),
			slices.Concat(two.CertPEM(), two.KeyPEM()),
			two,
			1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			servers := []fakeca.Option{fakeca.WithOCSPServer("http://ocsp.test"), fakeca.WithCRLServer("http://crl.test")}
			ca, err := fakeca.Load(tt.cert, tt.key, append(servers, fakeca.WithClock(clock))...)
			if err != nil {
				t.Fatal(err)
			}
			var n int
			for c, want := ca, tt.want; c != nil; c, want = c.Issuer, want.Issuer {
				if !c.Cert.Equal(want.Cert) {
					t.Errorf("certificate %d is of %v", n, c.Cert.Subject)
				}
				if (c.Key != nil) != (n == 0) {
					t.Errorf("key %d: %T", n, c.Key)
				}
				n++
			}
			if n != tt.len {
				t.Errorf("a chain of %d, want %d", n, tt.len)
			}
			if !ca.Now().Equal(now) || !ca.Root().Now().Equal(now) {
				t.Errorf("clock: %v", ca.Now())
			}
			leaf := ca.Leaf()
			if err := leaf.Cert.CheckSignatureFrom(tt.want.Cert); err != nil {
				t.Error(err)
			}
			if got := leaf.Cert; len(got.OCSPServer) != 1 || got.OCSPServer[0] != "http://ocsp.test" || len(got.CRLDistributionPoints) != 1 {
				t.Errorf("%v, %v", got.OCSPServer, got.CRLDistributionPoints)
			}
			if err := mustParseMessage(t, leaf.Staple(fakeca.Response{})).CheckSignatureFrom(tt.want.Cert); err != nil {
				t.Error(err)
			}
		})
	}
}

// Certificates that the CA issued before it was loaded are not on record.
func TestLoadRecord(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	before := root.Leaf()
	ca := must(fakeca.Load(root.CertPEM(), root.KeyPEM()))
	if got := ca.Lookup(before.Cert.SerialNumber).Status; got != fakeca.Unknown {
		t.Errorf("issued before: %v", got)
	}
	if got := ca.Lookup(ca.Leaf().Cert.SerialNumber).Status; got != fakeca.Good {
		t.Errorf("issued after: %v", got)
	}
	if got := ca.Lookup(root.Cert.SerialNumber).Status; got != fakeca.Good {
		t.Errorf("the root: %v", got)
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithName("root"))
	one := root.Intermediate(fakeca.WithName("one"))
	leaf := one.Leaf("leaf.test")
	x25519 := pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(must(ecdh.X25519().GenerateKey(rand.Reader)))))
	p224 := p224CA(t)
	const (
		noCert    = "certificate: no PEM block of type CERTIFICATE; give the CA's certificate in PEM"
		noKey     = "key: no PEM block of type PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY; give the CA's key in PEM"
		encrypted = "key: it is encrypted; decrypt it first, for example with openssl pkey"
		otherKey  = `the key does not belong to the first certificate, "CN=root"; give the CA's own`
		notCA     = `"CN=leaf.test" is not a CA's certificate; give the CA's, then those above it`
		wrongCA   = `"CN=root" is not issued by the next certificate, "CN=one"; give each before its issuer: x509: ECDSA verification failure`
	)
	rfc1421 := pem.EncodeToMemory(&pem.Block{
		Type:    "EC PRIVATE KEY",
		Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"},
		Bytes:   []byte{0, 0, 0},
	})
	tests := []struct {
		name string
		cert []byte
		key  []byte
		opts []fakeca.Option
		want string // after "fakeca: Load: "
	}{
		{"no certificate", nil, root.KeyPEM(), nil, noCert},
		{"a key for a certificate", root.KeyPEM(), root.KeyPEM(), nil, noCert},
		{"DER", root.Cert.Raw, root.KeyPEM(), nil, noCert},
		{"a bad certificate", pemOf("CERTIFICATE", []byte{1}), root.KeyPEM(), nil, "certificate: x509: malformed certificate"},
		{"no key", root.CertPEM(), nil, nil, noKey},
		{"a certificate for a key", root.CertPEM(), root.CertPEM(), nil, noKey},
		{"an encrypted key", root.CertPEM(), pemOf("ENCRYPTED PRIVATE KEY", []byte{1}), nil, encrypted},
		{"an encrypted key of the old form", root.CertPEM(), rfc1421, nil, encrypted},
		{"a key that cannot sign", root.CertPEM(), x25519, nil, "key: a *ecdh.PrivateKey cannot sign; use ECDSA, RSA or Ed25519"},
		{"another key", root.CertPEM(), one.KeyPEM(), nil, otherKey},
		{"a key of another kind", root.CertPEM(), pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(ed()))), nil, otherKey},
		{"a key of another curve", p224.cert, p224.key, nil, "key: keys on P-224 are not supported; use P-256, P-384, P-521, RSA or Ed25519"},
		{"a leaf", leaf.CertPEM(), leaf.KeyPEM(), nil, notCA},
		{"a leaf above", slices.Concat(one.CertPEM(), leaf.CertPEM()), one.KeyPEM(), nil, notCA},
		{"in the wrong order", slices.Concat(root.CertPEM(), one.CertPEM()), root.KeyPEM(), nil, wrongCA},
		{"WithName", root.CertPEM(), root.KeyPEM(), []fakeca.Option{fakeca.WithName("a")}, "WithName contradicts the certificate; leave it out"},
		{"WithKey", root.CertPEM(), root.KeyPEM(), []fakeca.Option{fakeca.WithKey(p256())}, "WithKey contradicts the certificate; leave it out"},
		{
			"WithTemplate",
			root.CertPEM(),
			root.KeyPEM(),
			[]fakeca.Option{fakeca.WithTemplate(&x509.Certificate{})},
			"WithTemplate contradicts the certificate; leave it out",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca, err := fakeca.Load(tt.cert, tt.key, tt.opts...)
			checkError(t, "Load", err, "fakeca: Load: "+tt.want)
			if ca != nil {
				t.Error("a CA in spite of the error")
			}
		})
	}
}

// p224CA is a CA on a curve that is not supported.
func p224CA(t *testing.T) (out struct{ cert, key []byte }) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true}
	out.cert = pemOf("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)))
	out.key = pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
	return out
}

// Errors of other packages are wrapped.
func TestLoadBadKeys(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	for _, blockType := range []string{"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"} {
		_, err := fakeca.Load(root.CertPEM(), pemOf(blockType, bytes.Repeat([]byte{0x30}, 8)))
		if err == nil || !strings.HasPrefix(err.Error(), "fakeca: Load: key: ") {
			t.Errorf("%s: %v", blockType, err)
		}
	}
	// The right bytes in the wrong type of block.
	_, err := fakeca.Load(root.CertPEM(), pemOf("RSA PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(root.Key))))
	if err == nil || !strings.HasPrefix(err.Error(), "fakeca: Load: key: ") {
		t.Errorf("PKCS #8 as PKCS #1: %v", err)
	}
}

// A CA signs the same after it was loaded.
func TestLoadedCASignsTheSame(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	loaded := must(fakeca.Load(slices.Concat(ca.CertPEM(), ca.Root().CertPEM()), ca.KeyPEM(), fakeca.WithClock(clock)))
	tbs := func(ca *fakeca.CA) []byte {
		b, _, err := signedParts(ca.Sign(leaf.Cert.SerialNumber, fakeca.Response{Hash: crypto.SHA256}))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(tbs(ca), tbs(loaded)) {
		t.Error("the responses differ")
	}
}
