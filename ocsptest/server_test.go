package ocsptest_test

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestStaple(t *testing.T) {
	t.Parallel()
	raw := []byte("not an OCSP response at all")
	tests := []struct {
		name string
		opts []ocsptest.Option
		want string
	}{
		{"record", nil, "good"},
		{"good", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{})}, "good"},
		{"revoked", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise})}, "revoked (key_compromise)"},
		{"unknown", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown})}, "unknown"},
		{"try later", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Error: ocsp.TryLater})}, "server_failed (try later)"},
		{"raw", []ocsptest.Option{ocsptest.WithRawStaple(raw)}, "fakeca: OCSP response: found tag 0x6e, expected 0x30"},
		{"raw, none", []ocsptest.Option{ocsptest.WithRawStaple(nil)}, "none"},
		{"raw, empty", []ocsptest.Option{ocsptest.WithRawStaple([]byte{})}, "none"},
		{"none", []ocsptest.Option{ocsptest.WithoutStaple()}, "none"},
	}
	for _, test := range tests {
		for _, version := range versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, test.opts...)
				der := stapled(t, srv, version)
				if got := status(der); got != test.want {
					t.Errorf("the client got %s, want %s", got, test.want)
				}
				want := []ocsptest.Handshake{{ServerName: "localhost", StatusRequest: true, Staple: der, Version: version}}
				got := srv.Handshakes()
				if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Time" }, cmp.Ignore())); diff != "" {
					t.Errorf("recorded (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestStapleChanges(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	serial := srv.Leaf.Cert.SerialNumber
	steps := []struct {
		name   string
		change func()
		want   string
	}{
		{"at first", func() {}, "good"},
		{"revoked on record", func() { srv.Leaf.Revoke(fakeca.Superseded) }, "revoked (superseded)"},
		{"another record", func() { srv.CA.Set(serial, fakeca.Response{Status: fakeca.Unknown}) }, "unknown"},
		{"override", func() { srv.SetStaple(fakeca.Response{Error: ocsp.Unauthorized}) }, "server_failed (unauthorized)"},
		{"record, overridden", func() { srv.Leaf.Revoke(fakeca.KeyCompromise) }, "server_failed (unauthorized)"},
		{"override from record", func() { srv.SetStaple(srv.CA.Lookup(serial)) }, "revoked (key_compromise)"},
		{"raw", func() { srv.SetRawStaple([]byte{0x30, 0x03, 0x0a, 0x01, 0x01}) }, "server_failed (malformed)"},
		{"none", func() { srv.SetRawStaple(nil) }, "none"},
	}
	for _, step := range steps {
		step.change()
		if got := status(stapled(t, srv, tls.VersionTLS13)); got != step.want {
			t.Errorf("%s: stapled %s, want %s", step.name, got, step.want)
		}
	}
}

// countingKey counts signatures.
type countingKey struct {
	crypto.Signer
	signed atomic.Int32
}

func (k *countingKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.signed.Add(1)
	return k.Signer.Sign(rand, digest, opts)
}

func TestStapleIsSignedOnceWhileNothingChanges(t *testing.T) {
	t.Parallel()
	key := &countingKey{Signer: fakeca.New().Key}
	var clock atomic.Pointer[time.Time]
	clock.Store(new(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	ca := fakeca.New(fakeca.WithKey(key), fakeca.WithClock(func() time.Time { return *clock.Load() }))
	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca))
	steps := []struct {
		name   string
		change func()
		want   int32
	}{
		{"at first", func() {}, 1},
		{"nothing", func() {}, 0},
		{"half a second", func() { clock.Store(new(clock.Load().Add(time.Second / 2))) }, 0},
		{"a second", func() { clock.Store(new(clock.Load().Add(time.Second))) }, 1},
		{"record", func() { srv.Leaf.Revoke(fakeca.Superseded) }, 1},
		{"override, signed once to check it", func() { srv.SetStaple(fakeca.Response{}) }, 2},
		{"raw", func() { srv.SetRawStaple([]byte("raw")) }, 0},
	}
	for _, step := range steps {
		before := key.signed.Load()
		step.change()
		for range 3 {
			stapled(t, srv, tls.VersionTLS13)
		}
		if got := key.signed.Load() - before; got != step.want {
			t.Errorf("%s: %d signatures, want %d", step.name, got, step.want)
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto+" "+r.Host)
	})
	srv := ocsptest.NewServer(t, ocsptest.WithHandler(handler))
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: srv.TLSClientConfig(), DialContext: srv.DialContext}}
	t.Cleanup(old.CloseIdleConnections)
	tests := []struct {
		name   string
		client *http.Client
		url    string
		want   string
	}{
		{"HTTP/2", srv.Client(), srv.URL, "HTTP/2.0 " + strings.TrimPrefix(srv.URL, "https://")},
		{"HTTP/2 under another name", srv.Client(), "https://www.example.com/x", "HTTP/2.0 www.example.com"},
		{"HTTP/1.1", old, "https://example.com", "HTTP/1.1 example.com"},
	}
	for _, test := range tests {
		body, err := io.ReadAll(get(t, test.client, test.url).Body)
		if err != nil || string(body) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, body, err, test.want)
		}
	}
	body, err := io.ReadAll(get(t, ocsptest.NewServer(t).Client(), "https://localhost").Body)
	if err != nil || string(body) != "ok\n" {
		t.Errorf("without a handler: %q, %v", body, err)
	}
}

