package conformance

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// over changes how responders are reached.
func over(change func(*http.Client)) func(*reference) {
	return asking(func(ask askFunc) askFunc { return overHTTP(ask, change) })
}

func overHTTP(ask askFunc, change func(*http.Client)) askFunc {
	return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
		changed := *client
		if change != nil {
			change(&changed)
		}
		return ask(ctx, &changed, cert, issuer, at)
	}
}

// asking changes how responders are asked.
func asking(change func(askFunc) askFunc) func(*reference) {
	return func(r *reference) { r.fetch = change(r.fetch) }
}

// about asks about a certificate that looks different.
func about(change func(*x509.Certificate)) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			changed := *cert
			change(&changed)
			return ask(ctx, client, &changed, issuer, at)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sending changes what is sent, or what comes back.
func sending(change func(req *http.Request, send roundTrip) (*http.Response, error)) func(*http.Client) {
	return func(c *http.Client) {
		send := c.Transport.RoundTrip
		c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) { return change(req, send) })
	}
}

// receiving changes what comes back.
func receiving(change func(*http.Response) error) func(*http.Client) {
	return sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
		resp, err := send(req)
		if err == nil {
			if err = change(resp); err != nil {
				resp.Body.Close()
				return nil, err
			}
		}
		return resp, err
	})
}

// without refuses to send requests of a method.
func without(method string) func(*http.Client) {
	return sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
		if req.Method == method {
			return nil, errors.New("a mutant does not do that")
		}
		return send(req)
	})
}

// goodIfNot takes it for good if there is no answer.
func goodIfNot(which func(error) bool) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := ask(ctx, client, cert, issuer, at)
			if err != nil && which(err) {
				return fakeca.Response{}, nil
			}
			return said, err
		}
	}
}

// telling is about errors whose texts have one of some parts.
func telling(parts ...string) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(err.Error(), part) })
	}
}

// askers are clients that ask responders badly.
func askers() []mutant {
	all := []mutant{
		{name: "asks by GET alone", change: over(without(http.MethodPost))},
		{name: "asks by POST alone", change: over(without(http.MethodGet))},
		{name: "does not escape the path of a GET", change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.URL.Opaque, _ = url.PathUnescape("//" + req.URL.Host + req.URL.EscapedPath())
			if req.Method == http.MethodPost {
				return nil, errors.New("and asks by GET alone")
			}
			return send(req)
		}))},
		{name: "wants a Content-Length", change: over(receiving(func(resp *http.Response) error {
			if resp.ContentLength < 0 {
				return errors.New("no Content-Length")
			}
			return nil
		}))},
		{name: "does not give up", change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
			return send(req.WithContext(context.WithoutCancel(req.Context())))
		}))},
		{name: "asks the first responder alone", change: asking(about(func(cert *x509.Certificate) {
			cert.OCSPServer = cert.OCSPServer[:min(1, len(cert.OCSPServer))]
		}))},
		{name: "asks the last responder alone", change: asking(about(func(cert *x509.Certificate) {
			cert.OCSPServer = cert.OCSPServer[max(0, len(cert.OCSPServer)-1):]
		}))},
		{name: "takes silence for good", change: asking(goodIfNot(func(error) bool { return true }))},
		{name: "takes HTTP errors for good", change: asking(goodIfNot(telling("HTTP status")))},
		{name: "takes no responder for good", change: asking(goodIfNot(func(err error) bool { return err.Error() == "no responder decides" }))},
		{name: "takes a URL that leads nowhere for good", change: asking(goodIfNot(telling("is not asked", "no Host", "invalid port")))},
		{name: "takes a lost connection for good", change: asking(goodIfNot(telling("refused", "reset", "EOF")))},
		{name: "takes too much for good", change: asking(goodIfNot(telling("more than")))},
		{name: "takes redirects without end for good", change: asking(goodIfNot(telling("redirected")))},
		{name: "waits no longer than 50 ms", change: over(func(c *http.Client) { c.Timeout = 50 * time.Millisecond })},
		{name: "takes a timeout for good", change: asking(goodIfNot(func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }))},
		{name: "takes silence for revoked", policies: []Policy{softFetch}, change: asking(func(ask askFunc) askFunc {
			return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
				said, err := ask(ctx, client, cert, issuer, at)
				if err != nil {
					return fakeca.Response{Status: fakeca.Revoked}, nil
				}
				return said, nil
			}
		})},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{onlyFetch}
		}
	}
	return all
}

