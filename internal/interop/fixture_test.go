package interop

import (
	"crypto"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A fixture is a root, an intermediate, a leaf, and the responder of both CAs.
type fixture struct {
	responder *ocsptest.Responder
	root      *fakeca.CA
	leaf      *fakeca.Leaf
	dir       string // with root.pem, issuer.pem, leaf.pem, chain.pem and key.pem
}

func newFixture(t *testing.T, opts ...ocsptest.ResponderOption) *fixture {
	t.Helper()
	root := fakeca.New()
	responder := ocsptest.NewResponder(t, root, opts...)
	issuer := root.Intermediate()
	responder.Add(issuer)
	s := &fixture{responder: responder, root: root, leaf: issuer.Leaf(), dir: t.TempDir()}
	write(t, s.dir, "root.pem", root.CertPEM())
	write(t, s.dir, "issuer.pem", issuer.CertPEM())
	write(t, s.dir, "leaf.pem", s.leaf.CertPEM())
	write(t, s.dir, "chain.pem", s.leaf.ChainPEM())
	write(t, s.dir, "key.pem", s.leaf.KeyPEM())
	return s
}

// clientConfig returns the configuration of a client that trusts root. The
// client's certificate may be nil.
func clientConfig(root *fakeca.CA, client *fakeca.Leaf) *tls.Config {
	config := &tls.Config{RootCAs: root.Pool(), ServerName: "localhost"}
	if client != nil {
		config.Certificates = []tls.Certificate{client.TLS()}
	}
	return config
}

// A request is a request to a responder, reduced to where programs differ.
type request struct {
	Method string
	About  string // "leaf", "issuer", or the path of a CRL
	Hash   crypto.Hash
	Nonce  int // bytes
	Signed bool
}

// requests returns the requests that the responder got. None may be irregular.
func (s *fixture) requests(t testing.TB) []request {
	t.Helper()
	var all []request
	for _, r := range s.responder.Requests() {
		if len(r.Irregularities) > 0 {
			t.Errorf("irregular request: %v", r)
		}
		a := request{Method: r.Method, About: r.Path}
		if r.OCSP == nil {
			all = append(all, a)
			continue
		}
		a.Nonce, a.Signed = len(r.OCSP.Nonce()), r.OCSP.Signed()
		for _, single := range r.OCSP.List {
			a.Hash = single.CertID.HashAlgorithm.Hash()
			switch {
			case single.CertID.IssuedBy(s.leaf.Issuer.Cert) && single.CertID.SerialNumber.Cmp(s.leaf.Cert.SerialNumber) == 0:
				a.About = "leaf"
			case single.CertID.IssuedBy(s.root.Cert) && single.CertID.SerialNumber.Cmp(s.leaf.Issuer.Cert.SerialNumber) == 0:
				a.About = "issuer"
			default:
				a.About = fmt.Sprintf("serial %x", single.CertID.SerialNumber)
			}
			all = append(all, a)
		}
	}
	return all
}

// expired returns a response that expired two days ago.
func expired() fakeca.Response {
	return fakeca.Response{ThisUpdate: time.Now().Add(-72 * time.Hour), NextUpdate: time.Now().Add(-48 * time.Hour)}
}

// For tables: what is on record about the leaf and its issuer, and how the
// responder misbehaves.

func says(r fakeca.Response) func(*fixture)   { return func(s *fixture) { s.leaf.Set(r) } }
func revoke(why fakeca.Reason) func(*fixture) { return func(s *fixture) { s.leaf.Revoke(why) } }
func faulty(f fault.Fault) func(*fixture)     { return func(s *fixture) { s.responder.SetFault(f) } }

func revokeIssuer(s *fixture) { s.root.Revoke(s.leaf.Issuer.Cert.SerialNumber, fakeca.CACompromise) }