func TestConnHandler(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t, ocsptest.WithConnHandler(func(c *tls.Conn) { io.Copy(c, c) }))
	c, err := connect(srv, clientConfig(srv, tls.VersionTLS13), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "echo"); err != nil {
		t.Fatal(err)
	}
	if got := c.ConnectionState().NegotiatedProtocol; got != "" {
		t.Errorf("negotiated %q", got)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "echo" {
		t.Errorf("%q, %v", buf, err)
	}
}

func TestClientCA(t *testing.T) {
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
		for _, version := range versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, ocsptest.WithClientCA(ca))
				cfg := clientConfig(srv, version)
				if test.leaf != nil {
					cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						return new(test.leaf.TLS()), nil
					}
				}
				c, err := connect(srv, cfg, nil)
				if err == nil { // in TLS 1.3 the client is through before it is refused
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
func TestClientCAWithClientAuth(t *testing.T) {
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
			if _, err := connect(srv, clientConfig(srv, tls.VersionTLS12), nil); (err != nil) != test.refused {
				t.Errorf("without a certificate: %v", err)
			}
			cfg := clientConfig(srv, tls.VersionTLS12)
			other := fakeca.New().Leaf("client.example.test").TLS()
			cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other, nil }
			if _, err := connect(srv, cfg, nil); err == nil {
				t.Error("a certificate of another CA is accepted")
			}
		})
	}
}

func TestTLSConfig(t *testing.T) {
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
			c, err := connect(srv, cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			h := srv.Handshakes()
			if got := status(c.OCSPResponse()); got != test.want || len(h) != 1 || status(h[0].Staple) != test.want || h[0].Version != test.version {
				t.Errorf("stapled %s, want %s; recorded %v", got, test.want, h)
			}
		})
	}
	t.Run("own configuration fails", func(t *testing.T) {
		t.Parallel()
		srv := ocsptest.NewServer(t, ocsptest.WithTLSConfig(&tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return nil, errRefused
		}}))
		if _, err := connect(srv, clientConfig(srv, tls.VersionTLS13), nil); err == nil {
			t.Error("connected")
		}
		if h := srv.Handshakes(); len(h) != 1 || h[0].Err != errRefused {
			t.Errorf("recorded %v", h)
		}
	})
}

func TestSessionTickets(t *testing.T) {
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
		for _, version := range versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, test.opts...)
				cfg := clientConfig(srv, version)
				cfg.ClientSessionCache = tls.NewLRUClientSessionCache(1)
				for i := range 2 {
					c, err := connect(srv, cfg, nil)
					if err != nil {
						t.Fatal(err)
					}
					io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
					io.Copy(io.Discard, c) // a TLS 1.3 ticket comes before the answer
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

// The configuration for clients works as it is, for any leaf.
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
			c, err := connect(srv, cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Close()
			if h := srv.Handshakes(); h[0].ServerName != test.hello {
				t.Errorf("the client asked for %q, want %q", h[0].ServerName, test.hello)
			}
			get(t, srv.Client(), srv.URL)
		})
	}
	t.Run("for no name", func(t *testing.T) {
		t.Parallel()
		srv := ocsptest.NewServer(t, ocsptest.WithLeaf(ca.Issue(&x509.Certificate{})))
		_, err := connect(srv, srv.TLSClientConfig(), nil)
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

// After FollowRecord and Reset, nothing is left of what a test has set.
func TestFollowRecordAndReset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		opts          []ocsptest.Option
		follow, reset string
	}{
		{"record", nil, "revoked (superseded)", "revoked (superseded)"},
		{"option", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown})}, "revoked (superseded)", "unknown"},
		{"no staple", []ocsptest.Option{ocsptest.WithoutStaple()}, "revoked (superseded)", "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, test.opts...)
			srv.Leaf.Revoke(fakeca.Superseded)
			srv.SetStaple(fakeca.Response{})
			stapled(t, srv, tls.VersionTLS13)
			srv.FollowRecord()
			if got := status(stapled(t, srv, tls.VersionTLS13)); got != test.follow {
				t.Errorf("after FollowRecord: stapled %s, want %s", got, test.follow)
			}
			srv.SetRawStaple([]byte("raw"))
			srv.Reset()
			if h := srv.Handshakes(); len(h) != 0 {
				t.Errorf("after Reset: recorded %v", h)
			}
			if got := status(stapled(t, srv, tls.VersionTLS13)); got != test.reset {
				t.Errorf("after Reset: stapled %s, want %s", got, test.reset)
			}
			if h := srv.Handshakes(); len(h) != 1 {
				t.Errorf("after Reset and a handshake: recorded %v", h)
			}
		})
	}
}

