package fakeca_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func mustParseCRL(t *testing.T, der []byte) *x509.RevocationList {
	t.Helper()
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatalf("ParseRevocationList: %v\n%x", err, der)
	}
	return list
}

// entries returns the entries of a list as text: serial number, reason, date.
func entries(list *x509.RevocationList) []string {
	var all []string
	for _, e := range list.RevokedCertificateEntries {
		all = append(all, fmt.Sprintf("%v %v %s", e.SerialNumber, fakeca.Reason(e.ReasonCode), e.RevocationTime.Format(time.RFC3339)))
	}
	return all
}

// extension returns the value of a list's extension in hexadecimal, after a "!" if
// it is critical, or "".
func extension(list *x509.RevocationList, number int) string {
	for _, e := range list.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, number}) {
			if e.Critical {
				return "!" + hex.EncodeToString(e.Value)
			}
			return hex.EncodeToString(e.Value)
		}
	}
	return ""
}

// listWorld returns an intermediate that issued certificates to users and to CAs,
// and revoked one of each and one that it did not issue.
func listWorld(opts ...fakeca.Option) *fakeca.CA {
	ca := fakeca.New(fakeca.WithClock(clock)).Intermediate(opts...)
	ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(1)})
	ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(300)}).Revoke(fakeca.KeyCompromise)
	ca.Intermediate(fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(20)}))
	ca.Revoke(big.NewInt(20), fakeca.CACompromise)
	ca.Revoke(big.NewInt(4), fakeca.Unspecified)
	ca.Set(big.NewInt(5), fakeca.Response{Status: fakeca.Unknown})
	ca.Set(big.NewInt(6), fakeca.Response{Status: fakeca.ServerFailed})
	return ca
}

const (
	listed4   = "4 unspecified 2024-05-06T05:08:09Z"
	listed20  = "20 ca_compromise 2024-05-06T05:08:09Z"
	listed300 = "300 key_compromise 2024-05-06T05:08:09Z"
)

// A list has the same bytes as one by x509.CreateRevocationList.
func TestCRLAsX509MakesIt(t *testing.T) {
	t.Parallel()
	ca := listWorld(fakeca.WithKey(ed())) // whose signatures are not random
	tests := []struct {
		name string
		crl  fakeca.CRL
	}{
		{"zero", fakeca.CRL{}},
		{"a long number", fakeca.CRL{Number: new(big.Int).Lsh(big.NewInt(1), 151)}},
		{"the last of UTCTime", fakeca.CRL{NextUpdate: time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)}},
		{"the first of GeneralizedTime", fakeca.CRL{NextUpdate: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)}},
		{"entries of all times", fakeca.CRL{Also: []fakeca.Response{
			{Serial: big.NewInt(400), Status: fakeca.Revoked, RevokedAt: time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)},
			{Serial: big.NewInt(401), Status: fakeca.Revoked, RevokedAt: time.Date(1949, 12, 31, 0, 0, 0, 0, time.UTC)},
			{Serial: big.NewInt(402), Status: fakeca.Revoked, Reason: fakeca.AACompromise, RevokedAt: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)},
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := ca.CRL(tt.crl)
			want, err := x509.CreateRevocationList(rand.Reader, mustParseCRL(t, der), ca.Cert, ca.Key)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(der, want) {
				t.Errorf("\n got %x\nwant %x", der, want)
			}
		})
	}
}

