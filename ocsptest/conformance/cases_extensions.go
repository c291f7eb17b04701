package conformance

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"github.com/ocsplab/ocsplab/fakeca"
)

// extensionCases are about extensions of the answer and of its singles, but for
// the nonce.
//
// Left out: critical extensions of a request and signed requests, which are for
// responders to judge.
func extensionCases() []*scenario { return both(extensionAnswers()) }

func extensionAnswers() []answerCase {
	const (
		all      = "RFC 6960 4.4"
		crlEntry = "RFC 6960 4.4.5"
		critical = "critical-extension"
		openDoc  = "; support for it is optional, so some clients do not know it"
	)
	ocspArc := func(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, n} }
	entryArc := func(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, n} }
	someTime := append([]byte{0x18, 15}, "19990102030405Z"...)
	var (
		unknownOID    = pkix.Extension{Id: asn1.ObjectIdentifier{2, 25, 1}, Value: asn1.NullBytes}
		timestamps    = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5}, Value: []byte{4, 2, 0, 0}}
		crlReferences = pkix.Extension{Id: ocspArc(3), Value: []byte{0x30, 0}}
		archiveCutoff = pkix.Extension{Id: ocspArc(6), Value: someTime}
		extended      = pkix.Extension{Id: idExtendedRevoke, Value: asn1.NullBytes}
		reasonCode    = pkix.Extension{Id: entryArc(21), Value: []byte{0x0a, 1, 1}}
		instruction   = pkix.Extension{Id: entryArc(23), Value: []byte{6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 2, 3}}
		invalidity    = pkix.Extension{Id: entryArc(24), Value: someTime}
	)
	mustKnow := func(e pkix.Extension) pkix.Extension { e.Critical = true; return e }
	answer := func(e pkix.Extension) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.ResponseExtensions = append(m.ResponseExtensions, e) })
	}
	single := func(e pkix.Extension) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.Responses[0].SingleExtensions = []pkix.Extension{e} })
	}
	rawSingle := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = raw })
	}
	return []answerCase{
		{name: "extensions/in-response", doc: "the answer has an extension that nobody knows, and it is not critical", ref: all, said: answer(unknownOID)},
		{name: "extensions/in-single", doc: "the single response has an extension that nobody knows, and it is not critical", ref: all, said: single(unknownOID)},
		{
			name: "extensions/critical-in-response", doc: "the answer has a critical extension that nobody knows", ref: all, news: useless, rule: critical,
			said: answer(mustKnow(unknownOID)),
		},
		{
			name: "extensions/critical-in-single", doc: "the single response has a critical extension that nobody knows", ref: all, news: useless, rule: critical,
			said: single(mustKnow(unknownOID)),
		},
		{
			name: "extensions/critical-in-another-single", doc: "the single response about another certificate has a critical extension that nobody knows; some clients skip it, others refuse the whole", ref: all, news: dubious,
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Also: []fakeca.Response{{Serial: big.NewInt(4711)}}, Edit: func(m *fakeca.Message) {
					m.Responses[1].SingleExtensions = []pkix.Extension{mustKnow(unknownOID)}
				}}
			},
		},
		{name: "extensions/signed-certificate-timestamps", doc: "the single response has a list of signed certificate timestamps", ref: "RFC 6962 3.3", said: single(timestamps)},
		{
			name: "extensions/critical-signed-certificate-timestamps", doc: "the single response has a critical list of signed certificate timestamps" + openDoc, ref: "RFC 6962 3.3", news: dubious,
			said: single(mustKnow(timestamps)),
		},
		{name: "extensions/crl-references", doc: "the single response has CRL references", ref: "RFC 6960 4.4.2", said: single(crlReferences)},
		{name: "extensions/archive-cutoff", doc: "the single response has an archive cutoff", ref: "RFC 6960 4.4.4", said: single(archiveCutoff)},
		{
			name: "extensions/critical-archive-cutoff", doc: "the single response has a critical archive cutoff" + openDoc, ref: "RFC 6960 4.4.4", news: dubious,
			said: single(mustKnow(archiveCutoff)),
		},
		{name: "extensions/extended-revoke", doc: "a good answer has the extension extended-revoke, which says how the responder treats others", ref: "RFC 6960 4.4.8", said: answer(extended)},
		{
			name: "extensions/critical-extended-revoke", doc: "a good answer has the extension extended-revoke, and it is critical" + openDoc, ref: "RFC 6960 4.4.8", news: dubious,
			said: answer(mustKnow(extended)),
		},
		{name: "extensions/reason-code", doc: "the single response has a CRL's reason code, which CAs may not put there, and says good", ref: "Baseline Requirements 7.3.2", said: single(reasonCode)},
		{name: "extensions/hold-instruction", doc: "the single response has a hold instruction, of RFC 3280", ref: crlEntry, said: single(instruction)},
		{name: "extensions/invalidity-date", doc: "the single response has an invalidity date, and says good", ref: crlEntry, said: single(invalidity)},
		{
			name: "extensions/certificate-issuer", doc: "the single response has the issuer of the certificate, of indirect CRLs", ref: crlEntry,
			said: func(w *world) fakeca.Response {
				return single(pkix.Extension{Id: entryArc(29), Value: generalNames(w.ca.Cert.RawSubject)})(w)
			},
		},
		{
			name: "extensions/critical-certificate-issuer", doc: "the single response has the issuer of the certificate, and it is critical, as in indirect CRLs" + openDoc, ref: crlEntry, news: dubious,
			said: func(w *world) fakeca.Response {
				return single(mustKnow(pkix.Extension{Id: entryArc(29), Value: generalNames(w.ca.Cert.RawSubject)}))(w)
			},
		},
		{
			name: "extensions/empty-list-in-response", doc: "the answer has a list of no extensions, where DER leaves it out; some clients do not mind", ref: "RFC 5280 4.1", news: dubious, rule: "malformed",
			said: edited(func(m *fakeca.Message) { m.RawResponseExtensions = []byte{0xa1, 2, 0x30, 0} }),
		},
		{
			name: "extensions/empty-list-in-single", doc: "the single response has a list of no extensions, where DER leaves it out; some clients do not mind", ref: "RFC 5280 4.1", news: dubious, rule: "malformed",
			said: rawSingle(0xa1, 2, 0x30, 0),
		},
		{
			name: "extensions/critical-false", doc: "the single response has an extension with critical FALSE spelled out, where DER leaves it out; some clients do not mind", ref: "RFC 5280 4.1", news: dubious, rule: "malformed",
			said: rawSingle(0xa1, 15, 0x30, 13, 0x30, 11, 6, 2, 0x69, 1, 1, 1, 0, 4, 2, 5, 0),
		},
		{
			name: "extensions/no-value", doc: "the single response has an extension without a value", ref: "RFC 5280 4.1", news: useless, rule: "malformed",
			said: rawSingle(0xa1, 8, 0x30, 6, 0x30, 4, 6, 2, 0x69, 1),
		},
		{
			name: "extensions/not-a-list", doc: "the single response has NULL for its extensions", ref: "RFC 5280 4.1", news: useless, rule: "malformed",
			said: rawSingle(0xa1, 2, 5, 0),
		},
	}
}

// generalNames is a list of one name, a directoryName (RFC 5280 section
// 4.2.1.6).
func generalNames(name []byte) []byte {
	tagged := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}
	der, err := asn1.Marshal([]asn1.RawValue{tagged})
	if err != nil {
		panic(err)
	}
	return der
}
