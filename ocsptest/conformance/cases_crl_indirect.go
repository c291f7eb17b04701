package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// crlIndirectCases are about CRLs for several CAs, and from a CRL issuer that is not
// the issuer of the certificate. Public CAs have none (Baseline Requirements section
// 7.2).
func crlIndirectCases() []*scenario {
	return onlyCRLs(byCRLIssuer(), wrongCRLIssuers(), certificateIssuers())
}

// Why clients differ.
const (
	indirectOptional = "; clients need not understand the issuing distribution point, and few know indirect CRLs"
	entryHeeded      = "; some clients heed the entry"
)

const indirectPath = "/indirect.crl"

// byRoot has the leaf name the root as the issuer of its CRL.
func byRoot(describe func(w *world, url string) fakeca.CRL) func(*world) {
	return func(w *world) {
		url := w.responder.URL + indirectPath
		w.responder.AddCRL(w.root, indirectPath, describe(w, url))
		w.namePoints(fakeca.CRLPoint{URLs: []string{url}, CRLIssuer: [][]byte{w.root.Cert.RawSubject}})
	}
}

// ofBoth returns the list of the root that is also for the leaf's issuer.
func ofBoth(w *world, url string) fakeca.CRL {
	return fakeca.CRL{Others: []*fakeca.CA{w.ca}, DistributionPoint: []string{url}}
}

// editedOfBoth is ofBoth, changed before it is signed.
func editedOfBoth(edit func(*fakeca.CRLMessage)) func(*world, string) fakeca.CRL {
	return func(w *world, url string) fakeca.CRL {
		c := ofBoth(w, url)
		c.Edit = edit
		return c
	}
}

// byCRLIssuer are lists from the root about leaves of the intermediate.
func byCRLIssuer() []*scenario {
	// another is an intermediate that revoked a certificate with the leaf's serial
	// number, after one with a lower serial number.
	another := func(w *world, url string) fakeca.CRL {
		w.tmpl.SerialNumber = big.NewInt(0x1000)
		other := w.root.Intermediate(fakeca.WithName("another intermediate"))
		other.Revoke(big.NewInt(1), fakeca.Superseded)
		other.Revoke(w.tmpl.SerialNumber, fakeca.KeyCompromise)
		return fakeca.CRL{Others: []*fakeca.CA{other, w.ca}, DistributionPoint: []string{url}}
	}
	nameless := func(idp func(*world) []byte) func(*world) {
		return func(w *world) {
			url := w.responder.AddCRL(w.root, indirectPath, fakeca.CRL{Others: []*fakeca.CA{w.ca}, DirectoryNames: [][]byte{idp(w)}})
			root := [][]byte{w.root.Cert.RawSubject}
			w.namePoints(fakeca.CRLPoint{CRLIssuer: root}, fakeca.CRLPoint{URLs: []string{url}, CRLIssuer: root})
		}
	}
	return []*scenario{
		{
			name:     "crl-indirect/good",
			doc:      "the certificate names the root as the issuer of its CRL, which is indirect" + indirectOptional,
			ref:      refCRLIssuerNamed,
			also:     Says{CRL: Invalid},
			template: byRoot(ofBoth),
		},
		{
			name:     "crl-indirect/revoked",
			doc:      "the certificate names the root as the issuer of its CRL, which is indirect, and lists it with its certificate issuer",
			ref:      refEntryIssuer,
			template: byRoot(ofBoth),
			setup:    revokeLeaf,
		},
		{
			name: "crl-indirect/carried-over-revoked",
			doc: "the entry of the certificate in an indirect CRL has no certificate issuer, " +
				"because it is that of the entry before, and the first entry is of another CA",
			ref:      refEntryIssuer,
			template: byRoot(ofBoth),
			setup: func(w *world) {
				w.root.Revoke(big.NewInt(1), fakeca.Superseded)
				w.ca.Revoke(big.NewInt(2), fakeca.Superseded)
				revokeLeaf(w)
			},
		},
		{
			name: "crl-indirect/another-with-serial",
			doc: "an indirect CRL lists a certificate of another CA with the same serial number, " +
				"and the entry before has the certificate issuer of both" + indirectOptional,
			ref:      refEntryIssuer,
			also:     Says{CRL: Invalid},
			template: byRoot(another),
		},
		{
			name:     "crl-indirect/another-with-serial-revoked",
			doc:      "an indirect CRL lists the certificate, and before it one of another CA with the same serial number",
			ref:      refEntryIssuer,
			template: byRoot(another),
			setup:    revokeLeaf,
		},
		{
			name: "crl-indirect/default-issuer",
			doc: "an indirect CRL lists the serial number without a certificate issuer in its first entry, " +
				"which then is about a certificate of the CRL's issuer" + indirectOptional,
			ref:      refEntryIssuer,
			also:     Says{CRL: Invalid},
			template: byRoot(ofBoth),
			setup:    func(w *world) { w.root.Revoke(w.leaf.Cert.SerialNumber, fakeca.KeyCompromise) },
		},
		{
			name: "crl-indirect/nameless-point",
			doc: "the first distribution point has a cRLIssuer and no name, " +
				"and the CRL is for the name of that issuer" + indirectOptional,
			ref:      refNamelessPoint,
			also:     Says{CRL: Invalid},
			template: nameless(func(w *world) []byte { return w.root.Cert.RawSubject }),
		},
		{
			name:     "crl-indirect/nameless-point-other-name",
			doc:      "the first distribution point has a cRLIssuer and no name, and the CRL is for another directory name",
			ref:      refNamelessPoint,
			seen:     []string{"openssl/openssl#32645"},
			template: nameless(func(w *world) []byte { return nameBelow(w.root.Cert, "elsewhere") }),
		},
	}
}

