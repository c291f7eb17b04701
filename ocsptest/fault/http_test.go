package fault_test

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// outcome returns what a client of net/http saw: the status code, the
// Content-Type, the length and how it was announced, and what the body says; or
// the error.
func outcome(resp *http.Response, err error) string {
	if err != nil {
		return cause(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	framing := fmt.Sprintf("length %d", resp.ContentLength)
	switch {
	case len(resp.TransferEncoding) > 0:
		framing = resp.TransferEncoding[0]
	case resp.ContentLength < 0:
		framing = "until close"
	case resp.ContentLength == int64(len(body)):
		framing = "all"
	}
	contentType, there := resp.Header["Content-Type"]
	text := fmt.Sprintf("%d %q %s: ", resp.StatusCode, contentType, framing)
	if !there {
		text = fmt.Sprintf("%d untyped %s: ", resp.StatusCode, framing)
	}
	if err != nil {
		return text + fmt.Sprintf("%d bytes, then %s", len(body), cause(err))
	}
	if resp.Header.Get("Content-Type") != "application/ocsp-response" || !parses(body) {
		return text + fmt.Sprintf("%.20q", body)
	}
	return text + labtest.Status(body)
}

func parses(der []byte) bool {
	_, err := fakeca.ParseResponse(der)
	return err == nil
}

func cause(err error) string {
	for _, known := range []error{syscall.ECONNRESET, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error()
}

func TestFaultsOverHTTP(t *testing.T) {
	t.Parallel()
	const good = `200 ["application/ocsp-response"] `
	const plain = `["text/plain; charset=utf-8"] all: `
	tests := []struct {
		fault fault.Fault
		text  string // what String returns: the call in Go
		post  string // what is seen by POST
		get   string // and by GET; "" for the same
	}{
		{fault.None(), `None()`, good + "all: good", ""},
		{fault.Respond(fakeca.Response{Status: fakeca.Unknown}), `Respond(unknown)`, good + "all: unknown", ""},
		{fault.Respond(fakeca.Response{Error: ocsp.TryLater}), `Respond(server_failed (try later))`, good + "all: server_failed (try later)", ""},
		{fault.UnknownOnGET(), `UnknownOnGET()`, good + "all: good", good + "all: unknown"},

		{fault.StatusCode(500), `StatusCode(500)`, `500 ["application/ocsp-response"] all: good`, ""},
		{fault.HTTPError(500), `HTTPError(500)`, "500 " + plain + `"Internal Server Erro"`, ""},
		{fault.HTTPError(503, 90*time.Second), `HTTPError(503, 90*time.Second)`, "503 " + plain + `"Service Unavailable\n"`, ""},
		{fault.HTTPError(404), `HTTPError(404)`, "404 " + plain + `"Not Found\n"`, ""},
		{fault.HTTPError(204), `HTTPError(204)`, `204 ["text/plain; charset=utf-8"] all: ""`, ""},
		{fault.HTTPError(599), `HTTPError(599)`, "599 " + plain + `"\n"`, ""},
		{fault.GETOnly(), `GETOnly()`, "405 " + plain + `"Method Not Allowed\n"`, good + "all: good"},
		{fault.POSTOnly(), `POSTOnly()`, good + "all: good", "405 " + plain + `"Method Not Allowed\n"`},

		{fault.ContentType("text/html"), `ContentType("text/html")`, `200 ["text/html"] all: "0`, ""},
		{fault.ContentType(""), `ContentType("")`, `200 untyped all: "0`, ""},
		{fault.Body("text/html", []byte("<p>Welcome")), `Body("text/html", 10 bytes)`, `200 ["text/html"] all: "<p>Welcome"`, ""},
		{fault.Body("application/ocsp-response", []byte("garbage")), `Body("application/ocsp-response", 7 bytes)`, good + `all: "garbage"`, ""},
		{fault.Body("", []byte("<p>")), `Body("", 3 bytes)`, `200 untyped all: "<p>"`, ""},
		{fault.EmptyBody(), `EmptyBody()`, good + `all: ""`, ""},
		{fault.HugeBody(1 << 20), `HugeBody(1048576)`, good + `all: "0`, ""},
		{fault.HugeBody(1), `HugeBody(1)`, good + "all: good", ""},

		{fault.Chunked(), `Chunked()`, good + "chunked: good", ""},
		{fault.Gzip(), `Gzip()`, good + `all: "\x1f\x8b`, ""},
		{fault.NoContentLength(), `NoContentLength()`, good + "until close: good", ""},
		{fault.ShortContentLength(), `ShortContentLength()`, good + `all: "0`, ""},
		{fault.LongContentLength(), `LongContentLength()`, good + "length SIZE+1: SIZE bytes, then unexpected EOF", ""},

		{fault.Redirect(), `Redirect()`, "307 " + plain + `"Temporary Redirect\n"`, ""},
		{fault.RedirectLoop(), `RedirectLoop()`, "307 " + plain + `"Temporary Redirect\n"`, ""},
		{fault.RedirectTo("https://other.test/"), `RedirectTo("https://other.test/")`, "307 " + plain + `"Temporary Redirect\n"`, ""},
		{fault.StaleCacheHeaders(), `StaleCacheHeaders()`, good + "all: good", ""},

		{fault.Delay(time.Millisecond), `Delay(time.Millisecond)`, good + "all: good", ""},
		{fault.Drip(time.Microsecond), `Drip(time.Microsecond)`, good + "all: good", ""},
		{fault.Reset(), `Reset()`, "connection reset by peer", ""},
		{fault.ResetAfter(0), `ResetAfter(0)`, good + "length SIZE: 0 bytes, then connection reset by peer", ""},
		{fault.ResetAfter(7), `ResetAfter(7)`, good + "length SIZE: 7 bytes, then connection reset by peer", ""},
		{fault.ResetAfter(1 << 20), `ResetAfter(1048576)`, good + "all: good", ""}, // the whole response arrives before the reset
		{fault.Hangup(), `Hangup()`, "EOF", ""},

		{fault.WrongNonce(), `WrongNonce()`, good + "all: good", ""},
		{fault.ReplayedNonce(), `ReplayedNonce()`, good + "all: good", ""},
		{fault.NoNonce(), `NoNonce()`, good + "all: good", ""},
		{fault.NonceOfLength(33), `NonceOfLength(33)`, good + "all: good", ""},
		{fault.UnsolicitedNonce(), `UnsolicitedNonce()`, good + "all: good", ""},
		{fault.UnwrappedNonce(), `UnwrappedNonce()`, good + `all: "0`, ""}, // which ParseResponse refuses
		{fault.TwoNonces(), `TwoNonces()`, good + `all: "0`, ""},
		{fault.NonceInSingle(), `NonceInSingle()`, good + "all: good", ""},

		{fault.Hang(), `Hang()`, "", ""}, // see TestCloseEndsWhatHangs
	}
	for _, test := range tests {
		if got := test.fault.String(); got != test.text {
			t.Errorf("String is %s, want %s", got, test.text)
		}
		if test.post == "" {
			continue
		}
		for _, medium := range []string{"socket", "memory"} {
			for _, method := range []string{"GET", "POST"} {
				t.Run(test.text+" by "+method+" on "+medium, func(t *testing.T) {
					t.Parallel()
					var opts []ocsptest.ResponderOption
					if medium == "memory" {
						opts = append(opts, ocsptest.WithNetwork(new(ocsptest.Network)))
					}
					ca := fakeca.New()
					r := ocsptest.NewResponder(t, ca, opts...)
					r.SetFault(test.fault)
					der := labtest.RequestFor(ca.Leaf()).Marshal()
					req := labtest.Must(http.NewRequest(method, r.URL+labtest.GetPath(der), nil))
					want := test.get
					if method == "POST" {
						req = labtest.Must(http.NewRequest(method, r.URL, bytes.NewReader(der)))
						req.Header.Set("Content-Type", "application/ocsp-request")
					}
					if method == "POST" || want == "" {
						want = test.post
					}
					got := outcome(labtest.Bare(r).Do(req))
					record := r.Requests()[0]
					size := len(record.Response)
					want = strings.NewReplacer("SIZE+1", fmt.Sprint(size+1), "SIZE", fmt.Sprint(size)).Replace(want)
					if got != want && !(strings.HasSuffix(want, `"0`) || strings.HasSuffix(want, `\x8b`)) || !strings.HasPrefix(got, want) {
						t.Errorf("saw %s, want %s", got, want)
					}
					wantFault := test.text
					if wantFault == "None()" || wantFault == "UnknownOnGET()" && method == "POST" {
						wantFault = ""
					}
					if record.Fault != wantFault || record.OCSP == nil {
						t.Errorf("recorded %+v", record)
					}
				})
			}
		}
	}
}

// Faults set the headers that they are about.
func TestFaultHeaders(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	r := ocsptest.NewResponder(t, ca)
	der := labtest.Awkward(ca)
	path := labtest.GetPath(der)
	tests := []struct {
		fault  fault.Fault
		header string
		want   []string
	}{
		{fault.HTTPError(500), "Retry-After", nil},
		{fault.HTTPError(500), "Cache-Control", []string{"no-store"}},
		{fault.HTTPError(500), "Etag", nil},
		{fault.HTTPError(429, 1500*time.Millisecond), "Retry-After", []string{"2"}},
		{fault.HTTPError(503, 0), "Retry-After", []string{"0"}},
		{fault.HTTPError(405), "Allow", []string{"GET, POST"}},
		{fault.POSTOnly(), "Allow", []string{"POST"}},
		{fault.Gzip(), "Content-Encoding", []string{"gzip"}},
		{fault.Redirect(), "Location", []string{path + "?redirected"}},
		{fault.RedirectLoop(), "Location", []string{path}},
		{fault.RedirectTo("https://other.test/"), "Location", []string{"https://other.test" + path}},
		{fault.StaleCacheHeaders(), "Cache-Control", []string{"max-age=31536000, public"}},
		{fault.StaleCacheHeaders(), "Expires", []string{"Thu, 02 Jan 2031 03:04:05 GMT"}},
		{fault.NoContentLength(), "Content-Length", nil},
		{fault.NoContentLength(), "Date", []string{"Wed, 02 Jan 2030 03:04:05 GMT"}},
		{fault.Body("text/html", nil), "Etag", nil},
		{fault.WrongNonce(), "Cache-Control", []string{"no-store"}},
	}
	for _, test := range tests {
		r.SetFault(test.fault)
		resp := labtest.Get(t, labtest.Bare(r), r.URL+path)
		if got := resp.Header[test.header]; fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%v: %s %q, want %q", test.fault, test.header, got, test.want)
		}
	}
}

// A location that begins with two slashes would name another host.
func TestRedirectsStayOnTheHost(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewUnstartedResponder(fakeca.New())
	for _, f := range []fault.Fault{fault.Redirect(), fault.RedirectLoop()} {
		r.SetFault(f)
		req := labtest.GetRequest("/")
		req.RequestURI = "//evil.test/path"
		location := labtest.InProcess(r, req).Header.Get("Location")
		target := labtest.Must(labtest.Must(url.Parse("http://127.0.0.1:80")).Parse(location))
		if target.Host != "127.0.0.1:80" || !strings.HasSuffix(target.Path, "//evil.test/path") {
			t.Errorf("%v redirects to %s, which is %s", f, location, target)
		}
	}
}

// A client with the defaults of net/http follows redirects and decompresses.
func TestFaultsThatClientsOvercome(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	secure := ocsptest.NewResponder(t, ca, ocsptest.WithTLS())
	trust := secure.Client().Transport.(*http.Transport).TLSClientConfig
	tests := []struct {
		fault fault.Fault
		want  string
		asked int
	}{
		{fault.Gzip(), "good", 1},
		{fault.Redirect(), "good", 2},
		{fault.RedirectLoop(), "stopped after 10 redirects", 10},
		{fault.RedirectTo(secure.URL), "good", 1},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			for _, method := range []string{"GET", "POST"} {
				r := ocsptest.NewResponder(t, ca, ocsptest.WithStrict())
				r.SetFault(test.fault)
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}}
				ask := func() (*http.Response, error) {
					return client.Get(r.URL + labtest.GetPath(labtest.RequestFor(leaf).Marshal()))
				}
				if method == "POST" {
					ask = func() (*http.Response, error) {
						return client.Post(r.URL, "application/ocsp-request", bytes.NewReader(labtest.RequestFor(leaf).Marshal()))
					}
				}
				resp, err := ask()
				got := ""
				if err != nil {
					got = err.Error()
				} else {
					got = labtest.Status(labtest.ReadAll(t, resp))
				}
				if !strings.HasSuffix(got, test.want) || len(r.Requests()) != test.asked {
					t.Errorf("%s: %s after %d requests, want %s after %d", method, got, len(r.Requests()), test.want, test.asked)
				}
			}
		})
	}
}

