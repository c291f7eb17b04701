package ocsptest

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// serverConfig returns the server's TLS configuration, without the callbacks that
// staple and record.
func (s *settings) serverConfig() (*tls.Config, error) {
	cfg := new(tls.Config)
	if s.tlsConfig != nil {
		cfg = s.tlsConfig.Clone()
	}
	if len(cfg.Certificates) > 0 {
		return nil, errors.New("ocsptest: WithTLSConfig has Certificates, which would not be stapled; use WithLeaf, or GetCertificate")
	}
	cfg.SessionTicketsDisabled = !s.tickets
	if s.tickets {
		// QUIC servers clone the configuration for each connection, and each
		// clone would make its own key.
		var key [32]byte
		rand.Read(key[:])
		cfg.SetSessionTicketKeys([][32]byte{key})
	}
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
// itself. Their session is in the context, and records how the handshake ends.
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
		t, _ := hello.Conn.(*tap)
		s.recorder.watch(hello.Context(), cfg, a, t)
		return cfg, nil
	}
	return cfg
}

// configFor returns the configuration for one handshake: the one that the test
// chooses for this client, or the server's. It staples, and notes the staple in a.
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
			s.recorder.certificateChosen(a, cert)
		}
		return cert, err
	}
	return cfg, nil
}

// ServerTLSConfig returns a configuration for a server of your own, such as a
// gRPC server, or an SMTP server after STARTTLS. That server staples and records
// as this one does, which need not be started. Changes to the configuration have
// no effect; use [WithTLSConfig].
//
// Without [Server.Listener] the records are not complete, because a configuration
// learns little of its handshakes. A TLS 1.3 client that refuses the staple looks
// as if it accepted: Err is nil and Alert is zero. Other failures are recorded
// without their cause, and with a staple that may not have been sent. With
// Listener, only the causes of the server's own failures are missing.
func (s *Server) ServerTLSConfig() *tls.Config { return s.configForForeign() }

// TLSClientConfig returns a configuration for clients: it trusts the root of the
// server's CA, follows the CA's clock, and has a name of the leaf as ServerName.
// To make an [http.Transport] use the name in the URL, clear ServerName.
func (s *Server) TLSClientConfig() *tls.Config {
	return &tls.Config{RootCAs: s.trustedRoot().Pool(), ServerName: s.serverName(), Time: s.CA.Now}
}

// RootPEM returns the root that clients must trust, in PEM.
func (s *Server) RootPEM() []byte { return s.trustedRoot().CertPEM() }

func (s *Server) trustedRoot() *fakeca.CA {
	if s.settings.trustedCA != nil {
		return s.settings.trustedCA.Root()
	}
	return s.CA.Root()
}

// serverName is a name that the leaf is for, if it is for any.
func (s *Server) serverName() string {
	cert := s.Leaf.Cert
	switch {
	case len(cert.DNSNames) > 0:
		return strings.Replace(cert.DNSNames[0], "*", "www", 1)
	case len(cert.IPAddresses) > 0:
		return cert.IPAddresses[0].String()
	}
	return "localhost"
}
