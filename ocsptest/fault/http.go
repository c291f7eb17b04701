package fault

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
	mustBeStatusCode("HTTPError", code)
	name := fmt.Sprintf("HTTPError(%d)", code)
	if len(retryAfter) > 0 {
		name = fmt.Sprintf("HTTPError(%d, %s)", code, inGo(retryAfter[0]))
	}
	return Fault{Name: name, Reply: func(x *Exchange) {
		clear(x.Header)
		x.Error(code)
		if len(retryAfter) > 0 {
			x.Header.Set("Retry-After", strconv.Itoa(int((retryAfter[0]+time.Second-1)/time.Second)))
		}
	}}
}

// StatusCode sends the right answer, with its Content-Type, under another status
// code than 200.
func StatusCode(code int) Fault {
	mustBeStatusCode("StatusCode", code)
	return Fault{Name: fmt.Sprintf("StatusCode(%d)", code), Reply: func(x *Exchange) { x.Status = code }}
}

func mustBeStatusCode(name string, code int) {
	if code < 200 || code > 999 {
		panic(fmt.Sprintf("fault: %s(%d): a response has a status code from 200 to 999", name, code))
	}
}

// GETOnly answers other methods than GET with 405.
func GETOnly() Fault { return onlyMethod("GETOnly()", http.MethodGet) }

// POSTOnly answers other methods than POST with 405.
func POSTOnly() Fault { return onlyMethod("POSTOnly()", http.MethodPost) }

func onlyMethod(name, method string) Fault {
	return Fault{Name: name, Reply: func(x *Exchange) {
		if x.R.Method != method {
			clear(x.Header)
			x.Error(http.StatusMethodNotAllowed)
			x.Header.Set("Allow", method)
		}
	}}
}

// ContentType sends another Content-Type than application/ocsp-response; if it
// is empty, none.
func ContentType(contentType string) Fault {
	return Fault{Name: fmt.Sprintf("ContentType(%q)", contentType), Reply: func(x *Exchange) { setContentType(x.Header, contentType) }}
}

func setContentType(h http.Header, contentType string) {
	h["Content-Type"] = nil // or net/http would guess
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
}

// Body sends these bytes, with 200 and a Content-Type; if it is empty, none.
func Body(contentType string, body []byte) Fault {
	body = bytes.Clone(body)
	return Fault{Name: fmt.Sprintf("Body(%q, %d bytes)", contentType, len(body)), Reply: func(x *Exchange) {
		clear(x.Header)
		setContentType(x.Header, contentType)
		x.Status, x.Body = http.StatusOK, body
	}}
}

// EmptyBody sends 200, the right Content-Type, and nothing.
func EmptyBody() Fault {
	f := Body("application/ocsp-response", nil)
	f.Name = "EmptyBody()"
	return f
}

// HugeBody sends the answer and then zeros, until so many bytes are sent.
func HugeBody(size int) Fault {
	return Fault{Name: fmt.Sprintf("HugeBody(%d)", size), Send: func(x *Exchange) {
		x.Header.Set("Content-Length", strconv.Itoa(max(size, len(x.Body))))
		x.W.WriteHeader(x.Status)
		x.W.Write(x.Body)
		zeros := make([]byte, 32<<10)
		for left := size - len(x.Body); left > 0; left -= len(zeros) {
			if _, err := x.W.Write(zeros[:min(left, len(zeros))]); err != nil {
				return
			}
		}
	}}
}

// Chunked sends the answer in chunks (RFC 9112 section 7.1), of one byte at
// first.
func Chunked() Fault {
	return Fault{Name: "Chunked()", Send: func(x *Exchange) {
		x.W.WriteHeader(x.Status)
		for _, part := range [][]byte{x.Body[:min(1, len(x.Body))], x.Body[min(1, len(x.Body)):]} {
			x.W.Write(part)
			http.NewResponseController(x.W).Flush()
		}
	}}
}

// Gzip sends the answer with Content-Encoding gzip, whether the client takes it
// or not.
func Gzip() Fault {
	return Fault{Name: "Gzip()", Reply: func(x *Exchange) {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(x.Body)
		w.Close()
		x.Body = b.Bytes()
		x.Header.Set("Content-Encoding", "gzip")
	}}
}

// The query by which a redirected request is known.
const redirected = "redirected"

// Redirect sends the client to the same path on the same host, which answers
// there as it should. By POST it does so with 307, which keeps the method and
// the body (RFC 9110 section 15.4.8).
func Redirect() Fault {
	return redirect("Redirect()", func(x *Exchange) string { return requestPath(x.R) + "?" + redirected })
}

// RedirectLoop sends the client to where it is, a millisecond later: a client
// that goes round for ever would keep the time in a bubble of testing/synctest
// from going on.
func RedirectLoop() Fault {
	f := redirect("RedirectLoop()", func(x *Exchange) string { return requestPath(x.R) })
	reply := f.Reply
	f.Reply = func(x *Exchange) {
		reply(x)
		x.Wait(time.Millisecond)
	}
	return f
}

// RedirectTo sends the client to the same path below another URL, such as that
// of a responder that speaks HTTPS.
func RedirectTo(url string) Fault {
	return redirect(fmt.Sprintf("RedirectTo(%q)", url), func(x *Exchange) string {
		return strings.TrimSuffix(url, "/") + x.R.URL.EscapedPath()
	})
}

// requestPath is where the client asked, with a prefix that another server stripped on
// the way here.
func requestPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") {
		return r.URL.EscapedPath() // made by a test, or sent to a proxy
	}
	return path
}

func redirect(name string, to func(*Exchange) string) Fault {
	return Fault{Name: name, Reply: func(x *Exchange) {
		clear(x.Header)
		x.Error(http.StatusTemporaryRedirect)
		location := to(x)
		if strings.HasPrefix(location, "//") {
			location = "/." + location // or it would name a host
		}
		x.Header.Set("Location", location)
	}}
}

// StaleCacheHeaders sends headers that let caches keep the answer for a year
// longer than it is valid.
func StaleCacheHeaders() Fault {
	const year = 365 * 24 * time.Hour
	return Fault{Name: "StaleCacheHeaders()", Reply: func(x *Exchange) {
		x.Header.Set("Cache-Control", "max-age="+strconv.Itoa(int(year/time.Second))+", public")
		x.Header.Set("Expires", x.Time.Add(year).UTC().Format(http.TimeFormat))
	}}
}
