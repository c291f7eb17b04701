package ocsptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// A host listens on the loopback address, keeps count of its connections and
// of what runs for them, and comes to an end with nothing left.
type host struct {
	network *Network // nil: 127.0.0.1
	port    int      // there; 0: a free one
	noise   noise
	notices io.Writer // what Close waits for; nil: stderr, because a test's log is shown only when the test ends

	listener net.Listener
	http     *http.Server  // nil if it does not speak HTTP
	ready    chan net.Conn // connections for net/http
	quit     chan struct{} // closed by close
	cancel   func()        // the contexts of requests
	ended    sync.Once

	mu      sync.Mutex
	started bool
	closing bool
	conns   map[*conn]struct{}
	busy    int           // goroutines and open connections
	gone    chan struct{} // closed when closing and no longer busy
}

// A conn is a connection that a host accepted.
type conn struct {
	net.Conn
	host   *host
	closed func()         // called once, after Close; nil for nothing
	state  http.ConnState // guarded by host.mu
	once   sync.Once
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		if c.closed != nil {
			c.closed()
		}
		c.host.forget(c)
	})
	return err
}

func (c *conn) base() *conn { return c }

// NetConn returns the connection below, as that of a tls.Conn does.
func (c *conn) NetConn() net.Conn { return c.Conn }

// hostConn finds what a host accepted below a connection that net/http has. It
// is not there if the connection is of another server.
func hostConn(nc net.Conn) (*conn, bool) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	b, ok := nc.(interface{ base() *conn })
	if !ok {
		return nil, false
	}
	return b.base(), true
}

// start begins to listen, and runs serve in a goroutine for each connection.
// With a handler, serve is to end with handOver or Close.
func (h *host) start(serve func(*conn), handler http.Handler, protocols []string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.started || h.closing {
		return errors.New("ocsptest: it was started or closed before; make another")
	}
	var err error
	if h.listener, err = h.listen(); err != nil {
		return fmt.Errorf("ocsptest: cannot listen: %w", err)
	}
	h.started = true
	h.conns = make(map[*conn]struct{})
	h.quit, h.gone = make(chan struct{}), make(chan struct{})
	h.busy++
	go h.accept(serve)
	if handler != nil {
		h.serveHTTP(handler, protocols)
	}
	return nil
}

func (h *host) listen() (net.Listener, error) {
	if h.network != nil {
		return h.network.Listen()
	}
	port := strconv.Itoa(h.port)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err == nil {
		return l, nil
	}
	if other, err4 := net.Listen("tcp", "127.0.0.1:0"); err4 == nil {
		other.Close()
		return nil, err // the port is taken
	}
	if l, err6 := net.Listen("tcp", net.JoinHostPort("::1", port)); err6 == nil { // no IPv4
		return l, nil
	}
	return nil, err
}

func (h *host) accept(serve func(*conn)) {
	defer h.leave()
	for {
		raw, err := h.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// A client that gave up, or no file to spare: the next may do.
			select {
			case <-h.quit:
				return
			case <-time.After(5 * time.Millisecond):
				continue
			}
		}
		c := &conn{Conn: raw, host: h}
		h.mu.Lock()
		if h.closing {
			h.mu.Unlock()
			raw.Close()
			continue
		}
		h.conns[c] = struct{}{}
		h.busy += 2 // the connection and its goroutine
		h.mu.Unlock()
		go func() {
			defer h.leave()
			serve(c)
		}()
	}
}

// serveHTTP has net/http serve the connections that are handed over. It is
// called with h.mu held.
func (h *host) serveHTTP(handler http.Handler, protocols []string) {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	h.ready = make(chan net.Conn)
	h.http = &http.Server{
		TLSConfig:   &tls.Config{NextProtos: protocols}, // HTTP/2 or not
		ConnState:   h.connState,
		ErrorLog:    log.New(&h.noise, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.enter()
			defer h.leave()
			handler.ServeHTTP(w, r)
		}),
	}
	h.busy++
	go func() {
		defer h.leave()
		h.http.Serve(handover{h})
	}()
}

// handOver gives a connection to net/http.
func (h *host) handOver(c net.Conn) {
	h.enter() // until net/http is done with it
	select {
	case h.ready <- c:
	case <-h.quit:
		c.Close()
		h.leave()
	}
}

// handover is the listener from which net/http gets its connections.
type handover struct{ host *host }

func (l handover) Accept() (net.Conn, error) {
	select {
	case c := <-l.host.ready:
		return c, nil
	case <-l.host.quit:
		return nil, net.ErrClosed
	}
}

func (l handover) Close() error   { return nil }
func (l handover) Addr() net.Addr { return l.host.listener.Addr() }

// connState follows net/http, so that close tells idle connections from others.
func (h *host) connState(nc net.Conn, state http.ConnState) {
	c, _ := hostConn(nc)
	h.mu.Lock()
	c.state = state
	h.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		h.leave()
	}
}

// forget is called once for each connection, when it is closed.
func (h *host) forget(c *conn) {
	h.mu.Lock()
	delete(h.conns, c)
	h.mu.Unlock()
	h.leave()
}

func (h *host) enter() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy++
}

func (h *host) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	if h.closing && h.busy == 0 {
		// An HTTP/2 handler can begin when its connection is closed already.
		select {
		case <-h.gone:
		default:
			close(h.gone)
		}
	}
}

// close ends it all. It calls settle when no new connections come and those
// that there are still live.
func (h *host) close(settle func()) {
	h.ended.Do(func() {
		h.mu.Lock()
		h.closing = true
		started := h.started
		h.mu.Unlock()
		if !started {
			return
		}
		h.listener.Close()
		settle()
		close(h.quit)
		if h.http != nil {
			// net/http closes active connections when their requests end.
			h.http.SetKeepAlivesEnabled(false)
		}
		for _, c := range h.pick(func(c *conn) bool { return c.state != http.StateActive }) {
			c.Close()
		}
		h.await()
		if h.cancel != nil {
			h.cancel()
		}
	})
}

func (h *host) await() {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-h.gone:
		return
	case <-timeout.C:
	}
	all := h.pick(func(*conn) bool { return true })
	h.notify("Close of %s has waited %v for handlers to return; it now cancels their contexts and closes %d connections", h.addr(), patience, len(all))
	if h.cancel != nil {
		h.cancel()
	}
	for _, c := range all {
		c.Close()
	}
	<-h.gone
}

func (h *host) notify(format string, args ...any) {
	w := h.notices
	if w == nil {
		w = os.Stderr
	}
	fmt.Fprintf(w, "ocsptest: "+format+"\n", args...)
}

func (h *host) pick(which func(*conn) bool) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []*conn
	for c := range h.conns {
		if which(c) {
			out = append(out, c)
		}
	}
	return out
}

// addr is the address listened on, or nil if it was not started.
func (h *host) addr() net.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.started {
		return nil
	}
	return h.listener.Addr()
}

// dial connects to the host.
func (h *host) dial(ctx context.Context) (net.Conn, error) {
	addr := h.addr()
	if addr == nil {
		return nil, errors.New("ocsptest: it was not started; call Start")
	}
	if h.network != nil {
		return h.network.DialContext(ctx, addr.Network(), addr.String())
	}
	var d net.Dialer
	return d.DialContext(ctx, addr.Network(), addr.String())
}
