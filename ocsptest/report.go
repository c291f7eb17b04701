package ocsptest

import (
	"fmt"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
)

// LogIfFailed logs the server's [Server.Report] if the test failed. Call it after
// each test that shares a server, which TestMain or BeforeSuite started. For the
// test of [NewServer] it is called when the test ends.
func (s *Server) LogIfFailed(t TB) {
	t.Helper()
	if t.Failed() {
		t.Logf("%s", s.Report())
	}
}

// Report returns what the server saw as a text for people: a line for each
// handshake, and notes on likely mistakes of the test, such as a staple set by hand
// that contradicts the record. The text may change at any time.
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
		fetches, dropped := s.fetcher.all()
		for _, f := range fetches {
			fetched.add(f.Time, "fetched "+f.String())
		}
		fetched.write(&b, "fetches", dropped)
	}
	for _, line := range s.host.log.newest() {
		fmt.Fprintf(&b, "\n    %s", line)
	}
	if text := s.stapler.contradiction(); text != "" {
		fmt.Fprintf(&b, "\n    note: %s", text)
	}
	for ca := s.CA; ca != nil; ca = ca.Issuer {
		if text := revokedUnissued(ca); text != "" {
			fmt.Fprintf(&b, "\n    note: %s", text)
		}
	}
	if s.host.network == nil && s.host.isUp() {
		fmt.Fprintf(&b, "\n    by hand: %s", s.reproduce())
	}
	return b.String()
}

// revokedUnissued returns a sentence if the CA has revoked serial numbers of which
// it issued no certificate.
func revokedUnissued(ca *fakeca.CA) string {
	issued := make(map[string]bool)
	for _, cert := range ca.Issued() {
		issued[cert.SerialNumber.String()] = true
	}
	revoked := slices.DeleteFunc(ca.Revoked(), func(r fakeca.Response) bool { return issued[r.Serial.String()] })
	if len(revoked) == 0 {
		return ""
	}
	text := fmt.Sprintf("serial %x", revoked[0].Serial)
	if n := len(revoked) - 1; n > 0 {
		text += fmt.Sprintf(" and %s", count(n, "other"))
	}
	return fmt.Sprintf("%s has revoked %s, but issued no such certificate", ca.Cert.Subject, text)
}

// reproduce returns an openssl command that shows what the server staples.
func (s *Server) reproduce() string {
	name := s.serverName()
	if net.ParseIP(name) != nil {
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

func (l *serverLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines.clear()
}

// newest returns the last three, for some come with stacks.
func (l *serverLog) newest() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.lines.all()
	return all[max(0, len(all)-3):]
}
