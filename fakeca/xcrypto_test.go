package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// In these tests golang.org/x/crypto/ocsp reads what we write, and the other way
// round.

// ParseResponse reads the values that ocsp.CreateResponse wrote.
func TestReadsXCrypto(t *testing.T) {
	t.Parallel()
	type test struct {
		name     string
		key      func() crypto.Signer
		template ocsp.Response
		delegate bool
	}
	template := ocsp.Response{Status: ocsp.Good, ThisUpdate: at(0), NextUpdate: at(time.Hour)}
	with := func(edit func(*ocsp.Response)) ocsp.Response { r := template; edit(&r); return r }
	tests := []test{
		{"good", p256, template, false},
		{"unknown", p256, with(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), false},
		{"no nextUpdate", p256, with(func(r *ocsp.Response) { r.NextUpdate = time.Time{} }), false},
		{"delegate", p256, template, true},
		{"P-384", p384, template, false},
		{"P-521", p521, template, false},
		{"RSA", rsa2048, template, false},
		{"RSA SHA-1", rsa2048, with(func(r *ocsp.Response) { r.SignatureAlgorithm = x509.SHA1WithRSA }), false},
		{"RSA SHA-512", rsa2048, with(func(r *ocsp.Response) { r.SignatureAlgorithm = x509.SHA512WithRSA }), false},
		{"extension", p256, with(func(r *ocsp.Response) {
			r.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3}, Value: null}}
		}), false},
	}
	for reason := fakeca.Unspecified; reason <= fakeca.AACompromise; reason++ {
		if reason != 7 {
			tests = append(tests, test{"revoked for " + reason.String(), p256, with(func(r *ocsp.Response) {
				r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, at(-time.Hour), int(reason)
			}), false})
		}
	}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		tests = append(tests, test{"CertID by " + hash.String(), p256, with(func(r *ocsp.Response) { r.IssuerHash = hash }), false})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithKey(tt.key()))
			leaf := ca.Leaf()
			template := tt.template
			template.SerialNumber = leaf.Cert.SerialNumber
			signer, key := ca.Cert, ca.Key
			if tt.delegate {
				d := ca.OCSPSigner()
				signer, key, template.Certificate = d.Cert, d.Key, d.Cert
			}
			der, err := ocsp.CreateResponse(ca.Cert, signer, template, key)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := ocsp.ParseResponse(der, ca.Cert)
			if err != nil {
				t.Fatal(err)
			}
			checkSame(t, theirs, mustParseResponse(t, der), mustParseMessage(t, der))
			if err := mustParseMessage(t, der).CheckSignatureFrom(signer); err != nil {
				t.Error(err)
			}
		})
	}
}

// checkSame compares what the two packages read from one response.
func checkSame(t *testing.T, theirs *ocsp.Response, ours fakeca.Response, m *fakeca.Message) {
	t.Helper()
	type common struct {
		Status                                        int
		Reason                                        int
		RevokedAt, ThisUpdate, NextUpdate, ProducedAt time.Time
		Serial                                        *big.Int
		Hash                                          crypto.Hash
		Algorithm                                     x509.SignatureAlgorithm
		Name, Key, Signature                          []byte
	}
	want := common{
		theirs.Status, theirs.RevocationReason,
		theirs.RevokedAt, theirs.ThisUpdate, theirs.NextUpdate, theirs.ProducedAt,
		theirs.SerialNumber, theirs.IssuerHash, theirs.SignatureAlgorithm,
		theirs.RawResponderName, theirs.ResponderKeyHash, theirs.Signature,
	}
	got := common{
		int(ours.Status), int(ours.Reason),
		ours.RevokedAt, ours.ThisUpdate, ours.NextUpdate, ours.ProducedAt,
		ours.Serial, ours.Hash, ours.SignatureAlgorithm,
		m.ResponderID.ByName, m.ResponderID.ByKey, m.Signature,
	}
	if diff := cmp.Diff(want, got, bigInts); diff != "" {
		t.Errorf("x/crypto reads -, fakeca +:\n%s", diff)
	}
	if !bytes.Equal(theirs.TBSResponseData, m.ResponseData.Marshal()) {
		t.Error("tbsResponseData differs")
	}
}

