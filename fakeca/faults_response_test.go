package fakeca_test

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Unusual statuses and revocations, all of them in DER.
func revocationFaults() []fault {
	revoked := func(r *fakeca.Response) { r.Status, r.RevokedAt = fakeca.Revoked, at(-2*time.Hour) }
	since := func(t time.Time) fault {
		return fault{
			r:    fakeca.Response{Status: fakeca.Revoked, RevokedAt: t},
			want: func(r *fakeca.Response) { r.Status, r.RevokedAt = fakeca.Revoked, t },
		}
	}
	named := func(name string, f fault) fault { f.name = name; return f }
	faults := []fault{
		{name: "cert-good"},
		{name: "cert-unknown", r: fakeca.Response{Status: fakeca.Unknown}, want: func(r *fakeca.Response) { r.Status = fakeca.Unknown }},
		{name: "cert-revoked-no-reason", r: fakeca.Response{Status: fakeca.Revoked}, want: revoked},
		{
			name: "cert-revoked-reason-unspecified-explicit", r: fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true},
			want: func(r *fakeca.Response) { revoked(r); r.ExplicitReason = true },
		},
		named("cert-revoked", since(at(-240*time.Hour))),
		named("cert-revoked-future", since(at(time.Hour))),
		named("cert-revoked-before-issue", since(y1999.Add(-time.Second))),
		named("cert-revoked-zero-time", since(time.Unix(0, 0).UTC())),
		{
			name: "cert-unassigned-good", r: fakeca.Response{Serial: big.NewInt(4711)},
			want: func(r *fakeca.Response) { r.Serial = big.NewInt(4711) },
		},
		{
			name: "extended-revoked",
			r:    fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.CertificateHold, RevokedAt: time.Unix(0, 0), Serial: big.NewInt(4711)},
			edit: func(m *fakeca.Message) {
				m.ResponseExtensions = []pkix.Extension{{Id: []int{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}, Value: null}}
			},
			want: func(r *fakeca.Response) {
				r.Status, r.Reason, r.RevokedAt, r.Serial = fakeca.Revoked, fakeca.CertificateHold, time.Unix(0, 0).UTC(), big.NewInt(4711)
			},
		},
	}
	for reason := fakeca.KeyCompromise; reason <= fakeca.AACompromise; reason++ {
		if reason != 7 {
			faults = append(faults, fault{
				name: "cert-revoked-reason-" + reason.String(),
				r:    fakeca.Response{Status: fakeca.Revoked, Reason: reason},
				want: func(r *fakeca.Response) { revoked(r); r.Reason = reason },
			})
		}
	}
	return faults
}

