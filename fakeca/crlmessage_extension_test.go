package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// withExtension returns a list with an extension, whose number is below id-ce,
// both in the list and in its only entry.
func withExtension(number int, values ...[]byte) *fakeca.CRLMessage {
	var all []pkix.Extension
	for _, v := range values {
		all = append(all, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, number}, Value: v})
	}
	return &fakeca.CRLMessage{TBSCertList: fakeca.TBSCertList{
		CRLExtensions:       all,
		RevokedCertificates: []fakeca.RevokedCertificate{{Extensions: all}},
	}}
}

// The accessors, by the number of their extension.
var accessors = map[string]struct {
	number int
	read   func(*fakeca.CRLMessage) (any, error)
}{
	"cRLNumber":                {20, func(m *fakeca.CRLMessage) (any, error) { return orNil(m.Number()) }},
	"deltaCRLIndicator":        {27, func(m *fakeca.CRLMessage) (any, error) { return orNil(m.BaseNumber()) }},
	"authorityKeyIdentifier":   {35, func(m *fakeca.CRLMessage) (any, error) { return m.AuthorityKeyID() }},
	"issuingDistributionPoint": {28, func(m *fakeca.CRLMessage) (any, error) { return orNil(m.IssuingDistributionPoint()) }},
	"reasonCode":               {21, func(m *fakeca.CRLMessage) (any, error) { return orNil(m.RevokedCertificates[0].Reason()) }},
	"invalidityDate":           {24, func(m *fakeca.CRLMessage) (any, error) { return m.RevokedCertificates[0].InvalidityDate() }},
	"certificateIssuer":        {29, func(m *fakeca.CRLMessage) (any, error) { return m.RevokedCertificates[0].CertificateIssuer() }},
}

// orNil returns what p points to.
func orNil[T any](p *T, err error) (any, error) {
	if p == nil {
		return nil, err
	}
	return *p, err
}

