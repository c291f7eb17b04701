package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// asVersion1 makes a list one of version v1, which has no extensions.
func asVersion1(m *fakeca.CRLMessage) { m.Version, m.CRLExtensions = 0, nil }

// withoutExtension leaves out the extension with this number below id-ce.
func withoutExtension(number int) fakeca.CRL {
	return editingCRL(func(m *fakeca.CRLMessage) {
		m.CRLExtensions = slices.DeleteFunc(m.CRLExtensions, func(e pkix.Extension) bool { return e.Id[len(e.Id)-1] == number })
	})
}

// flipping changes whether the extension with this number below id-ce is critical.
func flipping(number int) func(*fakeca.CRLMessage) {
	return func(m *fakeca.CRLMessage) {
		for i, e := range m.CRLExtensions {
			if e.Id[len(e.Id)-1] == number {
				m.CRLExtensions[i].Critical = !e.Critical
			}
		}
	}
}

// adding adds an extension to a list.
func adding(e pkix.Extension) fakeca.CRL {
	return editingCRL(func(m *fakeca.CRLMessage) { m.CRLExtensions = append(m.CRLExtensions, e) })
}

func idCE(number int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, number} }

// The arc is for examples (X.660).
func unknownExtension(critical bool) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 999, 1}, Critical: critical, Value: asn1.NullBytes}
}

// Versions, numbers, key identifiers and critical extensions: RFC 5280 sections 5.1
// and 5.2.
func TestCRLForm(t *testing.T) {
	t.Parallel()
	huge := new(big.Int).Lsh(big.NewInt(1), 159)
	numbered := func(n *big.Int) func(*world) [][]byte { return listing(fakeca.CRL{Number: n}) }
	runCRLCases(t, []crlCase{
		{name: "v1", lists: listing(editingCRL(asVersion1))},
		{name: "v1 that revokes", lists: listing(fakeca.CRL{Also: ours(0), Edit: asVersion1}), status: fakeca.Revoked},
		{
			name: "v1 refused", lists: listing(editingCRL(asVersion1)), options: verify.Options{RefuseVersion1: true},
			want: []string{"crl-version: v1"},
		},
		{
			name: "v1 with extensions", lists: listing(editingCRL(func(m *fakeca.CRLMessage) { m.Version = 0 })),
			want: []string{"crl-version: v1 with extensions"},
		},
		{
			name:  "v1 with extensions of an entry",
			lists: listing(fakeca.CRL{Also: ours(fakeca.Superseded), Edit: asVersion1}),
			want:  []string{"crl-version: v1 with extensions"}, status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name: "v3", lists: listing(editingCRL(func(m *fakeca.CRLMessage) { m.RawVersion = []byte{2, 1, 2} })),
			status: fakeca.Unknown, want: []string{"crl-version: version: 2 is not 1, which is v2"},
		},
		{name: "no number", lists: listing(withoutExtension(20)), want: []string{"crl-number: it is missing"}},
		{name: "number 0", lists: numbered(new(big.Int))},
		{name: "negative number", lists: numbered(big.NewInt(-1)), want: []string{"crl-number: -1 is negative"}},
		{name: "number of 20 bytes", lists: numbered(new(big.Int).Sub(huge, big.NewInt(1)))},
		{name: "number of 21 bytes", lists: numbered(huge), want: []string{"crl-number: it has 21 bytes, more than 20"}},
		{
			name: "critical number", lists: listing(editingCRL(flipping(20))),
			want: []string{"crl-critical-extension: cRLNumber must not be critical"},
		},
		{
			name: "broken number", lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.CRLExtensions[1].Value = []byte{2, 0}
			})),
			want: []string{"crl-number: cRLNumber: not an INTEGER of the shortest form"},
		},
		{name: "no key identifier", lists: listing(withoutExtension(35)), want: []string{"crl-key-id: it is missing"}},
		{
			name: "other key identifier", lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.CRLExtensions[0].Value = []byte{0x30, 3, 0x80, 1, 7}
			})),
			want: []string{`crl-key-id: it is not that of the key of "CN=CA"`},
		},
		{
			name: "two key identifiers", lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.CRLExtensions = append(m.CRLExtensions, m.CRLExtensions[0])
			})),
			want: []string{"crl-key-id: authorityKeyIdentifier: there are two"},
		},
		{name: "unknown extension", lists: listing(adding(unknownExtension(false)))},
		{
			name: "unknown critical extension", lists: listing(adding(unknownExtension(true))),
			want: []string{"crl-critical-extension: the extension 2.999.1 is critical and unknown"},
		},
		{
			name: "freshest CRL", lists: listing(fakeca.CRL{Freshest: []string{"http://delta.test/"}}),
		},
		{
			name: "critical freshest CRL", lists: listing(fakeca.CRL{Freshest: []string{"http://delta.test/"}, Edit: flipping(46)}),
			want: []string{"crl-critical-extension: freshestCRL must not be critical"},
		},
		{
			name: "issuing distribution point that is not critical", lists: listing(fakeca.CRL{OnlyUserCerts: true, Edit: flipping(28)}),
			want: []string{"crl-critical-extension: issuingDistributionPoint must be critical"},
		},
		{
			name:  "empty issuing distribution point",
			lists: listing(adding(pkix.Extension{Id: idCE(28), Critical: true, Value: []byte{0x30, 0}})),
			want:  []string{"crl-idp: it is empty"},
		},
		{
			name: "broken issuing distribution point", status: fakeca.Unknown,
			lists: listing(adding(pkix.Extension{Id: idCE(28), Critical: true, Value: []byte{5, 0}})),
			want:  []string{"crl-idp: issuingDistributionPoint: found tag 0x05, expected 0x30"},
		},
		{
			name: "two kinds", status: fakeca.Unknown, lists: listing(fakeca.CRL{OnlyUserCerts: true, OnlyCACerts: true}),
			want: []string{
				"crl-idp: it covers only certificates of one kind, and only those of another",
				"crl-scope: it covers only CAs, and the certificate is not that of a CA",
			},
		},
		{
			name: "algorithms that differ", lists: listing(editingCRL(func(m *fakeca.CRLMessage) { m.Signature.Parameters = asn1.NullBytes })),
			want: []string{"crl-algorithms: 1.2.840.10045.4.3.2 with parameters 0500 inside, and 1.2.840.10045.4.3.2 with parameters  outside"},
		},
		{name: "SHA-1", lists: listing(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1})},
		{
			name: "SHA-1 refused", lists: listing(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}),
			options: verify.Options{RefuseSHA1: true}, want: []string{"crl-signature-algorithm: SHA-1"},
		},
		{
			name: "SHA-1 and the Baseline Requirements", lists: listing(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}),
			options: verify.Options{BaselineRequirements: true}, want: []string{"crl-signature-algorithm: SHA-1"},
		},
		{
			name: "unknown algorithm", lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.Signature.Algorithm, m.SignatureAlgorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 3}, asn1.ObjectIdentifier{1, 2, 3}
			})),
			want: []string{"crl-signature-algorithm: 1.2.3 is not supported"},
		},
		{
			name: "changed signature", lists: listing(fakeca.CRL{Mutate: func(der []byte) []byte {
				der[len(der)-1] ^= 1
				return der
			}}),
			want: []string{`crl-signature: it is not by the key of "CN=CA"`},
		},
	})
}

