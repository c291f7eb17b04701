package fault_test

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"math/big"
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

// send sends a request in process, and returns the HTTP status and what the
// body says.
func send(r *ocsptest.Responder, method string, req *fakeca.Request) string {
	httpReq := labtest.PostRequest(req.Marshal())
	if method == http.MethodGet {
		httpReq = labtest.GetRequest(labtest.GetPath(req.Marshal()))
	}
	httpReq.Method = method
	got := labtest.InProcess(r, httpReq)
	resp, err := fakeca.ParseResponse(got.Body)
	if err != nil {
		return fmt.Sprintf("%d %q", got.Code, got.Body)
	}
	return fmt.Sprintf("%d %v", got.Code, resp.Status)
}

func about(cert *x509.Certificate, issuer *fakeca.CA) *fakeca.Request {
	return fakeca.NewRequest(cert.SerialNumber, issuer.Cert)
}

func TestHooksAreCalledInOrder(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	r := ocsptest.NewUnstartedResponder(ca)
	var calls []string
	r.SetFault(fault.Fault{
		Name: "Custom()",
		When: func(x *fault.Exchange) bool {
			calls = append(calls, fmt.Sprintf("When %d", x.OCSP.List[0].CertID.SerialNumber.Cmp(leaf.Cert.SerialNumber)))
			return true
		},
		Say: func(x *fault.Exchange, resp *fakeca.Response) {
			calls = append(calls, fmt.Sprintf("Say %v", resp.Status))
			resp.Status = fakeca.Revoked
		},
		Reply: func(x *fault.Exchange) {
			said, err := fakeca.ParseResponse(x.Body)
			calls = append(calls, fmt.Sprintf("Reply %d %v %v", x.Status, said.Status, err))
			x.Status = 418
		},
		Send: func(x *fault.Exchange) {
			calls = append(calls, fmt.Sprintf("Send %d", x.Status))
			x.Send()
		},
	})
	calls = nil // of SetFault, which tries the fault
	if got := send(r, "POST", about(leaf.Cert, ca)); got != "418 revoked" {
		t.Errorf("got %s", got)
	}
	if want := []string{"When 0", "Say good", "Reply 200 revoked <nil>", "Send 418"}; !slices.Equal(calls, want) {
		t.Errorf("called %q, want %q", calls, want)
	}
	if got := r.Requests()[0]; got.Fault != "Custom()" || got.StatusCode != 418 {
		t.Errorf("recorded %v", got)
	}
}