func TestCRLFields(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	all := []string{listed4, listed20, listed300}
	wantNumber := new(big.Int).Lsh(big.NewInt(at(-time.Hour).Unix()), 32)
	wantNumber.Add(wantNumber, new(big.Int).SetUint64(ca.Revision()))
	type fields struct {
		Number     *big.Int
		This, Next time.Time
		Entries    []string
		Delta      string // the extensions, as [extension] writes them
		Point      string
		Freshest   string
	}
	usual := func() fields {
		return fields{Number: wantNumber, This: at(-time.Hour), Next: at(23 * time.Hour), Entries: all}
	}
	url := func(tag byte, url string) string { return fmt.Sprintf("%02x%02x%x", tag, len(url), url) }
	tests := []struct {
		name string
		crl  fakeca.CRL
		want func(*fields)
	}{
		{"zero", fakeca.CRL{}, func(*fields) {}},
		{"Number", fakeca.CRL{Number: big.NewInt(7)}, func(f *fields) { f.Number = big.NewInt(7) }},
		{"ThisUpdate", fakeca.CRL{ThisUpdate: at(-48 * time.Hour), Number: big.NewInt(7)}, func(f *fields) {
			f.Number, f.This, f.Next = big.NewInt(7), at(-48*time.Hour), at(-24*time.Hour)
		}},
		{"NextUpdate", fakeca.CRL{NextUpdate: at(time.Minute + 999*time.Millisecond)}, func(f *fields) { f.Next = at(time.Minute) }},
		{"NextUpdate elsewhere", fakeca.CRL{NextUpdate: at(0).In(time.FixedZone("", 3600))}, func(f *fields) { f.Next = at(0) }},
		{"Forever", fakeca.CRL{Forever: true}, func(f *fields) { f.Next = time.Time{} }},
		{"Base", fakeca.CRL{Base: wantNumber}, func(f *fields) {
			f.Entries, f.Delta = nil, fmt.Sprintf("!02%02x%x", len(wantNumber.Bytes()), wantNumber.Bytes())
		}},
		{"Base 0", fakeca.CRL{Base: new(big.Int)}, func(f *fields) { f.Delta = "!020100" }},
		{"DistributionPoint", fakeca.CRL{DistributionPoint: []string{"http://a/1"}}, func(f *fields) {
			f.Point = "!3010" + "a00e" + "a00c" + url(0x86, "http://a/1")
		}},
		{"two of DistributionPoint", fakeca.CRL{DistributionPoint: []string{"http://a", "http://b"}, Indirect: true}, func(f *fields) {
			f.Point = "!301b" + "a016" + "a014" + url(0x86, "http://a") + url(0x86, "http://b") + "8401ff"
		}},
		{"OnlyUserCerts", fakeca.CRL{OnlyUserCerts: true}, func(f *fields) { f.Point, f.Entries = "!30038101ff", []string{listed4, listed300} }},
		{"OnlyCACerts", fakeca.CRL{OnlyCACerts: true}, func(f *fields) { f.Point, f.Entries = "!30038201ff", []string{listed20} }},
		{"OnlyAttributeCerts", fakeca.CRL{OnlyAttributeCerts: true}, func(f *fields) { f.Point, f.Entries = "!30038501ff", nil }},
		{"Indirect, by the CA", fakeca.CRL{Indirect: true}, func(f *fields) { f.Point = "!30038401ff" }},
		{"OnlySomeReasons", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}}, func(f *fields) {
			f.Point, f.Entries = "!300483020640", []string{listed300}
		}},
		{
			"OnlySomeReasons, all of them", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{
				fakeca.AACompromise, fakeca.PrivilegeWithdrawn, fakeca.CertificateHold, fakeca.CessationOfOperation,
				fakeca.Superseded, fakeca.AffiliationChanged, fakeca.CACompromise, fakeca.KeyCompromise,
			}}, func(f *fields) { f.Point, f.Entries = "!30058303077f80", []string{listed20, listed300} },
		},
		{"OnlySomeReasons, the eighth bit", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.PrivilegeWithdrawn}}, func(f *fields) {
			f.Point, f.Entries = "!300483020001", nil
		}},
		{"Freshest", fakeca.CRL{Freshest: []string{"http://a/d"}}, func(f *fields) {
			f.Freshest = "3012" + "3010" + "a00e" + "a00c" + url(0x86, "http://a/d")
		}},
		{
			"Also", fakeca.CRL{Also: []fakeca.Response{
				{Serial: big.NewInt(21), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL, RevokedAt: at(-9 * time.Hour)},
				{Serial: big.NewInt(4), Status: fakeca.Revoked, Reason: fakeca.Superseded},
				{Serial: big.NewInt(2), Status: fakeca.Revoked, ThisUpdate: at(0)},
			}}, func(f *fields) {
				f.Entries = []string{
					"2 unspecified 2024-05-06T06:08:09Z", listed4, "4 superseded 2024-05-06T05:08:09Z",
					listed20, "21 remove_from_crl 2024-05-05T22:08:09Z", listed300,
				}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := mustParseCRL(t, ca.CRL(tt.crl))
			if err := list.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
			got := fields{
				list.Number, list.ThisUpdate, list.NextUpdate, entries(list),
				extension(list, 27), extension(list, 28), extension(list, 46),
			}
			want := usual()
			tt.want(&want)
			if diff := cmp.Diff(want, got, bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// With Also, the list of one CA can have the entries of another.
func TestRevoked(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	var got []string
	for _, r := range ca.Revoked() {
		got = append(got, fmt.Sprintf("%v %v %s", r.Serial, r.Reason, r.RevokedAt.Format(time.RFC3339)))
	}
	want := []string{listed4, listed20, listed300}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Revoked (-want +got):\n%s", diff)
	}
	other := fakeca.New(fakeca.WithClock(clock))
	if len(other.Revoked()) != 0 {
		t.Errorf("a new CA has revoked %v", other.Revoked())
	}
	if diff := cmp.Diff(want, entries(mustParseCRL(t, other.CRL(fakeca.CRL{Also: ca.Revoked()})))); diff != "" {
		t.Errorf("the other's list (-want +got):\n%s", diff)
	}
	ca.Revoked()[0].Serial.SetInt64(99)
	if got := ca.Revoked()[0].Serial; got.Int64() != 4 {
		t.Errorf("the record has the serial number %v now", got)
	}
}

// A list without entries has no revokedCertificates (RFC 5280 section 5.1.2.6).
func TestCRLOfNothing(t *testing.T) {
	t.Parallel()
	ca, _ := world()
	der := ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		if m.RevokedCertificates != nil {
			t.Errorf("revokedCertificates %v", m.RevokedCertificates)
		}
	}})
	list := mustParseCRL(t, der)
	if err := list.CheckSignatureFrom(ca.Cert); err != nil || len(list.RevokedCertificateEntries) != 0 {
		t.Errorf("%v; %v", err, list.RevokedCertificateEntries)
	}
}

