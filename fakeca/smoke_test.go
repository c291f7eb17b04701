package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestSmoke(t *testing.T) {
	ca := fakeca.New().Intermediate()
	leaf := ca.Leaf()
	leaf.Revoke(fakeca.KeyCompromise)
	for _, r := range []fakeca.Response{{}, {Status: fakeca.Revoked, Reason: 3}, {Nonce: []byte("x"), Signer: ca.OCSPSigner(), Also: []fakeca.Response{{Status: fakeca.Unknown}}}, ca.Lookup(leaf.Cert.SerialNumber), {Error: ocsp.TryLater}} {
		der := leaf.Staple(r)
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.Marshal(), der) {
			t.Error("round trip")
		}
		p, err := fakeca.ParseResponse(der)
		t.Log(p, err)
		x, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert)
		t.Log(x != nil, err)
	}
	if _, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: ca.Pool()}); err == nil {
		t.Error("no intermediate")
	}
}
