package verify

import (
	"bytes"
	"crypto/fips140"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// checkDelegate judges the authority of a signer that is not the issuer.
func (j *judgement) checkDelegate(c *x509.Certificate) {
	if c.Equal(j.leaf) {
		j.wrong.add(RuleSignerLeaf, "the certificate signed the response about itself")
	}
	j.checkIssued(c)
	if !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		j.wrong.add(RuleSignerEKU, "%q has no id-kp-OCSPSigning", c.Subject)
	}
	switch {
	case j.at.Before(c.NotBefore):
		j.wrong.add(RuleSignerEarly, "%q is not valid before %s", c.Subject, stamp(c.NotBefore))
	case j.at.After(c.NotAfter):
		j.wrong.add(RuleSignerExpired, "%q is not valid after %s", c.Subject, stamp(c.NotAfter))
	}
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment // also called nonRepudiation
	if c.KeyUsage != 0 && c.KeyUsage&signs == 0 {
		j.wrong.add(RuleSignerKeyUsage, "the key usage of %q has neither digitalSignature nor nonRepudiation", c.Subject)
	}
	for _, id := range c.UnhandledCriticalExtensions {
		if !id.Equal(oidNoCheck) {
			j.wrong.add(RuleSignerExtension, "the extension %v of %q is critical and unknown", id, c.Subject)
		}
	}
	if j.BaselineRequirements {
		j.checkProfile(c)
	}
}

// checkIssued checks that the issuer issued the delegate.
func (j *judgement) checkIssued(c *x509.Certificate) {
	switch {
	case isSHA1(c.SignatureAlgorithm) && fips140.Enforced(): // crypto/x509 panics
		j.wrong.add(RuleSignerAlgorithm, "the certificate of %q is signed with SHA-1, which GODEBUG=fips140=only forbids", c.Subject)
		return
	case isSHA1(c.SignatureAlgorithm) && j.RefuseSHA1:
		j.wrong.add(RuleSignerAlgorithm, "the certificate of %q is signed with SHA-1", c.Subject)
	}
	err := j.issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	switch {
	case !bytes.Equal(c.RawIssuer, j.issuer.RawSubject) || err != nil && !cannotCheck(j.issuer, err):
		j.wrong.add(RuleSignerIssuer, "%q was not issued by the issuer of the certificate", c.Subject)
	case err != nil:
		j.wrong.add(RuleSignerAlgorithm, "the signature on the certificate of %q cannot be checked: %s", c.Subject, reason(err))
	}
}

// checkProfile checks the profile that section 7.1.2.8 of the Baseline
// Requirements has for a delegate, as far as it concerns clients.
func (j *judgement) checkProfile(c *x509.Certificate) {
	if c.IsCA {
		j.wrong.add(RuleSignerCA, "%q is a CA", c.Subject)
	}
	if c.KeyUsage != x509.KeyUsageDigitalSignature {
		j.wrong.add(RuleSignerProfile, "the key usage of %q is not only digitalSignature", c.Subject)
	}
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 1 {
		j.wrong.add(RuleSignerProfile, "the extended key usage of %q is not only id-kp-OCSPSigning", c.Subject)
	}
	if !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) }) {
		j.wrong.add(RuleSignerProfile, "%q has no id-pkix-ocsp-nocheck", c.Subject)
	}
}

// checkInterval checks the interval of validity that section 4.9.9 of the Baseline
// Requirements has for the status of a certificate that is not a CA's.
func (j *judgement) checkInterval(single fakeca.SingleResponse) {
	const least, most = 8 * time.Hour, 10 * 24 * time.Hour
	this, next := single.ThisUpdate.Time, single.NextUpdate.Time
	interval := next.Sub(this) + time.Second // both ends count
	switch {
	case j.leaf.IsCA || !next.IsZero() && next.Before(this):
	case next.IsZero():
		j.wrong.add(RuleValidityInterval, "there is no nextUpdate")
	case interval < least:
		j.wrong.add(RuleValidityInterval, "it is valid for %v, less than %v", interval, least)
	case interval > most:
		j.wrong.add(RuleValidityInterval, "it is valid for %v, more than %v", interval, most)
	}
}
