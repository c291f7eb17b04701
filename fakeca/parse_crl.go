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
		t.Time, err = parseUTCTime(body)
		return err
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

// parseUTCTime does what time.Parse would, in a fraction of the time: a list can
// have a million of them. The year is from 1950 to 2049 (RFC 5280 section
// 4.1.2.5.1).
func parseUTCTime(body []byte) (time.Time, error) {
	var n [6]int // year, month, day, hour, minute, second
	ok := len(body) == len(utcTime) && body[12] == 'Z'
	for i := 0; ok && i < len(n); i++ {
		tens, ones := body[2*i]-'0', body[2*i+1]-'0'
		n[i] = int(tens)*10 + int(ones)
		ok = tens <= 9 && ones <= 9
	}
	year := 2000 + n[0]
	if n[0] >= 50 {
		year = 1900 + n[0]
	}
	t := time.Date(year, time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	_, month, day := t.Date()
	if !ok || int(month) != n[1] || day != n[2] || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return time.Time{}, fmt.Errorf("%q is not of the form YYMMDDHHMMSSZ", body)
	}
	return t, nil
}
