package ocsptest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Server is a TLS server on 127.0.0.1 that staples OCSP responses. It speaks
// HTTP/1.1 and HTTP/2 over TLS 1.2 and 1.3, unless options say otherwise.
type Server struct {
	URL  string       // https://127.0.0.1:port, once started
	CA   *fakeca.CA   // that issued the leaf
	Leaf *fakeca.Leaf // the server's certificate

	settings settings
	config   *tls.Config // neither staples nor records
	tls      *tls.Config // does both
	stapler  *stapler
	recorder *recorder
	fetcher  *fetcher // nil unless WithFetchedStaple
	host     *host
	client   *http.Client
}

// NewServer starts a server, and closes it when the test ends. If the test
// failed, it logs what the server saw.
func NewServer(t TB, opts ...Option) *Server {
	mustHaveTest(t, "NewServer", "NewUnstartedServer")
	t.Helper()
	s, err := newServer(opts)
	if err == nil {
		err = s.Listen()
	}
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() {
		s.Close()
		s.LogIfFailed(t)
	})
	return s
}

// NewUnstartedServer returns a server that is not listening yet, for TestMain,
// examples and programs. It panics where [NewServer] calls Fatalf.
func NewUnstartedServer(opts ...Option) *Server {
	s, err := newServer(opts)
	if err != nil {
		panic(err)
	}
	return s
}

func newServer(opts []Option) (s *Server, err error) {
	// fakeca panics if an option asks for the impossible. Its text is for our
	// caller.
	defer func() {
		if p := recover(); p != nil {
			text, ok := p.(string)
			if !ok || !strings.HasPrefix(text, "fakeca: ") {
				panic(p)
			}
			err = errors.New(text)
		}
	}()
	set, err := serverSettings(opts)
	if err != nil {
		return nil, err
	}
	if err := set.issue(); err != nil {
		return nil, err
	}
	s = &Server{CA: set.ca, Leaf: set.leaf, settings: set}
	if s.config, err = set.serverConfig(); err != nil {
		return nil, err
	}
	s.stapler = &stapler{leaf: set.leaf, bare: set.leaf.TLS()}
	s.stapler.set(set.staple, set.stapleBy)
	if set.staple == nil && set.fetch == nil {
		set.leaf.Request() // panics on a hash that cannot be used, as SHA-1 with fips140=only
	}
	s.recorder = &recorder{ca: set.ca}
	s.host = newHost(set.network, set.port, s.recorder.waitIdle)
	if set.fetch != nil {
		if s.fetcher, err = newFetcher(*set.fetch, set.leaf, s.host); err != nil {
			return nil, err
		}
		s.stapler.fetcher = s.fetcher
	}
	s.tls = s.configForOwn()
	return s, nil
}

// issue sets the CA and the leaf where options have not.
func (s *settings) issue() error {
	if s.leaf != nil {
		switch {
		case s.leaf.Issuer == nil:
			return errors.New("ocsptest: WithLeaf has a leaf without Issuer; issue it with a fakeca.CA")
		case s.ca != nil && s.ca != s.leaf.Issuer:
			return errors.New("ocsptest: WithCA and WithLeaf name two CAs; leave WithCA out")
		case s.responder != nil:
			return errors.New("ocsptest: WithLeaf and WithResponder both say which responder the leaf names; leave one of them out")
		}
		s.ca = s.leaf.Issuer
		return nil
	}
	if s.ca == nil && s.responder != nil {
		s.ca = s.responder.CA
	}
	if s.ca == nil {
		// Three levels, each with its own key: two levels would hide bugs.
		s.ca = fakeca.New().Intermediate()
	}
	if s.responder != nil {
		return s.issueFor(s.responder)
	}
	s.leaf = s.ca.Leaf()
	return nil
}

// issueFor issues a leaf that names r.
func (s *settings) issueFor(r *Responder) error {
	if r.URL == "" {
		return errors.New("ocsptest: WithResponder: the responder is not started; call its Start first")
	}
	if !slices.Contains(r.issuers(), s.ca) {
		return errors.New("ocsptest: WithResponder: the responder does not respond for the server's CA; call its Add first")
	}
	if r.settings.withoutOCSP && s.fetch != nil {
		return errors.New("ocsptest: WithFetchedStaple needs OCSP, and the responder is WithoutOCSP(); leave one of them out")
	}
	// The serial number is set here because it chooses the shard.
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // cannot fail
	servers := r.servers(s.ca)
	tmpl := &x509.Certificate{
		SerialNumber:          serial,
		DNSNames:              []string{"localhost", "example.com", "*.example.com"}, // as CA.Leaf has them
		IPAddresses:           []net.IP{loopbackIP, net.IPv6loopback},
		OCSPServer:            append([]string{}, servers.OCSP...), // or Issue would name others if it is nil
		IssuingCertificateURL: servers.Issuer,
	}
	tmpl.CRLDistributionPoints = servers.CRLFor(tmpl)
	s.leaf = s.ca.Issue(tmpl)
	return nil
}

