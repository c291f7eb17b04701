package fakeca_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestResponseJSON(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2024, 5, 6, 7, 8, 9, 123e6, time.UTC)
	tests := []struct {
		name string
		r    fakeca.Response
		json string
		back *fakeca.Response // what json means, if not r
	}{
		{
			name: "zero",
			json: `{"status":"good"}`,
		},
		{
			name: "good",
			r:    fakeca.Response{ProducedAt: t0, ThisUpdate: t0.Add(time.Second), NextUpdate: t0.Add(time.Hour)},
			json: `{"status":"good","produced_at":1714979289123,"this_update":1714979290123,"next_update":1714982889123}`,
		},
		{
			name: "revoked",
			r:    fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, RevokedAt: t0},
			json: `{"status":"revoked","revocation_reason":"key_compromise","revoked_at":1714979289123}`,
		},
		{
			name: "revoked for no reason",
			r:    fakeca.Response{Status: fakeca.Revoked},
			json: `{"status":"revoked","revocation_reason":"unspecified"}`,
		},
		{
			name: "before 1970",
			r:    fakeca.Response{ThisUpdate: time.UnixMilli(-1).UTC()},
			json: `{"status":"good","this_update":-1}`,
		},
		{
			name: "1970 is a time like others",
			r:    fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Unix(0, 0).UTC()},
			json: `{"status":"revoked","revocation_reason":"unspecified","revoked_at":0}`,
		},
		{
			name: "unknown",
			r:    fakeca.Response{Status: fakeca.Unknown},
			json: `{"status":"unknown"}`,
		},
		{
			name: "server failed",
			r:    fakeca.Response{Status: fakeca.ServerFailed},
			json: `{"status":"server_failed"}`,
		},
		{
			name: "an error",
			r:    fakeca.Response{Error: ocsp.TryLater},
			json: `{"status":"server_failed"}`,
			back: &fakeca.Response{Status: fakeca.ServerFailed},
		},
		{
			name: "what has no name in JSON",
			r: fakeca.Response{
				Forever: true, Serial: big.NewInt(7), Nonce: []byte("n"), ByKey: true,
				Edit: func(*fakeca.Message) {}, Mutate: func(b []byte) []byte { return b },
			},
			json: `{"status":"good"}`,
			back: &fakeca.Response{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tt.r)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.json {
				t.Errorf("Marshal:\n got %s\nwant %s", got, tt.json)
			}
			want := tt.r
			if tt.back != nil {
				want = *tt.back
			}
			back := fakeca.Response{Nonce: []byte("left over"), Forever: true}
			if err := json.Unmarshal([]byte(tt.json), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, back, bigInts); diff != "" {
				t.Errorf("Unmarshal (-want +got):\n%s", diff)
			}
		})
	}
}

// JSON by other programs.
func TestResponseJSONRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		json string
		want fakeca.Response
	}{
		{
			name: "the reason of RFC 5280",
			json: `{"status":"revoked","revocation_reason":"cACompromise"}`,
			want: fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.CACompromise},
		},
		{
			name: "no reason",
			json: `{"status":"revoked"}`,
			want: fakeca.Response{Status: fakeca.Revoked},
		},
		{
			name: "unspecified reason of what is good",
			json: `{"status":"good","revocation_reason":"unspecified"}`,
			want: fakeca.Response{},
		},
		{
			name: "null is left out",
			json: `{"status":"good","revocation_reason":null,"revoked_at":null,"next_update":null}`,
			want: fakeca.Response{},
		},
		{
			name: "further fields",
			json: `{"status":"good","url":"http://example.test"}`,
			want: fakeca.Response{},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got fakeca.Response
			if err := json.Unmarshal([]byte(tt.json), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResponseJSONErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		json string
		want string // after "fakeca: Response in JSON: "
	}{
		{"no status", `{}`, `there is no status ""; use one of good, revoked, unknown, server_failed`},
		{"other status", `{"status":"fine"}`, `there is no status "fine"; use one of good, revoked, unknown, server_failed`},
		{
			"other reason",
			`{"status":"revoked","revocation_reason":"bored"}`,
			`there is no reason "bored"; write it as in key_compromise or keyCompromise (RFC 5280 section 5.3.1)`,
		},
		{
			"reason of what is good",
			`{"status":"good","revocation_reason":"superseded"}`,
			`Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked`,
		},
		{
			"revoked_at of what is good",
			`{"status":"unknown","revoked_at":0}`,
			`Reason or RevokedAt is set and Status is unknown; set Status: fakeca.Revoked`,
		},
		{
			"a time in text",
			`{"status":"good","this_update":"2024-05-06T07:08:09Z"}`,
			`a time is a whole number of milliseconds since 1970, not "2024-05-06T07:08:09Z"`,
		},
		{"a time with a fraction", `{"status":"good","this_update":1.5}`, `a time is a whole number of milliseconds since 1970, not 1.5`},
		{"a time too far", `{"status":"good","this_update":253402300800000}`, `a GeneralizedTime has years 0 to 9999, not 10000`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := fakeca.Response{Status: fakeca.Unknown, Forever: true}
			got := before
			checkError(t, "Unmarshal", json.Unmarshal([]byte(tt.json), &got), "fakeca: Response in JSON: "+tt.want)
			if diff := cmp.Diff(before, got, bigInts); diff != "" {
				t.Errorf("changed in spite of the error:\n%s", diff)
			}
		})
	}
}

func TestResponseJSONNotAnObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[]`, `"good"`, `1`, `{"status":1}`} {
		var r fakeca.Response
		err := json.Unmarshal([]byte(text), &r)
		if err == nil || !strings.HasPrefix(err.Error(), "fakeca: Response in JSON: json: cannot unmarshal ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// JSON that could not be read is not written.
func TestResponseJSONMarshalErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    fakeca.Response
		want string
	}{
		{"status", fakeca.Response{Status: 4}, "there is no status 4; use Good, Revoked, Unknown or ServerFailed"},
		{"reason", fakeca.Response{Status: fakeca.Revoked, Reason: 7}, "there is no reason 7; RFC 5280 section 5.3.1 has 0 to 6 and 8 to 10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := json.Marshal(tt.r)
			checkError(t, "Marshal", err, "json: error calling MarshalJSON for type fakeca.Response: fakeca: "+tt.want)
		})
	}
}
