package matchers

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// BeOCSPFor matches an answer of which a single response is for this
// certificate: a *fakeca.Leaf, a *fakeca.CA or an *[x509.Certificate]. The
// serial number of its CertID (RFC 6960 section 4.1.1) is compared, and the
// hashes of the issuer's name and key, if the issuer is known: from the Leaf,
// or from what the actual value has of the chain.
func BeOCSPFor(cert any) types.GomegaMatcher {
	c, issuer, err := certOf(cert)
	return newMatcher("BeOCSPFor", []any{cert}, err, onAnswer(func(a *answer) (verdict, error) {
		v := verdict{what: a.text(), want: "be for " + certText(c)}
		if a.failure != ocsp.Success {
			v.but = "it is an error response, which is for none"
			return v, nil
		}
		if a.message == nil {
			return a.describedFor(c, v)
		}
		issuer := issuer
		if issuer == nil {
			issuer = issuerIn(a.chain, c)
		}
		for _, single := range a.message.Responses {
			but := differs(single.CertID, c, issuer)
			if v.ok = but == ""; v.ok {
				break
			}
			if v.but == "" || sameInt(single.CertID.SerialNumber, c.SerialNumber) {
				v.but = but
			}
		}
		return v, nil
	}))
}

// describedFor judges a description, which has a serial number at the most.
func (a *answer) describedFor(cert *x509.Certificate, v verdict) (verdict, error) {
	if a.single.Serial == nil {
		return v, errors.New("the description has no Serial; set it, or look at the signed answer")
	}
	for _, single := range append([]fakeca.Response{a.single}, a.others...) {
		v.ok = v.ok || sameInt(single.Serial, cert.SerialNumber)
	}
	v.but = "its serial is another"
	return v, nil
}

// issuerIn finds the issuer of cert; nil if it is not there.
func issuerIn(chain []*x509.Certificate, cert *x509.Certificate) *x509.Certificate {
	for _, c := range chain {
		if bytes.Equal(c.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	return nil
}

// differs says in what a CertID is not that of cert; "" if it is.
func differs(id fakeca.CertID, cert, issuer *x509.Certificate) string {
	if !sameInt(id.SerialNumber, cert.SerialNumber) {
		return "its serial is another"
	}
	if issuer == nil {
		return ""
	}
	hash := id.HashAlgorithm.Hash() // known, or the answer would not have been read
	switch expected := fakeca.NewCertID(cert.SerialNumber, issuer, hash); {
	case !bytes.Equal(id.IssuerNameHash, expected.IssuerNameHash):
		return fmt.Sprintf("the issuerNameHash of its CertID is not the %v of %s", hash, nameOf(issuer))
	case !bytes.Equal(id.IssuerKeyHash, expected.IssuerKeyHash):
		return fmt.Sprintf("the issuerKeyHash of its CertID is not the %v of the key of %s", hash, nameOf(issuer))
	}
	return ""
}
