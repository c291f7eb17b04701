package conformance

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// delegateCases are about answers that a delegated responder signs.
//
// Left out are a delegate with an RSA key below 1024 bits, which crypto/rsa does
// not make; one whose certificate is signed with MD5, which crypto/x509 does
// not make; and one that the client was told to distrust, which is a setting of
// the client.
func delegateCases() []*scenario {
	out := both(slices.Concat(authorized(), embedded(), notAuthorized(), notValid()))
	return append(out,
		&scenario{
			name: "delegate/rotated", doc: "the delegate changes between two connections", ref: "RFC 6960 4.2.2.2",
			first: firstSays(good, good, good),
			setup: func(w *world) { w.staple(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
			then:  func(w *world) { w.staple(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
		},
		&scenario{
			name: "delegate/rotated-fetched", doc: "fetched, not stapled: the delegate changes between two connections", ref: "RFC 6960 4.2.2.2",
			staple: silent, first: firstSays(silent, good, good),
			setup: func(w *world) {
				w.noStaple()
				w.aboutLeaf(fault.Respond(fakeca.Response{Signer: w.ca.OCSPSigner()}))
			},
			then: func(w *world) { w.aboutLeaf(fault.Respond(fakeca.Response{Signer: w.ca.OCSPSigner()})) },
		},
	)
}

// firstSays is the verdict of a first connection, by what the sources say then
// of the leaf.
func firstSays(staple, fetched, listed news) func(Policy) Verdict {
	return (&scenario{staple: staple, fetched: fetched, listed: listed}).verdict
}

// authorized are delegates that may sign.
func authorized() []answerCase {
	const ref = "RFC 6960 4.2.2.2"
	return []answerCase{
		{
			name: "delegate/by-name", doc: "a delegate of the issuer signs, is named by its name, and embedded", ref: ref,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner()} },
		},
		{
			name: "delegate/by-key", doc: "a delegate of the issuer signs, is named by the hash of its key, and embedded", ref: ref,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), ByKey: true} },
		},
		{
			name: "delegate/revoked-leaf", doc: "a delegate of the issuer says revoked", ref: ref, news: revoked,
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise, Signer: w.ca.OCSPSigner()}
			},
		},
		{
			name: "delegate/without-nocheck", doc: "the delegate lacks id-pkix-ocsp-nocheck, and names nobody who could be asked about it", ref: "RFC 6960 4.2.2.2.1",
			said: delegated(x509.Certificate{ExtraExtensions: []pkix.Extension{}}),
		},
		{
			name: "delegate/revoked", doc: "the delegate lacks id-pkix-ocsp-nocheck, and the issuer's CRL has it; few clients look", ref: "RFC 6960 4.2.2.2.1", news: dubious,
			said: func(w *world) fakeca.Response {
				delegate := w.ca.OCSPSigner(&x509.Certificate{
					ExtraExtensions:       []pkix.Extension{},
					CRLDistributionPoints: []string{w.responder.CRLURL(w.ca)},
				})
				delegate.Revoke(fakeca.KeyCompromise)
				return fakeca.Response{Signer: delegate}
			},
		},
		{
			name: "delegate/is-ca", doc: "the delegate is a CA: RFC 6960 does not forbid it, the Baseline Requirements do, and clients differ", ref: "Baseline Requirements 7.1.2.8", news: dubious, rule: "signer-ca",
			said: delegated(x509.Certificate{IsCA: true}),
		},
		{
			name: "delegate/sha1", doc: "the delegate's certificate is signed with SHA-1, which some clients take and others do not", ref: "RFC 6960 4.3", news: dubious,
			said: delegated(x509.Certificate{SignatureAlgorithm: x509.ECDSAWithSHA1}),
		},
	}
}

// embedded are about where the delegate's certificate is.
func embedded() []answerCase {
	const ref = "RFC 6960 4.2.1"
	return []answerCase{
		{
			name: "delegate/last-of-four", doc: "the delegate comes last of four certificates", ref: ref,
			said: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(w.ca.Cert, w.leaf.Cert, w.root.Cert, d.Cert)}
			},
		},
		{
			name: "delegate/with-chain", doc: "the delegate comes with the whole chain above it", ref: ref,
			said: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(d.Cert, w.ca.Cert, w.root.Cert)}
			},
		},
		{
			name: "delegate/missing", doc: "a delegate signs that is not embedded", ref: ref, news: useless, rule: "signature",
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), OmitCert: true} },
		},
		{
			name: "delegate/missing-among-others", doc: "a delegate signs that is not embedded, while three other certificates are", ref: ref, news: useless, rule: "signature",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(), Edit: embed(w.ca.Cert, w.leaf.Cert, w.root.Cert)}
			},
		},
		{
			name: "delegate/other-embedded", doc: "another delegate is embedded than that which signed", ref: ref, news: useless, rule: "signature",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(), Edit: embed(w.ca.OCSPSigner().Cert)}
			},
		},
	}
}

