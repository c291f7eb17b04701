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
	lastRead  []byte // the last bytes read, while the handshake is under way
	completed bool   // guarded by host.mu
}

// Read keeps what may be an alert in the clear.
func (s *session) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	if s.lastRead != nil {
		s.lastRead = append(s.lastRead, p[:n]...)
		s.lastRead = s.lastRead[max(0, len(s.lastRead)-alertRecord):]
	}
	return n, err
}

// Write counts what is sent. crypto/tls calls it in one goroutine at a time.
func (s *session) Write(p []byte) (int, error) {
	n, err := s.conn.Write(p)
	s.written += n
	return n, err
}

// sessionKey is the key for the session in the context of its handshake.
type sessionKey struct{}

// serveConn runs the handshake, and passes the connection to its handler.
func (s *Server) serveConn(c *conn) {
	session := &session{conn: c, server: s, lastRead: []byte{}}
	session.tls = tls.Server(session, s.tls)
	s.host.mu.Lock() // Close may be closing c already
	c.onClose = session.recordLateAlert
	s.host.mu.Unlock()
	err := session.tls.HandshakeContext(context.WithValue(context.Background(), sessionKey{}, session))
	session.record(err)
	switch {
	case err != nil:
		session.tls.Close()
	case s.settings.connHandler != nil:
		defer session.tls.Close()
		s.host.runHandler(c, func() { s.settings.connHandler(session.tls) })
	default:
		s.host.passToHTTP(session.tls)
	}
}

// record notes how the handshake ended.
func (s *session) record(err error) {
	if s.attempt == nil {
		if !isHangup(err) {
			s.server.recorder.recordNonTLS(err)
		}
		return
	}
	state, a := s.tls.ConnectionState(), s.attempt
	alert, written := s.alert(err), s.written
	s.lastRead = nil
	// From here on Close may read and write in another goroutine.
	s.host.mu.Lock()
	s.completed = err == nil
	s.host.mu.Unlock()
	s.server.recorder.end(a, func() {
		a.setState(state)
		if err != nil { // else Alert may be there already, from recordLateAlert
			a.Alert, a.Err = alert, err
		}
		if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
			a.PeerCertificates = refused.UnverifiedCertificates
		}
		// crypto/tls asks for a certificate that it then does not send if it
		// resumes a session, or finds nothing in common with the client.
		if a.Resumed || written < a.minCertificateBytes {
			a.Staple = nil
		}
	})
}

// alertRecord is the size of a record with an alert in the clear (RFC 8446
// sections 5.1 and 6).
const alertRecord = 7

// alert returns the alert that ended the handshake, if one did. In TLS 1.3,
// OpenSSL sends alerts in the clear until it has sent its Finished. crypto/tls
// takes them for records that it cannot decrypt.
func (s *session) alert(err error) Alert {
	if err == nil {
		return 0
	}
	if alert, ok := parseAlert(s.lastRead); ok {
		return alert
	}
	return receivedAlert(err)
}

const fatal = 2 // the level of an alert

// parseAlert reads a record that holds a fatal alert in the clear.
func parseAlert(record []byte) (Alert, bool) {
	if len(record) != alertRecord || record[0] != alertType || record[1] != 3 || record[3] != 0 || record[4] != 2 || record[5] != fatal {
		return 0, false
	}
	return Alert(record[6]), true
}

// recordLateAlert notes, when the connection is closed, the alert that the
// client sent after the handshake.
func (s *session) recordLateAlert() {
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

// lateAlert returns the alert that the client sent after the handshake: crypto/tls
// keeps it as an error, or finds it in what it has read already. The connection
// below is closed, so reading ends.
func (s *session) lateAlert() Alert {
	var buf [512]byte
	for {
		if _, err := s.tls.Read(buf[:]); err != nil {
			return receivedAlert(err)
		}
	}
}

// isHangup reports whether the peer, or our Close, ended the connection without an
// alert.
func isHangup(err error) bool {
	if receivedAlert(err) != 0 {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	network := ok && op.Op != "local error" // which is an alert that crypto/tls sent
	return network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
