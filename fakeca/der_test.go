package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// anyValues are elements for places where any type is allowed: parameters of
// algorithms, values of names, and requestorName.
var anyValues = []struct {
	name string
	der  []byte
	err  string // "" if it is DER
}{
	{"NULL", []byte{5, 0}, ""},
	{"NULL with a byte", []byte{5, 1, 0}, "NULL with a content"},
	{"BOOLEAN true", []byte{1, 1, 0xff}, ""},
	{"BOOLEAN false", []byte{1, 1, 0}, ""},
	{"BOOLEAN 1", []byte{1, 1, 1}, "BOOLEAN 01, expected 00 or ff"},
	{"BOOLEAN of two bytes", []byte{1, 2, 0, 0}, "BOOLEAN 0000, expected 00 or ff"},
	{"INTEGER", []byte{2, 2, 0, 0x80}, ""},
	{"INTEGER with a zero in front", []byte{2, 2, 0, 0x7f}, "INTEGER 007f is not of the shortest form"},
	{"INTEGER with a one in front", []byte{2, 2, 0xff, 0x80}, "INTEGER ff80 is not of the shortest form"},
	{"INTEGER of no bytes", []byte{2, 0}, "INTEGER  is not of the shortest form"},
	{"ENUMERATED", []byte{0x0a, 1, 0}, ""},
	{"ENUMERATED with a zero in front", []byte{0x0a, 2, 0, 1}, "ENUMERATED 0001 is not of the shortest form"},
	{"BIT STRING", []byte{3, 2, 3, 0xf8}, ""},
	{"BIT STRING, empty", []byte{3, 1, 0}, ""},
	{"BIT STRING with unused bits that are set", []byte{3, 2, 3, 0xff}, "BIT STRING with unused bits that are not zero"},
	{"BIT STRING with eight unused bits", []byte{3, 2, 8, 0}, "BIT STRING with 8 unused bits"},
	{"BIT STRING with unused bits of nothing", []byte{3, 1, 1}, "BIT STRING with 1 unused bits"},
	{"BIT STRING of no bytes", []byte{3, 0}, "BIT STRING without a number of unused bits"},
	{"OBJECT IDENTIFIER", []byte{6, 3, 0x55, 4, 3}, ""},
	{"OBJECT IDENTIFIER with a UUID", slices.Concat([]byte{6, 20, 0x69, 0x83}, bytes.Repeat([]byte{0xff}, 17), []byte{0x7f}), ""},
	{"OBJECT IDENTIFIER with a zero in front", []byte{6, 4, 0x55, 0x80, 4, 3}, "OBJECT IDENTIFIER 55800403 is not of the shortest form"},
	{"OBJECT IDENTIFIER that ends early", []byte{6, 2, 0x55, 0x84}, "OBJECT IDENTIFIER 5584 ends within a part"},
	{"OBJECT IDENTIFIER of no bytes", []byte{6, 0}, "OBJECT IDENTIFIER without parts"},
	{"UTF8String", []byte{0x0c, 1, 'a'}, ""},
	{"UTF8String in parts", []byte{0x2c, 3, 0x0c, 1, 'a'}, "a string in parts (tag 0x2c)"},
	{"OCTET STRING in parts", []byte{0x24, 3, 4, 1, 'a'}, "a string in parts (tag 0x24)"},
	{"SEQUENCE", []byte{0x30, 4, 5, 0, 1, 1}, "truncated, or its length is not DER"},
	{"SEQUENCE that is primitive", []byte{0x10, 0}, "tag 0x10 is not that of a SEQUENCE or SET, 0x30 or 0x31"},
	{"SET that is primitive", []byte{0x11, 0}, "tag 0x11 is not that of a SEQUENCE or SET, 0x30 or 0x31"},
	{"BOOLEAN 1 in a SEQUENCE in a SET", []byte{0x31, 5, 0x30, 3, 1, 1, 1}, "BOOLEAN 01, expected 00 or ff"},
	{"BOOLEAN 1 after a good one", []byte{0x30, 6, 1, 1, 0xff, 1, 1, 1}, "BOOLEAN 01, expected 00 or ff"},
	{"BOOLEAN 1 in [0]", []byte{0xa0, 3, 1, 1, 1}, "BOOLEAN 01, expected 00 or ff"},
	{"primitive [0], whose content has any form", []byte{0x80, 3, 1, 1, 1}, ""},
	{"SET OF in order", []byte{0x31, 6, 2, 1, 1, 2, 1, 2}, ""},
	{"SET OF out of order", []byte{0x31, 6, 2, 1, 2, 2, 1, 1}, "a SET OF is not in order"},
	{"SET of types", []byte{0x31, 5, 1, 1, 0xff, 5, 0}, ""},
	{"end of contents", []byte{0, 0}, "tag 0x00 is reserved"},
	{"UTCTime", append([]byte{0x17, 13}, "240506120000Z"...), ""},
	{"UTCTime without seconds", append([]byte{0x17, 11}, "2405061200Z"...), `time "2405061200Z" is not in the form of DER`},
	{"UTCTime with a zone", append([]byte{0x17, 17}, "240506120000+0100"...), `time "240506120000+0100" is not in the form of DER`},
	{"GeneralizedTime", append([]byte{0x18, 15}, "20240506120000Z"...), ""},
	{"GeneralizedTime with a fraction", append([]byte{0x18, 17}, "20240506120000.5Z"...), ""},
	{
		"GeneralizedTime with a zero at the end",
		append([]byte{0x18, 18}, "20240506120000.50Z"...),
		`time "20240506120000.50Z" is not in the form of DER`,
	},
	{
		"GeneralizedTime with a fraction of nothing",
		append([]byte{0x18, 16}, "20240506120000.Z"...),
		`time "20240506120000.Z" is not in the form of DER`,
	},
	{"GeneralizedTime without Z", append([]byte{0x18, 14}, "20240506120000"...), `time "20240506120000" is not in the form of DER`},
	{"indefinite length", []byte{0x30, 0x80, 0, 0}, "truncated, or its length is not DER"},
	{"a long length", []byte{4, 0x81, 1, 0}, "truncated, or its length is not DER"},
}

