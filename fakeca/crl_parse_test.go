package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// ParseCRL is the mirror of CA.CRL: made again by a CA of the same name and key
// with nothing on record, the list has the same bytes.
func TestParseCRL(t *testing.T) {
	t.Parallel()
	ca := listWorld(fakeca.WithKey(ed())) // whose signatures are not random
	mirror := fakeca.New(fakeca.WithClock(clock)).Intermediate(fakeca.WithKey(ed()))
	url := []string{"http://a", "http://b"}
	tests := []struct {
		name string
		crl  fakeca.CRL
		want func(*fakeca.CRL)
	}{
		{"zero", fakeca.CRL{}, func(*fakeca.CRL) {}},
		{"Number", fakeca.CRL{Number: big.NewInt(7)}, func(c *fakeca.CRL) { c.Number = big.NewInt(7) }},
		{"negative Number", fakeca.CRL{Number: big.NewInt(-7)}, func(c *fakeca.CRL) { c.Number = big.NewInt(-7) }},
		{"ThisUpdate", fakeca.CRL{ThisUpdate: at(0)}, func(c *fakeca.CRL) {
			c.Number, c.ThisUpdate, c.NextUpdate = nil, at(0), at(24*time.Hour)
		}},
		{"NextUpdate", fakeca.CRL{NextUpdate: at(0)}, func(c *fakeca.CRL) { c.NextUpdate = at(0) }},
		{"Forever", fakeca.CRL{Forever: true}, func(c *fakeca.CRL) { c.Forever, c.NextUpdate = true, time.Time{} }},
		{"Base", fakeca.CRL{Base: new(big.Int)}, func(c *fakeca.CRL) { c.Base = new(big.Int) }},
		{"DistributionPoint", fakeca.CRL{DistributionPoint: url}, func(c *fakeca.CRL) { c.DistributionPoint = url }},
		{"DirectoryNames", fakeca.CRL{DirectoryNames: [][]byte{nameDER("a")}}, func(c *fakeca.CRL) { c.DirectoryNames = [][]byte{nameDER("a")} }},
		{"RelativeName", fakeca.CRL{RelativeName: relativeDER("a")}, func(c *fakeca.CRL) { c.RelativeName = relativeDER("a") }},
		{"OnlyUserCerts", fakeca.CRL{OnlyUserCerts: true}, func(c *fakeca.CRL) {
			c.OnlyUserCerts, c.Also = true, []fakeca.Response{c.Also[0], c.Also[2]}
		}},
		{"OnlyCACerts", fakeca.CRL{OnlyCACerts: true}, func(c *fakeca.CRL) { c.OnlyCACerts, c.Also = true, c.Also[1:2] }},
		{"OnlyAttributeCerts", fakeca.CRL{OnlyAttributeCerts: true}, func(c *fakeca.CRL) { c.OnlyAttributeCerts, c.Also = true, nil }},
		{"OnlySomeReasons", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}}, func(c *fakeca.CRL) {
			c.OnlySomeReasons, c.Also = []fakeca.Reason{fakeca.KeyCompromise}, c.Also[2:]
		}},
		{"no OnlySomeReasons", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{}}, func(c *fakeca.CRL) {
			c.OnlySomeReasons, c.Also = []fakeca.Reason{}, nil
		}},
		{"Indirect", fakeca.CRL{Indirect: true}, func(c *fakeca.CRL) { c.Indirect = true }},
		{"Freshest", fakeca.CRL{Freshest: url}, func(c *fakeca.CRL) { c.Freshest = url }},
		{
			"Also",
			fakeca.CRL{Also: []fakeca.Response{
				{Serial: big.NewInt(500), Status: fakeca.Revoked, ExplicitReason: true, RevokedAt: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
				{Serial: big.NewInt(501), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL, RevokedAt: at(0)},
			}},
			func(c *fakeca.CRL) {
				c.Also = append(c.Also, []fakeca.Response{
					{Serial: big.NewInt(500), Status: fakeca.Revoked, ExplicitReason: true, RevokedAt: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
					{Serial: big.NewInt(501), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL, RevokedAt: at(0)},
				}...)
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := ca.CRL(tt.crl)
			revoked := ca.Revoked()
			want := fakeca.CRL{
				Number:             mustParseCRL(t, ca.CRL(fakeca.CRL{})).Number,
				ThisUpdate:         at(-time.Hour),
				NextUpdate:         at(23 * time.Hour),
				SignatureAlgorithm: x509.PureEd25519,
				Also:               revoked,
			}
			tt.want(&want)
			if want.Number == nil {
				want.Number = mustParseCRL(t, der).Number
			}
			got, err := fakeca.ParseCRL(der)
			if diff := cmp.Diff(want, got, bigInts); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if again := mirror.CRL(got); !bytes.Equal(again, der) {
				t.Errorf("made again it is\n%x, not\n%x", again, der)
			}
		})
	}
}

