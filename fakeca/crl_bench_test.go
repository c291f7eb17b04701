package fakeca_test

import (
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"runtime"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A list of n entries, beside x509.CreateRevocationList with the same entries.
func BenchmarkCRL(b *testing.B) {
	for _, size := range []struct{ record, revoked int }{{10_000, 1_000}, {100_000, 100_000}} {
		ca := filledCA(size.record, size.revoked)
		template := must(x509.ParseRevocationList(ca.CRL(fakeca.CRL{})))
		if n := len(template.RevokedCertificateEntries); n != size.revoked {
			b.Fatalf("%d entries, want %d", n, size.revoked)
		}
		name := fmt.Sprintf("record=%d/revoked=%d/", size.record, size.revoked)
		b.Run(name+"fakeca", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ca.CRL(fakeca.CRL{})
			}
		})
		b.Run(name+"x509", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(x509.CreateRevocationList(rand.Reader, template, ca.Cert, ca.Key))
			}
		})
	}
}

// Parsing a list of n entries, beside x509.ParseRevocationList, and checking its
// signature: with tbsCertList encoded again, and over Raw.
func BenchmarkParseCRL(b *testing.B) {
	for _, revoked := range []int{1_000, 100_000} {
		ca := filledCA(revoked, revoked)
		der := ca.CRL(fakeca.CRL{})
		m := must(fakeca.ParseCRLMessage(der))
		list := must(x509.ParseRevocationList(der))
		raw := must(fakeca.ParseCRLMessage(der))
		raw.TBSCertList.Raw = list.RawTBSRevocationList
		for _, tt := range []struct {
			name string
			do   func() error
		}{
			{"fakeca", func() error { _, err := fakeca.ParseCRLMessage(der); return err }},
			{"x509", func() error { _, err := x509.ParseRevocationList(der); return err }},
			{"signature/fakeca", func() error { return m.CheckSignatureFrom(ca.Cert) }},
			{"signature/raw", func() error { return raw.CheckSignatureFrom(ca.Cert) }},
			{"signature/x509", func() error { return list.CheckSignatureFrom(ca.Cert) }},
		} {
			b.Run(fmt.Sprintf("revoked=%d/%s", revoked, tt.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := tt.do(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// Lists from a record of a million revoked certificates, whose serial numbers are
// random, and what the record takes in memory.
func BenchmarkMillionEntries(b *testing.B) {
	const million, shards = 1_000_000, 100
	before := heap()
	ca := fakeca.New()
	cert := ca.Leaf().Cert
	for i := range million {
		var random [16]byte
		rand.Read(random[:])
		random[0] &= 0x7f
		serial := new(big.Int).SetBytes(random[:])
		ca.RecordIssued(serial, cert)
		ca.Revoke(serial, fakeca.Reason(1+i%5))
	}
	ca.CRL(fakeca.CRL{Shards: shards}) // sorts
	held := heap() - before            // without the certificates
	for _, tt := range []struct {
		name string
		crl  fakeca.CRL
		do   func()
	}{
		{"complete", fakeca.CRL{}, func() {}},
		{"complete after a revocation", fakeca.CRL{}, func() { ca.Leaf().Revoke(fakeca.Superseded) }},
		{"shard", fakeca.CRL{Shard: 7, Shards: shards}, func() {}},
		{"shard after a revocation", fakeca.CRL{Shard: 7, Shards: shards}, func() { ca.Leaf().Revoke(fakeca.Superseded) }},
	} {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				tt.do()
				ca.CRL(tt.crl)
			}
			b.ReportMetric(float64(held)/million, "B/entry")
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// With 10,000 certificates on record a response takes as long as with one.
func BenchmarkStapleOfMany(b *testing.B) {
	for _, record := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("record=%d", record), func(b *testing.B) {
			ca := filledCA(record, record/10)
			serial := big.NewInt(1)
			for b.Loop() {
				ca.Sign(serial, ca.Lookup(serial))
			}
		})
	}
}

// filledCA returns a CA with n further certificates on record, the last of them
// revoked.
func filledCA(record, revoked int) *fakeca.CA {
	ca := fakeca.New()
	serial := new(big.Int).Lsh(big.NewInt(1), 120)
	one := big.NewInt(1)
	for i := range record {
		serial.Add(serial, one)
		if i < record-revoked {
			ca.Set(serial, fakeca.Response{})
		} else {
			ca.Revoke(serial, fakeca.Reason(1+i%5))
		}
	}
	return ca
}
