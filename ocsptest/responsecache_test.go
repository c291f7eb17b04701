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
)

// A response is signed again when it would say something else, or half of its
// life is over.
func TestResponsesAreCached(t *testing.T) {
	t.Parallel()
	clock, key := newHandClock(), &countingKey{Signer: fakeca.New().Key}
	ca := fakeca.New(clock.option(), fakeca.WithKey(key))
	other := fakeca.New(clock.option())
	r := ocsptest.NewUnstartedResponder(ca)
	r.Add(other)
	leaf, neighbour := ca.Leaf(), ca.Leaf()
	plain := about(leaf).Marshal()
	post := func(der []byte) func() reply {
		return func() reply { return inProcess(r, postRequest(der)) }
	}
	after := func(d time.Duration) func() reply {
		return func() reply {
			clock.now = clock.now.Add(d)
			return post(plain)()
		}
	}
	onRecord := func(said fakeca.Response) func() reply {
		return func() reply {
			ca.Set(leaf.Cert.SerialNumber, said)
			return post(plain)()
		}
	}
	start := clock.now
	steps := []struct {
		name string
		ask  func() reply
		want int32 // signatures
		says string
	}{
		{"first", post(plain), 1, "good"},
		{"again", post(plain), 0, "good"},
		{"by GET", func() reply { return inProcess(r, httptest.NewRequest("GET", getPath(plain), nil)) }, 0, "good"},
		{"with a nonce", post(withNonce(about(leaf), []byte("nonce")).Marshal()), 1, "good"},
		{"with the same nonce", post(withNonce(about(leaf), []byte("nonce")).Marshal()), 1, "good"},
		{"in another hash", post((&fakeca.Request{List: []fakeca.SingleRequest{{CertID: fakeca.NewCertID(leaf.Cert.SerialNumber, ca.Cert, crypto.SHA256)}}}).Marshal()), 1, "good"},
		{"about both", post(join(about(leaf), about(neighbour)).Marshal()), 1, "good"},
		{"about both again", post(join(about(leaf), about(neighbour)).Marshal()), 0, "good"},
		{"one second before half its life", after(11*time.Hour - time.Second), 0, "good"},
		{"half its life", after(time.Second), 1, "good"},
		{"just after", after(time.Second), 0, "good"},
		{"a clock that went back", after(-2 * time.Second), 1, "good"},
		{"after another CA's revocation", func() reply {
			other.Revoke(big.NewInt(1), fakeca.KeyCompromise)
			return post(plain)()
		}, 0, "good"},
		{"revoked", func() reply {
			leaf.Revoke(fakeca.KeyCompromise)
			return post(plain)()
		}, 1, "revoked (key_compromise)"},
		{"revoked, with a neighbour", post(join(about(leaf), about(neighbour)).Marshal()), 1, "revoked (key_compromise)"},
		{"without nextUpdate", onRecord(fakeca.Response{Forever: true}), 1, "good"},
		{"without nextUpdate, within the hour", after(time.Hour - time.Second), 0, "good"},
		{"without nextUpdate, after an hour", after(time.Second), 1, "good"},
		{"stale", onRecord(fakeca.Response{ThisUpdate: start.Add(-time.Hour), NextUpdate: start}), 1, "good"},
		{"stale again", post(plain), 1, "good"},
		{"an error", onRecord(fakeca.Response{Error: ocsp.TryLater}), 0, "server_failed (try later)"},
		{"good again", onRecord(fakeca.Response{}), 1, "good"},
		{"good again, kept", post(plain), 0, "good"},
	}
	for _, step := range steps {
		before := key.signed.Load()
		got := status(step.ask().body)
		if made := key.signed.Load() - before; got != step.says || made != step.want {
			t.Errorf("%s: %s, %d signatures, want %s, %d", step.name, got, made, step.says, step.want)
		}
	}
}

// Faults that lie about the status neither come from what is kept nor go there.
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

