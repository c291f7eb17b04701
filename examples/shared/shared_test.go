// Package shared_test starts one server in TestMain for all tests of a package.
// Most tests do better with a server of their own, which takes a millisecond.
package shared_test

import (
	"errors"
	"testing"

	"github.com/ocsplab/ocsplab/examples/plain"
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

var shared *ocsptest.Server

func TestMain(m *testing.M) {
	shared = ocsptest.NewUnstartedServer()
	shared.Start()
	defer shared.Close()
	m.Run()
}

// use returns the shared server for one test. When the test ends, it logs what
// the server saw if the test failed, and undoes what the test changed.
func use(t *testing.T) *ocsptest.Server {
	t.Helper()
	t.Cleanup(func() {
		shared.LogIfFailed(t)
		shared.Reset()
		shared.Leaf.Set(fakeca.Response{}) // good on record
	})
	return shared
}

// get is the client under test.
func get(srv *ocsptest.Server) error {
	resp, err := plain.Get(srv.URL, srv.TLSClientConfig())
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func TestGood(t *testing.T) {
	srv := use(t)
	if err := get(srv); err != nil {
		t.Error(err)
	}
	wantStaple(t, srv, fakeca.Good)
}

// The test changes the CA's record.
func TestRevoked(t *testing.T) {
	srv := use(t)
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	if err := get(srv); !errors.Is(err, plain.ErrRevoked) {
		t.Errorf("got %v", err)
	}
	wantStaple(t, srv, fakeca.Revoked)
}

// The test changes only what the server staples.
func TestTryLater(t *testing.T) {
	srv := use(t)
	srv.SetStaple(fakeca.Response{Error: fakeca.TryLater})
	if err := get(srv); err != nil {
		t.Error(err)
	}
	wantStaple(t, srv, fakeca.ServerFailed)
}

// wantStaple wants one handshake, with this status.
func wantStaple(t *testing.T, srv *ocsptest.Server, want fakeca.Status) {
	t.Helper()
	handshakes := srv.Handshakes()
	if len(handshakes) != 1 {
		t.Fatalf("%d handshakes, want only that of this test", len(handshakes))
	}
	if got, err := fakeca.ParseResponse(handshakes[0].Staple); err != nil || got.Status != want {
		t.Errorf("stapled %v, %v, want %v", got, err, want)
	}
}