// notAuthorized are delegates that their certificates do not authorize.
func notAuthorized() []answerCase {
	const ref = "RFC 6960 4.2.2.2"
	return []answerCase{
		{
			name: "delegate/without-eku", doc: "the delegate has no extended key usage", ref: ref, news: useless, rule: "signer-eku", seen: unauthorized,
			said: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}}),
		},
		{
			name: "delegate/server-auth", doc: "the delegate's extended key usage is that of a server", ref: ref, news: useless, rule: "signer-eku", seen: unauthorized,
			said: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}),
		},
		{
			name: "delegate/any-eku", doc: "the delegate's extended key usage is anyExtendedKeyUsage, where id-kp-OCSPSigning is asked for by name", ref: ref, news: useless, rule: "signer-eku",
			said: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}),
		},
		{
			name: "delegate/eku-prefix", doc: "the delegate's extended key usage is the arc above id-kp-OCSPSigning", ref: ref, news: useless, rule: "signer-eku",
			said: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3}}}),
		},
		{
			name: "delegate/eku-tampered", doc: "the extended key usage of a server's certificate was changed to id-kp-OCSPSigning, which broke its signature", ref: ref, news: useless, rule: "signer-issuer",
			said: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
				idKP := []byte{0x2b, 6, 1, 5, 5, 7, 3}
				der := bytes.Replace(d.Cert.Raw, append(bytes.Clone(idKP), 1), append(idKP, 9), 1)
				return fakeca.Response{Signer: &fakeca.Leaf{Cert: made(x509.ParseCertificate(der)), Key: d.Key}}
			},
		},
		{
			name: "delegate/crl-sign", doc: "the delegate's key usage is to sign CRLs alone", ref: "RFC 5280 4.2.1.3", news: useless, rule: "signer-key-usage",
			said: delegated(x509.Certificate{KeyUsage: x509.KeyUsageCRLSign}),
		},
		{
			name: "delegate/of-sub-ca", doc: "a CA below the issuer delegated, and is embedded too", ref: ref, news: useless, rule: "signer-issuer",
			said: func(w *world) fakeca.Response {
				sub := w.ca.Intermediate(fakeca.WithName("sub-CA"))
				d := sub.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(d.Cert, sub.Cert)}
			},
		},
		{
			name: "delegate/of-root", doc: "the root delegated, which did not issue the certificate", ref: ref, news: useless, rule: "signer-issuer",
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.root.OCSPSigner()} },
		},
		{
			name: "delegate/of-stranger", doc: "a CA delegated that the client does not know", ref: ref, news: useless, rule: "signer-issuer", seen: unauthorized,
			said: func(*world) fakeca.Response {
				return fakeca.Response{Signer: fakeca.New(fakeca.WithName("another root")).OCSPSigner()}
			},
		},
		{
			name: "delegate/of-namesake", doc: "a CA delegated that has the issuer's name and another key", ref: ref, news: useless, rule: "signer-issuer", seen: unauthorized,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: namesake(w.ca).OCSPSigner()} },
		},
		{
			name: "delegate/self-signed", doc: "the delegate issued its certificate itself", ref: ref, news: useless, rule: "signer-issuer", seen: unauthorized,
			said: func(w *world) fakeca.Response { return fakeca.Response{Signer: selfSigned(w)} },
		},
		{
			name: "delegate/other-key", doc: "the embedded certificate of the delegate has another key than that which signed", ref: "RFC 6960 3.2", news: useless, rule: "signature",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: &fakeca.Leaf{Cert: w.ca.OCSPSigner().Cert, Key: p256Key()}}
			},
		},
	}
}

// notValid are delegates at the wrong time.
func notValid() []answerCase {
	const ref = "RFC 5280 6.1.3"
	return []answerCase{
		{
			name: "delegate/expired", doc: "the delegate's certificate has expired", ref: ref, news: useless, rule: "signer-time", seen: []string{"golang/go#43522"},
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotAfter: w.ca.Now().Add(-day)})}
			},
		},
		{
			name: "delegate/not-yet-valid", doc: "the delegate's certificate is not valid yet", ref: ref, news: useless, rule: "signer-time",
			said: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotBefore: w.ca.Now().Add(day)})}
			},
		},
	}
}

// delegated is a good answer of a delegate that the issuer makes from a
// template.
func delegated(tmpl x509.Certificate) func(*world) fakeca.Response {
	return func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(&tmpl)} }
}

func selfSigned(w *world) *fakeca.Leaf {
	key := p256Key()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "self-signed responder"},
		NotBefore:    w.ca.Cert.NotBefore,
		NotAfter:     w.ca.Cert.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
	}
	der := made(x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key))
	return &fakeca.Leaf{Cert: made(x509.ParseCertificate(der)), Key: key}
}
