package conformance

import (
	"crypto/tls"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// resumptionCases are about clients that connect again to a server that issues
// session tickets. A client that resumes the session sees the staple of the first
// connection. A client that does not sees a new one.
func resumptionCases() []*scenario {
	var out []*scenario
	for _, v := range []struct {
		name    string
		version uint16
		cases   []*scenario
	}{
		{"tls12", tls.VersionTLS12, resumptions(refFullHandshake, refFailedSession)},
		{"tls13", tls.VersionTLS13, resumptions(refTicketLifetime, refFailedTicket)},
	} {
		for _, s := range v.cases {
			s.name = "resumption/" + s.name + "-" + v.name
			s.doc = tls.VersionName(v.version) + ": " + s.doc
			s.template = func(w *world) {
				w.options = append(w.options, ocsptest.WithSessionTickets())
				w.tls.MinVersion, w.tls.MaxVersion = v.version, v.version
			}
			out = append(out, s)
		}
	}
	return out
}

// resumptions are the cases without the version of TLS. The refs are about sessions
// that worked, and about those that failed.
func resumptions(worked, failed Ref) []*scenario {
	return []*scenario{
		{
			name:   "good",
			doc:    "everything is good at both connections",
			ref:    worked,
			seen:   []string{"curl/curl#12399"},
			second: func(*world) {},
		},
		{
			name: "revoked",
			doc: "after all that was said at the first connection has expired, the certificate is revoked; " +
				"a client that resumes sees the old staple",
			ref:        worked,
			seen:       []string{"golang/go#77217", "curl/curl#18902", "vitessio/vitess#21054"},
			needsClock: true,
			also:       Says{Staple: Invalid}, // the old staple
			second:     revokeLater,
		},
		{
			name: "intermediate-revoked",
			doc: "after all that was said at the first connection has expired, the intermediate is revoked; " +
				"a client that resumes sees the old staple",
			ref:        worked,
			seen:       []string{"golang/go#77217", "curl/curl#18902", "vitessio/vitess#21054"},
			needsClock: true,
			also:       Says{Staple: Invalid}, // the old staple
			second: func(w *world) {
				w.clock.advance(2 * day)
				revokeIntermediate(w)
			},
		},
		{
			name:       "unchecked",
			doc:        "no source was reachable at the first connection, and two days later the certificate is revoked",
			ref:        worked,
			seen:       []string{"golang/go#77217", "curl/curl#18902", "vitessio/vitess#21054"},
			needsClock: true,
			setup:      withoutStaple(allDown),
			second: func(w *world) {
				w.responder.SetFault(fault.None())
				w.crlFault(fault.None())
				revokeLater(w)
			},
		},
		{
			name:   "refused",
			doc:    "the certificate is revoked, and a client that refused it connects again",
			ref:    failed,
			seen:   []string{"curl CVE-2024-0853"},
			setup:  func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
			second: func(*world) {},
		},
		{
			name:   "refused-unstapled",
			doc:    "nothing is stapled, no source is reachable, and a client that refused connects again",
			ref:    failed,
			seen:   []string{"curl CVE-2024-0853"},
			setup:  withoutStaple(allDown),
			second: func(*world) {},
		},
	}
}
