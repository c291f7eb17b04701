package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// signedBy is the list c by another signer, in its name.
func signedBy(signer func(w *world) *fakeca.Leaf, c fakeca.CRL) func(*world) [][]byte {
	return func(w *world) [][]byte {
		c := c
		c.Signer = signer(w)
		return listing(c)(w)
	}
}

// crlSigner issues a certificate that may sign lists, unless tmpl says otherwise.
func crlSigner(from *fakeca.CA, tmpl x509.Certificate) *fakeca.Leaf {
	if tmpl.KeyUsage == 0 {
		tmpl.KeyUsage = x509.KeyUsageCRLSign
	}
	return from.Issue(&tmpl)
}

// Steps (f) and (g) of RFC 5280 section 6.3.3.
func TestCRLSigner(t *testing.T) {
	t.Parallel()
	const (
		notByCA = `crl-signature: it is not by the key of "CN=CA"`
		noPath  = `crl-signer: the certificate of "CN=CA" is not valid below the issuer or its CAs: x509: certificate signed by unknown authority`
	)
	named := func(cn string) x509.Certificate { return x509.Certificate{Subject: pkix.Name{CommonName: cn}} }
	var cases []crlCase
	// second adds a case in which a second certificate of the CA's name signs.
	second := func(
		name string, issue func(w *world) *fakeca.Leaf, known func(w *world, c *x509.Certificate) []*x509.Certificate, want ...string,
	) {
		var signer *fakeca.Leaf
		cases = append(cases, crlCase{
			name: name,
			issuers: func(w *world) []*x509.Certificate {
				signer = issue(w)
				return known(w, signer.Cert)
			},
			lists: func(w *world) [][]byte { return signedBy(func(*world) *fakeca.Leaf { return signer }, fakeca.CRL{})(w) },
			want:  want,
		})
	}
	only := func(_ *world, c *x509.Certificate) []*x509.Certificate { return []*x509.Certificate{c} }
	andRoot := func(w *world, c *x509.Certificate) []*x509.Certificate { return []*x509.Certificate{c, w.root.Cert} }
	none := func(*world, *x509.Certificate) []*x509.Certificate { return nil }
	byCA := func(tmpl x509.Certificate) func(w *world) *fakeca.Leaf {
		return func(w *world) *fakeca.Leaf { return crlSigner(w.ca, tmpl) }
	}
	byRoot := func(w *world) *fakeca.Leaf { return crlSigner(w.root, named("CA")) }
	second("second key, by the issuer", byCA(named("CA")), only)
	second("second key, not known", byCA(named("CA")), none, notByCA)
	second("second key, by the root", byRoot, andRoot)
	second("second key, by the root that is not known", byRoot, only,
		noPath)
	second("second key, by a stranger", func(w *world) *fakeca.Leaf { return crlSigner(w.stranger, named("CA")) },
		func(w *world, c *x509.Certificate) []*x509.Certificate {
			return []*x509.Certificate{c, w.stranger.Cert, w.root.Cert}
		},
		noPath)
	namesake := fakeca.New(fakeca.WithName("root"), fakeca.WithClock(func() time.Time { return judgedAt }))
	second("second key, by a namesake of the root", func(*world) *fakeca.Leaf { return crlSigner(namesake, named("CA")) },
		func(_ *world, c *x509.Certificate) []*x509.Certificate { return []*x509.Certificate{c, namesake.Cert} }, noPath)
	second("second key, below a CA below the issuer", func(w *world) *fakeca.Leaf {
		return crlSigner(w.ca.Intermediate(fakeca.WithName("below")), named("CA"))
	}, only, noPath)
	early, late := named("CA"), named("CA")
	early.NotBefore, early.NotAfter = judgedAt.AddDate(0, 0, 1), judgedAt.AddDate(0, 0, 2)
	late.NotBefore, late.NotAfter = judgedAt.AddDate(0, 0, -2), judgedAt.AddDate(0, 0, -1)
	second("second key, early", byCA(early), only, `crl-signer-early: "CN=CA" is not valid before 2026-03-02T12:00:00Z`)
	second("second key, expired", byCA(late), only, `crl-signer-expired: "CN=CA" is not valid after 2026-02-28T12:00:00Z`)
	signs := named("CA")
	signs.KeyUsage = x509.KeyUsageDigitalSignature
	second("second key, without cRLSign", byCA(signs), only, `crl-signer-key-usage: the key usage of "CN=CA" lacks cRLSign`)

	// The key identifier of the list says which of two certificates of one key is meant.
	cases = append(cases, crlCase{
		name: "two certificates of one key, of which the one that is not named has expired",
		issuers: func(w *world) []*x509.Certificate {
			key := w.sibling.Key
			early := crlSigner(w.ca, x509.Certificate{
				Subject: pkix.Name{CommonName: "CA"}, PublicKey: key, SubjectKeyId: []byte{1},
				NotBefore: judgedAt.AddDate(0, 0, -2), NotAfter: judgedAt.AddDate(0, 0, -1),
			})
			now := crlSigner(w.ca, x509.Certificate{Subject: pkix.Name{CommonName: "CA"}, PublicKey: key, SubjectKeyId: []byte{2}})
			w.sibling = &fakeca.Leaf{Cert: now.Cert, Key: key}
			return []*x509.Certificate{early.Cert, now.Cert}
		},
		lists: signedBy(func(w *world) *fakeca.Leaf { return w.sibling }, fakeca.CRL{}),
	})
	cases = append(cases, []crlCase{
		{
			name: "forged",
			lists: func(w *world) [][]byte {
				return listing(fakeca.CRL{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: w.stranger.Key}})(w)
			},
			want: []string{notByCA},
		},
		{
			name:  "by a leaf in its own name",
			lists: signedBy(func(w *world) *fakeca.Leaf { return w.sibling }, fakeca.CRL{}), status: fakeca.Unknown,
			want: []string{`crl-issuer: it is from "CN=sibling.example.test", neither the issuer nor a cRLIssuer of the certificate`},
		},
		{
			name: "by a leaf that says it is the CA",
			lists: func(w *world) [][]byte {
				list := editingCRL(func(m *fakeca.CRLMessage) { m.Issuer = w.ca.Cert.RawSubject })
				return signedBy(func(*world) *fakeca.Leaf { return w.sibling }, list)(w)
			},
			want: []string{notByCA},
		},
	}...)
	runCRLCases(t, cases)
}

