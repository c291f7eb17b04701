package fault

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Fault is a way for a responder to misbehave. It has four hooks, in the order
// in which a responder calls them; those that are nil leave everything as it
// is. The zero value is no fault.
//
// Hooks of requests that come at the same time run at the same time, except
// When.
type Fault struct {
	Name string // for messages, as it is written in Go; the default lists the hooks

	// When reports whether to play the fault for a request.
	When func(x *Exchange) bool

	// Say changes the OCSP response before it is signed. r has what is on
	// record, and the nonce of the request. Say is not called where there is
	// nothing to sign: the request cannot be read, or is about a CA that the
	// responder does not know.
	//
	// Responder.SetFault and Script call Say once, with a request of their own,
	// so that a response that cannot be made panics there.
	Say func(x *Exchange, r *fakeca.Response)

	// Reply changes the Status, Header and Body of the HTTP response. It can
	// wait.
	Reply func(x *Exchange)

	// Send sends the response, instead of [Exchange.Send]. It can end the
	// connection with panic(http.ErrAbortHandler).
	Send func(x *Exchange)

	ocspOnly bool // by For
}

// String returns Name, or which hooks there are.
func (f Fault) String() string {
	if f.Name != "" {
		return f.Name
	}
	if f.When == nil && f.Say == nil && f.Reply == nil && f.Send == nil {
		return "None()"
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
	return "fault.Fault{" + strings.Join(hooks, ", ") + "}"
}

// OCSPOnly reports whether f is about OCSP and makes no sense for a CRL: it has
// a Say hook, or was limited by [Fault.For].
func (f Fault) OCSPOnly() bool { return f.Say != nil || f.ocspOnly }

// For returns f, limited to OCSP requests about cert.
func (f Fault) For(cert *x509.Certificate) Fault {
	if cert == nil {
		panic("fault: For(nil): give it a certificate, such as leaf.Cert")
	}
	f = f.limit(fmt.Sprintf("For(serial %x)", cert.SerialNumber), func(x *Exchange) bool {
		return x.OCSP != nil && slices.ContainsFunc(x.OCSP.List, func(single fakeca.SingleRequest) bool { return isAbout(single.CertID, cert) })
	})
	f.ocspOnly = true
	return f
}

// isAbout reports whether id names cert. The key of its issuer is not known
// here, so that its name must do.
func isAbout(id fakeca.CertID, cert *x509.Certificate) bool {
	if id.SerialNumber.Cmp(cert.SerialNumber) != 0 {
		return false
	}
	hash := id.HashAlgorithm.Hash()
	if hash == 0 {
		return true
	}
	h := hash.New()
	h.Write(cert.RawIssuer)
	return bytes.Equal(h.Sum(nil), id.IssuerNameHash)
}

// ForCA returns f, limited to OCSP requests that ca responds to.
func (f Fault) ForCA(ca *fakeca.CA) Fault {
	if ca == nil {
		panic("fault: ForCA(nil): give it a CA that the responder responds for")
	}
	f = f.limit(fmt.Sprintf("ForCA(%q)", ca.Cert.Subject.String()), func(x *Exchange) bool { return x.CA == ca })
	f.ocspOnly = true
	return f
}

// OnMethod returns f, limited to requests by an HTTP method, such as "GET".
func (f Fault) OnMethod(method string) Fault {
	if method == "" || method != strings.ToUpper(method) {
		panic(fmt.Sprintf("fault: OnMethod(%q): give it a method in upper case, such as \"GET\"", method))
	}
	return f.limit(fmt.Sprintf("OnMethod(%q)", method), func(x *Exchange) bool { return x.R.Method == method })
}

// limit adds a condition to When.
func (f Fault) limit(text string, holds func(*Exchange) bool) Fault {
	f.Name = f.String() + "." + text
	when := f.When
	f.When = func(x *Exchange) bool { return (when == nil || when(x)) && holds(x) }
	return f
}

// All plays several faults at once: those whose When holds, each hook in this
// order. Of several with a Send hook the first sends; All panics if the later
// ones would never send.
func All(faults ...Fault) Fault {
	faults = slices.Clone(faults)
	var names []string
	var sends *Fault // always
	all := Fault{}
	for i, f := range faults {
		names = append(names, f.String())
		if f.Send != nil && sends != nil {
			panic(fmt.Sprintf("fault: All: %v never sends, because %v does; leave one of them out, or limit the first with For or OnMethod", f, *sends))
		}
		if f.Send != nil && f.When == nil {
			sends = &faults[i]
		}
		all.ocspOnly = all.ocspOnly || f.OCSPOnly()
	}
	all.Name = "All(" + strings.Join(names, ", ") + ")"

	key := new(int)
	all.When = func(x *Exchange) bool {
		var chosen []Fault
		for _, f := range faults {
			if f.When == nil || f.When(x) {
				chosen = append(chosen, f)
			}
		}
		if x.chosen == nil {
			x.chosen = make(map[*int][]Fault)
		}
		x.chosen[key] = chosen
		return len(chosen) > 0
	}
	chosen := func(x *Exchange) []Fault {
		if c, ok := x.chosen[key]; ok {
			return c
		}
		return faults // When was not called
	}
	has := func(hook func(Fault) bool) bool { return slices.ContainsFunc(faults, hook) }
	if has(func(f Fault) bool { return f.Say != nil }) {
		all.Say = func(x *Exchange, r *fakeca.Response) {
			for _, f := range chosen(x) {
				if f.Say != nil {
					f.Say(x, r)
				}
			}
		}
	}
	if has(func(f Fault) bool { return f.Reply != nil }) {
		all.Reply = func(x *Exchange) {
			for _, f := range chosen(x) {
				if f.Reply != nil {
					f.Reply(x)
				}
			}
		}
	}
	if has(func(f Fault) bool { return f.Send != nil }) {
		all.Send = func(x *Exchange) {
			for _, f := range chosen(x) {
				if f.Send != nil {
					f.Send(x)
					return
				}
			}
			x.Send()
		}
	}
	return all
}

// None is no fault: the response as it should be. It stands for a good response
// in a script, and ends a fault that was set.
func None() Fault { return Fault{} }

// Respond makes the responder say r, whatever is on record. If r has no nonce,
// it gets that of the request.
func Respond(r fakeca.Response) Fault {
	return Fault{
		Name: fmt.Sprintf("Respond(%v)", r),
		Say: func(_ *Exchange, recorded *fakeca.Response) {
			nonce := recorded.Nonce
			*recorded = r
			if r.Nonce == nil && r.Failure() == ocsp.Success {
				recorded.Nonce = nonce
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
