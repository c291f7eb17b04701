package conformance

import (
	"crypto"
	"crypto/md5"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// certIDCases are about which certificate a response is about, and which of
// several single responses counts.
//
// Left out: requests with several CertIDs, which no TLS client sends, and servers
// that refuse to staple several single responses. The -fetched cases of sha256
// and its like also cover clients that asked with another hash.
func certIDCases() []*scenario {
	return stapledAndFetched(slices.Concat(certIDResponses(), severalSingles(), serialNumbers(), bothHashes()))
}

// certIDEdited returns a good response with a changed CertID.
func certIDEdited(edit func(*fakeca.CertID)) fakeca.Response {
	return fakeca.Response{Edit: func(m *fakeca.Message) { edit(&m.Responses[0].CertID) }}
}

// labelled returns a good response whose CertID has hashes by one algorithm and
// names another.
func labelled(hash crypto.Hash, algorithm fakeca.AlgorithmIdentifier) func(*world) fakeca.Response {
	r := certIDEdited(func(c *fakeca.CertID) { c.HashAlgorithm = algorithm })
	r.Hash = hash
	return always(r)
}

func certIDResponses() []responseCase {
	oidSHA1, oidSHA256 := fakeca.HashIdentifier(crypto.SHA1).Algorithm, fakeca.HashIdentifier(crypto.SHA256).Algorithm
	cases := []responseCase{
		{
			name:     "certid/wrong-serial",
			doc:      "the response is about another certificate of the same issuer",
			ref:      refConfirmCertificate,
			seen:     []string{"contentauth/c2pa-rs#2273", "hashicorp/vault#26091"},
			response: func(w *world) fakeca.Response { return fakeca.Response{Serial: w.ca.Leaf().Cert.SerialNumber} },
		},
		{
			name: "certid/other-issuer",
			doc:  "the response is about the certificate of another CA that has the same serial number",
			ref:  refConfirmCertificate,
			seen: []string{"golang/go#81396", "contentauth/c2pa-rs#2273"},
			response: func(w *world) fakeca.Response {
				sibling := w.root.Intermediate(fakeca.WithName("another CA (do not trust)"))
				theirs := fakeca.NewCertID(w.leaf.Cert.SerialNumber, sibling.Cert, crypto.SHA1)
				return certIDEdited(func(c *fakeca.CertID) { *c = theirs })
			},
		},
		{
			name:     "certid/wrong-name-hash",
			doc:      "issuerNameHash is not the hash of the issuer's name",
			ref:      refConfirmCertificate,
			seen:     []string{"golang/go#81396", "contentauth/c2pa-rs#2273"},
			response: always(certIDEdited(func(c *fakeca.CertID) { c.IssuerNameHash[0] ^= 1 })),
		},
		{
			name:     "certid/wrong-key-hash",
			doc:      "issuerKeyHash is not the hash of the issuer's key",
			ref:      refConfirmCertificate,
			seen:     []string{"golang/go#81396", "contentauth/c2pa-rs#2273"},
			response: always(certIDEdited(func(c *fakeca.CertID) { c.IssuerKeyHash[0] ^= 1 })),
		},
		{
			name: "certid/key-hash-of-key-info",
			doc:  "issuerKeyHash is the hash of the issuer's whole SubjectPublicKeyInfo, not of the key's bits",
			ref:  refCertIDKeyBits,
			response: func(w *world) fakeca.Response {
				sum := sha256.Sum256(w.ca.Cert.RawSubjectPublicKeyInfo)
				r := certIDEdited(func(c *fakeca.CertID) { c.IssuerKeyHash = sum[:] })
				r.Hash = crypto.SHA256
				return r
			},
		},
		{
			name:     "certid/sha1-for-sha256",
			doc:      "the CertID names SHA-1, and its hashes are SHA-256",
			ref:      refCertIDAlgorithm,
			response: labelled(crypto.SHA256, fakeca.HashIdentifier(crypto.SHA1)),
		},
		{
			name:     "certid/sha256-for-sha1",
			doc:      "the CertID names SHA-256, and its hashes are SHA-1",
			ref:      refCertIDAlgorithm,
			response: labelled(crypto.SHA1, fakeca.HashIdentifier(crypto.SHA256)),
		},
		{
			name: "certid/unknown-hash",
			doc:  "the CertID names a hash algorithm that does not exist",
			ref:  refCertIDAlgorithm,
			response: labelled(crypto.SHA1, fakeca.AlgorithmIdentifier{
				Algorithm:  asn1.ObjectIdentifier{2, 25, 1},
				Parameters: asn1.NullBytes,
			}),
		},
		{
			name: "certid/md5",
			doc:  "the CertID has correct MD5 hashes; some clients know MD5",
			ref:  refCertIDAnyHash,
			also: Disputed,
			response: func(w *world) fakeca.Response {
				var info struct {
					Algorithm pkix.AlgorithmIdentifier
					Key       asn1.BitString
				}
				must(asn1.Unmarshal(w.ca.Cert.RawSubjectPublicKeyInfo, &info))
				key := md5.Sum(info.Key.Bytes)
				name := md5.Sum(w.ca.Cert.RawSubject)
				return certIDEdited(func(c *fakeca.CertID) {
					c.HashAlgorithm = fakeca.AlgorithmIdentifier{
						Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5},
						Parameters: asn1.NullBytes,
					}
					c.IssuerNameHash, c.IssuerKeyHash = name[:], key[:]
				})
			},
		},
		{
			name:     "certid/without-null",
			doc:      "the CertID names SHA-1 without parameters",
			ref:      refNullOrAbsent,
			response: labelled(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1}),
		},
		{
			name:     "certid/sha256-without-null",
			doc:      "the CertID names SHA-256 without parameters; some clients compare only with a CertID by SHA-1",
			ref:      refSHA2NullOrNot,
			also:     Disputed,
			response: labelled(crypto.SHA256, fakeca.AlgorithmIdentifier{Algorithm: oidSHA256}),
		},
		{
			name:     "certid/strange-parameters",
			doc:      "the CertID names SHA-1 with an INTEGER as parameters; some clients ignore them",
			ref:      refNullOrAbsent,
			also:     Disputed,
			response: labelled(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: []byte{2, 1, 0}}),
		},
		{
			name:     "certid/broken-parameters",
			doc:      "the parameters of the CertID's hash algorithm are cut short",
			ref:      refAlgorithmFields,
			response: labelled(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: []byte{4, 0x7f}}),
		},
	}
	for _, h := range []struct {
		name string
		hash crypto.Hash
		ref  Ref
		seen []string
	}{
		{"sha256", crypto.SHA256, refCertIDSHA256, []string{"aws/s2n-tls#4625", "testssl/testssl.sh#2576"}},
		{"sha384", crypto.SHA384, refCertIDAnyHash, nil},
		{"sha512", crypto.SHA512, refCertIDAnyHash, nil},
	} {
		cases = append(cases, responseCase{
			name:     "certid/" + h.name,
			doc:      "the CertID has " + h.hash.String() + " hashes; some clients compare only with a CertID by SHA-1",
			ref:      h.ref,
			also:     Disputed,
			seen:     h.seen,
			response: always(fakeca.Response{Hash: h.hash}),
		})
	}
	return cases
}

