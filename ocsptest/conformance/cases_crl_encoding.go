package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// crlEncodingCases are CRLs that are not DER, or not what RFC 5280 section 5.1
// describes. Where there is something to sign, they are signed.
//
// A parser that stops at an element that it does not expect, and reports no error,
// sees no entries. So most cases are also there with a revoked certificate.
func crlEncodingCases() []*scenario {
	return listScenarios("crl-encoding/",
		misplacedElements(), listBytes(), listVersions(), listAlgorithms(), listExtensions(), crlNumbers())
}

// The tags of ASN.1 types.
const (
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagSequence    = 0x30
	tagSet         = 0x31
)

// misplacedElements are in tbsCertList.
func misplacedElements() []listCase {
	entries := func(raw func(all [][]byte) []byte) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = raw(entriesOf(m)) })
	}
	tagged := func(tag byte) func(*world) fakeca.CRL {
		return entries(func(all [][]byte) []byte { return encoded(tag, all...) })
	}
	const explicit0 = "explicit,tag:0"
	return []listCase{
		list("next-update-twice", "nextUpdate is there twice", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) {
				next := rawTime(utcTime, m.NextUpdate.UTC().Format("060102150405Z"))
				m.NextUpdate.Raw = slices.Concat(next, next)
			})).stillRevoked(),
		list("entries-set", "revokedCertificates is a SET instead of a SEQUENCE", refCRLSyntax, tagged(tagSet)).stillRevoked(),
		list("entries-tag-0", "revokedCertificates has the tag [0], which is that of crlExtensions", refCRLSyntax,
			tagged(0xa0)).stillRevoked().onlyRevoked(),
		list("entries-tag-1", "revokedCertificates has the tag [1]", refCRLSyntax, tagged(0xa1)).stillRevoked().onlyRevoked(),
		list("entries-null", "NULL stands before revokedCertificates", refCRLSyntax,
			entries(func(all [][]byte) []byte {
				return slices.Concat(asn1.NullBytes, encoded(tagSequence, all...))
			})).stillRevoked(),
		list("entries-twice", "", refCRLSyntax,
			entries(func(all [][]byte) []byte {
				return slices.Concat(encoded(tagSequence, all[:2]...), encoded(tagSequence, all[2:]...))
			})).stillRevoked().onlyRevoked().revoked("revokedCertificates is there twice, and only the second lists the certificate"),
		list("entries-empty", "revokedCertificates is present and empty", refCRLEmpty,
			always(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.RawRevokedCertificates = encoded(tagSequence) }})).
			tolerated().onlyGood(),
		list("extensions-first", "crlExtensions stand before revokedCertificates", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) {
				extensions := must(asn1.MarshalWithParams(m.CRLExtensions, explicit0))
				m.CRLExtensions = nil
				m.RawRevokedCertificates = slices.Concat(extensions, encoded(tagSequence, entriesOf(m)...))
			})).stillRevoked().onlyRevoked(),
		list("extensions-twice", "crlExtensions are there twice, and only the second list has an unknown critical extension", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.TBSCertList.Extra = must(asn1.MarshalWithParams([]pkix.Extension{unknownExtension(true)}, explicit0))
			})).onlyGood(),
		list("trailing", "NULL follows the last element of tbsCertList", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) { m.TBSCertList.Extra = asn1.NullBytes })).tolerated(),
	}
}

