package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ocsplab/ocsplab/fakeca"
)

func mustParseCRLMessage(t *testing.T, der []byte) *fakeca.CRLMessage {
	t.Helper()
	m, err := fakeca.ParseCRLMessage(der)
	if err != nil {
		t.Fatalf("ParseCRLMessage: %v\n%x", err, der)
	}
	return m
}

// After an element that it does not expect in tbsCertList, crypto/x509 takes the
// list for empty and does not look at what follows, not even at critical
// extensions. ParseCRLMessage says what is wrong.
func TestListThatX509DoesNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	critical := pkix.Extension{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}}
	utc := append([]byte{0x17, 13}, "240507060809Z"...)
	generalized := append([]byte{0x18, 15}, "20240507060809Z"...)
	entries := func(tag ...byte) func(*fakeca.CRLMessage) {
		return func(m *fakeca.CRLMessage) {
			var content []byte
			for _, c := range m.RevokedCertificates {
				content = append(content, c.Marshal()...)
			}
			m.RawRevokedCertificates = slices.Concat(tag, []byte{byte(len(content))}, content)
		}
	}
	const expected = "expected revokedCertificates, 0x30, or crlExtensions, 0xa0"
	tests := []struct {
		name string
		edit func(*fakeca.CRLMessage)
		err  string // after "fakeca: CRL: "
	}{
		{
			"nextUpdate twice",
			func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = slices.Concat(utc, utc) },
			"nextUpdate: there are two",
		},
		{
			"nextUpdate in both types",
			func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = slices.Concat(utc, generalized) },
			"nextUpdate: there are two",
		},
		{"SET", entries(0x31), "tbsCertList: found tag 0x31, " + expected},
		{"[1]", entries(0xa1), "tbsCertList: found tag 0xa1, " + expected},
		{
			"NULL",
			func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{5, 0} },
			"tbsCertList: found tag 0x05, " + expected,
		},
		{
			"[0]",
			func(m *fakeca.CRLMessage) {
				m.RevokedCertificates[0].Extensions = []pkix.Extension{critical}
				entries(0x30)(m)
				m.RawRevokedCertificates = slices.Concat([]byte{0xa0, byte(len(m.RawRevokedCertificates))}, m.RawRevokedCertificates)
			},
			"crlExtensions: extension 0: found tag 0x02, expected 0x06",
		},
		{
			"[0] of an empty SEQUENCE",
			func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{0xa0, 2, 0x30, 0} },
			"crlExtensions: an empty list is left out (RFC 5280 section 4.1)",
		},
		{
			"[0] with an extension, and then crlExtensions",
			func(m *fakeca.CRLMessage) {
				m.RawRevokedCertificates = []byte{0xa0, 9, 0x30, 7, 0x30, 5, 6, 1, 0x2a, 4, 0}
			},
			"tbsCertList: 69 bytes of trailing data",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
				m.CRLExtensions = append(m.CRLExtensions, critical)
				tt.edit(m)
			}})
			list, err := x509.ParseRevocationList(der)
			if err != nil {
				if tt.name != "[0]" {
					t.Errorf("crypto/x509 refuses it: %v; change the comment of this test", err)
				}
			} else if n := len(list.RevokedCertificateEntries); n != 0 {
				t.Errorf("crypto/x509 sees %d entries; change the comment of this test", n)
			}
			m, err := fakeca.ParseCRLMessage(der)
			checkError(t, "ParseCRLMessage", err, "fakeca: CRL: "+tt.err)
			if m != nil {
				t.Errorf("ParseCRLMessage returns %v too", m)
			}
		})
	}
}

