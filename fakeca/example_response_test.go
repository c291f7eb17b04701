package fakeca_test

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// monday is the clock of examples that print times.
func monday() time.Time { return time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC) }

// A table of staples.
func ExampleResponse() {
	leaf := fakeca.New(fakeca.WithClock(monday)).Leaf()
	for _, r := range []fakeca.Response{
		{},
		{Status: fakeca.Unknown, Forever: true},
		{NextUpdate: monday().Add(-time.Minute)}, // expired
		{Error: fakeca.TryLater},
	} {
		parsed, err := fakeca.ParseResponse(leaf.Staple(r))
		if err != nil {
			panic(err)
		}
		parsed.Serial = nil // it is random
		fmt.Println(parsed)
	}
	// Output:
	// good, producedAt 2024-05-06T11:00:00Z, thisUpdate 2024-05-06T11:00:00Z, nextUpdate 2024-05-07T11:00:00Z
	// unknown, producedAt 2024-05-06T11:00:00Z, thisUpdate 2024-05-06T11:00:00Z, no nextUpdate
	// good, producedAt 2024-05-06T11:00:00Z, thisUpdate 2024-05-06T11:00:00Z, nextUpdate 2024-05-06T11:59:00Z
	// server_failed (try later)
}

func ExampleResponse_json() {
	r := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, RevokedAt: monday()}
	text, err := json.Marshal(r)
	fmt.Println(string(text), err)
	// Output: {"status":"revoked","revocation_reason":"key_compromise","revoked_at":1714996800000} <nil>
}

// A status that another program reported in JSON.
func ExampleResponse_UnmarshalJSON() {
	var r fakeca.Response
	err := json.Unmarshal([]byte(`{"status":"revoked","revocation_reason":"superseded","this_update":1714996800000}`), &r)
	fmt.Println(r, err)
	// Output: revoked (superseded), thisUpdate 2024-05-06T12:00:00Z <nil>
}

func ExampleParseResponse() {
	_, err := fakeca.ParseResponse([]byte("invalid"))
	fmt.Println(err)
	// Output: fakeca: OCSP response: found tag 0x69, expected 0x30
}

// A response of a responder that spells out its version.
func ExampleParseMessageLenient() {
	der := fakeca.New().Leaf().Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		m.RawVersion = []byte{0xa0, 3, 2, 1, 0}
	}})
	_, err := fakeca.ParseMessage(der)
	fmt.Println(err)
	m, err := fakeca.ParseMessageLenient(der)
	if err != nil {
		panic(err)
	}
	fmt.Printf("version %d, read from %x\n", m.Version, m.RawVersion)
	// Output:
	// fakeca: OCSP response: version: v1 is the default, which DER leaves out
	// version 0, read from a003020100
}

func ExampleStatus() {
	for _, s := range []fakeca.Status{fakeca.Good, fakeca.Revoked, fakeca.Unknown, fakeca.ServerFailed} {
		fmt.Print(int(s), " ")
	}
	// Output: 0 1 2 3
}

func ExampleStatuses() {
	for s := range fakeca.Statuses() {
		fmt.Print(s, " ")
	}
	// Output: good revoked unknown server_failed
}

func ExampleReasons() {
	for r := range fakeca.Reasons() {
		fmt.Println(int(r), r)
	}
	// Output:
	// 0 unspecified
	// 1 key_compromise
	// 2 ca_compromise
	// 3 affiliation_changed
	// 4 superseded
	// 5 cessation_of_operation
	// 6 certificate_hold
	// 8 remove_from_crl
	// 9 privilege_withdrawn
	// 10 aa_compromise
}

func ExampleReason() {
	for _, r := range []fakeca.Reason{
		fakeca.Unspecified, fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AffiliationChanged, fakeca.Superseded,
		fakeca.CessationOfOperation, fakeca.CertificateHold, fakeca.RemoveFromCRL, fakeca.PrivilegeWithdrawn, fakeca.AACompromise,
	} {
		fmt.Print(int(r), " ")
	}
	// Output: 0 1 2 3 4 5 6 8 9 10
}

// The errors that a responder can report instead of a status.
func ExampleFailures() {
	leaf := fakeca.New().Leaf()
	for failure, name := range fakeca.Failures() {
		r, err := fakeca.ParseResponse(leaf.Staple(fakeca.Response{Error: failure}))
		fmt.Println(name, r.Failure() == failure, err)
	}
	// Output:
	// malformed_request true <nil>
	// internal_error true <nil>
	// try_later true <nil>
	// sig_required true <nil>
	// unauthorized true <nil>
}

func ExampleResponse_Failure() {
	for _, r := range []fakeca.Response{
		{Error: fakeca.MalformedRequest},
		{Error: fakeca.InternalError},
		{Status: fakeca.ServerFailed}, // the same
		{Error: fakeca.TryLater},
		{Error: fakeca.SigRequired},
		{Error: fakeca.Unauthorized},
		{Status: fakeca.Revoked},
	} {
		fmt.Println(r.Failure())
	}
	// Output:
	// malformed
	// internal error
	// internal error
	// try later
	// signature required
	// unauthorized
	// success
}

// Both spellings are accepted.
func ExampleReason_UnmarshalText() {
	var mine, rfc5280 fakeca.Reason
	fmt.Println(mine.UnmarshalText([]byte("ca_compromise")), rfc5280.UnmarshalText([]byte("cACompromise")), mine == rfc5280)
	// Output: <nil> <nil> true
}

// Edit changes a part of the message before it is signed: here to a time that no
// parser should accept.
func ExampleMessage() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		m.Responses[0].ThisUpdate = fakeca.Time{Raw: append([]byte{0x17, 13}, "240506120000Z"...)} // a UTCTime
	}})
	_, err := fakeca.ParseResponse(der)
	fmt.Println(err)
	// Output: fakeca: OCSP response: single response 0: thisUpdate: found tag 0x17, expected 0x18
}

