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

// HTTPError responds with an HTTP status code and its text. If retryAfter is
// given, the response has a Retry-After header, in seconds, rounded up.
// HTTPError panics if code is not from 200 to 999.
func HTTPError(code int, retryAfter ...time.Duration) Fault {
	mustBeStatusCode("HTTPError", code)
	if len(retryAfter) > 1 || len(retryAfter) == 1 && retryAfter[0] < 0 {
		panic(fmt.Sprintf("fault: HTTPError(%d, %v); give one Retry-After, which must not be negative", code, retryAfter))
	}
	name := fmt.Sprintf("HTTPError(%d)", code)
	if len(retryAfter) > 0 {
		name = fmt.Sprintf("HTTPError(%d, %s)", code, durationInGo(retryAfter[0]))
	}
	return Fault{Name: name, Reply: func(x *Exchange) {
		clear(x.Header)
		x.Refuse(code)
		if len(retryAfter) > 0 {
			x.Header.Set("Retry-After", strconv.Itoa(int((retryAfter[0]+time.Second-1)/time.Second)))
		}
	}}
}

// StatusCode sends the correct body and headers with another HTTP status code.
// It panics if code is not from 200 to 999.
func StatusCode(code int) Fault {
	mustBeStatusCode("StatusCode", code)
	return Fault{Name: fmt.Sprintf("StatusCode(%d)", code), Reply: func(x *Exchange) { x.Status = code }}
}

func mustBeStatusCode(name string, code int) {
	if code < 200 || code > 999 {
		panic(fmt.Sprintf("fault: %s(%d); use a status code from 200 to 999", name, code))
	}
}

// GETOnly refuses methods other than GET with 405.
func GETOnly() Fault { return onlyMethod("GETOnly()", http.MethodGet) }

// POSTOnly refuses methods other than POST with 405.
func POSTOnly() Fault { return onlyMethod("POSTOnly()", http.MethodPost) }

func onlyMethod(name, method string) Fault {
	return Fault{Name: name, Reply: func(x *Exchange) {
		if x.R.Method != method {
			clear(x.Header)
			x.Refuse(http.StatusMethodNotAllowed)
			x.Header.Set("Allow", method)
		}
	}}
}

// ContentType sends another Content-Type than application/ocsp-response. If it
// is empty, the response has none.
func ContentType(contentType string) Fault {
	return Fault{Name: fmt.Sprintf("ContentType(%q)", contentType), Reply: func(x *Exchange) { setContentType(x.Header, contentType) }}
}

func setContentType(h http.Header, contentType string) {
	h["Content-Type"] = nil // or net/http would guess
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
}

// Body responds with 200 and this body. If contentType is empty, the response
// has no Content-Type.
func Body(contentType string, body []byte) Fault {
	body = bytes.Clone(body)
	return Fault{Name: fmt.Sprintf("Body(%q, %d bytes)", contentType, len(body)), Reply: func(x *Exchange) {
		clear(x.Header)
		setContentType(x.Header, contentType)
		x.Status, x.Body = http.StatusOK, body
	}}
}

// EmptyBody responds with 200, the correct Content-Type and an empty body.
func EmptyBody() Fault {
	f := Body("application/ocsp-response", nil)
	f.Name = "EmptyBody()"
	return f
}

// HugeBody sends the correct body, followed by zeros up to size bytes.
func HugeBody(size int64) Fault {
	if size < 0 {
		panic(fmt.Sprintf("fault: HugeBody(%d); the size must not be negative", size))
	}
	return Fault{Name: fmt.Sprintf("HugeBody(%d)", size), Send: func(x *Exchange) {
		left := max(size-int64(len(x.Body)), 0)
		x.Header.Set("Content-Length", strconv.FormatInt(int64(len(x.Body))+left, 10))
		x.W.WriteHeader(x.Status)
		x.W.Write(x.Body)
		zeros := make([]byte, 32<<10)
		for ; left > 0; left -= int64(len(zeros)) {
			if _, err := x.W.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
				return
			}
		}
	}}
}

// Chunked sends the body in two chunks (RFC 9112 section 7.1), the first of one
// byte.
func Chunked() Fault {
	return Fault{Name: "Chunked()", Send: func(x *Exchange) {
		x.W.WriteHeader(x.Status)
		for _, part := range [][]byte{x.Body[:min(1, len(x.Body))], x.Body[min(1, len(x.Body)):]} {
			x.W.Write(part)
			http.NewResponseController(x.W).Flush()
		}
	}}
}

// Gzip sends the body with Content-Encoding gzip, whether the client accepts
// that or not.
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

// The query in the URL that Redirect redirects to.
const redirectedQuery = "redirected"

// Redirect redirects once, to the same path on the same host with a query, where
// the response is correct. The status code is 307, which keeps method and body
// (RFC 9110 section 15.4.8).
func Redirect() Fault {
	return redirect("Redirect()", func(x *Exchange) string { return requestPath(x.R) + "?" + redirectedQuery })
}

// RedirectLoop redirects to the same URL, after a millisecond, so that fake time
// advances inside testing/synctest.
func RedirectLoop() Fault {
	f := redirect("RedirectLoop()", func(x *Exchange) string { return requestPath(x.R) })
	reply := f.Reply
	f.Reply = func(x *Exchange) {
		reply(x)
		x.Wait(time.Millisecond)
	}
	return f
}

// RedirectTo redirects to the same path below another URL, such as that of a
// responder over HTTPS.
func RedirectTo(url string) Fault {
	return redirect(fmt.Sprintf("RedirectTo(%q)", url), func(x *Exchange) string {
		return strings.TrimSuffix(url, "/") + x.R.URL.EscapedPath()
	})
}

// requestPath returns the path that the client sent, including a prefix that
// http.StripPrefix took off.
func requestPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if !strings.HasPrefix(path, "/") {
		return r.URL.EscapedPath() // the request was made by a test, or sent to a proxy
	}
	return path
}

func redirect(name string, to func(*Exchange) string) Fault {
	return Fault{Name: name, Reply: func(x *Exchange) {
		clear(x.Header)
		x.Refuse(http.StatusTemporaryRedirect)
		location := to(x)
		if strings.HasPrefix(location, "//") {
			location = "/." + location // or it would name a host
		}
		x.Header.Set("Location", location)
	}}
}

// StaleCacheHeaders sends headers that let caches keep the response for a year.
func StaleCacheHeaders() Fault {
	const year = 365 * 24 * time.Hour
	return Fault{Name: "StaleCacheHeaders()", Reply: func(x *Exchange) {
		x.Header.Set("Cache-Control", "max-age="+strconv.Itoa(int(year/time.Second))+", public")
		x.Header.Set("Expires", x.Time.Add(year).UTC().Format(http.TimeFormat))
	}}
}
