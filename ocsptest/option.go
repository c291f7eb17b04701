package ocsptest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"github.com/ocsplab/ocsplab/fakeca"
)

// An Option is a setting of a [Server]. None may be nil, and no two may set the
// same thing.
type Option interface{ forServer() setting }

// A ResponderOption is a setting of a [Responder]. None may be nil, and no two
// may set the same thing.
type ResponderOption interface{ forResponder() setting }

// A HostOption says where to listen. It is an [Option] and a [ResponderOption],
// so that one value serves for a server and its responder:
//
//	network := ocsptest.WithNetwork(new(ocsptest.Network))
//	responder := ocsptest.NewResponder(t, ca, network)
//	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca), network)
type HostOption interface {
	Option
	ResponderOption
}

// A setting is what all options are.
type setting struct {
	text string // as it is written in Go
	sets string // what it sets
	bad  string // what is wrong with its argument; "" if nothing is
	set  func(*settings)
}

type (
	serverOption    setting
	responderOption setting
	hostOption      setting
)

func (o serverOption) forServer() setting       { return setting(o) }
func (o responderOption) forResponder() setting { return setting(o) }
func (o hostOption) forServer() setting         { return setting(o) }
func (o hostOption) forResponder() setting      { return setting(o) }

type settings struct {
	given []setting

	// Of servers and responders.
	network *Network
	port    int

	// Of servers.
	ca          *fakeca.CA
	leaf        *fakeca.Leaf
	responder   *Responder
	staple      source
	stapleBy    string // the option that set staple
	fetch       *FetchPolicy
	handler     http.Handler
	connHandler func(*tls.Conn)
	tlsConfig   *tls.Config
	tickets     bool
	clientCA    *fakeca.CA
	trustedCA   *fakeca.CA

	// Of responders.
	strict      bool
	tls         bool
	path        string
	shards      int
	withoutOCSP bool
}

// apply makes a setting, unless it is wrong or was made before.
func (s *settings) apply(o setting) error {
	if o.bad != "" {
		return fmt.Errorf("ocsptest: %s", o.bad)
	}
	for _, before := range s.given {
		switch {
		case before.sets != o.sets:
		case before.text == o.text:
			return fmt.Errorf("ocsptest: %s is given twice; give it once", o.text)
		default:
			return fmt.Errorf("ocsptest: %s and %s both set %s; give one of them", before.text, o.text, o.sets)
		}
	}
	s.given = append(s.given, o)
	o.set(s)
	return nil
}

func serverSettings(opts []Option) (s settings, err error) {
	for i, o := range opts {
		if o == nil {
			return s, nilOption(i, len(opts))
		}
		if err := s.apply(o.forServer()); err != nil {
			return s, err
		}
	}
	return s, nil
}

func responderSettings(opts []ResponderOption) (s settings, err error) {
	for i, o := range opts {
		if o == nil {
			return s, nilOption(i, len(opts))
		}
		if err := s.apply(o.forResponder()); err != nil {
			return s, err
		}
	}
	if s.strict && s.withoutOCSP {
		return s, errors.New("ocsptest: WithStrict() is about OCSP requests, and with WithoutOCSP() all are refused; leave one of them out")
	}
	return s, nil
}

func nilOption(i, n int) error {
	return fmt.Errorf("ocsptest: option %d of %d is nil; leave it out", i+1, n)
}

// unless returns a text if an argument is wrong.
func unless(ok bool, text string) string {
	if ok {
		return ""
	}
	return text
}

// WithCA makes ca issue the leaf. The default is an intermediate below a root,
// both new.
func WithCA(ca *fakeca.CA) Option {
	return serverOption{
		"WithCA(...)", "the CA",
		unless(ca != nil, "WithCA needs a CA; leave the option out for a new one"),
		func(s *settings) { s.ca = ca },
	}
}

// WithLeaf sets the server's certificate. The default is ca.Leaf(), a
// certificate for localhost, 127.0.0.1, ::1, example.com and *.example.com.
func WithLeaf(leaf *fakeca.Leaf) Option {
	return serverOption{
		"WithLeaf(...)", "the leaf",
		unless(leaf != nil && leaf.Cert != nil, "WithLeaf needs a leaf; leave the option out for a new one"),
		func(s *settings) { s.leaf = leaf },
	}
}

// WithResponder makes the leaf name r, and its CRL, even if another responder of
// the same CA was started after r. The CA is r's unless [WithCA] names another
// one that r responds for.
func WithResponder(r *Responder) Option {
	return serverOption{
		"WithResponder(...)", "the responder",
		unless(r != nil, "WithResponder needs a responder; leave the option out for the CA's"),
		func(s *settings) { s.responder = r },
	}
}

// WithStaple staples r instead of what the CA has on record. Times that r leaves
// out follow the clock.
func WithStaple(r fakeca.Response) Option {
	return stapleOption("WithStaple", fmt.Sprint(r), fromResponse(r))
}

// WithRawStaple staples these bytes. Nil or no bytes mean no staple, because TLS
// has no empty one (RFC 6066 section 8).
func WithRawStaple(der []byte) Option {
	return stapleOption("WithRawStaple", fmt.Sprintf("%d bytes", len(der)), fromBytes(der))
}

// WithoutStaple staples nothing.
func WithoutStaple() Option {
	return stapleOption("WithoutStaple", "", fromBytes(nil))
}

func stapleOption(name, argument string, src source) Option {
	return serverOption{name + "(" + argument + ")", "the staple", "", func(s *settings) { s.staple, s.stapleBy = src, name }}
}

