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
		ref     string
	}{
		{"tls12", tls.VersionTLS12, "RFC 5077 3.1"},
		{"tls13", tls.VersionTLS13, "RFC 8446 2.2"},
	} {
		for _, s := range resumptions() {
			s.name = "resumption/" + s.name + "-" + v.name
			s.doc = tls.VersionName(v.version) + ": " + s.doc
			s.ref = v.ref
			s.template = func(w *world) {
				w.options = append(w.options, ocsptest.WithSessionTickets())
				w.tls.MinVersion, w.tls.MaxVersion = v.version, v.version
			}
			out = append(out, s)
		}
	}
	return out
}

// resumptions are the cases without the version of TLS.
func resumptions() []*scenario {
	seen := []string{"golang/go#31641", "golang/go#77217"}
	allRevoked := says{staple: revoked, ocsp: revoked, crl: revoked}
	return []*scenario{
		{
			name:      "good",
			doc:       "everything is good at both connections",
			firstWant: says{}.combine,
			second:    func(*world) {},
		},
		{
			name:       "revoked",
			doc:        "after all that was said at the first connection has expired, the certificate is revoked",
			seen:       seen,
			needsClock: true,
			firstWant:  says{}.combine,
			want: between(
				&scenario{leaf: says{staple: invalid, ocsp: revoked, crl: revoked}}, // resumed
				&scenario{leaf: allRevoked},
			),
			second: revokeLater,
		},
		{
			name:       "intermediate-revoked",
			doc:        "after all that was said at the first connection has expired, the intermediate is revoked",
			seen:       seen,
			needsClock: true,
			firstWant:  says{}.combine,
			want: between(
				&scenario{leaf: says{staple: invalid}, intermediate: allRevoked}, // resumed
				&scenario{intermediate: allRevoked},
			),
			second: func(w *world) {
				w.clock.advance(2 * day)
				revokeIntermediate(w)
			},
		},
		{
			name:       "unchecked",
			doc:        "no source was reachable at the first connection, and two days later the certificate is revoked",
			seen:       seen,
			leaf:       says{staple: absent, ocsp: revoked, crl: revoked},
			needsClock: true,
			setup:      withoutStaple(allDown),
			firstWant:  says{staple: absent, ocsp: invalid, crl: invalid}.combine,
			second: func(w *world) {
				w.responder.SetFault(fault.None())
				w.crlFault(fault.None())
				revokeLater(w)
			},
		},
		{
			name:      "refused",
			doc:       "the certificate is revoked, and a client that refused it connects again",
			seen:      []string{"curl CVE-2024-0853"},
			leaf:      allRevoked,
			setup:     func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
			firstWant: allRevoked.combine,
			second:    func(*world) {},
		},
		{
			name:      "refused-unstapled",
			doc:       "nothing is stapled, no source is reachable, and a client that refused connects again",
			seen:      []string{"curl CVE-2024-0853"},
			leaf:      says{staple: absent, ocsp: invalid, crl: invalid},
			setup:     withoutStaple(allDown),
			firstWant: says{staple: absent, ocsp: invalid, crl: invalid}.combine,
			second:    func(*world) {},
		},
	}
}