// An Exchange describes the request.
func TestExchange(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	root := fakeca.New(fakeca.WithClock(func() time.Time { return at }))
	ca := root.Intermediate()
	r := ocsptest.NewUnstartedResponder(ca)
	var got string
	r.SetFault(fault.Fault{Reply: func(x *fault.Exchange) {
		which := map[*fakeca.CA]string{nil: "none", root: "root", ca: "ca"}[x.CA]
		got = fmt.Sprintf("%s of %s at %s, previous nonce %q, OCSP %v",
			x.R.Method, which, x.Time.Format(time.DateTime), x.PreviousNonce, x.OCSP != nil)
	}})
	leaf := ca.Leaf()
	first := labtest.WithNonce(about(leaf.Cert, ca), []byte("first"))
	second := labtest.WithNonce(about(leaf.Cert, fakeca.New()), []byte("second"))
	for _, test := range []struct {
		method string
		req    *fakeca.Request
		want   string
	}{
		{"POST", first, `POST of ca at 2030-01-02 03:04:05, previous nonce "", OCSP true`},
		{"GET", about(ca.Cert, root), `GET of root at 2030-01-02 03:04:05, previous nonce "first", OCSP true`},
		{"GET", about(ca.Cert, root), `GET of root at 2030-01-02 03:04:05, previous nonce "first", OCSP true`}, // from the cache
		{"POST", second, `POST of none at 2030-01-02 03:04:05, previous nonce "first", OCSP true`},
		{"POST", about(leaf.Cert, ca), `POST of ca at 2030-01-02 03:04:05, previous nonce "second", OCSP true`},
		{"PUT", about(leaf.Cert, ca), `PUT of none at 2030-01-02 03:04:05, previous nonce "second", OCSP false`},
	} {
		send(r, test.method, test.req)
		if got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestForAndOnMethodLimitAFault(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	a, b := root.Intermediate(fakeca.WithName("a")), root.Intermediate(fakeca.WithName("b"))
	leaf, other := a.Leaf(), a.Leaf()
	namesake := b.Issue(&x509.Certificate{SerialNumber: leaf.Cert.SerialNumber})
	unknownHash := about(leaf.Cert, a)
	unknownHash.List[0].CertID.HashAlgorithm.Algorithm = []int{1, 2, 3}
	both := about(other.Cert, a)
	both.List = append(both.List, about(leaf.Cert, a).List...)
	requests := []struct {
		name, method string
		req          *fakeca.Request
	}{
		{"leaf", "POST", about(leaf.Cert, a)},
		{"leaf by GET", "GET", about(leaf.Cert, a)},
		{"leaf by SHA-256", "POST", labtest.RequestWithHash(leaf, crypto.SHA256)},
		{"leaf by an unknown hash", "POST", unknownHash},
		{"leaf as the second", "POST", both},
		{"another leaf", "POST", about(other.Cert, a)},
		{"the same serial number of another CA", "POST", about(namesake.Cert, b)},
		{"intermediate", "POST", about(a.Cert, root)},
		{"no certificate", "POST", new(fakeca.Request)},
	}
	leafOnly := []string{"leaf", "leaf by GET", "leaf by SHA-256", "leaf by an unknown hash", "leaf as the second"}
	broken := fault.HTTPError(500)
	forLeaf := fmt.Sprintf("HTTPError(500).For(serial %x)", leaf.Cert.SerialNumber)
	tests := []struct {
		fault fault.Fault
		name  string
		want  []string // the requests at which it is played
	}{
		{broken.For(leaf.Cert), forLeaf, leafOnly},
		{broken.For(a.Cert), fmt.Sprintf("HTTPError(500).For(serial %x)", a.Cert.SerialNumber), []string{"intermediate"}},
		{broken.ForCA(b), `HTTPError(500).ForCA("CN=b")`, []string{"the same serial number of another CA"}},
		{broken.OnMethod("GET"), `HTTPError(500).OnMethod("GET")`, []string{"leaf by GET"}},
		{broken.For(leaf.Cert).OnMethod("GET"), forLeaf + `.OnMethod("GET")`, []string{"leaf by GET"}},
		{broken.For(leaf.Cert).For(other.Cert), "", []string{"leaf as the second"}},
		{fault.All(broken.For(a.Cert), broken.OnMethod("GET")), "", []string{"leaf by GET", "intermediate"}},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			if got := test.fault.String(); test.name != "" && got != test.name {
				t.Errorf("String is %s, want %s", got, test.name)
			}
			r := ocsptest.NewUnstartedResponder(a)
			r.Add(b)
			r.SetFault(test.fault)
			var played []string
			for _, request := range requests {
				if strings.HasPrefix(send(r, request.method, request.req), "500") {
					played = append(played, request.name)
				}
			}
			if !slices.Equal(played, test.want) {
				t.Errorf("played at %q, want %q", played, test.want)
			}
		})
	}
}

func TestAllCombinesFaults(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	status := func(from, to int) fault.Fault {
		return fault.Fault{Name: fmt.Sprintf("status(%d, %d)", from, to), Reply: func(x *fault.Exchange) {
			if x.Status == from {
				x.Status = to
			}
		}}
	}
	mark := func(text string) fault.Fault {
		return fault.Fault{Name: "mark()", Send: func(x *fault.Exchange) { x.W.Write([]byte(text)) }}
	}
	tests := []struct {
		fault     fault.Fault
		name      string
		post, get string
	}{
		{fault.All(), "All()", "200 good", "200 good"},
		{fault.All(fault.None(), fault.None()), "All(None(), None())", "200 good", "200 good"},
		{fault.All(status(200, 201), status(201, 202)), "All(status(200, 201), status(201, 202))", "202 good", "202 good"},
		{fault.All(status(201, 202), status(200, 201)), "All(status(201, 202), status(200, 201))", "201 good", "201 good"},
		{fault.All(fault.UnknownOnGET(), fault.StatusCode(201)), "All(UnknownOnGET(), StatusCode(201))", "201 good", "201 unknown"},
		{fault.All(fault.All(fault.UnknownOnGET()), fault.All(fault.StatusCode(201).OnMethod("POST"))), "", "201 good", "200 unknown"},
		{fault.All(fault.StatusCode(201), fault.StatusCode(202)).OnMethod("POST"), "", "202 good", "200 good"},
		{fault.All(mark("by GET").OnMethod("GET"), mark("else")), "", `200 "else"`, `200 "by GET"`},
		{fault.All(mark("by GET").OnMethod("GET"), fault.StatusCode(201)), "", "201 good", `200 "by GET"`},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			t.Parallel()
			if got := test.fault.String(); test.name != "" && got != test.name {
				t.Errorf("String is %s, want %s", got, test.name)
			}
			r := ocsptest.NewUnstartedResponder(ca)
			r.SetFault(test.fault)
			if got := send(r, "POST", about(leaf.Cert, ca)); got != test.post {
				t.Errorf("by POST %s, want %s", got, test.post)
			}
			if got := send(r, "GET", about(leaf.Cert, ca)); got != test.get {
				t.Errorf("by GET %s, want %s", got, test.get)
			}
		})
	}
}

