package conformance

import (
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// timesCases are about whether an answer is current. What is off by minutes is
// open, for clients differ on how far clocks may be apart; what is off by two
// days is not, for a day is the most that any is known to allow.
//
// Left out: exactly nextUpdate and a second on either side, which no client can
// be held to by a clock of its own (just-expired and within-skew are about it);
// a grid of nextUpdates and a responder with another date, which show in an
// answer as one of these; the age of answers about intermediates; that a client
// reports times to the second, which is no verdict.
func timesCases() []*scenario {
	return append(both(timesAnswers()), neverRefreshed())
}

// Times of an answer, from now.
type dates struct{ this, next, produced time.Duration }

// dated is r with the times moved. The zero of produced is an hour ago.
func dated(d dates, r fakeca.Response) func(*world) fakeca.Response {
	if d.produced == 0 {
		d.produced = -time.Hour
	}
	return func(w *world) fakeca.Response {
		r, now := r, w.clock.now()
		r.ThisUpdate, r.ProducedAt = now.Add(d.this), now.Add(d.produced)
		if !r.Forever {
			r.NextUpdate = now.Add(d.next)
		}
		return r
	}
}

func timesAnswers() []answerCase {
	var (
		good       fakeca.Response
		revocation = fakeca.Response{Status: fakeca.Revoked}
	)
	at := func(this, next time.Duration) func(*world) fakeca.Response {
		return dated(dates{this: this, next: next, produced: min(this, 0)}, good)
	}
	return []answerCase{
		{name: "times/valid-for-a-week", doc: "the answer is a day old, and valid for seven more", ref: "RFC 6960 4.2.2.1", said: at(-day, 7*day)},
		{name: "times/short-lived", doc: "the answer is valid for ten minutes more", ref: "RFC 6960 4.2.2.1", said: at(-time.Minute, 10*time.Minute)},
		{
			name: "times/expired", doc: "nextUpdate was two days ago", ref: "RFC 6960 4.2.2.1", news: useless, rule: "expired",
			seen: []string{"caddyserver/caddy#4591", "caddyserver/caddy#6524"},
			said: at(-9*day, -2*day),
		},
		{
			name: "times/expired-but-signed-now", doc: "nextUpdate was two days ago, though the answer was signed an hour ago", ref: "RFC 6960 2.4", news: useless, rule: "expired",
			said: dated(dates{this: -9 * day, next: -2 * day}, good),
		},
		{
			name: "times/expired-revoked", doc: "the answer says revoked, and nextUpdate was two days ago; to some clients that is no answer, to others it is revoked", ref: "RFC 6960 4.2.2.1", news: accused, rule: "expired",
			said: dated(dates{this: -9 * day, next: -2 * day, produced: -9 * day}, revocation),
		},
		{
			name: "times/expired-unknown", doc: "the answer says unknown, and nextUpdate was two days ago", ref: "RFC 6960 4.2.2.1", news: useless, rule: "expired",
			said: dated(dates{this: -9 * day, next: -2 * day, produced: -9 * day}, fakeca.Response{Status: fakeca.Unknown}),
		},
		{
			name: "times/just-expired", doc: "nextUpdate was six minutes ago; some clients allow for a day", ref: "RFC 5019 4", news: dubious, rule: "expired",
			said: at(-7*day, -6*time.Minute),
		},
		{
			name: "times/expired-within-skew", doc: "nextUpdate was a minute ago; most clients allow for clocks that differ", ref: "RFC 5019 4", news: dubious,
			said: at(-7*day, -time.Minute),
		},
		{
			name: "times/early", doc: "thisUpdate is in two days", ref: "RFC 6960 4.2.2.1", news: useless, rule: "early",
			said: dated(dates{this: 2 * day, next: 9 * day}, good),
		},
		{
			name: "times/early-revoked", doc: "the answer says revoked, and thisUpdate is in two days; to some clients that is no answer, to others it is revoked", ref: "RFC 6960 4.2.2.1", news: accused, rule: "early",
			said: dated(dates{this: 2 * day, next: 9 * day}, revocation),
		},
		{
			name: "times/from-the-future", doc: "all times are a month ahead, as if the responder's clock was", ref: "RFC 6960 4.2.2.1", news: useless, rule: "early, produced-at",
			said: dated(dates{this: 30 * day, next: 37 * day, produced: 30 * day}, good),
		},
		{
			name: "times/just-early", doc: "thisUpdate is in six minutes; some clients allow for a day", ref: "RFC 6960 4.2.2.1", news: dubious, rule: "early",
			said: dated(dates{this: 6 * time.Minute, next: 7 * day}, good),
		},
		{
			name: "times/early-within-skew", doc: "thisUpdate is in a minute; most clients allow for clocks that differ", ref: "RFC 6960 4.2.2.1", news: dubious,
			said: dated(dates{this: time.Minute, next: 7 * day}, good),
		},
		{
			name: "times/eight-days-old", doc: "the answer is current and eight days old; some clients take seven at the most", ref: "Baseline Requirements 4.9.10", news: dubious,
			said: at(-8*day, 2*day),
		},
		{
			name: "times/ancient", doc: "the answer is current and 320 days old; some clients take seven at the most", ref: "Baseline Requirements 4.9.10", news: dubious,
			said: at(-320*day, 45*day),
		},
		{
			name: "times/too-long", doc: "the answer is valid for a year, where CAs may give ten days; few clients look", ref: "Baseline Requirements 4.9.10", news: dubious,
			said: at(-day, 365*day),
		},
		{
			name: "times/for-ever", doc: "nextUpdate is the end of the year 9999; few clients look", ref: "RFC 6960 4.2.2.1", news: dubious,
			said: says(fakeca.Response{NextUpdate: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}),
		},
		{
			name: "times/no-next-update", doc: "there is no nextUpdate, and thisUpdate was an hour ago; RFC 6960 allows that, and RFC 5019 does not", ref: "RFC 5019 4", news: dubious,
			said: dated(dates{this: -time.Hour}, fakeca.Response{Forever: true}),
		},
		{
			name: "times/no-next-update-and-old", doc: "there is no nextUpdate, and thisUpdate was a month ago", ref: "RFC 5019 4", news: useless, rule: "age",
			said: dated(dates{this: -30 * day, produced: -30 * day}, fakeca.Response{Forever: true}),
		},
		{
			name: "times/next-before-this", doc: "nextUpdate is two days before thisUpdate", ref: "RFC 6960 2.4", news: useless, rule: "update-order",
			said: at(-day, -3*day),
		},
		{
			name: "times/produced-before-certificate", doc: "the answer was signed a day before the certificate is valid; some clients refuse that", ref: "RFC 6960 2.4", news: dubious, rule: "produced-at",
			template: func(w *world) { w.tmpl.NotBefore = w.clock.now().Add(-day) },
			said:     at(-2*day, 5*day),
		},
		{
			name: "times/produced-after-certificate", doc: "the answer is signed after the certificate ends, by a clock that is four minutes ahead; some clients refuse that", ref: "RFC 6960 2.4", news: dubious, rule: "produced-at",
			template: func(w *world) { w.tmpl.NotAfter = w.clock.now().Add(3 * time.Minute) },
			said:     dated(dates{this: -time.Hour, next: day, produced: 4 * time.Minute}, good),
		},
		{
			name: "times/produced-in-the-future", doc: "the answer is current, and will be signed in two days; some clients look at thisUpdate and nextUpdate alone", ref: "RFC 6960 2.4", news: dubious, rule: "produced-at",
			said: dated(dates{this: -time.Hour, next: 7 * day, produced: 2 * day}, good),
		},
		{
			name: "times/produced-before-this", doc: "the answer is current, and was signed a day before thisUpdate; few clients compare them", ref: "RFC 6960 2.4", news: dubious,
			said: dated(dates{this: -time.Hour, next: 7 * day, produced: -day}, good),
		},
	}
}

// neverRefreshed is a server that fetched its staple once and for all.
func neverRefreshed() *scenario {
	return &scenario{
		name: "times/never-refreshed", doc: "the server still staples what was good for a week, ten days ago", ref: "RFC 6066 8",
		seen:   []string{"traefik/traefik#11921"},
		staple: useless, untimely: true,
		setup: func(w *world) { w.staple(dated(dates{this: -time.Hour, next: 7 * day}, fakeca.Response{})(w)) },
		first: func(Policy) Verdict { return Accept },
		then:  func(w *world) { w.clock.putForward(10 * day) },
	}
}