// severalSingles have several single responses, which RFC 6960 and RFC 9919
// advise against, but allow.
func severalSingles() []responseCase {
	const (
		twoSingles = "two single responses about the certificate: "
	)
	var (
		goodSingle       fakeca.Response
		revokedSingle    = fakeca.Response{Status: fakeca.Revoked}
		foreverSingle    = fakeca.Response{Forever: true}
		ofAnother        = fakeca.Response{Serial: big.NewInt(4711)}
		ofThird          = fakeca.Response{Serial: big.NewInt(4712)}
		ofAnotherRevoked = fakeca.Response{Serial: big.NewInt(4711), Status: fakeca.Revoked}

		current = dates{}
		expired = dates{thisUpdate: -9 * day, nextUpdate: -2 * day}
		early   = dates{thisUpdate: 2 * day, nextUpdate: 9 * day}
		yearly  = dates{thisUpdate: -day, nextUpdate: 365 * day}
		old     = dates{thisUpdate: -30 * day}
	)
	return []responseCase{
		{
			name:     "certid/another-first",
			doc:      "two single responses: another certificate is revoked, and this one is good",
			ref:      refConfirmCertificate,
			seen:     []string{"CVE-2026-3832", "codice/ddf#5271", "nextgenhealthcare/connect#4285"},
			response: singles(nil, ofAnotherRevoked, goodSingle),
		},
		{
			name:     "certid/another-second",
			doc:      "two single responses: this certificate is good, and another one is revoked",
			ref:      refConfirmCertificate,
			response: singles(nil, goodSingle, ofAnotherRevoked),
		},
		{
			name:     "certid/another-first-revoked",
			doc:      "two single responses: another certificate is good, and this one is revoked",
			ref:      refConfirmCertificate,
			seen:     []string{"CVE-2026-3832", "wolfSSL/wolfssl#10747"},
			response: singles(nil, ofAnother, revokedSingle),
		},
		{
			name:     "certid/none-mine",
			doc:      "two single responses, both about other certificates",
			ref:      refConfirmCertificate,
			response: singles(nil, ofAnother, ofThird),
		},
		{
			name:     "certid/good-and-revoked",
			doc:      twoSingles + "good, then revoked; no RFC says which counts, and revoked is safe",
			ref:      refNoMoreSingles,
			seen:     []string{"openssl/openssl#32376"},
			response: singles(nil, goodSingle, revokedSingle),
		},
		{
			name:     "certid/revoked-and-good",
			doc:      twoSingles + "revoked, then good; no RFC says which counts, and revoked is safe",
			ref:      refNoMoreSingles,
			seen:     []string{"openssl/openssl#32376"},
			response: singles(nil, revokedSingle, goodSingle),
		},
		{
			name:     "certid/good-and-unknown",
			doc:      twoSingles + "good, then unknown; some clients read good, some unknown",
			ref:      refNoMoreSingles,
			seen:     []string{"openssl/openssl#32376"},
			also:     Disputed,
			response: singles(nil, goodSingle, unknownResponse),
		},
		{
			name:     "certid/unknown-and-good",
			doc:      twoSingles + "unknown, then good; some clients read good, some unknown",
			ref:      refNoMoreSingles,
			seen:     []string{"openssl/openssl#32376"},
			also:     Disputed,
			response: singles(nil, unknownResponse, goodSingle),
		},
		{
			name:     "certid/expired-and-current",
			doc:      twoSingles + "an expired one, then a current one; some clients take the first, and some reject",
			ref:      refNoMoreSingles,
			also:     Disputed,
			response: singles([]dates{expired, current}, goodSingle, goodSingle),
		},
		{
			name:     "certid/current-and-expired",
			doc:      twoSingles + "a current one, then an expired one; some clients check the dates of both",
			ref:      refNoMoreSingles,
			also:     Disputed,
			response: singles([]dates{current, expired}, goodSingle, goodSingle),
		},
		{
			name:     "certid/early-and-current",
			doc:      twoSingles + "one from the future, then a current one; some clients take the first, and some reject",
			ref:      refNoMoreSingles,
			also:     Disputed,
			response: singles([]dates{early, current}, goodSingle, goodSingle),
		},
		{
			name:     "certid/expired-good-and-revoked",
			doc:      twoSingles + "an expired one that says good, then a current one that says revoked",
			ref:      refConfirmNextUpdate,
			seen:     []string{"openssl/openssl#32376"},
			response: singles([]dates{expired, current}, goodSingle, revokedSingle),
		},
		{
			name:     "certid/all-bad-dates",
			doc:      "three single responses about the certificate: expired, from the future, and a month old without nextUpdate",
			ref:      refValidity,
			response: singles([]dates{expired, early, old}, goodSingle, goodSingle, foreverSingle),
		},
		{
			name: "certid/unknown-revoked-too-long-and-good",
			doc: "three single responses about the certificate: unknown, revoked but valid for a year, and good; " +
				"it depends on whether the client objects to the year",
			ref:      refNoMoreSingles,
			also:     Disputed,
			response: singles([]dates{current, yearly, current}, unknownResponse, revokedSingle, goodSingle),
		},
	}
}

