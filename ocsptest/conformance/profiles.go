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
	{
		Name: "openssl-crl",
		Doc: "openssl verify -crl_check -CRLfile, with the CRLs that the leaf names; a script downloads them, " +
			"and leaves out those that it cannot download",
		Policy: Policy{Sources: CRL},
	},
	{
		Name:   "openssl-crl-all",
		Doc:    "openssl verify -crl_check_all -CRLfile, with the CRLs that the intermediate names too",
		Policy: Policy{Sources: CRL, Chain: true},
	},
	{
		Name:   "openssl-crl-deltas",
		Doc:    "openssl verify -crl_check -extended_crl -use_deltas -CRLfile, with the delta CRLs too",
		Policy: Policy{Sources: CRL},
	},
	{
		Name: "gnutls-crl",
		Doc: "certtool --verify --load-crl, with the CRLs that the leaf names and that certtool --crl-info reads; " +
			"GnuTLS ignores a CRL that is not valid, and needs none",
		Policy: Policy{Sources: CRL, Tolerates: FailOpen},
	},
	{
		Name:   "curl-crlfile",
		Doc:    "curl --crlfile, built with OpenSSL, with the CRLs that the leaf and the intermediate name",
		Policy: Policy{Sources: CRL, Chain: true},
	},
	{
		Name: "nginx-crl",
		Doc: "nginx with ssl_verify_client and ssl_crl, which gets the leaf as a client's certificate, with the CRLs that the leaf " +
			"and the intermediate name; it does not start with a CRL that it cannot read, or without any, which counts as rejected",
		Policy: Policy{Sources: CRL, Chain: true},
	},
	{
		Name: "go-crl",
		Doc: "crypto/tls with VerifyConnection: http.Get of each CRL that the leaf names, x509.ParseRevocationList, " +
			"CheckSignatureFrom, NextUpdate, then the serial numbers; extensions are ignored",
		Policy: Policy{Sources: CRL},
	},
}
