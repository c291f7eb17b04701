package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// issuersWorld returns a root, two CAs below it and a CRL issuer. Each of the
// three has revoked some serial numbers, which may be those of another.
func issuersWorld() (root, a, b *fakeca.CA, issuer *fakeca.Leaf) {
	root = fakeca.New(fakeca.WithClock(clock), fakeca.WithName("root"))
	a, b = root.Intermediate(fakeca.WithName("a")), root.Intermediate(fakeca.WithName("b"))
	for _, ca := range []struct {
		*fakeca.CA
		serials []int64
	}{{root, []int64{7}}, {a, []int64{3, 1}}, {b, []int64{2, 1}}} {
		for _, serial := range ca.serials {
			ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), PublicKey: ca.Key}).Revoke(fakeca.Superseded)
		}
	}
	issuer = root.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "issuer"}, KeyUsage: x509.KeyUsageCRLSign})
	return root, a, b, issuer
}

// issuers returns the entries of a list as a client reads them: the name of the
// CA, after a "*" where the entry itself has it, the serial number and the reason.
func issuers(t *testing.T, list *fakeca.CRLMessage) []string {
	t.Helper()
	var all []string
	current := list.Issuer
	for _, e := range list.RevokedCertificates {
		star := ""
		names, err := e.CertificateIssuer()
		if err != nil || len(names) > 1 {
			t.Fatalf("%d certificate issuers, %v", len(names), err)
		}
		if names != nil {
			current, star = names[0], "*"
		}
		reason, err := e.Reason()
		if err != nil {
			t.Fatal(err)
		}
		if reason == nil {
			reason = new(fakeca.Reason)
		}
		all = append(all, fmt.Sprint(star, commonName(current), " ", e.SerialNumber, " ", reason))
	}
	return all
}

// commonName is the mirror of nameDER.
func commonName(der []byte) string {
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err != nil {
		panic(err)
	}
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	return name.CommonName
}

func parseMessage(t *testing.T, der []byte) *fakeca.CRLMessage {
	t.Helper()
	m, err := fakeca.ParseCRLMessage(der)
	if err != nil {
		t.Fatalf("ParseCRLMessage: %v\n%x", err, der)
	}
	return m
}

