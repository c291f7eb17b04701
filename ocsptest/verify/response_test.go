package verify_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	other := big.NewInt(0x99)
	runCases(t, w, []testCase{
		{name: "good"},
		{name: "unknown", response: fakeca.Response{Status: fakeca.Unknown}, status: fakeca.Unknown},
		{name: "revoked", response: fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded}, status: fakeca.Revoked},
		{name: "SHA-256 in the CertID", response: fakeca.Response{Hash: crypto.SHA256}},
		{name: "SHA-384 in the CertID", response: fakeca.Response{Hash: crypto.SHA384}},
		{name: "SHA-512 in the CertID", response: fakeca.Response{Hash: crypto.SHA512}},
		{name: "hash without NULL", response: editing(func(m *fakeca.Message) { m.Responses[0].CertID.HashAlgorithm.Parameters = nil })},
		{name: "by key", response: fakeca.Response{ByKey: true}},
		{name: "delegate", response: fakeca.Response{Signer: w.delegate}},
		{name: "delegate, revoked", response: fakeca.Response{Signer: w.delegate, Status: fakeca.Revoked}, status: fakeca.Revoked},
		{name: "nonce that was not requested", response: fakeca.Response{Nonce: []byte("nonce")}},
		{name: "the second of two", response: fakeca.Response{Serial: other, Status: fakeca.Revoked, Also: []fakeca.Response{{}}}},
		{name: "the first of two", response: fakeca.Response{Also: []fakeca.Response{{Serial: other, Status: fakeca.Revoked}}}},
		{name: "two hashes", response: fakeca.Response{Also: []fakeca.Response{{Hash: crypto.SHA256}}}},
		{name: "issuer embedded", response: fakeca.Response{Signer: asSigner(w.ca)}},
		{name: "others embedded", response: editing(func(m *fakeca.Message) { m.Certs = [][]byte{w.sibling.Cert.Raw, w.root.Cert.Raw} })},
	})
}

// TestVerifyMalformed shows that a response that cannot be parsed is not checked
// further.
func TestVerifyMalformed(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	extra := []byte{0x20, 0x20, 0x20}
	runCases(t, w, []testCase{
		{name: "nothing", der: func() []byte { return nil }, want: []string{"malformed: empty (RFC 6960 4.2.1)"}},
		{
			name: "garbage",
			der:  func() []byte { return []byte("garbage") },
			want: []string{"malformed: found tag 0x67, expected 0x30 (RFC 6960 4.2.1)"},
		},
		{name: "truncated", response: mutating(func(der []byte) []byte { return der[:len(der)-1] }),
			want: []string{"malformed: truncated, or its length is not DER (RFC 6960 4.2.1)"}},
		{name: "trailing data", response: mutating(func(der []byte) []byte { return append(der, 0) }),
			want: []string{"malformed: 1 bytes of trailing data (RFC 6960 4.2.1)"}},
		{name: "unassigned error status", der: func() []byte { return []byte{0x30, 3, 0x0a, 1, 4} },
			want: []string{"malformed: responseStatus: 4 is not assigned (RFC 6960 4.2.1)"}},
		{name: "success without bytes", der: func() []byte { return []byte{0x30, 3, 0x0a, 1, 0} },
			want: []string{"malformed: responseBytes: missing from a successful response (RFC 6960 4.2.1)"}},
		{name: "error with bytes", response: editing(func(m *fakeca.Message) { m.ResponseStatus = ocsp.TryLater }),
			want: []string{"malformed: responseBytes: present in the error response 3 (RFC 6960 4.2.1)"}},
		{name: "trailing data in ResponseBytes", response: editing(func(m *fakeca.Message) { m.ResponseBytes.Extra = extra }),
			want: []string{"malformed: responseBytes: 3 bytes of trailing data (RFC 6960 4.2.1)"}},
		{name: "trailing data in BasicOCSPResponse", response: editing(func(m *fakeca.Message) { m.BasicOCSPResponse.Extra = extra }),
			want: []string{"malformed: response: 3 bytes of trailing data (RFC 6960 4.2.1)"}},
		{name: "trailing data in tbsResponseData", response: editing(func(m *fakeca.Message) { m.ResponseData.Extra = extra }),
			want: []string{"malformed: tbsResponseData: 3 bytes of trailing data (RFC 6960 4.2.1)"}},
		{name: "trailing data in a single response", response: editing(func(m *fakeca.Message) { m.Responses[0].Extra = extra }),
			want: []string{"malformed: single response 0: 3 bytes of trailing data (RFC 6960 4.2.1)"}},
		{name: "thisUpdate is a UTCTime", response: editing(func(m *fakeca.Message) { m.Responses[0].ThisUpdate.Raw = []byte{0x17, 0} }),
			want: []string{"malformed: single response 0: thisUpdate: found tag 0x17, expected 0x18 (RFC 6960 4.2.1)"}},
		{name: "no certStatus", response: editing(func(m *fakeca.Message) { m.Responses[0].CertStatus.Raw = []byte{} }),
			want: []string{"malformed: single response 0: certStatus: tag 0x18 is neither good, revoked nor unknown (RFC 6960 4.2.1)"}},
		{name: "embedded certificate is an empty SEQUENCE", response: editing(func(m *fakeca.Message) { m.Certs = [][]byte{{0x30, 0}} }),
			want: []string{"malformed: certs: certificate 0: missing (RFC 6960 4.2.1)"}},
		{
			name:     "responseType",
			response: editing(func(m *fakeca.Message) { m.ResponseType = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2} }),
			want: []string{
				"response-type: responseType: 1.3.6.1.5.5.7.48.1.2 is not id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1 (RFC 6960 4.2.1)",
			},
		},
		{name: "version 2", response: editing(func(m *fakeca.Message) { m.Version = 1 }),
			want: []string{"version: version: 01 is not v1 (RFC 6960 4.2.2.3)"}},
		{name: "version 1 stated", response: editing(func(m *fakeca.Message) { m.RawVersion = []byte{0xa0, 3, 2, 1, 0} }),
			want: []string{"version: version: v1 is the default, which DER leaves out (RFC 6960 4.2.2.3)"}},
	})
}

func TestVerifyErrorStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	for _, tt := range []struct {
		name   string
		status ocsp.ResponseStatus
	}{
		{"malformed", ocsp.Malformed}, {"internal error", ocsp.InternalError}, {"try later", ocsp.TryLater},
		{"signature required", ocsp.SignatureRequired}, {"unauthorized", ocsp.Unauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w.judge(t, testCase{
				response: fakeca.Response{Error: tt.status},
				want:     []string{"error-status: " + tt.name + " (RFC 6960 2.3)"}, status: fakeca.ServerFailed,
			})
			resp, _ := verify.Response(w.leaf.Staple(fakeca.Response{Error: tt.status}), w.leaf.Cert, w.ca.Cert, judgedAt)
			if resp.Error != tt.status {
				t.Errorf("got the error %v, want %v", resp.Error, tt.status)
			}
		})
	}
}

func TestVerifyCertID(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	id := func(change func(*fakeca.CertID)) fakeca.Response {
		return editing(func(m *fakeca.Message) { change(&m.Responses[0].CertID) })
	}
	of := func(issuer *fakeca.CA) fakeca.CertID {
		return fakeca.NewCertID(w.leaf.Cert.SerialNumber, issuer.Cert, crypto.SHA1)
	}
	runCases(t, w, []testCase{
		{name: "serial", response: fakeca.Response{Serial: big.NewInt(1)},
			want: []string{"certid-serial: none of 1 single responses is about serial 2a (RFC 6960 3.2)"}},
		{name: "serials", response: fakeca.Response{Serial: big.NewInt(1), Also: []fakeca.Response{{Serial: big.NewInt(2)}}},
			want: []string{"certid-serial: none of 2 single responses is about serial 2a (RFC 6960 3.2)"}},
		{name: "negative serial", response: fakeca.Response{Serial: big.NewInt(-0x2a)},
			want: []string{"certid-serial: none of 1 single responses is about serial 2a (RFC 6960 3.2)"}},
		{name: "no single responses", response: editing(func(m *fakeca.Message) { m.Responses = nil }),
			want: []string{"certid-serial: none of 0 single responses is about serial 2a (RFC 6960 3.2)"}},
		{name: "name", response: id(func(id *fakeca.CertID) { id.IssuerNameHash[0] ^= 1 }),
			want: []string{"certid-name-hash: issuerNameHash is not the SHA-1 of the issuer's name (RFC 6960 3.2)"}},
		{name: "key", response: id(func(id *fakeca.CertID) { id.IssuerKeyHash[19] ^= 1 }),
			want: []string{"certid-key-hash: issuerKeyHash is not the SHA-1 of the issuer's key (RFC 6960 3.2)"}},
		{name: "another CA", response: id(func(id *fakeca.CertID) { *id = of(w.stranger) }), want: []string{
			"certid-name-hash: issuerNameHash is not the SHA-1 of the issuer's name (RFC 6960 3.2)",
			"certid-key-hash: issuerKeyHash is not the SHA-1 of the issuer's key (RFC 6960 3.2)",
		}},
		{
			name:     "another CA and revoked",
			response: fakeca.Response{Status: fakeca.Revoked, Edit: func(m *fakeca.Message) { m.Responses[0].CertID = of(w.stranger) }},
			want: []string{
				"certid-name-hash: issuerNameHash is not the SHA-1 of the issuer's name (RFC 6960 3.2)",
				"certid-key-hash: issuerKeyHash is not the SHA-1 of the issuer's key (RFC 6960 3.2)",
			},
		},
		{
			name: "another CA, after the right one",
			response: fakeca.Response{
				Also: []fakeca.Response{{Status: fakeca.Revoked}},
				Edit: func(m *fakeca.Message) { m.Responses[1].CertID = of(w.stranger) },
			},
		},
		{name: "names SHA-1, is SHA-256", response: fakeca.Response{Hash: crypto.SHA256, Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.HashAlgorithm = of(w.ca).HashAlgorithm
		}}, want: []string{"certid-hash-algorithm: hashes of 32 and 32 bytes do not fit the algorithm 1.3.14.3.2.26 (RFC 6960 4.1.1)"}},
		{name: "unknown hash", response: id(func(id *fakeca.CertID) { id.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 3} }),
			want: []string{"certid-hash-algorithm: hashes of 20 and 20 bytes do not fit the algorithm 1.2.3 (RFC 6960 4.1.1)"}},
		{name: "parameters of the hash", response: id(func(id *fakeca.CertID) { id.HashAlgorithm.Parameters = []byte{2, 1, 0} }),
			want: []string{"certid-hash-algorithm: hashes of 20 and 20 bytes do not fit the algorithm 1.3.14.3.2.26 (RFC 6960 4.1.1)"}},
	})
}

