package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// What Edit and Mutate do to a good list, and what x509 says about it.
func TestCRLFaults(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	null := []byte{0x05, 0x00}
	edit := func(f func(*fakeca.CRLMessage)) fakeca.CRL { return fakeca.CRL{Edit: f} }
	none := []byte{}
	tests := []struct {
		name    string
		crl     fakeca.CRL
		err     string // what ParseRevocationList says
		forged  bool   // the signature is bad
		has     []byte // what is in it
		entries int    // if it is read
	}{
		{name: "v1", crl: edit(func(m *fakeca.CRLMessage) { m.Version = 0 }), err: "x509: unsupported crl version"},
		{name: "v3", crl: edit(func(m *fakeca.CRLMessage) { m.Version = 2 }), err: "x509: unsupported crl version: 2"},
		{
			name: "version not of the shortest form",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RawVersion = []byte{2, 2, 0, 1} }),
			err:  "x509: malformed crl",
		},
		{
			name: "other algorithm inside",
			crl:  edit(func(m *fakeca.CRLMessage) { m.Signature.Parameters = null }),
			err:  "x509: inner and outer signature algorithm identifiers don't match",
		},
		{
			name: "other algorithm outside",
			crl:  edit(func(m *fakeca.CRLMessage) { m.SignatureAlgorithm.Parameters = null }),
			err:  "x509: inner and outer signature algorithm identifiers don't match",
		},
		{name: "no issuer", crl: edit(func(m *fakeca.CRLMessage) { m.Issuer = nil }), err: "x509: malformed issuer"},
		{name: "empty issuer", crl: edit(func(m *fakeca.CRLMessage) { m.Issuer = []byte{0x30, 0} }), entries: 3},
		{
			name:    "thisUpdate left out, so that nextUpdate is taken for it",
			crl:     edit(func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = none }),
			entries: 3,
		},
		{name: "nextUpdate left out", crl: edit(func(m *fakeca.CRLMessage) { m.NextUpdate = fakeca.Time{} }), entries: 3},
		{
			name: "GeneralizedTime before 2050", crl: edit(func(m *fakeca.CRLMessage) {
				m.ThisUpdate.Raw = append([]byte{0x18, 15}, "20240506060809Z"...)
				m.NextUpdate.Raw = append([]byte{0x18, 15}, "20240507060809Z"...)
			}), has: []byte("\x18\x0f20240506060809Z\x18\x0f20240507060809Z"), entries: 3,
		},
		{
			name: "nextUpdate only by bytes", crl: fakeca.CRL{Forever: true, Edit: func(m *fakeca.CRLMessage) {
				m.NextUpdate.Raw = append([]byte{0x17, 13}, "240507060809Z"...)
			}}, has: []byte("240506060809Z\x17\x0d240507060809Z"), entries: 3,
		},
		{
			name: "empty revokedCertificates",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates = m.RevokedCertificates[:0] }),
			has:  []byte("Z\x30\x00\xa0"),
		},
		{
			name: "revokedCertificates of another type",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{0x30, 2, 5, 0} }),
			err:  "x509: malformed crl",
		},
		{name: "revokedCertificates left out", crl: edit(func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = none })},
		{
			name: "one left out", crl: edit(func(m *fakeca.CRLMessage) {
				m.RevokedCertificates = slices.DeleteFunc(m.RevokedCertificates, func(c fakeca.RevokedCertificate) bool {
					return c.SerialNumber.Int64() == 300
				})
			}), entries: 2,
		},
		{
			name: "entry without serial number",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = nil }),
			err:  "x509: malformed serial number",
		},
		{
			name:    "negative serial number",
			crl:     edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = big.NewInt(-1) }),
			has:     []byte{2, 1, 0xff, 0x17},
			entries: 3,
		},
		{
			name: "entry without date",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].RevocationDate.Raw = none }),
			err:  "x509: unsupported time format",
		},
		{
			name:    "entry without its extensions",
			crl:     edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[2].RawExtensions = none }),
			entries: 3,
		},
		{
			name:    "entry with something more",
			crl:     edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].Extra = null }),
			has:     []byte("Z\x05\x00"),
			entries: 3,
		},
		{name: "entry that is none", crl: edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].Raw = null }), err: "x509: malformed crl"},
		{
			name: "unknown critical extension of an entry", crl: edit(func(m *fakeca.CRLMessage) {
				m.RevokedCertificates[0].Extensions = []pkix.Extension{{Id: []int{1, 2, 3}, Critical: true, Value: null}}
			}), has: []byte{0x06, 0x02, 0x2a, 0x03, 0x01, 0x01, 0xff, 0x04, 0x02, 0x05, 0x00}, entries: 3,
		},
		{name: "no extensions", crl: edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = nil }), entries: 3},
		{
			name: "extensions of another type",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RawCRLExtensions = []byte{0xa0, 2, 5, 0} }),
			err:  "x509: malformed extensions",
		},
		{name: "something more in tbsCertList", crl: edit(func(m *fakeca.CRLMessage) { m.TBSCertList.Extra = null }), has: null, entries: 3},
		{name: "something more", crl: edit(func(m *fakeca.CRLMessage) { m.Extra = null }), has: null, entries: 3},
		{name: "other bytes", crl: edit(func(m *fakeca.CRLMessage) { m.Raw = null }), err: "x509: malformed crl"},
		{
			name:    "a signature of Edit's",
			crl:     edit(func(m *fakeca.CRLMessage) { m.SignatureValue = []byte("forged") }),
			forged:  true,
			has:     []byte("\x00forged"),
			entries: 3,
		},
		{
			name: "a signature of another type",
			crl:  edit(func(m *fakeca.CRLMessage) { m.RawSignatureValue = null }),
			err:  "x509: malformed signature",
		},
		{
			name:    "a bad signature",
			crl:     fakeca.CRL{Mutate: func(der []byte) []byte { der[len(der)-1] ^= 1; return der }},
			forged:  true,
			entries: 3,
		},
		{name: "cut off", crl: fakeca.CRL{Mutate: func(der []byte) []byte { return der[:len(der)-1] }}, err: "x509: malformed crl"},
		{name: "garbage", crl: fakeca.CRL{Mutate: func([]byte) []byte { return []byte("<html>") }}, err: "x509: malformed crl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := ca.CRL(tt.crl)
			if !bytes.Contains(der, tt.has) {
				t.Errorf("%x\ndoes not hold %x", der, tt.has)
			}
			list, err := x509.ParseRevocationList(der)
			if tt.err != "" {
				checkError(t, "ParseRevocationList", err, tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := list.CheckSignatureFrom(ca.Cert); (err != nil) != tt.forged {
				t.Errorf("CheckSignatureFrom: %v", err)
			}
			if n := len(list.RevokedCertificateEntries); n != tt.entries {
				t.Errorf("%d entries, want %d", n, tt.entries)
			}
		})
	}
}

