package verify_test

import (
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// TestLenient checks that each difference is a violation, and that Lenient
// accepts it and still reports everything else.
func TestLenient(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	asked := []byte("nonce")
	unwrapped := func(value string) fakeca.Response {
		return fakeca.Response{Nonce: asked, Edit: func(m *fakeca.Message) { m.ResponseExtensions[0].Value = []byte(value) }}
	}
	generalized := func(text string) []byte { return append([]byte{0x18, byte(len(text))}, text...) }
	for _, tt := range []struct {
		name     string
		response fakeca.Response
		strict   string
	}{
		{"version spelled out", editing(func(m *fakeca.Message) { m.RawVersion = []byte{0xa0, 3, 2, 1, 0} }),
			"version: version: v1 is the default, which DER leaves out (RFC 6960 4.2.2.3)"},
		{"empty responseExtensions", editing(func(m *fakeca.Message) { m.RawResponseExtensions = []byte{0xa1, 2, 0x30, 0} }),
			"malformed: responseExtensions: an empty list is left out (RFC 5280 section 4.1) (RFC 6960 4.2.1)"},
		{"empty singleExtensions", editing(func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = []byte{0xa1, 2, 0x30, 0} }),
			"malformed: single response 0: singleExtensions: an empty list is left out (RFC 5280 section 4.1) (RFC 6960 4.2.1)"},
		{"critical FALSE", editing(func(m *fakeca.Message) {
			m.RawResponseExtensions = []byte{0xa1, 15, 0x30, 13, 0x30, 11, 6, 2, 0x2a, 3, 1, 1, 0, 4, 2, 5, 0}
		}), "malformed: responseExtensions: extension 0: critical: neither TRUE nor left out (RFC 6960 4.2.1)"},
		{"fraction in producedAt", editing(func(m *fakeca.Message) { m.ProducedAt.Raw = generalized("20260301110000.123Z") }),
			`malformed: producedAt: "20260301110000.123Z" is not of the form YYYYMMDDHHMMSSZ (RFC 6960 4.2.1)`},
		{"fraction in thisUpdate", editing(func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Raw = generalized("20260301110000.000Z") }),
			`malformed: single response 0: thisUpdate: "20260301110000.000Z" is not of the form YYYYMMDDHHMMSSZ (RFC 6960 4.2.1)`},
		{"NULL for ECDSA", editing(func(m *fakeca.Message) { m.SignatureAlgorithm.Parameters = []byte{5, 0} }),
			"signature-algorithm: 1.2.840.10045.4.3.2 with parameters 0500 is not supported (RFC 6960 4.3)"},
		{"nonce that is not an OCTET STRING", unwrapped("nonce"), "nonce: nonce: found tag 0x6e, expected 0x04 (RFC 9654 2.1)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			strict := verify.Options{Nonce: asked}
			lenient := verify.Options{Nonce: asked, Lenient: true}
			w.judge(t, testCase{response: tt.response, options: strict, want: []string{tt.strict}})
			w.judge(t, testCase{response: tt.response, options: lenient})

			bySibling := tt.response
			bySibling.Signer, bySibling.ByKey = w.sibling, true
			w.judge(t, testCase{response: bySibling, options: lenient, want: []string{`signer-eku: "CN=sibling.example.test" ` + hasNoUsage}})

			forged := tt.response
			forged.Mutate = func(der []byte) []byte { der[len(der)-1] ^= 1; return der }
			w.judge(t, testCase{response: forged, options: lenient, want: []string{notNamed}})
		})
	}
	lenient := func(c testCase) testCase {
		c.options.Lenient = true
		return c
	}
	runCases(t, w, []testCase{
		lenient(testCase{name: "nothing irregular"}),
		lenient(testCase{name: "garbage", der: func() []byte { return []byte("garbage") },
			want: []string{"malformed: found tag 0x67, expected 0x30 (RFC 6960 4.2.1)"}}),
		lenient(testCase{name: "version 2", response: editing(func(m *fakeca.Message) { m.Version = 1 }),
			want: []string{"version: version: 01 is not v1 (RFC 6960 4.2.2.3)"}}),
		lenient(testCase{name: "fraction in nextUpdate, too late", response: editing(func(m *fakeca.Message) {
			m.Responses[0].NextUpdate.Raw = append([]byte{0xa0, 19}, generalized("20260301115959.9Z")...)
		}), options: verify.Options{Skew: -1}, want: []string{"expired: nextUpdate 2026-03-01T11:59:59Z is in the past (RFC 6960 3.2)"}}),
		lenient(testCase{name: "another nonce", response: unwrapped("other"), options: verify.Options{Nonce: asked},
			want: []string{"nonce: nonce: found tag 0x6f, expected 0x04 (RFC 9654 2.1)"}}),
		lenient(testCase{name: "the nonce twice", options: verify.Options{Nonce: asked},
			response: fakeca.Response{Nonce: asked, Edit: func(m *fakeca.Message) {
				m.ResponseExtensions[0].Value = asked
				m.ResponseExtensions = append(m.ResponseExtensions, m.ResponseExtensions[0])
			}}, want: []string{"nonce: nonce: found tag 0x6e, expected 0x04 (RFC 9654 2.1)"}}),
		lenient(testCase{name: "an empty nonce", response: unwrapped(""), options: verify.Options{Nonce: []byte{}}}),
		lenient(testCase{name: "a nonce in an OCTET STRING", response: fakeca.Response{Nonce: asked}, options: verify.Options{Nonce: asked}}),
		lenient(testCase{name: "NULL for an unknown algorithm", response: editing(func(m *fakeca.Message) {
			m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: []int{1, 2, 3}, Parameters: []byte{5, 0}}
		}), want: []string{"signature-algorithm: 1.2.3 with parameters 0500 is not supported (RFC 6960 4.3)"}}),
	})
}
