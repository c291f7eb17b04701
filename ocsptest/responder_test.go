package ocsptest_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// Certificates that are issued after the responder started name it.
func TestResponderIsAdvertised(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	before := ca.Leaf()
	r := ocsptest.NewResponder(t, ca)
	other := fakeca.New()
	if got := []string{r.IssuerURL(ca), r.IssuerURL(root), r.CRLURL(ca), r.CRLURL(root), r.OneCRLURL()}; !slices.Equal(got,
		[]string{r.URL + "/issuer/0", r.URL + "/issuer/1", r.URL + "/crl/0", r.URL + "/crl/1", r.URL + "/onecrl"}) {
		t.Errorf("URLs %q", got)
	}
	const unknown = `the responder does not respond for "CN=fakeca root (do not trust)"; call Add`
	labtest.MustPanic(t, "ocsptest: CRLURL: "+unknown, func() { r.CRLURL(other) })
	labtest.MustPanic(t, "ocsptest: SetCRL: "+unknown, func() { r.SetCRL(other, fakeca.CRL{}) })
	r.Add(other)
	r.Add(other)
	r.Add(ca)
	type urls struct{ OCSP, CRL, Issuer []string }
	tests := []struct {
		name string
		cert *x509.Certificate
		want urls
	}{
		{"a leaf from before", before.Cert, urls{}},
		{"a leaf", ca.Leaf().Cert, urls{[]string{r.URL}, []string{r.URL + "/crl/0"}, []string{r.URL + "/issuer/0"}}},
		{"an intermediate below", ca.Intermediate().Cert, urls{[]string{r.URL}, []string{r.URL + "/crl/0"}, []string{r.URL + "/issuer/0"}}},
		{"a leaf of another CA", other.Leaf().Cert, urls{[]string{r.URL}, []string{r.URL + "/crl/2"}, []string{r.URL + "/issuer/2"}}},
		{"a leaf of the root", root.Leaf().Cert, urls{}},
	}
	for _, test := range tests {
		got := urls{test.cert.OCSPServer, test.cert.CRLDistributionPoints, test.cert.IssuingCertificateURL}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s names (-want +got):\n%s", test.name, diff)
		}
	}
	if got := ask(r, before); got != "good" {
		t.Errorf("of a leaf from before it says %s", got)
	}
}

// The next request shows a change of the record, over OCSP, in the CRL and OneCRL.
func TestResponderFollowsTheRecord(t *testing.T) {
	t.Parallel()
	ca := fakeca.New().Intermediate()
	r := ocsptest.NewResponder(t, ca)
	leaf := ca.Leaf()
	crlURL, issuerURL := leaf.Cert.CRLDistributionPoints[0], leaf.Cert.IssuingCertificateURL[0]
	for _, want := range []string{"good", "revoked (superseded)", "unknown", "server_failed (try later)", "good"} {
		switch want {
		case "revoked (superseded)":
			leaf.Revoke(fakeca.Superseded)
		case "unknown":
			ca.Set(leaf.Cert.SerialNumber, fakeca.Response{Status: fakeca.Unknown})
		case "server_failed (try later)":
			ca.Set(leaf.Cert.SerialNumber, fakeca.Response{Error: ocsp.TryLater})
		default:
			ca.Set(leaf.Cert.SerialNumber, fakeca.Response{})
		}
		for range 2 {
			for _, way := range ways {
				if got := labtest.Status(way.ask(t, r, labtest.RequestFor(leaf).Marshal()).Body); got != want {
					t.Errorf("%s: %s, want %s", way.name, got, want)
				}
			}
		}

		file := send(t, r, labtest.Must(http.NewRequest("GET", crlURL, nil)))
		crl, err := x509.ParseRevocationList(file.Body)
		if err != nil || file.Code != 200 || file.Header.Get("Content-Type") != "application/pkix-crl" ||
			file.Header.Get("Cache-Control") != "no-cache" {
			t.Fatalf("CRL: %d, %v, %v", file.Code, file.Header, err)
		}
		if err := crl.CheckSignatureFrom(ca.Cert); err != nil {
			t.Error(err)
		}
		listed := slices.ContainsFunc(crl.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
			return e.SerialNumber.Cmp(leaf.Cert.SerialNumber) == 0
		})
		if revoked := strings.HasPrefix(want, "revoked"); listed != revoked {
			t.Errorf("%s: on the CRL: %v", want, listed)
		}

		file = send(t, r, labtest.Must(http.NewRequest("GET", r.OneCRLURL(), nil)))
		var list struct {
			Data []struct{ SerialNumber []byte }
		}
		if err := json.Unmarshal(file.Body, &list); err != nil || file.Code != 200 || file.Header.Get("Content-Type") != "application/json" {
			t.Fatalf("OneCRL: %d, %v, %v", file.Code, file.Header, err)
		}
		if revoked := strings.HasPrefix(want, "revoked"); len(list.Data) != 0 != revoked {
			t.Errorf("%s: OneCRL has %v", want, list)
		}
	}

	file := send(t, r, labtest.Must(http.NewRequest("GET", issuerURL, nil)))
	if file.Code != 200 || file.Header.Get("Content-Type") != "application/pkix-cert" || !bytes.Equal(file.Body, ca.Cert.Raw) {
		t.Errorf("issuer's certificate: %d, %v, %x", file.Code, file.Header, file.Body)
	}
	file = send(t, r, labtest.Must(http.NewRequest("HEAD", crlURL, nil)))
	if file.Code != 200 || len(file.Body) != 0 || file.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD of the CRL: %d, %v, %x", file.Code, file.Header, file.Body)
	}
}