func TestOthers(t *testing.T) {
	t.Parallel()
	root, a, b, issuer := issuersWorld()
	idle := root.Intermediate(fakeca.WithName("idle"))
	newA := root.Intermediate(fakeca.WithName("a"))
	newA.Issue(&x509.Certificate{SerialNumber: big.NewInt(2)}).Revoke(fakeca.KeyCompromise)
	newA.Intermediate(fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(9)}))
	newA.Revoke(big.NewInt(9), fakeca.CACompromise)
	cas := func(cas ...*fakeca.CA) []*fakeca.CA { return cas }
	signer := func(ca *fakeca.CA) *fakeca.Leaf { return &fakeca.Leaf{Cert: ca.Cert, Key: ca.Key} }
	tests := []struct {
		name     string
		ca       *fakeca.CA
		crl      fakeca.CRL
		want     []string
		indirect bool
	}{
		{
			"an issuer for two CAs", a, fakeca.CRL{Signer: issuer, Others: cas(b)},
			[]string{"*a 1 superseded", "a 3 superseded", "*b 1 superseded", "b 2 superseded"}, true,
		},
		{
			"in the other order", b, fakeca.CRL{Signer: issuer, Others: cas(a)},
			[]string{"*b 1 superseded", "b 2 superseded", "*a 1 superseded", "a 3 superseded"}, true,
		},
		{
			"a CA for itself and another", a, fakeca.CRL{Others: cas(b)},
			[]string{"a 1 superseded", "a 3 superseded", "*b 1 superseded", "b 2 superseded"}, true,
		},
		{
			"the other CA for both: its entries come first", a, fakeca.CRL{Signer: signer(b), Others: cas(root, b)},
			[]string{"b 1 superseded", "b 2 superseded", "*a 1 superseded", "a 3 superseded", "*root 7 superseded"}, true,
		},
		{
			"CAs without entries are not named", idle, fakeca.CRL{Signer: issuer, Others: cas(a)},
			[]string{"*a 1 superseded", "a 3 superseded"}, true,
		},
		{"no entries", idle, fakeca.CRL{Others: cas(root), OnlyCACerts: true}, nil, true},
		{
			"a key rollover", newA, fakeca.CRL{Others: cas(a)},
			[]string{"a 1 superseded", "a 2 key_compromise", "a 3 superseded", "a 9 ca_compromise"}, false,
		},
		{
			"a key rollover, by an issuer", b, fakeca.CRL{Signer: issuer, Others: cas(newA, root, a)},
			[]string{
				"*b 1 superseded", "b 2 superseded",
				"*a 1 superseded", "a 2 key_compromise", "a 3 superseded", "a 9 ca_compromise",
				"*root 7 superseded",
			}, true,
		},
		{
			"the signer's name does not count as another's", a, fakeca.CRL{Signer: signer(newA), Others: cas(newA)},
			[]string{"a 1 superseded", "a 2 key_compromise", "a 3 superseded", "a 9 ca_compromise"}, false,
		},
		{
			"the limits are those of all", a, fakeca.CRL{Signer: issuer, Others: cas(newA, b), OnlyCACerts: true},
			[]string{"*a 9 ca_compromise"}, true,
		},
		{
			"reasons", a, fakeca.CRL{Signer: issuer, Others: cas(newA, b), OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}},
			[]string{"*a 2 key_compromise"}, true,
		},
		{
			"Only", a, fakeca.CRL{Signer: issuer, Others: cas(b), Only: even},
			[]string{"*b 2 superseded"}, true,
		},
		{
			"a shard of both", a, fakeca.CRL{Signer: issuer, Others: cas(b), Shard: 1, Shards: 2},
			[]string{"*a 1 superseded", "a 3 superseded", "*b 1 superseded"}, true,
		},
		{
			"Also is of the CA", a, fakeca.CRL{
				Signer: issuer, Others: cas(b), Also: []fakeca.Response{{Serial: big.NewInt(2), Status: fakeca.Revoked}},
			},
			[]string{"*a 1 superseded", "a 2 unspecified", "a 3 superseded", "*b 1 superseded", "b 2 superseded"}, true,
		},
		{"Indirect without others", a, fakeca.CRL{Signer: issuer, Indirect: true}, []string{"*a 1 superseded", "a 3 superseded"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := parseMessage(t, tt.ca.CRL(tt.crl))
			if diff := cmp.Diff(tt.want, issuers(t, m)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			point, err := m.IssuingDistributionPoint()
			if err != nil {
				t.Fatal(err)
			}
			if got := point != nil && point.Indirect; got != tt.indirect {
				t.Errorf("indirectCRL %v, want %v", got, tt.indirect)
			}
			signer := tt.ca.Cert
			if tt.crl.Signer != nil {
				signer = tt.crl.Signer.Cert
			}
			if err := m.CheckSignatureFrom(signer); err != nil {
				t.Error(err)
			}
			if !bytes.Equal(m.Issuer, signer.RawSubject) {
				t.Errorf("issuer %q", m.Issuer)
			}
			for i, e := range m.RevokedCertificates {
				for _, x := range e.Extensions {
					if isIssuer := x.Id.Equal([]int{2, 5, 29, 29}); x.Critical != isIssuer {
						t.Errorf("entry %d: extension %v, critical %v", i, x.Id, x.Critical)
					}
				}
			}
		})
	}
}

// A delta has what changed on any of the CAs, and all of a CA that its base did
// not have.
func TestDeltaOfOthers(t *testing.T) {
	t.Parallel()
	byHand := []*big.Int{nil, big.NewInt(7)}
	for _, number := range byHand {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			t.Parallel()
			root, a, b, issuer := issuersWorld()
			crl := fakeca.CRL{Signer: issuer, Others: []*fakeca.CA{b}}
			numbered := crl
			numbered.Number = number
			base := must(parseMessage(t, a.CRL(numbered)).Number())
			delta := func(others ...*fakeca.CA) []string {
				return issuers(t, parseMessage(t, a.CRL(fakeca.CRL{Signer: issuer, Others: others, Base: base})))
			}
			if got := delta(b); got != nil {
				t.Errorf("nothing changed, and the delta has %v", got)
			}
			b.Set(big.NewInt(2), fakeca.Response{})
			if diff := cmp.Diff([]string{"*b 2 remove_from_crl"}, delta(b)); diff != "" {
				t.Errorf("one is lifted (-want +got):\n%s", diff)
			}
			a.Revoke(big.NewInt(5), fakeca.KeyCompromise)
			want := []string{"*a 5 key_compromise", "*b 2 remove_from_crl"}
			if diff := cmp.Diff(want, delta(b)); diff != "" {
				t.Errorf("both changed (-want +got):\n%s", diff)
			}
			want = append(want, "*root 7 superseded")
			if diff := cmp.Diff(want, delta(b, root)); diff != "" {
				t.Errorf("with one more CA (-want +got):\n%s", diff)
			}
		})
	}
}

// A change on any of the CAs gives the list a greater number.
func TestNumbersWithOthers(t *testing.T) {
	t.Parallel()
	_, a, b, _ := issuersWorld()
	number := func() *big.Int { return mustParseCRL(t, a.CRL(fakeca.CRL{Others: []*fakeca.CA{b}})).Number }
	last := number()
	if again := number(); again.Cmp(last) != 0 {
		t.Errorf("nothing changed, and the number is %v after %v", again, last)
	}
	for _, ca := range []*fakeca.CA{a, b, a} {
		ca.Leaf().Revoke(fakeca.Superseded)
		next := number()
		if next.Cmp(last) <= 0 {
			t.Errorf("the number is %v after %v", next, last)
		}
		last = next
	}
}