// RFC 5019 section 6.2, on the CA's clock.
func TestResponsesHaveCacheHeaders(t *testing.T) {
	t.Parallel()
	clock := newHandClock()
	ca := fakeca.New(clock.option())
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
		{"fresh", about(leaf).Marshal(), fakeca.Response{}, fresh},
		{"revoked", about(leaf).Marshal(), fakeca.Response{Status: fakeca.Revoked}, fresh},
		{"without nextUpdate", about(leaf).Marshal(), fakeca.Response{Forever: true}, http.Header{
			"Cache-Control": {"max-age=3600, public, no-transform, must-revalidate"},
			"Last-Modified": {"Wed, 02 Jan 2030 02:04:05 GMT"},
		}},
		{"expired", about(leaf).Marshal(), fakeca.Response{NextUpdate: clock.now.Add(-time.Minute)}, http.Header{
			"Cache-Control": {"max-age=0, public, no-transform, must-revalidate"},
			"Expires":       {"Wed, 02 Jan 2030 03:03:05 GMT"},
			"Last-Modified": {"Wed, 02 Jan 2030 02:04:05 GMT"},
		}},
		{"with a nonce", withNonce(about(leaf), []byte("nonce")).Marshal(), fakeca.Response{}, uncached},
		{"malformed", []byte("x"), fakeca.Response{}, uncached},
		{"unauthorized", asks(fakeca.New(), 1).Marshal(), fakeca.Response{}, uncached},
		{"try later", about(leaf).Marshal(), fakeca.Response{Error: ocsp.TryLater}, uncached},
	}
	for _, test := range tests { // in this order, for they share a record
		ca.Set(leaf.Cert.SerialNumber, test.record)
		for _, way := range ways {
			got := way.ask(t, r, test.der)
			etag := got.header.Get("Etag")
			got.header.Del("Etag")
			want := test.want.Clone()
			want.Set("Content-Type", "application/ocsp-response")
			want.Set("Content-Length", big.NewInt(int64(len(got.body))).String())
			want.Set("Date", "Wed, 02 Jan 2030 03:04:05 GMT")
			if strings.HasSuffix(way.name, "POST") || way.name == "GET" {
				want.Set("Connection", "close") // as the client asked
				got.header.Set("Connection", "close")
			}
			if diff := cmp.Diff(want, got.header); diff != "" {
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
	der := about(leaf).Marshal()
	etag := inProcess(r, postRequest(der)).header.Get("Etag")
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
		{"it", "GET", der, []string{etag}, 304},
		{"weak", "GET", der, []string{"W/" + etag}, 304},
		{"any", "GET", der, []string{"*"}, 304},
		{"in a list", "GET", der, []string{`"a", W/"b" ,` + etag}, 304},
		{"in a second line", "GET", der, []string{`"a"`, etag}, 304},
		{"another", "GET", der, []string{`"a"`}, 200},
		{"without quotes", "GET", der, []string{strings.Trim(etag, `"`)}, 200},
		{"empty", "GET", der, []string{""}, 200},
		{"by POST", "POST", der, []string{"*"}, 200},
		{"of what is not to be cached", "GET", withNonce(about(leaf), []byte("n")).Marshal(), []string{"*"}, 200},
		{"of an error", "GET", []byte("x"), []string{"*"}, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req := must(http.NewRequest(test.method, r.URL+getPath(test.der), nil))
			if test.method == "POST" {
				req = must(http.NewRequest(test.method, r.URL, strings.NewReader(string(test.der))))
			}
			req.Header["If-None-Match"] = test.tags
			got := send(t, r, req)
			if got.code != test.want {
				t.Fatalf("%d, want %d", got.code, test.want)
			}
			if got.code == 304 {
				if len(got.body) != 0 || got.header.Get("Etag") != etag || got.header.Get("Expires") == "" || got.header.Get("Cache-Control") == "" ||
					got.header["Content-Type"] != nil || got.header["Content-Length"] != nil {
					t.Errorf("%d bytes, %v", len(got.body), got.header)
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
	get := func(tag string) reply {
		req := httptest.NewRequest("GET", getPath(about(leaf).Marshal()), nil)
		req.Header.Set("If-None-Match", tag)
		return inProcess(r, req)
	}
	before := get("").header.Get("Etag")
	if got := get(before); got.code != 304 {
		t.Errorf("%d before", got.code)
	}
	leaf.Revoke(fakeca.KeyCompromise)
	if got := get(before); got.code != 200 || status(got.body) != "revoked (key_compromise)" || got.header.Get("Etag") == before {
		t.Errorf("%d, %s, %v after", got.code, status(got.body), got.header)
	}
}