// smallList returns a list of two entries.
func smallList() fakeca.CRLMessage {
	id := fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}
	return fakeca.CRLMessage{
		TBSCertList: fakeca.TBSCertList{
			Version:    1,
			Signature:  id,
			Issuer:     must(asn1.Marshal(pkix.Name{CommonName: "ca"}.ToRDNSequence())),
			ThisUpdate: fakeca.Time{Time: at(0)},
			NextUpdate: fakeca.Time{Time: at(time.Hour)},
			RevokedCertificates: []fakeca.RevokedCertificate{
				{SerialNumber: big.NewInt(1), RevocationDate: fakeca.Time{Time: at(-time.Hour)}},
				{
					SerialNumber:   big.NewInt(2),
					RevocationDate: fakeca.Time{Time: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
					Extensions:     []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 21}, Value: []byte{10, 1, 1}}},
				},
			},
			CRLExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 20}, Value: []byte{2, 1, 9}}},
		},
		SignatureAlgorithm: id,
		SignatureValue:     []byte("signature"),
	}
}

// What RFC 5280 forbids but its syntax allows is for the client to judge.
func TestParseCRLMessage(t *testing.T) {
	t.Parallel()
	null := []byte{5, 0}
	extension := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{}}
	tests := []struct {
		name string
		edit func(*fakeca.CRLMessage)
	}{
		{"zero", func(*fakeca.CRLMessage) {}},
		{"v1", func(m *fakeca.CRLMessage) {
			m.Version, m.CRLExtensions, m.RevokedCertificates[1].Extensions = 0, nil, nil
		}},
		{"v1 with extensions", func(m *fakeca.CRLMessage) { m.Version = 0 }},
		{"no nextUpdate", func(m *fakeca.CRLMessage) { m.NextUpdate = fakeca.Time{} }},
		{"no extensions", func(m *fakeca.CRLMessage) { m.CRLExtensions = nil }},
		{"no entries", func(m *fakeca.CRLMessage) { m.RevokedCertificates = nil }},
		{"no entries, spelled out", func(m *fakeca.CRLMessage) { m.RevokedCertificates = []fakeca.RevokedCertificate{} }},
		{"only what is required", func(m *fakeca.CRLMessage) {
			m.Version, m.NextUpdate, m.RevokedCertificates, m.CRLExtensions = 0, fakeca.Time{}, nil, nil
		}},
		{"empty issuer", func(m *fakeca.CRLMessage) { m.Issuer = []byte{0x30, 0} }},
		{"other algorithm inside", func(m *fakeca.CRLMessage) { m.Signature.Parameters = null }},
		{"empty signature", func(m *fakeca.CRLMessage) { m.SignatureValue = []byte{} }},
		{"unknown critical extension", func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, extension) }},
		{"the same extension twice", func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, m.CRLExtensions...) }},
		{"unknown critical extension of an entry", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].Extensions = []pkix.Extension{extension, extension}
		}},
		{"entries out of order", func(m *fakeca.CRLMessage) { slices.Reverse(m.RevokedCertificates) }},
		{"entry twice", func(m *fakeca.CRLMessage) { m.RevokedCertificates[1] = m.RevokedCertificates[0] }},
		{"serial number 0", func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = new(big.Int) }},
		{"negative serial number", func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = big.NewInt(-129) }},
		{"high bit of the serial number", func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = big.NewInt(0x80) }},
		{"long serial number", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].SerialNumber = new(big.Int).Lsh(big.NewInt(3), 999)
		}},
		{"date of 1949", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].RevocationDate.Time = time.Date(1949, 12, 31, 23, 59, 59, 0, time.UTC)
		}},
		{"date of 1950", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].RevocationDate.Time = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
		}},
		{"date of 2049", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].RevocationDate.Time = time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)
		}},
		{"date on a leap day", func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].RevocationDate.Time = time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
		}},
		{"GeneralizedTime before 2050", func(m *fakeca.CRLMessage) {
			m.ThisUpdate.Raw = append([]byte{0x18, 15}, m.ThisUpdate.Format("20060102150405Z")...)
			m.NextUpdate.Raw = append([]byte{0x18, 15}, m.NextUpdate.Format("20060102150405Z")...)
			m.RevokedCertificates[0].RevocationDate.Raw = append([]byte{0x18, 15}, at(-time.Hour).Format("20060102150405Z")...)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := smallList()
			tt.edit(&want)
			der := want.Marshal()
			got := mustParseCRLMessage(t, der)
			if diff := cmp.Diff(&want, got, bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := got.Marshal(); !bytes.Equal(again, der) {
				t.Errorf("Marshal gives\n%x of\n%x", again, der)
			}
		})
	}
}

