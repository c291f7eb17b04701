package ocsptest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Handshake is what a server saw of one TLS handshake.
type Handshake struct {
	Time          time.Time // of the ClientHello, on the CA's clock
	ServerName    string    // that the client asked for (SNI); "" if it asked for none
	StatusRequest bool      // whether the client asked for a staple (RFC 6066 section 8)
	Staple        []byte    // that the client was sent; nil if it was sent none
	Version       uint16    // such as tls.VersionTLS13; zero if the handshake did not get that far
	Resumed       bool      // whether it resumed a session, in which no certificate and no staple are sent

	// PeerCertificates are those of the client, its own first; nil if it sent none.
	// They are recorded even if the server refused them. Do not change them.
	PeerCertificates []*x509.Certificate

	// Alert is the alert that the client sent, in the handshake or before the
	// connection closed; zero if it sent none except close_notify.
	Alert Alert

	// Err is why the handshake failed, as the server sees it; nil if it succeeded.
	// For servers of your own see [Server.ServerTLSConfig].
	Err error
}

// OCSPResponse returns the staple that the client was sent, for matchers.
func (h Handshake) OCSPResponse() []byte { return h.Staple }

// String returns one line that says what happened.
func (h Handshake) String() string {
	parts := []string{"no TLS version"}
	if h.Version != 0 {
		parts[0] = tls.VersionName(h.Version)
	}
	if h.ServerName != "" {
		parts = append(parts, fmt.Sprintf("for %q", h.ServerName))
	}
	if h.Resumed {
		parts = append(parts, "resumed")
	}
	if len(h.PeerCertificates) > 0 {
		parts = append(parts, fmt.Sprintf("client certificate %q", h.PeerCertificates[0].Subject.String()))
	}
	switch {
	case h.Staple != nil:
		parts = append(parts, "stapled "+summarize(h.Staple))
	case h.StatusRequest:
		parts = append(parts, "asked for a staple, got none")
	default:
		parts = append(parts, "asked for no staple")
	}
	switch {
	case h.Alert != 0:
		parts = append(parts, fmt.Sprintf("client's alert %d %v", uint8(h.Alert), h.Alert))
	case h.Err != nil:
		parts = append(parts, "failed: "+h.Err.Error())
	}
	return strings.Join(parts, ", ")
}

// GomegaString is what Gomega prints instead of the fields.
func (h Handshake) GomegaString() string { return h.String() }

// summarize says in a few words what an OCSP response says.
func summarize(der []byte) string {
	r, err := fakeca.ParseResponse(der)
	if err != nil {
		return fmt.Sprintf("%d bytes (%v)", len(der), err)
	}
	return r.String()
}
