package conformance

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// encodingCases are answers that are not what RFC 6960 section 4.2.1 describes,
// in DER. They are signed all the same wherever there is something to sign.
//
// Left out: further forms of the same faults, which no client is known to tell
// from those here, such as other versions, times and lengths that do not exist.
func encodingCases() []*scenario {
	return both(slices.Concat(statusAnswers(), wrapperAnswers(), dataAnswers(), timeFormAnswers(), singleAnswers(), serialAnswers(), signatureAnswers()))
}

// broken is an answer that cannot be read.
func broken(name, doc string, said func(*world) fakeca.Response) answerCase {
	return answerCase{name: "encoding/" + name, doc: doc, ref: "RFC 6960 4.2.1", news: useless, rule: "malformed", said: said}
}

// lax is one that some clients can read.
func lax(name, doc string, said func(*world) fakeca.Response) answerCase {
	c := broken(name, doc, said)
	c.news = dubious
	return c
}

// charged is one that says revoked.
func charged(name, doc string, edit func(*fakeca.CertStatus)) answerCase {
	c := broken(name, doc+"; some clients see revoked all the same", says(fakeca.Response{
		Status: fakeca.Revoked, Reason: fakeca.KeyCompromise,
		Edit: func(m *fakeca.Message) { edit(&m.Responses[0].CertStatus) },
	}))
	c.news = accused
	return c
}

// breaking names another rule than that the answer is malformed.
func (c answerCase) breaking(rule string) answerCase { c.rule = rule; return c }

// statusAnswers are at the level of OCSPResponseStatus.
func statusAnswers() []answerCase {
	failing := func(edit func(*fakeca.Message)) func(*world) fakeca.Response {
		return says(fakeca.Response{Error: ocsp.TryLater, Edit: edit})
	}
	return []answerCase{
		broken("status-unused", "responseStatus is 4, which is not used", failing(func(m *fakeca.Message) { m.ResponseStatus = 4 })),
		broken("status-out-of-range", "responseStatus is 17, which does not exist", failing(func(m *fakeca.Message) { m.ResponseStatus = 17 })),
		broken("success-without-bytes", "responseStatus is successful, and there is no answer", edited(func(m *fakeca.Message) { m.ResponseBytes = nil })),
		broken("error-with-bytes", "responseStatus is tryLater, and there is a good answer", edited(func(m *fakeca.Message) { m.ResponseStatus = ocsp.TryLater })),
		broken("no-singles", "the answer has no single response", edited(func(m *fakeca.Message) { m.Responses = nil })).breaking("certid-serial"),
		broken("response-type", "responseType is not id-pkix-ocsp-basic", edited(func(m *fakeca.Message) {
			m.ResponseType = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
		})).breaking("response-type"),
	}
}

// wrapperAnswers are broken around what is signed.
func wrapperAnswers() []answerCase {
	replaced := func(by []byte) func(*world) fakeca.Response {
		return mutated(func([]byte) []byte { return bytes.Clone(by) })
	}
	empty := broken("empty", "there is no answer, but for HTTP's 200", replaced(nil))
	empty.fetchedOnly = true
	return []answerCase{
		broken("text", "the answer is a word", replaced([]byte("invalid"))),
		broken("bytes", "the answer is 64 bytes of nothing in particular", replaced(bytes.Repeat([]byte{0xa5, 0x3c}, 32))),
		empty,
		broken("truncated", "the answer is cut short by half", mutated(func(b []byte) []byte { return b[:len(b)/2] })),
		broken("pem", "the answer is in PEM", mutated(func(b []byte) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "OCSP RESPONSE", Bytes: b})
		})),
		lax("indefinite-length", "the answer has an indefinite length; who reads BER takes it", mutated(func(b []byte) []byte {
			return slices.Concat([]byte{0x30, 0x80}, content(b), []byte{0, 0})
		})),
		lax("long-length", "the answer's length has a leading zero; who reads BER takes it", mutated(func(b []byte) []byte {
			body := content(b)
			return slices.Concat([]byte{0x30, 0x83, 0, byte(len(body) >> 8), byte(len(body))}, body)
		})),
		broken("wrong-outer-tag", "the answer is an OCTET STRING", mutated(func(b []byte) []byte { b[0] = 4; return b })),
		broken("wrong-bytes-tag", "responseBytes are in [1]", mutated(func(b []byte) []byte {
			b[len(b)-len(content(b))+3] = 0xa1 // after responseStatus
			return b
		})),
		broken("trailing", "a byte follows the answer", mutated(func(b []byte) []byte { return append(b, 0) })),
		broken("trailing-response", "another answer follows the answer", mutated(func(b []byte) []byte { return slices.Concat(b, b) })),
		broken("trailing-response-bytes", "something follows the response in responseBytes", edited(func(m *fakeca.Message) { m.ResponseBytes.Extra = asn1.NullBytes })),
		broken("trailing-basic", "a byte follows the BasicOCSPResponse", resealed(func(m *fakeca.Message) {
			m.BasicOCSPResponse.Raw = append(m.BasicOCSPResponse.Marshal(), 0)
		})),
	}
}