// Step (a) of RFC 5280 section 6.3.3.
func TestCRLTimes(t *testing.T) {
	t.Parallel()
	from := func(this, next time.Duration) func(*world) [][]byte {
		return listing(fakeca.CRL{ThisUpdate: judgedAt.Add(this), NextUpdate: judgedAt.Add(next)})
	}
	const expired = "crl-expired: nextUpdate 2026-03-01T11:54:00Z is in the past"
	runCRLCases(t, []crlCase{
		{name: "four minutes early", lists: from(4*time.Minute, time.Hour)},
		{
			name: "six minutes early", lists: from(6*time.Minute, time.Hour),
			want: []string{"crl-early: thisUpdate 2026-03-01T12:06:00Z is in the future"},
		},
		{
			name: "four minutes early, no skew", lists: from(4*time.Minute, time.Hour), options: verify.Options{Skew: -1},
			want: []string{"crl-early: thisUpdate 2026-03-01T12:04:00Z is in the future"},
		},
		{name: "expired four minutes ago", lists: from(-time.Hour, -4*time.Minute)},
		{name: "expired six minutes ago", lists: from(-time.Hour, -6*time.Minute), want: []string{expired}},
		{
			name: "expired and revoked", lists: revoking(fakeca.KeyCompromise, from(-time.Hour, -6*time.Minute)),
			status: fakeca.Revoked, reason: fakeca.KeyCompromise, want: []string{expired},
		},
		{name: "expired and accepted", lists: from(-time.Hour, -6*time.Minute), options: verify.Options{AcceptExpired: true}},
		{name: "no nextUpdate", lists: listing(fakeca.CRL{Forever: true}), want: []string{"crl-next-update: there is none"}},
		{name: "no nextUpdate, accepted", lists: listing(fakeca.CRL{Forever: true}), options: verify.Options{AcceptExpired: true}},
		{
			name: "nextUpdate before thisUpdate", lists: from(-time.Hour, -2*time.Hour), options: verify.Options{AcceptExpired: true},
			want: []string{"crl-update-order: nextUpdate 2026-03-01T10:00:00Z is before thisUpdate 2026-03-01T11:00:00Z"},
		},
		{name: "a year old", lists: from(-365*24*time.Hour, time.Hour)},
		{
			name: "older than MaxAge", lists: from(-2*time.Hour, time.Hour), options: verify.Options{MaxAge: time.Hour},
			want: []string{"crl-age: thisUpdate 2026-03-01T10:00:00Z is 2h0m0s old, more than 1h0m0s"},
		},
		{name: "younger than MaxAge", lists: from(-time.Hour-4*time.Minute, time.Hour), options: verify.Options{MaxAge: time.Hour}},
		{
			name: "expired, and a current list",
			lists: listing(
				fakeca.CRL{ThisUpdate: judgedAt.Add(-2 * time.Hour), NextUpdate: judgedAt.Add(-time.Hour)},
				fakeca.CRL{Also: ours(fakeca.Superseded)},
			),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
	})
}
