package interop

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// The alert of a client that refuses the certificate is recorded for a server
// that is not ours, whatever encrypts it, except for ChaCha20-Poly1305.
func TestListenerRecordsAlerts(t *testing.T) {
	t.Parallel()
	path := program(t, "gnutls-cli")
	for _, test := range []struct {
		cipher string
		alert  string
		err    string
	}{
		{"AES-128-GCM", "bad_certificate", "remote error: tls: bad certificate"},
		{"AES-256-GCM", "bad_certificate", "remote error: tls: bad certificate"},
		{"CHACHA20-POLY1305", "close_notify", "the client sent an alert, encrypted with ChaCha20-Poly1305"},
	} {
		for _, version := range []string{"TLS1.2", "TLS1.3"} {
			t.Run(version+"/"+test.cipher, func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewUnstartedServer()
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				done := make(chan struct{})
				go func() {
					defer close(done)
					if c, err := srv.Listener(l).Accept(); err == nil {
						defer c.Close()
						tls.Server(c, srv.ServerTLSConfig()).Handshake()
					}
				}()
				_, port, _ := net.SplitHostPort(l.Addr().String())
				r := run(t, path, "--port", port, "--priority", "NORMAL:-CIPHER-ALL:+"+test.cipher+":-VERS-ALL:+VERS-"+version, "localhost")
				<-done
				alert, text := test.alert, test.err
				if version == "TLS1.2" { // not encrypted yet
					alert, text = "bad_certificate", "remote error: tls: bad certificate"
				}
				h := srv.Handshakes()
				if len(h) != 1 || h[0].Alert.String() != alert || h[0].Err == nil || !strings.Contains(h[0].Err.Error(), text) {
					t.Errorf("recorded %v\n%s", h, r.all())
				}
			})
		}
	}
}
