package interop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A keyKind is a kind of key, with its signature algorithms.
type keyKind struct {
	name    string
	newKey  func() (crypto.Signer, error)
	schemes []x509.SignatureAlgorithm
}

var keyKinds = []keyKind{
	{"P-256", ecdsaKey(elliptic.P256()), []x509.SignatureAlgorithm{x509.ECDSAWithSHA256}},
	{"P-384", ecdsaKey(elliptic.P384()), []x509.SignatureAlgorithm{x509.ECDSAWithSHA384}},
	{"P-521", ecdsaKey(elliptic.P521()), []x509.SignatureAlgorithm{x509.ECDSAWithSHA512}},
	{"RSA", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }, []x509.SignatureAlgorithm{
		x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
	}},
	{"Ed25519", func() (crypto.Signer, error) {
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return k, err
	}, []x509.SignatureAlgorithm{x509.PureEd25519}},
}

func ecdsaKey(c elliptic.Curve) func() (crypto.Signer, error) {
	return func() (crypto.Signer, error) { return ecdsa.GenerateKey(c, rand.Reader) }
}

// A pki is a root, an intermediate, and a leaf and a delegated responder below
// it. All except the root have keys of one kind.
type pki struct {
	kind     keyKind
	ca       *fakeca.CA
	leaf     *fakeca.Leaf
	delegate *fakeca.Leaf
}

// pkis has one for each kind of key. RSA keys are slow to make, so tests share
// them. None changes the record.
var pkis = sync.OnceValues(func() ([]*pki, error) {
	var all []*pki
	for _, kind := range keyKinds {
		w := &pki{kind: kind}
		var keys [3]crypto.Signer
		for i := range keys {
			var err error
			if keys[i], err = kind.newKey(); err != nil {
				return nil, fmt.Errorf("%s key: %w", kind.name, err)
			}
		}
		w.ca = fakeca.New().Intermediate(fakeca.WithKey(keys[0]), fakeca.WithName("fakeca "+kind.name))
		w.leaf = w.ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, PublicKey: keys[1]})
		w.delegate = w.ca.OCSPSigner(&x509.Certificate{PublicKey: keys[2]})
		all = append(all, w)
	}
	return all, nil
})

func allPKIs(t *testing.T) []*pki {
	t.Helper()
	all, err := pkis()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// dir returns a new folder with root.pem, issuer.pem, leaf.pem, delegate.pem,
// others.pem (issuer and delegate), and the response as response.der.
func (w *pki) dir(t *testing.T, der []byte) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "root.pem", w.ca.Root().CertPEM())
	write(t, dir, "issuer.pem", w.ca.CertPEM())
	write(t, dir, "leaf.pem", w.leaf.CertPEM())
	write(t, dir, "delegate.pem", w.delegate.CertPEM())
	write(t, dir, "others.pem", append(w.ca.CertPEM(), w.delegate.CertPEM()...))
	write(t, dir, "response.der", der)
	return dir
}

// A validResponse is current and as RFC 6960 allows. A program that refuses it
// is wrong, or does not support it.
type validResponse struct {
	name     string
	pki      *pki
	response fakeca.Response
}

func (a *validResponse) der() []byte { return a.pki.leaf.Staple(a.response) }

// signatures returns responses that differ in signature algorithm, CertID hash,
// form of responder ID, and signer.
func signatures(t *testing.T) []validResponse {
	t.Helper()
	var all []validResponse
	for _, w := range allPKIs(t) {
		for _, scheme := range w.kind.schemes {
			for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
				for _, by := range []string{"name", "key"} {
					for _, signer := range []string{"issuer", "delegate", "delegate omitted"} {
						r := fakeca.Response{SignatureAlgorithm: scheme, Hash: hash, ByKey: by == "key"}
						if signer != "issuer" {
							r.Signer, r.OmitCert = w.delegate, signer == "delegate omitted"
						}
						all = append(all, validResponse{fmt.Sprintf("%s %v/%v/by %s/%s", w.kind.name, scheme, hash, by, signer), w, timed(r)})
					}
				}
			}
		}
	}
	return all
}

