package conformance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
)

// signerCases are about the signature, and about signers that are not delegated
// responders.
//
// Left out are a responder that the client was told to trust and an issuer that
// it was told about wrongly, which are settings of the client; and SHA-224 and
// SHA-3, which crypto/x509 has not.
func signerCases() []*scenario {
	return both(slices.Concat(byIssuer(), byNobody(), byOthers(), algorithms()))
}

// Where signers without authority were accepted.
var unauthorized = []string{
	"golang/go#40017", "caddyserver/certmagic#378", "caddyserver/certmagic#383",
	"nats-io/nats-server#2692", "HCSEC-2024-07", "openssl/openssl#30323",
}

// byIssuer are answers that the issuer did sign.
func byIssuer() []answerCase {
	seen := []string{"golang/go#59641", "golang/go#81395"}
	return []answerCase{
		{
			name: "signer/issuer-embedded", doc: "the issuer signs, and embeds its own certificate, which is needless and allowed",
			ref: "RFC 6960 4.2.1", seen: seen,
			said: func(w *world) fakeca.Response { return fakeca.Response{Edit: embed(w.ca.Cert)} },
		},
		{
			name: "signer/issuer-with-others", doc: "the issuer signs, and embeds the root, some server's certificate and its own",
			ref: "RFC 6960 4.2.1", seen: seen,
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Edit: embed(w.root.Cert, w.ca.Leaf("sibling.test").Cert, w.ca.Cert)}
			},
		},
		{
			name: "signer/issuer-cross-certificate", doc: "the issuer signs, and embeds a certificate that another root issued for its name and key",
			ref: "RFC 6960 4.2.2.2", seen: seen,
			said: func(w *world) fakeca.Response {
				cross := fakeca.New().Issue(&x509.Certificate{RawSubject: w.ca.Cert.RawSubject, IsCA: true, PublicKey: w.ca.Key})
				return fakeca.Response{Edit: embed(cross.Cert)}
			},
		},
		{
			name: "signer/issuer-without-digital-signature", doc: "the issuer signs although its key usage is for certificates and CRLs alone; few clients look",
			ref: "RFC 5280 4.2.1.3", news: dubious,
			template: func(w *world) {
				w.newIssuer(fakeca.WithTemplate(&x509.Certificate{KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}))
			},
			said: says(fakeca.Response{}),
		},
		{
			name: "signer/issuer-other-name", doc: "the issuer's key signs, under another name and with a certificate that says so; some clients go by the key alone",
			ref: "RFC 6960 4.2.2.2", news: dubious, rule: "signer-ca, signer-eku, signer-issuer",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(fakeca.New(fakeca.WithKey(w.ca.Key), fakeca.WithName("alias")))}
			},
		},
	}
}

// byNobody are answers with signatures that nobody made.
func byNobody() []answerCase {
	return []answerCase{
		{
			name: "signer/bad-signature", doc: "a bit of the signature is flipped",
			ref: "RFC 6960 3.2", news: useless, rule: "signature",
			said: mutated(func(der []byte) []byte { der[len(der)-1] ^= 1; return der }),
		},
		{
			name: "signer/garbage-signature", doc: "the signature is four bytes of garbage",
			ref: "RFC 6960 3.2", news: useless, rule: "signature",
			said: edited(func(m *fakeca.Message) { m.Signature = []byte{0xde, 0xad, 0xbe, 0xef} }),
		},
		{
			name: "signer/empty-signature", doc: "the signature is empty",
			ref: "RFC 6960 3.2", news: useless, rule: "signature",
			said: edited(func(m *fakeca.Message) { m.Signature = []byte{} }),
		},
		{
			name: "signer/other-algorithm-of-key", doc: "the answer names ECDSA with SHA-384, and is signed with SHA-256",
			ref: "RFC 6960 4.2.1", news: useless, rule: "signature",
			said: edited(func(m *fakeca.Message) {
				m.SignatureAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
			}),
		},
		{
			name: "signer/algorithm-of-other-key", doc: "the answer names RSA, and is signed with ECDSA",
			ref: "RFC 6960 4.2.1", news: useless, rule: "signature",
			said: edited(func(m *fakeca.Message) {
				m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: []byte{5, 0}}
			}),
		},
	}
}