func TestSetCRL(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	r := ocsptest.NewUnstartedResponder(ca)
	number := func(path string) int64 {
		crl, err := x509.ParseRevocationList(labtest.InProcess(r, httptest.NewRequest("GET", path, nil)).Body)
		if err != nil {
			t.Fatal(err)
		}
		return crl.Number.Int64()
	}
	r.SetCRL(ca, fakeca.CRL{Number: big.NewInt(4711)})
	if number("/crl/0") != 4711 || number("/crl/1") == 4711 {
		t.Errorf("numbers %d and %d", number("/crl/0"), number("/crl/1"))
	}
	r.SetCRL(ca, fakeca.CRL{})
	if number("/crl/0") == 4711 {
		t.Error("the zero CRL is not the default")
	}
}

// Without an address, nothing can be advertised.
func TestUnstartedResponderHasNoURLs(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	for name, call := range map[string]func(){
		"CRLURL":    func() { r.CRLURL(ca) },
		"IssuerURL": func() { r.IssuerURL(ca) },
		"OneCRLURL": func() { r.OneCRLURL() },
		"Client":    func() { r.Client() },
	} {
		want := "ocsptest: " + name + ": the responder is not started; call Start first"
		if name != "Client" {
			want += ", or set URL to where it is mounted"
		}
		labtest.MustPanic(t, want, call)
	}

	mounted := ocsptest.NewUnstartedResponder(ca)
	mounted.URL = "http://mounted.test/ocsp"
	mounted.Add(ca)
	leaf := ca.Leaf().Cert
	got := append(leaf.OCSPServer, leaf.CRLDistributionPoints...)
	if want := []string{"http://mounted.test/ocsp", "http://mounted.test/ocsp/crl/0"}; !slices.Equal(got, want) {
		t.Errorf("a leaf names %q, want %q", got, want)
	}
}

func TestResponderNeedsATest(t *testing.T) {
	t.Parallel()
	labtest.MustPanic(t, "ocsptest: NewResponder needs a test, not nil; in TestMain use NewUnstartedResponder", func() {
		ocsptest.NewResponder(nil, fakeca.New())
	})
}

// The report says that no certificate names the responder.
func TestReportOfAResponderThatNoLeafNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		do   func(ca *fakeca.CA, r *ocsptest.Responder)
		want bool
	}{
		{"no leaf", func(*fakeca.CA, *ocsptest.Responder) {}, true},
		{"a leaf", func(ca *fakeca.CA, _ *ocsptest.Responder) { ca.Leaf() }, false},
		{"an intermediate", func(ca *fakeca.CA, _ *ocsptest.Responder) { ca.Intermediate() }, false},
		{"a leaf that names others", func(ca *fakeca.CA, _ *ocsptest.Responder) {
			ca.Issue(&x509.Certificate{OCSPServer: []string{"http://127.0.0.1:1"}, CRLDistributionPoints: []string{}})
		}, true},
		{"a leaf that names the CRL only", func(ca *fakeca.CA, _ *ocsptest.Responder) {
			ca.Issue(&x509.Certificate{OCSPServer: []string{}})
		}, false},
		{"a request", func(ca *fakeca.CA, r *ocsptest.Responder) {
			labtest.Post(r, labtest.Request(ca, 1))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New()
			ca.Leaf()
			r := ocsptest.NewResponder(t, ca)
			test.do(ca, r)
			const line = "\n    no certificate names it; issue them after the responder is started"
			if got := r.Report(); strings.Contains(got, line) != test.want {
				t.Errorf("reported %s", got)
			}
		})
	}
}

