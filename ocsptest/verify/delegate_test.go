package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

var noCheck = pkix.Extension{Id: []int{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}

func critical(e pkix.Extension) pkix.Extension {
	e.Critical = true
	return e
}

func TestDelegateExtensions(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	unknown := pkix.Extension{Id: []int{1, 2, 3}, Value: []byte{5, 0}}
	with := func(extensions ...pkix.Extension) fakeca.Response {
		return fakeca.Response{Signer: w.signer(x509.Certificate{ExtraExtensions: extensions})}
	}
	const refused = `signer-critical-extension: the extension 1.2.3 of "CN=delegate" is critical and unknown (RFC 5280 4.2)`
	known := with(critical(unknown))
	known.OmitCert = true
	rare := fakeca.New(fakeca.WithName("CA"), fakeca.WithKey(w.ca.Key), fakeca.WithClock(w.ca.Now),
		fakeca.WithTemplate(&x509.Certificate{ExtraExtensions: []pkix.Extension{critical(unknown)}}))
	runCases(t, w, []testCase{
		{name: "nocheck", response: with(noCheck)},
		{name: "nocheck, critical", response: with(critical(noCheck))},
		{name: "none", response: with([]pkix.Extension{}...)},
		{name: "unknown", response: with(noCheck, unknown)},
		{name: "unknown and critical", response: with(noCheck, critical(unknown)), want: []string{refused}},
		{name: "unknown and critical, of a responder that the client knows", response: known,
			options: verify.Options{Responders: []*x509.Certificate{known.Signer.Cert}}, want: []string{refused}},
		{name: "unknown and critical, of the issuer", response: fakeca.Response{Signer: asSigner(rare)}},
	})
}

func TestDelegateKeyUsage(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	with := func(usage x509.KeyUsage) fakeca.Response {
		return fakeca.Response{Signer: w.signer(x509.Certificate{KeyUsage: usage})}
	}
	const (
		digitalSignature = x509.KeyUsageDigitalSignature
		nonRepudiation   = x509.KeyUsageContentCommitment
		refused          = `signer-key-usage: the key usage of "CN=delegate" has neither digitalSignature nor nonRepudiation (RFC 5280 4.2.1.12)`
	)
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	without := &fakeca.Leaf{Key: key, Cert: w.issue(x509.Certificate{}, key.Public())}
	if without.Cert.KeyUsage != 0 {
		t.Fatalf("the key usage is %b, want none", without.Cert.KeyUsage)
	}
	runCases(t, w, []testCase{
		{name: "without", response: fakeca.Response{Signer: without}},
		{name: "digitalSignature", response: with(digitalSignature)},
		{name: "nonRepudiation", response: with(nonRepudiation)},
		{name: "both", response: with(digitalSignature | nonRepudiation)},
		{name: "digitalSignature and others", response: with(digitalSignature | x509.KeyUsageKeyEncipherment)},
		{name: "cRLSign", response: with(x509.KeyUsageCRLSign), want: []string{refused}},
		{name: "keyEncipherment", response: with(x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement), want: []string{refused}},
	})
}

func TestDelegateTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	signer := w.signer(x509.Certificate{NotBefore: judgedAt.Add(-time.Hour), NotAfter: judgedAt.Add(time.Hour)})
	r := fakeca.Response{Signer: signer, ThisUpdate: judgedAt.Add(-6 * time.Hour), NextUpdate: judgedAt.Add(24 * time.Hour)}
	runCases(t, w, []testCase{
		{name: "first second", response: r, at: -time.Hour},
		{
			name:     "before",
			response: r,
			at:       -time.Hour - time.Second,
			want:     []string{`signer-early: "CN=delegate" is not valid before 2026-03-01T11:00:00Z (RFC 5280 6.1.3)`},
		},
		{name: "last second", response: r, at: time.Hour},
		{
			name:     "after",
			response: r,
			at:       time.Hour + time.Second,
			want:     []string{`signer-expired: "CN=delegate" is not valid after 2026-03-01T13:00:00Z (RFC 5280 6.1.3)`},
		},
	})
}

// TestDelegateSHA1 checks that RefuseSHA1 covers the delegate's certificate.
func TestDelegateSHA1(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		key       string
		algorithm x509.SignatureAlgorithm
	}{
		{"ECDSA", "P-256", x509.ECDSAWithSHA1},
		{"RSA", "RSA", x509.SHA1WithRSA},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(verifyKeys()[tt.key])
			r := fakeca.Response{Signer: w.signer(x509.Certificate{SignatureAlgorithm: tt.algorithm})}
			w.judge(t, testCase{response: r})
			w.judge(t, testCase{response: r, options: verify.Options{RefuseSHA1: true}, want: []string{
				`signer-algorithm: the certificate of "CN=delegate" is signed with SHA-1 (RFC 5280 4.1.1.2)`,
			}})
		})
	}
}

