package matchers_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestBeValidOCSPFor(t *testing.T) {
	t.Parallel()
	f := newFixture()
	good := f.leaf.Staple(fakeca.Response{})
	expired := f.leaf.Staple(fakeca.Response{ThisUpdate: now.Add(-48 * time.Hour)})
	bytesOf := func(r fakeca.Response) []byte { return f.leaf.Staple(r) }
	// These use the time of the machine.
	today := fakeca.New().Intermediate()
	theirs := today.Leaf("api.example.test")
	chain := tls.ConnectionState{
		PeerCertificates: []*x509.Certificate{theirs.Cert, today.Cert},
		OCSPResponse:     theirs.Staple(fakeca.Response{}),
	}
	old := chain
	old.OCSPResponse = theirs.Staple(fakeca.Response{ThisUpdate: time.Now().Add(-48 * time.Hour)})
	verified := tls.ConnectionState{
		PeerCertificates: []*x509.Certificate{theirs.Cert},
		VerifiedChains:   [][]*x509.Certificate{{theirs.Cert, today.Cert}},
		OCSPResponse:     chain.OCSPResponse,
	}
	pair := f.leaf.TLS()
	pair.OCSPStaple = good
	handshaken := handshake
	handshaken.Staple = good

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"bytes", BeValidOCSPFor(f.leaf), good, match},
		{"connection state", BeValidOCSPFor(f.leaf), f.state(good), match},
		{"connection", BeValidOCSPFor(f.leaf), f.dial(t, good), match},
		{"HTTP response", BeValidOCSPFor(f.leaf), f.get(t, good), match},
		{"tls.Certificate", BeValidOCSPFor(f.leaf), pair, match},
		{"recorder", BeValidOCSPFor(f.leaf), recorded(http.StatusOK, good), match},
		{"handshake", BeValidOCSPFor(f.leaf), handshaken, match},
		{"foreign type", BeValidOCSPFor(f.leaf), &holder{good}, match},
		{"x/crypto's", BeValidOCSPFor(theirs), parsed(t, chain.OCSPResponse), match},
		{"in HaveOCSPStaple", HaveOCSPStaple(BeValidOCSPFor(f.leaf), HaveOCSPStatus(Good)), f.state(good), match},

		{"revoked", BeValidOCSPFor(f.leaf), bytesOf(revoked), match},
		{"unknown", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Status: Unknown}), match},
		{"delegate", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Signer: f.delegate}), match},
		{"intermediate", BeValidOCSPFor(f.ca), f.root.Sign(f.ca.Cert.SerialNumber, fakeca.Response{}), match},

		{"expired", BeValidOCSPFor(f.leaf), expired, mismatch},
		{"expired, in HaveOCSPStaple", HaveOCSPStaple(BeValidOCSPFor(f.leaf)), f.state(expired), mismatch},
		{"another leaf", BeValidOCSPFor(f.mustStaple), good, mismatch},
		{"another serial", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Serial: big.NewInt(1)}), mismatch},
		{"another issuer", BeValidOCSPFor(newCousin(f)), good, mismatch},
		{"the leaf itself", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Signer: f.leaf}), mismatch},
		{"error response", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Error: ocsp.TryLater}), mismatch},
		{"garbage", BeValidOCSPFor(f.leaf), []byte("garbage"), mismatch},
		{"no body", BeValidOCSPFor(f.leaf), recorded(http.StatusOK, nil), mismatch},
		{"trailing data", BeValidOCSPFor(f.leaf), append(bytes.Clone(good), 0), mismatch},
		{"a hash that ParseResponse refuses", BeValidOCSPFor(f.leaf), bytesOf(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.HashAlgorithm.Algorithm = []int{1, 2, 3}
		}}), mismatch},

		{"certificate, connection", BeValidOCSPFor(theirs.Cert), chain, match},
		{"certificate, verified chain", BeValidOCSPFor(theirs.Cert), verified, match},
		{"certificate, expired", BeValidOCSPFor(theirs.Cert), old, mismatch},
		{"certificate, only bytes", BeValidOCSPFor(theirs.Cert), chain.OCSPResponse, fault},
		{"certificate, another chain", BeValidOCSPFor(theirs.Cert), f.state(chain.OCSPResponse), fault},
		{"root", BeValidOCSPFor(f.root), good, fault},

		{"no staple", BeValidOCSPFor(f.leaf), f.state(nil), fault},
		{"no bytes", BeValidOCSPFor(f.leaf), []byte{}, fault},
		{"description", BeValidOCSPFor(f.leaf), fakeca.Response{}, fault},
		{"x/crypto's without Raw", BeValidOCSPFor(f.leaf), &ocsp.Response{}, fault},
		{"nil", BeValidOCSPFor(f.leaf), nil, fault},
		{"another type", BeValidOCSPFor(f.leaf), "good", fault},
		{"slice", BeValidOCSPFor(f.leaf), []ocsptest.Handshake{handshaken}, fault},
		{"for nil", BeValidOCSPFor(nil), good, fault},
		{"for a nil leaf", BeValidOCSPFor((*fakeca.Leaf)(nil)), good, fault},
		{"for a name", BeValidOCSPFor("api.example.test"), good, fault},
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
