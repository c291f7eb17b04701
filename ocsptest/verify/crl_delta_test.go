package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// Steps (c), (h) and (i) of RFC 5280 section 6.3.3, and section 5.2.4.
func TestCRLDelta(t *testing.T) {
	t.Parallel()
	// An empty base with number 10, and a delta to it.
	base := func(c fakeca.CRL) fakeca.CRL {
		if c.Number == nil {
			c.Number = big.NewInt(10)
		}
		return c
	}
	delta := func(c fakeca.CRL) fakeca.CRL {
		if c.Number == nil {
			c.Number = big.NewInt(12)
		}
		if c.Base == nil {
			c.Base = big.NewInt(10)
		}
		return c
	}
	old := fakeca.CRL{ThisUpdate: judgedAt.AddDate(0, 0, -3), NextUpdate: judgedAt.AddDate(0, 0, -1)}
	const (
		deltaWrong = "crl-delta: CRL 1, a delta, number 12: it is a delta to number 10, and the complete CRL, number 10, "
		oldWrong   = "crl-expired: CRL 0, number 10: nextUpdate 2026-02-28T12:00:00Z is in the past"
	)
	some := []fakeca.Reason{fakeca.KeyCompromise}
	runCRLCases(t, []crlCase{
		{name: "good", lists: listing(base(fakeca.CRL{}), delta(fakeca.CRL{}))},
		{name: "delta first", lists: listing(delta(fakeca.CRL{}), base(fakeca.CRL{}))},
		{
			name:   "revoked in both",
			lists:  listing(base(fakeca.CRL{Also: ours(fakeca.CertificateHold)}), delta(fakeca.CRL{Also: ours(fakeca.KeyCompromise)})),
			status: fakeca.Revoked, reason: fakeca.KeyCompromise,
		},
		{
			name: "revoked in the base", lists: listing(base(fakeca.CRL{Also: ours(fakeca.Superseded)}), delta(fakeca.CRL{})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name: "revoked in the delta", lists: listing(base(fakeca.CRL{}), delta(fakeca.CRL{Also: ours(fakeca.Superseded)})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name:  "lifted in the delta",
			lists: listing(base(fakeca.CRL{Also: ours(fakeca.CertificateHold)}), delta(fakeca.CRL{Also: ours(fakeca.RemoveFromCRL)})),
		},
		{name: "lifted, and never revoked", lists: listing(base(fakeca.CRL{}), delta(fakeca.CRL{Also: ours(fakeca.RemoveFromCRL)}))},
		{
			name: "by the record",
			lists: func(w *world) [][]byte {
				w.leaf.Revoke(fakeca.CertificateHold)
				complete := w.ca.CRL(fakeca.CRL{})
				w.leaf.Set(fakeca.Response{})
				return [][]byte{complete, w.ca.CRL(fakeca.CRL{Base: must(fakeca.ParseCRL(complete)).Number})}
			},
		},
		{
			name: "base expired", lists: listing(base(old), delta(fakeca.CRL{Also: ours(fakeca.Superseded)})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{name: "base too old", lists: listing(base(old), delta(fakeca.CRL{})), options: verify.Options{MaxAge: 2 * time.Hour}},
		{
			name:  "delta expired", // what the base says is current
			lists: listing(base(fakeca.CRL{}), delta(fakeca.CRL{ThisUpdate: old.ThisUpdate, NextUpdate: old.NextUpdate, Also: ours(0)})),
		},
		{
			name:   "both expired",
			lists:  listing(base(old), delta(fakeca.CRL{ThisUpdate: old.ThisUpdate, NextUpdate: old.NextUpdate, Also: ours(0)})),
			status: fakeca.Revoked,
			want:   []string{oldWrong, "crl-expired: CRL 1, a delta, number 12: nextUpdate 2026-02-28T12:00:00Z is in the past"},
		},
		{
			name:  "base expired, delta with a wrong signature",
			lists: listing(base(old), delta(fakeca.CRL{Mutate: flipLast})),
			want:  []string{oldWrong, `crl-signature: CRL 1, a delta, number 12: it is not by the key of "CN=CA"`},
		},
		{
			name: "delta alone", lists: listing(fakeca.CRL{Number: big.NewInt(12), Base: big.NewInt(10)}), status: fakeca.Unknown,
			want: []string{"crl-delta: it is a delta to number 10, and there is no complete CRL"},
		},
		{
			name:   "delta alone that revokes",
			lists:  listing(fakeca.CRL{Number: big.NewInt(12), Base: big.NewInt(10), Also: ours(0)}),
			status: fakeca.Unknown,
			want:   []string{"crl-delta: it is a delta to number 10, and there is no complete CRL"},
		},
		{
			name:  "delta that is not critical",
			lists: listing(fakeca.CRL{Number: big.NewInt(12), Base: big.NewInt(10), Edit: flipping(27)}), status: fakeca.Unknown,
			want: []string{
				"crl-critical-extension: deltaCRLIndicator must be critical",
				"crl-delta: it is a delta to number 10, and there is no complete CRL",
			},
		},
		{
			name: "base that is newer than required", lists: listing(base(fakeca.CRL{Number: big.NewInt(11)}), delta(fakeca.CRL{Also: ours(0)})),
			status: fakeca.Revoked,
		},
		{
			name:  "base that is too old",
			lists: listing(base(fakeca.CRL{Number: big.NewInt(9), ThisUpdate: old.ThisUpdate, NextUpdate: old.NextUpdate}), delta(fakeca.CRL{})),
			want: []string{
				"crl-expired: CRL 0, number 9: nextUpdate 2026-02-28T12:00:00Z is in the past",
				"crl-delta: CRL 1, a delta, number 12: it is a delta to number 10, and the complete CRL, number 9, is older than that",
			},
		},
		{name: "base that is current and too old", lists: listing(base(fakeca.CRL{Number: big.NewInt(9)}), delta(fakeca.CRL{Also: ours(0)}))},
		{
			name:  "base that is as new as the delta", // made together, they say the same
			lists: listing(base(fakeca.CRL{Number: big.NewInt(12)}), delta(fakeca.CRL{Also: ours(0)})),
		},
		{
			name:  "other scope",
			lists: listing(base(old), delta(fakeca.CRL{OnlySomeReasons: some})),
			want:  []string{oldWrong, deltaWrong + "has another issuing distribution point"},
		},
		{
			name: "same scope",
			lists: listing(
				base(fakeca.CRL{ThisUpdate: old.ThisUpdate, NextUpdate: old.NextUpdate, OnlyUserCerts: true}),
				delta(fakeca.CRL{OnlyUserCerts: true, Also: ours(0)}),
			),
			status: fakeca.Revoked,
		},
		{
			name:  "other key identifier",
			lists: listing(base(old), delta(editingCRL(func(m *fakeca.CRLMessage) { m.CRLExtensions[0].Value = []byte{0x30, 3, 0x80, 1, 7} }))),
			want: []string{
				oldWrong, `crl-key-id: CRL 1, a delta, number 12: it is not that of the key of "CN=CA"`,
				deltaWrong + "has another authority key identifier",
			},
		},
		{
			name: "other key",
			issuers: func(w *world) []*x509.Certificate {
				w.sibling = crlSigner(w.ca, x509.Certificate{Subject: pkix.Name{CommonName: "CA"}})
				return []*x509.Certificate{w.sibling.Cert}
			},
			lists: func(w *world) [][]byte {
				id := pkix.Extension{Id: idCE(35), Value: append([]byte{0x30, 22, 0x80, 20}, w.ca.Cert.SubjectKeyId...)}
				c := delta(editingCRL(func(m *fakeca.CRLMessage) { m.CRLExtensions[0] = id }))
				c.Signer = w.sibling
				return [][]byte{w.ca.CRL(base(old)), w.ca.CRL(c)}
			},
			want: []string{
				oldWrong, `crl-key-id: CRL 1, a delta, number 12: it is not that of the key of "CN=CA"`,
				deltaWrong + "is signed with another key",
			},
		},
		{
			name: "base without a number",
			lists: listing(
				base(fakeca.CRL{ThisUpdate: old.ThisUpdate, NextUpdate: old.NextUpdate, Edit: withoutExtension(20).Edit}),
				delta(fakeca.CRL{}),
			),
			want: []string{
				"crl-number: CRL 0: it is missing", "crl-expired: CRL 0: nextUpdate 2026-02-28T12:00:00Z is in the past",
				"crl-delta: CRL 1, a delta, number 12: it is a delta to number 10, and the complete CRL has no number",
			},
		},
		{
			name: "delta without a number", lists: listing(base(old), delta(withoutExtension(20))),
			want: []string{
				oldWrong, "crl-number: CRL 1, a delta: it is missing",
				"crl-delta: CRL 1, a delta: it is a delta to number 10, and has no number",
			},
		},
		{
			name: "other issuer",
			lists: func(w *world) [][]byte {
				return [][]byte{w.ca.CRL(base(old)), w.root.CRL(delta(fakeca.CRL{}))}
			},
			want: []string{oldWrong, `crl-delta: CRL 1, a delta of "CN=root", number 12: ` +
				"it is a delta to number 10, and the complete CRL, number 10, is from another issuer"},
		},
		{
			name: "the latest of two deltas",
			lists: listing(
				base(fakeca.CRL{}),
				delta(fakeca.CRL{ThisUpdate: judgedAt.Add(-3 * time.Hour), Also: ours(fakeca.CertificateHold)}),
				delta(fakeca.CRL{ThisUpdate: judgedAt.Add(-2 * time.Hour), Number: big.NewInt(13), Also: ours(fakeca.RemoveFromCRL)}),
			),
		},
		{
			name:   "revoked and lifted in one delta", // which contradicts itself
			lists:  listing(base(old), delta(fakeca.CRL{Also: append(ours(fakeca.RemoveFromCRL), ours(fakeca.Superseded)...)})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
			want: []string{oldWrong, "crl-entry: CRL 1, a delta, number 12: entries 0 and 1 are both about serial 2a"},
		},
	})
}

func flipLast(der []byte) []byte {
	der[len(der)-1] ^= 1
	return der
}
