package conformance

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// encodingCases are responses that are not DER, or not what RFC 6960 section
// 4.2.1 describes. Where there is something to sign, they are signed.
//
// Left out: more forms of the same faults, such as other versions, times and
// lengths that do not exist. No client is known to treat them differently.
func encodingCases() []*scenario {
	return stapledAndFetched(slices.Concat(
		statusEncodings(), wholeEncodings(), wrapperEncodings(), dataEncodings(), timeEncodings(), wrongTimes(),
		singleEncodings(), serialEncodings(), signatureEncodings(),
	))
}

// malformed returns a case about a response that cannot be read.
func malformed(name, doc string, response func(*world) fakeca.Response) responseCase {
	return responseCase{
		name:     "encoding/" + name,
		doc:      doc,
		ref:      refStructure,
		response: response,
	}
}

// tolerated returns a case about a malformed response that some clients read.
func tolerated(name, doc string, response func(*world) fakeca.Response) responseCase {
	return accepted(malformed(name, doc, response))
}

// accepted returns a case that some clients accept.
func accepted(c responseCase) responseCase {
	c.also = Disputed
	return c
}

// malformedRevoked returns a case about a malformed response that says revoked.
func malformedRevoked(name, doc string, edit func(*fakeca.CertStatus)) responseCase {
	r := revokedResponse
	r.Edit = func(m *fakeca.Message) { edit(&m.Responses[0].CertStatus) }
	c := malformed(name, doc+someReadRevoked, always(r))
	c.also = InvalidRevoked
	return c
}

// citing replaces the place that decides the case, and the known bugs.
func (c responseCase) citing(ref Ref, seen ...string) responseCase {
	c.ref, c.seen = ref, seen
	return c
}

// statusEncodings are about OCSPResponseStatus.
func statusEncodings() []responseCase {
	tryLater := func(edit func(*fakeca.Message)) func(*world) fakeca.Response {
		return always(fakeca.Response{Error: ocsp.TryLater, Edit: edit})
	}
	return []responseCase{
		malformed("status-unused", "responseStatus is 4, which is not used",
			tryLater(func(m *fakeca.Message) { m.ResponseStatus = 4 })).citing(refStatusValues),
		malformed("status-out-of-range", "responseStatus is 17, which does not exist",
			tryLater(func(m *fakeca.Message) { m.ResponseStatus = 17 })).citing(refStatusValues),
		malformed("success-without-bytes", "responseStatus is successful, and responseBytes are missing",
			edited(func(m *fakeca.Message) { m.ResponseBytes = nil })).citing(refSuccessful),
		malformed("error-with-bytes", "responseStatus is tryLater, and responseBytes say good",
			edited(func(m *fakeca.Message) { m.ResponseStatus = ocsp.TryLater })).citing(refErrorHasNoBytes),
		malformed("no-singles", "the response has no single response",
			edited(func(m *fakeca.Message) { m.Responses = nil })).citing(refSingles),
		malformed("response-type", "responseType is not id-pkix-ocsp-basic",
			edited(func(m *fakeca.Message) {
				m.ResponseType = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
			})).citing(refBasicType),
	}
}

