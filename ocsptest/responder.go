package ocsptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Responder answers OCSP requests over HTTP from the record of its CAs (RFC
// 6960 appendix A, RFC 5019), by GET and by POST. It serves their CRLs and their
// certificates too. It is on 127.0.0.1, unless options say otherwise.
type Responder struct {
	URL string     // http://127.0.0.1:port, once started
	CA  *fakeca.CA // the first that it answers for

	settings settings
	host     *host
	tls      *tls.Config // nil for plain HTTP
	closing  context.Context
	hasty    func() // ends closing

	mu        sync.Mutex
	cas       []*fakeca.CA
	faults    faults
	lastNonce []byte // of the requests
	crls      map[*fakeca.CA]*crlList
	requests  ring[*record]
	lastBody  []byte                // of the last response
	answers   map[string]keptAnswer // by the DER of the request
}

// NewResponder starts a responder for ca and the CAs above it, and closes it
// when the test ends. What ca issues from now on names it: as OCSP responder,
// CRL distribution point and source of the issuer's certificate. For a world
// whose intermediate names it too, give it the root first, issue the
// intermediate, and call Add. If the test failed, the responder logs what it
// saw.
func NewResponder(t TB, ca *fakeca.CA, opts ...ResponderOption) *Responder {
	mustHaveTest(t, "NewResponder", "NewUnstartedResponder")
	t.Helper()
	r, err := newResponder(ca, opts)
	if err == nil {
		err = r.Listen()
	}
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() { r.finish(t) })
	return r
}

// NewUnstartedResponder returns a responder that is not listening yet, for
// TestMain, examples and programs, and for use as [http.Handler] in a server of
// another kind. It panics on options that contradict each other.
func NewUnstartedResponder(ca *fakeca.CA, opts ...ResponderOption) *Responder {
	r, err := newResponder(ca, opts)
	if err != nil {
		panic(err)
	}
	return r
}

func newResponder(ca *fakeca.CA, opts []ResponderOption) (*Responder, error) {
	if ca == nil {
		return nil, errors.New("ocsptest: a responder needs a CA; give it fakeca.New(), or srv.CA")
	}
	if ca.Key == nil {
		return nil, errNoKey(ca)
	}
	set, err := responderSettings(opts)
	if err != nil {
		return nil, err
	}
	r := &Responder{CA: ca, settings: set, crls: make(map[*fakeca.CA]*crlList), answers: make(map[string]keptAnswer)}
	r.closing, r.hasty = context.WithCancel(context.Background())
	r.host = newHost(set.network, set.port, nil)
	if set.tls {
		cert := ca.Leaf("localhost", "127.0.0.1", "::1").TLS()
		r.tls = &tls.Config{Certificates: []tls.Certificate{cert}, Time: ca.Now, NextProtos: []string{"http/1.1"}}
	}
	for ; ca != nil; ca = ca.Issuer {
		if ca.Key != nil {
			r.cas = append(r.cas, ca)
		}
	}
	return r, nil
}

// Start starts a responder made by [NewUnstartedResponder]. It panics where
// [Responder.Listen] returns an error.
func (r *Responder) Start() {
	if err := r.Listen(); err != nil {
		panic(err)
	}
}

// Listen starts a responder made by [NewUnstartedResponder]. It returns an error
// if the responder cannot listen, or was started or closed before.
func (r *Responder) Listen() error {
	if r.host == nil {
		return errors.New("ocsptest: a Responder that is not made by NewResponder or NewUnstartedResponder; use one of them")
	}
	if err := r.host.start(r.serveConn, r, nil); err != nil {
		return err
	}
	scheme := "http://"
	if r.tls != nil {
		scheme = "https://"
	}
	r.URL = scheme + r.host.addr().String()
	r.advertise(r.CA)
	return nil
}

// serveConn passes a connection to net/http.
func (r *Responder) serveConn(c *conn) {
	if r.tls == nil {
		r.host.passToHTTP(c)
		return
	}
	t := tls.Server(c, r.tls)
	if err := t.Handshake(); err != nil {
		t.Close()
		return
	}
	r.host.passToHTTP(t)
}

func errNoKey(ca *fakeca.CA) error {
	return fmt.Errorf("ocsptest: the responder signs with the key of %q, which has none; load it with its key", ca.Cert.Subject)
}

// Add has the responder answer for ca too, if it does not yet. What ca issues
// from now on names the responder. It panics if ca has no key.
func (r *Responder) Add(ca *fakeca.CA) {
	if ca.Key == nil {
		panic(errNoKey(ca).Error())
	}
	r.mu.Lock()
	known := false
	for _, c := range r.cas {
		known = known || c == ca
	}
	if !known {
		r.cas = append(r.cas, ca)
	}
	r.mu.Unlock()
	if r.URL != "" {
		r.advertise(ca)
	}
}

func (r *Responder) advertise(ca *fakeca.CA) {
	ca.Advertise(fakeca.Servers{
		OCSP:   []string{r.URL},
		CRL:    []string{r.CRLURL(ca)},
		Issuer: []string{r.IssuerURL(ca)},
	})
}

// CRLURL returns where the CRL of ca is served. It panics if the responder does
// not answer for ca.
func (r *Responder) CRLURL(ca *fakeca.CA) string { return r.urlOf("crl", ca) }

// IssuerURL returns where the certificate of ca is served. It panics if the
// responder does not answer for ca.
func (r *Responder) IssuerURL(ca *fakeca.CA) string { return r.urlOf("issuer", ca) }

