package fakeca

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The extensions of a CRL, of its entries and of certificates that name it, by
// their numbers below id-ce (RFC 5280 sections 4.2.1, 5.2 and 5.3).
const (
	extCRLNumber                = 20
	extReasonCode               = 21
	extInvalidityDate           = 24
	extDeltaCRLIndicator        = 27
	extIssuingDistributionPoint = 28
	extCertificateIssuer        = 29
	extCRLDistributionPoints    = 31
	extAuthorityKeyIdentifier   = 35
	extFreshestCRL              = 46
)

// newExtension returns the extension with this number below id-ce. It shares no
// memory, so that Edit can write to it.
func newExtension(number int, critical bool, value func(*cryptobyte.Builder)) pkix.Extension {
	var b cryptobyte.Builder
	value(&b)
	return pkix.Extension{Id: append(slices.Clone(idCE), number), Critical: critical, Value: b.BytesOrPanic()}
}

// extensions returns the extensions of the list itself.
func (c *CRL) extensions(signer *x509.Certificate) []pkix.Extension {
	all := []pkix.Extension{
		authorityKeyIdentifier(signer),
		integerExtension(extCRLNumber, false, c.Number),
	}
	if c.Base != nil {
		all = append(all, integerExtension(extDeltaCRLIndicator, true, c.Base))
	}
	if p := c.issuingDistributionPoint(); !p.isZero() {
		all = append(all, newExtension(extIssuingDistributionPoint, true, p.add))
	}
	if c.Freshest != nil {
		all = append(all, FreshestCRL(CRLPoint{URLs: c.Freshest}))
	}
	return all
}

func integerExtension(number int, critical bool, n *big.Int) pkix.Extension {
	return newExtension(number, critical, func(b *cryptobyte.Builder) { b.AddASN1BigInt(n) })
}

// authorityKeyIdentifier names the signer's key by its subject key identifier, or
// the one that this package would give it.
func authorityKeyIdentifier(signer *x509.Certificate) pkix.Extension {
	id := signer.SubjectKeyId
	if len(id) == 0 {
		id = keyID(signer.PublicKey)
	}
	return newExtension(extAuthorityKeyIdentifier, false, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(implicit(0), func(b *cryptobyte.Builder) { b.AddBytes(id) })
		})
	})
}

// certificateIssuer names the CA that issued the certificate of an entry and of
// those after it (RFC 5280 section 5.3.3).
func certificateIssuer(issuer *x509.Certificate) pkix.Extension {
	return newExtension(extCertificateIssuer, true, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { addDirectoryNames(b, [][]byte{issuer.RawSubject}) })
	})
}

// revokedCertificate returns the entry for r.
func revokedCertificate(r revocation) RevokedCertificate {
	entry := RevokedCertificate{SerialNumber: new(big.Int).Set(r.serial), RevocationDate: Time{Time: r.at}}
	if r.hasReason() {
		entry.Extensions = []pkix.Extension{reasonCode(r.reason)}
	}
	return entry
}

func reasonCode(r Reason) pkix.Extension {
	return newExtension(extReasonCode, false, func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(r)) })
}

// idCE is the object identifier above the extensions.
var idCE = asn1.ObjectIdentifier{2, 5, 29}

func implicit(tag uint8) cryptobyte_asn1.Tag { return cryptobyte_asn1.Tag(tag).ContextSpecific() }

func isIA5String(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}
