package ocsptest

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extensions that are understood, and may be critical: those of RFC 6960
// section 4.4, the CRL entry extensions of RFC 5280 section 5.3, and the list
// of signed certificate timestamps (RFC 6962 section 3.3).
var understood = []asn1.ObjectIdentifier{
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

func (j *judgement) critical(of string, extensions []pkix.Extension) {
	for _, e := range extensions {
		if e.Critical && !slices.ContainsFunc(understood, e.Id.Equal) {
			j.wrong.add(ruleCritical, "the extension %v of %s is critical and not known", e.Id, of)
		}
	}
}

// signedPart returns tbsResponseData as it was sent, out of a response that
// ParseMessage has read: the signature is over that, and not over what we would
// write in its place.
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
		panic("ocsptest: ParseMessage took a response without tbsResponseData")
	}
	return signed
}

// signed judges who signed.
func (j *judgement) signed() {
	switch algorithm := j.message.SignatureAlgorithm.SignatureAlgorithm(); algorithm {
	case x509.MD5WithRSA:
		j.wrong.add(ruleAlgorithm, "MD5")
		return // nobody checks it
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1:
		if j.RefuseSHA1 {
			j.wrong.add(ruleAlgorithm, "SHA-1")
		}
	case x509.UnknownSignatureAlgorithm:
		j.wrong.add(ruleAlgorithm, "%v is not known", j.message.SignatureAlgorithm.Algorithm)
		return
	}
	signer := j.signer()
	if signer == nil {
		return
	}
	if !j.isNamed(signer) {
		j.wrong.add(ruleResponderID, "it does not name %q, which signed", signer.Subject)
	}
	if !j.isIssuer(signer) {
		j.delegate(signer)
	}
}

// signer finds the certificate whose key made the signature: that which the
// responder ID names, or any that is at hand.
func (j *judgement) signer() *x509.Certificate {
	candidates := append([]*x509.Certificate{j.issuer}, j.Responders...)
	for i, der := range j.message.Certs {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			j.wrong.add(ruleMalformed, "certs: certificate %d: %v", i, err)
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
		j.wrong.add(ruleSignature, "it is not that of the signer that the responder ID names")
	} else {
		j.wrong.add(ruleSignature, "the signer is neither the issuer nor embedded")
	}
	return nil
}

// rank puts those first that the responder ID names.
func (j *judgement) rank(c *x509.Certificate) int {
	if j.isNamed(c) {
		return 0
	}
	return 1
}

func (j *judgement) isNamed(c *x509.Certificate) bool {
	return j.message.ResponderID.Names(c)
}

// isIssuer says whether c is the issuer, be it in another certificate.
func (j *judgement) isIssuer(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, j.issuer.RawSubject) &&
		bytes.Equal(c.RawSubjectPublicKeyInfo, j.issuer.RawSubjectPublicKeyInfo)
}

// delegate judges the authority of a signer that is not the issuer.
func (j *judgement) delegate(c *x509.Certificate) {
	if c.Equal(j.leaf) {
		j.wrong.add(ruleSignerLeaf, "the certificate answers for itself")
	}
	if !bytes.Equal(c.RawIssuer, j.issuer.RawSubject) || j.issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil {
		j.wrong.add(ruleSignerIssuer, "%q is not issued by the issuer of the certificate", c.Subject)
	}
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		j.wrong.add(ruleSignerEKU, "%q has no id-kp-OCSPSigning", c.Subject)
	}
	switch {
	case j.at.Before(c.NotBefore):
		j.wrong.add(ruleSignerTime, "%q is not valid before %s", c.Subject, stamp(c.NotBefore))
	case j.at.After(c.NotAfter):
		j.wrong.add(ruleSignerTime, "%q is not valid after %s", c.Subject, stamp(c.NotAfter))
	}
	if c.IsCA {
		j.wrong.add(ruleSignerCA, "%q is a CA", c.Subject)
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
		j.wrong.add(ruleSignerKeyUsage, "%q may not sign: no digitalSignature", c.Subject)
	}
}
