package conformance

import (
	"crypto/tls"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// resumptionCases are about clients that connect again. The server gives out
// session tickets in them. A client that resumes a session sees the staple of
// the first connection, and one that does not sees a new one.
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

func resumptions() []*scenario {
	seen := []string{"golang/go#31641", "golang/go#77217"}
	return []*scenario{
		{
			name: "good", doc: "all is well at both connections",
			first: firstSays(good, good, good),
			then:  func(*world) {},
		},
		{
			name: "revoked", doc: "the certificate is revoked when all that was said of it at the first connection has expired", seen: seen,
			untimely: true,
			first:    firstSays(good, good, good),
			want: between(
				&scenario{staple: useless, fetched: revoked, listed: revoked}, // resumed
				&scenario{staple: revoked, fetched: revoked, listed: revoked},
			),
			then: revokeLater,
		},
		{
			name: "intermediate-revoked", doc: "the intermediate is revoked when all that was said at the first connection has expired", seen: seen,
			untimely: true,
			first:    firstSays(good, good, good),
			want: between(
				&scenario{staple: useless, intermediate: revoked, intermediateListed: revoked}, // resumed
				&scenario{intermediate: revoked, intermediateListed: revoked},
			),
			then: func(w *world) {
				w.clock.putForward(2 * day)
				w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
			},
		},
		{
			name: "unchecked", doc: "nobody could be asked at the first connection, and two days later the certificate is revoked", seen: seen,
			untimely: true,
			staple:   silent, fetched: revoked, listed: revoked,
			first: firstSays(silent, useless, useless),
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Hangup())
				w.aboutList(fault.Hangup())
			},
			then: func(w *world) {
				w.responder.SetFault(fault.None())
				w.responder.SetCRLFault(w.ca, fault.None())
				revokeLater(w)
			},
		},
		{
			name: "refused", doc: "the certificate is revoked, and a client that refused the first connection connects again", seen: []string{"curl CVE-2024-0853"},
			staple: revoked, fetched: revoked, listed: revoked,
			first: firstSays(revoked, revoked, revoked),
			setup: func(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) },
			then:  func(*world) {},
		},
		{
			name: "refused-unstapled", doc: "nothing is stapled and nobody can be asked, and a client that refused the first connection connects again", seen: []string{"curl CVE-2024-0853"},
			staple: silent, fetched: useless, listed: useless,
			first: firstSays(silent, useless, useless),
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Hangup())
				w.aboutList(fault.Hangup())
			},
			then: func(*world) {},
		},
	}
}