func TestResponderOptions(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithName("a"))
	keyless := &fakeca.CA{Cert: ca.Cert}
	tests := []struct {
		name string
		ca   *fakeca.CA
		opts []ocsptest.ResponderOption
		want string
	}{
		{"no CA", nil, nil,
			"ocsptest: a responder needs a CA; give it fakeca.New() or srv.CA"},
		{"no key", keyless, nil,
			`ocsptest: the responder signs with the key of "CN=a", which has none; load it with its key`},
		{"one twice", ca, []ocsptest.ResponderOption{ocsptest.WithStrict(), ocsptest.WithStrict()},
			"ocsptest: WithStrict() is given twice; give it once"},
		{"a path without a slash", ca, []ocsptest.ResponderOption{ocsptest.WithPath("ocsp")}, "ocsptest: " + badPath("ocsp")},
		{"a path that ends in a slash", ca, []ocsptest.ResponderOption{ocsptest.WithPath("/ocsp/")}, "ocsptest: " + badPath("/ocsp/")},
		{"a path with a space", ca, []ocsptest.ResponderOption{ocsptest.WithPath("/o c")}, "ocsptest: " + badPath("/o c")},
		{"TLS twice", ca, []ocsptest.ResponderOption{ocsptest.WithTLS(), ocsptest.WithTLS()},
			"ocsptest: WithTLS() is given twice; give it once"},
		{"no shards", ca, []ocsptest.ResponderOption{ocsptest.WithCRLShards(0)},
			"ocsptest: WithCRLShards(0): use 1 to 65536 shards; leave the option out for one complete CRL"},
		{"too many shards", ca, []ocsptest.ResponderOption{ocsptest.WithCRLShards(65537)},
			"ocsptest: WithCRLShards(65537): use 1 to 65536 shards; leave the option out for one complete CRL"},
		{"shards twice", ca, []ocsptest.ResponderOption{ocsptest.WithCRLShards(2), ocsptest.WithCRLShards(3)},
			"ocsptest: WithCRLShards(2) and WithCRLShards(3) both set the shards; give one of them"},
		{"strict without OCSP", ca, []ocsptest.ResponderOption{ocsptest.WithoutOCSP(), ocsptest.WithStrict()},
			"ocsptest: WithStrict() is about OCSP requests, and with WithoutOCSP() all are refused; leave one of them out"},
		{"two addresses", ca, []ocsptest.ResponderOption{ocsptest.WithPort(1), ocsptest.WithNetwork(new(ocsptest.Network))},
			"ocsptest: WithPort(1) and WithNetwork(...) both set the address; give one of them"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			labtest.MustPanic(t, test.want, func() { ocsptest.NewUnstartedResponder(test.ca, test.opts...) })
			tb := &labtest.TB{TB: t}
			if r := ocsptest.NewResponder(tb, test.ca, test.opts...); r != nil || !tb.Failed() || !slices.Equal(tb.Logged(), []string{test.want}) {
				t.Errorf("%v, logged %q", r, tb.Logged())
			}
		})
	}
	labtest.MustPanic(t, tests[1].want, func() { ocsptest.NewUnstartedResponder(ca).Add(keyless) })
}

// Of a chain that was loaded, only the last CA has a key.
func TestResponderOfALoadedCA(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	made := root.Intermediate()
	ca := labtest.Must(fakeca.Load(append(made.CertPEM(), root.CertPEM()...), made.KeyPEM()))
	r := ocsptest.NewResponder(t, ca)
	if got := ask(r, ca.Leaf()); got != "good" {
		t.Error(got)
	}
	if got := labtest.Status(labtest.Post(r, labtest.Request(root, 1)).Body); got != "server_failed (unauthorized)" {
		t.Errorf("for the root it says %s", got)
	}
}

