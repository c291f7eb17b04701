package ocsptest_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// twoCAs is a responder for two CAs below a root, which both issued a
// certificate with the serial number 0x1234: a's is good, b's is revoked.
// The responder does not know other.
type twoCAs struct {
	root, a, b, other *fakeca.CA
	responder         *ocsptest.Responder
}

func newTwoCAs(t *testing.T) twoCAs {
	root := fakeca.New()
	w := twoCAs{
		root:  root,
		a:     root.Intermediate(fakeca.WithName("a")),
		b:     root.Intermediate(fakeca.WithName("b")),
		other: fakeca.New(),
	}
	for _, ca := range []*fakeca.CA{w.a, w.b, w.other} {
		ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0x1234)})
	}
	w.a.Set(big.NewInt(0x666), fakeca.Response{Status: fakeca.Revoked})
	w.b.Revoke(big.NewInt(0x1234), fakeca.Superseded)
	w.responder = ocsptest.NewResponder(t, w.a)
	w.responder.Add(w.b)
	return w
}

// join returns one request about all that reqs are about.
func join(reqs ...*fakeca.Request) *fakeca.Request {
	req := new(fakeca.Request)
	for _, r := range reqs {
		req.List = append(req.List, r.List...)
	}
	return req
}

// edited makes a request about a's 0x1234, and changes its CertID.
func edited(change func(*fakeca.CertID)) func(twoCAs) *fakeca.Request {
	return func(w twoCAs) *fakeca.Request {
		req := labtest.Request(w.a, 0x1234)
		change(&req.List[0].CertID)
		return req
	}
}

// unknownHash gives a CertID a hash algorithm that nothing knows.
func unknownHash(id *fakeca.CertID) { id.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 3} }

// byHash makes a request about a's 0x1234 with a CertID of this hash.
func byHash(hash crypto.Hash) func(twoCAs) *fakeca.Request {
	return func(w twoCAs) *fakeca.Request {
		return &fakeca.Request{List: []fakeca.SingleRequest{{CertID: fakeca.NewCertID(big.NewInt(0x1234), w.a.Cert, hash)}}}
	}
}

// nonceOf makes a request about a's 0x1234 with a nonce of n bytes.
func nonceOf(n int) func(twoCAs) *fakeca.Request {
	return func(w twoCAs) *fakeca.Request {
		return labtest.WithNonce(labtest.Request(w.a, 0x1234), bytes.Repeat([]byte{0xaa}, n))
	}
}

