package matchers_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http/httptest"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestBeValidCRLFor(t *testing.T) {
	t.Parallel()
	f := newFixture()
	list := f.crl(fakeca.CRL{})
	expired := f.crl(fakeca.CRL{ThisUpdate: now.AddDate(0, 0, -7)})
	base := f.crl(fakeca.CRL{Number: big.NewInt(5), ThisUpdate: now.Add(-2 * time.Hour), Also: []fakeca.Response{}})
	delta := f.crl(fakeca.CRL{Base: big.NewInt(5)})
	shard := fakeca.CRL{DistributionPoint: []string{shardURL}, OnlyUserCerts: true}
	sharded := f.withPoints(fakeca.CRLPoint{URLs: []string{shardURL}})
	byRoot := f.withPoints(fakeca.CRLPoint{URLs: []string{shardURL}, CRLIssuer: [][]byte{f.root.Cert.RawSubject}})
	indirect := f.crl(fakeca.CRL{
		Indirect: true, DistributionPoint: []string{shardURL}, Also: []fakeca.Response{},
		Signer: &fakeca.Leaf{Cert: f.root.Cert, Key: f.root.Key},
	})

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"bytes, revoked", BeValidCRLFor(f.leaf), list, match},
		{"bytes, good", BeValidCRLFor(f.mustStaple), list, match},
		{"PEM", BeValidCRLFor(f.leaf), toPEM("X509 CRL", list), match},
		{"x509.RevocationList", BeValidCRLFor(f.leaf), parsedCRL(t, list), match},
		{"fakeca.CRLMessage", BeValidCRLFor(f.leaf), *crlMessage(t, list), match},
		{"recorder", BeValidCRLFor(f.leaf), recorded(200, list), match},
		{"HTTP response", BeValidCRLFor(f.leaf), served(200, bytes.NewReader(list)), match},
		{"request", BeValidCRLFor(f.leaf), ocsptest.Request{Response: list}, match},
		{"one of several", BeValidCRLFor(f.leaf), [][]byte{list}, match},
		{"a CA", BeValidCRLFor(f.ca), f.root.CRL(fakeca.CRL{}), match},
		{"valid and not listed", And(BeValidCRLFor(f.mustStaple), Not(HaveCRLEntry(f.mustStaple))), list, match},

		{"delta and base", BeValidCRLFor(f.leaf), [][]byte{delta, base}, match},
		{"delta and base in PEM", BeValidCRLFor(f.leaf), toPEM("X509 CRL", base, delta), match},
		{"delta and base in two forms", BeValidCRLFor(f.leaf), [][]byte{toPEM("X509 CRL", base), delta}, match},
		{"only a delta", BeValidCRLFor(f.leaf), delta, mismatch},
		{"expired beside a valid one", BeValidCRLFor(f.leaf), [][]byte{expired, list}, match},
		{"shard", BeValidCRLFor(sharded), f.crl(shard), match},
		{"shard of another certificate", BeValidCRLFor(f.leaf), f.crl(shard), mismatch},
		{"shard for CAs", BeValidCRLFor(f.leaf), f.crl(fakeca.CRL{OnlyCACerts: true}), mismatch},
		{"indirect, by a CA above", BeValidCRLFor(byRoot), indirect, match},
		{"indirect, not named", BeValidCRLFor(f.leaf), indirect, mismatch},

		{"expired", BeValidCRLFor(f.leaf), expired, mismatch},
		{"early", BeValidCRLFor(f.leaf), f.crl(fakeca.CRL{ThisUpdate: now.Add(time.Hour)}), mismatch},
		{"of another CA", BeValidCRLFor(f.leaf), f.stranger.CRL(fakeca.CRL{}), mismatch},
		{"forged", BeValidCRLFor(f.leaf), f.crl(fakeca.CRL{Mutate: flipLast}), mismatch},
		{"unsigned", BeValidCRLFor(f.leaf), fakeca.CRLMessage{TBSCertList: crlMessage(t, list).TBSCertList,
			SignatureAlgorithm: crlMessage(t, list).SignatureAlgorithm}, mismatch},
		{"unknown critical extension", BeValidCRLFor(f.leaf), f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions = append(m.CRLExtensions, pkix.Extension{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}})
		}}), mismatch},
		{"garbage", BeValidCRLFor(f.leaf), []byte("garbage"), mismatch},
		{"no bytes", BeValidCRLFor(f.leaf), []byte{}, mismatch},
		{"no body", BeValidCRLFor(f.leaf), &httptest.ResponseRecorder{}, mismatch},
		{"no CRLs", BeValidCRLFor(f.leaf), [][]byte(nil), mismatch},
		{"PEM of a certificate", BeValidCRLFor(f.leaf), f.ca.CertPEM(), mismatch},
		{"trailing data", BeValidCRLFor(f.leaf), append(bytes.Clone(list), 0), mismatch},

		{"certificate without its issuer", BeValidCRLFor(f.leaf.Cert), list, fault},
		{"root", BeValidCRLFor(f.root), list, fault},
		{"for nil", BeValidCRLFor(nil), list, fault},
		{"for a name", BeValidCRLFor("api.example.test"), list, fault},
		{"nil", BeValidCRLFor(f.leaf), nil, fault},
		{"description", BeValidCRLFor(f.leaf), fakeca.CRL{}, fault},
		{"template", BeValidCRLFor(f.leaf), &x509.RevocationList{}, fault},
		{"another type", BeValidCRLFor(f.leaf), 42, fault},
		{"another slice", BeValidCRLFor(f.leaf), []*x509.RevocationList{parsedCRL(t, list)}, fault},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(c.matcher, c.actual); got != c.want {
				_, message := text(c.matcher, c.actual)
				t.Errorf("%s, want %s:\n%s", got, c.want, message)
			}
		})
	}
}
