package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// readCRL returns what a list says, as far as it can be read.
func readCRL(t *testing.T, ca *fakeca.CA, der []byte) map[string]string {
	t.Helper()
	m := parseMessage(t, der)
	if !bytes.Equal(m.Marshal(), der) {
		t.Error("Marshal returns other bytes")
	}
	said := make(map[string]string)
	say := func(what string, value any, err error) {
		if err != nil {
			value = err
		}
		said[what] = fmt.Sprint(value)
	}
	ids := func(list []pkix.Extension) string {
		var all []string
		for _, e := range list {
			id := fmt.Sprint(e.Id[len(e.Id)-1])
			if e.Critical {
				id += "!"
			}
			all = append(all, id)
		}
		return strings.Join(all, " ")
	}
	say("version", m.Version+1, nil)
	say("extensions", ids(m.CRLExtensions), nil)
	number, err := m.Number()
	say("number", number, err)
	base, err := m.BaseNumber()
	say("base", base, err)
	key, err := m.AuthorityKeyID()
	say("key", bytes.Equal(key, ca.Cert.SubjectKeyId), err)
	point, err := m.IssuingDistributionPoint()
	if point == nil {
		say("point", nil, err)
	} else {
		say("point", *point, err)
	}
	var entries []string
	for _, e := range m.RevokedCertificates {
		entry := fmt.Sprint(e.SerialNumber)
		if x := ids(e.Extensions); x != "" {
			entry += " (" + x + ")"
		}
		entries = append(entries, entry)
	}
	say("entries", strings.Join(entries, ", "), nil)
	say("nextUpdate", !m.NextUpdate.IsZero(), nil)
	say("signature", m.CheckSignatureFrom(ca.Cert) == nil, nil)
	return said
}