func TestResponderAddress(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewUnstartedResponder(fakeca.New())
	if r.Addr() != nil || r.URL != "" {
		t.Errorf("unstarted, it is at %v, %s", r.Addr(), r.URL)
	}
	if _, err := r.DialContext(t.Context(), "", ""); err == nil {
		t.Error("an unstarted responder is connected to")
	}
	r.Start()
	defer r.Close()
	if r.URL != "http://"+r.Addr().String() || !strings.HasPrefix(r.URL, "http://127.0.0.1:") {
		t.Errorf("it is at %v, %s", r.Addr(), r.URL)
	}
	labtest.MustPanic(t, "ocsptest: started twice; make another one", r.Start)
	// It takes connections for any name.
	resp := labtest.Get(t, r.Client(), strings.Replace(r.URL, "127.0.0.1", "ocsp.example.test", 1))
	if resp.StatusCode != 200 {
		t.Error(resp.Status)
	}
}

func TestResponderOverTLS(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"socket", "memory"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := []ocsptest.ResponderOption{ocsptest.WithTLS()}
			if name == "memory" {
				opts = append(opts, ocsptest.WithNetwork(new(ocsptest.Network)))
			}
			clock := labtest.NewClock() // of the certificate too
			ca := fakeca.New(clock.Option()).Intermediate()
			r := ocsptest.NewResponder(t, ca, opts...)
			leaf := ca.Leaf()
			if !strings.HasPrefix(r.URL, "https://") || leaf.Cert.OCSPServer[0] != r.URL {
				t.Errorf("URL %s, in the leaf %q", r.URL, leaf.Cert.OCSPServer)
			}
			for _, way := range ways[:2] {
				if got := labtest.Status(way.ask(t, r, labtest.RequestFor(leaf).Marshal()).Body); got != "good" {
					t.Errorf("%s: %s", way.name, got)
				}
			}
			c, err := r.DialContext(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			untrusting := tls.Client(c, &tls.Config{ServerName: "localhost"})
			if err := untrusting.Handshake(); err == nil {
				t.Error("a client without the root trusts the certificate")
			}
			untrusting.Close()
			r.SetFault(fault.Reset())
			if _, err := r.Client().Get(r.URL); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("reset: %v", err)
			}
		})
	}
}

// A responder works as a handler of another server.
func TestResponderMounted(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	entered := make(chan struct{}, 100)
	srv := httptest.NewServer(http.StripPrefix("/ocsp", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		entered <- struct{}{}
		r.ServeHTTP(w, req)
	})))
	defer srv.Close()
	ca.Advertise(fakeca.Servers{OCSP: []string{srv.URL + "/ocsp"}})
	leaf := ca.Leaf()
	der := labtest.Awkward(ca)
	post := func(der []byte) (*http.Response, error) {
		return srv.Client().Post(leaf.Cert.OCSPServer[0], "application/ocsp-request", bytes.NewReader(der))
	}
	for _, path := range []string{labtest.GetPath(der), "/" + base64.StdEncoding.EncodeToString(der)} {
		if got := labtest.Said(labtest.ReadAll(t, labtest.Get(t, srv.Client(), srv.URL+"/ocsp"+path))); !strings.HasPrefix(got, "unknown ") {
			t.Errorf("%s: %s", path, got)
		}
	}
	tests := []struct {
		fault fault.Fault
		want  string // what is said, or the error
	}{
		{fault.None(), "good"},
		{fault.Redirect(), "good"},
		{fault.Chunked(), "good"},
		{fault.NoContentLength(), "good"},
		{fault.Hangup(), "EOF"},
		{fault.Reset(), "connection reset by peer"},
	}
	for _, test := range tests {
		r.SetFault(test.fault)
		resp, err := post(labtest.RequestFor(leaf).Marshal())
		if err != nil {
			if !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("%v: %v", test.fault, err)
			}
			continue
		}
		if got := labtest.Status(labtest.ReadAll(t, resp)); got != test.want {
			t.Errorf("%v: %s", test.fault, got)
		}
	}
	r.SetFault(fault.Hang())
	for len(entered) > 0 {
		<-entered
	}
	hung := make(chan error)
	go func() {
		_, err := post(labtest.RequestFor(leaf).Marshal())
		hung <- err
	}()
	<-entered
	r.Close()
	if err := <-hung; err == nil {
		t.Error("a response from a responder that hangs")
	}
}

