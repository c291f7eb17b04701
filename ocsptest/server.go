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
	"strings"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Server is a TLS server on 127.0.0.1 that staples OCSP responses. It speaks
// HTTP/1.1 and HTTP/2 over TLS 1.2 and 1.3, unless options say otherwise.
type Server struct {
	URL  string       // https://127.0.0.1:port, once started
	CA   *fakeca.CA   // that issued the leaf
	Leaf *fakeca.Leaf // the server's certificate

	settings settings
	config   *tls.Config // without recording
	tls      *tls.Config // with
	stapler  *stapler
	recorder *recorder
	noise    *noise
	tb       TB // nil if unstarted

	listener net.Listener
	http     *http.Server // nil with a handler of connections
	client   *http.Client
	ready    chan *tls.Conn // connections whose handshake is done, for net/http
	quit     chan struct{}  // closed by Close
	cancel   context.CancelFunc
	close    sync.Once

	mu      sync.Mutex
	started bool
	closing bool
	conns   map[*conn]struct{}
	busy    int           // goroutines and open connections
	gone    chan struct{} // closed when closing and no longer busy
}

// NewServer starts a server, and closes it when the test ends. If the test
// failed, it logs what the server saw.
func NewServer(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := newServer(opts)
	if err == nil {
		s.tb = t
		err = s.start()
	}
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(s.finish)
	return s
}

// NewUnstartedServer returns a server that is not listening yet, for TestMain,
// examples and programs. It panics on options that contradict each other.
func NewUnstartedServer(opts ...Option) *Server {
	s, err := newServer(opts)
	if err != nil {
		panic(err.Error())
	}
	return s
}

func newServer(opts []Option) (s *Server, err error) {
	// What fakeca cannot make panics there with a text for who wrote it, which
	// is our caller in its options.
	defer func() {
		if p := recover(); p != nil {
			text, ok := p.(string)
			if !ok || !strings.HasPrefix(text, "fakeca: ") {
				panic(p)
			}
			err = errors.New(text)
		}
	}()
	set, err := apply(opts)
	if err != nil {
		return nil, err
	}
	if set.leaf == nil {
		if set.ca == nil {
			// Three levels, each with a key of its own: worlds of two hide bugs.
			set.ca = fakeca.New().Intermediate()
		}
		set.leaf = set.ca.Leaf()
	}
	switch {
	case set.leaf.Issuer == nil:
		return nil, errors.New("ocsptest: WithLeaf has a leaf without Issuer; issue it with a fakeca.CA")
	case set.ca == nil:
		set.ca = set.leaf.Issuer
	case set.ca != set.leaf.Issuer:
		return nil, errors.New("ocsptest: WithCA and WithLeaf name two CAs; leave WithCA out")
	}
	s = &Server{CA: set.ca, Leaf: set.leaf, settings: set}
	if s.config, err = set.serverConfig(); err != nil {
		return nil, err
	}
	s.stapler = newStapler(set.leaf, set.staple)
	if set.staple != nil {
		set.staple(set.leaf)
	}
	s.recorder = &recorder{ca: set.ca}
	s.tls = s.recorded(s.config)
	return s, nil
}

// Start starts a server made by [NewUnstartedServer]. It panics if it cannot
// listen, and if the server was started before.
func (s *Server) Start() {
	if err := s.start(); err != nil {
		panic(err.Error())
	}
}

func (s *Server) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.closing {
		return errors.New("ocsptest: the server was started or closed before; make another")
	}
	var err error
	if s.listener, err = s.listen(); err != nil {
		return fmt.Errorf("ocsptest: cannot listen: %w", err)
	}
	s.started = true
	s.URL = "https://" + s.listener.Addr().String()
	s.conns = make(map[*conn]struct{})
	s.quit, s.gone = make(chan struct{}), make(chan struct{})
	s.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig:   s.TLSClientConfig(),
		DialContext:       s.DialContext,
		ForceAttemptHTTP2: true,
		// A connection that is kept would show the staple of its handshake to
		// a test that has changed it since.
		DisableKeepAlives: true,
	}}
	s.busy++
	go s.accept()
	if s.settings.connHandler == nil {
		s.serveHTTP()
	}
	return nil
}

func (s *Server) listen() (net.Listener, error) {
	if s.settings.network != nil {
		return s.settings.network.Listen()
	}
	port := strconv.Itoa(s.settings.port)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil && s.settings.port == 0 {
		if l, err6 := net.Listen("tcp", "[::1]:0"); err6 == nil { // a machine without IPv4
			return l, nil
		}
	}
	return l, err
}

// serveHTTP has net/http serve the connections that are ready. It is called
// with s.mu held.
func (s *Server) serveHTTP() {
	handler := s.settings.handler
	if handler == nil {
		handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel, s.noise = cancel, new(noise)
	s.ready = make(chan *tls.Conn)
	s.http = &http.Server{
		TLSConfig:   &tls.Config{NextProtos: s.config.NextProtos}, // HTTP/2 or not
		ConnState:   s.connState,
		ErrorLog:    log.New(s.noise, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.enter()
			defer s.leave()
			handler.ServeHTTP(w, r)
		}),
	}
	s.busy++
	go func() {
		defer s.leave()
		s.http.Serve(handoff{s})
	}()
}

