package verify_test

import (
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// TestVerifyTimes shows that limits are inclusive, to the second.
func TestVerifyTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	const (
		s, min, h, d = time.Second, time.Minute, time.Hour, 24 * time.Hour

		early   = "early: thisUpdate 2026-03-01T12:00:00Z is in the future (RFC 6960 4.2.2.1)"
		expired = "expired: nextUpdate 2026-03-02T12:00:00Z is in the past (RFC 6960 3.2)"
	)
	// It is valid from 12:00 today to 12:00 tomorrow.
	day := fakeca.Response{ThisUpdate: judgedAt, ProducedAt: judgedAt.Add(-d)}
	forever := fakeca.Response{ThisUpdate: judgedAt, Forever: true}
	noSkew := verify.Options{Skew: -1}
	hour := verify.Options{Skew: h}
	maxAge := verify.Options{Skew: -1, MaxAge: 2 * h}
	tooOld := func(age, most string) []string {
		return []string{"age: thisUpdate 2026-03-01T12:00:00Z is " + age + " old, more than " + most + " (RFC 6960 3.2)"}
	}
	runCases(t, w, []testCase{
		{name: "five minutes early", response: day, at: -5 * min},
		{name: "a second too early", response: day, at: -5*min - s, want: []string{early}},
		{name: "five minutes late", response: day, at: d + 5*min},
		{name: "a second too late", response: day, at: d + 5*min + s, want: []string{expired}},

		{name: "no skew, at thisUpdate", response: day, options: noSkew},
		{name: "no skew, a second before", response: day, options: noSkew, at: -s, want: []string{early}},
		{name: "no skew, at nextUpdate", response: day, options: noSkew, at: d},
		{name: "no skew, a second after", response: day, options: noSkew, at: d + s, want: []string{expired}},
		{name: "no skew, a fraction after", response: day, options: noSkew, at: d + time.Millisecond, want: []string{expired}},
		{name: "an hour of skew, early", response: day, options: hour, at: -h},
		{name: "an hour of skew, too early", response: day, options: hour, at: -h - s, want: []string{early}},
		{name: "an hour of skew, late", response: day, options: hour, at: d + h},
		{name: "an hour of skew, too late", response: day, options: hour, at: d + h + s, want: []string{expired}},

		{
			name:     "revoked, too late",
			response: fakeca.Response{Status: fakeca.Revoked, ThisUpdate: judgedAt, ProducedAt: judgedAt},
			at:       2 * d,
			want:     []string{expired},
			status:   fakeca.Revoked,
		},

		{name: "valid for a second", response: fakeca.Response{ThisUpdate: judgedAt, NextUpdate: judgedAt.Add(s)}, options: noSkew},
		{name: "valid for no time", response: fakeca.Response{ThisUpdate: judgedAt, NextUpdate: judgedAt}, options: noSkew},
		{
			name:     "nextUpdate before thisUpdate",
			response: fakeca.Response{ThisUpdate: judgedAt, NextUpdate: judgedAt.Add(-s)},
			options:  noSkew,
			want:     []string{"update-order: nextUpdate 2026-03-01T11:59:59Z is before thisUpdate 2026-03-01T12:00:00Z (RFC 6960 2.4)"},
		},
		{name: "nextUpdate long before thisUpdate", response: fakeca.Response{ThisUpdate: judgedAt, NextUpdate: judgedAt.Add(-d)},
			want: []string{"update-order: nextUpdate 2026-02-28T12:00:00Z is before thisUpdate 2026-03-01T12:00:00Z (RFC 6960 2.4)"}},

		{
			name:     "valid for a year",
			response: fakeca.Response{ThisUpdate: judgedAt.Add(-320 * d), NextUpdate: judgedAt.Add(45 * d), ProducedAt: judgedAt},
		},
		{name: "max age", response: day, options: maxAge, at: 2 * h},
		{name: "a second more", response: day, options: maxAge, at: 2*h + s, want: tooOld("2h0m1s", "2h0m0s")},
		{
			name:     "max age and past",
			response: day,
			options:  maxAge,
			at:       d + h,
			want:     append([]string{expired}, tooOld("25h0m0s", "2h0m0s")...),
		},
		{name: "max age, and skew", response: day, options: verify.Options{MaxAge: 2 * h}, at: 2*h + 5*min},
		{
			name:     "max age, and more than skew",
			response: day,
			options:  verify.Options{MaxAge: 2 * h},
			at:       2*h + 5*min + s,
			want:     tooOld("2h5m1s", "2h0m0s"),
		},

		{name: "no nextUpdate, a day", response: forever, at: d + 5*min},
		{name: "no nextUpdate, more than a day", response: forever, at: d + 5*min + s, want: tooOld("24h5m1s", "24h0m0s")},
		{
			name:     "no nextUpdate, early",
			response: forever,
			at:       -h,
			want:     []string{early, "produced-at: producedAt 2026-03-01T12:00:00Z is in the future (RFC 6960 2.4)"},
		},
		{name: "no nextUpdate, max age", response: forever, options: maxAge, at: 2*h + s, want: tooOld("2h0m1s", "2h0m0s")},
		{name: "no nextUpdate, long max age", response: forever, options: verify.Options{MaxAge: 30 * d}, at: 30 * d},
	})
}

func TestVerifyProducedAt(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	// The leaf is valid from 12:00 on 1 February to 12:00 on 1 May.
	produced := func(at time.Time) fakeca.Response {
		return fakeca.Response{ProducedAt: at, ThisUpdate: judgedAt.Add(-time.Hour), NextUpdate: judgedAt.AddDate(1, 0, 0)}
	}
	from, until := w.leaf.Cert.NotBefore, w.leaf.Cert.NotAfter
	runCases(t, w, []testCase{
		{name: "now", response: produced(judgedAt)},
		{name: "before thisUpdate", response: produced(judgedAt.Add(-2 * time.Hour))},
		{name: "in five minutes", response: produced(judgedAt.Add(5 * time.Minute))},
		{name: "a second later", response: produced(judgedAt.Add(5*time.Minute + time.Second)),
			want: []string{"produced-at: producedAt 2026-03-01T12:05:01Z is in the future (RFC 6960 2.4)"}},
		{name: "in five minutes, no skew", response: produced(judgedAt.Add(5 * time.Minute)), options: verify.Options{Skew: -time.Hour},
			want: []string{"produced-at: producedAt 2026-03-01T12:05:00Z is in the future (RFC 6960 2.4)"}},
		{name: "with the certificate", response: produced(from)},
		{name: "before the certificate", response: produced(from.Add(-time.Second))},
		{name: "at the certificate's end", response: produced(until), at: until.Sub(judgedAt)},
		{name: "after the certificate", response: produced(until.Add(time.Second)), at: until.Sub(judgedAt) + time.Second},
	})
}
