package ocsptest_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A reply is what a client got of a responder.
type reply struct {
	code   int
	header http.Header
	body   []byte
}

// A way is how a request reaches a responder.
type way struct {
	name string
	ask  func(t testing.TB, r *ocsptest.Responder, der []byte) reply
}

var ways = []way{
	{"GET", func(t testing.TB, r *ocsptest.Responder, der []byte) reply {
		return send(t, r, must(http.NewRequest(http.MethodGet, r.URL+getPath(der), nil)))
	}},
	{"POST", func(t testing.TB, r *ocsptest.Responder, der []byte) reply {
		req := must(http.NewRequest(http.MethodPost, r.URL, bytes.NewReader(der)))
		req.Header.Set("Content-Type", "application/ocsp-request")
		return send(t, r, req)
	}},
	{"GET in process", func(_ testing.TB, r *ocsptest.Responder, der []byte) reply {
		return inProcess(r, httptest.NewRequest(http.MethodGet, getPath(der), nil))
	}},
	{"POST in process", func(_ testing.TB, r *ocsptest.Responder, der []byte) reply {
		return inProcess(r, postRequest(der))
	}},
}

// getPath is the path of a GET, all escaped.
func getPath(der []byte) string {
	return "/" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString(der))
}

func postRequest(der []byte) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(der))
	req.Header.Set("Content-Type", "application/ocsp-request")
	return req
}

// send sends a request over the network that the responder is on.
func send(t testing.TB, r *ocsptest.Responder, req *http.Request) reply {
	t.Helper()
	resp, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.TransferEncoding != nil {
		t.Errorf("Transfer-Encoding %q", resp.TransferEncoding)
	}
	return reply{resp.StatusCode, resp.Header, body}
}

func inProcess(h http.Handler, req *http.Request) reply {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return reply{w.Code, w.Result().Header, w.Body.Bytes()}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// ask asks about a certificate, in process.
func ask(r *ocsptest.Responder, leaf *fakeca.Leaf) string {
	return status(inProcess(r, postRequest(about(leaf).Marshal())).body)
}

// about is a request about a leaf, with nothing else in it.
func about(leaf *fakeca.Leaf) *fakeca.Request {
	return fakeca.NewRequest(leaf.Cert.SerialNumber, leaf.Issuer.Cert)
}

func withNonce(req *fakeca.Request, nonce []byte) *fakeca.Request {
	req.SetNonce(nonce)
	return req
}

// said returns what a response says: for each certificate its status and its
// CertID, and the nonce.
func said(der []byte) string {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err.Error()
	}
	if m.ResponseBytes == nil {
		return status(der)
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

// signedBy returns an error if the CA did not sign a response.
func signedBy(ca *fakeca.CA, der []byte) error {
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err
	}
	return ca.Cert.CheckSignature(m.SignatureAlgorithm.SignatureAlgorithm(), m.ResponseData.Marshal(), m.Signature)
}

// A handClock stands still until it is set. It is for one goroutine.
type handClock struct{ now time.Time }

func newHandClock() *handClock {
	return &handClock{time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (c *handClock) option() fakeca.Option {
	return fakeca.WithClock(func() time.Time { return c.now })
}

// awkward returns the request about a serial number such that its base64 has
// all that a URL can trip over.
func awkward(ca *fakeca.CA) []byte {
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
