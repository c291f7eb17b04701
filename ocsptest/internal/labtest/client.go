package labtest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
)

// A Dialer is a Server or a Responder of ocsptest. It is an interface because
// labtest does not import ocsptest, so that the tests inside package ocsptest can
// use labtest.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// A Server is a Server of ocsptest.
type Server interface {
	Dialer
	TLSClientConfig() *tls.Config
}

// Versions are the TLS versions that tests run with.
var Versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// ClientConfig returns the server's configuration for clients, for localhost and
// one TLS version.
func ClientConfig(srv Server, version uint16) *tls.Config {
	cfg := srv.TLSClientConfig()
	cfg.ServerName = "localhost"
	cfg.MinVersion, cfg.MaxVersion = version, version
	return cfg
}

// Connect makes a connection and completes its handshake.
func Connect(srv Dialer, cfg *tls.Config) (*tls.Conn, error) {
	return ConnectThrough(srv, cfg, func(raw net.Conn) net.Conn { return raw })
}

// ConnectThrough is Connect over what wrap makes of the connection.
func ConnectThrough(srv Dialer, cfg *tls.Config, wrap func(net.Conn) net.Conn) (*tls.Conn, error) {
	raw, err := srv.DialContext(context.Background(), "", "")
	if err != nil {
		return nil, err
	}
	c := tls.Client(wrap(raw), cfg)
	if err := c.Handshake(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Stapled returns the staple that a new connection gets.
func Stapled(t testing.TB, srv Server, version uint16) []byte {
	t.Helper()
	c, err := Connect(srv, ClientConfig(srv, version))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.OCSPResponse()
}

// ErrRefused is the error of Refuse.
var ErrRefused = errors.New("refused by the test")

// Refuse is a VerifyConnection that accepts nothing.
func Refuse(tls.ConnectionState) error { return ErrRefused }

// A HookedConn calls its functions, where they are not nil, instead of the
// connection's Read and Write.
type HookedConn struct {
	net.Conn
	ReadFunc, WriteFunc func([]byte) (int, error)
}

func (c *HookedConn) Read(p []byte) (int, error) {
	if c.ReadFunc != nil {
		return c.ReadFunc(p)
	}
	return c.Conn.Read(p)
}

func (c *HookedConn) Write(p []byte) (int, error) {
	if c.WriteFunc != nil {
		return c.WriteFunc(p)
	}
	return c.Conn.Write(p)
}
