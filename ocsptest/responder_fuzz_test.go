package ocsptest_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// seeds returns requests for a responder of ca.
func seeds(ca *fakeca.CA) [][]byte {
	return [][]byte{
		labtest.Request(ca, 1).Marshal(),
		labtest.Request(ca, 1, 2, 3).Marshal(),
		labtest.WithNonce(labtest.Request(ca, 0), []byte("nonce")).Marshal(),
		extended(true, true)(twoCAs{a: ca}).Marshal(),
		labtest.Request(fakeca.New(), 1).Marshal(),
		new(fakeca.Request).Marshal(),
		labtest.Awkward(ca),
		{},
		{0x30, 0x80},
		[]byte("x"),
	}
}

// The same bytes by GET, escaped, and by POST get the same response, except for
// the signature if the response is not cached.
func FuzzGETAndPOSTDecodeAlike(f *testing.F) {
	ca := fakeca.New(labtest.NewClock().Option())
	for _, der := range seeds(ca) {
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		if len(der) > 32<<10 {
			return
		}
		r := ocsptest.NewUnstartedResponder(ca)
		post := labtest.InProcess(r, labtest.PostRequest(der))
		get := labtest.InProcess(r, labtest.GetRequest(labtest.GetPath(der)))
		raw := labtest.InProcess(r, &http.Request{
			Method: http.MethodGet,
			URL:    &url.URL{Path: "/" + base64.StdEncoding.EncodeToString(der)},
			Header: http.Header{},
		})
		for _, got := range []labtest.Reply{get, raw} {
			if got.Code != 200 || post.Code != 200 || labtest.Said(got.Body) != labtest.Said(post.Body) {
				t.Fatalf("by GET %d %s, by POST %d %s", got.Code, labtest.Said(got.Body), post.Code, labtest.Said(post.Body))
			}
			if got.Header.Get("Etag") != post.Header.Get("Etag") || got.Header.Get("Etag") != "" && !bytes.Equal(got.Body, post.Body) {
				t.Fatal("cached responses differ by GET and POST")
			}
		}
		for _, request := range r.Requests() {
			// Base64 of DER does not begin with "/".
			if !bytes.Equal(request.Raw, der) && (len(der) == 0 || der[0] < 0xfc) {
				t.Fatalf("%s: %x on record, %x was sent", request.Method, request.Raw, der)
			}
		}
	})
}

// Whatever a client sends, the response is well-formed, and the request recorded.
func FuzzServeHTTP(f *testing.F) {
	ca := fakeca.New(labtest.NewClock().Option())
	for _, der := range seeds(ca) {
		f.Add("POST", "/", "", "application/ocsp-request", der)
		f.Add("GET", labtest.GetPath(der), "", "", []byte(nil))
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
			got := labtest.InProcess(r, &http.Request{
				Method: method, URL: u, Header: http.Header{"Content-Type": {contentType}},
				Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			})
			switch got.Code {
			case 200:
				if got.Header.Get("Content-Type") == "application/ocsp-response" {
					if m, err := fakeca.ParseMessage(got.Body); err != nil || m.ResponseBytes != nil && labtest.SignedBy(ca, got.Body) != nil {
						t.Fatalf("response %x: %v", got.Body, err)
					}
				}
			case 400:
				if opts == nil {
					t.Fatal("400 without Strict")
				}
			case 405, 413:
			default:
				t.Fatalf("%d", got.Code)
			}
			if requests := r.Requests(); len(requests) != 1 || requests[0].StatusCode != got.Code || requests[0].String() == "" {
				t.Fatalf("recorded %v", requests)
			}
		}
	})
}
