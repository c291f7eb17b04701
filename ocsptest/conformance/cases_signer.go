package conformance

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
)

// signerCases are about signatures, and about signers that are not delegated
// responders.
//
// Left out: a responder that the client was configured to trust, and an issuer
// that it was given by mistake, which are settings of the client; and SHA-224 and
// SHA-3, which crypto/x509 does not have.
func signerCases() []*scenario {
	return stapledAndFetched(slices.Concat(byIssuer(), badSignatures(), byOthers(), algorithms()))
}

// byIssuer are responses that the issuer did sign.
func byIssuer() []responseCase {
	return []responseCase{
		{
			name:     "signer/issuer-embedded",
			doc:      "the issuer signs and embeds its own certificate, which is allowed, and not needed",
			ref:      refCerts,
			seen:     []string{"golang/go#59641", "golang/go#81395"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Edit: embed(w.ca.Cert)} },
		},
		{
			name: "signer/issuer-with-others",
			doc:  "the issuer signs and embeds three certificates: the root's, another server's and its own",
			ref:  refCerts,
			seen: []string{"golang/go#59641", "golang/go#81395"},
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Edit: embed(w.root.Cert, w.ca.Leaf("sibling.test").Cert, w.ca.Cert)}
			},
		},
		{
			name: "signer/issuer-cross-certificate",
			doc: "the issuer signs and embeds a certificate for its name and key that another root issued; " +
				"some clients reject a signer with another chain",
			ref:  refAuthorized,
			also: Disputed,
			seen: []string{"golang/go#59641", "golang/go#81395"},
			response: func(w *world) fakeca.Response {
				cross := fakeca.New().Issue(&x509.Certificate{
					RawSubject: w.ca.Cert.RawSubject,
					PublicKey:  w.ca.Key,
					IsCA:       true,
				})
				return fakeca.Response{Edit: embed(cross.Cert)}
			},
		},
		{
			name: "signer/issuer-without-digital-signature",
			doc:  "the issuer signs, although its key usage allows only certificates and CRLs; few clients check",
			ref:  refDigitalSignature,
			also: Disputed,
			template: func(w *world) {
				w.replaceIssuer(x509.Certificate{KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
			},
			response: always(fakeca.Response{}),
		},
		{
			name: "signer/issuer-other-name",
			doc:  "the issuer's key signs, with an embedded certificate that has another name; some clients compare only keys",
			ref:  refAuthorized,
			also: Disputed,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(fakeca.New(fakeca.WithKey(w.ca.Key), fakeca.WithName("alias")))}
			},
		},
	}
}

// badSignatures are responses with signatures that no key made.
func badSignatures() []responseCase {
	return []responseCase{
		{
			name:     "signer/bad-signature",
			doc:      "one bit of the signature is flipped",
			ref:      refConfirmSignature,
			seen:     []string{"randombit/botan#5449", "curl/curl#21677"},
			response: mutated(flipLastBit),
		},
		{
			name:     "signer/garbage-signature",
			doc:      "the signature is four bytes of garbage",
			ref:      refConfirmSignature,
			response: edited(func(m *fakeca.Message) { m.Signature = []byte{0xde, 0xad, 0xbe, 0xef} }),
		},
		{
			name:     "signer/empty-signature",
			doc:      "the signature is empty",
			ref:      refConfirmSignature,
			response: edited(func(m *fakeca.Message) { m.Signature = []byte{} }),
		},
		{
			name: "signer/other-algorithm-of-key",
			doc:  "the response names ECDSA with SHA-384, and is signed with SHA-256",
			ref:  refConfirmSignature,
			response: edited(func(m *fakeca.Message) {
				m.SignatureAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
			}),
		},
		{
			name: "signer/algorithm-of-other-key",
			doc:  "the response names RSA, and is signed with ECDSA",
			ref:  refConfirmSignature,
			response: edited(func(m *fakeca.Message) {
				m.SignatureAlgorithm = fakeca.AlgorithmIdentifier{
					Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11},
					Parameters: asn1.NullBytes,
				}
			}),
		},
	}
}

