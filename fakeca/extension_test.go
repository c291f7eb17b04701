package fakeca_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestTLSFeatures(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	const wrong = `fakeca: the TLS feature extension of "CN=fakeca leaf (do not trust)": `
	tests := []struct {
		name  string
		value []byte
		want  []int
		err   string
	}{
		{"none listed", []byte{0x30, 0}, []int{}, ""},
		{"must-staple", fakeca.MustStaple().Value, []int{5}, ""},
		{"two", []byte{0x30, 6, 2, 1, 5, 2, 1, 17}, []int{5, 17}, ""},
		{"261", []byte{0x30, 4, 2, 2, 1, 5}, []int{261}, ""},
		{"65535", []byte{0x30, 5, 2, 3, 0, 0xff, 0xff}, []int{65535}, ""},
		{"65536", []byte{0x30, 5, 2, 3, 1, 0, 0}, nil, "an element is not an INTEGER from 0 to 65535"},
		{"-1", []byte{0x30, 3, 2, 1, 0xff}, nil, "an element is not an INTEGER from 0 to 65535"},
		{"BER", []byte{0x30, 4, 2, 2, 0, 5}, nil, "an element is not an INTEGER from 0 to 65535"},
		{"not an INTEGER", []byte{0x30, 3, 4, 1, 5}, nil, "an element is not an INTEGER from 0 to 65535"},
		{"not a SEQUENCE", []byte{2, 1, 5}, nil, "found tag 0x02, expected 0x30"},
		{"trailing data", []byte{0x30, 0, 0}, nil, "1 bytes of trailing data"},
		{"empty", []byte{}, nil, "missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := ca.Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{{Id: fakeca.MustStaple().Id, Value: tt.value}}})
			got, err := fakeca.TLSFeatures(leaf.Cert)
			text := ""
			if err != nil {
				text = strings.TrimPrefix(err.Error(), wrong)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || text != tt.err {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if got, err := fakeca.TLSFeatures(ca.Leaf().Cert); got != nil || err != nil {
		t.Errorf("without the extension: %v, %v", got, err)
	}
}

// A caller may change the extension that it gets.
func TestExtensionsAreNotShared(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		make func() pkix.Extension
	}{{"MustStaple", fakeca.MustStaple}, {"NoRevAvail", fakeca.NoRevAvail}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, want := tt.make(), tt.make()
			a.Id[0], a.Value[0] = 9, 9
			if diff := cmp.Diff(want, tt.make()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A certificate with NoRevAvail names no responders and CRLs (RFC 9608 section 3),
// unless its template does.
func TestNoRevAvail(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithOCSPServer("http://ocsp.test"), fakeca.WithCRLServer("http://crl.test"))
	ca.Advertise(fakeca.Servers{OCSP: []string{"http://ocsp.test"}, CRL: []string{"http://crl.test"}, Issuer: []string{"http://issuer.test"}})
	extensions := []pkix.Extension{fakeca.NoRevAvail()}
	c := ca.Issue(&x509.Certificate{ExtraExtensions: extensions}).Cert
	if c.OCSPServer != nil || c.CRLDistributionPoints != nil || !slices.Equal(c.IssuingCertificateURL, []string{"http://issuer.test"}) {
		t.Errorf("names %v, %v, %v", c.OCSPServer, c.CRLDistributionPoints, c.IssuingCertificateURL)
	}
	i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 56}) })
	if i < 0 || c.Extensions[i].Critical || string(c.Extensions[i].Value) != "\x05\x00" {
		t.Errorf("extensions %v", c.Extensions)
	}
	mine := ca.Issue(&x509.Certificate{ExtraExtensions: extensions, OCSPServer: []string{"http://mine.test"}}).Cert
	if !slices.Equal(mine.OCSPServer, []string{"http://mine.test"}) {
		t.Errorf("names %v", mine.OCSPServer)
	}
}