func TestCloseClientConnections(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: srv.TLSClientConfig()}}
	t.Cleanup(client.CloseIdleConnections)
	for i := range 3 {
		if i == 2 {
			srv.CloseClientConnections()
		}
		io.Copy(io.Discard, get(t, client, srv.URL).Body)
		if want := 1 + i/2; len(srv.Handshakes()) != want { // the second request has the connection of the first
			t.Errorf("request %d: %d handshakes, want %d", i, len(srv.Handshakes()), want)
		}
	}
}

func TestMustStapleLeaf(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, ExtraExtensions: []pkix.Extension{fakeca.MustStaple()}})
	srv := ocsptest.NewServer(t, ocsptest.WithLeaf(leaf), ocsptest.WithoutStaple())
	if got := status(stapled(t, srv, tls.VersionTLS13)); got != "none" {
		t.Errorf("stapled %s; a must-staple leaf changes nothing of what the server does", got)
	}
}

func TestWithPort(t *testing.T) {
	t.Parallel()
	first := ocsptest.NewServer(t)
	port := first.Addr().(*net.TCPAddr).Port
	tb := new(labtest.TB)
	if ocsptest.NewServer(tb, ocsptest.WithPort(port)) != nil || len(tb.Logged()) != 1 || !strings.HasPrefix(tb.Logged()[0], "ocsptest: cannot listen: ") {
		t.Errorf("a port in use: %q", tb.Logged())
	}
	first.Close()
	srv := ocsptest.NewServer(t, ocsptest.WithPort(port))
	if got := srv.Addr().(*net.TCPAddr); got.Port != port || !got.IP.IsLoopback() {
		t.Errorf("listens on %v", got)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	tests := []struct {
		name string
		opts []ocsptest.Option
		want string
	}{
		{"two staples",
			[]ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}), ocsptest.WithoutStaple()},
			"ocsptest: WithStaple(unknown) and WithoutStaple() both set the staple; give one of them"},
		{"raw twice",
			[]ocsptest.Option{ocsptest.WithRawStaple([]byte("a")), ocsptest.WithRawStaple(nil)},
			"ocsptest: WithRawStaple(1 bytes) and WithRawStaple(0 bytes) both set the staple; give one of them"},
		{"two handlers",
			[]ocsptest.Option{ocsptest.WithHandler(http.NotFoundHandler()), ocsptest.WithConnHandler(func(*tls.Conn) {})},
			"ocsptest: WithHandler(...) and WithConnHandler(...) both set the handler; give one of them"},
		{"two addresses",
			[]ocsptest.Option{ocsptest.WithPort(4433), ocsptest.WithNetwork(new(ocsptest.Network))},
			"ocsptest: WithPort(4433) and WithNetwork(...) both set the address; give one of them"},
		{"two CAs",
			[]ocsptest.Option{ocsptest.WithCA(fakeca.New()), ocsptest.WithLeaf(ca.Leaf())},
			"ocsptest: WithCA and WithLeaf name two CAs; leave WithCA out"},
		{"leaf of nobody",
			[]ocsptest.Option{ocsptest.WithLeaf(&fakeca.Leaf{Cert: ca.Cert, Key: ca.Key})},
			"ocsptest: WithLeaf has a leaf without Issuer; issue it with a fakeca.CA"},
		{"leaf without key",
			[]ocsptest.Option{ocsptest.WithLeaf(ca.Issue(&x509.Certificate{PublicKey: ca.Key.Public()}))},
			"fakeca: this leaf has no private key; issue it without a PublicKey, or with a crypto.Signer as PublicKey"},
		{"certificates",
			[]ocsptest.Option{ocsptest.WithTLSConfig(&tls.Config{Certificates: []tls.Certificate{ca.Leaf().TLS()}})},
			"ocsptest: WithTLSConfig has Certificates, which would not be stapled; use WithLeaf, or GetCertificate"},
		{"one option twice",
			[]ocsptest.Option{ocsptest.WithSessionTickets(), ocsptest.WithSessionTickets()},
			"ocsptest: WithSessionTickets() is given twice; give it once"},
		{"no option",
			[]ocsptest.Option{ocsptest.WithoutStaple(), nil},
			"ocsptest: option 2 of 2 is nil; leave it out"},
		{"no CA", []ocsptest.Option{ocsptest.WithCA(nil)},
			"ocsptest: WithCA needs a CA; leave the option out for a new one"},
		{"no leaf", []ocsptest.Option{ocsptest.WithLeaf(nil)},
			"ocsptest: WithLeaf needs a leaf; leave the option out for a new one"},
		{"empty leaf", []ocsptest.Option{ocsptest.WithLeaf(&fakeca.Leaf{})},
			"ocsptest: WithLeaf needs a leaf; leave the option out for a new one"},
		{"no network", []ocsptest.Option{ocsptest.WithNetwork(nil)},
			"ocsptest: WithNetwork needs a network, such as new(ocsptest.Network); leave the option out for a socket"},
		{"no responder", []ocsptest.Option{ocsptest.WithResponder(nil)},
			"ocsptest: WithResponder needs a responder; leave the option out for the CA's"},
		{"no handler", []ocsptest.Option{ocsptest.WithHandler(nil)},
			"ocsptest: WithHandler needs a handler; leave the option out for one that says ok"},
		{"no handler of connections", []ocsptest.Option{ocsptest.WithConnHandler(nil)},
			"ocsptest: WithConnHandler needs a function; leave the option out for HTTP"},
		{"no TLS configuration", []ocsptest.Option{ocsptest.WithTLSConfig(nil)},
			"ocsptest: WithTLSConfig needs a configuration; leave the option out for the default"},
		{"no clients' CA", []ocsptest.Option{ocsptest.WithClientCA(nil)},
			"ocsptest: WithClientCA needs a CA; leave the option out to ask for no certificate"},
		{"no trusted CA", []ocsptest.Option{ocsptest.WithTrustedCA(nil)},
			"ocsptest: WithTrustedCA needs a CA; leave the option out for the server's own"},
		{"negative port", []ocsptest.Option{ocsptest.WithPort(-1)},
			"ocsptest: WithPort(-1): ports are 1 to 65535; leave the option out for a free one"},
		{"large port", []ocsptest.Option{ocsptest.WithPort(65536)},
			"ocsptest: WithPort(65536): ports are 1 to 65535; leave the option out for a free one"},
		{"responder, not started", []ocsptest.Option{ocsptest.WithResponder(ocsptest.NewUnstartedResponder(ca))},
			"ocsptest: WithResponder: the responder is not started; call its Start first"},
		{"responder of another CA", []ocsptest.Option{ocsptest.WithCA(fakeca.New()), ocsptest.WithResponder(ocsptest.NewResponder(t, ca))},
			"ocsptest: WithResponder: the responder does not respond for the server's CA; call its Add first"},
		{"responder and leaf", []ocsptest.Option{ocsptest.WithLeaf(ca.Leaf()), ocsptest.WithResponder(ocsptest.NewResponder(t, ca))},
			"ocsptest: WithLeaf and WithResponder both say which responder the leaf names; leave one of them out"},
		{"what cannot be said",
			[]ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Reason: fakeca.KeyCompromise})},
			"fakeca: Response: Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tb := new(labtest.TB)
			if ocsptest.NewServer(tb, test.opts...) != nil {
				t.Error("NewServer returned a server")
			}
			if diff := cmp.Diff([]string{test.want}, tb.Logged()); diff != "" {
				t.Errorf("Fatalf (-want +got):\n%s", diff)
			}
			defer func() {
				if got := fmt.Sprint(recover()); got != test.want {
					t.Errorf("NewUnstartedServer panicked with %v, want %v", got, test.want)
				}
			}()
			ocsptest.NewUnstartedServer(test.opts...)
		})
	}
}

