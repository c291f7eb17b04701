package verify

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

var (
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidExtendedRevoked = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}
)

// known are the extensions that may be critical: those of RFC 6960 section 4.4,
// the CRL entry extensions of RFC 5280 section 5.3, the hold instruction of RFC
// 3280 section 5.3.2, and the list of signed certificate timestamps (RFC 6962
// section 3.3).
var known = []asn1.ObjectIdentifier{
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}, // nonce
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 3}, // CRL references
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}, // archive cutoff
	{2, 5, 29, 21},                  // reason code
	{2, 5, 29, 23},                  // hold instruction
	{2, 5, 29, 24},                  // invalidity date
	{2, 5, 29, 29},                  // certificate issuer
	{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5},
}

func (j *judgement) checkCritical(of string, extensions []pkix.Extension) {
	for _, e := range extensions {
		switch {
		case !e.Critical || slices.ContainsFunc(known, e.Id.Equal):
		case e.Id.Equal(oidExtendedRevoked): // RFC 6960 section 4.4.8
			j.wrong.add(RuleCriticalExtension, "the extension %v of %s must not be critical", e.Id, of)
		default:
			j.wrong.add(RuleCriticalExtension, "the extension %v of %s is critical and unknown", e.Id, of)
		}
	}
}

func (j *judgement) checkNonce() {
	if j.Nonce == nil {
		return
	}
	extensions := j.message.ResponseExtensions
	nonce, err := fakeca.NonceOf(extensions)
	switch {
	case j.Lenient && isUnwrapped(extensions, j.Nonce):
	case err != nil:
		j.wrong.add(RuleNonce, "%v", err)
	case nonce == nil && j.RequireNonce:
		j.wrong.add(RuleNonce, "the response has none")
	case nonce != nil && !bytes.Equal(nonce, j.Nonce):
		j.wrong.add(RuleNonce, "it is not that of the request")
	}
}

// isUnwrapped reports whether nonce is the only one among extensions, without the
// OCTET STRING around it.
func isUnwrapped(extensions []pkix.Extension, nonce []byte) bool {
	same, all := 0, 0
	for _, e := range extensions {
		if fakeca.IsNonce(e) {
			all++
			if bytes.Equal(e.Value, nonce) {
				same++
			}
		}
	}
	return same == 1 && all == 1
}
