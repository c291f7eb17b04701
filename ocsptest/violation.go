package ocsptest

import (
	"fmt"
	"strings"
)

// A rule is something that an OCSP response is to keep to. Its name is stable.
type rule struct{ name, ref string }

var (
	ruleMalformed      = rule{"malformed", "RFC 6960 4.2.1"}
	ruleResponseType   = rule{"response-type", "RFC 6960 4.2.1"}
	ruleVersion        = rule{"version", "RFC 6960 4.2.1"}
	ruleErrorStatus    = rule{"error-status", "RFC 6960 2.3"}
	ruleResponderID    = rule{"responder-id", "RFC 6960 4.2.2.3"}
	ruleSignature      = rule{"signature", "RFC 6960 3.2"}
	ruleAlgorithm      = rule{"signature-algorithm", "RFC 6960 4.3"}
	ruleSignerIssuer   = rule{"signer-issuer", "RFC 6960 4.2.2.2"}
	ruleSignerEKU      = rule{"signer-eku", "RFC 6960 4.2.2.2"}
	ruleSignerTime     = rule{"signer-time", "RFC 5280 6.1.3"}
	ruleSignerCA       = rule{"signer-ca", "Baseline Requirements 4.9.9"}
	ruleSignerKeyUsage = rule{"signer-key-usage", "RFC 5280 4.2.1.3"}
	ruleSignerLeaf     = rule{"signer-leaf", "RFC 6960 4.2.2.2"}
	ruleCertIDHash     = rule{"certid-hash-algorithm", "RFC 6960 4.1.1"}
	ruleCertIDName     = rule{"certid-name-hash", "RFC 6960 3.2"}
	ruleCertIDKey      = rule{"certid-key-hash", "RFC 6960 3.2"}
	ruleCertIDSerial   = rule{"certid-serial", "RFC 6960 3.2"}
	ruleContradiction  = rule{"contradiction", "RFC 6960 2.2"}
	ruleEarly          = rule{"this-update", "RFC 6960 4.2.2.1"}
	ruleExpired        = rule{"next-update", "RFC 6960 4.2.2.1"}
	ruleOrder          = rule{"update-order", "RFC 6960 2.4"}
	ruleAge            = rule{"age", "RFC 5019 4"}
	ruleProducedAt     = rule{"produced-at", "RFC 6960 2.4"}
	ruleCritical       = rule{"critical-extension", "RFC 6960 4.4"}
	ruleNonce          = rule{"nonce", "RFC 9654 2.1"}
)

// A Violation is one thing that is wrong with an OCSP response. [errors.As]
// finds it in what [Verify] returns.
type Violation struct {
	Rule   string // a stable name, such as "next-update" or "signer-eku"
	Ref    string // where it is written: "RFC 6960 4.2.2.2"
	Detail string // what is wrong
}

// Error tells the rule, what is wrong, and where it is written.
func (v *Violation) Error() string { return fmt.Sprintf("%s: %s (%s)", v.Rule, v.Detail, v.Ref) }

// Violations are all that is wrong with an OCSP response.
type Violations []*Violation

// Error tells them all, in one line.
func (all Violations) Error() string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = v.Error()
	}
	return "ocsptest: OCSP response: " + strings.Join(texts, "; ")
}

// Unwrap returns the violations, for errors.Is and errors.As.
func (all Violations) Unwrap() []error {
	errs := make([]error, len(all))
	for i, v := range all {
		errs[i] = v
	}
	return errs
}

// err is all as an error; nil if there are none.
func (all Violations) err() error {
	if len(all) == 0 {
		return nil
	}
	return all
}

func (all *Violations) add(r rule, format string, args ...any) {
	*all = append(*all, &Violation{r.name, r.ref, fmt.Sprintf(format, args...)})
}