// A bubble ends only when all its goroutines have ended, so this test also finds
// leaks.
func TestResponderClose(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(t *testing.T, r *ocsptest.Responder)
	}{
		{"unused", func(*testing.T, *ocsptest.Responder) {}},
		{"after requests", func(t *testing.T, r *ocsptest.Responder) {
			for _, way := range ways {
				way.ask(t, r, []byte("x"))
			}
		}},
		{"with a connection that is silent", func(t *testing.T, r *ocsptest.Responder) {
			c := labtest.Must(r.DialContext(t.Context(), "", ""))
			t.Cleanup(func() { c.Close() })
		}},
		{"with a connection kept alive", func(t *testing.T, r *ocsptest.Responder) {
			client := r.Client()
			client.Transport.(*http.Transport).DisableKeepAlives = false
			t.Cleanup(client.CloseIdleConnections)
			labtest.ReadAll(t, labtest.Get(t, client, r.URL))
		}},
		{"with one that was reset", func(t *testing.T, r *ocsptest.Responder) {
			r.SetFault(fault.Reset())
			if _, err := r.Client().Get(r.URL); err == nil {
				t.Error("no error")
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, opts := range [][]ocsptest.ResponderOption{nil, {ocsptest.WithTLS()}} {
				synctest.Test(t, func(t *testing.T) {
					ca := fakeca.New()
					r := ocsptest.NewResponder(t, ca, append(opts, ocsptest.WithNetwork(new(ocsptest.Network)))...)
					test.do(t, r)
					synctest.Wait()
					begin := time.Now()
					var wg sync.WaitGroup
					for range 3 {
						wg.Go(r.Close)
					}
					wg.Wait()
					r.Close()
					if took := time.Since(begin); took != 0 {
						t.Errorf("Close took %v", took)
					}
					if _, err := r.Client().Get(r.URL); !errors.Is(err, syscall.ECONNREFUSED) {
						t.Errorf("after Close: %v", err)
					}
				})
			}
		})
	}
}

func TestCloseOfAnUnstartedResponder(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewUnstartedResponder(fakeca.New())
	r.Close()
	r.Close()
	labtest.MustPanic(t, "ocsptest: started after Close; make another one", r.Start)
}

// All methods at once, for the race detector. What is revoked stays revoked.
func TestResponderConcurrently(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithCRLShards(2))
	leaf, doomed := ca.Leaf(), ca.Leaf()
	shard := r.ShardURLs(ca)[1]
	zip := map[string]string{"Accept-Encoding": "gzip", "If-None-Match": `"x"`}
	var revoked atomic.Bool
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				was := revoked.Load()
				body := ways[(i+n)%len(ways)].ask(t, r, join(labtest.RequestFor(doomed), labtest.RequestFor(leaf)).Marshal()).Body
				if got := labtest.Status(body); was && got != "revoked (key_compromise)" {
					t.Errorf("after its revocation: %s", got)
				}
				get(r, "/crl/0", nil)
				get(r, "/crl/0/shard/1", zip)
				get(r, "/onecrl", zip)
			}
		})
	}
	wg.Go(func() {
		for n := range 50 {
			if n == 25 {
				doomed.Revoke(fakeca.KeyCompromise)
				revoked.Store(true)
			}
			leaf.Revoke(fakeca.Superseded)
			r.SetFault([]fault.Fault{{}, fault.StaleCacheHeaders(), fault.WrongNonce(), fault.ReplayedNonce()}[n%4])
			r.SetCRLFault(ca, fault.ContentType("text/plain"))
			r.SetCRLFault(ca, fault.None(), shard)
			r.SetCRL(ca, fakeca.CRL{Number: big.NewInt(int64(n))})
			r.AddCRL(ca, "/delta", fakeca.CRL{})
			r.Script(fault.UnsolicitedNonce())
			r.Add(root.Intermediate())
			for _, request := range r.Requests() {
				_ = request.String()
			}
		}
	})
	wg.Wait()
	for range 50 { // plays what is left of the script
		ask(r, leaf)
	}
}

