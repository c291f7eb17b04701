package fakeca_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

var (
	y1999 = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	y2049 = time.Date(2049, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Issue fills in what is zero in a template, and keeps the rest.
func TestIssueFills(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithOCSPServer("http://ocsp.test"), fakeca.WithCRLServer("http://crl.test"))
	short := fakeca.New(fakeca.WithTemplate(&x509.Certificate{NotBefore: at(0), NotAfter: at(time.Hour)}))
	const leafUsage = x509.KeyUsageDigitalSignature
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	type fields struct {
		CommonName         string
		NotBefore          time.Time
		NotAfter           time.Time
		KeyUsage           x509.KeyUsage
		ExtKeyUsage        []x509.ExtKeyUsage
		UnknownExtKeyUsage []asn1.ObjectIdentifier
		OCSPServer         []string
		CRL                []string
		IsCA               bool
	}
	zero := fields{
		CommonName: "fakeca leaf (do not trust)", NotBefore: y1999, NotAfter: y2049,
		KeyUsage: leafUsage, ExtKeyUsage: server, OCSPServer: []string{"http://ocsp.test"}, CRL: []string{"http://crl.test"},
	}
	tests := []struct {
		name string
		ca   *fakeca.CA
		tmpl x509.Certificate
		want func(*fields)
	}{
		{"nothing", ca, x509.Certificate{}, func(*fields) {}},
		{
			"Subject by DNS name", ca, x509.Certificate{DNSNames: []string{"a.test", "b.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}},
			func(f *fields) { f.CommonName = "a.test" },
		},
		{
			"Subject by IP address", ca, x509.Certificate{IPAddresses: []net.IP{net.IPv6loopback}, EmailAddresses: []string{"a@b.test"}},
			func(f *fields) { f.CommonName = "::1" },
		},
		{
			"Subject by email address", ca, x509.Certificate{EmailAddresses: []string{"a@b.test"}},
			func(f *fields) { f.CommonName = "a@b.test" },
		},
		{
			"Subject by URI", ca, x509.Certificate{URIs: []*url.URL{{Scheme: "spiffe", Host: "a.test", Path: "/b"}}},
			func(f *fields) { f.CommonName = "spiffe://a.test/b" },
		},
		{
			"Subject by the first name that fits", ca,
			x509.Certificate{DNSNames: []string{string(bytes.Repeat([]byte("a."), 32)) + "test", "short.test"}},
			func(f *fields) { f.CommonName = "short.test" },
		},
		{
			"Subject",
			ca,
			x509.Certificate{Subject: pkix.Name{CommonName: "mine"}, DNSNames: []string{"a.test"}},
			func(f *fields) { f.CommonName = "mine" },
		},
		{
			"RawSubject", ca, x509.Certificate{RawSubject: must(asn1.Marshal(pkix.Name{CommonName: "raw"}.ToRDNSequence()))},
			func(f *fields) { f.CommonName = "raw" },
		},
		{
			"RawSubject, empty", ca, x509.Certificate{RawSubject: []byte{0x30, 0x00}, DNSNames: []string{"a.test"}},
			func(f *fields) { f.CommonName = "" },
		},
		{"NotBefore", ca, x509.Certificate{NotBefore: at(0)}, func(f *fields) { f.NotBefore = at(0) }},
		{"NotAfter", ca, x509.Certificate{NotAfter: at(0)}, func(f *fields) { f.NotAfter = at(0) }},
		{
			"times of the issuer", short, x509.Certificate{},
			func(f *fields) { f.NotBefore, f.NotAfter, f.OCSPServer, f.CRL = at(0), at(time.Hour), nil, nil },
		},
		{"KeyUsage", ca, x509.Certificate{KeyUsage: x509.KeyUsageCRLSign}, func(f *fields) { f.KeyUsage = x509.KeyUsageCRLSign }},
		{
			"KeyUsage of RSA", ca, x509.Certificate{PublicKey: rsa2048()},
			func(f *fields) { f.KeyUsage = leafUsage | x509.KeyUsageKeyEncipherment },
		},
		{
			"KeyUsage of a CA", ca, x509.Certificate{IsCA: true},
			func(f *fields) {
				f.IsCA, f.ExtKeyUsage = true, nil
				f.KeyUsage = leafUsage | x509.KeyUsageCertSign | x509.KeyUsageCRLSign
			},
		},
		{
			"ExtKeyUsage",
			ca,
			x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}},
			func(f *fields) { f.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} },
		},
		{"ExtKeyUsage, none", ca, x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}}, func(f *fields) { f.ExtKeyUsage = nil }},
		{
			"UnknownExtKeyUsage", ca, x509.Certificate{UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 3}}},
			func(f *fields) { f.ExtKeyUsage, f.UnknownExtKeyUsage = nil, []asn1.ObjectIdentifier{{1, 2, 3}} },
		},
		{"OCSPServer", ca, x509.Certificate{OCSPServer: []string{"http://a.test"}}, func(f *fields) { f.OCSPServer = []string{"http://a.test"} }},
		{"OCSPServer, none", ca, x509.Certificate{OCSPServer: []string{}}, func(f *fields) { f.OCSPServer = nil }},
		{
			"CRLDistributionPoints",
			ca,
			x509.Certificate{CRLDistributionPoints: []string{"http://a.test"}},
			func(f *fields) { f.CRL = []string{"http://a.test"} },
		},
		{"CRLDistributionPoints, none", ca, x509.Certificate{CRLDistributionPoints: []string{}}, func(f *fields) { f.CRL = nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := zero
			tt.want(&want)
			given := tt.tmpl
			leaf := tt.ca.Issue(&given)
			c := leaf.Cert
			got := fields{
				c.Subject.CommonName, c.NotBefore, c.NotAfter, c.KeyUsage, c.ExtKeyUsage, c.UnknownExtKeyUsage,
				c.OCSPServer, c.CRLDistributionPoints, c.IsCA,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if leaf.Issuer != tt.ca {
				t.Error("Issuer is another CA")
			}
			if given.SerialNumber != nil || given.SubjectKeyId != nil || given.KeyUsage != tt.tmpl.KeyUsage || given.PublicKey != tt.tmpl.PublicKey {
				t.Error("Issue wrote to the template")
			}
			if err := c.CheckSignatureFrom(tt.ca.Cert); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestIssueKeys(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	tests := []struct {
		name    string
		given   any
		hasKey  bool
		wantPub any // nil: a new one
	}{
		{"none", nil, true, nil},
		{"ECDSA", p384(), true, p384().Public()},
		{"RSA", rsa2048(), true, rsa2048().Public()},
		{"Ed25519", ed(), true, ed().Public()},
		{"bare ECDSA", p521().Public(), false, p521().Public()},
		{"bare RSA", rsa2048().Public(), false, rsa2048().Public()},
		{"bare Ed25519", ed().Public(), false, ed().Public()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := ca.Issue(&x509.Certificate{PublicKey: tt.given})
			if (leaf.Key != nil) != tt.hasKey {
				t.Fatalf("Key: %v", leaf.Key)
			}
			if tt.wantPub != nil && !samePublicKey(leaf.Cert.PublicKey, tt.wantPub) {
				t.Errorf("PublicKey: %v", leaf.Cert.PublicKey)
			}
			if leaf.Key != nil && !samePublicKey(leaf.Cert.PublicKey, leaf.Key.Public()) {
				t.Error("Key is not the certificate's")
			}
			if tt.given == nil && samePublicKey(leaf.Cert.PublicKey, ca.Issue(&x509.Certificate{}).Cert.PublicKey) {
				t.Error("two leaves have the same key")
			}
		})
	}
}

func samePublicKey(a, b any) bool {
	return bytes.Equal(must(x509.MarshalPKIXPublicKey(a)), must(x509.MarshalPKIXPublicKey(b)))
}

func TestIssueSerial(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	seen := make(map[string]bool)
	var ever [2]big.Int // the bits that were 0, and those that were 1
	all := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 127), big.NewInt(1))
	for range 100 {
		serial := ca.Issue(&x509.Certificate{PublicKey: p256()}).Cert.SerialNumber
		if serial.Sign() <= 0 || serial.BitLen() > 127 {
			t.Errorf("serial number %x", serial)
		}
		seen[serial.String()] = true
		ever[0].Or(&ever[0], new(big.Int).AndNot(all, serial))
		ever[1].Or(&ever[1], serial)
	}
	for value := range ever { // by chance with a probability of 2^-99
		if fixed := new(big.Int).AndNot(all, &ever[value]); fixed.Sign() != 0 {
			t.Errorf("the bits %x are never %d", fixed, value)
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d serial numbers for 100 certificates", len(seen))
	}
	if got := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(5)}).Cert.SerialNumber; got.Int64() != 5 {
		t.Errorf("serial number %v, want that of the template", got)
	}
}