func TestCRLAccessors(t *testing.T) {
	t.Parallel()
	name := nameDER("a")
	directory := append([]byte{0xa4, byte(len(name))}, name...)
	sequence := func(content ...byte) []byte { return append([]byte{0x30, byte(len(content))}, content...) }
	type point = fakeca.IssuingDistributionPoint
	tests := []struct {
		accessor string
		name     string
		value    []byte
		want     any
		err      string
	}{
		{"cRLNumber", "0", []byte{2, 1, 0}, *new(big.Int), ""},
		{"cRLNumber", "20 bytes", append([]byte{2, 20}, bytes.Repeat([]byte{1}, 20)...), *new(big.Int).SetBytes(bytes.Repeat([]byte{1}, 20)), ""},
		{"cRLNumber", "negative", []byte{2, 1, 0xff}, *big.NewInt(-1), ""},
		{"cRLNumber", "nothing", []byte{}, nil, "missing"},
		{"cRLNumber", "NULL", []byte{5, 0}, nil, "found tag 0x05, expected 0x02"},
		{"cRLNumber", "a zero in front", []byte{2, 2, 0, 1}, nil, "not an INTEGER of the shortest form"},
		{"cRLNumber", "two", []byte{2, 1, 1, 2, 1, 1}, nil, "3 bytes of trailing data"},
		{"deltaCRLIndicator", "3", []byte{2, 1, 3}, *big.NewInt(3), ""},
		{"deltaCRLIndicator", "BOOLEAN", []byte{1, 1, 0xff}, nil, "found tag 0x01, expected 0x02"},

		{"authorityKeyIdentifier", "key", sequence(0x80, 2, 1, 2), []byte{1, 2}, ""},
		{"authorityKeyIdentifier", "empty key", sequence(0x80, 0), []byte{}, ""},
		{"authorityKeyIdentifier", "empty", sequence(), []byte(nil), ""},
		{
			"authorityKeyIdentifier", "serial number",
			sequence(append(append([]byte{0xa1, byte(len(directory))}, directory...), 0x82, 1, 7)...), []byte(nil), "",
		},
		{"authorityKeyIdentifier", "key of another type", sequence(4, 1, 1), []byte(nil), "3 bytes of trailing data"},
		{"authorityKeyIdentifier", "not a SEQUENCE", []byte{4, 1, 1}, []byte(nil), "found tag 0x04, expected 0x30"},
		{"authorityKeyIdentifier", "issuer without names", sequence(0xa1, 0), []byte(nil), "authorityCertIssuer: empty"},
		{
			"authorityKeyIdentifier", "serial number with a zero in front", sequence(0x82, 2, 0, 1),
			[]byte(nil), "authorityCertSerialNumber: INTEGER 0001 is not of the shortest form",
		},

		{"issuingDistributionPoint", "empty", sequence(), point{}, ""},
		{
			"issuingDistributionPoint", "all flags", sequence(0x81, 1, 0xff, 0x82, 1, 0xff, 0x84, 1, 0xff, 0x85, 1, 0xff),
			point{OnlyUserCerts: true, OnlyCACerts: true, Indirect: true, OnlyAttributeCerts: true}, "",
		},
		{
			"issuingDistributionPoint", "no reasons", sequence(0x83, 1, 0),
			point{OnlySomeReasons: []fakeca.Reason{}}, "",
		},
		{
			"issuingDistributionPoint", "reasons", sequence(0x83, 3, 7, 0x40, 0x80),
			point{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise, fakeca.AACompromise}}, "",
		},
		{
			"issuingDistributionPoint", "names", sequence(0xa0, 8, 0xa0, 6, 0x86, 1, 'u', 0x82, 1, 'a'),
			point{URLs: []string{"u"}, OtherNames: [][]byte{dnsName}}, "",
		},
		{"issuingDistributionPoint", "FALSE", sequence(0x81, 1, 0), nil, "onlyContainsUserCerts: neither TRUE nor left out"},
		{"issuingDistributionPoint", "1", sequence(0x82, 1, 1), nil, "onlyContainsCACerts: neither TRUE nor left out"},
		{"issuingDistributionPoint", "empty flag", sequence(0x84, 0), nil, "indirectCRL: neither TRUE nor left out"},
		{"issuingDistributionPoint", "flag cut off", sequence(0x85, 1), nil, "onlyContainsAttributeCerts: truncated, or its length is not DER"},
		{"issuingDistributionPoint", "out of order", sequence(0x82, 1, 0xff, 0x81, 1, 0xff), nil, "3 bytes of trailing data"},
		{"issuingDistributionPoint", "reason without a name", sequence(0x83, 2, 7, 0x80), nil, "onlySomeReasons: bit 0 stands for no reason"},
		{"issuingDistributionPoint", "no names", sequence(0xa0, 2, 0xa0, 0), nil, "distributionPoint: fullName: empty"},
		{"issuingDistributionPoint", "not a SEQUENCE", []byte{5, 0}, nil, "found tag 0x05, expected 0x30"},
		{"issuingDistributionPoint", "nothing", []byte{}, nil, "missing"},

		{"reasonCode", "0", []byte{10, 1, 0}, fakeca.Unspecified, ""},
		{"reasonCode", "8", []byte{10, 1, 8}, fakeca.RemoveFromCRL, ""},
		{"reasonCode", "7", []byte{10, 1, 7}, nil, "7 is not assigned"},
		{"reasonCode", "11", []byte{10, 1, 11}, nil, "11 is not assigned"},
		{"reasonCode", "INTEGER", []byte{2, 1, 1}, nil, "found tag 0x02, expected 0x0a"},
		{"reasonCode", "two bytes", []byte{10, 2, 0, 1}, nil, "0001 is not a number from 0 to 127"},
		{"reasonCode", "more", []byte{10, 1, 1, 0}, nil, "1 bytes of trailing data"},
		{"reasonCode", "nothing", []byte{}, nil, "missing"},

		{"invalidityDate", "date", append([]byte{0x18, 15}, "20240506070809Z"...), at(0), ""},
		{"invalidityDate", "UTCTime", append([]byte{0x17, 13}, "240506070809Z"...), time.Time{}, "found tag 0x17, expected 0x18"},
		{
			"invalidityDate", "fraction", append([]byte{0x18, 17}, "20240506070809.5Z"...),
			time.Time{}, `"20240506070809.5Z" is not of the form YYYYMMDDHHMMSSZ`,
		},
		{"invalidityDate", "more", append([]byte{0x18, 15}, "20240506070809Z\x05\x00"...), time.Time{}, "2 bytes of trailing data"},

		{"certificateIssuer", "name", sequence(directory...), [][]byte{name}, ""},
		{"certificateIssuer", "name and DNS name", sequence(append(dnsName[:3:3], directory...)...), [][]byte{name}, ""},
		{"certificateIssuer", "DNS name", sequence(dnsName...), [][]byte{}, ""},
		{"certificateIssuer", "no names", sequence(), [][]byte(nil), "empty"},
		{"certificateIssuer", "bare name", name, [][]byte(nil), "name 0: tag 0x31 is not that of a GeneralName"},
		{"certificateIssuer", "not a SEQUENCE", []byte{5, 0}, [][]byte(nil), "found tag 0x05, expected 0x30"},
	}
	bigInt := cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 })
	for _, tt := range tests {
		t.Run(tt.accessor+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			a := accessors[tt.accessor]
			got, err := a.read(withExtension(a.number, tt.value))
			if tt.err != "" {
				checkError(t, "accessor", err, tt.accessor+": "+tt.err)
			} else if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got, bigInt); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for name, a := range accessors {
		t.Run(name+"/twice", func(t *testing.T) {
			t.Parallel()
			_, err := a.read(withExtension(a.number, []byte{}, []byte{}))
			checkError(t, "accessor", err, name+": there are two")
		})
	}
}