// What RFC 5280 forbids in a list, and its syntax allows, can be made and read
// back. The extensions are in the order that CRL.Edit promises.
func TestEditCRL(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	edit := func(f func(*fakeca.CRLMessage)) fakeca.CRL { return fakeca.CRL{Number: big.NewInt(7), Edit: f} }
	with := func(c fakeca.CRL) fakeca.CRL {
		if c.Number == nil {
			c.Number = big.NewInt(7)
		}
		return c
	}
	shard := with(fakeca.CRL{OnlyUserCerts: true})
	shardWith := func(f func(*pkix.Extension)) fakeca.CRL {
		c := shard
		c.Edit = func(m *fakeca.CRLMessage) { f(&m.CRLExtensions[2]) }
		return c
	}
	unknown := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 99}, Critical: true, Value: []byte{5, 0}}
	const users, noExtension = "4, 300 (21)", "<nil>"
	long := new(big.Int).Lsh(big.NewInt(1), 200)
	tests := []struct {
		name string
		crl  fakeca.CRL
		want map[string]string // what differs from a good list
	}{
		{"good", with(fakeca.CRL{}), nil},
		{"all extensions", with(fakeca.CRL{Base: big.NewInt(3), Indirect: true, Freshest: []string{"http://a"}}), map[string]string{
			"extensions": "35 20 27! 28! 46", "base": "3", "point": fmt.Sprint(fakeca.IssuingDistributionPoint{Indirect: true}),
		}},

		{"number missing", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = m.CRLExtensions[:1] }), map[string]string{
			"extensions": "35", "number": noExtension,
		}},
		{"number negative", with(fakeca.CRL{Number: big.NewInt(-1)}), map[string]string{"number": "-1"}},
		{"number zero", with(fakeca.CRL{Number: new(big.Int)}), map[string]string{"number": "0"}},
		{"number of 26 bytes", with(fakeca.CRL{Number: long}), map[string]string{"number": long.String()}},
		{"number critical", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions[1].Critical = true }), map[string]string{"extensions": "35 20!"}},
		{"number twice", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, m.CRLExtensions[1]) }), map[string]string{
			"extensions": "35 20 20", "number": "cRLNumber: there are two",
		}},
		{"number of another type", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions[1].Value = []byte{5, 0} }), map[string]string{
			"number": "cRLNumber: found tag 0x05, expected 0x02",
		}},

		{"key identifier missing", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = m.CRLExtensions[1:] }), map[string]string{
			"extensions": "20", "key": "false",
		}},
		{"key identifier of another", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions[0].Value[4] ^= 1 }), map[string]string{"key": "false"}},

		{"delta not critical", with(fakeca.CRL{Base: big.NewInt(3), Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions[2].Critical = false
		}}), map[string]string{"extensions": "35 20 27", "base": "3"}},
		{"delta without a number", with(fakeca.CRL{Base: big.NewInt(3), Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions = slices.Delete(m.CRLExtensions, 1, 2)
		}}), map[string]string{"extensions": "35 27!", "base": "3", "number": noExtension}},
		{"delta older than its base", with(fakeca.CRL{Base: big.NewInt(8)}), map[string]string{"extensions": "35 20 27!", "base": "8"}},

		{"point not critical", shardWith(func(e *pkix.Extension) { e.Critical = false }), map[string]string{
			"extensions": "35 20 28", "point": fmt.Sprint(fakeca.IssuingDistributionPoint{OnlyUserCerts: true}), "entries": users,
		}},
		{"point that says nothing", shardWith(func(e *pkix.Extension) { e.Value = []byte{0x30, 0} }), map[string]string{
			"extensions": "35 20 28!", "point": fmt.Sprint(fakeca.IssuingDistributionPoint{}), "entries": users,
		}},
		{"point missing", with(fakeca.CRL{OnlyUserCerts: true, Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions = m.CRLExtensions[:2]
		}}), map[string]string{"entries": users}},
		{"only users' and only CAs'", with(fakeca.CRL{OnlyUserCerts: true, OnlyCACerts: true}), map[string]string{
			"extensions": "35 20 28!", "point": fmt.Sprint(fakeca.IssuingDistributionPoint{OnlyUserCerts: true, OnlyCACerts: true}), "entries": "",
		}},

		{"unknown critical extension", edit(func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, unknown) }), map[string]string{
			"extensions": "35 20 99!",
		}},
		{"v1", edit(func(m *fakeca.CRLMessage) {
			m.Version, m.CRLExtensions = 0, nil
			for i := range m.RevokedCertificates {
				m.RevokedCertificates[i].Extensions = nil
			}
		}), map[string]string{
			"version": "1", "extensions": "", "number": noExtension, "key": "false", "entries": "4, 20, 300",
		}},
		{"v1 with extensions", edit(func(m *fakeca.CRLMessage) { m.Version = 0 }), map[string]string{"version": "1"}},

		{"nextUpdate missing", with(fakeca.CRL{Forever: true}), map[string]string{"nextUpdate": "false"}},
		{"entries in reverse", edit(func(m *fakeca.CRLMessage) { slices.Reverse(m.RevokedCertificates) }), map[string]string{
			"entries": "300 (21), 20 (21), 4",
		}},
		{"entry twice", edit(func(m *fakeca.CRLMessage) {
			m.RevokedCertificates = append(m.RevokedCertificates, m.RevokedCertificates[1])
		}), map[string]string{"entries": "4, 20 (21), 300 (21), 20 (21)"}},
		{"negative serial number", with(fakeca.CRL{Also: []fakeca.Response{{Serial: big.NewInt(-4), Status: fakeca.Revoked}}}), map[string]string{
			"entries": "-4, 4, 20 (21), 300 (21)",
		}},
		{"reason critical", edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[1].Extensions[0].Critical = true }), map[string]string{
			"entries": "4, 20 (21!), 300 (21)",
		}},
		{"unknown critical extension of an entry", edit(func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[0].Extensions = []pkix.Extension{unknown}
		}), map[string]string{"entries": "4 (99!), 20 (21), 300 (21)"}},
		{"removeFromCRL in a complete list", with(fakeca.CRL{Also: []fakeca.Response{
			{Serial: big.NewInt(5), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL},
		}}), map[string]string{"entries": "4, 5 (21), 20 (21), 300 (21)"}},
		{"certificateIssuer in a list that is not indirect", with(fakeca.CRL{Others: []*fakeca.CA{ca.Issuer}, Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions = m.CRLExtensions[:2]
		}}), map[string]string{"entries": "4, 20 (21), 300 (21), 1 (29!)"}},
		{"signature of another", with(fakeca.CRL{Signer: &fakeca.Leaf{Cert: ca.Cert, Key: ca.Issuer.Key}}), map[string]string{
			"signature": "false",
		}},
	}
	ca.Issuer.Revoke(big.NewInt(1), fakeca.Unspecified)
	good := readCRL(t, ca, ca.CRL(tests[0].crl))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := readCRL(t, ca, ca.CRL(tt.crl))
			for what, value := range got {
				if good[what] == value {
					delete(got, what)
				}
			}
			if tt.want == nil {
				tt.want = make(map[string]string)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("v3", func(t *testing.T) { // the only one that is not read back
		t.Parallel()
		der := ca.CRL(edit(func(m *fakeca.CRLMessage) { m.Version = 2 }))
		_, err := fakeca.ParseCRLMessage(der)
		checkError(t, "ParseCRLMessage", err, "fakeca: CRL: version: 2 is not 1, which is v2")
		if _, err := x509.ParseRevocationList(der); err == nil {
			t.Error("crypto/x509 reads it")
		}
	})
}