// Every certificate has key identifiers, which match its issuer's and differ from
// the hash in a CertID.
func TestKeyIdentifiers(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithName("same"))
	// For an intermediate with its issuer's name, x509.CreateCertificate leaves the
	// authority key identifier to the template.
	same := root.Intermediate(fakeca.WithName("same"))
	deep := same.Intermediate()
	mine := []byte("mine")
	tests := []struct {
		name   string
		cert   *x509.Certificate
		issuer *x509.Certificate
		ski    []byte // nil: by RFC 7093
	}{
		{"root", root.Cert, root.Cert, nil},
		{"intermediate", deep.Cert, same.Cert, nil},
		{"intermediate with its issuer's name", same.Cert, root.Cert, nil},
		{"leaf", deep.Leaf().Cert, deep.Cert, nil},
		{"leaf of the root", root.Leaf().Cert, root.Cert, nil},
		{"delegate", deep.OCSPSigner().Cert, deep.Cert, nil},
		{"leaf with a SubjectKeyId", root.Issue(&x509.Certificate{SubjectKeyId: mine}).Cert, root.Cert, mine},
		{"leaf with an AuthorityKeyId", root.Issue(&x509.Certificate{AuthorityKeyId: mine}).Cert, root.Cert, nil},
		{"leaf with its issuer's name", root.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "same"}}).Cert, root.Cert, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := tt.ski
			if want == nil {
				sum := sha256.Sum256(publicKeyBits(t, tt.cert))
				want = sum[:20]
			}
			if !bytes.Equal(tt.cert.SubjectKeyId, want) {
				t.Errorf("subject key identifier %x, want %x", tt.cert.SubjectKeyId, want)
			}
			if len(tt.issuer.SubjectKeyId) == 0 || !bytes.Equal(tt.cert.AuthorityKeyId, tt.issuer.SubjectKeyId) {
				t.Errorf("authority key identifier %x, the issuer's subject key identifier %x", tt.cert.AuthorityKeyId, tt.issuer.SubjectKeyId)
			}
			if err := tt.cert.CheckSignatureFrom(tt.issuer); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each name has the type that it looks like.
