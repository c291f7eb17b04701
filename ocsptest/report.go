package ocsptest

import (
	"fmt"
	"net"
	"strings"
	"sync"
)

// finish closes the server at the end of its test and, if the test failed,
// logs what the server saw.
func (s *Server) finish() {
	s.Close()
	if s.host.tb.Failed() {
		s.host.tb.Logf("%s", s.report())
	}
}

// report is the time line of a server, and how to see the same by hand.
func (s *Server) report() string {
	var b strings.Builder
	cert := s.Leaf.Cert
	fmt.Fprintf(&b, "ocsptest: what %s saw (leaf %s, serial %x, issued by %s):", s.URL, cert.Subject, cert.SerialNumber, cert.Issuer)
	handshakes, dropped := s.recorder.all()
	if dropped > 0 {
		fmt.Fprintf(&b, "\n    %d earlier handshakes were not kept", dropped)
	}
	if len(handshakes) == 0 {
		b.WriteString("\n    no handshake")
	}
	for _, h := range handshakes {
		fmt.Fprintf(&b, "\n    %s %v", h.Time.UTC().Format("15:04:05.000"), h)
	}
	for _, line := range s.host.noise.all() {
		fmt.Fprintf(&b, "\n    net/http: %s", line)
	}
	if s.host.network == nil {
		fmt.Fprintf(&b, "\n    by hand, while the server runs: %s", s.reproduce())
	}
	return b.String()
}

// reproduce is an openssl command that shows what the server staples.
func (s *Server) reproduce() string {
	name := s.serverName()
	if name == "" || net.ParseIP(name) != nil {
		name = "localhost"
	}
	return fmt.Sprintf("openssl s_client -connect %s -servername %s -status </dev/null", s.host.addr(), name)
}

// noise keeps what net/http would print: panics of handlers, and the like.
type noise struct {
	mu    sync.Mutex
	lines ring[string]
}

func (n *noise) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines.add(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

func (n *noise) all() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.lines.all()
}
