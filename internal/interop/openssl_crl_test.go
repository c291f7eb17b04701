package interop

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A crlPKI is a root, an intermediate, a leaf with a CRL distribution point, and
// the issuer of indirect CRLs.
type crlPKI struct {
	root, ca     *fakeca.CA
	leaf, issuer *fakeca.Leaf
}

const crlURL, deltaURL = "http://crl.test/1", "http://crl.test/delta"

func newCRLPKI(opts ...fakeca.Option) *crlPKI {
	w := &crlPKI{root: fakeca.New()}
	w.ca = w.root.Intermediate(opts...)
	w.ca.Advertise(fakeca.Servers{CRL: []string{crlURL}})
	w.leaf = w.ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, SerialNumber: big.NewInt(0x1234)})
	w.issuer = w.ca.Issue(&x509.Certificate{Subject: pkix.Name{CommonName: "CRL issuer"}, KeyUsage: x509.KeyUsageCRLSign})
	return w
}

// base returns a complete CRL with a freshest CRL extension.
func (w *crlPKI) base() []byte { return w.ca.CRL(fakeca.CRL{Freshest: []string{deltaURL}}) }

// delta returns a delta CRL to base.
func (w *crlPKI) delta(t *testing.T, base []byte) []byte {
	t.Helper()
	list, err := x509.ParseRevocationList(base)
	if err != nil {
		t.Fatal(err)
	}
	return w.ca.CRL(fakeca.CRL{Base: list.Number})
}

// dir returns a new folder with the certificates, and the CRLs in crls.pem.
func (w *crlPKI) dir(t *testing.T, lists ...[]byte) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "root.pem", w.root.CertPEM())
	write(t, dir, "ca.pem", append(w.ca.CertPEM(), w.issuer.CertPEM()...))
	write(t, dir, "leaf.pem", w.leaf.CertPEM())
	var all []byte
	for _, der := range lists {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})...)
	}
	write(t, dir, "crls.pem", all)
	return dir
}

// indirectPoint returns a distribution point whose CRL another issuer signs (RFC
// 5280 section 4.2.1.13).
func indirectPoint(t *testing.T, issuer *x509.Certificate) pkix.Extension {
	t.Helper()
	element := func(tag byte, content []byte) []byte {
		der, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: int(tag), IsCompound: tag != 6, Bytes: content})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	point := append(element(0, element(0, element(6, []byte(crlURL)))), element(2, element(4, issuer.RawSubject))...)
	value, err := asn1.Marshal([]asn1.RawValue{{Tag: asn1.TagSequence, IsCompound: true, Bytes: point}})
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: value}
}

