package matchers_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
)

func TestEquateOCSPResponses(t *testing.T) {
	t.Parallel()
	f := newFixture()
	type r = fakeca.Response
	for _, c := range []struct {
		name   string
		margin time.Duration
		x, y   r
		want   bool
	}{
		{"zero", 0, r{}, r{}, true},
		{"status", 0, r{}, r{Status: Unknown}, false},
		{"reason", 0, r{Status: Revoked}, r{Status: Revoked, Reason: Superseded}, false},
		{"reason spelled out", 0, r{Status: Revoked}, r{Status: Revoked, ExplicitReason: true}, false},
		{"same second", 0, r{ThisUpdate: now}, r{ThisUpdate: now.Add(999 * time.Millisecond)}, true},
		{"next second", 0, r{ThisUpdate: now}, r{ThisUpdate: now.Add(time.Second)}, false},
		{"other zone", 0, r{ThisUpdate: now}, r{ThisUpdate: now.In(time.FixedZone("", 3600))}, true},
		{"at the margin", time.Minute, r{NextUpdate: now}, r{NextUpdate: now.Add(time.Minute)}, true},
		{"beyond the margin", time.Minute, r{NextUpdate: now}, r{NextUpdate: now.Add(61 * time.Second)}, false},
		{"beyond half a second", 1500 * time.Millisecond, r{NextUpdate: now}, r{NextUpdate: now.Add(2 * time.Second)}, false},
		{"producedAt", time.Minute, r{ProducedAt: now}, r{ProducedAt: now.Add(time.Hour)}, false},
		{"revokedAt", time.Minute, r{Status: Revoked, RevokedAt: now}, r{Status: Revoked, RevokedAt: now.Add(time.Hour)}, false},
		{"a time and none", 1<<63 - 1, r{NextUpdate: now}, r{}, false},
		{"no nextUpdate", 0, r{Forever: true}, r{}, false},
		{"serial by value", 0, r{Serial: big.NewInt(7)}, r{Serial: new(big.Int).SetBytes([]byte{0, 7})}, true},
		{"other serial", 0, r{Serial: big.NewInt(7)}, r{Serial: big.NewInt(8)}, false},
		{"a serial and none", 0, r{Serial: big.NewInt(7)}, r{}, false},
		{"default hash", 0, r{}, r{Hash: crypto.SHA1}, true},
		{"other hash", 0, r{}, r{Hash: crypto.SHA256}, false},
		{"nonce", 0, r{Nonce: []byte{1}}, r{Nonce: []byte{2}}, false},
		{"empty nonce and none", 0, r{Nonce: []byte{}}, r{}, false},
		{"algorithm", 0, r{SignatureAlgorithm: x509.PureEd25519}, r{}, false},
		{"responder by key", 0, r{ByKey: true}, r{}, false},
		{"failed responder", 0, r{Status: ServerFailed}, r{Error: ocsp.InternalError}, true},
		{"error as parsed", 0, r{Error: ocsp.TryLater}, r{Error: ocsp.TryLater, Status: ServerFailed}, true},
		{"other error", 0, r{Error: ocsp.TryLater}, r{Error: ocsp.Unauthorized}, false},
		{"an error and good", 0, r{Error: ocsp.TryLater}, r{}, false},
		{"how it is made", 0, r{}, r{Signer: f.delegate, OmitCert: true, Edit: func(*fakeca.Message) {}, Mutate: bytes.Clone}, true},
		{"functions on both sides", 0, r{Mutate: bytes.Clone}, r{Mutate: bytes.Clone}, true},
		{"signers on both sides", 0, r{Signer: f.delegate}, r{Signer: f.leaf}, true},
		{"also, equal", time.Second, r{Also: []r{{ThisUpdate: now, Serial: big.NewInt(1)}}},
			r{Also: []r{{ThisUpdate: now.Add(time.Second), Serial: big.NewInt(1), Hash: crypto.SHA1}}}, true},
		{"also, different", 0, r{Also: []r{{Serial: big.NewInt(1)}}}, r{Also: []r{{Serial: big.NewInt(2)}}}, false},
		{"also, in another order", 0, r{Also: []r{{}, {Status: Unknown}}}, r{Also: []r{{Status: Unknown}, {}}}, false},
		{"also, fewer", 0, r{Also: []r{{}, {}}}, r{Also: []r{{}}}, false},
		{"also, empty and none", 0, r{Also: []r{}}, r{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opt := EquateOCSPResponses(c.margin)
			if got := cmp.Equal(c.x, c.y, opt); got != c.want {
				t.Errorf("equal: %v, want %v:\n%s", got, c.want, cmp.Diff(c.x, c.y, opt))
			}
			if got := cmp.Equal(c.y, c.x, opt); got != c.want {
				t.Errorf("equal the other way round: %v, want %v", got, c.want)
			}
			if got := cmp.Equal([]*r{&c.x}, []*r{&c.y}, opt); got != c.want {
				t.Errorf("equal inside others: %v, want %v", got, c.want)
			}
			type table struct{ hidden r }
			if got := cmp.Equal(table{c.x}, table{c.y}, opt, cmp.AllowUnexported(table{})); got != c.want {
				t.Errorf("equal inside an unexported field: %v, want %v", got, c.want)
			}
		})
	}
}

// TestEquateElsewhere shows that the option does not affect other types.
func TestEquateElsewhere(t *testing.T) {
	t.Parallel()
	opt := EquateOCSPResponses(time.Hour)
	if cmp.Equal(now, now.Add(time.Second), opt) {
		t.Error("times outside a Response are equal")
	}
	if cmp.Equal(struct{ Hash crypto.Hash }{0}, struct{ Hash crypto.Hash }{crypto.SHA1}, opt) {
		t.Error("hashes outside a Response are equal")
	}
}

// TestEquateRoundTrip compares a Response with one parsed from its DER.
func TestEquateRoundTrip(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for _, want := range []fakeca.Response{
		{ThisUpdate: now, NextUpdate: now.Add(time.Hour), ProducedAt: now},
		{ThisUpdate: now, Forever: true, ProducedAt: now, Hash: crypto.SHA512, ByKey: true, Signer: f.delegate},
		{Status: Revoked, Reason: Superseded, RevokedAt: now.Add(time.Millisecond), ThisUpdate: now, Forever: true,
			ProducedAt: now, Nonce: []byte("nonce")},
		{Status: ServerFailed},
		{Error: ocsp.Unauthorized},
	} {
		got := reread(t, f.leaf.Staple(want))
		if got.Status != ServerFailed {
			want.Serial, want.SignatureAlgorithm = f.leaf.Cert.SerialNumber, x509.PureEd25519
		}
		if diff := cmp.Diff(want, got, EquateOCSPResponses(0)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", want, diff)
		}
	}
}

func TestEquatePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "matchers: EquateOCSPResponses(-1s): ") {
			t.Errorf("panic %q", text)
		}
	}()
	EquateOCSPResponses(-time.Second)
}
