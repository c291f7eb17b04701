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

// A Message is an OCSPResponse on the wire, with a field for each ASN.1 element
// of RFC 6960 section 4.2.1. Its parts are embedded, so that a test can write
// m.ProducedAt for m.ResponseBytes.BasicOCSPResponse.ResponseData.ProducedAt. In
// an error response ResponseBytes is nil, and m.ProducedAt panics.
//
// A field called Raw holds the bytes of a whole element, with tag and length, to
// be written instead of the other fields. If it is nil, the element is made from
// them; if it is empty but not nil, the element is left out. For a field of a
// simple type there is one beside it, such as RawVersion beside Version. All
// parts have a Raw and an Extra, so m.Raw is that of the whole message.
//
// Extra holds bytes that are appended inside a SEQUENCE, after its last element.
type Message struct {
	ResponseStatus    ocsp.ResponseStatus // ENUMERATED
	RawResponseStatus []byte
	*ResponseBytes    // nil: left out, as in error responses
	Extra             []byte
	Raw               []byte
}

// ResponseBytes wraps a BasicOCSPResponse and names its type.
type ResponseBytes struct {
	ResponseType asn1.ObjectIdentifier // nil: id-pkix-ocsp-basic
	BasicOCSPResponse
	Extra []byte
	Raw   []byte // without the [0] around it
}

// BasicOCSPResponse is signed data and its signature. Its Raw is the content of
// the OCTET STRING called response.
type BasicOCSPResponse struct {
	ResponseData       // tbsResponseData
	SignatureAlgorithm AlgorithmIdentifier
	Signature          []byte   // nil: not signed yet
	RawSignature       []byte   // the BIT STRING
	Certs              [][]byte // the DER of each certificate; nil: left out
	RawCerts           []byte   // with the [0] around it
	Extra              []byte
	Raw                []byte
}

// ResponseData is the signed part of a response.
type ResponseData struct {
	Version               int    // 0 is v1, which is left out
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

// ResponderID names the signer, either by name or by key.
type ResponderID struct {
	ByName []byte // the DER of the signer's subject
	ByKey  []byte // the SHA-1 of the bits of the signer's key
	Raw    []byte // with the [1] or [2] around it
}

// Names reports whether id names cert, by its subject or by its key.
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

// Time is a time to the second. In an OCSP response it is a GeneralizedTime, and
// in a CRL a UTCTime through 2049 (RFC 5280 section 5.1.2.4).
type Time struct {
	time.Time
	Raw []byte
}

// AlgorithmIdentifier names a hash or signature algorithm (RFC 5280 section
// 4.1.1.2).
type AlgorithmIdentifier struct {
	Algorithm  asn1.ObjectIdentifier
	Parameters []byte // DER; nil: left out
	Extra      []byte
	Raw        []byte
}

var oidBasic = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