func TestParseCRLMessageErrors(t *testing.T) {
	t.Parallel()
	none, null := []byte{}, []byte{5, 0}
	date := func(tag byte, text string) []byte { return append([]byte{tag, byte(len(text))}, text...) }
	const wantTime = ", expected UTCTime, 0x17, or GeneralizedTime, 0x18"
	tests := []struct {
		name string
		edit func(*fakeca.CRLMessage)
		err  string // after "fakeca: CRL: "
	}{
		{"nothing", func(m *fakeca.CRLMessage) { m.Raw = none }, "empty"},
		{"not a SEQUENCE", func(m *fakeca.CRLMessage) { m.Raw = null }, "found tag 0x05, expected 0x30"},
		{"PEM", func(m *fakeca.CRLMessage) { m.Raw = []byte("-----BEGIN X509 CRL-----") }, "found tag 0x2d, expected 0x30"},
		{"two lists", func(m *fakeca.CRLMessage) { m.Raw = slices.Concat(m.Marshal(), m.Marshal()) }, "154 bytes of trailing data"},
		{"something more", func(m *fakeca.CRLMessage) { m.Extra = null }, "2 bytes of trailing data"},
		{"no tbsCertList", func(m *fakeca.CRLMessage) { m.Raw = []byte{0x30, 0} }, "tbsCertList: missing"},
		{"tbsCertList of another type", func(m *fakeca.CRLMessage) { m.TBSCertList.Raw = null }, "tbsCertList: found tag 0x05, expected 0x30"},
		{"something more in tbsCertList", func(m *fakeca.CRLMessage) { m.TBSCertList.Extra = null }, "tbsCertList: 2 bytes of trailing data"},
		{
			"something more after the entries",
			func(m *fakeca.CRLMessage) { m.CRLExtensions, m.TBSCertList.Extra = nil, null },
			"tbsCertList: found tag 0x05, expected crlExtensions, 0xa0",
		},
		{"v1, spelled out", func(m *fakeca.CRLMessage) { m.RawVersion = []byte{2, 1, 0} }, "version: 0 is not 1, which is v2"},
		{"v3", func(m *fakeca.CRLMessage) { m.Version = 2 }, "version: 2 is not 1, which is v2"},
		{"negative version", func(m *fakeca.CRLMessage) { m.Version = -1 }, "version: -1 is not 1, which is v2"},
		{
			"version with a zero in front",
			func(m *fakeca.CRLMessage) { m.RawVersion = []byte{2, 2, 0, 1} },
			"version: not an INTEGER of the shortest form",
		},
		{
			"version with an explicit tag, as in a certificate",
			func(m *fakeca.CRLMessage) { m.RawVersion = []byte{0xa0, 3, 2, 1, 1} },
			"signature: found tag 0xa0, expected 0x30",
		},
		{"no algorithm inside", func(m *fakeca.CRLMessage) { m.Signature.Raw = none }, "signature: found tag 0x31, expected 0x06"},
		{
			"BER in the algorithm",
			func(m *fakeca.CRLMessage) { m.Signature.Parameters = []byte{5, 0x81, 0} },
			"signature: parameters: truncated, or its length is not DER",
		},
		{"no issuer", func(m *fakeca.CRLMessage) { m.Issuer = nil }, "issuer: found tag 0x17, expected 0x30"},
		{"issuer that is not a name", func(m *fakeca.CRLMessage) { m.Issuer = []byte{0x30, 2, 5, 0} }, "issuer: found tag 0x05, expected 0x31"},
		{"no times", func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw, m.NextUpdate.Raw = none, none }, "thisUpdate: found tag 0x30" + wantTime},
		{
			"only an issuer",
			func(m *fakeca.CRLMessage) {
				m.TBSCertList = fakeca.TBSCertList{Signature: m.Signature, Issuer: m.Issuer, ThisUpdate: fakeca.Time{Raw: none}}
			},
			"thisUpdate: missing",
		},
		{
			"thisUpdate without seconds",
			func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = date(0x17, "2405060708Z") },
			`thisUpdate: "2405060708Z" is not of the form YYMMDDHHMMSSZ`,
		},
		{
			"thisUpdate with a zone",
			func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = date(0x17, "240506070809+0000") },
			`thisUpdate: "240506070809+0000" is not of the form YYMMDDHHMMSSZ`,
		},
		{
			"thisUpdate with a fraction",
			func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = date(0x18, "20240506070809.5Z") },
			`thisUpdate: "20240506070809.5Z" is not of the form YYYYMMDDHHMMSSZ`,
		},
		{
			"thisUpdate cut off",
			func(m *fakeca.CRLMessage) {
				m.TBSCertList.Raw = slices.Concat([]byte{0x30, 13, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 0x30, 0}, []byte{0x17, 13})
			},
			"thisUpdate: truncated, or its length is not DER",
		},
		{
			"nextUpdate that does not exist",
			func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = date(0x17, "230229000000Z") },
			`nextUpdate: "230229000000Z" is not of the form YYMMDDHHMMSSZ`,
		},
		{
			"nextUpdate of year 1",
			func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = date(0x18, "00010101000000Z") },
			"nextUpdate: the zero time means that there is none",
		},
		{
			"revokedCertificates before the times",
			func(m *fakeca.CRLMessage) { m.Issuer = slices.Concat(m.Issuer, []byte{0x30, 0}) },
			"thisUpdate: found tag 0x30" + wantTime,
		},
		{
			"revokedCertificates twice",
			func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{0x30, 0, 0x30, 0} },
			"tbsCertList: found tag 0x30, expected crlExtensions, 0xa0",
		},
		{
			"entry of another type",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[1].Raw = null },
			"revokedCertificates: entry 1: found tag 0x05, expected 0x30",
		},
		{
			"empty entry",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[1].Raw = []byte{0x30, 0} },
			"revokedCertificates: entry 1: userCertificate: missing",
		},
		{
			"entries that are cut off",
			func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{0x30, 3, 0x30, 2, 2} },
			"revokedCertificates: entry 0: truncated, or its length is not DER",
		},
		{
			"serial number with a zero in front",
			func(m *fakeca.CRLMessage) {
				c := &m.RevokedCertificates[0]
				c.SerialNumber, c.RevocationDate.Raw = nil, slices.Concat([]byte{2, 2, 0, 1}, date(0x17, "240506070809Z"))
			},
			"revokedCertificates: entry 0: userCertificate: not an INTEGER of the shortest form",
		},
		{
			"entry without a date",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].RevocationDate.Raw = none },
			"revokedCertificates: entry 0: revocationDate: missing",
		},
		{
			"entry with a date out of range",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].RevocationDate.Raw = date(0x17, "241301000000Z") },
			`revokedCertificates: entry 0: revocationDate: "241301000000Z" is not of the form YYMMDDHHMMSSZ`,
		},
		{
			"entry with two dates",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].Extra = date(0x17, "240506070809Z") },
			"revokedCertificates: entry 0: 15 bytes of trailing data",
		},
		{
			"entry with an empty list of extensions",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[1].RawExtensions = []byte{0x30, 0} },
			"revokedCertificates: entry 1: crlEntryExtensions: an empty list is left out (RFC 5280 section 4.1)",
		},
		{
			"entry with extensions in [0]",
			func(m *fakeca.CRLMessage) { m.RevokedCertificates[1].RawExtensions = []byte{0xa0, 2, 0x30, 0} },
			"revokedCertificates: entry 1: 4 bytes of trailing data",
		},
		{
			"entry with critical spelled out",
			func(m *fakeca.CRLMessage) {
				m.RevokedCertificates[1].RawExtensions = []byte{0x30, 10, 0x30, 8, 6, 1, 0x2a, 1, 1, 0, 4, 0}
			},
			"revokedCertificates: entry 1: crlEntryExtensions: extension 0: critical: neither TRUE nor left out",
		},
		{
			"empty list of extensions",
			func(m *fakeca.CRLMessage) { m.RawCRLExtensions = []byte{0xa0, 2, 0x30, 0} },
			"crlExtensions: an empty list is left out (RFC 5280 section 4.1)",
		},
		{
			"extensions of another type",
			func(m *fakeca.CRLMessage) { m.RawCRLExtensions = []byte{0xa0, 2, 5, 0} },
			"crlExtensions: found tag 0x05, expected 0x30",
		},
		{"no algorithm", func(m *fakeca.CRLMessage) { m.SignatureAlgorithm.Raw = none }, "signatureAlgorithm: found tag 0x03, expected 0x30"},
		{"no signature", func(m *fakeca.CRLMessage) { m.RawSignatureValue = none }, "signatureValue: missing"},
		{
			"signature of bits",
			func(m *fakeca.CRLMessage) { m.RawSignatureValue = []byte{3, 2, 1, 0xfe} },
			"signatureValue: not a whole number of bytes",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := smallList()
			tt.edit(&list)
			m, err := fakeca.ParseCRLMessage(list.Marshal())
			checkError(t, "ParseCRLMessage", err, "fakeca: CRL: "+tt.err)
			if m != nil {
				t.Errorf("ParseCRLMessage returns %v too", m)
			}
			var syntax *fakeca.SyntaxError
			if element, _, ok := strings.Cut(tt.err, ": "); ok && (!errors.As(err, &syntax) || !strings.HasPrefix(syntax.Element, element)) {
				t.Errorf("as a SyntaxError: %v", syntax)
			}
		})
	}
}

