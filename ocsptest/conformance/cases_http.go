package conformance

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// httpCases are about how a responder behaves on HTTP and below. Nothing is
// stapled in them.
//
// Left out are a name that does not resolve, for there is no DNS in the lab; a
// request above 255 bytes, which RFC 5019 wants sent by POST, for a responder's
// URL would have to be that long; URLs with a user and a password; caches, which
// a client may have or not; and a responder that the client was told to ask,
// which is a setting of the client.
func httpCases() []*scenario {
	return slices.Concat(misbehaving(slices.Concat(methods(), statusCodes(), bodies(), connections(), redirects())), urls(), responderLists(), []*scenario{staleCache()})
}

// A faultCase is a fault of the responder, at requests about the leaf.
type faultCase struct {
	name, doc, ref string
	seen           []string
	news           news
	fault          func(*world) fault.Fault
}

func misbehaving(cases []faultCase) []*scenario {
	var out []*scenario
	for _, c := range cases {
		out = append(out, &scenario{
			name: "http/" + c.name, doc: c.doc, ref: c.ref, seen: c.seen,
			staple: silent, fetched: c.news,
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(c.fault(w))
			},
		})
	}
	return out
}

// plays is a fault that is the same in every world.
func plays(f fault.Fault) func(*world) fault.Fault { return func(*world) fault.Fault { return f } }

func methods() []faultCase {
	return []faultCase{
		{
			name: "get-only", doc: "the responder takes GET alone, and answers POST with 405", ref: "RFC 6960 A.1",
			seen: []string{"snowflakedb/gosnowflake#1337"}, fault: plays(fault.GETOnly()),
		},
		{name: "post-only", doc: "the responder takes POST alone, and answers GET with 405", ref: "RFC 6960 A.1", fault: plays(fault.POSTOnly())},
		{
			name: "get-fails", doc: "GET fails with 500, as it does now and then behind caches, and POST works", ref: "RFC 6960 A.1",
			fault: plays(fault.HTTPError(500).OnMethod("GET")),
		},
		{
			name: "unknown-on-get", doc: "the responder says unknown by GET and good by POST; some clients ask again, others take it at its word", ref: "RFC 6960 2.2",
			news: dubious, fault: plays(fault.UnknownOnGET()),
		},
	}
}

func statusCodes() []faultCase {
	var out []faultCase
	for _, c := range []struct {
		name, doc, ref string
		fault          fault.Fault
	}{
		{"304", "the responder answers 304 to a client that has nothing cached", "RFC 9110 15.4.5", fault.HTTPError(304)},
		{"400", "the responder answers 400", "RFC 9110 15.5.1", fault.HTTPError(400)},
		{"404", "the responder answers 404", "RFC 9110 15.5.5", fault.HTTPError(404)},
		{"405", "the responder answers 405 to every method", "RFC 9110 15.5.6", fault.HTTPError(405)},
		{"429", "the responder answers 429 and asks to come back in an hour, which no handshake can wait for", "RFC 6585 4", fault.HTTPError(429, time.Hour)},
		{"500", "the responder answers 500", "RFC 9110 15.6.1", fault.HTTPError(500)},
		{"503", "the responder answers 503 and asks to come back in an hour, which no handshake can wait for", "RFC 9110 10.2.3", fault.HTTPError(503, time.Hour)},
	} {
		out = append(out, faultCase{
			name: "status-" + c.name, doc: c.doc, ref: c.ref, news: useless,
			seen: []string{"hashicorp/vault#25982"}, fault: plays(c.fault),
		})
	}
	return out
}