// TestDelegateAlgorithm checks that a delegate is not said to be of another issuer
// if the signature on its certificate cannot be checked.
func TestDelegateAlgorithm(t *testing.T) {
	t.Parallel()
	ecdsaSHA256, ecdsaSHA224 := []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1}
	rsaSHA256, rsaMD5 := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4}
	for _, tt := range []struct {
		name     string
		key      string
		from, to []byte // the algorithm in the certificate
		want     string
	}{
		{"unknown", "P-256", ecdsaSHA256, ecdsaSHA224,
			`signer-algorithm: the signature on the certificate of "CN=delegate" cannot be checked: algorithm unimplemented (RFC 5280 4.1.1.2)`},
		{"MD5", "RSA", rsaSHA256, rsaMD5,
			`signer-algorithm: the signature on the certificate of "CN=delegate" cannot be checked: insecure algorithm MD5-RSA (RFC 5280 4.1.1.2)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(verifyKeys()[tt.key])
			w.judge(t, testCase{
				response: fakeca.Response{Signer: withRaw(w.delegate, bytes.ReplaceAll(w.delegate.Cert.Raw, tt.from, tt.to))},
				want:     []string{tt.want},
			})
		})
	}
}

// withRaw returns a signer that embeds other bytes as its certificate.
func withRaw(signer *fakeca.Leaf, raw []byte) *fakeca.Leaf {
	cert := *signer.Cert
	cert.Raw = raw
	return &fakeca.Leaf{Cert: &cert, Key: signer.Key}
}

func TestBaselineRequirements(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	by := func(tmpl x509.Certificate) fakeca.Response { return fakeca.Response{Signer: w.signer(tmpl)} }
	lasting := func(d time.Duration) fakeca.Response {
		return fakeca.Response{ThisUpdate: judgedAt, NextUpdate: judgedAt.Add(d)}
	}
	const (
		h   = time.Hour
		in  = " (Baseline Requirements 7.1.2.8)"
		not = "validity-interval: it is valid for "

		usage   = `signer-profile: the key usage of "CN=delegate" is not only digitalSignature` + in
		purpose = `signer-profile: the extended key usage of "CN=delegate" is not only id-kp-OCSPSigning` + in
	)
	rsaDelegate := w.signer(x509.Certificate{PublicKey: verifyKeys()["RSA"]})
	cases := []testCase{
		{name: "issuer"},
		{name: "delegate", response: fakeca.Response{Signer: w.delegate}},
		{name: "delegate with an RSA key", response: fakeca.Response{Signer: rsaDelegate}},
		{name: "CA", response: by(x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature}),
			want: []string{`signer-ca: "CN=delegate" is a CA (Baseline Requirements 7.1.2.8.4)`}},
		{name: "nonRepudiation", response: by(x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment}), want: []string{usage}},
		{name: "nonRepudiation too", response: by(x509.Certificate{KeyUsage: x509.KeyUsageContentCommitment | x509.KeyUsageDigitalSignature}),
			want: []string{usage}},
		{name: "further purpose",
			response: by(x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning, x509.ExtKeyUsageServerAuth}}),
			want:     []string{purpose}},
		{name: "further purpose that is unknown",
			response: by(x509.Certificate{
				ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 3}},
			}),
			want: []string{purpose}},
		{name: "without nocheck", response: by(x509.Certificate{ExtraExtensions: []pkix.Extension{}}),
			want: []string{`signer-profile: "CN=delegate" has no id-pkix-ocsp-nocheck` + in}},
		{name: "SHA-1", response: fakeca.Response{SignatureAlgorithm: x509.ECDSAWithSHA1},
			want: []string{"signature-algorithm: SHA-1 (RFC 6960 4.3)"}},

		// Both ends of the interval count, so it is a second longer than their difference.
		{name: "8 hours", response: lasting(8*h - time.Second)},
		{name: "less than 8 hours", response: lasting(8*h - 2*time.Second),
			want: []string{not + "7h59m59s, less than 8h0m0s (Baseline Requirements 4.9.9)"}},
		{name: "10 days", response: lasting(240*h - time.Second)},
		{name: "more than 10 days", response: lasting(240 * h),
			want: []string{not + "240h0m1s, more than 240h0m0s (Baseline Requirements 4.9.9)"}},
		{name: "forever", response: fakeca.Response{Forever: true},
			want: []string{"validity-interval: there is no nextUpdate (Baseline Requirements 4.9.9)"}},
		{name: "backwards", response: lasting(-h), want: []string{
			"update-order: nextUpdate 2026-03-01T11:00:00Z is before thisUpdate 2026-03-01T12:00:00Z (RFC 6960 2.4)",
		}},
		{name: "another certificate for longer", response: fakeca.Response{Also: []fakeca.Response{
			{Serial: big.NewInt(1), ThisUpdate: judgedAt.Add(-h), NextUpdate: judgedAt.Add(1000 * h)},
		}}},
	}
	for i := range cases {
		cases[i].options.BaselineRequirements = true
	}
	runCases(t, w, cases)

	t.Run("status of a CA", func(t *testing.T) {
		t.Parallel()
		der := w.root.Sign(w.ca.Cert.SerialNumber, lasting(9000*h))
		o := verify.Options{BaselineRequirements: true}
		if _, err := o.Response(der, w.ca.Cert, w.root.Cert, judgedAt); err != nil {
			t.Error(err)
		}
	})
	t.Run("not without the option", func(t *testing.T) {
		t.Parallel()
		for _, c := range cases {
			if c.name != "backwards" {
				w.judge(t, testCase{response: c.response})
			}
		}
	})
}