// Run with -race.
func TestOthersConcurrently(t *testing.T) {
	t.Parallel()
	_, a, b, issuer := issuersWorld()
	base := mustParseCRL(t, a.CRL(fakeca.CRL{Others: []*fakeca.CA{b}})).Number
	twentyTimesEach([]func(){
		func() { a.CRL(fakeca.CRL{Others: []*fakeca.CA{b}, Edit: scribbleCRL}) },
		func() { b.CRL(fakeca.CRL{Others: []*fakeca.CA{a}, Signer: issuer, Number: big.NewInt(7)}) },
		func() { a.CRL(fakeca.CRL{Others: []*fakeca.CA{b}, Base: base, Edit: scribbleCRL}) },
		func() { b.CRL(fakeca.CRL{Others: []*fakeca.CA{a}, Base: big.NewInt(7)}) },
		func() { a.Revoke(big.NewInt(1), fakeca.CertificateHold) },
		func() { a.Set(big.NewInt(1), fakeca.Response{}) },
		func() { b.Revoke(big.NewInt(1), fakeca.Superseded) },
	})
	if err := mustParseCRL(t, a.CRL(fakeca.CRL{Others: []*fakeca.CA{b}})).CheckSignatureFrom(a.Cert); err != nil {
		t.Error(err)
	}
}

// Two CAs of one name and issuer: each has its own key, record and lists, which
// name the key. A certificate of the new key by the old makes paths over both.
func TestKeyRollover(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithClock(clock))
	before, after := root.Intermediate(fakeca.WithName("a")), root.Intermediate(fakeca.WithName("a"))
	crossed := before.Intermediate(fakeca.WithName("a"), fakeca.WithKey(after.Key))
	if !bytes.Equal(before.Cert.RawSubject, after.Cert.RawSubject) || !bytes.Equal(after.Cert.RawSubject, crossed.Cert.RawSubject) {
		t.Errorf("the names are %v, %v and %v", before.Cert.Subject, after.Cert.Subject, crossed.Cert.Subject)
	}
	for _, tt := range []struct {
		name              string
		cert              *x509.Certificate
		keyID, authorized []byte
	}{
		{"before", before.Leaf().Cert, nil, before.Cert.SubjectKeyId},
		{"after", after.Leaf().Cert, nil, after.Cert.SubjectKeyId},
		{"crossed", crossed.Cert, after.Cert.SubjectKeyId, before.Cert.SubjectKeyId},
	} {
		if tt.keyID != nil && !bytes.Equal(tt.cert.SubjectKeyId, tt.keyID) || !bytes.Equal(tt.cert.AuthorityKeyId, tt.authorized) {
			t.Errorf("%s: key %x of %x", tt.name, tt.cert.SubjectKeyId, tt.cert.AuthorityKeyId)
		}
	}
	if bytes.Equal(before.Cert.SubjectKeyId, after.Cert.SubjectKeyId) {
		t.Error("both keys have the same identifier")
	}

	leaf := after.Leaf()
	before.Leaf().Revoke(fakeca.Superseded)
	leaf.Revoke(fakeca.KeyCompromise)
	for _, tt := range []struct {
		name    string
		ca      *fakeca.CA
		other   *fakeca.CA
		entries int
	}{{"before", before, after, 1}, {"after", after, before, 1}, {"crossed", crossed, before, 0}} {
		list := mustParseCRL(t, tt.ca.CRL(fakeca.CRL{}))
		if !bytes.Equal(list.AuthorityKeyId, tt.ca.Cert.SubjectKeyId) || len(list.RevokedCertificateEntries) != tt.entries {
			t.Errorf("%s: list of key %x with %d entries", tt.name, list.AuthorityKeyId, len(list.RevokedCertificateEntries))
		}
		if err := list.CheckSignatureFrom(tt.ca.Cert); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if list.CheckSignatureFrom(tt.other.Cert) == nil {
			t.Errorf("%s: the other key signed it", tt.name)
		}
	}

	intermediates := x509.NewCertPool()
	intermediates.AddCert(before.Cert)
	intermediates.AddCert(crossed.Cert)
	chains, err := leaf.Cert.Verify(x509.VerifyOptions{Roots: root.Pool(), Intermediates: intermediates, CurrentTime: now.Add(time.Hour)})
	if err != nil || len(chains) != 1 || len(chains[0]) != 4 {
		t.Errorf("over the old key: %v, %v", chains, err)
	}
}