// Start starts a server made by [NewUnstartedServer]. It panics where
// [Server.Listen] returns an error.
func (s *Server) Start() {
	if err := s.Listen(); err != nil {
		panic(err)
	}
}

// Listen starts a server made by [NewUnstartedServer]. It returns an error if
// the server cannot listen, or was started or closed before.
func (s *Server) Listen() error {
	if s.host == nil {
		return errors.New("ocsptest: a Server that is not made by NewServer or NewUnstartedServer; use one of them")
	}
	if err := s.host.start(s.serveConn, s.handler(), s.config.NextProtos); err != nil {
		return err
	}
	if n := s.host.network; n != nil {
		n.setCertificate(s.host.addr(), s.Leaf.Cert)
	}
	s.URL = "https://" + s.host.addr().String()
	cfg := s.TLSClientConfig()
	if s.Leaf.Cert.VerifyHostname(hostOf(s.host.addr())) == nil {
		cfg.ServerName = "" // that of the URL
	}
	s.client = &http.Client{Transport: &http.Transport{
		TLSClientConfig:   cfg,
		DialContext:       s.DialContext,
		ForceAttemptHTTP2: true,
		// A connection that is kept shows the staple of its handshake, even if
		// the test has changed it since.
		DisableKeepAlives: true,
	}}
	if s.fetcher != nil {
		s.fetcher.start()
	}
	return nil
}

// handler returns the handler of HTTP requests, or nil if the server does not
// speak HTTP.
func (s *Server) handler() http.Handler {
	switch {
	case s.settings.connHandler != nil:
		return nil
	case s.settings.handler != nil:
		return s.settings.handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
}

// Close stops the server. It lets handshakes and HTTP requests under way end,
// closes idle connections, and blocks until all connections are closed and all
// handlers have returned. After five seconds it writes to stderr what it waits
// for, cancels the contexts of requests and closes their connections. It may be
// called more than once, but not by a handler of the server, for which it would
// wait: there it panics when its time is up.
func (s *Server) Close() {
	if s.host == nil {
		return
	}
	s.host.close()
	if s.fetcher != nil {
		s.fetcher.close()
	}
}

// Addr returns the address that the server listens on, or nil if it was not
// started.
func (s *Server) Addr() net.Addr { return s.host.addr() }

// Network returns the network in memory that the server listens on, or nil if
// it listens on a socket.
func (s *Server) Network() *Network { return s.host.network }

// DialContext connects to the server and ignores the network and the address, so
// that any name in a URL leads to the server, without DNS.
func (s *Server) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.host.dial(ctx)
}

// Client returns an HTTP client that trusts the server's root, and reaches the
// server under any name. Each request makes a new connection, and so gets the
// current staple. The client does not check staples. Client panics if the
// server was not started.
func (s *Server) Client() *http.Client {
	if s.client == nil {
		panic(errNotStarted.Error())
	}
	return s.client
}

// SetStaple staples r from now on, instead of what the CA has on record, as
// [WithStaple] does. Connections that are open keep the staple that they got.
func (s *Server) SetStaple(r fakeca.Response) { s.stapler.set(fromResponse(r), "SetStaple") }

// SetRawStaple staples these bytes from now on, as [WithRawStaple] does. Nil or
// no bytes mean no staple.
func (s *Server) SetRawStaple(der []byte) { s.stapler.set(fromBytes(der), "SetRawStaple") }

// FollowRecord staples what the CA has on record from now on. It undoes
// [Server.SetStaple], [WithStaple] and the like. A server [WithFetchedStaple] goes
// back to what it fetches.
func (s *Server) FollowRecord() { s.stapler.set(nil, "") }

// Reset makes a server that tests share as good as new: it forgets its handshakes
// and fetches, and staples what its options say. The record of its CA stays.
func (s *Server) Reset() {
	s.recorder.reset()
	s.host.log.reset()
	s.stapler.set(s.settings.staple, s.settings.stapleBy)
	if s.fetcher != nil {
		s.fetcher.reset()
	}
}

// CloseClientConnections closes the connections that clients have open. The
// server accepts new ones.
func (s *Server) CloseClientConnections() { s.host.closeConns(func(*conn) bool { return true }) }

// Handshakes returns copies of what the server saw, from old to new. It waits for
// each handshake under way, up to five seconds after that began, so that the
// record of a client that has returned is complete. An alert that a client sends
// after its handshake is recorded once the connection is closed. The newest 4096
// are kept, or fewer if they take more than 64 MiB.
func (s *Server) Handshakes() []Handshake {
	handshakes, _ := s.recorder.all()
	return handshakes
}