// extended makes a request about a's 0x1234 with an extension of the request or of
// its single request.
func extended(critical, single bool) func(twoCAs) *fakeca.Request {
	return func(w twoCAs) *fakeca.Request {
		req := labtest.Request(w.a, 0x1234)
		list := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: critical, Value: []byte{5, 0}}}
		if single {
			req.List[0].Extensions = list
		} else {
			req.Extensions = list
		}
		return req
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	const malformed, unauthorized = "server_failed (malformed)", "server_failed (unauthorized)"
	tests := []struct {
		name    string
		request func(twoCAs) *fakeca.Request
		want    string
	}{
		{"good", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0x1234) }, "good 1234"},
		{"revoked", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0x666) }, "revoked 666"},
		{"the same serial number of another CA", func(w twoCAs) *fakeca.Request { return labtest.Request(w.b, 0x1234) }, "revoked 1234"},
		{"of the CA above", func(w twoCAs) *fakeca.Request {
			return fakeca.NewRequest(big.NewInt(0x99), w.root.Cert)
		}, "unknown 99"},
		{"never issued", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0x77) }, "unknown 77"},
		{"zero", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0) }, "unknown 0"},
		{"negative", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, -0x1234) }, "unknown -1234"},
		{"a CA that it does not know", func(w twoCAs) *fakeca.Request { return labtest.Request(w.other, 0x1234) }, unauthorized},

		{"SHA-256", byHash(crypto.SHA256), "good 1234 by SHA-256"},
		{"SHA-384", byHash(crypto.SHA384), "good 1234 by SHA-384"},
		{"SHA-512", byHash(crypto.SHA512), "good 1234 by SHA-512"},
		{"a hash without NULL", edited(func(id *fakeca.CertID) { id.HashAlgorithm.Parameters = nil }), "good 1234 without NULL"},
		{"the name of another CA", edited(func(id *fakeca.CertID) { id.IssuerNameHash[0] ^= 1 }), unauthorized},
		{"the key of another CA", edited(func(id *fakeca.CertID) { id.IssuerKeyHash[0] ^= 1 }), unauthorized},
		{"a hash that lies", edited(func(id *fakeca.CertID) {
			id.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
		}), unauthorized},
		{"an unknown hash", edited(unknownHash), unauthorized},

		{"several", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0x1234, 0x666, 0x77) }, "good 1234, revoked 666, unknown 77"},
		{"twice the same", func(w twoCAs) *fakeca.Request { return labtest.Request(w.a, 0x666, 0x666) }, "revoked 666, revoked 666"},
		{"in two hashes", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.a, 0x1234), byHash(crypto.SHA256)(w))
		}, "good 1234, good 1234 by SHA-256"},
		{"of two CAs", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.a, 0x1234), labtest.Request(w.b, 0x1234))
		}, "good 1234, unknown 1234"},
		{"of two CAs, the other first", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.b, 0x1234), labtest.Request(w.a, 0x666))
		}, "revoked 1234, unknown 666"},
		{"of an unknown CA second", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.a, 0x1234), labtest.Request(w.other, 0x1234))
		}, "good 1234, unknown 1234"},
		{"of an unknown CA first", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.other, 0x1234), labtest.Request(w.a, 0x1234))
		}, unauthorized},
		{"an unknown hash second", func(w twoCAs) *fakeca.Request {
			return join(labtest.Request(w.a, 0x666), edited(unknownHash)(w))
		}, "revoked 666, unknown 1234 by unknown hash value 0"},
		{"none", func(twoCAs) *fakeca.Request { return new(fakeca.Request) }, malformed},

		{"nonce of 0 bytes", nonceOf(0), malformed},
		{"nonce of 1 byte", nonceOf(1), "good 1234, nonce 0401aa"},
		{"nonce of 32 bytes", nonceOf(32), "good 1234, nonce 0420" + strings.Repeat("aa", 32)},
		{"nonce of 33 bytes", nonceOf(33), "good 1234, nonce 0421" + strings.Repeat("aa", 33)},
		{"nonce of 128 bytes", nonceOf(128), "good 1234, nonce 048180" + strings.Repeat("aa", 128)},
		{"nonce of 129 bytes", nonceOf(129), malformed},
		{"critical nonce", func(w twoCAs) *fakeca.Request {
			req := nonceOf(1)(w)
			req.Extensions[0].Critical = true
			return req
		}, "good 1234, nonce 0401aa"},
		{"two nonces", func(w twoCAs) *fakeca.Request {
			req := nonceOf(1)(w)
			req.Extensions = append(req.Extensions, req.Extensions[0])
			return req
		}, malformed},
		{"unwrapped nonce", func(w twoCAs) *fakeca.Request {
			req := nonceOf(16)(w)
			req.Extensions[0].Value = req.Extensions[0].Value[2:]
			return req
		}, malformed},

		{"extension", extended(false, false), "good 1234"},
		{"extension of a single request", extended(false, true), "good 1234"},
		{"critical extension", extended(true, false), malformed},
		{"critical extension of a single request", extended(true, true), malformed},
		{"with the requestor's name", func(w twoCAs) *fakeca.Request {
			req := labtest.Request(w.a, 0x1234)
			req.RequestorName = append([]byte{0xa4, byte(len(w.a.Cert.RawSubject))}, w.a.Cert.RawSubject...)
			return req
		}, "good 1234"},
		{"signed", func(w twoCAs) *fakeca.Request {
			req := labtest.Request(w.a, 0x1234)
			req.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
			req.Signature = []byte("not checked")
			return req
		}, "good 1234"},
	}
	w := newTwoCAs(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req := test.request(w)
			for _, way := range ways {
				got := way.ask(t, w.responder, req.Marshal())
				if got.Code != 200 || got.Header.Get("Content-Type") != "application/ocsp-response" {
					t.Errorf("%s: %d %v", way.name, got.Code, got.Header)
				}
				if labtest.Said(got.Body) != test.want {
					t.Errorf("%s: says %s, want %s", way.name, labtest.Said(got.Body), test.want)
				}
				if strings.HasPrefix(test.want, "server_failed") {
					continue
				}
				for _, ca := range []*fakeca.CA{w.root, w.a, w.b} {
					if first := req.List[0].CertID.IssuedBy(ca.Cert); (labtest.SignedBy(ca, got.Body) == nil) != first {
						t.Errorf("%s: signed by %v: %v, want %v", way.name, ca.Cert.Subject, !first, first)
					}
				}
			}
		})
	}
}

// Bytes that are no OCSP request get an OCSP error, not an HTTP error.
func TestResponsesToMalformedRequests(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca)
	good := labtest.RequestFor(ca.Leaf()).Marshal()
	tests := []struct {
		name string
		der  []byte
	}{
		{"nothing", nil},
		{"text", []byte("give me the status, please")},
		{"cut short", good[:len(good)-1]},
		{"trailing bytes", append(bytes.Clone(good), 0)},
		{"BER", append([]byte{0x30, 0x81}, good[1:]...)},
		{"a response", ca.Leaf().Staple(fakeca.Response{})},
		{"a certificate", ca.Cert.Raw},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, way := range ways {
				if got := way.ask(t, r, test.der); got.Code != 200 || labtest.Status(got.Body) != "server_failed (malformed)" {
					t.Errorf("%s: %d, %s", way.name, got.Code, labtest.Status(got.Body))
				}
			}
		})
	}
}