// contents returns responses that differ in what they say, and in the chain.
func contents(t *testing.T) []validResponse {
	t.Helper()
	w := allPKIs(t)[0]
	var all []validResponse
	add := func(name string, r fakeca.Response) { all = append(all, validResponse{name, w, timed(r)}) }
	add("good", fakeca.Response{})
	add("unknown", fakeca.Response{Status: fakeca.Unknown})
	add("revoked/no reason", fakeca.Response{Status: fakeca.Revoked})
	add("revoked/unspecified", fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true})
	for reason := fakeca.KeyCompromise; reason <= fakeca.AACompromise; reason++ {
		if reason != 7 { // not assigned
			add("revoked/"+reason.String(), fakeca.Response{Status: fakeca.Revoked, Reason: reason})
		}
	}
	add("revoked in 1950", fakeca.Response{Status: fakeca.Revoked, RevokedAt: time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)})
	add("nextUpdate in 9999", fakeca.Response{NextUpdate: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)})
	add("no nextUpdate", fakeca.Response{Forever: true})
	add("nonce of 1 byte", fakeca.Response{Nonce: []byte{1}})
	add("nonce of 32 bytes", fakeca.Response{Nonce: make([]byte, 32)})
	add("nonce of 128 bytes", fakeca.Response{Nonce: make([]byte, 128)})

	other, third := big.NewInt(0x1234), big.NewInt(0x5678)
	add("three singles", fakeca.Response{Also: []fakeca.Response{
		{Serial: other, Status: fakeca.Revoked, Reason: fakeca.Superseded}, {Serial: third, Status: fakeca.Unknown},
	}})
	add("leaf's single is the second", fakeca.Response{Serial: other, Status: fakeca.Unknown, Also: []fakeca.Response{{}}})
	add("two hashes", fakeca.Response{Also: []fakeca.Response{{Hash: crypto.SHA256}}})
	add("own certificate embedded", fakeca.Response{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: w.ca.Key}})
	add("empty list of certificates", fakeca.Response{Edit: func(m *fakeca.Message) { m.Certs = [][]byte{} }})
	add("chain embedded", fakeca.Response{Signer: w.delegate, Edit: func(m *fakeca.Message) {
		m.Certs = append(m.Certs, w.ca.Cert.Raw, w.ca.Root().Cert.Raw)
	}})
	add("chain embedded, signer last", fakeca.Response{Signer: w.delegate, Edit: func(m *fakeca.Message) {
		m.Certs = [][]byte{w.ca.Root().Cert.Raw, w.ca.Cert.Raw, w.delegate.Cert.Raw}
	}})
	add("hash without NULL", fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].CertID.HashAlgorithm.Parameters = nil }})
	extension := []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}, Value: []byte{5, 0}}}
	add("single extension", fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].SingleExtensions = extension }})
	add("response extension", fakeca.Response{Edit: func(m *fakeca.Message) { m.ResponseExtensions = extension }})

	root := fakeca.New()
	two := &pki{ca: root, leaf: root.Leaf(), delegate: root.OCSPSigner()}
	low := root.Intermediate().Intermediate(fakeca.WithName("fakeca second intermediate"))
	deep := &pki{ca: low, leaf: low.Leaf(), delegate: low.OCSPSigner()}
	all = append(all,
		validResponse{"issuer is the root", two, timed(fakeca.Response{})},
		validResponse{"issuer is the root, delegate", two, timed(fakeca.Response{Signer: two.delegate})},
		validResponse{"two intermediates", deep, timed(fakeca.Response{})})
	for _, serial := range []*big.Int{big.NewInt(1), big.NewInt(128), new(big.Int).Lsh(big.NewInt(1), 158)} {
		w := &pki{ca: root, leaf: root.Issue(&x509.Certificate{SerialNumber: serial}), delegate: two.delegate}
		all = append(all, validResponse{fmt.Sprintf("serial number of %d bits", serial.BitLen()), w, timed(fakeca.Response{})})
	}
	return all
}

// timed fills in the times that r leaves out, each with a different one.
func timed(r fakeca.Response) fakeca.Response {
	now := time.Now().UTC().Truncate(time.Second)
	r.ProducedAt = now.Add(-90 * time.Minute)
	times := func(r *fakeca.Response) {
		r.ThisUpdate = now.Add(-2 * time.Hour)
		if !r.Forever && r.NextUpdate.IsZero() {
			r.NextUpdate = now.Add(50 * time.Hour)
		}
		if r.Status == fakeca.Revoked && r.RevokedAt.IsZero() {
			r.RevokedAt = now.Add(-1000 * time.Hour)
		}
	}
	times(&r)
	for i := range r.Also {
		times(&r.Also[i])
	}
	return r
}

// said returns what programs print of the response: nothing about its
// signature, and with the defaults filled in.
func (a *validResponse) said() fakeca.Response {
	single := func(r fakeca.Response) fakeca.Response {
		said := fakeca.Response{
			Status: r.Status, Reason: r.Reason, ExplicitReason: r.ExplicitReason, RevokedAt: r.RevokedAt,
			ThisUpdate: r.ThisUpdate, NextUpdate: r.NextUpdate, Forever: r.Forever, Serial: r.Serial, Hash: r.Hash,
		}
		if said.Serial == nil {
			said.Serial = a.pki.leaf.Cert.SerialNumber
		}
		if said.Hash == 0 {
			said.Hash = crypto.SHA1
		}
		return said
	}
	said := single(a.response)
	said.ProducedAt, said.ByKey, said.Nonce = a.response.ProducedAt, a.response.ByKey, a.response.Nonce
	for _, r := range a.response.Also {
		said.Also = append(said.Also, single(r))
	}
	return said
}

// sameInt lets cmp compare serial numbers.
var sameInt = cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })

// leafStatus returns the status of the leaf.
func (a *validResponse) leafStatus() fakeca.Status {
	said := a.said()
	for _, s := range append([]fakeca.Response{said}, said.Also...) {
		if s.Serial.Cmp(a.pki.leaf.Cert.SerialNumber) == 0 {
			return s.Status
		}
	}
	return fakeca.ServerFailed
}