func TestAnyIsDER(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	name := func(value []byte) []byte { // with the common name value
		der := append([]byte{6, 3, 0x55, 4, 3}, value...)
		for _, tag := range []byte{0x30, 0x31, 0x30} {
			der = append([]byte{tag, byte(len(der))}, der...)
		}
		return der
	}
	for _, v := range anyValues {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for _, place := range []struct {
				name string
				edit func(*fakeca.Message)
			}{
				{"signatureAlgorithm: parameters", func(m *fakeca.Message) { m.SignatureAlgorithm.Parameters = v.der }},
				{"single response 0: certID: hashAlgorithm: parameters", func(m *fakeca.Message) {
					m.Responses[0].CertID.HashAlgorithm.Parameters = v.der
				}},
				{"responderID: byName", func(m *fakeca.Message) { m.ResponderID.ByName = name(v.der) }},
			} {
				der := leaf.Staple(fakeca.Response{Edit: place.edit})
				m, err := fakeca.ParseMessage(der)
				if v.err != "" {
					checkError(t, place.name, err, "fakeca: OCSP response: "+place.name+": "+v.err)
				} else if err != nil {
					t.Errorf("%s: %v", place.name, err)
				} else if !bytes.Equal(m.Marshal(), der) {
					t.Errorf("%s: Marshal gives other bytes", place.name)
				}
			}
			if strings.HasPrefix(v.err, "truncated") {
				return // the tag around it is truncated as well
			}
			req := leaf.Request()
			req.RequestorName = append([]byte{0xa4, byte(len(name(v.der)))}, name(v.der)...)
			got, err := fakeca.ParseRequest(req.Marshal())
			if v.err != "" {
				checkError(t, "request", err, "fakeca: OCSP request: requestorName: "+v.err)
			} else if err != nil || !bytes.Equal(got.RequestorName, req.RequestorName) {
				t.Errorf("request: %v", err)
			}
		})
	}
}

// Nesting does not use up the stack.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	var deep []byte
	for range 10_000 {
		n := len(deep)
		switch {
		case n < 0x80:
			deep = append([]byte{0x31, byte(n)}, deep...)
		case n < 0x100:
			deep = append([]byte{0x31, 0x81, byte(n)}, deep...)
		default:
			deep = append([]byte{0x31, 0x82, byte(n >> 8), byte(n)}, deep...)
		}
	}
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.SignatureAlgorithm.Parameters = deep }})
	if m, err := fakeca.ParseMessage(der); err != nil || !bytes.Equal(m.SignatureAlgorithm.Parameters, deep) {
		t.Errorf("%v", err)
	}
}

