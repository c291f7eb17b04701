package fakeca

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Option is a setting of a CA, for [New], [CA.Intermediate] and [Load].
type Option interface {
	apply(*settings)
	String() string // as it is written in Go, for messages
}

type settings struct {
	name     string
	key      crypto.Signer
	clock    func() time.Time
	servers  Servers
	template *x509.Certificate
	hash     crypto.Hash
	delegate bool
}

type option struct {
	text string
	set  func(*settings)
}

func (o option) apply(s *settings) { o.set(s) }
func (o option) String() string    { return o.text }

// quoted writes texts as the arguments of a call.
func quoted(texts []string) string {
	var out []string
	for _, t := range texts {
		out = append(out, strconv.Quote(t))
	}
	return strings.Join(out, ", ")
}

// WithName sets the CA's common name. The default is "fakeca root (do not
// trust)" or "fakeca intermediate (do not trust)".
func WithName(commonName string) Option {
	if commonName == "" {
		panic("fakeca: WithName needs a name; leave the option out for the default")
	}
	return option{fmt.Sprintf("WithName(%q)", commonName), func(s *settings) { s.name = commonName }}
}

// WithKey sets the CA's key: ECDSA on P-256, P-384 or P-521, RSA, or Ed25519.
// The default is a new P-256 key, because an RSA-2048 key takes a thousand
// times as long to make.
func WithKey(key crypto.Signer) Option {
	if key == nil {
		panic("fakeca: WithKey needs a key; leave the option out for a new P-256 key")
	}
	return option{fmt.Sprintf("WithKey(%T)", key), func(s *settings) { s.key = key }}
}

// WithClock sets the clock that the CA, and everything made from it, goes by.
// The default is time.Now for a root, and the issuer's clock for an
// intermediate.
func WithClock(now func() time.Time) Option {
	if now == nil {
		panic("fakeca: WithClock needs a function; leave the option out for time.Now")
	}
	return option{"WithClock(...)", func(s *settings) { s.clock = now }}
}

// WithOCSPServer names the responders of the certificates that the CA issues,
// in their authority information access extension (RFC 5280 section 4.2.2.1).
// The default is none.
func WithOCSPServer(urls ...string) Option {
	return option{"WithOCSPServer(" + quoted(urls) + ")", func(s *settings) { s.servers.OCSP = urls }}
}

// WithCRLServer names the CRL distribution points of the certificates that the
// CA issues (RFC 5280 section 4.2.1.13). The default is none.
func WithCRLServer(urls ...string) Option {
	return option{"WithCRLServer(" + quoted(urls) + ")", func(s *settings) { s.servers.CRL = urls }}
}

// WithTemplate starts the CA's own certificate from a template, as
// [CA.Issue] does for a leaf's: what is zero in it is filled in.
func WithTemplate(tmpl *x509.Certificate) Option {
	if tmpl == nil {
		panic("fakeca: WithTemplate needs a template; leave the option out for the default")
	}
	return option{"WithTemplate(...)", func(s *settings) { s.template = tmpl }}
}

// WithHash sets the hash of the CertIDs in what the CA signs: SHA1, SHA256,
// SHA384 or SHA512. The default is the issuer's for an intermediate, and SHA-1
// for a root, because deployed clients expect it (RFC 5019 section 2.1.1).
// Response.Hash overrides it for one response.
func WithHash(hash crypto.Hash) Option {
	if _, ok := hashOID(hash); !ok {
		panic(fmt.Sprintf("fakeca: WithHash(%v): use SHA1, SHA256, SHA384 or SHA512", hash))
	}
	return option{"WithHash", func(s *settings) { s.hash = hash }}
}

// WithDelegate has a delegated responder sign the CA's OCSP responses, with a
// certificate that [CA.OCSPSigner] issues and that the responses embed. By
// default the CA signs them itself, and so do the CAs below it. Response.Signer
// overrides it for one response. The CA always signs CRLs itself.
func WithDelegate() Option {
	return option{"WithDelegate", func(s *settings) { s.delegate = true }}
}
