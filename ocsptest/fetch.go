package ocsptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A FetchPolicy is how a server gets its staple from the responder that its
// certificate names. The zero value is what a careful server does: it fetches
// at start, by POST; fetches again at half of the answer's life; staples
// whatever the responder says; and keeps an answer until it ends when the
// responder fails.
type FetchPolicy struct {
	When FetchTime // of the first fetch; default: FetchAtStart

	// RefreshAfter is the age, since it was fetched, at which an answer is
	// fetched again. The default is when half of the time from thisUpdate to
	// nextUpdate is over, or an hour for an answer without nextUpdate. A
	// negative age means never.
	RefreshAfter time.Duration

	// RetryAfter is how long to wait after a fetch that failed, or that brought
	// an answer which tells no time to come again. The default is a minute.
	RetryAfter time.Duration

	// Timeout is how long a fetch may take. The default is ten seconds.
	Timeout time.Duration

	DropOnFailure bool // staples nothing after a fetch that failed
	KeepExpired   bool // staples an answer although it has ended
	GoodOnly      bool // staples an answer only if it is good, current, about the leaf, and signed by its issuer or with a certificate embedded
	GET           bool // asks by GET

	// Client is what the server asks with. The default is one of its own, on
	// the server's network.
	Client *http.Client
}

// A FetchTime is when a server fetches its first staple.
type FetchTime int

const (
	// FetchAtStart fetches before Start returns.
	FetchAtStart FetchTime = iota
	// FetchAtHandshake fetches when the first client comes, which goes without
	// a staple, as nginx does.
	FetchAtHandshake
	// FetchInHandshake has clients wait for a fetch that is due, as Apache does.
	FetchInHandshake
)

var fetchTimeTexts = []string{"FetchAtStart", "FetchAtHandshake", "FetchInHandshake"}

// String returns the name of the constant.
func (f FetchTime) String() string {
	if f < 0 || int(f) >= len(fetchTimeTexts) {
		return fmt.Sprintf("FetchTime(%d)", int(f))
	}
	return fetchTimeTexts[f]
}

// WithFetchedStaple has the server fetch its staple over HTTP from the
// responders in its leaf's authority information access, which [NewResponder]
// puts there, and fetch it again in time, by the CA's clock.
func WithFetchedStaple(p FetchPolicy) Option {
	return serverOption{"WithFetchedStaple(...)", "the staple", "", func(s *settings) { s.fetch = &p }}
}

// A Fetch is one attempt of a server to get a staple.
type Fetch struct {
	Time     time.Time // on the CA's clock
	URL      string    // of the responder
	Response []byte    // nil if there was none
	Err      error     // why there was no response, or why it is not stapled; nil if it is
}

// OCSPResponse returns the answer, for matchers.
func (f Fetch) OCSPResponse() []byte { return f.Response }

// GomegaString is what Gomega shows of a Fetch in place of its fields.
func (f Fetch) GomegaString() string { return f.String() }

// String tells in a line what came of it.
func (f Fetch) String() string {
	text := "from " + f.URL
	if f.Response != nil {
		text += ": " + summarize(f.Response)
	}
	if f.Err != nil {
		text += ": failed: " + f.Err.Error()
	}
	return text
}

// Fetches returns the attempts of a server [WithFetchedStaple], from old to new,
// in a slice of its own. The newest 4096 are kept.
func (s *Server) Fetches() []Fetch {
	if s.fetcher == nil {
		return nil
	}
	fetches, _ := s.fetcher.all()
	return fetches
}

// A fetcher keeps the staple of one leaf.
type fetcher struct {
	policy   FetchPolicy
	leaf     *fakeca.Leaf
	request  *fakeca.Request
	host     *host
	fetching chan struct{} // holds a value while a fetch is under way

	mu      sync.Mutex
	fetches ring[Fetch]
	staple  []byte      // what was fetched last, if it is to be stapled
	ends    time.Time   // when it ends; zero: never
	due     time.Time   // when to fetch again; zero: never
	begun   bool        // there was a first fetch
	timer   *time.Timer // of the next fetch; nil: handshakes see to it
}

