package fakeca

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// Certificates are valid for half a century, so that none expires by itself.
// Tests inside testing/synctest start on 2000-01-01. 2049 is the last year of
// UTCTime (RFC 5280 section 4.1.2.5).
var (
	notBefore = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	notAfter  = time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Leaf issues a certificate for a TLS server or client. Each name is a DNS name,
// an IP address, an email address or a URI, whichever it looks like. The default
// is localhost, 127.0.0.1, ::1, example.com and *.example.com.
func (ca *CA) Leaf(names ...string) *Leaf {
	if len(names) == 0 {
		names = []string{"localhost", "127.0.0.1", "::1", "example.com", "*.example.com"}
	}
	var tmpl x509.Certificate
	for _, name := range names {
		addName(&tmpl, name)
	}
	return ca.Issue(&tmpl)
}

// Issue issues a certificate from a copy of tmpl. Fields that are zero are filled
// in:
//
//   - SerialNumber: 127 random bits.
//   - Subject: the first name as common name.
//   - NotBefore, NotAfter: the issuer's, which by default are 1999 and 2049.
//   - PublicKey: that of a new P-256 key. A [crypto.Signer] becomes the leaf's
//     Key, and the certificate has its public key. With any other public key the
//     leaf has no Key.
//   - KeyUsage: digitalSignature; also keyEncipherment for RSA, keyCertSign and
//     cRLSign for a CA.
//   - ExtKeyUsage, if nil: serverAuth and clientAuth, or none for a CA or with
//     UnknownExtKeyUsage. Empty but not nil: none.
//   - OCSPServer, CRLDistributionPoints, IssuingCertificateURL, if nil: those of
//     [WithOCSPServer], [WithCRLServer] or [CA.Advertise]. Empty but not nil:
//     none. With [NoRevAvail], the first two are none.
//   - SubjectKeyId: by RFC 7093 section 2, method 1.
//
// The authority key identifier is always the issuer's subject key identifier. An
// extension in ExtraExtensions, such as [CRLDistributionPoints], takes the place
// of what these fields say.
//
// Issue accepts a SerialNumber that the CA used before. Both certificates then
// share one entry on the record.
func (ca *CA) Issue(tmpl *x509.Certificate) *Leaf {
	if tmpl == nil {
		panic("fakeca: Issue needs a template; use Leaf, or Issue(&x509.Certificate{})")
	}
	if ca.Key == nil {
		panic("fakeca: this CA has no key to issue with; load it with its key")
	}
	t := *tmpl
	key, pub := keyPair(t.PublicKey)
	t.PublicKey = pub
	fill(&t, ca)
	leaf := &Leaf{Cert: create(&t, ca.Cert, ca.Key), Key: key, Issuer: ca}
	ca.recordIssued(leaf.Cert)
	return leaf
}

// OCSPSigner issues a certificate for a delegated responder (RFC 6960 section
// 4.2.2.2), with the extended key usage id-kp-OCSPSigning and the extension
// id-pkix-ocsp-nocheck. It is used as Response.Signer. It takes at most one
// template. Zero fields are filled in as by [CA.Issue], except that an RSA key is
// for digitalSignature only. Non-nil ExtKeyUsage and ExtraExtensions are kept.
func (ca *CA) OCSPSigner(tmpl ...*x509.Certificate) *Leaf {
	var t x509.Certificate
	switch len(tmpl) {
	case 0:
	case 1:
		if tmpl[0] == nil {
			panic("fakeca: OCSPSigner: the template is nil; leave it out for the default")
		}
		t = *tmpl[0]
	default:
		panic("fakeca: OCSPSigner takes one template; call it once for each")
	}
	if !hasSubject(&t) {
		t.Subject = pkix.Name{CommonName: "fakeca OCSP responder (do not trust)"}
	}
	if t.ExtKeyUsage == nil {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	}
	if t.KeyUsage == 0 && !t.IsCA {
		t.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if t.ExtraExtensions == nil {
		t.ExtraExtensions = []pkix.Extension{noCheck()}
	}
	// With nocheck, clients do not check the status of the responder.
	t.OCSPServer, t.CRLDistributionPoints = nonNil(t.OCSPServer), nonNil(t.CRLDistributionPoints)
	return ca.Issue(&t)
}

// fill fills in what is zero in t. ca is the issuer, nil for a root.
func fill(t *x509.Certificate, ca *CA) {
	if t.SerialNumber == nil {
		t.SerialNumber = newSerial()
	}
	if !hasSubject(t) {
		t.Subject = pkix.Name{CommonName: firstName(t)}
	}
	from, until := notBefore, notAfter
	if ca != nil {
		from, until = ca.Cert.NotBefore, ca.Cert.NotAfter
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = from
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = until
	}
	if t.KeyUsage == 0 {
		t.KeyUsage = x509.KeyUsageDigitalSignature
		if t.IsCA {
			t.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		} else if _, ok := t.PublicKey.(*rsa.PublicKey); ok {
			t.KeyUsage |= x509.KeyUsageKeyEncipherment
		}
	}
	if t.ExtKeyUsage == nil && t.UnknownExtKeyUsage == nil && !t.IsCA {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	if t.IsCA {
		t.BasicConstraintsValid = true
	}
	if ca != nil {
		ca.addServers(t)
	}
	if t.SubjectKeyId == nil {
		t.SubjectKeyId = keyID(t.PublicKey)
	}
	if ca == nil {
		t.AuthorityKeyId = t.SubjectKeyId
	} else {
		t.AuthorityKeyId = ca.Cert.SubjectKeyId // which x509 sets only if the names differ
	}
}

func hasSubject(t *x509.Certificate) bool {
	return t.Subject.String() != "" || t.RawSubject != nil
}

// create returns the certificate as a client parses it.
func create(tmpl, parent *x509.Certificate, signer crypto.Signer) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, tmpl.PublicKey, signer)
	if err != nil {
		panic(fmt.Sprintf("fakeca: cannot issue %q; change the template: %v", tmpl.Subject, err))
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(fmt.Sprintf("fakeca: cannot read back the certificate issued for %q; change the template: %v", tmpl.Subject, err))
	}
	return cert
}

// newSerial returns 127 random bits, so that the number takes 16 bytes (RFC 5280
// section 4.1.2.2 allows 20) and is positive: one in 2^127 would be zero.
func newSerial() *big.Int {
	var b [16]byte
	rand.Read(b[:])
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