func (s *Server) accept() {
	defer s.leave()
	for {
		raw, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			// A client that gave up, or no file to spare: the next may do.
			select {
			case <-s.quit:
				return
			case <-time.After(5 * time.Millisecond):
				continue
			}
		}
		c := &conn{Conn: raw, server: s}
		s.mu.Lock()
		if s.closing {
			s.mu.Unlock()
			raw.Close()
			continue
		}
		s.conns[c] = struct{}{}
		s.busy += 2
		s.mu.Unlock()
		go func() {
			defer s.leave()
			s.serve(c)
		}()
	}
}

// connState follows net/http, so that Close tells idle connections from others.
func (s *Server) connState(nc net.Conn, state http.ConnState) {
	c := nc.(*tls.Conn).NetConn().(*conn)
	s.mu.Lock()
	c.state = state
	s.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		s.leave()
	}
}

// closed is called once for each connection, when it is closed.
func (s *Server) closed(c *conn) {
	s.mu.Lock()
	completed := c.completed
	delete(s.conns, c)
	s.mu.Unlock()
	if completed {
		if alert := c.lateAlert(); alert != 0 {
			s.recorder.change(func() { c.attempt.Alert = alert })
		}
	}
	s.leave()
}

func (s *Server) enter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy++
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	if s.closing && s.busy == 0 {
		// An HTTP/2 handler can begin when its connection is closed already.
		select {
		case <-s.gone:
		default:
			close(s.gone)
		}
	}
}

// Close stops the server. It lets handshakes and HTTP requests that are under
// way end, closes idle connections, and blocks until all connections are closed and all handlers have returned.
// After five seconds it says what it waits for, cancels the requests' contexts
// and closes the connections. It may be called more than once.
func (s *Server) Close() {
	s.close.Do(func() {
		s.mu.Lock()
		s.closing = true
		started := s.started
		s.mu.Unlock()
		if !started {
			return
		}
		s.listener.Close()
		s.recorder.settle() // so that the verdict of a client that has returned is not lost
		close(s.quit)
		if s.http != nil {
			// net/http closes active connections when their requests end.
			s.http.SetKeepAlivesEnabled(false)
		}
		s.mu.Lock()
		idle := s.pick(func(c *conn) bool { return c.state != http.StateActive })
		s.mu.Unlock()
		for _, c := range idle {
			c.Close()
		}
		s.await()
		if s.cancel != nil {
			s.cancel()
		}
	})
}

func (s *Server) await() {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-s.gone:
		return
	case <-timeout.C:
	}
	s.mu.Lock()
	all := s.pick(func(*conn) bool { return true })
	s.mu.Unlock()
	s.logf("ocsptest: Close of %s has waited %v for handlers to return; it now cancels their contexts and closes %d connections", s.URL, patience, len(all))
	if s.cancel != nil {
		s.cancel()
	}
	for _, c := range all {
		c.Close()
	}
	<-s.gone
}

// pick returns connections. It is called with s.mu held.
func (s *Server) pick(which func(*conn) bool) []*conn {
	var out []*conn
	for c := range s.conns {
		if which(c) {
			out = append(out, c)
		}
	}
	return out
}

func (s *Server) logf(format string, args ...any) {
	if s.tb != nil {
		s.tb.Logf(format, args...)
		return
	}
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// Addr returns the address that the server listens on, or nil if it was not
// started.
func (s *Server) Addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		return nil
	}
	return s.listener.Addr()
}

// DialContext connects to the server, whatever the address says, so that any
// name in a URL leads here without DNS.
func (s *Server) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	addr := s.Addr()
	if addr == nil {
		return nil, errors.New("ocsptest: the server was not started; call Start")
	}
	if s.settings.network != nil {
		return s.settings.network.DialContext(ctx, addr.Network(), addr.String())
	}
	var d net.Dialer
	return d.DialContext(ctx, addr.Network(), addr.String())
}

// Client returns an HTTP client that trusts the server's root, and reaches the
// server under any name. Each request has a connection of its own, so that it
// sees what is stapled now. The client judges no staple. It panics if the server
// was not started.
func (s *Server) Client() *http.Client {
	if s.client == nil {
		panic("ocsptest: the server was not started; call Start")
	}
	return s.client
}

// SetStaple staples r from now on, whatever is on the CA's record, as
// [WithStaple] does. Connections that are open keep what they got.
func (s *Server) SetStaple(r fakeca.Response) { s.stapler.set(fromResponse(r)) }

// SetRawStaple staples these bytes from now on, as [WithRawStaple] does. Nil
// or no bytes are no staple.
func (s *Server) SetRawStaple(der []byte) { s.stapler.set(fromBytes(der)) }

// Handshakes returns what the server saw, from old to new, in a slice of its
// own. It waits for handshakes under way, five seconds at the most, so that a
// client that has returned is in it with its verdict. An alert that a client
// sends after its handshake is there once the connection is closed. The newest
// 4096 are kept.
func (s *Server) Handshakes() []Handshake {
	handshakes, _ := s.recorder.all()
	return handshakes
}