// singles returns a response with these single responses, signed an hour ago.
// Zero or missing dates stand for the default.
func singles(when []dates, what ...fakeca.Response) func(*world) fakeca.Response {
	return func(w *world) fakeca.Response {
		now := w.clock.now()
		all := append([]fakeca.Response{}, what...)
		for i, d := range when {
			if d == (dates{}) {
				continue
			}
			all[i].ThisUpdate = now.Add(d.thisUpdate)
			if !all[i].Forever {
				all[i].NextUpdate = now.Add(d.nextUpdate)
			}
		}
		produced := now.Add(-time.Hour)
		for i := range all {
			if all[i].ThisUpdate.IsZero() {
				all[i].ThisUpdate = produced
			}
		}
		r := all[0]
		r.ProducedAt, r.Also = produced, all[1:]
		return r
	}
}

// serialNumbers are about serial numbers that clients cut, extend or misread.
func serialNumbers() []responseCase {
	about := func(serial func(leaf []byte) []byte) func(*world) fakeca.Response {
		return func(w *world) fakeca.Response {
			return fakeca.Response{Serial: new(big.Int).SetBytes(serial(w.leaf.Cert.SerialNumber.Bytes()))}
		}
	}
	cases := []responseCase{
		{
			name:     "certid/serial-prefix",
			doc:      "the serial number in the response is that of the certificate without its last byte",
			ref:      refConfirmCertificate,
			seen:     []string{"wolfSSL/wolfssl#10554", "wolfSSL CVE-2026-10098"},
			response: about(func(leaf []byte) []byte { return leaf[:len(leaf)-1] }),
		},
		{
			name:     "certid/serial-suffix",
			doc:      "the serial number in the response is that of the certificate without its first byte",
			ref:      refConfirmCertificate,
			response: about(func(leaf []byte) []byte { return leaf[1:] }),
		},
		{
			name:     "certid/serial-longer",
			doc:      "the serial number in the response is that of the certificate and one more byte",
			ref:      refConfirmCertificate,
			seen:     []string{"wolfSSL/wolfssl#10554", "wolfSSL CVE-2026-10098"},
			response: about(func(leaf []byte) []byte { return append(slices.Clone(leaf), 7) }),
		},
	}
	for _, n := range []struct {
		name, doc string
		seen      []string
		serial    []byte
	}{
		{"high-bit", "has its highest bit set, so that DER puts a zero before it", []string{"rustls/webpki#132"}, []byte{0xf1, 0xe2, 0xd3, 0xc4}},
		{"20-bytes", "has 20 bytes, the most that is allowed", nil, slices.Concat([]byte{0x7f}, make([]byte, 18), []byte{1})},
		{"one-byte", "has one byte", nil, []byte{0x42}},
	} {
		template := func(w *world) { w.tmpl.SerialNumber = new(big.Int).SetBytes(n.serial) }
		cases = append(cases, responseCase{
			name:     "certid/serial-" + n.name,
			doc:      "the certificate's serial number " + n.doc,
			ref:      refSerialNumber,
			seen:     n.seen,
			template: template,
			response: always(fakeca.Response{}),
		}, responseCase{
			name:     "certid/serial-" + n.name + "-revoked",
			doc:      "the certificate's serial number " + n.doc + ", and the certificate is revoked",
			ref:      refSerialNumber,
			seen:     n.seen,
			template: template,
			response: always(revokedResponse),
		})
	}
	for i := range cases {
		cases[i].since = set2026_2
	}
	return cases
}

