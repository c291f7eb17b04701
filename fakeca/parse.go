package fakeca

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// ParseMessage reads an OCSPResponse (RFC 6960 section 4.2.1). It accepts only
// DER, so that Marshal returns the same bytes: no trailing data at any level, no
// default that is spelled out, times in the form of RFC 5280 section 4.1.2.5.2,
// only reasons and error statuses that exist. It does not look inside certificates
// and the values of extensions, and it refuses object identifiers with a number
// that an int does not hold. The error says where it stopped. The fields called
// Raw and Extra stay nil.
//
// ParseMessage does not check whether the response is current, who signed it, and
// which certificate it is about.
func ParseMessage(der []byte) (*Message, error) {
	m, err := parseMessage(der, strict)
	if err != nil {
		return nil, fmt.Errorf("fakeca: OCSP response: %w", err)
	}
	return m, nil
}

func parseMessage(der []byte, f form) (*Message, error) {
	if len(der) == 0 {
		return nil, errors.New("empty")
	}
	outer := cryptobyte.String(bytes.Clone(der)) // m keeps parts of it
	s, err := read(&outer, asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if err := end(outer); err != nil {
		return nil, err
	}
	m := new(Message)
	status, err := readEnum(&s)
	if err != nil {
		return nil, within("responseStatus", err)
	}
	m.ResponseStatus = ocsp.ResponseStatus(status)
	if !isResponseStatus(m.ResponseStatus) {
		return nil, within("responseStatus", fmt.Errorf("%d is not assigned", status))
	}
	switch success := m.ResponseStatus == ocsp.Success; {
	case success && s.Empty():
		return nil, within("responseBytes", errors.New("missing from a successful response"))
	case !success && !s.Empty():
		return nil, within("responseBytes", fmt.Errorf("present in the error response %d", status))
	case !success:
		return m, nil
	}
	body, err := read(&s, explicit0)
	if err != nil {
		return nil, within("responseBytes", err)
	}
	if err := end(s); err != nil {
		return nil, err
	}
	m.ResponseBytes = new(ResponseBytes)
	if err := m.ResponseBytes.parse(body, f); err != nil {
		return nil, err // already names the element, without the wrapping around it
	}
	return m, nil
}

func (r *ResponseBytes) parse(explicit cryptobyte.String, f form) error {
	s, err := readOnly(explicit, asn1.SEQUENCE)
	if err != nil {
		return within("responseBytes", err)
	}
	if r.ResponseType, err = readOID(&s); err != nil {
		return within("responseType", err)
	}
	if !r.ResponseType.Equal(oidBasic) {
		return within("responseType", fmt.Errorf("%v is not id-pkix-ocsp-basic, %v", r.ResponseType, oidBasic))
	}
	response, err := read(&s, asn1.OCTET_STRING)
	if err != nil {
		return within("response", err)
	}
	if err := end(s); err != nil {
		return within("responseBytes", err)
	}
	return r.BasicOCSPResponse.parse(response, f)
}

func (r *BasicOCSPResponse) parse(response cryptobyte.String, f form) error {
	s, err := readOnly(response, asn1.SEQUENCE)
	if err != nil {
		return within("response", err)
	}
	data, err := read(&s, asn1.SEQUENCE)
	if err != nil {
		return within("tbsResponseData", err)
	}
	if err := r.ResponseData.parse(data, f); err != nil {
		return err
	}
	if r.Signature, r.Certs, err = parseSignature(&s, &r.SignatureAlgorithm); err != nil {
		return err
	}
	return within("response", end(s))
}

// parseSignature reads the algorithm, signature and certificates that follow what
// is signed, in a response and in a signed request.
func parseSignature(s *cryptobyte.String, a *AlgorithmIdentifier) (signature []byte, certs [][]byte, err error) {
	if err := a.parse(s); err != nil {
		return nil, nil, within("signatureAlgorithm", err)
	}
	if signature, err = readBitString(s); err != nil {
		return nil, nil, within("signature", err)
	}
	if s.PeekASN1Tag(explicit0) {
		if certs, err = parseCerts(s); err != nil {
			return nil, nil, within("certs", err)
		}
	}
	return signature, certs, nil
}

func (d *ResponseData) parse(s cryptobyte.String, f form) error {
	if s.PeekASN1Tag(explicit0) {
		whole := s
		err := parseVersion(&s)
		if err == nil && f == strict {
			err = errors.New("v1 is the default, which DER leaves out")
		}
		if err != nil {
			return within("version", err)
		}
		d.RawVersion = before(whole, s)
	}
	if err := d.ResponderID.parse(&s); err != nil {
		return within("responderID", err)
	}
	if err := d.ProducedAt.parse(&s, f); err != nil {
		return within("producedAt", err)
	}
	responses, err := read(&s, asn1.SEQUENCE)
	if err != nil {
		return within("responses", err)
	}
	for i := 0; !responses.Empty(); i++ {
		var single SingleResponse
		if err := single.parse(&responses, f); err != nil {
			return within(fmt.Sprintf("single response %d", i), err)
		}
		d.Responses = append(d.Responses, single)
	}
	if d.ResponseExtensions, d.RawResponseExtensions, err = parseExtensions(&s, explicit1, f); err != nil {
		return within("responseExtensions", err)
	}
	return within("tbsResponseData", end(s))
}

// parseVersion reads a version that is spelled out, which must be v1.
func parseVersion(s *cryptobyte.String) error {
	body, err := readExplicit(s, explicit0, asn1.INTEGER)
	if err != nil {
		return err
	}
	if len(body) != 1 || body[0] != 0 {
		return fmt.Errorf("%x is not v1", []byte(body))
	}
	return nil
}

func (id *ResponderID) parse(s *cryptobyte.String) error {
	switch {
	case s.PeekASN1Tag(explicit1):
		explicit, err := read(s, explicit1)
		if err != nil {
			return err
		}
		id.ByName = explicit
		return within("byName", checkName(explicit))
	case s.PeekASN1Tag(explicit2):
		key, err := readExplicit(s, explicit2, asn1.OCTET_STRING)
		if err == nil && len(key) != 20 {
			err = fmt.Errorf("%d bytes, expected 20", len(key))
		}
		id.ByKey = key
		return within("byKey", err)
	case s.Empty():
		return errors.New("missing")
	default:
		return fmt.Errorf("tag %#02x is neither byName nor byKey", (*s)[0])
	}
}

// checkName checks the form of a Name (RFC 5280 section 4.1.2.4), which may be
// empty.
func checkName(explicit cryptobyte.String) error {
	if err := checkDER(explicit); err != nil {
		return err
	}
	rdns, err := readOnly(explicit, asn1.SEQUENCE)
	for err == nil && !rdns.Empty() {
		var rdn cryptobyte.String
		if rdn, err = read(&rdns, asn1.SET); err != nil {
			return err
		}
		err = checkRDN(rdn)
	}
	return err
}

// checkRDN checks the content of a RelativeDistinguishedName.
func checkRDN(rdn cryptobyte.String) error {
	if rdn.Empty() {
		return errors.New("a relative distinguished name is empty")
	}
	for !rdn.Empty() {
		if err := checkAttribute(&rdn); err != nil {
			return err
		}
	}
	return nil
}

func checkAttribute(rdn *cryptobyte.String) error {
	attribute, err := read(rdn, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if _, err := read(&attribute, asn1.OBJECT_IDENTIFIER); err != nil {
		return err
	}
	if _, err := readAny(&attribute); err != nil {
		return err
	}
	return end(attribute)
}

func (single *SingleResponse) parse(responses *cryptobyte.String, f form) error {
	s, err := read(responses, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if err := single.CertID.parse(&s); err != nil {
		return within("certID", err)
	}
	if err := single.CertStatus.parse(&s, f); err != nil {
		return within("certStatus", err)
	}
	if err := single.ThisUpdate.parse(&s, f); err != nil {
		return within("thisUpdate", err)
	}
	if s.PeekASN1Tag(explicit0) {
		if err := single.NextUpdate.parseExplicit(&s, f); err != nil {
			return within("nextUpdate", err)
		}
	}
	if single.SingleExtensions, single.RawSingleExtensions, err = parseExtensions(&s, explicit1, f); err != nil {
		return within("singleExtensions", err)
	}
	return end(s)
}

func (id *CertID) parse(outer *cryptobyte.String) error {
	s, err := read(outer, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if err := id.HashAlgorithm.parse(&s); err != nil {
		return within("hashAlgorithm", err)
	}
	if id.IssuerNameHash, err = readBytes(&s, asn1.OCTET_STRING); err != nil {
		return within("issuerNameHash", err)
	}
	if id.IssuerKeyHash, err = readBytes(&s, asn1.OCTET_STRING); err != nil {
		return within("issuerKeyHash", err)
	}
	if id.SerialNumber, err = readInteger(&s); err != nil {
		return within("serialNumber", err)
	}
	return end(s)
}

func (c *CertStatus) parse(s *cryptobyte.String, f form) error {
	for _, status := range []Status{Good, Unknown} {
		tag := asn1.Tag(status).ContextSpecific()
		if s.PeekASN1Tag(tag) {
			c.Status = status
			null, err := read(s, tag)
			if err != nil {
				return within(status.String(), err)
			}
			return within(status.String(), end(null))
		}
	}
	switch {
	case s.PeekASN1Tag(explicit1):
		c.Status = Revoked
		info, err := read(s, explicit1)
		if err == nil {
			err = c.parseRevokedInfo(info, f)
		}
		return within("revoked", err)
	case s.Empty():
		return errors.New("missing")
	default:
		return fmt.Errorf("tag %#02x is neither good, revoked nor unknown", (*s)[0])
	}
}

func (c *CertStatus) parseRevokedInfo(s cryptobyte.String, f form) error {
	if err := c.RevocationTime.parse(&s, f); err != nil {
		return within("revocationTime", err)
	}
	if s.Empty() {
		return nil
	}
	explicit, err := read(&s, explicit0)
	if err != nil {
		return within("revocationReason", err)
	}
	number, err := readEnum(&explicit)
	if err == nil {
		err = end(explicit)
	}
	if err != nil {
		return within("revocationReason", err)
	}
	reason := Reason(number)
	if !reason.valid() {
		return within("revocationReason", fmt.Errorf("%d is not assigned", number))
	}
	c.RevocationReason = &reason
	return end(s)
}

func (t *Time) parse(s *cryptobyte.String, f form) error {
	whole := *s
	body, err := read(s, asn1.GeneralizedTime)
	if err != nil {
		return err
	}
	text := string(body)
	t.Time, err = time.Parse(generalizedTime, text) // which also reads fractions of a second
	seconds := t.UTC().Format(generalizedTime)
	switch start, _, fraction := strings.Cut(text, "."); {
	case err == nil && seconds == text:
		return nil
	case err == nil && fraction && seconds == start+"Z" && f == lenient:
		t.Raw = before(whole, *s)
		return nil
	}
	return fmt.Errorf("%q is not of the form YYYYMMDDHHMMSSZ", text)
}

func (t *Time) parseExplicit(s *cryptobyte.String, f form) error {
	whole := *s
	explicit, err := read(s, explicit0)
	if err != nil {
		return err
	}
	if err := t.parse(&explicit, f); err != nil {
		return err
	}
	if t.IsZero() {
		return errors.New("the zero time means that there is none")
	}
	if t.Raw != nil {
		t.Raw = before(whole, *s)
	}
	return end(explicit)
}

func (a *AlgorithmIdentifier) parse(outer *cryptobyte.String) error {
	s, err := read(outer, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if a.Algorithm, err = readOID(&s); err != nil {
		return err
	}
	if s.Empty() {
		return nil
	}
	if a.Parameters, err = readAny(&s); err != nil {
		return within("parameters", err)
	}
	return end(s)
}