// wholeEncodings are not an OCSPResponse, or not only one.
func wholeEncodings() []responseCase {
	replacedBy := func(other []byte) func(*world) fakeca.Response {
		return mutated(func([]byte) []byte { return bytes.Clone(other) })
	}
	empty := malformed("empty", "HTTP says 200, and the body is empty", replacedBy(nil))
	empty.fetchedOnly = true
	cases := []responseCase{
		malformed("text", "the response is a word", replacedBy([]byte("invalid"))),
		malformed("bytes", "the response is 64 meaningless bytes", replacedBy(bytes.Repeat([]byte{0xa5, 0x3c}, 32))),
		empty,
		malformed("truncated", "the second half of the response is missing",
			mutated(func(b []byte) []byte { return b[:len(b)/2] })),
		malformed("pem", "the response is PEM",
			mutated(func(b []byte) []byte {
				return pem.EncodeToMemory(&pem.Block{Type: "OCSP RESPONSE", Bytes: b})
			})),
		tolerated("indefinite-length", "the response has an indefinite length, as in BER"+someAccept,
			mutated(func(b []byte) []byte {
				return slices.Concat([]byte{0x30, 0x80}, content(b), []byte{0, 0})
			})),
		tolerated("long-length", "the length of the response has a leading zero, as in BER"+someAccept,
			mutated(func(b []byte) []byte {
				body := content(b)
				return slices.Concat([]byte{0x30, 0x83, 0, byte(len(body) >> 8), byte(len(body))}, body)
			})),
		malformed("wrong-outer-tag", "the response is an OCTET STRING instead of a SEQUENCE",
			mutated(func(b []byte) []byte {
				b[0] = 4
				return b
			})),
		tolerated("trailing", "a byte follows the response"+someAccept,
			mutated(func(b []byte) []byte { return append(b, 0) })),
		tolerated("trailing-response", "a second copy of the response follows the response"+someAccept,
			mutated(func(b []byte) []byte { return slices.Concat(b, b) })),
	}
	for i := range cases {
		cases[i].ref, cases[i].fetchedRef = refStapleBytes, refBody
	}
	return cases
}

// wrapperEncodings are broken around what is signed.
func wrapperEncodings() []responseCase {
	return []responseCase{
		malformed("wrong-bytes-tag", "responseBytes have the tag [1] instead of [0]",
			mutated(func(b []byte) []byte {
				b[len(b)-len(content(b))+3] = 0xa1 // after responseStatus
				return b
			})),
		tolerated("trailing-response-bytes", "NULL follows the response in responseBytes"+someAccept,
			edited(func(m *fakeca.Message) { m.ResponseBytes.Extra = asn1.NullBytes })),
		tolerated("trailing-basic", "a byte follows the BasicOCSPResponse"+someAccept,
			resealed(func(m *fakeca.Message) {
				m.BasicOCSPResponse.Raw = append(m.BasicOCSPResponse.Marshal(), 0)
			})).citing(refBasicDER),
	}
}

// resealed returns a good response that is changed after it was signed.
func resealed(edit func(*fakeca.Message)) func(*world) fakeca.Response {
	return mutated(func(der []byte) []byte {
		m := must(fakeca.ParseMessage(der))
		edit(m)
		return m.Marshal()
	})
}

// dataEncodings are broken in ResponseData, outside its single responses.
func dataEncodings() []responseCase {
	version := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawVersion = raw })
	}
	responderID := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.ResponderID.Raw = append([]byte{}, raw...) })
	}
	responses := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawResponses = append([]byte{}, raw...) })
	}
	return []responseCase{
		malformed("octet-string-data", "tbsResponseData is a signed OCTET STRING",
			edited(func(m *fakeca.Message) { m.ResponseData.Raw = append([]byte{4, 13}, "not ocsp data"...) })),
		tolerated("trailing-data", "three bytes follow the single responses"+someAccept,
			edited(func(m *fakeca.Message) { m.ResponseData.Extra = []byte{0x20, 0x20, 0x20} })),
		tolerated("version-1", "the version is stated as v1, which DER leaves out"+someAccept,
			version(0xa0, 3, 2, 1, 0)).citing(refDefault),
		tolerated("version-2", "the version is v2, which does not exist"+someAccept,
			version(0xa0, 3, 2, 1, 1)).citing(refVersion),
		malformed("version-type", "the version is an OCTET STRING",
			version(0xa0, 3, 4, 1, 0)),
		malformed("responder-id-missing", "there is no responder ID", responderID()),
		malformed("responder-id-tag", "the responder ID has the tag [3]", responderID(0xa3, 2, 0x30, 0)),
		tolerated("responder-id-key-length", "the responder ID is a key hash of 19 bytes"+someAccept,
			edited(func(m *fakeca.Message) { m.ResponderID.ByKey = make([]byte, 19) })).citing(refKeyHash),
		tolerated("responder-id-empty-name", "the responder ID is an empty name"+someAccept,
			responderID(0xa1, 2, 0x30, 0)).citing(refResponderID),
		malformed("responses-null", "the list of single responses is NULL", responses(5, 0)),
		malformed("responses-missing", "there is no list of single responses", responses()),
	}
}