// resealed is a good answer with a change after it was signed.
func resealed(edit func(*fakeca.Message)) func(*world) fakeca.Response {
	return mutated(func(der []byte) []byte {
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			panic(err)
		}
		edit(m)
		return m.Marshal()
	})
}

// content is what is inside a SEQUENCE.
func content(der []byte) []byte {
	var raw asn1.RawValue
	if _, err := asn1.Unmarshal(der, &raw); err != nil {
		panic(err)
	}
	return raw.Bytes
}

// dataAnswers are broken in ResponseData, outside its singles.
func dataAnswers() []answerCase {
	data := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.ResponseData.Raw = raw })
	}
	version := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawVersion = raw })
	}
	responder := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.ResponderID.Raw = append([]byte{}, raw...) })
	}
	responses := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawResponses = append([]byte{}, raw...) })
	}
	return []answerCase{
		broken("octet-string-data", "tbsResponseData is an OCTET STRING, and signed", data(append([]byte{4, 13}, "not ocsp data"...)...)),
		broken("trailing-data", "three bytes follow the singles", edited(func(m *fakeca.Message) { m.ResponseData.Extra = []byte{0x20, 0x20, 0x20} })),
		lax("version-1", "the version is v1, spelled out where DER leaves it out; some clients do not mind", version(0xa0, 3, 2, 1, 0)).breaking("version"),
		broken("version-2", "the version is v2, which does not exist", version(0xa0, 3, 2, 1, 1)).breaking("version"),
		broken("version-type", "the version is an OCTET STRING", version(0xa0, 3, 4, 1, 0)).breaking("version"),
		broken("responder-id-missing", "there is no responder ID", responder()),
		broken("responder-id-tag", "the responder ID is in [3]", responder(0xa3, 2, 0x30, 0)),
		broken("responder-id-key-length", "the responder ID is a key hash of 19 bytes", edited(func(m *fakeca.Message) { m.ResponderID.ByKey = make([]byte, 19) })),
		broken("responder-id-empty-name", "the responder ID is an empty name", responder(0xa1, 2, 0x30, 0)).breaking("responder-id"),
		broken("responses-null", "the list of single responses is NULL", responses(5, 0)),
		broken("responses-missing", "there is no list of single responses", responses()),
	}
}

