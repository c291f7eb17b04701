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

	mu         sync.Mutex
	handshakes ring[*Handshake]
	underway   int
	idle       chan struct{} // closed when no handshake is under way any more
}

// begin notes a ClientHello.
func (r *recorder) begin(hello *tls.ClientHelloInfo) *Handshake {
	h := &Handshake{
		Time:          r.ca.Now(),
		ServerName:    hello.ServerName,
		StatusRequest: slices.Contains(hello.Extensions, statusRequest),
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handshakes.add(h)
	if r.underway == 0 {
		r.idle = make(chan struct{})
	}
	r.underway++
	return h
}

// change lets f write into a handshake.
func (r *recorder) change(h *Handshake, f func(*Handshake)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(h)
}

// end notes how a handshake ended.
func (r *recorder) end(h *Handshake, f func(*Handshake)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(h)
	r.underway--
	if r.underway == 0 {
		close(r.idle)
	}
}

// garbled notes a connection that sent something else than a ClientHello.
func (r *recorder) garbled(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handshakes.add(&Handshake{Time: r.ca.Now(), Alert: receivedAlert(err), Err: err})
}

// all returns copies of the records, after the handshakes that are under way
// have ended or patience has.
func (r *recorder) all() (handshakes []Handshake, dropped int) {
	r.mu.Lock()
	idle := r.idle
	r.mu.Unlock()
	if idle != nil {
		timeout := time.NewTimer(patience)
		defer timeout.Stop()
		select {
		case <-idle:
		case <-timeout.C:
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.handshakes.all() {
		handshakes = append(handshakes, h.clone())
	}
	return handshakes, r.handshakes.dropped
}

var errUnfinished = errors.New("the handshake did not finish; the listener that ran it knows why")

// instrument returns a copy of cfg that sends what stapler makes and records
// it in h.
func (r *recorder) instrument(cfg *tls.Config, s *stapler, h *Handshake) *tls.Config {
	cfg = cfg.Clone()
	own := cfg.GetCertificate
	cfg.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		return r.certificate(hello, own, s, h)
	}
	return cfg
}

// certificate chooses the certificate for a handshake: that of the user's own
// callback, or the stapler's.
func (r *recorder) certificate(hello *tls.ClientHelloInfo, own getCertificate, s *stapler, h *Handshake) (cert *tls.Certificate, err error) {
	if own != nil {
		cert, err = own(hello)
	}
	if cert == nil && err == nil {
		cert, err = s.certificate()
	}
	if err == nil && len(cert.OCSPStaple) > 0 {
		r.change(h, func(h *Handshake) {
			if h.StatusRequest { // crypto/tls sends it to nobody else
				h.Staple = cert.OCSPStaple
			}
		})
	}
	return cert, err
}

type getCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error)

// foreign returns a configuration for one handshake, which ctx is the context
// of, on a connection that is not ours. What it can record is what the callbacks of crypto/tls tell.
func (r *recorder) foreign(ctx context.Context, cfg *tls.Config, s *stapler, h *Handshake) *tls.Config {
	verified := false
	cfg = r.instrument(cfg, s, h)
	own := cfg.VerifyConnection
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		r.change(h, func(h *Handshake) {
			verified = true
			h.Version, h.Resumed = cs.Version, cs.DidResume
		})
		if own != nil {
			return own(cs)
		}
		return nil
	}
	context.AfterFunc(ctx, func() {
		r.end(h, func(h *Handshake) {
			if !verified {
				h.Err = errUnfinished
			}
		})
	})
	return cfg
}
