package matchers_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

const shardURL = "http://crl.example.test/1"

// crl returns a CRL with number 7, and entries for the leaf and for two serial
// numbers unless c has its own.
func (f *fixture) crl(c fakeca.CRL) []byte {
	if c.Number == nil {
		c.Number = big.NewInt(7)
	}
	if c.Also == nil {
		c.Also = []fakeca.Response{
			f.entry(revoked),
			{Serial: big.NewInt(0x98), Status: Revoked, RevokedAt: now.AddDate(0, 0, -2)},
			{Serial: big.NewInt(0x99), Status: Revoked, Reason: Superseded, RevokedAt: now.AddDate(0, 0, -3)},
		}
	}
	return f.ca.CRL(c)
}

// entry returns r about the leaf, since two hours ago.
func (f *fixture) entry(r fakeca.Response) fakeca.Response {
	r.Serial, r.RevokedAt = f.leaf.Cert.SerialNumber, now.Add(-2*time.Hour)
	return r
}

// numbered returns a CRL with this DER for its number.
func (f *fixture) numbered(der ...byte) []byte {
	return f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { setExtension(m.CRLExtensions, 20, der) }})
}

// scoped returns a CRL with this DER for its issuing distribution point.
func (f *fixture) scoped(der ...byte) []byte {
	return f.crl(fakeca.CRL{OnlyUserCerts: true, Edit: func(m *fakeca.CRLMessage) { setExtension(m.CRLExtensions, 28, der) }})
}

// setExtension replaces the value of the extension with this number below id-ce.
func setExtension(extensions []pkix.Extension, number int, der []byte) {
	i := slices.IndexFunc(extensions, func(e pkix.Extension) bool { return e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, number}) })
	extensions[i].Value = der
}

// indirect returns a CRL whose entry for the leaf's serial number and all after it
// are about certificates of this CA.
func (f *fixture) indirect(ca *fakeca.CA) []byte {
	return f.crl(fakeca.CRL{Indirect: true, Edit: func(m *fakeca.CRLMessage) {
		m.RevokedCertificates[0].Extensions = append(m.RevokedCertificates[0].Extensions, certificateIssuer(ca.Cert.RawSubject))
	}})
}

// certificateIssuer returns the extension of an entry with this name. The name is
// short.
func certificateIssuer(name []byte) pkix.Extension {
	directory := append([]byte{0xa4, byte(len(name))}, name...)
	return pkix.Extension{
		Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: append([]byte{0x30, byte(len(directory))}, directory...),
	}
}

// broken returns a CRL with this DER for the reason code of the leaf's entry.
func (f *fixture) broken(reason ...byte) []byte {
	return f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { setExtension(m.RevokedCertificates[0].Extensions, 21, reason) }})
}

// withPoints issues a certificate with these CRL distribution points.
func (f *fixture) withPoints(points ...fakeca.CRLPoint) *fakeca.Leaf {
	return f.withExtension(fakeca.CRLDistributionPoints(points...))
}

func (f *fixture) withExtension(e pkix.Extension) *fakeca.Leaf {
	tmpl := template(0x2d)
	tmpl.DNSNames, tmpl.PublicKey = []string{"points.example.test"}, key(9)
	tmpl.ExtraExtensions = []pkix.Extension{e}
	return f.ca.Issue(tmpl)
}

// withoutParsing returns a certificate that crypto/x509 would refuse, with this
// DER for its CRL distribution points.
func withoutParsing(der ...byte) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "unreadable"},
		Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: der}},
	}
}

