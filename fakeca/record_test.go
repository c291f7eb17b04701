package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	revoked := fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.Superseded, RevokedAt: at(-2 * time.Hour)}
	tests := []struct {
		name    string
		do      func(*fakeca.CA, *big.Int) // with a CA and a serial number that it issued
		want    fakeca.Response
		changes uint64
	}{
		{"issued", func(*fakeca.CA, *big.Int) {}, fakeca.Response{}, 0},
		{"revoked", func(ca *fakeca.CA, s *big.Int) { ca.Revoke(s, fakeca.Superseded) }, revoked, 1},
		{"set", func(ca *fakeca.CA, s *big.Int) { ca.Set(s, fakeca.Response{Forever: true}) }, fakeca.Response{Forever: true}, 1},
		{
			"set, then revoked", func(ca *fakeca.CA, s *big.Int) {
				ca.Set(s, fakeca.Response{Status: fakeca.Unknown})
				ca.Revoke(s, fakeca.Superseded)
			}, revoked, 2,
		},
		{
			"revoked, then good again", func(ca *fakeca.CA, s *big.Int) {
				ca.Revoke(s, fakeca.CertificateHold)
				ca.Set(s, fakeca.Response{})
			}, fakeca.Response{}, 2,
		},
		{
			"another one revoked", func(ca *fakeca.CA, s *big.Int) {
				ca.Revoke(new(big.Int).Add(s, big.NewInt(1)), fakeca.Superseded)
			}, fakeca.Response{}, 1,
		},
		{
			"revoked under a number of equal value", func(ca *fakeca.CA, s *big.Int) {
				ca.Revoke(new(big.Int).Set(s), fakeca.Superseded)
			}, revoked, 1,
		},
		{
			"looked up and signed", func(ca *fakeca.CA, s *big.Int) {
				ca.Lookup(s)
				ca.Sign(s, fakeca.Response{Status: fakeca.Revoked})
			}, fakeca.Response{}, 0,
		},
		{"another one issued", func(ca *fakeca.CA, _ *big.Int) { ca.Leaf() }, fakeca.Response{}, 1},
		{
			"issued once more with the same number", func(ca *fakeca.CA, s *big.Int) {
				ca.Revoke(s, fakeca.Superseded)
				ca.Issue(&x509.Certificate{SerialNumber: s})
			}, revoked, 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca, leaf := world()
			before := ca.Revision()
			tt.do(ca, leaf.Cert.SerialNumber)
			if diff := cmp.Diff(tt.want, ca.Lookup(leaf.Cert.SerialNumber), bigInts); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := ca.Revision() - before; n != tt.changes {
				t.Errorf("%d changes, want %d", n, tt.changes)
			}
		})
	}
}

func TestLookupOfOthers(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	other, _ := world()
	tests := []struct {
		name   string
		ca     *fakeca.CA
		serial *big.Int
		want   fakeca.Status
	}{
		{"issued", ca, leaf.Cert.SerialNumber, fakeca.Good},
		{"never issued", ca, big.NewInt(4711), fakeca.Unknown},
		{"issued by another CA", other, leaf.Cert.SerialNumber, fakeca.Unknown},
		{"issued by the CA below", ca.Issuer, leaf.Cert.SerialNumber, fakeca.Unknown},
		{"a delegate", ca, ca.OCSPSigner().Cert.SerialNumber, fakeca.Good},
		{"an intermediate", ca.Issuer, ca.Cert.SerialNumber, fakeca.Good},
		{"an intermediate, by itself", ca, ca.Cert.SerialNumber, fakeca.Unknown},
		{"a root", ca.Root(), ca.Root().Cert.SerialNumber, fakeca.Good},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.ca.Lookup(tt.serial); got.Status != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// Certificates of two issuers with the same serial number have their own statuses.
func TestStatusPerIssuer(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithClock(clock))
	a, b := root.Intermediate(fakeca.WithName("a")), root.Intermediate(fakeca.WithName("b"))
	leafA := a.Issue(&x509.Certificate{SerialNumber: big.NewInt(5)})
	leafB := b.Issue(&x509.Certificate{SerialNumber: big.NewInt(5)})
	leafA.Revoke(fakeca.KeyCompromise)
	gotA := mustParseResponse(t, leafA.Staple(a.Lookup(big.NewInt(5))))
	gotB := mustParseResponse(t, leafB.Staple(b.Lookup(big.NewInt(5))))
	if gotA.Status != fakeca.Revoked || gotB.Status != fakeca.Good {
		t.Errorf("%v; %v", gotA, gotB)
	}
	idA := mustParseMessage(t, leafA.Staple(fakeca.Response{})).Responses[0].CertID
	idB := mustParseMessage(t, leafB.Staple(fakeca.Response{})).Responses[0].CertID
	if bytes.Equal(idA.IssuerNameHash, idB.IssuerNameHash) || bytes.Equal(idA.IssuerKeyHash, idB.IssuerKeyHash) {
		t.Error("the CertIDs of the two issuers are the same")
	}
}

// A revocation keeps its date.
func TestRevokeStaysDated(t *testing.T) {
	t.Parallel()
	clock := now
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return clock }))
	leaf := ca.Leaf()
	leaf.Revoke(fakeca.KeyCompromise)
	clock = clock.Add(72 * time.Hour)
	got := mustParseResponse(t, leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber)))
	if !got.RevokedAt.Equal(at(-2*time.Hour)) || !got.ThisUpdate.Equal(at(71*time.Hour)) {
		t.Errorf("%v", got)
	}
}

