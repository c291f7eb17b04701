package ocsptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestWithClientCA(t *testing.T) {
	t.Parallel()
	ca := fakeca.New().Intermediate()
	tests := []struct {
		name    string
		leaf    *fakeca.Leaf
		refused bool
	}{
		{"of that CA", ca.Leaf("client"), false},
		{"of another CA", fakeca.New().Leaf("client"), true},
		{"none", nil, true},
	}
	for _, test := range tests {
		for _, version := range labtest.Versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, ocsptest.WithClientCA(ca))
				cfg := labtest.ClientConfig(srv, version)
				if test.leaf != nil {
					cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						return new(test.leaf.TLS()), nil
					}
				}
				c, err := labtest.Connect(srv, cfg)
				if err == nil { // in TLS 1.3 the client's handshake ends before it is refused
					c.SetReadDeadline(time.Now().Add(10 * time.Second))
					io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
					_, err = c.Read(make([]byte, 1))
					c.Close()
				}
				if refused := err != nil; refused != test.refused {
					t.Errorf("refused: %v (%v), want %v", refused, err, test.refused)
				}
				h := srv.Handshakes()
				if len(h) != 1 || (h[0].Err != nil) != test.refused {
					t.Fatalf("recorded %v", h)
				}
				var want []*x509.Certificate
				if test.leaf != nil {
					want = []*x509.Certificate{test.leaf.Cert, test.leaf.Issuer.Cert}
				}
				if !slices.EqualFunc(h[0].PeerCertificates, want, (*x509.Certificate).Equal) {
					t.Errorf("recorded %d certificates of the client, want %d", len(h[0].PeerCertificates), len(want))
				}
			})
		}
	}
}

// WithClientCA makes a weaker ClientAuth strict, and keeps one that verifies.
func TestWithClientCAAndClientAuth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		auth    tls.ClientAuthType
		refused bool // without a certificate
	}{
		{tls.NoClientCert, true},
		{tls.RequestClientCert, true},
		{tls.RequireAnyClientCert, true},
		{tls.VerifyClientCertIfGiven, false},
		{tls.RequireAndVerifyClientCert, true},
	} {
		t.Run(test.auth.String(), func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, ocsptest.WithClientCA(fakeca.New()), ocsptest.WithTLSConfig(&tls.Config{ClientAuth: test.auth}))
			if _, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS12)); (err != nil) != test.refused {
				t.Errorf("without a certificate: %v", err)
			}
			cfg := labtest.ClientConfig(srv, tls.VersionTLS12)
			other := fakeca.New().Leaf("client.example.test").TLS()
			cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other, nil }
			if _, err := labtest.Connect(srv, cfg); err == nil {
				t.Error("a certificate of another CA is accepted")
			}
		})
	}
}

func TestWithTLSConfig(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	other := ca.Leaf("other.example.com")
	otherCert := other.TLS()
	otherCert.OCSPStaple = other.Staple(fakeca.Response{Status: fakeca.Unknown})
	forOther := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "other.example.com" {
			return &otherCert, nil
		}
		return nil, nil
	}
	tests := []struct {
		name       string
		cfg        *tls.Config
		serverName string
		version    uint16
		want       string
	}{
		{"versions", &tls.Config{MaxVersion: tls.VersionTLS12}, "localhost", tls.VersionTLS12, "good"},
		{"own certificate", &tls.Config{GetCertificate: forOther}, "other.example.com", tls.VersionTLS13, "unknown"},
		{"own certificate, of another name", &tls.Config{GetCertificate: forOther}, "localhost", tls.VersionTLS13, "good"},
		{"own configuration", &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return &tls.Config{MaxVersion: tls.VersionTLS12}, nil
		}}, "localhost", tls.VersionTLS12, "good"},
		{"own configuration, none", &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, nil
		}}, "localhost", tls.VersionTLS13, "good"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, ocsptest.WithCA(ca), ocsptest.WithTLSConfig(test.cfg))
			cfg := srv.TLSClientConfig()
			cfg.ServerName = test.serverName
			c, err := labtest.Connect(srv, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := labtest.Status(c.OCSPResponse()); got != test.want {
				t.Errorf("stapled %s, want %s", got, test.want)
			}
			if h := srv.Handshakes(); len(h) != 1 || labtest.Status(h[0].Staple) != test.want || h[0].Version != test.version {
				t.Errorf("recorded %v", h)
			}
		})
	}
	t.Run("own configuration fails", func(t *testing.T) {
		t.Parallel()
		srv := ocsptest.NewServer(t, ocsptest.WithTLSConfig(&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, labtest.ErrRefused
		}}))
		if _, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13)); err == nil {
			t.Error("connected")
		}
		if h := srv.Handshakes(); len(h) != 1 || h[0].Err != labtest.ErrRefused {
			t.Errorf("recorded %v", h)
		}
	})
}

