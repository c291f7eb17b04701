// Package verify judges OCSP responses and CRLs: are they valid for this
// certificate, at this time, and what do they say?
//
//	resp, err := verify.Response(der, leaf, issuer, time.Now())
//	said, err := verify.CRLs([][]byte{complete, delta}, leaf, issuer, time.Now())
//
// [Response] returns what the response says and everything that is wrong with
// it, as [Violations]. Each [Violation] has a [Rule] and the section of the RFC
// that it comes from. A valid response that says revoked is not an error.
//
// [CRLs] follows RFC 5280 section 6.3.3 over a set of lists: complete CRLs,
// shards, deltas, indirect CRLs. Only lists without violations decide. If they do
// not, the violations of each list say why. What differs from that section:
//
//   - It fetches nothing, and so no successor of a list that has expired.
//   - It knows no trust anchor. A signer of CRLs other than the issuer must be valid
//     below the issuer, or below a CA of Options.CRLIssuers that issued the issuer.
//   - It compares names byte by byte, and reads only the directoryName of an entry's
//     certificate issuer.
//   - It combines a delta with a complete CRL, and not with an earlier combination.
//   - It also demands what RFC 5280 demands of issuers and not of clients, such as a
//     CRL number.
//
// [Options] set what is policy (clock skew, maximum age, SHA-1, the Baseline
// Requirements, which CRLs are refused) and what the client knows (the nonce that
// it sent, further delegated responders and CRL issuers).
//
// The package depends on fakeca for its strict parser, and works on the responses
// of any CA. It is an oracle for tests: it reads strictly and reports all faults,
// where a client may stop at the first. Options.Lenient reads what most deployed
// clients read, for the responses of deployed responders.
package verify
