package ocsptest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestClientThatRefusesIsRecorded(t *testing.T) {
	t.Parallel()
	for _, version := range labtest.Versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked}))
			cfg := labtest.ClientConfig(srv, version)
			cfg.VerifyConnection = labtest.Refuse
			for range 20 { // the record is complete when the client returns
				before := time.Now()
				if _, err := labtest.Connect(srv, cfg); !errors.Is(err, labtest.ErrRefused) {
					t.Fatal(err)
				}
				all := srv.Handshakes()
				h := all[len(all)-1]
				if h.Alert != 42 || h.Alert.String() != "bad_certificate" || h.Err == nil || h.Version != version ||
					labtest.Status(h.Staple) != "revoked (unspecified)" {
					t.Fatalf("recorded %v", h)
				}
				if h.Time.Before(before) || h.Time.After(time.Now()) {
					t.Fatalf("recorded at %v, not since %v", h.Time, before)
				}
			}
		})
	}
}

// afterHello lets the ClientHello through, as change makes it. If there is a rest,
// it is sent instead of what the client sends later.
func afterHello(change func([]byte) []byte, rest ...byte) func(net.Conn) net.Conn {
	return func(raw net.Conn) net.Conn {
		sent := false
		return &labtest.HookedConn{Conn: raw, WriteFunc: func(p []byte) (int, error) {
			switch {
			case !sent:
				sent = true
				if change != nil {
					p = change(p)
				}
				return raw.Write(p)
			case rest != nil:
				_, err := raw.Write(rest)
				return len(p), err
			}
			return raw.Write(p)
		}}
	}
}

func TestAlertsHaveNames(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	for alert, name := range map[byte]string{
		44:  "certificate_revoked",
		46:  "certificate_unknown",
		48:  "unknown_ca",
		113: "bad_certificate_status_response",
		200: "alert(200)",
	} {
		// A fatal alert in the clear, as clients send it in TLS 1.2 before the keys
		// change, and OpenSSL in TLS 1.3 too.
		raw := []byte{21, 3, 3, 0, 2, 2, alert}
		for _, version := range labtest.Versions {
			labtest.ConnectThrough(srv, labtest.ClientConfig(srv, version), afterHello(nil, raw...))
			all := srv.Handshakes()
			if h := all[len(all)-1]; byte(h.Alert) != alert || h.Alert.String() != name || h.Err == nil || h.Version != version {
				t.Errorf("alert %d %s: recorded %v", alert, name, h)
			}
		}
	}
}

// garbled returns a connection that changes the last byte of each Read while
// garble is true.
func garbled(raw net.Conn, garble *bool) net.Conn {
	return &labtest.HookedConn{Conn: raw, ReadFunc: func(p []byte) (int, error) {
		n, err := raw.Read(p)
		if *garble && n > 0 {
			p[n-1] ^= 1
		}
		return n, err
	}}
}

func TestAlertAfterTheHandshake(t *testing.T) {
	t.Parallel()
	for _, version := range labtest.Versions {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t)
			garble := false
			c, err := labtest.ConnectThrough(srv, labtest.ClientConfig(srv, version), func(raw net.Conn) net.Conn {
				return garbled(raw, &garble)
			})
			if err != nil {
				t.Fatal(err)
			}
			garble = true
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			if _, err := io.ReadAll(c); err == nil {
				t.Fatal("the client did not see what was changed")
			}
			io.Copy(io.Discard, c.NetConn()) // until the server closes
			c.Close()
			srv.Close()
			h := srv.Handshakes()
			if len(h) != 1 || h[0].Alert.String() != "bad_record_mac" || h[0].Err != nil {
				t.Errorf("recorded %v", h)
			}
		})
	}
}

func TestClientThatAsksForNoStaple(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t)
	// status_request, with one byte of type and two empty lists, becomes an
	// extension that does not exist.
	change := func(hello []byte) []byte {
		return bytes.Replace(hello, []byte{0, 5, 0, 5, 1, 0, 0, 0, 0}, []byte{0xfa, 0xfb, 0, 5, 1, 0, 0, 0, 0}, 1)
	}
	if _, err := labtest.ConnectThrough(srv, labtest.ClientConfig(srv, tls.VersionTLS12), afterHello(change)); err == nil {
		t.Fatal("the handshake went through although the ClientHello was changed")
	}
	if h := srv.Handshakes(); len(h) != 1 || h[0].StatusRequest || h[0].Staple != nil || h[0].Version != tls.VersionTLS12 {
		t.Errorf("recorded %v", h)
	}
}

func TestServerThatRefusesTheVersion(t *testing.T) {
	t.Parallel()
	srv := ocsptest.NewServer(t, ocsptest.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}))
	if _, err := labtest.Connect(srv, labtest.ClientConfig(srv, tls.VersionTLS12)); err == nil {
		t.Fatal("connected with TLS 1.2")
	}
	if h := srv.Handshakes(); len(h) != 1 || h[0].Staple != nil || h[0].Alert != 0 || h[0].Err == nil || !h[0].StatusRequest {
		t.Errorf("recorded %v", h)
	}
}

