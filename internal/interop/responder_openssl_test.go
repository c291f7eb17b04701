package interop

import (
	"crypto"
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// opensslAsk asks the responder about the leaf with openssl ocsp.
func opensslAsk(t *testing.T, s *fixture, args ...string) result {
	t.Helper()
	return command{path: program(t, "openssl"), dir: s.dir, args: append([]string{
		"ocsp", "-CAfile", "root.pem", "-url", s.responder.URL,
	}, args...)}.run(t)
}

// What openssl requests, and what it says about each response.
func TestOpenSSLAsksResponder(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	about := func(flags ...string) []string { return append(flags, "-issuer", "issuer.pem", "-cert", "leaf.pem") }
	one := request{Method: "POST", About: "leaf", Hash: crypto.SHA1, Nonce: 16}
	bare := request{Method: "POST", About: "leaf", Hash: crypto.SHA1}
	revoked := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	for _, test := range []struct {
		name     string
		args     []string
		record   fakeca.Response
		fault    fault.Fault
		code     int
		want     []string // in the output
		requests []request
	}{
		{name: "good", args: about(), want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{one}},
		{name: "good, no nonce", args: about("-no_nonce"), want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{bare}},
		{name: "revoked", args: about(), record: revoked,
			want: []string{"leaf.pem: revoked\n", "Reason: keyCompromise\n", opensslOK}, requests: []request{one}},
		{name: "revoked, no nonce", args: about("-no_nonce"), record: revoked,
			want: []string{"leaf.pem: revoked\n", "Reason: keyCompromise\n", opensslOK}, requests: []request{bare}},
		{name: "unknown", args: about(), record: fakeca.Response{Status: fakeca.Unknown},
			want: []string{"leaf.pem: unknown\n", opensslOK}, requests: []request{one}},
		{name: "never issued", args: []string{"-issuer", "issuer.pem", "-serial", "0x1234"},
			want:     []string{"0x1234: unknown\n", opensslOK},
			requests: []request{{Method: "POST", About: "serial 1234", Hash: crypto.SHA1, Nonce: 16}}},
		{name: "tryLater", args: about(), record: fakeca.Response{Error: ocsp.TryLater}, code: 1,
			want: []string{"Responder Error: trylater (3)"}, requests: []request{one}},
		{name: "expired", args: about("-no_nonce"), record: expired(),
			want: []string{"leaf.pem: WARNING: Status times invalid.", "status expired", opensslOK}, requests: []request{bare}},
		{name: "hash SHA-256", args: about("-sha256"), want: []string{"leaf.pem: good\n", opensslOK},
			requests: []request{{Method: "POST", About: "leaf", Hash: crypto.SHA256, Nonce: 16}}},
		{name: "CertID with another hash", args: about(), record: fakeca.Response{Hash: crypto.SHA256}, code: 1,
			want: []string{"leaf.pem: ERROR: No Status found."}, requests: []request{one}},
		{name: "signed request", args: about("-signer", "leaf.pem", "-signkey", "key.pem"),
			want:     []string{"leaf.pem: good\n", opensslOK},
			requests: []request{{Method: "POST", About: "leaf", Hash: crypto.SHA1, Nonce: 16, Signed: true}}},
		{name: "two serial numbers", args: append(about(), "-serial", "0x1234"), record: revoked,
			want:     []string{"0x1234: unknown\n", "leaf.pem: revoked\n", opensslOK},
			requests: []request{one, {Method: "POST", About: "serial 1234", Hash: crypto.SHA1, Nonce: 16}}},
		{name: "certificate of the other CA", args: []string{"-issuer", "root.pem", "-cert", "issuer.pem"},
			want:     []string{"issuer.pem: good\n", opensslOK},
			requests: []request{{Method: "POST", About: "issuer", Hash: crypto.SHA1, Nonce: 16}}},
		{name: "stranger's certificate", args: []string{"-issuer", "leaf.pem", "-serial", "1"}, code: 1,
			want:     []string{"Responder Error: unauthorized (6)"},
			requests: []request{{Method: "POST", About: "serial 1", Hash: crypto.SHA1, Nonce: 16}}},
		{name: "wrong nonce", args: about(), fault: fault.WrongNonce(), code: 1,
			want: []string{"Nonce Verify error"}, requests: []request{one}},
		{name: "no nonce in the response", args: about(), fault: fault.NoNonce(),
			want: []string{"leaf.pem: good\n", "WARNING: no nonce in response", opensslOK}, requests: []request{one}},
		{name: "nonce that was not sent", args: about("-no_nonce"), fault: fault.UnsolicitedNonce(),
			want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{bare}},
		{name: "nonce cut off", args: about(), fault: fault.NonceOfLength(8), code: 1,
			want: []string{"Nonce Verify error"}, requests: []request{one}},
		{name: "nonce without its OCTET STRING", args: about(), fault: fault.UnwrappedNonce(), code: 1,
			want: []string{"Nonce Verify error"}, requests: []request{one}},
		{name: "two nonces", args: about(), fault: fault.TwoNonces(),
			want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{one}},
		{name: "HTTP 500", args: about(), fault: fault.HTTPError(500), code: 1,
			want: []string{"Error querying OCSP responder", "code=500"}, requests: []request{one}},
		{name: "redirected", args: about(), fault: fault.Redirect(), code: 1,
			want: []string{"Error querying OCSP responder", "code=307"}, requests: []request{one}},
		{name: "hung up", args: about(), fault: fault.Hangup(), code: 1,
			want: []string{"Error querying OCSP responder"}, requests: []request{one}},
		{name: "reset in the middle", args: about(), fault: fault.ResetAfter(40), code: 1,
			want: []string{"Error querying OCSP responder"}, requests: []request{one}},
		{name: "wrong Content-Type", args: about(), fault: fault.ContentType("text/html"), code: 1,
			want: []string{"unexpected content type"}, requests: []request{one}},
		{name: "no Content-Type", args: about(), fault: fault.ContentType(""), code: 1,
			want: []string{"missing content type"}, requests: []request{one}},
		{name: "empty", args: about(), fault: fault.EmptyBody(), code: 1,
			want: []string{"Error querying OCSP responder"}, requests: []request{one}},
		{name: "gzip", args: about(), fault: fault.Gzip(), code: 1,
			want: []string{"missing asn1 encoding"}, requests: []request{one}},
		{name: "no Content-Length", args: about(), fault: fault.NoContentLength(),
			want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{one}},
		{name: "long Content-Length", args: about(), fault: fault.LongContentLength(), code: 1,
			want: []string{"Error querying OCSP responder"}, requests: []request{one}},
		{name: "chunked", args: about(), fault: fault.Chunked(),
			want: []string{"leaf.pem: good\n", opensslOK}, requests: []request{one}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t)
			s.leaf.Set(test.record)
			s.responder.SetFault(test.fault)
			r := opensslAsk(t, s, test.args...)
			if r.code != test.code {
				t.Errorf("exit status %d, want %d\n%s", r.code, test.code, r.all())
			}
			for _, want := range test.want {
				if !strings.Contains(r.all(), want) {
					t.Errorf("openssl does not say %q:\n%s", want, r.all())
				}
			}
			if diff := cmp.Diff(test.requests, s.requests(t)); diff != "" {
				t.Errorf("openssl sends other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A revocation shows in the next response, and so does its end.
func TestOpenSSLAsksAgain(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	s := newFixture(t)
	ask := func() result { return opensslAsk(t, s, "-no_nonce", "-issuer", "issuer.pem", "-cert", "leaf.pem") }
	for _, want := range []string{"good", "good"} {
		if r := ask(); r.code != 0 || !strings.Contains(r.stdout, "leaf.pem: "+want) {
			t.Errorf("openssl does not say %q:\n%s", want, r.all())
		}
	}
	s.leaf.Revoke(fakeca.CertificateHold)
	r := ask()
	if r.code != 0 || !strings.Contains(r.stdout, "leaf.pem: revoked") || field(r.stdout, "Reason") != "certificateHold" {
		t.Errorf("openssl does not say why it is revoked:\n%s", r.all())
	}
	if at, want := opensslTime(t, r.stdout, "Revocation Time"), s.leaf.OnRecord().RevokedAt; !at.Equal(want) {
		t.Errorf("openssl says it was revoked at %v, want %v", at, want)
	}
	s.leaf.Set(fakeca.Response{})
	if r := ask(); r.code != 0 || !strings.Contains(r.stdout, "leaf.pem: good") {
		t.Errorf("openssl does not say that it is good again:\n%s", r.all())
	}
}

// openssl cannot send a GET, so curl does it. openssl makes the requests and
// verifies the responses.
func TestOpenSSLByGET(t *testing.T) {
	t.Parallel()
	openssl, curl := program(t, "openssl"), program(t, "curl")
	s := newFixture(t)
	s.leaf.Set(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded})
	for _, test := range []struct {
		name        string
		nonce, hash string
		want        request
	}{
		{name: "nonce", nonce: "-nonce", hash: "-sha1", want: request{Method: "GET", About: "leaf", Hash: crypto.SHA1, Nonce: 16}},
		{name: "no nonce", nonce: "-no_nonce", hash: "-sha1", want: request{Method: "GET", About: "leaf", Hash: crypto.SHA1}},
		{name: "SHA-512", nonce: "-no_nonce", hash: "-sha512", want: request{Method: "GET", About: "leaf", Hash: crypto.SHA512}},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := len(s.responder.Requests())
			ask := command{path: openssl, dir: s.dir, args: []string{
				"ocsp", "-reqout", "ask.der", "-issuer", "issuer.pem", test.nonce, test.hash, "-cert", "leaf.pem"}}.run(t)
			if ask.code != 0 {
				t.Fatalf("openssl fails to make a request (exit status %d):\n%s", ask.code, ask.all())
			}
			der, err := os.ReadFile(filepath.Join(s.dir, "ask.der"))
			if err != nil {
				t.Fatal(err)
			}
			get := s.responder.URL + "/" + url.PathEscape(base64.StdEncoding.EncodeToString(der))
			get = strings.NewReplacer("+", "%2B", "=", "%3D").Replace(get)
			if r := (command{path: curl, dir: s.dir, args: []string{"-sS", "--fail", "-o", "response.der", get}}).run(t); r.code != 0 {
				t.Fatalf("curl fails (exit status %d):\n%s", r.code, r.all())
			}
			r := command{path: openssl, dir: s.dir, args: []string{
				"ocsp", "-respin", "response.der", "-CAfile", "root.pem", "-reqin", "ask.der", // has the nonce
				"-issuer", "issuer.pem", "-no_nonce", test.hash, "-cert", "leaf.pem"}}.run(t)
			superseded := strings.Contains(r.stdout, "leaf.pem: revoked") && field(r.stdout, "Reason") == "superseded"
			if r.code != 0 || !superseded || !strings.Contains(r.stderr, opensslOK) {
				t.Errorf("openssl does not say that it is superseded (exit status %d):\n%s", r.code, r.all())
			}
			if diff := cmp.Diff([]request{test.want}, s.requests(t)[before:]); diff != "" {
				t.Errorf("other requests (-want +got):\n%s", diff)
			}
		})
	}
}