func TestLeafNames(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	type names struct{ DNS, IP, Email, URI []string }
	long253 := strings.Repeat("b"+strings.Repeat("a", 62)+".", 3) + strings.Repeat("a", 61)
	dns := []string{"a", "a.example.test", "*.example.test", "_x.xn--bcher-kva.example", "1.2.3.test", "UPPER.test"}
	uris := []string{"spiffe://example.test/a", "https://a@example.test:8443/", "urn:uuid:f81d4fae"}
	tests := []struct {
		name  string
		given []string
		want  names
	}{
		{"none", nil, names{DNS: []string{"localhost", "example.com", "*.example.com"}, IP: []string{"127.0.0.1", "::1"}}},
		{"DNS", dns, names{DNS: dns}},
		{"DNS of 253 bytes", []string{long253, "*." + long253[2:]}, names{DNS: []string{long253, "*." + long253[2:]}}},
		{"IP", []string{"192.0.2.1", "2001:db8::1", "::"}, names{IP: []string{"192.0.2.1", "2001:db8::1", "::"}}},
		{"email", []string{"a@example.test", "a+b@example.test"}, names{Email: []string{"a@example.test", "a+b@example.test"}}},
		{"URI", uris, names{URI: uris}},
		{
			"mixed",
			[]string{"::1", "a.test", "b@a.test", "spiffe://a.test", "b.test"},
			names{[]string{"a.test", "b.test"}, []string{"::1"}, []string{"b@a.test"}, []string{"spiffe://a.test"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := ca.Leaf(tt.given...).Cert
			got := names{DNS: c.DNSNames, Email: c.EmailAddresses}
			for _, ip := range c.IPAddresses {
				got.IP = append(got.IP, ip.String())
			}
			for _, u := range c.URIs {
				got.URI = append(got.URI, u.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOCSPSigner(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithOCSPServer("http://ocsp.test"))
	noCheck := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	usage, otherUsage := []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	const usualName = "fakeca OCSP responder (do not trust)"
	tests := []struct {
		name    string
		leaf    *fakeca.Leaf
		eku     []x509.ExtKeyUsage
		noCheck bool
		cn      string
	}{
		{"default", ca.OCSPSigner(), usage, true, usualName},
		{"named", ca.OCSPSigner(&x509.Certificate{Subject: pkix.Name{CommonName: "me"}}), usage, true, "me"},
		{"without nocheck", ca.OCSPSigner(&x509.Certificate{ExtraExtensions: []pkix.Extension{}}), usage, false, usualName},
		{"without a usage", ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{}}), nil, true, usualName},
		{"with another usage", ca.OCSPSigner(&x509.Certificate{ExtKeyUsage: otherUsage}), otherUsage, true, usualName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.leaf.Cert
			if !slices.Equal(c.ExtKeyUsage, tt.eku) {
				t.Errorf("ExtKeyUsage %v, want %v", c.ExtKeyUsage, tt.eku)
			}
			i := slices.IndexFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(noCheck) })
			if (i >= 0) != tt.noCheck {
				t.Errorf("id-pkix-ocsp-nocheck at %d", i)
			}
			if i >= 0 && (c.Extensions[i].Critical || !bytes.Equal(c.Extensions[i].Value, []byte{5, 0})) {
				t.Errorf("id-pkix-ocsp-nocheck is %+v, want NULL", c.Extensions[i])
			}
			if c.Subject.CommonName != tt.cn || c.IsCA || len(c.OCSPServer) > 0 || c.KeyUsage != x509.KeyUsageDigitalSignature {
				t.Errorf("subject %v, CA %v, responders %v, usage %v", c.Subject, c.IsCA, c.OCSPServer, c.KeyUsage)
			}
			if err := c.CheckSignatureFrom(ca.Cert); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMustStaple(t *testing.T) {
	t.Parallel()
	leaf := fakeca.New().Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{fakeca.MustStaple()}})
	want := unhex("301106082b0601050507011804053003020105") // Extension { id-pe-tlsfeature, SEQUENCE { 5 } }
	if !bytes.Contains(leaf.Cert.RawTBSCertificate, want) {
		t.Errorf("%x\ndoes not hold\n%x", leaf.Cert.RawTBSCertificate, want)
	}
}
