package interop

import (
	"crypto"
	"fmt"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A served is a leaf below an intermediate below a root, and the responder that
// answers for both CAs.
type served struct {
	responder *ocsptest.Responder
	root      *fakeca.CA
	leaf      *fakeca.Leaf
	dir       string // with root.pem, issuer.pem, leaf.pem, chain.pem and key.pem
}

func newServed(t *testing.T, opts ...ocsptest.ResponderOption) *served {
	t.Helper()
	root := fakeca.New()
	responder := ocsptest.NewResponder(t, root, opts...)
	issuer := root.Intermediate()
	responder.Add(issuer)
	s := &served{responder: responder, root: root, leaf: issuer.Leaf(), dir: t.TempDir()}
	write(t, s.dir, "root.pem", root.CertPEM())
	write(t, s.dir, "issuer.pem", issuer.CertPEM())
	write(t, s.dir, "leaf.pem", s.leaf.CertPEM())
	write(t, s.dir, "chain.pem", s.leaf.ChainPEM())
	write(t, s.dir, "key.pem", s.leaf.KeyPEM())
	return s
}

// record puts on record what is said of the leaf.
func (s *served) record(r fakeca.Response) { s.leaf.Issuer.Set(s.leaf.Cert.SerialNumber, r) }

// revokedAt is what the record has as the time of the leaf's revocation.
func (s *served) revokedAt() time.Time {
	return s.leaf.Issuer.Lookup(s.leaf.Cert.SerialNumber).RevokedAt
}

// An asked is a request to a responder, as far as programs differ in it.
type asked struct {
	Method string
	About  string // "leaf", "issuer", or the path, as of a CRL
	Hash   crypto.Hash
	Nonce  int // bytes
	Signed bool
}

// asked returns what the responder was asked. None of the programs here may be
// sloppy about it.
func (s *served) asked(t testing.TB) []asked {
	t.Helper()
	var all []asked
	for _, r := range s.responder.Requests() {
		if len(r.Irregularities) > 0 {
			t.Errorf("the responder had to be lenient: %v", r)
		}
		a := asked{Method: r.Method, About: r.Path}
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

// expired is an answer that was good until two days ago.
func expired() fakeca.Response {
	return fakeca.Response{ThisUpdate: time.Now().Add(-72 * time.Hour), NextUpdate: time.Now().Add(-48 * time.Hour)}
}

// says and revoke change what is on record, for tables.
func says(r fakeca.Response) func(*served)   { return func(s *served) { s.record(r) } }
func revoke(why fakeca.Reason) func(*served) { return func(s *served) { s.leaf.Revoke(why) } }
