package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// With each type of key the zero CRL is fresh, complete and correctly signed.
func TestCRLOfEachKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		key  func() crypto.Signer
		want x509.SignatureAlgorithm
	}{
		{"P-256", p256, x509.ECDSAWithSHA256},
		{"P-384", p384, x509.ECDSAWithSHA384},
		{"P-521", p521, x509.ECDSAWithSHA512},
		{"RSA", rsa2048, x509.SHA256WithRSA},
		{"Ed25519", ed, x509.PureEd25519},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := listWorld(fakeca.WithKey(tt.key()))
			list := mustParseCRL(t, ca.CRL(fakeca.CRL{}))
			if err := list.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
			if list.SignatureAlgorithm != tt.want {
				t.Errorf("signed with %v, want %v", list.SignatureAlgorithm, tt.want)
			}
			if !bytes.Equal(list.RawIssuer, ca.Cert.RawSubject) || !bytes.Equal(list.AuthorityKeyId, ca.Cert.SubjectKeyId) {
				t.Errorf("issuer %v, key %x", list.Issuer, list.AuthorityKeyId)
			}
			if !list.ThisUpdate.Equal(at(-time.Hour)) || !list.NextUpdate.Equal(at(23*time.Hour)) {
				t.Errorf("from %v to %v", list.ThisUpdate, list.NextUpdate)
			}
			if diff := cmp.Diff([]string{listed4, listed20, listed300}, entries(list)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if len(list.Extensions) != 2 {
				t.Errorf("extensions %v", list.Extensions)
			}
		})
	}
}

func TestCRLSigners(t *testing.T) {
	t.Parallel()
	ca := listWorld()
	stranger := fakeca.New(fakeca.WithName("stranger"))
	issuer := ca.Issuer.Issue(&x509.Certificate{KeyUsage: x509.KeyUsageCRLSign, DNSNames: []string{"crl.test"}})
	noID := &fakeca.Leaf{Cert: must(x509.ParseCertificate(ca.Cert.Raw)), Key: ca.Key}
	noID.Cert.SubjectKeyId = nil
	signature := func(list *x509.RevocationList, c *x509.Certificate) bool {
		return c.CheckSignature(list.SignatureAlgorithm, list.RawTBSRevocationList, list.Signature) == nil
	}
	entryIssuer := func(name []byte) string {
		directoryName := append([]byte{0xa4, byte(len(name))}, name...)
		return fmt.Sprintf("30%02x%x", len(directoryName), directoryName)
	}
	tests := []struct {
		name       string
		crl        fakeca.CRL
		issuer     *x509.Certificate // by its name
		key        *x509.Certificate // by its key identifier
		signer     *x509.Certificate
		certIssuer string // the extension of the first entry
	}{
		{"the CA", fakeca.CRL{}, ca.Cert, ca.Cert, ca.Cert, ""},
		{"a stranger", fakeca.CRL{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}, stranger.Cert, stranger.Cert, stranger.Cert, ""},
		{"a stranger in the CA's name", fakeca.CRL{Signer: &fakeca.Leaf{Cert: ca.Cert, Key: stranger.Key}}, ca.Cert, ca.Cert, stranger.Cert, ""},
		{"a CRL issuer, but the list is not indirect", fakeca.CRL{Signer: issuer}, issuer.Cert, issuer.Cert, issuer.Cert, ""},
		{"a CRL issuer", fakeca.CRL{Signer: issuer, Indirect: true}, issuer.Cert, issuer.Cert, issuer.Cert, entryIssuer(ca.Cert.RawSubject)},
		{"the CA, which needs no naming in an indirect list", fakeca.CRL{Indirect: true}, ca.Cert, ca.Cert, ca.Cert, ""},
		{"no key identifier", fakeca.CRL{Signer: noID}, ca.Cert, ca.Cert, ca.Cert, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := mustParseCRL(t, ca.CRL(tt.crl))
			if !bytes.Equal(list.RawIssuer, tt.issuer.RawSubject) {
				t.Errorf("issuer %v", list.Issuer)
			}
			if !bytes.Equal(list.AuthorityKeyId, tt.key.SubjectKeyId) {
				t.Errorf("key identifier %x", list.AuthorityKeyId)
			}
			for _, c := range []*x509.Certificate{ca.Cert, stranger.Cert, issuer.Cert} {
				if got, want := signature(list, c), c == tt.signer; got != want {
					t.Errorf("signed by %v: %v, want %v", c.Subject, got, want)
				}
			}
			for i, e := range list.RevokedCertificateEntries {
				var got string
				for _, x := range e.Extensions {
					if x.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 29}) && x.Critical {
						got = hex.EncodeToString(x.Value)
					}
				}
				if want := tt.certIssuer; i == 0 && got != want || i > 0 && got != "" {
					t.Errorf("entry %d: certificateIssuer %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestCRLSignatureAlgorithms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		key      func() crypto.Signer
		algs     []x509.SignatureAlgorithm
		insecure bool // CheckSignatureFrom refuses it, though not for SHA-1
	}{
		{"RSA", rsa2048, []x509.SignatureAlgorithm{x509.SHA384WithRSA, x509.SHA1WithRSA, x509.SHA256WithRSAPSS, x509.SHA512WithRSAPSS}, false},
		{"ECDSA", p256, []x509.SignatureAlgorithm{x509.ECDSAWithSHA512, x509.ECDSAWithSHA1}, false},
		{"insecure", rsa2048, []x509.SignatureAlgorithm{x509.MD5WithRSA}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithKey(tt.key()))
			for _, alg := range tt.algs {
				list := mustParseCRL(t, ca.CRL(fakeca.CRL{SignatureAlgorithm: alg}))
				if list.SignatureAlgorithm != alg {
					t.Errorf("signed with %v, want %v", list.SignatureAlgorithm, alg)
				}
				err := list.CheckSignatureFrom(ca.Cert)
				if _, refused := err.(x509.InsecureAlgorithmError); refused != tt.insecure || !refused && err != nil {
					t.Errorf("%v: %v", alg, err)
				}
			}
		})
	}
}