// A list of version v1 has no number.
func TestParseCRLOfV1(t *testing.T) {
	t.Parallel()
	list := smallList()
	list.Version, list.CRLExtensions, list.RevokedCertificates = 0, nil, nil
	got, err := fakeca.ParseCRL(list.Marshal())
	want := fakeca.CRL{ThisUpdate: at(0), NextUpdate: at(time.Hour), SignatureAlgorithm: x509.PureEd25519}
	if diff := cmp.Diff(want, got, bigInts); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestParseCRLErrors(t *testing.T) {
	t.Parallel()
	extension := func(number int, value ...byte) func(*fakeca.CRLMessage) {
		return func(m *fakeca.CRLMessage) {
			m.CRLExtensions = []pkix.Extension{{Id: []int{2, 5, 29, number}, Value: value}}
		}
	}
	entryExtension := func(number int, value ...byte) func(*fakeca.CRLMessage) {
		return func(m *fakeca.CRLMessage) {
			m.RevokedCertificates[1].Extensions = []pkix.Extension{{Id: []int{2, 5, 29, number}, Value: value}}
		}
	}
	freshest := func(points ...fakeca.CRLPoint) func(*fakeca.CRLMessage) {
		return func(m *fakeca.CRLMessage) { m.CRLExtensions = []pkix.Extension{fakeca.FreshestCRL(points...)} }
	}
	issuer := append([]byte{0x30, byte(2 + len(nameDER("a"))), 0xa4, byte(len(nameDER("a")))}, nameDER("a")...)
	const notOne = "crlExtensions: freshestCRL: not one point of URLs only; use FreshestCRLOf"
	tests := []struct {
		name string
		edit func(*fakeca.CRLMessage)
		err  string // after "fakeca: CRL: "
	}{
		{"not a list", func(m *fakeca.CRLMessage) { m.Raw = []byte{} }, "empty"},
		{"number", extension(20, 5, 0), "crlExtensions: cRLNumber: found tag 0x05, expected 0x02"},
		{"base number", extension(27, 5, 0), "crlExtensions: deltaCRLIndicator: found tag 0x05, expected 0x02"},
		{"point", extension(28, 5, 0), "crlExtensions: issuingDistributionPoint: found tag 0x05, expected 0x30"},
		{
			"empty point",
			extension(28, 0x30, 0),
			"crlExtensions: issuingDistributionPoint: it says nothing, which a CRL cannot hold; use ParseCRLMessage",
		},
		{
			"point with a DNS name",
			extension(28, 0x30, 7, 0xa0, 5, 0xa0, 3, 0x82, 1, 'a'),
			"crlExtensions: issuingDistributionPoint: a name is neither a URL nor a directoryName; use ParseCRLMessage",
		},
		{"freshest", extension(46, 5, 0), "crlExtensions: freshestCRL: found tag 0x05, expected 0x30"},
		{"two points of freshest", freshest(fakeca.CRLPoint{URLs: []string{"a"}}, fakeca.CRLPoint{URLs: []string{"b"}}), notOne},
		{"freshest without URL", freshest(fakeca.CRLPoint{}), notOne},
		{"freshest with reasons", freshest(fakeca.CRLPoint{URLs: []string{"a"}, Reasons: []fakeca.Reason{}}), notOne},
		{"freshest by relative name", freshest(fakeca.CRLPoint{RelativeName: relativeDER("a")}), notOne},
		{"reason", entryExtension(21, 10, 1, 7), "revokedCertificates: entry 1: crlEntryExtensions: reasonCode: 7 is not assigned"},
		{
			"certificate issuer",
			entryExtension(29, issuer...),
			"revokedCertificates: entry 1: crlEntryExtensions: certificateIssuer: a CRL cannot hold it; use ParseCRLMessage",
		},
		{
			"unreadable certificate issuer",
			entryExtension(29, 5, 0),
			"revokedCertificates: entry 1: crlEntryExtensions: certificateIssuer: found tag 0x05, expected 0x30",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := smallList()
			tt.edit(&list)
			_, err := fakeca.ParseCRL(list.Marshal())
			checkError(t, "ParseCRL", err, "fakeca: CRL: "+tt.err)
		})
	}
}
