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
// in place of those of [WithOCSPServer], [WithCRLServer] and earlier calls. A
// list that is empty names none. A template that names its own keeps them; see
// [CA.Issue].
func (ca *CA) Advertise(s Servers) {
	s = Servers{OCSP: slices.Clone(s.OCSP), CRL: slices.Clone(s.CRL), Issuer: slices.Clone(s.Issuer)}
	ca.mu.Lock()
	defer ca.mu.Unlock()
	ca.servers = s
}

// advertise names in t, which ca issues, the servers that it leaves open.
func (ca *CA) advertise(t *x509.Certificate) {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	silent := hasExtension(t.ExtraExtensions, oidNoRevAvail) // RFC 9608 section 3
	if t.OCSPServer == nil && !silent {
		t.OCSPServer = ca.servers.OCSP
	}
	if t.CRLDistributionPoints == nil && !silent {
		t.CRLDistributionPoints = ca.servers.CRL
	}
	if t.IssuingCertificateURL == nil {
		t.IssuingCertificateURL = ca.servers.Issuer
	}
}
