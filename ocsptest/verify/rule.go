package verify

import (
	"maps"
	"slices"
)

// A Rule is one requirement on an OCSP response or on CRLs. Its text is stable.
// The rules about CRLs start with "crl-".
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

// The rules that [CRLs] checks.
const (
	RuleCRLMissing            Rule = "crl-missing"                  // there is no CRL
	RuleCRLMalformed          Rule = "crl-malformed"                // the CRL is not DER, or not the structure that RFC 5280 defines
	RuleCRLVersion            Rule = "crl-version"                  // the version is not v2, or v1 with extensions, or Options refuse v1
	RuleCRLIssuer             Rule = "crl-issuer"                   // the CRL is from neither the issuer nor a cRLIssuer of the certificate
	RuleCRLIndirect           Rule = "crl-indirect"                 // the CRL is from a cRLIssuer, and is not indirect
	RuleCRLPoint              Rule = "crl-point"                    // the CRL is for another distribution point
	RuleCRLScope              Rule = "crl-scope"                    // the CRL does not cover certificates of this kind
	RuleCRLDelta              Rule = "crl-delta"                    // the delta CRL does not continue a complete CRL
	RuleCRLReasons            Rule = "crl-reasons"                  // the CRLs do not cover all reasons
	RuleCRLSigner             Rule = "crl-signer"                   // the CRL's issuer has no certificate that is known and valid
	RuleCRLSignerEarly        Rule = "crl-signer-early"             // that certificate is not valid yet
	RuleCRLSignerExpired      Rule = "crl-signer-expired"           // that certificate has expired
	RuleCRLSignerKeyUsage     Rule = "crl-signer-key-usage"         // that certificate's key usage lacks cRLSign
	RuleCRLSignature          Rule = "crl-signature"                // the key of the CRL's issuer did not make the signature
	RuleCRLSignatureAlgorithm Rule = "crl-signature-algorithm"      // the signature cannot be checked, or Options refuse it
	RuleCRLAlgorithms         Rule = "crl-algorithms"               // the signature algorithms inside and outside tbsCertList differ
	RuleCRLKeyID              Rule = "crl-key-id"                   // the authority key identifier is missing, or of another key
	RuleCRLNumber             Rule = "crl-number"                   // the CRL number is missing, negative or too long
	RuleCRLEarly              Rule = "crl-early"                    // thisUpdate is in the future
	RuleCRLExpired            Rule = "crl-expired"                  // nextUpdate is in the past
	RuleCRLNextUpdate         Rule = "crl-next-update"              // nextUpdate is missing
	RuleCRLUpdateOrder        Rule = "crl-update-order"             // nextUpdate is before thisUpdate
	RuleCRLAge                Rule = "crl-age"                      // thisUpdate is older than Options.MaxAge
	RuleCRLIDP                Rule = "crl-idp"                      // the issuing distribution point cannot be read, or says nothing
	RuleCRLCriticalExtension  Rule = "crl-critical-extension"       // an extension is critical and unknown, or its criticality is wrong
	RuleCRLEntry              Rule = "crl-entry"                    // an entry is there twice or cannot be read, or their list is empty
	RuleCRLEntryExtension     Rule = "crl-entry-critical-extension" // a critical extension of any entry is unknown
	RuleCRLRemove             Rule = "crl-remove-from-crl"          // a complete CRL has an entry with removeFromCRL
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

	RuleCRLMissing:            {"RFC 5280 6.3.3", true},
	RuleCRLMalformed:          {"RFC 5280 5.1", true}, // garbage from the network, and no CRL
	RuleCRLVersion:            {"RFC 5280 5.1.2.1", false},
	RuleCRLIssuer:             {"RFC 5280 6.3.3 (b)", true}, // the CRL of any other CA
	RuleCRLIndirect:           {"RFC 5280 6.3.3 (b)", true}, // another CRL of the same CA, as in the next four
	RuleCRLPoint:              {"RFC 5280 6.3.3 (b)", true},
	RuleCRLScope:              {"RFC 5280 6.3.3 (b)", true},
	RuleCRLDelta:              {"RFC 5280 5.2.4", true},
	RuleCRLReasons:            {"RFC 5280 6.3.3 (e)", true},
	RuleCRLSigner:             {"RFC 5280 6.3.3 (f)", true},
	RuleCRLSignerEarly:        {"RFC 5280 6.1.3", false},
	RuleCRLSignerExpired:      {"RFC 5280 6.1.3", true}, // an old key, stolen
	RuleCRLSignerKeyUsage:     {"RFC 5280 6.3.3 (f)", false},
	RuleCRLSignature:          {"RFC 5280 6.3.3 (g)", true},
	RuleCRLSignatureAlgorithm: {"RFC 5280 5.1.1.2", true},
	RuleCRLAlgorithms:         {"RFC 5280 5.1.1.2", false},
	RuleCRLKeyID:              {"RFC 5280 5.2.1", false},
	RuleCRLNumber:             {"RFC 5280 5.2.3", false},
	RuleCRLEarly:              {"RFC 5280 5.1.2.4", false},
	RuleCRLExpired:            {"RFC 5280 6.3.3 (a)", true}, // an old CRL, as in the next
	RuleCRLNextUpdate:         {"RFC 5280 5.1.2.5", true},
	RuleCRLUpdateOrder:        {"RFC 5280 5.1.2.5", false},
	RuleCRLAge:                {"RFC 5280 3.3", true}, // an old CRL
	RuleCRLIDP:                {"RFC 5280 5.2.5", false},
	RuleCRLCriticalExtension:  {"RFC 5280 5.2", false},
	RuleCRLEntry:              {"RFC 5280 5.1.2.6", false},
	RuleCRLEntryExtension:     {"RFC 5280 5.3", false},
	RuleCRLRemove:             {"RFC 5280 5.3.1", false},
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
// judge the client, and not known here. RuleCRLMalformed is: a CRL that says
// nothing about a certificate says that it is good.
func (r Rule) Forgeable() bool { return rules[r].forgeable }

// Rules returns all rules, sorted.
func Rules() []Rule { return slices.Sorted(maps.Keys(rules)) }