// bothHashes have two single responses about the certificate, with CertIDs by
// SHA-1 and by SHA-256, as RFC 9919 has it for the time in which clients change.
func bothHashes() []responseCase {
	const two = "two single responses about the certificate, with CertIDs by SHA-1 and by SHA-256: "
	bySHA256 := func(r fakeca.Response) fakeca.Response {
		r.Hash = crypto.SHA256
		return r
	}
	var (
		good    fakeca.Response
		revoked = fakeca.Response{Status: fakeca.Revoked}
	)
	cases := []responseCase{
		{
			name:     "certid/sha1-and-sha256",
			doc:      two + "both say good",
			ref:      refBothHashes,
			response: singles(nil, good, bySHA256(good)),
		},
		{
			name:     "certid/sha256-and-sha1",
			doc:      two + "both say good, and that by SHA-256 comes first",
			ref:      refBothHashes,
			response: singles(nil, bySHA256(good), good),
		},
		{
			name:     "certid/sha1-and-sha256-revoked",
			doc:      two + "both say revoked",
			ref:      refBothHashes,
			response: singles(nil, revoked, bySHA256(revoked)),
		},
		{
			name:     "certid/sha1-good-sha256-revoked",
			doc:      two + "good by SHA-1 and revoked by SHA-256; no RFC says which counts, and some clients look for one hash",
			also:     Good,
			ref:      refBothHashes,
			response: singles(nil, good, bySHA256(revoked)),
		},
		{
			name:     "certid/sha1-revoked-sha256-good",
			doc:      two + "revoked by SHA-1 and good by SHA-256; no RFC says which counts, and revoked is safe",
			ref:      refBothHashes,
			response: singles(nil, revoked, bySHA256(good)),
		},
	}
	for i := range cases {
		cases[i].since = set2026_2
	}
	return cases
}