// A response says what is on record, including what is wrong on purpose.
func TestResponsesFromRecord(t *testing.T) {
	t.Parallel()
	other := big.NewInt(0x99)
	tests := []struct {
		name   string
		record fakeca.Response
		want   string // of a request about it, and then about a good one
	}{
		{"unknown", fakeca.Response{Status: fakeca.Unknown}, "unknown 1234, good 5678"},
		{"failing", fakeca.Response{Status: fakeca.ServerFailed}, "server_failed (internal error)"},
		{"try later", fakeca.Response{Error: ocsp.TryLater}, "server_failed (try later)"},
		{"another serial number", fakeca.Response{Serial: other}, "good 99, good 5678"},
		{"its own serial number", fakeca.Response{Serial: big.NewInt(0x1234)}, "good 1234, good 5678"},
		{"another hash", fakeca.Response{Hash: crypto.SHA512}, "good 1234 by SHA-512, good 5678"},
		{"a nonce of its own", fakeca.Response{Nonce: []byte{1}}, "good 1234, good 5678, nonce 040101"},
		{"others beside it", fakeca.Response{Also: []fakeca.Response{{Serial: other, Status: fakeca.Revoked}}},
			"good 1234, good 5678, revoked 99"},
		{"an Edit", fakeca.Response{Edit: func(m *fakeca.Message) {
			m.Responses = m.Responses[1:]
			m.Responses[0].CertID.SerialNumber.SetInt64(0x42)
		}}, "good 42"},
		{"a Mutate", fakeca.Response{Mutate: func([]byte) []byte { return []byte{0x30, 0x03, 0x0a, 0x01, 0x06} }},
			"server_failed (unauthorized)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New()
			r := ocsptest.NewUnstartedResponder(ca)
			ca.Set(big.NewInt(0x1234), test.record)
			ca.Set(big.NewInt(0x5678), fakeca.Response{})
			for _, way := range []string{"made", "kept"} {
				if got := labtest.Said(labtest.Post(r, labtest.Request(ca, 0x1234, 0x5678)).Body); got != test.want {
					t.Errorf("%s: %s, want %s", way, got, test.want)
				}
			}
		})
	}
}

// The record of a certificate after the first changes only its single response.
func TestResponsesFromRecordOfTheSecond(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	ca.Set(big.NewInt(1), fakeca.Response{})
	for i, test := range []struct {
		record fakeca.Response
		want   string
	}{
		{fakeca.Response{Status: fakeca.ServerFailed}, "good 1, unknown 2"},
		{fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, Nonce: []byte{1}}, "good 1, revoked 2"},
		{fakeca.Response{Serial: big.NewInt(3)}, "good 1, good 3"},
		{fakeca.Response{Hash: crypto.SHA256}, "good 1, good 2 by SHA-256"},
		{fakeca.Response{Forever: true, Mutate: func([]byte) []byte { return nil }}, "good 1, good 2"},
	} {
		ca.Set(big.NewInt(2), test.record)
		if got := labtest.Said(labtest.Post(r, labtest.Request(ca, 1, 2)).Body); got != test.want {
			t.Errorf("%d: %s, want %s", i, got, test.want)
		}
	}
}

// x/crypto/ocsp makes the request and verifies the response.
func TestResponsesForXCrypto(t *testing.T) {
	t.Parallel()
	ca := fakeca.New().Intermediate()
	r := ocsptest.NewResponder(t, ca)
	leaf := ca.Leaf()
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for _, want := range []int{ocsp.Good, ocsp.Revoked} {
			if want == ocsp.Revoked {
				leaf.Revoke(fakeca.CACompromise)
			} else {
				ca.Set(leaf.Cert.SerialNumber, fakeca.Response{})
			}
			der := labtest.Must(ocsp.CreateRequest(leaf.Cert, ca.Cert, &ocsp.RequestOptions{Hash: hash}))
			for _, way := range ways {
				got, err := ocsp.ParseResponseForCert(way.ask(t, r, der).Body, leaf.Cert, ca.Cert)
				if err != nil || got.Status != want || got.IssuerHash != hash {
					t.Errorf("%v, %s: %+v, %v", hash, way.name, got, err)
				}
			}
		}
	}
	for _, request := range r.Requests() {
		if len(request.Irregularities) > 0 {
			t.Errorf("%v", request)
		}
	}
}