// timeEncodings have a correct time in a form that DER does not allow.
func timeEncodings() []responseCase {
	type field struct {
		name, element string
		at            func(*fakeca.Message) *fakeca.Time
	}
	var (
		producedAt = field{"produced-at", "producedAt", func(m *fakeca.Message) *fakeca.Time { return &m.ProducedAt }}
		thisUpdate = field{"this-update", "thisUpdate", func(m *fakeca.Message) *fakeca.Time { return &m.Responses[0].ThisUpdate }}
		nextUpdate = field{"next-update", "nextUpdate", func(m *fakeca.Message) *fakeca.Time { return &m.Responses[0].NextUpdate }}
	)
	var cases []responseCase
	for _, form := range []struct {
		name, doc string
		ref       Ref
		seen      []string
		also      Evidence
		tag       byte
		layout    string
		suffix    string
		fields    []field
	}{
		{
			name:   "utctime",
			doc:    " is a UTCTime" + someAccept,
			ref:    refGeneralizedTime,
			also:   Disputed,
			tag:    utcTime,
			layout: "060102150405Z",
			fields: []field{producedAt, thisUpdate, nextUpdate},
		},
		{
			name:   "fraction",
			doc:    " has a fraction of a second" + someAccept,
			ref:    refTimeForm,
			seen:   []string{"bcgit/bc-csharp#474"},
			also:   Disputed,
			tag:    generalizedTime,
			layout: "20060102150405",
			suffix: ".5Z",
			fields: []field{producedAt, thisUpdate, nextUpdate},
		},
		{
			name:   "offset",
			doc:    " has an offset instead of Z" + someAccept,
			ref:    refTimeForm,
			seen:   []string{"openssl/openssl#32377"},
			also:   Disputed,
			tag:    generalizedTime,
			layout: "20060102150405",
			suffix: "+0000",
			fields: []field{thisUpdate},
		},
		{
			name:   "without-seconds",
			doc:    " has no seconds" + someAccept,
			ref:    refTimeForm,
			also:   Disputed,
			tag:    generalizedTime,
			layout: "200601021504Z",
			fields: []field{thisUpdate},
		},
		{
			name:   "empty",
			doc:    " has no bytes",
			ref:    refTimeForm,
			tag:    generalizedTime,
			fields: []field{thisUpdate, nextUpdate},
		},
	} {
		for _, f := range form.fields {
			c := malformed(f.name+"-"+form.name, f.element+form.doc, edited(func(m *fakeca.Message) {
				t := f.at(m)
				raw := rawTime(form.tag, t.UTC().Format(form.layout)+form.suffix)
				if f.name == nextUpdate.name {
					raw = append([]byte{0xa0, byte(len(raw))}, raw...)
				}
				t.Raw = raw
			}))
			c.also = form.also
			cases = append(cases, c.citing(form.ref, form.seen...))
		}
	}
	return append(cases,
		tolerated("next-update-without-tag", "nextUpdate lacks its tag [0]"+someAccept,
			edited(func(m *fakeca.Message) {
				next := &m.Responses[0].NextUpdate
				next.Raw = rawTime(generalizedTime, next.UTC().Format("20060102150405Z"))
			})),
		malformedRevoked("revocation-time-utctime", "revocationTime is a UTCTime",
			func(c *fakeca.CertStatus) {
				c.RevocationTime.Raw = rawTime(utcTime, c.RevocationTime.UTC().Format("060102150405Z"))
			}).citing(refGeneralizedTime),
		malformedRevoked("revocation-time-empty", "revocationTime has no bytes",
			func(c *fakeca.CertStatus) { c.RevocationTime.Raw = []byte{generalizedTime, 0} }).citing(refTimeForm),
	)
}

