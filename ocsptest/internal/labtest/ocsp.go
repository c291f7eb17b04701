package labtest

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Must returns v, and panics if there is an error.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// MustPanic fails the test unless f panics with this text.
func MustPanic(t testing.TB, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("panicked with %v, want %q", got, want)
		}
	}()
	f()
}

// A Clock stands still until it is set. It is for one goroutine.
type Clock struct{ Now time.Time }

// NewClock returns a clock that shows a time in 2030.
func NewClock() *Clock { return &Clock{time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)} }

// Option makes a CA use the clock.
func (c *Clock) Option() fakeca.Option {
	return fakeca.WithClock(func() time.Time { return c.Now })
}

// About returns a request about a leaf, with nothing else in it.
func About(leaf *fakeca.Leaf) *fakeca.Request {
	return fakeca.NewRequest(leaf.Cert.SerialNumber, leaf.Issuer.Cert)
}

// AboutBy returns a request about a leaf with a CertID of this hash.
func AboutBy(hash crypto.Hash, leaf *fakeca.Leaf) *fakeca.Request {
	id := fakeca.NewCertID(leaf.Cert.SerialNumber, leaf.Issuer.Cert, hash)
	return &fakeca.Request{List: []fakeca.SingleRequest{{CertID: id}}}
}

// Asks returns a request about serial numbers of a CA.
func Asks(ca *fakeca.CA, serials ...int64) *fakeca.Request {
	req := new(fakeca.Request)
	for _, serial := range serials {
		req.List = append(req.List, fakeca.NewRequest(big.NewInt(serial), ca.Cert).List...)
	}
	return req
}

// WithNonce sets the nonce of a request, and returns the request.
func WithNonce(req *fakeca.Request, nonce []byte) *fakeca.Request {
	req.SetNonce(nonce)
	return req
}

// Awkward returns a request whose base64 has everything that must be escaped in
// a URL.
func Awkward(ca *fakeca.CA) []byte {
	for n := int64(1); ; n++ {
		serial := new(big.Int).Mul(big.NewInt(n), big.NewInt(0x1234567890abcdef))
		serial.Lsh(serial, 32).Or(serial, big.NewInt(0xfffffbef))
		der := fakeca.NewRequest(serial, ca.Cert).Marshal()
		text := base64.StdEncoding.EncodeToString(der)
		if strings.Contains(text, "//") && strings.Contains(text, "+") && strings.HasSuffix(text, "=") {
			return der
		}
	}
}

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

// Ask has a handler serve an OCSP request by POST, without a connection.
func Ask(h http.Handler, req *fakeca.Request) Reply {
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
// redirects, and uncompresses nothing.
func Bare(host interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DialContext: host.DialContext, DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Status returns the status that a response says, with the reason or the error.
// Without a response it is "none".
func Status(der []byte) string {
	if der == nil {
		return "none"
	}
	r, err := fakeca.ParseResponse(der)
	switch {
	case err != nil:
		return err.Error()
	case r.Status == fakeca.Revoked:
		return fmt.Sprintf("%v (%v)", r.Status, r.Reason)
	case r.Status == fakeca.ServerFailed:
		return fmt.Sprintf("%v (%v)", r.Status, r.Error)
	}
	return r.Status.String()
}

// Said returns what a response says: for each certificate its status and its
// CertID, and the nonce.
func Said(der []byte) string {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err.Error()
	}
	if m.ResponseBytes == nil {
		return Status(der)
	}
	var all []string
	for _, single := range m.Responses {
		id := single.CertID
		text := fmt.Sprintf("%v %x", single.CertStatus.Status, id.SerialNumber)
		if hash := id.HashAlgorithm.Hash(); hash != crypto.SHA1 {
			text += fmt.Sprintf(" by %v", hash)
		}
		if id.HashAlgorithm.Parameters == nil {
			text += " without NULL"
		}
		all = append(all, text)
	}
	for _, e := range m.ResponseExtensions {
		if fakeca.IsNonce(e) {
			all = append(all, fmt.Sprintf("nonce %x", e.Value))
		}
	}
	return strings.Join(all, ", ")
}

// SignedBy returns an error if the CA did not sign a response.
func SignedBy(ca *fakeca.CA, der []byte) error {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err
	}
	return ca.Cert.CheckSignature(m.SignatureAlgorithm.SignatureAlgorithm(), m.ResponseData.Marshal(), m.Signature)
}
