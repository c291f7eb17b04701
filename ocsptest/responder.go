package ocsptest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A Responder responds to OCSP requests over HTTP from the record of its CAs
// (RFC 6960 appendix A, RFC 9919), by GET and by POST. It also serves their CRLs
// and certificates. It listens on 127.0.0.1, unless options say otherwise.
type Responder struct {
	URL string     // http://127.0.0.1:port and the path of WithPath, once started
	CA  *fakeca.CA // the first that it responds for

	settings  settings
	tlsConfig *tls.Config // nil for plain HTTP
	cache     responseCache
	faults    faults
	starting  sync.Mutex // held by Listen, Down, Up and Close

	mu         sync.Mutex
	hosts      []*host // one for each time that it was up; the last one counts
	state      responderState
	cas        []*fakeca.CA
	added      []*fakeca.CA                // before it was started
	advertised map[*fakeca.CA]func()       // that withdraw it
	files      map[string]*file            // by path, below URL
	versions   map[*fakeca.CA]version      // of files; of those of all CAs: nil
	others     map[*fakeca.CA][]*fakeca.CA // that are on a CRL of the CA, or were
	requests   ring[*record]
	lastNonce  []byte // of the requests
	lastBody   []byte // of the responses
}

type responderState int

const (
	unstarted responderState = iota
	up
	down
	closed
)

// NewResponder starts a responder for ca and the CAs above it, and closes it
// when the test ends. Until then, certificates that ca issues name it: as OCSP
// responder, CRL distribution point and source of the issuer's certificate. If
// the test failed, the responder logs what it saw.
//
// For an intermediate that names the responder too, start it for the root, and
// call Add with the intermediate:
//
//	root := fakeca.New()
//	responder := ocsptest.NewResponder(t, root)
//	ca := root.Intermediate()
//	responder.Add(ca)
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
// TestMain, examples and programs, and for use as an [http.Handler] in another
// server. It panics if options contradict each other.
func NewUnstartedResponder(ca *fakeca.CA, opts ...ResponderOption) *Responder {
	r, err := newResponder(ca, opts)
	if err != nil {
		panic(err)
	}
	return r
}

