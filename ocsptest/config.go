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

// configForOwn returns the configuration for connections that the server accepts
// itself. Their session, in the context, records how the handshake ends.
func (s *Server) configForOwn() *tls.Config {
	cfg := s.config.Clone()
	cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		session := hello.Context().Value(sessionKey{}).(*session)
		session.attempt = s.recorder.begin(hello)
		return s.configFor(hello, session.attempt)
	}
	return cfg
}

// configForForeign returns the configuration for connections that somebody else
// accepts.
func (s *Server) configForForeign() *tls.Config {
	cfg := s.config.Clone()
	cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		a := s.recorder.begin(hello)
		cfg, err := s.configFor(hello, a)
		if err != nil {
			s.recorder.end(a, func() { a.Err = err })
			return nil, err
		}
		s.recorder.watch(hello.Context(), cfg, a)
		return cfg, nil
	}
	return cfg
}

// configFor returns the configuration for one handshake: the test's own for this
// client, or the server's. It staples, and notes in a what was stapled.
func (s *Server) configFor(hello *tls.ClientHelloInfo, a *attempt) (*tls.Config, error) {
	cfg := s.config
	if cfg.GetConfigForClient != nil {
		chosen, err := cfg.GetConfigForClient(hello)
		if err != nil {
			return nil, err
		}
		if chosen != nil {
			cfg = chosen
		}
	}
	cfg = cfg.Clone()
	own := cfg.GetCertificate
	cfg.GetCertificate = func(hello *tls.ClientHelloInfo) (cert *tls.Certificate, err error) {
		if own != nil {
			cert, err = own(hello)
		}
		if cert == nil && err == nil {
			cert, err = s.stapler.certificate()
		}
		if err == nil {
			s.recorder.chose(a, cert)
		}
		return cert, err
	}
	return cfg, nil
}

// ServerTLSConfig returns a configuration for servers that bring their own
// listener, such as gRPC, SMTP with STARTTLS, or a message broker. It staples
// and records as this server does; the server need not be started.
//
// What only the connection knows is not recorded there: the client's alert,
// why a handshake failed, and whether one that failed got as far as sending the
// staple.
func (s *Server) ServerTLSConfig() *tls.Config {
	return s.configForForeign()
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