func TestRequestorName(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	for _, tt := range []struct {
		name string
		der  []byte
		err  string
	}{
		{"dNSName", []byte{0x82, 1, 'a'}, ""},
		{"directoryName", append([]byte{0xa4, byte(len(leaf.Cert.RawSubject))}, leaf.Cert.RawSubject...), ""},
		{"registeredID", []byte{0x88, 1, 0x55}, ""},
		{"[9]", []byte{0x89, 1, 0x55}, "tag 0x89 is not a GeneralName"},
		{"a Name that is not in a GeneralName", leaf.Cert.RawSubject, "tag 0x30 is not a GeneralName"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req := leaf.Request()
			req.RequestorName = tt.der
			_, err := fakeca.ParseRequest(req.Marshal())
			if tt.err != "" {
				checkError(t, "ParseRequest", err, "fakeca: OCSP request: requestorName: "+tt.err)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Parts of an OBJECT IDENTIFIER may be larger than 2^31: 2.25 is followed by a
// UUID. A Message has no place for those that an int does not hold.
func TestLargeOIDs(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	staple := func(id asn1.ObjectIdentifier) []byte {
		return leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.ResponseExtensions = []pkix.Extension{{Id: id, Value: []byte{5, 0}}}
		}})
	}
	for _, id := range []asn1.ObjectIdentifier{
		{2, 25, math.MaxInt32}, {2, 25, math.MaxInt}, {2, math.MaxInt - 80}, {2, 0}, {2, 999, 3}, {1, 39}, {0, 0}, {1, 2, 0, 127, 128, 16384},
	} {
		der := staple(id)
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			t.Errorf("%v: %v", id, err)
			continue
		}
		if diff := cmp.Diff(id, m.ResponseExtensions[0].Id); diff != "" || !bytes.Equal(m.Marshal(), der) {
			t.Errorf("%v (-want +got):\n%s", id, diff)
		}
	}
	for _, content := range [][]byte{
		slices.Concat([]byte{0x69, 0x83}, bytes.Repeat([]byte{0xff}, 17), []byte{0x7f}), // 2.25 and a UUID
		slices.Concat([]byte{0x81}, bytes.Repeat([]byte{0x80}, 9), []byte{0, 1}),        // 2.(2^63-80).1
	} {
		der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			e := slices.Concat([]byte{6, byte(len(content))}, content, []byte{4, 2, 5, 0})
			for _, tag := range []byte{0x30, 0x30, 0xa1} {
				e = append([]byte{tag, byte(len(e))}, e...)
			}
			m.RawResponseExtensions = e
		}})
		_, err := fakeca.ParseMessage(der)
		checkError(t, "ParseMessage", err, "fakeca: OCSP response: responseExtensions: extension 0: "+
			"OBJECT IDENTIFIER with a part that an int does not hold")
	}
}

// An end entity may have an empty subject (RFC 5280 section 4.1.2.6), for example
// a delegated responder.
func TestEmptyResponderName(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	signer := ca.OCSPSigner(&x509.Certificate{RawSubject: []byte{0x30, 0}})
	m, err := fakeca.ParseMessage(leaf.Staple(fakeca.Response{Signer: signer}))
	if err != nil {
		t.Fatal(err)
	}
	if !m.ResponderID.Names(signer.Cert) || m.ResponderID.Names(ca.Cert) {
		t.Errorf("the responder ID %x does not name the signer", m.ResponderID.ByName)
	}
}

// ParseMessage accepts some messages that a Response cannot describe.
func TestParseMessageReadsMore(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	nonce := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, Value: []byte{5, 0}}
	for _, tt := range []struct {
		name string
		edit func(*fakeca.Message)
		err  string
	}{
		{"another hash", func(m *fakeca.Message) {
			m.Responses[0].CertID.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}
		}, "single response 0: certID: hashAlgorithm: 2.16.840.1.101.3.4.2.4 with parameters 0500 is not known"},
		{"no single response", func(m *fakeca.Message) { m.Responses = nil }, "responses: empty"},
		{
			"nonce of another type",
			func(m *fakeca.Message) { m.ResponseExtensions = []pkix.Extension{nonce} },
			"responseExtensions: nonce: found tag 0x05, expected 0x04",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(fakeca.Response{Edit: tt.edit})
			mustParseMessage(t, der)
			_, err := fakeca.ParseResponse(der)
			checkError(t, "ParseResponse", err, "fakeca: OCSP response: "+tt.err)
		})
	}
}
