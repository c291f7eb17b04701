package interop

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A chain is a leaf with its issuers, and its purpose.
type chain struct {
	name    string
	leaf    *fakeca.Leaf
	purpose purpose
	host    string // a DNS name to check; default: none
}

// A purpose is an extended key usage, as openssl and certtool write it.
type purpose struct{ openssl, oid string }

var (
	serverAuth  = purpose{"sslserver", "1.3.6.1.5.5.7.3.1"}
	clientAuth  = purpose{"sslclient", "1.3.6.1.5.5.7.3.2"}
	ocspSigning = purpose{"ocsphelper", "1.3.6.1.5.5.7.3.9"}
)

// validChains returns chains that every program must accept.
func validChains(t *testing.T) []chain {
	t.Helper()
	var all []chain
	for _, w := range allPKIs(t) {
		all = append(all,
			chain{w.kind.name + "/server", w.leaf, serverAuth, "localhost"},
			chain{w.kind.name + "/client", w.leaf, clientAuth, ""},
			chain{w.kind.name + "/delegate", w.delegate, ocspSigning, ""},
		)
		root := fakeca.New(fakeca.WithKey(w.ca.Key))
		all = append(all,
			chain{w.kind.name + " root/server", root.Leaf(), serverAuth, "example.com"},
			chain{w.kind.name + " root/delegate", root.OCSPSigner(), ocspSigning, ""},
			chain{w.kind.name + " root/intermediate", root.Intermediate().Leaf(), serverAuth, "www.example.com"},
		)
	}
	root := fakeca.New(fakeca.WithOCSPServer("http://127.0.0.1/ocsp"), fakeca.WithCRLServer("http://127.0.0.1/crl"))
	deep := root.Intermediate().Intermediate(fakeca.WithName("second"),
		fakeca.WithTemplate(&x509.Certificate{MaxPathLenZero: true}))
	issue := func(tmpl x509.Certificate) *fakeca.Leaf {
		tmpl.DNSNames = []string{"localhost"}
		return deep.Issue(&tmpl)
	}
	return append(all,
		chain{"must-staple", issue(x509.Certificate{ExtraExtensions: []pkix.Extension{fakeca.MustStaple()}}), serverAuth, "localhost"},
		chain{"two intermediates", deep.Leaf(), serverAuth, "localhost"},
		chain{"two intermediates/delegate", deep.OCSPSigner(), ocspSigning, ""},
		chain{"names of every type", deep.Leaf("a.test", "192.0.2.1", "2001:db8::1", "a@b.test", "spiffe://a.test/b"), serverAuth, "a.test"},
		chain{"with responder and CRL URLs", root.Leaf("a.test"), serverAuth, "a.test"},
		chain{"no names", deep.Issue(&x509.Certificate{}), clientAuth, ""},
		chain{"client only", issue(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}), clientAuth, ""},
		chain{"no extended key usage", issue(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}}), serverAuth, "localhost"},
		chain{"until 2099", issue(x509.Certificate{NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)}), serverAuth, "localhost"},
	)
}

// An invalidChain is one that every program must refuse.
type invalidChain struct {
	chain
	openssl, certtool string // part of the output; empty: accepted
}

func invalidChains(t *testing.T) []invalidChain {
	t.Helper()
	w := allPKIs(t)[0]
	stranger := &fakeca.Leaf{Cert: fakeca.New().Intermediate().Leaf().Cert, Issuer: w.ca}
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	issue := func(tmpl x509.Certificate) *fakeca.Leaf {
		tmpl.DNSNames = []string{"localhost"}
		return w.ca.Issue(&tmpl)
	}
	noSigning := w.ca.Root().Intermediate(fakeca.WithTemplate(&x509.Certificate{KeyUsage: x509.KeyUsageDigitalSignature}))
	closed := w.ca.Root().Intermediate(fakeca.WithTemplate(&x509.Certificate{MaxPathLenZero: true}))
	return []invalidChain{
		{chain{"stranger", stranger, serverAuth, ""}, "unable to get local issuer certificate", "issuer is unknown"},
		{chain{"expired", issue(x509.Certificate{NotAfter: past}), serverAuth, ""}, "certificate has expired", "expired"},
		{chain{"not yet valid", issue(x509.Certificate{NotBefore: future}), serverAuth, ""}, "not yet valid", "not yet valid"},
		{chain{"other name", w.leaf, serverAuth, "example.org"}, "hostname mismatch", "does not match the expected"},
		// openssl verify leaves the extended key usage of a delegate to openssl ocsp.
		{chain{"server as delegate", w.leaf, ocspSigning, ""}, "", "intended purpose"},
		{chain{"delegate as server", w.delegate, serverAuth, ""}, "unsuitable certificate purpose", "intended purpose"},
		{chain{"issuer without keyCertSign", noSigning.Leaf(), serverAuth, ""}, "invalid CA certificate", "NOT trusted"},
		{
			chain{"path too long", closed.Intermediate(fakeca.WithName("below")).Leaf(), serverAuth, ""},
			"path length constraint exceeded",
			"NOT trusted",
		},
	}
}
