package conformance

import (
	"bytes"
	"crypto/sha1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// responderIDCases are about the name of the signer in a response. Whether that
// signer has authority is for signerCases and delegateCases.
func responderIDCases() []*scenario { return stapledAndFetched(responderIDResponses()) }

func responderIDResponses() []responseCase {
	// named returns a response that the issuer signs, with another responder ID.
	named := func(id func(*world) fakeca.ResponderID) func(*world) fakeca.Response {
		return func(w *world) fakeca.Response {
			id := id(w)
			return fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponderID = id }}
		}
	}
	return []responseCase{
		{
			name:     "responderid/by-name",
			doc:      "the responder ID is the issuer's name",
			ref:      refResponderIDByName,
			response: always(fakeca.Response{}),
		},
		{
			name:     "responderid/by-key",
			doc:      "the responder ID is the hash of the issuer's key, as RFC 9919 requires of new responders",
			ref:      refResponderIDByKey,
			seen:     []string{"certbot/certbot#7989"},
			response: always(fakeca.Response{ByKey: true}),
		},
		{
			name:     "responderid/delegate-by-key",
			doc:      "the responder ID is the hash of a delegate's key",
			ref:      refResponderIDByKey,
			seen:     []string{"certbot/certbot#7989"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), ByKey: true} },
		},
		{
			name:     "responderid/wrong-name",
			doc:      "the responder ID is the root's name, but the issuer signed; some clients find the signer without it",
			ref:      refResponderID,
			also:     Disputed,
			response: named(func(w *world) fakeca.ResponderID { return fakeca.ResponderID{ByName: w.root.Cert.RawSubject} }),
		},
		{
			name:     "responderid/wrong-key",
			doc:      "the responder ID is the hash of an unknown key, but the issuer signed; some clients find the signer without it",
			ref:      refResponderID,
			also:     Disputed,
			response: named(always(fakeca.ResponderID{ByKey: make([]byte, sha1.Size)})),
		},
		{
			name: "responderid/subject-key-identifier",
			doc: "the responder ID is the issuer's subject key identifier, which is not the SHA-1 of its key; " +
				"some clients look for that",
			ref:      refKeyHash,
			also:     Disputed,
			response: named(func(w *world) fakeca.ResponderID { return fakeca.ResponderID{ByKey: w.ca.Cert.SubjectKeyId} }),
		},
		{
			name: "responderid/hash-of-key-info",
			doc: "the responder ID is the SHA-1 of the issuer's whole SubjectPublicKeyInfo, not of the key's bits; " +
				"some clients find the signer without it",
			ref:  refKeyHash,
			also: Disputed,
			response: named(func(w *world) fakeca.ResponderID {
				sum := sha1.Sum(w.ca.Cert.RawSubjectPublicKeyInfo)
				return fakeca.ResponderID{ByKey: sum[:]}
			}),
		},
		{
			name: "responderid/issuer-for-delegate",
			doc:  "the responder ID is the issuer's name, but an embedded delegate signed; some clients find the signer without it",
			ref:  refResponderID,
			also: Disputed,
			response: func(w *world) fakeca.Response {
				issuer := fakeca.ResponderID{ByName: w.ca.Cert.RawSubject}
				return fakeca.Response{
					Signer: w.ca.OCSPSigner(),
					Edit:   func(m *fakeca.Message) { m.ResponderID = issuer },
				}
			},
		},
		{
			name: "responderid/delegate-for-issuer",
			doc:  "the responder ID is the name of an embedded delegate, but the issuer signed; some clients find the signer without it",
			ref:  refResponderID,
			also: Disputed,
			response: func(w *world) fakeca.Response {
				delegate := w.ca.OCSPSigner().Cert
				return fakeca.Response{Edit: func(m *fakeca.Message) {
					m.ResponderID = fakeca.ResponderID{ByName: delegate.RawSubject}
					m.Certs = [][]byte{delegate.Raw}
				}}
			},
		},
		{
			name: "responderid/same-name-other-key",
			doc:  "the responder ID is the issuer's name, but another CA with that name signed",
			ref:  refAuthorized,
			response: func(w *world) fakeca.Response {
				issuer := fakeca.ResponderID{ByName: w.ca.Cert.RawSubject}
				return fakeca.Response{
					Signer:   asSigner(fakeca.New(fakeca.WithClock(w.clock.now))),
					OmitCert: true,
					Edit:     func(m *fakeca.Message) { m.ResponderID = issuer },
				}
			},
		},
		{
			name: "responderid/other-string-type",
			doc:  "the responder ID is the issuer's name as UTF8String, not PrintableString; some clients compare bytes",
			ref:  refNameComparison,
			also: Disputed,
			response: edited(func(m *fakeca.Message) {
				const printable, utf8 = 0x13, 0x0c
				commonName := []byte{6, 3, 0x55, 4, 3}
				m.ResponderID.ByName = bytes.ReplaceAll(m.ResponderID.ByName, append(commonName, printable), append(commonName, utf8))
			}),
		},
	}
}
