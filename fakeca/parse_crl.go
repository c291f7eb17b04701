package fakeca

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// ParseCRLMessage reads a CertificateList (RFC 5280 section 5.1) of version v1 or
// v2. It accepts only DER, so that Marshal returns the same bytes: no trailing
// data at any level, no default that is spelled out, and no element that is out of
// place. Times are UTCTime or GeneralizedTime, in the forms of section 4.1.2.5. It
// does not look inside the values of extensions, and it refuses object identifiers
// with a number that an int does not hold. The error says where it stopped. The
// fields called Raw and Extra stay nil, except for the Raw of a GeneralizedTime
// from 1950 to 2049, for which Marshal would write a UTCTime.
//
// ParseCRLMessage does not check whether the list is current, who signed it, and
// which certificates it covers. It also reads what RFC 5280 forbids although its
// syntax allows it: extensions in version v1, unknown critical extensions, an
// empty revokedCertificates, an empty issuer, two different signature algorithms,
// and entries in any order, twice, or with a negative serial number.
func ParseCRLMessage(der []byte) (*CRLMessage, error) {
	m, err := parseCRLMessage(der)
	if err != nil {
		return nil, fmt.Errorf("fakeca: CRL: %w", err)
	}
	return m, nil
}

func parseCRLMessage(der []byte) (*CRLMessage, error) {
	if len(der) == 0 {
		return nil, errors.New("empty")
	}
	s, err := readOnly(bytes.Clone(der), asn1.SEQUENCE) // m keeps parts of it
	if err != nil {
		return nil, err
	}
	list, err := read(&s, asn1.SEQUENCE)
	if err != nil {
		return nil, within("tbsCertList", err)
	}
	m := new(CRLMessage)
	if err := m.TBSCertList.parse(list); err != nil {
		return nil, err
	}
	if err := m.SignatureAlgorithm.parse(&s); err != nil {
		return nil, within("signatureAlgorithm", err)
	}
	if m.SignatureValue, err = readBitString(&s); err != nil {
		return nil, within("signatureValue", err)
	}
	return m, end(s)
}

func (l *TBSCertList) parse(s cryptobyte.String) error {
	if s.PeekASN1Tag(asn1.INTEGER) {
		version, err := readInteger(&s)
		if err == nil && (!version.IsInt64() || version.Int64() != 1) {
			err = fmt.Errorf("%v is not 1, which is v2", version)
		}
		if err != nil {
			return within("version", err)
		}
		l.Version = 1
	}
	if err := l.Signature.parse(&s); err != nil {
		return within("signature", err)
	}
	whole := s
	_, err := read(&s, asn1.SEQUENCE)
	if err == nil {
		l.Issuer = before(whole, s)
		err = checkName(l.Issuer)
	}
	if err != nil {
		return within("issuer", err)
	}
	if err := l.ThisUpdate.parseEither(&s); err != nil {
		return within("thisUpdate", err)
	}
	if isTime(s) {
		if err := l.parseNextUpdate(&s); err != nil {
			return within("nextUpdate", err)
		}
	}
	if s.PeekASN1Tag(asn1.SEQUENCE) {
		entries, err := read(&s, asn1.SEQUENCE)
		if err == nil {
			l.RevokedCertificates, err = parseEntries(entries)
		}
		if err != nil {
			return within("revokedCertificates", err)
		}
	}
	if l.CRLExtensions, _, err = parseExtensions(&s, explicit0, strict); err != nil {
		return within("crlExtensions", err)
	}
	return within("tbsCertList", l.end(s))
}

func (l *TBSCertList) parseNextUpdate(s *cryptobyte.String) error {
	switch err := l.NextUpdate.parseEither(s); {
	case err != nil:
		return err
	case l.NextUpdate.IsZero():
		return errors.New("the zero time means that there is none")
	case isTime(*s):
		return errors.New("there are two")
	}
	return nil
}

// end checks that nothing follows the last element of l, and says what may.
func (l *TBSCertList) end(s cryptobyte.String) error {
	switch {
	case s.Empty() || l.CRLExtensions != nil:
		return end(s)
	case l.RevokedCertificates != nil:
		return fmt.Errorf("found tag %#02x, expected crlExtensions, %#02x", s[0], uint8(explicit0))
	}
	return fmt.Errorf("found tag %#02x, expected revokedCertificates, %#02x, or crlExtensions, %#02x",
		s[0], uint8(asn1.SEQUENCE), uint8(explicit0))
}

// parseEntries reads all entries. The result is not nil, even if there are none.
func parseEntries(s cryptobyte.String) ([]RevokedCertificate, error) {
	entries := make([]RevokedCertificate, 0, countEntries(s))
	for i := 0; !s.Empty(); i++ {
		var c RevokedCertificate
		if err := c.parse(&s); err != nil {
			return nil, within(fmt.Sprintf("entry %d", i), err)
		}
		entries = append(entries, c)
	}
	return entries, nil
}

// countEntries returns how many entries s has if all are as they should be.
func countEntries(s cryptobyte.String) int {
	const shortest = 2 + 3 + 15 // SEQUENCE, INTEGER, UTCTime
	limit := len(s) / shortest
	n := 0
	for n < limit && s.SkipASN1(asn1.SEQUENCE) {
		n++
	}
	return n
}

func (c *RevokedCertificate) parse(entries *cryptobyte.String) error {
	s, err := read(entries, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if c.SerialNumber, err = readInteger(&s); err != nil {
		return within("userCertificate", err)
	}
	if err := c.RevocationDate.parseEither(&s); err != nil {
		return within("revocationDate", err)
	}
	if s.PeekASN1Tag(asn1.SEQUENCE) {
		extensions, err := read(&s, asn1.SEQUENCE)
		if err == nil {
			c.Extensions, _, err = parseExtensionList(extensions, strict)
		}
		if err != nil {
			return within("crlEntryExtensions", err)
		}
	}
	return end(s)
}

func isTime(s cryptobyte.String) bool {
	return s.PeekASN1Tag(asn1.UTCTime) || s.PeekASN1Tag(asn1.GeneralizedTime)
}

// parseEither reads either type of time. Raw is set if addEither would choose the
// other.
func (t *Time) parseEither(s *cryptobyte.String) error {
	whole := *s
	switch {
	case s.PeekASN1Tag(asn1.UTCTime):
		body, err := read(s, asn1.UTCTime)
		if err != nil {
			return err
		}
		text := string(body)
		t.Time, err = time.Parse(utcTime, text)
		if err != nil || t.Time.Format(utcTime) != text {
			return fmt.Errorf("%q is not of the form YYMMDDHHMMSSZ", text)
		}
		if t.Year() >= 2050 {
			t.Time = t.AddDate(-100, 0, 0)
		}
		return nil
	case s.PeekASN1Tag(asn1.GeneralizedTime):
		if err := t.parse(s, strict); err != nil {
			return err
		}
		if isUTCTime(t.Time) {
			t.Raw = before(whole, *s)
		}
		return nil
	case s.Empty():
		return errors.New("missing")
	}
	return fmt.Errorf("found tag %#02x, expected UTCTime, %#02x, or GeneralizedTime, %#02x",
		(*s)[0], uint8(asn1.UTCTime), uint8(asn1.GeneralizedTime))
}
