package plain_test

import (
	"errors"
	"testing"

	"golang.org/x/crypto/ocsp"

	myclient "github.com/ocsplab/ocsplab/examples/plain"
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestRejectsRevoked(t *testing.T) {
	srv := ocsptest.NewServer(t, ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}))
	if _, err := myclient.Get(srv.URL, srv.TLSClientConfig()); err == nil {
		t.Error("accepted a revoked certificate")
	}
}

// A certificate is revoked while its server runs.
func TestSeesRevocation(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	get := func() error {
		resp, err := myclient.Get(srv.URL, srv.TLSClientConfig())
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	if err := get(); err != nil {
		t.Errorf("before: %v", err)
	}
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	if err := get(); !errors.Is(err, myclient.ErrRevoked) {
		t.Errorf("after: %v", err)
	}
}

// How the client reacts to other staples.
func TestStaples(t *testing.T) {
	t.Parallel()
	stranger := fakeca.New().OCSPSigner()
	tests := []struct {
		name   string
		staple ocsptest.Option
		want   error
	}{
		{"good", ocsptest.WithStaple(fakeca.Response{}), nil},
		{"revoked without a reason", ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked}), myclient.ErrRevoked},
		{"unknown", ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}), nil},
		{"try later", ocsptest.WithStaple(fakeca.Response{Error: ocsp.TryLater}), nil},
		{"garbage", ocsptest.WithRawStaple([]byte("garbage")), nil},
		{"none", ocsptest.WithoutStaple(), nil},
		{"revoked, signed by a stranger", ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked, Signer: stranger}), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, test.staple)
			resp, err := myclient.Get(srv.URL, srv.TLSClientConfig())
			if err == nil {
				resp.Body.Close()
			}
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			handshakes := srv.Handshakes()
			if len(handshakes) != 1 {
				t.Fatalf("the server saw %d handshakes, want 1", len(handshakes))
			}
			h := handshakes[0]
			if refused := h.Alert != 0; !h.StatusRequest || refused != (test.want != nil) {
				t.Errorf("the server saw %v", h)
			}
		})
	}
}