func newFetcher(p FetchPolicy, leaf *fakeca.Leaf, h *host) (*fetcher, error) {
	if len(leaf.Cert.OCSPServer) == 0 {
		return nil, errors.New("ocsptest: WithFetchedStaple: the leaf names no responder; issue it after NewResponder(t, ca)")
	}
	if p.When < FetchAtStart || p.When > FetchInHandshake {
		return nil, fmt.Errorf("ocsptest: WithFetchedStaple: When is %v; use FetchAtStart, FetchAtHandshake or FetchInHandshake", p.When)
	}
	if p.RetryAfter <= 0 {
		p.RetryAfter = time.Minute
	}
	if p.Timeout <= 0 {
		p.Timeout = 10 * time.Second
	}
	if p.Client == nil {
		transport := &http.Transport{DisableKeepAlives: true, DialContext: new(net.Dialer).DialContext}
		if h.network != nil {
			transport.DialContext = h.network.DialContext
		}
		p.Client = &http.Client{Transport: transport}
	}
	return &fetcher{policy: p, leaf: leaf, request: leaf.Request(), host: h, fetching: make(chan struct{}, 1)}, nil
}

// start runs when the server has started to listen.
func (f *fetcher) start() {
	if f.policy.When == FetchAtStart {
		f.fetchIfDue()
	}
}

// reset forgets what was fetched, and fetches again as at the start.
func (f *fetcher) reset() {
	f.fetching <- struct{}{} // no fetch is under way
	f.mu.Lock()
	f.fetches.clear()
	f.staple, f.ends, f.due, f.begun = nil, time.Time{}, time.Time{}, false
	f.mu.Unlock()
	<-f.fetching
	if f.host.isUp() {
		f.start()
	}
}

// close runs when the server has closed.
func (f *fetcher) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
}

// all returns copies of the records.
func (f *fetcher) all() (fetches []Fetch, dropped int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fetches = f.fetches.all()
	for i := range fetches {
		fetches[i].Response = bytes.Clone(fetches[i].Response)
	}
	return fetches, f.fetches.dropped
}

func (f *fetcher) isDue() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.begun || !f.due.IsZero() && !f.leaf.Issuer.Now().Before(f.due)
}

// current returns the staple for a handshake, or nil. Where handshakes do not
// wait for the fetch that they find due, they get what there was before it.
func (f *fetcher) current() []byte {
	f.mu.Lock()
	neverStarted := !f.begun && f.policy.When == FetchAtStart
	f.mu.Unlock()
	if f.policy.When == FetchInHandshake || neverStarted {
		f.fetchIfDue()
	} else if f.isDue() && len(f.fetching) == 0 {
		defer f.host.spawn(f.fetchIfDue)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended := !f.ends.IsZero() && f.leaf.Issuer.Now().After(f.ends); ended && !f.policy.KeepExpired {
		return nil
	}
	return f.staple
}

// fetchIfDue waits for a fetch that is under way, and then fetches if that is
// still due: it asks the responders in turn until one says something. It returns
// early if the server closes.
func (f *fetcher) fetchIfDue() {
	ctx := f.host.closing
	select {
	case f.fetching <- struct{}{}:
		defer func() { <-f.fetching }()
	case <-ctx.Done():
		return
	}
	defer f.schedule()
	if ctx.Err() != nil || !f.isDue() { // another fetch was made meanwhile
		return
	}
	for _, url := range f.leaf.Cert.OCSPServer {
		attempt := Fetch{Time: f.leaf.Issuer.Now(), URL: url}
		attempt.Response, attempt.Err = f.ask(ctx, url)
		if f.keep(&attempt) {
			return
		}
	}
}

// schedule has the next fetch begin when it is due, if the server listens.
func (f *fetcher) schedule() {
	if f.policy.When == FetchInHandshake || !f.host.isUp() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
	if !f.due.IsZero() {
		f.timer = time.AfterFunc(f.due.Sub(f.leaf.Issuer.Now()), func() { f.host.spawn(f.fetchIfDue) })
	}
}

// ask asks one responder.
func (f *fetcher) ask(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.policy.Timeout)
	defer cancel()
	var req *http.Request
	var err error
	if f.policy.GET {
		req, err = http.NewRequestWithContext(ctx, http.MethodGet, f.request.URL(url), nil)
	} else {
		req, err = http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(f.request.Marshal()))
	}
	if err != nil {
		return nil, err
	}
	if !f.policy.GET {
		req.Header.Set("Content-Type", contentTypeRequest)
	}
	resp, err := f.policy.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the responder says %s", resp.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxRequest+1))
	switch {
	case err != nil:
		return nil, err
	case len(answer) == 0:
		return nil, errors.New("the answer is empty")
	case len(answer) > maxRequest:
		return nil, errors.New("the answer is larger than 64 KiB")
	}
	return answer, nil
}