// x/crypto reads the values that Sign wrote without Edit.
func TestXCryptoReads(t *testing.T) {
	t.Parallel()
	type test struct {
		name     string
		key      func() crypto.Signer
		r        fakeca.Response
		delegate bool
	}
	tests := []test{
		{"zero", p256, fakeca.Response{}, false},
		{"unknown", p256, fakeca.Response{Status: fakeca.Unknown}, false},
		{"forever", p256, fakeca.Response{Forever: true}, false},
		{"explicit reason", p256, fakeca.Response{Status: fakeca.Revoked, ExplicitReason: true}, false},
		{"by key", p256, fakeca.Response{ByKey: true}, false},
		{"nonce", p256, fakeca.Response{Nonce: []byte("0123456789abcdef")}, false},
		{name: "delegate", key: p256, delegate: true},
		{"delegate by key", p256, fakeca.Response{ByKey: true}, true},
		{"several", p256, fakeca.Response{Also: []fakeca.Response{{Serial: big.NewInt(9), Status: fakeca.Revoked}}}, false},
		{"several, mine last", p256, fakeca.Response{Serial: big.NewInt(9), Also: []fakeca.Response{{Status: fakeca.Unknown}}}, false},
	}
	for reason := fakeca.Unspecified; reason <= fakeca.AACompromise; reason++ {
		if reason != 7 {
			tests = append(tests, test{"revoked for " + reason.String(), p256, fakeca.Response{Status: fakeca.Revoked, Reason: reason}, false})
		}
	}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		tests = append(tests, test{"CertID by " + hash.String(), p256, fakeca.Response{Hash: hash}, false})
	}
	for _, a := range signatureAlgorithms {
		if !xcryptoRefusesAlgorithm[a.algorithm] {
			tests = append(tests, test{a.name, a.key, fakeca.Response{SignatureAlgorithm: a.algorithm}, false})
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithClock(clock)).Intermediate(fakeca.WithKey(tt.key()))
			leaf := ca.Leaf()
			r := tt.r
			if tt.delegate {
				r.Signer = ca.OCSPSigner()
			}
			der := leaf.Staple(r)
			theirs, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert)
			if err != nil {
				t.Fatal(err)
			}
			ours := mustParseResponse(t, der)
			for _, single := range ours.Also {
				if ours.Serial.Cmp(leaf.Cert.SerialNumber) != 0 {
					single.ProducedAt, single.SignatureAlgorithm = ours.ProducedAt, ours.SignatureAlgorithm
					ours = single
				}
			}
			checkSame(t, theirs, ours, mustParseMessage(t, der))
			if (theirs.Certificate != nil) != tt.delegate {
				t.Errorf("Certificate %v", theirs.Certificate)
			}
		})
	}
}

func TestXCryptoReadsErrors(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	tests := []struct {
		status ocsp.ResponseStatus
		theirs []byte
	}{
		{ocsp.Malformed, ocsp.MalformedRequestErrorResponse},
		{ocsp.InternalError, ocsp.InternalErrorErrorResponse},
		{ocsp.TryLater, ocsp.TryLaterErrorResponse},
		{ocsp.SignatureRequired, ocsp.SigRequredErrorResponse},
		{ocsp.Unauthorized, ocsp.UnauthorizedErrorResponse},
	}
	for _, tt := range tests {
		t.Run(tt.status.String(), func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(fakeca.Response{Error: tt.status})
			if !bytes.Equal(der, tt.theirs) {
				t.Errorf("%x, x/crypto has %x", der, tt.theirs)
			}
			_, err := ocsp.ParseResponse(der, nil)
			if want := (ocsp.ResponseError{Status: tt.status}); !errors.Is(err, want) {
				t.Errorf("x/crypto reads %v", err)
			}
		})
	}
}

// Algorithms that x/crypto does not know.
var xcryptoRefusesAlgorithm = map[x509.SignatureAlgorithm]bool{
	x509.SHA256WithRSAPSS: true, x509.SHA384WithRSAPSS: true, x509.SHA512WithRSAPSS: true, x509.PureEd25519: true,
}

