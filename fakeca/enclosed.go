package fakeca

import (
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// What requests and answers both enclose: certificates and extensions.

func parseCerts(s *cryptobyte.String) ([][]byte, error) {
	explicit, err := read(s, explicit0)
	if err != nil {
		return nil, err
	}
	list, err := readOnly(explicit, asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	certs := [][]byte{}
	for i := 0; !list.Empty(); i++ {
		whole := list
		cert, err := read(&list, asn1.SEQUENCE)
		if err == nil {
			err = checkCert(cert)
		}
		if err != nil {
			return nil, in(fmt.Sprintf("certificate %d", i), err)
		}
		certs = append(certs, slices.Clip(whole[:len(whole)-len(list)]))
	}
	return certs, nil
}

// checkCert checks that a certificate has its three parts; who uses it reads
// it with crypto/x509.
func checkCert(s cryptobyte.String) error {
	for _, tag := range []asn1.Tag{asn1.SEQUENCE, asn1.SEQUENCE, asn1.BIT_STRING} {
		if _, err := read(&s, tag); err != nil {
			return err
		}
	}
	return end(s)
}

func parseExtensions(s *cryptobyte.String, tag asn1.Tag) ([]pkix.Extension, error) {
	if !s.PeekASN1Tag(tag) {
		return nil, nil
	}
	explicit, err := read(s, tag)
	if err != nil {
		return nil, err
	}
	list, err := readOnly(explicit, asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	if list.Empty() {
		return nil, errors.New("an empty list is left out (RFC 5280 section 4.1)")
	}
	var extensions []pkix.Extension
	for i := 0; !list.Empty(); i++ {
		e, err := parseExtension(&list)
		if err != nil {
			return nil, in(fmt.Sprintf("extension %d", i), err)
		}
		extensions = append(extensions, e)
	}
	return extensions, nil
}

func parseExtension(list *cryptobyte.String) (e pkix.Extension, err error) {
	s, err := read(list, asn1.SEQUENCE)
	if err != nil {
		return e, err
	}
	if e.Id, err = readOID(&s); err != nil {
		return e, err
	}
	if s.PeekASN1Tag(asn1.BOOLEAN) {
		critical, err := read(&s, asn1.BOOLEAN)
		if err != nil {
			return e, in("critical", err)
		}
		if len(critical) != 1 || critical[0] != 0xff {
			return e, in("critical", errors.New("neither TRUE nor left out"))
		}
		e.Critical = true
	}
	if e.Value, err = readBytes(&s, asn1.OCTET_STRING); err != nil {
		return e, in("extnValue", err)
	}
	return e, end(s)
}