// Some faults show only in the bytes, because net/http hides them.
func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	der := labtest.RequestFor(ca.Leaf()).Marshal()
	body := labtest.InProcess(r, labtest.PostRequest(der)).Body
	size := len(body)
	tests := []struct {
		fault fault.Fault
		want  string // the header for the length, and the body
	}{
		{fault.None(), fmt.Sprintf("Content-Length: %d\r\n|%s", size, body)},
		{fault.ShortContentLength(), fmt.Sprintf("Content-Length: %d\r\n|%s", size-1, body)},
		{fault.LongContentLength(), fmt.Sprintf("Content-Length: %d\r\n|%s", size+1, body)},
		{fault.NoContentLength(), fmt.Sprintf("|%s", body)},
		{fault.Chunked(), fmt.Sprintf("Transfer-Encoding: chunked\r\n|1\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", body[:1], size-1, body[1:])},
		{fault.HugeBody(int64(size + 5)), fmt.Sprintf("Content-Length: %d\r\n|%s\x00\x00\x00\x00\x00", size+5, body)},
		{fault.EmptyBody(), "Content-Length: 0\r\n|"},
		{fault.Hangup(), ""},
	}
	for _, test := range tests {
		r.SetFault(test.fault)
		c, err := r.DialContext(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+
			"Content-Type: application/ocsp-request\r\nContent-Length: %d\r\n\r\n%s", len(der), der)
		all, err := io.ReadAll(c)
		c.Close()
		if err != nil {
			t.Errorf("%v: %v", test.fault, err)
		}
		head, body, found := strings.Cut(string(all), "\r\n\r\n")
		got := ""
		for line := range strings.SplitAfterSeq(head+"\r\n", "\r\n") {
			if strings.HasPrefix(line, "Content-Length") || strings.HasPrefix(line, "Transfer-Encoding") {
				got += line
			}
		}
		if found {
			got += "|" + body
		}
		if got != test.want {
			t.Errorf("%v: %q, want %q", test.fault, got, test.want)
		}
	}
}

