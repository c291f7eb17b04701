package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// No reason and the reason 0 are different bytes.
func TestReasonOnTheWire(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	revokedInfo := append([]byte{0x18, 0x0f}, "20240506050809Z"...)
	tests := []struct {
		name string
		r    fakeca.Response
		want []byte // certStatus
	}{
		{
			"absent", fakeca.Response{Status: fakeca.Revoked},
			slices.Concat([]byte{0xa1, 0x11}, revokedInfo),
		},
		{
			"0, spelled out", fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true},
			slices.Concat([]byte{0xa1, 0x16}, revokedInfo, []byte{0xa0, 0x03, 0x0a, 0x01, 0x00}),
		},
		{
			"10", fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.AACompromise},
			slices.Concat([]byte{0xa1, 0x16}, revokedInfo, []byte{0xa0, 0x03, 0x0a, 0x01, 0x0a}),
		},
		{
			"10, which is explicit anyway", fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.AACompromise, ExplicitReason: true},
			slices.Concat([]byte{0xa1, 0x16}, revokedInfo, []byte{0xa0, 0x03, 0x0a, 0x01, 0x0a}),
		},
		{"good", fakeca.Response{}, []byte{0x80, 0x00}},
		{"unknown", fakeca.Response{Status: fakeca.Unknown}, []byte{0x82, 0x00}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(tt.r)
			m := mustParseMessage(t, der)
			// certStatus is between the CertID and thisUpdate.
			want := slices.Concat(m.Responses[0].CertID.Marshal(), tt.want, append([]byte{0x18, 0x0f}, "20240506060809Z"...))
			if !bytes.Contains(der, want) {
				t.Errorf("the response\n%x\ndoes not hold\n%x", der, want)
			}
		})
	}
}

func TestResponseWire(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	delegate := ca.OCSPSigner()
	keyHash := func(c *x509.Certificate) []byte {
		h := crypto.SHA1.New()
		h.Write(publicKeyBits(t, c))
		return h.Sum(nil)
	}
	tests := []struct {
		name      string
		r         fakeca.Response
		responder fakeca.ResponderID
		certs     [][]byte
	}{
		{"the CA", fakeca.Response{}, fakeca.ResponderID{ByName: ca.Cert.RawSubject}, nil},
		{"the CA by key", fakeca.Response{ByKey: true}, fakeca.ResponderID{ByKey: keyHash(ca.Cert)}, nil},
		{"a delegate", fakeca.Response{Signer: delegate}, fakeca.ResponderID{ByName: delegate.Cert.RawSubject}, [][]byte{delegate.Cert.Raw}},
		{
			"a delegate by key",
			fakeca.Response{Signer: delegate, ByKey: true},
			fakeca.ResponderID{ByKey: keyHash(delegate.Cert)},
			[][]byte{delegate.Cert.Raw},
		},
		{
			"a delegate, not embedded",
			fakeca.Response{Signer: delegate, OmitCert: true},
			fakeca.ResponderID{ByName: delegate.Cert.RawSubject},
			nil,
		},
		{"the leaf itself", fakeca.Response{Signer: leaf}, fakeca.ResponderID{ByName: leaf.Cert.RawSubject}, [][]byte{leaf.Cert.Raw}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := mustParseMessage(t, leaf.Staple(tt.r))
			if diff := cmp.Diff(tt.responder, m.ResponderID); diff != "" {
				t.Errorf("responderID (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.certs, m.Certs); diff != "" {
				t.Errorf("certs (-want +got):\n%s", diff)
			}
			signer := ca.Cert
			if tt.r.Signer != nil {
				signer = tt.r.Signer.Cert
			}
			if err := m.CheckSignatureFrom(signer); err != nil {
				t.Error(err)
			}
		})
	}
}

// The CertID hashes the issuer's name and the bits of its key (RFC 6960 section
// 4.1.1), with each of the four hashes.
func TestCertID(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	tests := []struct {
		name string
		hash crypto.Hash
		oid  string
	}{
		{"SHA-1", crypto.SHA1, "1.3.14.3.2.26"},
		{"SHA-256", crypto.SHA256, "2.16.840.1.101.3.4.2.1"},
		{"SHA-384", crypto.SHA384, "2.16.840.1.101.3.4.2.2"},
		{"SHA-512", crypto.SHA512, "2.16.840.1.101.3.4.2.3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sum := func(b []byte) []byte {
				h := tt.hash.New()
				h.Write(b)
				return h.Sum(nil)
			}
			id := mustParseMessage(t, leaf.Staple(fakeca.Response{Hash: tt.hash})).Responses[0].CertID
			if got := id.HashAlgorithm.Algorithm.String(); got != tt.oid {
				t.Errorf("hashAlgorithm %s", got)
			}
			if got := id.HashAlgorithm.Parameters; !bytes.Equal(got, []byte{5, 0}) {
				t.Errorf("parameters %x, want NULL", got)
			}
			if got := id.HashAlgorithm.Hash(); got != tt.hash {
				t.Errorf("Hash: %v", got)
			}
			if !bytes.Equal(id.IssuerNameHash, sum(leaf.Cert.RawIssuer)) {
				t.Errorf("issuerNameHash %x", id.IssuerNameHash)
			}
			if !bytes.Equal(id.IssuerKeyHash, sum(publicKeyBits(t, ca.Cert))) {
				t.Errorf("issuerKeyHash %x", id.IssuerKeyHash)
			}
			if id.SerialNumber.Cmp(leaf.Cert.SerialNumber) != 0 {
				t.Errorf("serialNumber %x", id.SerialNumber)
			}
		})
	}
}
