package fakeca

import (
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	explicit0 = cryptobyte_asn1.Tag(0).ContextSpecific().Constructed()
	explicit1 = cryptobyte_asn1.Tag(1).ContextSpecific().Constructed()
	explicit2 = cryptobyte_asn1.Tag(2).ContextSpecific().Constructed()
)

// Marshal returns the DER of the message. It panics if a field cannot be encoded,
// and says why.
func (m *Message) Marshal() []byte { return marshal("Message", m) }

// Marshal returns the DER of the ResponseBytes, without the [0] around it. It
// panics as [Message.Marshal] does.
func (r *ResponseBytes) Marshal() []byte { return marshal("ResponseBytes", r) }

// Marshal returns the DER of the BasicOCSPResponse, to be changed and set as Raw.
// It panics as [Message.Marshal] does.
func (r *BasicOCSPResponse) Marshal() []byte { return marshal("BasicOCSPResponse", r) }

// Marshal returns the DER of tbsResponseData, which is what is signed. It panics
// as [Message.Marshal] does.
func (d *ResponseData) Marshal() []byte { return marshal("ResponseData", d) }

// Marshal returns the DER of the single response, to be changed and set as Raw.
// It panics as [Message.Marshal] does.
func (s *SingleResponse) Marshal() []byte { return marshal("SingleResponse", s) }

// Marshal returns the DER of the CertID, to be changed and set as Raw. It panics
// as [Message.Marshal] does.
func (id *CertID) Marshal() []byte { return marshal("CertID", id) }

type element interface{ add(*cryptobyte.Builder) }

func marshal(what string, e element) []byte {
	size := 512
	if large, ok := e.(interface{ size() int }); ok {
		size = large.size()
	}
	b := cryptobyte.NewBuilder(make([]byte, 0, size))
	e.add(b)
	der, err := b.Bytes()
	if err != nil {
		panic(fmt.Sprintf("fakeca: %s cannot be encoded: %v; use one of its Raw fields for what is not DER", what, err))
	}
	return der
}

// addSequence adds raw, or if it is nil, a SEQUENCE of what body adds and extra.
func addSequence(b *cryptobyte.Builder, raw, extra []byte, body func(*cryptobyte.Builder)) {
	if raw != nil {
		b.AddBytes(raw)
		return
	}
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		body(b)
		b.AddBytes(extra)
	})
}

// addOID adds an OBJECT IDENTIFIER. cryptobyte would say "invalid OID: " for one
// that a test forgot to set.
func addOID(b *cryptobyte.Builder, id asn1.ObjectIdentifier) {
	if len(id) == 0 {
		b.SetError(errors.New("an object identifier is missing"))
		return
	}
	b.AddASN1ObjectIdentifier(id)
}

func (m *Message) add(b *cryptobyte.Builder) {
	addSequence(b, m.Raw, m.Extra, func(b *cryptobyte.Builder) {
		if m.RawResponseStatus != nil {
			b.AddBytes(m.RawResponseStatus)
		} else {
			b.AddASN1Enum(int64(m.ResponseStatus))
		}
		if m.ResponseBytes != nil {
			b.AddASN1(explicit0, m.ResponseBytes.add)
		}
	})
}

func (r *ResponseBytes) add(b *cryptobyte.Builder) {
	addSequence(b, r.Raw, r.Extra, func(b *cryptobyte.Builder) {
		responseType := r.ResponseType
		if responseType == nil {
			responseType = oidBasic
		}
		addOID(b, responseType)
		b.AddASN1(cryptobyte_asn1.OCTET_STRING, r.BasicOCSPResponse.add)
	})
}

func (r *BasicOCSPResponse) add(b *cryptobyte.Builder) {
	addSequence(b, r.Raw, r.Extra, func(b *cryptobyte.Builder) {
		r.ResponseData.add(b)
		r.SignatureAlgorithm.add(b)
		if r.RawSignature != nil {
			b.AddBytes(r.RawSignature)
		} else {
			b.AddASN1BitString(r.Signature)
		}
		addCerts(b, r.Certs, r.RawCerts)
	})
}