// timeFormAnswers have a time in a form that DER does not have. But for its
// form, it is right.
func timeFormAnswers() []answerCase {
	type place struct {
		name, element string
		at            func(*fakeca.Message) *fakeca.Time
	}
	var (
		producedAt = place{"produced-at", "producedAt", func(m *fakeca.Message) *fakeca.Time { return &m.ProducedAt }}
		thisUpdate = place{"this-update", "thisUpdate", func(m *fakeca.Message) *fakeca.Time { return &m.Responses[0].ThisUpdate }}
		nextUpdate = place{"next-update", "nextUpdate", func(m *fakeca.Message) *fakeca.Time { return &m.Responses[0].NextUpdate }}
	)
	const generalized, utc = 0x18, 0x17
	var answers []answerCase
	for _, f := range []struct {
		name, doc string
		tag       byte
		layout    string
		after     string
		lax       bool
		places    []place
	}{
		{"utctime", "is a UTCTime", utc, "060102150405Z", "", false, []place{producedAt, thisUpdate, nextUpdate}},
		{"fraction", "has a fraction of a second; some clients do not mind", generalized, "20060102150405", ".5Z", true, []place{producedAt, thisUpdate, nextUpdate}},
		{"offset", "has an offset in place of Z; some clients do not mind", generalized, "20060102150405", "+0000", true, []place{thisUpdate}},
		{"without-seconds", "has no seconds", generalized, "200601021504Z", "", false, []place{thisUpdate}},
		{"empty", "has no bytes", generalized, "", "", false, []place{thisUpdate, nextUpdate}},
	} {
		for _, p := range f.places {
			c := broken(p.name+"-"+f.name, p.element+" "+f.doc, edited(func(m *fakeca.Message) {
				t := p.at(m)
				raw := timeRaw(f.tag, t.UTC().Format(f.layout)+f.after)
				if p.name == nextUpdate.name {
					raw = append([]byte{0xa0, byte(len(raw))}, raw...)
				}
				t.Raw = raw
			}))
			c.ref = "RFC 5280 4.1.2.5.2"
			if f.lax {
				c.news = dubious
			}
			answers = append(answers, c)
		}
	}
	return append(answers,
		broken("next-update-without-tag", "nextUpdate is not in its [0]", edited(func(m *fakeca.Message) {
			next := &m.Responses[0].NextUpdate
			next.Raw = timeRaw(generalized, next.UTC().Format("20060102150405Z"))
		})),
		charged("revocation-time-utctime", "revocationTime is a UTCTime", func(c *fakeca.CertStatus) {
			c.RevocationTime.Raw = timeRaw(utc, c.RevocationTime.UTC().Format("060102150405Z"))
		}),
		charged("revocation-time-empty", "revocationTime has no bytes", func(c *fakeca.CertStatus) { c.RevocationTime.Raw = []byte{generalized, 0} }),
	)
}

func timeRaw(tag byte, text string) []byte { return append([]byte{tag, byte(len(text))}, text...) }

// singleAnswers are broken in a SingleResponse, but for its times and serial
// number.
func singleAnswers() []answerCase {
	single := func(edit func(*fakeca.SingleResponse)) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { edit(&m.Responses[0]) })
	}
	status := func(raw ...byte) func(*world) fakeca.Response {
		return single(func(s *fakeca.SingleResponse) { s.CertStatus.Raw = append([]byte{}, raw...) })
	}
	info := func(raw ...byte) func(*fakeca.CertStatus) {
		return func(c *fakeca.CertStatus) { c.RevocationReason, c.Extra = nil, raw }
	}
	return []answerCase{
		broken("trailing-single", "something follows a single response's last element", single(func(s *fakeca.SingleResponse) { s.Extra = asn1.NullBytes })),
		broken("trailing-certid", "something follows the serial number in the CertID", single(func(s *fakeca.SingleResponse) { s.CertID.Extra = asn1.NullBytes })),
		charged("trailing-revoked-info", "something follows the reason", func(c *fakeca.CertStatus) { c.Extra = asn1.NullBytes }),
		charged("reason-7", "the reason is 7, which is not used", func(c *fakeca.CertStatus) { c.RevocationReason = new(fakeca.Reason(7)) }),
		charged("reason-11", "the reason is 11, which does not exist", func(c *fakeca.CertStatus) { c.RevocationReason = new(fakeca.Reason(11)) }),
		charged("reason-integer", "the reason is an INTEGER", info(0xa0, 3, 2, 1, 1)),
		charged("revoked-info-empty", "there is nothing in RevokedInfo", func(c *fakeca.CertStatus) { c.Raw = []byte{0xa1, 0} }),
		broken("cert-status-tag", "certStatus is [3], which does not exist", status(0x83, 0)),
		broken("cert-status-missing", "there is no certStatus", status()),
		broken("cert-status-good-with-content", "certStatus is good, with something in it", status(0x80, 2, 5, 0)),
	}
}

