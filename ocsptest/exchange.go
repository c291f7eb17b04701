package ocsptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

const (
	contentTypeRequest  = "application/ocsp-request"
	contentTypeResponse = "application/ocsp-response"
	maxRequest          = 64 << 10 // bytes
)

// An exchange is one HTTP request to a responder, and what it sends.
type exchange struct {
	fault.Exchange
	responder  *Responder
	record     *record
	cached     *response // to the same request before; nil if there is none
	compressed []byte    // sent instead of Body; nil: Body is
}

// ServeHTTP responds to one request. It lets a responder be mounted in another
// server. To make certificates name it there, set URL and call Add for each CA:
//
//	responder := ocsptest.NewUnstartedResponder(ca)
//	srv := httptest.NewServer(http.StripPrefix("/ocsp", responder))
//	responder.URL = srv.URL + "/ocsp"
//	responder.Add(ca)
func (r *Responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	x := r.newExchange(w, req)
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		if f := r.fileAt(req.URL.Path); f != nil {
			x.serveFile(f)
			return
		}
	}
	x.serveOCSP()
}

// handler returns the handler of a responder that is not mounted elsewhere.
func (r *Responder) handler() http.Handler {
	path := r.settings.path
	if path == "" {
		return r
	}
	below := http.StripPrefix(path, r)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == path || strings.HasPrefix(req.URL.Path, path+"/") {
			below.ServeHTTP(w, req)
			return
		}
		x := r.newExchange(w, req)
		x.begin()
		x.refuse(http.StatusNotFound, fmt.Errorf("the path does not begin with %s", path))
		x.end(fault.None())
	})
}

func (r *Responder) newExchange(w http.ResponseWriter, req *http.Request) *exchange {
	now := r.now()
	return &exchange{
		Exchange:  fault.Exchange{W: w, R: req, Time: now, Status: http.StatusOK, Header: w.Header()},
		responder: r, record: newRecord(now, req),
	}
}

func (x *exchange) serveOCSP() {
	resp, code, err := x.decode()
	x.record.CA = x.CA
	x.begin()
	f := x.responder.chooseFault(x)
	switch {
	case x.responder.settings.withoutOCSP:
		x.refuse(http.StatusNotFound, errors.New("there is no OCSP, because of WithoutOCSP()"))
	case code != 0:
		x.refuse(code, err)
	case x.responder.settings.strict && len(x.record.Irregularities) > 0:
		x.refuse(http.StatusBadRequest, errors.New("WithStrict() refuses irregular requests"))
		x.Body = []byte(strings.Join(x.record.Irregularities, "\n") + "\n")
	case resp != nil:
		x.say(resp)
	case f.Say != nil:
		x.say(respond(x.OCSP, x.CA, func(r *fakeca.Response) { f.Say(&x.Exchange, r) }))
	default:
		x.say(x.response())
	}
	x.end(f)
}

// refuse responds with an HTTP error, and records why.
func (x *exchange) refuse(code int, err error) {
	x.Refuse(code)
	x.recordErr(fmt.Errorf("%d %s: %w", code, http.StatusText(code), err))
}

func (x *exchange) recordErr(err error) {
	x.responder.mu.Lock()
	defer x.responder.mu.Unlock()
	x.record.Err = err
}

// issuerOf returns the CA that a CertID names, or nil if the responder does not
// respond for it.
func (r *Responder) issuerOf(id fakeca.CertID) *fakeca.CA {
	for _, ca := range r.issuers() {
		if id.IssuedBy(ca.Cert) {
			return ca
		}
	}
	return nil
}

// response returns the response from the record: the cached one, while it is
// current.
func (x *exchange) response() *response {
	if x.cached != nil && x.cached.isCurrent() {
		return x.cached
	}
	resp := respond(x.OCSP, x.CA, nil)
	if resp.ca != nil {
		x.responder.cache.put(x.record.Raw, cachedResponse{x.OCSP, resp})
	}
	return resp
}

