package fakeca_test

import (
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

const truncated = "truncated, or its length is not DER"

func replaceBy(b []byte) func([]byte) []byte { return func([]byte) []byte { return b } }

// Faults around tbsResponseData.
func wrapperFaults() []fault {
	explicit := func(m *fakeca.Message) *fakeca.ResponseBytes { return m.ResponseBytes }
	return []fault{
		{name: "body-garbage text", mutate: replaceBy([]byte("3")), unsigned: true, err: "found tag 0x33, expected 0x30"},
		{name: "body-garbage word", mutate: replaceBy([]byte("invalid")), unsigned: true, err: "found tag 0x69, expected 0x30"},
		{name: "body-garbage bytes", mutate: replaceBy([]byte{1, 2, 3}), unsigned: true, err: "found tag 0x01, expected 0x30"},
		{name: "body-garbage sequence", mutate: replaceBy([]byte{0x30, 0}), unsigned: true, err: "responseStatus: missing"},
		{name: "body-empty-http", mutate: replaceBy([]byte{}), unsigned: true, err: "empty"},
		{name: "body-truncated by one byte", mutate: func(b []byte) []byte { return b[:len(b)-1] }, unsigned: true, err: truncated},
		{name: "body-truncated by half", mutate: func(b []byte) []byte { return b[:len(b)/2] }, unsigned: true, err: truncated},
		{name: "body-truncated to a byte", mutate: func(b []byte) []byte { return b[:1] }, unsigned: true, err: truncated},
		{name: "body of indefinite length", mutate: func(b []byte) []byte {
			return slices.Concat([]byte{0x30, 0x80}, b[4:], []byte{0, 0})
		}, unsigned: true, err: truncated},
		{name: "body with a long length", mutate: func(b []byte) []byte {
			return slices.Concat([]byte{0x30, 0x83, 0}, b[2:])
		}, unsigned: true, err: truncated},
		{name: "trailing-outer", mutate: func(b []byte) []byte { return append(b, 0) }, err: "1 bytes of trailing data"},
		{name: "trailing-outer, a second response", mutate: func(b []byte) []byte { return slices.Concat(b, []byte{0x30, 3, 0x0a, 1, 3}) }, err: "5 bytes of trailing data"},
		{name: "trailing inside the response", edit: func(m *fakeca.Message) { m.Extra = null }, err: "2 bytes of trailing data"},
		{name: "trailing-basic", mutate: afterSigning(func(m *fakeca.Message) {
			m.BasicOCSPResponse.Raw = append(m.BasicOCSPResponse.Marshal(), 0)
		}), err: "response: 1 bytes of trailing data"},
		{name: "trailing inside basic", edit: func(m *fakeca.Message) { m.BasicOCSPResponse.Extra = null }, err: "response: 2 bytes of trailing data"},
		{name: "trailing-response-bytes", edit: func(m *fakeca.Message) { explicit(m).Extra = null }, err: "responseBytes: 2 bytes of trailing data"},
		{name: "trailing after response bytes", mutate: afterSigning(func(m *fakeca.Message) {
			explicit(m).Raw = append(explicit(m).Marshal(), null...)
		}), err: "responseBytes: 2 bytes of trailing data"},
		{name: "wrong-outer-tag", mutate: func(b []byte) []byte { b[0] = 0x04; return b }, unsigned: true, err: "found tag 0x04, expected 0x30"},
		{name: "response bytes as NULL", edit: func(m *fakeca.Message) { explicit(m).Raw = null }, unsigned: true, err: "responseBytes: found tag 0x05, expected 0x30"},
		{name: "response bytes empty", edit: func(m *fakeca.Message) { explicit(m).Raw = []byte{} }, unsigned: true, err: "responseBytes: missing"},
		{name: "response left out", edit: func(m *fakeca.Message) {
			explicit(m).Raw = []byte{0x30, 0x0b, 6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}
		}, unsigned: true, err: "response: missing"},
		{name: "basic empty", edit: func(m *fakeca.Message) { m.BasicOCSPResponse.Raw = []byte{} }, unsigned: true, err: "response: missing"},
		{name: "basic as OCTET STRING", edit: func(m *fakeca.Message) { m.BasicOCSPResponse.Raw = []byte{4, 1, 0} }, unsigned: true, err: "response: found tag 0x04, expected 0x30"},
		{name: "pem-instead-of-der", mutate: func(b []byte) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "OCSP RESPONSE", Bytes: b})
		}, unsigned: true, err: "found tag 0x2d, expected 0x30"},
		{name: "wrong [0]", edit: func(m *fakeca.Message) {
			m.RawResponseStatus, m.ResponseBytes, m.Extra = []byte{0x0a, 1, 0}, nil, []byte{0xa1, 2, 0x30, 0}
		}, unsigned: true, err: "responseBytes: found tag 0xa1, expected 0xa0"},
	}
}