// A reviewer changes how CRLs are judged.
type reviewer func(checkCRLFunc) checkCRLFunc

// reviewing changes what the check of a CRL sees.
func reviewing(change func(list *x509.RevocationList, at time.Time)) reviewer {
	return func(check checkCRLFunc) checkCRLFunc {
		return func(list *x509.RevocationList, issuer *x509.Certificate, point string, at time.Time) error {
			seen := *list
			change(&seen, at)
			return check(&seen, issuer, point, at)
		}
	}
}

// looking changes how CRLs are looked at.
func looking(change func(askFunc) askFunc) func(*reference) {
	return func(r *reference) { r.list = change(r.list) }
}

// listers are clients that read CRLs badly.
func listers() []mutant {
	uncritical := func(list *x509.RevocationList, _ time.Time) {
		list.Extensions = slices.Clone(list.Extensions)
		for i := range list.Extensions {
			list.Extensions[i].Critical = false
		}
	}
	all := []mutant{
		{name: "does not mind when a CRL ends", review: reviewing(func(list *x509.RevocationList, at time.Time) { list.NextUpdate = at })},
		{name: "does not mind when a CRL begins", review: reviewing(func(list *x509.RevocationList, at time.Time) { list.ThisUpdate = at })},
		{name: "does not mind critical extensions of a CRL", review: reviewing(uncritical)},
		{name: "does not mind critical extensions of entries", review: reviewing(func(list *x509.RevocationList, _ time.Time) { list.RevokedCertificateEntries = nil })},
		{name: "does not verify the signature of a CRL", review: func(check checkCRLFunc) checkCRLFunc {
			return func(list *x509.RevocationList, issuer *x509.Certificate, point string, at time.Time) error {
				if err := check(list, issuer, point, at); err != nil && !strings.HasPrefix(err.Error(), "x509: ") {
					return err
				}
				return nil
			}
		}},
		{name: "does not check CRLs at all", review: func(checkCRLFunc) checkCRLFunc {
			return func(*x509.RevocationList, *x509.Certificate, string, time.Time) error { return nil }
		}},
		{name: "takes the lack of a CRL for good", change: looking(goodIfNot(func(error) bool { return true }))},
		{name: "takes HTTP errors at a CRL for good", change: looking(goodIfNot(telling("HTTP status")))},
		{name: "looks at the first CRL alone", change: looking(about(func(cert *x509.Certificate) {
			cert.CRLDistributionPoints = cert.CRLDistributionPoints[:min(1, len(cert.CRLDistributionPoints))]
		}))},
		{name: "looks at no CRL", policies: []Policy{listing, softList}, change: func(r *reference) { r.policy.CRL = false }},
		{name: "takes what is listed for good", change: looking(listed(func(said *fakeca.Response) { said.Status = fakeca.Good }))},
		{name: "takes a listed hold for good", change: looking(listed(func(said *fakeca.Response) {
			if said.Reason == fakeca.CertificateHold {
				said.Status = fakeca.Good
			}
		}))},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{listing}
		}
	}
	return all
}

// listed changes what a CRL says of what it lists.
func listed(change func(*fakeca.Response)) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := ask(ctx, client, cert, issuer, at)
			if err == nil && said.Status == fakeca.Revoked {
				change(&said)
			}
			return said, err
		}
	}
}
