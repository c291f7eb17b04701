package fakeca

import (
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Number returns the CRL number (RFC 5280 section 5.2.3), or nil if the list has
// none. One that is not an INTEGER in DER or that is there twice is an error. It
// may be negative or longer than 20 bytes, which RFC 5280 forbids.
func (l *TBSCertList) Number() (*big.Int, error) {
	n, err := integerOf(l.CRLExtensions, extCRLNumber)
	return n, within("cRLNumber", err)
}

// BaseNumber returns the number of the complete CRL that a delta CRL builds on
// (RFC 5280 section 5.2.4), or nil if the list is no delta. Errors are as in
// [TBSCertList.Number].
func (l *TBSCertList) BaseNumber() (*big.Int, error) {
	n, err := integerOf(l.CRLExtensions, extDeltaCRLIndicator)
	return n, within("deltaCRLIndicator", err)
}

// AuthorityKeyID returns the identifier of the key that signed the list (RFC 5280
// section 5.2.1), or nil if the list has no authority key identifier, or only one
// by name and serial number. One that is not DER or that is there twice is an
// error.
func (l *TBSCertList) AuthorityKeyID() ([]byte, error) {
	value, err := extensionValue(l.CRLExtensions, extAuthorityKeyIdentifier)
	if value == nil && err == nil {
		return nil, nil
	}
	var id []byte
	if err == nil {
		id, err = parseAuthorityKeyID(value)
	}
	if err != nil {
		return nil, within("authorityKeyIdentifier", err)
	}
	return id, nil
}

func parseAuthorityKeyID(value cryptobyte.String) ([]byte, error) {
	s, err := readOnly(value, cryptobyte_asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	var id []byte
	if s.PeekASN1Tag(implicit(0)) {
		if id, err = readBytes(&s, implicit(0)); err != nil {
			return nil, within("keyIdentifier", err)
		}
	}
	if s.PeekASN1Tag(explicit1) {
		names, err := read(&s, explicit1)
		if err == nil {
			_, err = parseGeneralNames(names)
		}
		if err != nil {
			return nil, within("authorityCertIssuer", err)
		}
	}
	if s.PeekASN1Tag(implicit(2)) {
		serial, err := read(&s, implicit(2))
		if err == nil {
			err = checkInteger("INTEGER", serial)
		}
		if err != nil {
			return nil, within("authorityCertSerialNumber", err)
		}
	}
	return id, end(s)
}

// Reason returns the reason code of the entry (RFC 5280 section 5.3.1), or nil if
// it has none. One that is not assigned, that is not DER or that is there twice is
// an error.
func (c *RevokedCertificate) Reason() (*Reason, error) {
	value, err := extensionValue(c.Extensions, extReasonCode)
	if value == nil && err == nil {
		return nil, nil
	}
	var number int
	if err == nil {
		number, err = readEnum(&value)
	}
	if err == nil {
		err = end(value)
	}
	reason := Reason(number)
	if err == nil && !reason.valid() {
		err = fmt.Errorf("%d is not assigned", number)
	}
	if err != nil {
		return nil, within("reasonCode", err)
	}
	return &reason, nil
}

// InvalidityDate returns since when the certificate is not valid (RFC 5280 section
// 5.3.2), or the zero time if the entry does not say. A date that is not in the
// form of section 4.1.2.5.2 or that is there twice is an error.
func (c *RevokedCertificate) InvalidityDate() (time.Time, error) {
	value, err := extensionValue(c.Extensions, extInvalidityDate)
	if value == nil && err == nil {
		return time.Time{}, nil
	}
	var date Time
	if err == nil {
		err = date.parse(&value, strict)
	}
	if err == nil {
		err = end(value)
	}
	if err != nil {
		return time.Time{}, within("invalidityDate", err)
	}
	return date.Time, nil
}

// CertificateIssuer returns the DER of the names of the CA that issued the
// certificate, in an entry of an indirect CRL. It is nil if the entry does not
// say; the CA is then that of the entry before, and for the first entry the issuer
// of the list (RFC 5280 section 5.3.3). It is empty if the entry has names of
// other types only. An extension that is not DER or that is there twice is an
// error.
func (c *RevokedCertificate) CertificateIssuer() ([][]byte, error) {
	value, err := extensionValue(c.Extensions, extCertificateIssuer)
	if value == nil && err == nil {
		return nil, nil
	}
	var names pointName
	if err == nil {
		value, err = readOnly(value, cryptobyte_asn1.SEQUENCE)
	}
	if err == nil {
		names, err = parseGeneralNames(value)
	}
	if err != nil {
		return nil, within("certificateIssuer", err)
	}
	return nonNil(names.directories), nil
}

func integerOf(extensions []pkix.Extension, number int) (*big.Int, error) {
	value, err := extensionValue(extensions, number)
	if value == nil || err != nil {
		return nil, err
	}
	n, err := readInteger(&value)
	if err == nil {
		err = end(value)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// extensionValue returns the value of the extension with this number below id-ce.
// It is nil if there is none.
func extensionValue(extensions []pkix.Extension, number int) (cryptobyte.String, error) {
	var value cryptobyte.String
	for i := range extensions {
		id := extensions[i].Id
		if len(id) != len(idCE)+1 || !id[:len(idCE)].Equal(idCE) || id[len(idCE)] != number {
			continue
		}
		if value != nil {
			return nil, errors.New("there are two")
		}
		value = cryptobyte.String(nonNil(extensions[i].Value))
	}
	return value, nil
}
