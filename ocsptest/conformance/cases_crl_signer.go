package conformance

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// crlSignerCases are about who signed a CRL, with which key and algorithm, and
// about what the CRL says of its issuer.
//
// Left out: CRLs of an issuer that the certificate names, which are indirect.
func crlSignerCases() []*scenario {
	return listScenarios("crl-signer/",
		issuerKeyUsages(), authorityKeyIDs(), listIssuers(), listsInIssuersName(), rollovers(), changedLists(), listKeys())
}

// othersRevoked returns a CRL of three other certificates.
func othersRevoked() func(*world) fakeca.CRL { return always(fakeca.CRL{Also: manyRevoked(3)}) }

// listSignedBy returns a CRL of three other certificates with another signer.
func listSignedBy(signer func(*world) *fakeca.Leaf) func(*world) fakeca.CRL {
	return func(w *world) fakeca.CRL { return fakeca.CRL{Also: manyRevoked(3), Signer: signer(w)} }
}

// issuerKeyUsages are about what the issuer may sign.
func issuerKeyUsages() []listCase {
	issuerFor := func(usage x509.KeyUsage) func(*world) {
		return func(w *world) { w.replaceIssuer(x509.Certificate{KeyUsage: usage}) }
	}
	return []listCase{
		list("without-crl-sign", "the key usage of the issuer lacks cRLSign", refCRLSign, othersRevoked()).
			with(issuerFor(x509.KeyUsageCertSign|x509.KeyUsageDigitalSignature)).stillRevoked().
			known("dogtagpki/jss#1006", "bradh11/certmonitor#128"),
		list("only-as-ca", "the key usage of the issuer has keyCertSign and cRLSign, and not digitalSignature", refCRLSign, othersRevoked()).
			with(issuerFor(x509.KeyUsageCertSign | x509.KeyUsageCRLSign)).onlyGood(),
		list("without-key-usage", "the certificate of the issuer has no key usage, and so no limit on what it signs", refCRLSign,
			othersRevoked()).with(issuerWithoutKeyUsage),
	}
}

// issuerWithoutKeyUsage makes an intermediate without a key usage the issuer of the
// leaf. Those of fakeca always have one.
func issuerWithoutKeyUsage(w *world) {
	w.replaceIssuer(x509.Certificate{})
	cert := *w.ca.Cert
	cert.KeyUsage = 0
	der := must(x509.CreateCertificate(rand.Reader, &cert, w.root.Cert, w.ca.Key.Public(), w.root.Key))
	chain := slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), w.root.CertPEM())
	w.ca = must(fakeca.Load(chain, w.ca.KeyPEM(), fakeca.WithClock(w.clock.now)))
	w.ca.Issuer = w.root // which has a record, unlike its copy from Load
	w.responder.Add(w.ca)
}