// TestVerifyContradiction shows that of several single responses about the leaf
// only the current ones count, and that the worst one wins.
func TestVerifyContradiction(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	const h = time.Hour
	ago := func(s fakeca.Status, from, to time.Duration) fakeca.Response {
		return fakeca.Response{Status: s, ThisUpdate: judgedAt.Add(-from), NextUpdate: judgedAt.Add(-to)}
	}
	old := func(s fakeca.Status) fakeca.Response { return ago(s, 3*h, 2*h) }
	early := func(s fakeca.Status) fakeca.Response { return ago(s, -2*h, -3*h) }
	says := func(all ...fakeca.Response) fakeca.Response {
		r := all[0]
		r.ProducedAt, r.Also = judgedAt.Add(-h), all[1:]
		return r
	}
	good, revoked, unknown := fakeca.Response{}, fakeca.Response{Status: fakeca.Revoked}, fakeca.Response{Status: fakeca.Unknown}
	both := func(a, b string) []string {
		return []string{"contradiction: it says both " + a + " and " + b + " (RFC 6960 4.2.2.3)"}
	}
	runCases(t, w, []testCase{
		{name: "good and good", response: says(good, good)},
		{name: "good and revoked", response: says(good, revoked), want: both("good", "revoked"), status: fakeca.Revoked},
		{name: "revoked and good", response: says(revoked, good), want: both("revoked", "good"), status: fakeca.Revoked},
		{name: "good and unknown", response: says(good, unknown), want: both("good", "unknown"), status: fakeca.Unknown},
		{name: "unknown and good", response: says(unknown, good), want: both("unknown", "good"), status: fakeca.Unknown},
		{name: "unknown and revoked", response: says(unknown, revoked), want: both("unknown", "revoked"), status: fakeca.Revoked},
		{name: "revoked and unknown", response: says(revoked, unknown), want: both("revoked", "unknown"), status: fakeca.Revoked},
		{name: "good, unknown and revoked", response: says(good, unknown, revoked),
			want: append(both("good", "unknown"), both("unknown", "revoked")...), status: fakeca.Revoked},
		{name: "old good and good", response: says(old(fakeca.Good), good)},
		{name: "old revoked and good", response: says(old(fakeca.Revoked), good)},
		{name: "good and old revoked", response: says(good, old(fakeca.Revoked))},
		{name: "early revoked and good", response: says(early(fakeca.Revoked), good)},
		{name: "old good and revoked", response: says(old(fakeca.Good), revoked), status: fakeca.Revoked},
		{name: "old good and early good", response: says(old(fakeca.Good), early(fakeca.Good)), want: []string{
			"expired: nextUpdate 2026-03-01T10:00:00Z is in the past (RFC 6960 3.2)",
			"early: thisUpdate 2026-03-01T14:00:00Z is in the future (RFC 6960 4.2.2.1)",
		}},
		{name: "old good and old revoked", response: says(old(fakeca.Good), old(fakeca.Revoked)), want: append([]string{
			"expired: nextUpdate 2026-03-01T10:00:00Z is in the past (RFC 6960 3.2)",
			"expired: nextUpdate 2026-03-01T10:00:00Z is in the past (RFC 6960 3.2)",
		}, both("good", "revoked")...), status: fakeca.Revoked},
		{
			name:     "by two hashes",
			response: says(good, fakeca.Response{Status: fakeca.Revoked, Hash: crypto.SHA256}),
			want:     both("good", "revoked"),
			status:   fakeca.Revoked,
		},
	})
}

