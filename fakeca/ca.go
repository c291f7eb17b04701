package fakeca

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"slices"
	"sync"
	"time"
)

// A CA is a certificate authority: a certificate, the key that signs, and the
// record of what was issued and revoked. Its methods are safe for concurrent
// use. Its fields must not be changed.
type CA struct {
	Cert   *x509.Certificate
	Key    crypto.Signer // nil for the CAs above one from Load
	Issuer *CA           // nil for a root

	clock func() time.Time
	hash  crypto.Hash // of CertIDs

	mu         sync.RWMutex
	servers    Servers
	advertised []*Servers        // instead of servers; the last one counts
	delegate   *Leaf             // signs OCSP responses; nil: the CA does
	record     map[string]*entry // by serial number
	listings   listings
	revision   uint64
	bases      map[string]revisions // of lists whose numbers do not encode the revision, by number
}

// New makes a root CA.
func New(opts ...Option) *CA {
	return newCA("New", nil, settings{name: "fakeca root (do not trust)", clock: time.Now, hash: crypto.SHA1}, opts)
}

// Intermediate makes a CA whose certificate ca issues. It has its own key and
// record. Two that are made with the same [WithName] are one CA before and after
// a key rollover: [CRL].Others signs one list for both, and WithKey certifies the
// key of one by the other.
func (ca *CA) Intermediate(opts ...Option) *CA {
	return newCA("Intermediate", ca, settings{name: "fakeca intermediate (do not trust)", clock: ca.clock, hash: ca.hash}, opts)
}

func newCA(function string, issuer *CA, s settings, opts []Option) *CA {
	refuse := func(wrong string) { panic("fakeca: " + function + ": " + wrong) }
	if wrong := s.apply(opts); wrong != "" {
		refuse(wrong)
	}
	if s.key == nil {
		s.key = newKey()
	}
	mustKnowKey(s.key.Public())

	var tmpl x509.Certificate
	if s.template != nil {
		tmpl = *s.template
	}
	switch hasSubject := hasSubject(&tmpl); {
	case tmpl.PublicKey != nil:
		refuse("WithTemplate has a PublicKey; give the CA's key with WithKey")
	case hasSubject && slices.Contains(s.given, "WithName"):
		refuse("WithTemplate has a subject and WithName is given; leave one of them out")
	case !hasSubject:
		tmpl.Subject = pkix.Name{CommonName: s.name}
	}
	tmpl.IsCA = true
	tmpl.PublicKey = s.key.Public()
	tmpl.ExtKeyUsage = nonNil(tmpl.ExtKeyUsage)

	ca := &CA{Key: s.key, Issuer: issuer, clock: s.clock, hash: s.hash, servers: s.servers, record: make(map[string]*entry)}
	if issuer != nil {
		ca.Cert = issuer.Issue(&tmpl).Cert
	} else {
		fill(&tmpl, nil)
		ca.Cert = create(&tmpl, &tmpl, s.key)
		ca.recordIssued(ca.Cert)
	}
	if s.delegate {
		ca.newDelegate()
	}
	return ca
}

// Root returns the CA at the top of ca's chain, which is ca itself for a root.
func (ca *CA) Root() *CA {
	for ca.Issuer != nil {
		ca = ca.Issuer
	}
	return ca
}

// Pool returns a new pool that holds only the root of ca's chain, for clients
// and servers that must trust it.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Root().Cert)
	return pool
}

// Now returns the time on the CA's clock.
func (ca *CA) Now() time.Time { return ca.clock() }

// CertPEM returns the CA's certificate in PEM.
func (ca *CA) CertPEM() []byte { return certPEM(ca.Cert) }

// ChainPEM returns the certificates of the CA and of those above it in PEM, up
// to and including the root. [Load] accepts it together with KeyPEM.
func (ca *CA) ChainPEM() []byte {
	var out []byte
	for ; ca != nil; ca = ca.Issuer {
		out = append(out, ca.CertPEM()...)
	}
	return out
}

// KeyPEM returns the CA's private key in PEM, as PKCS #8.
func (ca *CA) KeyPEM() []byte { return keyPEM(ca.Key) }
