package ocsptest

import (
	"crypto/tls"
	"fmt"
	"net/http"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An Option is a setting of a [Server].
type Option interface {
	applyToServer(*settings)
	String() string // as it is written in Go, for messages
}

type settings struct {
	ca          *fakeca.CA
	leaf        *fakeca.Leaf
	staple      source
	handler     http.Handler
	connHandler func(*tls.Conn)
	tlsConfig   *tls.Config
	tickets     bool
	clientCA    *fakeca.CA
	network     *Network
	port        int
}

// An option answers a question. Two answers to one question are a mistake.
type option struct {
	question string
	text     string
	set      func(*settings)
}

func (o option) applyToServer(s *settings) { o.set(s) }
func (o option) String() string            { return o.text }

func apply(opts []Option) (settings, error) {
	var s settings
	given := make(map[string]Option)
	for _, o := range opts {
		if own, ok := o.(option); ok {
			if before := given[own.question]; before != nil {
				return s, fmt.Errorf("ocsptest: %v and %v both set %s; give one of them", before, o, own.question)
			}
			given[own.question] = o
		}
		o.applyToServer(&s)
	}
	return s, nil
}

// WithCA has the leaf issued by ca. The default is an intermediate below a
// root, both new.
func WithCA(ca *fakeca.CA) Option {
	return option{"the CA", "WithCA(...)", func(s *settings) { s.ca = ca }}
}

// WithLeaf sets the server's certificate. The default is ca.Leaf(), a
// certificate for localhost, 127.0.0.1, ::1, example.com and *.example.com.
func WithLeaf(leaf *fakeca.Leaf) Option {
	return option{"the leaf", "WithLeaf(...)", func(s *settings) { s.leaf = leaf }}
}

// WithStaple staples r, whatever is on the CA's record. Times that r leaves
// out follow the clock. The default is to staple what is on record.
func WithStaple(r fakeca.Response) Option {
	return option{"the staple", fmt.Sprintf("WithStaple(%v)", r), func(s *settings) { s.staple = fromResponse(r) }}
}

// WithRawStaple staples these bytes. Nil or no bytes are no staple, for TLS
// has no empty one (RFC 6066 section 8).
func WithRawStaple(der []byte) Option {
	return option{"the staple", fmt.Sprintf("WithRawStaple(%d bytes)", len(der)), func(s *settings) { s.staple = fromBytes(der) }}
}

// WithoutStaple staples nothing.
func WithoutStaple() Option {
	return option{"the staple", "WithoutStaple()", func(s *settings) { s.staple = fromBytes(nil) }}
}

// WithHandler sets what answers HTTP requests. The default answers all of them
// with "ok".
func WithHandler(h http.Handler) Option {
	return option{"the handler", "WithHandler(...)", func(s *settings) { s.handler = h }}
}

// WithConnHandler has h, and not HTTP, serve each connection after its
// handshake. The connection is closed when h returns.
func WithConnHandler(h func(*tls.Conn)) Option {
	return option{"the handler", "WithConnHandler(...)", func(s *settings) { s.connHandler = h }}
}

// WithTLSConfig starts from a copy of cfg, for versions, curves, client
// authentication and callbacks. Where its GetCertificate returns a certificate,
// that is sent, with its own staple. Certificates is refused (use [WithLeaf]),
// and session tickets stay off (use [WithSessionTickets]).
func WithTLSConfig(cfg *tls.Config) Option {
	return option{"the TLS configuration", "WithTLSConfig(...)", func(s *settings) { s.tlsConfig = cfg }}
}

// WithSessionTickets lets clients resume sessions. The default is that they
// cannot, because a resumed connection shows the staple of the first one and
// does not call VerifyPeerCertificate: a case of its own, not an accident.
func WithSessionTickets() Option {
	return option{"session tickets", "WithSessionTickets()", func(s *settings) { s.tickets = true }}
}

// WithClientCA asks clients for a certificate, and takes those that chain to
// ca's root. Whether one is revoked is for the code under test to find out.
func WithClientCA(ca *fakeca.CA) Option {
	return option{"the clients' CA", "WithClientCA(...)", func(s *settings) { s.clientCA = ca }}
}

// WithNetwork listens on n, in memory, in place of 127.0.0.1.
func WithNetwork(n *Network) Option {
	return option{"the address", "WithNetwork(...)", func(s *settings) { s.network = n }}
}

// WithPort listens on this port of 127.0.0.1. The default is a free one.
func WithPort(port int) Option {
	return option{"the address", fmt.Sprintf("WithPort(%d)", port), func(s *settings) { s.port = port }}
}
