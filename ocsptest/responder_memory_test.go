package ocsptest_test

import (
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A responder holds a bounded amount of memory, however large and many the
// requests are. This test does not run in parallel, because it measures the heap.
func TestResponderMemoryIsBounded(t *testing.T) {
	const n = 25 // requests
	ca := fakeca.New()
	for serial := range int64(1000) {
		ca.Revoke(big.NewInt(serial), fakeca.KeyCompromise)
	}
	many := make([]int64, 870)
	tests := []struct {
		name    string
		request func(i int) *http.Request
		most    int64 // bytes held for each request
	}{
		{"GET with a path of 1 MB", func(int) *http.Request {
			return httptest.NewRequest("GET", "/"+strings.Repeat("A", 1<<20), nil)
		}, 80 << 10},
		{"GET of a CRL with a query of 1 MB", func(int) *http.Request {
			return httptest.NewRequest("GET", "/crl/0?"+strings.Repeat("A", 1<<20), nil)
		}, 8 << 10},
		{"method of 1 MB", func(int) *http.Request {
			return httptest.NewRequest(strings.Repeat("A", 1<<20), "/", nil)
		}, 8 << 10},
		{"header of 1 MB", func(int) *http.Request {
			req := httptest.NewRequest("GET", "/", nil)
			for i := range 1 << 10 {
				req.Header.Set(fmt.Sprint("X-", i), strings.Repeat("A", 1<<10))
			}
			return req
		}, 32 << 10},
		{"POST of 1 MB", func(int) *http.Request { return labtest.PostRequest(make([]byte, 1<<20)) }, 80 << 10},
		{"OneCRL", func(int) *http.Request { return httptest.NewRequest("GET", "/onecrl", nil) }, 8 << 10},
		{"CRL", func(int) *http.Request { return httptest.NewRequest("GET", "/crl/0", nil) }, 8 << 10},
		{"large requests with large responses", func(i int) *http.Request {
			many[0] = int64(i)
			return labtest.PostRequest(labtest.Request(ca, many...).Marshal())
		}, 250 << 10}, // the request and the response, once
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := ocsptest.NewUnstartedResponder(ca)
			r.ServeHTTP(&quiet{make(http.Header)}, test.request(n))
			before := heap()
			for i := range n {
				r.ServeHTTP(&quiet{make(http.Header)}, test.request(i))
			}
			const slack = 1 << 20 // what else the heap does meanwhile
			if held := heap() - before; held > n*test.most+slack {
				t.Errorf("holds %d bytes for each request, want at most %d", held/n, test.most)
			}
			runtime.KeepAlive(r)
		})
	}
}
