package conformance

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"github.com/ocsplab/ocsplab/fakeca"
)

// extensionCases are about extensions of a response and of its single responses,
// except for the nonce.
//
// Left out: critical extensions of requests, and signed requests, which are for
// responders to judge.
func extensionCases() []*scenario { return stapledAndFetched(extensionResponses()) }

// inResponse returns a good response with an extension.
func inResponse(e pkix.Extension) fakeca.Response {
	return fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponseExtensions = append(m.ResponseExtensions, e) }}
}

// inSingle returns a good response with an extension of the single response.
func inSingle(e pkix.Extension) fakeca.Response {
	return fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].SingleExtensions = []pkix.Extension{e} }}
}

// rawInSingle returns a good response with these bytes as the extensions of the
// single response.
func rawInSingle(raw ...byte) fakeca.Response {
	return fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = raw }}
}

func critical(e pkix.Extension) pkix.Extension {
	e.Critical = true
	return e
}

// certificateIssuer returns the extension that names ca.
func certificateIssuer(ca *fakeca.CA) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Value: generalNames(ca.Cert.RawSubject)}
}

func extensionResponses() []responseCase {
	const (
		optional = "; support is optional, so some clients do not know it"
		notDER   = ", which DER leaves out; some clients accept that"
		notEmpty = ", which must have at least one; some clients accept that"
	)
	someTime := append([]byte{0x18, 15}, "19990102030405Z"...)
	var (
		unknownExtension = pkix.Extension{Id: asn1.ObjectIdentifier{2, 25, 1}, Value: asn1.NullBytes}
		timestamps       = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5}, Value: []byte{4, 2, 0, 0}}
		crlReferences    = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 3}, Value: []byte{0x30, 0}}
		archiveCutoff    = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}, Value: someTime}
		extendedRevoke   = pkix.Extension{Id: idExtendedRevoke, Value: asn1.NullBytes}
		reasonCode       = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{0x0a, 1, 1}}
		instruction      = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 23}, Value: []byte{6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 2, 3}}
		invalidityDate   = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Value: someTime}
	)
	return []responseCase{
		{
			name:     "extensions/in-response",
			doc:      "the response has an unknown extension that is not critical",
			ref:      refExtensionsIgnored,
			response: always(inResponse(unknownExtension)),
		},
		{
			name:     "extensions/in-single",
			doc:      "the single response has an unknown extension that is not critical",
			ref:      refExtensionsOptional,
			response: always(inSingle(unknownExtension)),
		},
		{
			name:     "extensions/critical-in-response",
			doc:      "the response has an unknown critical extension; some clients accept that, although X.509 forbids it",
			ref:      refCriticalExtension,
			response: always(inResponse(critical(unknownExtension))),
		},
		{
			name:     "extensions/critical-in-single",
			doc:      "the single response has an unknown critical extension; some clients accept that, although X.509 forbids it",
			ref:      refCriticalExtension,
			response: always(inSingle(critical(unknownExtension))),
		},
		{
			name: "extensions/critical-in-another-single",
			doc: "the single response about another certificate has an unknown critical extension; " +
				"some clients skip it, some reject the whole response",
			ref:  refCriticalExtension,
			also: Disputed,
			response: always(fakeca.Response{
				Also: []fakeca.Response{{Serial: big.NewInt(4711)}},
				Edit: func(m *fakeca.Message) {
					m.Responses[1].SingleExtensions = []pkix.Extension{critical(unknownExtension)}
				},
			}),
		},
		{
			name:     "extensions/signed-certificate-timestamps",
			doc:      "the single response has a list of signed certificate timestamps",
			ref:      refTimestamps,
			response: always(inSingle(timestamps)),
		},
		{
			name:     "extensions/critical-signed-certificate-timestamps",
			doc:      "the single response has a critical list of signed certificate timestamps" + optional,
			ref:      refTimestamps,
			also:     Disputed,
			response: always(inSingle(critical(timestamps))),
		},
		{
			name:     "extensions/crl-references",
			doc:      "the single response has CRL references",
			ref:      refCRLReferences,
			response: always(inSingle(crlReferences)),
		},
		{
			name:     "extensions/archive-cutoff",
			doc:      "the single response has an archive cutoff",
			ref:      refArchiveCutoff,
			response: always(inSingle(archiveCutoff)),
		},
		{
			name:     "extensions/critical-archive-cutoff",
			doc:      "the single response has a critical archive cutoff" + optional,
			ref:      refArchiveCutoff,
			also:     Disputed,
			response: always(inSingle(critical(archiveCutoff))),
		},
		{
			name:     "extensions/extended-revoke",
			doc:      "a good response has the extension extended-revoke, which is about certificates that were never issued",
			ref:      refExtendedRevoke,
			response: always(inResponse(extendedRevoke)),
		},
		{
			name:     "extensions/critical-extended-revoke",
			doc:      "a good response has the extension extended-revoke, and it is critical, which RFC 6960 forbids; some clients know it",
			ref:      refExtendedNotCritical,
			also:     Disputed,
			response: always(inResponse(critical(extendedRevoke))),
		},
		{
			name:     "extensions/reason-code",
			doc:      "the single response says good, and has a CRL's reason code, which CAs must not use there",
			ref:      refNoReasonCode,
			response: always(inSingle(reasonCode)),
		},
		{
			name:     "extensions/hold-instruction",
			doc:      "the single response has a hold instruction, as in RFC 3280",
			ref:      refExtensionsOptional,
			response: always(inSingle(instruction)),
		},
		{
			name:     "extensions/invalidity-date",
			doc:      "the single response says good, and has an invalidity date",
			ref:      refCRLEntryExtensions,
			response: always(inSingle(invalidityDate)),
		},
		{
			name:     "extensions/certificate-issuer",
			doc:      "the single response has the extension certificate issuer, as in indirect CRLs",
			ref:      refCRLEntryExtensions,
			response: func(w *world) fakeca.Response { return inSingle(certificateIssuer(w.ca)) },
		},
		{
			name:     "extensions/critical-certificate-issuer",
			doc:      "the single response has the critical extension certificate issuer, as in indirect CRLs" + optional,
			ref:      refCRLEntryExtensions,
			also:     Disputed,
			response: func(w *world) fakeca.Response { return inSingle(critical(certificateIssuer(w.ca))) },
		},
		{
			name:     "extensions/empty-list-in-response",
			doc:      "the response has an empty list of extensions" + notEmpty,
			ref:      refExtensionsSyntax,
			also:     Disputed,
			response: edited(func(m *fakeca.Message) { m.RawResponseExtensions = []byte{0xa1, 2, 0x30, 0} }),
		},
		{
			name:     "extensions/empty-list-in-single",
			doc:      "the single response has an empty list of extensions" + notEmpty,
			ref:      refExtensionsSyntax,
			also:     Disputed,
			response: always(rawInSingle(0xa1, 2, 0x30, 0)),
		},
		{
			name:     "extensions/critical-false",
			doc:      "an extension of the single response states critical FALSE" + notDER,
			ref:      refDefault,
			also:     Disputed,
			response: always(rawInSingle(0xa1, 15, 0x30, 13, 0x30, 11, 6, 2, 0x69, 1, 1, 1, 0, 4, 2, 5, 0)),
		},
		{
			name:     "extensions/no-value",
			doc:      "an extension of the single response has no value",
			ref:      refExtensionsSyntax,
			response: always(rawInSingle(0xa1, 8, 0x30, 6, 0x30, 4, 6, 2, 0x69, 1)),
		},
		{
			name:     "extensions/not-a-list",
			doc:      "the extensions of the single response are NULL instead of a list",
			ref:      refExtensionsSyntax,
			response: always(rawInSingle(0xa1, 2, 5, 0)),
		},
	}
}

// generalNames returns a list with one directoryName (RFC 5280 section 4.2.1.6).
func generalNames(name []byte) []byte {
	tagged := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}
	return must(asn1.Marshal([]asn1.RawValue{tagged}))
}
