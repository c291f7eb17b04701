package fakeca_test

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

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
		fault{
			name: "producedAt left out",
			edit: func(m *fakeca.Message) { m.ProducedAt.Raw = []byte{} },
			err:  "producedAt: found tag 0x30, expected 0x18",
		},
		fault{
			name: "thisUpdate left out",
			edit: func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Raw = []byte{} },
			err:  single + "thisUpdate: found tag 0xa0, expected 0x18",
		},
		fault{name: "nextUpdate without its [0]", edit: next(generalized("20240507060809Z")...), err: single + "17 bytes of trailing data"},
		fault{
			name: "nextUpdate in [2]",
			edit: next(append([]byte{0xa2, 17}, generalized("20240507060809Z")...)...),
			err:  single + "19 bytes of trailing data",
		},
		fault{name: "nextUpdate with an empty [0]", edit: next(0xa0, 0), err: single + "nextUpdate: missing"},
		fault{
			name: "nextUpdate with trailing data",
			edit: next(slices.Concat([]byte{0xa0, 19}, generalized("20240507060809Z"), null)...),
			err:  single + "nextUpdate: 2 bytes of trailing data",
		},
		fault{
			name: "nextUpdate in the year 1",
			edit: next(append([]byte{0xa0, 17}, generalized("00010101000000Z")...)...),
			err:  single + "nextUpdate: the zero time means that there is none",
		},
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
		{
			name: "trailing-single, in the second",
			r:    fakeca.Response{Also: make([]fakeca.Response, 1)},
			edit: func(m *fakeca.Message) { m.Responses[1].Extra = null },
			err:  "single response 1: 2 bytes of trailing data",
		},
		{
			name: "trailing CertID",
			edit: first(func(s *fakeca.SingleResponse) { s.CertID.Extra = null }),
			err:  single + "certID: 2 bytes of trailing data",
		},
		{
			name: "trailing RevokedInfo",
			r:    fakeca.Response{Status: fakeca.Revoked, Reason: 1},
			edit: info(null...),
			err:  inStatus + "revoked: 2 bytes of trailing data",
		},
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
		{
			name: "revoked-info-bad trailing after the reason",
			r:    revoked,
			edit: info(0xa0, 5, 0x0a, 1, 1, 5, 0),
			err:  inReason + "2 bytes of trailing data",
		},
		{name: "revoked-info-bad primitive [1]", edit: status(0x81, 0), err: inStatus + "tag 0x81 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag [3]", edit: status(0x83, 0), err: inStatus + "tag 0x83 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag universal", edit: status(5, 0), err: inStatus + "tag 0x05 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag application", edit: status(0x40, 0), err: inStatus + "tag 0x40 is neither good, revoked nor unknown"},
		{name: "cert-status-bad-tag constructed good", edit: status(0xa0, 0), err: inStatus + "tag 0xa0 is neither good, revoked nor unknown"},
		{name: "good with content", edit: status(0x80, 2, 5, 0), err: inStatus + "good: 2 bytes of trailing data"},
		{name: "unknown with content", edit: status(0x82, 1, 0), err: inStatus + "unknown: 1 bytes of trailing data"},
		{name: "cert-status-absent", edit: status(), err: inStatus + "tag 0x18 is neither good, revoked nor unknown"},
		{
			name: "serial-odd-encoding: negative",
			edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = big.NewInt(-5) }),
			want: func(r *fakeca.Response) { r.Serial = big.NewInt(-5) },
		},
		{
			name: "serial-odd-encoding: zero",
			edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = new(big.Int) }),
			want: func(r *fakeca.Response) { r.Serial = new(big.Int) },
		},
		{
			name: "serial-odd-encoding: overlong",
			edit: first(func(s *fakeca.SingleResponse) { s.CertID.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 320) }),
			want: func(r *fakeca.Response) { r.Serial = new(big.Int).Lsh(big.NewInt(1), 320) },
		},
		{name: "serial-odd-encoding: non-minimal", edit: serial(2, 2, 0, 5), err: inSerial + "not an INTEGER of the shortest form"},
		{
			name: "serial-odd-encoding: non-minimal negative",
			edit: serial(2, 2, 0xff, 0x80),
			err:  inSerial + "not an INTEGER of the shortest form",
		},
		{name: "serial-odd-encoding: of no bytes", edit: serial(2, 0), err: inSerial + "not an INTEGER of the shortest form"},
		{name: "serial-odd-encoding: OCTET STRING", edit: serial(4, 1, 5), err: inSerial + "found tag 0x04, expected 0x02"},
		{name: "serial-odd-encoding: left out", edit: serial(), err: inSerial + "missing"},
		{name: "certID left out", edit: certID(), err: single + "certID: found tag 0x80, expected 0x30"},
		{name: "certID empty", edit: certID(0x30, 0), err: single + "certID: hashAlgorithm: missing"},
		{
			name: "certID with hashes of a wrong type",
			edit: certID(0x30, 9, 0x30, 5, 6, 3, 0x55, 4, 3, 5, 0),
			err:  single + "certID: issuerNameHash: found tag 0x05, expected 0x04",
		},
		{
			name: "certID without a key hash",
			edit: certID(0x30, 9, 0x30, 5, 6, 3, 0x55, 4, 3, 4, 0),
			err:  single + "certID: issuerKeyHash: missing",
		},
	}
}