func (d *ResponseData) add(b *cryptobyte.Builder) {
	addSequence(b, d.Raw, d.Extra, func(b *cryptobyte.Builder) {
		if d.RawVersion != nil {
			b.AddBytes(d.RawVersion)
		} else if d.Version != 0 {
			b.AddASN1(explicit0, func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(d.Version)) })
		}
		d.ResponderID.add(b)
		d.ProducedAt.add(b)
		if d.RawResponses != nil {
			b.AddBytes(d.RawResponses)
		} else {
			b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for i := range d.Responses {
					d.Responses[i].add(b)
				}
			})
		}
		addExtensions(b, explicit1, d.ResponseExtensions, d.RawResponseExtensions)
	})
}

func (id *ResponderID) add(b *cryptobyte.Builder) {
	switch {
	case id.Raw != nil:
		b.AddBytes(id.Raw)
	case id.ByKey != nil:
		b.AddASN1(explicit2, func(b *cryptobyte.Builder) { b.AddASN1OctetString(id.ByKey) })
	default:
		b.AddASN1(explicit1, func(b *cryptobyte.Builder) { b.AddBytes(id.ByName) })
	}
}

func (s *SingleResponse) add(b *cryptobyte.Builder) {
	addSequence(b, s.Raw, s.Extra, func(b *cryptobyte.Builder) {
		s.CertID.add(b)
		s.CertStatus.add(b)
		s.ThisUpdate.add(b)
		if s.NextUpdate.Raw != nil {
			b.AddBytes(s.NextUpdate.Raw)
		} else if !s.NextUpdate.IsZero() {
			b.AddASN1(explicit0, s.NextUpdate.add)
		}
		addExtensions(b, explicit1, s.SingleExtensions, s.RawSingleExtensions)
	})
}

func (id *CertID) add(b *cryptobyte.Builder) {
	addSequence(b, id.Raw, id.Extra, func(b *cryptobyte.Builder) {
		id.HashAlgorithm.add(b)
		b.AddASN1OctetString(id.IssuerNameHash)
		b.AddASN1OctetString(id.IssuerKeyHash)
		if id.SerialNumber != nil {
			b.AddASN1BigInt(id.SerialNumber)
		}
	})
}

func (c *CertStatus) add(b *cryptobyte.Builder) {
	switch {
	case c.Raw != nil:
		b.AddBytes(c.Raw)
	case c.Status == Good || c.Status == Unknown:
		b.AddASN1(cryptobyte_asn1.Tag(c.Status).ContextSpecific(), func(*cryptobyte.Builder) {})
	case c.Status == Revoked:
		b.AddASN1(explicit1, func(b *cryptobyte.Builder) {
			c.RevocationTime.add(b)
			if c.RevocationReason != nil {
				b.AddASN1(explicit0, func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(*c.RevocationReason)) })
			}
			b.AddBytes(c.Extra)
		})
	default:
		b.SetError(fmt.Errorf("%v is not a certStatus", c.Status))
	}
}

func (t *Time) add(b *cryptobyte.Builder) {
	if t.Raw != nil {
		b.AddBytes(t.Raw)
		return
	}
	if err := checkYear(t.Time); err != nil {
		b.SetError(err)
		return
	}
	b.AddASN1(cryptobyte_asn1.GeneralizedTime, func(b *cryptobyte.Builder) {
		b.AddBytes(t.UTC().AppendFormat(make([]byte, 0, len(generalizedTime)), generalizedTime))
	})
}

// The only form that DER and RFC 5280 section 4.1.2.5.2 allow.
const generalizedTime = "20060102150405Z"

func (a *AlgorithmIdentifier) add(b *cryptobyte.Builder) {
	addSequence(b, a.Raw, a.Extra, func(b *cryptobyte.Builder) {
		addOID(b, a.Algorithm)
		b.AddBytes(a.Parameters)
	})
}