func TestGzipFault(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetFault(fault.Gzip())
	z, err := gzip.NewReader(bytes.NewReader(labtest.Post(r, labtest.Request(ca, 1)).Body))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); labtest.Said(body) != "unknown 1" || err != nil {
		t.Errorf("%s, %v", labtest.Said(body), err)
	}
}

// What Respond says replaces the record. It gets the CertID and the nonce of the
// request, unless it has its own.
func TestRespond(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	ca.Set(big.NewInt(1), fakeca.Response{})
	ca.Set(big.NewInt(2), fakeca.Response{Error: ocsp.TryLater})
	asked := labtest.Request(ca, 1)
	withNonce := labtest.WithNonce(labtest.Request(ca, 1), []byte{7})
	for _, test := range []struct {
		name  string
		resp  fakeca.Response
		asked *fakeca.Request
		want  string
	}{
		{"status", fakeca.Response{Status: fakeca.Revoked}, asked, "revoked 1"},
		{"where the record has an error", fakeca.Response{}, labtest.Request(ca, 2), "good 2"},
		{"error", fakeca.Response{Error: ocsp.InternalError}, asked, "server_failed (internal error)"},
		{"error to a nonce", fakeca.Response{Error: ocsp.TryLater}, withNonce, "server_failed (try later)"},
		{"failing", fakeca.Response{Status: fakeca.ServerFailed}, asked, "server_failed (internal error)"},
		{"another serial number", fakeca.Response{Serial: big.NewInt(3)}, asked, "good 3"},
		{"another hash", fakeca.Response{Hash: crypto.SHA256}, asked, "good 1 by SHA-256"},
		{"others too", fakeca.Response{Also: []fakeca.Response{{Status: fakeca.Revoked, Serial: big.NewInt(9)}}}, asked,
			"good 1, revoked 9"},
		{"fewer than asked", fakeca.Response{}, labtest.Request(ca, 1, 2), "good 1"},
		{"nonce", fakeca.Response{}, withNonce, "good 1, nonce 040107"},
		{"nonce of its own", fakeca.Response{Nonce: []byte{8}}, withNonce, "good 1, nonce 040108"},
		{"Edit", fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses = nil }}, asked, ""},
		{"Mutate", fakeca.Response{Mutate: func(der []byte) []byte { return append(der, 0) }}, asked,
			"fakeca: OCSP response: 1 bytes of trailing data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := ocsptest.NewUnstartedResponder(ca)
			r.SetFault(fault.Respond(test.resp))
			for range 2 {
				if got := labtest.Said(labtest.Post(r, test.asked).Body); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			}
		})
	}
}