// Faults in ResponseData, which is signed with them.
func dataFaults() []fault {
	data := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponseData.Raw = append([]byte{}, raw...) }
	}
	version := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawVersion = append([]byte{}, raw...) }
	}
	responder := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponderID.Raw = append([]byte{}, raw...) }
	}
	responses := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawResponses = append([]byte{}, raw...) }
	}
	byKey := func(n int) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponderID.ByKey = make([]byte, n) }
	}
	byName := func(name ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponderID.ByName = append([]byte{}, name...) }
	}
	return []fault{
		{name: "invalid-response-data", edit: data(append([]byte{4, 13}, "not ocsp data"...)...), err: "tbsResponseData: found tag 0x04, expected 0x30"},
		{name: "invalid-response-data, empty", edit: data(0x30, 0), err: "responderID: missing"},
		{name: "trailing-response-data", edit: func(m *fakeca.Message) { m.ResponseData.Extra = []byte{0x20, 0x20, 0x20} }, err: "tbsResponseData: 3 bytes of trailing data"},
		{name: "version-explicit-default", edit: version(0xa0, 3, 2, 1, 0), err: "version: v1 is the default, which DER leaves out"},
		{name: "version-unknown v2", edit: func(m *fakeca.Message) { m.Version = 1 }, err: "version: 01 is not v1"},
		{name: "version-unknown, negative", edit: func(m *fakeca.Message) { m.Version = -1 }, err: "version: ff is not v1"},
		{name: "version-unknown, large", edit: func(m *fakeca.Message) { m.Version = 1 << 24 }, err: "version: 01000000 is not v1"},
		{name: "version of a bad type", edit: version(0xa0, 3, 4, 1, 0), err: "version: found tag 0x04, expected 0x02"},
		{name: "version empty", edit: version(0xa0, 0), err: "version: missing"},
		{name: "version of no bytes", edit: version(0xa0, 2, 2, 0), err: "version:  is not v1"},
		{name: "version with trailing data", edit: version(0xa0, 5, 2, 1, 0, 5, 0), err: "version: 2 bytes of trailing data"},
		{name: "responder-id-bad left out", edit: responder(), err: "responderID: tag 0x18 is neither byName nor byKey"},
		{name: "responder-id-bad tag [3]", edit: responder(0xa3, 2, 0x30, 0), err: "responderID: tag 0xa3 is neither byName nor byKey"},
		{name: "responder-id-bad primitive [2]", edit: responder(0x82, 0), err: "responderID: tag 0x82 is neither byName nor byKey"},
		{name: "responder-id-bad key of 19 bytes", edit: byKey(19), err: "responderID: byKey: 19 bytes, expected 20"},
		{name: "responder-id-bad key of 32 bytes", edit: byKey(32), err: "responderID: byKey: 32 bytes, expected 20"},
		{name: "responder-id-bad key of no bytes", edit: byKey(0), err: "responderID: byKey: 0 bytes, expected 20"},
		{name: "responder-id-bad key of a wrong type", edit: responder(0xa2, 2, 5, 0), err: "responderID: byKey: found tag 0x05, expected 0x04"},
		{name: "responder-id-bad key with trailing data", edit: responder(slices.Concat([]byte{0xa2, 24, 4, 20}, make([]byte, 20), null)...), err: "responderID: byKey: 2 bytes of trailing data"},
		{name: "responder-id empty name", edit: byName(0x30, 0)},
		{name: "responder-id of a name with two attributes", edit: byName(twoAttributes(false)...)},
		{name: "responder-id-bad name with two attributes out of order", edit: byName(twoAttributes(true)...), err: "responderID: byName: a SET OF is not in order"},
		{name: "responder-id-bad no name", edit: byName(), err: "responderID: byName: missing"},
		{name: "responder-id-bad name of a wrong type", edit: byName(0x31, 0), err: "responderID: byName: found tag 0x31, expected 0x30"},
		{name: "responder-id-bad name with an empty part", edit: byName(0x30, 2, 0x31, 0), err: "responderID: byName: a relative distinguished name is empty"},
		{name: "responder-id-bad name without a value", edit: byName(0x30, 9, 0x31, 7, 0x30, 5, 6, 3, 0x55, 4, 3), err: "responderID: byName: missing"},
		{name: "responder-id-bad name with trailing data", edit: byName(0x30, 13, 0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 5, 0, 5, 0), err: "responderID: byName: 2 bytes of trailing data"},
		{name: "responder-id-bad trailing after the name", edit: byName(0x30, 11, 0x31, 9, 0x30, 7, 6, 3, 0x55, 4, 3, 5, 0, 5, 0), err: "responderID: byName: 2 bytes of trailing data"},
		{name: "null-responses", edit: responses(5, 0), err: "responses: found tag 0x05, expected 0x30"},
		{name: "bad-responses", edit: responses(4, 0), err: "responses: found tag 0x04, expected 0x30"},
		{name: "responses left out", edit: responses(), err: "responses: missing"},
		{name: "responses of no sequence", edit: responses(0x30, 2, 5, 0), err: "single response 0: found tag 0x05, expected 0x30"},
	}
}

