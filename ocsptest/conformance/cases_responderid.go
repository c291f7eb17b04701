package conformance

import (
	"bytes"
	"crypto/sha1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// responderIDCases are about who the answer says has signed it. Whether that
// one may sign is for signerCases and delegateCases.
func responderIDCases() []*scenario { return both(responderIDAnswers()) }

func responderIDAnswers() []answerCase {
	const wrong = "responder-id"
	named := func(id func(*world) fakeca.ResponderID) func(*world) fakeca.Response {
		return func(w *world) fakeca.Response {
			id := id(w)
			return fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponderID = id }}
		}
	}
	return []answerCase{
		{name: "responderid/by-name", doc: "the responder ID is the issuer's name", ref: "RFC 6960 4.2.2.3", said: says(fakeca.Response{})},
		{name: "responderid/by-key", doc: "the responder ID is the hash of the issuer's key", ref: "RFC 6960 4.2.2.3", said: says(fakeca.Response{ByKey: true})},
		{
			name: "responderid/delegate-by-key", doc: "the responder ID is the hash of a delegate's key", ref: "RFC 6960 4.2.2.3",
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), ByKey: true} },
		},
		{
			name: "responderid/wrong-name", doc: "the responder ID is the root's name, and the issuer signed", ref: "RFC 6960 4.2.2.3", news: useless, rule: wrong,
			said: named(func(w *world) fakeca.ResponderID { return fakeca.ResponderID{ByName: w.root.Cert.RawSubject} }),
		},
		{
			name: "responderid/wrong-key", doc: "the responder ID is the hash of a key that nobody has, and the issuer signed", ref: "RFC 6960 4.2.2.3", news: useless, rule: wrong,
			said: named(func(*world) fakeca.ResponderID { return fakeca.ResponderID{ByKey: make([]byte, sha1.Size)} }),
		},
		{
			name: "responderid/subject-key-identifier", doc: "the responder ID is the issuer's subject key identifier, which is no SHA-1 of its key", ref: "RFC 6960 4.2.1", news: useless, rule: wrong,
			said: named(func(w *world) fakeca.ResponderID { return fakeca.ResponderID{ByKey: w.ca.Cert.SubjectKeyId} }),
		},
		{
			name: "responderid/hash-of-key-info", doc: "the responder ID is the SHA-1 of the issuer's whole SubjectPublicKeyInfo, not of the key's bits", ref: "RFC 6960 4.2.1", news: useless, rule: wrong,
			said: named(func(w *world) fakeca.ResponderID {
				sum := sha1.Sum(w.ca.Cert.RawSubjectPublicKeyInfo)
				return fakeca.ResponderID{ByKey: sum[:]}
			}),
		},
		{
			name: "responderid/issuer-for-delegate", doc: "the responder ID is the issuer's name, and an embedded delegate signed", ref: "RFC 6960 4.2.2.3", news: useless, rule: wrong,
			said: func(w *world) fakeca.Response {
				issuer := fakeca.ResponderID{ByName: w.ca.Cert.RawSubject}
				return fakeca.Response{Signer: w.ca.OCSPSigner(), Edit: func(m *fakeca.Message) { m.ResponderID = issuer }}
			},
		},
		{
			name: "responderid/delegate-for-issuer", doc: "the responder ID is the name of an embedded delegate, and the issuer signed", ref: "RFC 6960 4.2.2.3", news: useless, rule: wrong,
			said: func(w *world) fakeca.Response {
				delegate := w.ca.OCSPSigner().Cert
				return fakeca.Response{Edit: func(m *fakeca.Message) {
					m.ResponderID, m.Certs = fakeca.ResponderID{ByName: delegate.RawSubject}, [][]byte{delegate.Raw}
				}}
			},
		},
		{
			name: "responderid/same-name-other-key", doc: "the responder ID is the issuer's name, and another CA of that name signed", ref: "RFC 6960 4.2.2.2", news: useless, rule: "signature",
			said: func(w *world) fakeca.Response {
				namesake := fakeca.New(fakeca.WithClock(w.clock.now))
				issuer := fakeca.ResponderID{ByName: w.ca.Cert.RawSubject}
				return fakeca.Response{
					Signer: &fakeca.Leaf{Cert: namesake.Cert, Key: namesake.Key}, OmitCert: true,
					Edit: func(m *fakeca.Message) { m.ResponderID = issuer },
				}
			},
		},
		{
			name: "responderid/other-string-type", doc: "the responder ID is the issuer's name in UTF8String, where the certificate has PrintableString; some clients compare bytes", ref: "RFC 5280 7.1", news: dubious, rule: wrong,
			said: edited(func(m *fakeca.Message) {
				commonName := []byte{6, 3, 0x55, 4, 3}
				m.ResponderID.ByName = bytes.ReplaceAll(m.ResponderID.ByName, append(commonName, 0x13), append(commonName, 0x0c))
			}),
		},
	}
}
