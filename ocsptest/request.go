package ocsptest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Request is what a responder saw of one HTTP request.
type Request struct {
	Time   time.Time // on the CA's clock
	Method string
	Path   string // as it was sent, with its escapes and its query
	Header http.Header

	// OCSP is the request that it carried; nil if it carried none that can be
	// read, and for CRLs, lists and issuers' certificates.
	OCSP *fakeca.Request

	// Raw is the DER of it, or what else the body or the path held.
	Raw []byte

	// Irregularities are what was sloppy, and understood all the same: an
	// unescaped "/" or "+" in a GET, padding left out, a Content-Type that is
	// missing. With [WithStrict] they are refused.
	Irregularities []string

	StatusCode int    // of HTTP; zero if the connection ended without an answer
	Answer     []byte // the body that was sent, or meant to be
	Fault      string // that was played, as it is written in Go; "" for none
}

// OCSPResponse returns the answer, for matchers.
func (r Request) OCSPResponse() []byte { return r.Answer }

// OCSPRequest returns the DER of what was asked, for matchers.
func (r Request) OCSPRequest() []byte { return r.Raw }

// GomegaString is what Gomega shows of a Request in place of its fields.
func (r Request) GomegaString() string { return r.String() }

// String tells in a line what was asked and what was answered.
func (r Request) String() string {
	var b strings.Builder
	b.WriteString(r.Method)
	switch {
	case r.OCSP != nil:
		for i, single := range r.OCSP.List {
			if i > 0 {
				b.WriteString(" and")
			}
			fmt.Fprintf(&b, " serial %x by %v", single.CertID.SerialNumber, single.CertID.HashAlgorithm.Hash())
		}
		if nonce := r.OCSP.Nonce(); nonce != nil {
			fmt.Fprintf(&b, ", nonce of %d bytes", len(nonce))
		}
		if r.OCSP.Signed() {
			b.WriteString(", signed")
		}
	case len(r.Path) > 64:
		fmt.Fprintf(&b, " %s...", r.Path[:64])
	default:
		fmt.Fprintf(&b, " %s", r.Path)
	}
	for _, i := range r.Irregularities {
		fmt.Fprintf(&b, ", %s", i)
	}
	if r.Fault != "" {
		fmt.Fprintf(&b, ", fault %s", r.Fault)
	}
	switch {
	case r.StatusCode == 0:
		b.WriteString(": no answer")
	case r.OCSP != nil && r.StatusCode == http.StatusOK:
		fmt.Fprintf(&b, ": %s", inWords(r.Answer))
	default:
		fmt.Fprintf(&b, ": %d, %d bytes", r.StatusCode, len(r.Answer))
	}
	return b.String()
}

// A record is a Request as it is kept: small, and with few pointers, for there
// are thousands of them.
type record struct {
	Request           // but for its Header and its OCSP
	header   []string // keys and values in turn
	readable bool     // Raw is an OCSP request
	entry    *ringEntry[*record]
}

// bytes is what the record holds before there is a response.
func (r *record) bytes() int {
	n := recordBytes + len(r.Path) + len(r.Raw)
	for _, text := range r.header {
		n += len(text)
	}
	return n
}

func newRecord(at time.Time, req *http.Request) *record {
	r := &record{Request: Request{Time: at, Method: req.Method, Path: req.URL.EscapedPath()}}
	if req.URL.RawQuery != "" {
		r.Path += "?" + req.URL.RawQuery
	}
	r.header = make([]string, 0, 2*len(req.Header))
	for key, values := range req.Header {
		for _, value := range values {
			r.header = append(r.header, key, value)
		}
	}
	return r
}

// request returns the Request, which shares no memory with r.
func (r record) request() Request {
	out := r.Request
	out.Header = make(http.Header)
	for i := 0; i < len(r.header); i += 2 {
		out.Header[r.header[i]] = append(out.Header[r.header[i]], r.header[i+1])
	}
	if r.readable {
		out.OCSP, _ = fakeca.ParseRequest(r.Raw) // which was read before
	}
	out.Raw = bytes.Clone(r.Raw)
	out.Irregularities = slices.Clone(r.Irregularities)
	out.Answer = bytes.Clone(r.Answer)
	return out
}
