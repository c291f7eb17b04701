package verify_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// BenchmarkVerify compares Response with the bare verification of a signature. A
// delegate takes two.
func BenchmarkVerify(b *testing.B) {
	ca := fakeca.New().Intermediate()
	leaf := ca.Leaf()
	der := leaf.Staple(fakeca.Response{})

	b.Run("bare=ecdsa", func(b *testing.B) {
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			b.Fatal(err)
		}
		key := ca.Cert.PublicKey.(*ecdsa.PublicKey)
		digest := sha256.Sum256(m.ResponseData.Marshal())
		for b.Loop() {
			if !ecdsa.VerifyASN1(key, digest[:], m.Signature) {
				b.Fatal("the signature is not valid")
			}
		}
	})
	for _, signer := range []struct {
		name string
		der  []byte
	}{
		{"issuer", der},
		{"delegate", leaf.Staple(fakeca.Response{Signer: ca.OCSPSigner()})},
	} {
		b.Run("signer="+signer.name, func(b *testing.B) {
			at := ca.Now()
			for b.Loop() {
				if _, err := verify.Response(signer.der, leaf.Cert, ca.Cert, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