// authorityKeyIDs are about the extension that names the key of the signer. The
// signature is by the key of the issuer in all of them.
func authorityKeyIDs() []listCase {
	value := func(value func(w *world) []byte) func(*world) fakeca.CRL {
		return func(w *world) fakeca.CRL {
			return editedExtension(extAuthorityKeyID, func(e *pkix.Extension) { e.Value = value(w) })(w)
		}
	}
	keyID := func(cert *x509.Certificate) []byte { return encoded(0x80, cert.SubjectKeyId) }
	// certificate names one by its issuer and serial number.
	certificate := func(issuer []byte, serial *big.Int) []byte {
		number := must(asn1.MarshalWithParams(serial, "tag:2"))
		return slices.Concat(encoded(0xa1, encoded(0xa4, issuer)), number)
	}
	const signatureOnly = "; some clients go by the signature"
	byName := list("key-id-by-certificate", "the authority key identifier names the issuer's certificate, and not its key", refCRLKeyID,
		value(func(w *world) []byte {
			return encoded(tagSequence, certificate(w.ca.Cert.RawIssuer, w.ca.Cert.SerialNumber))
		})).tolerated().onlyGood()
	otherKey := list("key-id-of-other", "the authority key identifier is that of the root's key", refCRLKeyID,
		value(func(w *world) []byte { return encoded(tagSequence, keyID(w.root.Cert)) })).tolerated().
		known("7ritn/VaulTLS#166", "NeySlim/ultimate-ca-manager#202")
	otherName := list("key-id-by-other-certificate", "the authority key identifier names a certificate that does not exist", refCRLKeyID,
		value(func(w *world) []byte {
			return encoded(tagSequence, certificate(w.ca.Cert.RawIssuer, big.NewInt(42)))
		})).tolerated().onlyGood()
	otherKey.why, otherName.why = signatureOnly, signatureOnly
	return []listCase{
		list("key-id-missing", "there is no authority key identifier", refCRLKeyID, withoutExtension(extAuthorityKeyID)).tolerated().onlyGood(),
		list("key-id-empty", "the authority key identifier is an empty SEQUENCE", refCRLKeyID,
			value(func(*world) []byte { return encoded(tagSequence) })).tolerated().onlyGood(),
		list("key-id-unreadable", "the authority key identifier is NULL", refCRLKeyID,
			value(func(*world) []byte { return asn1.NullBytes })).tolerated().onlyGood(),
		otherKey,
		byName,
		otherName,
		list("key-id-and-certificate", "the authority key identifier names the issuer's key and the issuer's certificate", refCRLKeyID,
			value(func(w *world) []byte {
				return encoded(tagSequence, keyID(w.ca.Cert), certificate(w.ca.Cert.RawIssuer, w.ca.Cert.SerialNumber))
			})),
		list("key-id-critical", "the authority key identifier is critical", refKeyIDNotCritical,
			editedExtension(extAuthorityKeyID, func(e *pkix.Extension) { e.Critical = true })).
			refusedBy("some clients do not process it, and so must refuse it").onlyGood(),
	}
}

// listIssuers are CRLs with the name of somebody else, or without a name.
func listIssuers() []listCase {
	crlSigner := func(w *world) *fakeca.Leaf {
		return w.ca.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "CRL signer"}, KeyUsage: x509.KeyUsageCRLSign})
	}
	siblingCA := func(w *world) *fakeca.Leaf {
		return asSigner(w.intermediate(x509.Certificate{}, fakeca.WithName("another intermediate")))
	}
	return []listCase{
		list("delegate", "the issuer certified another key for CRLs, which signs the CRL in its own name, and the CRL is not indirect",
			refCRLIssuer, listSignedBy(crlSigner)).stillRevoked(),
		list("ocsp-signer", "the issuer's delegate for OCSP signs the CRL", refCRLIssuer,
			listSignedBy(func(w *world) *fakeca.Leaf { return w.ca.OCSPSigner() })).onlyGood(),
		list("leaf", "the certificate signs the CRL that is about itself", refCRLIssuer,
			listSignedBy(func(w *world) *fakeca.Leaf { return w.leaf })).onlyGood(),
		list("sibling-ca", "another CA below the same root signs the CRL", refCRLIssuer, listSignedBy(siblingCA)).
			known("Mbed-TLS/mbedtls#433", "apache/servicecomb-java-chassis#2432"),
		list("empty-name", "the name of the CRL's issuer is empty", refCRLIssuerName,
			editedCRL(func(m *fakeca.CRLMessage) { m.Issuer = encoded(tagSequence) })).onlyGood(),
		list("other-string-type", "the CRL has the issuer's name as UTF8String, and the certificate as PrintableString", refNameComparison,
			editedCRL(func(m *fakeca.CRLMessage) {
				const printable, utf8 = 0x13, 0x0c
				commonName := []byte{6, 3, 0x55, 4, 3}
				m.Issuer = bytes.ReplaceAll(m.Issuer, append(commonName, printable), append(commonName, utf8))
			})).tolerated().onlyGood(),
	}
}

