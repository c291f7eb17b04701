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
	advertising := fakeca.New(fakeca.WithOCSPServer("http://ocsp.test"), fakeca.WithCRLServer("http://crl.test"))
	issuer := []string{"http://issuer.test"}
	advertising.Advertise(fakeca.Servers{OCSP: []string{"http://ocsp.test"}, CRL: []string{"http://crl.test"}, Issuer: issuer})
	mine := []string{"http://mine.test"}
	with := func(c x509.Certificate, further ...pkix.Extension) *x509.Certificate {
		c.ExtraExtensions = append(further, fakeca.NoRevAvail())
		return &c
	}
	type names struct{ OCSP, CRL, Issuer []string }
	tests := []struct {
		name string
		cert *x509.Certificate
		want names
	}{
		{"the CA's by option", ca.Issue(with(x509.Certificate{})).Cert, names{}},
		{"the CA's by Advertise", advertising.Issue(with(x509.Certificate{})).Cert, names{Issuer: issuer}},
		{"with another extension", ca.Issue(with(x509.Certificate{}, fakeca.MustStaple())).Cert, names{}},
		{"the template's responder", ca.Issue(with(x509.Certificate{OCSPServer: mine})).Cert, names{OCSP: mine}},
		{"the template's CRL", ca.Issue(with(x509.Certificate{CRLDistributionPoints: mine})).Cert, names{CRL: mine}},
		{
			"the template's extension",
			ca.Issue(with(x509.Certificate{}, fakeca.CRLDistributionPoints(fakeca.CRLPoint{URLs: mine}))).Cert,
			names{CRL: mine},
		},
		{"a CA, which should not have it", ca.Intermediate(fakeca.WithTemplate(with(x509.Certificate{}))).Cert, names{}},
		{"a delegated responder", advertising.OCSPSigner(with(x509.Certificate{})).Cert, names{Issuer: issuer}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := names{tt.cert.OCSPServer, tt.cert.CRLDistributionPoints, tt.cert.IssuingCertificateURL}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			isNoRevAvail := func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 56}) }
			i := slices.IndexFunc(tt.cert.Extensions, isNoRevAvail)
			if i < 0 || tt.cert.Extensions[i].Critical || string(tt.cert.Extensions[i].Value) != "\x05\x00" {
				t.Errorf("extensions %v", tt.cert.Extensions)
			}
		})
	}
	if c := ca.Leaf().Cert; c.OCSPServer == nil || c.CRLDistributionPoints == nil {
		t.Errorf("a certificate without it names %v and %v", c.OCSPServer, c.CRLDistributionPoints)
	}
}