// The key usage of the issuer itself.
func TestCRLIssuerKeyUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		usage x509.KeyUsage
		want  []string
	}{
		{"cRLSign", x509.KeyUsageCertSign | x509.KeyUsageCRLSign, nil},
		{"only keyCertSign", x509.KeyUsageCertSign, []string{`crl-signer-key-usage: the key usage of "CN=no sign" lacks cRLSign`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(nil)
			w.ca = w.root.Intermediate(fakeca.WithName("no sign"), fakeca.WithTemplate(&x509.Certificate{KeyUsage: tt.usage}))
			w.leaf = w.ca.Leaf()
			runCRLsOn(t, w, listing(fakeca.CRL{})(w), tt.want)
		})
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		w := newWorld(nil)
		issuer := *w.ca.Cert // crypto/x509 makes no CA without the extension
		issuer.KeyUsage, issuer.Extensions = 0, nil
		w.ca.Cert = &issuer
		runCRLsOn(t, w, listing(fakeca.CRL{})(w), nil)
	})
}

// Indirect lists: step (b)(1), and RFC 5280 section 5.3.3.
func TestCRLIndirect(t *testing.T) {
	t.Parallel()
	const url = "http://crl.test/indirect"
	w := newWorld(nil)
	authority := crlSigner(w.root, x509.Certificate{Subject: pkix.Name{CommonName: "authority"}})
	name, other := authority.Cert.RawSubject, w.stranger.Cert.RawSubject
	// entries of an indirect list: the certificate issuer of each, nil for none.
	type entry struct {
		issuer []byte
		serial int64
	}
	list := func(c fakeca.CRL, entries ...entry) []byte {
		c.Signer, c.Number = authority, big1
		edit := c.Edit
		c.Edit = func(m *fakeca.CRLMessage) {
			m.RevokedCertificates = nil
			for _, e := range entries {
				m.RevokedCertificates = append(m.RevokedCertificates, indirectEntry(e.issuer, e.serial))
			}
			if edit != nil {
				edit(m)
			}
		}
		return w.ca.CRL(c)
	}
	indirect := fakeca.CRL{Indirect: true}
	point := []fakeca.CRLPoint{{URLs: []string{url}, CRLIssuer: [][]byte{name}}}
	notIndirect := []string{`crl-indirect: the certificate names its issuer, "CN=authority", as cRLIssuer, and it is not indirect`}
	for _, tt := range []struct {
		name   string
		points []fakeca.CRLPoint
		list   []byte
		status fakeca.Status
		want   []string
	}{
		{"empty", point, list(indirect), fakeca.Good, nil},
		{"of its CA", point, list(indirect, entry{w.ca.Cert.RawSubject, 0x2a}), fakeca.Revoked, nil},
		{"of another CA", point, list(indirect, entry{other, 0x2a}), fakeca.Good, nil},
		{"of the list's issuer", point, list(indirect, entry{nil, 0x2a}), fakeca.Good, nil},
		{"carried over", point, list(indirect, entry{w.ca.Cert.RawSubject, 1}, entry{nil, 2}, entry{nil, 0x2a}), fakeca.Revoked, nil},
		{"of another, carried over", point, list(indirect, entry{w.ca.Cert.RawSubject, 1}, entry{other, 2}, entry{nil, 0x2a}), fakeca.Good, nil},
		{
			"and back", point, list(indirect, entry{other, 0x2a}, entry{w.ca.Cert.RawSubject, 3}, entry{nil, 0x2a}), fakeca.Revoked, nil,
		},
		{
			"another is named", []fakeca.CRLPoint{{URLs: []string{url}, CRLIssuer: [][]byte{other}}}, list(indirect), fakeca.Unknown,
			[]string{`crl-issuer: it is from "CN=authority", neither the issuer nor a cRLIssuer of the certificate`},
		},
		{"not indirect", point, list(fakeca.CRL{}), fakeca.Unknown, notIndirect},
		{"not indirect, only users", point, list(fakeca.CRL{OnlyUserCerts: true}), fakeca.Unknown, notIndirect},
		{
			"not named", []fakeca.CRLPoint{{URLs: []string{url}}}, list(indirect), fakeca.Unknown,
			[]string{`crl-issuer: it is from "CN=authority", neither the issuer nor a cRLIssuer of the certificate`},
		},
		{
			"other point", point, list(fakeca.CRL{Indirect: true, DistributionPoint: []string{"http://crl.test/other"}}), fakeca.Unknown,
			[]string{"crl-point: it is for other distribution points, such as http://crl.test/other"},
		},
		{"this point", point, list(fakeca.CRL{Indirect: true, DistributionPoint: []string{url}}), fakeca.Good, nil},
		{
			"point without a name, list with the issuer's", []fakeca.CRLPoint{{CRLIssuer: [][]byte{name}}},
			list(fakeca.CRL{Indirect: true, DirectoryNames: [][]byte{name}}), fakeca.Good, nil,
		},
		{
			"point without a name, list for another", []fakeca.CRLPoint{{CRLIssuer: [][]byte{name}}},
			list(fakeca.CRL{Indirect: true, DistributionPoint: []string{url}}), fakeca.Unknown,
			[]string{"crl-point: it is for other distribution points, such as " + url},
		},
		{
			"for some reasons", []fakeca.CRLPoint{{CRLIssuer: [][]byte{name}, Reasons: []fakeca.Reason{fakeca.Superseded}}}, list(indirect),
			fakeca.Unknown,
			[]string{"crl-reasons: no CRL covers key_compromise, ca_compromise, affiliation_changed, cessation_of_operation, " +
				"certificate_hold, privilege_withdrawn, aa_compromise"},
		},
		{
			"certificate issuer that is not critical", point, list(fakeca.CRL{Indirect: true, Edit: func(m *fakeca.CRLMessage) {
				m.RevokedCertificates[0].Extensions[0].Critical = false
			}}, entry{w.ca.Cert.RawSubject, 0x2a}), fakeca.Revoked,
			[]string{"crl-entry-critical-extension: entry 0, serial 2a, has a certificateIssuer that is not critical"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := w.ca.Issue(&x509.Certificate{
				SerialNumber: big2a, DNSNames: []string{"leaf.test"},
				ExtraExtensions: []pkix.Extension{fakeca.CRLDistributionPoints(tt.points...)},
			})
			checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{tt.list}, []*x509.Certificate{authority.Cert, w.root.Cert}, tt.status, tt.want)
		})
	}
	t.Run("issuer not known", func(t *testing.T) {
		t.Parallel()
		leaf := w.ca.Issue(&x509.Certificate{
			SerialNumber: big2a, DNSNames: []string{"leaf.test"}, ExtraExtensions: []pkix.Extension{fakeca.CRLDistributionPoints(point...)},
		})
		checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{list(indirect)}, nil, fakeca.Good,
			[]string{`crl-signer: no certificate of its issuer, "CN=authority", is known`})
	})
	t.Run("by the CA itself", func(t *testing.T) {
		t.Parallel()
		mine := w.ca.CRL(fakeca.CRL{Indirect: true, Number: big1, Edit: func(m *fakeca.CRLMessage) {
			m.RevokedCertificates = []fakeca.RevokedCertificate{indirectEntry(nil, 1), indirectEntry(other, 0x2a)}
		}})
		leaf := w.ca.Issue(&x509.Certificate{SerialNumber: big2a, DNSNames: []string{"leaf.test"}})
		checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{mine}, nil, fakeca.Good, nil)
	})
}