// crypto/x509 reads the same from a list, and Marshal gives the same bytes.
func TestParseCRLMessageAgreesWithX509(t *testing.T) {
	t.Parallel()
	for name, der := range manyLists() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := mustParseCRL(t, der)
			m := mustParseCRLMessage(t, der)
			if diff := diffCRL(list, m); diff != "" {
				t.Errorf("(-x509 +fakeca):\n%s", diff)
			}
			if again := m.Marshal(); !bytes.Equal(again, der) {
				t.Errorf("Marshal gives\n%x of\n%x", again, der)
			}
			if !bytes.Equal(m.TBSCertList.Marshal(), list.RawTBSRevocationList) {
				t.Errorf("tbsCertList is\n%x, not\n%x", m.TBSCertList.Marshal(), list.RawTBSRevocationList)
			}
		})
	}
}

// manyLists returns a list for each field of CRL.
func manyLists() map[string][]byte {
	ca := listWorld()
	issuer := ca.Issuer.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})
	lists := make(map[string][]byte)
	for name, c := range map[string]fakeca.CRL{
		"zero":               {},
		"Forever":            {Forever: true},
		"NextUpdate of 2050": {NextUpdate: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
		"GeneralizedTime": {Edit: func(m *fakeca.CRLMessage) {
			m.ThisUpdate.Raw = append([]byte{0x18, 15}, "20240506060809Z"...)
		}},
		"Base":               {Base: new(big.Int)},
		"DistributionPoint":  {DistributionPoint: []string{"http://a", "http://b"}, OnlyUserCerts: true},
		"OnlyCACerts":        {OnlyCACerts: true},
		"OnlyAttributeCerts": {OnlyAttributeCerts: true},
		"OnlySomeReasons":    {OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise, fakeca.AACompromise}},
		"Indirect":           {Indirect: true, Signer: issuer},
		"Freshest":           {Freshest: []string{"http://a"}},
		"Also": {Also: []fakeca.Response{
			{Serial: new(big.Int).Lsh(big.NewInt(255), 152), Status: fakeca.Revoked, ExplicitReason: true},
			{Serial: big.NewInt(-1), Status: fakeca.Revoked, RevokedAt: time.Date(1949, 1, 1, 0, 0, 0, 0, time.UTC)},
			{Serial: big.NewInt(4), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL, RevokedAt: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)},
		}},
		"critical extensions": {Edit: func(m *fakeca.CRLMessage) {
			e := pkix.Extension{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}}
			m.CRLExtensions = append(m.CRLExtensions, e)
			m.RevokedCertificates[0].Extensions = append(m.RevokedCertificates[0].Extensions, e)
		}},
		"empty revokedCertificates": {Edit: func(m *fakeca.CRLMessage) { m.RevokedCertificates = []fakeca.RevokedCertificate{} }},
	} {
		lists[name] = ca.CRL(c)
	}
	lists["of nothing"] = fakeca.New(fakeca.WithClock(clock)).CRL(fakeca.CRL{})
	for _, a := range signatureAlgorithms {
		lists[a.name] = fakeca.New(fakeca.WithKey(a.key())).CRL(fakeca.CRL{SignatureAlgorithm: a.algorithm})
	}
	return lists
}

