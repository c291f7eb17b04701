package ocsptest

import (
	"fmt"
	"net/http"
	"time"
)

// A FetchPolicy says how a server fetches its staple from the responder that its
// certificate names. The zero value is what a careful server does: it fetches by
// POST when it starts, and again at half of the response's life; it staples
// whatever the responder says; and if the responder fails, it keeps the response
// until that expires.
type FetchPolicy struct {
	When FetchTime // of the first fetch; default: FetchAtStart

	// RefreshAfter is the time from one fetch to the next. By default it ends at
	// half of the response's life, from thisUpdate to nextUpdate; without
	// nextUpdate it is an hour. If negative, the server fetches once.
	RefreshAfter time.Duration

	// RetryAfter is the time to the next fetch after one that failed, or that
	// brought an error or an old response. The default is a minute.
	RetryAfter time.Duration

	// Timeout is how long a fetch may take. The default is ten seconds.
	Timeout time.Duration

	DropOnFailure bool // staple nothing after a fetch that failed
	KeepExpired   bool // staple a response even if it has expired

	// GoodOnly staples only responses that are good, current, about the leaf, and
	// signed by its issuer or with an embedded certificate.
	GoodOnly bool

	GET bool // fetch by GET

	// Client makes the requests. The default is a client of the server's own, on
	// the server's network.
	Client *http.Client
}

// A FetchTime is when a server fetches its first staple.
type FetchTime int

const (
	// FetchAtStart fetches before Start returns. If the server is not started, see
	// [Server.ServerTLSConfig], the first client waits for the fetch.
	FetchAtStart FetchTime = iota
	// FetchAtHandshake fetches when the first client comes, which gets no staple,
	// as nginx does.
	FetchAtHandshake
	// FetchInHandshake makes clients wait for a fetch that is due, as Apache does.
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

// WithFetchedStaple makes the server fetch its staple over HTTP, and fetch it
// again in time, on the CA's clock. It asks the responders in its leaf's authority
// information access, where [NewResponder] puts them.
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

// OCSPResponse returns the response, for matchers.
func (f Fetch) OCSPResponse() []byte { return f.Response }

// GomegaString is what Gomega prints instead of the fields.
func (f Fetch) GomegaString() string { return f.String() }

// String returns one line that says what was fetched.
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

// Fetches returns the attempts of a server [WithFetchedStaple], from old to new.
// The newest 4096 are kept, or fewer if they take more than 64 MiB.
func (s *Server) Fetches() []Fetch {
	if s.fetcher == nil {
		return nil
	}
	fetches, _ := s.fetcher.all()
	return fetches
}