// wrongCRLIssuers are lists from somebody who may not issue them, or who does not
// say that they are indirect. The certificate is revoked.
func wrongCRLIssuers() []*scenario {
	// ofRoot is a list of the root's own revocations.
	ofRoot := func(_ *world, url string) fakeca.CRL { return fakeca.CRL{DistributionPoint: []string{url}} }
	flagless := func(w *world) {
		url := w.responder.AddCRL(w.ca, indirectPath, fakeca.CRL{Signer: asSigner(w.root)})
		w.namePoints(fakeca.CRLPoint{URLs: []string{url}, CRLIssuer: [][]byte{w.root.Cert.RawSubject}})
	}
	// dedicated has a certificate of the root sign the list, which nobody sends.
	dedicated := func(w *world) {
		signer := w.root.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "CRL issuer"}, KeyUsage: x509.KeyUsageCRLSign})
		url := w.responder.AddCRL(w.ca, indirectPath, fakeca.CRL{Signer: signer, Indirect: true})
		w.namePoints(fakeca.CRLPoint{URLs: []string{url}, CRLIssuer: [][]byte{signer.Cert.RawSubject}})
	}
	return []*scenario{
		{
			name: "crl-indirect/unnamed-issuer",
			doc:  "the CRL is an indirect one from the root, and the certificate does not name the root as the issuer of its CRL",
			ref:  refCRLIssuer,
			template: func(w *world) {
				w.tmpl.CRLDistributionPoints = []string{w.responder.AddCRL(w.root, indirectPath, fakeca.CRL{Indirect: true})}
			},
			setup: revokeLeaf,
		},
		{
			name: "crl-indirect/other-issuer",
			doc:  "the CRL is an indirect one from the root, and the certificate names another issuer of its CRL",
			ref:  refCRLIssuerNamed,
			template: func(w *world) {
				url := w.responder.AddCRL(w.root, indirectPath, fakeca.CRL{Indirect: true})
				w.namePoints(fakeca.CRLPoint{URLs: []string{url}, CRLIssuer: [][]byte{nameBelow(w.root.Cert, "CRL issuer")}})
			},
			setup: revokeLeaf,
		},
		{
			name:     "crl-indirect/not-indirect",
			doc:      "the certificate names the root as the issuer of its CRL, which is not indirect, and so only about certificates of the root",
			ref:      refCRLIssuerNamed,
			template: byRoot(ofRoot),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-indirect/not-indirect-listing",
			doc:      "the certificate names the root as the issuer of its CRL, which is not indirect, and lists the serial number" + entryHeeded,
			ref:      refCRLIssuerNamed,
			also:     Says{CRL: Revoked},
			template: flagless,
			setup:    revokeLeaf,
		},
		{
			name:     "crl-indirect/not-critical",
			doc:      "the issuing distribution point of an indirect CRL is not critical; some clients do not mind",
			ref:      refIDPCritical,
			also:     Says{CRL: Good},
			template: byRoot(editedOfBoth(setCritical(idIssuingPoint, false))),
		},
		{
			name:     "crl-indirect/unknown-issuer",
			doc:      "the root certified the issuer of the indirect CRL, and the client does not get that certificate",
			ref:      refCRLIssuerPath,
			template: dedicated,
		},
	}
}

