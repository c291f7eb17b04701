package fault

import (
	"net/http"
	"strconv"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An Exchange is one HTTP request to a responder, and the response to it.
type Exchange struct {
	W http.ResponseWriter // for Send hooks
	R *http.Request       // its body was read; its context ends when the client goes or the responder closes

	Time time.Time       // of the request, on the CA's clock
	OCSP *fakeca.Request // nil if there is none or it cannot be read; must not be changed
	CA   *fakeca.CA      // of the certificate or CRL asked for; nil if the responder does not know it

	// PreviousNonce is the nonce of the last request before this one that had a
	// nonce, or nil.
	PreviousNonce []byte

	Status int         // of HTTP
	Header http.Header // that of W
	Body   []byte      // may be replaced; its bytes must not be changed

	chosen map[*combination][]Fault
}

// Send sends Status, Header and Body, as a responder does without a fault.
func (x *Exchange) Send() {
	if x.Status != http.StatusNotModified && x.Status != http.StatusNoContent { // which have no body
		x.Header["Content-Length"] = []string{strconv.Itoa(len(x.Body))}
	}
	x.W.WriteHeader(x.Status)
	x.W.Write(x.Body)
}

// Refuse makes the response an HTTP error with its text as the body. Caches must
// not keep it.
func (x *Exchange) Refuse(code int) {
	x.Status = code
	x.Body = []byte(http.StatusText(code) + "\n")
	x.Header.Set("Content-Type", "text/plain; charset=utf-8")
	x.Header.Set("Cache-Control", "no-store")
	if code == http.StatusMethodNotAllowed {
		x.Header.Set("Allow", "GET, POST")
	}
}

// Wait waits for d. If the client goes or the responder closes first, Wait ends
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

// Redirected reports whether [Redirect] sent the client here. A responder plays
// no fault at such a request.
func (x *Exchange) Redirected() bool { return x.R.URL.RawQuery == redirectedQuery }
