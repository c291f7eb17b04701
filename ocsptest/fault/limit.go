package fault

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// For returns f, limited to OCSP requests about cert.
func (f Fault) For(cert *x509.Certificate) Fault {
	if cert == nil {
		panic("fault: For(nil); give it a certificate, such as leaf.Cert")
	}
	f.ocspOnly = true
	return f.limit(fmt.Sprintf("For(serial %x)", cert.SerialNumber), func(x *Exchange) bool {
		return x.OCSP != nil && slices.ContainsFunc(x.OCSP.List, func(single fakeca.SingleRequest) bool {
			return isAbout(single.CertID, cert)
		})
	})
}

// isAbout reports whether id names cert. A certificate does not hold the key of
// its issuer, so only the issuer's name is compared.
func isAbout(id fakeca.CertID, cert *x509.Certificate) bool {
	if id.SerialNumber.Cmp(cert.SerialNumber) != 0 {
		return false
	}
	hash := id.HashAlgorithm.Hash()
	if hash == 0 {
		return true
	}
	h := hash.New()
	h.Write(cert.RawIssuer)
	return bytes.Equal(h.Sum(nil), id.IssuerNameHash)
}

// ForCA returns f, limited to OCSP requests about certificates that ca issued.
func (f Fault) ForCA(ca *fakeca.CA) Fault {
	if ca == nil {
		panic("fault: ForCA(nil); give it a CA of the responder")
	}
	f.ocspOnly = true
	return f.limit(fmt.Sprintf("ForCA(%q)", ca.Cert.Subject.String()), func(x *Exchange) bool { return x.CA == ca })
}

// OnMethod returns f, limited to requests with this HTTP method, such as "GET".
func (f Fault) OnMethod(method string) Fault {
	if method == "" || method != strings.ToUpper(method) {
		panic(fmt.Sprintf("fault: OnMethod(%q); methods are in upper case, such as \"GET\"", method))
	}
	return f.limit(fmt.Sprintf("OnMethod(%q)", method), func(x *Exchange) bool { return x.R.Method == method })
}

// limit adds a condition to When.
func (f Fault) limit(name string, holds func(*Exchange) bool) Fault {
	f.Name = f.String() + "." + name
	when := f.When
	f.When = func(x *Exchange) bool { return (when == nil || when(x)) && holds(x) }
	return f
}
