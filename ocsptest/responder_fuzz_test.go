package ocsptest_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// seeds are requests that a responder for ca can be asked.
func seeds(ca *fakeca.CA) [][]byte {
	plain := asks(ca, 1)
	extension := extended(true, true)(crossing{a: ca})
	return [][]byte{
		plain.Marshal(), asks(ca, 1, 2, 3).Marshal(), withNonce(asks(ca, 0), []byte("nonce")).Marshal(), extension.Marshal(),
		asks(fakeca.New(), 1).Marshal(), new(fakeca.Request).Marshal(), awkward(ca), {}, {0x30, 0x80}, []byte("x"),
	}
}

// The same bytes by GET, escaped, and by POST get the same response, except for
// the signature if the response is not cached.
func FuzzGETAndPOSTDecodeAlike(f *testing.F) {
	ca := fakeca.New(newHandClock().option())
	for _, der := range seeds(ca) {
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if len(der) > 32<<10 {
			return
		}
		r := ocsptest.NewUnstartedResponder(ca)
		post := inProcess(r, postRequest(der))
		get := inProcess(r, httptest.NewRequest(http.MethodGet, getPath(der), nil))
		raw := inProcess(r, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/" + base64.StdEncoding.EncodeToString(der)}, Header: http.Header{}})
		for _, got := range []reply{get, raw} {
			if got.code != 200 || post.code != 200 || said(got.body) != said(post.body) {
				t.Fatalf("by GET %d %s, by POST %d %s", got.code, said(got.body), post.code, said(post.body))
			}
			if got.header.Get("Etag") != post.header.Get("Etag") || got.header.Get("Etag") != "" && !bytes.Equal(got.body, post.body) {
				t.Fatal("cached responses differ by GET and POST")
			}
		}
		for _, request := range r.Requests() {
			// Base64 that begins with "/" is that of no DER.
			if !bytes.Equal(request.Raw, der) && (len(der) == 0 || der[0] < 0xfc) {
				t.Fatalf("%s: %x on record, %x was sent", request.Method, request.Raw, der)
			}
		}
	})
}

// Whatever a client sends, the response is one of those that there are.
func FuzzServeHTTP(f *testing.F) {
	ca := fakeca.New(newHandClock().option())
	for _, der := range seeds(ca) {
		f.Add("POST", "/", "", "application/ocsp-request", der)
		f.Add("GET", getPath(der), "", "", []byte(nil))
		f.Add("GET", "/"+base64.URLEncoding.EncodeToString(der), "q", "", []byte(nil))
	}
	for _, path := range []string{"/crl/0", "/issuer/0", "/onecrl", "//", "/%", "*", ""} {
		f.Add("GET", path, "redirected", "text/plain", []byte("x"))
	}
	f.Add("HEAD", "/crl/0", "", "", []byte(nil))
	f.Add("BREW", "/", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, path, query, contentType string, body []byte) {
		u := &url.URL{Path: path, RawQuery: query}
		if unescaped, err := url.PathUnescape(path); err == nil {
			u = &url.URL{Path: unescaped, RawPath: path, RawQuery: query}
		}
		for _, opts := range [][]ocsptest.ResponderOption{nil, {ocsptest.WithStrict()}} {
			r := ocsptest.NewUnstartedResponder(ca, opts...)
			got := inProcess(r, &http.Request{
				Method: method, URL: u, Header: http.Header{"Content-Type": {contentType}},
				Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			})
			switch got.code {
			case 200:
				if got.header.Get("Content-Type") == "application/ocsp-response" {
					if m, err := fakeca.ParseMessage(got.body); err != nil || m.ResponseBytes != nil && signedBy(ca, got.body) != nil {
						t.Fatalf("response %x: %v", got.body, err)
					}
				}
			case 400:
				if opts == nil {
					t.Fatal("400 without Strict")
				}
			case 405, 413:
			default:
				t.Fatalf("%d", got.code)
			}
			if requests := r.Requests(); len(requests) != 1 || requests[0].StatusCode != got.code || requests[0].String() == "" {
				t.Fatalf("recorded %v", requests)
			}
		}
	})
}
