// Package verify judges OCSP responses: is this response valid for this
// certificate, at this time?
//
//	resp, err := verify.Response(der, leaf, issuer, time.Now())
//
// [Response] returns what the response says and everything that is wrong with
// it, as [Violations]. Each [Violation] has a [Rule] and the section of the RFC
// that it comes from. A valid response that says revoked is not an error.
//
// [Options] set what is policy (clock skew, maximum age, SHA-1, the Baseline
// Requirements) and what the client knows (the nonce that it sent, further
// delegated responders).
//
// The package depends on fakeca for its strict parser, and works on the responses
// of any CA. It is an oracle for tests: it reads strictly and reports all faults,
// where a client may stop at the first. Options.Lenient reads what most deployed
// clients read, for the responses of deployed responders.
package verify
