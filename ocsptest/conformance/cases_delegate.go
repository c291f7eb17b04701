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

// delegateCases are about responses that a delegated responder signs.
//
// Left out: a delegate with an RSA key below 1024 bits, which crypto/rsa does not
// generate; one whose certificate is signed with MD5, which crypto/x509 does not
// make; and one that the client was told to distrust, which is a setting of the
// client.
func delegateCases() []*scenario {
	out := stapledAndFetched(slices.Concat(authorized(), embedded(), notAuthorized(), notValid()))
	return append(out,
		&scenario{
			name:    "delegate/asks-itself",
			doc:     "the delegate lacks nocheck, and names the responder for which it signs, so that clients that check it must stop somewhere",
			ref:     refNoCheck,
			seen:    []string{"carl-wallace/rust-pki#92"},
			since:   set2026_2,
			sources: OCSP,
			also:    Says{OCSP: Disputed},
			setup: func(w *world) {
				delegate := w.ca.OCSPSigner(&x509.Certificate{ExtraExtensions: []pkix.Extension{}, OCSPServer: []string{w.responder.URL}})
				w.responder.SetFault(fault.Respond(fakeca.Response{Signer: delegate}).ForCA(w.ca))
			},
		},
		&scenario{
			name:    "delegate/rotated",
			doc:     "the delegate changes between two connections",
			sources: Staple,
			ref:     refDelegates,
			setup:   func(w *world) { w.staple(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
			second:  func(w *world) { w.staple(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
		},
		&scenario{
			name:    "delegate/rotated-fetched",
			doc:     "fetched, not stapled: the delegate changes between two connections",
			ref:     refDelegates,
			sources: OCSP,
			setup:   func(w *world) { w.respond(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
			second:  func(w *world) { w.respond(fakeca.Response{Signer: w.ca.OCSPSigner()}) },
		},
	)
}

// delegated returns a good response of a delegate that the issuer makes from a
// template.
func delegated(tmpl x509.Certificate) func(*world) fakeca.Response {
	return func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(&tmpl)} }
}

// authorized are delegates that may sign.
func authorized() []responseCase {
	return []responseCase{
		{
			name:     "delegate/by-name",
			doc:      "a delegate of the issuer signs; the responder ID is its name",
			ref:      refDelegates,
			seen:     []string{"nats-io/nats-server#2692", "certbot/certbot#7054", "netty/netty#16118"},
			response: delegated(x509.Certificate{}),
		},
		{
			name:     "delegate/by-key",
			doc:      "a delegate of the issuer signs; the responder ID is the hash of its key",
			ref:      refDelegates,
			seen:     []string{"certbot/certbot#7989"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), ByKey: true} },
		},
		{
			name: "delegate/revoked-leaf",
			doc:  "a delegate of the issuer signs, and the response says revoked",
			ref:  refDelegates,
			response: func(w *world) fakeca.Response {
				r := revokedResponse
				r.Signer = w.ca.OCSPSigner()
				return r
			},
		},
		{
			name:     "delegate/non-repudiation",
			doc:      "the delegate's key usage allows only nonRepudiation, which RFC 5280 accepts as well as digitalSignature",
			ref:      refOCSPKeyUsage,
			since:    set2026_2,
			response: delegated(x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment}),
		},
		{
			name:     "delegate/critical-nocheck",
			doc:      "the delegate's id-pkix-ocsp-nocheck is critical; clients that do not know it reject the delegate",
			ref:      refNoCheckCritical,
			since:    set2026_2,
			also:     Disputed,
			response: delegated(x509.Certificate{ExtraExtensions: []pkix.Extension{{Id: idNoCheck, Critical: true, Value: asn1.NullBytes}}}),
		},
		{
			name:     "delegate/nocheck-not-null",
			doc:      "the value of the delegate's id-pkix-ocsp-nocheck is empty instead of NULL; few clients look at it",
			ref:      refNoCheckNull,
			since:    set2026_2,
			also:     Disputed,
			response: delegated(x509.Certificate{ExtraExtensions: []pkix.Extension{{Id: idNoCheck, Value: []byte{}}}}),
		},
		{
			name:     "delegate/without-nocheck",
			doc:      "the delegate lacks id-pkix-ocsp-nocheck, and names no source for its own status, so that checking it is up to the client",
			ref:      refNoCheck,
			also:     Disputed,
			response: delegated(x509.Certificate{ExtraExtensions: []pkix.Extension{}}),
		},
		{
			name: "delegate/revoked",
			doc:  "the delegate lacks id-pkix-ocsp-nocheck, and the issuer's CRL lists it as revoked; few clients check",
			ref:  refDelegateChecked,
			seen: []string{"carl-wallace/rust-pki#92"},
			also: Disputed,
			response: func(w *world) fakeca.Response {
				delegate := w.ca.OCSPSigner(&x509.Certificate{
					ExtraExtensions:       []pkix.Extension{},
					CRLDistributionPoints: []string{w.responder.CRLURL(w.ca)},
				})
				delegate.Revoke(fakeca.KeyCompromise)
				return fakeca.Response{Signer: delegate}
			},
		},
		{
			name:     "delegate/is-ca",
			doc:      "the delegate is a CA, which RFC 6960 allows and the Baseline Requirements do not; clients differ",
			ref:      refDelegateIsNoCA,
			also:     Disputed,
			response: delegated(x509.Certificate{IsCA: true}),
		},
		{
			name:     "delegate/sha1",
			doc:      "the delegate's certificate is signed with SHA-1, which some clients accept",
			ref:      refP256NeedsSHA256,
			also:     Disputed,
			response: delegated(x509.Certificate{SignatureAlgorithm: x509.ECDSAWithSHA1}),
		},
	}
}

// embedded are about the place of the delegate's certificate.
func embedded() []responseCase {
	return []responseCase{
		{
			name: "delegate/last-of-four",
			doc:  "the delegate is the last of four embedded certificates",
			ref:  refCerts,
			seen: []string{"golang/go#59641"},
			response: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(w.ca.Cert, w.leaf.Cert, w.root.Cert, d.Cert)}
			},
		},
		{
			name: "delegate/with-chain",
			doc:  "the delegate is embedded with its whole chain",
			ref:  refCerts,
			response: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(d.Cert, w.ca.Cert, w.root.Cert)}
			},
		},
		{
			name:     "delegate/missing",
			doc:      "a delegate signs, and is not embedded",
			ref:      refDelegateEmbedded,
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.ca.OCSPSigner(), OmitCert: true} },
		},
		{
			name: "delegate/missing-among-others",
			doc:  "a delegate signs, and is not among the three embedded certificates",
			ref:  refDelegateEmbedded,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(), Edit: embed(w.ca.Cert, w.leaf.Cert, w.root.Cert)}
			},
		},
		{
			name: "delegate/other-embedded",
			doc:  "a delegate signs, and another delegate is embedded",
			ref:  refConfirmSignature,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(), Edit: embed(w.ca.OCSPSigner().Cert)}
			},
		},
	}
}

