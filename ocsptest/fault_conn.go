package ocsptest

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Delay waits before it answers. It waits no longer for a client that has gone,
// and not for Close.
func Delay(d time.Duration) Fault {
	return Fault{text: fmt.Sprintf("Delay(%s)", inGo(d)), send: func(x *exchange) {
		if !x.wait(d) {
			x.abandon(0)
		}
		x.send()
	}}
}

// Hang never answers. The connection ends when the client goes, or with Close.
func Hang() Fault {
	return Fault{text: "Hang()", silent: true, send: func(x *exchange) {
		select {
		case <-x.r.Context().Done():
		case <-x.responder.closing:
		}
		x.abandon(0)
	}}
}

// Drip sends the answer byte by byte, with a pause before each.
func Drip(pause time.Duration) Fault {
	return Fault{text: fmt.Sprintf("Drip(%s)", inGo(pause)), send: func(x *exchange) {
		x.header.Set("Content-Length", strconv.Itoa(len(x.body)))
		x.w.WriteHeader(x.status)
		for i := range x.body {
			if !x.wait(pause) {
				x.abandon(i)
			}
			x.w.Write(x.body[i : i+1])
			http.NewResponseController(x.w).Flush()
		}
	}}
}

// wait waits, and says whether there is still somebody to answer.
func (x *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
	case <-x.responder.closing:
	}
	return false
}

// abandon ends the connection of a client that has had so many bytes of the
// body; one that has had none has had no headers either.
func (x *exchange) abandon(sent int) {
	x.responder.mu.Lock()
	x.record.Answer = x.body[:sent]
	if sent == 0 {
		x.record.StatusCode, x.record.Answer = 0, nil
	}
	x.responder.mu.Unlock()
	panic(http.ErrAbortHandler)
}

// Reset ends the connection with a TCP reset, without an answer.
func Reset() Fault {
	return Fault{text: "Reset()", silent: true, send: func(x *exchange) { x.reset(nil) }}
}

// ResetAfter sends the first n bytes of the answer, headers not counted, and
// resets the connection. In memory and on Linux a client reads them all before
// the reset; other systems may lose what it has not read yet.
func ResetAfter(n int) Fault {
	return Fault{text: fmt.Sprintf("ResetAfter(%d)", n), send: func(x *exchange) {
		x.reset(x.wire(strconv.Itoa(len(x.body)), x.body[:min(max(n, 0), len(x.body))]))
	}}
}

// Hangup closes the connection without an answer, as a server that is stopped.
func Hangup() Fault {
	return Fault{text: "Hangup()", silent: true, send: func(*exchange) { panic(http.ErrAbortHandler) }}
}

// NoContentLength leaves Content-Length out; the end of the connection is the
// end of the answer.
func NoContentLength() Fault {
	return Fault{text: "NoContentLength()", send: func(x *exchange) { x.raw(x.wire("", x.body)) }}
}

// ShortContentLength sends a Content-Length that is one byte too small.
func ShortContentLength() Fault { return contentLength("ShortContentLength()", -1) }

// LongContentLength sends a Content-Length that is one byte too large, and
// closes the connection.
func LongContentLength() Fault { return contentLength("LongContentLength()", 1) }

func contentLength(text string, more int) Fault {
	return Fault{text: text, send: func(x *exchange) {
		x.raw(x.wire(strconv.Itoa(max(0, len(x.body)+more)), x.body))
	}}
}

// wire is an answer of HTTP/1.1 as its bytes go.
func (x *exchange) wire(contentLength string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", x.status, http.StatusText(x.status))
	header := x.header.Clone()
	header.Set("Connection", "close")
	header.Del("Content-Length")
	if contentLength != "" {
		header.Set("Content-Length", contentLength)
	}
	header.Write(&b)
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// raw sends bytes past net/http, and closes the connection.
func (x *exchange) raw(data []byte) {
	nc := x.hijack()
	defer nc.Close()
	nc.Write(data)
}

// reset sends bytes past net/http, and resets the connection.
func (x *exchange) reset(data []byte) {
	nc := x.hijack()
	defer nc.Close()
	nc.Write(data)
	c, ok := hostConn(nc)
	if !ok {
		return // of another server; it is closed, which is as near as it gets
	}
	switch c := c.Conn.(type) {
	case *net.TCPConn:
		c.SetLinger(0)
		c.Close()
	case *memoryConn:
		c.reset()
	}
}

// hijack takes the connection from net/http. Where it cannot be had, as over
// HTTP/2, the answer is cut off.
func (x *exchange) hijack() net.Conn {
	nc, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nc
}
