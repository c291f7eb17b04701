package conformance

import (
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// timesCases are about whether a response is current. Clients differ on times
// that are off by minutes, because they allow for clocks that differ. No client
// is known to allow for more than a day, so that two days are wrong.
//
// Left out: exactly nextUpdate and a second on either side, because no client can
// be held to that by its own clock (just-expired and within-skew are about it); a
// grid of nextUpdates and a responder with another date, which look like one of
// these; the age of responses about intermediates; and whether a client reports
// times to the second, which is no verdict.
func timesCases() []*scenario {
	return append(stapledAndFetched(timesResponses()), neverRefreshed())
}

// dated returns r with its times moved. The zero producedAt is an hour ago.
func dated(d dates, r fakeca.Response) func(*world) fakeca.Response {
	if d.producedAt == 0 {
		d.producedAt = -time.Hour
	}
	return func(w *world) fakeca.Response {
		r, now := r, w.clock.now()
		r.ThisUpdate, r.ProducedAt = now.Add(d.thisUpdate), now.Add(d.producedAt)
		if !r.Forever {
			r.NextUpdate = now.Add(d.nextUpdate)
		}
		return r
	}
}

func timesResponses() []responseCase {
	var goodResponse fakeca.Response
	// at is produced at thisUpdate.
	at := func(thisUpdate, nextUpdate time.Duration) func(*world) fakeca.Response {
		return dated(dates{thisUpdate: thisUpdate, nextUpdate: nextUpdate, producedAt: thisUpdate}, goodResponse)
	}
	expired := dates{thisUpdate: -9 * day, nextUpdate: -2 * day, producedAt: -9 * day}
	early := dates{thisUpdate: 2 * day, nextUpdate: 9 * day}
	return []responseCase{
		{
			name:     "times/valid-for-a-week",
			doc:      "the response is a day old, and valid for another week",
			ref:      refValidity,
			response: at(-day, 7*day),
		},
		{
			name:     "times/short-lived",
			doc:      "the response is valid for another ten minutes",
			ref:      refValidity,
			response: at(-time.Minute, 10*time.Minute),
		},
		{
			name:     "times/expired",
			doc:      "nextUpdate was two days ago",
			ref:      refConfirmNextUpdate,
			seen:     []string{"caddyserver/caddy#4591", "caddyserver/caddy#6524", "openssl/openssl#32367"},
			response: dated(expired, goodResponse),
		},
		{
			name:     "times/expired-but-signed-now",
			doc:      "nextUpdate was two days ago, although the response was signed an hour ago",
			ref:      refConfirmNextUpdate,
			response: dated(dates{thisUpdate: -9 * day, nextUpdate: -2 * day}, goodResponse),
		},
		{
			name:     "times/expired-revoked",
			doc:      "the response says revoked, and nextUpdate was two days ago; some clients ignore it, some treat it as revoked",
			ref:      refConfirmNextUpdate,
			response: dated(expired, fakeca.Response{Status: fakeca.Revoked}),
		},
		{
			name:     "times/expired-unknown",
			doc:      "the response says unknown, and nextUpdate was two days ago",
			ref:      refConfirmNextUpdate,
			response: dated(expired, unknownResponse),
		},
		{
			name:     "times/just-expired",
			doc:      "nextUpdate was six minutes ago; some clients allow for a day",
			ref:      refTolerance,
			also:     Disputed,
			response: at(-7*day, -6*time.Minute),
		},
		{
			name:     "times/expired-within-skew",
			doc:      "nextUpdate was a minute ago; most clients allow for clocks that differ",
			ref:      refTolerance,
			also:     Disputed,
			response: at(-7*day, -time.Minute),
		},
		{
			name:     "times/early",
			doc:      "thisUpdate is in two days",
			ref:      refValidity,
			response: dated(early, goodResponse),
		},
		{
			name:     "times/early-revoked",
			doc:      "the response says revoked, and thisUpdate is in two days; some clients ignore it, some treat it as revoked",
			ref:      refValidity,
			response: dated(early, fakeca.Response{Status: fakeca.Revoked}),
		},
		{
			name:     "times/from-the-future",
			doc:      "all times are a month ahead, as if the responder's clock was",
			ref:      refValidity,
			response: at(30*day, 37*day),
		},
		{
			name:     "times/just-early",
			doc:      "thisUpdate is in six minutes; some clients allow for a day",
			ref:      refValidity,
			also:     Disputed,
			response: dated(dates{thisUpdate: 6 * time.Minute, nextUpdate: 7 * day}, goodResponse),
		},
		{
			name:     "times/early-within-skew",
			doc:      "thisUpdate is in a minute; most clients allow for clocks that differ",
			ref:      refValidity,
			also:     Disputed,
			response: dated(dates{thisUpdate: time.Minute, nextUpdate: 7 * day}, goodResponse),
		},
		{
			name:     "times/eight-days-old",
			doc:      "the response is current and eight days old; some clients allow at most seven",
			ref:      refReplacedInTime,
			also:     Disputed,
			response: at(-8*day, 2*day),
		},
		{
			name:     "times/ancient",
			doc:      "the response is current and 320 days old; some clients allow at most seven",
			ref:      refAtMostTenDays,
			also:     Disputed,
			response: at(-320*day, 45*day),
		},
		{
			name:     "times/too-long",
			doc:      "the response is valid for a year, where CAs may give ten days; few clients check",
			ref:      refAtMostTenDays,
			also:     Disputed,
			response: at(-day, 365*day),
		},
		{
			name:     "times/for-ever",
			doc:      "nextUpdate is the end of the year 9999; few clients check",
			ref:      refAtMostTenDays,
			also:     Disputed,
			response: always(fakeca.Response{NextUpdate: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}),
		},
		{
			name:     "times/no-next-update",
			doc:      "there is no nextUpdate, and thisUpdate was an hour ago; RFC 6960 allows that, RFC 9919 does not",
			ref:      refNeedsNextUpdate,
			seen:     []string{"icing/mod_md#326", "openbao/openbao#2142"},
			also:     Disputed,
			response: dated(dates{thisUpdate: -time.Hour}, fakeca.Response{Forever: true}),
		},
		{
			name:     "times/no-next-update-and-old",
			doc:      "there is no nextUpdate, and thisUpdate was a month ago; a client that accepts it would accept it for ever",
			ref:      refNeedsNextUpdate,
			response: dated(dates{thisUpdate: -30 * day, producedAt: -30 * day}, fakeca.Response{Forever: true}),
		},
		{
			name:     "times/next-before-this",
			doc:      "nextUpdate is two days before thisUpdate",
			ref:      refConfirmNextUpdate,
			response: at(-day, -3*day),
		},
		{
			name:     "times/produced-before-certificate",
			doc:      "the response was signed a day before the certificate is valid; no RFC forbids that, but some clients reject it",
			ref:      refGoodAtAnyTime,
			also:     Disputed,
			template: func(w *world) { w.tmpl.NotBefore = w.clock.now().Add(-day) },
			response: at(-2*day, 5*day),
		},
		{
			name:     "times/produced-after-certificate",
			doc:      "producedAt is after the certificate expires, by a clock four minutes ahead; no RFC forbids that, but some clients reject it",
			ref:      refGoodAtAnyTime,
			also:     Disputed,
			template: func(w *world) { w.tmpl.NotAfter = w.clock.now().Add(3 * time.Minute) },
			response: dated(dates{thisUpdate: -time.Hour, nextUpdate: day, producedAt: 4 * time.Minute}, goodResponse),
		},
		{
			name:     "times/outlives-certificate",
			doc:      "the response is valid for longer than the certificate, as responses of many CAs are near its end",
			ref:      refGoodAtAnyTime,
			seen:     []string{"caddyserver/caddy#7377"},
			since:    set2026_2,
			template: func(w *world) { w.tmpl.NotAfter = w.clock.now().Add(2 * day) },
			response: at(-day, 5*day),
		},
		{
			name:     "times/produced-in-the-future",
			doc:      "the response is current, and producedAt is in two days; some clients check only thisUpdate and nextUpdate",
			ref:      refProducedAt,
			also:     Disputed,
			response: dated(dates{thisUpdate: -time.Hour, nextUpdate: 7 * day, producedAt: 2 * day}, goodResponse),
		},
		{
			name:     "times/produced-before-this",
			doc:      "the response is current, and producedAt is a day before thisUpdate; few clients compare them",
			ref:      refProducedAt,
			also:     Disputed,
			response: dated(dates{thisUpdate: -time.Hour, nextUpdate: 7 * day, producedAt: -day}, goodResponse),
		},
	}
}

// neverRefreshed is about a server that fetches its staple only once.
func neverRefreshed() *scenario {
	weekLong := dated(dates{thisUpdate: -time.Hour, nextUpdate: 7 * day}, fakeca.Response{})
	return &scenario{
		name:       "times/never-refreshed",
		doc:        "the server still staples its response of ten days ago, which was valid for a week",
		ref:        refConfirmNextUpdate,
		seen:       []string{"traefik/traefik#11921"},
		needsClock: true,
		setup:      func(w *world) { w.staple(weekLong(w)) },
		second:     func(w *world) { w.clock.advance(10 * day) },
	}
}
