package ocsptest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// clientConfig is the server's client configuration for one version.
func clientConfig(srv *ocsptest.Server, version uint16) *tls.Config {
	cfg := srv.TLSClientConfig()
	cfg.ServerName = "localhost"
	cfg.MinVersion, cfg.MaxVersion = version, version
	return cfg
}

// connect makes a connection whose bytes go through wrap, and shakes hands.
func connect(srv *ocsptest.Server, cfg *tls.Config, wrap func(net.Conn) net.Conn) (*tls.Conn, error) {
	raw, err := srv.DialContext(context.Background(), "", "")
	if err != nil {
		return nil, err
	}
	if wrap != nil {
		raw = wrap(raw)
	}
	c := tls.Client(raw, cfg)
	if err := c.Handshake(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// stapled returns what a new connection gets.
func stapled(t *testing.T, srv *ocsptest.Server, version uint16) []byte {
	t.Helper()
	c, err := connect(srv, clientConfig(srv, version), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.OCSPResponse()
}

// These read better in tests of servers, which use them a lot.
var (
	status    = labtest.Status
	get       = labtest.Get
	mustPanic = labtest.MustPanic
)

var errRefused = errors.New("refused by the test's client")

func refuse(tls.ConnectionState) error { return errRefused }

// wrapped is a connection whose Read and Write can be another.
type wrapped struct {
	net.Conn
	read, write func([]byte) (int, error)
}

func (w *wrapped) Read(p []byte) (int, error) {
	if w.read != nil {
		return w.read(p)
	}
	return w.Conn.Read(p)
}

func (w *wrapped) Write(p []byte) (int, error) {
	if w.write != nil {
		return w.write(p)
	}
	return w.Conn.Write(p)
}