// listBytes are not a CertificateList in DER, or not only one.
func listBytes() []listCase {
	toPEM := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der}) }
	signature := func(raw func([]byte) []byte) func(*world) fakeca.CRL {
		return resealedCRL(func(m *fakeca.CRLMessage) { m.RawSignatureValue = raw(m.SignatureValue) })
	}
	return []listCase{
		list("pem", "the body is PEM instead of DER", refCRLPoint, mutatedCRL(toPEM)).tolerated().
			known("emqx/emqx#17135", "CESNET/libnetconf2#605", "nodejs/node#65576"),
		list("pem-two", "the body has two CRLs in PEM, first that of the root and then that of the issuer", refCRLPoint,
			func(w *world) fakeca.CRL {
				return mutatedCRL(func(der []byte) []byte { return slices.Concat(toPEM(w.root.CRL(fakeca.CRL{})), toPEM(der)) })(w)
			}).tolerated().known("emqx/emqx#17135"),
		list("indefinite-length", "the outer length is indefinite, as in BER", refCRLSyntax,
			mutatedCRL(func(der []byte) []byte {
				return slices.Concat([]byte{tagSequence, 0x80}, content(der), []byte{0, 0})
			})).tolerated(),
		list("long-length", "the outer length has a leading zero, as in BER", refCRLSyntax,
			mutatedCRL(func(der []byte) []byte {
				body := content(der)
				return slices.Concat([]byte{tagSequence, 0x83, 0, byte(len(body) >> 8), byte(len(body))}, body)
			})).tolerated().onlyGood(),
		list("entries-indefinite-length", "the length of revokedCertificates is indefinite, as in BER", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) {
				entries := slices.Concat(entriesOf(m)...)
				m.RawRevokedCertificates = slices.Concat([]byte{tagSequence, 0x80}, entries, []byte{0, 0})
			})).tolerated(),
		list("outer-tag", "the body is an OCTET STRING instead of a SEQUENCE", refCRLSyntax,
			mutatedCRL(func(der []byte) []byte {
				der[0] = tagOctetString
				return der
			})).onlyGood(),
		list("trailing-byte", "a byte follows the CRL", refCRLSyntax,
			mutatedCRL(func(der []byte) []byte { return append(der, 0) })).tolerated().onlyGood(),
		list("signature-octet-string", "the signature is an OCTET STRING instead of a BIT STRING", refCRLSignatureValue,
			signature(func(sig []byte) []byte { return encoded(tagOctetString, sig) })).onlyGood(),
		list("signature-missing", "there is no signature", refCRLSignatureValue,
			signature(func([]byte) []byte { return []byte{} })).onlyGood(),
		list("signature-unused-bits", "the last bit of the signature is 1, and is declared unused", refCRLSignatureValue,
			signature(func(sig []byte) []byte { return encoded(tagBitString, []byte{1}, odd(sig)) })).
			with(func(w *world) { w.replaceIssuer(x509.Certificate{}) }).tolerated().onlyGood(),
	}
}

// listVersions are about the version, and about what each version can have.
func listVersions() []listCase {
	noEntryExtensions := func(m *fakeca.CRLMessage) {
		for i := range m.RevokedCertificates {
			m.RevokedCertificates[i].Extensions = nil
		}
	}
	return []listCase{
		list("v1", "the version is v1, in which there are no extensions", refCRLVersion1,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.Version, m.CRLExtensions = 0, nil
				noEntryExtensions(m)
			})),
		list("v1-extensions", "the version is v1 although there are extensions", refCRLVersion,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.Version = 0
				noEntryExtensions(m)
			})).tolerated(),
		list("v1-entry-extensions", "the version is v1 although entries have extensions", refCRLVersion,
			editedCRL(func(m *fakeca.CRLMessage) { m.Version, m.CRLExtensions = 0, nil })).tolerated(),
		list("v1-spelled-out", "the version is v1, written as 0 instead of left out", refCRLVersionIsV2,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.RawVersion, m.CRLExtensions = []byte{2, 1, 0}, nil
				noEntryExtensions(m)
			})).tolerated().onlyGood(),
		list("v3", "the version is v3, which does not exist", refCRLVersionIsV2,
			editedCRL(func(m *fakeca.CRLMessage) { m.Version = 2 })).tolerated().onlyGood(),
	}
}

// listAlgorithms have identifiers of the signature algorithm that are wrong or
// unusual. The signatures are right.
func listAlgorithms() []listCase {
	withRSA := func(w *world) { w.replaceIssuer(x509.Certificate{}, fakeca.WithKey(rsaKey())) }
	withECDSA := func(w *world) { w.replaceIssuer(x509.Certificate{}) }
	both := func(parameters []byte) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) {
			m.Signature.Parameters, m.SignatureAlgorithm.Parameters = parameters, parameters
		})
	}
	return []listCase{
		list("algorithms-differ", "the algorithm is ECDSA with SHA-384 inside what is signed, and ECDSA with SHA-256, which was used, outside",
			refCRLAlgorithms,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.Signature.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
			})).with(withECDSA).stillRevoked(),
		list("algorithm-parameters-differ", "the algorithm has no parameters inside what is signed, and NULL outside", refCRLAlgorithms,
			editedCRL(func(m *fakeca.CRLMessage) { m.SignatureAlgorithm.Parameters = asn1.NullBytes })).
			with(withECDSA).tolerated().onlyGood(),
		list("algorithm-null", "the algorithm is ECDSA with NULL, where parameters must be absent", refECDSAParameters,
			both(asn1.NullBytes)).with(withECDSA).tolerated().onlyGood(),
		list("algorithm-without-null", "the algorithm is RSA with SHA-256, without the usual NULL", refRSAParameters, both(nil)).with(withRSA),
	}
}