// byOthers are answers of signers that have no authority.
func byOthers() []answerCase {
	const ref = "RFC 6960 4.2.2.2"
	return []answerCase{
		{
			name: "signer/other-ca-trusted", doc: "another CA signs, below the root that the client trusts",
			ref: ref, news: useless, rule: "signer-ca, signer-eku, signer-issuer", seen: unauthorized,
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(w.root.Intermediate(fakeca.WithName("another intermediate")))}
			},
		},
		{
			name: "signer/other-ca", doc: "another CA signs, which the client does not know",
			ref: ref, news: useless, rule: "signer-ca, signer-eku, signer-issuer", seen: unauthorized,
			said: func(*world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(fakeca.New(fakeca.WithName("another root")))}
			},
		},
		{
			name: "signer/namesake", doc: "a CA signs that has the issuer's name and another key",
			ref: ref, news: useless, rule: "signer-ca, signer-eku, signer-issuer", seen: unauthorized,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: asSigner(namesake(w.ca))} },
		},
		{
			name: "signer/namesake-not-embedded", doc: "a CA signs that has the issuer's name and another key, and embeds no certificate",
			ref: "RFC 6960 3.2", news: useless, rule: "signature",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(namesake(w.ca)), OmitCert: true}
			},
		},
		{
			name: "signer/root", doc: "the root signs for a certificate that the intermediate issued",
			ref: ref, news: useless, rule: "signer-ca, signer-eku, signer-issuer",
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: asSigner(w.root)} },
		},
		{
			name: "signer/sibling", doc: "the certificate of another server, issued by the same CA, signs",
			ref: ref, news: useless, rule: "signer-eku", seen: unauthorized,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.Leaf("sibling.test")} },
		},
		{
			name: "signer/leaf", doc: "the certificate answers for itself",
			ref: ref, news: useless, rule: "signer-eku, signer-leaf", seen: unauthorized,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.leaf} },
		},
	}
}

// algorithms are answers of issuers with keys of all kinds.
func algorithms() []answerCase {
	var out []answerCase
	for _, a := range []struct {
		name, doc, ref string
		seen           []string
		news           news
		rule           string
		key            func() crypto.Signer // nil: the P-256 key of every issuer
		algorithm      x509.SignatureAlgorithm
	}{
		{name: "p384", doc: "the issuer has a P-384 key", ref: "RFC 5758 3.2", key: p384Key},
		{
			name: "ed25519", doc: "the issuer has an Ed25519 key", ref: "RFC 8410 3",
			seen: []string{"sylabs/singularity#1417"}, key: ed25519Key,
		},
		{name: "rsa", doc: "the issuer has an RSA key", ref: "RFC 6960 4.3", key: rsaKey},
		{
			name: "rsa-sha512", doc: "the issuer signs with RSA and SHA-512", ref: "RFC 4055 5",
			key: rsaKey, algorithm: x509.SHA512WithRSA,
		},
		{
			name: "rsa-pss", doc: "the issuer signs with RSA-PSS", ref: "RFC 4055 3.1",
			key: rsaKey, algorithm: x509.SHA256WithRSAPSS,
		},
		{
			name: "rsa-md5", doc: "the issuer signs with MD5, with which signatures can be forged", ref: "RFC 6151 2.1",
			news: useless, rule: "signature-algorithm", key: rsaKey, algorithm: x509.MD5WithRSA,
		},
		{
			name: "rsa-sha1", doc: "the issuer signs with RSA and SHA-1, which clients took for long and some take still", ref: "RFC 6960 4.3",
			news: dubious, key: rsaKey, algorithm: x509.SHA1WithRSA,
		},
		{
			name: "ecdsa-sha1", doc: "the issuer signs with ECDSA and SHA-1, which some clients take and others do not", ref: "RFC 6960 4.3",
			news: dubious, algorithm: x509.ECDSAWithSHA1,
		},
		{
			name: "ecdsa-sha512", doc: "the issuer signs with a P-256 key and SHA-512", ref: "RFC 5758 3.2",
			algorithm: x509.ECDSAWithSHA512,
		},
	} {
		c := answerCase{
			name: "signer/" + a.name, doc: a.doc, ref: a.ref, seen: a.seen, news: a.news, rule: a.rule,
			said: says(fakeca.Response{SignatureAlgorithm: a.algorithm}),
		}
		if a.key != nil {
			c.template = func(w *world) { w.newIssuer(fakeca.WithKey(a.key())) }
		}
		out = append(out, c)
	}
	return out
}

// rsaKey is made once, for it takes a thousand times as long as another.
var rsaKey = sync.OnceValue(func() crypto.Signer { return made(rsa.GenerateKey(rand.Reader, 2048)) })

func p384Key() crypto.Signer { return made(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) }
func p256Key() crypto.Signer { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func ed25519Key() crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return made(key, err)
}

// made is for what cannot fail.
func made[T any](v T, err error) T {
	if err != nil {
		panic("ocsptest: " + err.Error())
	}
	return v
}

// asSigner has a CA sign for another.
func asSigner(ca *fakeca.CA) *fakeca.Leaf { return &fakeca.Leaf{Cert: ca.Cert, Key: ca.Key} }

// namesake is a root with the name of a CA and another key.
func namesake(ca *fakeca.CA) *fakeca.CA {
	return fakeca.New(fakeca.WithTemplate(&x509.Certificate{RawSubject: ca.Cert.RawSubject}))
}

// embed puts these certificates into an answer, in this order and in place of
// those that are there.
func embed(certs ...*x509.Certificate) func(*fakeca.Message) {
	return func(m *fakeca.Message) {
		m.Certs = nil
		for _, c := range certs {
			m.Certs = append(m.Certs, c.Raw)
		}
	}
}
