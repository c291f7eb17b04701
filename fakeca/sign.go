package fakeca

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"runtime"
	"strings"

	"golang.org/x/crypto/ocsp"
)

// Sign makes an OCSP response about the certificate with this serial number and
// returns its DER. It does not use the record; to sign what is on record, pass
// what [CA.Lookup] returns. It panics if r is impossible, and says what to write
// instead.
func (ca *CA) Sign(serial *big.Int, r Response) []byte {
	r.mustBeValid()
	var m Message
	if failure := r.Failure(); failure != ocsp.Success {
		m.ResponseStatus = failure
		if r.Edit != nil {
			editFailure(&m, r.Edit)
		}
	} else {
		ca.fillMessage(&m, serial, r)
	}
	der := m.Marshal()
	if r.Mutate != nil {
		der = r.Mutate(der)
	}
	return der
}

// editFailure calls edit for an error response. Message promotes the fields of
// ResponseBytes, so using one compiles, but ResponseBytes is nil here.
func editFailure(m *Message, edit func(*Message)) {
	defer func() {
		v := recover()
		if err, ok := v.(runtime.Error); ok && m.ResponseBytes == nil && strings.Contains(err.Error(), "nil pointer") {
			panic("fakeca: Response: Edit uses a part of ResponseBytes, and an error response has no ResponseBytes; " +
				"set only ResponseStatus, Extra and Raw, or leave Error out")
		}
		if v != nil {
			panic(v)
		}
	}()
	edit(m)
}

// fillMessage makes m a successful, signed response. m shares no memory with the
// CA, so that Edit can write to all of it.
func (ca *CA) fillMessage(m *Message, serial *big.Int, r Response) {
	if r.Signer == nil {
		r.Signer = ca.Delegate()
	}
	signer, key := ca.signer(r.Signer)
	scheme := schemeFor(key.Public(), r.SignatureAlgorithm)
	var certs [][]byte
	if r.Signer != nil && !r.OmitCert {
		certs = [][]byte{bytes.Clone(signer.Raw)}
	}

	now := second(ca.Now())
	r = r.withTimes(now)
	m.ResponseBytes = &ResponseBytes{BasicOCSPResponse: BasicOCSPResponse{
		ResponseData: ResponseData{
			ResponderID: responderID(signer, r.ByKey),
			ProducedAt:  Time{Time: r.ProducedAt},
			Responses:   []SingleResponse{ca.single(serial, r)},
		},
		SignatureAlgorithm: scheme.identifier.clone(),
		Certs:              certs,
	}}
	for _, further := range r.Also {
		m.Responses = append(m.Responses, ca.single(serial, further.withTimes(now)))
	}
	if r.Nonce != nil {
		m.ResponseExtensions = []pkix.Extension{nonceExtension(r.Nonce)}
	}
	if r.Edit != nil {
		r.Edit(m)
	}
	if m.ResponseBytes != nil && m.Signature == nil {
		m.ResponseData.Raw = m.ResponseData.Marshal() // once, to sign and to send
		m.Signature = scheme.sign(key, m.ResponseData.Raw)
	}
}

// signer returns the certificate and key that sign: the CA's if other is nil.
func (ca *CA) signer(other *Leaf) (*x509.Certificate, crypto.Signer) {
	if other != nil {
		return other.Cert, other.Key
	}
	if ca.Key == nil {
		panic("fakeca: this CA has no key to sign with; load it with its key, or set Signer")
	}
	return ca.Cert, ca.Key
}

func (ca *CA) single(serial *big.Int, r Response) SingleResponse {
	if r.Serial != nil {
		serial = r.Serial
	}
	if serial == nil {
		panic("fakeca: Sign needs a serial number; give it leaf.Cert.SerialNumber, or set Serial")
	}
	single := SingleResponse{
		CertID:     NewCertID(serial, ca.Cert, cmp.Or(r.Hash, ca.hash)),
		CertStatus: CertStatus{Status: r.Status},
		ThisUpdate: Time{Time: r.ThisUpdate},
		NextUpdate: Time{Time: r.NextUpdate},
	}
	if r.Status == Revoked {
		single.CertStatus.RevocationTime = Time{Time: r.RevokedAt}
		if r.Reason != Unspecified || r.ExplicitReason {
			single.CertStatus.RevocationReason = new(r.Reason)
		}
	}
	return single
}

func responderID(signer *x509.Certificate, byKey bool) ResponderID {
	if byKey {
		mustBeAllowed(crypto.SHA1, "a responder ID by key", "leave ByKey out")
		sum := sha1.Sum(keyBits(signer.RawSubjectPublicKeyInfo))
		return ResponderID{ByKey: sum[:]}
	}
	return ResponderID{ByName: bytes.Clone(signer.RawSubject)}
}

// CheckSignatureFrom checks that the key in signer's certificate made the
// signature over tbsResponseData. It does not check whether signer may sign
// responses. It accepts SHA-1 and refuses MD5.
func (m *Message) CheckSignatureFrom(signer *x509.Certificate) error {
	if signer == nil {
		panic("fakeca: CheckSignatureFrom needs the signer's certificate")
	}
	if m.ResponseBytes == nil {
		return fmt.Errorf("fakeca: an error response (%v) has no signature", m.ResponseStatus)
	}
	return checkSignature("the OCSP response", signer, m.SignatureAlgorithm, m.ResponseData.Marshal(), m.Signature)
}

// checkSignature leaves everything to crypto/x509 except for RSA-PSS, for which
// crypto/x509 accepts only one length of the salt.
func checkSignature(what string, signer *x509.Certificate, id AlgorithmIdentifier, signed, signature []byte) error {
	algorithm := id.SignatureAlgorithm()
	if algorithm == x509.UnknownSignatureAlgorithm {
		return fmt.Errorf("fakeca: the signature algorithm %v with parameters %x is not known", id.Algorithm, id.Parameters)
	}
	if hash := hashOf(algorithm); forbidden(hash) {
		return fmt.Errorf("fakeca: %s is signed with %v, and GODEBUG=fips140=only forbids %v", what, algorithm, hash)
	}
	var err error
	p, isPSS := id.pss()
	if key, ok := signer.PublicKey.(*rsa.PublicKey); ok && isPSS {
		err = p.check(key, signed, signature)
	} else {
		err = signer.CheckSignature(algorithm, signed, signature)
	}
	if err != nil {
		return fmt.Errorf("fakeca: %s is not signed by %q: %w", what, signer.Subject, err)
	}
	return nil
}
