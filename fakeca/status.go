package fakeca

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/crypto/ocsp"
)

// A Status is what an OCSP response says about a certificate. The numbers are
// those of [golang.org/x/crypto/ocsp], whose untyped constants can be used as a
// Status.
type Status int

const (
	// Good means that the certificate is not known to be revoked.
	Good Status = ocsp.Good
	// Revoked means that it was revoked, at some time and for a [Reason].
	Revoked Status = ocsp.Revoked
	// Unknown means that the responder does not know the certificate.
	Unknown Status = ocsp.Unknown
	// ServerFailed means that the responder reported an error instead of a
	// status: an OCSPResponseStatus other than successful, without a signature
	// (RFC 6960 section 4.2.1).
	ServerFailed Status = ocsp.ServerFailed
)

var statusTexts = []string{Good: "good", Revoked: "revoked", Unknown: "unknown", ServerFailed: "server_failed"}

// String returns "good", "revoked", "unknown" or "server_failed".
func (s Status) String() string {
	if s < 0 || int(s) >= len(statusTexts) {
		return fmt.Sprintf("status(%d)", int(s))
	}
	return statusTexts[s]
}

// GomegaString is String, for Gomega.
func (s Status) GomegaString() string { return s.String() }

// MarshalText returns what String does, or an error if there is no such status.
func (s Status) MarshalText() ([]byte, error) {
	if s < 0 || int(s) >= len(statusTexts) {
		return nil, fmt.Errorf("fakeca: there is no status %d; use Good, Revoked, Unknown or ServerFailed", int(s))
	}
	return []byte(statusTexts[s]), nil
}

// UnmarshalText reads what String returns.
func (s *Status) UnmarshalText(text []byte) error {
	status, err := parseStatus(string(text))
	if err != nil {
		return fmt.Errorf("fakeca: %w", err)
	}
	*s = status
	return nil
}

func parseStatus(text string) (Status, error) {
	i := slices.Index(statusTexts, text)
	if i < 0 {
		return 0, fmt.Errorf("there is no status %q; use one of %s", text, strings.Join(statusTexts, ", "))
	}
	return Status(i), nil
}

// Statuses returns the four statuses, in the order of their numbers.
func Statuses() iter.Seq[Status] {
	return func(yield func(Status) bool) {
		for s := range statusTexts {
			if !yield(Status(s)) {
				return
			}
		}
	}
}

// A Reason is a CRLReason: why a certificate was revoked. The numbers are those of
// RFC 5280 section 5.3.1, where 7 is not used.
type Reason int

// The ten reasons of RFC 5280 section 5.3.1. RemoveFromCRL is a reason only in
// delta CRLs.
const (
	Unspecified          Reason = ocsp.Unspecified
	KeyCompromise        Reason = ocsp.KeyCompromise
	CACompromise         Reason = ocsp.CACompromise
	AffiliationChanged   Reason = ocsp.AffiliationChanged
	Superseded           Reason = ocsp.Superseded
	CessationOfOperation Reason = ocsp.CessationOfOperation
	CertificateHold      Reason = ocsp.CertificateHold
	RemoveFromCRL        Reason = ocsp.RemoveFromCRL
	PrivilegeWithdrawn   Reason = ocsp.PrivilegeWithdrawn
	AACompromise         Reason = ocsp.AACompromise
)

// The index is the number, of which 7 is not used.
var reasonTexts = []string{
	Unspecified:          "unspecified",
	KeyCompromise:        "key_compromise",
	CACompromise:         "ca_compromise",
	AffiliationChanged:   "affiliation_changed",
	Superseded:           "superseded",
	CessationOfOperation: "cessation_of_operation",
	CertificateHold:      "certificate_hold",
	RemoveFromCRL:        "remove_from_crl",
	PrivilegeWithdrawn:   "privilege_withdrawn",
	AACompromise:         "aa_compromise",
}

// The names in RFC 5280 section 5.3.1.
var reasonTextsRFC5280 = []string{
	Unspecified:          "unspecified",
	KeyCompromise:        "keyCompromise",
	CACompromise:         "cACompromise",
	AffiliationChanged:   "affiliationChanged",
	Superseded:           "superseded",
	CessationOfOperation: "cessationOfOperation",
	CertificateHold:      "certificateHold",
	RemoveFromCRL:        "removeFromCRL",
	PrivilegeWithdrawn:   "privilegeWithdrawn",
	AACompromise:         "aACompromise",
}

// Reasons returns the ten reasons, in the order of their numbers.
func Reasons() iter.Seq[Reason] {
	return func(yield func(Reason) bool) {
		for i := range reasonTexts {
			if r := Reason(i); r.valid() && !yield(r) {
				return
			}
		}
	}
}

func (r Reason) valid() bool {
	return r >= 0 && int(r) < len(reasonTexts) && reasonTexts[r] != ""
}

// String returns the name of the reason in snake case, as in k6:
// "key_compromise".
func (r Reason) String() string {
	if !r.valid() {
		return fmt.Sprintf("reason(%d)", int(r))
	}
	return reasonTexts[r]
}

// GomegaString is String, for Gomega.
func (r Reason) GomegaString() string { return r.String() }

// MarshalText returns what String does, or an error if there is no such reason.
func (r Reason) MarshalText() ([]byte, error) {
	if !r.valid() {
		return nil, fmt.Errorf("fakeca: there is no reason %d; RFC 5280 section 5.3.1 has 0 to 6 and 8 to 10", int(r))
	}
	return []byte(reasonTexts[r]), nil
}

// UnmarshalText reads what String returns, and the names in RFC 5280:
// "key_compromise" and "keyCompromise".
func (r *Reason) UnmarshalText(text []byte) error {
	reason, err := parseReason(string(text))
	if err != nil {
		return fmt.Errorf("fakeca: %w", err)
	}
	*r = reason
	return nil
}

func parseReason(text string) (Reason, error) {
	for _, texts := range [][]string{reasonTexts, reasonTextsRFC5280} {
		if i := slices.Index(texts, text); i >= 0 && text != "" {
			return Reason(i), nil
		}
	}
	return 0, fmt.Errorf("there is no reason %q; write it as in key_compromise or keyCompromise (RFC 5280 section 5.3.1)", text)
}
