package conformance

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// through changes the HTTP client with which a source is asked.
func through(change func(*http.Client)) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			changed := *client
			if change != nil {
				change(&changed)
			}
			return ask(ctx, &changed, chain, at)
		}
	}
}

// over changes the HTTP client with which responders are asked.
func over(change func(*http.Client)) func(*reference) { return asking(through(change)) }

// asking changes how responders are asked.
func asking(change func(askFunc) askFunc) func(*reference) {
	return func(r *reference) { r.fetch = change(r.fetch) }
}

// looking changes how CRLs are looked at.
func looking(change func(askFunc) askFunc) func(*reference) {
	return func(r *reference) { r.list = change(r.list) }
}

// about changes the certificate that is asked about.
func about(change func(*x509.Certificate)) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			changed := *chain[0]
			change(&changed)
			return ask(ctx, client, append([]*x509.Certificate{&changed}, chain[1:]...), at)
		}
	}
}

// ifSays changes what a source says if it says status.
func ifSays(status fakeca.Status, change func(*fakeca.Response)) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			resp, err := ask(ctx, client, chain, at)
			if err == nil && resp.Status == status {
				change(&resp)
			}
			return resp, err
		}
	}
}

// recovering replaces errors with a response.
func recovering(from func(error) bool, with fakeca.Response) func(askFunc) askFunc {
	return func(ask askFunc) askFunc {
		return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
			resp, err := ask(ctx, client, chain, at)
			if err != nil && from(err) {
				return with, nil
			}
			return resp, err
		}
	}
}

// goodOn reads some errors as good.
func goodOn(which func(error) bool) func(askFunc) askFunc {
	return recovering(which, fakeca.Response{})
}

func anyError(error) bool { return true }

// containing matches errors whose text has one of these parts.
func containing(parts ...string) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(err.Error(), part) })
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sending changes how requests are sent.
func sending(change func(req *http.Request, send roundTrip) (*http.Response, error)) func(*http.Client) {
	return func(c *http.Client) {
		send := c.Transport.RoundTrip
		c.Transport = roundTrip(func(req *http.Request) (*http.Response, error) { return change(req, send) })
	}
}

// without refuses to send requests by a method.
func without(method string) func(*http.Client) {
	return sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
		if req.Method == method {
			return nil, errors.New("a mutant does not use this method")
		}
		return send(req)
	})
}

// readAll reads the body to its end, as long as each read takes less than half a
// second.
func readAll(req *http.Request, send roundTrip) (*http.Response, error) {
	const limit = time.Second / 2
	ctx, cancel := context.WithCancel(context.WithoutCancel(req.Context()))
	defer cancel()
	timer := time.AfterFunc(limit, cancel)
	defer timer.Stop()
	resp, err := send(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	for err == nil {
		timer.Reset(limit)
		_, err = io.CopyN(&body, resp.Body, 4<<10)
	}
	if err != io.EOF {
		return nil, err
	}
	resp.Body = io.NopCloser(&body)
	return resp, nil
}

// askers are clients that ask responders badly.
func askers() []mutant {
	all := []mutant{
		{name: "asks only by GET", change: over(without(http.MethodPost))},
		{name: "asks only by POST", change: over(without(http.MethodGet))},
		{
			name: "does not escape the path of a GET",
			change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				req = req.Clone(req.Context())
				req.URL.Opaque, _ = url.PathUnescape("//" + req.URL.Host + req.URL.EscapedPath())
				if req.Method == http.MethodPost {
					return nil, errors.New("a mutant asks only by GET")
				}
				return send(req)
			})),
		},
		{
			name: "requires a Content-Length",
			change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				resp, err := send(req)
				if err == nil && resp.ContentLength < 0 {
					resp.Body.Close()
					return nil, errors.New("no Content-Length")
				}
				return resp, err
			})),
		},
		{
			name: "posts without a Content-Type",
			change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				if req.Method == http.MethodGet {
					return nil, errors.New("a mutant asks only by POST")
				}
				req = req.Clone(req.Context())
				req.Header.Del("Content-Type")
				return send(req)
			})),
		},
		{
			name: "has no timeout",
			change: over(sending(func(req *http.Request, send roundTrip) (*http.Response, error) {
				return send(req.WithContext(context.WithoutCancel(req.Context())))
			})),
		},
		{name: "limits the time for each read, and nothing else", change: over(sending(readAll))},
		{
			name: "asks only the first responder",
			change: asking(about(func(cert *x509.Certificate) {
				cert.OCSPServer = cert.OCSPServer[:min(1, len(cert.OCSPServer))]
			})),
		},
		{
			name: "asks only the last responder",
			change: asking(about(func(cert *x509.Certificate) {
				cert.OCSPServer = cert.OCSPServer[max(0, len(cert.OCSPServer)-1):]
			})),
		},
		{name: "reads the lack of a valid response as good", change: asking(goodOn(anyError))},
		{name: "reads HTTP errors as good", change: asking(goodOn(containing("HTTP status")))},
		{
			name:   "reads the lack of a responder as good",
			change: asking(goodOn(func(err error) bool { return err.Error() == "no responder decides" })),
		},
		{
			name:   "reads an unusable URL as good",
			change: asking(goodOn(containing("is not asked", "no Host", "invalid port"))),
		},
		{name: "reads a lost connection as good", change: asking(goodOn(containing("refused", "reset", "EOF")))},
		{name: "reads too large a body as good", change: asking(goodOn(containing("more than")))},
		{name: "reads endless redirects as good", change: asking(goodOn(containing("redirected")))},
		{name: "waits at most 50 ms", change: over(func(c *http.Client) { c.Timeout = 50 * time.Millisecond })},
		{
			name:   "reads a timeout as good",
			change: asking(goodOn(func(err error) bool { return errors.Is(err, context.DeadlineExceeded) })),
		},
		{
			name:     "reads the lack of a valid response as revoked",
			policies: []Policy{softFetch},
			change:   asking(recovering(anyError, fakeca.Response{Status: fakeca.Revoked})),
		},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{onlyFetch}
		}
	}
	return all
}