// wrongTimes are not current, in a form that DER does not allow. A client that
// cannot read the time must not take the response for current.
func wrongTimes() []responseCase {
	dated := func(thisUpdate, nextUpdate time.Duration, edit func(*fakeca.SingleResponse)) func(*world) fakeca.Response {
		return func(w *world) fakeca.Response {
			now := w.clock.now()
			return fakeca.Response{
				ProducedAt: now.Add(-9 * day), ThisUpdate: now.Add(thisUpdate), NextUpdate: now.Add(nextUpdate),
				Edit: func(m *fakeca.Message) { edit(&m.Responses[0]) },
			}
		}
	}
	var cases []responseCase
	for _, form := range []struct {
		name, doc      string
		tag            byte
		layout, suffix string
	}{
		{"utctime", "is a UTCTime", utcTime, "060102150405Z", ""},
		{"fraction", "has a fraction of a second", generalizedTime, "20060102150405", ".5Z"},
		{"offset", "has an offset instead of Z", generalizedTime, "20060102150405", "+0000"},
		{"without-seconds", "has no seconds", generalizedTime, "200601021504Z", ""},
	} {
		raw := func(t fakeca.Time) []byte { return rawTime(form.tag, t.UTC().Format(form.layout)+form.suffix) }
		expired := malformed("expired-"+form.name, "nextUpdate was two days ago, and "+form.doc,
			dated(-9*day, -2*day, func(s *fakeca.SingleResponse) {
				next := raw(s.NextUpdate)
				s.NextUpdate.Raw = append([]byte{0xa0, byte(len(next))}, next...)
			})).citing(refConfirmNextUpdate, "openssl/openssl#32377", "apple/app-store-server-library-node#447")
		early := malformed("early-"+form.name, "thisUpdate is in two days, and "+form.doc,
			dated(2*day, 9*day, func(s *fakeca.SingleResponse) { s.ThisUpdate.Raw = raw(s.ThisUpdate) })).
			citing(refValidity, "openssl/openssl#32377", "apple/app-store-server-library-node#447")
		expired.rules, early.rules = []verify.Rule{verify.RuleExpired}, []verify.Rule{verify.RuleEarly}
		cases = append(cases, expired, early)
	}
	for i := range cases {
		cases[i].since = set2026_2
	}
	return cases
}

// editedSingle returns a good response whose single response is changed.
func editedSingle(edit func(*fakeca.SingleResponse)) func(*world) fakeca.Response {
	return edited(func(m *fakeca.Message) { edit(&m.Responses[0]) })
}

// singleEncodings are broken in a SingleResponse, except for its times and serial
// number.
func singleEncodings() []responseCase {
	certStatus := func(raw ...byte) func(*world) fakeca.Response {
		return editedSingle(func(s *fakeca.SingleResponse) { s.CertStatus.Raw = append([]byte{}, raw...) })
	}
	reason := func(r fakeca.Reason) func(*fakeca.CertStatus) {
		return func(c *fakeca.CertStatus) { c.RevocationReason = &r }
	}
	return []responseCase{
		malformed("trailing-single", "NULL follows the last element of the single response",
			editedSingle(func(s *fakeca.SingleResponse) { s.Extra = asn1.NullBytes })),
		tolerated("trailing-certid", "NULL follows the serial number in the CertID"+someAccept,
			editedSingle(func(s *fakeca.SingleResponse) { s.CertID.Extra = asn1.NullBytes })).citing(refCertIDFields),
		malformedRevoked("trailing-revoked-info", "NULL follows the reason",
			func(c *fakeca.CertStatus) { c.Extra = asn1.NullBytes }),
		malformedRevoked("reason-7", "the reason is 7, which is not used", reason(7)).citing(refReasonValues),
		malformedRevoked("reason-11", "the reason is 11, which does not exist", reason(11)).citing(refReasonValues),
		malformedRevoked("reason-integer", "the reason is an INTEGER instead of ENUMERATED",
			func(c *fakeca.CertStatus) { c.RevocationReason, c.Extra = nil, []byte{0xa0, 3, 2, 1, 1} }),
		malformedRevoked("revoked-info-empty", "RevokedInfo is empty",
			func(c *fakeca.CertStatus) { c.Raw = []byte{0xa1, 0} }),
		malformed("cert-status-tag", "certStatus has the tag [3], which does not exist", certStatus(0x83, 0)),
		malformed("cert-status-missing", "there is no certStatus", certStatus()),
		tolerated("cert-status-good-with-content", "certStatus is good, and not empty"+someAccept, certStatus(0x80, 2, 5, 0)),
	}
}

