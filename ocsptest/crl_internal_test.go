package ocsptest

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

func crls() map[string]fakeca.CRL {
	edit := func(f func(*fakeca.CRLMessage)) fakeca.CRL { return fakeca.CRL{Edit: f} }
	return map[string]fakeca.CRL{
		"good":              {},
		"no nextUpdate":     {Forever: true},
		"after 2049":        {ThisUpdate: time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC), NextUpdate: time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)},
		"no entries":        {OnlyCACerts: true},
		"large number":      {Number: new(big.Int).Lsh(big.NewInt(1), 158), DistributionPoint: []string{"http://crl.test"}},
		"delta":             {Base: big.NewInt(0), Freshest: []string{"http://crl.test"}},
		"no number":         edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = m.CRLExtensions[:1] }),
		"no extensions":     edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = nil }),
		"v1":                edit(func(m *fakeca.CRLMessage) { m.Version, m.CRLExtensions = 0, nil }),
		"bad entry":         edit(func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = []byte{0x30, 2, 0x30, 1} }),
		"bad number":        edit(func(m *fakeca.CRLMessage) { m.CRLExtensions[1].Value = []byte{2} }),
		"nextUpdate twice":  edit(func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = []byte("\x17\x0d300102030405Z\x17\x0d300102030405Z") }),
		"bytes after":       {Mutate: func(der []byte) []byte { return append(der, 0) }},
		"the first half":    {Mutate: func(der []byte) []byte { return der[:len(der)/2] }},
		"nothing":           {Mutate: func([]byte) []byte { return nil }},
		"an empty SEQUENCE": {Mutate: func([]byte) []byte { return []byte{0x30, 0} }},
	}
}

func listingCA() *fakeca.CA {
	ca := fakeca.New()
	ca.Revoke(big.NewInt(1), fakeca.KeyCompromise)
	ca.Revoke(big.NewInt(2), fakeca.Unspecified)
	return ca
}

// The summary is what crypto/x509 reads, except that it does not overlook what
// follows an element that is in the wrong place.
func TestSummarizeCRL(t *testing.T) {
	t.Parallel()
	ca := listingCA()
	for name, c := range crls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			der := ca.CRL(c)
			var want struct {
				number  *big.Int
				entries int
			}
			if list, err := x509.ParseRevocationList(der); err == nil {
				want.number, want.entries = list.Number, len(list.RevokedCertificateEntries)
			} else if name == "v1" { // which crypto/x509 does not read
				want.entries = 2
			}
			if number, entries := summarizeCRL(der); fmt.Sprint(number) != fmt.Sprint(want.number) || entries != want.entries {
				t.Errorf("number %v, %d entries; want %v, %d", number, entries, want.number, want.entries)
			}
		})
	}
}

// What the summary finds, crypto/x509 finds, unless it finds an error.
func FuzzSummarizeCRL(f *testing.F) {
	ca := listingCA()
	for _, c := range crls() {
		f.Add(ca.CRL(c))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		number, entries := summarizeCRL(der)
		list, err := x509.ParseRevocationList(der)
		if err != nil || number == nil && entries == 0 {
			return
		}
		if fmt.Sprint(number) != fmt.Sprint(list.Number) || entries != len(list.RevokedCertificateEntries) {
			t.Errorf("number %v, %d entries; want %v, %d", number, entries, list.Number, len(list.RevokedCertificateEntries))
		}
	})
}
