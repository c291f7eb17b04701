package fakeca

import (
	"crypto/x509"
	"slices"
)

// Servers are the URLs in certificates at which clients find revocation status
// and issuers.
type Servers struct {
	OCSP   []string // OCSP responders, in authority information access (RFC 5280 section 4.2.2.1)
	CRL    []string // CRL distribution points, one for each URL (RFC 5280 section 4.2.1.13)
	Issuer []string // the issuer's certificate: caIssuers in authority information access
}

// Advertise sets the servers that are named in certificates which the CA issues
// from now on. It replaces those of [WithOCSPServer], [WithCRLServer] and earlier
// calls; an empty list names none. A template that names its own servers keeps
// them; see [CA.Issue].
//
// withdraw undoes the call: the CA names what it would name without it.
func (ca *CA) Advertise(s Servers) (withdraw func()) {
	own := &Servers{OCSP: slices.Clone(s.OCSP), CRL: slices.Clone(s.CRL), Issuer: slices.Clone(s.Issuer)}
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.advertised = append(ca.advertised, own)
	return func() {
		ca.mu.Lock()
		defer ca.mu.Unlock()
		ca.advertised = slices.DeleteFunc(ca.advertised, func(s *Servers) bool { return s == own })
	}
}

// addServers names in t, which ca issues, the servers that t leaves nil.
func (ca *CA) addServers(t *x509.Certificate) {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	servers := ca.servers
	if n := len(ca.advertised); n > 0 {
		servers = *ca.advertised[n-1]
	}
	noRevAvail := hasExtension(t.ExtraExtensions, oidNoRevAvail) // RFC 9608 section 3
	if t.OCSPServer == nil && !noRevAvail {
		t.OCSPServer = servers.OCSP
	}
	if t.CRLDistributionPoints == nil && !noRevAvail {
		t.CRLDistributionPoints = servers.CRL
	}
	if t.IssuingCertificateURL == nil {
		t.IssuingCertificateURL = servers.Issuer
	}
}
