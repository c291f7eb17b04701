package fault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// client is a client under test. Yours checks far more.
func client(leaf *fakeca.Leaf) string {
	req := fakeca.NewRequest(leaf.Cert.SerialNumber, leaf.Issuer.Cert)
	c := &http.Client{Timeout: 50 * time.Millisecond}
	resp, err := c.Post(leaf.Cert.OCSPServer[0], "application/ocsp-request", bytes.NewReader(req.Marshal()))
	if err != nil {
		return "no response"
	}
	defer resp.Body.Close()
	der, err := io.ReadAll(resp.Body)
	if err != nil {
		return "incomplete response"
	}
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	said, err := fakeca.ParseResponse(der)
	if err != nil {
		return "malformed response"
	}
	return said.Status.String()
}

// A responder that fails, then hangs up, then recovers.
func Example() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca) // in a test: NewResponder(t, ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	responder.SetFault(fault.HTTPError(http.StatusServiceUnavailable, time.Minute))
	fmt.Println(client(leaf))
	responder.SetFault(fault.Hangup())
	fmt.Println(client(leaf))
	responder.SetFault(fault.None())
	fmt.Println(client(leaf))
	// Output:
	// 503 Service Unavailable
	// no response
	// good
}

// A fault of your own: a proxy that truncates every second response, and says so
// in a header.
func ExampleFault() {
	var requests int
	truncating := fault.Fault{
		Name: "truncating()",
		When: func(*fault.Exchange) bool {
			requests++
			return requests%2 == 0
		},
		Reply: func(x *fault.Exchange) {
			x.Header.Set("Warning", `214 - "truncated"`)
			x.Body = x.Body[:len(x.Body)/2]
		},
	}

	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	responder.SetFault(truncating)
	leaf := ca.Leaf()
	for range 2 {
		fmt.Println(client(leaf))
	}
	for _, request := range responder.Requests() {
		fmt.Printf("%d, fault %q\n", request.StatusCode, request.Fault)
	}
	// Output:
	// good
	// malformed response
	// 200, fault ""
	// 200, fault "truncating()"
}

// All four hooks, and what an Exchange offers them.
func ExampleExchange() {
	maintenance := fault.Fault{
		Name: "maintenance()",
		When: func(x *fault.Exchange) bool { return !x.Redirected() && x.CA != nil },
		Say: func(x *fault.Exchange, r *fakeca.Response) {
			r.Status = fakeca.Unknown
			r.ThisUpdate = x.Time.Add(-time.Minute)
		},
		Reply: func(x *fault.Exchange) {
			if x.R.Method != http.MethodPost {
				x.Refuse(http.StatusServiceUnavailable)
			}
		},
		Send: func(x *fault.Exchange) {
			x.Wait(time.Millisecond)
			x.Send()
		},
	}

	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	responder.SetFault(maintenance)
	fmt.Println(client(ca.Leaf()))
	// Output: unknown
}

// The leaf's responder hangs; its issuer's does not.
func ExampleFault_For() {
	root := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(root)
	responder.Start()
	defer responder.Close()
	ca := root.Intermediate()
	responder.Add(ca)
	leaf, other := ca.Leaf(), ca.Leaf()

	responder.SetFault(fault.Hang().For(leaf.Cert))
	fmt.Println(client(leaf), "-", client(other))
	responder.SetFault(fault.Hang().ForCA(ca))
	fmt.Println(client(leaf), "-", client(other))
	// Output:
	// no response - good
	// no response - no response
}

func ExampleFault_OnMethod() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	leaf := ca.Leaf()
	req := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert)
	f := fault.HTTPError(http.StatusInternalServerError).OnMethod("GET")
	responder.SetFault(f)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		w := httptest.NewRecorder()
		responder.ServeHTTP(w, httptest.NewRequest(method, "/", bytes.NewReader(req.Marshal())))
		fmt.Println(method, w.Code)
	}
	fmt.Println(f)
	// Output:
	// GET 500
	// POST 200
	// HTTPError(500).OnMethod("GET")
}

// A slow responder without a nonce, behind a proxy that compresses.
func ExampleAll() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	responder.SetFault(fault.All(fault.Delay(time.Millisecond), fault.NoNonce(), fault.Gzip()))
	fmt.Println(client(ca.Leaf()))
	fmt.Println(responder.Requests()[0].Fault)
	// Output:
	// good
	// All(Delay(time.Millisecond), NoNonce(), Gzip())
}