// listExtensions are about the extensions of the list, except its number.
func listExtensions() []listCase {
	// A criticalExtension is a pkix.Extension whose critical is as it is written.
	type criticalExtension struct {
		ID       asn1.ObjectIdentifier
		Critical asn1.RawValue `asn1:"optional"`
		Value    []byte
	}
	extended := func(extra ...pkix.Extension) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, extra...) })
	}
	// written adds an unknown extension, and says whether it is critical in a byte.
	written := func(critical byte) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) {
			var all []criticalExtension
			for _, e := range append(m.CRLExtensions, unknownExtension(false)) {
				all = append(all, criticalExtension{ID: e.Id, Value: e.Value})
			}
			all[len(all)-1].Critical = asn1.RawValue{Tag: asn1.TagBoolean, Bytes: []byte{critical}}
			m.RawCRLExtensions = must(asn1.MarshalWithParams(all, "explicit,tag:0"))
		})
	}
	return []listCase{
		list("extension-unknown", "the CRL has an unknown extension that is not critical", refCRLExtensionsIgnored,
			extended(unknownExtension(false))).revoked("the CRL lists the certificate, and has an unknown extension that is not critical"),
		list("extension-critical", "", refCRLExtension, extended(unknownExtension(true))).stillRevoked().onlyRevoked().
			revoked("the CRL lists the certificate, and has an unknown critical extension").
			known("wolfSSL CVE-2026-6450", "bradh11/certmonitor#128"),
		list("extension-critical-as-1", "an unknown extension is critical, with TRUE written as 01 instead of ff", refCRLExtension,
			written(1)).onlyGood(),
		list("extension-critical-false", "an unknown extension is not critical, with FALSE written, which DER leaves out", refCRLSyntax,
			written(0)).tolerated().onlyGood(),
		list("extension-twice", "an unknown extension that is not critical is there twice", refOneOfEach,
			extended(unknownExtension(false), unknownExtension(false))).
			refusedBy("some clients refuse any extension that is there twice").onlyGood(),
	}
}

// crlNumbers are about the CRL number, which clients need only to compare CRLs.
func crlNumbers() []listCase {
	number := func(n *big.Int) func(*world) fakeca.CRL { return always(fakeca.CRL{Also: manyRevoked(3), Number: n}) }
	octets := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(0x42), 8*(n-1)) }
	return []listCase{
		list("number-missing", "there is no CRL number", refCRLNumber, withoutExtension(extCRLNumber)).tolerated().onlyGood(),
		list("number-zero", "the CRL number is zero", refCRLNumber, number(new(big.Int))).onlyGood(),
		list("number-20-octets", "the CRL number has 20 octets", refCRLNumberLength, number(octets(20))),
		list("number-21-octets", "the CRL number has 21 octets", refCRLNumberLength, number(octets(21))).tolerated().onlyGood(),
		list("number-negative", "the CRL number is negative", refCRLNumber, number(big.NewInt(-1))).tolerated().onlyGood().
			known("wolfSSL/wolfssl#8676"),
		list("number-critical", "the CRL number is in a critical extension", refCRLNumber,
			editedExtension(extCRLNumber, func(e *pkix.Extension) { e.Critical = true })).tolerated().onlyGood(),
		list("number-unreadable", "the CRL number is an OCTET STRING instead of an INTEGER", refCRLNumber,
			editedExtension(extCRLNumber, func(e *pkix.Extension) { e.Value = []byte{tagOctetString, 1, 7} })).tolerated().
			known("openssl/openssl#30024"),
		list("number-twice", "there are two CRL numbers", refOneOfEach,
			editedCRL(func(m *fakeca.CRLMessage) {
				m.CRLExtensions = append(m.CRLExtensions, pkix.Extension{Id: idCE(extCRLNumber), Value: []byte{2, 1, 7}})
			})).tolerated().onlyGood(),
	}
}