// listsInIssuersName have the name of the issuer, and are signed with a key that is
// not the issuer's.
func listsInIssuersName() []listCase {
	signedWith := func(key func(*world) crypto.Signer) func(*world) fakeca.CRL {
		return listSignedBy(func(w *world) *fakeca.Leaf { return &fakeca.Leaf{Cert: w.ca.Cert, Key: key(w)} })
	}
	seen := []string{"Mbed-TLS/mbedtls#1784", "cloudflare/cfssl#338"}
	return []listCase{
		list("root-key", "the CRL has the issuer's name, and is signed with the key of the root above it", refCRLSignature,
			signedWith(func(w *world) crypto.Signer { return w.root.Key })).onlyGood().known(seen...),
		list("leaf-key", "the CRL has the issuer's name, and is signed with the key of the certificate that it is about", refCRLSignature,
			signedWith(func(w *world) crypto.Signer { return w.leaf.Key })).onlyGood().known(seen...),
		list("delegate-key", "the CRL has the issuer's name, and is signed with the key of the issuer's delegate for OCSP", refCRLSignature,
			signedWith(func(w *world) crypto.Signer { return w.ca.OCSPSigner().Key })).onlyGood(),
	}
}

// rollovers are CRLs of an issuer that has another certificate, with another key.
func rollovers() []listCase {
	// twoKeys has the server send both certificates.
	twoKeys := func(w *world) {
		w.other = w.intermediate(x509.Certificate{RawSubject: w.ca.Cert.RawSubject})
		w.responder.Add(w.other)
		w.sendChain(nil, func() []*x509.Certificate { return []*x509.Certificate{w.leaf.Cert, w.ca.Cert, w.other.Cert} })
	}
	withOtherKey := listSignedBy(func(w *world) *fakeca.Leaf { return asSigner(w.other) })
	// separateKey makes a certificate with the name of the issuer, only for CRLs.
	separateKey := func(w *world) {
		w.other = w.intermediate(x509.Certificate{RawSubject: w.ca.Cert.RawSubject, KeyUsage: x509.KeyUsageCRLSign})
		w.responder.Add(w.other)
	}
	namingSigner := func(w *world) fakeca.CRL {
		c := withOtherKey(w)
		url := w.responder.IssuerURL(w.other)
		c.Edit = func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, caIssuers(url)) }
		return c
	}
	oldKey := list("rollover-old-key", "the issuer has a new key, and its old one, whose certificate the server sends too, signs the CRL",
		refCRLScopeOfName, withOtherKey).with(twoKeys).tolerated()
	oldKey.why = "; some clients check CRLs only with the key of the certificate's issuer"
	separate := list("separate-key", "the issuer has another certificate, with another key, for CRLs, and the CRL says where it is",
		refCRLSeparateKey, namingSigner).with(separateKey).tolerated()
	separate.why = "; some clients get it there"
	return []listCase{
		list("rollover", "the issuer has a new key, and the server also sends the certificate of its old one", refCRLSignature, othersRevoked()).
			with(twoKeys).known("vitessio/vitess#21054", "grpc/grpc#35931"),
		oldKey,
		separate,
	}
}

// caIssuers returns the authorityInfoAccess that says where the certificate of a
// CRL's issuer is (RFC 5280 section 5.2.7).
func caIssuers(url string) pkix.Extension {
	type accessDescription struct {
		Method   asn1.ObjectIdentifier
		Location asn1.RawValue
	}
	return pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1},
		Value: must(asn1.Marshal([]accessDescription{{
			Method:   asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 2},
			Location: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(url)},
		}})),
	}
}

// changedLists were changed after they were signed.
func changedLists() []listCase {
	resealed := func(change func(*fakeca.CRLMessage, *world)) func(*world) fakeca.CRL {
		return func(w *world) fakeca.CRL {
			return resealedCRL(func(m *fakeca.CRLMessage) { change(m, w) })(w)
		}
	}
	return []listCase{
		list("entry-removed", "", refCRLSignature, resealed(func(m *fakeca.CRLMessage, w *world) {
			m.RevokedCertificates = slices.DeleteFunc(m.RevokedCertificates, func(e fakeca.RevokedCertificate) bool {
				return e.SerialNumber.Cmp(w.leaf.Cert.SerialNumber) == 0
			})
		})).onlyRevoked().revoked("somebody took the certificate's entry out of the CRL after it was signed").
			known("Mbed-TLS/mbedtls#1784", "cloudflare/cfssl#338"),
		list("entry-added", "somebody added the certificate to the CRL after it was signed", refCRLSignature,
			resealed(func(m *fakeca.CRLMessage, w *world) {
				m.RevokedCertificates[0].SerialNumber = w.leaf.Cert.SerialNumber
			})).onlyGood(),
		list("next-update-changed", "the CRL has expired, and somebody set another nextUpdate after it was signed", refCRLSignature,
			func(w *world) fakeca.CRL {
				c := outdatedCRL(w.ca)
				c.Mutate = func(der []byte) []byte {
					m := must(fakeca.ParseCRLMessage(der))
					m.NextUpdate.Time = w.ca.Now().Add(day)
					return m.Marshal()
				}
				return c
			}).onlyGood(),
		list("signature-of-other", "the signature is that of another CRL of the issuer", refCRLSignature,
			resealed(func(m *fakeca.CRLMessage, w *world) {
				m.SignatureValue = must(fakeca.ParseCRLMessage(w.ca.CRL(fakeca.CRL{}))).SignatureValue
			})).onlyGood(),
		list("signature-empty", "the signature is an empty BIT STRING", refCRLSignature,
			resealed(func(m *fakeca.CRLMessage, _ *world) { m.SignatureValue = []byte{} })).onlyGood(),
	}
}

