package ocsptest

import (
	"fmt"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Fault is a way for a responder to misbehave. The zero value is none.
type Fault struct {
	text string // as it is written in Go

	// only says at which requests to play it; nil: at all.
	only func(x *exchange) bool

	// check panics if the fault cannot be played.
	check func(*fakeca.CA)

	// early runs before there is an answer; if it returns true, x has what is
	// to be sent.
	early func(x *exchange) bool

	// lie changes what the record says, before it is signed.
	lie func(x *exchange, said *fakeca.Response)

	// change changes what is to be sent.
	change func(x *exchange)

	// send sends, in place of net/http.
	send   func(x *exchange)
	silent bool // send sends nothing
}

// String returns the fault as it is written in Go, long arguments in short.
func (f Fault) String() string {
	if f.text == "" {
		return "Fault{}"
	}
	return f.text
}

// inGo writes a duration as Go does in a program.
func inGo(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{
		{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"},
		{time.Millisecond, "time.Millisecond"}, {time.Microsecond, "time.Microsecond"}, {1, "time.Nanosecond"},
	} {
		switch {
		case d == unit.size:
			return unit.name
		case d != 0 && d%unit.size == 0:
			return fmt.Sprintf("%d*%s", d/unit.size, unit.name)
		}
	}
	return "0"
}

// faults are those that a responder is to play, guarded by its mu.
type faults struct {
	standing Fault
	script   []Fault
}

// SetFault plays f at every OCSP request from now on, in place of what was set
// before. Fault{} ends it.
func (r *Responder) SetFault(f Fault) {
	r.mustPlay(f)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults.standing = f
}

// Script plays one fault at each of the next OCSP requests, in this order; after
// them, what SetFault set. Fault{} stands for an answer as it should be. Faults
// that no request has met when the test ends fail it.
func (r *Responder) Script(script ...Fault) {
	r.mustPlay(script...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults.script = append(r.faults.script, script...)
}

// SetCRLFault plays f at every request for a CRL from now on. Faults about OCSP
// alone change nothing there. Fault{} ends it.
func (r *Responder) SetCRLFault(f Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crlFault = f
}

// mustPlay has what cannot be played panic where a test wrote it.
func (r *Responder) mustPlay(faults ...Fault) {
	for _, f := range faults {
		if f.check != nil {
			f.check(r.CA)
		}
	}
}

// nextFault returns the fault for an OCSP request.
func (r *Responder) nextFault(x *exchange) Fault {
	if x.r.URL.RawQuery == redirected {
		return Fault{} // it was played at the request that led here
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults.script) > 0 {
		f := r.faults.script[0]
		r.faults.script = r.faults.script[1:]
		return f
	}
	if f := r.faults.standing; f.only == nil || f.only(x) {
		return f
	}
	return Fault{}
}

// Answer answers with said, whatever is on record. Where said has no nonce, the
// client's is in the answer.
func Answer(said fakeca.Response) Fault {
	return Fault{
		text:  fmt.Sprintf("Answer(%v)", said),
		check: func(ca *fakeca.CA) { ca.Sign(ca.Cert.SerialNumber, said) },
		lie: func(_ *exchange, record *fakeca.Response) {
			nonce := record.Nonce
			*record = said
			if record.Nonce == nil && said.Failure() == ocsp.Success {
				record.Nonce = nonce
			}
		},
	}
}

// UnknownOnGET answers Unknown by GET, and what is on record by POST.
func UnknownOnGET() Fault {
	return Fault{text: "UnknownOnGET()", lie: func(x *exchange, said *fakeca.Response) {
		if x.r.Method == "GET" {
			*said = fakeca.Response{Status: fakeca.Unknown, Nonce: said.Nonce}
		}
	}}
}
