package fakeca_test

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestSequences(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]fakeca.Status{0, 1, 2, 3}, slices.Collect(fakeca.Statuses())); diff != "" {
		t.Errorf("Statuses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]fakeca.Reason{0, 1, 2, 3, 4, 5, 6, 8, 9, 10}, slices.Collect(fakeca.Reasons())); diff != "" {
		t.Errorf("Reasons (-want +got):\n%s", diff)
	}
	var failures []string
	for failure, name := range fakeca.Failures() {
		failures = append(failures, fmt.Sprint(int(failure), " ", name))
	}
	want := []string{"1 malformed_request", "2 internal_error", "3 try_later", "5 sig_required", "6 unauthorized"}
	if diff := cmp.Diff(want, failures); diff != "" {
		t.Errorf("Failures (-want +got):\n%s", diff)
	}
	for range fakeca.Statuses() {
		break
	}
	for range fakeca.Reasons() {
		break
	}
	for range fakeca.Failures() {
		break
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    fakeca.Response
		want ocsp.ResponseStatus
	}{
		{"good", fakeca.Response{}, ocsp.Success},
		{"revoked", fakeca.Response{Status: fakeca.Revoked}, ocsp.Success},
		{"Error", fakeca.Response{Error: fakeca.TryLater}, fakeca.TryLater},
		{"ServerFailed", fakeca.Response{Status: fakeca.ServerFailed}, fakeca.InternalError},
		{"both", fakeca.Response{Status: fakeca.ServerFailed, Error: fakeca.Unauthorized}, fakeca.Unauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.r.Failure(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
			_, leaf := world()
			if got := mustParseResponse(t, leaf.Staple(tt.r)).Failure(); got != tt.want {
				t.Errorf("signed and parsed: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestResponderIDNames(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	sameName := fakeca.New(fakeca.WithName("fakeca intermediate (do not trust)"))
	for _, byKey := range []bool{false, true} {
		id := mustParseMessage(t, leaf.Staple(fakeca.Response{ByKey: byKey})).ResponderID
		if own, leaf, root := id.Names(ca.Cert), id.Names(leaf.Cert), id.Names(ca.Issuer.Cert); !own || leaf || root {
			t.Errorf("ByKey %v: Names of the CA %v, the leaf %v, the root %v", byKey, own, leaf, root)
		}
		if got := id.Names(sameName.Cert); got == byKey {
			t.Errorf("ByKey %v: Names of a CA with the same name and another key: %v", byKey, got)
		}
	}
}

func TestWithHash(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		ca   *fakeca.CA
		r    fakeca.Response
		want crypto.Hash
	}{
		{"default", fakeca.New(), fakeca.Response{}, crypto.SHA1},
		{"SHA-256", fakeca.New(fakeca.WithHash(crypto.SHA256)), fakeca.Response{}, crypto.SHA256},
		{"SHA-512, below", fakeca.New().Intermediate(fakeca.WithHash(crypto.SHA512)), fakeca.Response{}, crypto.SHA512},
		{"below SHA-256", fakeca.New(fakeca.WithHash(crypto.SHA256)).Intermediate(), fakeca.Response{}, crypto.SHA256},
		{"overridden", fakeca.New(fakeca.WithHash(crypto.SHA256)), fakeca.Response{Hash: crypto.SHA384}, crypto.SHA384},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := tt.ca.Leaf()
			tt.r.Also = []fakeca.Response{{Serial: tt.ca.Cert.SerialNumber}}
			r := mustParseResponse(t, leaf.Staple(tt.r))
			if r.Hash != tt.want {
				t.Errorf("the response has %v, want %v", r.Hash, tt.want)
			}
			if tt.r.Hash == 0 {
				if got := r.Also[0].Hash; got != tt.want {
					t.Errorf("the further response has %v, want %v", got, tt.want)
				}
				if got := leaf.Request().List[0].CertID.HashAlgorithm.Hash(); got != tt.want {
					t.Errorf("the request has %v, want %v", got, tt.want)
				}
			}
		})
	}
	for _, h := range []crypto.Hash{0, crypto.MD5, crypto.SHA224, 99} {
		if got := panicText(t, func() { fakeca.WithHash(h) }); !strings.HasSuffix(got, ": use SHA1, SHA256, SHA384 or SHA512") {
			t.Errorf("WithHash(%d): %s", h, got)
		}
	}
}

// In the base64 of a URL everything except for letters and digits is escaped.
func TestRequestURL(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	req := leaf.Request()
	req.List[0].CertID.IssuerNameHash = []byte{0xfb, 0xef, 0xff} // + and / in base64
	for _, responder := range []string{"http://ocsp.test", "http://ocsp.test/", "http://ocsp.test/a/b"} {
		got := req.URL(responder)
		rest, ok := strings.CutPrefix(got, strings.TrimSuffix(responder, "/")+"/")
		if !ok || strings.ContainsAny(rest, "+/=") {
			t.Errorf("%s: %s", responder, got)
		}
		text := strings.NewReplacer("%2B", "+", "%2F", "/", "%3D", "=").Replace(rest)
		if string(must(base64.StdEncoding.DecodeString(text))) != string(req.Marshal()) {
			t.Errorf("%s: %s is not the request", responder, rest)
		}
	}
}
