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
	fetch       *FetchPolicy
	handler     http.Handler
	connHandler func(*tls.Conn)
	tlsConfig   *tls.Config
	tickets     bool
	trustedCA   *fakeca.CA
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
func (o option) answers() string           { return o.question }

// apply applies options to settings.
func apply[O fmt.Stringer, S any](opts []O, to func(O, *S)) (S, error) {
	var s S
	given := make(map[string]O)
	for _, o := range opts {
		if own, ok := any(o).(interface{ answers() string }); ok {
			if before, twice := given[own.answers()]; twice {
				return s, fmt.Errorf("ocsptest: %v and %v both set %s; give one of them", before, o, own.answers())
			}
			given[own.answers()] = o
		}
		to(o, &s)
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

// WithTrustedCA has clients trust ca's root instead of the root of the server's
// own CA, in [Server.TLSClientConfig], [Server.RootPEM] and [Server.Client]. With
// an unrelated CA, clients do not trust the server.
func WithTrustedCA(ca *fakeca.CA) Option {
	return option{"the trusted CA", "WithTrustedCA(...)", func(s *settings) { s.trustedCA = ca }}
}

// A HostOption says where a server or a responder listens, and fits both.
type HostOption interface {
	Option
	ResponderOption
}

type hostOption struct {
	text    string
	network *Network
	port    int
}

func (o hostOption) applyToServer(s *settings)             { s.network, s.port = o.network, o.port }
func (o hostOption) applyToResponder(s *responderSettings) { s.network, s.port = o.network, o.port }
func (o hostOption) String() string                        { return o.text }
func (o hostOption) answers() string                       { return "the address" }

// WithNetwork listens on n, in memory, in place of 127.0.0.1.
func WithNetwork(n *Network) HostOption {
	return hostOption{text: "WithNetwork(...)", network: n}
}

// WithPort listens on this port of 127.0.0.1. The default is a free one.
func WithPort(port int) HostOption {
	return hostOption{text: fmt.Sprintf("WithPort(%d)", port), port: port}
}

// A ResponderOption is a setting of a [Responder].
type ResponderOption interface {
	applyToResponder(*responderSettings)
	String() string // as it is written in Go, for messages
}

type responderSettings struct {
	strict  bool
	tls     bool
	network *Network
	port    int
}

type responderOption struct {
	text string
	set  func(*responderSettings)
}

func (o responderOption) applyToResponder(s *responderSettings) { o.set(s) }
func (o responderOption) String() string                        { return o.text }
func (o responderOption) answers() string                       { return o.text }

// Strict has a responder refuse, with HTTP's 400, what it would otherwise note
// as [Request.Irregularities] and understand.
func Strict() ResponderOption {
	return responderOption{"Strict()", func(s *responderSettings) { s.strict = true }}
}

// WithTLS has a responder speak HTTPS, with a certificate that its CA issues.
// Clients that check that certificate by asking the responder go round in
// circles, which is why CAs do not do it (RFC 5280 section 8).
func WithTLS() ResponderOption {
	return responderOption{"WithTLS()", func(s *responderSettings) { s.tls = true }}
}
