package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// This file holds what several groups of cases about CRLs are made of.

var (
	idDeltaIndicator    = asn1.ObjectIdentifier{2, 5, 29, 27}
	idIssuingPoint      = asn1.ObjectIdentifier{2, 5, 29, 28}
	idCertificateIssuer = asn1.ObjectIdentifier{2, 5, 29, 29}
	idFreshest          = asn1.ObjectIdentifier{2, 5, 29, 46}
)

// elsewhereURL is the URL of a CRL that nobody serves.
const elsewhereURL = "http://127.0.0.1:0/elsewhere.crl"

// onlyCRLs completes cases in which only CRLs speak.
func onlyCRLs(groups ...[]*scenario) []*scenario {
	all := slices.Concat(groups...)
	for _, s := range all {
		s.since, s.sources = set2026_3, CRL
	}
	return all
}

// idpOptional is why clients differ about lists with an issuing distribution point.
const idpOptional = "; clients need not understand the issuing distribution point"

// Reasons of which one CRL covers some and another the rest, as in RFC 5280 section
// 5.2.5.
var (
	compromises  = []fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise}
	otherReasons = []fakeca.Reason{
		fakeca.AffiliationChanged, fakeca.Superseded, fakeca.CessationOfOperation, fakeca.CertificateHold, fakeca.PrivilegeWithdrawn,
	}
)

func putOnHold(w *world) { w.leaf.Revoke(fakeca.CertificateHold) }
func liftHold(w *world)  { w.leaf.Set(fakeca.Response{}) }

// theCRL has the responder play a fault at requests for the CRL, and then does each.
func theCRL(f fault.Fault, each ...func(*world)) func(*world) {
	return func(w *world) {
		w.crlFault(f)
		for _, do := range each {
			do(w)
		}
	}
}

// namePoints names these distribution points in the leaf instead of the CRL of its
// issuer.
func (w *world) namePoints(points ...fakeca.CRLPoint) {
	w.tmpl.CRLDistributionPoints = []string{}
	w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, fakeca.CRLDistributionPoints(points...))
}

// unchanging returns a CRL that stays as ca makes it now.
func unchanging(ca *fakeca.CA, c fakeca.CRL) fakeca.CRL {
	der := ca.CRL(c)
	return fakeca.CRL{Mutate: func([]byte) []byte { return der }}
}

// extensionOf returns an extension of a list, which must be there.
func extensionOf(l *fakeca.CRLMessage, id asn1.ObjectIdentifier) *pkix.Extension {
	i := slices.IndexFunc(l.CRLExtensions, func(e pkix.Extension) bool { return e.Id.Equal(id) })
	return &l.CRLExtensions[i]
}

// setCritical changes whether an extension of a list is critical.
func setCritical(id asn1.ObjectIdentifier, critical bool) func(*fakeca.CRLMessage) {
	return func(l *fakeca.CRLMessage) { extensionOf(l, id).Critical = critical }
}

// commonName returns the part of a name that is a common name.
func commonName(name string) pkix.RelativeDistinguishedNameSET {
	return pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: name}}
}

// relativeName returns the DER of a common name as part of another name.
func relativeName(name string) []byte { return must(asn1.Marshal(commonName(name))) }

// nameBelow returns the DER of the subject of cert with a common name behind it.
func nameBelow(cert *x509.Certificate, name string) []byte {
	var below pkix.RDNSequence
	must(asn1.Unmarshal(cert.RawSubject, &below))
	return must(asn1.Marshal(append(below, commonName(name))))
}