// keep records an attempt, and keeps its answer if it is to be stapled. It says
// whether there is no need to ask the next responder.
func (f *fetcher) keep(attempt *Fetch) bool {
	now := f.leaf.Issuer.Now()
	var r fakeca.Response
	readable := false
	if attempt.Err == nil {
		var err error
		r, err = fakeca.ParseResponse(attempt.Response)
		readable = err == nil && r.Status != fakeca.ServerFailed
		if f.policy.GoodOnly {
			attempt.Err = f.objection(attempt.Response, r, err, now)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	held := recordBytes + len(attempt.URL) + len(attempt.Response)
	if attempt.Err != nil {
		held += len(attempt.Err.Error())
	}
	f.fetches.add(*attempt, held)
	f.begun = true
	f.due = now.Add(f.policy.RetryAfter)
	switch {
	case attempt.Err != nil:
		// nginx, which staples only what is good, drops what it had as soon as
		// something else is said.
		if f.policy.DropOnFailure || attempt.Response != nil {
			f.staple = nil
		}
		return attempt.Response != nil
	case !readable:
		f.staple, f.ends = attempt.Response, time.Time{}
		return true
	}
	f.staple, f.ends = attempt.Response, r.NextUpdate
	f.due = f.refreshAt(r, now)
	return true
}

// refreshAt is when to fetch again after r.
func (f *fetcher) refreshAt(r fakeca.Response, now time.Time) time.Time {
	switch {
	case f.policy.RefreshAfter < 0:
		return time.Time{}
	case f.policy.RefreshAfter > 0:
		return now.Add(f.policy.RefreshAfter)
	case r.Forever:
		return now.Add(time.Hour)
	}
	half := r.ThisUpdate.Add(r.NextUpdate.Sub(r.ThisUpdate) / 2)
	if !half.After(now) { // old already
		return now.Add(f.policy.RetryAfter)
	}
	return half
}

// objection is why an answer is not to be stapled by a server that staples only
// what is good.
func (f *fetcher) objection(der []byte, r fakeca.Response, err error, now time.Time) error {
	switch {
	case err != nil:
		return err
	case r.Status != fakeca.Good:
		return fmt.Errorf("it says %v", r.Status)
	case now.Before(r.ThisUpdate), !r.Forever && now.After(r.NextUpdate):
		return errors.New("it is not current")
	}
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		return err
	}
	id := m.Responses[0].CertID
	if id.SerialNumber.Cmp(f.leaf.Cert.SerialNumber) != 0 || !id.IssuedBy(f.leaf.Issuer.Cert) {
		return errors.New("it is about another certificate")
	}
	if len(m.Certs) > 0 {
		return nil // a delegate, for clients to judge
	}
	return m.CheckSignatureFrom(f.leaf.Issuer.Cert)
}
