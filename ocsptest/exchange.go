package ocsptest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

const (
	contentTypeRequest  = "application/ocsp-request"
	contentTypeResponse = "application/ocsp-response"
	maxRequest          = 64 << 10
	oneCRLPath          = "/onecrl"
)

// An exchange is one HTTP request to a responder, and what it sends.
type exchange struct {
	fault.Exchange
	responder *Responder
	record    *record
	kept      *answer // to the same request before; nil if there is none
}

// ServeHTTP answers one request. A responder can be mounted in another server
// with it; the URL in certificates is then the test's business.
func (r *Responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	now := r.now()
	x := &exchange{
		Exchange:  fault.Exchange{W: w, R: req, Time: now, Status: http.StatusOK, Header: w.Header()},
		responder: r, record: newRecord(now, req),
	}
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		if file, contentType := r.file(req.URL.Path); contentType != "" {
			x.serveFile(file, contentType)
			return
		}
	}
	x.serveOCSP()
}

// file returns what is served at a path beside OCSP, with its content type; ""
// if nothing is.
func (r *Responder) file(path string) (make func() []byte, contentType string) {
	if path == oneCRLPath {
		return func() []byte { return fakeca.OneCRL(r.issuers()...) }, "application/json"
	}
	what, number, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	i, err := strconv.Atoi(number)
	issuers := r.issuers()
	if err != nil || i < 0 || i >= len(issuers) {
		return nil, ""
	}
	switch what {
	case "crl": // RFC 2585 section 4
		return func() []byte { return r.crl(issuers[i]) }, "application/pkix-crl"
	case "issuer":
		return func() []byte { return issuers[i].Cert.Raw }, "application/pkix-cert"
	}
	return nil, ""
}

func (x *exchange) serveFile(file func() []byte, contentType string) {
	x.begin()
	x.Header.Set("Content-Type", contentType)
	x.Header.Set("Cache-Control", "no-cache") // it follows the record
	x.Body = file()
	f := fault.None()
	if contentType == "application/pkix-crl" {
		x.CA = x.responder.caOfCRL(x.R.URL.Path)
		f = x.responder.crlFault(x)
	}
	x.end(f)
}

func (x *exchange) serveOCSP() {
	problem := x.decode()
	x.begin()
	f := x.responder.chooseFault(x)
	switch {
	case problem != 0:
		x.Error(problem)
	case x.responder.settings.strict && len(x.record.Irregularities) > 0:
		x.Error(http.StatusBadRequest)
		x.Body = []byte(strings.Join(x.record.Irregularities, "\n") + "\n")
	case x.OCSP == nil:
		x.say(errorAnswer(ocsp.Malformed))
	case f.Say != nil:
		x.say(x.responder.answer(x.OCSP, x.CA, func(said *fakeca.Response) { f.Say(&x.Exchange, said) }))
	default:
		x.say(x.answer())
	}
	x.end(f)
}

// decode reads the OCSP request. It returns the HTTP status to refuse it with,
// or zero; a request that cannot be read is refused in OCSP, not in HTTP.
func (x *exchange) decode() (problem int) {
	sloppy := func(format string, args ...any) {
		x.record.Irregularities = append(x.record.Irregularities, fmt.Sprintf(format, args...))
	}
	switch x.R.Method {
	case http.MethodGet:
		der, irregularities, err := decodePath(x.R.URL.EscapedPath())
		x.record.Irregularities = irregularities
		if x.R.URL.RawQuery != "" && !x.Redirected() {
			sloppy("a query")
		}
		if err != nil {
			der = []byte(x.R.URL.EscapedPath())
		}
		x.record.Raw = der
	case http.MethodPost:
		if got := x.R.Header.Get("Content-Type"); got != contentTypeRequest {
			sloppy("Content-Type %q", got)
		}
		body, err := readBody(x.R)
		if err != nil {
			sloppy("the body ends early: %v", err)
		}
		x.record.Raw = body
	default:
		return http.StatusMethodNotAllowed
	}
	if len(x.record.Raw) > maxRequest {
		x.record.Raw = bytes.Clone(x.record.Raw[:maxRequest]) // not all that was sent
		return http.StatusRequestEntityTooLarge
	}
	if kept, ok := x.responder.recall(x.record.Raw); ok {
		x.OCSP, x.kept, x.CA = kept.request, kept.answer, kept.answer.ca
	} else if req, err := fakeca.ParseRequest(x.record.Raw); err == nil {
		x.OCSP = req
		if len(req.List) > 0 {
			x.CA = x.responder.issuerOf(req.List[0].CertID)
		}
	}
	x.record.readable = x.OCSP != nil
	return 0
}

// readBody reads a body to its end, or one byte further than it may go.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil { // made by a test
		return nil, nil
	}
	if n := r.ContentLength; 0 < n && n <= maxRequest {
		body := make([]byte, n)
		read, err := io.ReadFull(r.Body, body)
		return body[:read], err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
}

