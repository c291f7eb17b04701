package conformance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/md5"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// certIDCases are about which certificate an answer is about, and which of
// several single responses counts.
//
// Left out: requests with several CertIDs, which no TLS client sends; servers
// that refuse to staple several single responses. That a client who asked with
// one hash is answered with another is in certid/sha256-fetched and its kin.
func certIDCases() []*scenario { return both(append(certIDAnswers(), singlesAnswers()...)) }

func certIDAnswers() []answerCase {
	const (
		ref     = "RFC 6960 3.2"
		hashRef = "RFC 6960 4.1.1"
		name    = "certid-name-hash"
		key     = "certid-key-hash"
		hash    = "certid-hash-algorithm"
	)
	seen := []string{"golang/go#81396"}
	id := func(edit func(*fakeca.CertID)) func(*world) fakeca.Response {
		return edited(func(m *fakeca.Message) { edit(&m.Responses[0].CertID) })
	}
	algorithm := func(said crypto.Hash, as fakeca.AlgorithmIdentifier) func(*world) fakeca.Response {
		return says(fakeca.Response{Hash: said, Edit: func(m *fakeca.Message) { m.Responses[0].CertID.HashAlgorithm = as }})
	}
	oidSHA1, oidSHA256 := fakeca.HashIdentifier(crypto.SHA1).Algorithm, fakeca.HashIdentifier(crypto.SHA256).Algorithm
	answers := []answerCase{
		{
			name: "certid/wrong-serial", doc: "the answer is about another certificate of the issuer", ref: ref, news: useless, rule: "certid-serial",
			said: func(w *world) fakeca.Response { return fakeca.Response{Serial: w.ca.Leaf().Cert.SerialNumber} },
		},
		{
			name: "certid/other-issuer", doc: "the answer is about the certificate with the same serial number of another CA", ref: ref, news: useless, rule: key + ", " + name, seen: seen,
			said: func(w *world) fakeca.Response {
				sibling := w.root.Intermediate(fakeca.WithName("another CA (do not trust)"))
				theirs := fakeca.NewCertID(w.leaf.Cert.SerialNumber, sibling.Cert, crypto.SHA1)
				return id(func(c *fakeca.CertID) { *c = theirs })(w)
			},
		},
		{
			name: "certid/wrong-name-hash", doc: "issuerNameHash is not that of the issuer's name", ref: ref, news: useless, rule: name, seen: seen,
			said: id(func(c *fakeca.CertID) { c.IssuerNameHash[0] ^= 1 }),
		},
		{
			name: "certid/wrong-key-hash", doc: "issuerKeyHash is not that of the issuer's key", ref: ref, news: useless, rule: key, seen: seen,
			said: id(func(c *fakeca.CertID) { c.IssuerKeyHash[0] ^= 1 }),
		},
		{
			name: "certid/key-hash-of-key-info", doc: "issuerKeyHash is over the issuer's whole SubjectPublicKeyInfo, not over the key's bits", ref: hashRef, news: useless, rule: key,
			said: func(w *world) fakeca.Response {
				sum := sha256.Sum256(w.ca.Cert.RawSubjectPublicKeyInfo)
				return fakeca.Response{Hash: crypto.SHA256, Edit: func(m *fakeca.Message) { m.Responses[0].CertID.IssuerKeyHash = sum[:] }}
			},
		},
		{
			name: "certid/sha1-for-sha256", doc: "the CertID says that it is by SHA-1, and is by SHA-256", ref: hashRef, news: useless, rule: hash,
			said: algorithm(crypto.SHA256, fakeca.HashIdentifier(crypto.SHA1)),
		},
		{
			name: "certid/sha256-for-sha1", doc: "the CertID says that it is by SHA-256, and is by SHA-1", ref: hashRef, news: useless, rule: hash,
			said: algorithm(crypto.SHA1, fakeca.HashIdentifier(crypto.SHA256)),
		},
		{
			name: "certid/unknown-hash", doc: "the CertID is by a hash that does not exist", ref: hashRef, news: useless, rule: hash,
			said: algorithm(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 25, 1}, Parameters: asn1.NullBytes}),
		},
		{
			name: "certid/md5", doc: "the CertID is by MD5, and right; some clients know it", ref: hashRef, news: dubious, rule: hash,
			said: func(w *world) fakeca.Response {
				bits, err := w.ca.Cert.PublicKey.(*ecdsa.PublicKey).Bytes()
				if err != nil {
					panic(err)
				}
				name, key := md5.Sum(w.ca.Cert.RawSubject), md5.Sum(bits)
				return id(func(c *fakeca.CertID) {
					c.HashAlgorithm = fakeca.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}, Parameters: asn1.NullBytes}
					c.IssuerNameHash, c.IssuerKeyHash = name[:], key[:]
				})(w)
			},
		},
		{
			name: "certid/without-null", doc: "the CertID is by SHA-1 without parameters", ref: "RFC 3279 2.1", seen: []string{"golang/go#69078"},
			said: algorithm(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1}),
		},
		{
			name: "certid/sha256-without-null", doc: "the CertID is by SHA-256 without parameters", ref: "RFC 5754 2", seen: []string{"golang/go#69078"},
			said: algorithm(crypto.SHA256, fakeca.AlgorithmIdentifier{Algorithm: oidSHA256}),
		},
		{
			name: "certid/strange-parameters", doc: "the CertID is by SHA-1 with an INTEGER as its parameters; some clients do not look", ref: "RFC 3279 2.1", news: dubious, rule: hash,
			said: algorithm(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: []byte{2, 1, 0}}),
		},
		{
			name: "certid/broken-parameters", doc: "the parameters of the CertID's hash are longer than what is there", ref: "RFC 6960 4.1.1", news: useless, rule: "malformed",
			said: algorithm(crypto.SHA1, fakeca.AlgorithmIdentifier{Algorithm: oidSHA1, Parameters: []byte{4, 0x7f}}),
		},
	}
	for _, h := range []struct {
		name string
		hash crypto.Hash
	}{{"sha256", crypto.SHA256}, {"sha384", crypto.SHA384}, {"sha512", crypto.SHA512}} {
		answers = append(answers, answerCase{
			name: "certid/" + h.name, doc: "the CertID is by " + h.hash.String(), ref: hashRef,
			said: says(fakeca.Response{Hash: h.hash}),
		})
	}
	return answers
}

