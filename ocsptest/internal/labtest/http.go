package labtest

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

// GetPath returns the path of a GET with a request, with all escapes.
func GetPath(der []byte) string {
	return "/" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString(der))
}

// GetRequest returns an HTTP request by GET, for InProcess.
func GetRequest(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

// PostRequest returns an HTTP request by POST, for InProcess.
func PostRequest(der []byte) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(der))
	req.Header.Set("Content-Type", "application/ocsp-request")
	return req
}

// A Reply is what a client got from a responder.
type Reply struct {
	Code   int
	Header http.Header
	Body   []byte
}

// InProcess has a handler serve a request, without a connection.
func InProcess(h http.Handler, req *http.Request) Reply {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return Reply{w.Code, w.Result().Header, w.Body.Bytes()}
}

// Post has a handler serve an OCSP request by POST, without a connection.
func Post(h http.Handler, req *fakeca.Request) Reply {
	return InProcess(h, PostRequest(req.Marshal()))
}

// Get sends a GET, and closes the body at the end of the test.
func Get(t testing.TB, client *http.Client, url string) *http.Response {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// ReadAll reads the body of a response, and closes it.
func ReadAll(t testing.TB, resp *http.Response) []byte {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Bare returns a client of net/http that does nothing on its own: it follows no
// redirects, and decompresses nothing.
func Bare(host Dialer) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: host.DialContext, DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
