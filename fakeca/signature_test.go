package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

var null = []byte{0x05, 0x00}

// signatureAlgorithms are all signature algorithms, by key. The first one of a key
// is its default.
var signatureAlgorithms = []struct {
	name      string
	key       func() crypto.Signer
	algorithm x509.SignatureAlgorithm
	byDefault bool
	oid       string
	params    []byte
}{
	{"P-256 SHA-256", p256, x509.ECDSAWithSHA256, true, "1.2.840.10045.4.3.2", nil},
	{"P-256 SHA-384", p256, x509.ECDSAWithSHA384, false, "1.2.840.10045.4.3.3", nil},
	{"P-256 SHA-512", p256, x509.ECDSAWithSHA512, false, "1.2.840.10045.4.3.4", nil},
	{"P-256 SHA-1", p256, x509.ECDSAWithSHA1, false, "1.2.840.10045.4.1", nil},
	{"P-384 SHA-384", p384, x509.ECDSAWithSHA384, true, "1.2.840.10045.4.3.3", nil},
	{"P-384 SHA-256", p384, x509.ECDSAWithSHA256, false, "1.2.840.10045.4.3.2", nil},
	{"P-521 SHA-512", p521, x509.ECDSAWithSHA512, true, "1.2.840.10045.4.3.4", nil},
	{"RSA SHA-256", rsa2048, x509.SHA256WithRSA, true, "1.2.840.113549.1.1.11", null},
	{"RSA SHA-1", rsa2048, x509.SHA1WithRSA, false, "1.2.840.113549.1.1.5", null},
	{"RSA SHA-384", rsa2048, x509.SHA384WithRSA, false, "1.2.840.113549.1.1.12", null},
	{"RSA SHA-512", rsa2048, x509.SHA512WithRSA, false, "1.2.840.113549.1.1.13", null},
	{
		"RSA-PSS SHA-256",
		rsa2048,
		x509.SHA256WithRSAPSS,
		false,
		"1.2.840.113549.1.1.10",
		unhex("3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"),
	},
	{
		"RSA-PSS SHA-384",
		rsa2048,
		x509.SHA384WithRSAPSS,
		false,
		"1.2.840.113549.1.1.10",
		unhex("3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"),
	},
	{
		"RSA-PSS SHA-512",
		rsa2048,
		x509.SHA512WithRSAPSS,
		false,
		"1.2.840.113549.1.1.10",
		unhex("3034a00f300d06096086480165030402030500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140"),
	},
	{"Ed25519", ed, x509.PureEd25519, true, "1.3.101.112", nil},
}

func unhex(s string) []byte { return must(hex.DecodeString(s)) }

func TestSignatureAlgorithms(t *testing.T) {
	t.Parallel()
	for _, tt := range signatureAlgorithms {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithKey(tt.key()))
			leaf := ca.Leaf()
			asked := fakeca.Response{SignatureAlgorithm: tt.algorithm}
			if tt.byDefault {
				asked.SignatureAlgorithm = 0
			}
			der := leaf.Staple(asked)
			checkSigned(t, der, ca.Cert, tt.algorithm)

			m := mustParseMessage(t, der)
			if got := m.SignatureAlgorithm.Algorithm.String(); got != tt.oid {
				t.Errorf("algorithm %s, want %s", got, tt.oid)
			}
			if got := m.SignatureAlgorithm.Parameters; !bytes.Equal(got, tt.params) {
				t.Errorf("parameters %x, want %x", got, tt.params)
			}
			if got := m.SignatureAlgorithm.SignatureAlgorithm(); got != tt.algorithm {
				t.Errorf("SignatureAlgorithm: %v", got)
			}
			if got := mustParseResponse(t, der).SignatureAlgorithm; got != tt.algorithm {
				t.Errorf("ParseResponse: %v", got)
			}
			if err := m.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
			m.Signature[len(m.Signature)-1] ^= 1
			if err := m.CheckSignatureFrom(ca.Cert); err == nil {
				t.Error("accepted a signature with one bit changed")
			}

			// A delegate with this key signs for a CA with another key.
			der = worldSignedBy(t, tt.key(), asked)
			m = mustParseMessage(t, der)
			if got := m.SignatureAlgorithm.SignatureAlgorithm(); got != tt.algorithm {
				t.Errorf("by a delegate: %v", got)
			}
			delegate, err := x509.ParseCertificate(m.Certs[0])
			if err != nil {
				t.Fatal(err)
			}
			checkSigned(t, der, delegate, tt.algorithm)
		})
	}
}

func worldSignedBy(t *testing.T, key crypto.Signer, r fakeca.Response) []byte {
	t.Helper()
	ca, leaf := world()
	r.Signer = ca.OCSPSigner(&x509.Certificate{PublicKey: key})
	return leaf.Staple(r)
}

