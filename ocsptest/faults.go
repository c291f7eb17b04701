package ocsptest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// faults are those that a responder plays.
type faults struct {
	choosing sync.Mutex // held around calls of When

	mu       sync.Mutex
	standing fault.Fault
	script   []*fault.Fault
	crl      map[*fakeca.CA]map[string]fault.Fault // by path; "" is for the CRLs at other paths
}

// SetFault plays f at every OCSP request from now on, instead of what was set
// before. [fault.None] ends it.
func (r *Responder) SetFault(f fault.Fault) {
	r.try(f)
	r.faults.mu.Lock()
	defer r.faults.mu.Unlock()
	r.faults.standing = f
}

// Script plays each fault once, at the next OCSP requests: a request gets the
// first fault left in the script whose When holds, or else what SetFault set.
// [fault.None] stands for a correct response. Requests that are not OCSP, such
// as a browser's for /favicon.ico, use up no fault. Faults that are left when
// the test ends fail it.
func (r *Responder) Script(script ...fault.Fault) {
	for _, f := range script {
		r.try(f)
	}
	r.faults.mu.Lock()
	defer r.faults.mu.Unlock()
	for _, f := range script {
		r.faults.script = append(r.faults.script, &f)
	}
}

// SetCRLFault plays f at every request for a CRL of ca from now on, or only for
// those at urls, as [Responder.AddCRL] returns them and certificates name them.
// It replaces what was set before for the same lists. [fault.None] ends it.
// SetCRLFault panics if f is about OCSP only.
func (r *Responder) SetCRLFault(ca *fakeca.CA, f fault.Fault, urls ...string) {
	r.mustIndex("SetCRLFault", ca)
	if f.OCSPOnly() {
		panic(fmt.Sprintf("ocsptest: SetCRLFault: %v is about OCSP only; use SetFault, or SetCRL for what a CRL says", f))
	}
	var paths []string
	for _, url := range urls {
		paths = append(paths, r.mustServeCRL(ca, url))
	}
	r.faults.setCRL(ca, f, paths)
}

func (f *faults) setCRL(ca *fakeca.CA, played fault.Fault, paths []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crl == nil {
		f.crl = make(map[*fakeca.CA]map[string]fault.Fault)
	}
	if len(paths) == 0 {
		f.crl[ca] = map[string]fault.Fault{"": played}
		return
	}
	if f.crl[ca] == nil {
		f.crl[ca] = make(map[string]fault.Fault)
	}
	for _, path := range paths {
		f.crl[ca][path] = played
	}
}

// mustServeCRL returns the path of a CRL of ca.
func (r *Responder) mustServeCRL(ca *fakeca.CA, url string) (path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path, ok := strings.CutPrefix(url, r.URL)
	if f := r.files[path]; !ok || f == nil || !f.crl || f.ca != ca {
		panic(fmt.Sprintf("ocsptest: SetCRLFault: no CRL of %q is at %q; use what AddCRL, CRLURL or ShardURLs returned", ca.Cert.Subject, url))
	}
	return path
}

// try panics if no CA of the responder can sign what f says.
func (r *Responder) try(f fault.Fault) {
	if f.Say == nil {
		return
	}
	var first any
	for _, ca := range r.issuers() {
		problem := trySay(f, ca)
		if problem == nil {
			return
		}
		if first == nil {
			first = problem
		}
	}
	panic(first)
}

// trySay returns what f panics with when ca responds to a request about its own
// certificate.
func trySay(f fault.Fault, ca *fakeca.CA) (problem any) {
	defer func() { problem = recover() }()
	x := &fault.Exchange{
		R:      &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/"}, Header: make(http.Header)},
		Time:   ca.Now(),
		OCSP:   fakeca.NewRequest(ca.Cert.SerialNumber, ca.Cert),
		CA:     ca,
		Status: http.StatusOK, Header: make(http.Header),
	}
	var resp fakeca.Response
	f.Say(x, &resp)
	ca.Sign(ca.Cert.SerialNumber, resp)
	return nil
}

// chooseFault returns the fault to play at an OCSP request.
func (r *Responder) chooseFault(x *exchange) fault.Fault {
	if x.Redirected() {
		return fault.None() // it was played at the request that led here
	}
	f := &r.faults
	f.mu.Lock()
	standing, script := f.standing, f.script
	f.mu.Unlock()
	if len(script) == 0 && isNone(standing) {
		return fault.None()
	}
	f.choosing.Lock()
	defer f.choosing.Unlock()
	if x.isOCSP() {
		if next := f.next(x); next != nil {
			return *next
		}
	}
	if holds(standing, x) {
		return standing
	}
	return fault.None()
}

// next takes a fault from the script. It does not hold mu while it calls When,
// which may call the responder.
func (f *faults) next(x *exchange) *fault.Fault {
	f.mu.Lock()
	script := slices.Clone(f.script)
	f.mu.Unlock()
	i := slices.IndexFunc(script, func(f *fault.Fault) bool { return holds(*f, x) })
	if i < 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = slices.DeleteFunc(slices.Clone(f.script), func(f *fault.Fault) bool { return f == script[i] })
	return script[i]
}

// chooseCRLFault returns the fault to play at a request for the CRL at a path.
func (r *Responder) chooseCRLFault(x *exchange, path string) fault.Fault {
	r.faults.mu.Lock()
	f, ok := r.faults.crl[x.CA][path]
	if !ok {
		f = r.faults.crl[x.CA][""]
	}
	r.faults.mu.Unlock()
	if isNone(f) || x.Redirected() {
		return fault.None()
	}
	r.faults.choosing.Lock()
	defer r.faults.choosing.Unlock()
	if holds(f, x) {
		return f
	}
	return fault.None()
}

// left returns what is left of the script.
func (f *faults) left() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, left := range f.script {
		names = append(names, left.String())
	}
	return names
}

func (f *faults) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.standing, f.script, f.crl = fault.None(), nil, nil
}

// isNone reports whether f changes nothing.
func isNone(f fault.Fault) bool { return f.Say == nil && f.Reply == nil && f.Send == nil }

func holds(f fault.Fault, x *exchange) bool { return f.When == nil || f.When(&x.Exchange) }