func TestWithSessionTickets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		opts    []ocsptest.Option
		resumed bool
	}{
		{"off by default", nil, false},
		{"off with a configuration", []ocsptest.Option{ocsptest.WithTLSConfig(&tls.Config{})}, false},
		{"on", []ocsptest.Option{ocsptest.WithSessionTickets()}, true},
	}
	for _, test := range tests {
		for _, version := range labtest.Versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, test.opts...)
				cfg := labtest.ClientConfig(srv, version)
				cfg.ClientSessionCache = tls.NewLRUClientSessionCache(1)
				for i := range 2 {
					c, err := labtest.Connect(srv, cfg)
					if err != nil {
						t.Fatal(err)
					}
					io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
					io.Copy(io.Discard, c) // a TLS 1.3 ticket comes before the response
					if got, want := c.ConnectionState().DidResume, test.resumed && i == 1; got != want {
						t.Errorf("connection %d resumed: %v", i, got)
					}
					c.Close()
				}
				h := srv.Handshakes()
				if len(h) != 2 || h[1].Resumed != test.resumed || (h[1].Staple == nil) != test.resumed {
					t.Errorf("recorded %v", h)
				}
			})
		}
	}
}

// The configuration for clients works unchanged, for any leaf.
func TestTLSClientConfig(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	tests := []struct {
		name       string
		leaf       *fakeca.Leaf
		serverName string
		hello      string // the name that the server sees
	}{
		{"default", ca.Leaf(), "localhost", "localhost"},
		{"for the address", ca.Leaf("127.0.0.1"), "127.0.0.1", ""},
		{"for a name", ca.Leaf("api.example.test"), "api.example.test", "api.example.test"},
		{"for all names below", ca.Leaf("*.example.test"), "www.example.test", "www.example.test"},
		{"for another address", ca.Leaf("192.0.2.1"), "192.0.2.1", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, ocsptest.WithLeaf(test.leaf))
			if srv.CA != ca || srv.Leaf != test.leaf {
				t.Error("another CA or leaf")
			}
			cfg := srv.TLSClientConfig()
			if cfg.ServerName != test.serverName {
				t.Errorf("ServerName %q, want %q", cfg.ServerName, test.serverName)
			}
			c, err := labtest.Connect(srv, cfg)
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
			if h := srv.Handshakes(); h[0].ServerName != test.hello {
				t.Errorf("the client asked for %q, want %q", h[0].ServerName, test.hello)
			}
			labtest.Get(t, srv.Client(), srv.URL)
		})
	}
	t.Run("for no name", func(t *testing.T) {
		t.Parallel()
		srv := ocsptest.NewServer(t, ocsptest.WithLeaf(ca.Issue(&x509.Certificate{})))
		_, err := labtest.Connect(srv, srv.TLSClientConfig())
		if _, ok := errors.AsType[x509.HostnameError](err); !ok {
			t.Errorf("the client says %v", err)
		}
	})
}

// The server's own client expects the name in the URL where the leaf has one.
func TestClientExpectsTheNameInTheURL(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	_, err := srv.Client().Get("https://elsewhere.test")
	if _, ok := errors.AsType[x509.HostnameError](err); !ok {
		t.Errorf("the client says %v", err)
	}
}

func TestMustStapleLeafWithoutStaple(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, ExtraExtensions: []pkix.Extension{fakeca.MustStaple()}})
	srv := ocsptest.NewServer(t, ocsptest.WithLeaf(leaf), ocsptest.WithoutStaple())
	if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != "none" {
		t.Errorf("stapled %s, want none, although the leaf is must-staple", got)
	}
}
