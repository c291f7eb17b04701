package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// overLists changes the HTTP client with which CRLs are got.
func overLists(change func(*http.Client)) func(*reference) { return looking(through(change)) }

// crlFetchMutants are clients that get CRLs badly, or keep them badly.
func crlFetchMutants() []mutant {
	all := slices.Concat(listGetters(), listKeepers())
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{listing}
		}
	}
	return all
}

func listGetters() []mutant {
	return []mutant{
		{
			name: "has no timeout for a CRL",
			change: overLists(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				return send(req.WithContext(context.WithoutCancel(req.Context())))
			})),
		},
		{name: "limits the time for each read of a CRL, and nothing else", change: overLists(sending(readAll))},
		{name: "waits at most 50 ms for a CRL", change: overLists(func(c *http.Client) { c.Timeout = 50 * time.Millisecond })},
		{
			name:   "reads a timeout for a CRL as good",
			change: looking(goodOn(func(err error) bool { return errors.Is(err, context.DeadlineExceeded) })),
		},
		{name: "reads a lost connection for a CRL as good", change: looking(goodOn(containing("refused", "reset", "EOF")))},
		{name: "reads endless redirects for a CRL as good", change: looking(goodOn(containing("redirected")))},
		{name: "reads a body that is not a CRL as good", review: reviewing(verify.RuleCRLMalformed)},
		{
			name:     "requires the content type of a CRL",
			policies: []Policy{softList},
			change: overLists(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				resp, err := send(req)
				if err == nil && resp.Header.Get("Content-Type") != "application/pkix-crl" {
					resp.Body.Close()
					return nil, errGivesUp
				}
				return resp, err
			})),
		},
		{
			name:     "requires a Content-Length of a CRL",
			policies: []Policy{listing, softLists},
			change: overLists(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				resp, err := send(req)
				if err == nil && resp.ContentLength < 0 && !resp.Uncompressed {
					resp.Body.Close()
					return nil, errGivesUp
				}
				return resp, err
			})),
		},
	}
}

// A verdict is what CRLs said about a certificate.
type verdict struct {
	resp fakeca.Response
	err  error
}

// keeping remembers what CRLs said about certificates. use returns what a client
// goes by: from what CRLs said the last time, nil at the first time, and a function
// that gets them again.
func keeping(use func(before *verdict, again func() verdict) verdict) func(*reference) {
	return func(r *reference) {
		kept := make(map[string]*verdict)
		ask := r.list
		r.list = func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			key := string(chain[0].Raw)
			now := use(kept[key], func() verdict {
				resp, err := ask(ctx, client, chain, at)
				return verdict{resp, err}
			})
			kept[key] = &now
			return now.resp, now.err
		}
	}
}

// listKeepers are clients with a cache of CRLs, or of what they said.
func listKeepers() []mutant {
	never := func(http.Header) bool { return false }
	said := func(v *verdict, status fakeca.Status) bool {
		return v != nil && v.err == nil && v.resp.Status == status
	}
	return []mutant{
		{
			name: "keeps for ever that CRLs said good",
			change: keeping(func(before *verdict, again func() verdict) verdict {
				if said(before, fakeca.Good) {
					return *before
				}
				return again()
			}),
		},
		{
			name: "keeps for ever that CRLs said revoked",
			change: keeping(func(before *verdict, again func() verdict) verdict {
				if said(before, fakeca.Revoked) {
					return *before
				}
				return again()
			}),
		},
		{
			name:     "keeps that there was no valid CRL",
			policies: []Policy{listing, softList},
			change: keeping(func(before *verdict, again func() verdict) verdict {
				if before != nil && before.err != nil {
					return *before
				}
				return again()
			}),
		},
		{
			name: "goes by an old CRL if there is no new one",
			change: keeping(func(before *verdict, again func() verdict) verdict {
				if now := again(); now.err == nil || before == nil {
					return now
				}
				return *before
			}),
		},
		{
			name:     "requires that the numbers of CRLs increase",
			policies: []Policy{listing, softList},
			review:   requiringNumbers(func(n, before *big.Int) bool { return n.Cmp(before) > 0 }),
		},
		{
			name:     "requires that the numbers of CRLs do not decrease",
			policies: []Policy{softList},
			review:   requiringNumbers(func(n, before *big.Int) bool { return n.Cmp(before) >= 0 }),
		},
		{
			name:     "asks whether a CRL has changed, and does not keep it",
			policies: []Policy{listing, softList},
			change:   caching(false, never),
		},
		{
			name: "goes by what a CRL said as long as it has not changed",
			change: func(r *reference) {
				caching(false, never)(r)
				keeping(func(before *verdict, again func() verdict) verdict {
					now := again()
					if now.err != nil && said(before, fakeca.Good) && containing("HTTP status 304")(now.err) {
						return *before
					}
					return now
				})(r)
			},
		},
		{
			name:   "never gets a CRL again",
			change: caching(true, func(http.Header) bool { return true }),
		},
		{
			name:     "keeps CRLs for as long as HTTP allows",
			policies: []Policy{softList},
			change: caching(true, func(h http.Header) bool {
				return strings.Contains(h.Get("Cache-Control"), "max-age=")
			}),
		},
	}
}

// requiringNumbers compares the number of a list with that of the last one that was
// valid.
func requiringNumbers(may func(n, before *big.Int) bool) reviewer {
	return func(judge crlsFunc) crlsFunc {
		var before *big.Int
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := judge(o, lists, cert, issuer, at)
			l, parseErr := fakeca.ParseCRLMessage(lists[len(lists)-1])
			if err != nil || parseErr != nil {
				return said, err
			}
			n := numberOf(l)
			if before != nil && !may(n, before) {
				return fakeca.Response{}, errGivesUp
			}
			before = n
			return said, nil
		}
	}
}

// caching has an HTTP cache for lists, which asks by ETag whether a list has
// changed. It does not ask if fresh says that the last response is still fresh, and
// it keeps no bodies unless keep is set.
func caching(keep bool, fresh func(http.Header) bool) func(*reference) {
	return func(r *reference) {
		type entry struct {
			header http.Header
			body   []byte
		}
		cache := make(map[string]entry)
		respond := func(e entry) *http.Response {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(e.body))}
		}
		overLists(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
			url := req.URL.String()
			old, cached := cache[url]
			if cached && fresh(old.header) {
				return respond(old), nil
			}
			req = req.Clone(req.Context())
			if etag := old.header.Get("ETag"); etag != "" {
				req.Header.Set("If-None-Match", etag)
			}
			resp, err := send(req)
			switch {
			case err != nil:
				return nil, err
			case keep && resp.StatusCode == http.StatusNotModified:
				resp.Body.Close()
				return respond(old), nil
			case resp.StatusCode != http.StatusOK:
				return resp, nil
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return nil, err
			}
			cache[url] = entry{resp.Header, body}
			return respond(cache[url]), nil
		}))(r)
	}
}
