package fakeca_test

import (
	"bytes"
	"crypto/x509/pkix"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// TestParseMessageLenient checks what each difference from DER is read as, and
// that Marshal returns it.
func TestParseMessageLenient(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	generalized := func(text string) []byte { return append([]byte{0x18, byte(len(text))}, text...) }
	half := time.Duration(500 * time.Millisecond)
	spelledOut := func(tag byte) []byte { // one extension with critical FALSE
		return []byte{tag, 15, 0x30, 13, 0x30, 11, 6, 2, 0x2a, 3, 1, 1, 0, 4, 2, 5, 0}
	}
	plain := pkix.Extension{Id: []int{1, 2, 3}, Value: null}
	for _, tt := range []struct {
		name   string
		strict string // the error of ParseMessage
		edit   func(*fakeca.Message)
		check  func(*fakeca.Message) bool
		ocsp   bool // golang.org/x/crypto/ocsp accepts it too
	}{
		{
			name: "version", strict: "version: v1 is the default, which DER leaves out", ocsp: true,
			edit:  func(m *fakeca.Message) { m.RawVersion = []byte{0xa0, 3, 2, 1, 0} },
			check: func(m *fakeca.Message) bool { return m.Version == 0 },
		},
		{
			name: "producedAt", strict: `producedAt: "20240506070809.5Z" is not of the form YYYYMMDDHHMMSSZ`, ocsp: true,
			edit:  func(m *fakeca.Message) { m.ProducedAt.Raw = generalized("20240506070809.5Z") },
			check: func(m *fakeca.Message) bool { return m.ProducedAt.Equal(at(half)) },
		},
		{
			name: "thisUpdate", strict: `single response 0: thisUpdate: "20240506070809.500Z" is not of the form YYYYMMDDHHMMSSZ`,
			edit:  func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Raw = generalized("20240506070809.500Z") },
			check: func(m *fakeca.Message) bool { return m.Responses[0].ThisUpdate.Equal(at(half)) },
		},
		{
			name: "nextUpdate", strict: `single response 0: nextUpdate: "20240506070809.000Z" is not of the form YYYYMMDDHHMMSSZ`,
			edit: func(m *fakeca.Message) {
				m.Responses[0].NextUpdate.Raw = append([]byte{0xa0, 21}, generalized("20240506070809.000Z")...)
			},
			check: func(m *fakeca.Message) bool { return m.Responses[0].NextUpdate.Equal(at(0)) },
		},
		{
			name: "revocationTime",
			strict: "single response 0: certStatus: revoked: revocationTime: " +
				`"20240506070809.1234567890123Z" is not of the form YYYYMMDDHHMMSSZ`,
			edit: func(m *fakeca.Message) {
				m.Responses[0].CertStatus = fakeca.CertStatus{
					Status: fakeca.Revoked, RevocationTime: fakeca.Time{Raw: generalized("20240506070809.1234567890123Z")},
				}
			},
			check: func(m *fakeca.Message) bool {
				return m.Responses[0].CertStatus.RevocationTime.Equal(at(123456789 * time.Nanosecond))
			},
		},
		{
			name: "empty responseExtensions", strict: "responseExtensions: an empty list is left out (RFC 5280 section 4.1)", ocsp: true,
			edit:  func(m *fakeca.Message) { m.RawResponseExtensions = []byte{0xa1, 2, 0x30, 0} },
			check: func(m *fakeca.Message) bool { return m.ResponseExtensions == nil },
		},
		{
			name:   "empty singleExtensions",
			strict: "single response 0: singleExtensions: an empty list is left out (RFC 5280 section 4.1)", ocsp: true,
			edit:  func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = []byte{0xa1, 2, 0x30, 0} },
			check: func(m *fakeca.Message) bool { return m.Responses[0].SingleExtensions == nil },
		},
		{
			name: "critical FALSE in responseExtensions", strict: "responseExtensions: extension 0: critical: neither TRUE nor left out", ocsp: true,
			edit:  func(m *fakeca.Message) { m.RawResponseExtensions = spelledOut(0xa1) },
			check: func(m *fakeca.Message) bool { return equalExtensions(m.ResponseExtensions, plain) },
		},
		{
			name:   "critical FALSE in singleExtensions",
			strict: "single response 0: singleExtensions: extension 0: critical: neither TRUE nor left out", ocsp: true,
			edit:  func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = spelledOut(0xa1) },
			check: func(m *fakeca.Message) bool { return equalExtensions(m.Responses[0].SingleExtensions, plain) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(fakeca.Response{Edit: tt.edit})
			_, err := fakeca.ParseMessage(der)
			checkError(t, "ParseMessage", err, "fakeca: OCSP response: "+tt.strict)
			m, err := fakeca.ParseMessageLenient(der)
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(m) {
				t.Errorf("read as %+v", m.ResponseData)
			}
			if !bytes.Equal(m.Marshal(), der) {
				t.Errorf("Marshal returns other bytes:\n%x\n%x", m.Marshal(), der)
			}
			if err := m.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
			if _, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert); (err == nil) != tt.ocsp {
				t.Errorf("golang.org/x/crypto/ocsp: %v", err)
			}
		})
	}
}

func equalExtensions(got []pkix.Extension, want pkix.Extension) bool {
	return len(got) == 1 && got[0].Id.Equal(want.Id) && got[0].Critical == want.Critical && bytes.Equal(got[0].Value, want.Value)
}

// TestParseMessageLenientIsStrict checks that ParseMessageLenient treats all other
// faults as ParseMessage does.
func TestParseMessageLenientIsStrict(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	tolerated := []string{
		"version-explicit-default",
		"times-bad-type: producedAt with a fraction", "times-bad-type: thisUpdate with a fraction",
		"times-bad-type: nextUpdate with a fraction", "times-bad-type: revocationTime with a fraction",
		"ext-empty-list of the response", "ext-empty-list of the response, not nil", "ext-empty-list of a single", "ext with critical FALSE",
	}
	for _, text := range []string{
		".5Z", "20240506070809.Z", "20240506070809.5", "20240506070809,5Z", "20240506070809.5+0000",
		"20240506070860.5Z", "202405060708.5Z", "20240506070809.5.5Z", "20240506070809. 5Z",
	} {
		der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.ProducedAt.Raw = append([]byte{0x18, byte(len(text))}, text...)
		}})
		if _, err := fakeca.ParseMessageLenient(der); err == nil {
			t.Errorf("%q is read as a time", text)
		}
	}
	found := 0
	for _, f := range allFaults() {
		der := leaf.Staple(f.response())
		strict, strictErr := fakeca.ParseMessage(der)
		lenient, err := fakeca.ParseMessageLenient(der)
		switch {
		case slices.Contains(tolerated, f.name):
			found++
			if strictErr == nil || err != nil {
				t.Errorf("%s: strict %v, lenient %v", f.name, strictErr, err)
			}
		case strictErr != nil:
			if err == nil || err.Error() != strictErr.Error() {
				t.Errorf("%s: %v, want %v", f.name, err, strictErr)
			}
		case err != nil:
			t.Errorf("%s: %v, want no error", f.name, err)
		default:
			checkSameMessage(t, strict, lenient)
		}
	}
	if found != len(tolerated) {
		t.Errorf("%d of %d tolerated faults exist", found, len(tolerated))
	}
}
