package ocsptest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// Tests of servers that are not ours, with our TLS configuration.

// serveTLS starts a TLS server that is not ours. It says hello to each client,
// and reads until the client closes. wrap, if any, wraps its listener.
func serveTLS(t *testing.T, cfg *tls.Config, wrap func(net.Listener) net.Listener) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if wrap != nil {
		l = wrap(l)
	}
	l = tls.NewListener(l, cfg)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.WriteString(c, "hello")
				io.Copy(io.Discard, c)
			}()
		}
	}()
	return l.Addr()
}

// dialTLS connects, reads the hello, and closes. It returns the client's error.
func dialTLS(addr net.Addr, cfg *tls.Config) error {
	c, err := tls.Dial("tcp", addr.String(), cfg)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = io.ReadFull(c, make([]byte, len("hello")))
	return err
}

func TestServerTLSConfig(t *testing.T) {
	t.Parallel()
	for _, version := range labtest.Versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewUnstartedServer(ocsptest.WithSessionTickets())
			addr := serveTLS(t, srv.ServerTLSConfig(), nil)
			dial := func(cfg *tls.Config) { dialTLS(addr, cfg) }
			cfg := labtest.ClientConfig(srv, version)
			cfg.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			dial(cfg)
			dial(cfg)
			srv.Leaf.Revoke(fakeca.CACompromise)
			dial(labtest.ClientConfig(srv, version))
			strange := labtest.ClientConfig(srv, version)
			strange.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA} // not for our ECDSA certificate
			strange.MaxVersion = tls.VersionTLS12
			strange.MinVersion = tls.VersionTLS12
			dial(strange)

			type seen struct {
				version uint16
				resumed bool
				staple  string
				failed  bool
			}
			var got []seen
			for _, h := range srv.Handshakes() {
				got = append(got, seen{h.Version, h.Resumed, labtest.Status(h.Staple), h.Err != nil})
			}
			want := []seen{
				{version, false, "good", false},
				{version, true, "none", false},
				{version, false, "revoked (ca_compromise)", false},
				{0, false, "revoked (ca_compromise)", true}, // chosen; the record cannot know that it was not sent
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(seen{})); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
		})
	}
}

// A client that the test's own VerifyConnection refuses is recorded as failed.
func TestServerTLSConfigThatRefusesClients(t *testing.T) {
	t.Parallel()
	for _, version := range labtest.Versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewUnstartedServer(ocsptest.WithTLSConfig(&tls.Config{VerifyConnection: labtest.Refuse}))
			if err := dialTLS(serveTLS(t, srv.ServerTLSConfig(), nil), labtest.ClientConfig(srv, version)); err == nil {
				t.Error("the client was not refused")
			}
			if h := srv.Handshakes(); len(h) != 1 || h[0].Err != labtest.ErrRefused || h[0].Version != version {
				t.Errorf("recorded %v", h)
			}
		})
	}
}

