package fakeca_test

import (
	"encoding/pem"
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
		{
			name:   "trailing-outer, a second response",
			mutate: func(b []byte) []byte { return slices.Concat(b, []byte{0x30, 3, 0x0a, 1, 3}) },
			err:    "5 bytes of trailing data",
		},
		{name: "trailing inside the response", edit: func(m *fakeca.Message) { m.Extra = null }, err: "2 bytes of trailing data"},
		{name: "trailing-basic", mutate: afterSigning(func(m *fakeca.Message) {
			m.BasicOCSPResponse.Raw = append(m.BasicOCSPResponse.Marshal(), 0)
		}), err: "response: 1 bytes of trailing data"},
		{
			name: "trailing inside basic",
			edit: func(m *fakeca.Message) { m.BasicOCSPResponse.Extra = null },
			err:  "response: 2 bytes of trailing data",
		},
		{
			name: "trailing-response-bytes",
			edit: func(m *fakeca.Message) { explicit(m).Extra = null },
			err:  "responseBytes: 2 bytes of trailing data",
		},
		{name: "trailing after response bytes", mutate: afterSigning(func(m *fakeca.Message) {
			explicit(m).Raw = append(explicit(m).Marshal(), null...)
		}), err: "responseBytes: 2 bytes of trailing data"},
		{name: "wrong-outer-tag", mutate: func(b []byte) []byte { b[0] = 0x04; return b }, unsigned: true, err: "found tag 0x04, expected 0x30"},
		{
			name:     "response bytes as NULL",
			edit:     func(m *fakeca.Message) { explicit(m).Raw = null },
			unsigned: true,
			err:      "responseBytes: found tag 0x05, expected 0x30",
		},
		{
			name:     "response bytes empty",
			edit:     func(m *fakeca.Message) { explicit(m).Raw = []byte{} },
			unsigned: true,
			err:      "responseBytes: missing",
		},
		{name: "response left out", edit: func(m *fakeca.Message) {
			explicit(m).Raw = []byte{0x30, 0x0b, 6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1}
		}, unsigned: true, err: "response: missing"},
		{name: "basic empty", edit: func(m *fakeca.Message) { m.BasicOCSPResponse.Raw = []byte{} }, unsigned: true, err: "response: missing"},
		{
			name:     "basic as OCTET STRING",
			edit:     func(m *fakeca.Message) { m.BasicOCSPResponse.Raw = []byte{4, 1, 0} },
			unsigned: true,
			err:      "response: found tag 0x04, expected 0x30",
		},
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
		{
			name: "invalid-response-data",
			edit: data(append([]byte{4, 13}, "not ocsp data"...)...),
			err:  "tbsResponseData: found tag 0x04, expected 0x30",
		},
		{name: "invalid-response-data, empty", edit: data(0x30, 0), err: "responderID: missing"},
		{
			name: "trailing-response-data",
			edit: func(m *fakeca.Message) { m.ResponseData.Extra = []byte{0x20, 0x20, 0x20} },
			err:  "tbsResponseData: 3 bytes of trailing data",
		},
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
		{
			name: "responder-id-bad key with trailing data",
			edit: responder(slices.Concat([]byte{0xa2, 24, 4, 20}, make([]byte, 20), null)...),
			err:  "responderID: byKey: 2 bytes of trailing data",
		},
		{name: "responder-id empty name", edit: byName(0x30, 0)},
		{name: "responder-id of a name with two attributes", edit: byName(twoAttributes(false)...)},
		{
			name: "responder-id-bad name with two attributes out of order",
			edit: byName(twoAttributes(true)...),
			err:  "responderID: byName: a SET OF is not in order",
		},
		{name: "responder-id-bad no name", edit: byName(), err: "responderID: byName: missing"},
		{name: "responder-id-bad name of a wrong type", edit: byName(0x31, 0), err: "responderID: byName: found tag 0x31, expected 0x30"},
		{
			name: "responder-id-bad name with an empty part",
			edit: byName(0x30, 2, 0x31, 0),
			err:  "responderID: byName: a relative distinguished name is empty",
		},
		{
			name: "responder-id-bad name without a value",
			edit: byName(0x30, 9, 0x31, 7, 0x30, 5, 6, 3, 0x55, 4, 3),
			err:  "responderID: byName: missing",
		},
		{
			name: "responder-id-bad name with trailing data",
			edit: byName(0x30, 13, 0x31, 11, 0x30, 9, 6, 3, 0x55, 4, 3, 5, 0, 5, 0),
			err:  "responderID: byName: 2 bytes of trailing data",
		},
		{
			name: "responder-id-bad trailing after the name",
			edit: byName(0x30, 11, 0x31, 9, 0x30, 7, 6, 3, 0x55, 4, 3, 5, 0, 5, 0),
			err:  "responderID: byName: 2 bytes of trailing data",
		},
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
		{
			name: "sigalg-bad OID not of the shortest form",
			edit: rawAlgorithm(0x30, 5, 6, 3, 0x2a, 0x80, 1),
			err:  "signatureAlgorithm: OBJECT IDENTIFIER 2a8001 is not of the shortest form",
		},
		{
			name: "sigalg-bad cut parameters",
			edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = []byte{4, 9} }),
			err:  "signatureAlgorithm: parameters: " + truncated,
		},
		{
			name: "sigalg-bad two parameters",
			edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters, a.Extra = null, null }),
			err:  "signatureAlgorithm: 2 bytes of trailing data",
		},
		{name: "sigalg-bad parameters", edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = null }), want: unknownAlgorithm},
		{
			name: "sigalg-bad unknown OID",
			edit: algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Algorithm = []int{1, 2, 3, 4} }),
			want: unknownAlgorithm,
		},
		{name: "certs-bad NULL", edit: certs(5, 0), err: "response: 2 bytes of trailing data"},
		{name: "certs-bad NULL in [0]", edit: certs(0xa0, 2, 5, 0), err: "certs: found tag 0x05, expected 0x30"},
		{name: "certs-bad empty [0]", edit: certs(0xa0, 0), err: "certs: missing"},
		{name: "certs-bad trailing", edit: certs(0xa0, 4, 0x30, 0, 5, 0), err: "certs: 2 bytes of trailing data"},
		{
			name: "certs-bad inner type",
			edit: func(m *fakeca.Message) { m.Certs = [][]byte{{4, 1, 0}} },
			err:  "certs: certificate 0: found tag 0x04, expected 0x30",
		},
		{
			name: "certs-bad inner data",
			edit: func(m *fakeca.Message) { m.Certs = [][]byte{{0x30, 2, 5, 0}} },
			err:  "certs: certificate 0: found tag 0x05, expected 0x30",
		},
		{name: "certs-bad the second", edit: func(m *fakeca.Message) {
			m.Certs = [][]byte{{0x30, 6, 0x30, 0, 0x30, 0, 3, 0}, {0x30, 8, 0x30, 0, 0x30, 0, 3, 0, 5, 0}}
		}, err: "certs: certificate 1: 2 bytes of trailing data"},
		{name: "certs of nothing", edit: func(m *fakeca.Message) { m.Certs = [][]byte{} }},
	}
}
