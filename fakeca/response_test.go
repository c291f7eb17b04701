package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// base returns what ParseResponse returns for Response{} signed by the CA of
// world.
func base(leaf *fakeca.Leaf) fakeca.Response {
	return fakeca.Response{
		Status:             fakeca.Good,
		ThisUpdate:         at(-time.Hour),
		NextUpdate:         at(23 * time.Hour),
		ProducedAt:         at(-time.Hour),
		Serial:             leaf.Cert.SerialNumber,
		Hash:               crypto.SHA1,
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}
}

// Every field is on the wire as it was given, or has its default.
func TestResponseFields(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	delegate := ca.OCSPSigner()
	berlin := time.FixedZone("CEST", 2*60*60)
	tests := []struct {
		name string
		r    fakeca.Response
		want func(*fakeca.Response) // changes what ParseResponse returns for Response{}
	}{
		{
			name: "zero",
			want: func(*fakeca.Response) {},
		},
		{
			name: "ThisUpdate",
			r:    fakeca.Response{ThisUpdate: at(-7 * time.Second)},
			want: func(r *fakeca.Response) {
				r.ThisUpdate, r.ProducedAt, r.NextUpdate = at(-7*time.Second), at(-7*time.Second), at(24*time.Hour-7*time.Second)
			},
		},
		{
			name: "NextUpdate",
			r:    fakeca.Response{NextUpdate: at(time.Second)},
			want: func(r *fakeca.Response) { r.NextUpdate = at(time.Second) },
		},
		{
			name: "NextUpdate before ThisUpdate",
			r:    fakeca.Response{NextUpdate: at(-48 * time.Hour)},
			want: func(r *fakeca.Response) { r.NextUpdate = at(-48 * time.Hour) },
		},
		{
			name: "Forever",
			r:    fakeca.Response{Forever: true},
			want: func(r *fakeca.Response) { r.NextUpdate, r.Forever = time.Time{}, true },
		},
		{
			name: "ProducedAt",
			r:    fakeca.Response{ProducedAt: at(13 * time.Second)},
			want: func(r *fakeca.Response) { r.ProducedAt = at(13 * time.Second) },
		},
		{
			name: "all times, in another zone and with fractions",
			r: fakeca.Response{
				Status:     fakeca.Revoked,
				RevokedAt:  at(1*time.Second + 999*time.Millisecond).In(berlin),
				ThisUpdate: at(2*time.Second + 999*time.Millisecond).In(berlin),
				ProducedAt: at(3*time.Second + 999*time.Millisecond).In(berlin),
				NextUpdate: at(4*time.Second + 999*time.Millisecond).In(berlin),
			},
			want: func(r *fakeca.Response) {
				r.Status = fakeca.Revoked
				r.RevokedAt, r.ThisUpdate, r.ProducedAt, r.NextUpdate = at(1*time.Second), at(2*time.Second), at(3*time.Second), at(4*time.Second)
			},
		},
		{
			name: "the ends of time",
			r: fakeca.Response{
				ThisUpdate: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
				NextUpdate: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
			},
			want: func(r *fakeca.Response) {
				r.ThisUpdate = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
				r.ProducedAt = r.ThisUpdate
				r.NextUpdate = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
			},
		},
		{
			name: "Revoked, without a time",
			r:    fakeca.Response{Status: fakeca.Revoked},
			want: func(r *fakeca.Response) { r.Status, r.RevokedAt = fakeca.Revoked, at(-2*time.Hour) },
		},
		{
			name: "Revoked, without a time, at another ThisUpdate",
			r:    fakeca.Response{Status: fakeca.Revoked, ThisUpdate: at(-72 * time.Hour)},
			want: func(r *fakeca.Response) {
				r.Status, r.RevokedAt = fakeca.Revoked, at(-73*time.Hour)
				r.ThisUpdate, r.ProducedAt, r.NextUpdate = at(-72*time.Hour), at(-72*time.Hour), at(-48*time.Hour)
			},
		},
		{
			name: "RevokedAt",
			r:    fakeca.Response{Status: fakeca.Revoked, RevokedAt: at(-5 * time.Second)},
			want: func(r *fakeca.Response) { r.Status, r.RevokedAt = fakeca.Revoked, at(-5*time.Second) },
		},
		{
			name: "Reason",
			r:    fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.AACompromise},
			want: func(r *fakeca.Response) {
				r.Status, r.RevokedAt, r.Reason = fakeca.Revoked, at(-2*time.Hour), fakeca.AACompromise
			},
		},
		{
			name: "ExplicitReason",
			r:    fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true},
			want: func(r *fakeca.Response) {
				r.Status, r.RevokedAt, r.ExplicitReason = fakeca.Revoked, at(-2*time.Hour), true
			},
		},
		{
			name: "Unknown",
			r:    fakeca.Response{Status: fakeca.Unknown},
			want: func(r *fakeca.Response) { r.Status = fakeca.Unknown },
		},
		{
			name: "Serial",
			r:    fakeca.Response{Serial: big.NewInt(-129)},
			want: func(r *fakeca.Response) { r.Serial = big.NewInt(-129) },
		},
		{
			name: "Hash",
			r:    fakeca.Response{Hash: crypto.SHA384},
			want: func(r *fakeca.Response) { r.Hash = crypto.SHA384 },
		},
		{
			name: "Nonce",
			r:    fakeca.Response{Nonce: []byte("0123456789abcdef")},
			want: func(r *fakeca.Response) { r.Nonce = []byte("0123456789abcdef") },
		},
		{
			name: "Nonce, empty",
			r:    fakeca.Response{Nonce: []byte{}},
			want: func(r *fakeca.Response) { r.Nonce = []byte{} },
		},
		{
			name: "Nonce of 128 bytes",
			r:    fakeca.Response{Nonce: bytes.Repeat([]byte{0xa5}, 128)},
			want: func(r *fakeca.Response) { r.Nonce = bytes.Repeat([]byte{0xa5}, 128) },
		},
		{
			name: "ByKey",
			r:    fakeca.Response{ByKey: true},
			want: func(r *fakeca.Response) { r.ByKey = true },
		},
		{
			name: "Signer",
			r:    fakeca.Response{Signer: delegate},
			want: func(*fakeca.Response) {},
		},
		{
			name: "Also",
			r: fakeca.Response{Also: []fakeca.Response{
				{Status: fakeca.Unknown, Serial: big.NewInt(5), Hash: crypto.SHA256},
				{Status: fakeca.Revoked, Forever: true},
			}},
			want: func(r *fakeca.Response) {
				r.Also = []fakeca.Response{
					{
						Status: fakeca.Unknown, Serial: big.NewInt(5), Hash: crypto.SHA256,
						ThisUpdate: at(-time.Hour), NextUpdate: at(23 * time.Hour),
					},
					{
						Status: fakeca.Revoked, RevokedAt: at(-2 * time.Hour), Serial: r.Serial, Hash: crypto.SHA1,
						ThisUpdate: at(-time.Hour), Forever: true,
					},
				}
			},
		},
		{
			name: "Edit",
			r:    fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Time = at(0) }},
			want: func(r *fakeca.Response) { r.ThisUpdate = at(0) },
		},
		{
			name: "Mutate",
			r: fakeca.Response{Mutate: func(der []byte) []byte {
				return bytes.Replace(der, []byte("20240506060809Z"), []byte("20240506060810Z"), 1) // producedAt comes first
			}},
			want: func(r *fakeca.Response) { r.ProducedAt = at(-time.Hour + time.Second) },
		},
		{
			name: "Error",
			r:    fakeca.Response{Error: ocsp.Unauthorized},
			want: func(r *fakeca.Response) {
				*r = fakeca.Response{Status: fakeca.ServerFailed, Error: ocsp.Unauthorized}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := base(leaf)
			tt.want(&want)
			got := mustParseResponse(t, leaf.Staple(tt.r))
			if diff := cmp.Diff(want, got, bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tt.r.Mutate != nil || tt.r.Error != ocsp.Success {
				return
			}
			signer := ca.Cert
			if tt.r.Signer != nil {
				signer = tt.r.Signer.Cert
			}
			checkSigned(t, leaf.Staple(tt.r), signer, x509.ECDSAWithSHA256)
		})
	}
}