// begin puts the request on record, before there is a response to it.
func (x *exchange) begin() {
	r := x.responder
	r.mu.Lock()
	defer r.mu.Unlock()
	x.record.entry = r.requests.add(x.record, x.record.bytes())
	x.PreviousNonce = r.lastNonce
	if x.OCSP != nil {
		if nonce := x.OCSP.Nonce(); nonce != nil {
			r.lastNonce = nonce
		}
	}
}

// isOCSP reports whether an OCSP client sent the request, well or badly.
func (x *exchange) isOCSP() bool {
	return x.OCSP != nil || x.R.Method == http.MethodPost && x.R.Header.Get("Content-Type") == contentTypeRequest
}

// say sets Body and Header, as RFC 9919 section 7.2 has them. Caches must not
// keep errors, and what is made for one request only.
func (x *exchange) say(resp *response) {
	x.Body = resp.der
	x.Header["Content-Type"] = ocspContentType
	if resp.err != nil {
		x.recordErr(resp.err)
	}
	if resp.header == nil {
		x.Header["Cache-Control"] = noStore
		return
	}
	maps.Copy(x.Header, resp.header)
	maxAge := time.Hour
	if !resp.nextUpdate.IsZero() {
		maxAge = max(0, resp.nextUpdate.Sub(x.Time))
	}
	x.Header["Cache-Control"] = []string{"max-age=" + strconv.Itoa(int(maxAge/time.Second)) + ", public, no-transform, must-revalidate"}
	if x.R.Method == http.MethodGet && matches(x.R.Header["If-None-Match"], resp.header["Etag"][0]) {
		x.Status, x.Body = http.StatusNotModified, nil
		delete(x.Header, "Content-Type")
	}
}

var (
	ocspContentType = []string{contentTypeResponse}
	noStore         = []string{"no-store"}
)

// end records what is sent, and sends it, with the fault's hooks Reply and Send.
func (x *exchange) end(f fault.Fault) {
	offClock := time.Since(x.Time).Abs() >= time.Second
	if !isNone(f) {
		defer x.beginFault(f)()
	}
	if f.Reply != nil {
		f.Reply(&x.Exchange)
	}
	if _, set := x.Header["Date"]; offClock && !set {
		x.Header["Date"] = []string{httpTime(x.Time)} // on the CA's clock, as the rest
	}
	x.willSend(f.Send == nil)
	if f.Send != nil {
		x.W = &sendRecorder{x.W, x, http.StatusOK, 0}
		f.Send(&x.Exchange)
		return
	}
	if x.compressed != nil {
		x.Body = x.compressed
	}
	x.Send()
}

// beginFault records that a fault is played. Until the function that it returns
// is called, the request's context ends when the responder closes, too.
func (x *exchange) beginFault(f fault.Fault) (end func()) {
	r := x.responder
	r.mu.Lock()
	x.record.Fault = f.String()
	r.mu.Unlock()
	ctx, cancel := context.WithCancel(x.R.Context())
	x.R = x.R.WithContext(ctx)
	stop := context.AfterFunc(r.host().closing, cancel)
	return func() {
		stop()
		cancel()
	}
}

// willSend counts what the record will hold of the body. If all of it is about to
// be sent, it is recorded as sent.
func (x *exchange) willSend(all bool) {
	r := x.responder
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sameBytes(x.Body, r.lastBody) { // most requests in a row share one
		r.requests.grow(x.record.entry, len(x.Body))
	}
	r.lastBody = x.Body
	if all {
		x.record.StatusCode, x.record.Response = x.Status, x.Body
	}
}

// sent records what the client has got, or is about to get.
func (x *exchange) sent(status int, body []byte) {
	x.responder.mu.Lock()
	defer x.responder.mu.Unlock()
	x.record.StatusCode, x.record.Response = status, body
}
