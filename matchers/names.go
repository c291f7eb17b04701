package matchers

import "github.com/ocsplab/ocsplab/fakeca"

// The statuses of package fakeca, for [HaveOCSPStatus]. Every error response has
// the status ServerFailed.
const (
	Good         = fakeca.Good
	Revoked      = fakeca.Revoked
	Unknown      = fakeca.Unknown
	ServerFailed = fakeca.ServerFailed
)

// The reasons of package fakeca (RFC 5280 section 5.3.1), for [HaveOCSPReason].
const (
	Unspecified          = fakeca.Unspecified
	KeyCompromise        = fakeca.KeyCompromise
	CACompromise         = fakeca.CACompromise
	AffiliationChanged   = fakeca.AffiliationChanged
	Superseded           = fakeca.Superseded
	CessationOfOperation = fakeca.CessationOfOperation
	CertificateHold      = fakeca.CertificateHold
	RemoveFromCRL        = fakeca.RemoveFromCRL
	PrivilegeWithdrawn   = fakeca.PrivilegeWithdrawn
	AACompromise         = fakeca.AACompromise
)