// An error response is not signed, so Say is not called and it stays the same.
func TestFaultsOfRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	for _, f := range []fault.Fault{fault.Respond(fakeca.Response{}), fault.UnknownOnGET(), fault.WrongNonce(), fault.TwoNonces()} {
		r.SetFault(f)
		if got := labtest.Said(labtest.InProcess(r, labtest.PostRequest([]byte("x"))).Body); got != "server_failed (malformed)" {
			t.Errorf("%v: %s", f, got)
		}
		if got := labtest.Said(labtest.Post(r, labtest.Request(fakeca.New(), 1)).Body); got != "server_failed (unauthorized)" {
			t.Errorf("%v: %s", f, got)
		}
	}
	r.SetFault(fault.HTTPError(500))
	if got := labtest.InProcess(r, labtest.PostRequest([]byte("x"))).Code; got != 500 {
		t.Errorf("HTTPError(500): %d", got)
	}
}

// SetCRLFault is for CRLs, SetFault for OCSP.
func TestSetCRLFault(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	r.SetFault(fault.HTTPError(500))
	const crl = `200 ["application/pkix-crl"] `
	for _, test := range []struct {
		fault fault.Fault
		want  string
	}{
		{fault.None(), crl + `all: "0`},
		{fault.HTTPError(404), `404 ["text/plain; charset=utf-8"] all: "Not Found\n"`},
		{fault.Body("application/pkix-crl", []byte("old")), crl + `all: "old"`},
		{fault.Chunked(), crl + `chunked: "0`},
		{fault.Reset(), "connection reset by peer"},
		{fault.Redirect(), `307 ["text/plain; charset=utf-8"] all: "Temporary Redirect\n"`},
	} {
		r.SetCRLFault(ca, test.fault)
		if got := outcome(labtest.Bare(r).Get(r.CRLURL(ca))); !strings.HasPrefix(got, test.want) {
			t.Errorf("%v: %s, want %s", test.fault, got, test.want)
		}
		if got := outcome(labtest.Bare(r).Get(r.IssuerURL(ca))); !strings.HasPrefix(got, `200 ["application/pkix-cert"] all: "0`) {
			t.Errorf("%v: issuer's certificate: %s", test.fault, got)
		}
	}
	r.SetCRLFault(ca, fault.Redirect())
	if got := outcome(r.Client().Get(r.CRLURL(ca))); !strings.HasPrefix(got, crl+`all: "0`) {
		t.Errorf("redirected: %s", got)
	}
}
