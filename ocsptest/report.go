package ocsptest

import (
	"fmt"
	"net"
	"strings"
	"sync"
)

// LogIfFailed logs the server's [Server.Report] if the test failed. [NewServer]
// does it for its own test. A server that tests share is started once, in
// TestMain or BeforeSuite, and calls it after each of them.
func (s *Server) LogIfFailed(t TB) {
	t.Helper()
	if t.Failed() {
		t.Logf("%s", s.Report())
	}
}

// Report returns what the server saw as a text for people, one line for each
// handshake. The text may change at any time.
func (s *Server) Report() string {
	var b strings.Builder
	cert := s.Leaf.Cert
	fmt.Fprintf(&b, "ocsptest: what %s saw (leaf %s, serial %x, issued by %s):", s.URL, cert.Subject, cert.SerialNumber, cert.Issuer)
	handshakes, dropped := s.recorder.all()
	var seen timeline
	for _, h := range handshakes {
		seen.add(h.Time, h.String())
	}
	seen.write(&b, "handshakes", dropped)
	if s.fetcher != nil {
		var fetched timeline
		for _, f := range s.Fetches() {
			fetched.add(f.Time, "fetched "+f.String())
		}
		fetched.write(&b, "fetches", 0)
	}
	for _, line := range s.host.noise.newest() {
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

// newest returns the last three, for some come with stacks.
func (n *noise) newest() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.lines.all()
	return all[max(0, len(all)-3):]
}