// With Listener, a server that is not ours is recorded like ours.
func TestListener(t *testing.T) {
	t.Parallel()
	clients := fakeca.New()
	client := clients.Leaf("client.example.test")
	withCertificate := func(cfg *tls.Config) {
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return new(client.TLS()), nil }
	}
	refuses := func(cfg *tls.Config) { cfg.VerifyConnection = labtest.Refuse }
	onlyP521 := []ocsptest.Option{ocsptest.WithTLSConfig(&tls.Config{CurvePreferences: []tls.CurveID{tls.CurveP521}})}
	tests := []struct {
		name string
		opts []ocsptest.Option
		cfg  func(*tls.Config) // of the client
		wrap func(net.Conn) net.Conn
	}{
		{"accepts", nil, func(*tls.Config) {}, nil},
		{"refuses", nil, refuses, nil},
		{"does not trust", nil, func(cfg *tls.Config) { cfg.RootCAs = x509.NewCertPool() }, nil},
		{"accepts, with a certificate", []ocsptest.Option{ocsptest.WithClientCA(clients)}, withCertificate, nil},
		{"refuses, with a certificate", []ocsptest.Option{ocsptest.WithClientCA(clients)}, func(cfg *tls.Config) {
			withCertificate(cfg)
			refuses(cfg)
		}, nil},
		{"hangs up before the end", nil, func(*tls.Config) {}, func(raw net.Conn) net.Conn {
			sent := false
			return &labtest.HookedConn{Conn: raw, WriteFunc: func(p []byte) (int, error) {
				if sent {
					raw.Close()
					return 0, io.ErrClosedPipe
				}
				sent = true
				return raw.Write(p)
			}}
		}},
		{"alert in the clear", nil, func(*tls.Config) {}, afterHello(nil, 21, 3, 3, 0, 2, 2, 44)},
		{"has nothing in common", nil, func(cfg *tls.Config) {
			cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
			cfg.CipherSuites = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA} // not for our ECDSA certificate
		}, nil},
		{"with a second ClientHello", onlyP521, func(cfg *tls.Config) {
			cfg.CurvePreferences = []tls.CurveID{tls.CurveP256, tls.CurveP521}
		}, nil},
		{"with a second ClientHello, refuses", onlyP521, func(cfg *tls.Config) {
			cfg.CurvePreferences = []tls.CurveID{tls.CurveP256, tls.CurveP521}
			refuses(cfg)
		}, nil},
	}
	for _, test := range tests {
		for _, version := range labtest.Versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				own := ocsptest.NewServer(t, append(test.opts, ocsptest.WithConnHandler(func(c *tls.Conn) {
					io.WriteString(c, "hello")
					io.Copy(io.Discard, c)
				}))...)
				other := ocsptest.NewUnstartedServer(append(test.opts, ocsptest.WithLeaf(own.Leaf))...)
				dial := func(addr net.Addr) (suite uint16) {
					raw, err := net.Dial("tcp", addr.String())
					if err != nil {
						t.Fatal(err)
					}
					defer raw.Close()
					if test.wrap != nil {
						raw = test.wrap(raw)
					}
					cfg := labtest.ClientConfig(own, version)
					test.cfg(cfg)
					c := tls.Client(raw, cfg)
					if c.Handshake() == nil {
						io.ReadFull(c, make([]byte, len("hello")))
						c.Close()
					}
					return c.ConnectionState().CipherSuite
				}
				suite := dial(own.Addr())
				dial(serveTLS(t, other.ServerTLSConfig(), other.Listener))
				want, got := own.Handshakes(), other.Handshakes()
				if len(want) != 1 || len(got) != 1 {
					t.Fatalf("recorded %v and %v", want, got)
				}
				wantTexts, gotTexts := texts(want[0]), texts(got[0])
				if test.name == "has nothing in common" && gotTexts.Err != "" {
					// Only our own server knows what it refused, and when.
					gotTexts.Err, gotTexts.Version = wantTexts.Err, wantTexts.Version
				}
				if suite == tls.TLS_CHACHA20_POLY1305_SHA256 && want[0].Alert != 0 && test.wrap == nil {
					wantTexts.Alert, wantTexts.Err = "close_notify", "the client sent an alert, encrypted with ChaCha20-Poly1305"
				}
				if diff := cmp.Diff(wantTexts, gotTexts); diff != "" {
					t.Errorf("recorded (-own +other):\n%s", diff)
				}
			})
		}
	}
}

// handshakeTexts is a Handshake without what differs from one to the next.
type handshakeTexts struct {
	ServerName, Staple, Alert, Err string
	Version                        uint16
	Resumed                        bool
	Peers                          []string
}

func texts(h ocsptest.Handshake) handshakeTexts {
	out := handshakeTexts{
		ServerName: h.ServerName,
		Staple:     labtest.Status(h.Staple),
		Alert:      h.Alert.String(),
		Version:    h.Version,
		Resumed:    h.Resumed,
	}
	if op, ok := errors.AsType[*net.OpError](h.Err); ok {
		out.Err = op.Op + ": " + op.Err.Error()
		if op.Op == "local error" && h.Alert != 0 { // an alert in the clear, which crypto/tls does not understand
			out.Err = "remote error: tls: " + (tls.AlertError(h.Alert)).Error()[len("tls: "):]
		}
	} else if h.Err != nil {
		out.Err = h.Err.Error()
	}
	for _, cert := range h.PeerCertificates {
		out.Peers = append(out.Peers, cert.Subject.String())
	}
	return out
}

// An alert after the handshake is recorded when it is read.
func TestListenerSeesLateAlerts(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewUnstartedServer()
	addr := serveTLS(t, srv.ServerTLSConfig(), srv.Listener)
	raw, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	garble := false
	c := tls.Client(garbled(raw, &garble), labtest.ClientConfig(srv, tls.VersionTLS13))
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	if c.ConnectionState().CipherSuite == tls.TLS_CHACHA20_POLY1305_SHA256 {
		t.Skip("without hardware for AES, alerts cannot be read")
	}
	io.WriteString(c, "first")
	io.WriteString(c, "second")
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	garble = true
	if _, err := io.ReadAll(c); err == nil {
		t.Fatal("the client did not see what was changed")
	}
	io.Copy(io.Discard, raw) // until the server has closed
	if h := srv.Handshakes(); len(h) != 1 || h[0].Alert.String() != "bad_record_mac" || h[0].Err != nil {
		t.Errorf("recorded %v", h)
	}
}

