package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// nameDER returns the DER of a name.
func nameDER(commonName string) []byte {
	return must(asn1.Marshal(pkix.Name{CommonName: commonName}.ToRDNSequence()))
}

// relativeDER returns the DER of a relative distinguished name.
func relativeDER(commonName string) []byte {
	return must(asn1.Marshal(pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: commonName}}))
}

var dnsName = []byte{0x82, 1, 'a'} // a GeneralName

func TestCRLDistributionPoints(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithCRLServer("http://default"))
	allReasons := []fakeca.Reason{
		fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AffiliationChanged, fakeca.Superseded,
		fakeca.CessationOfOperation, fakeca.CertificateHold, fakeca.PrivilegeWithdrawn, fakeca.AACompromise,
	}
	tests := []struct {
		name   string
		points []fakeca.CRLPoint
		urls   []string // what crypto/x509 sees
	}{
		{"zero", []fakeca.CRLPoint{{}}, nil},
		{"URL", []fakeca.CRLPoint{{URLs: []string{"http://a"}}}, []string{"http://a"}},
		{"two URLs", []fakeca.CRLPoint{{URLs: []string{"ldap://a", "http://a"}}}, []string{"ldap://a", "http://a"}},
		{"two points", []fakeca.CRLPoint{{URLs: []string{"http://a"}}, {URLs: []string{"http://b"}}}, []string{"http://a", "http://b"}},
		{"empty URL", []fakeca.CRLPoint{{URLs: []string{""}}}, []string{""}},
		{"directory name", []fakeca.CRLPoint{{DirectoryNames: [][]byte{nameDER("a"), nameDER("b")}}}, nil},
		{
			"all names", []fakeca.CRLPoint{{
				URLs: []string{"http://a"}, DirectoryNames: [][]byte{nameDER("a")}, OtherNames: [][]byte{dnsName, {0x88, 1, 42}},
			}},
			[]string{"http://a"},
		},
		{"relative name", []fakeca.CRLPoint{{RelativeName: relativeDER("a")}}, nil},
		{"reasons", []fakeca.CRLPoint{{URLs: []string{"http://a"}, Reasons: []fakeca.Reason{fakeca.KeyCompromise}}}, []string{"http://a"}},
		{"all reasons", []fakeca.CRLPoint{{Reasons: allReasons}}, nil},
		{"no reasons", []fakeca.CRLPoint{{Reasons: []fakeca.Reason{}}}, nil},
		{"CRL issuer", []fakeca.CRLPoint{{CRLIssuer: [][]byte{nameDER("a")}}}, nil},
		{
			"CRL issuers, with all", []fakeca.CRLPoint{{
				URLs: []string{"http://a"}, Reasons: []fakeca.Reason{fakeca.AACompromise}, CRLIssuer: [][]byte{nameDER("a"), nameDER("")},
			}},
			[]string{"http://a"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			extensions := []pkix.Extension{fakeca.CRLDistributionPoints(tt.points...), fakeca.FreshestCRL(tt.points...)}
			if tt.points[0].RelativeName == nil { // TestRelativeNameInX509
				c := ca.Issue(&x509.Certificate{ExtraExtensions: extensions}).Cert
				if diff := cmp.Diff(tt.urls, c.CRLDistributionPoints); diff != "" {
					t.Errorf("crypto/x509 (-want +got):\n%s", diff)
				}
				extensions = c.Extensions
			}
			got, err := fakeca.CRLPointsOf(extensions)
			if diff := cmp.Diff(tt.points, got); diff != "" || err != nil {
				t.Errorf("CRLPointsOf: %v (-want +got):\n%s", err, diff)
			}
			got, err = fakeca.FreshestCRLOf(extensions)
			if diff := cmp.Diff(tt.points, got); diff != "" || err != nil {
				t.Errorf("FreshestCRLOf: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	c := ca.Leaf().Cert
	got, err := fakeca.CRLPointsOf(c.Extensions)
	if diff := cmp.Diff([]fakeca.CRLPoint{{URLs: []string{"http://default"}}}, got); diff != "" || err != nil {
		t.Errorf("by WithCRLServer: %v (-want +got):\n%s", err, diff)
	}
	if got, err := fakeca.FreshestCRLOf(c.Extensions); got != nil || err != nil {
		t.Errorf("without the extension: %v, %v", got, err)
	}
}

// The extension takes the place of all other distribution points.
func TestCRLDistributionPointsWin(t *testing.T) {
	t.Parallel()
	points := []fakeca.CRLPoint{
		{URLs: []string{"ldap://a", "http://a"}, Reasons: []fakeca.Reason{fakeca.KeyCompromise}},
		{DirectoryNames: [][]byte{nameDER("a")}, CRLIssuer: [][]byte{nameDER("issuer")}},
		{URLs: []string{"http://b"}},
	}
	extensions := []pkix.Extension{fakeca.CRLDistributionPoints(points...)}
	option := fakeca.New(fakeca.WithCRLServer("http://default"))
	advertising := fakeca.New()
	advertising.Advertise(fakeca.Servers{CRL: []string{"http://default"}})
	tests := []struct {
		name string
		cert *x509.Certificate
	}{
		{"over none", fakeca.New().Issue(&x509.Certificate{ExtraExtensions: extensions}).Cert},
		{"over WithCRLServer", option.Issue(&x509.Certificate{ExtraExtensions: extensions}).Cert},
		{"over Advertise", advertising.Issue(&x509.Certificate{ExtraExtensions: extensions}).Cert},
		{
			"over the template's",
			option.Issue(&x509.Certificate{ExtraExtensions: extensions, CRLDistributionPoints: []string{"http://mine"}}).Cert,
		},
		{"of a CA", option.Intermediate(fakeca.WithTemplate(&x509.Certificate{ExtraExtensions: extensions})).Cert},
		{"of a root", fakeca.New(fakeca.WithTemplate(&x509.Certificate{ExtraExtensions: extensions})).Cert},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := fakeca.CRLPointsOf(tt.cert.Extensions) // an error if the extension is there twice
			if diff := cmp.Diff(points, got); diff != "" || err != nil {
				t.Errorf("CRLPointsOf: %v (-want +got):\n%s", err, diff)
			}
			if diff := cmp.Diff([]string{"ldap://a", "http://a", "http://b"}, tt.cert.CRLDistributionPoints); diff != "" {
				t.Errorf("crypto/x509 (-want +got):\n%s", diff)
			}
		})
	}
}

// crypto/x509 refuses a certificate with a relative name of a CRL, but not with
// one of a delta CRL.
func TestRelativeNameInX509(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	point := fakeca.CRLPoint{RelativeName: relativeDER("a")}
	issue := func(e pkix.Extension) { ca.Issue(&x509.Certificate{ExtraExtensions: []pkix.Extension{e}}) }
	issue(fakeca.FreshestCRL(point))
	const want = `fakeca: cannot read back the certificate issued for "CN=fakeca leaf (do not trust)"; change the template: ` +
		"x509: invalid CRL distribution point"
	if got := panicText(t, func() { issue(fakeca.CRLDistributionPoints(point)) }); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestCRLPointsOfErrors(t *testing.T) {
	t.Parallel()
	const list = "cRLDistributionPoints: "
	const first = list + "point 0: "
	const name = first + "distributionPoint: "
	sequence := func(content ...byte) []byte { return append([]byte{0x30, byte(len(content))}, content...) }
	point := func(content ...byte) []byte { return sequence(sequence(content...)...) }
	tests := []struct {
		name  string
		value []byte
		err   string
	}{
		{"nothing", []byte{}, list + "missing"},
		{"another type", []byte{5, 0}, list + "found tag 0x05, expected 0x30"},
		{"trailing data", append(point(), 5, 0), list + "2 bytes of trailing data"},
		{"no point", sequence(), list + "empty"},
		{"point of another type", sequence(5, 0), first + "found tag 0x05, expected 0x30"},
		{"something more", point(5, 0), first + "2 bytes of trailing data"},
		{"out of order", point(0x81, 1, 0, 0xa0, 0), first + "2 bytes of trailing data"},
		{"no name", point(0xa0, 0), name + "fullName: missing"},
		{"two choices", point(0xa0, 8, 0xa0, 2, 0x86, 0, 0xa0, 2, 0x86, 0), name + "fullName: 4 bytes of trailing data"},
		{"empty full name", point(0xa0, 2, 0xa0, 0), name + "fullName: empty"},
		{"other choice", point(0xa0, 2, 0xa2, 0), name + "fullName: found tag 0xa2, expected 0xa0"},
		{"name of no type", point(0xa0, 4, 0xa0, 2, 0x89, 0), name + "fullName: name 0: tag 0x89 is not that of a GeneralName"},
		{"name, cut off", point(0xa0, 4, 0xa0, 2, 0x86, 1), name + "fullName: name 0: truncated, or its length is not DER"},
		{"URL that is not ASCII", point(0xa0, 5, 0xa0, 3, 0x86, 1, 0xff), name + `fullName: name 0: "\xff" is not ASCII`},
		{"directory name without a name", point(0xa0, 6, 0xa0, 4, 0xa4, 2, 5, 0), name + "fullName: name 0: found tag 0x05, expected 0x30"},
		{"empty relative name", point(0xa0, 2, 0xa1, 0), name + "nameRelativeToCRLIssuer: a relative distinguished name is empty"},
		{"relative name that is none", point(0xa0, 4, 0xa1, 2, 5, 0), name + "nameRelativeToCRLIssuer: found tag 0x05, expected 0x30"},
		{"reasons without bits", point(0x81, 0), first + "reasons: BIT STRING without a number of unused bits"},
		{"unused bits that are set", point(0x81, 2, 5, 0x50), first + "reasons: BIT STRING with unused bits that are not zero"},
		{"zeros at the end", point(0x81, 2, 0, 0x40), first + "reasons: the last bit is not set, which DER leaves out"},
		{"bit 0", point(0x81, 2, 7, 0x80), first + "reasons: bit 0 stands for no reason"},
		{"bit 9", point(0x81, 3, 6, 0, 0x40), first + "reasons: bit 9 stands for no reason"},
		{"empty CRL issuer", point(0xa2, 0), first + "cRLIssuer: empty"},
		{"CRL issuer by URL", point(0xa2, 2, 0x86, 0), first + "cRLIssuer: not a directoryName"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := fakeca.CRLDistributionPoints(fakeca.CRLPoint{})
			e.Value = tt.value
			points, err := fakeca.CRLPointsOf([]pkix.Extension{e})
			checkError(t, "CRLPointsOf", err, tt.err)
			if points != nil {
				t.Errorf("and %v", points)
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		e := fakeca.FreshestCRL(fakeca.CRLPoint{})
		_, err := fakeca.FreshestCRLOf([]pkix.Extension{e, e})
		checkError(t, "FreshestCRLOf", err, "freshestCRL: there are two")
	})
}

func TestCRLPointPanics(t *testing.T) {
	t.Parallel()
	const orPoint = "a distribution point has a full name or a relative name, so leave one out"
	tests := []struct {
		name  string
		point fakeca.CRLPoint
		want  string // after "fakeca: CRLDistributionPoints: point 0: "
	}{
		{"URL", fakeca.CRLPoint{URLs: []string{"http://ä"}}, `the URL "http://ä" is not ASCII; percent-encode it`},
		{
			"two names",
			fakeca.CRLPoint{URLs: []string{"http://a"}, RelativeName: relativeDER("a")},
			"RelativeName is not the only name; " + orPoint,
		},
		{
			"relative name",
			fakeca.CRLPoint{RelativeName: nameDER("a")},
			"RelativeName is not a RelativeDistinguishedName (found tag 0x30, expected 0x31); " +
				"use asn1.Marshal(pkix.RelativeDistinguishedNameSET{...})",
		},
		{
			"directory name",
			fakeca.CRLPoint{DirectoryNames: [][]byte{nameDER("a"), []byte("a")}},
			"DirectoryNames[1] is not the DER of a name (truncated, or its length is not DER); use RawSubject of a certificate",
		},
		{
			"CRL issuer",
			fakeca.CRLPoint{CRLIssuer: [][]byte{nil}},
			"CRLIssuer[0] is not the DER of a name (missing); use RawSubject of a certificate",
		},
		{
			"reason",
			fakeca.CRLPoint{Reasons: []fakeca.Reason{fakeca.RemoveFromCRL}},
			"Reasons has remove_from_crl, for which RFC 5280 section 4.2.1.13 has no bit; write the Value of the extension to send it",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := "fakeca: CRLDistributionPoints: point 0: " + tt.want
			if got := panicText(t, func() { fakeca.CRLDistributionPoints(tt.point) }); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
	t.Run("no point", func(t *testing.T) {
		t.Parallel()
		want := "fakeca: FreshestCRL needs a point; leave the extension out for none"
		if got := panicText(t, func() { fakeca.FreshestCRL() }); got != want {
			t.Error(got)
		}
	})
}

func TestCRLPointNames(t *testing.T) {
	t.Parallel()
	directory := func(name []byte) []byte { return append([]byte{0xa4, byte(len(name))}, name...) }
	relativeTo := func(issuer string) []byte {
		return directory(must(asn1.Marshal(append(pkix.Name{CommonName: issuer}.ToRDNSequence(), pkix.RelativeDistinguishedNameSET{
			{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "r"},
		}))))
	}
	tests := []struct {
		name  string
		point fakeca.CRLPoint
		want  [][]byte
	}{
		{"none", fakeca.CRLPoint{}, nil},
		{
			"full name",
			fakeca.CRLPoint{
				URLs: []string{"u"}, DirectoryNames: [][]byte{nameDER("d")}, OtherNames: [][]byte{dnsName}, CRLIssuer: [][]byte{nameDER("i")},
			},
			[][]byte{{0x86, 1, 'u'}, directory(nameDER("d")), dnsName},
		},
		{"relative to the issuer of the certificate", fakeca.CRLPoint{RelativeName: relativeDER("r")}, [][]byte{relativeTo("ca")}},
		{
			"relative to the CRL issuer",
			fakeca.CRLPoint{RelativeName: relativeDER("r"), CRLIssuer: [][]byte{nameDER("i")}},
			[][]byte{relativeTo("i")},
		},
		{
			"only CRL issuers",
			fakeca.CRLPoint{CRLIssuer: [][]byte{nameDER("i"), nameDER("j")}},
			[][]byte{directory(nameDER("i")), directory(nameDER("j"))},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.point.Names(nameDER("ca"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	p := fakeca.IssuingDistributionPoint{RelativeName: relativeDER("r")}
	if got := p.Names(nameDER("i")); len(got) != 1 || !bytes.Equal(got[0], relativeTo("i")) {
		t.Errorf("IssuingDistributionPoint.Names: %x", got)
	}
	if got := p.Names(nil); got != nil {
		t.Errorf("relative to nothing: %x", got)
	}
}