// twoAttributes returns a name with an RDN of two attributes.
func twoAttributes(swapped bool) []byte {
	a, b := []byte{0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, 'a'}, []byte{0x30, 8, 6, 3, 0x55, 4, 10, 0x0c, 1, 'b'}
	if swapped {
		a, b = b, a
	}
	return slices.Concat([]byte{0x30, 22, 0x31, 20}, a, b)
}

// Forms of a time that are not DER, in each place that has a time.
func timeFaults() []fault {
	generalized := func(text string) []byte { return append([]byte{0x18, byte(len(text))}, text...) }
	form := func(text string) string { return fmt.Sprintf("%q is not of the form YYYYMMDDHHMMSSZ", text) }
	kinds := []struct {
		name string
		raw  []byte
		err  string
	}{
		{"as UTCTime", append([]byte{0x17, 13}, "240506070809Z"...), "found tag 0x17, expected 0x18"},
		{"as INTEGER", []byte{2, 1, 0}, "found tag 0x02, expected 0x18"},
		{"of no bytes", generalized(""), form("")},
		{"with a fraction", generalized("20240506070809.5Z"), form("20240506070809.5Z")},
		{"with an offset", generalized("20240506070809+0000"), form("20240506070809+0000")},
		{"without a zone", generalized("20240506070809"), form("20240506070809")},
		{"without seconds", generalized("202405060708Z"), form("202405060708Z")},
		{"of the month 13", generalized("20241306070809Z"), form("20241306070809Z")},
		{"of the 30th of February", generalized("20240230070809Z"), form("20240230070809Z")},
		{"of the second 60", generalized("20240506070860Z"), form("20240506070860Z")},
		{"longer than what is there", []byte{0x18, 0x7f, '2'}, truncated},
	}
	places := []struct {
		name string
		set  func(*fakeca.Message, []byte)
		in   string
	}{
		{"producedAt", func(m *fakeca.Message, raw []byte) { m.ProducedAt.Raw = raw }, "producedAt: "},
		{"thisUpdate", func(m *fakeca.Message, raw []byte) { m.Responses[0].ThisUpdate.Raw = raw }, "single response 0: thisUpdate: "},
		{"nextUpdate", func(m *fakeca.Message, raw []byte) {
			m.Responses[0].NextUpdate.Raw = append([]byte{0xa0, byte(len(raw))}, raw...)
		}, "single response 0: nextUpdate: "},
		{"revocationTime", func(m *fakeca.Message, raw []byte) {
			m.Responses[0].CertStatus = fakeca.CertStatus{Status: fakeca.Revoked, RevocationTime: fakeca.Time{Raw: raw}}
		}, "single response 0: certStatus: revoked: revocationTime: "},
	}
	var faults []fault
	for _, p := range places {
		for _, k := range kinds {
			f := fault{
				name: "times-bad-type: " + p.name + " " + k.name,
				edit: func(m *fakeca.Message) { p.set(m, k.raw) },
				err:  p.in + k.err,
			}
			// Without a tag around it, an element that is too long ends within the
			// rest of the response.
			if k.err == truncated && (p.name == "producedAt" || p.name == "thisUpdate") {
				continue
			}
			faults = append(faults, f)
		}
	}
	const single = "single response 0: "
	next := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.Responses[0].NextUpdate.Raw = raw }
	}
	return append(faults,
		fault{name: "producedAt left out", edit: func(m *fakeca.Message) { m.ProducedAt.Raw = []byte{} }, err: "producedAt: found tag 0x30, expected 0x18"},
		fault{name: "thisUpdate left out", edit: func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Raw = []byte{} }, err: single + "thisUpdate: found tag 0xa0, expected 0x18"},
		fault{name: "nextUpdate without its [0]", edit: next(generalized("20240507060809Z")...), err: single + "17 bytes of trailing data"},
		fault{name: "nextUpdate in [2]", edit: next(append([]byte{0xa2, 17}, generalized("20240507060809Z")...)...), err: single + "19 bytes of trailing data"},
		fault{name: "nextUpdate with an empty [0]", edit: next(0xa0, 0), err: single + "nextUpdate: missing"},
		fault{name: "nextUpdate with trailing data", edit: next(slices.Concat([]byte{0xa0, 19}, generalized("20240507060809Z"), null)...), err: single + "nextUpdate: 2 bytes of trailing data"},
		fault{name: "nextUpdate in the year 1", edit: next(append([]byte{0xa0, 17}, generalized("00010101000000Z")...)...), err: single + "nextUpdate: the zero time means that there is none"},
	)
}