func TestVerifyExtensions(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	e := func(critical bool, oid ...int) []pkix.Extension {
		return []pkix.Extension{{Id: oid, Critical: critical, Value: []byte{5, 0}}}
	}
	response := func(list []pkix.Extension) fakeca.Response {
		return editing(func(m *fakeca.Message) { m.ResponseExtensions = list })
	}
	single := func(list []pkix.Extension) fakeca.Response {
		return editing(func(m *fakeca.Message) { m.Responses[0].SingleExtensions = list })
	}
	const ext = "critical-extension: the extension 1.2.3 of "
	cases := []testCase{
		{name: "response", response: response(e(false, 1, 2, 3))},
		{name: "single", response: single(e(false, 1, 2, 3))},
		{
			name:     "response, critical",
			response: response(e(true, 1, 2, 3)),
			want:     []string{ext + "the response is critical and unknown (RFC 6960 4.4)"},
		},
		{
			name:     "single, critical",
			response: single(e(true, 1, 2, 3)),
			want:     []string{ext + "the single response is critical and unknown (RFC 6960 4.4)"},
		},
		{name: "extended revoked", response: response(e(false, 1, 3, 6, 1, 5, 5, 7, 48, 1, 9))},
		{
			name:     "extended revoked, critical",
			response: response(e(true, 1, 3, 6, 1, 5, 5, 7, 48, 1, 9)),
			want:     []string{"critical-extension: the extension 1.3.6.1.5.5.7.48.1.9 of the response must not be critical (RFC 6960 4.4)"},
		},
		{
			name: "another's single, critical",
			response: fakeca.Response{Also: []fakeca.Response{{Serial: big.NewInt(1)}}, Edit: func(m *fakeca.Message) {
				m.Responses[1].SingleExtensions = e(true, 1, 2, 3)
			}},
		},
	}
	for _, known := range []struct {
		name string
		oid  asn1.ObjectIdentifier
	}{
		{"nonce", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}},
		{"CRL references", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 3}},
		{"archive cutoff", asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}},
		{"reason code", asn1.ObjectIdentifier{2, 5, 29, 21}},
		{"hold instruction", asn1.ObjectIdentifier{2, 5, 29, 23}},
		{"invalidity date", asn1.ObjectIdentifier{2, 5, 29, 24}},
		{"certificate issuer", asn1.ObjectIdentifier{2, 5, 29, 29}},
		{"timestamps", asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5}},
	} {
		cases = append(cases,
			testCase{name: known.name + ", critical, in the response", response: response(e(true, known.oid...))},
			testCase{name: known.name + ", critical, in the single", response: single(e(true, known.oid...))})
	}
	runCases(t, w, cases)
}

