package ocsptest

import (
	"bytes"
	"fmt"
	"math/big"
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
	Path   string      // as it was sent, with its escapes and its query; cut after 2 KiB
	Header http.Header // at most 8 KiB of it

	// OCSP is the OCSP request; nil if there is none, or it cannot be read.
	OCSP *fakeca.Request

	// CA is the issuer of the certificate that OCSP lists first, or the CA whose
	// CRL or certificate was asked for; nil if the responder does not know it.
	CA *fakeca.CA

	// The CRL asked for, also if the response is that the client has it already
	// (304), or a fault is played: its URL, as certificates name it, its number,
	// nil if it has none, and how many certificates it lists.
	CRLURL     string
	CRLNumber  *big.Int
	CRLEntries int

	// Raw is the DER of the OCSP request, or what else the body or the path
	// held; at most 64 KiB.
	Raw []byte

	// Irregularities are deviations from the RFCs that the responder tolerated:
	// an unescaped "/" or "+" in a GET, missing padding, a missing Content-Type.
	// With [WithStrict] it refuses them.
	Irregularities []string

	// Err is why the responder refused the request; nil if it did not. A fault,
	// or an error on the CA's record, is no reason of the responder's own.
	Err error

	Fault      string // that was played, as it is written in Go; "" for none
	StatusCode int    // of HTTP; zero if the connection ended without a response
	Response   []byte // the body that was sent, or that Content-Length announced; before compression
}

// OCSPResponse returns the body of the response, for matchers.
func (r Request) OCSPResponse() []byte { return r.Response }

// OCSPRequest returns the DER of the OCSP request, for matchers.
func (r Request) OCSPRequest() []byte { return r.Raw }

// GomegaString is what Gomega shows of a Request instead of its fields.
func (r Request) GomegaString() string { return r.String() }

// String describes the request and the response in one line.
func (r Request) String() string {
	var b strings.Builder
	b.WriteString(r.Method)
	switch {
	case r.OCSP != nil:
		for i, single := range r.OCSP.List {
			if i > 0 {
				b.WriteString(" and")
			}
			fmt.Fprintf(&b, " serial %x by %s", single.CertID.SerialNumber, hashName(single.CertID))
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
		b.WriteString(": no response")
	case r.Err != nil && r.Fault == "":
		fmt.Fprintf(&b, ": %v", r.Err)
	case r.OCSP != nil && r.StatusCode == http.StatusOK:
		fmt.Fprintf(&b, ": %s", summarize(r.Response))
	case r.StatusCode == http.StatusNotModified && r.Fault == "":
		fmt.Fprintf(&b, ": not modified%s", r.crl(", "))
	case r.CRLNumber != nil && r.StatusCode == http.StatusOK && r.Fault == "":
		fmt.Fprintf(&b, ": %s", r.crl(""))
	default:
		fmt.Fprintf(&b, ": %d, %d bytes", r.StatusCode, len(r.Response))
	}
	return b.String()
}

// crl describes the CRL after a prefix, if there is one.
func (r Request) crl(prefix string) string {
	if r.CRLNumber == nil {
		return ""
	}
	return fmt.Sprintf("%sCRL of %q, number %v, %d revoked", prefix, r.CA.Cert.Subject.String(), r.CRLNumber, r.CRLEntries)
}

func hashName(id fakeca.CertID) string {
	if hash := id.HashAlgorithm.Hash(); hash != 0 {
		return hash.String()
	}
	return id.HashAlgorithm.Algorithm.String()
}

// A record is a Request as it is kept: small, and with few pointers, because
// there are thousands of them.
type record struct {
	Request           // except Header and OCSP
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

// How many bytes a record keeps of what a client can make as long as it likes.
const (
	maxMethod       = 64
	maxPath         = 2 << 10
	maxHeader       = 8 << 10
	maxIrregularity = 256
)

// cut returns a copy of at most n bytes of s. The method and the path of a
// request are parts of the line that the client sent, which may be long.
func cut(s string, n int) string {
	switch {
	case s == http.MethodGet:
		return http.MethodGet
	case s == http.MethodPost:
		return http.MethodPost
	case s == "/":
		return "/"
	case len(s) <= n:
		return strings.Clone(s)
	}
	return s[:n] + "..."
}

func newRecord(at time.Time, req *http.Request) *record {
	path := req.URL.EscapedPath()
	if req.URL.RawQuery != "" {
		path += "?" + req.URL.RawQuery
	}
	r := &record{Request: Request{Time: at, Method: cut(req.Method, maxMethod), Path: cut(path, maxPath)}}
	r.header = make([]string, 0, 2*min(len(req.Header), 16))
	left := maxHeader
	for key, values := range req.Header {
		for _, value := range values {
			if size := len(key) + len(value); size <= left {
				left -= size
				r.header = append(r.header, key, value)
			}
		}
	}
	return r
}

// addIrregularity notes a deviation.
func (r *record) addIrregularity(format string, args ...any) {
	r.Irregularities = append(r.Irregularities, cut(fmt.Sprintf(format, args...), maxIrregularity))
}

// request returns the Request, which shares no memory with r.
func (r record) request() Request {
	out := r.Request
	out.Header = make(http.Header)
	for i := 0; i < len(r.header); i += 2 {
		out.Header[r.header[i]] = append(out.Header[r.header[i]], r.header[i+1])
	}
	if r.readable {
		out.OCSP, _ = fakeca.ParseRequest(r.Raw) // it was read before
	}
	out.Raw = bytes.Clone(r.Raw)
	out.Irregularities = slices.Clone(r.Irregularities)
	out.Response = bytes.Clone(r.Response)
	if r.CRLNumber != nil {
		out.CRLNumber = new(big.Int).Set(r.CRLNumber)
	}
	return out
}
