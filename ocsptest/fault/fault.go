package fault

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Fault is a way for a responder to misbehave. It has four hooks, called in
// the order of the fields. A hook that is nil changes nothing, and the zero
// Fault is none.
//
// Hooks are called concurrently for concurrent requests, except When.
type Fault struct {
	Name string // for messages, as it is written in Go; default: the names of the hooks

	// When reports whether the fault is played at a request. It is called once
	// for each request, and never concurrently. The default is every request.
	When func(x *Exchange) bool

	// Say changes the OCSP response before it is signed. r holds what is on
	// record, with the nonce of the request. Say is not called if there is
	// nothing to sign: the request cannot be read, or is about a CA that the
	// responder does not know.
	//
	// A responder that is given the fault calls Say once more, with a request
	// of its own, so that a response that cannot be made panics in the test.
	Say func(x *Exchange, r *fakeca.Response)

	// Reply changes Status, Header and Body of the HTTP response. It may wait.
	Reply func(x *Exchange)

	// Send sends the response, instead of [Exchange.Send]. It may end the
	// connection with panic(http.ErrAbortHandler).
	Send func(x *Exchange)

	ocspOnly bool // limited by a method that looks at OCSP requests
}

// String returns the Name.
func (f Fault) String() string {
	if f.Name != "" {
		return f.Name
	}
	var hooks []string
	for _, hook := range []struct {
		name string
		set  bool
	}{{"When", f.When != nil}, {"Say", f.Say != nil}, {"Reply", f.Reply != nil}, {"Send", f.Send != nil}} {
		if hook.set {
			hooks = append(hooks, hook.name)
		}
	}
	if len(hooks) == 0 {
		return "None()"
	}
	return "Fault{" + strings.Join(hooks, ", ") + "}"
}

// OCSPOnly reports whether f can be played only at OCSP requests: it has a Say
// hook, or was limited by [Fault.For] or [Fault.ForCA].
func (f Fault) OCSPOnly() bool { return f.Say != nil || f.ocspOnly }

// None is no fault. It stands for a correct response in a script, and ends a
// fault that was set.
func None() Fault { return Fault{} }

// Respond says r instead of what is on record. If r has no nonce, it gets that
// of the request.
func Respond(r fakeca.Response) Fault {
	return Fault{
		Name: fmt.Sprintf("Respond(%v)", r),
		Say: func(_ *Exchange, resp *fakeca.Response) {
			nonce := resp.Nonce
			*resp = r
			if r.Nonce == nil && r.Failure() == ocsp.Success {
				resp.Nonce = nonce
			}
		},
	}
}

// UnknownOnGET says Unknown by GET, and what is on record by POST.
func UnknownOnGET() Fault {
	f := Respond(fakeca.Response{Status: fakeca.Unknown}).OnMethod("GET")
	f.Name = "UnknownOnGET()"
	return f
}

// durationInGo writes a duration as Go code.
func durationInGo(d time.Duration) string {
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
