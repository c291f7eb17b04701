package ocsptest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// The extension status_request (RFC 6066 section 1.1).
const statusRequest = 5

// A recorder keeps the handshakes of a server.
type recorder struct {
	ca *fakeca.CA

	mu       sync.Mutex
	attempts ring[*attempt]
	running  map[*attempt]struct{} // handshakes under way
	staple   []byte                // of the last attempt that was sent one
}

// An attempt is a handshake, guarded by the recorder's mu while it is under way.
type attempt struct {
	Handshake
	entry *ringEntry[*attempt]
	began time.Time     // not on the CA's clock
	ended chan struct{} // closed at the end

	// minCertificateBytes is less than the certificate and its staple take. A
	// server that has written fewer bytes has not sent them.
	minCertificateBytes int
}

// begin notes a ClientHello.
func (r *recorder) begin(hello *tls.ClientHelloInfo) *attempt {
	a := &attempt{
		Handshake: Handshake{
			Time:          r.ca.Now(),
			ServerName:    hello.ServerName,
			StatusRequest: slices.Contains(hello.Extensions, statusRequest),
		},
		began: time.Now(),
		ended: make(chan struct{}),
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a.entry = r.attempts.add(a, recordBytes)
	if r.running == nil {
		r.running = make(map[*attempt]struct{})
	}
	r.running[a] = struct{}{}
	return a
}

// recordBytes is about what a record takes without what it points to.
const recordBytes = 512

// certificateChosen notes the certificate that a handshake will send.
func (r *recorder) certificateChosen(a *attempt, cert *tls.Certificate) {
	r.change(func() {
		if a.StatusRequest && len(cert.OCSPStaple) > 0 { // else crypto/tls sends no staple
			a.Staple = cert.OCSPStaple
			a.minCertificateBytes = len(cert.OCSPStaple) + len(cert.Certificate[0])
		}
	})
}

// setState notes what is known once the handshake is verified.
func (a *attempt) setState(cs tls.ConnectionState) {
	a.Version, a.Resumed, a.PeerCertificates = cs.Version, cs.DidResume, cs.PeerCertificates
}

// change lets f write into attempts.
func (r *recorder) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// end lets f write into an attempt how it ended. It is called once for each.
func (r *recorder) end(a *attempt, f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	held := len(a.ServerName)
	if a.Err != nil {
		held += len(a.Err.Error())
	}
	if len(a.Staple) > 0 {
		if !sameBytes(a.Staple, r.staple) { // most handshakes share one
			held += len(a.Staple)
		}
		r.staple = a.Staple
	}
	for _, cert := range a.PeerCertificates {
		held += len(cert.Raw)
	}
	r.attempts.grow(a.entry, held)
	delete(r.running, a)
	close(a.ended)
}

// sameBytes reports whether two slices are the same memory.
func sameBytes(a, b []byte) bool {
	return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0]
}

// recordNonTLS records a connection that did not start with a ClientHello.
func (r *recorder) recordNonTLS(err error) {
	a := &attempt{Handshake: Handshake{Time: r.ca.Now(), Alert: receivedAlert(err), Err: err}}
	r.change(func() { r.attempts.add(a, recordBytes+len(err.Error())) })
}

// waitIdle waits until the handshakes that are under way now have ended, for each
// until waitTimeout after it began. It returns how many it waited for in vain.
func (r *recorder) waitIdle() (unfinished int) {
	r.mu.Lock()
	running := slices.Collect(maps.Keys(r.running))
	r.mu.Unlock()
	for _, a := range running {
		wait := time.Until(a.began.Add(waitTimeout))
		if wait <= 0 {
			continue
		}
		timeout := time.NewTimer(wait)
		select {
		case <-a.ended:
		case <-timeout.C:
			unfinished++
		}
		timeout.Stop()
	}
	return unfinished
}

// all returns copies of the records, once waitIdle has waited.
func (r *recorder) all() (handshakes []Handshake, dropped int) {
	r.waitIdle()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts.all() {
		h := a.Handshake
		h.Staple = bytes.Clone(h.Staple)
		h.PeerCertificates = slices.Clone(h.PeerCertificates)
		handshakes = append(handshakes, h)
	}
	return handshakes, r.attempts.dropped
}

// reset forgets all records.
func (r *recorder) reset() {
	r.waitIdle()
	r.change(r.attempts.clear)
}

var (
	errUnfinished = errors.New("the handshake did not finish; the server that ran it has the error")
	errUnreadable = errors.New("the client sent an alert, encrypted with ChaCha20-Poly1305")
)

// watch records a handshake on a connection that is not ours, by callbacks of
// cfg, and by its tap, which may be nil. crypto/tls cancels ctx, the
// handshake's, when the handshake ends.
func (r *recorder) watch(ctx context.Context, cfg *tls.Config, a *attempt, t *tap) {
	verified := false // guarded by mu
	own := cfg.VerifyConnection
	cfg.VerifyConnection = func(cs tls.ConnectionState) (err error) {
		if own != nil {
			err = own(cs)
		}
		r.change(func() {
			a.setState(cs)
			a.Err, verified = err, err == nil
			if a.Resumed {
				a.Staple = nil // in TLS 1.2 a certificate was asked for, and not sent
			}
		})
		return err
	}
	if t != nil {
		t.start(cfg, func(alert Alert) { r.change(func() { a.Alert = alert }) })
	}
	context.AfterFunc(ctx, func() {
		var seen tapState
		if t != nil {
			seen = t.state()
		}
		r.end(a, func() {
			if t != nil && seen.written < a.minCertificateBytes {
				a.Staple = nil
			}
			if a.Version == 0 {
				a.Version = seen.version
			}
			if a.Err == nil {
				a.Err = seen.failure(verified, a.Version)
			}
		})
	})
}

// failure returns why a handshake failed, or nil if it did not.
func (s tapState) failure(verified bool, version uint16) error {
	switch {
	case verified && (s.finished || version < tls.VersionTLS13 && s.changedKey):
		return nil
	case s.alert != 0:
		return &net.OpError{Op: "remote error", Err: tls.AlertError(s.alert)} // as crypto/tls has it
	case s.unreadable:
		return errUnreadable
	case s.readErr != nil:
		return s.readErr
	case !verified:
		return errUnfinished
	}
	return nil
}