func bodies() []faultCase {
	return []faultCase{
		{name: "wrong-content-type", doc: "the answer is sent as text/html; some clients look, most do not", ref: "RFC 6960 A.2", news: dubious, fault: plays(fault.ContentType("text/html"))},
		{name: "no-content-type", doc: "the answer is sent without a content type; some clients look, most do not", ref: "RFC 6960 A.2", news: dubious, fault: plays(fault.ContentType(""))},
		{name: "no-content-length", doc: "the answer ends with the connection", ref: "RFC 9112 6.3", fault: plays(fault.NoContentLength())},
		{name: "short-content-length", doc: "Content-Length is one byte too small, so that the answer lacks its last", ref: "RFC 9112 6.3", news: useless, fault: plays(fault.ShortContentLength())},
		{name: "long-content-length", doc: "Content-Length is one byte too large; the answer is all there, and incomplete by HTTP, which not all clients mind", ref: "RFC 9112 8", news: dubious, fault: plays(fault.LongContentLength())},
		{name: "chunked", doc: "the answer comes in chunks", ref: "RFC 9112 7.1", fault: plays(fault.Chunked())},
		{name: "gzip", doc: "the answer is compressed, whether the client asked for that or not; not all can undo it", ref: "RFC 9110 8.4", news: dubious, fault: plays(fault.Gzip())},
		{name: "too-large", doc: "the answer is followed by a megabyte of zeros", ref: "RFC 6960 4.2.1", news: useless, fault: plays(fault.HugeBody(1 << 20))},
		{name: "empty-body", doc: "the body is empty", ref: "RFC 6960 4.2.1", news: useless, fault: plays(fault.EmptyBody())},
		{name: "garbage", doc: "the body is not an OCSP response", ref: "RFC 6960 4.2.1", news: useless, fault: plays(fault.Body("application/ocsp-response", []byte("garbage")))},
		{name: "login-page", doc: "somebody in between answers with a page to log in", ref: "RFC 6585 6", news: useless, fault: plays(fault.Body("text/html", []byte("<!DOCTYPE html><title>Log in</title>")))},
	}
}

// What takes time takes the client's timeout, if it does as it should.
func connections() []faultCase {
	down := []string{"hashicorp/vault#25982"}
	return []faultCase{
		{name: "slow", doc: "the responder takes a tenth of a second", ref: "RFC 6960 5", fault: plays(fault.Delay(100 * time.Millisecond))},
		{name: "hang", doc: "the responder never answers", ref: "RFC 6960 5", news: useless, seen: down, fault: plays(fault.Hang())},
		{name: "drip", doc: "the answer comes at one byte a second, so that no read takes long and all of it takes minutes", ref: "RFC 6960 5", news: useless, seen: down, fault: plays(fault.Drip(time.Second))},
		{name: "reset", doc: "the connection is reset", ref: "RFC 6960 5", news: useless, seen: down, fault: plays(fault.Reset())},
		{name: "reset-midway", doc: "the connection is reset after 20 bytes of the answer", ref: "RFC 9112 8", news: useless, seen: down, fault: plays(fault.ResetAfter(20))},
		{name: "hangup", doc: "the connection is closed without an answer", ref: "RFC 6960 5", news: useless, seen: down, fault: plays(fault.Hangup())},
	}
}

func redirects() []faultCase {
	return []faultCase{
		{name: "redirect", doc: "the responder redirects once; some clients follow, others do not", ref: "RFC 9110 15.4.8", news: dubious, fault: plays(fault.Redirect())},
		{name: "redirect-loop", doc: "the responder redirects to where the client is", ref: "RFC 9110 15.4", news: useless, fault: plays(fault.RedirectLoop())},
		{
			name: "redirect-to-https", doc: "the responder redirects to one that speaks HTTPS; clients that follow have another certificate to check", ref: "RFC 5280 8", news: dubious,
			fault: func(w *world) fault.Fault { return fault.RedirectTo(w.anotherResponder(ocsptest.WithTLS()).URL) },
		},
	}
}

// A urlCase is about the responders that the certificate names.
type urlCase struct {
	name, doc, ref string
	seen           []string
	news           news
	named          func(*world) []string
}

