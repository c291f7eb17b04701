package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

var unknownExtension = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Value: []byte{5, 0}}

// requests returns requests of many forms, for round trips and as seeds.
func requests() map[string]*fakeca.Request {
	ca := fakeca.New()
	serial := big.NewInt(0x1234)
	plain := func() *fakeca.Request { return fakeca.NewRequest(serial, ca.Cert) }
	nonce := plain()
	nonce.SetNonce([]byte("0123456789abcdef"))
	empty := plain()
	empty.SetNonce([]byte{})
	extensions := plain()
	extensions.Extensions = []pkix.Extension{unknownExtension}
	extensions.List[0].Extensions = []pkix.Extension{unknownExtension}
	named := plain()
	named.RequestorName = append([]byte{0xa4, byte(len(ca.Cert.RawSubject))}, ca.Cert.RawSubject...)
	signed := plain()
	signed.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
	signed.Signature = []byte("signature")
	signed.Certs = [][]byte{ca.Cert.Raw}
	three := plain()
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		three.List = append(three.List, fakeca.SingleRequest{CertID: fakeca.NewCertID(serial, ca.Cert, hash)})
	}
	return map[string]*fakeca.Request{
		"plain": plain(), "nonce": nonce, "empty nonce": empty, "extensions": extensions,
		"requestor": named, "signed": signed, "four": three, "none": {},
	}
}

func TestRequestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, req := range requests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			der := req.Marshal()
			got, err := fakeca.ParseRequest(der)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(req, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !bytes.Equal(got.Marshal(), der) {
				t.Error("Marshal returns other bytes")
			}
			clear(der)
			if bytes.Contains(got.Marshal(), make([]byte, 16)) {
				t.Error("the request shares the caller's memory")
			}
		})
	}
}

func TestRequestNonce(t *testing.T) {
	t.Parallel()
	req := requests()["extensions"]
	if got := req.Nonce(); got != nil {
		t.Errorf("nonce %x without one", got)
	}
	req.SetNonce([]byte("first"))
	req.SetNonce([]byte("second"))
	if got := req.Nonce(); string(got) != "second" || len(req.Extensions) != 2 {
		t.Errorf("nonce %q among %d extensions", got, len(req.Extensions))
	}
	req.SetNonce([]byte{})
	if got := must(fakeca.ParseRequest(req.Marshal())).Nonce(); got == nil || len(got) != 0 {
		t.Errorf("nonce %v, want one of no bytes", got)
	}
	req.SetNonce(nil)
	if got := req.Nonce(); got != nil || len(req.Extensions) != 1 {
		t.Errorf("nonce %x among %d extensions after SetNonce(nil)", got, len(req.Extensions))
	}
	only := &fakeca.Request{List: req.List}
	only.SetNonce([]byte("first"))
	only.SetNonce(nil)
	if _, err := fakeca.ParseRequest(only.Marshal()); err != nil {
		t.Errorf("after SetNonce(nil): %v", err)
	}
	if a, b := fakeca.NewNonce(), fakeca.NewNonce(); len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("nonces %x and %x", a, b)
	}
}

func TestRequestErrors(t *testing.T) {
	t.Parallel()
	der := requests()["signed"].Marshal()
	tests := []struct {
		name string
		der  []byte
		want string
	}{
		{"nothing", nil, "empty"},
		{"garbage", []byte("GET /"), "found tag 0x47, expected 0x30"},
		{"truncated", der[:len(der)-1], "truncated, or its length is not DER"},
		{"trailing", append(bytes.Clone(der), 0), "1 bytes of trailing data"},
		{"version 2", []byte{0x30, 9, 0x30, 7, 0xa0, 3, 2, 1, 1, 0x30, 0}, "version: 01 is not v1"},
		{"version 0 in two bytes", []byte{0x30, 10, 0x30, 8, 0xa0, 4, 2, 2, 0, 0, 0x30, 0}, "version: 0000 is not v1"},
		{"version, nothing in it", []byte{0x30, 6, 0x30, 4, 0xa0, 0, 0x30, 0}, "version: missing"},
		{"no list", []byte{0x30, 2, 0x30, 0}, "requestList: missing"},
		{"bad CertID", []byte{0x30, 8, 0x30, 6, 0x30, 4, 0x30, 2, 0x30, 0}, "request 0: reqCert: hashAlgorithm: missing"},
		{"empty requestor", []byte{0x30, 6, 0x30, 4, 0xa1, 0, 0x30, 0}, "requestorName: missing"},
		{"bad signature", []byte{0x30, 8, 0x30, 2, 0x30, 0, 0xa0, 2, 0x30, 0}, "optionalSignature: signatureAlgorithm: missing"},
		{"two nonces", twoNonces(), "requestExtensions: nonce: there are two"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := fakeca.ParseRequest(test.der)
			if want := "fakeca: OCSP request: " + test.want; err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
		})
	}
}

