package ocsptest

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// patience is how long we wait for somebody else's code before we say so.
const patience = 5 * time.Second

// The extension status_request (RFC 6066 section 1.1).
const statusRequest = 5

// A recorder keeps the handshakes of a server.
type recorder struct {
	ca *fakeca.CA

	mu       sync.Mutex
	attempts ring[*attempt]
	underway int
	idle     chan struct{} // closed when no handshake is under way any more
}

// An attempt is a handshake, guarded by the recorder's mu while it is under
// way.
type attempt struct {
	Handshake
	flight int // so many bytes at least carry the certificate and the staple
}

// begin notes a ClientHello.
func (r *recorder) begin(hello *tls.ClientHelloInfo) *attempt {
	a := &attempt{Handshake: Handshake{
		Time:          r.ca.Now(),
		ServerName:    hello.ServerName,
		StatusRequest: slices.Contains(hello.Extensions, statusRequest),
	}}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts.add(a)
	if r.underway == 0 {
		r.idle = make(chan struct{})
	}
	r.underway++
	return a
}

// change lets f write into attempts.
func (r *recorder) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// end lets f write into an attempt how it ended. It is called once for each.
func (r *recorder) end(f func()) {
	r.change(func() {
		f()
		r.underway--
		if r.underway == 0 {
			close(r.idle)
		}
	})
}

// garbled notes a connection that sent something else than a ClientHello.
func (r *recorder) garbled(err error) {
	a := &attempt{Handshake: Handshake{Time: r.ca.Now(), Alert: receivedAlert(err), Err: err}}
	r.change(func() { r.attempts.add(a) })
}

// settle waits until the handshakes under way have ended, or patience has.
func (r *recorder) settle() {
	r.mu.Lock()
	idle := r.idle
	r.mu.Unlock()
	if idle == nil {
		return
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case <-idle:
	case <-timeout.C:
	}
}

// all returns copies of the records, once they have settled.
func (r *recorder) all() (handshakes []Handshake, dropped int) {
	r.settle()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts.all() {
		handshakes = append(handshakes, a.clone())
	}
	return handshakes, r.attempts.dropped
}

var errUnfinished = errors.New("the handshake did not finish; the listener that ran it knows why")

// instrument returns a copy of cfg that sends what stapler makes and records
// it in a.
func (r *recorder) instrument(cfg *tls.Config, s *stapler, a *attempt) *tls.Config {
	cfg = cfg.Clone()
	own := cfg.GetCertificate
	cfg.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return r.certificate(hello, own, s, a)
	}
	return cfg
}

// certificate chooses the certificate for a handshake: that of the user's own
// callback, or the stapler's.
func (r *recorder) certificate(hello *tls.ClientHelloInfo, own getCertificate, s *stapler, a *attempt) (cert *tls.Certificate, err error) {
	if own != nil {
		cert, err = own(hello)
	}
	if cert == nil && err == nil {
		cert, err = s.certificate()
	}
	if err == nil && len(cert.OCSPStaple) > 0 {
		r.change(func() {
			if a.StatusRequest { // crypto/tls sends it to nobody else
				a.Staple = cert.OCSPStaple
				a.flight = len(cert.OCSPStaple) + len(cert.Certificate[0])
			}
		})
	}
	return cert, err
}

type getCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// foreign returns a configuration for one handshake, which ctx is the context
// of, on a connection that is not ours. What it can record is what the callbacks of crypto/tls tell.
func (r *recorder) foreign(ctx context.Context, cfg *tls.Config, s *stapler, a *attempt) *tls.Config {
	verified := false
	cfg = r.instrument(cfg, s, a)
	own := cfg.VerifyConnection
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		r.change(func() {
			verified = true
			a.Version, a.Resumed = cs.Version, cs.DidResume
			if a.Resumed {
				a.Staple = nil // in TLS 1.2 a certificate was asked for, and not sent
			}
		})
		if own != nil {
			return own(cs)
		}
		return nil
	}
	context.AfterFunc(ctx, func() {
		r.end(func() {
			if !verified {
				a.Err = errUnfinished
			}
		})
	})
	return cfg
}
