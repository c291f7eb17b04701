package fakeca_test

import (
	"crypto/x509"
	"slices"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
)

// embedded returns the one certificate in a response.
func embedded(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	m := mustParseMessage(t, der)
	if len(m.Certs) != 1 {
		t.Fatalf("%d certificates, want 1", len(m.Certs))
	}
	return must(x509.ParseCertificate(m.Certs[0]))
}

func TestDelegateSigns(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithDelegate())
	loaded := must(fakeca.Load(root.ChainPEM(), root.KeyPEM(), fakeca.WithDelegate()))
	for _, tt := range []struct {
		name string
		ca   *fakeca.CA
	}{
		{"root", root},
		{"intermediate", root.Intermediate(fakeca.WithDelegate())},
		{"loaded", loaded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := tt.ca.Leaf()
			check := func(what string, der []byte, signer *x509.Certificate, status fakeca.Status) {
				t.Helper()
				if got := embedded(t, der); !got.Equal(signer) {
					t.Errorf("%s: embeds %v, serial %x", what, got.Subject, got.SerialNumber)
				}
				checkSigned(t, der, signer, x509.ECDSAWithSHA256)
				if m := mustParseMessage(t, der); !m.ResponderID.Names(signer) {
					t.Errorf("%s: the responder ID does not name the signer", what)
				}
				if got := mustParseResponse(t, der).Status; got != status {
					t.Errorf("%s: %v, want %v", what, got, status)
				}
			}
			first := tt.ca.Delegate()
			check("at first", leaf.Staple(leaf.OnRecord()), first.Cert, fakeca.Good)
			leaf.Revoke(fakeca.KeyCompromise)
			check("revoked", leaf.Staple(leaf.OnRecord()), first.Cert, fakeca.Revoked)
			other := tt.ca.OCSPSigner()
			check("by another", leaf.Staple(fakeca.Response{Signer: other}), other.Cert, fakeca.Good)

			before := tt.ca.Revision()
			second := tt.ca.RotateDelegate()
			if second != tt.ca.Delegate() || second.Cert.Equal(first.Cert) || samePublicKey(second.Cert.PublicKey, first.Cert.PublicKey) {
				t.Error("RotateDelegate did not make a new one")
			}
			if tt.ca.Revision() == before {
				t.Error("a new delegate did not change the revision")
			}
			check("rotated", leaf.Staple(leaf.OnRecord()), second.Cert, fakeca.Revoked)

			der := leaf.Staple(fakeca.Response{OmitCert: true})
			if m := mustParseMessage(t, der); m.Certs != nil {
				t.Errorf("OmitCert: %d certificates", len(m.Certs))
			}
			list := must(x509.ParseRevocationList(tt.ca.CRL(fakeca.CRL{})))
			if err := list.CheckSignatureFrom(tt.ca.Cert); err != nil {
				t.Errorf("the CRL: %v", err)
			}
		})
	}
}

func TestWithoutDelegate(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithDelegate()).Intermediate() // which does not inherit it
	if ca.Delegate() != nil {
		t.Error("has a delegate")
	}
	const want = "fakeca: RotateDelegate needs a CA with a delegate; make it with WithDelegate()"
	if got := panicText(t, func() { ca.RotateDelegate() }); got != want {
		t.Errorf("%s", got)
	}
}

// A revocation changes the status and not how the response is signed.
func TestRevokeKeepsHowToSign(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	signer := ca.OCSPSigner()
	leaf.Set(fakeca.Response{Signer: signer, ByKey: true, OmitCert: true, SignatureAlgorithm: x509.ECDSAWithSHA512, Hash: 5, Forever: true})
	leaf.Revoke(fakeca.Superseded)
	r := leaf.OnRecord()
	if r.Signer != signer || !r.ByKey || !r.OmitCert || r.SignatureAlgorithm != x509.ECDSAWithSHA512 || r.Hash != 5 {
		t.Errorf("it is signed differently: %+v", r)
	}
	if r.Status != fakeca.Revoked || r.Reason != fakeca.Superseded || r.Forever {
		t.Errorf("on record: %v", r)
	}
	leaf.Set(fakeca.Response{Error: fakeca.TryLater})
	leaf.Revoke(fakeca.Superseded)
	if got := leaf.OnRecord().Failure(); got != 0 {
		t.Errorf("after an error: %v", got)
	}
}

func TestChainPEM(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate().Intermediate()
	want := slices.Concat(ca.CertPEM(), ca.Issuer.CertPEM(), root.CertPEM())
	if got := ca.ChainPEM(); string(got) != string(want) {
		t.Errorf("%s", got)
	}
	if got := root.ChainPEM(); string(got) != string(root.CertPEM()) {
		t.Errorf("root: %s", got)
	}
}

// TestOCSPSignerKeyUsage checks that a delegate can only sign, with any key.
func TestOCSPSignerKeyUsage(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	for _, tt := range []struct {
		name string
		tmpl x509.Certificate
		want x509.KeyUsage
	}{
		{"ECDSA", x509.Certificate{PublicKey: p256()}, x509.KeyUsageDigitalSignature},
		{"RSA", x509.Certificate{PublicKey: rsa2048()}, x509.KeyUsageDigitalSignature},
		{"template", x509.Certificate{KeyUsage: x509.KeyUsageCRLSign}, x509.KeyUsageCRLSign},
		{"CA", x509.Certificate{IsCA: true}, x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := ca.OCSPSigner(&tt.tmpl).Cert.KeyUsage; got != tt.want {
				t.Errorf("%b, want %b", got, tt.want)
			}
		})
	}
}
