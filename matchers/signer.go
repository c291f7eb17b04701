package matchers

import (
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// BeOCSPSignedBy matches an answer that the key of this certificate signed: a
// *fakeca.CA, a *fakeca.Leaf or an *[x509.Certificate]. For an answer by a
// delegated responder (RFC 6960 section 4.2.2.2) that is the delegate, and not
// the CA that it speaks for. Whether the signer had the authority is not looked
// at. It is an error if the algorithm is unknown, or one such as MD5 that
// crypto/x509 does not check.
func BeOCSPSignedBy(signer any) types.GomegaMatcher {
	cert, _, err := certOf(signer)
	return newMatcher("BeOCSPSignedBy", []any{signer}, err, onAnswer(func(a *answer) (verdict, error) {
		v := verdict{what: a.text(), want: "be signed by " + nameOf(cert)}
		if a.failure != ocsp.Success {
			v.but = "it is an error response, which is not signed"
			return v, nil
		}
		if a.message == nil {
			return v, errors.New("a description is not signed; look at the signed answer")
		}
		if a.message.SignatureAlgorithm.SignatureAlgorithm() == x509.UnknownSignatureAlgorithm {
			return v, unprefixed(a.message.CheckSignatureFrom(cert))
		}
		err := a.message.CheckSignatureFrom(cert)
		if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure {
			return v, unprefixed(err)
		}
		if v.ok = err == nil; !v.ok {
			v.but = a.signedBy(cert)
		}
		return v, nil
	}))
}

// signedBy says who signed the answer, which was not expected.
func (a *answer) signedBy(expected *x509.Certificate) string {
	for _, cert := range a.embedded() {
		if a.message.CheckSignatureFrom(cert) != nil {
			continue
		}
		if cert.CheckSignatureFrom(expected) == nil {
			return fmt.Sprintf("its delegate %s signed it", nameOf(cert))
		}
		return fmt.Sprintf("%s signed it, whose certificate, issued by %s, it embeds", nameOf(cert), nameText(cert.Issuer))
	}
	for _, cert := range a.chain {
		if a.message.CheckSignatureFrom(cert) == nil {
			return fmt.Sprintf("%s signed it", nameOf(cert))
		}
	}
	return "the signature is not by that key"
}

// certOf reads an expected certificate, and the issuer's, which may be nil.
func certOf(x any) (cert, issuer *x509.Certificate, err error) {
	const write = "write a *fakeca.CA, a *fakeca.Leaf or an *x509.Certificate"
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
		return nil, nil, fmt.Errorf("%s is no certificate; %s", typeOf(x), write)
	}
	if cert == nil {
		return nil, nil, fmt.Errorf("the %T has no Cert; %s", x, write)
	}
	if ca != nil {
		issuer = ca.Cert
	}
	return cert, issuer, nil
}