// What openssl verify says about the leaf, given these CRLs.
func TestOpenSSLVerifiesWithCRLs(t *testing.T) {
	t.Parallel()
	program(t, "openssl")
	now := time.Now()
	ofLeaf := func(_ *testing.T, w *crlPKI) [][]byte { return [][]byte{w.ca.CRL(fakeca.CRL{})} }
	ofIssuer := func(_ *testing.T, w *crlPKI) [][]byte { return [][]byte{w.root.CRL(fakeca.CRL{})} }
	both := func(c fakeca.CRL) func(*testing.T, *crlPKI) [][]byte {
		return func(_ *testing.T, w *crlPKI) [][]byte { return [][]byte{w.ca.CRL(c), w.root.CRL(fakeca.CRL{})} }
	}
	revoked := func(c fakeca.CRL) func(*testing.T, *crlPKI) [][]byte {
		return func(_ *testing.T, w *crlPKI) [][]byte {
			w.leaf.Revoke(fakeca.KeyCompromise)
			return [][]byte{w.ca.CRL(c), w.root.CRL(fakeca.CRL{})}
		}
	}
	also := func(serial int64) fakeca.CRL {
		return fakeca.CRL{Also: []fakeca.Response{{Serial: big.NewInt(serial), Status: fakeca.Revoked}}}
	}
	someReasons := func(_ *testing.T, w *crlPKI) [][]byte {
		return [][]byte{
			w.ca.CRL(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise}}),
			w.ca.CRL(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{
				fakeca.AffiliationChanged, fakeca.Superseded, fakeca.CessationOfOperation, fakeca.CertificateHold,
				fakeca.PrivilegeWithdrawn, fakeca.AACompromise,
			}}),
			w.root.CRL(fakeca.CRL{}),
		}
	}
	indirect := func(revoked bool) func(*testing.T, *crlPKI) [][]byte {
		return func(t *testing.T, w *crlPKI) [][]byte {
			point := indirectPoint(t, w.issuer.Cert)
			w.leaf = w.ca.Issue(&x509.Certificate{DNSNames: []string{"localhost"}, ExtraExtensions: []pkix.Extension{point}})
			if revoked {
				w.leaf.Revoke(fakeca.Superseded)
			}
			list := fakeca.CRL{Signer: w.issuer, Indirect: true, DistributionPoint: []string{crlURL}}
			return [][]byte{w.ca.CRL(list), w.root.CRL(fakeca.CRL{})}
		}
	}
	const (
		noCRL         = "error 3 at 0 depth lookup: unable to get certificate CRL"
		isRevoked     = "error 23 at 0 depth lookup: certificate revoked"
		otherScope    = "error 44 at 0 depth lookup: different CRL scope"
		badSign       = "error 8 at 0 depth lookup: CRL signature failure"
		isExpired     = "error 12 at 0 depth lookup: CRL has expired"
		isNotYetValid = "error 11 at 0 depth lookup: CRL is not yet valid"
	)
	tests := []struct {
		name  string
		lists func(*testing.T, *crlPKI) [][]byte
		args  []string // default: -crl_check_all
		want  string   // default: OK
	}{
		{name: "good", lists: both(fakeca.CRL{})},
		{name: "others revoked", lists: both(also(0x1235))},
		{name: "revoked", lists: revoked(fakeca.CRL{}), want: isRevoked},
		{name: "revoked, but good on record", lists: both(also(0x1234)), want: isRevoked},
		{
			name: "revoked, but not in the CRL", lists: revoked(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.RevokedCertificates = nil }}),
		},
		{
			name: "intermediate revoked", lists: func(_ *testing.T, w *crlPKI) [][]byte {
				w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
				return [][]byte{w.ca.CRL(fakeca.CRL{}), w.root.CRL(fakeca.CRL{})}
			}, want: "error 23 at 1 depth lookup: certificate revoked",
		},
		{
			name: "intermediate revoked, only the leaf checked", lists: func(_ *testing.T, w *crlPKI) [][]byte {
				w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise)
				return [][]byte{w.ca.CRL(fakeca.CRL{}), w.root.CRL(fakeca.CRL{})}
			}, args: []string{"-crl_check"},
		},
		{name: "no CRL for the leaf", lists: ofIssuer, want: noCRL},
		{name: "no CRL for the intermediate", lists: ofLeaf, want: "error 3 at 1 depth lookup: unable to get certificate CRL"},
		{name: "no CRL for the intermediate, only the leaf checked", lists: ofLeaf, args: []string{"-crl_check"}},
		{name: "expired", lists: both(fakeca.CRL{ThisUpdate: now.Add(-48 * time.Hour), NextUpdate: now.Add(-time.Hour)}), want: isExpired},
		{name: "not yet valid", lists: both(fakeca.CRL{ThisUpdate: now.Add(time.Hour)}), want: isNotYetValid},
		{name: "no nextUpdate", lists: both(fakeca.CRL{Forever: true})},
		{name: "until 2050", lists: both(fakeca.CRL{NextUpdate: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)})},
		{
			name: "forged in the CA's name", lists: func(_ *testing.T, w *crlPKI) [][]byte {
				return [][]byte{w.ca.CRL(fakeca.CRL{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: fakeca.New().Key}}), w.root.CRL(fakeca.CRL{})}
			}, want: badSign,
		},
		{
			name: "a stranger's", lists: func(_ *testing.T, w *crlPKI) [][]byte {
				stranger := fakeca.New(fakeca.WithName("stranger"))
				return [][]byte{w.ca.CRL(fakeca.CRL{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}), w.root.CRL(fakeca.CRL{})}
			}, want: noCRL,
		},
		{name: "signature broken", lists: both(fakeca.CRL{Mutate: func(der []byte) []byte {
			der[len(der)-1] ^= 1
			return der
		}}), want: badSign},
		{name: "SHA-1", lists: both(fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1})},
		{name: "unknown critical extension", lists: both(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
			m.CRLExtensions = append(m.CRLExtensions, pkix.Extension{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}})
		}}), want: "error 36 at 0 depth lookup: unhandled critical CRL extension"},

		// The issuing distribution point.
		{name: "its point", lists: both(fakeca.CRL{DistributionPoint: []string{"http://other.test", crlURL}})},
		{name: "another point", lists: both(fakeca.CRL{DistributionPoint: []string{"http://other.test"}}), want: otherScope},
		{name: "only user certificates", lists: both(fakeca.CRL{OnlyUserCerts: true})},
		{name: "revoked, only user certificates", lists: revoked(fakeca.CRL{OnlyUserCerts: true}), want: isRevoked},
		{name: "only CA certificates", lists: both(fakeca.CRL{OnlyCACerts: true}), want: otherScope},
		{name: "only attribute certificates", lists: both(fakeca.CRL{OnlyAttributeCerts: true}), want: otherScope},
		{name: "some reasons, without -extended_crl", lists: someReasons, want: noCRL},
		{name: "all reasons in two CRLs", lists: someReasons, args: []string{"-crl_check", "-extended_crl"}},
		{
			name: "revoked, all reasons in two CRLs", lists: func(t *testing.T, w *crlPKI) [][]byte {
				w.leaf.Revoke(fakeca.Superseded)
				return someReasons(t, w)
			}, args: []string{"-crl_check", "-extended_crl"}, want: isRevoked,
		},
		{
			name: "only some reasons", lists: both(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise}}),
			args: []string{"-crl_check", "-extended_crl"}, want: noCRL,
		},
		{name: "indirect", lists: indirect(false), args: []string{"-crl_check", "-extended_crl"}},
		{name: "revoked, indirect", lists: indirect(true), args: []string{"-crl_check", "-extended_crl"}, want: isRevoked},

		// Delta CRLs.
		{
			name: "revoked in the delta", lists: func(t *testing.T, w *crlPKI) [][]byte {
				base := w.base()
				w.leaf.Revoke(fakeca.KeyCompromise)
				return [][]byte{base, w.delta(t, base)}
			}, args: []string{"-crl_check", "-use_deltas", "-extended_crl"}, want: isRevoked,
		},
		{
			name: "revoked in the delta, without -use_deltas", lists: func(t *testing.T, w *crlPKI) [][]byte {
				base := w.base()
				w.leaf.Revoke(fakeca.KeyCompromise)
				return [][]byte{base, w.delta(t, base)}
			}, args: []string{"-crl_check"},
		},
		{
			name: "no longer on hold in the delta", lists: func(t *testing.T, w *crlPKI) [][]byte {
				w.leaf.Revoke(fakeca.CertificateHold)
				base := w.base()
				w.ca.Set(w.leaf.Cert.SerialNumber, fakeca.Response{})
				return [][]byte{base, w.delta(t, base)}
			}, args: []string{"-crl_check", "-use_deltas", "-extended_crl"},
		},
		{
			name: "no longer on hold in the delta, without -use_deltas", lists: func(t *testing.T, w *crlPKI) [][]byte {
				w.leaf.Revoke(fakeca.CertificateHold)
				base := w.base()
				w.ca.Set(w.leaf.Cert.SerialNumber, fakeca.Response{})
				return [][]byte{base, w.delta(t, base)}
			}, args: []string{"-crl_check"}, want: isRevoked,
		},
		{
			name: "revoked in the base, empty delta", lists: func(t *testing.T, w *crlPKI) [][]byte {
				w.leaf.Revoke(fakeca.KeyCompromise)
				base := w.base()
				return [][]byte{base, w.delta(t, base)}
			}, args: []string{"-crl_check", "-use_deltas", "-extended_crl"}, want: isRevoked,
		},
		{
			name: "only a delta", lists: func(t *testing.T, w *crlPKI) [][]byte { return [][]byte{w.delta(t, w.base())} },
			args: []string{"-crl_check", "-use_deltas", "-extended_crl"}, want: noCRL,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newCRLPKI()
			lists := test.lists(t, w)
			args := test.args
			if args == nil {
				args = []string{"-crl_check_all"}
			}
			r := command{path: program(t, "openssl"), dir: w.dir(t, lists...), args: append(append([]string{
				"verify", "-CAfile", "root.pem", "-untrusted", "ca.pem", "-CRLfile", "crls.pem",
			}, args...), "leaf.pem")}.run(t)
			if test.want == "" && (r.code != 0 || r.stdout != "leaf.pem: OK\n") {
				t.Errorf("openssl refuses (exit status %d):\n%s", r.code, r.all())
			}
			if test.want != "" && (r.code == 0 || !strings.Contains(r.all(), test.want)) {
				t.Errorf("openssl does not say %q (exit status %d):\n%s", test.want, r.code, r.all())
			}
		})
	}
}