// When can count requests, also inside All.
func TestWhenIsCalledOnceForEachRequest(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	n := 0
	third := fault.HTTPError(503)
	third.When = func(*fault.Exchange) bool { n++; return n%3 == 0 }
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetFault(fault.All(third, fault.UnknownOnGET()))
	const unavailable = `503 "Service Unavailable\n"`
	for i, want := range []string{"200 good", "200 good", unavailable, "200 good", "200 good", unavailable} {
		if got := send(r, "POST", about(leaf.Cert, ca)); got != want {
			t.Errorf("request %d: %s, want %s", i+1, got, want)
		}
	}
}

func TestFaultsHaveNames(t *testing.T) {
	t.Parallel()
	say := func(*fault.Exchange, *fakeca.Response) {}
	hook := func(*fault.Exchange) {}
	when := func(*fault.Exchange) bool { return true }
	for _, test := range []struct {
		fault    fault.Fault
		want     string
		ocspOnly bool
	}{
		{fault.None(), "None()", false},
		{fault.Fault{}, "None()", false},
		{fault.Fault{Reply: hook}, "Fault{Reply}", false},
		{fault.Fault{When: when, Say: say, Reply: hook, Send: hook}, "Fault{When, Say, Reply, Send}", true},
		{fault.Fault{Name: "Own()", Send: hook}, "Own()", false},
		{fault.Fault{Send: hook}.OnMethod("GET"), `Fault{Send}.OnMethod("GET")`, false},
		{fault.Hang().ForCA(fakeca.New(fakeca.WithName("a"))), `Hang().ForCA("CN=a")`, true},
		{fault.Hang().For(&x509.Certificate{SerialNumber: big.NewInt(31)}), "Hang().For(serial 1f)", true},
		{fault.All(fault.Hang(), fault.WrongNonce()), "All(Hang(), WrongNonce())", true},
		{fault.All(fault.Hang()), "All(Hang())", false},
		{fault.HTTPError(429, 90*time.Second), "HTTPError(429, 90*time.Second)", false},
		{fault.Delay(0), "Delay(0)", false},
		{fault.Drip(1500 * time.Microsecond), "Drip(1500*time.Microsecond)", false},
	} {
		if got := test.fault.String(); got != test.want || test.fault.OCSPOnly() != test.ocspOnly {
			t.Errorf("%s, OCSP only %v; want %s, %v", got, test.fault.OCSPOnly(), test.want, test.ocspOnly)
		}
	}
}

func TestBadArgumentsPanic(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func()
		want string
	}{
		{"negative code", func() { fault.HTTPError(-1) }, "fault: HTTPError(-1); use a status code from 200 to 999"},
		{"informational code", func() { fault.HTTPError(199) }, "fault: HTTPError(199); use a status code from 200 to 999"},
		{"large code", func() { fault.HTTPError(1000) }, "fault: HTTPError(1000); use a status code from 200 to 999"},
		{"two times", func() { fault.HTTPError(503, 1, 2) },
			"fault: HTTPError(503, [1ns 2ns]); give one Retry-After, which must not be negative"},
		{"negative time", func() { fault.HTTPError(503, -1) },
			"fault: HTTPError(503, [-1ns]); give one Retry-After, which must not be negative"},
		{"StatusCode", func() { fault.StatusCode(42) }, "fault: StatusCode(42); use a status code from 200 to 999"},
		{"HugeBody", func() { fault.HugeBody(-1) }, "fault: HugeBody(-1); the size must not be negative"},
		{"Delay", func() { fault.Delay(-time.Second) }, "fault: Delay(-1*time.Second); the delay must not be negative"},
		{"Drip", func() { fault.Drip(-2) }, "fault: Drip(-2*time.Nanosecond); the pause must not be negative"},
		{"ResetAfter", func() { fault.ResetAfter(-1) }, "fault: ResetAfter(-1); the number of bytes must not be negative"},
		{"NonceOfLength", func() { fault.NonceOfLength(-1) }, "fault: NonceOfLength(-1); the length must not be negative"},
		{"For", func() { fault.Hang().For(nil) }, "fault: For(nil); give it a certificate, such as leaf.Cert"},
		{"ForCA", func() { fault.Hang().ForCA(nil) }, "fault: ForCA(nil); give it a CA of the responder"},
		{"OnMethod", func() { fault.Hang().OnMethod("get") }, `fault: OnMethod("get"); methods are in upper case, such as "GET"`},
		{"OnMethod of none", func() { fault.Hang().OnMethod("") }, `fault: OnMethod(""); methods are in upper case, such as "GET"`},
		{"two sends", func() { fault.All(fault.Gzip(), fault.Hang(), fault.Drip(1)) },
			"fault: All: Drip(time.Nanosecond) never sends, because Hang() always does; leave one out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			labtest.MustPanic(t, test.want, test.make)
		})
	}
}