// A parsed response can be signed again, and says the same.
func TestResponseSignedAgain(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	tests := []struct {
		name string
		r    fakeca.Response
	}{
		{"good", fakeca.Response{}},
		{"revoked", fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded}},
		{"explicit reason", fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true}},
		{"forever", fakeca.Response{Forever: true, ByKey: true, Hash: crypto.SHA512}},
		{"several", fakeca.Response{Nonce: []byte{}, Also: []fakeca.Response{{Status: fakeca.Unknown, Serial: big.NewInt(1)}}}},
		{"error", fakeca.Response{Error: ocsp.SignatureRequired}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first := mustParseResponse(t, leaf.Staple(tt.r))
			second := mustParseResponse(t, ca.Sign(nil, first))
			if diff := cmp.Diff(first, second, bigInts); diff != "" {
				t.Errorf("(-first +second):\n%s", diff)
			}
		})
	}
}

func TestErrorResponses(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	tests := []struct {
		name string
		r    fakeca.Response
		want []byte
	}{
		{"malformedRequest", fakeca.Response{Error: ocsp.Malformed}, []byte{0x30, 0x03, 0x0a, 0x01, 0x01}},
		{"internalError", fakeca.Response{Error: ocsp.InternalError}, []byte{0x30, 0x03, 0x0a, 0x01, 0x02}},
		{"tryLater", fakeca.Response{Error: ocsp.TryLater}, []byte{0x30, 0x03, 0x0a, 0x01, 0x03}},
		{"sigRequired", fakeca.Response{Error: ocsp.SignatureRequired}, []byte{0x30, 0x03, 0x0a, 0x01, 0x05}},
		{"unauthorized", fakeca.Response{Error: ocsp.Unauthorized}, []byte{0x30, 0x03, 0x0a, 0x01, 0x06}},
		{"only ServerFailed", fakeca.Response{Status: fakeca.ServerFailed}, []byte{0x30, 0x03, 0x0a, 0x01, 0x02}},
		{"ServerFailed with an error", fakeca.Response{Status: fakeca.ServerFailed, Error: ocsp.TryLater}, []byte{0x30, 0x03, 0x0a, 0x01, 0x03}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(tt.r)
			if !bytes.Equal(der, tt.want) {
				t.Fatalf("%x, want %x", der, tt.want)
			}
			want := fakeca.Response{Status: fakeca.ServerFailed, Error: ocsp.ResponseStatus(tt.want[4])}
			if diff := cmp.Diff(want, mustParseResponse(t, der), bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResponseString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    fakeca.Response
		want string
	}{
		{"zero", fakeca.Response{}, "good"},
		{"error", fakeca.Response{Error: ocsp.TryLater}, "server_failed (try later)"},
		{"ServerFailed", fakeca.Response{Status: fakeca.ServerFailed}, "server_failed (internal error)"},
		{"revoked", fakeca.Response{Status: fakeca.Revoked}, "revoked (unspecified)"},
		{
			"all",
			fakeca.Response{
				Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, RevokedAt: at(1e9).In(time.FixedZone("", 3600)), ProducedAt: at(2e9),
				ThisUpdate: at(3e9), NextUpdate: at(4e9), Serial: big.NewInt(0xabc), Also: make([]fakeca.Response, 2),
			},
			"revoked (key_compromise), revokedAt 2024-05-06T07:08:10Z, producedAt 2024-05-06T07:08:11Z, thisUpdate 2024-05-06T07:08:12Z, " +
				"nextUpdate 2024-05-06T07:08:13Z, serial abc, and 2 more",
		},
		{"forever", fakeca.Response{Status: fakeca.Unknown, Forever: true}, "unknown, no nextUpdate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.r.String(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}
