package ocsptest

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Network is a network in memory, with one host, 127.0.0.1. Its zero value is
// ready to use. Servers on it, and their clients, work inside testing/synctest,
// where time stands still for a real socket. There, make the network and the
// servers inside the bubble.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*memoryListener
	port      int
}

// Listen returns a listener on a port of its own.
func (n *Network) Listen() (net.Listener, error) { return n.listenOn(0) }

// listenOn returns a listener on a port that was used before, or on a new one if
// port is 0.
func (n *Network) listenOn(port int) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners == nil {
		n.listeners = make(map[string]*memoryListener)
	}
	if port == 0 && n.port == 65535 {
		return nil, errors.New("ocsptest: all ports of this Network were used; make another")
	}
	if port == 0 {
		n.port++
		port = n.port
	}
	l := &memoryListener{
		network: n,
		addr:    &net.TCPAddr{IP: loopbackIP, Port: port},
		conns:   make(chan net.Conn),
		closed:  make(chan struct{}),
	}
	n.listeners[l.addr.String()] = l
	return l, nil
}

// DialContext connects to a listener by its address. In place of 127.0.0.1 the
// address may have localhost, or a name that the leaf of a [Server] on the network
// is for. If nobody listens there the error is ECONNREFUSED, as on a real
// network.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	addr, err := n.resolve(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
	}
	n.mu.Lock()
	l := n.listeners[addr.String()]
	n.mu.Unlock()
	if l == nil {
		return fail(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	client, server := newMemoryConns(l.addr)
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return fail(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	case <-ctx.Done():
		return fail(ctx.Err())
	}
}

// resolve returns the IP address for an address that may have a name.
func (n *Network) resolve(address string) (*net.TCPAddr, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, &net.AddrError{Err: "not a port", Addr: address}
	}
	ip := net.ParseIP(host)
	if ip == nil && n.knows(host) {
		ip = loopbackIP
	}
	if ip == nil {
		return nil, &net.DNSError{Err: "no such host on this ocsptest.Network", Name: host, IsNotFound: true}
	}
	return &net.TCPAddr{IP: ip, Port: int(port)}, nil
}

// knows reports whether a name is that of a host of the network.
func (n *Network) knows(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.listeners {
		if l.cert != nil && l.cert.VerifyHostname(name) == nil {
			return true
		}
	}
	return name == "localhost"
}

// setCertificate makes known the names of the server that listens at addr.
func (n *Network) setCertificate(addr net.Addr, cert *x509.Certificate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if l := n.listeners[addr.String()]; l != nil {
		l.cert = cert
	}
}

var loopbackIP = net.IPv4(127, 0, 0, 1)

type memoryListener struct {
	network *Network
	addr    *net.TCPAddr
	cert    *x509.Certificate // of the server; nil if there is none. Guarded by network.mu
	conns   chan net.Conn
	closed  chan struct{}
	close   sync.Once
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Close() error {
	l.close.Do(func() {
		l.network.mu.Lock()
		defer l.network.mu.Unlock()
		delete(l.network.listeners, l.addr.String())
		close(l.closed)
	})
	return nil
}

func (l *memoryListener) Addr() net.Addr { return l.addr }

// memoryConn is one end of a connection. net.Pipe will not do: it has no
// buffer, and two TLS peers that write at once would wait for each other.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
	resets        atomic.Bool // Close resets
}

func newMemoryConns(addr net.Addr) (client, server *memoryConn) {
	up, down := newStream(), newStream()
	from := &net.TCPAddr{IP: loopbackIP, Port: 0}
	return &memoryConn{in: down, out: up, local: from, remote: addr},
		&memoryConn{in: up, out: down, local: addr, remote: from}
}

func (c *memoryConn) Read(p []byte) (int, error)         { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error)        { return c.out.write(p) }
func (c *memoryConn) LocalAddr() net.Addr                { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr               { return c.remote }
func (c *memoryConn) SetReadDeadline(t time.Time) error  { return c.in.reader.set(c.in, t) }
func (c *memoryConn) SetWriteDeadline(t time.Time) error { return c.out.writer.set(c.out, t) }

func (c *memoryConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetLinger makes Close reset the connection if seconds is 0, as that of a
// net.TCPConn does.
func (c *memoryConn) SetLinger(seconds int) error {
	c.resets.Store(seconds == 0)
	return nil
}

func (c *memoryConn) Close() error {
	if c.resets.Load() {
		c.reset()
	}
	c.in.closeEnd(&c.in.reader)
	c.out.closeEnd(&c.out.writer)
	return nil
}

// reset makes the peer's writing fail, and its reading once it has read what had
// come before, as RST does on Linux.
func (c *memoryConn) reset() {
	for _, s := range []*stream{c.in, c.out} {
		s.mu.Lock()
		s.broken = true
		s.changed.Broadcast()
		s.mu.Unlock()
	}
}

// A stream carries bytes in one direction.
type stream struct {
	mu             sync.Mutex
	changed        *sync.Cond
	buffer         []byte
	broken         bool // by reset
	reader, writer end
}

// An end of a stream, guarded by the stream's mu.
type end struct {
	closed   bool
	deadline time.Time
	timer    *time.Timer
}

// How much a stream holds before writing blocks.
const streamBuffer = 64 << 10

func newStream() *stream {
	s := new(stream)
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reader.closed:
			return 0, net.ErrClosed
		case s.reader.expired():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.broken && len(s.buffer) == 0:
			return 0, syscall.ECONNRESET
		case len(s.buffer) > 0:
			n := copy(p, s.buffer)
			s.buffer = s.buffer[n:]
			s.changed.Broadcast()
			return n, nil
		case s.writer.closed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.writer.closed:
			return n, net.ErrClosed
		case s.broken:
			return n, syscall.ECONNRESET
		case s.writer.expired():
			return n, os.ErrDeadlineExceeded
		case s.reader.closed:
			return n, syscall.EPIPE
		case n == len(p):
			return n, nil
		case len(s.buffer) < streamBuffer:
			more := min(len(p)-n, streamBuffer-len(s.buffer))
			s.buffer = append(s.buffer, p[n:n+more]...)
			n += more
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

func (s *stream) closeEnd(e *end) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.closed = true
	e.stop()
	s.changed.Broadcast()
}

func (e *end) expired() bool { return !e.deadline.IsZero() && !time.Now().Before(e.deadline) }

func (e *end) stop() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

func (e *end) set(s *stream, t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.closed {
		return net.ErrClosed
	}
	e.stop()
	e.deadline = t
	if !t.IsZero() {
		e.timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock() // or who has just looked at the time would sleep on
			defer s.mu.Unlock()
			s.changed.Broadcast()
		})
	}
	s.changed.Broadcast()
	return nil
}
