package conformance

import (
	"crypto"
	"crypto/x509"
	"errors"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// WithRoot makes ca the root of all cases, for clients that cannot take another
// root for each connection. Several runs can have the same root at the same time.
// The case with an untrusted root has another one. The cases in which the clock
// advances are left out.
func WithRoot(ca *fakeca.CA) Option {
	return setting{"WithRoot", func(s *suite) error {
		switch {
		case ca == nil:
			return errors.New("WithRoot needs a CA; leave the option out for a new one in each case")
		case ca.Key == nil:
			return errors.New("WithRoot needs a CA with its key, because it issues certificates")
		}
		s.world.root = ca
		return nil
	}}
}

// WithKeys makes newKey generate the keys of CAs and leaves. The default is
// ECDSA on P-256. Cases about signature algorithms keep their keys.
func WithKeys(newKey func() crypto.Signer) Option {
	return setting{"WithKeys", func(s *suite) error {
		if newKey == nil {
			return errors.New("WithKeys needs a function; leave the option out for P-256")
		}
		s.world.newKey = newKey
		return nil
	}}
}

// WithLeafTemplate sets what the certificates of all servers have in common, such
// as names. Each is also for localhost and the loopback addresses. The cases set
// the URLs of responders and CRLs.
func WithLeafTemplate(tmpl *x509.Certificate) Option {
	return setting{"WithLeafTemplate", func(s *suite) error {
		switch {
		case tmpl == nil:
			return errors.New("WithLeafTemplate needs a template; leave the option out for the default")
		case tmpl.OCSPServer != nil || tmpl.CRLDistributionPoints != nil:
			return errors.New("WithLeafTemplate: OCSPServer and CRLDistributionPoints are set by the cases; leave them out")
		case tmpl.SerialNumber != nil:
			return errors.New("WithLeafTemplate: SerialNumber must differ from case to case; leave it out")
		}
		t := *tmpl
		s.world.leaf = &t
		return nil
	}}
}

// WithALPN sets the protocols that the servers offer by ALPN. The default is
// http/1.1.
func WithALPN(protocols ...string) Option {
	return setting{"WithALPN", func(s *suite) error {
		if len(protocols) == 0 || slices.Contains(protocols, "") {
			return errors.New(`WithALPN needs the names of protocols, such as "h2"; leave the option out for http/1.1`)
		}
		s.world.alpn = slices.Clone(protocols)
		return nil
	}}
}
