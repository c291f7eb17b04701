package fakeca

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// An IssuingDistributionPoint is the extension that says which certificates a list
// covers (RFC 5280 section 5.2.5). [CA.CRL] makes it from the fields of a [CRL].
type IssuingDistributionPoint struct {
	// The names of the list, as in a [CRLPoint].
	URLs           []string
	DirectoryNames [][]byte
	OtherNames     [][]byte
	RelativeName   []byte

	OnlyUserCerts      bool
	OnlyCACerts        bool
	OnlyAttributeCerts bool
	OnlySomeReasons    []Reason // nil: all; empty: a BIT STRING without bits
	Indirect           bool
}

// IssuingDistributionPoint returns the extension of that name, or nil if the list
// has none. An extension that is not DER or that is there twice is an error, and
// so are reasons that have no name in RFC 5280. It may be an empty SEQUENCE, and
// several of the Only fields may be true; RFC 5280 forbids both.
func (l *TBSCertList) IssuingDistributionPoint() (*IssuingDistributionPoint, error) {
	value, err := extensionValue(l.CRLExtensions, extIssuingDistributionPoint)
	if value == nil && err == nil {
		return nil, nil
	}
	p := new(IssuingDistributionPoint)
	if err == nil {
		err = p.parse(value)
	}
	if err != nil {
		return nil, within("issuingDistributionPoint", err)
	}
	return p, nil
}

// Names returns the names of the list, each as the DER of a GeneralName. A
// RelativeName is appended to crlIssuer, the DER of the name of the list's issuer.
func (p *IssuingDistributionPoint) Names(crlIssuer []byte) [][]byte {
	name := p.name()
	return name.generalNames(crlIssuer)
}

func (p *IssuingDistributionPoint) name() pointName {
	return pointName{p.URLs, p.DirectoryNames, p.OtherNames, p.RelativeName}
}

func (p *IssuingDistributionPoint) isZero() bool {
	name := p.name()
	return !name.present() && !p.OnlyUserCerts && !p.OnlyCACerts && !p.OnlyAttributeCerts && p.OnlySomeReasons == nil && !p.Indirect
}

// issuingDistributionPoint returns what c says in the extension.
func (c *CRL) issuingDistributionPoint() *IssuingDistributionPoint {
	return &IssuingDistributionPoint{
		URLs: c.DistributionPoint, DirectoryNames: c.DirectoryNames, RelativeName: c.RelativeName,
		OnlyUserCerts: c.OnlyUserCerts, OnlyCACerts: c.OnlyCACerts, OnlyAttributeCerts: c.OnlyAttributeCerts,
		OnlySomeReasons: c.OnlySomeReasons, Indirect: c.Indirect,
	}
}

func (p *IssuingDistributionPoint) parse(value cryptobyte.String) error {
	s, err := readOnly(value, cryptobyte_asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if s.PeekASN1Tag(explicit0) {
		name, err := parsePointName(&s)
		if err != nil {
			return within("distributionPoint", err)
		}
		p.URLs, p.DirectoryNames, p.OtherNames, p.RelativeName = name.urls, name.directories, name.others, name.relative
	}
	if p.OnlyUserCerts, err = parseFlag(&s, implicit(1)); err != nil {
		return within("onlyContainsUserCerts", err)
	}
	if p.OnlyCACerts, err = parseFlag(&s, implicit(2)); err != nil {
		return within("onlyContainsCACerts", err)
	}
	if p.OnlySomeReasons, err = parseReasonFlags(&s, implicit(3)); err != nil {
		return within("onlySomeReasons", err)
	}
	if p.Indirect, err = parseFlag(&s, implicit(4)); err != nil {
		return within("indirectCRL", err)
	}
	if p.OnlyAttributeCerts, err = parseFlag(&s, implicit(5)); err != nil {
		return within("onlyContainsAttributeCerts", err)
	}
	return end(s)
}

// parseFlag reads a BOOLEAN that is FALSE by default, which DER leaves out.
func parseFlag(s *cryptobyte.String, tag cryptobyte_asn1.Tag) (bool, error) {
	if !s.PeekASN1Tag(tag) {
		return false, nil
	}
	content, err := read(s, tag)
	if err == nil && (len(content) != 1 || content[0] != 0xff) {
		err = errors.New("neither TRUE nor left out")
	}
	return err == nil, err
}

func (p *IssuingDistributionPoint) add(b *cryptobyte.Builder) {
	flag := func(b *cryptobyte.Builder, tag uint8, set bool) {
		if set {
			b.AddASN1(implicit(tag), func(b *cryptobyte.Builder) { b.AddUint8(0xff) })
		}
	}
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if name := p.name(); name.present() {
			name.add(b)
		}
		flag(b, 1, p.OnlyUserCerts)
		flag(b, 2, p.OnlyCACerts)
		if p.OnlySomeReasons != nil {
			b.AddASN1(implicit(3), func(b *cryptobyte.Builder) { b.AddBytes(reasonFlags(p.OnlySomeReasons)) })
		}
		flag(b, 4, p.Indirect)
		flag(b, 5, p.OnlyAttributeCerts)
	})
}
