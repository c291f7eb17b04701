package ocsptest_test

import (
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// Times count to the second, each limit included.
func TestVerifyTimes(t *testing.T) {
	t.Parallel()
	w := newVerifyWorld(nil)
	const (
		s, min, h, d = time.Second, time.Minute, time.Hour, 24 * time.Hour

		early   = "this-update: thisUpdate 2026-03-01T12:00:00Z is in the future (RFC 6960 4.2.2.1)"
		expired = "next-update: nextUpdate 2026-03-02T12:00:00Z is past (RFC 6960 4.2.2.1)"
	)
	// This answer says 12:00 today to 12:00 tomorrow.
	day := fakeca.Response{ThisUpdate: verifyAt, ProducedAt: verifyAt.Add(-d)}
	forever := fakeca.Response{ThisUpdate: verifyAt, Forever: true}
	noSkew := ocsptest.Verifier{Skew: -1}
	hour := ocsptest.Verifier{Skew: h}
	maxAge := ocsptest.Verifier{Skew: -1, MaxAge: 2 * h}
	tooOld := func(age, most string) []string {
		return []string{"age: thisUpdate 2026-03-01T12:00:00Z is " + age + " old, more than " + most + " (RFC 5019 4)"}
	}
	runVerify(t, w, []verifyCase{
		{name: "five minutes early", response: day, at: -5 * min},
		{name: "a second too early", response: day, at: -5*min - s, want: []string{early}},
		{name: "five minutes late", response: day, at: d + 5*min},
		{name: "a second too late", response: day, at: d + 5*min + s, want: []string{expired}},

		{name: "no skew, at thisUpdate", response: day, verifier: noSkew},
		{name: "no skew, a second before", response: day, verifier: noSkew, at: -s, want: []string{early}},
		{name: "no skew, at nextUpdate", response: day, verifier: noSkew, at: d},
		{name: "no skew, a second after", response: day, verifier: noSkew, at: d + s, want: []string{expired}},
		{name: "no skew, a fraction after", response: day, verifier: noSkew, at: d + time.Millisecond, want: []string{expired}},
		{name: "an hour of skew, early", response: day, verifier: hour, at: -h},
		{name: "an hour of skew, too early", response: day, verifier: hour, at: -h - s, want: []string{early}},
		{name: "an hour of skew, late", response: day, verifier: hour, at: d + h},
		{name: "an hour of skew, too late", response: day, verifier: hour, at: d + h + s, want: []string{expired}},

		{name: "revoked, too late", response: fakeca.Response{Status: fakeca.Revoked, ThisUpdate: verifyAt, ProducedAt: verifyAt}, at: 2 * d, want: []string{expired}, says: fakeca.Revoked},

		{name: "valid for a second", response: fakeca.Response{ThisUpdate: verifyAt, NextUpdate: verifyAt.Add(s)}, verifier: noSkew},
		{name: "valid for no time", response: fakeca.Response{ThisUpdate: verifyAt, NextUpdate: verifyAt}, verifier: noSkew},
		{name: "nextUpdate before thisUpdate", response: fakeca.Response{ThisUpdate: verifyAt, NextUpdate: verifyAt.Add(-s)}, verifier: noSkew,
			want: []string{"update-order: nextUpdate 2026-03-01T11:59:59Z is before thisUpdate 2026-03-01T12:00:00Z (RFC 6960 2.4)"}},
		{name: "nextUpdate long before thisUpdate", response: fakeca.Response{ThisUpdate: verifyAt, NextUpdate: verifyAt.Add(-d)},
			want: []string{"update-order: nextUpdate 2026-02-28T12:00:00Z is before thisUpdate 2026-03-01T12:00:00Z (RFC 6960 2.4)"}},

		{name: "valid for a year", response: fakeca.Response{ThisUpdate: verifyAt.Add(-320 * d), NextUpdate: verifyAt.Add(45 * d), ProducedAt: verifyAt}},
		{name: "max age", response: day, verifier: maxAge, at: 2 * h},
		{name: "a second more", response: day, verifier: maxAge, at: 2*h + s, want: tooOld("2h0m1s", "2h0m0s")},
		{name: "max age and past", response: day, verifier: maxAge, at: d + h, want: append([]string{expired}, tooOld("25h0m0s", "2h0m0s")...)},
		{name: "max age, and skew", response: day, verifier: ocsptest.Verifier{MaxAge: 2 * h}, at: 2*h + 5*min},
		{name: "max age, and more than skew", response: day, verifier: ocsptest.Verifier{MaxAge: 2 * h}, at: 2*h + 5*min + s, want: tooOld("2h5m1s", "2h0m0s")},

		{name: "no nextUpdate, a day", response: forever, at: d + 5*min},
		{name: "no nextUpdate, more than a day", response: forever, at: d + 5*min + s, want: tooOld("24h5m1s", "24h0m0s")},
		{name: "no nextUpdate, early", response: forever, at: -h, want: []string{early, "produced-at: producedAt 2026-03-01T12:00:00Z is in the future (RFC 6960 2.4)"}},
		{name: "no nextUpdate, max age", response: forever, verifier: maxAge, at: 2*h + s, want: tooOld("2h0m1s", "2h0m0s")},
		{name: "no nextUpdate, long max age", response: forever, verifier: ocsptest.Verifier{MaxAge: 30 * d}, at: 30 * d},
	})
}

func TestVerifyProducedAt(t *testing.T) {
	t.Parallel()
	w := newVerifyWorld(nil)
	// The leaf is valid from 12:00 on 1 February to 12:00 on 1 May.
	produced := func(at time.Time) fakeca.Response {
		return fakeca.Response{ProducedAt: at, ThisUpdate: verifyAt.Add(-time.Hour), NextUpdate: verifyAt.AddDate(1, 0, 0)}
	}
	from, until := w.leaf.Cert.NotBefore, w.leaf.Cert.NotAfter
	runVerify(t, w, []verifyCase{
		{name: "now", response: produced(verifyAt)},
		{name: "before thisUpdate", response: produced(verifyAt.Add(-2 * time.Hour))},
		{name: "in five minutes", response: produced(verifyAt.Add(5 * time.Minute))},
		{name: "a second later", response: produced(verifyAt.Add(5*time.Minute + time.Second)),
			want: []string{"produced-at: producedAt 2026-03-01T12:05:01Z is in the future (RFC 6960 2.4)"}},
		{name: "in five minutes, no skew", response: produced(verifyAt.Add(5 * time.Minute)), verifier: ocsptest.Verifier{Skew: -time.Hour},
			want: []string{"produced-at: producedAt 2026-03-01T12:05:00Z is in the future (RFC 6960 2.4)"}},
		{name: "with the certificate", response: produced(from)},
		{name: "before the certificate", response: produced(from.Add(-time.Second)),
			want: []string{"produced-at: producedAt 2026-02-01T11:59:59Z is outside of the certificate's validity (RFC 6960 2.4)"}},
		{name: "at the certificate's end", response: produced(until), at: until.Sub(verifyAt)},
		{name: "after the certificate", response: produced(until.Add(time.Second)), at: until.Sub(verifyAt) + time.Second,
			want: []string{"produced-at: producedAt 2026-05-01T12:00:01Z is outside of the certificate's validity (RFC 6960 2.4)"}},
	})
}