// diffCRL compares what crypto/x509 and ParseCRLMessage read.
func diffCRL(list *x509.RevocationList, m *fakeca.CRLMessage) string {
	type entry struct {
		Serial     *big.Int
		Date       time.Time
		Extensions []pkix.Extension
	}
	type fields struct {
		Issuer, Signature []byte
		This, Next        time.Time
		Algorithm         x509.SignatureAlgorithm
		Extensions        []pkix.Extension
		Entries           []entry
	}
	a := fields{list.RawIssuer, list.Signature, list.ThisUpdate, list.NextUpdate, list.SignatureAlgorithm, list.Extensions, nil}
	for _, e := range list.RevokedCertificateEntries {
		a.Entries = append(a.Entries, entry{e.SerialNumber, e.RevocationTime, e.Extensions})
	}
	b := fields{
		m.Issuer, m.SignatureValue, m.ThisUpdate.Time, m.NextUpdate.Time,
		m.SignatureAlgorithm.SignatureAlgorithm(), m.CRLExtensions, nil,
	}
	if b.Algorithm == x509.SHA256WithRSAPSS || b.Algorithm == x509.SHA384WithRSAPSS || b.Algorithm == x509.SHA512WithRSAPSS {
		b.Algorithm = a.Algorithm // crypto/x509 knows one length of the salt
	}
	for _, c := range m.RevokedCertificates {
		b.Entries = append(b.Entries, entry{c.SerialNumber, c.RevocationDate.Time, c.Extensions})
	}
	return cmp.Diff(a, b, bigInts, cmpopts.EquateEmpty())
}