func TestSetStapleOfNonsensePanicsAndChangesNothing(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	func() {
		defer func() {
			if text, _ := recover().(string); !strings.HasPrefix(text, "fakeca: Response: Status is 9") {
				t.Errorf("panicked with %q", text)
			}
		}()
		srv.SetStaple(fakeca.Response{Status: 9})
	}()
	if got := status(stapled(t, srv, tls.VersionTLS13)); got != "good" {
		t.Errorf("stapled %s", got)
	}
}

// An Edit that panics later, in a handshake, must not take the test binary with
// it.
func TestPanicInHandshakeIsAnError(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	srv.CA.Set(srv.Leaf.Cert.SerialNumber, fakeca.Response{Edit: func(*fakeca.Message) { panic("from the test's Edit") }})
	if _, err := connect(srv, clientConfig(srv, tls.VersionTLS13), nil); err == nil {
		t.Error("connected")
	}
	h := srv.Handshakes()
	if len(h) != 1 || h[0].Err == nil || h[0].Err.Error() != "ocsptest: cannot make the staple: from the test's Edit" {
		t.Errorf("recorded %v", h)
	}
}

func TestUnstarted(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewUnstartedServer()
	if srv.URL != "" || srv.Addr() != nil {
		t.Errorf("an unstarted server has the URL %q", srv.URL)
	}
	if _, err := srv.DialContext(t.Context(), "", ""); err == nil || err.Error() != "ocsptest: not started; call Start first" {
		t.Errorf("DialContext: %v", err)
	}
	mustPanic(t, "ocsptest: not started; call Start first", func() { srv.Client() })
	srv.Start()
	defer srv.Close()
	get(t, srv.Client(), srv.URL).Body.Close()
	mustPanic(t, "ocsptest: started twice; make another one", srv.Start)
}

