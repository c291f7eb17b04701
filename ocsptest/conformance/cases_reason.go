package conformance

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

const day = 24 * time.Hour

var idExtendedRevoke = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}

// reasonCases are about why and since when a certificate is revoked, none of
// which makes it less so.
//
// Left out: good for a serial number that the CA never issued, which no client
// can know; that a client shows the reason, which is no verdict.
func reasonCases() []*scenario {
	return append(both(reasonAnswers()), reasonLost()...)
}

func reasonAnswers() []answerCase {
	answers := []answerCase{
		{
			name: "reason/absent", doc: "the answer says revoked, and not why", ref: "RFC 6960 4.2.1", news: revoked,
			said: says(fakeca.Response{Status: fakeca.Revoked}),
		},
		{
			name: "reason/unspecified", doc: "the answer says revoked with the reason unspecified spelled out, which should be left out", ref: "RFC 5280 5.3.1", news: revoked,
			said: says(fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true}),
		},
	}
	for reason := fakeca.KeyCompromise; reason <= fakeca.AACompromise; reason++ {
		var doc string
		switch reason {
		case 7: // not assigned: see encodingCases
			continue
		case fakeca.CertificateHold:
			doc = "the certificate is on hold, which is revoked for now"
		case fakeca.RemoveFromCRL:
			doc = "the answer says revoked with the reason removeFromCRL, which is for delta CRLs alone"
		default:
			doc = "the answer says revoked with the reason " + strings.ReplaceAll(reason.String(), "_", " ")
		}
		answers = append(answers, answerCase{
			name: "reason/" + strings.ReplaceAll(reason.String(), "_", "-"),
			doc:  doc, ref: "RFC 5280 5.3.1", news: revoked,
			said: says(fakeca.Response{Status: fakeca.Revoked, Reason: reason}),
		})
	}
	return append(answers,
		answerCase{
			name: "reason/revoked-tomorrow", doc: "the revocation is dated a day ahead; no RFC says whether that is revoked already", ref: "RFC 6960 4.2.2.1", news: dubious,
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Status: fakeca.Revoked, RevokedAt: w.clock.now().Add(day)}
			},
		},
		answerCase{
			name: "reason/revoked-before-issuance", doc: "the revocation is dated before the certificate was issued", ref: "RFC 6960 4.2.2.1", news: revoked,
			template: func(w *world) { w.tmpl.NotBefore = w.clock.now().Add(-day) },
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Status: fakeca.Revoked, RevokedAt: w.clock.now().Add(-1000 * day)}
			},
		},
		answerCase{
			name: "reason/revoked-in-1970", doc: "the revocation is dated 1970-01-01, the zero of many clocks", ref: "RFC 6960 4.2.2.1", news: revoked,
			said: says(fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Unix(0, 0)}),
		},
		answerCase{
			name: "reason/extended-revoked", doc: "the CA says that it never issued the certificate: on hold since 1970, with the extension extended-revoke", ref: "RFC 6960 4.4.8", news: revoked,
			said: says(fakeca.Response{
				Status: fakeca.Revoked, Reason: fakeca.CertificateHold, RevokedAt: time.Unix(0, 0),
				Edit: func(m *fakeca.Message) {
					m.ResponseExtensions = append(m.ResponseExtensions, pkix.Extension{Id: idExtendedRevoke, Value: asn1.NullBytes})
				},
			}),
		},
	)
}

// reasonLost is about two answers: the second has lost the reason.
func reasonLost() []*scenario {
	first := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	second := fakeca.Response{Status: fakeca.Revoked}
	lost := func(name, doc string, staple, fetched news, say func(*world, fakeca.Response)) *scenario {
		s := &scenario{
			name: name, doc: doc, ref: "RFC 6960 2.2", seen: []string{"letsencrypt/boulder#4880"},
			staple: staple, fetched: fetched,
			setup: func(w *world) { say(w, first) },
			then:  func(w *world) { say(w, second) },
		}
		s.first = s.verdict
		return s
	}
	return []*scenario{
		lost("reason/lost", "the answer was signed again, and has lost the reason: still revoked", revoked, good,
			func(w *world, r fakeca.Response) { w.staple(r) }),
		lost("reason/lost-fetched", "fetched, not stapled: the answer was signed again, and has lost the reason: still revoked", silent, revoked,
			func(w *world, r fakeca.Response) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(r))
			}),
	}
}
