package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// even reports whether a certificate is on the shard of even serial numbers.
func even(c *x509.Certificate) bool { return c.SerialNumber.Bit(0) == 0 }

func TestOnly(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock))
	for serial := int64(1); serial <= 6; serial++ {
		leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial)})
		if serial <= 4 {
			leaf.Revoke(fakeca.Superseded)
		}
	}
	base := must(x509.ParseRevocationList(ca.CRL(fakeca.CRL{}))).Number
	ca.Revoke(big.NewInt(5), fakeca.Superseded)
	ca.Revoke(big.NewInt(6), fakeca.Superseded)
	ca.Set(big.NewInt(1), fakeca.Response{})
	ca.Revoke(big.NewInt(99), fakeca.Superseded) // never issued

	odd := func(c *x509.Certificate) bool { return !even(c) }
	also := []fakeca.Response{{Status: fakeca.Revoked, Serial: big.NewInt(101)}}
	usesTheCA := func(c *x509.Certificate) bool { return ca.Lookup(c.SerialNumber).Status == fakeca.Revoked && even(c) }
	tests := []struct {
		name string
		crl  fakeca.CRL
		want []int64
	}{
		{"all", fakeca.CRL{}, []int64{2, 3, 4, 5, 6, 99}},
		{"even", fakeca.CRL{Only: even}, []int64{2, 4, 6, 99}},
		{"odd", fakeca.CRL{Only: odd}, []int64{3, 5, 99}},
		{"none that was issued", fakeca.CRL{Only: func(*x509.Certificate) bool { return false }}, []int64{99}},
		{"Also is listed whatever Only says", fakeca.CRL{Only: even, Also: also}, []int64{2, 4, 6, 99, 101}},
		{"even, delta", fakeca.CRL{Only: even, Base: base}, []int64{6, 99}},
		{"odd, delta", fakeca.CRL{Only: odd, Base: base}, []int64{1, 5, 99}},
		{"users", fakeca.CRL{Only: even, OnlyUserCerts: true}, []int64{2, 4, 6, 99}},
		{"CAs", fakeca.CRL{Only: even, OnlyCACerts: true}, nil},
		{"Only asks the CA", fakeca.CRL{Only: usesTheCA}, []int64{2, 4, 6, 99}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := must(x509.ParseRevocationList(ca.CRL(tt.crl)))
			var got []int64
			for _, e := range list.RevokedCertificateEntries {
				got = append(got, e.SerialNumber.Int64())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What happens to the record is on the shard of the serial number, and on the
// complete list. Serial numbers that the CA did not issue are on all.
func TestShards(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(1000)}))
	issue := func(serials ...int64) {
		for _, serial := range serials {
			ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), PublicKey: ca.Key, IsCA: serial == 30})
		}
	}
	revoke := func(serials ...int64) {
		for _, serial := range serials {
			ca.Revoke(big.NewInt(serial), fakeca.Superseded)
		}
	}
	for _, step := range []struct {
		name string
		do   func()
		all  []int64
		want [3][]int64
	}{
		{"nothing", func() {}, nil, [3][]int64{}},
		{
			"issued and revoked", func() { issue(9, 8, 7, 6, 5, 4); revoke(5, 6, 7) },
			[]int64{5, 6, 7}, [3][]int64{{6}, {7}, {5}},
		},
		{"revoked again", func() { revoke(5) }, []int64{5, 6, 7}, [3][]int64{{6}, {7}, {5}}},
		{"another", func() { revoke(4) }, []int64{4, 5, 6, 7}, [3][]int64{{6}, {4, 7}, {5}}},
		{
			"not issued", func() { revoke(-1, 0, 1, 50) },
			[]int64{-1, 0, 1, 4, 5, 6, 7, 50}, [3][]int64{{-1, 0, 1, 6, 50}, {-1, 0, 1, 4, 7, 50}, {-1, 0, 1, 5, 50}},
		},
		{
			"issued later", func() { issue(50) },
			[]int64{-1, 0, 1, 4, 5, 6, 7, 50}, [3][]int64{{-1, 0, 1, 6}, {-1, 0, 1, 4, 7}, {-1, 0, 1, 5, 50}},
		},
		{
			"not revoked", func() { ca.Set(big.NewInt(5), fakeca.Response{}); ca.Set(big.NewInt(0), fakeca.Response{}) },
			[]int64{-1, 1, 4, 6, 7, 50}, [3][]int64{{-1, 1, 6}, {-1, 1, 4, 7}, {-1, 1, 50}},
		},
		{
			"revoked once more", func() { revoke(5) },
			[]int64{-1, 1, 4, 5, 6, 7, 50}, [3][]int64{{-1, 1, 6}, {-1, 1, 4, 7}, {-1, 1, 5, 50}},
		},
		{
			"a CA", func() { issue(30); revoke(30) },
			[]int64{-1, 1, 4, 5, 6, 7, 30, 50}, [3][]int64{{-1, 1, 6, 30}, {-1, 1, 4, 7}, {-1, 1, 5, 50}},
		},
	} {
		step.do()
		if diff := cmp.Diff(step.all, serials(t, ca, fakeca.CRL{})); diff != "" {
			t.Errorf("%s: the complete list (-want +got):\n%s", step.name, diff)
		}
		for i, want := range step.want {
			if diff := cmp.Diff(want, serials(t, ca, fakeca.CRL{Shard: i, Shards: 3})); diff != "" {
				t.Errorf("%s: shard %d (-want +got):\n%s", step.name, i, diff)
			}
		}
	}
	for _, tt := range []struct {
		name string
		crl  fakeca.CRL
		want []int64
	}{
		{"users", fakeca.CRL{Shards: 3, OnlyUserCerts: true}, []int64{-1, 1, 6}},
		{"CAs", fakeca.CRL{Shards: 3, OnlyCACerts: true}, []int64{30}},
		{"the only shard", fakeca.CRL{Shards: 1}, []int64{-1, 1, 4, 5, 6, 7, 30, 50}},
		{"Only", fakeca.CRL{Shards: 2, Only: func(c *x509.Certificate) bool { return c.SerialNumber.Int64() > 5 }}, []int64{-1, 1, 6, 30, 50}},
		{"Also", fakeca.CRL{Shards: 3, Also: []fakeca.Response{{Status: fakeca.Revoked, Serial: big.NewInt(2)}}}, []int64{-1, 1, 2, 6, 30}},
	} {
		if diff := cmp.Diff(tt.want, serials(t, ca, tt.crl)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A delta to a shard lists what changed on it.
func TestDeltaOfShard(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock))
	for serial := int64(1); serial <= 6; serial++ {
		ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), PublicKey: ca.Key})
	}
	ca.Revoke(big.NewInt(1), fakeca.CertificateHold)
	ca.Revoke(big.NewInt(2), fakeca.CertificateHold)
	base := must(x509.ParseRevocationList(ca.CRL(fakeca.CRL{Shards: 2}))).Number
	ca.Set(big.NewInt(1), fakeca.Response{})
	ca.Set(big.NewInt(2), fakeca.Response{})
	ca.Revoke(big.NewInt(3), fakeca.Superseded)
	ca.Revoke(big.NewInt(4), fakeca.Superseded)
	for shard, want := range [][]int64{{2, 4}, {1, 3}} {
		if diff := cmp.Diff(want, serials(t, ca, fakeca.CRL{Shard: shard, Shards: 2, Base: base})); diff != "" {
			t.Errorf("%d (-want +got):\n%s", shard, diff)
		}
	}
}

