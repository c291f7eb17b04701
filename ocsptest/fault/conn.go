package fault

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Delay waits for d before it responds, or until the client goes or the
// responder closes.
func Delay(d time.Duration) Fault {
	if d < 0 {
		panic(fmt.Sprintf("fault: Delay(%s); the delay must not be negative", durationInGo(d)))
	}
	return Fault{Name: fmt.Sprintf("Delay(%s)", durationInGo(d)), Reply: func(x *Exchange) { x.Wait(d) }}
}

// Hang never responds. The connection ends when the client goes, or the
// responder closes.
func Hang() Fault {
	return Fault{Name: "Hang()", Send: func(x *Exchange) {
		<-x.R.Context().Done()
		panic(http.ErrAbortHandler)
	}}
}

// Drip sends the body byte by byte, with a pause before each.
func Drip(pause time.Duration) Fault {
	if pause < 0 {
		panic(fmt.Sprintf("fault: Drip(%s); the pause must not be negative", durationInGo(pause)))
	}
	return Fault{Name: fmt.Sprintf("Drip(%s)", durationInGo(pause)), Send: func(x *Exchange) {
		if len(x.Body) == 0 {
			x.Send()
			return
		}
		x.Header.Set("Content-Length", strconv.Itoa(len(x.Body)))
		for i := range x.Body {
			x.Wait(pause)
			if i == 0 {
				x.W.WriteHeader(x.Status)
			}
			x.W.Write(x.Body[i : i+1])
			http.NewResponseController(x.W).Flush()
		}
	}}
}

// Reset ends the connection with a TCP reset, without a response.
func Reset() Fault {
	return Fault{Name: "Reset()", Send: func(x *Exchange) { reset(x, nil) }}
}

// ResetAfter sends the header and the first n bytes of the body, and resets the
// connection. In memory and on Linux a client reads them all before the reset;
// other systems may lose what it has not read yet.
func ResetAfter(n int) Fault {
	if n < 0 {
		panic(fmt.Sprintf("fault: ResetAfter(%d); the number of bytes must not be negative", n))
	}
	return Fault{Name: fmt.Sprintf("ResetAfter(%d)", n), Send: func(x *Exchange) {
		reset(x, encodeHTTP(x, strconv.Itoa(len(x.Body)), x.Body[:min(n, len(x.Body))]))
	}}
}

// Hangup closes the connection without a response, as a server does that is
// stopped.
func Hangup() Fault {
	return Fault{Name: "Hangup()", Send: func(*Exchange) { panic(http.ErrAbortHandler) }}
}

// NoContentLength leaves Content-Length out; the end of the connection is the
// end of the body.
func NoContentLength() Fault {
	return Fault{Name: "NoContentLength()", Send: func(x *Exchange) { sendRaw(x, encodeHTTP(x, "", x.Body)) }}
}

// ShortContentLength sends a Content-Length that is one byte too small.
func ShortContentLength() Fault { return contentLength("ShortContentLength()", -1) }

// LongContentLength sends a Content-Length that is one byte too large, and
// closes the connection.
func LongContentLength() Fault { return contentLength("LongContentLength()", 1) }

func contentLength(name string, more int) Fault {
	return Fault{Name: name, Send: func(x *Exchange) {
		sendRaw(x, encodeHTTP(x, strconv.Itoa(max(0, len(x.Body)+more)), x.Body))
	}}
}

// encodeHTTP returns an HTTP/1.1 response as it is on the wire.
func encodeHTTP(x *Exchange, contentLength string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", x.Status, http.StatusText(x.Status))
	header := x.Header.Clone()
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

// sendRaw sends bytes past net/http, and closes the connection.
func sendRaw(x *Exchange, data []byte) {
	conn := hijack(x)
	defer conn.Close()
	conn.Write(data)
}

// reset sends bytes past net/http, and resets the connection.
func reset(x *Exchange, data []byte) {
	conn := hijack(x)
	defer conn.Close()
	if data != nil {
		conn.Write(data)
	}
	if tcp, ok := tcpBelow(conn); ok {
		tcp.SetLinger(0) // Close resets
		tcp.Close()
	}
}

// hijack takes the connection from net/http. If that is not possible, as with
// HTTP/2, it aborts the response.
func hijack(x *Exchange) net.Conn {
	conn, _, err := http.NewResponseController(x.W).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn
}

// A lingerer is a *net.TCPConn, or what stands for one in memory.
type lingerer interface {
	net.Conn
	SetLinger(seconds int) error
}

// tcpBelow finds the TCP connection below TLS and other wrappers.
func tcpBelow(conn net.Conn) (lingerer, bool) {
	for {
		if tcp, ok := conn.(lingerer); ok {
			return tcp, true
		}
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil, false
		}
		conn = wrapper.NetConn()
	}
}