// A reviewer changes how CRLs are judged.
type reviewer func(crlsFunc) crlsFunc

// reviewing ignores violations of some rules.
func reviewing(rules ...verify.Rule) reviewer {
	return func(judge crlsFunc) crlsFunc {
		return func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
			said, err := judge(o, lists, cert, issuer, at)
			all, ok := errors.AsType[verify.Violations](err)
			if !ok {
				return said, err
			}
			left := slices.DeleteFunc(slices.Clone(all), func(v *verify.Violation) bool { return slices.Contains(rules, v.Rule) })
			switch {
			case len(left) > 0:
				return said, left
			case said.Status == fakeca.Unknown:
				return looseList(lists, cert.SerialNumber), nil
			}
			return said, nil
		}
	}
}

// looseList returns what lists say about a serial number, whatever they cover.
func looseList(lists [][]byte, serial *big.Int) fakeca.Response {
	if hasEntry(lists, func(n *big.Int) bool { return n.Cmp(serial) == 0 }) {
		return fakeca.Response{Status: fakeca.Revoked}
	}
	return fakeca.Response{}
}

// hasEntry reports whether one of the lists has such a serial number.
func hasEntry(lists [][]byte, is func(*big.Int) bool) bool {
	return slices.ContainsFunc(lists, func(der []byte) bool {
		m, err := fakeca.ParseCRLMessage(der)
		return err == nil && slices.ContainsFunc(m.RevokedCertificates, func(e fakeca.RevokedCertificate) bool { return is(e.SerialNumber) })
	})
}

// exceptMalformed are the rules about what a CRL says.
func exceptMalformed() []verify.Rule {
	return slices.DeleteFunc(verify.Rules(), func(r verify.Rule) bool { return r == verify.RuleCRLMalformed })
}

// crlReaders are clients that read CRLs badly.
func crlReaders() []mutant {
	all := []mutant{
		{name: "ignores nextUpdate of a CRL", review: reviewing(verify.RuleCRLExpired, verify.RuleCRLNextUpdate)},
		{name: "ignores thisUpdate of a CRL", review: reviewing(verify.RuleCRLEarly)},
		{
			name: "ignores critical extensions of a CRL",
			review: reviewing(
				verify.RuleCRLCriticalExtension, verify.RuleCRLDelta, verify.RuleCRLPoint, verify.RuleCRLScope, verify.RuleCRLReasons,
			),
		},
		{name: "ignores critical extensions of a CRL's entries", review: reviewing(verify.RuleCRLEntryExtension)},
		{
			name:   "does not verify the signature of a CRL",
			review: reviewing(verify.RuleCRLSignature, verify.RuleCRLSignatureAlgorithm),
		},
		{name: "does not check CRLs at all", review: reviewing(exceptMalformed()...)},
		{name: "reads the lack of a valid CRL as good", change: looking(goodOn(anyError))},
		{name: "reads HTTP errors for a CRL as good", change: looking(goodOn(containing("HTTP status")))},
		{
			name:     "looks only at the first CRL",
			policies: []Policy{listing, softLists},
			change: looking(about(func(cert *x509.Certificate) {
				cert.CRLDistributionPoints = cert.CRLDistributionPoints[:min(1, len(cert.CRLDistributionPoints))]
			})),
		},
		{
			name:     "looks at no CRL",
			policies: []Policy{listing, softList},
			change:   func(r *reference) { r.policy.Sources &^= CRL },
		},
		{
			name:   "reads what a CRL lists as good",
			change: looking(ifSays(fakeca.Revoked, func(resp *fakeca.Response) { resp.Status = fakeca.Good })),
		},
		{
			name: "finds any entry of a CRL that contains the serial number",
			change: looking(func(askFunc) askFunc {
				return func(ctx context.Context, client *http.Client, chain []*x509.Certificate, at time.Time) (fakeca.Response, error) {
					contains := func(n *big.Int) bool { return bytes.Contains(n.Bytes(), chain[0].SerialNumber.Bytes()) }
					judge := func(o verify.Options, lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
						if hasEntry(lists, contains) {
							return fakeca.Response{}, errors.New("a mutant finds the serial number")
						}
						return o.CRLs(lists, cert, issuer, at)
					}
					return askCRLs(ctx, client, chain, at, judge)
				}
			}),
		},
		{
			name: "reads what a CRL lists as on hold as good",
			change: looking(ifSays(fakeca.Revoked, func(resp *fakeca.Response) {
				if resp.Reason == fakeca.CertificateHold {
					resp.Status = fakeca.Good
				}
			})),
		},
	}
	for i := range all {
		if all[i].policies == nil {
			all[i].policies = []Policy{listing}
		}
	}
	return all
}