func toPEM(kind string, ders ...[]byte) []byte {
	var all []byte
	for _, der := range ders {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	return all
}

func parsedCRL(t *testing.T, der []byte) *x509.RevocationList {
	t.Helper()
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func crlMessage(t *testing.T, der []byte) *fakeca.CRLMessage {
	t.Helper()
	m, err := fakeca.ParseCRLMessage(der)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func served(code int, body io.Reader) *http.Response {
	return &http.Response{StatusCode: code, Body: io.NopCloser(body)}
}

// TestCRLActuals shows one CRL in all types that can hold it.
func TestCRLActuals(t *testing.T) {
	t.Parallel()
	f := newFixture()
	der := f.crl(fakeca.CRL{DistributionPoint: []string{shardURL}})
	asPEM := toPEM("X509 CRL", der)
	message := crlMessage(t, der)
	request := ocsptest.Request{Method: "GET", Path: "/crl/0", Response: der}
	for _, c := range []struct {
		name   string
		actual any
	}{
		{"DER", der},
		{"PEM", asPEM},
		{"PEM after text", append([]byte("Certificate Revocation List (CRL):\n"), asPEM...)},
		{"PEM between blocks of other types", slices.Concat(f.ca.CertPEM(), asPEM, f.ca.CertPEM())},
		{"x509.RevocationList", parsedCRL(t, der)},
		{"fakeca.CRLMessage", *message},
		{"pointer to fakeca.CRLMessage", message},
		{"recorder", recorded(200, der)},
		{"recorder of PEM", recorded(200, asPEM)},
		{"HTTP response", served(200, bytes.NewReader(der))},
		{"request", request},
		{"pointer to request", &request},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, m := range []struct {
				matcher types.GomegaMatcher
				want    outcome
			}{
				{HaveCRLEntry(f.leaf), match},
				{HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise), HaveOCSPRevokedAt(now.Add(-2*time.Hour))), match},
				{HaveCRLEntry(f.leaf, HaveOCSPReason(Superseded)), mismatch},
				{HaveCRLEntry(f.mustStaple), mismatch},
				{HaveCRLNumber(7), match},
				{HaveCRLNumber(8), mismatch},
				{BeDeltaCRL(), mismatch},
			} {
				if got := outcomeOf(m.matcher, c.actual); got != m.want {
					_, message := text(m.matcher, c.actual)
					t.Errorf("%s, want %s:\n%s", got, m.want, message)
				}
			}
			want := match
			if _, both := c.actual.(*http.Response); both {
				want = fault
			}
			if got := outcomeOf(HaveCRLPoint(shardURL), c.actual); got != want {
				t.Errorf("HaveCRLPoint: %s, want %s", got, want)
			}
		})
	}
}

// TestCRLBodyIsKept shows that a test can read the body after a matcher has.
func TestCRLBodyIsKept(t *testing.T) {
	t.Parallel()
	f := newFixture()
	der := f.crl(fakeca.CRL{})
	body := &closer{Reader: bytes.NewReader(der)}
	resp := &http.Response{StatusCode: 200, Body: body}
	for range 2 {
		if got := outcomeOf(HaveCRLNumber(7), resp); got != match {
			t.Error(got)
		}
	}
	if rest, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(rest, der) {
		t.Errorf("the body has %d bytes (%v), want %d", len(rest), err, len(der))
	}
	if resp.Body.Close(); !body.closed {
		t.Error("Close does not close the body of the connection")
	}
}