// Faults in SingleResponse, CertID, CertStatus and RevokedInfo.
func singleFaults() []fault {
	first := func(edit func(*fakeca.SingleResponse)) func(*fakeca.Message) {
		return func(m *fakeca.Message) { edit(&m.Responses[0]) }
	}
	status := func(raw ...byte) func(*fakeca.Message) {
		return first(func(s *fakeca.SingleResponse) { s.CertStatus.Raw = append([]byte{}, raw...) })
	}
	revoked := fakeca.Response{Status: fakeca.Revoked, RevokedAt: at(0)}
	info := func(after ...byte) func(*fakeca.Message) {
		return first(func(s *fakeca.SingleResponse) { s.CertStatus.Extra = after })
	}
	reason := func(n fakeca.Reason) func(*fakeca.Message) {
		return first(func(s *fakeca.SingleResponse) { s.CertStatus.RevocationReason = &n })
	}
	serial := func(raw ...byte) func(*fakeca.Message) {
		return first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber, s.CertID.Extra = nil, raw })
	}
	certID := func(raw ...byte) func(*fakeca.Message) {
		return first(func(s *fakeca.SingleResponse) { s.CertID.Raw = append([]byte{}, raw...) })
	}
	const (
		single   = "single response 0: "
		inStatus = single + "certStatus: "
		inReason = inStatus + "revoked: revocationReason: "
		inSerial = single + "certID: serialNumber: "
	)
	return []fault{
		{name: "trailing-single", edit: first(func(s *fakeca.SingleResponse) { s.Extra = null }), err: single + "2 bytes of trailing data"},
		{name: "trailing-single, in the second", r: fakeca.Response{Also: make([]fakeca.Response, 1)}, edit: func(m *fakeca.Message) { m.Responses[1].Extra = null }, err: "single response 1: 2 bytes of trailing data"},
		{name: "trailing CertID", edit: first(func(s *fakeca.SingleResponse) { s.CertID.Extra = null }), err: single + "certID: 2 bytes of trailing data"},
		{name: "trailing RevokedInfo", r: fakeca.Response{Status: fakeca.Revoked, Reason: 1}, edit: info(null...), err: inStatus + "revoked: 2 bytes of trailing data"},
		{name: "single empty", edit: first(func(s *fakeca.SingleResponse) { s.Raw = []byte{0x30, 0} }), err: single + "certID: missing"},
		{name: "revoked-info-bad empty", edit: status(0xa1, 0), err: inStatus + "revoked: revocationTime: missing"},
		{name: "revoked-info-bad reason 11", r: revoked, edit: reason(11), err: inReason + "11 is not assigned"},
		{name: "revoked-info-bad reason 7", r: revoked, edit: reason(7), err: inReason + "7 is not assigned"},
		{name: "revoked-info-bad reason -1", r: revoked, edit: reason(-1), err: inReason + "ff is not a number from 0 to 127"},
		{name: "revoked-info-bad reason 256", r: revoked, edit: reason(256), err: inReason + "0100 is not a number from 0 to 127"},
		{name: "revoked-info-bad INTEGER", r: revoked, edit: info(0xa0, 3, 2, 1, 1), err: inReason + "found tag 0x02, expected 0x0a"},
		{name: "revoked-info-bad primitive tag", r: revoked, edit: info(0x80, 3, 0x0a, 1, 1), err: inReason + "found tag 0x80, expected 0xa0"},
		{name: "revoked-info-bad without [0]", r: revoked, edit: info(0x0a, 1, 1), err: inReason + "found tag 0x0a, expected 0xa0"},
		{name: "revoked-info-bad empty [0]", r: revoked, edit: info(0xa0, 0), err: inReason + "missing"},
		{name: "revoked-info-bad trailing after the reason", r: revoked, edit: info(0xa0, 5, 0x0a, 1, 1, 5, 0), err: inReason + "2 bytes of trailing data"},
		{name: "revoked-info-bad primitive [1]", edit: status(0x81, 0), err: inStatus + "tag 0x81 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag [3]", edit: status(0x83, 0), err: inStatus + "tag 0x83 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag universal", edit: status(5, 0), err: inStatus + "tag 0x05 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag application", edit: status(0x40, 0), err: inStatus + "tag 0x40 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag constructed good", edit: status(0xa0, 0), err: inStatus + "tag 0xa0 is neither good, revoked nor unknown"},
		{name: "good with content", edit: status(0x80, 2, 5, 0), err: inStatus + "good: 2 bytes of trailing data"},
		{name: "unknown with content", edit: status(0x82, 1, 0), err: inStatus + "unknown: 1 bytes of trailing data"},
		{name: "cert-status-absent", edit: status(), err: inStatus + "tag 0x18 is neither good, revoked nor unknown"},
		{name: "serial-odd-encoding: negative", edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = big.NewInt(-5) }), want: func(r *fakeca.Response) { r.Serial = big.NewInt(-5) }},
		{name: "serial-odd-encoding: zero", edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = new(big.Int) }), want: func(r *fakeca.Response) { r.Serial = new(big.Int) }},
		{name: "serial-odd-encoding: overlong", edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 320) }), want: func(r *fakeca.Response) { r.Serial = new(big.Int).Lsh(big.NewInt(1), 320) }},
		{name: "serial-odd-encoding: non-minimal", edit: serial(2, 2, 0, 5), err: inSerial + "not an INTEGER of the shortest form"},
		{name: "serial-odd-encoding: non-minimal negative", edit: serial(2, 2, 0xff, 0x80), err: inSerial + "not an INTEGER of the shortest form"},
		{name: "serial-odd-encoding: of no bytes", edit: serial(2, 0), err: inSerial + "not an INTEGER of the shortest form"},
		{name: "serial-odd-encoding: OCTET STRING", edit: serial(4, 1, 5), err: inSerial + "found tag 0x04, expected 0x02"},
		{name: "serial-odd-encoding: left out", edit: serial(), err: inSerial + "missing"},
		{name: "certID left out", edit: certID(), err: single + "certID: found tag 0x80, expected 0x30"},
		{name: "certID empty", edit: certID(0x30, 0), err: single + "certID: hashAlgorithm: missing"},
		{name: "certID with hashes of a wrong type", edit: certID(0x30, 9, 0x30, 5, 6, 3, 0x55, 4, 3, 5, 0), err: single + "certID: issuerNameHash: found tag 0x05, expected 0x04"},
		{name: "certID without a key hash", edit: certID(0x30, 9, 0x30, 5, 6, 3, 0x55, 4, 3, 4, 0), err: single + "certID: issuerKeyHash: missing"},
	}
}