func TestVerifyNonce(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	asked := verify.Options{Nonce: []byte("nonce")}
	required := verify.Options{Nonce: []byte("nonce"), RequireNonce: true}
	twice := fakeca.Response{Nonce: []byte("nonce"), Edit: func(m *fakeca.Message) {
		m.ResponseExtensions = append(m.ResponseExtensions, m.ResponseExtensions[0])
	}}
	bare := fakeca.Response{Nonce: []byte("nonce"), Edit: func(m *fakeca.Message) { m.ResponseExtensions[0].Value = []byte("nonce") }}
	runCases(t, w, []testCase{
		{name: "echoed", options: asked, response: fakeca.Response{Nonce: []byte("nonce")}},
		{name: "echoed, required", options: required, response: fakeca.Response{Nonce: []byte("nonce")}},
		{
			name:     "another",
			options:  asked,
			response: fakeca.Response{Nonce: []byte("other")},
			want:     []string{"nonce: it is not that of the request (RFC 9654 2.1)"},
		},
		{
			name:     "cut short",
			options:  asked,
			response: fakeca.Response{Nonce: []byte("nonc")},
			want:     []string{"nonce: it is not that of the request (RFC 9654 2.1)"},
		},
		{
			name:     "empty",
			options:  asked,
			response: fakeca.Response{Nonce: []byte{}},
			want:     []string{"nonce: it is not that of the request (RFC 9654 2.1)"},
		},
		{name: "none", options: asked},
		{name: "none, required", options: required, want: []string{"nonce: the response has none (RFC 9654 2.1)"}},
		{name: "two", options: asked, response: twice, want: []string{"nonce: nonce: there are two (RFC 9654 2.1)"}},
		{name: "two, not requested", response: twice},
		{
			name:     "no OCTET STRING",
			options:  asked,
			response: bare,
			want:     []string{"nonce: nonce: found tag 0x6e, expected 0x04 (RFC 9654 2.1)"},
		},
	})
}

// TestVerifyReportsAll shows that all violations of a response are reported.
func TestVerifyReportsAll(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	w.judge(t, testCase{
		options: verify.Options{Nonce: []byte("nonce")},
		response: fakeca.Response{
			Status: fakeca.Revoked, Nonce: []byte("other"), Signer: w.sibling, ByKey: true,
			ThisUpdate: judgedAt.Add(2 * time.Hour), NextUpdate: judgedAt.Add(time.Hour), ProducedAt: judgedAt.Add(time.Hour),
			Edit: func(m *fakeca.Message) {
				m.ResponderID.ByKey[0] ^= 1
				m.Responses[0].SingleExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true}}
				m.ResponseExtensions = append(m.ResponseExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 4}, Critical: true})
			},
		},
		want: []string{
			"early: thisUpdate 2026-03-01T14:00:00Z is in the future (RFC 6960 4.2.2.1)",
			"update-order: nextUpdate 2026-03-01T13:00:00Z is before thisUpdate 2026-03-01T14:00:00Z (RFC 6960 2.4)",
			"critical-extension: the extension 1.2.3 of the single response is critical and unknown (RFC 6960 4.4)",
			"produced-at: producedAt 2026-03-01T13:00:00Z is in the future (RFC 6960 2.4)",
			"critical-extension: the extension 1.2.4 of the response is critical and unknown (RFC 6960 4.4)",
			"nonce: it is not that of the request (RFC 9654 2.1)",
			`responder-id: it does not name the signer, "CN=sibling.example.test" (RFC 6960 4.2.2.3)`,
			`signer-eku: "CN=sibling.example.test" has no id-kp-OCSPSigning (RFC 6960 4.2.2.2)`,
		},
		status: fakeca.Revoked,
	})
}

func TestResponseRefusesNil(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	for _, tt := range []struct {
		name         string
		leaf, issuer *x509.Certificate
		want         string
	}{
		{"leaf", nil, w.ca.Cert, "verify: leaf is nil; pass the certificate"},
		{"issuer", w.leaf.Cert, nil, "verify: issuer is nil; pass the certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, err := verify.Response(w.leaf.Staple(fakeca.Response{}), tt.leaf, tt.issuer, judgedAt)
			if err == nil || err.Error() != tt.want || resp.Status != fakeca.ServerFailed {
				t.Errorf("%v, %v; want %q", resp, err, tt.want)
			}
		})
	}
}