// certificateIssuers are about the extension with that name in entries.
func certificateIssuers() []*scenario {
	// own is an indirect list of the leaf's issuer, with these entries.
	own := func(entries func(w *world, other *fakeca.CA) []fakeca.RevokedCertificate) func(*world) {
		return func(w *world) {
			other := w.root.Intermediate(fakeca.WithName("another intermediate"))
			w.responder.SetCRL(w.ca, fakeca.CRL{
				Indirect: true,
				Edit:     func(l *fakeca.CRLMessage) { l.RevokedCertificates = entries(w, other) },
			})
		}
	}
	name := func(ca *fakeca.CA) asn1.RawValue { return directoryName(ca.Cert.RawSubject) }
	dns := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, Bytes: []byte("ca.test")}
	return []*scenario{
		{
			name: "crl-indirect/own-revoked",
			doc:  "the CRL of the issuer is indirect, and lists the certificate in its first entry, without a certificate issuer",
			ref:  refEntryIssuer,
			setup: own(func(w *world, other *fakeca.CA) []fakeca.RevokedCertificate {
				return []fakeca.RevokedCertificate{
					newEntry(w.leaf.Cert.SerialNumber), newEntry(big.NewInt(1), entryIssuer(name(other))),
				}
			}),
		},
		{
			name: "crl-indirect/own-after-another-revoked",
			doc:  "the CRL of the issuer is indirect, and lists the certificate with its certificate issuer, after one of another CA",
			ref:  refEntryIssuer,
			setup: own(func(w *world, other *fakeca.CA) []fakeca.RevokedCertificate {
				return []fakeca.RevokedCertificate{
					newEntry(big.NewInt(1), entryIssuer(name(other))),
					newEntry(w.leaf.Cert.SerialNumber, entryIssuer(name(w.ca))),
				}
			}),
		},
		{
			name: "crl-indirect/own-with-serial-of-another",
			doc: "the CRL of the issuer is indirect, and lists a certificate of another CA with the same serial number, " +
				"of which the entry before has the certificate issuer" + indirectOptional,
			ref:  refEntryIssuer,
			also: Says{CRL: Invalid},
			setup: own(func(w *world, other *fakeca.CA) []fakeca.RevokedCertificate {
				return []fakeca.RevokedCertificate{
					newEntry(big.NewInt(1), entryIssuer(name(other))), newEntry(w.leaf.Cert.SerialNumber),
				}
			}),
		},
		{
			name: "crl-indirect/second-name-revoked",
			doc:  "the certificate issuer of the entry has two names, and the second is that of the issuer",
			ref:  refEntryIssuerNames,
			setup: own(func(w *world, _ *fakeca.CA) []fakeca.RevokedCertificate {
				return []fakeca.RevokedCertificate{newEntry(w.leaf.Cert.SerialNumber, entryIssuer(dns, name(w.ca)))}
			}),
		},
		{
			name: "crl-indirect/certificate-issuer-not-critical",
			doc:  "the certificate issuer of the entry about the certificate is not critical" + entryHeeded,
			ref:  refEntryIssuerCritical,
			also: Says{CRL: Revoked},
			setup: own(func(w *world, _ *fakeca.CA) []fakeca.RevokedCertificate {
				e := entryIssuer(name(w.ca))
				e.Critical = false
				return []fakeca.RevokedCertificate{newEntry(w.leaf.Cert.SerialNumber, e)}
			}),
		},
		{
			name: "crl-indirect/certificate-issuer-unreadable",
			doc:  "the certificate issuer of another entry is NULL, so that nobody knows whose certificates the entries are about",
			ref:  refEntryIssuerCritical,
			setup: own(func(w *world, _ *fakeca.CA) []fakeca.RevokedCertificate {
				return []fakeca.RevokedCertificate{
					newEntry(big.NewInt(1), pkix.Extension{Id: idCertificateIssuer, Critical: true, Value: asn1.NullBytes}),
				}
			}),
		},
	}
}

// newEntry returns an entry of a CRL.
func newEntry(serial *big.Int, extensions ...pkix.Extension) fakeca.RevokedCertificate {
	revoked := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	return fakeca.RevokedCertificate{SerialNumber: serial, RevocationDate: fakeca.Time{Time: revoked}, Extensions: extensions}
}

// entryIssuer returns the certificate issuer of an entry, with these names.
func entryIssuer(names ...asn1.RawValue) pkix.Extension {
	return pkix.Extension{Id: idCertificateIssuer, Critical: true, Value: must(asn1.Marshal(names))}
}

// directoryName returns the GeneralName with this name.
func directoryName(name []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}
}
