package ocsptest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// A conn is a connection that a server accepted, below TLS.
type conn struct {
	net.Conn
	server    *Server
	tls       *tls.Conn
	attempt   *attempt // nil before the ClientHello
	written   int
	completed bool           // guarded by server.mu
	state     http.ConnState // guarded by server.mu
	close     sync.Once
}

// Write counts what is sent. crypto/tls calls it from one goroutine at a time.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written += n
	return n, err
}

// Close closes the connection and notes the alert that ended it, if one did.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.close.Do(func() { c.server.closed(c) })
	return err
}

// lateAlert returns the alert that the client sent after the handshake. It is
// the error that crypto/tls keeps, or finds in what it has read already; the
// connection below is closed, so that reading comes to an end.
func (c *conn) lateAlert() Alert {
	var buf [512]byte
	for {
		if _, err := c.tls.Read(buf[:]); err != nil {
			return receivedAlert(err)
		}
	}
}

// serve runs the handshake, and hands the connection to what serves it.
func (s *Server) serve(c *conn) {
	c.tls = tls.Server(c, s.tls)
	err := c.tls.HandshakeContext(withConn(c))
	state := c.tls.ConnectionState()
	switch {
	case c.attempt != nil:
		s.mu.Lock()
		c.completed = err == nil
		s.mu.Unlock()
		a := c.attempt
		s.recorder.end(func() {
			a.Version, a.Resumed = state.Version, state.DidResume
			a.Alert, a.Err = receivedAlert(err), err
			// crypto/tls asks for a certificate that it then may not send,
			// because it resumes a session or finds nothing in common.
			if a.Resumed || c.written < a.flight {
				a.Staple = nil
			}
		})
	case !isHangup(err):
		s.recorder.garbled(err)
	}
	if err != nil {
		c.tls.Close()
		return
	}
	if s.settings.connHandler != nil {
		defer c.tls.Close()
		s.settings.connHandler(c.tls)
		return
	}
	s.enter() // until net/http is done with it
	select {
	case s.ready <- c.tls:
	case <-s.quit:
		c.tls.Close()
		s.leave()
	}
}

// isHangup says that the peer, or our Close, ended the connection without a
// word.
func isHangup(err error) bool {
	if receivedAlert(err) != 0 {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	network := ok && op.Op != "local error" // as crypto/tls calls an alert that it sent itself
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// handoff is the listener from which net/http gets connections whose handshake
// is done.
type handoff struct{ server *Server }

func (h handoff) Accept() (net.Conn, error) {
	select {
	case c := <-h.server.ready:
		return c, nil
	case <-h.server.quit:
		return nil, net.ErrClosed
	}
}

func (h handoff) Close() error   { return nil }
func (h handoff) Addr() net.Addr { return h.server.listener.Addr() }
