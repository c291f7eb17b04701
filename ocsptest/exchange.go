package ocsptest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

const (
	contentTypeRequest  = "application/ocsp-request"
	contentTypeResponse = "application/ocsp-response"
	maxRequest          = 64 << 10
	oneCRLPath          = "/onecrl"
)

// An exchange is one HTTP request to a responder, and what is to be sent.
type exchange struct {
	responder *Responder
	w         http.ResponseWriter
	r         *http.Request
	record    *record
	request   *fakeca.Request // nil if there is none that can be read
	kept      *answer         // to the same request before; nil if there is none

	status int
	header http.Header // of w
	body   []byte
}

// ServeHTTP answers one request. A responder can be mounted in another server
// with it; the URL in certificates is then the test's business.
func (r *Responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	x := &exchange{responder: r, w: w, r: req, status: http.StatusOK, header: w.Header(), record: newRecord(r.now(), req)}
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
	x.header.Set("Content-Type", contentType)
	x.header.Set("Cache-Control", "no-cache") // it follows the record
	x.body = file()
	var fault Fault
	if contentType == "application/pkix-crl" && x.r.URL.RawQuery != redirected {
		x.responder.mu.Lock()
		fault = x.responder.crlFault
		x.responder.mu.Unlock()
		if fault.only != nil && !fault.only(x) {
			fault = Fault{}
		}
	}
	x.end(fault)
}

func (x *exchange) serveOCSP() {
	problem := x.decode()
	x.begin()
	fault := x.responder.nextFault(x)
	if fault.early != nil && fault.early(x) {
		x.end(Fault{text: fault.text})
		return
	}
	switch {
	case problem != 0:
		x.refuse(problem)
	case x.responder.settings.strict && len(x.record.Irregularities) > 0:
		x.refuse(http.StatusBadRequest)
		x.body = []byte(strings.Join(x.record.Irregularities, "\n") + "\n")
	case x.request == nil:
		x.say(errorAnswer(ocsp.Malformed))
	case fault.lie != nil:
		x.say(x.responder.answer(x.request, func(said *fakeca.Response) { fault.lie(x, said) }))
	default:
		x.say(x.answer())
	}
	x.end(fault)
}

// decode reads the OCSP request. It returns the HTTP status to refuse it with,
// or zero; a request that cannot be read is refused in OCSP, not in HTTP.
func (x *exchange) decode() (problem int) {
	sloppy := func(format string, args ...any) {
		x.record.Irregularities = append(x.record.Irregularities, fmt.Sprintf(format, args...))
	}
	switch x.r.Method {
	case http.MethodGet:
		der, irregularities, err := decodePath(x.r.URL.EscapedPath())
		x.record.Irregularities = irregularities
		if x.r.URL.RawQuery != "" && x.r.URL.RawQuery != redirected {
			sloppy("a query")
		}
		if err != nil {
			der = []byte(x.r.URL.EscapedPath())
		}
		x.record.Raw = der
	case http.MethodPost:
		if got := x.r.Header.Get("Content-Type"); got != contentTypeRequest {
			sloppy("Content-Type %q", got)
		}
		body, err := readBody(x.r)
		if err != nil {
			sloppy("the body ends early: %v", err)
		}
		x.record.Raw = body
	default:
		return http.StatusMethodNotAllowed
	}
	if len(x.record.Raw) > maxRequest {
		x.record.Raw = x.record.Raw[:maxRequest]
		return http.StatusRequestEntityTooLarge
	}
	if kept, ok := x.responder.recall(x.record.Raw); ok {
		x.request, x.kept = kept.request, kept.answer
	} else if req, err := fakeca.ParseRequest(x.record.Raw); err == nil {
		x.request = req
	}
	x.record.readable = x.request != nil
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
	a := x.responder.answer(x.request, nil)
	if a.ca != nil {
		x.responder.keep(x.record.Raw, keptAnswer{x.request, a})
	}
	return a
}

// begin puts the request on record, before there is an answer to it.
func (x *exchange) begin() {
	x.responder.mu.Lock()
	defer x.responder.mu.Unlock()
	x.responder.requests.add(x.record)
}

func (x *exchange) refuse(status int) {
	x.status = status
	x.body = []byte(http.StatusText(status) + "\n")
	x.header.Set("Content-Type", "text/plain; charset=utf-8")
	x.header.Set("Cache-Control", "no-store")
	if status == http.StatusMethodNotAllowed {
		x.header.Set("Allow", "GET, POST")
	}
}

// say sets the answer, with the headers of RFC 5019 section 6.2. Errors, and
// what is made for one request alone, are not to be cached.
func (x *exchange) say(a *answer) {
	x.body = a.der
	x.header["Content-Type"] = ocspContentType
	if a.header == nil {
		x.header["Cache-Control"] = noStore
		return
	}
	maps.Copy(x.header, a.header)
	maxAge := time.Hour
	if !a.nextUpdate.IsZero() {
		maxAge = max(0, a.nextUpdate.Sub(x.record.Time))
	}
	x.header["Cache-Control"] = []string{"max-age=" + strconv.Itoa(int(maxAge/time.Second)) + ", public, no-transform, must-revalidate"}
	if x.r.Method == http.MethodGet && matches(x.r.Header["If-None-Match"], a.header["Etag"][0]) {
		x.status, x.body = http.StatusNotModified, nil
		delete(x.header, "Content-Type")
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

// end notes what is sent, and sends it, as the fault has it.
func (x *exchange) end(fault Fault) {
	if fault.change != nil {
		fault.change(x)
	}
	if time.Since(x.record.Time).Abs() >= time.Second {
		x.header["Date"] = []string{httpTime(x.record.Time)} // on the CA's clock, as the rest
	}
	x.responder.mu.Lock()
	x.record.Fault = fault.text
	x.record.StatusCode, x.record.Answer = x.status, x.body
	if fault.silent {
		x.record.StatusCode, x.record.Answer = 0, nil
	}
	x.responder.mu.Unlock()
	if fault.send != nil {
		fault.send(x)
		return
	}
	x.send()
}

func (x *exchange) send() {
	if x.status != http.StatusNotModified && x.status != http.StatusNoContent { // which have no body
		x.header["Content-Length"] = []string{strconv.Itoa(len(x.body))}
	}
	x.w.WriteHeader(x.status)
	x.w.Write(x.body)
}