// OpenSSL and GnuTLS verify a CRL signed with each kind of key.
func TestCRLOfEachKey(t *testing.T) {
	t.Parallel()
	for _, kind := range keyKinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			key, err := kind.newKey()
			if err != nil {
				t.Fatal(err)
			}
			w := newCRLPKI(fakeca.WithKey(key))
			w.leaf.Revoke(fakeca.KeyCompromise)
			for _, scheme := range kind.schemes {
				dir := w.dir(t, w.ca.CRL(fakeca.CRL{SignatureAlgorithm: scheme}))
				for _, p := range []struct {
					program string
					args    []string
					want    string
				}{
					{"openssl", []string{"crl", "-in", "crls.pem", "-noout", "-CAfile", "ca.pem"}, "verify OK"},
					{"certtool", []string{"--verify-crl", "--load-ca-certificate", "ca.pem", "--infile", "crls.pem"}, "Verified"},
				} {
					t.Run(scheme.String()+"/"+p.program, func(t *testing.T) {
						t.Parallel()
						r := command{path: program(t, p.program), dir: dir, args: p.args}.run(t)
						if r.code != 0 || !strings.Contains(r.all(), p.want) {
							t.Errorf("%s refuses (exit status %d):\n%s", p.program, r.code, r.all())
						}
					})
				}
			}
		})
	}
}

