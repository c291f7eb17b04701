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
	w := newWorld()
	good := w.leaf.Staple(fakeca.Response{})
	expired := w.leaf.Staple(fakeca.Response{ThisUpdate: now.Add(-48 * time.Hour)})
	bytesOf := func(r fakeca.Response) []byte { return w.leaf.Staple(r) }
	// Of these the time is that of the machine.
	today := fakeca.New().Intermediate()
	theirs := today.Leaf("api.example.test")
	chain := tls.ConnectionState{PeerCertificates: []*x509.Certificate{theirs.Cert, today.Cert}, OCSPResponse: theirs.Staple(fakeca.Response{})}
	old := chain
	old.OCSPResponse = theirs.Staple(fakeca.Response{ThisUpdate: time.Now().Add(-48 * time.Hour)})
	verified := tls.ConnectionState{
		PeerCertificates: []*x509.Certificate{theirs.Cert},
		VerifiedChains:   [][]*x509.Certificate{{theirs.Cert, today.Cert}},
		OCSPResponse:     chain.OCSPResponse,
	}
	pair := w.leaf.TLS()
	pair.OCSPStaple = good
	handshaken := handshake
	handshaken.Staple = good

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"bytes", BeValidOCSPFor(w.leaf), good, match},
		{"connection state", BeValidOCSPFor(w.leaf), w.state(good), match},
		{"connection", BeValidOCSPFor(w.leaf), w.dial(t, good), match},
		{"HTTP response", BeValidOCSPFor(w.leaf), w.get(t, good), match},
		{"tls.Certificate", BeValidOCSPFor(w.leaf), pair, match},
		{"recorder", BeValidOCSPFor(w.leaf), recorded(http.StatusOK, good), match},
		{"handshake", BeValidOCSPFor(w.leaf), handshaken, match},
		{"foreign type", BeValidOCSPFor(w.leaf), &carrier{good}, match},
		{"x/crypto's", BeValidOCSPFor(theirs), parsed(t, chain.OCSPResponse), match},
		{"in HaveOCSPStaple", HaveOCSPStaple(BeValidOCSPFor(w.leaf), HaveOCSPStatus(Good)), w.state(good), match},

		{"revoked", BeValidOCSPFor(w.leaf), bytesOf(revoked), match},
		{"unknown", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Status: Unknown}), match},
		{"delegate", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Signer: w.delegate}), match},
		{"intermediate", BeValidOCSPFor(w.ca), w.root.Sign(w.ca.Cert.SerialNumber, fakeca.Response{}), match},

		{"expired", BeValidOCSPFor(w.leaf), expired, mismatch},
		{"expired, in HaveOCSPStaple", HaveOCSPStaple(BeValidOCSPFor(w.leaf)), w.state(expired), mismatch},
		{"another leaf", BeValidOCSPFor(w.mustStaple), good, mismatch},
		{"another serial", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Serial: big.NewInt(1)}), mismatch},
		{"another issuer", BeValidOCSPFor(newCousin(w)), good, mismatch},
		{"the leaf itself", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Signer: w.leaf}), mismatch},
		{"error response", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Error: ocsp.TryLater}), mismatch},
		{"garbage", BeValidOCSPFor(w.leaf), []byte("garbage"), mismatch},
		{"no body", BeValidOCSPFor(w.leaf), recorded(http.StatusOK, nil), mismatch},
		{"trailing data", BeValidOCSPFor(w.leaf), append(bytes.Clone(good), 0), mismatch},
		{"a hash that ParseResponse refuses", BeValidOCSPFor(w.leaf), bytesOf(fakeca.Response{Edit: func(m *fakeca.Message) {
			m.Responses[0].CertID.HashAlgorithm.Algorithm = []int{1, 2, 3}
		}}), mismatch},

		{"certificate, connection", BeValidOCSPFor(theirs.Cert), chain, match},
		{"certificate, verified chain", BeValidOCSPFor(theirs.Cert), verified, match},
		{"certificate, expired", BeValidOCSPFor(theirs.Cert), old, mismatch},
		{"certificate, bytes alone", BeValidOCSPFor(theirs.Cert), chain.OCSPResponse, fault},
		{"certificate, another chain", BeValidOCSPFor(theirs.Cert), w.state(chain.OCSPResponse), fault},
		{"root", BeValidOCSPFor(w.root), good, fault},

		{"no staple", BeValidOCSPFor(w.leaf), w.state(nil), fault},
		{"no bytes", BeValidOCSPFor(w.leaf), []byte{}, fault},
		{"description", BeValidOCSPFor(w.leaf), fakeca.Response{}, fault},
		{"x/crypto's without Raw", BeValidOCSPFor(w.leaf), &ocsp.Response{}, fault},
		{"nil", BeValidOCSPFor(w.leaf), nil, fault},
		{"another type", BeValidOCSPFor(w.leaf), "good", fault},
		{"slice", BeValidOCSPFor(w.leaf), []ocsptest.Handshake{handshaken}, fault},
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
