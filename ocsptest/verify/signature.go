package verify

import (
	"bytes"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// signedPart returns the bytes of tbsResponseData in a response that fakeca has
// parsed. The signature is over these bytes, not over our own encoding of the same
// values.
func signedPart(der []byte) []byte {
	var signed cryptobyte.String
	s := cryptobyte.String(der)
	explicit0 := cryptobyte_asn1.Tag(0).ContextSpecific().Constructed()
	ok := s.ReadASN1(&s, cryptobyte_asn1.SEQUENCE) &&
		s.SkipASN1(cryptobyte_asn1.ENUM) && // responseStatus
		s.ReadASN1(&s, explicit0) && s.ReadASN1(&s, cryptobyte_asn1.SEQUENCE) && // responseBytes
		s.SkipASN1(cryptobyte_asn1.OBJECT_IDENTIFIER) && // responseType
		s.ReadASN1(&s, cryptobyte_asn1.OCTET_STRING) && s.ReadASN1(&s, cryptobyte_asn1.SEQUENCE) && // BasicOCSPResponse
		s.ReadASN1Element(&signed, cryptobyte_asn1.SEQUENCE)
	if !ok {
		panic("verify: fakeca accepted a response without tbsResponseData")
	}
	return signed
}

// checkSignature finds the signer and judges its authority.
func (j *judgement) checkSignature() {
	id := &j.message.SignatureAlgorithm
	if id.SignatureAlgorithm() == x509.UnknownSignatureAlgorithm && j.Lenient && bytes.Equal(id.Parameters, null) {
		without := fakeca.AlgorithmIdentifier{Algorithm: id.Algorithm}
		if without.SignatureAlgorithm() != x509.UnknownSignatureAlgorithm {
			*id = without
		}
	}
	refusal, checkable := j.refusal(*id)
	if refusal != "" {
		j.wrong.add(RuleSignatureAlgorithm, "%s", refusal)
	}
	if !checkable {
		return
	}
	signer := j.findSigner()
	if signer == nil {
		return
	}
	if !j.isNamed(signer) {
		j.wrong.add(RuleResponderID, "it does not name the signer, %q", signer.Subject)
	}
	if !j.isIssuer(signer) {
		j.checkDelegate(signer)
	}
}

// refusal returns why a signature algorithm is refused, or "", and whether a
// signature by it can be checked all the same.
func (o *Options) refusal(id fakeca.AlgorithmIdentifier) (why string, checkable bool) {
	algorithm := id.SignatureAlgorithm()
	switch {
	case algorithm == x509.MD5WithRSA:
		return "MD5", false // crypto/x509 verifies no MD5
	case algorithm == x509.UnknownSignatureAlgorithm && id.Parameters != nil:
		return fmt.Sprintf("%v with parameters %x is not supported", id.Algorithm, id.Parameters), false
	case algorithm == x509.UnknownSignatureAlgorithm:
		return fmt.Sprintf("%v is not supported", id.Algorithm), false
	case isSHA1(algorithm) && fips140.Enforced():
		return "SHA-1, which GODEBUG=fips140=only forbids", false
	case isSHA1(algorithm) && o.RefuseSHA1:
		return "SHA-1", true
	}
	return "", true
}

var null = []byte{0x05, 0x00}

func isSHA1(a x509.SignatureAlgorithm) bool {
	return a == x509.SHA1WithRSA || a == x509.ECDSAWithSHA1 || a == x509.DSAWithSHA1
}

// findSigner returns the certificate whose key made the signature. If there is
// none, it returns nil and adds why.
func (j *judgement) findSigner() *x509.Certificate {
	candidates := append([]*x509.Certificate{j.issuer}, j.Responders...)
	var unreadable error
	for i, der := range j.message.Certs {
		cert, err := x509.ParseCertificate(der)
		if err == nil {
			candidates = append(candidates, cert)
		} else if unreadable == nil {
			unreadable = fmt.Errorf("certificate %d cannot: %w", i, err)
		}
	}
	named := slices.ContainsFunc(candidates, j.isNamed)
	slices.SortStableFunc(candidates, func(a, b *x509.Certificate) int { return j.rank(a) - j.rank(b) })
	var unchecked *x509.Certificate
	var why error
	for _, c := range candidates {
		err := j.message.CheckSignatureFrom(c)
		if err == nil {
			return c
		}
		if unchecked == nil && cannotCheck(c, err) {
			unchecked, why = c, errors.Unwrap(err) // without the text that it is not by c
		}
	}
	switch {
	case unchecked != nil && (!named || j.isNamed(unchecked)):
		j.wrong.add(RuleSignatureAlgorithm, "it cannot be checked with the key of %q: %s", unchecked.Subject, reason(why))
	case named:
		j.wrong.add(RuleSignature, "it is not by the signer that the responder ID names")
	case unreadable != nil:
		j.wrong.add(RuleSignature, "it is by neither the issuer nor an embedded certificate that can be read; %v", unreadable)
	default:
		j.wrong.add(RuleSignature, "it is by neither the issuer nor an embedded certificate")
	}
	return nil
}

// cannotCheck reports whether err means that crypto/x509 cannot check signatures
// by the key of c, and not that a signature is wrong.
func cannotCheck(c *x509.Certificate, err error) bool {
	if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return true
	}
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() < 1024 && !errors.Is(err, rsa.ErrVerification)
}

func reason(err error) string {
	return strings.TrimPrefix(err.Error(), "x509: cannot verify signature: ")
}

// rank sorts certificates that the responder ID names before others.
func (j *judgement) rank(c *x509.Certificate) int {
	if j.isNamed(c) {
		return 0
	}
	return 1
}

func (j *judgement) isNamed(c *x509.Certificate) bool {
	return j.message.ResponderID.Names(c)
}

// isIssuer reports whether c has the name and key of the issuer.
func (j *judgement) isIssuer(c *x509.Certificate) bool { return sameSubject(c, j.issuer) }

// sameSubject reports whether two certificates have the same name and key.
func sameSubject(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubject, b.RawSubject) && bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
}
