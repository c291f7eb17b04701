package fakeca_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// The ends of some panics, after what is wrong.
const (
	orRaw       = "; use one of its Raw fields for what is not DER"
	orAlgorithm = "; leave SignatureAlgorithm out, or set it in Edit to name an algorithm that was not used"
)

// TestResponsePanics checks that an impossible Response panics with advice.
func TestResponsePanics(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	year10000 := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	const (
		statusText  = "; use Good, Revoked, Unknown or ServerFailed, or set CertStatus.Raw in Edit"
		errorText   = ", which is not assigned; set ResponseStatus in Edit to send it"
		bothText    = "; an error response has no status, so leave one of them out"
		reasonText  = ", which RFC 5280 section 5.3.1 does not have; set RevocationReason in Edit to send it"
		failureText = "an error response has no Nonce, Signer, Serial or Also; leave them out, or set ResponseStatus of a good one in Edit"
		revokedText = "; set Status: fakeca.Revoked"
		signerText  = "Signer has no private key or no certificate; use ca.OCSPSigner()"
		hashText    = "; use SHA1, SHA256, SHA384 or SHA512, or set HashAlgorithm in Edit"
		wholeText   = "Error, ProducedAt, Nonce, Signer, SignatureAlgorithm, ByKey, OmitCert, Also, Edit and Mutate " +
			"concern the whole response; set them outside of Also"
	)
	tests := []struct {
		name string
		r    fakeca.Response
		want string // after "fakeca: Response: "
	}{
		{"Status 4", fakeca.Response{Status: 4}, "Status is 4" + statusText},
		{"Status -1", fakeca.Response{Status: -1}, "Status is -1" + statusText},
		{"Error 4", fakeca.Response{Error: 4}, "Error is 4" + errorText},
		{"Error 7", fakeca.Response{Error: 7}, "Error is 7" + errorText},
		{"Error -1", fakeca.Response{Error: -1}, "Error is -1" + errorText},
		{
			"Error and Revoked",
			fakeca.Response{Error: ocsp.TryLater, Status: fakeca.Revoked},
			"Error is try later and Status is revoked" + bothText,
		},
		{
			"Error and Unknown",
			fakeca.Response{Error: ocsp.TryLater, Status: fakeca.Unknown},
			"Error is try later and Status is unknown" + bothText,
		},
		{"Error and Nonce", fakeca.Response{Error: ocsp.TryLater, Nonce: []byte{}}, failureText},
		{"Error and Signer", fakeca.Response{Error: ocsp.TryLater, Signer: leaf}, failureText},
		{"Error and Serial", fakeca.Response{Error: ocsp.TryLater, Serial: big.NewInt(1)}, failureText},
		{"ServerFailed and Also", fakeca.Response{Status: fakeca.ServerFailed, Also: make([]fakeca.Response, 1)}, failureText},
		{"Reason 7", fakeca.Response{Status: fakeca.Revoked, Reason: 7}, "Reason is 7" + reasonText},
		{"Reason 11", fakeca.Response{Status: fakeca.Revoked, Reason: 11}, "Reason is 11" + reasonText},
		{"Reason -1", fakeca.Response{Status: fakeca.Revoked, Reason: -1}, "Reason is -1" + reasonText},
		{"Reason of good", fakeca.Response{Reason: fakeca.KeyCompromise}, "Reason or RevokedAt is set and Status is good" + revokedText},
		{"ExplicitReason of good", fakeca.Response{ExplicitReason: true}, "Reason or RevokedAt is set and Status is good" + revokedText},
		{
			"RevokedAt of unknown",
			fakeca.Response{Status: fakeca.Unknown, RevokedAt: now},
			"Reason or RevokedAt is set and Status is unknown" + revokedText,
		},
		{
			"Reason of an error",
			fakeca.Response{Status: fakeca.ServerFailed, Reason: fakeca.KeyCompromise},
			"Reason or RevokedAt is set and Status is server_failed" + revokedText,
		},
		{
			"Forever and NextUpdate",
			fakeca.Response{Forever: true, NextUpdate: now},
			"Forever leaves NextUpdate out, and NextUpdate is set; choose one",
		},
		{"Signer without a key", fakeca.Response{Signer: &fakeca.Leaf{Cert: leaf.Cert}}, signerText},
		{"Signer without a certificate", fakeca.Response{Signer: &fakeca.Leaf{Key: leaf.Key}}, signerText},
		{"Hash SHA-224", fakeca.Response{Hash: crypto.SHA224}, "Hash is SHA-224" + hashText},
		{"Hash 99", fakeca.Response{Hash: 99}, "Hash is unknown hash value 99" + hashText},
		{"the year 10000", fakeca.Response{ThisUpdate: year10000}, "a GeneralizedTime has years 0 to 9999, not 10000"},
		{"the year -1", fakeca.Response{ProducedAt: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}, "a GeneralizedTime has years 0 to 9999, not -1"},
		{
			"the year 10000, but only in UTC",
			fakeca.Response{NextUpdate: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))},
			"a GeneralizedTime has years 0 to 9999, not 10000",
		},
		{
			"the year 10000, revoked",
			fakeca.Response{Status: fakeca.Revoked, RevokedAt: year10000},
			"a GeneralizedTime has years 0 to 9999, not 10000",
		},
		{
			"Also: Reason 7",
			fakeca.Response{Also: []fakeca.Response{{}, {Status: fakeca.Revoked, Reason: 7}}},
			"Also[1]: Reason is 7" + reasonText,
		},
		{"Also: ServerFailed", fakeca.Response{Also: []fakeca.Response{{Status: fakeca.ServerFailed}}}, "Also[0]: " + wholeText},
		{"Also: Error", fakeca.Response{Also: []fakeca.Response{{Error: ocsp.TryLater}}}, "Also[0]: " + wholeText},
		{"Also: ProducedAt", fakeca.Response{Also: []fakeca.Response{{ProducedAt: now}}}, "Also[0]: " + wholeText},
		{"Also: Nonce", fakeca.Response{Also: []fakeca.Response{{Nonce: []byte{}}}}, "Also[0]: " + wholeText},
		{"Also: Signer", fakeca.Response{Also: []fakeca.Response{{Signer: leaf}}}, "Also[0]: " + wholeText},
		{"Also: SignatureAlgorithm", fakeca.Response{Also: []fakeca.Response{{SignatureAlgorithm: x509.PureEd25519}}}, "Also[0]: " + wholeText},
		{"Also: ByKey", fakeca.Response{Also: []fakeca.Response{{ByKey: true}}}, "Also[0]: " + wholeText},
		{"Also: OmitCert", fakeca.Response{Also: []fakeca.Response{{OmitCert: true}}}, "Also[0]: " + wholeText},
		{"Also: Also", fakeca.Response{Also: []fakeca.Response{{Also: make([]fakeca.Response, 1)}}}, "Also[0]: " + wholeText},
		{"Also: Edit", fakeca.Response{Also: []fakeca.Response{{Edit: func(*fakeca.Message) {}}}}, "Also[0]: " + wholeText},
		{"Also: Mutate", fakeca.Response{Also: []fakeca.Response{{Mutate: func(b []byte) []byte { return b }}}}, "Also[0]: " + wholeText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := "fakeca: Response: " + tt.want
			if got := panicText(t, func() { leaf.Staple(tt.r) }); got != want {
				t.Errorf("Sign:\n got %s\nwant %s", got, want)
			}
			before := ca.Revision()
			if got := panicText(t, func() { ca.Set(big.NewInt(99), tt.r) }); got != want {
				t.Errorf("Set:\n got %s\nwant %s", got, want)
			}
			if ca.Revision() != before {
				t.Error("the impossible response is on record")
			}
		})
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	rsa1024 := must(rsa.GenerateKey(rand.Reader, 1024))
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader))
	keyless := must(fakeca.Load(append(ca.CertPEM(), ca.Issuer.CertPEM()...), ca.KeyPEM())).Issuer
	bare := ca.Issue(&x509.Certificate{PublicKey: p384().Public()})
	long64 := strings.Repeat("a", 64)
	long253 := strings.Repeat(long64[1:]+".", 3) + long64[3:]
	const (
		names      = " a DNS name, IP address, email address or URI"
		wildcard   = "; a wildcard is the whole first label and no other"
		otherCurve = "keys on P-224 are not supported; use P-256, P-384, P-521, RSA or Ed25519"
		noParts    = "Response: Edit uses a part of ResponseBytes, and an error response has no ResponseBytes; set only ResponseStatus, " +
			"Extra and Raw, or leave Error out"
	)
	fail := func(edit func(*fakeca.Message)) func() {
		return func() { leaf.Staple(fakeca.Response{Error: fakeca.TryLater, Edit: edit}) }
	}
	orphan := &fakeca.Leaf{Cert: leaf.Cert, Key: leaf.Key}
	const orphanText = "this Leaf has no Issuer; get it from ca.Leaf or ca.Issue, or set Issuer"
	staple := func(edit func(*fakeca.Message)) func() {
		return func() { leaf.Staple(fakeca.Response{Edit: edit}) }
	}
	tests := []struct {
		name string
		f    func()
		want string // after "fakeca: "
	}{
		// Options.
		{"WithName", func() { fakeca.WithName("") }, "WithName needs a name; leave the option out for the default"},
		{"WithKey", func() { fakeca.WithKey(nil) }, "WithKey needs a key; leave the option out for a new P-256 key"},
		{"WithClock", func() { fakeca.WithClock(nil) }, "WithClock needs a function; leave the option out for time.Now"},
		{"WithTemplate with a key", func() {
			fakeca.New(fakeca.WithTemplate(&x509.Certificate{PublicKey: fakeca.New().Key}))
		}, "New: WithTemplate has a PublicKey; give the CA's key with WithKey"},
		{"WithTemplate", func() { fakeca.WithTemplate(nil) }, "WithTemplate needs a template; leave the option out for the default"},

		// Keys.
		{"P-224 CA", func() { fakeca.New(fakeca.WithKey(p224)) }, otherCurve},
		{"P-224 leaf", func() { ca.Issue(&x509.Certificate{PublicKey: p224}) }, otherCurve},
		{
			"X25519 leaf",
			func() { ca.Issue(&x509.Certificate{PublicKey: x25519.PublicKey()}) },
			"keys of type *ecdh.PublicKey are not supported; use ECDSA, RSA or Ed25519",
		},
		{"no key to issue with", func() { keyless.Leaf() }, "this CA has no key to issue with; load it with its key"},
		{
			"no key to sign with",
			func() { keyless.Sign(big.NewInt(1), fakeca.Response{}) },
			"this CA has no key to sign with; load it with its key, or set Signer",
		},
		{"no key to write", func() { keyless.KeyPEM() }, "there is no private key to write"},
		{"no key of the leaf to write", func() { bare.KeyPEM() }, "there is no private key to write"},
		{
			"no key for TLS",
			func() { bare.TLS() },
			"this leaf has no private key; issue it without a PublicKey, or with a crypto.Signer as PublicKey",
		},
		{
			"no key of the signer",
			func() { leaf.Staple(fakeca.Response{Signer: bare}) },
			"Response: Signer has no private key or no certificate; use ca.OCSPSigner()",
		},

		// Signature algorithms.
		{
			"ECDSA by RSA",
			func() { leaf.Staple(fakeca.Response{SignatureAlgorithm: x509.SHA256WithRSA}) },
			"an ECDSA key cannot sign with SHA256-RSA" + orAlgorithm,
		},
		{"no such algorithm", func() { leaf.Staple(fakeca.Response{SignatureAlgorithm: 99}) }, "an ECDSA key cannot sign with 99" + orAlgorithm},
		{
			"RSA key too small", func() {
				fakeca.New(fakeca.WithKey(rsa1024)).Sign(big.NewInt(1), fakeca.Response{SignatureAlgorithm: x509.SHA512WithRSAPSS})
			},
			"the key cannot sign with SHA512-RSAPSS: crypto/rsa: message too long for RSA key size",
		},

		// Names.
		{"no name", func() { ca.Leaf("") }, `"" is not` + names},
		{"a port", func() { ca.Leaf("localhost:443") }, `"localhost:443" is not` + names + "; leave out the port"},
		{"a port of IPv6", func() { ca.Leaf("[::1]:443") }, `"[::1]:443" is not` + names + "; leave out the port and the brackets"},
		{"IPv6 in brackets", func() { ca.Leaf("[::1]") }, `"[::1]" is not` + names + "; leave out the brackets"},
		{"a space", func() { ca.Leaf("a b") }, `"a b" is not` + names},
		{"a wildcard inside", func() { ca.Leaf("a.*.example") }, `"a.*.example" is not` + names + wildcard},
		{"a wildcard only", func() { ca.Leaf("*") }, `"*" is not` + names + wildcard},
		{"two wildcards", func() { ca.Leaf("*.*.example") }, `"*.*.example" is not` + names + wildcard},
		{"a part of a label as wildcard", func() { ca.Leaf("a*.example") }, `"a*.example" is not` + names + wildcard},
		{"a dot at the end", func() { ca.Leaf("api.test.") }, `"api.test." is not` + names + "; leave out the dot at the end"},
		{"a hyphen at the end", func() { ca.Leaf("a-.test") }, `"a-.test" is not` + names},
		{"a label of 64 bytes", func() { ca.Leaf(long64 + ".test") }, `"` + long64 + `.test" is not` + names},
		{"a name of 254 bytes", func() { ca.Leaf(long253 + "a") }, `"` + long253 + `a" is not` + names + "; it is longer than 253 bytes"},
		{
			"a wildcard of 254 bytes",
			func() { ca.Leaf("*." + long253[1:]) },
			`"*.` + long253[1:] + `" is not` + names + "; it is longer than 253 bytes",
		},
		{
			"another alphabet",
			func() { ca.Leaf("bücher.example") },
			`"bücher.example" is not` + names + "; write other alphabets in punycode (xn--...)",
		},
		{"an email with a name", func() { ca.Leaf("A <a@example.test>") }, `"A <a@example.test>" is not` + names},
		{"a URI", func() { ca.Leaf("http://[::1") }, `"http://[::1" is not` + names},

		// Issuing.
		{"Issue", func() { ca.Issue(nil) }, "Issue needs a template; use Leaf, or Issue(&x509.Certificate{})"},
		{"OCSPSigner", func() { ca.OCSPSigner(nil) }, "OCSPSigner: the template is nil; leave it out for the default"},
		{
			"OCSPSigner twice",
			func() { ca.OCSPSigner(&x509.Certificate{}, &x509.Certificate{}) },
			"OCSPSigner takes one template; call it once for each",
		},
		{
			"a serial that is none",
			func() { ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(-1), DNSNames: []string{"a.test"}}) },
			`cannot issue "CN=a.test"; change the template: x509: serial number must be positive`,
		},

		// The record.
		{"Set", func() { ca.Set(nil, fakeca.Response{}) }, "Set needs a serial number; give it leaf.Cert.SerialNumber"},
		{"Revoke", func() { ca.Revoke(nil, fakeca.KeyCompromise) }, "Revoke needs a serial number; give it leaf.Cert.SerialNumber"},
		{
			"Revoke for no reason",
			func() { leaf.Revoke(7) },
			"Revoke: there is no reason 7; use KeyCompromise or another of the ten (RFC 5280 section 5.3.1)",
		},
		{"Lookup", func() { ca.Lookup(nil) }, "Lookup needs a serial number; give it leaf.Cert.SerialNumber"},
		{"Sign", func() { ca.Sign(nil, fakeca.Response{}) }, "Sign needs a serial number; give it leaf.Cert.SerialNumber, or set Serial"},

		// Arguments that are nil.
		{"NewRequest", func() { fakeca.NewRequest(nil, ca.Cert) }, "NewRequest needs a serial number and the issuer's certificate"},
		{
			"NewRequest without an issuer",
			func() { fakeca.NewRequest(big.NewInt(1), nil) },
			"NewRequest needs a serial number and the issuer's certificate",
		},
		{"NewCertID", func() { fakeca.NewCertID(nil, ca.Cert, crypto.SHA1) }, "NewCertID needs a serial number and the issuer's certificate"},
		{"IssuedBy", func() { leaf.Request().List[0].CertID.IssuedBy(nil) }, "IssuedBy needs the issuer's certificate"},
		{"Names", func() { new(fakeca.ResponderID).Names(nil) }, "Names needs a certificate"},
		{"TLSFeatures", func() { fakeca.TLSFeatures(nil) }, "TLSFeatures needs a certificate"},
		{
			"CheckSignatureFrom",
			func() { must(fakeca.ParseMessage(leaf.Staple(fakeca.Response{}))).CheckSignatureFrom(nil) },
			"CheckSignatureFrom needs the signer's certificate",
		},
		{"Leaf.Revoke", func() { orphan.Revoke(fakeca.Unspecified) }, orphanText},
		{"Leaf.Set", func() { orphan.Set(fakeca.Response{}) }, orphanText},
		{"Leaf.OnRecord", func() { orphan.OnRecord() }, orphanText},
		{"Leaf.Staple", func() { orphan.Staple(fakeca.Response{}) }, orphanText},
		{"Leaf.Request", func() { orphan.Request() }, orphanText},

		// Edit.
		{"Edit of an error response", fail(func(m *fakeca.Message) { m.ProducedAt.Time = now }), noParts},
		{"Edit of an error response, by method", fail(func(m *fakeca.Message) { m.ResponseData.Marshal() }), noParts},
		{
			"Edit: status",
			staple(func(m *fakeca.Message) { m.Responses[0].CertStatus.Status = fakeca.ServerFailed }),
			"ResponseData cannot be encoded: server_failed is not a certStatus" + orRaw,
		},
		{
			"Edit: year",
			staple(func(m *fakeca.Message) { m.ProducedAt.Time = now.AddDate(10000, 0, 0) }),
			"ResponseData cannot be encoded: a GeneralizedTime has years 0 to 9999, not 12024" + orRaw,
		},
		{
			"Edit: OID",
			staple(func(m *fakeca.Message) { m.SignatureAlgorithm.Algorithm = nil }),
			"Message cannot be encoded: an object identifier is missing" + orRaw,
		},
		{
			"Edit: response type",
			staple(func(m *fakeca.Message) { m.ResponseType = asn1.ObjectIdentifier{9, 9} }),
			"Message cannot be encoded: cryptobyte: invalid OID: 9.9" + orRaw,
		},
		{
			"SingleResponse",
			func() { new(fakeca.SingleResponse).Marshal() },
			"SingleResponse cannot be encoded: an object identifier is missing" + orRaw,
		},
		{"CertID", func() { new(fakeca.CertID).Marshal() }, "CertID cannot be encoded: an object identifier is missing" + orRaw},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := "fakeca: " + tt.want
			if got := panicText(t, tt.f); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}