func naming(cases []urlCase) []*scenario {
	var out []*scenario
	for _, c := range cases {
		out = append(out, &scenario{
			name: "http/" + c.name, doc: c.doc, ref: c.ref, seen: c.seen,
			staple: silent, fetched: c.news,
			template: func(w *world) { w.tmpl.OCSPServer = c.named(w) },
			setup:    func(w *world) { w.noStaple() },
		})
	}
	return out
}

// urls are about the form of a URL, and what it makes of a request. Ports are 0
// where no client is to get anywhere.
func urls() []*scenario {
	const ref = "RFC 5280 4.2.2.1"
	only := func(url string) func(*world) []string { return func(*world) []string { return []string{url} } }
	return naming([]urlCase{
		{
			name: "escaping", doc: `a GET has "//", "+" and "=" in its base64, and the responder refuses them unless they are escaped`, ref: "RFC 6960 A.1",
			seen: []string{"nats-io/nats-server#7183", "hashicorp/vault#18938", "cloudflare/cfssl#993", "letsencrypt/boulder#884"},
			named: func(w *world) []string {
				w.tmpl.SerialNumber = awkwardSerial(w.ca.Cert)
				return []string{w.anotherResponder(ocsptest.WithStrict()).URL}
			},
		},
		{
			name: "url-ends-in-slash", doc: "the responder's URL ends in a slash", ref: "RFC 6960 A.1",
			named: func(w *world) []string { return []string{w.responder.URL + "/"} },
		},
		{
			name: "url-upper-case", doc: "the scheme of the responder's URL is not in lower case", ref: "RFC 3986 3.1",
			named: func(w *world) []string { return []string{strings.Replace(w.responder.URL, "http", "hTTp", 1)} },
		},
		{
			name: "url-https", doc: "the responder speaks HTTPS, which leads clients that check its certificate in circles, so that not all ask", ref: "RFC 5280 8", news: dubious,
			named: func(w *world) []string { return []string{w.anotherResponder(ocsptest.WithTLS()).URL} },
		},
		{name: "url-ftp", doc: "the responder's URL is one of FTP", ref: ref, news: useless, named: only("ftp://127.0.0.1:0/ocsp")},
		{name: "url-unknown-scheme", doc: "the responder's URL has a scheme that does not exist", ref: ref, news: useless, named: only("ttp://127.0.0.1:0/ocsp")},
		{name: "url-without-scheme", doc: "the responder's URL has no scheme", ref: ref, news: useless, named: only("127.0.0.1:0/ocsp")},
		{name: "url-empty", doc: "the responder's URL is empty", ref: ref, news: useless, named: only("")},
		{name: "url-without-host", doc: "the responder's URL has no host", ref: ref, news: useless, named: only("http:///ocsp")},
		{name: "url-negative-port", doc: "the responder's URL has a negative port", ref: ref, news: useless, named: only("http://127.0.0.1:-1/ocsp")},
		{
			name: "odd-urls-first", doc: "the certificate names four URLs that lead nowhere, and then the responder", ref: ref,
			named: func(w *world) []string {
				return []string{"", "ftp://127.0.0.1:0/ocsp", "http:///ocsp", "http://127.0.0.1:-1/ocsp", w.responder.URL}
			},
		},
	})
}

