package interop

import (
	"crypto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// What ocsptool requests, and what it says about each response. It checks the
// signature and the nonce, but not the HTTP status, the Content-Type or the times.
func TestGnuTLSAsksResponder(t *testing.T) {
	t.Parallel()
	program(t, "ocsptool")
	bare := request{Method: "POST", About: "leaf", Hash: crypto.SHA1}
	one := bare
	one.Nonce = 23
	revoked := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	const good = "Certificate Status: good\n"
	for _, test := range []struct {
		name   string
		nonce  bool
		record fakeca.Response
		fault  fault.Fault
		code   int
		want   []string // in the output
	}{
		{name: "good", want: []string{good, gnutlsOK}},
		{name: "good, nonce", nonce: true, want: []string{good, gnutlsOK}},
		{name: "revoked", record: revoked, want: []string{"Certificate Status: revoked\n", gnutlsOK}},
		{name: "revoked, nonce", nonce: true, record: revoked, want: []string{"Certificate Status: revoked\n", gnutlsOK}},
		{name: "unknown", record: fakeca.Response{Status: fakeca.Unknown}, want: []string{"Certificate Status: unknown\n", gnutlsOK}},
		{name: "tryLater", record: fakeca.Response{Error: ocsp.TryLater}, code: 1,
			want: []string{"Response Status: tryLater\n", "Failure, Signer cert not found"}},
		{name: "tryLater, nonce", nonce: true, record: fakeca.Response{Error: ocsp.TryLater}, code: 1,
			want: []string{"Response Status: tryLater\n", "could not read response's nonce"}},
		{name: "expired", record: expired(), want: []string{good, gnutlsOK}},
		{name: "CertID with another hash", record: fakeca.Response{Hash: crypto.SHA256},
			want: []string{"Hash Algorithm: SHA256\n", good, gnutlsOK}},
		{name: "wrong nonce", nonce: true, fault: fault.WrongNonce(), code: 1, want: []string{"nonce in the response doesn't match"}},
		{name: "nonce cut off", nonce: true, fault: fault.NonceOfLength(8), code: 1, want: []string{"nonce in the response doesn't match"}},
		{name: "no nonce in the response", nonce: true, fault: fault.NoNonce(), code: 1, want: []string{"could not read response's nonce"}},
		{name: "nonce in the single response", nonce: true, fault: fault.NonceInSingle(), code: 1,
			want: []string{"could not read response's nonce"}},
		{name: "two nonces", nonce: true, fault: fault.TwoNonces(), want: []string{good, gnutlsOK}},
		{name: "nonce that was not sent", fault: fault.UnsolicitedNonce(), want: []string{good, gnutlsOK}},
		{name: "HTTP 500", fault: fault.HTTPError(500), code: 1, want: []string{"error importing response"}},
		{name: "redirected", fault: fault.Redirect(), code: 1, want: []string{"error importing response"}},
		{name: "hung up", fault: fault.Hangup(), code: 1, want: []string{"Cannot send OCSP request"}},
		{name: "empty", fault: fault.EmptyBody(), code: 1, want: []string{"Received empty response"}},
		{name: "gzip", fault: fault.Gzip(), code: 1, want: []string{"error importing response"}},
		{name: "wrong Content-Type", fault: fault.ContentType("text/html"), want: []string{good, gnutlsOK}},
		{name: "no Content-Length", fault: fault.NoContentLength(), want: []string{good, gnutlsOK}},
		{name: "chunked", fault: fault.Chunked(), want: []string{good, gnutlsOK}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			s.leaf.Set(test.record)
			s.responder.SetFault(test.fault)
			args, want := []string{"--no-nonce"}, bare
			if test.nonce {
				args, want = []string{"--nonce"}, one
			}
			r := command{path: program(t, "ocsptool"), dir: s.dir, args: append(args,
				"--ask="+s.responder.URL, "--load-cert", "leaf.pem", "--load-issuer", "issuer.pem", "--load-trust", "issuer.pem")}.run(t)
			if r.code != test.code {
				t.Errorf("exit status %d, want %d\n%s", r.code, test.code, r.all())
			}
			for _, want := range test.want {
				if !strings.Contains(r.all(), want) {
					t.Errorf("ocsptool does not say %q:\n%s", want, r.all())
				}
			}
			if diff := cmp.Diff([]request{want}, s.requests(t)); diff != "" {
				t.Errorf("ocsptool sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// Without a URL, ocsptool asks the responder that the leaf names.
func TestGnuTLSFollowsAIA(t *testing.T) {
	t.Parallel()
	s := newFixture(t)
	s.leaf.Revoke(fakeca.KeyCompromise)
	r := command{path: program(t, "ocsptool"), dir: s.dir, args: []string{
		"--ask", "--load-cert", "leaf.pem", "--load-issuer", "issuer.pem", "--load-trust", "issuer.pem"}}.run(t)
	if r.code != 0 || !strings.Contains(r.stdout, gnutlsOK) {
		t.Fatalf("ocsptool refuses (exit status %d):\n%s", r.code, r.all())
	}
	if got := gnutlsRead(t, r); got.Status != fakeca.Revoked || !got.RevokedAt.Equal(s.leaf.OnRecord().RevokedAt) {
		t.Errorf("ocsptool reads %v, want revoked at %v:\n%s", got, s.leaf.OnRecord().RevokedAt, r.stdout)
	}
	if diff := cmp.Diff([]request{{Method: "POST", About: "leaf", Hash: crypto.SHA1}}, s.requests(t)); diff != "" {
		t.Errorf("ocsptool sends other requests (-want +got):\n%s", diff)
	}
}

// Without a staple, gnutls-cli --ocsp asks about each certificate of the chain.
// It tolerates an error or an expired response if another certificate has a good
// one.
func TestGnuTLSClientFetches(t *testing.T) {
	t.Parallel()
	gnutls := program(t, "gnutls-cli")
	leaf := request{Method: "POST", About: "leaf", Hash: crypto.SHA1, Nonce: 23}
	issuer := request{Method: "POST", About: "issuer", Hash: crypto.SHA1, Nonce: 23}
	for _, test := range []struct {
		name     string
		record   fakeca.Response
		fault    fault.Fault
		code     int
		want     string
		requests []request
	}{
		{name: "good", want: "OCSP: verified 2 certificate(s)", requests: []request{leaf, issuer}},
		{
			name:     "revoked",
			record:   fakeca.Response{Status: fakeca.Revoked},
			code:     1,
			want:     "Certificate was revoked at",
			requests: []request{leaf},
		},
		{
			name:     "unknown",
			record:   fakeca.Response{Status: fakeca.Unknown},
			want:     "OCSP: verified 2 certificate(s)",
			requests: []request{leaf, issuer},
		},
		{
			name:     "tryLater",
			record:   fakeca.Response{Error: ocsp.TryLater},
			want:     "OCSP: verified 1 certificate(s)",
			requests: []request{leaf, issuer},
		},
		{name: "expired", record: expired(), want: "OCSP: verified 1 certificate(s)", requests: []request{leaf, issuer}},
		{name: "wrong nonce", fault: fault.WrongNonce(), code: 1, want: "nonce in the response doesn't match", requests: []request{leaf}},
		{name: "no nonce in the response", fault: fault.NoNonce(), want: "OCSP: verified 2 certificate(s)", requests: []request{leaf, issuer}},
		{name: "HTTP 500", fault: fault.HTTPError(500), code: 1, want: "importing response", requests: []request{leaf}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			s.leaf.Set(test.record)
			s.responder.SetFault(test.fault)
			srv := ocsptest.NewServer(t, ocsptest.WithLeaf(s.leaf), ocsptest.WithoutStaple())
			r := command{path: gnutls, dir: s.dir, args: []string{"--ocsp", "--x509cafile", "root.pem", "-p", portOf(srv), "localhost"}}.run(t)
			if r.code != test.code || !strings.Contains(r.all(), test.want) {
				t.Errorf("exit status %d, want %d and %q\n%s", r.code, test.code, test.want, r.all())
			}
			if diff := cmp.Diff(test.requests, s.requests(t)); diff != "" {
				t.Errorf("gnutls-cli sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}
