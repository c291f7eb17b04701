package ocsptest_test

import (
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// get has a responder serve a path to a request with these headers.
func get(r http.Handler, path string, header map[string]string) labtest.Reply {
	req := labtest.GetRequest(path)
	for key, value := range header {
		req.Header.Set(key, value)
	}
	return labtest.InProcess(r, req)
}

// A client that has a file gets it again only if it changed.
func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/crl/0", "/issuer/0", "/onecrl"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			clock := labtest.NewClock()
			r := ocsptest.NewUnstartedResponder(fakeca.New(clock.Option()))
			first := get(r, path, nil)
			etag, modified := first.Header.Get("Etag"), first.Header.Get("Last-Modified")
			if first.Code != 200 || len(etag) < 10 || modified != clock.Now.Format(http.TimeFormat) {
				t.Fatalf("%d, ETag %s, Last-Modified %s", first.Code, etag, modified)
			}
			clock.Now = clock.Now.Add(10 * time.Second)
			later := clock.Now.Format(http.TimeFormat)
			earlier := clock.Now.Add(-11 * time.Second).Format(http.TimeFormat)
			for _, test := range []struct {
				name   string
				header map[string]string
				want   int
			}{
				{"no condition", nil, 200},
				{"ETag", map[string]string{"If-None-Match": etag}, 304},
				{"weak ETag", map[string]string{"If-None-Match": "W/" + etag}, 304},
				{"one of two", map[string]string{"If-None-Match": `"x", ` + etag}, 304},
				{"any", map[string]string{"If-None-Match": "*"}, 304},
				{"another ETag", map[string]string{"If-None-Match": `"x"`}, 200},
				{"ETag without quotes", map[string]string{"If-None-Match": etag[1 : len(etag)-1]}, 200},
				{"date", map[string]string{"If-Modified-Since": modified}, 304},
				{"later date", map[string]string{"If-Modified-Since": later}, 304},
				{"earlier date", map[string]string{"If-Modified-Since": earlier}, 200},
				{"no date", map[string]string{"If-Modified-Since": "yesterday"}, 200},
				{"ETag counts, not the date", map[string]string{"If-None-Match": `"x"`, "If-Modified-Since": modified}, 200},
			} {
				got := get(r, path, test.header)
				if got.Code != test.want || (len(got.Body) == 0) != (test.want == 304) {
					t.Errorf("%s: %d with %d bytes, want %d", test.name, got.Code, len(got.Body), test.want)
				}
				if got.Header.Get("Etag") != etag || got.Header.Get("Cache-Control") != "no-cache" {
					t.Errorf("%s: the headers are %v", test.name, got.Header)
				}
				if hasType := got.Header.Get("Content-Type") != ""; hasType != (test.want == 200) {
					t.Errorf("%s: the headers of a %d are %v", test.name, got.Code, got.Header)
				}
			}
		})
	}
}

// However fast the record changes, no client is told that a file is the same when
// it is not.
func TestChangesAreSeen(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	r := ocsptest.NewUnstartedResponder(ca)
	var serial int64
	revoke := func() {
		serial++
		ca.Revoke(big.NewInt(serial), fakeca.KeyCompromise)
	}
	for _, step := range []struct {
		name     string
		do       func()
		modified bool // it has a date
		same     bool
	}{
		{name: "first", do: func() {}, modified: true},
		{name: "revoked in the same second", do: revoke},
		{name: "and again", do: revoke},
		{name: "no change", do: func() {}, same: true},
		{name: "no change for a second", do: func() { clock.Now = clock.Now.Add(time.Second) }, same: true},
		{name: "revoked then", do: revoke},
		{name: "revoked a second later", do: func() { revoke(); clock.Now = clock.Now.Add(time.Second) }, modified: true},
		{name: "SetCRL", do: func() { r.SetCRL(ca, fakeca.CRL{Forever: true}) }},
		{name: "Reset", do: r.Reset},
		{name: "the clock is turned back", do: func() { revoke(); clock.Now = clock.Now.Add(-time.Minute) }},
	} {
		before := get(r, "/crl/0", nil)
		date := clock.Now.Format(http.TimeFormat) // some clients send that of the response instead of Last-Modified
		step.do()
		now := get(r, "/crl/0", nil)
		if same := bytes.Equal(now.Body, before.Body); same != step.same && step.name != "first" {
			t.Errorf("%s: the same CRL: %v", step.name, same)
		}
		if got := now.Header.Get("Last-Modified") != ""; got != step.modified && !step.same {
			t.Errorf("%s: Last-Modified %q", step.name, now.Header.Get("Last-Modified"))
		}
		for _, header := range []map[string]string{
			{"If-None-Match": before.Header.Get("Etag")},
			{"If-Modified-Since": before.Header.Get("Last-Modified")},
			{"If-Modified-Since": date},
		} {
			if got := get(r, "/crl/0", header); got.Code == 304 && !bytes.Equal(now.Body, before.Body) {
				t.Errorf("%s: not modified for %v", step.name, header)
			}
		}
	}
}

