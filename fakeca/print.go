package fakeca

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
)

// String returns the certificate's subject, serial number and issuer. Like the
// other methods that print a Leaf, it leaves out the private key.
func (l Leaf) String() string { return certText(l.Cert) }

// GoString is String, for %#v.
func (l Leaf) GoString() string { return l.String() }

// GomegaString is String, for Gomega.
func (l Leaf) GomegaString() string { return l.String() }

// MarshalJSON writes what String returns as an object with "subject", "serial"
// and "issuer".
func (l Leaf) MarshalJSON() ([]byte, error) { return certJSON(l.Cert) }

// String returns the certificate's subject, serial number and issuer. Like the
// other methods that print a CA, it leaves out the private key.
func (ca *CA) String() string { return certText(ca.Cert) }

// GoString is String, for %#v.
func (ca *CA) GoString() string { return ca.String() }

// GomegaString is String, for Gomega.
func (ca *CA) GomegaString() string { return ca.String() }

// MarshalJSON writes what String returns as an object with "subject", "serial"
// and "issuer".
func (ca *CA) MarshalJSON() ([]byte, error) { return certJSON(ca.Cert) }

func certText(cert *x509.Certificate) string {
	if cert == nil {
		return "no certificate"
	}
	return fmt.Sprintf("%v, serial %x, issued by %v", cert.Subject, cert.SerialNumber, cert.Issuer)
}

func certJSON(cert *x509.Certificate) ([]byte, error) {
	var out struct {
		Subject string `json:"subject,omitempty"`
		Serial  string `json:"serial,omitempty"`
		Issuer  string `json:"issuer,omitempty"`
	}
	if cert != nil {
		out.Subject, out.Serial, out.Issuer = cert.Subject.String(), cert.SerialNumber.Text(16), cert.Issuer.String()
	}
	return json.Marshal(out)
}