func TestNoClientHello(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		send string
		want string // the one record's error; "" for no record
	}{
		{"nothing", "", ""},
		{"HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "tls: first record does not look like a TLS handshake"},
		{"half a record", "\x16\x03\x01\x02\x00\x01", ""},
		{"an alert", "\x15\x03\x01\x00\x02\x02\x28", "remote error: tls: handshake failure"},
		{"not a handshake message", "\x16\x03\x01\x00\x04\x63\x00\x00\x00", "local error: tls: unexpected message"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t)
			c, err := srv.DialContext(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, test.send)
			c.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, c) // until the server has closed
			c.Close()
			srv.Close()
			h := srv.Handshakes()
			switch {
			case test.want == "" && len(h) != 0:
				t.Errorf("recorded %v", h)
			case test.want != "" && (len(h) != 1 || h[0].Err == nil || h[0].Err.Error() != test.want):
				t.Errorf("recorded %v, want %q", h, test.want)
			}
		})
	}
}

// Handshakes waits five seconds for a client that stops halfway, and only once.
func TestHandshakesOfASilentClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := ocsptest.NewServer(t, ocsptest.WithNetwork(new(ocsptest.Network)))
		end := silent(srv)
		begin := time.Now()
		h := srv.Handshakes()
		if len(h) != 1 || h[0].Version != 0 || h[0].Err != nil {
			t.Errorf("recorded %v", h)
		}
		if got := time.Since(begin); got != 5*time.Second {
			t.Errorf("waited %v", got)
		}
		begin = time.Now()
		srv.Handshakes()
		if got := time.Since(begin); got != 0 {
			t.Errorf("waited again, %v", got)
		}
		end()
		synctest.Wait()
		if h := srv.Handshakes(); len(h) != 1 || h[0].Err == nil || time.Since(begin) != 0 {
			t.Errorf("recorded %v after %v", h, time.Since(begin))
		}
	})
}

func TestHandshakesAreCopies(t *testing.T) {
	t.Parallel()
	at := time.Now() // a clock that stands still, because a new second has a new staple
	srv := ocsptest.NewServer(t, ocsptest.WithCA(fakeca.New(fakeca.WithClock(func() time.Time { return at }))))
	if got := srv.Handshakes(); len(got) != 0 {
		t.Errorf("before any: %v", got)
	}
	want := bytes.Clone(labtest.Stapled(t, srv, tls.VersionTLS13))
	first := srv.Handshakes()
	clear(first[0].Staple)
	first[0].ServerName = "changed"
	again := srv.Handshakes()
	if !bytes.Equal(again[0].Staple, want) || again[0].ServerName != "localhost" {
		t.Errorf("a caller changed the record: %v", again[0])
	}
	if !bytes.Equal(labtest.Stapled(t, srv, tls.VersionTLS13), want) {
		t.Error("a caller changed the staple")
	}
}

func TestHandshakeString(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return at }))
	revoked := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, Serial: ca.Cert.SerialNumber}
	tests := []struct {
		name string
		h    ocsptest.Handshake
		want string
	}{
		{"nothing", ocsptest.Handshake{}, "no TLS version, asked for no staple"},
		{"no staple", ocsptest.Handshake{Version: tls.VersionTLS12, StatusRequest: true}, "TLS 1.2, asked for a staple, got none"},
		{"name", ocsptest.Handshake{Version: tls.VersionTLS13, ServerName: "example.com", Resumed: true},
			`TLS 1.3, for "example.com", resumed, asked for no staple`},
		{"alert", ocsptest.Handshake{Version: tls.VersionTLS13, StatusRequest: true, Staple: []byte{0x30, 3, 0x0a, 1, 3}, Alert: 44, Err: io.EOF},
			"TLS 1.3, stapled server_failed (try later), client's alert 44 certificate_revoked"},
		{"failed", ocsptest.Handshake{StatusRequest: true, Err: io.EOF}, "no TLS version, asked for a staple, got none, failed: EOF"},
		{"garbage", ocsptest.Handshake{Version: tls.VersionTLS13, Staple: []byte("abc")},
			"TLS 1.3, stapled 3 bytes (fakeca: OCSP response: found tag 0x61, expected 0x30)"},
		{"revoked", ocsptest.Handshake{Version: tls.VersionTLS13, Staple: ca.Sign(nil, revoked)},
			"TLS 1.3, stapled revoked (key_compromise), revokedAt 2030-01-02T01:04:05Z, producedAt 2030-01-02T02:04:05Z, " +
				"thisUpdate 2030-01-02T02:04:05Z, nextUpdate 2030-01-03T02:04:05Z, serial " + ca.Cert.SerialNumber.Text(16)},
	}
	for _, test := range tests {
		if got := test.h.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
		if !bytes.Equal(test.h.OCSPResponse(), test.h.Staple) {
			t.Errorf("%s: OCSPResponse is not the staple", test.name)
		}
	}
}

// The newest 4096 handshakes are kept, and the others are counted.
func TestHandshakesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tb := &labtest.TB{TB: t}
		srv := ocsptest.NewServer(tb, ocsptest.WithNetwork(new(ocsptest.Network)), ocsptest.WithoutStaple())
		const more = 10
		for range 4096 + more {
			c, err := srv.DialContext(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(c, "this is not TLS")
			io.Copy(io.Discard, c)
			c.Close()
		}
		if got := len(srv.Handshakes()); got != 4096 {
			t.Errorf("%d records kept", got)
		}
		tb.Fail()
		tb.End()
		const want = "\n    10 earlier handshakes are not shown\n    00:00:00.000 "
		if got := tb.Logged(); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("logged %.300q", got)
		}
	})
}