// The parser neither keeps nor changes its argument, and no part of a list shares
// memory with another.
func TestParsedCRLSharesNothing(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	der := ca.CRL(fakeca.CRL{Base: new(big.Int), OnlyUserCerts: true})
	given := bytes.Clone(der)
	m := mustParseCRLMessage(t, der)
	clear(der)
	if !bytes.Equal(m.Marshal(), given) {
		t.Error("the list changes with the argument of the parser")
	}
	want := mustParseCRLMessage(t, given)
	last := len(m.RevokedCertificates) - 1
	c := &m.RevokedCertificates[last-1]
	c.SerialNumber.Lsh(c.SerialNumber, 200)
	for i := range c.Extensions {
		c.Extensions[i].Id = append(c.Extensions[i].Id[:3], 99, 99, 99)
		c.Extensions[i].Value = append(c.Extensions[i].Value, 99)
	}
	c.Extensions = append(c.Extensions, pkix.Extension{})
	m.Issuer = append(m.Issuer, 99)
	m.Signature.Algorithm = append(m.Signature.Algorithm[:1], 99, 99)
	if diff := cmp.Diff(want.RevokedCertificates[last], m.RevokedCertificates[last], bigInts); diff != "" {
		t.Errorf("an entry changes with the one before it:\n%s", diff)
	}
	if diff := cmp.Diff(want.SignatureAlgorithm, m.SignatureAlgorithm); diff != "" || !m.ThisUpdate.Equal(want.ThisUpdate.Time) {
		t.Errorf("tbsCertList shares memory with the rest:\n%s", diff)
	}
}