// The record shares no memory with its callers.
func TestRecordIsACopy(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	serial := leaf.Cert.SerialNumber
	given := func() fakeca.Response {
		return fakeca.Response{
			Serial: big.NewInt(7),
			Nonce:  []byte("nonce"),
			Also:   []fakeca.Response{{Serial: big.NewInt(8)}, {Status: fakeca.Unknown}},
		}
	}
	spoil := func(r fakeca.Response) {
		r.Serial.SetInt64(0)
		r.Nonce[0] = 'N'
		r.Also[0].Serial.SetInt64(0)
		r.Also[1].Status = fakeca.Good
	}
	r := given()
	ca.Set(serial, r)
	spoil(r)
	spoil(ca.Lookup(serial))
	if diff := cmp.Diff(given(), ca.Lookup(serial), bigInts); diff != "" {
		t.Errorf("the record changed (-want +got):\n%s", diff)
	}
	number := big.NewInt(1000)
	ca.Set(number, fakeca.Response{})
	number.SetInt64(1001)
	if got := ca.Lookup(big.NewInt(1001)); got.Status != fakeca.Unknown {
		t.Errorf("the record uses a number that the caller changed: %v", got)
	}
}

// Edit can write to everything without changing the CA.
func TestEditSharesNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		key  func() fakeca.Option
	}{
		{"ECDSA", func() fakeca.Option { return fakeca.WithKey(p256()) }},
		{"RSA", func() fakeca.Option { return fakeca.WithKey(rsa2048()) }},
		{"Ed25519", func() fakeca.Option { return fakeca.WithKey(ed()) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ca := fakeca.New(fakeca.WithClock(clock), tt.key())
			leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0x1234567890)})
			delegate := ca.OCSPSigner()
			nonce := []byte("nonce")
			response := func() *fakeca.Message {
				m := mustParseMessage(t, leaf.Staple(fakeca.Response{
					Status: fakeca.Revoked, ExplicitReason: true, Nonce: nonce, Signer: delegate, Also: make([]fakeca.Response, 1),
				}))
				m.Signature = nil // random
				return m
			}
			before := response()
			for _, byKey := range []bool{false, true} {
				leaf.Staple(fakeca.Response{
					Status: fakeca.Revoked, ExplicitReason: true, Nonce: nonce, Signer: delegate, ByKey: byKey, Also: make([]fakeca.Response, 1),
					Edit:   scribble,
					Mutate: func(der []byte) []byte { clear(der); return der },
				})
			}
			if diff := cmp.Diff(before, response(), bigInts); diff != "" {
				t.Errorf("the next response differs (-before +after):\n%s", diff)
			}
			if !bytes.Equal(nonce, []byte("nonce")) {
				t.Errorf("the nonce given is now %q", nonce)
			}
			if leaf.Cert.SerialNumber.Int64() != 0x1234567890 {
				t.Errorf("the leaf's serial number is now %x", leaf.Cert.SerialNumber)
			}
			opts := x509.VerifyOptions{Roots: ca.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}
			if _, err := delegate.Cert.Verify(opts); err != nil {
				t.Errorf("the delegate's certificate: %v", err)
			}
		})
	}
}