// Misuse is answered with a line that says what to write.
func TestMisuse(t *testing.T) {
	t.Parallel()
	const noTest = "ocsptest: NewServer needs a test, not nil; in TestMain use NewUnstartedServer"
	mustPanic(t, noTest, func() { ocsptest.NewServer(nil) })
	mustPanic(t, noTest, func() { ocsptest.NewServer((*testing.T)(nil)) })
	mustPanic(t, "ocsptest: NewResponder needs a test, not nil; in TestMain use NewUnstartedResponder", func() {
		ocsptest.NewResponder(nil, fakeca.New())
	})
	mustPanic(t, "ocsptest: a Server that is not made by NewServer or NewUnstartedServer; use one of them", new(ocsptest.Server).Start)
	mustPanic(t, "ocsptest: a Responder that is not made by NewResponder or NewUnstartedResponder; use one of them", new(ocsptest.Responder).Start)
}

// The option names r although another responder of the CA was started later.
func TestWithResponder(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	first := ocsptest.NewResponder(t, ca)
	ocsptest.NewResponder(t, ca)
	for _, test := range []struct {
		name   string
		opts   []ocsptest.Option
		issuer *fakeca.CA
	}{
		{"its CA", nil, ca},
		{"another CA of its", []ocsptest.Option{ocsptest.WithCA(root)}, root},
	} {
		t.Run(test.name, func(t *testing.T) {
			srv := ocsptest.NewServer(t, append(test.opts, ocsptest.WithResponder(first), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{}))...)
			cert, want := srv.Leaf.Cert, test.issuer.Leaf().Cert
			if srv.CA != test.issuer || srv.Leaf.Issuer != test.issuer {
				t.Error("issued by another CA")
			}
			if diff := cmp.Diff(want.DNSNames, cert.DNSNames) + cmp.Diff(want.IPAddresses, cert.IPAddresses); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			got := []string{cert.OCSPServer[0], cert.CRLDistributionPoints[0], cert.IssuingCertificateURL[0]}
			if diff := cmp.Diff([]string{first.URL, first.CRLURL(test.issuer), first.IssuerURL(test.issuer)}, got); diff != "" {
				t.Errorf("the leaf names (-want +got):\n%s", diff)
			}
			if got := status(stapled(t, srv, tls.VersionTLS13)); got != "good" {
				t.Errorf("fetched %s", got)
			}
		})
	}
}

// A socket in a bubble would hang it.
func TestSocketInABubble(t *testing.T) {
	t.Parallel()
	const want = "ocsptest: in a testing/synctest bubble a socket hangs; add WithNetwork(new(ocsptest.Network))"
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(50 * 365 * 24 * time.Hour) // any time will do
		tb := new(labtest.TB)
		if ocsptest.NewServer(tb) != nil {
			t.Error("NewServer returned a server")
		}
		if ocsptest.NewResponder(tb, fakeca.New()) != nil {
			t.Error("NewResponder returned a responder")
		}
		if diff := cmp.Diff([]string{want, want}, tb.Logged()); diff != "" {
			t.Errorf("Fatalf (-want +got):\n%s", diff)
		}
		if err := ocsptest.NewUnstartedServer().Listen(); err == nil || err.Error() != want {
			t.Errorf("Listen: %v", err)
		}
	})
}