func TestCRLCheckSignatureFrom(t *testing.T) {
	t.Parallel()
	for _, a := range signatureAlgorithms {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithKey(a.key()), fakeca.WithName("ca"))
			m := mustParseCRLMessage(t, ca.CRL(fakeca.CRL{SignatureAlgorithm: a.algorithm}))
			if err := m.CheckSignatureFrom(ca.Cert); (err != nil) != (a.algorithm == x509.MD5WithRSA) {
				t.Error(err)
			}
			m.ThisUpdate.Time = m.ThisUpdate.Add(time.Second)
			if err := m.CheckSignatureFrom(ca.Cert); err == nil {
				t.Error("a list that was changed has a good signature")
			}
		})
	}
	ca := fakeca.New(fakeca.WithKey(ed()), fakeca.WithName("ca"))
	t.Run("Raw", func(t *testing.T) {
		t.Parallel()
		der := ca.CRL(fakeca.CRL{})
		m := mustParseCRLMessage(t, der)
		m.TBSCertList.Raw = mustParseCRL(t, der).RawTBSRevocationList
		m.NextUpdate = fakeca.Time{} // what was read counts, not the fields
		if err := m.CheckSignatureFrom(ca.Cert); err != nil {
			t.Error(err)
		}
		m.TBSCertList.Raw = bytes.Replace(m.TBSCertList.Raw, []byte("ca"), []byte("cb"), 1)
		if err := m.CheckSignatureFrom(ca.Cert); err == nil {
			t.Error("Raw that was changed has a good signature")
		}
	})
	tests := []struct {
		name string
		edit func(*fakeca.CRLMessage)
		err  string
	}{
		{
			"other algorithm inside",
			func(m *fakeca.CRLMessage) { m.Signature.Parameters = []byte{5, 0} },
			"fakeca: the signature algorithm of the CRL is 1.3.101.112 with parameters 0500 inside, and 1.3.101.112 with parameters  outside",
		},
		{
			"unknown algorithm",
			func(m *fakeca.CRLMessage) {
				m.Signature.Algorithm, m.SignatureAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 3}, asn1.ObjectIdentifier{1, 2, 3}
			},
			"fakeca: the signature algorithm 1.2.3 with parameters  is not known",
		},
		{
			"other signature",
			func(m *fakeca.CRLMessage) { m.SignatureValue = make([]byte, 64) },
			`fakeca: the CRL is not signed by "CN=ca": x509: Ed25519 verification failure`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustParseCRLMessage(t, ca.CRL(fakeca.CRL{Edit: tt.edit}))
			checkError(t, "CheckSignatureFrom", m.CheckSignatureFrom(ca.Cert), tt.err)
		})
	}
	t.Run("no certificate", func(t *testing.T) {
		t.Parallel()
		want := "fakeca: CheckSignatureFrom needs the signer's certificate"
		if got := panicText(t, func() { _ = new(fakeca.CRLMessage).CheckSignatureFrom(nil) }); got != want {
			t.Error(got)
		}
	})
}
