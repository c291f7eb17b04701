package fakeca

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	oidTLSFeature = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}
	oidNoRevAvail = asn1.ObjectIdentifier{2, 5, 29, 56}
	oidNoCheck    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
)

// MustStaple returns the TLS feature extension with status_request, known as
// must-staple (RFC 7633 section 4.2.3.1), for ExtraExtensions of a template.
func MustStaple() pkix.Extension {
	return pkix.Extension{
		Id:    slices.Clone(oidTLSFeature),
		Value: []byte{0x30, 0x03, 0x02, 0x01, 0x05}, // SEQUENCE { INTEGER status_request(5) }
	}
}

// NoRevAvail returns the extension that says that the CA publishes no revocation
// information about a certificate (RFC 9608 section 2), for ExtraExtensions of a
// template. Such a certificate must not name OCSP responders or CRLs (section 3).
// [CA.Issue] names them in it only if the template does.
func NoRevAvail() pkix.Extension {
	return pkix.Extension{Id: slices.Clone(oidNoRevAvail), Value: slices.Clone(null)}
}

// noCheck returns id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1).
func noCheck() pkix.Extension {
	return pkix.Extension{Id: slices.Clone(oidNoCheck), Value: slices.Clone(null)}
}

// TLSFeatures returns the numbers in a certificate's TLS feature extension (RFC
// 7633 section 4.1), of which 5 is status_request. It returns nil if the
// certificate has no such extension, and an empty slice if the extension lists
// nothing. An extension that is not a SEQUENCE OF INTEGER in DER, or has a number
// that is not from 0 to 65535, is an error.
func TLSFeatures(cert *x509.Certificate) ([]int, error) {
	if cert == nil {
		panic("fakeca: TLSFeatures needs a certificate")
	}
	i := slices.IndexFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidTLSFeature) })
	if i < 0 {
		return nil, nil
	}
	list, err := readOnly(cert.Extensions[i].Value, cryptobyte_asn1.SEQUENCE)
	features := []int{}
	for err == nil && !list.Empty() {
		var n uint16
		if !list.ReadASN1Integer(&n) {
			err = errors.New("an element is not an INTEGER from 0 to 65535")
		}
		features = append(features, int(n))
	}
	if err != nil {
		return nil, fmt.Errorf("fakeca: the TLS feature extension of %q: %w", cert.Subject, err)
	}
	return features, nil
}

func hasExtension(list []pkix.Extension, id asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(list, func(e pkix.Extension) bool { return e.Id.Equal(id) })
}

// parseExtensions reads a list that may be left out. raw is nil if the list is DER.
func parseExtensions(s *cryptobyte.String, tag cryptobyte_asn1.Tag, f form) (list []pkix.Extension, raw []byte, err error) {
	if !s.PeekASN1Tag(tag) {
		return nil, nil, nil
	}
	whole := *s
	elements, err := readExplicit(s, tag, cryptobyte_asn1.SEQUENCE)
	if err != nil {
		return nil, nil, err
	}
	list, isDER, err := parseExtensionList(nil, elements, f, parseOID)
	if err != nil {
		return nil, nil, err
	}
	if !isDER {
		raw = before(whole, *s)
	}
	return list, raw, nil
}

// parseExtensionList reads the content of Extensions and appends it to list.
func parseExtensionList(
	list []pkix.Extension, elements cryptobyte.String, f form, parseID func([]byte) (asn1.ObjectIdentifier, error),
) (_ []pkix.Extension, isDER bool, err error) {
	isDER = !elements.Empty()
	if !isDER && f == strict {
		return nil, false, errors.New("an empty list is left out (RFC 5280 section 4.1)")
	}
	for i := 0; !elements.Empty(); i++ {
		e, spelledOut, err := parseExtension(&elements, f, parseID)
		if err != nil {
			return nil, false, within(fmt.Sprintf("extension %d", i), err)
		}
		isDER = isDER && !spelledOut
		list = append(list, e)
	}
	return list, isDER, nil
}

// parseExtension reads one extension. spelledOut says that critical is FALSE,
// which DER leaves out.
func parseExtension(
	list *cryptobyte.String, f form, parseID func([]byte) (asn1.ObjectIdentifier, error),
) (e pkix.Extension, spelledOut bool, err error) {
	s, err := read(list, cryptobyte_asn1.SEQUENCE)
	if err != nil {
		return e, false, err
	}
	id, err := read(&s, cryptobyte_asn1.OBJECT_IDENTIFIER)
	if err != nil {
		return e, false, err
	}
	if e.Id, err = parseID(id); err != nil {
		return e, false, err
	}
	if s.PeekASN1Tag(cryptobyte_asn1.BOOLEAN) {
		critical, err := read(&s, cryptobyte_asn1.BOOLEAN)
		if err != nil {
			return e, false, within("critical", err)
		}
		e.Critical = bytes.Equal(critical, []byte{0xff})
		spelledOut = bytes.Equal(critical, []byte{0})
		if !e.Critical && (!spelledOut || f == strict) {
			return e, false, within("critical", errors.New("neither TRUE nor left out"))
		}
	}
	if e.Value, err = readBytes(&s, cryptobyte_asn1.OCTET_STRING); err != nil {
		return e, false, within("extnValue", err)
	}
	return e, spelledOut, end(s)
}

func addExtensions(b *cryptobyte.Builder, tag cryptobyte_asn1.Tag, list []pkix.Extension, raw []byte) {
	if raw != nil {
		b.AddBytes(raw)
		return
	}
	if list == nil {
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) { addExtensionList(b, list) })
}

func addExtensionList(b *cryptobyte.Builder, list []pkix.Extension) {
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, e := range list {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, e.Id)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}
