package ocsptest_test

import (
	"crypto"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestStaple(t *testing.T) {
	t.Parallel()
	raw := []byte("not an OCSP response at all")
	tests := []struct {
		name string
		opts []ocsptest.Option
		want string
	}{
		{"record", nil, "good"},
		{"good", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{})}, "good"},
		{"revoked", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise})},
			"revoked (key_compromise)"},
		{"unknown", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown})}, "unknown"},
		{"try later", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Error: ocsp.TryLater})}, "server_failed (try later)"},
		{"raw", []ocsptest.Option{ocsptest.WithRawStaple(raw)}, "fakeca: OCSP response: found tag 0x6e, expected 0x30"},
		{"raw, none", []ocsptest.Option{ocsptest.WithRawStaple(nil)}, "none"},
		{"raw, empty", []ocsptest.Option{ocsptest.WithRawStaple([]byte{})}, "none"},
		{"none", []ocsptest.Option{ocsptest.WithoutStaple()}, "none"},
	}
	for _, test := range tests {
		for _, version := range labtest.Versions {
			t.Run(test.name+"/"+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				srv := ocsptest.NewServer(t, test.opts...)
				der := labtest.Stapled(t, srv, version)
				if got := labtest.Status(der); got != test.want {
					t.Errorf("the client got %s, want %s", got, test.want)
				}
				want := []ocsptest.Handshake{{ServerName: "localhost", StatusRequest: true, Staple: der, Version: version}}
				got := srv.Handshakes()
				for i := range got {
					got[i].Time = time.Time{}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("recorded (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestStapleChanges(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	serial := srv.Leaf.Cert.SerialNumber
	steps := []struct {
		name   string
		change func()
		want   string
	}{
		{"at first", func() {}, "good"},
		{"revoked on record", func() { srv.Leaf.Revoke(fakeca.Superseded) }, "revoked (superseded)"},
		{"another record", func() { srv.CA.Set(serial, fakeca.Response{Status: fakeca.Unknown}) }, "unknown"},
		{"override", func() { srv.SetStaple(fakeca.Response{Error: ocsp.Unauthorized}) }, "server_failed (unauthorized)"},
		{"record, overridden", func() { srv.Leaf.Revoke(fakeca.KeyCompromise) }, "server_failed (unauthorized)"},
		{"override from record", func() { srv.SetStaple(srv.CA.Lookup(serial)) }, "revoked (key_compromise)"},
		{"raw", func() { srv.SetRawStaple([]byte{0x30, 0x03, 0x0a, 0x01, 0x01}) }, "server_failed (malformed)"},
		{"none", func() { srv.SetRawStaple(nil) }, "none"},
	}
	for _, step := range steps {
		step.change()
		if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != step.want {
			t.Errorf("%s: stapled %s, want %s", step.name, got, step.want)
		}
	}
}

// countingKey counts signatures.
type countingKey struct {
	crypto.Signer
	signed atomic.Int32
}

func (k *countingKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.signed.Add(1)
	return k.Signer.Sign(rand, digest, opts)
}

func TestStapleIsSignedOnceWhileNothingChanges(t *testing.T) {
	t.Parallel()
	key := &countingKey{Signer: fakeca.New().Key}
	var clock atomic.Pointer[time.Time]
	clock.Store(new(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	ca := fakeca.New(fakeca.WithKey(key), fakeca.WithClock(func() time.Time { return *clock.Load() }))
	srv := ocsptest.NewServer(t, ocsptest.WithCA(ca))
	steps := []struct {
		name   string
		change func()
		want   int32
	}{
		{"at first", func() {}, 1},
		{"nothing", func() {}, 0},
		{"half a second", func() { clock.Store(new(clock.Load().Add(time.Second / 2))) }, 0},
		{"a second", func() { clock.Store(new(clock.Load().Add(time.Second))) }, 1},
		{"record", func() { srv.Leaf.Revoke(fakeca.Superseded) }, 1},
		{"override, signed once to check it", func() { srv.SetStaple(fakeca.Response{}) }, 2},
		{"raw", func() { srv.SetRawStaple([]byte("raw")) }, 0},
	}
	for _, step := range steps {
		before := key.signed.Load()
		step.change()
		for range 3 {
			labtest.Stapled(t, srv, tls.VersionTLS13)
		}
		if got := key.signed.Load() - before; got != step.want {
			t.Errorf("%s: %d signatures, want %d", step.name, got, step.want)
		}
	}
}

func TestServerSpeaksHTTP(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto+" "+r.Host)
	})
	srv := ocsptest.NewServer(t, ocsptest.WithHandler(handler))
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: srv.TLSClientConfig(), DialContext: srv.DialContext}}
	t.Cleanup(old.CloseIdleConnections)
	tests := []struct {
		name   string
		client *http.Client
		url    string
		want   string
	}{
		{"HTTP/2", srv.Client(), srv.URL, "HTTP/2.0 " + strings.TrimPrefix(srv.URL, "https://")},
		{"HTTP/2 under another name", srv.Client(), "https://www.example.com/x", "HTTP/2.0 www.example.com"},
		{"HTTP/1.1", old, "https://example.com", "HTTP/1.1 example.com"},
	}
	for _, test := range tests {
		body, err := io.ReadAll(labtest.Get(t, test.client, test.url).Body)
		if err != nil || string(body) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, body, err, test.want)
		}
	}
	body, err := io.ReadAll(labtest.Get(t, ocsptest.NewServer(t).Client(), "https://localhost").Body)
	if err != nil || string(body) != "ok\n" {
		t.Errorf("without a handler: %q, %v", body, err)
	}
}

