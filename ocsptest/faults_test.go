package ocsptest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// Each request gets the first fault in the script that is for it.
func TestScriptWithLimits(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	a, b := ca.Leaf(), ca.Leaf()
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetFault(fault.HTTPError(500))
	r.Script(fault.HTTPError(501).For(a.Cert), fault.None(), fault.HTTPError(502).For(b.Cert), fault.HTTPError(503).For(a.Cert))
	for i, step := range []struct {
		leaf *fakeca.Leaf
		want int
	}{{b, 200}, {b, 502}, {b, 500}, {a, 501}, {b, 500}, {a, 503}, {a, 500}} {
		if got := inProcess(r, postRequest(about(step.leaf).Marshal())).code; got != step.want {
			t.Errorf("%d: %d, want %d", i, got, step.want)
		}
	}
}

// Whatever else comes along leaves the script alone.
func TestScriptIsForOCSP(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	der := about(ca.Leaf()).Marshal()
	untyped := postRequest([]byte("x"))
	untyped.Header.Del("Content-Type")
	for _, test := range []struct {
		name string
		req  *http.Request
		want bool // the fault is played
	}{
		{"POST", postRequest(der), true},
		{"GET", getRequest(getPath(der)), true},
		{"malformed", postRequest([]byte("x")), true},
		{"too long", postRequest(make([]byte, 70<<10)), true},
		{"favicon", getRequest("/favicon.ico"), false},
		{"root", getRequest("/"), false},
		{"something else", untyped, false},
		{"CRL", getRequest("/crl/0"), false},
		{"redirected", getRequest(getPath(der) + "?redirected"), false},
		{"PUT", must(http.NewRequest("PUT", "/", strings.NewReader("x"))), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := ocsptest.NewUnstartedResponder(ca)
			r.Script(fault.HTTPError(599))
			if got := inProcess(r, test.req).code == 599; got != test.want {
				t.Errorf("played: %v", got)
			}
		})
	}
}

// Hooks can call the responder.
func TestHooksCanCallTheResponder(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	r := ocsptest.NewUnstartedResponder(ca)
	count := func() int { return len(r.Requests()) }
	f := fault.Fault{
		When:  func(*fault.Exchange) bool { return count() > 1 },
		Say:   func(*fault.Exchange, *fakeca.Response) { count() },
		Reply: func(x *fault.Exchange) { count(); x.Error(503) },
		Send:  func(x *fault.Exchange) { r.SetFault(fault.None()); x.Send() },
	}
	r.SetFault(f)
	r.SetCRLFault(ca, fault.Fault{When: f.When, Reply: f.Reply})
	r.Script(f)
	for i, want := range []int{200, 503, 200} {
		if got := inProcess(r, postRequest(about(leaf).Marshal())).code; got != want {
			t.Errorf("%d: %d, want %d", i, got, want)
		}
	}
	if got := inProcess(r, getRequest("/crl/0")).code; got != 503 {
		t.Errorf("CRL: %d", got)
	}
}

func TestCRLFaultsThatAreAboutOCSP(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithName("CA"))
	r := ocsptest.NewUnstartedResponder(ca)
	for f, name := range map[*fault.Fault]string{
		new(fault.WrongNonce()):                                           "WrongNonce()",
		new(fault.UnknownOnGET()):                                         "UnknownOnGET()",
		new(fault.Hang().ForCA(ca)):                                       `Hang().ForCA("CN=CA")`,
		new(fault.All(fault.NoNonce())):                                   "All(NoNonce())",
		new(fault.Fault{Say: func(*fault.Exchange, *fakeca.Response) {}}): "Fault{Say}",
	} {
		mustPanic(t, "ocsptest: SetCRLFault: "+name+" is about OCSP only; use SetFault, or SetCRL for what a CRL says", func() { r.SetCRLFault(ca, *f) })
	}
	other := fakeca.New(fakeca.WithName("other"))
	mustPanic(t, `ocsptest: SetCRLFault: the responder does not respond for "CN=other"; call Add`, func() { r.SetCRLFault(other, fault.Hang()) })
	mustPanic(t, "ocsptest: SetCRLFault needs a CA, not nil", func() { r.SetCRLFault(nil, fault.Hang()) })
}

// A response that cannot be made panics where the test wrote it, unless one of
// the CAs can make it.
func TestFaultsAreTried(t *testing.T) {
	t.Parallel()
	p256 := fakeca.New()
	p384 := fakeca.New(fakeca.WithKey(must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))))
	withReason := fault.Respond(fakeca.Response{Reason: fakeca.KeyCompromise})
	const want = "fakeca: Response: Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked"
	r := ocsptest.NewUnstartedResponder(p256)
	r.Add(p384)
	mustPanic(t, want, func() { r.SetFault(withReason) })
	mustPanic(t, want, func() { r.SetFault(fault.All(fault.Hang(), withReason.OnMethod("GET"))) })
	mustPanic(t, want, func() { r.Script(fault.Hang(), withReason) })
	if got := ask(r, p256.Leaf()); got != "good" {
		t.Errorf("after the panics it says %s", got)
	}

	tries := 0
	r.SetFault(fault.Fault{Say: func(x *fault.Exchange, resp *fakeca.Response) {
		tries++
		if x.CA == p256 {
			panic("not for this one")
		}
		if x.R == nil || x.OCSP == nil || x.Time.IsZero() || x.Header == nil {
			t.Errorf("tried with %+v", x)
		}
		resp.SignatureAlgorithm = x509.ECDSAWithSHA384
	}})
	if tries != 2 {
		t.Errorf("Say was tried %d times", tries)
	}
}