// serialEncodings have a serial number that is like the certificate's, but
// encoded in another way, or none.
func serialEncodings() []responseCase {
	// The highest bit is set, so that DER puts a zero before it.
	digits := []byte{0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97, 0x88}
	encoded := func(name, doc string, integer ...byte) responseCase {
		raw := append([]byte{2, byte(len(integer))}, integer...)
		c := malformed(name, doc, editedSingle(func(s *fakeca.SingleResponse) {
			s.CertID.SerialNumber, s.CertID.Extra = nil, raw
		}))
		c.template = func(w *world) { w.tmpl.SerialNumber = new(big.Int).SetBytes(digits) }
		return c.citing(refConfirmCertificate)
	}
	return []responseCase{
		encoded("serial-negative", "the serial number lacks its leading zero, which makes it negative",
			digits...),
		accepted(encoded("serial-leading-zeros", "the serial number has two leading zeros, where DER has one"+someAccept,
			append([]byte{0, 0}, digits...)...).citing(refInteger)),
		encoded("serial-zero", "the serial number is zero", 0),
		encoded("serial-overlong", "32 zero bytes are appended to the serial number",
			slices.Concat([]byte{0}, digits, make([]byte, 32))...),
		encoded("serial-empty", "the serial number has no bytes").citing(refInteger),
	}
}

// signatureEncodings are broken after ResponseData.
func signatureEncodings() []responseCase {
	signature := func(change func([]byte) []byte) func(*world) fakeca.Response {
		return resealed(func(m *fakeca.Message) { m.RawSignature = change(m.Signature) })
	}
	algorithm := func(edit func(*fakeca.AlgorithmIdentifier)) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { edit(&m.SignatureAlgorithm) })
	}
	certs := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawCerts = raw })
	}
	return []responseCase{
		malformed("signature-octet-string", "the signature is an OCTET STRING instead of a BIT STRING",
			signature(func(sig []byte) []byte { return append([]byte{4, byte(len(sig))}, sig...) })),
		tolerated("signature-unused-bits", "the last bit of the signature is 1, and is declared unused"+someAccept,
			signature(func(sig []byte) []byte {
				sig = odd(sig)
				return append([]byte{3, byte(len(sig) + 1), 1}, sig...)
			})),
		malformed("algorithm-missing", "there is no signatureAlgorithm",
			algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Raw = []byte{} })),
		malformed("algorithm-broken-parameters", "the parameters of signatureAlgorithm are cut short",
			algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = []byte{4, 9} })).citing(refAlgorithmFields),
		tolerated("algorithm-null", "signatureAlgorithm is ECDSA with NULL, where parameters must be absent; some clients ignore them",
			algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = asn1.NullBytes })).
			citing(refECDSAParameters),
		malformed("algorithm-unknown", "signatureAlgorithm does not exist",
			algorithm(func(a *fakeca.AlgorithmIdentifier) {
				a.Algorithm = asn1.ObjectIdentifier{2, 25, 1}
			})).citing(refConfirmSignature),
		tolerated("certs-null", "the embedded certificates are NULL instead of a list"+someAccept, certs(0xa0, 2, 5, 0)),
		tolerated("certs-trailing", "NULL follows the embedded certificates"+someAccept, certs(0xa0, 4, 0x30, 0, 5, 0)),
		tolerated("certs-empty", "the list of embedded certificates is present and empty"+someAccept,
			certs(0xa0, 2, 0x30, 0)).citing(refCertsAbsent),
		tolerated("certs-garbage", "the embedded certificate is garbage; clients that do not need it may not look",
			edited(func(m *fakeca.Message) { m.Certs = [][]byte{{0x30, 2, 5, 0}} })),
	}
}
