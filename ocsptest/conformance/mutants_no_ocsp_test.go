package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

func hasNoRevAvail(cert *x509.Certificate) bool {
	return slices.ContainsFunc(cert.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(fakeca.NoRevAvail().Id) })
}

// noOCSPMutants are clients that check no certificates of some kinds.
func noOCSPMutants() []mutant {
	namesNothing := func(cert *x509.Certificate) bool { return cert.OCSPServer == nil && cert.CRLDistributionPoints == nil }
	leaf := func(s sight) *x509.Certificate { return s.VerifiedChains[0][0] }
	return []mutant{
		{
			name:     "does not check certificates with noRevAvail",
			policies: []Policy{listing, onlyFetch},
			check:    acceptingIf(func(s sight) bool { return hasNoRevAvail(leaf(s)) }),
		},
		{
			name:     "does not check intermediates with noRevAvail",
			policies: []Policy{chainList},
			check: seeing(func(s sight) error {
				if hasNoRevAvail(s.VerifiedChains[0][1]) {
					s.reference.policy.Chain = false
				}
				return nil
			}),
		},
		{
			name:     "does not check certificates of less than two weeks",
			policies: []Policy{hard, listing},
			check:    acceptingIf(func(s sight) bool { return leaf(s).NotAfter.Sub(leaf(s).NotBefore) < 14*day }),
		},
		{
			name:     "does not check certificates that name no source",
			policies: []Policy{hard, listing},
			check:    acceptingIf(func(s sight) bool { return namesNothing(leaf(s)) }),
		},
		{
			name:     "ignores staples if the certificate names no responder",
			policies: []Policy{hard, soft},
			check: seeing(func(s sight) error {
				if leaf(s).OCSPServer == nil {
					s.OCSPResponse = nil
				}
				return nil
			}),
		},
		{
			name:     "ignores must-staple if the certificate names no responder",
			policies: []Policy{mustSoft},
			check: seeing(func(s sight) error {
				if leaf(s).OCSPServer == nil {
					s.reference.policy.MustStaple = false
				}
				return nil
			}),
		},
		{
			name:     "looks at CRLs only if the certificate names no responder",
			policies: []Policy{fetchList},
			check: seeing(func(s sight) error {
				if leaf(s).OCSPServer != nil {
					s.reference.policy.Sources &^= CRL
				}
				return nil
			}),
		},
	}
}
