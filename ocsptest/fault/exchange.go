package fault

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An Exchange is one HTTP request to a responder, and its response as a
// [Fault] sees and changes it.
type Exchange struct {
	W http.ResponseWriter // for Send
	R *http.Request       // its body was read; its context ends when the client goes, or the responder closes

	Time time.Time       // of the request, on the CA's clock
	OCSP *fakeca.Request // nil if there is none, or it cannot be read; it must not be changed
	CA   *fakeca.CA      // that signs the response, or the CRL; nil if the responder does not know the issuer

	// PreviousNonce is the last nonce in an earlier request to the responder,
	// or nil.
	PreviousNonce []byte

	Status int         // of HTTP
	Header http.Header // of W
	Body   []byte      // it may be replaced, and must not be written into

	chosen map[*int][]Fault // by All, which the key stands for
}

// Send sends Status, Header and Body, as it happens without a fault.
func (x *Exchange) Send() {
	if x.Status != http.StatusNotModified && x.Status != http.StatusNoContent { // which have no body
		x.Header["Content-Length"] = []string{strconv.Itoa(len(x.Body))}
	}
	x.W.WriteHeader(x.Status)
	x.W.Write(x.Body)
}

// Error replaces Status and Body by an HTTP error and its text, which caches
// must not keep.
func (x *Exchange) Error(code int) {
	x.Status = code
	x.Body = []byte(http.StatusText(code) + "\n")
	x.Header.Set("Content-Type", "text/plain; charset=utf-8")
	x.Header.Set("Cache-Control", "no-store")
	if code == http.StatusMethodNotAllowed {
		x.Header.Set("Allow", "GET, POST")
	}
}

// Wait waits for d. If the client goes or the responder closes before, it ends
// the connection and does not return.
func (x *Exchange) Wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.R.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

// Redirected reports whether [Redirect] sent the client here. The responder
// plays no fault then.
func (x *Exchange) Redirected() bool { return x.R.URL.RawQuery == redirected }
