package conformance

import (
	"context"
	"fmt"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A Client is the client under test.
type Client interface {
	// Connect makes one connection to s. It returns nil if the client accepted
	// the server, and the client's own error if not; failures print that error.
	// It may run a command. If it panics, the case fails. If the client cannot
	// be run or cannot be judged, it returns [NotRun] or [Unsupported].
	Connect(ctx context.Context, s *ocsptest.Server) error
}

// A ClientFunc is a [Client] that is a function.
type ClientFunc func(ctx context.Context, s *ocsptest.Server) error

// Connect calls f.
func (f ClientFunc) Connect(ctx context.Context, s *ocsptest.Server) error { return f(ctx, s) }

// A Role is what kind of program the client is. It decides which controls the
// client must pass, and what it must have done if it returns nil.
type Role int

const (
	// TLSClient connects by TLS. To accept, it must finish a handshake.
	TLSClient Role = iota
	// CertificateChecker checks a certificate that it is given, such as
	// openssl ocsp. It may trust any root, and need not connect to the server,
	// but it must ask the responder or get the CRL in control/good.
	CertificateChecker
	// Stapler gets a response for its own certificate. It accepts if it would
	// staple that. It is judged as a CertificateChecker is.
	Stapler
)

var roleNames = []string{"TLS client", "certificate checker", "stapler"}

// String returns "TLS client", "certificate checker" or "stapler".
func (r Role) String() string {
	if r < 0 || int(r) >= len(roleNames) {
		return fmt.Sprintf("Role(%d)", int(r))
	}
	return roleNames[r]
}

// sees reports whether a client of this role can be judged by a case.
func (r Role) sees(c Case) bool { return r == TLSClient || !c.Untrusted }

// finished counts the handshakes that were finished.
func finished(s *ocsptest.Server) int {
	n := 0
	for _, h := range s.Handshakes() {
		if h.Err == nil && h.Version != 0 {
			n++
		}
	}
	return n
}

// missing returns what a client that says accept did not do, or "".
func (r Role) missing(c Case, w *world, handshakes int) string {
	switch {
	case r == TLSClient && handshakes == 0:
		return "it returned nil, but finished no handshake"
	case r != TLSClient && c.isControl() && handshakes == 0 && w.requests() == 0:
		return "it returned nil, but sent no request and finished no handshake"
	}
	return ""
}
