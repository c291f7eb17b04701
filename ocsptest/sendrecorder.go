package ocsptest

import (
	"bufio"
	"net"
	"net/http"
)

// A sendRecorder records what a fault's Send hook sends, before it is sent: how
// much of the Body, and whether anything at all.
type sendRecorder struct {
	http.ResponseWriter
	x      *exchange
	status int
	body   int // bytes of it
}

func (w *sendRecorder) WriteHeader(status int) {
	w.status = status
	w.x.sent(status, nil)
	w.ResponseWriter.WriteHeader(status)
}

func (w *sendRecorder) Write(p []byte) (int, error) {
	w.body = min(w.body+len(p), len(w.x.Body))
	w.x.sent(w.status, w.x.Body[:w.body])
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *sendRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack is called by http.ResponseController.
func (w *sendRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return hijacked{conn, w.x}, buffer, nil
}

// A hijacked connection records the Body as sent once something is written.
type hijacked struct {
	net.Conn
	x *exchange
}

func (c hijacked) Write(p []byte) (int, error) {
	c.x.sent(c.x.Status, c.x.Body)
	return c.Conn.Write(p)
}

// NetConn returns the connection below, as that of a tls.Conn does.
func (c hijacked) NetConn() net.Conn { return c.Conn }
