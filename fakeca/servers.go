package fakeca

import (
	"crypto/x509"
	"slices"
)

// Servers are the URLs that certificates name, so that clients find out more
// about them.
type Servers struct {
	OCSP   []string // responders, in authority information access (RFC 5280 section 4.2.2.1)
	CRL    []string // CRL distribution points, each a name of its own (RFC 5280 section 4.2.1.13)
	Issuer []string // the issuer's certificate, as caIssuers in authority information access
}

// Advertise names servers in the certificates that the CA issues from now on,
// instead of those of [WithOCSPServer], [WithCRLServer] and earlier calls. A
// list that is empty names none. A template that names its own keeps them; see
// [CA.Issue].
//
// Withdraw undoes the call: the CA names what it would name without it.
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

// advertise names in t, which ca issues, the servers that it leaves open.
func (ca *CA) advertise(t *x509.Certificate) {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	servers := ca.servers
	if n := len(ca.advertised); n > 0 {
		servers = *ca.advertised[n-1]
	}
	silent := hasExtension(t.ExtraExtensions, oidNoRevAvail) // RFC 9608 section 3
	if t.OCSPServer == nil && !silent {
		t.OCSPServer = servers.OCSP
	}
	if t.CRLDistributionPoints == nil && !silent {
		t.CRLDistributionPoints = servers.CRL
	}
	if t.IssuingCertificateURL == nil {
		t.IssuingCertificateURL = servers.Issuer
	}
}
