package conformance

import (
	"iter"
	"slices"
)

// A Profile is the policy of a real program.
type Profile struct {
	Name   string // "curl", "java-soft-fail"
	Doc    string // the program, and the switches that give it this policy
	Policy Policy
}

// Profiles returns the policies of real programs, as measured against the
// catalogue. A client that is built like one of them can be tested with its
// policy, and all of them show how a Policy is written.
//
// No program follows its policy in every case. The differences are listed in
// internal/interop/testdata/profiles.
func Profiles() iter.Seq[Profile] { return slices.Values(profiles) }

var profiles = []Profile{
	{
		Name:   "curl",
		Doc:    "curl --cert-status, built with OpenSSL",
		Policy: Policy{},
	},
	{
		Name:   "gnutls",
		Doc:    "gnutls-cli without switches: a staple that says unknown or that is missing is accepted",
		Policy: Policy{Tolerates: FailOpen, MustStaple: true},
	},
	{
		Name:   "gnutls-ocsp",
		Doc:    "gnutls-cli --ocsp, which asks the responder if nothing is stapled",
		Policy: Policy{Sources: Staple | OCSP, Tolerates: Unknown | Invalid | Absent, MustStaple: true},
	},
	{
		Name: "openssl-ocsp",
		Doc: "openssl ocsp -url with the responder of the certificate; only \"Response verify OK\" and \"good\" " +
			"without a warning count as accepted, because the exit status is 0 for revoked too",
		Policy: Policy{Sources: OCSP},
	},
	{
		Name:   "java",
		Doc:    "Java's PKIX trust manager with a PKIXRevocationChecker without options, and jdk.tls.client.enableStatusRequestExtension=true",
		Policy: Policy{Sources: Staple | OCSP | CRL, Chain: true},
	},
	{
		Name:   "java-end-entity",
		Doc:    "Java, with the option ONLY_END_ENTITY",
		Policy: Policy{Sources: Staple | OCSP | CRL},
	},
	{
		Name:   "java-no-fallback",
		Doc:    "Java, with the option NO_FALLBACK: CRLs are not looked at",
		Policy: Policy{Sources: Staple | OCSP, Chain: true},
	},
	{
		Name:   "java-prefer-crls",
		Doc:    "Java, with the options PREFER_CRLS and NO_FALLBACK: only CRLs are looked at",
		Policy: Policy{Sources: CRL, Chain: true},
	},
	{
		Name:   "java-soft-fail",
		Doc:    "Java, with the option SOFT_FAIL",
		Policy: Policy{Sources: Staple | OCSP | CRL, Tolerates: Unknown | Unreachable, Chain: true},
	},
	{
		Name:   "nss",
		Doc:    "NSS's tstclnt -T -F -O",
		Policy: Policy{},
	},
	{
		Name:   "go",
		Doc:    "crypto/tls with x/crypto/ocsp in VerifyConnection: ParseResponseForCert, then the status and nextUpdate",
		Policy: Policy{},
	},
}