// Servers that clone the configuration for each connection, as those of QUIC do,
// resume sessions too.
func TestServerTLSConfigResumesInClones(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		dial func(server, client *tls.Config) (resumed bool, err error)
	}{
		{"TCP", func(server, client *tls.Config) (bool, error) {
			addr := serveTLS(t, server, nil)
			c, err := tls.Dial("tcp", addr.String(), client)
			if err != nil {
				return false, err
			}
			defer c.Close()
			_, err = io.ReadFull(c, make([]byte, len("hello"))) // the ticket comes before
			return c.ConnectionState().DidResume, err
		}},
		{"QUIC", dialQUIC},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewUnstartedServer(ocsptest.WithSessionTickets(),
				ocsptest.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h3"}}))
			server, client := srv.ServerTLSConfig(), labtest.ClientConfig(srv, tls.VersionTLS13)
			client.NextProtos = []string{"h3"}
			client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
			for i := range 3 {
				resumed, err := test.dial(server.Clone(), client)
				if want := i > 0; err != nil || resumed != want {
					t.Errorf("connection %d: resumed %v, %v", i, resumed, err)
				}
			}
		})
	}
}

// dialQUIC runs a handshake of QUIC, without the network.
func dialQUIC(serverConfig, clientConfig *tls.Config) (resumed bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client := tls.QUICClient(&tls.QUICConfig{TLSConfig: clientConfig})
	server := tls.QUICServer(&tls.QUICConfig{TLSConfig: serverConfig})
	client.SetTransportParameters(nil)
	server.SetTransportParameters(nil)
	if err := errors.Join(client.Start(ctx), server.Start(ctx)); err != nil {
		return false, err
	}
	defer client.Close()
	defer server.Close()
	pump := func(from, to *tls.QUICConn) (moved bool, err error) {
		for {
			switch e := from.NextEvent(); e.Kind {
			case tls.QUICNoEvent:
				return moved, err
			case tls.QUICWriteData:
				moved, err = true, errors.Join(err, to.HandleData(e.Level, e.Data))
			case tls.QUICHandshakeDone:
				if from == server {
					err = errors.Join(err, server.SendSessionTicket(tls.QUICSessionTicketOptions{}))
				}
			}
		}
	}
	for {
		moved, err := pump(client, server)
		again, err2 := pump(server, client)
		if err := errors.Join(err, err2); err != nil {
			return false, err
		}
		if !moved && !again {
			return client.ConnectionState().DidResume, nil
		}
	}
}

// A server that is not started also fetches its staple.
func TestServerTLSConfigFetches(t *testing.T) {
	for _, test := range []struct {
		when  ocsptest.FetchTime
		first string
	}{
		{ocsptest.FetchAtStart, "good"},
		{ocsptest.FetchAtHandshake, "none"},
		{ocsptest.FetchInHandshake, "good"},
	} {
		t.Run(test.when.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := new(ocsptest.Network)
				ca := fakeca.New()
				ocsptest.NewResponder(t, ca, ocsptest.WithNetwork(network))
				srv := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca), ocsptest.WithNetwork(network),
					ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{When: test.when}))
				cfg := srv.ServerTLSConfig()
				connect := func() string {
					raw, other := pair(t)
					go tls.Server(other, cfg).Handshake()
					c := tls.Client(raw, labtest.ClientConfig(srv, tls.VersionTLS13))
					if err := c.Handshake(); err != nil {
						t.Fatal(err)
					}
					defer raw.Close()
					defer other.Close()
					synctest.Wait() // for a fetch that the handshake began
					return labtest.Status(c.OCSPResponse())
				}
				if got := connect(); got != test.first {
					t.Errorf("at first: stapled %s, want %s", got, test.first)
				}
				if got := connect(); got != "good" {
					t.Errorf("then: stapled %s", got)
				}
				if got := len(srv.Fetches()); got != 1 {
					t.Errorf("%d fetches", got)
				}
				srv.Leaf.Revoke(fakeca.Superseded)
				time.Sleep(12 * time.Hour) // a fetch is due, and the next client causes it
				connect()
				if got := connect(); got != "revoked (superseded)" {
					t.Errorf("12 hours later: stapled %s", got)
				}
			})
		})
	}
}