// TestCRLBodyIsLimited shows that a body without an end is an error.
func TestCRLBodyIsLimited(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 64 MiB")
	}
	t.Parallel()
	_, err := HaveCRLNumber(7).Match(served(200, endless{}))
	if err == nil || !strings.Contains(err.Error(), "it has more than 64 MiB") {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type closer struct {
	io.Reader
	closed bool
}

func (c *closer) Close() error {
	c.closed = true
	return nil
}

// TestCRLMismatchOrError shows which mistakes are mismatches, and which are
// errors.
func TestCRLMismatchOrError(t *testing.T) {
	t.Parallel()
	f := newFixture()
	list := f.crl(fakeca.CRL{})
	cousin := newCousin(f)
	twice := f.crl(fakeca.CRL{Also: []fakeca.Response{f.entry(revoked), f.entry(fakeca.Response{Status: Revoked})}})
	lifted := f.crl(fakeca.CRL{Base: big.NewInt(5), Also: []fakeca.Response{
		f.entry(fakeca.Response{Status: Revoked, Reason: RemoveFromCRL})}})
	anonymous := f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.CRLExtensions = m.CRLExtensions[:1] }})
	version1 := f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		m.Version, m.CRLExtensions, m.RevokedCertificates[0].Extensions = 0, nil, nil
	}})
	huge := f.crl(fakeca.CRL{Number: new(big.Int).Lsh(big.NewInt(1), 158)})
	unreadableIssuer := f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
		m.RevokedCertificates[1].Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Value: []byte{0x05, 0}}}
	}})
	reasonIs := func(r fakeca.Reason) types.GomegaMatcher { return HaveField("Reason", r) }

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"entry", HaveCRLEntry(f.leaf), list, match},
		{"entry, certificate", HaveCRLEntry(f.leaf.Cert), list, match},
		{"entry, only a serial number", HaveCRLEntry(&x509.Certificate{SerialNumber: big.NewInt(0x99)}), list, match},
		{"entry of a CA", HaveCRLEntry(f.ca), f.root.CRL(fakeca.CRL{Also: []fakeca.Response{
			{Serial: f.ca.Cert.SerialNumber, Status: Revoked}}}), match},
		{"entry of no other", HaveCRLEntry(f.mustStaple), list, mismatch},
		{"entry in an empty list", HaveCRLEntry(f.leaf), f.crl(fakeca.CRL{Also: []fakeca.Response{}}), mismatch},
		{"same serial, other issuer", HaveCRLEntry(cousin), list, mismatch},
		{"entry, version 1", HaveCRLEntry(f.leaf, HaveOCSPReason(Unspecified)), version1, match},
		{"entry, indirect", HaveCRLEntry(cousin), f.indirect(f.stranger), match},
		{"entry, indirect, not of the list's issuer", HaveCRLEntry(f.leaf), f.indirect(f.stranger), mismatch},
		{"entry, indirect, issuer of the entry before", HaveCRLEntry(&x509.Certificate{
			SerialNumber: big.NewInt(0x99), RawIssuer: f.stranger.Cert.RawSubject}), f.indirect(f.stranger), match},
		{"entry, indirect, issuer of the entry before, another", HaveCRLEntry(&x509.Certificate{
			SerialNumber: big.NewInt(0x99), RawIssuer: f.ca.Cert.RawSubject}), f.indirect(f.stranger), mismatch},
		{"entry, indirect, serial number", HaveCRLEntry(&x509.Certificate{SerialNumber: big.NewInt(0x2a)}), f.indirect(f.stranger), match},
		{"entry after a certificate issuer that cannot be read", HaveCRLEntry(f.mustStaple), unreadableIssuer, fault},
		{"entry with a reason that cannot be read", HaveCRLEntry(f.leaf), f.broken(0x0a, 1, 7), fault},
		{"another entry with a reason that cannot be read", HaveCRLEntry(f.mustStaple), f.broken(0x0a, 1, 7), mismatch},

		{"reason", HaveCRLEntry(f.leaf, HaveOCSPReason("keyCompromise")), list, match},
		{"reason, nested", HaveCRLEntry(f.leaf, HaveOCSPReason(BeElementOf(KeyCompromise, CACompromise))), list, match},
		{"reason, none", HaveCRLEntry(&x509.Certificate{SerialNumber: big.NewInt(0x98)}, HaveOCSPReason(Unspecified)), list, match},
		{"date", HaveCRLEntry(f.leaf, HaveOCSPRevokedAt(now.Add(-2*time.Hour))), list, match},
		{"date, nested", HaveCRLEntry(f.leaf, HaveOCSPRevokedAt(BeTemporally(">", now))), list, mismatch},
		{"both, one wrong", HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise), HaveOCSPRevokedAt(now)), list, mismatch},
		{"Not", HaveCRLEntry(f.leaf, Not(HaveOCSPReason(Superseded))), list, match},
		{"Or", HaveCRLEntry(f.leaf, Or(HaveOCSPReason(Superseded), reasonIs(KeyCompromise))), list, match},
		{"And", HaveCRLEntry(f.leaf, And(HaveOCSPReason(KeyCompromise), reasonIs(Superseded))), list, mismatch},
		{"foreign matcher", HaveCRLEntry(f.leaf, reasonIs(KeyCompromise)), list, match},
		{"all fields", HaveCRLEntry(f.leaf, BeComparableTo(f.entry(revoked), EquateOCSPResponses(0))), list, match},
		{"reason spelled out", HaveCRLEntry(f.leaf, HaveField("ExplicitReason", true)),
			f.crl(fakeca.CRL{Also: []fakeca.Response{f.entry(fakeca.Response{Status: Revoked, ExplicitReason: true})}}), match},
		{"reason left out", HaveCRLEntry(f.leaf, HaveField("ExplicitReason", true)), twice, mismatch},
		{"foreign matcher that fails", HaveCRLEntry(f.leaf, HaveField("X", 1)), list, fault},
		{"no entry for a foreign matcher that fails", HaveCRLEntry(f.mustStaple, HaveField("X", 1)), list, mismatch},
		{"two entries, the first", HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise)), twice, match},
		{"two entries, the second", HaveCRLEntry(f.leaf, HaveOCSPReason(Unspecified)), twice, match},
		{"two entries, neither", HaveCRLEntry(f.leaf, HaveOCSPReason(Superseded)), twice, mismatch},
		{"removed from the list", HaveCRLEntry(f.leaf, HaveOCSPReason(RemoveFromCRL)), lifted, match},

		{"number", HaveCRLNumber(7), list, match},
		{"number, uint8", HaveCRLNumber(uint8(7)), list, match},
		{"number, big", HaveCRLNumber(big.NewInt(7)), list, match},
		{"number, another", HaveCRLNumber(-7), list, mismatch},
		{"number, huge", HaveCRLNumber(new(big.Int).Lsh(big.NewInt(1), 158)), huge, match},
		{"number, negative", HaveCRLNumber(-1), f.numbered(2, 1, 0xff), match},
		{"number, none", HaveCRLNumber(0), anonymous, mismatch},
		{"number, none as wanted", HaveCRLNumber(BeNil()), anonymous, match},
		{"number, none wanted in vain", HaveCRLNumber(BeNil()), list, mismatch},
		{"number, matcher", HaveCRLNumber(Equal(big.NewInt(7))), list, match},
		{"number, unreadable", HaveCRLNumber(BeNil()), f.numbered(4, 0), fault},
		{"number, ==", HaveCRLNumber(BeNumerically("==", 7)), list, match},
		{"number, == another", HaveCRLNumber(BeNumerically("==", 8)), list, mismatch},
		{"number, ~", HaveCRLNumber(BeNumerically("~", 9, 2)), list, match},
		{"number, not ~", HaveCRLNumber(BeNumerically("~", 10, 2)), list, mismatch},
		{"number, ~ from below", HaveCRLNumber(BeNumerically("~", 5, 2)), list, match},
		{"number, ~ without a margin", HaveCRLNumber(BeNumerically("~", 7)), list, match},
		{"number, >", HaveCRLNumber(BeNumerically(">", big.NewInt(6))), list, match},
		{"number, > itself", HaveCRLNumber(BeNumerically(">", 7)), list, mismatch},
		{"number, huge, >", HaveCRLNumber(BeNumerically(">", uint64(1<<63))), huge, match},
		{"number, >=", HaveCRLNumber(BeNumerically(">=", 7)), list, match},
		{"number, not >=", HaveCRLNumber(BeNumerically(">=", 8)), list, mismatch},
		{"number, <", HaveCRLNumber(BeNumerically("<", 8)), list, match},
		{"number, < itself", HaveCRLNumber(BeNumerically("<", 7)), list, mismatch},
		{"number, <=", HaveCRLNumber(BeNumerically("<=", 7)), list, match},
		{"number, not <=", HaveCRLNumber(BeNumerically("<=", 6)), list, mismatch},
		{"number, none to compare", HaveCRLNumber(BeNumerically("<", 8)), anonymous, mismatch},

		{"delta", BeDeltaCRL(), lifted, match},
		{"delta, complete", BeDeltaCRL(), list, mismatch},
		{"delta, unreadable", BeDeltaCRL(), f.crl(fakeca.CRL{Base: big.NewInt(5), Edit: func(m *fakeca.CRLMessage) {
			setExtension(m.CRLExtensions, 27, []byte{4, 0})
		}}), fault},

		{"trailing data", HaveCRLNumber(7), append(bytes.Clone(list), 0), fault},
		{"no bytes", HaveCRLNumber(7), []byte{}, fault},
		{"garbage", HaveCRLNumber(7), []byte("garbage"), fault},
		{"PEM of a certificate", HaveCRLNumber(7), f.ca.CertPEM(), fault},
		{"PEM of two CRLs", HaveCRLNumber(7), toPEM("X509 CRL", list, list), fault},
		{"PEM of garbage", HaveCRLNumber(7), toPEM("X509 CRL", []byte("garbage")), fault},
		{"PEM in DER", HaveCRLNumber(7), append([]byte("0"), toPEM("X509 CRL", list)...), fault},
		{"OCSP response", HaveCRLNumber(7), f.leaf.Staple(fakeca.Response{}), fault},
		{"recorder without a body", HaveCRLNumber(7), &httptest.ResponseRecorder{}, fault},
		{"HTTP response without a body", HaveCRLNumber(7), &http.Response{StatusCode: 200}, fault},
		{"HTTP response that breaks", HaveCRLNumber(7), served(200, iotest.ErrReader(errors.New("broken"))), fault},
		{"x509.RevocationList without Raw", HaveCRLNumber(7), &x509.RevocationList{Number: big.NewInt(7)}, fault},
		{"description", HaveCRLNumber(7), fakeca.CRL{Number: big.NewInt(7)}, fault},
		{"pointer to a description", HaveCRLNumber(7), &fakeca.CRL{Number: big.NewInt(7)}, fault},
		{"connection", HaveCRLNumber(7), f.state(list), fault},
		{"nil", HaveCRLNumber(7), nil, fault},
		{"nil pointer", HaveCRLNumber(7), (*fakeca.CRLMessage)(nil), fault},
		{"other type", HaveCRLNumber(7), 42, fault},
		{"slice", HaveCRLNumber(7), [][]byte{list}, fault},
		{"one of a slice", ContainElement(HaveCRLNumber(7)), [][]byte{anonymous, list}, match},
		{"staple", HaveOCSPStaple(HaveCRLNumber(7)), f.state(list), fault},
		{"CRL for a matcher of OCSP", HaveOCSPStatus(Good), list, fault},
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