// What openssl crl and certtool say about a CRL, given the CA. openssl checks
// only the signature, and its exit status does not show the result.
func TestCRLWithoutCertificate(t *testing.T) {
	t.Parallel()
	now := time.Now()
	stranger := fakeca.New(fakeca.WithName("stranger"))
	tests := []struct {
		name              string
		crl               func(*crlPKI) fakeca.CRL
		openssl, certtool string // part of the output
	}{
		{"good", func(*crlPKI) fakeca.CRL { return fakeca.CRL{} }, "verify OK", "Verified."},
		{"no nextUpdate", func(*crlPKI) fakeca.CRL { return fakeca.CRL{Forever: true} }, "verify OK", "Verified."},
		{"SHA-1", func(*crlPKI) fakeca.CRL { return fakeca.CRL{SignatureAlgorithm: x509.ECDSAWithSHA1} }, "verify OK", "Verified."},
		{
			"expired", func(*crlPKI) fakeca.CRL {
				return fakeca.CRL{ThisUpdate: now.Add(-48 * time.Hour), NextUpdate: now.Add(-time.Hour)}
			}, "verify OK", "are old and have been superseded",
		},
		{
			"not yet valid", func(*crlPKI) fakeca.CRL { return fakeca.CRL{ThisUpdate: now.Add(time.Hour)} },
			"verify OK", "issued with a future date",
		},
		{
			"forged in the CA's name", func(w *crlPKI) fakeca.CRL {
				return fakeca.CRL{Signer: &fakeca.Leaf{Cert: w.ca.Cert, Key: stranger.Key}}
			}, "verify failure", "signature in the certificate is invalid",
		},
		{
			"a stranger's", func(*crlPKI) fakeca.CRL {
				return fakeca.CRL{Signer: &fakeca.Leaf{Cert: stranger.Cert, Key: stranger.Key}}
			}, "Error getting CRL issuer certificate", "issuer is unknown",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newCRLPKI()
			dir := w.dir(t, w.ca.CRL(test.crl(w)))
			t.Run("openssl", func(t *testing.T) {
				r := command{path: program(t, "openssl"), dir: dir, args: []string{"crl", "-in", "crls.pem", "-noout", "-CAfile", "ca.pem"}}.run(t)
				if !strings.Contains(r.all(), test.openssl) {
					t.Errorf("openssl does not say %q:\n%s", test.openssl, r.all())
				}
			})
			t.Run("certtool", func(t *testing.T) {
				args := []string{"--verify-crl", "--load-ca-certificate", "ca.pem", "--infile", "crls.pem"}
				r := command{path: program(t, "certtool"), dir: dir, args: args}.run(t)
				if (r.code == 0) != (test.openssl == "verify OK" && test.certtool == "Verified.") || !strings.Contains(r.all(), test.certtool) {
					t.Errorf("certtool does not say %q (exit status %d):\n%s", test.certtool, r.code, r.all())
				}
			})
		})
	}
}

