package ocsptest

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A flakyListener fails a number of times before it accepts connections.
type flakyListener struct {
	net.Listener
	failures int
	failed   atomic.Int32
}

var errFlaky = errors.New("too many open files")

func (l *flakyListener) Accept() (net.Conn, error) {
	if int(l.failed.Load()) < l.failures {
		l.failed.Add(1)
		return nil, errFlaky
	}
	return l.Listener.Accept()
}

// acceptFrom starts a host that accepts from l.
func acceptFrom(l net.Listener, serveConn func(*conn)) *host {
	h := newHost(nil, 0, nil)
	h.listener, h.started = l, true
	h.running.Go(func() { h.accept(serveConn) })
	return h
}

// A host goes on after errors of Accept, with a pause after each.
func TestHostGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := new(Network)
		l, err := network.Listen()
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		h := acceptFrom(&flakyListener{Listener: l, failures: 3}, func(c *conn) {
			c.Close()
			close(served)
		})
		begin := time.Now()
		c, err := network.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		<-served
		if got := time.Since(begin); got != 15*time.Millisecond {
			t.Errorf("served after %v", got)
		}
		h.close()
	})
}

// A listener that only fails does not delay close.
func TestHostClosesWhileAcceptFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := new(Network).Listen()
		if err != nil {
			t.Fatal(err)
		}
		flaky := &flakyListener{Listener: l, failures: 1 << 30}
		h := acceptFrom(flaky, func(c *conn) { c.Close() })
		time.Sleep(time.Second + time.Millisecond)
		if got := flaky.failed.Load(); got != 201 {
			t.Errorf("tried %d times in a second", got)
		}
		begin := time.Now()
		h.close()
		if got := time.Since(begin); got != 0 {
			t.Errorf("close took %v", got)
		}
	})
}

// A connection that is accepted when close has begun is closed, and not served.
func TestHostServesNothingWhenItCloses(t *testing.T) {
	t.Parallel()
	client, server := newMemoryConns(&net.TCPAddr{})
	l := &lateListener{closed: make(chan struct{}), conn: server}
	h := acceptFrom(l, func(*conn) { t.Error("served") })
	h.close()
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is open")
	}
}

// A lateListener accepts one connection after Close.
type lateListener struct {
	net.Listener
	closed chan struct{}
	conn   net.Conn
}

func (l *lateListener) Accept() (net.Conn, error) {
	<-l.closed
	if l.conn == nil {
		return nil, net.ErrClosed
	}
	c := l.conn
	l.conn = nil
	return c, nil
}

func (l *lateListener) Close() error {
	close(l.closed)
	return nil
}

// A request that net/http begins after its connection was closed is not served.
func TestHostRunsNoHandlerAfterItsConnection(t *testing.T) {
	t.Parallel()
	h := newHost(nil, 0, nil)
	c := &conn{host: h}
	if !h.runHandler(c, func() {}) {
		t.Error("not run before close")
	}
	h.close()
	if h.runHandler(c, func() { t.Error("run after close") }) {
		t.Error("reported as run")
	}
}

func TestParseAlert(t *testing.T) {
	t.Parallel()
	alert := []byte{21, 3, 3, 0, 2, 2, 44}
	if got, ok := parseAlert(alert); got != 44 || !ok {
		t.Errorf("%v, %v", got, ok)
	}
	for i := range alert[:6] {
		if i == 2 {
			continue // the minor version, which clients do not agree on
		}
		changed := append([]byte(nil), alert...)
		changed[i]++
		if _, ok := parseAlert(changed); ok {
			t.Errorf("% x is taken for a fatal alert", changed)
		}
	}
	if _, ok := parseAlert(alert[:6]); ok {
		t.Error("a record that is cut is taken for an alert")
	}
}
