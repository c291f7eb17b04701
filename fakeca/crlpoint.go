package fakeca

import (
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A CRLPoint is a DistributionPoint (RFC 5280 section 4.2.1.13): where a CRL for
// the certificate is, for which reasons, and who signs it. Each part may be left
// out. [CRLDistributionPoints] and [FreshestCRL] make extensions for templates of
// [CA.Issue]; [CRLPointsOf] and [FreshestCRLOf] read them. For points with nothing
// but one URL each, set CRLDistributionPoints of the template.
type CRLPoint struct {
	// The names of the list, which make the fullName, in this order.
	URLs           []string // uniformResourceIdentifiers
	DirectoryNames [][]byte // the DER of each name, as in RawSubject of a certificate
	OtherNames     [][]byte // the DER of GeneralNames of other types

	// RelativeName is the DER of nameRelativeToCRLIssuer as a
	// [pkix.RelativeDistinguishedNameSET]. The list then has no other name.
	// crypto/x509 refuses certificates with it in CRLDistributionPoints, and so
	// CA.Issue panics.
	RelativeName []byte

	// Reasons are those that the list covers: any except Unspecified and
	// RemoveFromCRL. nil: all; empty: a BIT STRING without bits.
	Reasons []Reason

	// CRLIssuer has the DER of the name of who signs the list, if that is not the
	// issuer of the certificate.
	CRLIssuer [][]byte
}

// CRLDistributionPoints returns the extension that names CRLs in a certificate
// (RFC 5280 section 4.2.1.13), for ExtraExtensions of a template.
func CRLDistributionPoints(points ...CRLPoint) pkix.Extension {
	return pointsExtension("CRLDistributionPoints", extCRLDistributionPoints, points)
}

// FreshestCRL returns the extension that names delta CRLs in a certificate (RFC
// 5280 section 4.2.1.15), for ExtraExtensions of a template. In a list, set
// CRL.Freshest.
func FreshestCRL(points ...CRLPoint) pkix.Extension {
	return pointsExtension("FreshestCRL", extFreshestCRL, points)
}

func pointsExtension(function string, number int, points []CRLPoint) pkix.Extension {
	if len(points) == 0 {
		panic(fmt.Sprintf("fakeca: %s needs a point; leave the extension out for none", function))
	}
	for i := range points {
		if wrong := points[i].check(); wrong != "" {
			panic(fmt.Sprintf("fakeca: %s: point %d: %s", function, i, wrong))
		}
	}
	return newExtension(number, false, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for i := range points {
				b.AddASN1(cryptobyte_asn1.SEQUENCE, points[i].add)
			}
		})
	})
}

// CRLPointsOf returns the CRL distribution points among the extensions of a
// certificate, or nil if there are none. An extension that is not DER, that lists
// nothing or that is there twice is an error, and so are reasons that have no name
// in RFC 5280 and a CRLIssuer that is not a directoryName.
func CRLPointsOf(extensions []pkix.Extension) ([]CRLPoint, error) {
	points, err := parsePoints(extensions, extCRLDistributionPoints)
	return points, within("cRLDistributionPoints", err)
}

// FreshestCRLOf returns where delta CRLs are, from the extensions of a certificate
// or a list. Errors are as in [CRLPointsOf].
func FreshestCRLOf(extensions []pkix.Extension) ([]CRLPoint, error) {
	points, err := parsePoints(extensions, extFreshestCRL)
	return points, within("freshestCRL", err)
}

func parsePoints(extensions []pkix.Extension, number int) ([]CRLPoint, error) {
	value, err := extensionValue(extensions, number)
	if value == nil || err != nil {
		return nil, err
	}
	list, err := readOnly(value, cryptobyte_asn1.SEQUENCE)
	if err == nil && list.Empty() {
		err = errors.New("empty")
	}
	if err != nil {
		return nil, err
	}
	var points []CRLPoint
	for i := 0; !list.Empty(); i++ {
		s, err := read(&list, cryptobyte_asn1.SEQUENCE)
		var p CRLPoint
		if err == nil {
			err = p.parse(s)
		}
		if err != nil {
			return nil, within(fmt.Sprintf("point %d", i), err)
		}
		points = append(points, p)
	}
	return points, nil
}

// Names returns the names of the list, each as the DER of a GeneralName, so that
// they can be compared with those of [IssuingDistributionPoint.Names]. A
// RelativeName is appended to the name of CRLIssuer, or without one to
// certIssuer, the DER of the name of the certificate's issuer. A point without a
// name has those of CRLIssuer (RFC 5280 section 6.3.3, (b)(2)(i)).
func (p CRLPoint) Names(certIssuer []byte) [][]byte {
	name := p.name()
	if !name.present() {
		name.directories = p.CRLIssuer
	}
	if len(p.CRLIssuer) > 0 {
		certIssuer = p.CRLIssuer[0]
	}
	return name.generalNames(certIssuer)
}