// A fault about OCSP makes no sense for a CRL.
func ExampleFault_OCSPOnly() {
	for _, f := range []fault.Fault{fault.WrongNonce(), fault.Hang().ForCA(fakeca.New(fakeca.WithName("CA"))), fault.Hang()} {
		fmt.Println(f, f.OCSPOnly())
	}
	// Output:
	// WrongNonce() true
	// Hang().ForCA("CN=CA") true
	// Hang() false
}

// What a response says, and how HTTP carries it.
func ExampleRespond() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	for _, f := range []fault.Fault{
		fault.Respond(fakeca.Response{Status: fakeca.Unknown}),
		fault.UnknownOnGET(),
		fault.StatusCode(http.StatusInternalServerError),
		fault.GETOnly(),
		fault.POSTOnly(),
		fault.ContentType("text/html"),
		fault.Body("text/html", []byte("<p>Please log in")),
		fault.EmptyBody(),
		fault.HugeBody(1 << 20),
		fault.Chunked(),
		fault.Gzip(),
		fault.Redirect(),
		fault.RedirectLoop(),
		fault.StaleCacheHeaders(),
	} {
		responder.SetFault(f)
		fmt.Println(f, "-", client(leaf))
	}

	other := ocsptest.NewUnstartedResponder(ca)
	other.Start()
	defer other.Close()
	responder.SetFault(fault.RedirectTo(other.URL))
	fmt.Println("RedirectTo -", client(leaf))
	// Output:
	// Respond(unknown) - unknown
	// UnknownOnGET() - good
	// StatusCode(500) - 500 Internal Server Error
	// GETOnly() - 405 Method Not Allowed
	// POSTOnly() - good
	// ContentType("text/html") - good
	// Body("text/html", 16 bytes) - malformed response
	// EmptyBody() - malformed response
	// HugeBody(1048576) - malformed response
	// Chunked() - good
	// Gzip() - good
	// Redirect() - good
	// RedirectLoop() - no response
	// StaleCacheHeaders() - good
	// RedirectTo - good
}

// How connections end.
func ExampleHang() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	for _, f := range []fault.Fault{
		fault.Hang(),
		fault.Drip(time.Second),
		fault.Delay(time.Millisecond),
		fault.Hangup(),
		fault.Reset(),
		fault.ResetAfter(100),
		fault.LongContentLength(),
		fault.ShortContentLength(),
		fault.NoContentLength(),
	} {
		responder.SetFault(f)
		fmt.Println(f, "-", client(leaf))
	}
	// Output:
	// Hang() - no response
	// Drip(time.Second) - no response
	// Delay(time.Millisecond) - good
	// Hangup() - no response
	// Reset() - no response
	// ResetAfter(100) - incomplete response
	// LongContentLength() - incomplete response
	// ShortContentLength() - malformed response
	// NoContentLength() - good
}

// What a client gets that sent the nonce "nonce".
func ExampleNonceOfLength() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	req := fakeca.NewRequest(ca.Leaf().Cert.SerialNumber, ca.Cert)
	req.SetNonce([]byte("nonce"))

	for _, f := range []fault.Fault{
		fault.None(),
		fault.WrongNonce(),
		fault.NoNonce(),
		fault.NonceOfLength(3),
		fault.UnsolicitedNonce(),
		fault.ReplayedNonce(),
		fault.UnwrappedNonce(),
		fault.TwoNonces(),
		fault.NonceInSingle(),
	} {
		responder.SetFault(f)
		w := httptest.NewRecorder()
		responder.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(req.Marshal())))
		said, err := fakeca.ParseResponse(w.Body.Bytes())
		switch {
		case err != nil:
			fmt.Println(f, "-", errors.Unwrap(err))
		case len(said.Nonce) > 5:
			fmt.Println(f, "- another nonce")
		default:
			fmt.Printf("%v - %q\n", f, said.Nonce)
		}
	}
	// Output:
	// None() - "nonce"
	// WrongNonce() - another nonce
	// NoNonce() - ""
	// NonceOfLength(3) - "non"
	// UnsolicitedNonce() - "nonce"
	// ReplayedNonce() - "nonce"
	// UnwrappedNonce() - responseExtensions: nonce: found tag 0x6e, expected 0x04
	// TwoNonces() - responseExtensions: nonce: there are two
	// NonceInSingle() - ""
}