// serials returns the serial numbers on a list.
func serials(t *testing.T, ca *fakeca.CA, c fakeca.CRL) []int64 {
	t.Helper()
	var got []int64
	for _, e := range mustParseCRL(t, ca.CRL(c)).RevokedCertificateEntries {
		got = append(got, e.SerialNumber.Int64())
	}
	return got
}

// The order is that of the numbers, whatever their length and sign.
func TestOrderOfEntries(t *testing.T) {
	t.Parallel()
	one := big.NewInt(1)
	var want []*big.Int
	for _, bits := range []uint{1, 7, 8, 47, 48, 49, 63, 64, 126, 159, 1 << 12} {
		power := new(big.Int).Lsh(one, bits)
		for _, n := range []*big.Int{new(big.Int).Sub(power, one), power, new(big.Int).Add(power, one)} {
			want = append(want, n, new(big.Int).Neg(n))
		}
	}
	ca := fakeca.New()
	for _, n := range want {
		ca.Revoke(n, fakeca.Superseded)
	}
	slices.SortFunc(want, (*big.Int).Cmp)
	want = slices.CompactFunc(want, func(a, b *big.Int) bool { return a.Cmp(b) == 0 })
	var got []*big.Int
	for _, e := range mustParseCRL(t, ca.CRL(fakeca.CRL{})).RevokedCertificateEntries {
		got = append(got, e.SerialNumber)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Entries are the same whether there is an Edit, which can see them, or not.
func TestEntriesWithoutEdit(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock), fakeca.WithKey(ed())) // whose signatures are not random
	numbers := []string{
		"-80000001", "-1", "0", "1", "7f", "80", "ffff", "7fffffffffffffffffffffffffffffff", strings.Repeat("ab", 63), strings.Repeat("ab", 200),
	}
	dates := []time.Time{
		{}, now, now.AddDate(100, 0, 0), now.AddDate(-100, 0, 0), time.Date(2049, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600)),
	}
	reasons := []fakeca.Reason{fakeca.Unspecified, fakeca.KeyCompromise, fakeca.AACompromise}
	for i, number := range numbers {
		serial, _ := new(big.Int).SetString(number, 16)
		for j, at := range dates {
			ca.Set(new(big.Int).Add(serial, big.NewInt(int64(j))), fakeca.Response{
				Status: fakeca.Revoked, Reason: reasons[(i+j)%3], ExplicitReason: i%2 == 0, RevokedAt: at,
			})
		}
	}
	edited := ca.CRL(fakeca.CRL{Edit: func(*fakeca.CRLMessage) {}})
	if got := ca.CRL(fakeca.CRL{}); !bytes.Equal(got, edited) {
		t.Errorf("%x\nwith Edit:\n%x", got, edited)
	}
}

// A shard says that it is one; a list without a distribution point does not.
func TestShardIsMarked(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	for _, tt := range []struct {
		name string
		crl  fakeca.CRL
		want bool
	}{
		{"shard", fakeca.CRL{Only: even, DistributionPoint: []string{"http://crl.test/0"}}, true},
		{"no distribution point", fakeca.CRL{Only: even}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := must(x509.ParseRevocationList(ca.CRL(tt.crl)))
			got := false
			for _, e := range list.Extensions {
				if slices.Equal(e.Id, []int{2, 5, 29, 28}) {
					got = e.Critical
				}
			}
			if got != tt.want {
				t.Errorf("a critical issuing distribution point: %v, want %v", got, tt.want)
			}
		})
	}
}
