package ocsptest_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A way is how a request reaches a responder.
type way struct {
	name string
	ask  func(t testing.TB, r *ocsptest.Responder, der []byte) labtest.Reply
}

var ways = []way{
	{"GET", func(t testing.TB, r *ocsptest.Responder, der []byte) labtest.Reply {
		return send(t, r, labtest.Must(http.NewRequest(http.MethodGet, r.URL+labtest.GetPath(der), nil)))
	}},
	{"POST", func(t testing.TB, r *ocsptest.Responder, der []byte) labtest.Reply {
		req := labtest.Must(http.NewRequest(http.MethodPost, r.URL, bytes.NewReader(der)))
		req.Header.Set("Content-Type", "application/ocsp-request")
		return send(t, r, req)
	}},
	{"GET in process", func(_ testing.TB, r *ocsptest.Responder, der []byte) labtest.Reply {
		return labtest.InProcess(r, httptest.NewRequest(http.MethodGet, labtest.GetPath(der), nil))
	}},
	{"POST in process", func(_ testing.TB, r *ocsptest.Responder, der []byte) labtest.Reply {
		return labtest.InProcess(r, labtest.PostRequest(der))
	}},
}

// send sends a request over the network that the responder is on.
func send(t testing.TB, r *ocsptest.Responder, req *http.Request) labtest.Reply {
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
	return labtest.Reply{Code: resp.StatusCode, Header: resp.Header, Body: body}
}

// ask returns the status that r gives for a leaf, in process.
func ask(r *ocsptest.Responder, leaf *fakeca.Leaf) string {
	return labtest.Status(labtest.Post(r, labtest.RequestFor(leaf)).Body)
}