// byOthers are responses of signers without authority.
func byOthers() []responseCase {
	return []responseCase{
		{
			name: "signer/other-ca-trusted",
			doc:  "another CA signs, which chains to the root that the client trusts",
			ref:  refAuthorized,
			seen: []string{"golang/go#40017", "PeculiarVentures/PKI.js#502"},
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(w.intermediate(x509.Certificate{}, fakeca.WithName("another intermediate")))}
			},
		},
		{
			name:     "signer/other-ca",
			doc:      "another CA signs, which the client does not know",
			ref:      refAuthorized,
			seen:     []string{"golang/go#40017", "Vault CVE-2024-2660"},
			response: func(*world) fakeca.Response { return fakeca.Response{Signer: asSigner(otherRoot())} },
		},
		{
			name:     "signer/namesake",
			doc:      "a CA with the issuer's name and another key signs",
			ref:      refAuthorized,
			seen:     []string{"golang/go#40017", "Vault CVE-2024-2660"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: asSigner(namesake(w.ca))} },
		},
		{
			name: "signer/namesake-not-embedded",
			doc:  "a CA with the issuer's name and another key signs, and embeds no certificate",
			ref:  refConfirmSignature,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: asSigner(namesake(w.ca)), OmitCert: true}
			},
		},
		{
			name:     "signer/root",
			doc:      "the root signs for a certificate that the intermediate issued",
			ref:      refAuthorized,
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: asSigner(w.root)} },
		},
		{
			name:     "signer/sibling",
			doc:      "another server's certificate from the same issuer signs",
			ref:      refAuthorized,
			seen:     []string{"golang/go#40017", "openssl/openssl#30323", "PeculiarVentures/PKI.js#502"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.Leaf("sibling.test")} },
		},
		{
			name:     "signer/leaf",
			doc:      "the certificate signs the response about itself",
			ref:      refAuthorized,
			seen:     []string{"openssl/openssl#30323"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.leaf} },
		},
	}
}

// algorithms are responses of issuers with keys of all kinds.
func algorithms() []responseCase {
	withKey := func(key func() crypto.Signer) func(*world) {
		return func(w *world) { w.replaceIssuer(x509.Certificate{}, fakeca.WithKey(key())) }
	}
	signedWith := func(algorithm x509.SignatureAlgorithm) func(*world) fakeca.Response {
		return always(fakeca.Response{SignatureAlgorithm: algorithm})
	}
	return []responseCase{
		{
			name:     "signer/p384",
			doc:      "the issuer has a P-384 key",
			ref:      refECDSAWithSHA2,
			template: withKey(p384Key),
			response: always(fakeca.Response{}),
		},
		{
			name:     "signer/ed25519",
			doc:      "the issuer has an Ed25519 key; some clients do not know Ed25519",
			ref:      refOtherAlgorithms,
			also:     Disputed,
			template: withKey(ed25519Key),
			response: always(fakeca.Response{}),
		},
		{
			name:     "signer/rsa",
			doc:      "the issuer has an RSA key",
			ref:      refRSAWithSHA256,
			template: withKey(rsaKey),
			response: always(fakeca.Response{}),
		},
		{
			name:     "signer/rsa-sha512",
			doc:      "the issuer signs with RSA and SHA-512",
			ref:      refRSAWithSHA512,
			template: withKey(rsaKey),
			response: signedWith(x509.SHA512WithRSA),
		},
		{
			name:     "signer/rsa-pss",
			doc:      "the issuer signs with RSA-PSS; some clients do not know RSA-PSS here",
			ref:      refRSAPSS,
			also:     Disputed,
			template: withKey(rsaKey),
			response: signedWith(x509.SHA256WithRSAPSS),
		},
		{
			name:     "signer/rsa-md5",
			doc:      "the issuer signs with MD5, which allows forgeries",
			ref:      refMD5NotForSigning,
			template: withKey(rsaKey),
			response: signedWith(x509.MD5WithRSA),
		},
		{
			name:     "signer/rsa-sha1",
			doc:      "the issuer signs with RSA and SHA-1, which some clients still accept",
			ref:      refRSAWithSHA1,
			also:     Disputed,
			template: withKey(rsaKey),
			response: signedWith(x509.SHA1WithRSA),
		},
		{
			name:     "signer/ecdsa-sha1",
			doc:      "the issuer signs with ECDSA and SHA-1, which some clients accept",
			ref:      refOtherAlgorithms,
			also:     Disputed,
			response: signedWith(x509.ECDSAWithSHA1),
		},
		{
			name:     "signer/ecdsa-sha512",
			doc:      "the issuer signs with a P-256 key and SHA-512, which public CAs may not combine",
			ref:      refECDSAWithSHA2,
			response: signedWith(x509.ECDSAWithSHA512),
		},
	}
}