// A response and a list made at the same time say the same, for every status on
// record and at all times.
func TestCRLAgreesWithResponses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		r    fakeca.Response
	}{
		{"good", fakeca.Response{}},
		{"unknown", fakeca.Response{Status: fakeca.Unknown}},
		{"revoked", fakeca.Response{Status: fakeca.Revoked}},
		{"explicit reason 0", fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true}},
		{"a reason", fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.AACompromise}},
		{"a date with a fraction", fakeca.Response{Status: fakeca.Revoked, RevokedAt: now}},
		{"a date elsewhere", fakeca.Response{Status: fakeca.Revoked, RevokedAt: at(0).In(time.FixedZone("", -7200))}},
		{"a date by thisUpdate", fakeca.Response{Status: fakeca.Revoked, ThisUpdate: at(-100 * time.Hour)}},
		{"a date of long ago", fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Date(1940, 1, 2, 3, 4, 5, 0, time.UTC)}},
		{"a date to come", fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Date(2100, 1, 2, 3, 4, 5, 0, time.UTC)}},
		{"a reason that only delta CRLs have", fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL}},
		{"another serial number", fakeca.Response{Status: fakeca.Revoked, Serial: big.NewInt(99)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock := now
			ca := fakeca.New(fakeca.WithClock(func() time.Time { return clock }))
			leaf := ca.Leaf()
			ca.Set(leaf.Cert.SerialNumber, tt.r)
			for range 2 {
				response := mustParseResponse(t, leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber)))
				var want []fakeca.Response
				if response.Status == fakeca.Revoked {
					want = append(want, fakeca.Response{
						Serial: leaf.Cert.SerialNumber, Status: fakeca.Revoked, RevokedAt: response.RevokedAt,
						Reason: response.Reason, ExplicitReason: response.ExplicitReason,
					})
				}
				var got []fakeca.Response
				for _, e := range mustParseCRL(t, ca.CRL(fakeca.CRL{})).RevokedCertificateEntries {
					got = append(got, fakeca.Response{
						Serial: e.SerialNumber, Status: fakeca.Revoked, RevokedAt: e.RevocationTime,
						Reason: fakeca.Reason(e.ReasonCode), ExplicitReason: e.ReasonCode == 0 && len(e.Extensions) > 0,
					})
				}
				if diff := cmp.Diff(want, got, bigInts); diff != "" {
					t.Errorf("(-response +list):\n%s", diff)
				}
				clock = clock.Add(36 * time.Hour)
			}
		})
	}
}

