package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Chains verify with each type of key, but not without their intermediate or
// with another root.
func TestChainsVerify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		key  func() crypto.Signer
	}{
		{"P-256", p256}, {"P-384", p384}, {"P-521", p521}, {"RSA", rsa2048}, {"Ed25519", ed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := fakeca.New(fakeca.WithKey(tt.key()))
			ca := root.Intermediate(fakeca.WithKey(tt.key()))
			leaf := ca.Leaf()
			intermediates := x509.NewCertPool()
			intermediates.AddCert(ca.Cert)
			for _, name := range []string{"localhost", "127.0.0.1", "[::1]", "example.com", "www.example.com"} {
				for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
					chains, err := leaf.Cert.Verify(x509.VerifyOptions{
						Roots: ca.Pool(), Intermediates: intermediates, DNSName: name, KeyUsages: []x509.ExtKeyUsage{usage},
					})
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if len(chains) != 1 || len(chains[0]) != 3 || !chains[0][1].Equal(ca.Cert) || !chains[0][2].Equal(root.Cert) {
						t.Errorf("chains %v", chains)
					}
				}
			}
			if _, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: ca.Pool()}); err == nil {
				t.Error("verified without the intermediate; the pool must hold only the root")
			}
			if _, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: fakeca.New().Pool(), Intermediates: intermediates}); err == nil {
				t.Error("verified with another root")
			}
		})
	}
}

func TestCACertificates(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithOCSPServer("http://ocsp.test"), fakeca.WithCRLServer("http://crl.test"))
	lent := fakeca.New(fakeca.WithTemplate(&x509.Certificate{
		Subject: pkix.Name{Organization: []string{"Example"}}, NotAfter: y1999.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageCertSign, MaxPathLenZero: true,
	}))
	type fields struct {
		Subject    string
		Usage      x509.KeyUsage
		NotAfter   time.Time
		PathLen    int
		OCSPServer []string
		CRL        []string
	}
	ocsp, crls := []string{"http://ocsp.test"}, []string{"http://crl.test"}
	const usage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	tests := []struct {
		name string
		ca   *fakeca.CA
		want fields
	}{
		{"root", root, fields{`CN=fakeca root (do not trust)`, usage, y2049, -1, nil, nil}},
		{"intermediate", root.Intermediate(), fields{`CN=fakeca intermediate (do not trust)`, usage, y2049, -1, ocsp, crls}},
		{"named", root.Intermediate(fakeca.WithName("me")), fields{"CN=me", usage, y2049, -1, ocsp, crls}},
		{"from a template", lent, fields{"O=Example", x509.KeyUsageCertSign, y1999.AddDate(1, 0, 0), 0, nil, nil}},
		{"below it", lent.Intermediate(fakeca.WithName("me")), fields{"CN=me", usage, y1999.AddDate(1, 0, 0), -1, nil, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.ca.Cert
			got := fields{c.Subject.String(), c.KeyUsage, c.NotAfter, c.MaxPathLen, c.OCSPServer, c.CRLDistributionPoints}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !c.IsCA || !c.BasicConstraintsValid || len(c.ExtKeyUsage) > 0 || !samePublicKey(c.PublicKey, tt.ca.Key.Public()) {
				t.Errorf("CA %v, ExtKeyUsage %v, or not its key", c.IsCA, c.ExtKeyUsage)
			}
		})
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithClock(clock))
	other := func() time.Time { return now.Add(time.Hour) }
	tests := []struct {
		name string
		ca   *fakeca.CA
		want time.Time
	}{
		{"root", root, now},
		{"intermediate", root.Intermediate(), now},
		{"two below", root.Intermediate().Intermediate(), now},
		{"with another", root.Intermediate(fakeca.WithClock(other)), now.Add(time.Hour)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.ca.Now(); !got.Equal(tt.want) {
				t.Errorf("Now: %v, want %v", got, tt.want)
			}
			got := mustParseResponse(t, tt.ca.Leaf().Staple(fakeca.Response{})).ThisUpdate
			if want := tt.want.Truncate(time.Second).Add(-time.Hour); !got.Equal(want) {
				t.Errorf("thisUpdate %v, want %v", got, want)
			}
		})
	}
	if d := time.Since(fakeca.New().Now()); d < 0 || d > time.Minute {
		t.Errorf("without a clock, Now is %v behind", d)
	}
}

