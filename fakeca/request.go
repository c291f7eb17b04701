package fakeca

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// A Request is an OCSPRequest (RFC 6960 section 4.1.1).
type Request struct {
	// ExplicitVersion says that version v1 is spelled out, which DER forbids
	// because it is the default.
	ExplicitVersion bool

	RequestorName []byte // the DER of a GeneralName; nil: left out
	List          []SingleRequest
	Extensions    []pkix.Extension // the nonce, for example; nil: left out

	// The signature, if SignatureAlgorithm.Algorithm is not nil. Nothing in this
	// package makes or checks it.
	SignatureAlgorithm AlgorithmIdentifier
	Signature          []byte
	Certs              [][]byte
}

// SingleRequest asks about one certificate.
type SingleRequest struct {
	CertID     CertID
	Extensions []pkix.Extension // nil: left out
}

// NewRequest returns a request about the certificate that issuer issued with this
// serial number, as most clients send it: with a CertID by SHA-1 and nothing else.
// See also [Leaf.Request].
func NewRequest(serial *big.Int, issuer *x509.Certificate) *Request {
	if serial == nil || issuer == nil {
		panic("fakeca: NewRequest needs a serial number and the issuer's certificate")
	}
	return &Request{List: []SingleRequest{{CertID: NewCertID(serial, issuer, crypto.SHA1)}}}
}

// SetNonce sets the nonce of the request (RFC 9654). nil removes it.
func (r *Request) SetNonce(nonce []byte) {
	var kept []pkix.Extension
	for _, e := range r.Extensions {
		if !IsNonce(e) {
			kept = append(kept, e)
		}
	}
	if nonce != nil {
		kept = append(kept, nonceExtension(nonce))
	}
	r.Extensions = kept
}

// Nonce returns the nonce of the request, or nil if there is none.
func (r *Request) Nonce() []byte {
	nonce, err := NonceOf(r.Extensions)
	if err != nil {
		return nil // ParseRequest refuses such a request
	}
	return nonce
}

// Signed reports whether the request has a signature.
func (r *Request) Signed() bool { return r.SignatureAlgorithm.Algorithm != nil }

// ParseRequest reads an OCSPRequest. It accepts only DER, like [ParseMessage], so
// that Marshal returns the same bytes. There is one exception, because deployed
// responders accept it: a version that is spelled out, which it reports in
// ExplicitVersion. The error says where it stopped.
func ParseRequest(der []byte) (*Request, error) {
	r, err := parseRequest(append(cryptobyte.String{}, der...)) // r keeps parts of it
	if err != nil {
		return nil, fmt.Errorf("fakeca: OCSP request: %w", err)
	}
	return r, nil
}

func parseRequest(der cryptobyte.String) (*Request, error) {
	if der.Empty() {
		return nil, errors.New("empty")
	}
	s, err := readOnly(der, asn1.SEQUENCE)
	if err != nil {
		return nil, err
	}
	tbs, err := read(&s, asn1.SEQUENCE)
	if err != nil {
		return nil, within("tbsRequest", err)
	}
	r := new(Request)
	if err := r.parseTBS(tbs); err != nil {
		return nil, err
	}
	if s.PeekASN1Tag(explicit0) {
		if err := r.parseSignature(&s); err != nil {
			return nil, within("optionalSignature", err)
		}
	}
	return r, end(s)
}

func (r *Request) parseTBS(s cryptobyte.String) error {
	if s.PeekASN1Tag(explicit0) {
		if err := parseVersion(&s); err != nil {
			return within("version", err)
		}
		r.ExplicitVersion = true
	}
	if s.PeekASN1Tag(explicit1) {
		explicit, err := read(&s, explicit1)
		if err == nil {
			r.RequestorName, err = readGeneralName(explicit)
		}
		if err != nil {
			return within("requestorName", err)
		}
	}
	list, err := read(&s, asn1.SEQUENCE)
	if err != nil {
		return within("requestList", err)
	}
	for i := 0; !list.Empty(); i++ {
		var single SingleRequest
		if err := single.parse(&list); err != nil {
			return within(fmt.Sprintf("request %d", i), err)
		}
		r.List = append(r.List, single)
	}
	if r.Extensions, _, err = parseExtensions(&s, explicit2, strict); err != nil {
		return within("requestExtensions", err)
	}
	if _, err := NonceOf(r.Extensions); err != nil {
		return within("requestExtensions", err)
	}
	return within("tbsRequest", end(s))
}

// readGeneralName reads a GeneralName (RFC 5280 section 4.2.1.6), of which there
// are [0] to [8].
func readGeneralName(explicit cryptobyte.String) ([]byte, error) {
	name, err := readAny(&explicit)
	if err != nil {
		return nil, err
	}
	if tag := asn1.Tag(name[0]); tag&class != asn1.Tag(0).ContextSpecific() || tag&^(class|constructed) > 8 {
		return nil, fmt.Errorf("tag %#02x is not a GeneralName", name[0])
	}
	return name, end(explicit)
}

func (single *SingleRequest) parse(list *cryptobyte.String) error {
	s, err := read(list, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if err := single.CertID.parse(&s); err != nil {
		return within("reqCert", err)
	}
	if single.Extensions, _, err = parseExtensions(&s, explicit0, strict); err != nil {
		return within("singleRequestExtensions", err)
	}
	return end(s)
}

func (r *Request) parseSignature(outer *cryptobyte.String) error {
	s, err := readExplicit(outer, explicit0, asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if r.Signature, r.Certs, err = parseSignature(&s, &r.SignatureAlgorithm); err != nil {
		return err
	}
	return end(s)
}

// URL returns the URL at which to GET the response to the request. responder is
// the responder's own URL (RFC 6960 appendix A.1).
func (r *Request) URL(responder string) string {
	text := base64.StdEncoding.EncodeToString(r.Marshal())
	return strings.TrimSuffix(responder, "/") + "/" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(text)
}

// Marshal returns the DER of the request. It panics as [Message.Marshal] does.
func (r *Request) Marshal() []byte { return marshal("Request", r) }

func (r *Request) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if r.ExplicitVersion {
				b.AddASN1(explicit0, func(b *cryptobyte.Builder) { b.AddASN1Int64(0) })
			}
			if r.RequestorName != nil {
				b.AddASN1(explicit1, func(b *cryptobyte.Builder) { b.AddBytes(r.RequestorName) })
			}
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for i := range r.List {
					r.List[i].add(b)
				}
			})
			addExtensions(b, explicit2, r.Extensions, nil)
		})
		if r.Signed() {
			b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					r.SignatureAlgorithm.add(b)
					b.AddASN1BitString(r.Signature)
					addCerts(b, r.Certs, nil)
				})
			})
		}
	})
}

func (single *SingleRequest) add(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		single.CertID.add(b)
		addExtensions(b, explicit0, single.Extensions, nil)
	})
}
