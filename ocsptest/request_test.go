package ocsptest_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	ca.Set(big.NewInt(0xab), fakeca.Response{})
	r := ocsptest.NewResponder(t, ca)
	signed := labtest.WithNonce(labtest.Request(ca, 0xab, 0xcd), []byte("12345678"))
	signed.List[1].CertID = fakeca.NewCertID(big.NewInt(0xcd), ca.Cert, crypto.SHA256)
	signed.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	signed.Signature = []byte("not checked")
	tests := []struct {
		name   string
		method string
		target string
		body   []byte
		want   string // of String
	}{
		{"by GET", "GET", labtest.GetPath(labtest.Request(ca, 0xab).Marshal()), nil,
			"GET serial ab by SHA-1: good, GOOD"},
		{"signed", "POST", "/", signed.Marshal(),
			"POST serial ab by SHA-1 and serial cd by SHA-256, nonce of 8 bytes, signed: good, GOOD, and 1 more"},
		{"malformed", "POST", "/", []byte("x"),
			"POST /: malformedRequest: found tag 0x78, expected 0x30"},
		{"no OCSP", "GET", "/" + strings.Repeat("long", 20), nil,
			"GET /" + strings.Repeat("long", 15) + "lon...: malformedRequest: found tag 0x96, expected 0x30"},
		{"a CRL", "GET", "/crl/0", nil,
			`GET /crl/0: CRL of "CN=fakeca root (do not trust)", number 81`},
		{"another method", "PUT", "/?a=b", []byte("x"),
			"PUT /?a=b: 405 Method Not Allowed: the method is PUT"},
	}
	const good = "producedAt 2030-01-02T02:04:05Z, thisUpdate 2030-01-02T02:04:05Z, nextUpdate 2030-01-03T02:04:05Z, serial ab"
	for i, test := range tests {
		req := labtest.Must(http.NewRequest(test.method, r.URL+test.target, bytes.NewReader(test.body)))
		req.Header.Set("Content-Type", "application/ocsp-request")
		req.Header.Set("X-Test", test.name)
		reply := send(t, r, req)
		record := r.Requests()[i]
		want := strings.ReplaceAll(test.want, "GOOD", good)
		if got := record.String(); test.name != "a CRL" && got != want || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", test.name, got, want)
		}
		if record.GomegaString() != record.String() {
			t.Errorf("%s: Gomega shows %s", test.name, record.GomegaString())
		}
		if !record.Time.Equal(clock.Now) || record.Method != test.method || record.Path != test.target ||
			record.Header.Get("X-Test") != test.name {
			t.Errorf("%s: recorded %+v", test.name, record)
		}
		if record.StatusCode != reply.Code || !bytes.Equal(record.Response, reply.Body) || !bytes.Equal(record.OCSPResponse(), reply.Body) {
			t.Errorf("%s: recorded as responded to with %d, %x", test.name, record.StatusCode, record.Response)
		}
		if test.method == "POST" && !bytes.Equal(record.OCSPRequest(), test.body) {
			t.Errorf("%s: recorded as asked with %x", test.name, record.OCSPRequest())
		}
	}

	record := r.Requests()[1]
	if !record.OCSP.Signed() || string(record.OCSP.Nonce()) != "12345678" {
		t.Errorf("recorded %+v", record.OCSP)
	}
	for i, want := range signed.List {
		got, want := record.OCSP.List[i].CertID, want.CertID
		if !got.IssuedBy(ca.Cert) || got.SerialNumber.Cmp(want.SerialNumber) != 0 || got.HashAlgorithm.Hash() != want.HashAlgorithm.Hash() {
			t.Errorf("recorded %+v, want %+v", got, want)
		}
	}
}

func TestRequestsAreCopies(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	if got := r.Requests(); len(got) != 0 {
		t.Errorf("at first %v", got)
	}
	der := labtest.WithNonce(labtest.Request(ca, 1), []byte("nonce")).Marshal()
	req := labtest.PostRequest(der)
	req.Header.Del("Content-Type")
	req.Header.Set("X-Test", "before")
	resp := bytes.Clone(labtest.InProcess(r, req).Body)
	req.Header.Set("X-Test", "after")
	for range 2 {
		got := r.Requests()[0]
		nonce := got.OCSP.Nonce()
		if got.Header.Get("X-Test") != "before" || !bytes.Equal(got.Raw, der) || !bytes.Equal(got.Response, resp) ||
			got.Irregularities[0] != `Content-Type ""` || string(nonce) != "nonce" || got.OCSP.List[0].CertID.SerialNumber.Int64() != 1 {
			t.Fatalf("recorded %+v", got)
		}
		got.Header.Set("X-Test", "changed")
		got.Irregularities[0] = "changed"
		got.OCSP.List[0].CertID.SerialNumber.SetInt64(2)
		got.OCSP.List[0].CertID.IssuerKeyHash[0]++
		for _, b := range [][]byte{got.Raw, got.Response, got.OCSP.Extensions[0].Value} {
			for i := range b {
				b[i] = 'x'
			}
		}
	}
}