// notAuthorized are delegates whose certificates do not authorize them.
func notAuthorized() []responseCase {
	return []responseCase{
		{
			name:     "delegate/without-eku",
			doc:      "the delegate has no extended key usage",
			ref:      refDelegateEKU,
			seen:     []string{"golang/go#40017", "caddyserver/certmagic#378", "wolfSSL/wolfssl#731"},
			response: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}}),
		},
		{
			name:     "delegate/server-auth",
			doc:      "the delegate's extended key usage is serverAuth",
			ref:      refDelegateEKU,
			seen:     []string{"golang/go#40017", "caddyserver/certmagic#378", "PeculiarVentures/PKI.js#502"},
			response: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}),
		},
		{
			name:     "delegate/any-eku",
			doc:      "the delegate's extended key usage is anyExtendedKeyUsage, where id-kp-OCSPSigning is required by name",
			ref:      refDelegateEKU,
			response: delegated(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}),
		},
		{
			name: "delegate/eku-prefix",
			doc:  "the delegate's extended key usage is id-kp, the arc above id-kp-OCSPSigning",
			ref:  refDelegateEKU,
			response: delegated(x509.Certificate{
				ExtKeyUsage:        []x509.ExtKeyUsage{},
				UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3}},
			}),
		},
		{
			name: "delegate/eku-tampered",
			doc:  "the extended key usage of a server's certificate was changed to id-kp-OCSPSigning, which broke its signature",
			ref:  refChainSignature,
			response: func(w *world) fakeca.Response {
				d := w.ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
				idKP := []byte{0x2b, 6, 1, 5, 5, 7, 3}
				der := bytes.Replace(d.Cert.Raw, append(bytes.Clone(idKP), 1), append(idKP, 9), 1)
				return fakeca.Response{Signer: &fakeca.Leaf{Cert: must(x509.ParseCertificate(der)), Key: d.Key}}
			},
		},
		{
			name:     "delegate/crl-sign",
			doc:      "the delegate's key usage allows only CRLs; some clients do not check the key usage",
			ref:      refOCSPKeyUsage,
			also:     Disputed,
			response: delegated(x509.Certificate{KeyUsage: x509.KeyUsageCRLSign}),
		},
		{
			name: "delegate/of-sub-ca",
			doc:  "the delegate is from a CA below the issuer, which is embedded too",
			ref:  refDelegateIssuer,
			response: func(w *world) fakeca.Response {
				sub := w.ca.Intermediate(fakeca.WithName("sub-CA"))
				d := sub.OCSPSigner()
				return fakeca.Response{Signer: d, Edit: embed(d.Cert, sub.Cert)}
			},
		},
		{
			name:     "delegate/of-root",
			doc:      "the delegate is from the root, which did not issue the server's certificate",
			ref:      refDelegateIssuer,
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: w.root.OCSPSigner()} },
		},
		{
			name:     "delegate/of-stranger",
			doc:      "the delegate is from a CA that the client does not know",
			ref:      refDelegateIssuer,
			seen:     []string{"golang/go#40017", "contentauth/c2pa-rs#2542"},
			response: func(*world) fakeca.Response { return fakeca.Response{Signer: otherRoot().OCSPSigner()} },
		},
		{
			name:     "delegate/of-namesake",
			doc:      "the delegate is from a CA with the issuer's name and another key",
			ref:      refDelegateIssuer,
			seen:     []string{"golang/go#40017"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: namesake(w.ca).OCSPSigner()} },
		},
		{
			name:     "delegate/self-signed",
			doc:      "the delegate's certificate is self-signed",
			ref:      refDelegateIssuer,
			seen:     []string{"golang/go#40017", "contentauth/c2pa-rs#2542"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: selfSigned(w)} },
		},
		{
			name: "delegate/other-key",
			doc:  "the delegate's embedded certificate has another key than the one that signed",
			ref:  refConfirmSignature,
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: &fakeca.Leaf{Cert: w.ca.OCSPSigner().Cert, Key: p256Key()}}
			},
		},
	}
}

// notValid are delegates at the wrong time.
func notValid() []responseCase {
	return []responseCase{
		{
			name:     "delegate/expired",
			doc:      "the delegate's certificate has expired",
			ref:      refChainTime,
			seen:     []string{"golang/go#43522", "erlang/otp#11136"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Signer: expiredDelegate(w)} },
		},
		{
			name: "delegate/not-yet-valid",
			doc:  "the delegate's certificate is not valid yet",
			ref:  refChainTime,
			seen: []string{"erlang/otp#11136"},
			response: func(w *world) fakeca.Response {
				return fakeca.Response{Signer: w.ca.OCSPSigner(&x509.Certificate{NotBefore: w.ca.Now().Add(day)})}
			},
		},
	}
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
	der := must(x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key))
	return &fakeca.Leaf{Cert: must(x509.ParseCertificate(der)), Key: key}
}