// scribble writes to each part of a message, in place.
func scribble(m *fakeca.Message) {
	wipe := func(id fakeca.AlgorithmIdentifier) {
		id.Algorithm[len(id.Algorithm)-1] = 99
		clear(id.Parameters)
	}
	for i := range m.Responses {
		s := &m.Responses[i]
		wipe(s.CertID.HashAlgorithm)
		clear(s.CertID.IssuerNameHash)
		clear(s.CertID.IssuerKeyHash)
		clear(s.CertID.SerialNumber.Bits())
		s.CertID.SerialNumber.SetInt64(99)
		if s.CertStatus.RevocationReason != nil {
			*s.CertStatus.RevocationReason = fakeca.Superseded
		}
	}
	for _, e := range m.ResponseExtensions {
		e.Id[len(e.Id)-1] = 99
		clear(e.Value)
	}
	clear(m.ResponderID.ByName)
	clear(m.ResponderID.ByKey)
	m.ResponderID.Raw = []byte{0x05, 0x00}
	wipe(m.SignatureAlgorithm)
	for _, c := range m.Certs {
		clear(c)
	}
}

// A parsed message shares no memory with its bytes, and appending to one part does
// not overwrite another.
func TestParsedMessageSharesNothing(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	der := leaf.Staple(fakeca.Response{Nonce: []byte("nonce"), Signer: ca.OCSPSigner()})
	m, same := mustParseMessage(t, der), mustParseMessage(t, der)
	original := slices.Clone(der)
	clear(der)
	if got := m.Marshal(); !bytes.Equal(got, original) {
		t.Error("the message changed with its bytes")
	}
	for _, part := range [][]byte{
		m.ResponderID.ByName, m.Responses[0].CertID.HashAlgorithm.Parameters,
		m.Responses[0].CertID.IssuerNameHash, m.Responses[0].CertID.IssuerKeyHash,
		m.ResponseExtensions[0].Value, m.Signature, m.Certs[0],
	} {
		_ = append(part, 0xff, 0xff, 0xff, 0xff)
	}
	if diff := cmp.Diff(same, m, bigInts); diff != "" {
		t.Errorf("appending to one part overwrote another:\n%s", diff)
	}
}

// Run with -race.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	ca, leaf := world()
	delegate := ca.OCSPSigner()
	serial := leaf.Cert.SerialNumber
	work := []func(){
		func() { leaf.Staple(fakeca.Response{}) },
		func() { leaf.Staple(fakeca.Response{Signer: delegate, Nonce: []byte("n"), Edit: scribble}) },
		func() { leaf.Staple(ca.Lookup(serial)) },
		func() { leaf.Revoke(fakeca.KeyCompromise) },
		func() { ca.Set(serial, fakeca.Response{Also: make([]fakeca.Response, 1)}) },
		func() { ca.Leaf("a.example.test").TLS() },
		func() { ca.Intermediate().Leaf() },
		func() { ca.OCSPSigner() },
		func() { ca.Pool(); ca.CertPEM(); ca.KeyPEM(); leaf.ChainPEM() },
		func() { ca.Revision(); ca.Now() },
	}
	twentyTimesEach(work)
	// 20 each of: revoked, set, a leaf, an intermediate, a delegate; and the
	// leaf and the delegate before.
	if n := ca.Revision(); n != 102 {
		t.Errorf("revision %d, want 102", n)
	}
	if _, err := fakeca.ParseResponse(leaf.Staple(ca.Lookup(serial))); err != nil {
		t.Error(err)
	}
}

func TestIssued(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	if got := ca.Issued(); got != nil {
		t.Errorf("at first %v", got)
	}
	ca.Revoke(big.NewInt(7), fakeca.KeyCompromise) // was not issued
	for _, serial := range []int64{3, 1, 2, 1} {
		ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{fmt.Sprintf("host-%d.test", serial)}})
	}
	var names []string
	for _, cert := range ca.Issued() {
		names = append(names, cert.DNSNames...)
	}
	if diff := cmp.Diff([]string{"host-1.test", "host-2.test", "host-3.test"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := root.Issued(); len(got) != 2 {
		t.Errorf("the root issued %d certificates, want 2: its own and the intermediate's", len(got))
	}
}