// Options that are nil, given twice or contradictory are refused.
func TestOptionsRefused(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	tests := []struct {
		name string
		opts []fakeca.Option
		want string
	}{
		{"nil", []fakeca.Option{nil}, "option 1 of 1 is nil; leave it out"},
		{"nil among others", []fakeca.Option{fakeca.WithDelegate(), nil, fakeca.WithClock(clock)}, "option 2 of 3 is nil; leave it out"},
		{"WithName", []fakeca.Option{fakeca.WithName("a"), fakeca.WithName("b")}, "WithName is given twice; give it once"},
		{"WithKey", []fakeca.Option{fakeca.WithKey(p256()), fakeca.WithKey(p256())}, "WithKey is given twice; give it once"},
		{"WithClock", []fakeca.Option{fakeca.WithClock(clock), fakeca.WithClock(clock)}, "WithClock is given twice; give it once"},
		{
			"WithOCSPServer",
			[]fakeca.Option{fakeca.WithOCSPServer("http://a"), fakeca.WithOCSPServer("http://b")},
			"WithOCSPServer is given twice; give it once",
		},
		{"WithCRLServer", []fakeca.Option{fakeca.WithCRLServer(), fakeca.WithCRLServer()}, "WithCRLServer is given twice; give it once"},
		{
			"WithTemplate",
			[]fakeca.Option{fakeca.WithTemplate(&x509.Certificate{}), fakeca.WithName("a"), fakeca.WithTemplate(&x509.Certificate{})},
			"WithTemplate is given twice; give it once",
		},
		{"WithHash", []fakeca.Option{fakeca.WithHash(crypto.SHA256), fakeca.WithHash(crypto.SHA256)}, "WithHash is given twice; give it once"},
		{"WithDelegate", []fakeca.Option{fakeca.WithDelegate(), fakeca.WithDelegate()}, "WithDelegate is given twice; give it once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, want := panicText(t, func() { fakeca.New(tt.opts...) }), "fakeca: New: "+tt.want; got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			if got, want := panicText(t, func() { root.Intermediate(tt.opts...) }), "fakeca: Intermediate: "+tt.want; got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			_, err := fakeca.Load(root.CertPEM(), root.KeyPEM(), tt.opts...)
			checkError(t, "Load", err, "fakeca: Load: "+tt.want)
		})
	}
	for _, tmpl := range []*x509.Certificate{
		{Subject: pkix.Name{Organization: []string{"Example"}}}, {RawSubject: []byte{0x30, 0}},
	} {
		const want = "fakeca: New: WithTemplate has a subject and WithName is given; leave one of them out"
		if got := panicText(t, func() { fakeca.New(fakeca.WithName("a"), fakeca.WithTemplate(tmpl)) }); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
	fakeca.New(fakeca.WithTemplate(&x509.Certificate{MaxPathLenZero: true}), fakeca.WithName("a"))
}

// A server sends the root only if it issued the leaf.
func TestLeafTLS(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	one := root.Intermediate()
	two := one.Intermediate()
	loaded := must(fakeca.Load(one.CertPEM(), one.KeyPEM()))
	tests := []struct {
		name   string
		issuer *fakeca.CA
		want   []*x509.Certificate // after the leaf
	}{
		{"two levels", root, []*x509.Certificate{root.Cert}},
		{"three levels", one, []*x509.Certificate{one.Cert}},
		{"four levels", two, []*x509.Certificate{two.Cert, one.Cert}},
		{"below what was loaded without its root", loaded, []*x509.Certificate{one.Cert}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := tt.issuer.Leaf()
			got := leaf.TLS()
			want := tls.Certificate{Certificate: [][]byte{leaf.Cert.Raw}, PrivateKey: leaf.Key, Leaf: leaf.Cert}
			chainPEM := leaf.CertPEM()
			for _, c := range tt.want {
				want.Certificate = append(want.Certificate, c.Raw)
				chainPEM = append(chainPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
			}
			if diff := cmp.Diff(want.Certificate, got.Certificate); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.PrivateKey != want.PrivateKey || got.Leaf != want.Leaf || got.OCSPStaple != nil || got.SignedCertificateTimestamps != nil {
				t.Errorf("%+v", got)
			}
			if !bytes.Equal(leaf.ChainPEM(), chainPEM) {
				t.Errorf("ChainPEM is not what TLS holds:\n%s", leaf.ChainPEM())
			}
			if _, err := tls.X509KeyPair(leaf.ChainPEM(), leaf.KeyPEM()); err != nil {
				t.Error(err)
			}
		})
	}
}