func TestResponderReport(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	clock.Now = clock.Now.Add(678 * time.Millisecond)
	ca := fakeca.New(clock.Option())
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0xabcdef)})
	tb := &labtest.TB{TB: t}
	r := ocsptest.NewResponder(tb, ca, ocsptest.WithNetwork(new(ocsptest.Network)), ocsptest.WithCRLShards(2))
	tick := func() { clock.Now = clock.Now.Add(1234 * time.Millisecond) }

	der := labtest.RequestFor(leaf).Marshal()
	ways[0].ask(t, r, der)
	tick()
	leaf.Revoke(fakeca.KeyCompromise)
	for range 3 {
		ways[1].ask(t, r, labtest.WithNonce(labtest.RequestWithHash(leaf, crypto.SHA256), []byte("12345678")).Marshal())
		tick()
	}
	ways[1].ask(t, r, []byte("no request"))
	r.SetCRL(ca, fakeca.CRL{Number: big.NewInt(7)})
	for _, url := range []string{r.ShardURLs(ca)[1], r.CRLURL(ca)} {
		for _, ifNoneMatch := range []string{"", "*"} {
			req := labtest.Must(http.NewRequest("GET", url, nil))
			req.Header.Set("If-None-Match", ifNoneMatch)
			send(t, r, req)
		}
	}
	r.SetCRLFault(ca, fault.Body("application/pkix-crl", []byte("no list"))) // the size of a real one varies
	send(t, r, labtest.Must(http.NewRequest("GET", r.CRLURL(ca)+"?fresh", nil)))
	r.Script(fault.HTTPError(503, time.Minute), fault.Hangup(), fault.Delay(time.Second), fault.None())
	tick()
	ways[0].ask(t, r, der)
	if _, err := r.Client().Get(r.URL + "//" + strings.TrimRight(labtest.GetPath(der)[1:], "%3D")); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	labtest.MustPanic(t, http.ErrAbortHandler.Error(), func() { // as a handler panics when its client has gone
		r.ServeHTTP(httptest.NewRecorder(), labtest.PostRequest(der).WithContext(ctx))
	})
	tb.End()
	labtest.Golden(t, "responder-report.txt", strings.Join(tb.Logged(), "\n")+"\n")
}

func TestResponderReportWithoutRequests(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	tb.Fail()
	ocsptest.NewResponder(tb, fakeca.New(), ocsptest.WithNetwork(new(ocsptest.Network)))
	tb.End()
	labtest.Golden(t, "responder-report-empty.txt", strings.Join(tb.Logged(), "\n")+"\n")
}

func TestNoReportOfAResponderInATestThatPasses(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	ca := fakeca.New()
	r := ocsptest.NewResponder(tb, ca)
	r.Script(fault.Hangup(), fault.None())
	leaf := ca.Leaf()
	for range 2 {
		r.Client().Get(r.URL + labtest.GetPath(labtest.RequestFor(leaf).Marshal()))
	}
	tb.End()
	if got := tb.Logged(); len(got) != 0 {
		t.Errorf("logged %q", got)
	}
}

func badPath(path string) string {
	return fmt.Sprintf("WithPath(%q): the path must begin with a slash, must not end in one, and needs no escapes, such as /ocsp", path)
}

// A responder with a path serves everything below it, and nothing beside it.
func TestResponderWithPath(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithPath("/x7f3a"), ocsptest.WithNetwork(new(ocsptest.Network)))
	leaf := ca.Leaf()
	for what, got := range map[string]string{
		"OCSP": leaf.Cert.OCSPServer[0], "CRL": leaf.Cert.CRLDistributionPoints[0], "issuer": leaf.Cert.IssuingCertificateURL[0],
	} {
		if !strings.HasPrefix(got, r.URL+"/") && got != r.URL || !strings.HasSuffix(r.URL, "/x7f3a") {
			t.Errorf("%s URL %q, and the responder's is %q", what, got, r.URL)
		}
	}
	request := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert)
	root := strings.TrimSuffix(r.URL, "/x7f3a")
	for _, tt := range []struct {
		name, url string
		post      bool
		want      int
	}{
		{"GET", request.URL(r.URL), false, http.StatusOK},
		{"POST", r.URL, true, http.StatusOK},
		{"CRL", r.CRLURL(ca), false, http.StatusOK},
		{"GET beside the path", request.URL(root), false, http.StatusNotFound},
		{"POST beside the path", root, true, http.StatusNotFound},
		{"a longer name", root + "/x7f3abc", true, http.StatusNotFound},
	} {
		do := func() (*http.Response, error) { return r.Client().Get(tt.url) }
		if tt.post {
			do = func() (*http.Response, error) {
				return r.Client().Post(tt.url, "application/ocsp-request", bytes.NewReader(request.Marshal()))
			}
		}
		resp, err := do()
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		requests := r.Requests()
		last := requests[len(requests)-1]
		if resp.StatusCode != tt.want || last.StatusCode != tt.want || (last.Err != nil) != (tt.want != http.StatusOK) {
			t.Errorf("%s: status %d, recorded as %v", tt.name, resp.StatusCode, last)
		}
	}
}
