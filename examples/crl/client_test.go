package crl_test

import (
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/examples/crl"
	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// newServer starts a server whose certificate names a CRL, but no OCSP
// responder.
func newServer(t *testing.T) (*ocsptest.Server, *ocsptest.Responder) {
	t.Helper()
	ca := fakeca.New().Intermediate()
	responder := ocsptest.NewResponder(t, ca, ocsptest.WithoutOCSP())
	return ocsptest.NewServer(t, ocsptest.WithCA(ca), ocsptest.WithoutStaple()), responder
}

func get(srv *ocsptest.Server) error {
	resp, err := crl.Get(srv.URL, srv.TLSClientConfig())
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// The next CRL lists a certificate as soon as it is revoked.
func TestSeesRevocation(t *testing.T) {
	t.Parallel()
	srv, responder := newServer(t)
	if err := get(srv); err != nil {
		t.Errorf("before: %v", err)
	}
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	if err := get(srv); !errors.Is(err, crl.ErrRevoked) {
		t.Errorf("after: %v", err)
	}
	requests := responder.Requests()
	if len(requests) != 2 {
		t.Fatalf("the responder got %d requests, want 2", len(requests))
	}
	for _, r := range requests {
		if r.Method != "GET" || r.OCSP != nil {
			t.Errorf("not a request for a CRL: %v", r)
		}
	}
}

// How the client reacts to other CRLs.
func TestCRLs(t *testing.T) {
	t.Parallel()
	strangers := fakeca.New()
	stranger := &fakeca.Leaf{Cert: strangers.Cert, Key: strangers.Key}
	for _, test := range []struct {
		name  string
		crl   fakeca.CRL
		fault fault.Fault
		want  string // in the error; "" for none
	}{
		{name: "good"},
		{name: "expired", crl: fakeca.CRL{ThisUpdate: time.Now().AddDate(0, -1, 0)}, want: "not current"},
		{name: "not valid yet", crl: fakeca.CRL{ThisUpdate: time.Now().AddDate(0, 1, 0)}, want: "not current"},
		{name: "no nextUpdate", crl: fakeca.CRL{Forever: true}, want: "not current"},
		{name: "signed by a stranger", crl: fakeca.CRL{Signer: stranger}, want: "verification failure"},
		{name: "only CA certificates", crl: fakeca.CRL{OnlyCACerts: true}, want: "critical extension 2.5.29.28"},
		{name: "server error", fault: fault.HTTPError(503), want: "503"},
		{name: "no body", fault: fault.EmptyBody(), want: "crl: x509"},
		{name: "no response", fault: fault.Hangup(), want: "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv, responder := newServer(t)
			responder.SetCRL(srv.CA, test.crl)
			responder.SetCRLFault(srv.CA, test.fault)
			err := get(srv)
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A CRL lists other certificates of its issuer too.
func TestOtherRevoked(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t)
	other := srv.CA.Issue(&x509.Certificate{DNSNames: []string{"other.test"}})
	other.Revoke(fakeca.Superseded)
	if err := get(srv); err != nil {
		t.Errorf("refused, but another certificate is revoked: %v", err)
	}
}
