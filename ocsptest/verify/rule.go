package verify

import (
	"maps"
	"slices"
)

// A Rule is one requirement on an OCSP response. Its text is stable.
type Rule string

// The rules that [Response] checks.
const (
	RuleMalformed          Rule = "malformed"             // the response is not DER, or not the structure that RFC 6960 defines
	RuleResponseType       Rule = "response-type"         // responseType is not id-pkix-ocsp-basic
	RuleVersion            Rule = "version"               // the version is not v1, or v1 is spelled out
	RuleErrorStatus        Rule = "error-status"          // responseStatus is an error, such as tryLater
	RuleResponderID        Rule = "responder-id"          // responderID does not name the signer
	RuleSignature          Rule = "signature"             // no certificate at hand verifies the signature
	RuleSignatureAlgorithm Rule = "signature-algorithm"   // the signature algorithm is unknown, broken, or refused by Options
	RuleSignerIssuer       Rule = "signer-issuer"         // the issuer of the certificate did not issue the delegate
	RuleSignerEKU          Rule = "signer-eku"            // the delegate lacks id-kp-OCSPSigning
	RuleSignerTime         Rule = "signer-time"           // the delegate is not valid yet, or has expired
	RuleSignerCA           Rule = "signer-ca"             // the delegate is a CA
	RuleSignerKeyUsage     Rule = "signer-key-usage"      // the delegate has a key usage without digitalSignature
	RuleSignerLeaf         Rule = "signer-leaf"           // the certificate signed a response about itself
	RuleCertIDHash         Rule = "certid-hash-algorithm" // the hashes in the CertID do not fit its algorithm
	RuleCertIDName         Rule = "certid-name-hash"      // issuerNameHash is of another name
	RuleCertIDKey          Rule = "certid-key-hash"       // issuerKeyHash is of another key
	RuleCertIDSerial       Rule = "certid-serial"         // no single response has the serial number of the certificate
	RuleContradiction      Rule = "contradiction"         // two current single responses disagree
	RuleEarly              Rule = "early"                 // thisUpdate is in the future
	RuleExpired            Rule = "expired"               // nextUpdate is in the past
	RuleUpdateOrder        Rule = "update-order"          // nextUpdate is before thisUpdate
	RuleAge                Rule = "age"                   // thisUpdate is older than Options.MaxAge
	RuleProducedAt         Rule = "produced-at"           // producedAt is in the future, or outside of the validity of the certificate
	RuleCriticalExtension  Rule = "critical-extension"    // an unknown extension is critical
	RuleNonce              Rule = "nonce"                 // the nonce is not that of the request, repeated, or missing
)

var refs = map[Rule]string{
	RuleMalformed:          "RFC 6960 4.2.1",
	RuleResponseType:       "RFC 6960 4.2.1",
	RuleVersion:            "RFC 6960 4.2.1",
	RuleErrorStatus:        "RFC 6960 2.3",
	RuleResponderID:        "RFC 6960 4.2.2.3",
	RuleSignature:          "RFC 6960 3.2",
	RuleSignatureAlgorithm: "RFC 6960 4.3",
	RuleSignerIssuer:       "RFC 6960 4.2.2.2",
	RuleSignerEKU:          "RFC 6960 4.2.2.2",
	RuleSignerTime:         "RFC 5280 6.1.3",
	RuleSignerCA:           "Baseline Requirements 4.9.9",
	RuleSignerKeyUsage:     "RFC 5280 4.2.1.3",
	RuleSignerLeaf:         "RFC 6960 4.2.2.2",
	RuleCertIDHash:         "RFC 6960 4.1.1",
	RuleCertIDName:         "RFC 6960 3.2",
	RuleCertIDKey:          "RFC 6960 3.2",
	RuleCertIDSerial:       "RFC 6960 3.2",
	RuleContradiction:      "RFC 6960 2.2",
	RuleEarly:              "RFC 6960 4.2.2.1",
	RuleExpired:            "RFC 6960 4.2.2.1",
	RuleUpdateOrder:        "RFC 6960 2.4",
	RuleAge:                "RFC 5019 4",
	RuleProducedAt:         "RFC 6960 2.4",
	RuleCriticalExtension:  "RFC 6960 4.4",
	RuleNonce:              "RFC 9654 2.1",
}

// Ref returns where the rule is written, such as "RFC 6960 4.2.2.2".
func (r Rule) Ref() string { return refs[r] }

// Rules returns all rules, sorted.
func Rules() []Rule { return slices.Sorted(maps.Keys(refs)) }

// forgeable are the rules that somebody other than the CA can break: with a key
// of their own, a stolen one, or a response that was good some time ago.
var forgeable = map[Rule]bool{
	RuleSignature: true, RuleSignatureAlgorithm: true, RuleSignerCA: true, RuleSignerIssuer: true, RuleSignerEKU: true,
	RuleSignerTime: true, RuleSignerLeaf: true, RuleExpired: true, RuleAge: true, RuleCertIDSerial: true, RuleNonce: true,
}

// Forgeable reports whether somebody other than the CA can break the rule.
func (r Rule) Forgeable() bool { return forgeable[r] }