// responderLists are about more than one responder, and about none that lives.
func responderLists() []*scenario {
	const ref = "RFC 5280 4.2.2.1"
	seen := []string{"hashicorp/vault#26091", "mongo-go-driver GODRIVER-2395"}
	revokes := fault.Respond(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise})
	unsure := fault.Respond(fakeca.Response{Status: fakeca.Unknown})
	later := fault.Respond(fakeca.Response{Error: ocsp.TryLater})
	return naming([]urlCase{
		{
			name: "refused", doc: "nothing listens at the responder's URL", ref: "RFC 6960 5", news: useless, seen: []string{"hashicorp/vault#25982"},
			named: func(w *world) []string { return []string{w.deadResponder()} },
		},
		{
			name: "first-dead", doc: "of two responders, the first is dead and the second says good", ref: ref, seen: seen,
			named: func(w *world) []string { return []string{w.deadResponder(), w.responder.URL} },
		},
		{
			name: "first-hangs", doc: "of two responders, the first never answers and the second says good", ref: ref, seen: seen,
			named: func(w *world) []string { return []string{w.faulty(fault.Hang()), w.responder.URL} },
		},
		{
			name: "first-fails", doc: "of two responders, the first says tryLater and the second good", ref: ref, seen: seen,
			named: func(w *world) []string { return []string{w.faulty(later), w.responder.URL} },
		},
		{
			name: "first-unknown", doc: "of two responders, the first does not know the certificate and the second says good; not all clients ask the second", ref: ref, news: dubious, seen: seen,
			named: func(w *world) []string { return []string{w.faulty(unsure), w.responder.URL} },
		},
		{
			name: "second-dead", doc: "of two responders, the first says good and the second is dead", ref: ref, seen: seen,
			named: func(w *world) []string { return []string{w.responder.URL, w.deadResponder()} },
		},
		{
			name: "second-fails", doc: "of two responders, the first says good and the second tryLater", ref: ref, seen: seen,
			named: func(w *world) []string { return []string{w.responder.URL, w.faulty(later)} },
		},
		{
			name: "second-revoked", doc: "of two responders, the first says tryLater and the second revoked", ref: ref, news: revoked, seen: seen,
			named: func(w *world) []string { return []string{w.faulty(later), w.faulty(revokes)} },
		},
		{
			name: "responders-disagree", doc: "of two responders, the first says good and the second revoked; some clients ask both", ref: ref, news: dubious, seen: seen,
			named: func(w *world) []string { return []string{w.responder.URL, w.faulty(revokes)} },
		},
		{
			name: "all-hang", doc: "the certificate names eight URLs, none of which ever answers: the time has to be limited in all, and not for each alone", ref: "RFC 6960 5", news: useless, seen: []string{"hashicorp/vault#25982"},
			named: func(w *world) []string {
				hung := w.faulty(fault.Hang())
				var all []string
				for _, path := range []string{"/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"} {
					all = append(all, hung+path)
				}
				return all
			},
		},
	})
}

// staleCache says good at first, with headers that let caches keep that for
// longer than it holds.
func staleCache() *scenario {
	return &scenario{
		name: "http/stale-cache-headers", doc: "HTTP lets caches keep the answer for a year, nextUpdate has passed, and the certificate is revoked since", ref: "RFC 5019 6.2",
		staple: silent, fetched: revoked, listed: revoked, untimely: true,
		first: firstSays(silent, good, good),
		setup: func(w *world) {
			w.noStaple()
			w.aboutLeaf(fault.StaleCacheHeaders())
		},
		then: revokeLater,
	}
}

// revokeLater revokes the leaf when all that was said of it has expired.
func revokeLater(w *world) {
	w.clock.putForward(2 * day)
	w.leaf.Revoke(fakeca.KeyCompromise)
}

// awkwardSerial is a serial number with which requests, by SHA-1 and by SHA-256,
// have "//" and "+" in their base64.
func awkwardSerial(issuer *x509.Certificate) *big.Int {
	for {
		// Five bytes of ones make four slashes wherever they begin.
		serial := append([]byte{0x55, 0xff, 0xff, 0xff, 0xff, 0xff}, make([]byte, 10)...)
		for i := range serial[6:] {
			serial[6+i] = byte(rand.Uint32())
		}
		n := new(big.Int).SetBytes(serial)
		bySHA1 := fakeca.NewRequest(n, issuer)
		bySHA256 := fakeca.NewRequest(n, issuer)
		bySHA256.List[0].CertID = fakeca.NewCertID(n, issuer, crypto.SHA256)
		if awkward(bySHA1) && awkward(bySHA256) {
			return n
		}
	}
}

func awkward(r *fakeca.Request) bool {
	text := base64.StdEncoding.EncodeToString(r.Marshal())
	return strings.Contains(text, "//") && strings.Contains(text, "+")
}
