package verify

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// known are the extensions that may be critical: those of RFC 6960 section 4.4,
// the CRL entry extensions of RFC 5280 section 5.3, and the list of signed
// certificate timestamps (RFC 6962 section 3.3).
var known = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, // nonce
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 3}, // CRL references
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}, // archive cutoff
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}, // extended revoked
	{2, 5, 29, 21},                  // reason code
	{2, 5, 29, 23},                  // hold instruction
	{2, 5, 29, 24},                  // invalidity date
	{2, 5, 29, 29},                  // certificate issuer
	{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5},
}

func (j *judgement) checkCritical(of string, extensions []pkix.Extension) {
	for _, e := range extensions {
		if e.Critical && !slices.ContainsFunc(known, e.Id.Equal) {
			j.wrong.add(RuleCriticalExtension, "the extension %v of %s is critical and unknown", e.Id, of)
		}
	}
}

// signedPart returns the bytes of tbsResponseData in a response that
// ParseMessage has read. The signature is over these bytes, not over our own
// encoding of the same values.
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
		panic("verify: ParseMessage accepted a response without tbsResponseData")
	}
	return signed
}

// checkSignature finds the signer and judges its authority.
func (j *judgement) checkSignature() {
	switch algorithm := j.message.SignatureAlgorithm.SignatureAlgorithm(); algorithm {
	case x509.MD5WithRSA:
		j.wrong.add(RuleSignatureAlgorithm, "MD5")
		return // crypto/x509 verifies no MD5
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1:
		if j.RefuseSHA1 {
			j.wrong.add(RuleSignatureAlgorithm, "SHA-1")
		}
	case x509.UnknownSignatureAlgorithm:
		j.wrong.add(RuleSignatureAlgorithm, "%v is unknown", j.message.SignatureAlgorithm.Algorithm)
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

// findSigner returns the certificate whose key made the signature, or nil. It
// tries those that the responder ID names first.
func (j *judgement) findSigner() *x509.Certificate {
	candidates := append([]*x509.Certificate{j.issuer}, j.Responders...)
	for i, der := range j.message.Certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			j.wrong.add(RuleMalformed, "certs: certificate %d: %v", i, err)
			continue
		}
		candidates = append(candidates, cert)
	}
	named := slices.ContainsFunc(candidates, j.isNamed)
	slices.SortStableFunc(candidates, func(a, b *x509.Certificate) int { return j.rank(a) - j.rank(b) })
	for _, c := range candidates {
		if j.message.CheckSignatureFrom(c) == nil {
			return c
		}
	}
	if named {
		j.wrong.add(RuleSignature, "it is not by the signer that the responder ID names")
	} else {
		j.wrong.add(RuleSignature, "it is by neither the issuer nor an embedded certificate")
	}
	return nil
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
func (j *judgement) isIssuer(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, j.issuer.RawSubject) &&
		bytes.Equal(c.RawSubjectPublicKeyInfo, j.issuer.RawSubjectPublicKeyInfo)
}

// checkDelegate judges the authority of a signer that is not the issuer.
func (j *judgement) checkDelegate(c *x509.Certificate) {
	if c.Equal(j.leaf) {
		j.wrong.add(RuleSignerLeaf, "the certificate signed the response about itself")
	}
	issued := bytes.Equal(c.RawIssuer, j.issuer.RawSubject) &&
		j.issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
	if !issued {
		j.wrong.add(RuleSignerIssuer, "%q was not issued by the issuer of the certificate", c.Subject)
	}
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		j.wrong.add(RuleSignerEKU, "%q has no id-kp-OCSPSigning", c.Subject)
	}
	switch {
	case j.at.Before(c.NotBefore):
		j.wrong.add(RuleSignerTime, "%q is not valid before %s", c.Subject, stamp(c.NotBefore))
	case j.at.After(c.NotAfter):
		j.wrong.add(RuleSignerTime, "%q is not valid after %s", c.Subject, stamp(c.NotAfter))
	}
	if c.IsCA {
		j.wrong.add(RuleSignerCA, "%q is a CA", c.Subject)
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		j.wrong.add(RuleSignerKeyUsage, "the key usage of %q lacks digitalSignature", c.Subject)
	}
}
