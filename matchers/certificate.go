package matchers

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strconv"

	"github.com/ocsplab/ocsplab/fakeca"
)

// certOf reads an expected certificate, and its issuer, which may be nil.
func certOf(x any) (cert, issuer *x509.Certificate, err error) {
	const write = "write a *fakeca.CA, *fakeca.Leaf or *x509.Certificate"
	if isNil(x) {
		return nil, nil, fmt.Errorf("got %s; %s", typeOf(x), write)
	}
	var ca *fakeca.CA
	switch x := x.(type) {
	case *x509.Certificate:
		cert = x
	case *fakeca.Leaf:
		cert, ca = x.Cert, x.Issuer
	case *fakeca.CA:
		cert, ca = x.Cert, x.Issuer
	default:
		return nil, nil, fmt.Errorf("got %s; %s", typeOf(x), write)
	}
	if cert == nil {
		return nil, nil, fmt.Errorf("the %T has no Cert; %s", x, write)
	}
	if ca != nil {
		issuer = ca.Cert
	}
	return cert, issuer, nil
}

// issuerIn returns the issuer of cert; nil if it is not in chain.
func issuerIn(chain []*x509.Certificate, cert *x509.Certificate) *x509.Certificate {
	for _, c := range chain {
		if bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// certText names a certificate in a sentence.
func certText(cert *x509.Certificate) string {
	return fmt.Sprintf("%s (serial %x)", nameOf(cert), cert.SerialNumber)
}

// nameOf returns the common name of a certificate, or another name.
func nameOf(cert *x509.Certificate) string {
	switch {
	case len(cert.Subject.Names) > 0 || cert.Subject.CommonName != "":
		return nameText(cert.Subject)
	case len(cert.DNSNames) > 0:
		return printable(cert.DNSNames[0])
	}
	return "a certificate without a name"
}

func nameText(name pkix.Name) string {
	if name.CommonName != "" {
		return "CN=" + printable(name.CommonName)
	}
	return printable(name.String())
}

// rdnText returns the name in the DER of an RDNSequence.
func rdnText(der []byte) string {
	var seq pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &seq); err != nil || len(rest) > 0 {
		return fmt.Sprintf("name %x", der)
	}
	if len(seq) == 0 {
		return "with an empty name"
	}
	var name pkix.Name
	name.FillFromRDNSequence(&seq)
	return nameText(name)
}

// printable quotes a name that would break its line.
func printable(s string) string {
	if quoted := strconv.Quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
