package fakeca_test

import (
	"crypto"
	"crypto/fips140"
	"crypto/x509"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// TestFIPS140Only runs TestUnderFIPS140Only in a process with the mode, which
// cannot be changed later.
func TestFIPS140Only(t *testing.T) {
	t.Parallel()
	self := must(os.Executable())
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestUnderFIPS140Only$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestUnderFIPS140Only") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestUnderFIPS140Only(t *testing.T) {
	if !fips140.Enforced() {
		t.Skip("TestFIPS140Only runs it with GODEBUG=fips140=only")
	}
	root := fakeca.New(fakeca.WithHash(crypto.SHA256))
	ca := root.Intermediate(fakeca.WithDelegate())
	leaf := ca.Leaf()

	t.Run("a whole test", func(t *testing.T) {
		req := must(fakeca.ParseRequest(leaf.Request().Marshal()))
		id := req.List[0].CertID
		if !id.IssuedBy(ca.Cert) || id.IssuedBy(root.Cert) || id.HashAlgorithm.Hash() != crypto.SHA256 {
			t.Errorf("the request is about %+v", id)
		}
		leaf.Revoke(fakeca.KeyCompromise)
		der := leaf.Staple(leaf.OnRecord())
		r, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert)
		if err != nil || r.Status != ocsp.Revoked {
			t.Errorf("golang.org/x/crypto/ocsp: %+v, %v", r, err)
		}
		m := mustParseMessage(t, der)
		if err := m.CheckSignatureFrom(ca.Delegate().Cert); err != nil {
			t.Error(err)
		}
		if !m.ResponderID.Names(ca.Delegate().Cert) {
			t.Error("the responder ID does not name the delegate")
		}
		list := must(x509.ParseRevocationList(ca.CRL(fakeca.CRL{})))
		if err := list.CheckSignatureFrom(ca.Cert); err != nil || len(list.RevokedCertificateEntries) != 1 {
			t.Errorf("CRL with %d entries, %v", len(list.RevokedCertificateEntries), err)
		}
		if len(fakeca.OneCRL(ca)) == 0 {
			t.Error("OneCRL is empty")
		}
		must(fakeca.Load(ca.ChainPEM(), ca.KeyPEM(), fakeca.WithHash(crypto.SHA256)))
	})

	const certID = "GODEBUG=fips140=only forbids SHA-1 in a CertID; use New(WithHash(crypto.SHA256)), or Hash or NewCertID with SHA256"
	const signature = "GODEBUG=fips140=only forbids SHA-1 in a signature; leave SignatureAlgorithm out"
	for _, tt := range []struct {
		name string
		f    func()
		want string
	}{
		{"default hash", func() { fakeca.New().Leaf().Staple(fakeca.Response{}) }, certID},
		{"Response.Hash", func() { leaf.Staple(fakeca.Response{Hash: crypto.SHA1}) }, certID},
		{"NewRequest", func() { fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert) }, certID},
		{
			"ByKey",
			func() { leaf.Staple(fakeca.Response{ByKey: true}) },
			"GODEBUG=fips140=only forbids SHA-1 in a responder ID by key; leave ByKey out",
		},
		{"signature", func() { leaf.Staple(fakeca.Response{SignatureAlgorithm: x509.ECDSAWithSHA1}) }, signature},
		{"signature of a CRL", func() { ca.CRL(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}) }, signature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := panicText(t, tt.f); got != "fakeca: "+tt.want {
				t.Errorf("\n got %s\nwant fakeca: %s", got, tt.want)
			}
		})
	}

	// CertIDs and responder IDs that others sent can be read.
	t.Run("reading", func(t *testing.T) {
		var byKey, sha1Signed []byte
		var id fakeca.CertID
		fips140.WithoutEnforcement(func() {
			byKey = leaf.Staple(fakeca.Response{ByKey: true})
			sha1Signed = leaf.Staple(fakeca.Response{SignatureAlgorithm: x509.ECDSAWithSHA1})
			id = fakeca.NewCertID(leaf.Cert.SerialNumber, ca.Cert, crypto.SHA1)
		})
		if names := mustParseMessage(t, byKey).ResponderID; !names.Names(ca.Delegate().Cert) || names.Names(ca.Cert) {
			t.Error("Names of a responder ID by key")
		}
		if !id.IssuedBy(ca.Cert) || id.IssuedBy(root.Cert) {
			t.Error("IssuedBy of a CertID by SHA-1")
		}
		const want = "fakeca: the OCSP response is signed with ECDSA-SHA1, and GODEBUG=fips140=only forbids SHA-1"
		if err := mustParseMessage(t, sha1Signed).CheckSignatureFrom(ca.Delegate().Cert); err == nil || err.Error() != want {
			t.Errorf("CheckSignatureFrom: %v", err)
		}
	})
}
