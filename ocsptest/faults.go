package ocsptest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// faults are those that a responder plays, guarded by its mu.
type faults struct {
	standing fault.Fault
	script   []*fault.Fault
	crl      map[*fakeca.CA]fault.Fault

	choosing sync.Mutex // held around calls of When, before mu
}

// SetFault plays f at every OCSP request from now on, instead of what was set
// before. fault.None() ends it.
func (r *Responder) SetFault(f fault.Fault) {
	r.try(f)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults.standing = f
}

// Script plays each fault once, at the next OCSP requests: a request gets the
// first fault left in the script whose When holds, or else what SetFault set.
// fault.None() stands for a good response. Requests that are not OCSP, such as a
// browser's for /favicon.ico, use up no fault. Faults left when the test ends
// fail it.
func (r *Responder) Script(script ...fault.Fault) {
	for _, f := range script {
		r.try(f)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range script {
		r.faults.script = append(r.faults.script, &f)
	}
}

// SetCRLFault plays f at every request for a CRL of ca from now on. fault.None() ends
// it. It panics if f is about OCSP only.
func (r *Responder) SetCRLFault(ca *fakeca.CA, f fault.Fault) {
	r.CRLURL(ca) // panics if ca is not served
	if f.OCSPOnly() {
		panic(fmt.Sprintf("ocsptest: SetCRLFault: %v is about OCSP only; use SetFault, or SetCRL for what a CRL says", f))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.faults.crl == nil {
		r.faults.crl = make(map[*fakeca.CA]fault.Fault)
	}
	r.faults.crl[ca] = f
}

// try panics if no CA of the responder can sign what f says.
func (r *Responder) try(f fault.Fault) {
	if f.Say == nil {
		return
	}
	var first any
	for _, ca := range r.issuers() {
		problem := func() (problem any) {
			defer func() { problem = recover() }()
			req := fakeca.NewRequest(ca.Cert.SerialNumber, ca.Cert)
			x := &fault.Exchange{
				R:    &http.Request{Method: http.MethodPost, URL: new(url.URL), Header: make(http.Header)},
				Time: r.now(), OCSP: req, CA: ca,
				Status: http.StatusOK, Header: make(http.Header),
			}
			said := fakeca.Response{}
			f.Say(x, &said)
			ca.Sign(ca.Cert.SerialNumber, said)
			return nil
		}()
		if problem == nil {
			return
		}
		if first == nil {
			first = problem
		}
	}
	panic(first)
}

// chooseFault returns the fault to play at an OCSP request.
func (r *Responder) chooseFault(x *exchange) fault.Fault {
	if x.Redirected() {
		return fault.None() // it was played at the request that led here
	}
	r.mu.Lock()
	idle := len(r.faults.script) == 0 && isNone(r.faults.standing)
	r.mu.Unlock()
	if idle {
		return fault.None()
	}
	r.faults.choosing.Lock()
	defer r.faults.choosing.Unlock()
	r.mu.Lock()
	standing, script := r.faults.standing, slices.Clone(r.faults.script)
	r.mu.Unlock()
	if x.isOCSP() {
		for _, f := range script {
			if holds(*f, x) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.faults.script = slices.DeleteFunc(r.faults.script, func(g *fault.Fault) bool { return g == f })
				return *f
			}
		}
	}
	if holds(standing, x) {
		return standing
	}
	return fault.None()
}

// crlFault returns the fault to play at a request for a CRL.
func (r *Responder) crlFault(x *exchange) fault.Fault {
	if x.Redirected() {
		return fault.None()
	}
	r.faults.choosing.Lock()
	defer r.faults.choosing.Unlock()
	r.mu.Lock()
	f := r.faults.crl[x.CA]
	r.mu.Unlock()
	if holds(f, x) {
		return f
	}
	return fault.None()
}

// isNone reports whether f changes nothing.
func isNone(f fault.Fault) bool { return f.Say == nil && f.Reply == nil && f.Send == nil }

func holds(f fault.Fault, x *exchange) bool { return f.When == nil || f.When(&x.Exchange) }
