package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A fault is a response changed by Edit or Mutate, and what the parser says about
// it. Not all are broken: some are only rare.
type fault struct {
	name   string
	r      fakeca.Response
	edit   func(*fakeca.Message)
	mutate func([]byte) []byte

	// unsigned says that there is no signed part to be found. In all other
	// responses the signature over tbsResponseData, as sent, is good.
	unsigned bool
	badSign  bool // the signature is broken

	err  string                 // after "fakeca: OCSP response: "; empty: it is accepted
	want func(*fakeca.Response) // if it is accepted: how it differs from Response{}
}

func (f fault) response() fakeca.Response {
	r := f.r
	r.Edit, r.Mutate = f.edit, f.mutate
	return r
}

// afterSigning changes the message outside its signed part.
func afterSigning(edit func(*fakeca.Message)) func([]byte) []byte {
	return func(der []byte) []byte {
		m := must(fakeca.ParseMessage(der))
		edit(m)
		return m.Marshal()
	}
}

func allFaults() []fault {
	return slices.Concat(statusFaults(), wrapperFaults(), dataFaults(), timeFaults(), singleFaults(), signatureFaults(),
		revocationFaults(), certIDFaults(), extensionFaults())
}

func TestFaults(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	seen := make(map[string]bool)
	for _, f := range allFaults() {
		if seen[f.name] {
			t.Errorf("two faults are called %q", f.name)
		}
		seen[f.name] = true
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var sent *fakeca.Message
			r := f.response()
			edit := r.Edit
			r.Edit = func(m *fakeca.Message) {
				if edit != nil {
					edit(m)
				}
				sent = m
			}
			der := leaf.Staple(r)

			switch {
			case f.unsigned:
				if _, _, err := signedParts(der); err == nil {
					t.Error("there is a signed part, so its signature must be checked; unset unsigned")
				}
			case f.badSign:
				tbs, signature, err := signedParts(der)
				if err == nil {
					err = ca.Cert.CheckSignature(x509.ECDSAWithSHA256, tbs, signature)
				}
				if err == nil {
					t.Error("the signature is good; unset badSign")
				}
			default:
				checkSigned(t, der, ca.Cert, x509.ECDSAWithSHA256)
			}

			got, err := fakeca.ParseResponse(der)
			if f.err != "" {
				checkError(t, "ParseResponse", err, "fakeca: OCSP response: "+f.err)
				if diff := cmp.Diff(fakeca.Response{}, got, bigInts); diff != "" {
					t.Errorf("a response in spite of the error:\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := base(leaf)
			if f.want != nil {
				f.want(&want)
			}
			if diff := cmp.Diff(want, got, bigInts); diff != "" {
				t.Errorf("ParseResponse (-want +got):\n%s", diff)
			}
			m := mustParseMessage(t, der)
			if !bytes.Equal(m.Marshal(), der) {
				t.Errorf("Marshal returns other bytes:\n%x\n%x", m.Marshal(), der)
			}
			if f.mutate == nil {
				checkSameMessage(t, sent, m)
			}
		})
	}
}

// checkSameMessage compares the message that Sign wrote with the one that was
// read.
func checkSameMessage(t *testing.T, sent, read *fakeca.Message) {
	t.Helper()
	if sent.ResponseBytes != nil {
		sent.ResponseType = read.ResponseType // nil is the default
		sent.ResponseData.Raw = nil           // what was signed
	}
	if diff := cmp.Diff(sent, read, bigInts, cmp.Comparer(func(a, b fakeca.Time) bool {
		return a.Truncate(1e9).Equal(b.Time) || b.Truncate(1e9).Equal(a.Time)
	})); diff != "" {
		t.Errorf("the message (-sent +read):\n%s", diff)
	}
}

// Unusual responseStatus.
func statusFaults() []fault {
	const missing = "responseBytes: missing from a successful response"
	status := func(s ocsp.ResponseStatus) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponseStatus = s }
	}
	raw := func(b ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawResponseStatus = append([]byte{}, b...) }
	}
	failed := func(s ocsp.ResponseStatus) func(*fakeca.Response) {
		return func(r *fakeca.Response) { *r = fakeca.Response{Status: fakeca.ServerFailed, Error: s} }
	}
	tryLater := fakeca.Response{Error: ocsp.TryLater}
	return []fault{
		{name: "status-malformed-request", r: fakeca.Response{Error: ocsp.Malformed}, unsigned: true, want: failed(ocsp.Malformed)},
		{name: "status-internal-error", r: fakeca.Response{Error: ocsp.InternalError}, unsigned: true, want: failed(ocsp.InternalError)},
		{name: "status-try-later", r: tryLater, unsigned: true, want: failed(ocsp.TryLater)},
		{name: "status-sig-required", r: fakeca.Response{Error: ocsp.SignatureRequired}, unsigned: true, want: failed(ocsp.SignatureRequired)},
		{name: "status-unauthorized", r: fakeca.Response{Error: ocsp.Unauthorized}, unsigned: true, want: failed(ocsp.Unauthorized)},
		{name: "status-unused-4", r: tryLater, edit: status(4), unsigned: true, err: "responseStatus: 4 is not assigned"},
		{name: "status-unused-4 of a good response", edit: status(4), err: "responseStatus: 4 is not assigned"},
		{name: "status-out-of-range 7", r: tryLater, edit: status(7), unsigned: true, err: "responseStatus: 7 is not assigned"},
		{name: "status-out-of-range 17", r: tryLater, edit: status(17), unsigned: true, err: "responseStatus: 17 is not assigned"},
		{name: "status-out-of-range -1", r: tryLater, edit: status(-1), unsigned: true, err: "responseStatus: ff is not a number from 0 to 127"},
		{
			name:     "status-out-of-range 128",
			r:        tryLater,
			edit:     status(128),
			unsigned: true,
			err:      "responseStatus: 0080 is not a number from 0 to 127",
		},
		{name: "status not of the shortest form", edit: raw(0x0a, 2, 0, 0), err: "responseStatus: 0000 is not a number from 0 to 127"},
		{name: "status of no bytes", edit: raw(0x0a, 0), err: "responseStatus:  is not a number from 0 to 127"},
		{name: "status as INTEGER", edit: raw(2, 1, 0), unsigned: true, err: "responseStatus: found tag 0x02, expected 0x0a"},
		{name: "status left out", edit: raw(), unsigned: true, err: "responseStatus: found tag 0xa0, expected 0x0a"},
		{name: "success-no-bytes", edit: func(m *fakeca.Message) { m.ResponseBytes = nil }, unsigned: true, err: missing},
		{name: "success-no-bytes, by status", r: tryLater, edit: status(ocsp.Success), unsigned: true, err: missing},
		{name: "error-with-bytes", edit: status(ocsp.TryLater), err: "responseBytes: present in the error response 3"},
		{
			name:     "error with trailing data",
			r:        tryLater,
			edit:     func(m *fakeca.Message) { m.Extra = null },
			unsigned: true,
			err:      "responseBytes: present in the error response 3",
		},
		{name: "no-singles", edit: func(m *fakeca.Message) { m.Responses = nil }, err: "responses: empty"},
		{
			name: "bad-response-type",
			edit: func(m *fakeca.Message) { m.ResponseType = []int{1, 3, 6, 1, 5, 5, 7, 48, 1, 2} },
			err:  "responseType: 1.3.6.1.5.5.7.48.1.2 is not id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1",
		},
	}
}