// The newest 4096 are kept, and what was dropped is counted.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	const kept = 4096
	tb := &labtest.TB{TB: t}
	tb.Fail()
	r := ocsptest.NewResponder(tb, fakeca.New(), ocsptest.WithNetwork(new(ocsptest.Network)))
	for i := range kept + 3 {
		labtest.InProcess(r, httptest.NewRequest("GET", fmt.Sprintf("/*%d", i), nil))
	}
	got := r.Requests()
	if len(got) != kept || got[0].Path != "/*3" || got[kept-1].Path != fmt.Sprintf("/*%d", kept+2) {
		t.Errorf("%d kept, from %s to %s", len(got), got[0].Path, got[len(got)-1].Path)
	}
	tb.End()
	const shown = 100
	want := fmt.Sprintf("\n    %d earlier requests are not shown\n", kept+3-shown)
	if got := strings.Join(tb.Logged(), "\n"); !strings.Contains(got, want) {
		t.Errorf("logged %.200s, want %s", got, want)
	}
}

// A client that has the response finds its request on record.
func TestRequestsAreThereBeforeTheResponse(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	r.Script(fault.None(), fault.Reset(), fault.ResetAfter(1), fault.HugeBody(1<<20),
		fault.Chunked(), fault.NoContentLength(), fault.Redirect())
	for i, want := range []int{200, 0, 200, 200, 200, 200, 307} {
		resp, err := r.Client().Post(r.URL, "application/ocsp-request", bytes.NewReader(labtest.Request(ca, 1).Marshal()))
		got := r.Requests()
		if len(got) <= i || got[i].StatusCode != want {
			t.Fatalf("%d: recorded %v", i, got)
		}
		if err == nil {
			resp.Body.Close()
		}
	}
}

// A request is on record before there is a response to it.
func TestRequestsUnderWay(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	ca.Set(big.NewInt(1), fakeca.Response{Edit: func(*fakeca.Message) {
		got := r.Requests()
		if len(got) != 1 || got[0].StatusCode != 0 || got[0].OCSP == nil || !strings.HasSuffix(got[0].String(), ": no response") {
			t.Errorf("under way: %v", got)
		}
	}})
	if got := labtest.Said(labtest.Post(r, labtest.Request(ca, 1)).Body); got != "good 1" {
		t.Error(got)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewResponder(t, fakeca.New())
	want := http.Header{
		"Allow": {"GET, POST"}, "Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"19"},
	}
	for _, method := range []string{"HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY", "get"} {
		got := send(t, r, labtest.Must(http.NewRequest(method, r.URL+"/abc", nil)))
		got.Header.Del("Date")
		if diff := cmp.Diff(want, got.Header); got.Code != 405 || diff != "" {
			t.Errorf("%s: %d (-want +got):\n%s", method, got.Code, diff)
		}
	}
}

func TestLargeRequestsAreRefused(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	r := ocsptest.NewResponder(t, fakeca.New())
	tests := []struct {
		name string
		der  []byte
		want int
	}{
		{"64 KiB", make([]byte, limit), 200},
		{"a byte more", make([]byte, limit+1), 413},
		{"twice as much", make([]byte, 2*limit), 413}, // net/http resets a connection on which far more is still to come
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, way := range ways {
				got := way.ask(t, r, test.der)
				if got.Code != test.want || test.want == 200 && labtest.Status(got.Body) != "server_failed (malformed)" {
					t.Errorf("%s: %d, %q", way.name, got.Code, got.Body)
				}
			}
		})
	}
	t.Cleanup(func() {
		for _, record := range r.Requests() {
			if len(record.Raw) != limit {
				t.Errorf("%d bytes on record", len(record.Raw))
			}
		}
	})
}

// The record distinguishes a body that ends early from one that is malformed.
func TestBodyThatEndsEarly(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewResponder(t, fakeca.New())
	c, err := r.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: 9\r\n\r\nshort")
	c.(interface{ CloseWrite() error }).CloseWrite()
	io.Copy(io.Discard, c)
	c.Close()
	if got := fmt.Sprint(r.Requests()[0].Irregularities); got != "[the body ends early: unexpected EOF]" {
		t.Error(got)
	}
}

func TestContentTypeOfRequests(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	der := labtest.Request(ca, 1).Marshal()
	for _, test := range []struct {
		contentType string
		want        string
	}{
		{"application/ocsp-request", ""},
		{"", `Content-Type ""`},
		{"application/x-www-form-urlencoded", `Content-Type "application/x-www-form-urlencoded"`},
	} {
		lax, strict := ocsptest.NewUnstartedResponder(ca), ocsptest.NewUnstartedResponder(ca, ocsptest.WithStrict())
		for _, r := range []*ocsptest.Responder{lax, strict} {
			req := labtest.PostRequest(der)
			req.Header.Set("Content-Type", test.contentType)
			got := labtest.InProcess(r, req)
			if irregular := strings.Join(r.Requests()[0].Irregularities, ""); irregular != test.want {
				t.Errorf("%q: irregularities %q", test.contentType, irregular)
			}
			refused := r == strict && test.want != ""
			if (got.Code == 400) != refused || (labtest.Said(got.Body) == "unknown 1") == refused {
				t.Errorf("%q: %d, %q", test.contentType, got.Code, got.Body)
			}
		}
	}
}