// Each part can be encoded, changed and set as Raw.
func TestCRLMessageParts(t *testing.T) {
	t.Parallel()
	ca := listWorld(fakeca.WithKey(ed()))
	der := ca.CRL(fakeca.CRL{})
	again := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		for i := range m.RevokedCertificates {
			c := &m.RevokedCertificates[i]
			c.Raw = c.Marshal()
		}
		m.TBSCertList.Raw = m.TBSCertList.Marshal()
	}})
	if !bytes.Equal(der, again) {
		t.Errorf("the parts put back make another list:\n%x\n%x", der, again)
	}
	var whole []byte
	signed := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		m.SignatureValue = mustParseCRL(t, der).Signature
		whole = m.Marshal()
	}})
	if !bytes.Equal(signed, der) || !bytes.Equal(whole, der) {
		t.Errorf("with the same signature it is another list:\n%x\n%x\n%x", der, signed, whole)
	}
}

// Edit can write to everything; neither the CA nor the caller's values
// change.
func TestCRLEditSharesNothing(t *testing.T) {
	t.Parallel()
	ca := listWorld(fakeca.WithKey(rsa2048()))
	number, base := big.NewInt(77), big.NewInt(1)
	also := []fakeca.Response{{Serial: big.NewInt(7), Status: fakeca.Revoked, Reason: fakeca.Superseded}}
	list := func(edit func(*fakeca.CRLMessage)) []byte {
		return ca.CRL(fakeca.CRL{
			Number:            number,
			Base:              base,
			Also:              also,
			DistributionPoint: []string{"http://a"},
			Freshest:          []string{"http://b"},
			Edit:              edit,
		})
	}
	before := list(nil)
	list(scribbleCRL)
	if after := list(nil); !bytes.Equal(before, after) {
		t.Errorf("the next list differs:\n%x\n%x", before, after)
	}
	if number.Int64() != 77 || base.Int64() != 1 || also[0].Serial.Int64() != 7 {
		t.Errorf("number %v, base %v, serial number %v", number, base, also[0].Serial)
	}
}

// scribbleCRL writes to each part of a list, in place.
func scribbleCRL(m *fakeca.CRLMessage) {
	for _, id := range []fakeca.AlgorithmIdentifier{m.Signature, m.SignatureAlgorithm} {
		id.Algorithm[len(id.Algorithm)-1] = 99
		clear(id.Parameters)
	}
	extensions := m.CRLExtensions
	for i := range m.RevokedCertificates {
		c := &m.RevokedCertificates[i]
		clear(c.SerialNumber.Bits())
		c.SerialNumber.SetInt64(99)
		extensions = append(extensions, c.Extensions...)
	}
	for _, e := range extensions {
		e.Id[len(e.Id)-1] = 99
		clear(e.Value)
	}
	clear(m.Issuer)
}

// UTCTime is for 1950 to 2049, and GeneralizedTime for all other years (RFC 5280
// section 5.1.2.4).
func TestCRLTimesOnTheWire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		time time.Time
		want string
	}{
		{"1949", time.Date(1949, 12, 31, 23, 59, 59, 0, time.UTC), "\x18\x0f19491231235959Z"},
		{"1950", time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC), "\x17\x0d500101000000Z"},
		{"now", now, "\x17\x0d240506070809Z"},
		{"2049", time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC), "\x17\x0d491231235959Z"},
		{"2049 elsewhere", time.Date(2049, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)), "\x18\x0f20500101005959Z"},
		{"2050", time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), "\x18\x0f20500101000000Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			entry := fakeca.RevokedCertificate{SerialNumber: big.NewInt(1), RevocationDate: fakeca.Time{Time: tt.time}}
			want := append([]byte{0x30, byte(3 + len(tt.want)), 2, 1, 1}, tt.want...)
			if diff := cmp.Diff(want, entry.Marshal()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
