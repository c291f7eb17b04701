package fakeca_test

import (
	"crypto/x509"
	"math/big"
	"slices"
	"testing"

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
