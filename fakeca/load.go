package fakeca

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Load makes a CA of an existing test CA. certPEM holds the CA's certificate,
// and optionally those of the CAs above it, each before its issuer; these have no
// key. keyPEM holds the CA's private key as PKCS #8, PKCS #1 or SEC 1. Load
// accepts the options [WithClock], [WithOCSPServer], [WithCRLServer], [WithHash]
// and [WithDelegate].
//
// The record is empty: [CA.Lookup] returns Unknown for certificates that the CA
// issued elsewhere.
func Load(certPEM, keyPEM []byte, opts ...Option) (*CA, error) {
	certs, err := parseCertsPEM(certPEM)
	if err != nil {
		return nil, fmt.Errorf("fakeca: Load: certificate: %w", err)
	}
	key, err := parseKeyPEM(keyPEM)
	if err != nil {
		return nil, fmt.Errorf("fakeca: Load: key: %w", err)
	}
	if pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !pub.Equal(certs[0].PublicKey) {
		return nil, fmt.Errorf("fakeca: Load: the key does not belong to the first certificate, %q; give the CA's own", certs[0].Subject)
	}
	s := settings{clock: time.Now, hash: crypto.SHA1}
	if wrong := s.apply(opts); wrong != "" {
		return nil, errors.New("fakeca: Load: " + wrong)
	}
	for _, name := range s.given {
		if name == "WithName" || name == "WithKey" || name == "WithTemplate" {
			return nil, fmt.Errorf("fakeca: Load: %s contradicts the certificate; leave it out", name)
		}
	}
	var above *CA
	for i := len(certs) - 1; i >= 0; i-- {
		if !certs[i].IsCA {
			return nil, fmt.Errorf("fakeca: Load: %q is not a CA's certificate; give the CA's, then those above it", certs[i].Subject)
		}
		if above != nil {
			if err := certs[i].CheckSignatureFrom(above.Cert); err != nil {
				return nil, fmt.Errorf("fakeca: Load: %q is not issued by the next certificate, %q; give each before its issuer: %w",
					certs[i].Subject, above.Cert.Subject, err)
			}
		}
		above = &CA{Cert: certs[i], Issuer: above, clock: s.clock, hash: s.hash, record: make(map[string]*entry)}
	}
	ca := above
	ca.Key = key
	ca.servers = s.servers
	if ca.Issuer == nil && bytes.Equal(ca.Cert.RawIssuer, ca.Cert.RawSubject) {
		ca.recordIssued(ca.Cert)
	}
	if s.delegate {
		ca.newDelegate()
	}
	return ca, nil
}

func parseCertsPEM(data []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, errors.New("no PEM block of type CERTIFICATE; give the CA's certificate in PEM")
	}
	return certs, nil
}

var errEncrypted = errors.New("it is encrypted; decrypt it first, for example with openssl pkey")

func parseKeyPEM(data []byte) (crypto.Signer, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, errors.New("no PEM block of type PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY; give the CA's key in PEM")
		}
		var key any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, errEncrypted
		default:
			continue
		}
		if block.Headers["DEK-Info"] != "" { // RFC 1421 section 4.6.1.3
			return nil, errEncrypted
		}
		if err != nil {
			return nil, err
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("a %T cannot sign; use ECDSA, RSA or Ed25519", key)
		}
		return signer, checkKey(signer.Public())
	}
}