// Parameters are a part of an identifier.
func TestAlgorithmIdentifierSignatureAlgorithm(t *testing.T) {
	t.Parallel()
	const (
		sha256NULL   = "300d06096086480165030402010500"
		sha256Absent = "300b0609608648016503040201"
		sha1Absent   = "300706052b0e03021a"
		sha384NULL   = "300d06096086480165030402020500"
		mgf1         = "06092a864886f70d010108"
	)
	rsaSHA256 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	ecdsaSHA256 := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidPSS := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	pss := func(parameters string) fakeca.AlgorithmIdentifier {
		return fakeca.AlgorithmIdentifier{Algorithm: oidPSS, Parameters: unhex(parameters)}
	}
	withExtra := pss("302fa00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL)
	withExtra.Extra = null
	tests := []struct {
		name string
		id   fakeca.AlgorithmIdentifier
		want x509.SignatureAlgorithm
	}{
		{"zero", fakeca.AlgorithmIdentifier{}, 0},
		{"unknown", fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 3}}, 0},
		{"RSA with NULL", fakeca.AlgorithmIdentifier{Algorithm: rsaSHA256, Parameters: null}, x509.SHA256WithRSA},
		{"RSA with nothing", fakeca.AlgorithmIdentifier{Algorithm: rsaSHA256}, x509.SHA256WithRSA},
		{"RSA with an INTEGER", fakeca.AlgorithmIdentifier{Algorithm: rsaSHA256, Parameters: []byte{2, 1, 0}}, 0},
		{"RSA with Extra", fakeca.AlgorithmIdentifier{Algorithm: rsaSHA256, Parameters: null, Extra: null}, 0},
		{"RSA with Raw", fakeca.AlgorithmIdentifier{Algorithm: rsaSHA256, Parameters: null, Raw: null}, 0},
		{"ECDSA with nothing", fakeca.AlgorithmIdentifier{Algorithm: ecdsaSHA256}, x509.ECDSAWithSHA256},
		{"ECDSA with NULL (RFC 5758 section 3.2)", fakeca.AlgorithmIdentifier{Algorithm: ecdsaSHA256, Parameters: null}, 0},
		{
			"Ed25519 with NULL (RFC 8410 section 3)",
			fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}, Parameters: null},
			0,
		},
		{"PSS with nothing", fakeca.AlgorithmIdentifier{Algorithm: oidPSS}, 0},
		{"PSS, hashes with NULL", pss("3034a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a203020120"), x509.SHA256WithRSAPSS},
		{
			"PSS, hashes without (RFC 4055 section 2.1)",
			pss("3030a00d" + sha256Absent + "a11a3018" + mgf1 + sha256Absent + "a203020120"),
			x509.SHA256WithRSAPSS,
		},
		{"PSS, one hash without", pss("3032a00d" + sha256Absent + "a11c301a" + mgf1 + sha256NULL + "a203020120"), x509.SHA256WithRSAPSS},
		{"PSS, the other without", pss("3032a00f" + sha256NULL + "a11a3018" + mgf1 + sha256Absent + "a203020120"), x509.SHA256WithRSAPSS},
		{"PSS, another salt", pss("3034a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a203020115"), x509.SHA256WithRSAPSS},
		{"PSS, the usual salt", pss("302fa00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL), x509.SHA256WithRSAPSS},
		{"PSS, a negative salt", pss("3034a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a2030201ff"), 0},
		{"PSS, a salt of 2^31", pss("3038a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a20702050080000000"), 0},
		{"PSS, no integer for a salt", pss("3034a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a203040120"), 0},
		{"PSS, another hash of MGF1", pss("3034a00f" + sha256NULL + "a11c301a" + mgf1 + sha384NULL + "a203020120"), 0},
		{"PSS, SHA-1 by default", pss("3000"), 0},
		{"PSS, only the hash", pss("3011a00f" + sha256NULL), 0},
		{"PSS, SHA-1 spelled out", pss("3023a009" + sha1Absent + "a1163014" + mgf1 + sha1Absent), 0},
		{"PSS, not MGF1", pss("3034a00f" + sha256NULL + "a11c301a" + "06092a864886f70d010109" + sha256NULL + "a203020120"), 0},
		{"PSS, the trailer field spelled out", pss("3039a00f" + sha256NULL + "a11c301a" + mgf1 + sha256NULL + "a203020120" + "a303020101"), 0},
		{"PSS with Extra", withExtra, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.id.SignatureAlgorithm(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestAlgorithmIdentifierHash(t *testing.T) {
	t.Parallel()
	sha1 := asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	tests := []struct {
		name string
		id   fakeca.AlgorithmIdentifier
		want crypto.Hash
	}{
		{"zero", fakeca.AlgorithmIdentifier{}, 0},
		{"MD5", fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}}, 0},
		{"SHA-1 with NULL", fakeca.AlgorithmIdentifier{Algorithm: sha1, Parameters: null}, crypto.SHA1},
		{"SHA-1 with nothing", fakeca.AlgorithmIdentifier{Algorithm: sha1}, crypto.SHA1},
		{"SHA-1 with an INTEGER", fakeca.AlgorithmIdentifier{Algorithm: sha1, Parameters: []byte{2, 1, 0}}, 0},
		{"SHA-1 with Raw", fakeca.AlgorithmIdentifier{Algorithm: sha1, Raw: null}, 0},
		{"SHA-1 with Extra", fakeca.AlgorithmIdentifier{Algorithm: sha1, Extra: null}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.id.Hash(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestCheckSignatureFrom(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	other := fakeca.New(fakeca.WithName("other"), fakeca.WithKey(rsa2048()))
	md5 := other.Sign(leaf.Cert.SerialNumber, fakeca.Response{SignatureAlgorithm: x509.MD5WithRSA})
	const notSigned = "fakeca: the OCSP response is not signed by "
	tests := []struct {
		name   string
		der    []byte
		signer *x509.Certificate
		want   string
	}{
		{"right", leaf.Staple(fakeca.Response{}), ca.Cert, ""},
		{
			"wrong key", leaf.Staple(fakeca.Response{}), ca.Issuer.Cert,
			notSigned + `"CN=fakeca root (do not trust)": x509: ECDSA verification failure`,
		},
		{
			"wrong kind of key", leaf.Staple(fakeca.Response{}), other.Cert,
			notSigned + `"CN=other": x509: signature algorithm specifies an ECDSA public key, but have public key of type *rsa.PublicKey`,
		},
		{"MD5", md5, other.Cert, notSigned + `"CN=other": x509: cannot verify signature: insecure algorithm MD5-RSA`},
		{"SHA-1", other.Sign(leaf.Cert.SerialNumber, fakeca.Response{SignatureAlgorithm: x509.SHA1WithRSA}), other.Cert, ""},
		{
			"unknown algorithm", leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
				m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 3}, Parameters: null}
			}}),
			ca.Cert, "fakeca: the signature algorithm 1.2.3 with parameters 0500 is not known",
		},
		{"error response", leaf.Staple(fakeca.Response{Error: ocsp.TryLater}), ca.Cert, "fakeca: an error response (try later) has no signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := mustParseMessage(t, tt.der).CheckSignatureFrom(tt.signer)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			checkError(t, "CheckSignatureFrom", err, tt.want)
		})
	}
}