// answer returns the answer from the record: the one that was kept, while it is
// as good as new.
func (x *exchange) answer() *answer {
	if x.kept != nil && x.kept.fresh() {
		return x.kept
	}
	a := x.responder.answer(x.OCSP, x.CA, nil)
	if a.ca != nil {
		x.responder.keep(x.record.Raw, keptAnswer{x.OCSP, a})
	}
	return a
}

// begin puts the request on record, before there is an answer to it.
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

// isOCSP reports whether a client of OCSP sent the request, well or badly.
func (x *exchange) isOCSP() bool {
	return x.OCSP != nil || x.R.Method == http.MethodPost && x.R.Header.Get("Content-Type") == contentTypeRequest
}

// say sets the answer, with the headers of RFC 5019 section 6.2. Errors, and
// what is made for one request alone, are not to be cached.
func (x *exchange) say(a *answer) {
	x.Body = a.der
	x.Header["Content-Type"] = ocspContentType
	if a.header == nil {
		x.Header["Cache-Control"] = noStore
		return
	}
	maps.Copy(x.Header, a.header)
	maxAge := time.Hour
	if !a.nextUpdate.IsZero() {
		maxAge = max(0, a.nextUpdate.Sub(x.Time))
	}
	x.Header["Cache-Control"] = []string{"max-age=" + strconv.Itoa(int(maxAge/time.Second)) + ", public, no-transform, must-revalidate"}
	if x.R.Method == http.MethodGet && matches(x.R.Header["If-None-Match"], a.header["Etag"][0]) {
		x.Status, x.Body = http.StatusNotModified, nil
		delete(x.Header, "Content-Type")
	}
}

var (
	ocspContentType = []string{contentTypeResponse}
	noStore         = []string{"no-store"}
)

// matches says whether an If-None-Match names the entity (RFC 9110 section
// 13.1.2).
func matches(ifNoneMatch []string, etag string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == etag {
				return true
			}
		}
	}
	return false
}

// end records what is sent, and sends it. The fault's hooks Reply and Send are
// called on the way.
func (x *exchange) end(f fault.Fault) {
	offClock := time.Since(x.Time).Abs() >= time.Second
	if !isNone(f) {
		defer x.begunFault(f)()
	}
	if f.Reply != nil {
		f.Reply(&x.Exchange)
	}
	if _, set := x.Header["Date"]; offClock && !set {
		x.Header["Date"] = []string{httpTime(x.Time)} // on the CA's clock, as the rest
	}
	x.willSend(x.Body)
	if f.Send != nil {
		x.W = &sendRecorder{x.W, x, http.StatusOK, 0}
		f.Send(&x.Exchange)
		return
	}
	x.sent(x.Status, x.Body)
	x.Send()
}

// begunFault records that a fault is played. Until the function that it returns
// is called, the request's context ends with the responder too.
func (x *exchange) begunFault(f fault.Fault) (stop func()) {
	x.responder.mu.Lock()
	x.record.Fault = f.String()
	x.responder.mu.Unlock()
	ctx, cancel := context.WithCancel(x.R.Context())
	x.R = x.R.WithContext(ctx)
	stopWatching := context.AfterFunc(x.responder.closing, cancel)
	return func() {
		stopWatching()
		cancel()
	}
}

// willSend counts what the record holds of the body.
func (x *exchange) willSend(body []byte) {
	r := x.responder
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sameBytes(body, r.lastBody) { // most requests in a row share one
		r.requests.grow(x.record.entry, len(body))
	}
	r.lastBody = body
}

// sent records what the client has got, or is about to get.
func (x *exchange) sent(status int, body []byte) {
	x.responder.mu.Lock()
	defer x.responder.mu.Unlock()
	x.record.StatusCode, x.record.Answer = status, body
}

// A sendRecorder records what a fault's Send hook sends, before it is sent: how
// much of the Body, and whether anything at all.
type sendRecorder struct {
	http.ResponseWriter
	x      *exchange
	status int
	body   int // bytes of it
}

func (w *sendRecorder) WriteHeader(status int) {
	w.status = status
	w.x.sent(status, nil)
	w.ResponseWriter.WriteHeader(status)
}

func (w *sendRecorder) Write(p []byte) (int, error) {
	w.body = min(w.body+len(p), len(w.x.Body))
	w.x.sent(w.status, w.x.Body[:w.body])
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *sendRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack is called by http.ResponseController.
func (w *sendRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return hijacked{conn, w.x}, buffer, nil
}

// A hijacked connection records the Body as sent once something is written.
type hijacked struct {
	net.Conn
	x *exchange
}

func (c hijacked) Write(p []byte) (int, error) {
	c.x.sent(c.x.Status, c.x.Body)
	return c.Conn.Write(p)
}

// NetConn returns the connection below, as that of a tls.Conn does.
func (c hijacked) NetConn() net.Conn { return c.Conn }
