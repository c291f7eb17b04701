package ocsptest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
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
		if got := labtest.Post(r, labtest.RequestFor(step.leaf)).Code; got != step.want {
			t.Errorf("%d: %d, want %d", i, got, step.want)
		}
	}
}

// Requests that are not OCSP use up no fault of the script.
func TestScriptIsForOCSP(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	der := labtest.RequestFor(ca.Leaf()).Marshal()
	untyped := labtest.PostRequest([]byte("x"))
	untyped.Header.Del("Content-Type")
	for _, test := range []struct {
		name string
		req  *http.Request
		want bool // the fault is played
	}{
		{"POST", labtest.PostRequest(der), true},
		{"GET", labtest.GetRequest(labtest.GetPath(der)), true},
		{"malformed", labtest.PostRequest([]byte("x")), true},
		{"too long", labtest.PostRequest(make([]byte, 70<<10)), true},
		{"favicon", labtest.GetRequest("/favicon.ico"), false},
		{"root", labtest.GetRequest("/"), false},
		{"something else", untyped, false},
		{"CRL", labtest.GetRequest("/crl/0"), false},
		{"redirected", labtest.GetRequest(labtest.GetPath(der) + "?redirected"), false},
		{"PUT", labtest.Must(http.NewRequest("PUT", "/", strings.NewReader("x"))), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := ocsptest.NewUnstartedResponder(ca)
			r.Script(fault.HTTPError(599))
			if got := labtest.InProcess(r, test.req).Code == 599; got != test.want {
				t.Errorf("played: %v", got)
			}
		})
	}
}

func TestHooksCanCallTheResponder(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	r := ocsptest.NewUnstartedResponder(ca)
	count := func() int { return len(r.Requests()) }
	f := fault.Fault{
		When:  func(*fault.Exchange) bool { return count() > 1 },
		Say:   func(*fault.Exchange, *fakeca.Response) { count() },
		Reply: func(x *fault.Exchange) { count(); x.Refuse(503) },
		Send:  func(x *fault.Exchange) { r.SetFault(fault.None()); x.Send() },
	}
	r.SetFault(f)
	r.SetCRLFault(ca, fault.Fault{When: f.When, Reply: f.Reply})
	r.Script(f)
	for i, want := range []int{200, 503, 200} {
		if got := labtest.Post(r, labtest.RequestFor(leaf)).Code; got != want {
			t.Errorf("%d: %d, want %d", i, got, want)
		}
	}
	if got := labtest.InProcess(r, labtest.GetRequest("/crl/0")).Code; got != 503 {
		t.Errorf("CRL: %d", got)
	}
}

func TestSetCRLFaultRefusesFaultsAboutOCSP(t *testing.T) {
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
		want := "ocsptest: SetCRLFault: " + name + " is about OCSP only; use SetFault, or SetCRL for what a CRL says"
		labtest.MustPanic(t, want, func() { r.SetCRLFault(ca, *f) })
	}
	other := fakeca.New(fakeca.WithName("other"))
	labtest.MustPanic(t, `ocsptest: SetCRLFault: the responder does not respond for "CN=other"; call Add`, func() {
		r.SetCRLFault(other, fault.Hang())
	})
	labtest.MustPanic(t, "ocsptest: SetCRLFault needs a CA, not nil", func() { r.SetCRLFault(nil, fault.Hang()) })
}

// SetFault and Script panic on a response that no CA of the responder can make.
func TestFaultsAreTriedWhenSet(t *testing.T) {
	t.Parallel()
	p256 := fakeca.New()
	p384 := fakeca.New(fakeca.WithKey(labtest.Must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))))
	withReason := fault.Respond(fakeca.Response{Reason: fakeca.KeyCompromise})
	const want = "fakeca: Response: Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked"
	r := ocsptest.NewUnstartedResponder(p256)
	r.Add(p384)
	labtest.MustPanic(t, want, func() { r.SetFault(withReason) })
	labtest.MustPanic(t, want, func() { r.SetFault(fault.All(fault.Hang(), withReason.OnMethod("GET"))) })
	labtest.MustPanic(t, want, func() { r.Script(fault.Hang(), withReason) })
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

