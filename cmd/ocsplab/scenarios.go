package main

import (
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A scenario is one server of `ocsplab serve`: its certificate and its staple.
type scenario struct {
	name       string
	response   fakeca.Response
	noStaple   bool
	mustStaple bool // the certificate requires a staple (RFC 7633)
}

const (
	day  = 24 * time.Hour
	week = 7 * day

	month = 30 * day
)

// scenarios returns the table. The times that it leaves out are in usual.
func scenarios(now time.Time) []scenario {
	table := []scenario{{name: "good"}}
	for why := range fakeca.Reasons() {
		table = append(table, scenario{
			name:     "revoked-" + strings.ReplaceAll(why.String(), "_", "-"),
			response: fakeca.Response{Status: fakeca.Revoked, Reason: why},
		})
	}
	table = append(table, scenario{name: "unknown", response: fakeca.Response{Status: fakeca.Unknown}})
	for failure, name := range fakeca.Failures() {
		table = append(table, scenario{
			name:     strings.ReplaceAll(name, "_", "-"),
			response: fakeca.Response{Status: fakeca.ServerFailed, Error: failure},
		})
	}
	return append(table,
		scenario{name: "no-staple", noStaple: true},
		// These two stay as they are for longer than the usual responses are valid.
		scenario{name: "expired", response: fakeca.Response{ThisUpdate: now.Add(-2 * week), NextUpdate: now.Add(-week)}},
		scenario{name: "not-yet-valid", response: fakeca.Response{ThisUpdate: now.Add(2 * week), NextUpdate: now.Add(3 * week)}},
		scenario{name: "must-staple", mustStaple: true},
		scenario{name: "must-staple-missing", mustStaple: true, noStaple: true},
	)
}

// usual fills in fixed times, so that what was printed stays true. Some clients
// refuse responses that are valid for more than a week.
func usual(r fakeca.Response, now time.Time) fakeca.Response {
	if r.ThisUpdate.IsZero() {
		r.ThisUpdate, r.NextUpdate = now.Add(-time.Hour), now.Add(week)
	}
	r.ProducedAt = r.ThisUpdate
	if r.Status == fakeca.Revoked {
		r.RevokedAt = r.ThisUpdate.Add(-day)
	}
	return r
}

// String describes the staple, for the table.
func (s scenario) String() string {
	text := "nothing"
	if !s.noStaple {
		text = s.response.String()
	}
	if s.mustStaple {
		text += "; the certificate is must-staple"
	}
	return text
}
