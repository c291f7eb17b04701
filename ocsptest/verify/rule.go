package verify

import (
	"maps"
	"slices"
)

// A Rule is one requirement on an OCSP response. Its text is stable.
type Rule string

// The rules that [Response] checks.
const (
	RuleMalformed          Rule = "malformed"                 // the response is not DER, or not the structure that RFC 6960 defines
	RuleResponseType       Rule = "response-type"             // responseType is not id-pkix-ocsp-basic
	RuleVersion            Rule = "version"                   // the version is not v1, or v1 is spelled out
	RuleErrorStatus        Rule = "error-status"              // responseStatus is an error, such as tryLater
	RuleResponderID        Rule = "responder-id"              // responderID does not name the signer
	RuleSignature          Rule = "signature"                 // the key of no certificate at hand made the signature
	RuleSignatureAlgorithm Rule = "signature-algorithm"       // the signature cannot be checked, or Options refuse it
	RuleSignerIssuer       Rule = "signer-issuer"             // the issuer of the certificate did not issue the delegate
	RuleSignerAlgorithm    Rule = "signer-algorithm"          // the signature on the delegate cannot be checked, or Options refuse it
	RuleSignerEKU          Rule = "signer-eku"                // the delegate lacks id-kp-OCSPSigning
	RuleSignerEarly        Rule = "signer-early"              // the delegate is not valid yet
	RuleSignerExpired      Rule = "signer-expired"            // the delegate has expired
	RuleSignerKeyUsage     Rule = "signer-key-usage"          // the key usage of the delegate is not for signatures
	RuleSignerExtension    Rule = "signer-critical-extension" // an unknown extension of the delegate is critical
	RuleSignerLeaf         Rule = "signer-leaf"               // the certificate signed a response about itself
	RuleSignerCA           Rule = "signer-ca"                 // the delegate is a CA (Options.BaselineRequirements)
	RuleSignerProfile      Rule = "signer-profile"            // the delegate has another profile than theirs (Options.BaselineRequirements)
	RuleCertIDHash         Rule = "certid-hash-algorithm"     // the hashes in the CertID do not fit its algorithm
	RuleCertIDName         Rule = "certid-name-hash"          // issuerNameHash is of another name
	RuleCertIDKey          Rule = "certid-key-hash"           // issuerKeyHash is of another key
	RuleCertIDSerial       Rule = "certid-serial"             // no single response has the serial number of the certificate
	RuleContradiction      Rule = "contradiction"             // two current single responses disagree
	RuleEarly              Rule = "early"                     // thisUpdate is in the future
	RuleExpired            Rule = "expired"                   // nextUpdate is in the past
	RuleUpdateOrder        Rule = "update-order"              // nextUpdate is before thisUpdate
	RuleAge                Rule = "age"                       // thisUpdate is older than Options.MaxAge
	RuleValidityInterval   Rule = "validity-interval"         // nextUpdate is too soon or too late (Options.BaselineRequirements)
	RuleProducedAt         Rule = "produced-at"               // producedAt is in the future
	RuleCriticalExtension  Rule = "critical-extension"        // a critical extension is unknown, or must not be critical
	RuleNonce              Rule = "nonce"                     // the nonce is not that of the request, repeated, or missing
)

// rules holds where each rule is written, and whether it is [Rule.Forgeable].
var rules = map[Rule]struct {
	ref       string
	forgeable bool
}{
	RuleMalformed:          {"RFC 6960 4.2.1", false},
	RuleResponseType:       {"RFC 6960 4.2.1", false},
	RuleVersion:            {"RFC 6960 4.2.2.3", false},
	RuleErrorStatus:        {"RFC 6960 2.3", true}, // it is not signed
	RuleResponderID:        {"RFC 6960 4.2.2.3", false},
	RuleSignature:          {"RFC 6960 3.2", true},
	RuleSignatureAlgorithm: {"RFC 6960 4.3", true},
	RuleSignerIssuer:       {"RFC 6960 4.2.2.2", true},
	RuleSignerAlgorithm:    {"RFC 5280 4.1.1.2", true},
	RuleSignerEKU:          {"RFC 6960 4.2.2.2", true}, // any other leaf of the CA
	RuleSignerEarly:        {"RFC 5280 6.1.3", false},
	RuleSignerExpired:      {"RFC 5280 6.1.3", true}, // an old key, stolen
	RuleSignerKeyUsage:     {"RFC 5280 4.2.1.12", false},
	RuleSignerExtension:    {"RFC 5280 4.2", false},
	RuleSignerLeaf:         {"RFC 6960 4.2.2.2", true},
	RuleSignerCA:           {"Baseline Requirements 7.1.2.8.4", true}, // a CA below the issuer
	RuleSignerProfile:      {"Baseline Requirements 7.1.2.8", false},
	RuleCertIDHash:         {"RFC 6960 4.1.1", false},
	RuleCertIDName:         {"RFC 6960 3.2", false},
	RuleCertIDKey:          {"RFC 6960 3.2", false},
	RuleCertIDSerial:       {"RFC 6960 3.2", true}, // the response about another certificate
	RuleContradiction:      {"RFC 6960 4.2.2.3", false},
	RuleEarly:              {"RFC 6960 4.2.2.1", false},
	RuleExpired:            {"RFC 6960 3.2", true}, // an old response
	RuleUpdateOrder:        {"RFC 6960 2.4", false},
	RuleAge:                {"RFC 6960 3.2", true}, // an old response
	RuleValidityInterval:   {"Baseline Requirements 4.9.9", false},
	RuleProducedAt:         {"RFC 6960 2.4", false},
	RuleCriticalExtension:  {"RFC 6960 4.4", false},
	RuleNonce:              {"RFC 9654 2.1", true}, // an old response
}

// Ref returns where the rule is written, such as "RFC 6960 4.2.2.2".
func (r Rule) Ref() string { return rules[r].ref }

// Forgeable reports whether somebody other than the CA and its responders can
// break the rule: with a forged response, an old one, or one by a key that may not
// sign for the CA. A client that does not check such a rule can be deceived. The
// other rules can be broken only by those who may sign, and a client that does not
// check them believes nothing that they did not say.
//
// RuleMalformed is not forgeable, because bytes that are not a response say
// nothing. Whether garbage from the network counts as a response is for those who
// judge the client, and not known here.
func (r Rule) Forgeable() bool { return rules[r].forgeable }

// Rules returns all rules, sorted.
func Rules() []Rule { return slices.Sorted(maps.Keys(rules)) }