// A list is compressed if the client asks for it and the list is large.
func TestGzip(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	small, large := ocsptest.NewUnstartedResponder(ca), ocsptest.NewUnstartedResponder(ca)
	var also []fakeca.Response
	for serial := range int64(100) {
		also = append(also, fakeca.Response{Serial: big.NewInt(serial), Status: fakeca.Revoked})
	}
	large.SetCRL(ca, fakeca.CRL{Also: also})
	plain := get(large, "/crl/0", nil)
	for _, test := range []struct {
		name           string
		responder      *ocsptest.Responder
		acceptEncoding string
		want           bool
	}{
		{"gzip", large, "gzip", true},
		{"as Go asks", large, "gzip", true},
		{"as browsers ask", large, "gzip, deflate, br", true},
		{"upper case", large, "GZIP", true},
		{"weight", large, "br;q=1.0, gzip ; q=0.5", true},
		{"refused", large, "gzip;q=0, *", false},
		{"weight that is no number", large, "gzip;q=x", false},
		{"anything", large, "*", true},
		{"anything else", large, "gzip;q=0.000, *;q=1", false},
		{"nothing", large, "*;q=0", false},
		{"others", large, "br, deflate", false},
		{"identity", large, "identity", false},
		{"empty", large, "", false},
		{"small", small, "gzip", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := get(test.responder, "/crl/0", map[string]string{"Accept-Encoding": test.acceptEncoding})
			if compressed := got.Header.Get("Content-Encoding") == "gzip"; compressed != test.want {
				t.Fatalf("the headers are %v", got.Header)
			}
			if vary := got.Header.Get("Vary") == "Accept-Encoding"; vary != (test.responder == large) {
				t.Errorf("the headers are %v", got.Header)
			}
			if same := got.Header.Get("Etag") == plain.Header.Get("Etag"); same != (test.responder == large && !test.want) {
				t.Errorf("ETag %s, and %s of what is not compressed", got.Header.Get("Etag"), plain.Header.Get("Etag"))
			}
			der := got.Body
			if test.want {
				der = labtest.Must(io.ReadAll(labtest.Must(gzip.NewReader(bytes.NewReader(got.Body)))))
				if len(got.Body) > len(der)*2/3 {
					t.Errorf("%d bytes of %d", len(got.Body), len(der))
				}
			}
			requests := test.responder.Requests()
			last := requests[len(requests)-1]
			if !bytes.Equal(last.Response, der) || last.CRLNumber == nil {
				t.Errorf("the record has %d bytes, want the list, %d bytes", len(last.Response), len(der))
			}
			if _, err := x509.ParseRevocationList(der); err != nil {
				t.Error(err)
			}
			again := get(test.responder, "/crl/0", map[string]string{
				"Accept-Encoding": test.acceptEncoding, "If-None-Match": got.Header.Get("Etag"),
			})
			if again.Code != 304 || len(again.Body) != 0 || again.Header.Get("Content-Encoding") != "" {
				t.Errorf("%d, %v", again.Code, again.Header)
			}
		})
	}
}

// A fault is played on the list as it is.
func TestFaultsAreNotCompressed(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	for serial := range int64(100) {
		ca.Revoke(big.NewInt(serial), fakeca.Superseded)
	}
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetCRLFault(ca, fault.Chunked())
	got := get(r, "/crl/0", map[string]string{"Accept-Encoding": "gzip"})
	if _, err := x509.ParseRevocationList(got.Body); err != nil || got.Header.Get("Content-Encoding") != "" {
		t.Errorf("%v: %v", got.Header, err)
	}
}

// HEAD says what GET would.
func TestHEADOfACRL(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	for serial := range int64(100) {
		ca.Revoke(big.NewInt(serial), fakeca.Superseded)
	}
	r := ocsptest.NewResponder(t, ca)
	headers := make(map[string]http.Header)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		req := labtest.Must(http.NewRequest(method, r.CRLURL(ca), nil))
		req.Header.Set("Accept-Encoding", "gzip")
		got := send(t, r, req)
		got.Header.Del("Date")
		headers[method] = got.Header
		if (len(got.Body) == 0) != (method == http.MethodHead) {
			t.Errorf("%s: %d bytes", method, len(got.Body))
		}
	}
	if diff := cmp.Diff(headers[http.MethodGet], headers[http.MethodHead]); diff != "" {
		t.Errorf("(-GET +HEAD):\n%s", diff)
	}
}