// Lists that differ in time or content have different numbers, which grow; those
// made at the same time share one (RFC 5280 section 5.2.3).
func TestCRLNumbers(t *testing.T) {
	t.Parallel()
	clock := now
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return clock }))
	number := func(c fakeca.CRL) *big.Int { return mustParseCRL(t, ca.CRL(c)).Number }
	last := number(fakeca.CRL{})
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"a second", func() { clock = clock.Add(time.Second) }},
		{"a certificate", func() { ca.Leaf() }},
		{"a revocation", func() { ca.Revoke(big.NewInt(1), fakeca.Superseded) }},
		{"a century", func() { clock = clock.AddDate(100, 0, 0) }},
	} {
		step.do()
		next := number(fakeca.CRL{})
		if next.Cmp(last) <= 0 {
			t.Errorf("after %s the number is %v, not greater than %v", step.name, next, last)
		}
		if again := number(fakeca.CRL{}); again.Cmp(next) != 0 {
			t.Errorf("a second list has the number %v, not %v", again, next)
		}
		if delta := number(fakeca.CRL{Base: last}); delta.Cmp(next) != 0 {
			t.Errorf("a delta has the number %v, the complete list made with it %v", delta, next)
		}
		last = next
	}
	clock = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
	if n := number(fakeca.CRL{}); n.Sign() <= 0 || len(n.Bytes()) > 20 {
		t.Errorf("the number %v of a list of before 1970", n)
	}
}

// Run with -race.
func TestCRLConcurrently(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	issuer := ca.Leaf()
	base := mustParseCRL(t, ca.CRL(fakeca.CRL{})).Number
	work := []func(){
		func() { ca.CRL(fakeca.CRL{}) },
		func() { ca.CRL(fakeca.CRL{Base: base, Edit: scribbleCRL}) },
		func() { ca.CRL(fakeca.CRL{Signer: issuer, Indirect: true, Also: ca.Revoked(), Edit: scribbleCRL}) },
		func() { ca.CRL(fakeca.CRL{Shard: 1, Shards: 3}) },
		func() { ca.CRL(fakeca.CRL{Shard: 1, Shards: 2}) },
		func() { ca.Revoke(big.NewInt(1), fakeca.CertificateHold) },
		func() { ca.Set(big.NewInt(1), fakeca.Response{}) },
		func() { ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(1)}) },
		func() { ca.Advertise(fakeca.Servers{CRL: []string{"http://crl.test"}}) },
		func() { ca.Leaf() },
	}
	twentyTimesEach(work)
	list := mustParseCRL(t, ca.CRL(fakeca.CRL{}))
	if err := list.CheckSignatureFrom(ca.Cert); err != nil {
		t.Error(err)
	}
	if n := len(list.RevokedCertificateEntries); n != 3 && n != 4 { // the hold may come last
		t.Errorf("%d entries", n)
	}
}
