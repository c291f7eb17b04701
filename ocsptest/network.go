package ocsptest

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
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

// Listen returns a listener on a new port.
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

// DialContext connects to a listener by its address. Instead of 127.0.0.1 the
// address may name localhost, or a host that the leaf of a [Server] on the network
// is valid for. Without a listener the error is ECONNREFUSED, as on a real
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
