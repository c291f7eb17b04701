package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// BenchmarkCRLs compares CRLs with crypto/x509: parsing and one signature check,
// without a look at the entries. A million entries take seconds to make; run them
// with -benchtime 1x.
func BenchmarkCRLs(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		if n == 1_000_000 && testing.Short() {
			continue
		}
		ca, der := listOf(n)
		leaf := ca.Leaf()
		b.Run(fmt.Sprintf("entries=%d/x509", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list, err := x509.ParseRevocationList(der)
				if err == nil {
					err = list.CheckSignatureFrom(ca.Cert)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("entries=%d/verify", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if said, err := verify.CRLs([][]byte{der}, leaf.Cert, ca.Cert, judgedAt); err != nil || said.Status != fakeca.Good {
					b.Fatal(said, err)
				}
			}
		})
	}
}

// listOf returns a list of n entries with serial numbers of 16 bytes and reasons.
func listOf(n int) (*fakeca.CA, []byte) {
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return judgedAt }))
	serial := new(big.Int).Lsh(big.NewInt(1), 120)
	return ca, ca.CRL(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		m.RevokedCertificates = make([]fakeca.RevokedCertificate, n)
		for i := range m.RevokedCertificates {
			serial = new(big.Int).Add(serial, big1)
			m.RevokedCertificates[i] = fakeca.RevokedCertificate{
				SerialNumber: serial, RevocationDate: fakeca.Time{Time: judgedAt},
				Extensions: []pkix.Extension{{Id: idCE(21), Value: []byte{10, 1, byte(1 + i%5)}}},
			}
		}
	}})
}