// A salt may have any length that the key has room for (RFC 4055 section 3.1), but
// it must be that of the parameters.
func TestCheckSignatureFromSalt(t *testing.T) {
	t.Parallel()
	key := rsa2048().(*rsa.PrivateKey)
	ca := fakeca.New(fakeca.WithKey(key))
	leaf := ca.Leaf()
	for _, tt := range []struct {
		name         string
		salt         int
		told         byte
		wantAccepted bool
	}{
		{"none, which crypto/rsa cannot be asked for", 20, 0, false},
		{"as usual", 20, 20, true},
		{"as long as the hash", 32, 32, true},
		{"long", 100, 100, true},
		{"longer than told", 100, 32, false},
		{"shorter than told", 20, 32, false},
		{"one more", 33, 32, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			der := leaf.Staple(fakeca.Response{SignatureAlgorithm: x509.SHA256WithRSAPSS, Edit: func(m *fakeca.Message) {
				parameters := m.SignatureAlgorithm.Parameters
				parameters[len(parameters)-1] = tt.told
				opts := &rsa.PSSOptions{SaltLength: tt.salt, Hash: crypto.SHA256}
				m.Signature = must(crypto.SignMessage(key, rand.Reader, m.ResponseData.Marshal(), opts))
			}})
			m := mustParseMessage(t, der)
			if err := m.CheckSignatureFrom(ca.Cert); (err == nil) != tt.wantAccepted {
				t.Errorf("error %v, want accepted %v", err, tt.wantAccepted)
			}
			m.ProducedAt.Time = m.ProducedAt.AddDate(0, 0, 1)
			if err := m.CheckSignatureFrom(ca.Cert); err == nil {
				t.Error("accepted other data")
			}
		})
	}
}

// Edit gets an unsigned message. A signature that it sets is kept; else what it
// left is signed.
func TestEditSignature(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		if m.Signature != nil {
			t.Errorf("signed before Edit: %x", m.Signature)
		}
		m.Signature = []byte{0xde, 0xad, 0xbe, 0xef}
	}})
	if got := mustParseMessage(t, der).Signature; !bytes.Equal(got, []byte{0xde, 0xad, 0xbe, 0xef}) {
		t.Errorf("signature %x", got)
	}
	der = leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses = append(m.Responses, m.Responses[0]) }})
	if n := len(mustParseMessage(t, der).Responses); n != 2 {
		t.Errorf("%d single responses", n)
	}
	checkSigned(t, der, ca.Cert, x509.ECDSAWithSHA256)
}
