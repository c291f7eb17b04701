package conformance

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// reasonCases are about the reason and the time of a revocation. None of them
// makes the certificate less revoked.
//
// Left out: good for a serial number that the CA never issued, which no client
// can know, and whether a client shows the reason, which is no verdict.
func reasonCases() []*scenario {
	return append(stapledAndFetched(reasonResponses()), reasonLost()...)
}

func reasonResponses() []responseCase {
	cases := []responseCase{
		{
			name:     "reason/absent",
			doc:      "the response says revoked, without a reason",
			ref:      refReasonOptional,
			response: always(fakeca.Response{Status: fakeca.Revoked}),
		},
		{
			name:     "reason/unspecified",
			doc:      "the response says revoked, and states the reason unspecified, which should be left out",
			ref:      refUnspecified,
			response: always(fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true}),
		},
	}
	for reason := fakeca.KeyCompromise; reason <= fakeca.AACompromise; reason++ {
		var doc string
		ref := refReasons
		switch reason {
		case 7: // not assigned: see encodingCases
			continue
		case fakeca.CertificateHold:
			doc = "the certificate is on hold, which means revoked for now"
		case fakeca.RemoveFromCRL:
			doc = "the response says revoked, with the reason removeFromCRL, which is only for delta CRLs"
			ref = refRemoveFromCRL
		default:
			doc = "the response says revoked, with the reason " + strings.ReplaceAll(reason.String(), "_", " ")
		}
		cases = append(cases, responseCase{
			name:     "reason/" + strings.ReplaceAll(reason.String(), "_", "-"),
			doc:      doc,
			ref:      ref,
			response: always(fakeca.Response{Status: fakeca.Revoked, Reason: reason}),
		})
	}
	return append(cases,
		responseCase{
			name: "reason/revoked-tomorrow",
			doc:  "the response says revoked, from tomorrow on; no RFC says whether that counts already",
			ref:  refRevokedLater,
			also: Disputed,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Status: fakeca.Revoked, RevokedAt: w.clock.now().Add(day)}
			},
		},
		responseCase{
			name:     "reason/revoked-before-issuance",
			doc:      "the revocation time is before the certificate was issued",
			ref:      refRevocationTime,
			template: func(w *world) { w.tmpl.NotBefore = w.clock.now().Add(-day) },
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Status: fakeca.Revoked, RevokedAt: w.clock.now().Add(-1000 * day)}
			},
		},
		responseCase{
			name:     "reason/revoked-in-1970",
			doc:      "the revocation time is 1970-01-01, zero in Unix time",
			ref:      refRevocationTime,
			response: always(fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Unix(0, 0)}),
		},
		responseCase{
			name: "reason/extended-revoked",
			doc:  "the response says that the CA never issued the certificate: on hold since 1970, with the extension extended-revoke",
			ref:  refNonIssued,
			response: always(fakeca.Response{
				Status:    fakeca.Revoked,
				Reason:    fakeca.CertificateHold,
				RevokedAt: time.Unix(0, 0),
				Edit: func(m *fakeca.Message) {
					extended := pkix.Extension{Id: idExtendedRevoke, Value: asn1.NullBytes}
					m.ResponseExtensions = append(m.ResponseExtensions, extended)
				},
			}),
		},
	)
}

// reasonLost is about two responses. The second has lost the reason.
func reasonLost() []*scenario {
	withReason := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	withoutReason := fakeca.Response{Status: fakeca.Revoked}
	return []*scenario{
		{
			name:    "reason/lost",
			doc:     "the response was signed again and has lost the reason: still revoked",
			ref:     refRevoked,
			seen:    []string{"letsencrypt/boulder#4880"},
			sources: Staple,
			setup:   func(w *world) { w.staple(withReason) },
			second:  func(w *world) { w.staple(withoutReason) },
		},
		{
			name:    "reason/lost-fetched",
			doc:     "fetched, not stapled: the response was signed again and has lost the reason: still revoked",
			ref:     refRevoked,
			seen:    []string{"letsencrypt/boulder#4880"},
			sources: OCSP,
			setup:   func(w *world) { w.respond(withReason) },
			second:  func(w *world) { w.respond(withoutReason) },
		},
	}
}
