package quickstart_test

import (
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestRevokedStaple(t *testing.T) {
	srv := ocsptest.NewServer(t)          // staples "good"
	srv.Leaf.Revoke(fakeca.KeyCompromise) // from now on, it staples "revoked"

	resp, err := srv.Client().Get(srv.URL) // your client here
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	staple, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
	if err != nil || staple.Status != fakeca.Revoked {
		t.Errorf("the staple says %v (%v), want revoked", staple, err)
	}
}