func newResponder(ca *fakeca.CA, opts []ResponderOption) (*Responder, error) {
	if ca == nil {
		return nil, errors.New("ocsptest: a responder needs a CA; give it fakeca.New() or srv.CA")
	}
	if ca.Key == nil {
		return nil, errNoKey(ca)
	}
	set, err := responderSettings(opts)
	if err != nil {
		return nil, err
	}
	r := &Responder{
		CA: ca, settings: set,
		advertised: make(map[*fakeca.CA]func()), files: make(map[string]*file), versions: make(map[*fakeca.CA]version),
		others: make(map[*fakeca.CA][]*fakeca.CA),
	}
	r.hosts = []*host{newHost(set.network, set.port, nil)}
	if set.tls {
		cert := ca.Leaf("localhost", "127.0.0.1", "::1").TLS()
		r.tlsConfig = &tls.Config{Certificates: []tls.Certificate{cert}, Time: ca.Now, NextProtos: []string{"http/1.1"}}
	}
	r.addOneCRL()
	for ; ca != nil; ca = ca.Issuer {
		if ca.Key != nil {
			r.cas = append(r.cas, ca)
			r.addFiles(len(r.cas) - 1)
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
	r.starting.Lock()
	defer r.starting.Unlock()
	h := r.host()
	if h == nil {
		return errors.New("ocsptest: a Responder that is not made by NewResponder or NewUnstartedResponder; use one of them")
	}
	if err := h.start(r.serveConn, r.handler(), nil); err != nil {
		return err
	}
	r.setState(up)
	scheme := "http://"
	if r.tlsConfig != nil {
		scheme = "https://"
	}
	r.mu.Lock()
	r.URL = scheme + h.addr().String() + r.settings.path
	r.mu.Unlock()
	for _, ca := range append([]*fakeca.CA{r.CA}, r.added...) {
		r.advertise(ca)
	}
	return nil
}

// host returns the host that listens, or did last.
func (r *Responder) host() *host {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.hosts) == 0 {
		return nil // a Responder that nobody made
	}
	return r.hosts[len(r.hosts)-1]
}

func (r *Responder) setState(s responderState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = s
}

// serveConn passes a connection to net/http.
func (r *Responder) serveConn(c *conn) {
	if r.tlsConfig == nil {
		c.host.passToHTTP(c)
		return
	}
	t := tls.Server(c, r.tlsConfig)
	if err := t.Handshake(); err != nil {
		t.Close()
		return
	}
	c.host.passToHTTP(t)
}

// Down closes the port, as if the responder had crashed: open connections end,
// and new ones are refused until [Responder.Up]. Records and faults stay, and
// so do the URLs in certificates. Down panics if the responder is not started.
func (r *Responder) Down() {
	r.starting.Lock()
	defer r.starting.Unlock()
	switch r.state {
	case unstarted:
		panic("ocsptest: Down: the responder is not started; call Start first")
	case up:
		r.setState(down)
		r.host().close()
	}
}

// Up listens again after [Responder.Down], on the same port. It panics if another
// program has taken the port meanwhile, or the responder was closed.
func (r *Responder) Up() {
	r.starting.Lock()
	defer r.starting.Unlock()
	switch r.state {
	case unstarted:
		panic("ocsptest: Up: the responder is not started; call Start first")
	case closed:
		panic("ocsptest: Up: the responder is closed; create a new one")
	case down:
		h := newHost(r.settings.network, portOf(r.host().addr()), nil)
		if err := h.start(r.serveConn, r.handler(), nil); err != nil {
			panic(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.state = up
		r.hosts = append(r.hosts, h)
	}
}

func portOf(addr net.Addr) int { return addr.(*net.TCPAddr).Port }

func errNoKey(ca *fakeca.CA) error {
	return fmt.Errorf("ocsptest: the responder signs with the key of %q, which has none; load it with its key", ca.Cert.Subject)
}

// Reset forgets the requests and ends faults and scripts. The CRLs of all CAs
// are complete and correct again, except those of [Responder.AddCRL], and a
// responder that is down is up again. It is for responders that tests share.
func (r *Responder) Reset() {
	r.mu.Lock()
	r.requests.clear()
	r.lastNonce, r.lastBody = nil, nil
	for i := range r.cas {
		r.addFiles(i)
	}
	isDown := r.state == down
	r.mu.Unlock()
	r.faults.reset()
	if isDown {
		r.Up()
	}
}

// Close stops the responder, and takes its URLs back from certificates issued
// later. It ends faults that wait, lets other requests finish, and blocks until
// all connections are closed and all handlers have returned. After five seconds
// it writes what it waits for, cancels the requests' contexts and closes the
// connections. It may be called more than once.
//
// Close ends faults that wait also in a responder that is mounted in another
// server.
func (r *Responder) Close() {
	r.starting.Lock()
	defer r.starting.Unlock()
	r.withdraw()
	r.setState(closed)
	if h := r.host(); h != nil {
		h.close()
	}
}

// Addr returns the address that the responder listens on, or nil if it was not
// started.
func (r *Responder) Addr() net.Addr { return r.host().addr() }

// Network returns the network in memory that the responder listens on, or nil
// if it listens on a socket.
func (r *Responder) Network() *Network { return r.settings.network }

// DialContext connects to the responder, whatever the address says.
func (r *Responder) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return r.host().dial(ctx)
}

// Client returns a new HTTP client that reaches the responder under any name,
// and trusts its CA's root. It panics if the responder is not started.
func (r *Responder) Client() *http.Client {
	if r.Addr() == nil {
		panic("ocsptest: Client: the responder is not started; call Start first")
	}
	return &http.Client{Transport: &http.Transport{
		DialContext:       r.DialContext,
		TLSClientConfig:   &tls.Config{RootCAs: r.CA.Pool(), Time: r.CA.Now},
		DisableKeepAlives: true,
	}}
}

// Requests returns copies of what the responder saw, from old to new. A request
// is there before its client has the response. The newest 4096 are kept.
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

// finish closes the responder at the end of its test.
func (r *Responder) finish(t TB) {
	r.Close()
	if left := r.faults.left(); len(left) > 0 {
		t.Errorf("ocsptest: faults of the script that were never played: %s", strings.Join(left, ", "))
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
	if len(requests) == 0 && r.URL != "" && !r.isNamed() {
		b.WriteString("\n    no certificate names it; issue them after the responder is started")
	}
	r.mu.Lock()
	hosts := slices.Clone(r.hosts)
	r.mu.Unlock()
	for _, h := range hosts {
		for _, line := range h.log.newest() {
			fmt.Fprintf(&b, "\n    %s", line)
		}
	}
	return b.String()
}

var _ http.Handler = (*Responder)(nil)

// now is the time on the clock of the first CA.
func (r *Responder) now() time.Time { return r.CA.Now() }