// SetCRL has the responder serve the CRL of ca as c describes it, from now on.
// The default is the zero CRL: fresh, full and correct.
func (r *Responder) SetCRL(ca *fakeca.CA, c fakeca.CRL) {
	r.CRLURL(ca) // a CA that is not served
	ca.CRL(c)    // and what cannot be made, panic here, where a test wrote it
	r.mu.Lock()
	defer r.mu.Unlock()
	r.crls[ca] = &crlList{described: c}
}

// crl makes the CRL of ca, if it is not the same as a moment ago.
func (r *Responder) crl(ca *fakeca.CA) []byte {
	revision, second := ca.Revision(), r.now().Unix()
	r.mu.Lock()
	list := r.crls[ca]
	if list == nil {
		list = new(crlList)
		r.crls[ca] = list
	}
	made := list.crlMade
	r.mu.Unlock()
	if made.der == nil || made.revision != revision || made.second != second {
		made = crlMade{ca.CRL(list.described), revision, second}
		r.mu.Lock()
		list.crlMade = made
		r.mu.Unlock()
	}
	return made.der
}

// A crlList is the CRL of a CA as it is described, and as it was made last.
type crlList struct {
	described fakeca.CRL
	crlMade   // guarded by the responder's mu
}

type crlMade struct {
	der      []byte
	revision uint64 // of the record
	second   int64  // on the CA's clock
}

// OneCRLURL returns where the revocations of all CAs are served, in the form
// of [OneCRL].
func (r *Responder) OneCRLURL() string { return r.URL + oneCRLPath }

func (r *Responder) urlOf(what string, ca *fakeca.CA) string {
	for i, known := range r.issuers() {
		if known == ca {
			return fmt.Sprintf("%s/%s/%d", r.URL, what, i)
		}
	}
	panic(fmt.Sprintf("ocsptest: the responder does not answer for %q; call Add", ca.Cert.Subject))
}

// caOfCRL returns the CA whose CRL is served at a path.
func (r *Responder) caOfCRL(path string) *fakeca.CA {
	for i, ca := range r.issuers() {
		if path == fmt.Sprintf("/crl/%d", i) {
			return ca
		}
	}
	return nil
}

func (r *Responder) issuers() []*fakeca.CA {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cas[:len(r.cas):len(r.cas)] // which only grows
}

// Close stops the responder. It lets requests end, but for those that hang on
// purpose, and blocks until all connections are closed and all handlers have
// returned. After five seconds it says what it waits for, cancels the requests'
// contexts and closes the connections. It may be called more than once.
//
// Where the responder is mounted in another server, Close ends what hangs.
func (r *Responder) Close() {
	r.hasty()
	r.host.close()
}

// Addr returns the address that the responder listens on, or nil if it was not
// started.
func (r *Responder) Addr() net.Addr { return r.host.addr() }

// Network returns the network in memory that the responder listens on, or nil
// if it listens on a socket.
func (r *Responder) Network() *Network { return r.host.network }

// DialContext connects to the responder, whatever the address says.
func (r *Responder) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return r.host.dial(ctx)
}

// Client returns a new HTTP client that reaches the responder under any name,
// and trusts its CA's root.
func (r *Responder) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:       r.DialContext,
		TLSClientConfig:   &tls.Config{RootCAs: r.CA.Pool(), Time: r.CA.Now},
		DisableKeepAlives: true,
	}}
}

// Requests returns what the responder saw, from old to new, in a slice of its
// own. What a client asked is there before the client has its answer. The
// newest 4096 are kept.
func (r *Responder) Requests() []Request {
	requests, _ := r.seen()
	return requests
}

func (r *Responder) seen() (requests []Request, dropped int) {
	r.mu.Lock()
	var records []record
	for _, record := range r.requests.all() {
		records = append(records, *record)
	}
	dropped = r.requests.dropped
	r.mu.Unlock()
	for _, record := range records {
		requests = append(requests, record.request())
	}
	return requests, dropped
}

// finish closes the responder at the end of its test. Faults of a script that
// nobody met fail the test. If it failed, what the responder saw is logged.
func (r *Responder) finish(t TB) {
	r.Close()
	r.mu.Lock()
	left := r.faults.script
	r.mu.Unlock()
	if len(left) > 0 {
		var names []string
		for _, f := range left {
			names = append(names, f.String())
		}
		t.Errorf("ocsptest: the test ended before requests met these faults of the script: %s", strings.Join(names, ", "))
	}
	r.LogIfFailed(t)
}

// LogIfFailed logs the responder's [Responder.Report] if the test failed.
// [NewResponder] does it for its own test.
func (r *Responder) LogIfFailed(t TB) {
	t.Helper()
	if t.Failed() {
		t.Logf("%s", r.Report())
	}
}

// Report returns what the responder saw as a text for people, one line for each
// request. The text may change at any time.
func (r *Responder) Report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ocsptest: what the responder %s saw:", r.URL)
	requests, dropped := r.seen()
	var lines timeline
	for _, request := range requests {
		lines.add(request.Time, request.String())
	}
	lines.write(&b, "requests", dropped)
	for _, line := range r.host.log.newest() {
		fmt.Fprintf(&b, "\n    %s", line)
	}
	return b.String()
}

var _ http.Handler = (*Responder)(nil)

// now is the time on the clock of the first CA.
func (r *Responder) now() time.Time { return r.CA.Now() }
