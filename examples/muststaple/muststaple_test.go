package muststaple_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/examples/muststaple"
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// mustStapleLeaf issues a must-staple certificate.
func mustStapleLeaf(ca *fakeca.CA) *fakeca.Leaf {
	return ca.Issue(&x509.Certificate{
		DNSNames:        []string{"localhost"},
		ExtraExtensions: []pkix.Extension{fakeca.MustStaple()},
	})
}

func dial(srv *ocsptest.Server) error {
	c, err := tls.Dial("tcp", srv.Addr().String(), muststaple.Enforce(srv.TLSClientConfig()))
	if err != nil {
		return err
	}
	return c.Close()
}

func TestEnforce(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	must, plain := mustStapleLeaf(ca), ca.Leaf("localhost")
	tests := []struct {
		name   string
		leaf   *fakeca.Leaf
		staple ocsptest.Option
		want   string // in the error; "" for none
	}{
		{"good", must, ocsptest.WithStaple(fakeca.Response{}), ""},
		{"good, by a delegate", must, ocsptest.WithStaple(fakeca.Response{Signer: ca.OCSPSigner()}), ""},
		{"none", must, ocsptest.WithoutStaple(), "no staple"},
		{"none, not must-staple", plain, ocsptest.WithoutStaple(), ""},
		{"revoked", must, ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked}), "is not good"},
		{"unknown", must, ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}), "is not good"},
		{"try later", must, ocsptest.WithStaple(fakeca.Response{Error: ocsp.TryLater}), "try later"},
		{"garbage", must, ocsptest.WithRawStaple([]byte("garbage")), "muststaple: asn1"},
		{"expired", must, ocsptest.WithStaple(fakeca.Response{ThisUpdate: time.Now().AddDate(0, 0, -8)}), "has expired"},
		{"early", must, ocsptest.WithStaple(fakeca.Response{ThisUpdate: time.Now().AddDate(0, 0, 1)}), "not valid yet"},
		{"no nextUpdate", must, ocsptest.WithStaple(fakeca.Response{Forever: true}), ""},
		{"signed by a stranger", must, ocsptest.WithStaple(fakeca.Response{Signer: fakeca.New().OCSPSigner()}), "signature"},
		{"about another certificate", must, ocsptest.WithStaple(fakeca.Response{Serial: plain.Cert.SerialNumber}), "no response matching"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, ocsptest.WithLeaf(test.leaf), test.staple)
			err := dial(srv)
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A resumed connection has the staple of the first one. When that has expired, the
// client must refuse it, although the server has a fresh one.
func TestResumption(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := ocsptest.NewServer(t,
					ocsptest.WithNetwork(new(ocsptest.Network)),
					ocsptest.WithLeaf(mustStapleLeaf(fakeca.New())),
					ocsptest.WithSessionTickets(),
					ocsptest.WithConnHandler(func(c *tls.Conn) { io.WriteString(c, "hello") }))
				cfg := muststaple.Enforce(srv.TLSClientConfig())
				cfg.ServerName, cfg.MaxVersion = "localhost", version
				cfg.ClientSessionCache = tls.NewLRUClientSessionCache(1)
				connect := func() (resumed bool, err error) {
					raw, err := srv.DialContext(t.Context(), "tcp", "")
					if err != nil {
						t.Fatal(err)
					}
					c := tls.Client(raw, cfg)
					defer c.Close()
					_, err = io.ReadAll(c)
					return c.ConnectionState().DidResume, err
				}
				if resumed, err := connect(); resumed || err != nil {
					t.Fatalf("first: resumed %v, %v", resumed, err)
				}
				time.Sleep(12 * time.Hour)
				if resumed, err := connect(); !resumed || err != nil {
					t.Fatalf("while the staple is current: resumed %v, %v", resumed, err)
				}
				time.Sleep(12 * time.Hour)
				if _, err := connect(); err == nil || !strings.Contains(err.Error(), "has expired") {
					t.Errorf("after the staple has expired: %v", err)
				}
			})
		})
	}
}
