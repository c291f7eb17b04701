// Package matchers holds Gomega matchers for OCSP responses and staples, for
// must-staple certificates, and for what a server saw of its clients, and an
// option for go-cmp. It is meant to be imported with a dot, beside Gomega:
//
//	import (
//		. "github.com/ocsplab/ocsplab/matchers"
//		. "github.com/onsi/gomega"
//	)
//
//	Expect(resp).To(HaveOCSPStatus(Revoked))
//	Expect(resp).To(HaveOCSPReason(KeyCompromise))
//	Expect(resp).To(HaveOCSPStaple(BeOCSPSignedBy(ca), BeOCSPCurrentAt(time.Now())))
//
// # Which matcher
//
// What an answer says: [HaveOCSPStatus], [HaveOCSPReason], [HaveOCSPError],
// [HaveOCSPThisUpdate], [HaveOCSPNextUpdate], [HaveOCSPProducedAt],
// [HaveOCSPRevokedAt], [HaveOCSPNonce]. Who signed it, for which certificate,
// and when it is current: [BeOCSPSignedBy], [BeOCSPFor], [BeOCSPCurrentAt].
// Whether it is all right, by every rule: [BeValidOCSPFor].
// Whether there is a staple, and several of these at once: [HaveOCSPStaple].
// What a certificate asks for: [HaveMustStaple]. What a client did:
// [HaveAskedForStaple], [HaveSentAlert]. For tables of fakeca.Response:
// [EquateOCSPResponses].
//
// Each but BeValidOCSPFor tells what the bytes say of one thing, and passes no
// judgement on the others: an expired answer with somebody else's signature may
// well HaveOCSPStatus(Good).
//
// # What they take
//
// A value, or a matcher for that value:
//
//	HaveOCSPRevokedAt(t)                                           // to the second
//	HaveOCSPRevokedAt(BeTemporally("~", time.Now(), 3*time.Hour))  // any matcher of a time.Time
//	HaveOCSPStatus("revoked")                                      // as Status.UnmarshalText reads it
//
// # What they look at
//
//   - The answer itself: []byte, fakeca.Response, *ocsp.Response (its Raw, or
//     without one its fields), and anything with a method
//     OCSPResponse() []byte, such as ocsptest.Handshake.
//   - The staple of a tls.ConnectionState, a *tls.Conn, an *http.Response or a
//     tls.Certificate.
//   - The body of an *httptest.ResponseRecorder, for handlers that are
//     responders.
//
// Where an answer has several single responses, it is the first that is for
// the certificate of the connection, if the actual value has one, else the
// first of all.
//
// # Mismatch or error
//
// A matcher that cannot do its work returns an error, which fails To and NotTo
// alike, so that NotTo(HaveOCSPStatus(Revoked)) does not pass because there was
// nothing to look at: a value of another type, bytes that fakeca.ParseResponse
// refuses, a connection without a staple, an expected value that makes no sense.
// Three things are no errors: that there is no staple, for HaveOCSPStaple, which
// is about that; bytes that cannot be read, for BeValidOCSPFor; and an error
// response (RFC 6960 section 2.3), which has the status ServerFailed, and no
// reason, times, nonce, signer or certificate.
//
// # Sharing
//
// Matchers keep nothing of what they were shown, and may be shared between
// parallel specs if the matchers inside of them may. Eventually does not wait
// on what cannot change: it gives up on a []byte or a tls.ConnectionState at
// once, and polls functions.
package matchers
