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
	"strconv"
	"sync"
	"time"
)

// A host listens on the loopback address. It counts its connections and
// goroutines, so that close leaves nothing behind.
type host struct {
	network *Network // nil: a socket
	port    int      // of the socket; 0: a free one
	log     serverLog
	notices io.Writer // what Close waits for; nil: stderr, because a test's log is shown only when the test ends

	// waitIdle waits until the handshakes under way have ended, up to waitTimeout. It
	// returns how many have not. Nil: there are none.
	waitIdle func() (unfinished int)

	listener    net.Listener
	http        *http.Server  // nil if it does not speak HTTP
	ready       chan net.Conn // connections for http
	endRequests func()        // cancels the contexts of requests

	closing   context.Context // ends when close begins
	beginEnd  func()          // ends closing
	closed    chan struct{}   // closed when close has ended
	closeOnce sync.Once
	running   sync.WaitGroup // goroutines and open connections

	mu       sync.Mutex
	started  bool
	conns    map[*conn]struct{} // open
	handlers int                // that have not returned
}

func newHost(network *Network, port int, waitIdle func() int) *host {
	h := &host{network: network, port: port, waitIdle: waitIdle, closed: make(chan struct{}), conns: make(map[*conn]struct{})}
	h.closing, h.beginEnd = context.WithCancel(context.Background())
	return h
}

// A conn is a connection that a host accepted.
type conn struct {
	net.Conn
	host *host
	once sync.Once

	// Guarded by host.mu.
	state   http.ConnState
	onClose func() // called once, after Close; nil: nothing
}

func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() {
		c.host.mu.Lock()
		onClose := c.onClose
		c.host.mu.Unlock()
		if onClose != nil {
			onClose()
		}
		c.host.mu.Lock()
		delete(c.host.conns, c)
		c.host.mu.Unlock()
		c.host.running.Done()
	})
	return err
}

func (c *conn) base() *conn { return c }

// NetConn returns the connection below, as that of a tls.Conn does.
func (c *conn) NetConn() net.Conn { return c.Conn }

// hostConn finds the conn below a connection that net/http has. There is none if
// the connection is another server's.
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

// start begins to listen, and runs serveConn in a goroutine for each connection.
// If there is a handler, serveConn must end with passToHTTP or Close.
func (h *host) start(serveConn func(*conn), handler http.Handler, protocols []string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.started:
		return errors.New("ocsptest: started twice; make another one")
	case h.closing.Err() != nil:
		return errors.New("ocsptest: started after Close; make another one")
	}
	l, err := h.listen()
	if err != nil {
		return err
	}
	h.listener, h.started = l, true
	if handler != nil {
		h.serveHTTP(handler, protocols)
	}
	h.running.Go(func() { h.accept(serveConn) })
	return nil
}

func (h *host) listen() (net.Listener, error) {
	if h.network != nil {
		return h.network.listenOn(h.port)
	}
	if inBubble() {
		return nil, errors.New("ocsptest: in a testing/synctest bubble a socket hangs; add WithNetwork(new(ocsptest.Network))")
	}
	port := strconv.Itoa(h.port)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil && !hasIPv4() {
		l, err = net.Listen("tcp", net.JoinHostPort("::1", port))
	}
	if err != nil {
		return nil, fmt.Errorf("ocsptest: cannot listen: %w", err)
	}
	return l, nil
}

func hasIPv4() bool {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

// inBubble reports whether it is called in a bubble of testing/synctest, where
// times have no monotonic reading.
func inBubble() bool {
	now := time.Now()
	return now == now.Round(0)
}

func (h *host) accept(serveConn func(*conn)) {
	for {
		raw, err := h.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files, which may pass
			select {
			case <-h.closing.Done():
				return
			case <-time.After(5 * time.Millisecond):
				continue
			}
		}
		c := &conn{Conn: raw, host: h}
		h.mu.Lock()
		if h.closing.Err() != nil {
			h.mu.Unlock()
			raw.Close()
			return
		}
		h.conns[c] = struct{}{}
		h.running.Add(1) // until Close of c
		h.mu.Unlock()
		h.running.Go(func() { serveConn(c) })
	}
}