// serialAnswers have a serial number that is that of the certificate in all but
// its encoding, or none.
func serialAnswers() []answerCase {
	// Its highest bit is set, so that DER puts a zero before it.
	digits := []byte{0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6, 0x97, 0x88}
	serial := new(big.Int).SetBytes(digits)
	encoded := func(name, doc string, raw ...byte) answerCase {
		c := broken(name, doc, edited(func(m *fakeca.Message) {
			m.Responses[0].CertID.SerialNumber, m.Responses[0].CertID.Extra = nil, raw
		}))
		c.template = func(w *world) { w.tmpl.SerialNumber = serial }
		return c
	}
	integer := func(b ...byte) []byte { return append([]byte{2, byte(len(b))}, b...) }
	return []answerCase{
		encoded("serial-negative", "the serial number lacks its leading zero, which makes it negative", integer(digits...)...).breaking("certid-serial"),
		encoded("serial-leading-zeros", "the serial number has two leading zeros, where DER has one", integer(append([]byte{0, 0}, digits...)...)...),
		encoded("serial-zero", "the serial number is zero", integer(0)...).breaking("certid-serial"),
		encoded("serial-overlong", "the serial number is followed by 32 more bytes of it", integer(slices.Concat([]byte{0}, digits, make([]byte, 32))...)...).breaking("certid-serial"),
		encoded("serial-empty", "the serial number has no bytes", integer()...),
	}
}

// signatureAnswers are broken after ResponseData.
func signatureAnswers() []answerCase {
	signature := func(change func([]byte) []byte) func(*world) fakeca.Response {
		return resealed(func(m *fakeca.Message) { m.RawSignature = change(m.Signature) })
	}
	algorithm := func(edit func(*fakeca.AlgorithmIdentifier)) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { edit(&m.SignatureAlgorithm) })
	}
	certs := func(raw ...byte) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { m.RawCerts = raw })
	}
	return []answerCase{
		broken("signature-octet-string", "the signature is an OCTET STRING", signature(func(sig []byte) []byte {
			return append([]byte{4, byte(len(sig))}, sig...)
		})),
		broken("signature-unused-bits", "the signature's last bit is declared unused", signature(func(sig []byte) []byte {
			return append([]byte{3, byte(len(sig) + 1), 1}, sig...)
		})),
		broken("algorithm-missing", "there is no signatureAlgorithm", algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Raw = []byte{} })),
		broken("algorithm-broken-parameters", "the parameters of signatureAlgorithm are longer than what is there", algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = []byte{4, 9} })),
		lax("algorithm-null", "signatureAlgorithm is ECDSA with NULL, where there are no parameters; some clients do not look", algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Parameters = asn1.NullBytes })).breaking("signature-algorithm"),
		broken("algorithm-unknown", "signatureAlgorithm does not exist", algorithm(func(a *fakeca.AlgorithmIdentifier) { a.Algorithm = asn1.ObjectIdentifier{2, 25, 1} })).breaking("signature-algorithm"),
		broken("certs-null", "the embedded certificates are NULL", certs(0xa0, 2, 5, 0)),
		broken("certs-trailing", "something follows the embedded certificates", certs(0xa0, 4, 0x30, 0, 5, 0)),
		lax("certs-empty", "the list of embedded certificates is there, and empty; some clients leave that to the encoder, others do not", certs(0xa0, 2, 0x30, 0)).breaking(""),
		lax("certs-garbage", "the embedded certificate is none; who needs no certificate may not look", edited(func(m *fakeca.Message) { m.Certs = [][]byte{{0x30, 2, 5, 0}} })),
	}
}