// A version that is spelled out is reported and written again.
func TestRequestExplicitVersion(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	req := leaf.Request()
	plain := req.Marshal()
	if got := must(fakeca.ParseRequest(plain)); got.ExplicitVersion {
		t.Error("reported where it is left out")
	}
	req.ExplicitVersion = true
	explicit := req.Marshal()
	want := bytes.Clone(plain)
	want[1] += 5
	want[3] += 5
	want = slices.Insert(want, 4, 0xa0, 3, 2, 1, 0)
	if !bytes.Equal(explicit, want) {
		t.Errorf("got  %x\nwant %x", explicit, want)
	}
	got, err := fakeca.ParseRequest(explicit)
	if err != nil {
		t.Fatal(err)
	}
	if !got.ExplicitVersion || !got.List[0].CertID.IssuedBy(leaf.Issuer.Cert) {
		t.Errorf("read as %+v", got)
	}
}

func twoNonces() []byte {
	req := requests()["nonce"]
	req.Extensions = append(req.Extensions, req.Extensions[0])
	return req.Marshal()
}

// We read what x/crypto writes, and the other way round.
func TestRequestAndXCrypto(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	leaf := ca.Leaf()
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		t.Run(hash.String(), func(t *testing.T) {
			t.Parallel()
			theirs, err := ocsp.CreateRequest(leaf.Cert, ca.Cert, &ocsp.RequestOptions{Hash: hash})
			if err != nil {
				t.Fatal(err)
			}
			ours := &fakeca.Request{List: []fakeca.SingleRequest{{CertID: fakeca.NewCertID(leaf.Cert.SerialNumber, ca.Cert, hash)}}}
			if !bytes.Equal(ours.Marshal(), theirs) {
				t.Errorf("ours   %x\ntheirs %x", ours.Marshal(), theirs)
			}
			if got, err := fakeca.ParseRequest(theirs); err != nil || !got.List[0].CertID.IssuedBy(ca.Cert) {
				t.Errorf("read theirs as %v, %v", got, err)
			}
			got, err := ocsp.ParseRequest(ours.Marshal())
			if err != nil || got.HashAlgorithm != hash || got.SerialNumber.Cmp(leaf.Cert.SerialNumber) != 0 {
				t.Errorf("they read ours as %v, %v", got, err)
			}
		})
	}
}

func TestCertIDIssuedBy(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	sameName := root.Intermediate() // and another key
	id := fakeca.NewCertID(big.NewInt(1), ca.Cert, crypto.SHA256)
	if !id.IssuedBy(ca.Cert) || id.IssuedBy(root.Cert) || id.IssuedBy(sameName.Cert) {
		t.Error("IssuedBy confuses issuers")
	}
	id.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 3}
	if id.IssuedBy(ca.Cert) {
		t.Error("IssuedBy with an unknown hash")
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, req := range requests() {
		f.Add(req.Marshal())
	}
	f.Add(twoNonces())
	f.Add([]byte{0x30, 9, 0x30, 7, 0xa0, 3, 2, 1, 0, 0x30, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		req, err := fakeca.ParseRequest(der)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "fakeca: OCSP request: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q", err)
			}
			return
		}
		if !bytes.Equal(req.Marshal(), der) {
			t.Errorf("read %x, wrote %x", der, req.Marshal())
		}
	})
}