// Lists of this package, read by its accessors.
func TestCRLAccessorsOfLists(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	issuer := ca.Issuer.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})
	m := mustParseCRLMessage(t, ca.CRL(fakeca.CRL{
		Number: big.NewInt(9), Base: big.NewInt(0), Indirect: true, Signer: issuer, RelativeName: relativeDER("shard"),
		OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise},
	}))
	number, _ := m.Number()
	base, _ := m.BaseNumber()
	key, _ := m.AuthorityKeyID()
	if number.Int64() != 9 || base.Int64() != 0 || !bytes.Equal(key, issuer.Cert.SubjectKeyId) {
		t.Errorf("number %v, base %v, key %x", number, base, key)
	}
	point, err := m.IssuingDistributionPoint()
	want := &fakeca.IssuingDistributionPoint{
		RelativeName: relativeDER("shard"), Indirect: true, OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise},
	}
	if diff := cmp.Diff(want, point); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	first := m.RevokedCertificates[0]
	reason, _ := first.Reason()
	names, err := first.CertificateIssuer()
	if diff := cmp.Diff([][]byte{ca.Cert.RawSubject}, names); diff != "" || err != nil || *reason != fakeca.KeyCompromise {
		t.Errorf("%v, %v (-want +got):\n%s", reason, err, diff)
	}

	m = mustParseCRLMessage(t, ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.CRLExtensions = nil }}))
	for name, a := range accessors {
		if name == "reasonCode" {
			continue
		}
		got, err := a.read(m)
		if diff := cmp.Diff(true, isZero(got)); diff != "" || err != nil {
			t.Errorf("%s of a list without extensions: %v, %v", name, got, err)
		}
	}
	if reason, err := m.RevokedCertificates[0].Reason(); reason != nil || err != nil {
		t.Errorf("an entry without a reason has %v, %v", reason, err)
	}
}

func isZero(v any) bool {
	switch v := v.(type) {
	case []byte:
		return v == nil
	case [][]byte:
		return v == nil
	case time.Time:
		return v.IsZero()
	}
	return v == nil
}