// spawn runs f in a goroutine that close waits for. It does nothing once close
// has begun.
func (h *host) spawn(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing.Err() == nil {
		h.running.Go(f)
	}
}

// serveHTTP makes net/http serve the connections that are passed to it. It is
// called with h.mu held.
func (h *host) serveHTTP(handler http.Handler, protocols []string) {
	ctx, cancel := context.WithCancel(context.Background())
	h.endRequests = cancel
	h.ready = make(chan net.Conn)
	h.http = &http.Server{
		TLSConfig:   &tls.Config{NextProtos: protocols}, // HTTP/2 or not
		ConnState:   h.connState,
		ErrorLog:    log.New(&h.log, "net/http: ", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			c, _ := hostConn(nc)
			return context.WithValue(ctx, connKey{}, c)
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !h.runHandler(r.Context().Value(connKey{}).(*conn), func() { handler.ServeHTTP(w, r) }) {
				panic(http.ErrAbortHandler)
			}
		}),
	}
	h.running.Go(func() { h.http.Serve(passedConns{h}) })
}

// connKey is the context's key for the conn of a request.
type connKey struct{}

// runHandler runs a handler of the test's, and logs its panic. It returns false if
// the handler panicked, or was not run.
func (h *host) runHandler(c *conn, handler func()) (ok bool) {
	h.mu.Lock()
	// net/http can begin an HTTP/2 request when its connection, which close
	// waits for, is closed already.
	if _, open := h.conns[c]; !open && h.closing.Err() != nil {
		h.mu.Unlock()
		return false
	}
	h.running.Add(1)
	h.handlers++
	h.mu.Unlock()
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			h.log.panicked(p)
		}
		h.mu.Lock()
		h.handlers--
		h.mu.Unlock()
		h.running.Done()
	}()
	handler()
	return true
}

// passToHTTP gives a connection to net/http.
func (h *host) passToHTTP(c net.Conn) {
	h.running.Add(1) // until net/http is done with it
	select {
	case h.ready <- c:
	case <-h.closing.Done():
		c.Close()
		h.running.Done()
	}
}

// passedConns is the listener from which net/http gets its connections.
type passedConns struct{ host *host }

func (l passedConns) Accept() (net.Conn, error) {
	select {
	case c := <-l.host.ready:
		return c, nil
	case <-l.host.closing.Done():
		return nil, net.ErrClosed
	}
}

func (l passedConns) Close() error   { return nil }
func (l passedConns) Addr() net.Addr { return l.host.listener.Addr() }

// connState follows net/http, so that close knows which connections are idle.
func (h *host) connState(nc net.Conn, state http.ConnState) {
	c, _ := hostConn(nc)
	h.mu.Lock()
	c.state = state
	h.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		h.running.Done()
	}
}

// closeConns closes the connections for which the condition holds.
func (h *host) closeConns(where func(*conn) bool) {
	for _, c := range h.connsWhere(where) {
		c.Close()
	}
}

func (h *host) connsWhere(where func(*conn) bool) []*conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []*conn
	for c := range h.conns {
		if where(c) {
			out = append(out, c)
		}
	}
	return out
}

// addr is the address that the host listens on, or nil if it was not started.
func (h *host) addr() net.Addr {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.started {
		return nil
	}
	return h.listener.Addr()
}

func hostOf(addr net.Addr) string { return addr.(*net.TCPAddr).IP.String() }

// isUp reports whether the host listens.
func (h *host) isUp() bool { return h.addr() != nil && h.closing.Err() == nil }

// dial connects to the host.
func (h *host) dial(ctx context.Context) (net.Conn, error) {
	addr := h.addr()
	if addr == nil {
		return nil, errNotStarted
	}
	if h.network != nil {
		return h.network.DialContext(ctx, addr.Network(), addr.String())
	}
	var d net.Dialer
	return d.DialContext(ctx, addr.Network(), addr.String())
}

var errNotStarted = errors.New("ocsptest: not started; call Start first")