// The parts of a response.
func ExampleParseMessage() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded, Hash: crypto.SHA256, ByKey: true})
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		panic(err)
	}
	var (
		responder fakeca.ResponderID    = m.ResponderID
		single    fakeca.SingleResponse = m.Responses[0]
		id        fakeca.CertID         = single.CertID
		status    fakeca.CertStatus     = single.CertStatus
	)
	fmt.Println("responder by key:", len(responder.ByKey), "bytes; by name:", len(responder.ByName), "bytes")
	fmt.Println("CertID:", id.HashAlgorithm.Hash(), id.SerialNumber.Cmp(leaf.Cert.SerialNumber) == 0)
	fmt.Println("status:", status.Status, *status.RevocationReason)
	fmt.Println("signed with", m.SignatureAlgorithm.SignatureAlgorithm())
	fmt.Println("signed by the CA:", responder.Names(leaf.Issuer.Cert))
	// Output:
	// responder by key: 20 bytes; by name: 0 bytes
	// CertID: SHA-256 true
	// status: revoked superseded
	// signed with ECDSA-SHA256
	// signed by the CA: true
}

// The second of two single responses.
func ExampleSingleResponse_Response() {
	ca := fakeca.New()
	leaf := ca.Leaf()
	other := fakeca.Response{Serial: ca.Cert.SerialNumber, Status: fakeca.Unknown}
	m, err := fakeca.ParseMessage(leaf.Staple(fakeca.Response{Also: []fakeca.Response{other}}))
	if err != nil {
		panic(err)
	}
	r := m.Responses[1].Response()
	fmt.Println(r.Status, r.Serial.Cmp(ca.Cert.SerialNumber) == 0)
	// Output: unknown true
}

// The identifier of a hash without NULL, which readers must accept too.
func ExampleHashIdentifier() {
	id := fakeca.HashIdentifier(crypto.SHA256)
	id.Parameters = nil
	fmt.Println(id.Algorithm, id.Hash())
	// Output: 2.16.840.1.101.3.4.2.1 SHA-256
}

// An unknown hash algorithm in a correctly signed response.
func ExampleAlgorithmIdentifier() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		m.Responses[0].CertID.HashAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: []int{1, 2, 3, 4}}
	}})
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Responses[0].CertID.HashAlgorithm.Hash() == 0, m.CheckSignatureFrom(leaf.Issuer.Cert))
	// Output: true <nil>
}

// Mutate changes something outside of the signature.
func ExampleMessage_Marshal() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Mutate: func(der []byte) []byte {
		m, err := fakeca.ParseMessage(der)
		if err != nil {
			panic(err)
		}
		m.Certs = [][]byte{leaf.Issuer.Cert.Raw} // the issuer embeds its certificate
		return m.Marshal()
	}})
	r, err := fakeca.ParseResponse(der)
	fmt.Println(r.Status, err)
	// Output: good <nil>
}

// Trailing data in the OCTET STRING.
func ExampleBasicOCSPResponse_Marshal() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		var basic *fakeca.BasicOCSPResponse = &m.BasicOCSPResponse
		basic.Raw = append(basic.Marshal(), 0)
	}})
	_, err := fakeca.ParseResponse(der)
	fmt.Println(err)
	// Output: fakeca: OCSP response: response: 1 bytes of trailing data
}

// Trailing data after the ResponseBytes.
func ExampleResponseBytes_Marshal() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		var all *fakeca.ResponseBytes = m.ResponseBytes
		all.Raw = append(all.Marshal(), 0)
	}})
	_, err := fakeca.ParseResponse(der)
	fmt.Println(err)
	// Output: fakeca: OCSP response: responseBytes: 1 bytes of trailing data
}

// The signed bytes.
func ExampleResponseData_Marshal() {
	leaf := fakeca.New().Leaf()
	var signed []byte
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		var data *fakeca.ResponseData = &m.ResponseData
		signed = data.Marshal()
	}})
	fmt.Println(bytes.Contains(der, signed))
	// Output: true
}

// A SET instead of a SEQUENCE.
func ExampleSingleResponse_Marshal() {
	leaf := fakeca.New().Leaf()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		single := &m.Responses[0]
		raw := single.Marshal()
		raw[0] = 0x31
		single.Raw = raw
	}})
	_, err := fakeca.ParseResponse(der)
	fmt.Println(err)
	// Output: fakeca: OCSP response: single response 0: found tag 0x31, expected 0x30
}

// A response about the certificate of another issuer.
func ExampleCertID_Marshal() {
	leaf, other := fakeca.New().Leaf(), fakeca.New(fakeca.WithName("another")).Leaf()
	m, err := fakeca.ParseMessage(other.Staple(fakeca.Response{}))
	if err != nil {
		panic(err)
	}
	theirs := m.Responses[0].CertID.Marshal()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].CertID.Raw = theirs }})
	r, err := fakeca.ParseResponse(der)
	fmt.Println(r.Serial.Cmp(other.Cert.SerialNumber) == 0, err)
	// Output: true <nil>
}

func ExampleMessage_CheckSignatureFrom() {
	ca, stranger := fakeca.New(), fakeca.New(fakeca.WithName("stranger"))
	m, err := fakeca.ParseMessage(ca.Leaf().Staple(fakeca.Response{}))
	if err != nil {
		panic(err)
	}
	fmt.Println(m.CheckSignatureFrom(ca.Cert))
	fmt.Println(m.CheckSignatureFrom(stranger.Cert))
	// Output:
	// <nil>
	// fakeca: the OCSP response is not signed by "CN=stranger": x509: ECDSA verification failure
}
