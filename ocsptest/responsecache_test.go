package ocsptest_test

import (
	"crypto"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A response is signed again when it would say something else, or when half of
// its life is over.
func TestResponsesAreCached(t *testing.T) {
	t.Parallel()
	clock, key := labtest.NewClock(), &countingKey{Signer: fakeca.New().Key}
	ca := fakeca.New(clock.Option(), fakeca.WithKey(key))
	other := fakeca.New(clock.Option())
	r := ocsptest.NewUnstartedResponder(ca)
	r.Add(other)
	leaf, neighbour := ca.Leaf(), ca.Leaf()
	plain := labtest.RequestFor(leaf).Marshal()
	withNonce := labtest.WithNonce(labtest.RequestFor(leaf), []byte("nonce")).Marshal()
	both := join(labtest.RequestFor(leaf), labtest.RequestFor(neighbour)).Marshal()
	post := func(der []byte) func() labtest.Reply {
		return func() labtest.Reply { return labtest.InProcess(r, labtest.PostRequest(der)) }
	}
	after := func(d time.Duration) func() labtest.Reply {
		return func() labtest.Reply {
			clock.Now = clock.Now.Add(d)
			return post(plain)()
		}
	}
	onRecord := func(said fakeca.Response) func() labtest.Reply {
		return func() labtest.Reply {
			ca.Set(leaf.Cert.SerialNumber, said)
			return post(plain)()
		}
	}
	start := clock.Now
	steps := []struct {
		name string
		ask  func() labtest.Reply
		want int32 // signatures
		says string
	}{
		{"first", post(plain), 1, "good"},
		{"again", post(plain), 0, "good"},
		{"by GET", func() labtest.Reply {
			return labtest.InProcess(r, httptest.NewRequest("GET", labtest.GetPath(plain), nil))
		}, 0, "good"},
		{"with a nonce", post(withNonce), 1, "good"},
		{"with the same nonce", post(withNonce), 1, "good"},
		{"in another hash", post(labtest.RequestWithHash(leaf, crypto.SHA256).Marshal()), 1, "good"},
		{"about both", post(both), 1, "good"},
		{"about both again", post(both), 0, "good"},
		{"one second before half its life", after(11*time.Hour - time.Second), 0, "good"},
		{"half its life", after(time.Second), 1, "good"},
		{"just after", after(time.Second), 0, "good"},
		{"a clock that went back", after(-2 * time.Second), 1, "good"},
		{"after another CA's revocation", func() labtest.Reply {
			other.Revoke(big.NewInt(1), fakeca.KeyCompromise)
			return post(plain)()
		}, 0, "good"},
		{"revoked", func() labtest.Reply {
			leaf.Revoke(fakeca.KeyCompromise)
			return post(plain)()
		}, 1, "revoked (key_compromise)"},
		{"revoked, with a neighbour", post(both), 1, "revoked (key_compromise)"},
		{"without nextUpdate", onRecord(fakeca.Response{Forever: true}), 1, "good"},
		{"without nextUpdate, within the hour", after(time.Hour - time.Second), 0, "good"},
		{"without nextUpdate, after an hour", after(time.Second), 1, "good"},
		{"stale", onRecord(fakeca.Response{ThisUpdate: start.Add(-time.Hour), NextUpdate: start}), 1, "good"},
		{"stale again", post(plain), 1, "good"},
		{"an error", onRecord(fakeca.Response{Error: ocsp.TryLater}), 0, "server_failed (try later)"},
		{"good again", onRecord(fakeca.Response{}), 1, "good"},
		{"good again, cached", post(plain), 0, "good"},
	}
	for _, step := range steps {
		before := key.signed.Load()
		got := labtest.Status(step.ask().Body)
		if made := key.signed.Load() - before; got != step.says || made != step.want {
			t.Errorf("%s: %s, %d signatures, want %s, %d", step.name, got, made, step.says, step.want)
		}
	}
}

// Responses with a fault do not come from the cache, and do not go into it.
func TestFaultsAreNotCached(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	leaf := ca.Leaf()
	for i, want := range []string{"good", "unknown", "good", "server_failed (try later)", "good"} {
		switch i {
		case 1:
			r.SetFault(fault.Respond(fakeca.Response{Status: fakeca.Unknown}))
		case 3:
			r.SetFault(fault.Respond(fakeca.Response{Error: ocsp.TryLater}))
		default:
			r.SetFault(fault.None())
		}
		if got := ask(r, leaf); got != want {
			t.Errorf("%d: %s, want %s", i, got, want)
		}
	}
}

// The headers of RFC 5019 section 6.2 follow the CA's clock.
func TestResponsesHaveCacheHeaders(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	r := ocsptest.NewResponder(t, ca)
	leaf := ca.Leaf()
	fresh := http.Header{
		"Cache-Control": {"max-age=82800, public, no-transform, must-revalidate"},
		"Expires":       {"Thu, 03 Jan 2030 02:04:05 GMT"},
		"Last-Modified": {"Wed, 02 Jan 2030 02:04:05 GMT"},
	}
	uncached := http.Header{"Cache-Control": {"no-store"}}
	tests := []struct {
		name   string
		der    []byte
		record fakeca.Response
		want   http.Header // and Content-Type, Content-Length, Date
	}{
		{"fresh", labtest.RequestFor(leaf).Marshal(), fakeca.Response{}, fresh},
		{"revoked", labtest.RequestFor(leaf).Marshal(), fakeca.Response{Status: fakeca.Revoked}, fresh},
		{"without nextUpdate", labtest.RequestFor(leaf).Marshal(), fakeca.Response{Forever: true}, http.Header{
			"Cache-Control": {"max-age=3600, public, no-transform, must-revalidate"},
			"Last-Modified": {"Wed, 02 Jan 2030 02:04:05 GMT"},
		}},
		{"expired", labtest.RequestFor(leaf).Marshal(), fakeca.Response{NextUpdate: clock.Now.Add(-time.Minute)}, http.Header{
			"Cache-Control": {"max-age=0, public, no-transform, must-revalidate"},
			"Expires":       {"Wed, 02 Jan 2030 03:03:05 GMT"},
			"Last-Modified": {"Wed, 02 Jan 2030 02:04:05 GMT"},
		}},
		{"with a nonce", labtest.WithNonce(labtest.RequestFor(leaf), []byte("nonce")).Marshal(), fakeca.Response{}, uncached},
		{"malformed", []byte("x"), fakeca.Response{}, uncached},
		{"unauthorized", labtest.Request(fakeca.New(), 1).Marshal(), fakeca.Response{}, uncached},
		{"try later", labtest.RequestFor(leaf).Marshal(), fakeca.Response{Error: ocsp.TryLater}, uncached},
	}
	for _, test := range tests { // in this order, because they share a record
		ca.Set(leaf.Cert.SerialNumber, test.record)
		for _, way := range ways {
			got := way.ask(t, r, test.der)
			etag := got.Header.Get("Etag")
			got.Header.Del("Etag")
			want := test.want.Clone()
			want.Set("Content-Type", "application/ocsp-response")
			want.Set("Content-Length", big.NewInt(int64(len(got.Body))).String())
			want.Set("Date", "Wed, 02 Jan 2030 03:04:05 GMT")
			if strings.HasSuffix(way.name, "POST") || way.name == "GET" {
				want.Set("Connection", "close") // as the client asked
				got.Header.Set("Connection", "close")
			}
			if diff := cmp.Diff(want, got.Header); diff != "" {
				t.Errorf("%s by %s (-want +got):\n%s", test.name, way.name, diff)
			}
			if cached := test.want.Get("Cache-Control") != "no-store"; (etag != "") != cached {
				t.Errorf("%s by %s: ETag %q", test.name, way.name, etag)
			}
		}
	}
}

func TestIfNoneMatch(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	leaf := ca.Leaf()
	der := labtest.RequestFor(leaf).Marshal()
	etag := labtest.InProcess(r, labtest.PostRequest(der)).Header.Get("Etag")
	if len(etag) < 10 || etag[0] != '"' || etag[len(etag)-1] != '"' {
		t.Fatalf("ETag %s", etag)
	}
	tests := []struct {
		name   string
		method string
		der    []byte
		tags   []string
		want   int
	}{
		{"none", "GET", der, nil, 200},
		{"the same", "GET", der, []string{etag}, 304},
		{"weak", "GET", der, []string{"W/" + etag}, 304},
		{"any", "GET", der, []string{"*"}, 304},
		{"in a list", "GET", der, []string{`"a", W/"b" ,` + etag}, 304},
		{"in a second line", "GET", der, []string{`"a"`, etag}, 304},
		{"another", "GET", der, []string{`"a"`}, 200},
		{"without quotes", "GET", der, []string{strings.Trim(etag, `"`)}, 200},
		{"empty", "GET", der, []string{""}, 200},
		{"by POST", "POST", der, []string{"*"}, 200},
		{"of a response that is not cached", "GET", labtest.WithNonce(labtest.RequestFor(leaf), []byte("n")).Marshal(), []string{"*"}, 200},
		{"of an error", "GET", []byte("x"), []string{"*"}, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req := labtest.Must(http.NewRequest(test.method, r.URL+labtest.GetPath(test.der), nil))
			if test.method == "POST" {
				req = labtest.Must(http.NewRequest(test.method, r.URL, strings.NewReader(string(test.der))))
			}
			req.Header["If-None-Match"] = test.tags
			got := send(t, r, req)
			if got.Code != test.want {
				t.Fatalf("%d, want %d", got.Code, test.want)
			}
			if got.Code == 304 {
				if len(got.Body) != 0 || got.Header.Get("Etag") != etag || got.Header.Get("Expires") == "" || got.Header.Get("Cache-Control") == "" ||
					got.Header["Content-Type"] != nil || got.Header["Content-Length"] != nil {
					t.Errorf("%d bytes, %v", len(got.Body), got.Header)
				}
			}
		})
	}
}

func TestIfNoneMatchAfterAChange(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	leaf := ca.Leaf()
	get := func(tag string) labtest.Reply {
		req := httptest.NewRequest("GET", labtest.GetPath(labtest.RequestFor(leaf).Marshal()), nil)
		req.Header.Set("If-None-Match", tag)
		return labtest.InProcess(r, req)
	}
	before := get("").Header.Get("Etag")
	if got := get(before); got.Code != 304 {
		t.Errorf("%d before", got.Code)
	}
	leaf.Revoke(fakeca.KeyCompromise)
	if got := get(before); got.Code != 200 || labtest.Status(got.Body) != "revoked (key_compromise)" || got.Header.Get("Etag") == before {
		t.Errorf("%d, %s, %v after", got.Code, labtest.Status(got.Body), got.Header)
	}
}
