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
	Staple        []byte    // what it was sent; nil if nothing
	Version       uint16    // as tls.VersionTLS13; zero if the handshake did not get that far
	Resumed       bool      // an earlier session, whose certificate and staple are not sent again

	// PeerCertificates are the client's, its own first; nil if it sent none. They
	// are here even if the server refused them, and must not be changed.
	PeerCertificates []*x509.Certificate

	// Alert is the alert that the client sent, in the handshake or until the
	// connection closed; zero if it sent none but close_notify.
	Alert Alert

	// Err is why the handshake failed, from the server's point of view; nil if
	// it succeeded.
	Err error
}

// OCSPResponse returns the staple that the client was sent, for matchers.
func (h Handshake) OCSPResponse() []byte { return h.Staple }

// String tells in a line what happened.
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
	switch {
	case h.Staple != nil:
		parts = append(parts, "stapled "+inWords(h.Staple))
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

// GomegaString is what Gomega shows of a Handshake in place of its fields.
func (h Handshake) GomegaString() string { return h.String() }

// inWords says in a few words what an answer says.
func inWords(der []byte) string {
	r, err := fakeca.ParseResponse(der)
	if err != nil {
		return fmt.Sprintf("%d bytes (%v)", len(der), err)
	}
	return r.String()
}
