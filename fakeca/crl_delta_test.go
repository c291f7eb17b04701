package fakeca_test

import (
	"crypto/x509"
	"fmt"
	"maps"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// timeLine is what happens to three certificates, at intervals of an hour.
var timeLine = []struct {
	name string
	do   func(*fakeca.CA)
}{
	{"issued", func(ca *fakeca.CA) {
		for i := range 3 {
			ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(int64(1 + i))})
		}
	}},
	{"1 held, 2 revoked", func(ca *fakeca.CA) {
		ca.Revoke(big.NewInt(1), fakeca.CertificateHold)
		ca.Revoke(big.NewInt(2), fakeca.Superseded)
	}},
	{"1 no longer held", func(ca *fakeca.CA) { ca.Set(big.NewInt(1), fakeca.Response{}) }},
	{"1 not known, 3 served with care", func(ca *fakeca.CA) {
		ca.Set(big.NewInt(1), fakeca.Response{Status: fakeca.Unknown})
		ca.Set(big.NewInt(3), fakeca.Response{Forever: true})
	}},
	{"1 revoked again", func(ca *fakeca.CA) { ca.Revoke(big.NewInt(1), fakeca.KeyCompromise) }},
	{"2 for another reason", func(ca *fakeca.CA) { ca.Revoke(big.NewInt(2), fakeca.KeyCompromise) }},
}

func TestDeltaTimeLine(t *testing.T) {
	t.Parallel()
	const (
		held1    = "1 certificate_hold 2024-05-06T06:08:09Z"
		removed1 = "1 remove_from_crl 2024-05-06T06:08:09Z"
		revoked1 = "1 key_compromise 2024-05-06T09:08:09Z"
		revoked2 = "2 superseded 2024-05-06T06:08:09Z"
		changed2 = "2 key_compromise 2024-05-06T10:08:09Z"
	)
	// After each step: the complete list, and a delta to that of this step and of
	// each one before.
	want := [][][]string{
		{nil, {}},
		{{held1, revoked2}, {held1, revoked2}, {}},
		{{revoked2}, {removed1, revoked2}, {removed1}, {}},
		{{revoked2}, {removed1, revoked2}, {removed1}, {}, {}},
		{{revoked1, revoked2}, {revoked1, revoked2}, {revoked1}, {revoked1}, {revoked1}, {}},
		{{revoked1, changed2}, {revoked1, changed2}, {revoked1, changed2}, {revoked1, changed2}, {revoked1, changed2}, {changed2}, {}},
	}
	clock := now
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return clock }))
	var bases []*x509.RevocationList
	for i, step := range timeLine {
		step.do(ca)
		full := mustParseCRL(t, ca.CRL(fakeca.CRL{}))
		bases = append(bases, full)
		if diff := cmp.Diff(want[i][0], entries(full)); diff != "" {
			t.Errorf("%s: the complete list (-want +got):\n%s", step.name, diff)
		}
		for j, base := range bases {
			delta := mustParseCRL(t, ca.CRL(fakeca.CRL{Base: base.Number}))
			if err := delta.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(want[i][1+j], append([]string{}, entries(delta)...)); diff != "" {
				t.Errorf("%s: the delta since %q (-want +got):\n%s", step.name, timeLine[j].name, diff)
			}
			if diff := cmp.Diff(applied(full, nil), applied(base, delta)); diff != "" {
				t.Errorf("%s: what a client knows from the list of %q and the delta (-complete +client):\n%s", step.name, timeLine[j].name, diff)
			}
		}
		clock = clock.Add(time.Hour)
	}
}

// applied returns the revocations that a client knows from a base and a delta (RFC
// 5280 section 5.2.4).
func applied(base, delta *x509.RevocationList) map[string]string {
	known := make(map[string]string)
	add := func(list *x509.RevocationList) {
		for _, e := range list.RevokedCertificateEntries {
			known[e.SerialNumber.String()] = fmt.Sprint(fakeca.Reason(e.ReasonCode), e.RevocationTime)
			if fakeca.Reason(e.ReasonCode) == fakeca.RemoveFromCRL {
				delete(known, e.SerialNumber.String())
			}
		}
	}
	add(base)
	if delta != nil {
		add(delta)
	}
	return maps.Clone(known)
}

// A delta to a list of some certificates or reasons has the same limits.
func TestDeltaOfScope(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithClock(clock))
	ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(1)}).Revoke(fakeca.CertificateHold)
	ca.Intermediate(fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(2)}))
	ca.Revoke(big.NewInt(2), fakeca.CACompromise)
	base := mustParseCRL(t, ca.CRL(fakeca.CRL{})).Number
	ca.Set(big.NewInt(1), fakeca.Response{})
	ca.Set(big.NewInt(2), fakeca.Response{})
	const (
		removed1 = "1 remove_from_crl 2024-05-06T05:08:09Z"
		removed2 = "2 remove_from_crl 2024-05-06T05:08:09Z"
	)
	tests := []struct {
		name string
		crl  fakeca.CRL
		want []string
	}{
		{"all", fakeca.CRL{}, []string{removed1, removed2}},
		{"users", fakeca.CRL{OnlyUserCerts: true}, []string{removed1}},
		{"CAs", fakeca.CRL{OnlyCACerts: true}, []string{removed2}},
		{"attributes", fakeca.CRL{OnlyAttributeCerts: true}, nil},
		{"held", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.CertificateHold}}, []string{removed1}},
		{"of other reasons", fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.CACompromise, fakeca.Superseded}}, []string{removed2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.crl.Base = base
			if diff := cmp.Diff(tt.want, entries(mustParseCRL(t, ca.CRL(tt.crl)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
