package ocsptest

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// serverConfig makes the TLS configuration that a server goes by, without the
// callbacks that record.
func (s *settings) serverConfig() (*tls.Config, error) {
	cfg := new(tls.Config)
	if s.tlsConfig != nil {
		cfg = s.tlsConfig.Clone()
	}
	if len(cfg.Certificates) > 0 {
		return nil, errors.New("ocsptest: WithTLSConfig has Certificates, which would not be stapled; use WithLeaf, or GetCertificate")
	}
	cfg.SessionTicketsDisabled = !s.tickets
	if cfg.Time == nil {
		cfg.Time = s.ca.Now
	}
	if cfg.NextProtos == nil && s.connHandler == nil {
		cfg.NextProtos = []string{"h2", "http/1.1"}
	}
	if s.clientCA != nil {
		cfg.ClientCAs = s.clientCA.Pool()
		if cfg.ClientAuth < tls.VerifyClientCertIfGiven {
			cfg.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}
	return cfg, nil
}

// recorded returns a copy of cfg whose handshakes are recorded: in full on our
// own connections, and as far as callbacks go on others.
func (s *Server) recorded(cfg *tls.Config) *tls.Config {
	base := cfg
	cfg = cfg.Clone()
	own := cfg.GetCertificate
	cfg.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return s.recorder.certificate(hello, own, s.stapler, ours(hello).attempt)
	}
	choose := cfg.GetConfigForClient
	cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		c, a := ours(hello), s.recorder.begin(hello)
		if c != nil {
			c.attempt = a
		}
		var chosen *tls.Config
		if choose != nil {
			var err error
			if chosen, err = choose(hello); err != nil {
				if c == nil {
					s.recorder.end(func() { a.Err = err })
				}
				return nil, err
			}
		}
		switch {
		case c != nil && chosen == nil:
			return nil, nil // cfg will do
		case c != nil:
			return s.recorder.instrument(chosen, s.stapler, a), nil
		case chosen == nil:
			chosen = base
		}
		return s.recorder.foreign(hello.Context(), chosen, s.stapler, a), nil
	}
	return cfg
}

// ServerTLSConfig returns a configuration for servers that bring their own
// listener, such as gRPC, SMTP with STARTTLS, or a message broker. It staples
// and records as this server does; the server need not be started.
//
// What only the connection knows is not recorded there: the client's alert,
// why a handshake failed, and whether one that failed got as far as sending the
// staple.
func (s *Server) ServerTLSConfig() *tls.Config {
	return s.recorded(s.config)
}

// TLSClientConfig returns a configuration for clients: it trusts the root of
// the server's CA and goes by the CA's clock. ServerName is set only if the
// leaf is not valid for the URL's 127.0.0.1.
func (s *Server) TLSClientConfig() *tls.Config {
	return &tls.Config{RootCAs: s.toTrust().Pool(), ServerName: s.serverName(), Time: s.CA.Now}
}

// RootPEM returns in PEM the root that clients are to trust, for clients that
// want it in a file.
func (s *Server) RootPEM() []byte { return s.toTrust().CertPEM() }

func (s *Server) toTrust() *fakeca.CA {
	if s.settings.trustedCA != nil {
		return s.settings.trustedCA.Root()
	}
	return s.CA.Root()
}

// serverName is the name to ask for if the URL's host will not do; "" if it
// will.
func (s *Server) serverName() string {
	cert := s.Leaf.Cert
	if cert.VerifyHostname("127.0.0.1") == nil {
		return ""
	}
	if len(cert.DNSNames) > 0 {
		return strings.Replace(cert.DNSNames[0], "*", "www", 1)
	}
	if len(cert.IPAddresses) > 0 {
		return cert.IPAddresses[0].String()
	}
	return ""
}
