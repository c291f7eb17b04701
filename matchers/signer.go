package matchers

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"
)

// BeOCSPSignedBy matches a response that was signed with the key of this
// certificate: a *fakeca.CA, *fakeca.Leaf or *[x509.Certificate]. A response of a
// delegated responder (RFC 6960 section 4.2.2.2) is signed by the delegate, not
// by the CA. BeOCSPSignedBy does not check whether the signer was authorized. An
// algorithm that is unknown, or that crypto/x509 refuses, is an error.
func BeOCSPSignedBy(signer any) types.GomegaMatcher {
	cert, _, err := certOf(signer)
	return newMatcher("BeOCSPSignedBy", []any{signer}, err, onResponse(func(r *response) (verdict, error) {
		v := verdict{what: r.what, want: "be signed by " + nameOf(cert), lines: r.lines()}
		if r.failure != ocsp.Success {
			v.but = "it is an error response, which has no signature"
			return v, nil
		}
		if r.message == nil {
			return v, errUnsigned
		}
		err := r.message.CheckSignatureFrom(cert)
		_, insecure := errors.AsType[x509.InsecureAlgorithmError](err)
		if insecure || r.message.SignatureAlgorithm.SignatureAlgorithm() == x509.UnknownSignatureAlgorithm {
			return v, unprefixed(err)
		}
		if v.ok = err == nil; !v.ok {
			v.but = r.signedBy(cert)
		}
		return v, nil
	}))
}

var errUnsigned = errors.New("an unsigned response has no signature; pass the signed bytes")

// signedBy says who signed the response instead of the expected certificate.
func (r *response) signedBy(expected *x509.Certificate) string {
	for _, cert := range r.embedded() {
		if r.message.CheckSignatureFrom(cert) != nil {
			continue
		}
		if cert.CheckSignatureFrom(expected) == nil {
			return fmt.Sprintf("it is signed by its delegate %s", nameOf(cert))
		}
		return fmt.Sprintf("it is signed by %s, issued by %s", nameOf(cert), nameText(cert.Issuer))
	}
	for _, cert := range r.chain {
		if r.message.CheckSignatureFrom(cert) == nil {
			return "it is signed by " + nameOf(cert)
		}
	}
	return "another key signed it, or the signature is invalid"
}
