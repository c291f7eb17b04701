package fakeca

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// A CRLMessage is a CertificateList on the wire, with a field for each ASN.1
// element of RFC 5280 section 5.1. Raw and Extra are as in a [Message].
type CRLMessage struct {
	TBSCertList
	SignatureAlgorithm AlgorithmIdentifier
	SignatureValue     []byte // nil: not signed yet
	RawSignatureValue  []byte // the BIT STRING
	Extra              []byte
	Raw                []byte
}

// TBSCertList is the signed part of a list.
type TBSCertList struct {
	Version                int    // 1 is v2; 0 is v1, which is left out
	RawVersion             []byte // the INTEGER
	Signature              AlgorithmIdentifier
	Issuer                 []byte // the DER of the name
	ThisUpdate             Time
	NextUpdate             Time                 // zero: left out
	RevokedCertificates    []RevokedCertificate // nil: left out; empty: an empty SEQUENCE
	RawRevokedCertificates []byte               // the SEQUENCE
	CRLExtensions          []pkix.Extension     // nil: left out
	RawCRLExtensions       []byte               // with the [0] around it
	Extra                  []byte
	Raw                    []byte
}

// RevokedCertificate is an entry of the list.
type RevokedCertificate struct {
	SerialNumber   *big.Int // userCertificate; nil: left out
	RevocationDate Time
	Extensions     []pkix.Extension // crlEntryExtensions; nil: left out
	RawExtensions  []byte           // the SEQUENCE
	Extra          []byte
	Raw            []byte
}

// Marshal returns the DER of the list. It panics as [Message.Marshal] does.
func (m *CRLMessage) Marshal() []byte { return marshal("CRLMessage", m) }

// Marshal returns the DER of tbsCertList, the bytes that are signed. It panics
// as [Message.Marshal] does.
func (l *TBSCertList) Marshal() []byte { return marshal("TBSCertList", l) }

// Marshal returns the DER of the entry, to be changed and set as Raw. It panics
// as [Message.Marshal] does.
func (c *RevokedCertificate) Marshal() []byte { return marshal("RevokedCertificate", c) }

// CheckSignatureFrom checks that the key in signer's certificate made the
// signature over tbsCertList, and that both signature algorithms are the same. It
// does not check whether signer may sign lists. It accepts SHA-1 and refuses MD5.
// TBSCertList.Raw, if it is set, is what is checked; else tbsCertList is encoded
// again.
func (m *CRLMessage) CheckSignatureFrom(signer *x509.Certificate) error {
	if signer == nil {
		panic("fakeca: CheckSignatureFrom needs the signer's certificate")
	}
	inside, outside := m.Signature, m.SignatureAlgorithm
	if !inside.Algorithm.Equal(outside.Algorithm) || !bytes.Equal(inside.Parameters, outside.Parameters) {
		return fmt.Errorf("fakeca: the signature algorithm of the CRL is %v with parameters %x inside, and %v with parameters %x outside",
			inside.Algorithm, inside.Parameters, outside.Algorithm, outside.Parameters)
	}
	signed := m.TBSCertList.Raw
	if signed == nil {
		signed = m.TBSCertList.Marshal()
	}
	return checkSignature("the CRL", signer, outside, signed, m.SignatureValue)
}

func (m *CRLMessage) add(b *cryptobyte.Builder) {
	addSequence(b, m.Raw, m.Extra, func(b *cryptobyte.Builder) {
		m.TBSCertList.add(b)
		m.SignatureAlgorithm.add(b)
		if m.RawSignatureValue != nil {
			b.AddBytes(m.RawSignatureValue)
		} else {
			b.AddASN1BitString(m.SignatureValue)
		}
	})
}

func (l *TBSCertList) add(b *cryptobyte.Builder) {
	addSequence(b, l.Raw, l.Extra, func(b *cryptobyte.Builder) {
		if l.RawVersion != nil {
			b.AddBytes(l.RawVersion)
		} else if l.Version != 0 {
			b.AddASN1Int64(int64(l.Version))
		}
		l.Signature.add(b)
		b.AddBytes(l.Issuer)
		l.ThisUpdate.addEither(b)
		if l.NextUpdate.Raw != nil || !l.NextUpdate.IsZero() {
			l.NextUpdate.addEither(b)
		}
		if l.RawRevokedCertificates != nil {
			b.AddBytes(l.RawRevokedCertificates)
		} else if l.RevokedCertificates != nil {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addEntries(b, l.RevokedCertificates) })
		}
		addExtensions(b, explicit0, l.CRLExtensions, l.RawCRLExtensions)
	})
}

func (c *RevokedCertificate) add(b *cryptobyte.Builder) {
	addSequence(b, c.Raw, c.Extra, func(b *cryptobyte.Builder) {
		if c.SerialNumber != nil {
			b.AddASN1BigInt(c.SerialNumber)
		}
		c.RevocationDate.addEither(b)
		if c.RawExtensions != nil {
			b.AddBytes(c.RawExtensions)
		} else if c.Extensions != nil {
			addExtensionList(b, c.Extensions)
		}
	})
}

// addEither adds the type of time that RFC 5280 section 5.1.2.4 requires in a
// CRL: UTCTime for the years 1950 to 2049, and GeneralizedTime for all others.
func (t *Time) addEither(b *cryptobyte.Builder) {
	if t.Raw != nil || !isUTCTime(t.Time) {
		t.add(b)
		return
	}
	b.AddASN1(asn1.UTCTime, func(b *cryptobyte.Builder) {
		b.AddBytes(t.UTC().AppendFormat(make([]byte, 0, len(utcTime)), utcTime))
	})
}

func isUTCTime(t time.Time) bool {
	year := t.UTC().Year()
	return 1950 <= year && year <= 2049
}

const utcTime = "060102150405Z"
