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

// maxResponse is how many bytes a fetch reads.
const maxResponse = 64 << 10

// A fetcher keeps the staple of one leaf up to date.
type fetcher struct {
	policy   FetchPolicy
	leaf     *fakeca.Leaf
	request  *fakeca.Request
	host     *host
	fetching chan struct{} // holds a value while a fetch is under way

	mu      sync.Mutex
	fetches ring[Fetch]
	staple  []byte      // nil: none
	expires time.Time   // when the staple does; zero: never
	due     time.Time   // when to fetch again; zero: never
	begun   bool        // there was a first fetch
	timer   *time.Timer // for the next fetch; nil: none
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
	f.staple, f.expires, f.due, f.begun = nil, time.Time{}, time.Time{}, false
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

// current returns the staple for a handshake, or nil. A handshake that finds a
// fetch due, and does not wait for it, gets the staple of before.
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
	expired := !f.expires.IsZero() && f.leaf.Issuer.Now().After(f.expires)
	if expired && !f.policy.KeepExpired {
		return nil
	}
	return f.staple
}

// fetchIfDue waits for a fetch under way. If one is still due after it, it asks
// the responders in turn until one responds. It returns early when the server
// closes.
func (f *fetcher) fetchIfDue() {
	ctx := f.host.closing
	select {
	case f.fetching <- struct{}{}:
		defer func() { <-f.fetching }()
	case <-ctx.Done():
		return
	}
	defer f.schedule()
	if ctx.Err() != nil || !f.isDue() { // the fetch that it waited for was enough
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

// schedule starts the timer for the next fetch, if the server listens.
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
		return nil, fmt.Errorf("the responder said %s", resp.Status)
	}
	der, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	switch {
	case err != nil:
		return nil, err
	case len(der) == 0:
		return nil, errors.New("the response is empty")
	case len(der) > maxResponse:
		return nil, errors.New("the response is larger than 64 KiB")
	}
	return der, nil
}

// keep records an attempt, and staples its response if the policy allows. It
// reports whether there is no need to ask the next responder.
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
		// Like nginx, a server that is GoodOnly drops its staple at the first
		// response that is not.
		if f.policy.DropOnFailure || attempt.Response != nil {
			f.staple = nil
		}
		return attempt.Response != nil
	case !readable:
		f.staple, f.expires = attempt.Response, time.Time{}
		return true
	}
	f.staple, f.expires = attempt.Response, r.NextUpdate
	f.due = f.refreshAt(r, now)
	return true
}

// refreshAt returns when to fetch again after r.
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
	if !half.After(now) {
		return now.Add(f.policy.RetryAfter)
	}
	return half
}

// objection returns why a server that is GoodOnly does not staple a response.
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
		return nil // of a delegate, which clients judge
	}
	return m.CheckSignatureFrom(f.leaf.Issuer.Cert)
}