// listKeys are about the key of the issuer, and the algorithm of the signature.
func listKeys() []listCase {
	issuerWith := func(key func() crypto.Signer) func(*world) {
		return func(w *world) { w.replaceIssuer(x509.Certificate{}, fakeca.WithKey(key())) }
	}
	signedBy := func(algorithm x509.SignatureAlgorithm) func(*world) fakeca.CRL {
		return always(fakeca.CRL{Also: manyRevoked(3), SignatureAlgorithm: algorithm})
	}
	// named has an algorithm that was not used to sign.
	named := func(algorithm fakeca.AlgorithmIdentifier) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) { m.Signature, m.SignatureAlgorithm = algorithm, algorithm })
	}
	return []listCase{
		list("p384", "the issuer has a P-384 key", refECDSAWithSHA2, othersRevoked()).with(issuerWith(p384Key)),
		list("p256-sha512", "the issuer signs with a P-256 key and SHA-512, which public CAs may not combine", refECDSAWithSHA2,
			signedBy(x509.ECDSAWithSHA512)).with(issuerWith(p256Key)).onlyGood(),
		list("rsa", "the issuer has an RSA key", refRSAWithSHA512, othersRevoked()).with(issuerWith(rsaKey)),
		list("rsa-sha512", "the issuer signs with RSA and SHA-512", refRSAWithSHA512, signedBy(x509.SHA512WithRSA)).
			with(issuerWith(rsaKey)).onlyGood(),
		list("rsa-pss-sha512", "the issuer signs with RSA-PSS and SHA-512", refRSAPSS, signedBy(x509.SHA512WithRSAPSS)).
			with(issuerWith(rsaKey)).refusedBy("some clients do not know RSA-PSS here").onlyGood(),
		list("ed25519", "the issuer has an Ed25519 key", refCRLOtherAlgorithms, othersRevoked()).with(issuerWith(ed25519Key)).
			refusedBy("some clients do not know it").onlyGood(),
		list("ecdsa-sha1", "the issuer signs with ECDSA and SHA-1", refP256NeedsSHA256, signedBy(x509.ECDSAWithSHA1)).with(issuerWith(p256Key)).
			onlyRevoked().refusedBy("some clients refuse SHA-1"),
		list("rsa-sha1", "the issuer signs with RSA and SHA-1", refRSANeedsSHA2, signedBy(x509.SHA1WithRSA)).
			with(issuerWith(rsaKey)).refusedBy("some clients refuse SHA-1").onlyGood(),
		list("algorithm-unknown", "the CRL names an algorithm that does not exist", refCRLOtherAlgorithms,
			named(fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 25, 1}})).onlyGood(),
		list("algorithm-of-other-key", "the CRL names RSA with SHA-256, and is signed with ECDSA", refCRLSignature,
			named(fakeca.AlgorithmIdentifier{
				Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11},
				Parameters: asn1.NullBytes,
			})).with(issuerWith(p256Key)).onlyGood(),
		list("algorithm-not-used", "the CRL names ECDSA with SHA-384, and is signed with SHA-256", refCRLSignature,
			named(fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}})).with(issuerWith(p256Key)).onlyGood(),
	}
}