// WithHandler sets the handler of HTTP requests. The default responds to all of
// them with "ok".
func WithHandler(h http.Handler) Option {
	return serverOption{
		"WithHandler(...)", "the handler",
		unless(h != nil, "WithHandler needs a handler; leave the option out for one that says ok"),
		func(s *settings) { s.handler = h },
	}
}

// WithConnHandler makes h serve each connection after its handshake, instead of
// HTTP. The connection is closed when h returns.
func WithConnHandler(h func(*tls.Conn)) Option {
	return serverOption{
		"WithConnHandler(...)", "the handler",
		unless(h != nil, "WithConnHandler needs a function; leave the option out for HTTP"),
		func(s *settings) { s.connHandler = h },
	}
}

// WithTLSConfig starts from a copy of cfg, for versions, curves, client
// authentication and callbacks. A certificate that its GetCertificate returns is
// sent with its own staple. Certificates is refused (use [WithLeaf]), and session
// tickets stay off (use [WithSessionTickets]).
func WithTLSConfig(cfg *tls.Config) Option {
	return serverOption{
		"WithTLSConfig(...)", "the TLS configuration",
		unless(cfg != nil, "WithTLSConfig needs a configuration; leave the option out for the default"),
		func(s *settings) { s.tlsConfig = cfg },
	}
}

// WithSessionTickets lets clients resume sessions. By default they cannot: a
// resumed connection shows the staple of the first one, and does not call
// VerifyPeerCertificate.
func WithSessionTickets() Option {
	return serverOption{"WithSessionTickets()", "session tickets", "", func(s *settings) { s.tickets = true }}
}

// WithClientCA requires a certificate from clients, and accepts those that chain
// to ca's root. It does not check whether they are revoked.
func WithClientCA(ca *fakeca.CA) Option {
	return serverOption{
		"WithClientCA(...)", "the clients' CA",
		unless(ca != nil, "WithClientCA needs a CA; leave the option out to ask for no certificate"),
		func(s *settings) { s.clientCA = ca },
	}
}

// WithTrustedCA makes clients trust ca's root instead of the root of the server's
// own CA, in [Server.TLSClientConfig], [Server.RootPEM] and [Server.Client]. With
// an unrelated CA, clients do not trust the server.
func WithTrustedCA(ca *fakeca.CA) Option {
	return serverOption{
		"WithTrustedCA(...)", "the trusted CA",
		unless(ca != nil, "WithTrustedCA needs a CA; leave the option out for the server's own"),
		func(s *settings) { s.trustedCA = ca },
	}
}

// WithNetwork listens on n, in memory, instead of a socket.
func WithNetwork(n *Network) HostOption {
	return hostOption{
		"WithNetwork(...)", "the address",
		unless(n != nil, "WithNetwork needs a network, such as new(ocsptest.Network); leave the option out for a socket"),
		func(s *settings) { s.network = n },
	}
}

// WithPort listens on this port of 127.0.0.1. The default, as with port 0, is a
// free one.
func WithPort(port int) HostOption {
	text := fmt.Sprintf("WithPort(%d)", port)
	return hostOption{
		text, "the address",
		unless(0 <= port && port <= 65535, text+": ports are 1 to 65535; leave the option out for a free one"),
		func(s *settings) { s.port = port },
	}
}

// WithStrict makes a responder refuse, with HTTP status 400, what it would
// otherwise accept and record as [Request.Irregularities].
func WithStrict() ResponderOption {
	return responderOption{"WithStrict()", "strictness", "", func(s *settings) { s.strict = true }}
}

// WithTLS makes a responder speak HTTPS, with a certificate that its CA issues.
// Public CAs do not, because clients that check that certificate by asking the
// responder run in circles (RFC 5280 section 8).
func WithTLS() ResponderOption {
	return responderOption{"WithTLS()", "TLS", "", func(s *settings) { s.tls = true }}
}

// WithPath puts the URLs of a responder below a path, such as "/x7f3a", as many
// CAs do. Clients that cache by URL do not mistake it for an earlier responder
// that had the same port. Requests beside the path get HTTP status 404.
func WithPath(path string) ResponderOption {
	text := fmt.Sprintf("WithPath(%q)", path)
	return responderOption{
		text, "the path",
		unless(len(path) > 1 && path[0] == '/' && path[len(path)-1] != '/' && isPlainPath(path),
			text+": the path must begin with a slash, must not end in one, and needs no escapes, such as /ocsp"),
		func(s *settings) { s.path = path },
	}
}

// WithoutOCSP makes a responder serve CRLs only, as public CAs do now: the Baseline
// Requirements demand CRLs, but not OCSP (sections 4.9.7 and 7.1.2.11.2).
// Certificates name no OCSP responder, and OCSP requests get HTTP status 404.
func WithoutOCSP() ResponderOption {
	return responderOption{"WithoutOCSP()", "OCSP", "", func(s *settings) { s.withoutOCSP = true }}
}

// WithCRLShards divides the CRL of each CA into n shards, up to 65536, as public
// CAs do. A certificate that is not a CA's names only its shard, which is its
// serial number modulo n. The shard has its URL in a critical issuing distribution
// point, with onlyContainsUserCerts (Baseline Requirements sections 4.9.7 and
// 7.2.2.1). Revoked serial numbers that the CA did not issue are on every shard.
//
// Certificates of CAs name the list at [Responder.CRLURL], which stays complete
// and has no issuing distribution point.
func WithCRLShards(n int) ResponderOption {
	text := fmt.Sprintf("WithCRLShards(%d)", n)
	return responderOption{
		text, "the shards",
		unless(1 <= n && n <= 65536, text+": use 1 to 65536 shards; leave the option out for one complete CRL"),
		func(s *settings) { s.shards = n },
	}
}
