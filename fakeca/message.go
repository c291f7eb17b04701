package fakeca

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// A Message is an OCSPResponse as it goes over the wire: a field for each
// ASN.1 element of RFC 6960 section 4.2.1. Its parts are embedded, so that a
// test can write m.ProducedAt for m.ResponseBytes.BasicOCSPResponse.
// ResponseData.ProducedAt.
//
// Bytes in place of an element are given by the fields called Raw. They hold
// the whole element, with tag and length. nil means that the element is made
// from the other fields; empty but not nil, that it is left out. Where a field
// has a simple type its bytes are beside it, as RawVersion is beside Version.
//
// Extra holds bytes to append inside a SEQUENCE, after its last element.
type Message struct {
	ResponseStatus    ocsp.ResponseStatus // ENUMERATED
	RawResponseStatus []byte
	*ResponseBytes    // nil: left out, as in error responses
	Extra             []byte
	Raw               []byte
}

// ResponseBytes is the element of that name.
type ResponseBytes struct {
	ResponseType asn1.ObjectIdentifier // nil: id-pkix-ocsp-basic
	BasicOCSPResponse
	Extra []byte
	Raw   []byte // without the [0] around it
}

// BasicOCSPResponse is the signed answer. Its Raw is what the OCTET STRING
// called response holds.
type BasicOCSPResponse struct {
	ResponseData       // tbsResponseData
	SignatureAlgorithm AlgorithmIdentifier
	Signature          []byte   // nil: not signed yet
	RawSignature       []byte   // the BIT STRING
	Certs              [][]byte // each a certificate's DER; nil: left out
	RawCerts           []byte   // with the [0] around it
	Extra              []byte
	Raw                []byte
}

// ResponseData is what is signed.
type ResponseData struct {
	Version               int    // 0 is v1, which is the default and left out
	RawVersion            []byte // with the [0] around it
	ResponderID           ResponderID
	ProducedAt            Time
	Responses             []SingleResponse
	RawResponses          []byte           // the SEQUENCE
	ResponseExtensions    []pkix.Extension // nil: left out
	RawResponseExtensions []byte           // with the [1] around it
	Extra                 []byte
	Raw                   []byte
}

// ResponderID names the signer, by one of the two.
type ResponderID struct {
	ByName []byte // the DER of its subject
	ByKey  []byte // the SHA-1 of its public key's bits
	Raw    []byte // with the [1] or [2] around it
}

// Names reports whether id names cert: by its subject, or by the SHA-1 of its
// key.
func (id ResponderID) Names(cert *x509.Certificate) bool {
	if cert == nil {
		panic("fakeca: Names needs a certificate")
	}
	if id.ByKey == nil {
		return bytes.Equal(id.ByName, cert.RawSubject)
	}
	sum := sha1Sum(keyBits(cert.RawSubjectPublicKeyInfo))
	return bytes.Equal(id.ByKey, sum[:])
}

// SingleResponse is the status of one certificate.
type SingleResponse struct {
	CertID              CertID
	CertStatus          CertStatus
	ThisUpdate          Time
	NextUpdate          Time             // zero: left out; its Raw has the [0] around it
	SingleExtensions    []pkix.Extension // nil: left out
	RawSingleExtensions []byte           // with the [1] around it
	Extra               []byte
	Raw                 []byte
}

// CertID names a certificate by its issuer and serial number.
type CertID struct {
	HashAlgorithm  AlgorithmIdentifier
	IssuerNameHash []byte
	IssuerKeyHash  []byte
	SerialNumber   *big.Int // nil: left out; Extra can hold an INTEGER of another form
	Extra          []byte
	Raw            []byte
}

// CertStatus is good, revoked or unknown.
type CertStatus struct {
	Status           Status
	RevocationTime   Time    // if Revoked
	RevocationReason *Reason // if Revoked; nil: left out
	Extra            []byte  // in RevokedInfo
	Raw              []byte
}

// Time is a time to the second: a GeneralizedTime in an OCSP response, and in a
// CRL a UTCTime through 2049 (RFC 5280 section 5.1.2.4).
type Time struct {
	time.Time
	Raw []byte
}

// AlgorithmIdentifier is a hash or signature algorithm (RFC 5280 section
// 4.1.1.2).
type AlgorithmIdentifier struct {
	Algorithm  asn1.ObjectIdentifier
	Parameters []byte // DER; nil: left out
	Extra      []byte
	Raw        []byte
}

var oidBasic = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
