// Package matchers holds Gomega matchers for OCSP responses, staples and CRLs, for
// certificates, and for what a server or a responder recorded. Import it with a
// dot, beside Gomega:
//
//	import (
//		. "github.com/ocsplab/ocsplab/matchers"
//		. "github.com/onsi/gomega"
//	)
//
//	Expect(resp).To(HaveOCSPStatus(Revoked))
//	Expect(resp).To(HaveOCSPReason(KeyCompromise))
//	Expect(resp).To(HaveOCSPStaple(BeOCSPSignedBy(ca), BeOCSPCurrentAt(time.Now())))
//	Expect(list).To(HaveCRLEntry(leaf, HaveOCSPReason(KeyCompromise)))
//
// # Which matcher
//
// For an OCSP response:
//
//   - what it says: [HaveOCSPStatus], [HaveOCSPReason], [HaveOCSPRevokedAt],
//     [HaveOCSPError]
//   - when it was made, and until when it is valid: [HaveOCSPThisUpdate],
//     [HaveOCSPNextUpdate], [HaveOCSPProducedAt], [BeOCSPCurrentAt]
//   - who signed it, and for which certificate and request: [BeOCSPSignedBy],
//     [BeOCSPFor], [HaveOCSPNonce]
//   - all rules at once: [BeValidOCSPFor]
//
// For a connection, certificate or handshake, which may have a staple:
// [HaveOCSPStaple]. For a certificate: [HaveMustStaple], [HaveCRLPoint].
//
// For a CRL:
//
//   - what it lists: [HaveCRLEntry], with [HaveOCSPReason] and [HaveOCSPRevokedAt]
//     for the entry
//   - what it says about itself: [HaveCRLNumber], [BeDeltaCRL], [HaveCRLPoint]
//   - all rules at once: [BeValidCRLFor]
//
// For what [ocsptest.Server] recorded of its clients: [HaveAskedForStaple],
// [HaveSentAlert]. For what [ocsptest.Responder] recorded of its clients:
// [HaveRequestedOCSPFor], [HaveSentNonce].
//
// For go-cmp: [EquateOCSPResponses].
//
// Only BeValidOCSPFor and BeValidCRLFor judge what they look at. The others report
// what the bytes say: an expired response with a forged signature can match
// HaveOCSPStatus(Good).
//
// # Actual values
//
// The matchers for an OCSP response look at:
//
//   - the response itself: []byte, fakeca.Response, *ocsp.Response, or a value
//     with the method OCSPResponse() []byte, such as ocsptest.Handshake,
//     ocsptest.Request and ocsptest.Fetch
//   - the staple of a tls.ConnectionState, *tls.Conn, *http.Response or
//     tls.Certificate
//   - the body of an *httptest.ResponseRecorder, for handlers that are OCSP
//     responders
//
// A response may be about several certificates. The matchers look at the part
// about the certificate of the connection if there is one, else at the first.
//
// The matchers for a CRL look at:
//
//   - the CRL itself: the []byte of DER or PEM, fakeca.CRLMessage, or an
//     *x509.RevocationList that was parsed
//   - the body of an *http.Response, which can be read again after that, of an
//     *httptest.ResponseRecorder, or of the response to an ocsptest.Request
//   - several CRLs in PEM or a [][]byte, only for BeValidCRLFor
//
// HaveMustStaple and HaveCRLPoint look at the certificate of a connection or a
// tls.Certificate, and take *x509.Certificate, *fakeca.Leaf and *fakeca.CA.
// HaveAskedForStaple and HaveSentAlert take an ocsptest.Handshake.
// HaveRequestedOCSPFor and HaveSentNonce take an ocsptest.Request, or the []byte
// of an OCSP request. For slices, use Gomega's ContainElement or HaveEach:
//
//	Expect(srv.Handshakes()).To(ContainElement(HaveAskedForStaple()))
//
// # Expected values
//
// Matchers take a value, or a matcher for that value:
//
//	HaveOCSPStatus("revoked")                                     // or Revoked
//	HaveOCSPStatus(BeElementOf(Revoked, Unknown))                 // a matcher for a fakeca.Status
//	HaveOCSPRevokedAt(BeTemporally("~", time.Now(), 3*time.Hour)) // a matcher for a time.Time
//	HaveCRLNumber(BeNumerically(">", old))                        // a matcher for a *big.Int
//
// # Mismatches and errors
//
// A matcher that has nothing to look at returns an error, which fails both To and
// NotTo. So NotTo(HaveOCSPStatus(Revoked)) does not pass for a connection without
// a staple. Errors are: an actual or expected value of a wrong type, bytes that
// fakeca.ParseResponse or fakeca.ParseCRLMessage refuses, an extension that the
// matcher needs and that cannot be read, and a connection without a staple.
//
// There are three exceptions. A missing staple is a mismatch for HaveOCSPStaple.
// Unreadable bytes are a mismatch for BeValidOCSPFor and BeValidCRLFor. An error
// response (RFC 6960 section 2.3) has the status ServerFailed; it has no reason,
// times, nonce, signer or certificate, and is a mismatch for the matchers of
// these.
//
// # Sharing
//
// The matchers have no state. Parallel specs may share them, if they may share
// the matchers inside. Eventually polls functions, recorders and connections that
// have not completed their handshake. It fails at once for values that cannot
// change.
package matchers