// Faults after tbsResponseData.
func signatureFaults() []fault {
	sig := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawSignature = append([]byte{}, raw...) }
	}
	algorithm := func(edit func(*fakeca.AlgorithmIdentifier)) func(*fakeca.Message) {
		return func(m *fakeca.Message) { edit(&m.SignatureAlgorithm) }
	}
	rawAlgorithm := func(raw ...byte) func(*fakeca.Message) {
		return algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Raw = append([]byte{}, raw...) })
	}
	certs := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawCerts = append([]byte{}, raw...) }
	}
	unknownAlgorithm := func(r *fakeca.Response) { r.SignatureAlgorithm = 0 }
	return []fault{
		{name: "sig-bad", edit: func(m *fakeca.Message) { m.Signature = []byte{0xde, 0xad, 0xbe, 0xef} }, badSign: true},
		{name: "sig-bad, of no bytes", edit: func(m *fakeca.Message) { m.Signature = []byte{} }, badSign: true},
		{name: "sig-bad, last byte", mutate: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, badSign: true},
		{name: "signature with unused bits", edit: sig(3, 2, 1, 0xfe), unsigned: true, err: "signature: not a whole number of bytes"},
		{name: "signature without its unused bits", edit: sig(3, 0), unsigned: true, err: "signature: not a whole number of bytes"},
		{name: "signature as OCTET STRING", edit: sig(4, 1, 0), unsigned: true, err: "signature: found tag 0x04, expected 0x03"},
		{name: "signature left out", edit: sig(), unsigned: true, err: "signature: missing"},
		{name: "sigalg-bad left out", edit: rawAlgorithm(), unsigned: true, err: "signatureAlgorithm: found tag 0x03, expected 0x30"},
		{name: "sigalg-bad empty", edit: rawAlgorithm(0x30, 0), err: "signatureAlgorithm: missing"},
		{name: "sigalg-bad NULL", edit: rawAlgorithm(5, 0), unsigned: true, err: "signatureAlgorithm: found tag 0x05, expected 0x30"},
		{name: "sigalg-bad OID not of the shortest form", edit: rawAlgorithm(0x30, 5, 6, 3, 0x2a, 0x80, 1), err: "signatureAlgorithm: OBJECT IDENTIFIER 2a8001 is not of the shortest form"},
		{name: "sigalg-bad cut parameters", edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = []byte{4, 9} }), err: "signatureAlgorithm: parameters: " + truncated},
		{name: "sigalg-bad two parameters", edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters, a.Extra = null, null }), err: "signatureAlgorithm: 2 bytes of trailing data"},
		{name: "sigalg-bad parameters", edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = null }), want: unknownAlgorithm},
		{name: "sigalg-bad unknown OID", edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Algorithm = []int{1, 2, 3, 4} }), want: unknownAlgorithm},
		{name: "certs-bad NULL", edit: certs(5, 0), err: "response: 2 bytes of trailing data"},
		{name: "certs-bad NULL in [0]", edit: certs(0xa0, 2, 5, 0), err: "certs: found tag 0x05, expected 0x30"},
		{name: "certs-bad empty [0]", edit: certs(0xa0, 0), err: "certs: missing"},
		{name: "certs-bad trailing", edit: certs(0xa0, 4, 0x30, 0, 5, 0), err: "certs: 2 bytes of trailing data"},
		{name: "certs-bad inner type", edit: func(m *fakeca.Message) { m.Certs = [][]byte{{4, 1, 0}} }, err: "certs: certificate 0: found tag 0x04, expected 0x30"},
		{name: "certs-bad inner data", edit: func(m *fakeca.Message) { m.Certs = [][]byte{{0x30, 2, 5, 0}} }, err: "certs: certificate 0: found tag 0x05, expected 0x30"},
		{name: "certs-bad the second", edit: func(m *fakeca.Message) {
			m.Certs = [][]byte{{0x30, 6, 0x30, 0, 0x30, 0, 3, 0}, {0x30, 8, 0x30, 0, 0x30, 0, 3, 0, 5, 0}}
		}, err: "certs: certificate 1: 2 bytes of trailing data"},
		{name: "certs of nothing", edit: func(m *fakeca.Message) { m.Certs = [][]byte{} }},
	}
}
