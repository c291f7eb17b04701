package fakeca

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// An Option is a setting of a CA. [New] and [CA.Intermediate] accept all of
// them, [Load] those that do not contradict the certificate that it loads. None
// may be nil, and none given twice.
type Option interface{ setting() setting }

// A setting is what all options are.
type setting struct {
	name string // of the function that made it
	set  func(*settings)
}

func (s setting) setting() setting { return s }

type settings struct {
	given []string // names of the options

	name     string
	key      crypto.Signer
	clock    func() time.Time
	servers  Servers
	template *x509.Certificate
	hash     crypto.Hash
	delegate bool
}

// apply sets what opts say. It returns what is wrong with them, or "".
func (s *settings) apply(opts []Option) string {
	for i, o := range opts {
		if o == nil {
			return fmt.Sprintf("option %d of %d is nil; leave it out", i+1, len(opts))
		}
		setting := o.setting()
		if slices.Contains(s.given, setting.name) {
			return setting.name + " is given twice; give it once"
		}
		s.given = append(s.given, setting.name)
		setting.set(s)
	}
	return ""
}

// WithName sets the CA's common name. The default is "fakeca root (do not
// trust)" or "fakeca intermediate (do not trust)".
func WithName(commonName string) Option {
	if commonName == "" {
		panic("fakeca: WithName needs a name; leave the option out for the default")
	}
	return setting{"WithName", func(s *settings) { s.name = commonName }}
}

// WithKey sets the CA's key: ECDSA on P-256, P-384 or P-521, RSA, or Ed25519.
// The default is a new P-256 key, because an RSA-2048 key takes a thousand
// times as long to generate.
func WithKey(key crypto.Signer) Option {
	if key == nil {
		panic("fakeca: WithKey needs a key; leave the option out for a new P-256 key")
	}
	return setting{"WithKey", func(s *settings) { s.key = key }}
}

// WithClock sets the clock of the CA and of everything made from it. The default
// is time.Now for a root, and the issuer's clock for an intermediate.
func WithClock(now func() time.Time) Option {
	if now == nil {
		panic("fakeca: WithClock needs a function; leave the option out for time.Now")
	}
	return setting{"WithClock", func(s *settings) { s.clock = now }}
}

// WithOCSPServer names OCSP responders in the certificates that the CA issues,
// in their authority information access extension (RFC 5280 section 4.2.2.1).
// The default is none. [CA.Advertise] changes them later.
func WithOCSPServer(urls ...string) Option {
	return setting{"WithOCSPServer", func(s *settings) { s.servers.OCSP = slices.Clone(urls) }}
}

// WithCRLServer names CRL distribution points in the certificates that the CA
// issues (RFC 5280 section 4.2.1.13). The default is none. [CA.Advertise]
// changes them later.
func WithCRLServer(urls ...string) Option {
	return setting{"WithCRLServer", func(s *settings) { s.servers.CRL = slices.Clone(urls) }}
}

// WithTemplate makes the CA's own certificate from a template. Fields that are
// zero are filled in as by [CA.Issue].
func WithTemplate(tmpl *x509.Certificate) Option {
	if tmpl == nil {
		panic("fakeca: WithTemplate needs a template; leave the option out for the default")
	}
	return setting{"WithTemplate", func(s *settings) { s.template = tmpl }}
}

// WithHash sets the hash of the CertIDs in what the CA signs: SHA1, SHA256,
// SHA384 or SHA512. The default is the issuer's for an intermediate, and SHA-1
// for a root, because older clients need it (RFC 9919 section 3.1.1).
// Response.Hash overrides it for one response.
func WithHash(hash crypto.Hash) Option {
	if _, ok := hashOID(hash); !ok {
		panic(fmt.Sprintf("fakeca: WithHash(%v): use SHA1, SHA256, SHA384 or SHA512", hash))
	}
	return setting{"WithHash", func(s *settings) { s.hash = hash }}
}

// WithDelegate has a delegated responder sign the CA's OCSP responses, with a
// certificate that [CA.OCSPSigner] issues and that the responses embed. The
// default is that the CA signs them itself. CAs below this one do not inherit the
// option. Response.Signer overrides it for one response. CRLs are still signed by
// the CA.
func WithDelegate() Option {
	return setting{"WithDelegate", func(s *settings) { s.delegate = true }}
}