// singlesAnswers have several single responses, which RFC 5019 keeps out of
// answers and RFC 6960 does not.
func singlesAnswers() []answerCase {
	const (
		ref     = "RFC 6960 3.2"
		clash   = "contradiction"
		clashOn = "RFC 6960 2.2"
	)
	other := func(r fakeca.Response, n int64) fakeca.Response { r.Serial = big.NewInt(n); return r }
	var (
		fine          fakeca.Response
		bad           = fakeca.Response{Status: fakeca.Revoked}
		none          = fakeca.Response{Status: fakeca.Unknown}
		blind         = []string{"openssl/openssl#32376", "CVE-2026-3832"}
		expired       = dates{this: -9 * day, next: -2 * day}
		early         = dates{this: 2 * day, next: 9 * day}
		lasting       = dates{this: -day, next: 365 * day}
		old           = dates{this: -30 * day}
		forever       = fakeca.Response{Forever: true}
		two           = func(first, second fakeca.Response) func(*world) fakeca.Response { return singles(nil, first, second) }
		firstExpired  = []dates{expired, {}}
		secondExpired = []dates{{}, expired}
	)
	return []answerCase{
		{
			name: "certid/another-first", doc: "two single responses: another certificate is revoked, and then this one is good", ref: ref, seen: blind,
			said: two(other(bad, 4711), fine),
		},
		{
			name: "certid/another-second", doc: "two single responses: this certificate is good, and then another one is revoked", ref: ref, seen: blind,
			said: two(fine, other(bad, 4711)),
		},
		{
			name: "certid/another-first-revoked", doc: "two single responses: another certificate is good, and then this one is revoked", ref: ref, news: revoked, seen: blind,
			said: two(other(fine, 4711), bad),
		},
		{
			name: "certid/none-mine", doc: "two single responses, both about other certificates", ref: ref, news: useless, rule: "certid-serial",
			said: two(other(fine, 4711), other(fine, 4712)),
		},
		{
			name: "certid/good-and-revoked", doc: "two single responses about the certificate: good, and then revoked", ref: clashOn, news: revoked, rule: clash, seen: blind,
			said: two(fine, bad),
		},
		{
			name: "certid/revoked-and-good", doc: "two single responses about the certificate: revoked, and then good", ref: clashOn, news: revoked, rule: clash, seen: blind,
			said: two(bad, fine),
		},
		{
			name: "certid/good-and-unknown", doc: "two single responses about the certificate: good, and then unknown; to some clients that is unknown, to others good", ref: clashOn, news: dubious, rule: clash, seen: blind,
			said: two(fine, none),
		},
		{
			name: "certid/unknown-and-good", doc: "two single responses about the certificate: unknown, and then good; to some clients that is unknown, to others good", ref: clashOn, news: dubious, rule: clash, seen: blind,
			said: two(none, fine),
		},
		{
			name: "certid/expired-and-current", doc: "two single responses about the certificate: one that has expired, and then a current one", ref: ref, seen: blind,
			said: singles(firstExpired, fine, fine),
		},
		{
			name: "certid/current-and-expired", doc: "two single responses about the certificate: a current one, and then one that has expired", ref: ref,
			said: singles(secondExpired, fine, fine),
		},
		{
			name: "certid/early-and-current", doc: "two single responses about the certificate: one from the future, and then a current one", ref: ref, seen: blind,
			said: singles([]dates{early, {}}, fine, fine),
		},
		{
			name: "certid/expired-good-and-revoked", doc: "two single responses about the certificate: good, which has expired, and then revoked", ref: ref, news: revoked, seen: blind,
			said: singles(firstExpired, fine, bad),
		},
		{
			name: "certid/all-bad-dates", doc: "three single responses about the certificate: expired, from the future, and a month old without nextUpdate", ref: "RFC 6960 4.2.2.1", news: useless, rule: "age, early, expired",
			said: singles([]dates{expired, early, old}, fine, fine, forever),
		},
		{
			name: "certid/unknown-revoked-too-long-and-good", doc: "three single responses about the certificate: unknown, revoked but valid for a year, and good; it depends on who looks at the year", ref: clashOn, news: dubious, rule: clash,
			said: singles([]dates{{}, lasting, {}}, none, bad, fine),
		},
	}
}

// singles is an answer, signed an hour ago, with these single responses. The
// zero dates are the default, as is what is missing.
func singles(when []dates, what ...fakeca.Response) func(*world) fakeca.Response {
	return func(w *world) fakeca.Response {
		now := w.clock.now()
		all := append([]fakeca.Response{}, what...)
		for i, d := range when {
			if d == (dates{}) {
				continue
			}
			all[i].ThisUpdate = now.Add(d.this)
			if !all[i].Forever {
				all[i].NextUpdate = now.Add(d.next)
			}
		}
		r := all[0]
		r.ProducedAt, r.Also = now.Add(-time.Hour), all[1:]
		return r
	}
}
