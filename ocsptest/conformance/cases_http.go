package conformance

import (
	"net/http"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// httpCases are about responders over HTTP, and about their URLs.
//
// Left out: names that do not resolve, because nothing here uses DNS; requests of
// more than 255 bytes, which RFC 9919 wants sent by POST, because the responder's
// URL would have to be that long; URLs with a user and a password; clients'
// caches; and a responder that the client was configured to ask.
func httpCases() []*scenario {
	out := onlyOCSP(slices.Concat(
		methods(), headers(), statusCodes(), bodies(), connections(), redirects(), urls(), responderLists(),
	))
	return append(out, staleCache())
}

// playing has the responder play a fault at requests about the leaf.
func playing(f fault.Fault) func(*world) { return func(w *world) { w.leafFault(f) } }

func methods() []sourceCase {
	return []sourceCase{
		{
			name:  "http/get-only",
			doc:   "the responder accepts only GET, and responds to POST with status 405",
			ref:   refUsesGET,
			seen:  []string{"snowflakedb/gosnowflake#1337"},
			setup: playing(fault.GETOnly()),
		},
		{
			name:  "http/post-only",
			doc:   "the responder accepts only POST, and responds to GET with status 405",
			ref:   refGETOrPOST,
			setup: playing(fault.POSTOnly()),
		},
		{
			name:  "http/get-fails",
			doc:   "GET fails with status 500, as happens behind caches, and POST works",
			ref:   refGETOrPOST,
			setup: playing(fault.HTTPError(500).OnMethod("GET")),
		},
		{
			name:  "http/unknown-on-get",
			doc:   "the responder says unknown by GET and good by POST; some clients ask again by POST, some do not",
			ref:   refUnknown,
			also:  Disputed,
			setup: playing(fault.UnknownOnGET()),
		},
	}
}

// headers are about what a responder requires of a request.
func headers() []sourceCase {
	requiring := func(name string, code int, holds func(*fault.Exchange) bool) func(*world) {
		return playing(fault.Fault{Name: name, Reply: func(x *fault.Exchange) {
			if !holds(x) {
				x.Refuse(code)
			}
		}})
	}
	return []sourceCase{
		{
			name:  "http/needs-host",
			doc:   "the responder responds with status 400 to requests without a Host header",
			ref:   refHost,
			seen:  []string{"mongodb/mongo-c-driver#655", "openssl/openssl#1986", "letsencrypt/boulder#2717"},
			since: set2026_2,
			setup: requiring("requires a Host", http.StatusBadRequest, func(x *fault.Exchange) bool { return x.R.Host != "" }),
		},
		{
			name:  "http/needs-content-type",
			doc:   "the responder responds with status 415 to POST without the content type application/ocsp-request",
			ref:   refRequestType,
			seen:  []string{"Fedict/eid-mw#109"},
			since: set2026_2,
			setup: requiring("requires a Content-Type", http.StatusUnsupportedMediaType, func(x *fault.Exchange) bool {
				return x.R.Method != http.MethodPost || x.R.Header.Get("Content-Type") == "application/ocsp-request"
			}),
		},
	}
}

func statusCodes() []sourceCase {
	const anHour = ", with Retry-After of an hour, longer than any handshake can wait"
	var out []sourceCase
	for _, c := range []struct {
		code, doc string
		ref       Ref
		fault     fault.Fault
	}{
		{"304", "the responder responds with status 304 to clients that have nothing cached", refStatus304, fault.HTTPError(304)},
		{"400", "the responder responds with status 400", refStatus400, fault.HTTPError(400)},
		{"404", "the responder responds with status 404", refStatus404, fault.HTTPError(404)},
		{"405", "the responder responds with status 405 to every method", refStatus405, fault.HTTPError(405)},
		{"429", "the responder responds with status 429" + anHour, refStatus429, fault.HTTPError(429, time.Hour)},
		{"500", "the responder responds with status 500", refStatus500, fault.HTTPError(500)},
		{"503", "the responder responds with status 503" + anHour, refStatus503, fault.HTTPError(503, time.Hour)},
	} {
		out = append(out, sourceCase{
			name:  "http/status-" + c.code,
			doc:   c.doc,
			ref:   c.ref,
			seen:  []string{"hashicorp/vault#25982"},
			setup: playing(c.fault),
		})
	}
	return out
}

func bodies() []sourceCase {
	return []sourceCase{
		{
			name:  "http/wrong-content-type",
			doc:   "the content type is text/html; some clients check it, most do not",
			ref:   refContentType,
			also:  Disputed,
			setup: playing(fault.ContentType("text/html")),
		},
		{
			name:  "http/no-content-type",
			doc:   "there is no content type; some clients check it, most do not",
			ref:   refContentType,
			also:  Disputed,
			setup: playing(fault.ContentType("")),
		},
		{
			name:  "http/no-content-length",
			doc:   "there is no Content-Length: the body ends with the connection",
			ref:   refUntilClosed,
			setup: playing(fault.NoContentLength()),
		},
		{
			name:  "http/short-content-length",
			doc:   "Content-Length is one byte too small, so the last byte is cut off",
			ref:   refContentLength,
			setup: playing(fault.ShortContentLength()),
		},
		{
			name:  "http/long-content-length",
			doc:   "Content-Length is one byte too large, so the body is incomplete for HTTP; some clients accept it",
			ref:   refIncomplete,
			also:  Disputed,
			setup: playing(fault.LongContentLength()),
		},
		{
			name:  "http/chunked",
			doc:   "the body is sent in chunks",
			ref:   refChunked,
			setup: playing(fault.Chunked()),
		},
		{
			name:  "http/gzip",
			doc:   "the body is compressed, even if the client did not ask for that; some clients cannot decompress it",
			ref:   refContentEncoding,
			also:  Disputed,
			setup: playing(fault.Gzip()),
		},
		{
			name:  "http/too-large",
			doc:   "a megabyte of zeros follows the response",
			ref:   refBody,
			setup: playing(fault.HugeBody(1 << 20)),
		},
		{
			name:  "http/endless",
			doc:   "zeros without an end follow the response; some clients stop reading where the response ends",
			ref:   refBody,
			seen:  []string{"keycloak/keycloak#52063"},
			since: set2026_2,
			also:  Disputed,
			setup: playing(fault.Fault{Name: "endless zeros", Send: sendForever}),
		},
		{
			name:  "http/long",
			doc:   "the response has 200 KB, because it is about two thousand certificates; some clients read less",
			ref:   refNoMoreSingles,
			since: set2026_2,
			also:  Disputed,
			setup: func(w *world) { w.respond(fakeca.Response{Also: manyRevoked(2000)}) },
		},
		{
			name:  "http/empty-body",
			doc:   "the body is empty",
			ref:   refBody,
			setup: playing(fault.EmptyBody()),
		},
		{
			name:  "http/garbage",
			doc:   "the body is not an OCSP response",
			ref:   refBody,
			setup: playing(fault.Body("application/ocsp-response", []byte("garbage"))),
		},
		{
			name:  "http/login-page",
			doc:   "the body is a login page, as from a captive portal",
			ref:   refCaptivePortal,
			setup: playing(fault.Body("text/html", []byte("<!DOCTYPE html><title>Log in</title>"))),
		},
	}
}

// Clients that behave well end the slow ones with their own timeout.
func connections() []sourceCase {
	return []sourceCase{
		{
			name:  "http/slow",
			doc:   "the responder takes a tenth of a second",
			ref:   refTimeout,
			setup: playing(fault.Delay(100 * time.Millisecond)),
		},
		{
			name:  "http/hang",
			doc:   "the responder never responds",
			ref:   refTimeout,
			seen:  []string{"hashicorp/vault#25982", "mongodb/mongo-go-driver#926"},
			setup: playing(fault.Hang()),
		},
		{
			name:  "http/drip",
			doc:   "the body comes at one byte a second, so no read takes long, and the whole takes minutes",
			ref:   refTimeout,
			seen:  []string{"hashicorp/vault#25982"},
			setup: playing(fault.Drip(time.Second)),
		},
		{
			name:  "http/reset",
			doc:   "the connection is reset",
			ref:   refUnreachable,
			seen:  []string{"hashicorp/vault#25982"},
			setup: playing(fault.Reset()),
		},
		{
			name:  "http/reset-midway",
			doc:   "the connection is reset after 20 bytes of the body",
			ref:   refIncomplete,
			seen:  []string{"hashicorp/vault#25982"},
			setup: playing(fault.ResetAfter(20)),
		},
		{
			name:  "http/hangup",
			doc:   "the connection is closed without a response",
			ref:   refUnreachable,
			seen:  []string{"hashicorp/vault#25982"},
			setup: playing(fault.Hangup()),
		},
	}
}

func redirects() []sourceCase {
	return []sourceCase{
		{
			name:  "http/redirect",
			doc:   "the responder redirects once; some clients follow, some do not",
			ref:   refRedirect,
			also:  Disputed,
			setup: playing(fault.Redirect()),
		},
		{
			name:  "http/redirect-loop",
			doc:   "the responder redirects to the same URL",
			ref:   refRedirectLoop,
			setup: playing(fault.RedirectLoop()),
		},
		{
			name: "http/redirect-to-https",
			doc:  "the responder redirects to an HTTPS URL; clients that follow must check another certificate",
			ref:  refHTTPS,
			also: Disputed,
			setup: func(w *world) {
				w.leafFault(fault.RedirectTo(w.addResponder(ocsptest.WithTLS()).URL))
			},
		},
	}
}

// staleCache is about a response that HTTP caches may keep for longer than it is
// valid.
func staleCache() *scenario {
	return &scenario{
		name:       "http/stale-cache-headers",
		doc:        "the certificate is revoked after nextUpdate, but HTTP headers allow caching the old response for a year",
		ref:        refCached,
		needsClock: true,
		sources:    OCSP,
		setup:      playing(fault.StaleCacheHeaders()),
		second:     revokeLater,
	}
}
