package verify_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// byHand judges a complete list as Go programs do it with crypto/x509.
func byHand(der []byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Status, error) {
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return fakeca.Unknown, err
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return fakeca.Unknown, err
	}
	if !bytes.Equal(list.RawIssuer, cert.RawIssuer) || at.Before(list.ThisUpdate) || at.After(list.NextUpdate) {
		return fakeca.Unknown, fmt.Errorf("from %v, %v to %v", list.Issuer, list.ThisUpdate, list.NextUpdate)
	}
	for _, e := range list.Extensions {
		if e.Critical {
			return fakeca.Unknown, fmt.Errorf("critical extension %v", e.Id)
		}
	}
	if slices.ContainsFunc(list.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool {
		return e.SerialNumber.Cmp(cert.SerialNumber) == 0
	}) {
		return fakeca.Revoked, nil
	}
	return fakeca.Good, nil
}

// CRLs and crypto/x509 agree about simple lists, except where one is stricter.
func TestCRLsAgreeWithX509(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, tt := range []struct {
		name     string
		crl      fakeca.CRL
		stricter bool // CRLs is
		laxer    bool // crypto/x509 is stricter
	}{
		{name: "empty"},
		{name: "revoked", crl: fakeca.CRL{Also: ours(fakeca.KeyCompromise)}},
		{name: "removed", crl: fakeca.CRL{Also: ours(fakeca.RemoveFromCRL)}, stricter: true},
		{name: "others", crl: fakeca.CRL{Also: []fakeca.Response{{Serial: big.NewInt(7), Status: fakeca.Revoked}}}},
		{name: "expired", crl: fakeca.CRL{ThisUpdate: judgedAt.Add(-2 * day), NextUpdate: judgedAt.Add(-day)}},
		{name: "early", crl: fakeca.CRL{ThisUpdate: judgedAt.Add(day), NextUpdate: judgedAt.Add(2 * day)}},
		{name: "no nextUpdate", crl: fakeca.CRL{Forever: true}},
		{name: "scope", crl: fakeca.CRL{OnlyCACerts: true}},
		{name: "delta", crl: fakeca.CRL{Base: big.NewInt(1)}},
		{name: "critical extension", crl: adding(unknownExtension(true))},
		{name: "extension", crl: adding(unknownExtension(false))},
		{name: "v1", crl: editingCRL(asVersion1), laxer: true},
		{name: "no number", crl: withoutExtension(20), stricter: true},
		{name: "no key identifier", crl: withoutExtension(35), stricter: true},
		{name: "flipped bit", crl: fakeca.CRL{Mutate: flipLast}},
		{name: "truncated", crl: fakeca.CRL{Mutate: func(der []byte) []byte { return der[:len(der)-1] }}},
		{name: "trailing byte", crl: fakeca.CRL{Mutate: func(der []byte) []byte { return append(der, 0) }}, stricter: true},
		{name: "SHA-1", crl: fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1}},
		{
			name: "list as SET", stricter: true,
			crl: fakeca.CRL{Also: ours(0), Edit: func(m *fakeca.CRLMessage) {
				m.RawRevokedCertificates = append([]byte{0x31}, revokedCertificates(m)[1:]...)
			}},
		},
		{
			name: "critical extension of an entry", stricter: true,
			crl: fakeca.CRL{Also: ours(0), Edit: func(m *fakeca.CRLMessage) {
				m.RevokedCertificates[0].Extensions = append(m.RevokedCertificates[0].Extensions, unknownExtension(true))
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newCRLWorld(crlCase{})
			der := w.ca.CRL(tt.crl)
			want, wantErr := byHand(der, w.leaf.Cert, w.ca.Cert, judgedAt)
			said, err := verify.CRLs([][]byte{der}, w.leaf.Cert, w.ca.Cert, judgedAt)
			switch {
			case tt.laxer && (err != nil || wantErr == nil):
				t.Errorf("CRLs: %v; crypto/x509: %v", err, wantErr)
			case tt.laxer:
			case tt.stricter && (err == nil || wantErr != nil):
				t.Errorf("CRLs: %v; crypto/x509: %v", err, wantErr)
			case tt.stricter:
			case (err == nil) != (wantErr == nil):
				t.Errorf("CRLs: %v; crypto/x509: %v", err, wantErr)
			case err == nil && said.Status != want:
				t.Errorf("CRLs: %v; crypto/x509: %v", said.Status, want)
			}
		})
	}
}

// revokedCertificates returns the DER of the list of entries.
func revokedCertificates(m *fakeca.CRLMessage) []byte {
	var content []byte
	for i := range m.RevokedCertificates {
		content = append(content, m.RevokedCertificates[i].Marshal()...)
	}
	return append([]byte{0x30, byte(len(content))}, content...)
}
