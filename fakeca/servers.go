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

	// CRLShards are the URLs of the shards of a CRL. A certificate that is not a
	// CA's names one of them instead of CRL: that at its serial number modulo
	// their number, counted from 0. [CRL.Shard] makes the list to serve there.
	CRLShards []string
}

// CRLFor returns the CRL distribution points that a certificate names: a shard,
// or CRL if there are none or the certificate is a CA's. Only its SerialNumber
// and IsCA are looked at.
func (s Servers) CRLFor(cert *x509.Certificate) []string {
	if len(s.CRLShards) == 0 || cert.IsCA {
		return s.CRL
	}
	i := shardOf(cert.SerialNumber, len(s.CRLShards))
	return s.CRLShards[i : i+1 : i+1]
}

// Advertise sets the servers that are named in certificates which the CA issues
// from now on. It replaces those of [WithOCSPServer], [WithCRLServer] and earlier
// calls; an empty list names none. A template that names its own servers keeps
// them; see [CA.Issue].
//
// withdraw undoes the call: the CA names what it would name without it.
func (ca *CA) Advertise(s Servers) (withdraw func()) {
	own := &Servers{OCSP: slices.Clone(s.OCSP), CRL: slices.Clone(s.CRL), Issuer: slices.Clone(s.Issuer), CRLShards: slices.Clone(s.CRLShards)}
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
		t.CRLDistributionPoints = servers.CRLFor(t)
	}
	if t.IssuingCertificateURL == nil {
		t.IssuingCertificateURL = servers.Issuer
	}
}
