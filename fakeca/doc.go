// Package fakeca is a certificate authority for tests. It mints certificates,
// keeps a record of which of them are revoked, and signs OCSP responses (RFC
// 6960) and CRLs (RFC 5280) that say so, or that lie about it in any way a test
// asks for.
//
// # Which function
//
//	ca := fakeca.New()                     // a root
//	ca = fakeca.New().Intermediate()       // a CA below a root, as in the real world
//	leaf := ca.Leaf("api.example.test")    // a certificate for names, addresses, URIs
//	leaf = ca.Issue(&x509.Certificate{})   // a certificate from a template
//	leaf.Revoke(fakeca.KeyCompromise)      // changes the record
//	der := leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber)) // what the record says, signed
//	der = leaf.Staple(fakeca.Response{Status: fakeca.Unknown}) // what this test says, signed
//	der = ca.CRL(fakeca.CRL{})             // a list of what the record says is revoked, signed
//
// # Two types
//
// A [Response] describes an answer: its status, reason, times, and who signs
// it. Its zero value is a fresh and correctly signed "good". It is what tests
// write and what [ParseResponse] returns.
//
// A [Message] is the wire: a field for each ASN.1 element of RFC 6960 section
// 4.2.1, and raw bytes in place of any of them. A test that wants to break an
// answer meets it in Response.Edit, which runs before the answer is signed.
//
// For certificate revocation lists they are [CRL] and [CRLMessage].
//
// # Errors
//
// What a test writes and cannot be made panics, with a text that begins
// "fakeca: " and says what to write instead, so that the package can be used
// in package variables, TestMain and examples. What comes from outside ([Load],
// [ParseResponse], [ParseMessage], the Unmarshal methods) returns errors.
//
// # Not for production
//
// Certificates are valid from 1999 to 2049, keys stay in memory, the CA issues
// whatever it is asked for, and the signatures may be wrong on request.
package fakeca