// Unusual CertIDs.
func certIDFaults() []fault {
	id := func(edit func(*fakeca.CertID)) func(*fakeca.Message) {
		return func(m *fakeca.Message) { edit(&m.Responses[0].CertID) }
	}
	algorithm := func(oid asn1.ObjectIdentifier, parameters []byte) func(*fakeca.Message) {
		return id(func(c *fakeca.CertID) {
			c.HashAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: oid, Parameters: parameters}
		})
	}
	sha1OID, sha256OID := asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	md4 := asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 4}
	const inHash = "single response 0: certID: hashAlgorithm: "
	other := fakeca.New(fakeca.WithName("another issuer"))
	hashed := func(h crypto.Hash) fault {
		return fault{name: "certid-hash-" + h.String(), r: fakeca.Response{Hash: h}, want: func(r *fakeca.Response) { r.Hash = h }}
	}
	// also returns a further single response as ParseResponse returns it.
	also := func(edit func(*fakeca.Response)) func(*fakeca.Response) {
		return func(r *fakeca.Response) {
			second := *r
			second.ProducedAt, second.SignatureAlgorithm = time.Time{}, 0
			edit(&second)
			r.Also = append(r.Also, second)
		}
	}
	revoked := func(r *fakeca.Response) { r.Status, r.RevokedAt = fakeca.Revoked, at(-2*time.Hour) }
	unknown := func(r *fakeca.Response) { r.Status = fakeca.Unknown }
	dated := func(this, next time.Duration) fakeca.Response {
		return fakeca.Response{ThisUpdate: at(this), NextUpdate: at(next)}
	}
	datedBack := func(r *fakeca.Response, this, next time.Duration) { r.ThisUpdate, r.NextUpdate = at(this), at(next) }
	const day = 24 * time.Hour
	serial := func(n int64) fakeca.Response { return fakeca.Response{Serial: big.NewInt(n)} }
	reverse := func(m *fakeca.Message) { slices.Reverse(m.Responses) }

	return []fault{
		hashed(crypto.SHA256), hashed(crypto.SHA384), hashed(crypto.SHA512),
		{name: "certid-wrong-serial", r: serial(9), want: func(r *fakeca.Response) { r.Serial = big.NewInt(9) }},
		{name: "certid-wrong-issuer-name-hash", edit: id(func(c *fakeca.CertID) { c.IssuerNameHash[0] ^= 1 })},
		{name: "certid-wrong-issuer-key-hash", edit: id(func(c *fakeca.CertID) { c.IssuerKeyHash[0] ^= 1 })},
		{
			name: "certid-hashes of other lengths",
			edit: id(func(c *fakeca.CertID) { c.IssuerNameHash, c.IssuerKeyHash = []byte{}, make([]byte, 300) }),
		},
		{name: "certid-other-issuer", edit: id(func(c *fakeca.CertID) {
			theirs := must(fakeca.ParseMessage(other.Sign(c.SerialNumber, fakeca.Response{})))
			*c = theirs.Responses[0].CertID
		})},
		{name: "certid-hash-alg-lies: sha1 for sha256", edit: id(func(c *fakeca.CertID) {
			name, key := sha256.Sum256(c.IssuerNameHash), sha256.Sum256(c.IssuerKeyHash)
			c.IssuerNameHash, c.IssuerKeyHash = name[:], key[:]
		})},
		{
			name: "certid-hash-alg-lies: sha256 for sha1", edit: algorithm(sha256OID, null),
			want: func(r *fakeca.Response) { r.Hash = crypto.SHA256 },
		},
		{
			name: "certid-hash-alg-lies: sha256 over sha1", r: fakeca.Response{Hash: crypto.SHA256},
			edit: id(func(c *fakeca.CertID) {
				name, key := sha1.Sum(c.IssuerNameHash), sha1.Sum(c.IssuerKeyHash)
				c.IssuerNameHash, c.IssuerKeyHash = name[:], key[:]
			}),
			want: func(r *fakeca.Response) { r.Hash = crypto.SHA256 },
		},
		{name: "certid-hash-missing NULL", edit: algorithm(sha1OID, nil)},
		{
			name: "certid-hash-unknown OID",
			edit: algorithm(asn1.ObjectIdentifier{1, 2, 3, 4}, null),
			err:  inHash + "1.2.3.4 with parameters 0500 is not known",
		},
		{name: "certid-hash-unknown MD4", edit: algorithm(md4, null), err: inHash + "1.2.840.113549.2.4 with parameters 0500 is not known"},
		{
			name: "certid-hash-bad-params INTEGER",
			edit: algorithm(sha1OID, []byte{2, 1, 0}),
			err:  inHash + "1.3.14.3.2.26 with parameters 020100 is not known",
		},
		{
			name: "certid-hash-bad-params NULL with content",
			edit: algorithm(sha1OID, []byte{5, 1, 0}),
			err:  inHash + "parameters: NULL with a content",
		},
		{name: "certid-hash-bad-params cut", edit: algorithm(sha1OID, []byte{4, 0x7f}), err: inHash + "parameters: " + truncated},

		{
			name: "singles-other-then-mine",
			r:    fakeca.Response{Serial: big.NewInt(9), Also: []fakeca.Response{{Status: fakeca.Revoked}}},
			want: func(r *fakeca.Response) { also(revoked)(r); r.Serial = big.NewInt(9) },
		},
		{
			name: "singles-none-mine",
			r:    fakeca.Response{Serial: big.NewInt(9), Also: []fakeca.Response{serial(10)}},
			want: func(r *fakeca.Response) {
				r.Serial = big.NewInt(9)
				also(func(r *fakeca.Response) { r.Serial = big.NewInt(10) })(r)
			},
		},
		{name: "singles-conflict-good-revoked", r: fakeca.Response{Also: []fakeca.Response{{Status: fakeca.Revoked}}}, want: also(revoked)},
		{
			name: "singles-conflict-revoked-good",
			r:    fakeca.Response{Also: []fakeca.Response{{Status: fakeca.Revoked}}}, edit: reverse,
			want: func(r *fakeca.Response) { also(func(*fakeca.Response) {})(r); revoked(r) },
		},
		{name: "singles-conflict-good-unknown", r: fakeca.Response{Also: []fakeca.Response{{Status: fakeca.Unknown}}}, want: also(unknown)},
		{
			name: "singles-old-plus-valid",
			r:    fakeca.Response{ThisUpdate: at(-30 * day), ProducedAt: at(0), Also: []fakeca.Response{{}}},
			want: func(r *fakeca.Response) {
				also(func(*fakeca.Response) {})(r)
				datedBack(r, -30*day, -29*day)
				r.ProducedAt = at(0)
			},
		},
		{
			name: "singles-all-bad-dates",
			r:    fakeca.Response{ThisUpdate: at(-30 * day), Also: []fakeca.Response{dated(day, 2*day), dated(-day, 4000*day)}},
			want: func(r *fakeca.Response) {
				also(func(r *fakeca.Response) { datedBack(r, day, 2*day) })(r)
				r.Also = append(r.Also, r.Also[0])
				datedBack(&r.Also[1], -day, 4000*day)
				datedBack(r, -30*day, -29*day)
				r.ProducedAt = at(-30 * day)
			},
		},
		{
			name: "singles-revoked-toolong-plus-good",
			r: fakeca.Response{Status: fakeca.Unknown, Also: []fakeca.Response{
				{Status: fakeca.Revoked, NextUpdate: at(4000 * day)}, {},
			}},
			want: func(r *fakeca.Response) {
				also(func(r *fakeca.Response) { revoked(r); r.NextUpdate = at(4000 * day) })(r)
				good := r.Also[0]
				good.Status, good.RevokedAt, good.NextUpdate = fakeca.Good, time.Time{}, r.NextUpdate
				r.Also = append(r.Also, good)
				unknown(r)
			},
		},
	}
}

