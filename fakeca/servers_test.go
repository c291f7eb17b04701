package fakeca_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestAdvertise(t *testing.T) {
	t.Parallel()
	named := func(c *x509.Certificate) fakeca.Servers {
		return fakeca.Servers{OCSP: c.OCSPServer, CRL: c.CRLDistributionPoints, Issuer: c.IssuingCertificateURL}
	}
	all := fakeca.Servers{
		OCSP:   []string{"http://o1", "http://o2"},
		CRL:    []string{"http://c1", "http://c2"},
		Issuer: []string{"http://i1", "http://i2"},
	}
	tests := []struct {
		name     string
		servers  fakeca.Servers
		template x509.Certificate
		want     fakeca.Servers
	}{
		{"all", all, x509.Certificate{}, all},
		{"none", fakeca.Servers{}, x509.Certificate{}, fakeca.Servers{}},
		{"OCSP", fakeca.Servers{OCSP: []string{"http://o"}}, x509.Certificate{}, fakeca.Servers{OCSP: []string{"http://o"}}},
		{"Issuer", fakeca.Servers{Issuer: []string{"http://i"}}, x509.Certificate{}, fakeca.Servers{Issuer: []string{"http://i"}}},
		{
			"a template that wants none", all,
			x509.Certificate{OCSPServer: []string{}, CRLDistributionPoints: []string{}, IssuingCertificateURL: []string{}}, fakeca.Servers{},
		},
		{
			"a template with its own", all, x509.Certificate{IssuingCertificateURL: []string{"http://own"}},
			fakeca.Servers{OCSP: all.OCSP, CRL: all.CRL, Issuer: []string{"http://own"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithOCSPServer("http://ocsp"), fakeca.WithCRLServer("http://crl"))
			before := ca.Leaf()
			ca.Advertise(tt.servers)
			if diff := cmp.Diff(tt.want, named(ca.Issue(&tt.template).Cert)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(fakeca.Servers{OCSP: []string{"http://ocsp"}, CRL: []string{"http://crl"}}, named(before.Cert)); diff != "" {
				t.Errorf("issued before (-want +got):\n%s", diff)
			}
		})
	}
}

// Certificates of users name their shard, and those of CAs the CRL.
func TestAdvertiseShards(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	urls := []string{"http://0", "http://1", "http://2"}
	ca.Advertise(fakeca.Servers{CRL: []string{"http://all"}, CRLShards: urls})
	urls[0] = "http://changed"
	for _, tt := range []struct {
		name     string
		template x509.Certificate
		want     []string
	}{
		{"first", x509.Certificate{SerialNumber: big.NewInt(3)}, []string{"http://0"}},
		{"last", x509.Certificate{SerialNumber: big.NewInt(5)}, []string{"http://2"}},
		{"large", x509.Certificate{SerialNumber: new(big.Int).Lsh(big.NewInt(1), 126)}, []string{"http://1"}},
		{"a CA", x509.Certificate{SerialNumber: big.NewInt(4), IsCA: true}, []string{"http://all"}},
		{"its own", x509.Certificate{SerialNumber: big.NewInt(6), CRLDistributionPoints: []string{"http://own"}}, []string{"http://own"}},
		{"none", x509.Certificate{SerialNumber: big.NewInt(7), CRLDistributionPoints: []string{}}, nil},
		{"noRevAvail", x509.Certificate{SerialNumber: big.NewInt(8), ExtraExtensions: []pkix.Extension{fakeca.NoRevAvail()}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ca.Issue(&tt.template).Cert.CRLDistributionPoints); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	count := make(map[string]int)
	for range 300 {
		count[ca.Issue(&x509.Certificate{PublicKey: ca.Key}).Cert.CRLDistributionPoints[0]]++
	}
	for url, n := range count {
		if n < 50 || n > 150 || len(count) != 3 {
			t.Errorf("%d of 300 certificates name %s, want about 100 for each of 3", n, url)
		}
	}
}

// The servers are named in certificates that the CA issues, not in its own or in
// those below, and the caller may change its slices.
func TestAdvertiseReach(t *testing.T) {
	t.Parallel()
	urls := []string{"http://i"}
	root := fakeca.New()
	root.Advertise(fakeca.Servers{Issuer: urls})
	urls[0] = "http://changed"
	ca := root.Intermediate()
	if diff := cmp.Diff([]string{"http://i"}, ca.Cert.IssuingCertificateURL); diff != "" {
		t.Errorf("the intermediate's (-want +got):\n%s", diff)
	}
	if got := ca.Leaf().Cert.IssuingCertificateURL; got != nil {
		t.Errorf("the leaf names the root's servers: %v", got)
	}
	if got := root.Cert.IssuingCertificateURL; got != nil {
		t.Errorf("the root names an issuer: %v", got)
	}
	if delegate := root.OCSPSigner().Cert; len(delegate.OCSPServer) != 0 || len(delegate.IssuingCertificateURL) != 1 {
		t.Errorf("the delegate's servers are %v and %v", delegate.OCSPServer, delegate.IssuingCertificateURL)
	}
}

// What is withdrawn leaves the rest as it was, in whatever order.
func TestAdvertiseWithdraw(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithOCSPServer("base"))
	withdraw := make(map[string]func())
	for _, name := range []string{"a", "b", "c", "d"} {
		withdraw[name] = ca.Advertise(fakeca.Servers{OCSP: []string{name}})
	}
	for _, step := range []struct{ withdraw, want string }{{"b", "d"}, {"d", "c"}, {"d", "c"}, {"c", "a"}, {"a", "base"}} {
		withdraw[step.withdraw]()
		if diff := cmp.Diff([]string{step.want}, ca.Leaf().Cert.OCSPServer); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", step.withdraw, diff)
		}
	}
}