// A request that spells out version v1 is not DER. OpenSSL's responder accepts it,
// and so does ours.
func TestExplicitVersion(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	req := labtest.Request(ca, 1)
	req.ExplicitVersion = true
	for _, way := range ways[2:] {
		r := ocsptest.NewUnstartedResponder(ca)
		for range 2 { // made, and from the cache
			if got := labtest.Said(way.ask(t, r, req.Marshal()).Body); got != "unknown 1" {
				t.Errorf("%s: %s", way.name, got)
			}
		}
		for _, request := range r.Requests() {
			if got := fmt.Sprint(request.Irregularities); got != "[version v1 is spelled out, which DER leaves out]" {
				t.Errorf("%s: irregularities %s", way.name, got)
			}
		}
		if got := way.ask(t, ocsptest.NewUnstartedResponder(ca, ocsptest.WithStrict()), req.Marshal()).Code; got != 400 {
			t.Errorf("%s, strict: %d", way.name, got)
		}
	}
}

// Why a request was refused is on record, and in the report.
func TestRequestErrors(t *testing.T) {
	t.Parallel()
	w := newTwoCAs(t)
	post := func(change func(twoCAs) *fakeca.Request) *http.Request {
		return labtest.PostRequest(change(w).Marshal())
	}
	tests := []struct {
		name string
		req  *http.Request
		want string // "" for no error
		text string // in String; "" for the error
	}{
		{"good", post(byHash(crypto.SHA256)), "", ": good, producedAt"},
		{"an error on record", labtest.PostRequest(labtest.Request(w.a, 0x999).Marshal()), "", ": server_failed (try later)"},
		{"no DER", labtest.PostRequest([]byte("x")), "malformedRequest: found tag 0x78, expected 0x30", ""},
		{"empty", labtest.PostRequest(nil), "malformedRequest: empty", ""},
		{"another version", labtest.PostRequest([]byte{0x30, 0x0a, 0x30, 0x08, 0xa0, 3, 2, 1, 1, 0x30, 1, 0}),
			"malformedRequest: version: 01 is not v1", ""},
		{"no base64", labtest.GetRequest("/favicon.ico"),
			"malformedRequest: the path is not base64: illegal base64 data at input byte 7", ""},
		{"no certificate", post(func(twoCAs) *fakeca.Request { return new(fakeca.Request) }), "malformedRequest: it lists no certificate", ""},
		{"empty nonce", post(nonceOf(0)), "malformedRequest: the nonce has 0 bytes; use 1 to 128", ""},
		{"long nonce", post(nonceOf(129)), "malformedRequest: the nonce has 129 bytes; use 1 to 128", ""},
		{"critical extension", post(extended(true, false)),
			"malformedRequest: extension 1.3.6.1.4.1.99999.1 is critical and not known", ""},
		{"critical extension of a single request", post(extended(true, true)),
			"malformedRequest: extension 1.3.6.1.4.1.99999.1 is critical and not known", ""},
		{"another CA", labtest.PostRequest(labtest.Request(w.other, 1).Marshal()),
			"unauthorized: no CA of the responder has the issuer name and key of the CertID", ""},
		{"an unknown hash", post(edited(unknownHash)),
			"unauthorized: the hash algorithm 1.2.3 of the CertID is not known", "POST serial 1234 by 1.2.3: unauthorized: "},
		{"method", httptest.NewRequest("BREW", "/", nil), "405 Method Not Allowed: the method is BREW", ""},
		{"size", labtest.PostRequest(make([]byte, 65<<10)), "413 Request Entity Too Large: the request has more than 64 KiB", ""},
	}
	w.a.Set(big.NewInt(0x999), fakeca.Response{Error: ocsp.TryLater})
	for _, test := range tests {
		labtest.InProcess(w.responder, test.req)
		all := w.responder.Requests()
		got := all[len(all)-1]
		err := ""
		if got.Err != nil {
			err = got.Err.Error()
		}
		text := test.text
		if text == "" {
			text = ": " + test.want
		}
		if err != test.want || !strings.Contains(got.String(), text) {
			t.Errorf("%s: %q, shown as %s; want %q, %q", test.name, err, got, test.want, text)
		}
		if known := test.name == "good" || test.name == "an error on record"; known && got.CA != w.a {
			t.Errorf("%s: not recorded as a's", test.name)
		}
	}

	strict := ocsptest.NewUnstartedResponder(w.a, ocsptest.WithStrict())
	req := post(byHash(crypto.SHA1))
	req.Header.Del("Content-Type")
	labtest.InProcess(strict, req)
	if got := strict.Requests()[0].Err; got == nil || got.Error() != "400 Bad Request: WithStrict() refuses irregular requests" {
		t.Errorf("strict: %v", got)
	}
	strict.SetFault(fault.HTTPError(503))
	labtest.InProcess(strict, labtest.PostRequest([]byte("x")))
	if got := strict.Requests()[1].String(); got != "POST /, fault HTTPError(503): 503, 20 bytes" {
		t.Errorf("with a fault: %s", got)
	}
}