func (p *CRLPoint) name() pointName {
	return pointName{p.URLs, p.DirectoryNames, p.OtherNames, p.RelativeName}
}

// check returns what is wrong with p and what to write instead, or "".
func (p *CRLPoint) check() string {
	name := p.name()
	if wrong := name.check(); wrong != "" {
		return wrong
	}
	if wrong := checkReasonFlags("Reasons", p.Reasons); wrong != "" {
		return wrong
	}
	return checkNames("CRLIssuer", p.CRLIssuer)
}

func (p *CRLPoint) add(b *cryptobyte.Builder) {
	if name := p.name(); name.present() {
		name.add(b)
	}
	if p.Reasons != nil {
		b.AddASN1(implicit(1), func(b *cryptobyte.Builder) { b.AddBytes(reasonFlags(p.Reasons)) })
	}
	if p.CRLIssuer != nil {
		b.AddASN1(explicit2, func(b *cryptobyte.Builder) { addDirectoryNames(b, p.CRLIssuer) })
	}
}

func (p *CRLPoint) parse(s cryptobyte.String) error {
	if s.PeekASN1Tag(explicit0) {
		name, err := parsePointName(&s)
		if err != nil {
			return within("distributionPoint", err)
		}
		p.URLs, p.DirectoryNames, p.OtherNames, p.RelativeName = name.urls, name.directories, name.others, name.relative
	}
	var err error
	if p.Reasons, err = parseReasonFlags(&s, implicit(1)); err != nil {
		return within("reasons", err)
	}
	if s.PeekASN1Tag(explicit2) {
		content, err := read(&s, explicit2)
		var names pointName
		if err == nil {
			names, err = parseGeneralNames(content)
		}
		if err == nil && len(names.urls)+len(names.others) > 0 {
			err = errors.New("not a directoryName")
		}
		if err != nil {
			return within("cRLIssuer", err)
		}
		p.CRLIssuer = names.directories
	}
	return end(s)
}

// checkReasonFlags returns what is wrong with reasons that become ReasonFlags, or
// "".
func checkReasonFlags(field string, reasons []Reason) string {
	for _, r := range reasons {
		if !r.valid() || r == Unspecified || r == RemoveFromCRL {
			return fmt.Sprintf("%s has %v, for which RFC 5280 section 4.2.1.13 has no bit; write the Value of the extension to send it", field, r)
		}
	}
	return ""
}

// The reason of each bit of ReasonFlags (RFC 5280 section 4.2.1.13). The first is
// not used.
var flagReasons = []Reason{
	1: KeyCompromise, 2: CACompromise, 3: AffiliationChanged, 4: Superseded,
	5: CessationOfOperation, 6: CertificateHold, 7: PrivilegeWithdrawn, 8: AACompromise,
}

// reasonFlags returns the content of a BIT STRING of ReasonFlags. In DER it ends
// with the last bit that is set.
func reasonFlags(reasons []Reason) []byte {
	var bits [2]byte
	n := 0
	for _, r := range reasons {
		bit := slices.Index(flagReasons, r)
		bits[bit/8] |= 0x80 >> (bit % 8)
		n = max(n, bit+1)
	}
	size := (n + 7) / 8
	return append([]byte{byte(8*size - n)}, bits[:size]...)
}

// parseReasonFlags reads ReasonFlags that may be left out, which gives nil. A BIT
// STRING without bits gives an empty slice.
func parseReasonFlags(s *cryptobyte.String, tag cryptobyte_asn1.Tag) ([]Reason, error) {
	if !s.PeekASN1Tag(tag) {
		return nil, nil
	}
	content, err := read(s, tag)
	if err == nil {
		err = checkBitString(content)
	}
	if err != nil {
		return nil, err
	}
	unused, bits := content[0], content[1:]
	if len(bits) > 0 && bits[len(bits)-1]>>unused&1 == 0 {
		return nil, errors.New("the last bit is not set, which DER leaves out")
	}
	reasons := []Reason{}
	for bit := range 8 * len(bits) {
		if bits[bit/8]<<(bit%8)&0x80 == 0 {
			continue
		}
		if bit == 0 || bit >= len(flagReasons) {
			return nil, fmt.Errorf("bit %d stands for no reason", bit)
		}
		reasons = append(reasons, flagReasons[bit])
	}
	return reasons, nil
}
