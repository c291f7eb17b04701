package fakeca

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
)

// A Leaf is a certificate, its private key, and the CA that issued it.
type Leaf struct {
	Cert   *x509.Certificate
	Key    crypto.Signer // nil if the template had only a public key
	Issuer *CA
}

// Revoke puts on the issuer's record that the certificate is revoked, as
// [CA.Revoke] does.
func (l *Leaf) Revoke(why Reason) { l.issuer().Revoke(l.Cert.SerialNumber, why) }

// Set puts on the issuer's record what it says about the certificate, as
// [CA.Set] does.
func (l *Leaf) Set(r Response) { l.issuer().Set(l.Cert.SerialNumber, r) }

// OnRecord returns what the issuer has on record about the certificate, as
// [CA.Lookup] does.
func (l *Leaf) OnRecord() Response { return l.issuer().Lookup(l.Cert.SerialNumber) }

// Request returns an OCSP request about the certificate. The hash of its CertID
// is that of the issuer's responses: SHA-1, or that of [WithHash].
func (l *Leaf) Request() *Request {
	ca := l.issuer()
	return &Request{List: []SingleRequest{{CertID: NewCertID(l.Cert.SerialNumber, ca.Cert, ca.hash)}}}
}

// Staple makes an OCSP response about the certificate and returns its DER, as
// [CA.Sign] does. For the response that is on record, write
// leaf.Staple(leaf.OnRecord()).
func (l *Leaf) Staple(r Response) []byte { return l.issuer().Sign(l.Cert.SerialNumber, r) }

// TLS returns the certificate for a [tls.Config], without a staple. It holds the
// leaf and the CAs above it. It holds the root only if the root issued the leaf,
// because clients need the issuer's certificate to check the CertID of a staple,
// and curl looks for it only there.
func (l *Leaf) TLS() tls.Certificate {
	if l.Key == nil {
		panic("fakeca: this leaf has no private key; issue it without a PublicKey, or with a crypto.Signer as PublicKey")
	}
	cert := tls.Certificate{PrivateKey: l.Key, Leaf: l.Cert}
	for _, c := range l.chain() {
		cert.Certificate = append(cert.Certificate, c.Raw)
	}
	return cert
}

// CertPEM returns the certificate in PEM.
func (l *Leaf) CertPEM() []byte { return certPEM(l.Cert) }

// ChainPEM returns the certificates of [Leaf.TLS] in PEM: the leaf, then the CAs
// above it.
func (l *Leaf) ChainPEM() []byte {
	var out []byte
	for _, c := range l.chain() {
		out = append(out, certPEM(c)...)
	}
	return out
}

// KeyPEM returns the private key in PEM, as PKCS #8.
func (l *Leaf) KeyPEM() []byte { return keyPEM(l.Key) }

func (l *Leaf) issuer() *CA {
	if l.Issuer == nil {
		panic("fakeca: this Leaf has no Issuer; get it from ca.Leaf or ca.Issue, or set Issuer")
	}
	return l.Issuer
}

func (l *Leaf) chain() []*x509.Certificate {
	chain := []*x509.Certificate{l.Cert}
	for ca := l.Issuer; ca != nil; ca = ca.Issuer {
		if ca.Issuer != nil || ca == l.Issuer {
			chain = append(chain, ca.Cert)
		}
	}
	return chain
}

func certPEM(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

func keyPEM(key crypto.Signer) []byte {
	if key == nil {
		panic("fakeca: there is no private key to write")
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic("fakeca: cannot write the private key: " + err.Error())
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
