package fakeca

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The extensions of a CRL and of its entries, by their numbers below id-ce
// (RFC 5280 sections 5.2 and 5.3).
const (
	extCRLNumber                = 20
	extReasonCode               = 21
	extDeltaCRLIndicator        = 27
	extIssuingDistributionPoint = 28
	extCertificateIssuer        = 29
	extAuthorityKeyIdentifier   = 35
	extFreshestCRL              = 46
)

// newExtension returns the extension with this number below id-ce. It shares no
// memory, so that Edit can write to it.
func newExtension(number int, critical bool, value func(*cryptobyte.Builder)) pkix.Extension {
	var b cryptobyte.Builder
	value(&b)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, number}, Critical: critical, Value: b.BytesOrPanic()}
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
	if c.DistributionPoint != nil || c.OnlyUserCerts || c.OnlyCACerts || c.OnlyAttributeCerts || len(c.OnlySomeReasons) > 0 || c.Indirect {
		all = append(all, newExtension(extIssuingDistributionPoint, true, c.addIssuingDistributionPoint))
	}
	if c.Freshest != nil {
		all = append(all, newExtension(extFreshestCRL, false, func(b *cryptobyte.Builder) {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) { addPointName(b, c.Freshest) })
			})
		}))
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

// addIssuingDistributionPoint adds an IssuingDistributionPoint. DER leaves out
// flags that are false.
func (c *CRL) addIssuingDistributionPoint(b *cryptobyte.Builder) {
	flag := func(b *cryptobyte.Builder, tag uint8, set bool) {
		if set {
			b.AddASN1(implicit(tag), func(b *cryptobyte.Builder) { b.AddUint8(0xff) })
		}
	}
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if c.DistributionPoint != nil {
			addPointName(b, c.DistributionPoint)
		}
		flag(b, 1, c.OnlyUserCerts)
		flag(b, 2, c.OnlyCACerts)
		if len(c.OnlySomeReasons) > 0 {
			b.AddASN1(implicit(3), func(b *cryptobyte.Builder) { b.AddBytes(reasonFlags(c.OnlySomeReasons)) })
		}
		flag(b, 4, c.Indirect)
		flag(b, 5, c.OnlyAttributeCerts)
	})
}

// addPointName adds a distributionPoint with a fullName of these URLs.
func addPointName(b *cryptobyte.Builder, urls []string) {
	b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
		b.AddASN1(explicit0, func(b *cryptobyte.Builder) { // GeneralNames, implicit
			for _, url := range urls {
				b.AddASN1(implicit(6), func(b *cryptobyte.Builder) { b.AddBytes([]byte(url)) })
			}
		})
	})
}

// reasonFlags returns the content of a BIT STRING of ReasonFlags (RFC 5280
// section 4.2.1.13). In DER it ends with the last bit that is set.
func reasonFlags(reasons []Reason) []byte {
	var bits [2]byte
	last := 0
	for _, r := range reasons {
		bit := int(r)
		if r > RemoveFromCRL {
			bit -= 2 // 7 and RemoveFromCRL have no bit
		}
		bits[bit/8] |= 0x80 >> (bit % 8)
		last = max(last, bit)
	}
	return append([]byte{byte(7 - last%8)}, bits[:last/8+1]...)
}

// certificateIssuer names the CA that issued the certificate of an entry and of
// those after it (RFC 5280 section 5.3.3).
func certificateIssuer(issuer *x509.Certificate) pkix.Extension {
	return newExtension(extCertificateIssuer, true, func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cryptobyte_asn1.Tag(4).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(issuer.RawSubject) })
		})
	})
}

// revokedCertificate returns the entry for r.
func revokedCertificate(r revocation) RevokedCertificate {
	entry := RevokedCertificate{SerialNumber: new(big.Int).Set(r.serial), RevocationDate: Time{Time: r.at}}
	if r.reason != Unspecified || r.explicitReason {
		entry.Extensions = []pkix.Extension{{
			Id:    asn1.ObjectIdentifier{2, 5, 29, extReasonCode},
			Value: []byte{byte(cryptobyte_asn1.ENUM), 1, byte(r.reason)},
		}}
	}
	return entry
}

func implicit(tag uint8) cryptobyte_asn1.Tag { return cryptobyte_asn1.Tag(tag).ContextSpecific() }

func isIA5String(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}
