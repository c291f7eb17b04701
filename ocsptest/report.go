package ocsptest

import (
	"fmt"
	"net"
	"runtime/debug"
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
	for _, line := range s.host.log.newest() {
		fmt.Fprintf(&b, "\n    %s", line)
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

// A serverLog keeps what net/http logs, and the panics of handlers.
type serverLog struct {
	mu    sync.Mutex
	lines ring[string]
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines.add(strings.TrimRight(string(p), "\n"), len(p))
	return len(p), nil
}

// panicked notes the panic of a handler, with the part of its stack that is the
// handler's. It must be called by the deferred function of runHandler.
func (l *serverLog) panicked(p any) {
	stack := string(debug.Stack())
	if _, below, ok := strings.Cut(stack, "\npanic("); ok {
		stack = below[strings.Index(below, "\n\t")+1:]
		stack = stack[strings.Index(stack, "\n")+1:]
	}
	stack, _, _ = strings.Cut(stack, "\ngithub.com/ocsplab/ocsplab/ocsptest.(*host)")
	fmt.Fprintf(l, "panic in a handler: %v\n%s", p, stack)
}

// newest returns the last three, for some come with stacks.
func (l *serverLog) newest() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.lines.all()
	return all[max(0, len(all)-3):]
}
