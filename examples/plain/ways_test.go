package plain_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"net/http"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A client learns of a revocation in three ways: it asks the responder, it
// downloads the CRL, or the server staples a response that it has fetched.
func TestThreeWays(t *testing.T) {
	t.Parallel()

	ca := fakeca.New().Intermediate()
	responder := ocsptest.NewResponder(t, ca) // ca's certificates name it from now on
	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{
		When:         ocsptest.FetchInHandshake,
		RefreshAfter: time.Nanosecond,
	}))
	srv.Leaf.Revoke(fakeca.KeyCompromise)                      // for all three
	responder.Script(fault.HTTPError(503), fault.WrongNonce()) // two requests fail
	responder.SetCRL(ca, fakeca.CRL{Forever: true})            // the CRL has no nextUpdate

	if got := askResponder(t, srv.Leaf); got != http.StatusServiceUnavailable {
		t.Errorf("the first request got HTTP status %d", got)
	}
	if got := askResponder(t, srv.Leaf); got != http.StatusOK {
		t.Errorf("the second request got HTTP status %d", got)
	}
	if list := getCRL(t, srv.Leaf); len(list.RevokedCertificateEntries) != 1 || !list.NextUpdate.IsZero() {
		t.Errorf("the CRL has %d entries and nextUpdate %v", len(list.RevokedCertificateEntries), list.NextUpdate)
	}
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	staple, err := ocsp.ParseResponseForCert(resp.TLS.OCSPResponse, srv.Leaf.Cert, ca.Cert)
	if err != nil || staple.Status != ocsp.Revoked {
		t.Errorf("stapled %v, %v", staple, err)
	}
	for i, req := range responder.Requests() {
		t.Logf("request %d: %v", i, req)
	}
}

// askResponder asks about a certificate, and returns the HTTP status.
func askResponder(t *testing.T, leaf *fakeca.Leaf) int {
	t.Helper()
	request, err := ocsp.CreateRequest(leaf.Cert, leaf.Issuer.Cert, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(leaf.Cert.OCSPServer[0], "application/ocsp-request", bytes.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

func getCRL(t *testing.T, leaf *fakeca.Leaf) *x509.RevocationList {
	t.Helper()
	resp, err := http.Get(leaf.Cert.CRLDistributionPoints[0])
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	der, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(leaf.Issuer.Cert); err != nil {
		t.Error(err)
	}
	return list
}
