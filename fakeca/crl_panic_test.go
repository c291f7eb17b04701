package fakeca_test

import (
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestCRLPanics(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	unsigning := ca.Leaf()
	unsigning.Key = nil
	keyless := must(fakeca.Load(slices.Concat(ca.CertPEM(), ca.Issuer.CertPEM()), ca.KeyPEM())).Issuer
	year10000 := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	const noBit = ", for which RFC 5280 section 4.2.1.13 has no bit; write the Value of the extension to send it"
	const signer = "CRL: Signer has no private key or no certificate; use ca.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign})"
	edit := func(f func(*fakeca.CRLMessage)) fakeca.CRL { return fakeca.CRL{Edit: f} }
	also := func(r fakeca.Response) fakeca.CRL {
		return fakeca.CRL{Also: []fakeca.Response{{Serial: big.NewInt(1), Status: fakeca.Revoked}, r}}
	}
	tests := []struct {
		name string
		ca   *fakeca.CA
		crl  fakeca.CRL
		want string // after "fakeca: "
	}{
		{
			"Forever and NextUpdate",
			ca,
			fakeca.CRL{Forever: true, NextUpdate: now},
			"CRL: Forever leaves NextUpdate out, and NextUpdate is set; choose one",
		},
		{"Signer without key", ca, fakeca.CRL{Signer: unsigning}, signer},
		{"Signer without certificate", ca, fakeca.CRL{Signer: &fakeca.Leaf{Key: ca.Key}}, signer},
		{"CA without key", keyless, fakeca.CRL{}, "this CA has no key to sign with; load it with its key, or set Signer"},
		{"ThisUpdate", ca, fakeca.CRL{ThisUpdate: year10000}, "CRL: a GeneralizedTime has years 0 to 9999, not 10000"},
		{"NextUpdate", ca, fakeca.CRL{NextUpdate: year10000}, "CRL: a GeneralizedTime has years 0 to 9999, not 10000"},
		{
			"NextUpdate by default",
			ca,
			fakeca.CRL{ThisUpdate: year10000.Add(-time.Second)},
			"TBSCertList cannot be encoded: a GeneralizedTime has years 0 to 9999, not 10000" + orRaw,
		},
		{
			"DistributionPoint",
			ca,
			fakeca.CRL{DistributionPoint: []string{"http://ä.test"}},
			`CRL: the URL "http://ä.test" is not ASCII; percent-encode it`,
		},
		{
			"DistributionPoint and RelativeName",
			ca,
			fakeca.CRL{DistributionPoint: []string{"http://a"}, RelativeName: relativeDER("a")},
			"CRL: RelativeName is not the only name; a distribution point has a full name or a relative name, so leave one out",
		},
		{
			"DirectoryNames",
			ca,
			fakeca.CRL{DirectoryNames: [][]byte{[]byte("CN=a")}},
			"CRL: DirectoryNames[0] is not the DER of a name (truncated, or its length is not DER); use RawSubject of a certificate",
		},
		{"Freshest", ca, fakeca.CRL{Freshest: []string{"http://a\xff"}}, `CRL: the URL "http://a\xff" is not ASCII; percent-encode it`},
		{"Shards", ca, fakeca.CRL{Shards: 65537}, "CRL: Shards is 65537; use 1 to 65536, or leave it out for a list of all"},
		{"Shards negative", ca, fakeca.CRL{Shards: -1}, "CRL: Shards is -1; use 1 to 65536, or leave it out for a list of all"},
		{"Shard without Shards", ca, fakeca.CRL{Shard: 1}, "CRL: Shard is 1 and Shards is zero; set Shards to how many there are"},
		{"Shard", ca, fakeca.CRL{Shard: 2, Shards: 2}, "CRL: Shard is 2; of 2 shards, the numbers are 0 to 1"},
		{"Shard negative", ca, fakeca.CRL{Shard: -1, Shards: 2}, "CRL: Shard is -1; of 2 shards, the numbers are 0 to 1"},
		{
			"OnlySomeReasons unspecified",
			ca,
			fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.Unspecified}},
			"CRL: OnlySomeReasons has unspecified" + noBit,
		},
		{
			"OnlySomeReasons removeFromCRL",
			ca,
			fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.RemoveFromCRL}},
			"CRL: OnlySomeReasons has remove_from_crl" + noBit,
		},
		{"OnlySomeReasons 7", ca, fakeca.CRL{OnlySomeReasons: []fakeca.Reason{7}}, "CRL: OnlySomeReasons has reason(7)" + noBit},
		{
			"Also without serial number",
			ca,
			also(fakeca.Response{Status: fakeca.Revoked}),
			"CRL: Also[1]: Serial is missing; set it to leaf.Cert.SerialNumber",
		},
		{
			"Also good",
			ca,
			also(fakeca.Response{Serial: big.NewInt(2)}),
			"CRL: Also[1]: Status is good, and a CRL lists only what is revoked; set Status: fakeca.Revoked",
		},
		{
			"Also good for a reason",
			ca,
			also(fakeca.Response{Serial: big.NewInt(2), Reason: fakeca.Superseded}),
			"CRL: Also[1]: Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked",
		},
		{
			"Also for no reason",
			ca,
			also(fakeca.Response{Serial: big.NewInt(2), Status: fakeca.Revoked, Reason: 11}),
			"CRL: Also[1]: Reason is 11, which RFC 5280 section 5.3.1 does not have; set RevocationReason in Edit to send it",
		},
		{"Others nil", ca, fakeca.CRL{Others: []*fakeca.CA{keyless, nil}}, "CRL: Others[1] is nil; leave it out"},
		{
			"Others with itself",
			ca,
			fakeca.CRL{Others: []*fakeca.CA{ca}},
			"CRL: Others[0] is the CA itself, whose revocations are listed anyway; leave it out",
		},
		{"Others twice", ca, fakeca.CRL{Others: []*fakeca.CA{keyless, keyless}}, "CRL: Others[1] is there twice; leave it out"},
		{"SignatureAlgorithm", ca, fakeca.CRL{SignatureAlgorithm: x509.SHA256WithRSA}, "an ECDSA key cannot sign with SHA256-RSA" + orAlgorithm},
		{
			"Edit: year",
			ca,
			edit(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].RevocationDate.Time = year10000 }),
			"TBSCertList cannot be encoded: a GeneralizedTime has years 0 to 9999, not 10000" + orRaw,
		},
		{
			"Edit: OID",
			ca,
			edit(func(m *fakeca.CRLMessage) { m.SignatureAlgorithm.Algorithm = nil }),
			"CRLMessage cannot be encoded: an object identifier is missing" + orRaw,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := "fakeca: " + tt.want
			if got := panicText(t, func() { tt.ca.CRL(tt.crl) }); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
	t.Run("entry", func(t *testing.T) {
		t.Parallel()
		entry := fakeca.RevokedCertificate{RevocationDate: fakeca.Time{Time: year10000}}
		if got := panicText(t, func() { entry.Marshal() }); !strings.HasPrefix(got, "fakeca: RevokedCertificate cannot be encoded: ") {
			t.Error(got)
		}
	})
}