// OpenSSL reads every part of a CRL.
func TestOpenSSLReadsCRL(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	ca := fakeca.New(fakeca.WithName("reader"), fakeca.WithClock(func() time.Time { return at }))
	ca.Revoke(big.NewInt(0x1234), fakeca.KeyCompromise)
	ca.Revoke(big.NewInt(0x80), fakeca.Unspecified)
	der := ca.CRL(fakeca.CRL{
		Number: big.NewInt(77), Base: new(big.Int), NextUpdate: time.Date(2050, 1, 2, 3, 4, 5, 0, time.UTC),
		DistributionPoint: []string{crlURL}, OnlyUserCerts: true, Indirect: true, Freshest: []string{deltaURL},
		OnlySomeReasons: []fakeca.Reason{fakeca.KeyCompromise, fakeca.PrivilegeWithdrawn, fakeca.AACompromise},
		Also: []fakeca.Response{
			{Serial: big.NewInt(1), Status: fakeca.Revoked, Reason: fakeca.RemoveFromCRL},
			{Serial: big.NewInt(2), Status: fakeca.Revoked, ExplicitReason: true},
			{Serial: big.NewInt(3), Status: fakeca.Revoked, RevokedAt: time.Date(1949, 1, 2, 3, 4, 5, 0, time.UTC)},
		},
	})
	dir := t.TempDir()
	write(t, dir, "crl.der", der)
	r := command{path: program(t, "openssl"), dir: dir, args: []string{"crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text"}}.run(t)
	if r.code != 0 {
		t.Fatal(r.all())
	}
	text, _, _ := strings.Cut(strings.Join(strings.Fields(r.stdout), " "), " Signature Value")
	for _, want := range []string{
		"Version 2 (0x1)", "Issuer: CN = reader", "Last Update: May 6 06:08:09 2024 GMT Next Update: Jan 2 03:04:05 2050 GMT",
		"X509v3 CRL Number: 77 ", "X509v3 Delta CRL Indicator: critical 0 ",
		"X509v3 Issuing Distribution Point: critical Full Name: URI:http://crl.test/1 Only User Certificates Indirect CRL " +
			"Only Some Reasons: Key Compromise, Privilege Withdrawn, AA Compromise ",
		"X509v3 Freshest CRL: Full Name: URI:http://crl.test/delta ",
		"Revoked Certificates: " +
			"Serial Number: 01 Revocation Date: May 6 05:08:09 2024 GMT CRL entry extensions: X509v3 CRL Reason Code: Remove From CRL " +
			"Serial Number: 02 Revocation Date: May 6 05:08:09 2024 GMT CRL entry extensions: X509v3 CRL Reason Code: Unspecified " +
			"Serial Number: 03 Revocation Date: Jan 2 03:04:05 1949 GMT " +
			"Serial Number: 1234 Revocation Date: May 6 05:08:09 2024 GMT CRL entry extensions: X509v3 CRL Reason Code: Key Compromise " +
			"Signature Algorithm: ecdsa-with-SHA256",
	} {
		if !strings.Contains(text+" ", want) {
			t.Errorf("openssl does not say %q:\n%s", want, r.stdout)
		}
	}
}
