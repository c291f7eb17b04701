// Package fakeca is a certificate authority for tests of certificate revocation.
// It issues certificates, records which of them are revoked, and signs OCSP
// responses (RFC 6960) and CRLs (RFC 5280) that say so, or that are wrong in any
// way that a test needs. It uses no network and no files.
//
//	ca := fakeca.New().Intermediate()      // a CA below a root
//	leaf := ca.Leaf("api.example.test")    // a certificate and its key
//	leaf.Revoke(fakeca.KeyCompromise)      // puts it on the CA's record
//	der := leaf.Staple(leaf.OnRecord())    // an OCSP response: revoked
//	list := ca.CRL(fakeca.CRL{})           // a CRL that says the same
//
// The package ocsptest has TLS servers that staple and OCSP responders, made from
// these.
//
// # Certificates
//
// [New] makes a root, [CA.Intermediate] a CA below another, and [Load] a CA from
// PEM. An [Option] changes the name, key, clock and template of the CA, and the
// servers that its certificates name; [CA.Advertise] changes those later.
//
// [CA.Leaf] issues a certificate for names, [CA.Issue] from a template, and
// [CA.OCSPSigner] one for a delegated responder. [MustStaple] and [NoRevAvail]
// are extensions for templates, and [TLSFeatures] reads the former. [Leaf.TLS],
// [Leaf.ChainPEM] and [Leaf.KeyPEM] are for servers, [CA.Pool] for clients,
// [CA.ChainPEM] and [CA.KeyPEM] for Load.
//
// # The record
//
// Each CA keeps a record of what it issued and what its status is. [Leaf.Revoke]
// and [Leaf.Set] change it, [Leaf.OnRecord] reads it, and so do [CA.Revoke],
// [CA.Set] and [CA.Lookup] by serial number. [CA.Revoked] returns all that is
// revoked, and [CA.Issued] all that was issued. [CA.Revision] says whether the
// record has changed.
//
// # OCSP responses
//
// A [Response] describes a response: its [Status], [Reason], times, and signer.
// The zero value is a fresh and correctly signed "good", so that a test writes
// only what is different:
//
//	leaf.Staple(fakeca.Response{})                                   // good
//	leaf.Staple(fakeca.Response{Status: fakeca.Unknown})             // whatever the record says
//	leaf.Staple(fakeca.Response{Error: fakeca.TryLater})             // an error response
//	leaf.Staple(fakeca.Response{Signer: fakeca.New().OCSPSigner()})  // signed by a stranger
//
// [Leaf.Staple] and [CA.Sign] return DER, and [ParseResponse] reads it.
// [WithHash] and [WithDelegate] change how a CA signs all its responses.
// [Statuses], [Reasons] and [Failures] are for tests that loop over all of them.
//
// A [Message] is a response on the wire, with a field for each ASN.1 element and
// raw bytes instead of any of them. A test that breaks the encoding changes it in
// Response.Edit, before it is signed. [ParseMessage] reads one, and
// [Message.CheckSignatureFrom] checks its signature. [HashIdentifier] is for
// CertIDs.
//
// # CRLs
//
// [CA.CRL] signs a list of what is revoked: complete, a delta, for some reasons,
// a shard, or for several CAs. A [CRL] describes it, as a Response does an OCSP
// response, and [ParseCRL] reads it. A [CRLMessage] is the list on the wire, which
// [ParseCRLMessage] reads, with methods that read the extensions of the list and
// of its entries. [CRLPEM] writes lists in PEM, and [OneCRL] returns a list in the
// form of those that browsers ship.
//
// A [CRLPoint] is a place where a list is. [CRLDistributionPoints] and
// [FreshestCRL] name such places in a certificate, [CRLPointsOf] and
// [FreshestCRLOf] read them, and an [IssuingDistributionPoint] is their
// counterpart in the list. [Servers.CRLFor] says which shard a certificate names.
//
// A record can be large: it takes about 500 bytes of memory for a revoked serial
// number, and 3 KB more for a certificate that was issued. A list of a million
// entries takes about a second, and a shard of a hundredth of them 10 ms.
//
// # OCSP requests
//
// [Leaf.Request] and [NewRequest] make a [Request], and [ParseRequest] reads one.
// [Request.URL] returns the URL of a GET. [NewCertID] and [NewNonce] make its
// parts, and [NonceOf] and [IsNonce] find the nonce among its extensions.
//
// # Errors
//
// A call that makes no sense panics, so that CAs can be made in package variables,
// TestMain and examples. The message starts with "fakeca: " and says what to write
// instead. Load and the functions that parse return errors. A [SyntaxError] says
// which element of a message is wrong.
//
// # FIPS 140-3
//
// With GODEBUG=fips140=on everything works. Call New once before the first
// testing/synctest bubble, in which Go cannot seed its random generator.
//
// With GODEBUG=fips140=only, which forbids SHA-1, everything works for a root
// made with WithHash(crypto.SHA256) and the CAs below it, except for what is
// SHA-1 by definition: NewRequest, Response.ByKey, and signatures with SHA-1 or
// MD5. Those panic with a message of this package. CertIDs and responder IDs by
// SHA-1 can be read.
//
// # Not for production
//
// Certificates are valid from 1999 to 2049, keys stay in memory, the CA issues
// whatever it is asked for, and signatures are wrong on request. Printing a [CA]
// or [Leaf] does not show its private key; printing its Key field does.
package fakeca