// Valid responses that x/crypto refuses and we read. When x/crypto accepts one,
// move the row to TestXCryptoReads.
func TestXCryptoRefusesValid(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	delegate := ca.OCSPSigner()
	certs := func(list ...*x509.Certificate) func(*fakeca.Message) {
		return func(m *fakeca.Message) {
			m.Certs = nil
			for _, c := range list {
				m.Certs = append(m.Certs, c.Raw)
			}
		}
	}
	const (
		badSignature         = "bad OCSP signature: x509: ECDSA verification failure"
		badEmbeddedSignature = "bad signature on embedded certificate: x509: ECDSA verification failure"
		unknownAlgorithm     = "bad OCSP signature: x509: cannot verify signature: algorithm unimplemented"
	)
	type test struct {
		name string
		ca   *fakeca.CA
		leaf *fakeca.Leaf
		r    fakeca.Response
		err  string
	}
	tests := []test{
		{"an intermediate that embeds its own certificate", ca, leaf, fakeca.Response{Edit: certs(ca.Cert)}, badSignature},
		{"the issuer, then the root", ca, leaf, fakeca.Response{Edit: certs(ca.Cert, ca.Root().Cert)}, badSignature},
		{
			"another certificate before the delegate's",
			ca,
			leaf,
			fakeca.Response{Signer: delegate, Edit: certs(leaf.Cert, delegate.Cert)},
			badEmbeddedSignature,
		},
		{
			"the issuer before the delegate's",
			ca,
			leaf,
			fakeca.Response{Signer: delegate, Edit: certs(ca.Cert, delegate.Cert)},
			badEmbeddedSignature,
		},
		{"an SCT list marked critical", ca, leaf, fakeca.Response{Edit: func(m *fakeca.Message) {
			sctList := pkix.Extension{Id: []int{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5}, Critical: true, Value: []byte{4, 2, 0, 0}}
			m.Responses[0].SingleExtensions = []pkix.Extension{sctList}
		}}, "unsupported critical extension"},
	}
	for _, a := range signatureAlgorithms {
		if xcryptoRefusesAlgorithm[a.algorithm] {
			ca := fakeca.New(fakeca.WithKey(a.key()))
			tests = append(tests, test{a.name, ca, ca.Leaf(), fakeca.Response{SignatureAlgorithm: a.algorithm}, unknownAlgorithm})
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := tt.leaf.Staple(tt.r)
			_, err := ocsp.ParseResponseForCert(der, tt.leaf.Cert, tt.ca.Cert)
			checkError(t, "x/crypto", err, tt.err)
			m := mustParseMessage(t, der)
			signer := tt.ca.Cert
			if tt.r.Signer != nil {
				signer = tt.r.Signer.Cert
			}
			if err := m.CheckSignatureFrom(signer); err != nil {
				t.Error(err)
			}
			if got := mustParseResponse(t, der); got.Status != fakeca.Good {
				t.Errorf("%v", got)
			}
		})
	}
}

// Broken responses that x/crypto accepts.
func TestXCryptoReadsInvalid(t *testing.T) {
	t.Parallel()
	_, leaf := world()
	faults := make(map[string]fault)
	for _, f := range allFaults() {
		faults[f.name] = f
	}
	for _, name := range []string{
		"cert-status-absent", // read as revoked
		"certid-hash-bad-params INTEGER",
		"ext in [0]",
		"nextUpdate without its [0]", // read as if there were none
		"nonce twice",
		"responder-id-bad key of 32 bytes",
		"revoked-info-bad reason 11",
		"revoked-info-bad INTEGER", // read as unspecified
		"times-bad-type: thisUpdate as UTCTime",
		"trailing inside the response",
		"trailing-response-data",
		"version-unknown v2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := faults[name]
			if f.err == "" {
				t.Fatal("there is no such fault")
			}
			if _, err := ocsp.ParseResponse(leaf.Staple(f.response()), leaf.Issuer.Cert); err != nil {
				t.Errorf("x/crypto refuses it now; take it out of this list: %v", err)
			}
		})
	}
}
