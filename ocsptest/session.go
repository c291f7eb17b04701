package ocsptest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// A session is TLS on one connection of a server.
type session struct {
	*conn
	server    *Server
	tls       *tls.Conn
	attempt   *attempt // nil before the ClientHello
	written   int
	tail      []byte // the last bytes read, while the handshake is under way
	completed bool   // guarded by host.mu
}

// Read keeps what may be an alert in the clear.
func (s *session) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	if s.tail != nil {
		s.tail = append(s.tail, p[:n]...)
		s.tail = s.tail[max(0, len(s.tail)-alertRecord):]
	}
	return n, err
}

// Write counts what is sent. crypto/tls calls it from one goroutine at a time.
func (s *session) Write(p []byte) (int, error) {
	n, err := s.conn.Write(p)
	s.written += n
	return n, err
}

// The session whose handshake it is, in the handshake's context.
type sessionKey struct{}

// ours returns the session of a handshake, or nil if it is not one of ours.
func ours(hello *tls.ClientHelloInfo) *session {
	s, _ := hello.Context().Value(sessionKey{}).(*session)
	return s
}

// serve runs the handshake, and hands the connection to what serves it.
func (s *Server) serve(c *conn) {
	session := &session{conn: c, server: s}
	session.tls = tls.Server(session, s.tls)
	c.closed = session.end
	session.tail = []byte{}
	err := session.tls.HandshakeContext(context.WithValue(context.Background(), sessionKey{}, session))
	session.record(err)
	switch {
	case err != nil:
		session.tls.Close()
	case s.settings.connHandler != nil:
		defer session.tls.Close()
		s.settings.connHandler(session.tls)
	default:
		s.host.handOver(session.tls)
	}
}

// record notes how the handshake ended.
func (s *session) record(err error) {
	if s.attempt == nil {
		if !isHangup(err) {
			s.server.recorder.garbled(err)
		}
		return
	}
	state, a := s.tls.ConnectionState(), s.attempt
	alert, written := s.alert(err), s.written
	s.tail = nil
	// From here on Close may read and write in another goroutine.
	s.host.mu.Lock()
	s.completed = err == nil
	s.host.mu.Unlock()
	s.server.recorder.end(func() {
		a.Version, a.Resumed = state.Version, state.DidResume
		a.Alert, a.Err = max(alert, a.Alert), err
		// crypto/tls asks for a certificate that it then may not send, because
		// it resumes a session or finds nothing in common.
		if a.Resumed || written < a.flight {
			a.Staple = nil
		}
	})
}

// How long a record is that holds an alert (RFC 8446 sections 5.1 and 6).
const alertRecord = 7

// alert returns the alert that ended the handshake, if one did. OpenSSL sends
// its alerts in the clear until it has sent its Finished, in TLS 1.3 too, and
// crypto/tls takes them for records that it cannot decrypt.
func (s *session) alert(err error) Alert {
	const alertType, fatal, badRecordMAC = 21, 2, 20
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "local error" && alertNumber(op.Err) == badRecordMAC &&
		len(s.tail) == alertRecord && s.tail[0] == alertType && s.tail[1] == 3 && s.tail[3] == 0 && s.tail[4] == 2 && s.tail[5] == fatal {
		return Alert(s.tail[6])
	}
	return receivedAlert(err)
}

// end notes, when the connection is closed, the alert that ended it.
func (s *session) end() {
	s.host.mu.Lock()
	completed := s.completed
	s.host.mu.Unlock()
	if !completed {
		return
	}
	if alert := s.lateAlert(); alert != 0 {
		s.server.recorder.change(func() { s.attempt.Alert = alert })
	}
}

// lateAlert returns the alert that the client sent after the handshake. It is
// the error that crypto/tls keeps, or finds in what it has read already; the
// connection below is closed, so that reading comes to an end.
func (s *session) lateAlert() Alert {
	var buf [512]byte
	for {
		if _, err := s.tls.Read(buf[:]); err != nil {
			return receivedAlert(err)
		}
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
