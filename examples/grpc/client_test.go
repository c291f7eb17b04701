package grpc_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	client "github.com/ocsplab/ocsplab/examples/grpc"
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// serve starts a gRPC server that staples and records as srv does, and returns
// its address.
func serve(t *testing.T, srv *ocsptest.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.Creds(credentials.NewTLS(srv.ServerTLSConfig())))
	grpc_health_v1.RegisterHealthServer(g, health.NewServer())
	go g.Serve(srv.Listener(l))
	t.Cleanup(g.Stop)
	return l.Addr().String()
}

// check dials the server and makes one call.
func check(t *testing.T, addr string, cfg *tls.Config) error {
	t.Helper()
	conn, err := client.Dial(addr, cfg)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	return err
}

// The server and the client have certificates of different CAs. The server's is
// revoked while it runs.
func TestRevokedServer(t *testing.T) {
	t.Parallel()
	clientCA := fakeca.New()
	clientLeaf := clientCA.Leaf("client.test")
	srv := ocsptest.NewServer(t, ocsptest.WithClientCA(clientCA))
	addr := serve(t, srv)
	cfg := srv.TLSClientConfig()
	cfg.Certificates = []tls.Certificate{clientLeaf.TLS()}

	if err := check(t, addr, cfg); err != nil {
		t.Errorf("before: %v", err)
	}
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	if err := check(t, addr, cfg); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "was revoked at") {
		t.Errorf("after: %v", err)
	}

	handshakes := srv.Handshakes()
	if len(handshakes) < 2 { // gRPC may try again
		t.Fatalf("the server saw %d handshakes, want 2", len(handshakes))
	}
	accepted, refused := handshakes[0], handshakes[1]
	if accepted.Err != nil || len(accepted.PeerCertificates) == 0 || !accepted.PeerCertificates[0].Equal(clientLeaf.Cert) {
		t.Errorf("before, the server saw %v", accepted)
	}
	if refused.Err == nil || refused.Alert.String() != "bad_certificate" {
		t.Errorf("after, the server saw %v", refused)
	}
}

// How the client reacts to other staples.
func TestStaples(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		staple ocsptest.Option
		want   string // in the error; "" for none
	}{
		{"good", ocsptest.WithStaple(fakeca.Response{}), ""},
		{"none", ocsptest.WithoutStaple(), "no staple"},
		{"unknown", ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}), "not good"},
		{"expired", ocsptest.WithStaple(fakeca.Response{ThisUpdate: time.Now().AddDate(0, 0, -8)}), "not current"},
		{"signed by a stranger", ocsptest.WithStaple(fakeca.Response{Signer: fakeca.New().OCSPSigner()}), "verification failure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, test.staple)
			err := check(t, serve(t, srv), srv.TLSClientConfig())
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A client without a certificate is refused by the server.
func TestClientWithoutCertificate(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t, ocsptest.WithClientCA(fakeca.New()))
	addr := serve(t, srv)
	if err := check(t, addr, srv.TLSClientConfig()); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	if h := srv.Handshakes(); len(h) == 0 || h[0].Err == nil {
		t.Errorf("the server saw %v", h)
	}
}
