package ocsptest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// HTTPError answers with a status code of HTTP, a text, and a Retry-After if
// one is given, in seconds, rounded up. It panics if no response has the code:
// those have 200 to 999.
func HTTPError(code int, retryAfter ...time.Duration) Fault {
	if code < 200 || code > 999 {
		panic(fmt.Sprintf("ocsptest: HTTPError(%d): a response has a status code from 200 to 999", code))
	}
	text := fmt.Sprintf("HTTPError(%d)", code)
	if len(retryAfter) > 0 {
		text = fmt.Sprintf("HTTPError(%d, %s)", code, inGo(retryAfter[0]))
	}
	return Fault{text: text, change: func(x *exchange) {
		clear(x.header)
		x.refuse(code)
		if len(retryAfter) > 0 {
			x.header.Set("Retry-After", strconv.Itoa(int((retryAfter[0]+time.Second-1)/time.Second)))
		}
	}}
}

// StatusCode sends the right answer, with its Content-Type, under another status
// code than 200.
func StatusCode(code int) Fault {
	return Fault{text: fmt.Sprintf("StatusCode(%d)", code), change: func(x *exchange) { x.status = code }}
}

// GETOnly answers other methods than GET with 405.
func GETOnly() Fault { return onlyMethod("GETOnly()", http.MethodGet) }

// POSTOnly answers other methods than POST with 405.
func POSTOnly() Fault { return onlyMethod("POSTOnly()", http.MethodPost) }

func onlyMethod(text, method string) Fault {
	return Fault{text: text, early: func(x *exchange) bool {
		if x.r.Method == method {
			return false
		}
		x.refuse(http.StatusMethodNotAllowed)
		x.header.Set("Allow", method)
		return true
	}}
}

// ContentType sends another Content-Type than application/ocsp-response; if it
// is empty, none.
func ContentType(contentType string) Fault {
	return Fault{text: fmt.Sprintf("ContentType(%q)", contentType), change: func(x *exchange) { x.setContentType(contentType) }}
}

func (x *exchange) setContentType(contentType string) {
	x.header["Content-Type"] = nil // or net/http would guess
	if contentType != "" {
		x.header["Content-Type"] = []string{contentType}
	}
}

// Body sends these bytes, with 200 and a Content-Type; if it is empty, none.
func Body(contentType string, body []byte) Fault {
	body = bytes.Clone(body)
	return Fault{text: fmt.Sprintf("Body(%q, %d bytes)", contentType, len(body)), change: func(x *exchange) {
		clear(x.header)
		x.setContentType(contentType)
		x.status, x.body = http.StatusOK, body
	}}
}

// EmptyBody sends 200, the right Content-Type, and nothing.
func EmptyBody() Fault {
	f := Body(contentTypeResponse, nil)
	f.text = "EmptyBody()"
	return f
}

// HugeBody sends the answer and then zeros, until so many bytes are sent.
func HugeBody(size int) Fault {
	return Fault{text: fmt.Sprintf("HugeBody(%d)", size), send: func(x *exchange) {
		x.header.Set("Content-Length", strconv.Itoa(max(size, len(x.body))))
		x.w.WriteHeader(x.status)
		x.w.Write(x.body)
		zeros := make([]byte, 32<<10)
		for left := size - len(x.body); left > 0; left -= len(zeros) {
			if _, err := x.w.Write(zeros[:min(left, len(zeros))]); err != nil {
				return
			}
		}
	}}
}

// Chunked sends the answer in chunks (RFC 9112 section 7.1), of one byte at
// first.
func Chunked() Fault {
	return Fault{text: "Chunked()", send: func(x *exchange) {
		x.w.WriteHeader(x.status)
		for _, part := range [][]byte{x.body[:min(1, len(x.body))], x.body[min(1, len(x.body)):]} {
			x.w.Write(part)
			http.NewResponseController(x.w).Flush()
		}
	}}
}

// Gzip sends the answer with Content-Encoding gzip, whether the client takes it
// or not.
func Gzip() Fault {
	return Fault{text: "Gzip()", change: func(x *exchange) {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(x.body)
		w.Close()
		x.body = b.Bytes()
		x.header.Set("Content-Encoding", "gzip")
	}}
}

// The query by which a redirected request is known.
const redirected = "redirected"

// Redirect sends the client to the same path on the same host, which answers
// there as it should. By POST it does so with 307, which keeps the method and
// the body (RFC 9110 section 15.4.8).
func Redirect() Fault {
	return redirect("Redirect()", func(x *exchange) string { return x.path() + "?" + redirected })
}

// RedirectLoop sends the client to where it is, a millisecond later: a client
// that goes round for ever would keep the time in a bubble of testing/synctest
// from going on.
func RedirectLoop() Fault {
	f := redirect("RedirectLoop()", func(x *exchange) string { return x.path() })
	f.send = func(x *exchange) {
		x.wait(time.Millisecond)
		x.send()
	}
	return f
}

// RedirectTo sends the client to the same path below another URL, such as that
// of a responder that speaks HTTPS.
func RedirectTo(url string) Fault {
	return redirect(fmt.Sprintf("RedirectTo(%q)", url), func(x *exchange) string {
		return strings.TrimSuffix(url, "/") + x.r.URL.EscapedPath()
	})
}

// path is where the client asked, with a prefix that another server stripped on
// the way here.
func (x *exchange) path() string {
	path, _, _ := strings.Cut(x.r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") {
		return x.r.URL.EscapedPath() // made by a test, or sent to a proxy
	}
	return path
}

func redirect(text string, to func(*exchange) string) Fault {
	return Fault{text: text, change: func(x *exchange) {
		clear(x.header)
		x.refuse(http.StatusTemporaryRedirect)
		location := to(x)
		if strings.HasPrefix(location, "//") {
			location = "/." + location // or it would name a host
		}
		x.header.Set("Location", location)
	}}
}

// StaleCacheHeaders sends headers that let caches keep the answer for a year
// longer than it is valid.
func StaleCacheHeaders() Fault {
	const year = 365 * 24 * time.Hour
	return Fault{text: "StaleCacheHeaders()", change: func(x *exchange) {
		x.header.Set("Cache-Control", "max-age="+strconv.Itoa(int(year/time.Second))+", public")
		x.header.Set("Expires", x.record.Time.Add(year).UTC().Format(http.TimeFormat))
	}}
}