// Unusual extensions and nonces.
func extensionFaults() []fault {
	ext := func(value []byte, critical bool, oid ...int) pkix.Extension {
		return pkix.Extension{Id: oid, Critical: critical, Value: value}
	}
	response := func(list ...pkix.Extension) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.ResponseExtensions = list }
	}
	single := func(list ...pkix.Extension) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.Responses[0].SingleExtensions = list }
	}
	rawResponse := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.RawResponseExtensions = append([]byte{}, raw...) }
	}
	rawSingle := func(raw ...byte) func(*fakeca.Message) {
		return func(m *fakeca.Message) { m.Responses[0].RawSingleExtensions = append([]byte{}, raw...) }
	}
	nonceOID := []int{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	nonce := func(value ...byte) pkix.Extension { return ext(value, false, nonceOID...) }
	withNonce := func(n []byte) func(*fakeca.Response) { return func(r *fakeca.Response) { r.Nonce = n } }
	nonces := func(name string, n []byte) fault {
		return fault{name: name, r: fakeca.Response{Nonce: n}, want: withNonce(n)}
	}
	anyTime := append([]byte{0x18, 15}, "20240506070809Z"...)
	const (
		inResponse = "responseExtensions: "
		inNonce    = inResponse + "nonce: "
		inSingle   = "single response 0: singleExtensions: "
		emptyList  = "an empty list is left out (RFC 5280 section 4.1)"
	)
	return []fault{
		{name: "ext-response-noncritical", edit: response(ext(null, false, 1, 2, 3))},
		{name: "ext-response-critical", edit: response(ext(null, true, 1, 2, 3))},
		{name: "ext-single-noncritical", edit: single(ext(null, false, 1, 2, 3))},
		{name: "ext-single-critical", edit: single(ext(null, true, 1, 2, 3))},
		{name: "ext-single-critical-known", edit: single(ext([]byte{4, 2, 0, 0}, true, 1, 3, 6, 1, 4, 1, 11129, 2, 4, 5))},
		{name: "ext-empty-list of the response", edit: rawResponse(0xa1, 2, 0x30, 0), err: inResponse + emptyList},
		{name: "ext-empty-list of the response, not nil", edit: response([]pkix.Extension{}...), err: inResponse + emptyList},
		{
			name: "ext-empty-list of a single",
			edit: func(m *fakeca.Message) { m.Responses[0].SingleExtensions = []pkix.Extension{} },
			err:  inSingle + emptyList,
		},
		{name: "ext empty wrapper", edit: rawResponse(0xa1, 0), err: inResponse + "missing"},
		{name: "ext of a wrong type", edit: rawSingle(0xa1, 2, 5, 0), err: inSingle + "found tag 0x05, expected 0x30"},
		{
			name: "ext with trailing data",
			edit: rawResponse(0xa1, 14, 0x30, 10, 0x30, 8, 6, 2, 0x2a, 3, 4, 2, 5, 0, 5, 0),
			err:  inResponse + "2 bytes of trailing data",
		},
		{
			name: "ext without a value",
			edit: rawSingle(0xa1, 8, 0x30, 6, 0x30, 4, 6, 2, 0x2a, 3),
			err:  inSingle + "extension 0: extnValue: missing",
		},
		{
			name: "ext without an OID",
			edit: rawSingle(0xa1, 8, 0x30, 6, 0x30, 4, 4, 2, 5, 0),
			err:  inSingle + "extension 0: found tag 0x04, expected 0x06",
		},
		{
			name: "ext with critical FALSE",
			edit: rawSingle(0xa1, 15, 0x30, 13, 0x30, 11, 6, 2, 0x2a, 3, 1, 1, 0, 4, 2, 5, 0),
			err:  inSingle + "extension 0: critical: neither TRUE nor left out",
		},
		{
			name: "ext with critical 1",
			edit: rawResponse(0xa1, 15, 0x30, 13, 0x30, 11, 6, 2, 0x2a, 3, 1, 1, 1, 4, 2, 5, 0),
			err:  inResponse + "extension 0: critical: neither TRUE nor left out",
		},
		{
			name: "ext with data after its value",
			edit: rawResponse(0xa1, 14, 0x30, 12, 0x30, 10, 6, 2, 0x2a, 3, 4, 2, 5, 0, 5, 0),
			err:  inResponse + "extension 0: 2 bytes of trailing data",
		},
		{name: "ext in [0]", edit: rawResponse(0xa0, 2, 0x30, 0), err: "tbsResponseData: 4 bytes of trailing data"},
		{name: "ext-invalidity-date", edit: single(ext(anyTime, false, 2, 5, 29, 24))},
		{name: "ext-hold-instruction", edit: single(ext([]byte{6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 2, 3}, false, 2, 5, 29, 23))},
		{name: "ext-certificate-issuer", edit: single(ext([]byte{0x30, 0}, true, 2, 5, 29, 29))},
		{name: "ext-single-reason-code", edit: single(ext([]byte{0x0a, 1, 1}, false, 2, 5, 29, 21))},
		{name: "ext-archive-cutoff", edit: single(ext(anyTime, false, 1, 3, 6, 1, 5, 5, 7, 48, 1, 6))},
		{name: "ext-crl-references", edit: single(ext([]byte{0x30, 0}, false, 1, 3, 6, 1, 5, 5, 7, 48, 1, 3))},
		{name: "ext-extended-revoke", edit: response(ext(null, false, 1, 3, 6, 1, 5, 5, 7, 48, 1, 9))},
		{name: "ext several", r: fakeca.Response{Nonce: []byte("n")}, edit: func(m *fakeca.Message) {
			m.ResponseExtensions = append(m.ResponseExtensions, ext(null, false, 1, 2, 3), ext([]byte{}, true, 1, 2, 4))
		}, want: withNonce([]byte("n"))},

		nonces("nonce-echo", []byte("0123456789abcdef0123456789abcdef")),
		nonces("nonce-bad-length: 0", []byte{}),
		nonces("nonce-bad-length: 1", []byte{0}),
		nonces("nonce-bad-length: 33", make([]byte, 33)),
		nonces("nonce-bad-length: 129", make([]byte, 129)),
		{name: "nonce-unwrapped", edit: response(nonce([]byte("0123456789abcdef")...)), err: inNonce + "found tag 0x30, expected 0x04"},
		{name: "nonce-unwrapped, of no bytes", edit: response(nonce()), err: inNonce + "missing"},
		{name: "nonce with trailing data", edit: response(nonce(4, 1, 0, 5, 0)), err: inNonce + "2 bytes of trailing data"},
		{name: "nonce twice", edit: response(nonce(4, 1, 0), nonce(4, 1, 0)), err: inNonce + "there are two"},
		{name: "nonce critical", edit: response(ext([]byte{4, 1, 7}, true, nonceOID...)), want: withNonce([]byte{7})},
		{name: "nonce in the single", edit: single(nonce(4, 1, 0))},
	}
}
