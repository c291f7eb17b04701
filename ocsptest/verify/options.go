package verify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Options are what the RFCs leave to policy, and what the client knows. The zero
// value follows the RFCs. Fields that name neither responses nor CRLs are for
// both.
type Options struct {
	// Skew is how much the clocks of CA and client may differ. The
	// default is five minutes. A negative Skew means none.
	Skew time.Duration

	// MaxAge is the maximum age of thisUpdate. The default is no limit for a CRL or
	// a response with nextUpdate, and a day for a response without. RFC 6960 requires
	// a recent thisUpdate and has no number; RFC 9919 section 5 refuses all responses
	// without nextUpdate. RFC 5280 section 3.3 leaves it to local policy.
	MaxAge time.Duration

	// Nonce is the nonce of the request. A response with another nonce is
	// invalid; one without a nonce is invalid only if RequireNonce is set.
	Nonce        []byte
	RequireNonce bool

	// RefuseSHA1 refuses signatures with SHA-1 on responses, on the certificates
	// of delegates, and on CRLs.
	RefuseSHA1 bool

	// BaselineRequirements adds what only the CA/Browser Forum's Baseline
	// Requirements demand: the profile of delegates (RuleSignerCA,
	// RuleSignerProfile), and, for a leaf that is not a CA, an interval of validity
	// from eight hours to ten days (RuleValidityInterval). It includes RefuseSHA1,
	// which is all that it does for CRLs.
	BaselineRequirements bool

	// Lenient accepts what most deployed clients accept: what
	// [fakeca.ParseMessageLenient] reads, NULL as the parameters of ECDSA, and a
	// nonce without the OCTET STRING around it. Without Lenient, the first of them
	// in a response is a violation.
	Lenient bool

	// Responders are delegated responders that the client knows, so that the
	// response need not embed them. Their authority is checked all the same.
	Responders []*x509.Certificate

	// CRLIssuers are further certificates that the client knows: of keys that sign
	// CRLs, of CAs between these and the issuer, and of CAs above the issuer. Those
	// that sign a CRL are validated with them.
	CRLIssuers []*x509.Certificate

	// AcceptExpired accepts CRLs whose nextUpdate is in the past or missing.
	AcceptExpired bool

	// RefuseVersion1 refuses CRLs of version v1, which have no extensions. RFC 5280
	// section 5 requires clients to accept them, and CAs not to issue them.
	RefuseVersion1 bool

	// NoIDP judges as a client that does not understand the issuing distribution
	// point, which RFC 5280 section 5.2.5 allows: a certificate that is not on a CRL
	// with this extension has an unknown status.
	NoIDP bool
}

const (
	defaultSkew   = 5 * time.Minute
	defaultMaxAge = 24 * time.Hour // without nextUpdate
)

// withDefaults returns o with its defaults filled in.
func (o Options) withDefaults() Options {
	if o.Skew == 0 {
		o.Skew = defaultSkew
	}
	o.Skew = max(o.Skew, 0)
	o.RefuseSHA1 = o.RefuseSHA1 || o.BaselineRequirements
	return o
}

// checkGiven returns an error if a certificate is missing.
func checkGiven(cert *x509.Certificate, name string, issuer *x509.Certificate) error {
	switch {
	case cert == nil:
		return fmt.Errorf("verify: %s is nil; pass the certificate", name)
	case issuer == nil:
		return errors.New("verify: issuer is nil; pass the certificate")
	}
	return nil
}
