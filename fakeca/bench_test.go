package fakeca_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Each benchmark runs beside the bare primitive that it is built on.

func BenchmarkStaple(b *testing.B) {
	ca := fakeca.New()
	leaf := ca.Leaf()

	b.Run("bare=signature", func(b *testing.B) {
		digest := sha256.Sum256([]byte("to be signed"))
		for b.Loop() {
			if _, err := ecdsa.SignASN1(rand.Reader, ca.Key.(*ecdsa.PrivateKey), digest[:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fakeca", func(b *testing.B) {
		for b.Loop() {
			leaf.Staple(fakeca.Response{})
		}
	})
	b.Run("xcrypto", func(b *testing.B) {
		now := time.Now()
		for b.Loop() {
			template := ocsp.Response{
				Status: ocsp.Good, SerialNumber: leaf.Cert.SerialNumber, IssuerHash: crypto.SHA1,
				ThisUpdate: now, NextUpdate: now.Add(time.Hour),
			}
			if _, err := ocsp.CreateResponse(ca.Cert, ca.Cert, template, ca.Key); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWorld(b *testing.B) {
	b.Run("bare=keys+certificates+signature", func(b *testing.B) {
		for b.Loop() {
			bareWorld(b)
		}
	})
	b.Run("fakeca", func(b *testing.B) {
		for b.Loop() {
			fakeca.New().Leaf().Staple(fakeca.Response{})
		}
	})
}

// bareWorld does what New, Leaf and Staple do, with only the standard library.
func bareWorld(b *testing.B) {
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		return key
	}
	rootKey, leafKey := newKey(), newKey()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: make([]byte, 20),
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0), DNSNames: []string{"localhost", "example.com"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if _, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey); err != nil {
		b.Fatal(err)
	}
	if _, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), rootKey); err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("to be signed"))
	if _, err := ecdsa.SignASN1(rand.Reader, rootKey, digest[:]); err != nil {
		b.Fatal(err)
	}
}