func TestConnHandler(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t, ocsptest.WithConnHandler(func(c *tls.Conn) { io.Copy(c, c) }))
	c, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "echo"); err != nil {
		t.Fatal(err)
	}
	if got := c.ConnectionState().NegotiatedProtocol; got != "" {
		t.Errorf("negotiated %q", got)
	}
	buf := make([]byte, 4)
	if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "echo" {
		t.Errorf("%q, %v", buf, err)
	}
}

// After FollowRecord and Reset, nothing is left of what a test has set.
func TestFollowRecordAndReset(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		opts          []ocsptest.Option
		follow, reset string
	}{
		{"record", nil, "revoked (superseded)", "revoked (superseded)"},
		{"option", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown})}, "revoked (superseded)", "unknown"},
		{"no staple", []ocsptest.Option{ocsptest.WithoutStaple()}, "revoked (superseded)", "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, test.opts...)
			srv.Leaf.Revoke(fakeca.Superseded)
			srv.SetStaple(fakeca.Response{})
			labtest.Stapled(t, srv, tls.VersionTLS13)
			srv.FollowRecord()
			if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != test.follow {
				t.Errorf("after FollowRecord: stapled %s, want %s", got, test.follow)
			}
			srv.SetRawStaple([]byte("raw"))
			srv.Reset()
			if h := srv.Handshakes(); len(h) != 0 {
				t.Errorf("after Reset: recorded %v", h)
			}
			if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != test.reset {
				t.Errorf("after Reset: stapled %s, want %s", got, test.reset)
			}
			if h := srv.Handshakes(); len(h) != 1 {
				t.Errorf("after Reset and a handshake: recorded %v", h)
			}
		})
	}
}

func TestCloseClientConnections(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: srv.TLSClientConfig()}}
	t.Cleanup(client.CloseIdleConnections)
	for i := range 3 {
		if i == 2 {
			srv.CloseClientConnections()
		}
		io.Copy(io.Discard, labtest.Get(t, client, srv.URL).Body)
		if want := 1 + i/2; len(srv.Handshakes()) != want { // the second request reuses the connection of the first
			t.Errorf("request %d: %d handshakes, want %d", i, len(srv.Handshakes()), want)
		}
	}
}

func TestSetStapleOfNonsensePanicsAndChangesNothing(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	const want = "fakeca: Response: Status is 9; use Good, Revoked, Unknown or ServerFailed, or set CertStatus.Raw in Edit"
	labtest.MustPanic(t, want, func() { srv.SetStaple(fakeca.Response{Status: 9}) })
	if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != "good" {
		t.Errorf("stapled %s", got)
	}
}

// An Edit that panics in a handshake does not end the test binary.
func TestPanicInHandshakeIsAnError(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	srv.CA.Set(srv.Leaf.Cert.SerialNumber, fakeca.Response{Edit: func(*fakeca.Message) { panic("from the test's Edit") }})
	if _, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS13)); err == nil {
		t.Error("connected")
	}
	h := srv.Handshakes()
	if len(h) != 1 || h[0].Err == nil || h[0].Err.Error() != "ocsptest: cannot make the staple: from the test's Edit" {
		t.Errorf("recorded %v", h)
	}
}

func TestUnstartedServer(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewUnstartedServer()
	if srv.URL != "" || srv.Addr() != nil {
		t.Errorf("an unstarted server has the URL %q", srv.URL)
	}
	if _, err := srv.DialContext(t.Context(), "", ""); err == nil || err.Error() != "ocsptest: not started; call Start first" {
		t.Errorf("DialContext: %v", err)
	}
	labtest.MustPanic(t, "ocsptest: not started; call Start first", func() { srv.Client() })
	srv.Start()
	defer srv.Close()
	labtest.Get(t, srv.Client(), srv.URL).Body.Close()
	labtest.MustPanic(t, "ocsptest: started twice; make another one", srv.Start)
}
