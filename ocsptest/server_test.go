package ocsptest_test

import (
	"crypto/tls"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestSpine(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	r, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
	t.Log(r, err, resp.Proto)
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	cfg := srv.TLSClientConfig()
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		r, err := fakeca.ParseResponse(cs.OCSPResponse)
		t.Log(r, err)
		return errors.New("no")
	}
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		cfg.MinVersion, cfg.MaxVersion = v, v
		_, err = tls.Dial("tcp", srv.Addr().String(), cfg)
		t.Log(err)
	}
	for _, h := range srv.Handshakes() {
		t.Log(h)
	}
	resp.Body.Close()
}

func TestBubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := ocsptest.NewServer(t, ocsptest.WithNetwork(new(ocsptest.Network)))
		for range 3 {
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			srv.Client().CloseIdleConnections()
			r, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
			t.Log(r, err, resp.Proto)
			time.Sleep(7 * 24 * time.Hour)
		}
	})
}