// Each request gets the next fault of a script, then the one of SetFault.
func TestScript(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetFault(fault.HTTPError(500))
	r.Script(fault.None(), fault.HTTPError(503))
	r.Script(fault.HTTPError(502))
	for i, want := range []int{200, 503, 502, 500, 500} {
		labtest.InProcess(r, labtest.Must(http.NewRequest("GET", "/crl/0", nil))) // does not count
		if got := labtest.Post(r, labtest.Request(ca, 1)).Code; got != want {
			t.Errorf("%d: %d, want %d", i, got, want)
		}
	}
	r.SetFault(fault.None())
	if got := labtest.Post(r, labtest.Request(ca, 1)).Code; got != 200 {
		t.Errorf("in the end %d", got)
	}
}

func TestUnplayedFaultsFailTheTest(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	tb := &labtest.TB{TB: t}
	r := ocsptest.NewResponder(tb, ca, ocsptest.WithNetwork(new(ocsptest.Network)))
	r.Script(fault.HTTPError(503, time.Minute), fault.None(), fault.Drip(3*time.Second))
	if got := labtest.InProcess(r, labtest.PostRequest([]byte("x"))).Code; got != 503 || tb.Failed() {
		t.Errorf("%d", got)
	}
	tb.End()
	want := "ocsptest: faults of the script that were never played: None(), Drip(3*time.Second)"
	if got := tb.Logged(); !tb.Failed() || len(got) != 2 || got[0] != want {
		t.Errorf("logged %q", got)
	}
}

// A fault of one list leaves the others as they are. The last call about a list
// counts.
func TestSetCRLFaultOfOneList(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithCRLShards(2))
	complete, shards := r.CRLURL(ca), r.ShardURLs(ca)
	delta := r.AddCRL(ca, "/delta.crl", fakeca.CRL{})
	all := []string{complete, shards[0], shards[1], delta, r.CRLURL(root)}
	const ok, missing, broken = 200, 404, 503
	for _, step := range []struct {
		name string
		do   func()
		want []int
	}{
		{"one", func() { r.SetCRLFault(ca, fault.HTTPError(missing), shards[1]) }, []int{ok, ok, missing, ok, ok}},
		{"two more", func() { r.SetCRLFault(ca, fault.HTTPError(broken), complete, delta) }, []int{broken, ok, missing, broken, ok}},
		{"one is well again", func() { r.SetCRLFault(ca, fault.None(), complete) }, []int{ok, ok, missing, broken, ok}},
		{"all", func() { r.SetCRLFault(ca, fault.HTTPError(broken)) }, []int{broken, broken, broken, broken, ok}},
		{"all except one", func() { r.SetCRLFault(ca, fault.None(), shards[0]) }, []int{broken, ok, broken, broken, ok}},
		{"replaced", func() { r.AddCRL(ca, "/delta.crl", fakeca.CRL{Forever: true}) }, []int{broken, ok, broken, broken, ok}},
		{"none", func() { r.SetCRLFault(ca, fault.None()) }, []int{ok, ok, ok, ok, ok}},
		{"the root's", func() { r.SetCRLFault(root, fault.HTTPError(missing), r.CRLURL(root)) }, []int{ok, ok, ok, ok, missing}},
		{"Reset", r.Reset, []int{ok, ok, ok, ok, ok}},
	} {
		step.do()
		var got []int
		for _, url := range all {
			got = append(got, labtest.Get(t, labtest.Bare(r), url).StatusCode)
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
	for _, url := range []string{"", "/crl/0", r.URL, r.IssuerURL(ca), r.OneCRLURL(), r.CRLURL(root), delta + "x"} {
		want := fmt.Sprintf(`ocsptest: SetCRLFault: no CRL of "CN=fakeca intermediate (do not trust)" is at %q; `+
			"use what AddCRL, CRLURL or ShardURLs returned", url)
		labtest.MustPanic(t, want, func() { r.SetCRLFault(ca, fault.Hang(), url) })
	}
}