func TestCRLPoints(t *testing.T) {
	t.Parallel()
	f := newFixture()
	directory := f.ca.Cert.RawSubject
	relative, err := asn1.Marshal(f.ca.Cert.Subject.ToRDNSequence()[0])
	if err != nil {
		t.Fatal(err)
	}
	other := []byte{0x82, 1, 'x'} // dNSName
	type point = fakeca.CRLPoint
	one := f.withPoints(point{URLs: []string{shardURL}})
	full := point{
		URLs: []string{shardURL, "ldap://crl.example.test"}, DirectoryNames: [][]byte{directory}, OtherNames: [][]byte{other},
		Reasons: []fakeca.Reason{KeyCompromise, Superseded}, CRLIssuer: [][]byte{f.stranger.Cert.RawSubject},
	}
	several := f.withPoints(point{URLs: []string{"http://crl.example.test/0"}}, full)
	edited := func(edit func(*point)) point {
		p := full
		edit(&p)
		return p
	}
	pair := keyPair(one, nil)
	two := []string{"http://crl.example.test/0", shardURL}
	shard := f.crl(fakeca.CRL{DistributionPoint: two, OnlySomeReasons: []fakeca.Reason{KeyCompromise}})
	named := f.crl(fakeca.CRL{RelativeName: relative})
	state := f.state(nil)
	state.PeerCertificates = []*x509.Certificate{one.Cert}

	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    outcome
	}{
		{"leaf", HaveCRLPoint(shardURL), one, match},
		{"certificate", HaveCRLPoint(shardURL), one.Cert, match},
		{"tls.Certificate", HaveCRLPoint(shardURL), pair, match},
		{"pointer to tls.Certificate", HaveCRLPoint(shardURL), &pair, match},
		{"connection state", HaveCRLPoint(shardURL), state, match},
		{"pointer to connection state", HaveCRLPoint(shardURL), &state, match},
		{"connection", HaveCRLPoint(shardURL), f.dial(t, nil), mismatch},
		{"certificate of a staple", HaveOCSPStaple(HaveCRLPoint(shardURL)), f.state(f.leaf.Staple(fakeca.Response{})), mismatch},
		{"CA", HaveCRLPoint(shardURL), f.ca, mismatch},
		{"another URL", HaveCRLPoint("http://crl.example.test/2"), one, mismatch},
		{"prefix of the URL", HaveCRLPoint("http://crl.example.test/"), one, mismatch},
		{"nested", HaveCRLPoint(HavePrefix("http://crl.example.test/")), one, match},
		{"nested, another", HaveCRLPoint(HavePrefix("https:")), one, mismatch},
		{"nested, wrong type", HaveCRLPoint(BeNumerically(">", 1)), one, fault},
		{"any URL", HaveCRLPoint(Not(BeEmpty())), one, match},
		{"no URL", HaveCRLPoint(Not(BeEmpty())), f.leaf, mismatch},
		{"a point", HaveCRLPoint(point{URLs: []string{shardURL}}), one, match},
		{"a point that has no more", HaveCRLPoint(point{URLs: []string{shardURL}, Reasons: []fakeca.Reason{}}), one, mismatch},
		{"no point", HaveCRLPoint(point{}), f.leaf, mismatch},

		{"second URL of the second point", HaveCRLPoint("ldap://crl.example.test"), several, match},
		{"second point", HaveCRLPoint(full), several, match},
		{"second point, reasons in another order", HaveCRLPoint(edited(func(p *point) {
			p.Reasons = []fakeca.Reason{Superseded, KeyCompromise}
		})), several, match},
		{"second point, other URLs", HaveCRLPoint(edited(func(p *point) { p.URLs = p.URLs[:1] })), several, mismatch},
		{"second point, other directory names", HaveCRLPoint(edited(func(p *point) { p.DirectoryNames = nil })), several, mismatch},
		{"second point, other names", HaveCRLPoint(edited(func(p *point) { p.OtherNames = nil })), several, mismatch},
		{"second point, other reasons", HaveCRLPoint(edited(func(p *point) { p.Reasons = p.Reasons[:1] })), several, mismatch},
		{"second point, another CRL issuer", HaveCRLPoint(edited(func(p *point) { p.CRLIssuer = [][]byte{directory} })), several, mismatch},
		{"second point, relative name", HaveCRLPoint(edited(func(p *point) { p.RelativeName = relative })), several, mismatch},

		{"list, first URL", HaveCRLPoint("http://crl.example.test/0"), shard, match},
		{"list, second URL", HaveCRLPoint(shardURL), shard, match},
		{"list, another", HaveCRLPoint("http://crl.example.test/2"), shard, mismatch},
		{"list, PEM", HaveCRLPoint(shardURL), toPEM("X509 CRL", shard), match},
		{"list, point", HaveCRLPoint(point{URLs: two, Reasons: []fakeca.Reason{KeyCompromise}}), shard, match},
		{"list, point for all reasons", HaveCRLPoint(point{URLs: two}), shard, mismatch},
		{"list, complete", HaveCRLPoint(shardURL), f.crl(fakeca.CRL{}), mismatch},
		{"list, no name", HaveCRLPoint(shardURL), f.crl(fakeca.CRL{OnlyUserCerts: true}), mismatch},
		{"list, relative name", HaveCRLPoint(point{RelativeName: relative}), named, match},
		{"list, freshest CRL", HaveCRLPoint(shardURL), f.crl(fakeca.CRL{Freshest: []string{shardURL}}), mismatch},
		{"list, unreadable", HaveCRLPoint(shardURL), f.scoped(5, 0), fault},
		{"list, unreadable, for a point", HaveCRLPoint(point{}), f.scoped(5, 0), fault},

		{"certificate, freshest CRL", HaveCRLPoint(shardURL), f.withExtension(fakeca.FreshestCRL(point{URLs: []string{shardURL}})), mismatch},
		{"certificate, unreadable", HaveCRLPoint(shardURL), withoutParsing(5, 0), fault},
		{"certificate, empty", HaveCRLPoint(shardURL), withoutParsing(0x30, 0), fault},
		{"HTTP response", HaveCRLPoint(shardURL), f.get(t, nil), fault},
		{"OCSP response", HaveCRLPoint(shardURL), f.leaf.Staple(fakeca.Response{}), fault},
		{"PEM of a certificate", HaveCRLPoint(shardURL), one.CertPEM(), fault},
		{"PEM of two CRLs", HaveCRLPoint(shardURL), toPEM("X509 CRL", shard, shard), fault},
		{"nil certificate", HaveCRLPoint(shardURL), (*x509.Certificate)(nil), fault},
		{"nil", HaveCRLPoint(shardURL), nil, fault},
		{"another type", HaveCRLPoint(shardURL), 42, fault},
		{"slice", HaveCRLPoint(shardURL), []*x509.Certificate{one.Cert}, fault},
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
