package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

var big1, big2a = big.NewInt(1), big.NewInt(0x2a)

// checkCRLs compares the result of CRLs.
func checkCRLs(
	t *testing.T, cert, issuer *x509.Certificate, lists [][]byte, known []*x509.Certificate, status fakeca.Status, want []string,
) {
	t.Helper()
	said, err := verify.Options{CRLIssuers: known}.CRLs(lists, cert, issuer, judgedAt)
	if diff := cmp.Diff(want, crlViolations(t, err)); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	if said.Status != status {
		t.Errorf("it says %v, want %v", said.Status, status)
	}
}

// runCRLsOn judges lists that say good about the leaf of w.
func runCRLsOn(t *testing.T, w *world, lists [][]byte, want []string) {
	t.Helper()
	checkCRLs(t, w.leaf.Cert, w.ca.Cert, lists, nil, fakeca.Good, want)
}

// indirectEntry is an entry that names its certificate issuer, unless that is nil.
func indirectEntry(issuer []byte, serial int64) fakeca.RevokedCertificate {
	e := fakeca.RevokedCertificate{SerialNumber: big.NewInt(serial), RevocationDate: fakeca.Time{Time: judgedAt.AddDate(0, 0, -1)}}
	if issuer != nil {
		directoryName := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: issuer}
		value := must(asn1.Marshal([]asn1.RawValue{directoryName}))
		e.Extensions = []pkix.Extension{{Id: idCE(29), Critical: true, Value: value}}
	}
	return e
}

// Entries: RFC 5280 section 5.3.
func TestCRLEntries(t *testing.T) {
	t.Parallel()
	// with has three entries of others, of which the second has these extensions.
	with := func(extensions ...pkix.Extension) func(*world) [][]byte {
		return listing(editingCRL(func(m *fakeca.CRLMessage) {
			m.RevokedCertificates = []fakeca.RevokedCertificate{indirectEntry(nil, 1), indirectEntry(nil, 2), indirectEntry(nil, 3)}
			m.RevokedCertificates[1].Extensions = extensions
		}))
	}
	reason := func(value ...byte) pkix.Extension { return pkix.Extension{Id: idCE(21), Value: value} }
	entry := func(text string) []string { return []string{"crl-entry: entry 1, serial 2, " + text} }
	cases := []crlCase{
		{name: "reason", lists: with(reason(10, 1, 1))},
		{name: "hold instruction", lists: with(pkix.Extension{Id: idCE(23), Critical: true, Value: []byte{6, 1, 0x2a}})},
		{name: "reason 7", lists: with(reason(10, 1, 7)), want: entry("has an extension that cannot be read: reasonCode: 7 is not assigned")},
		{name: "reason 11", lists: with(reason(10, 1, 11)), want: entry("has an extension that cannot be read: reasonCode: 11 is not assigned")},
		{
			name: "reason that is an INTEGER", lists: with(reason(2, 1, 1)),
			want: entry("has an extension that cannot be read: reasonCode: found tag 0x02, expected 0x0a"),
		},
		{
			name: "two reasons", lists: with(reason(10, 1, 1), reason(10, 1, 1)),
			want: entry("has an extension that cannot be read: reasonCode: there are two"),
		},
		{
			name: "invalidity date", lists: with(pkix.Extension{Id: idCE(24), Value: append([]byte{0x18, 15}, "20260301110000Z"...)}),
		},
		{
			name: "broken invalidity date", lists: with(pkix.Extension{Id: idCE(24), Value: []byte{5, 0}}),
			want: entry("has an extension that cannot be read: invalidityDate: found tag 0x05, expected 0x18"),
		},
		{name: "unknown extension", lists: with(unknownExtension(false))},
		{
			name: "unknown critical extension", lists: with(unknownExtension(true)),
			want: []string{"crl-entry-critical-extension: entry 1, serial 2, has the critical and unknown extension 2.999.1"},
		},
		{
			name: "broken reason before an unknown critical extension", lists: with(reason(5, 0), unknownExtension(true)),
			want: []string{
				"crl-entry: entry 1, serial 2, has an extension that cannot be read: reasonCode: found tag 0x05, expected 0x0a",
				"crl-entry-critical-extension: entry 1, serial 2, has the critical and unknown extension 2.999.1",
			},
		},
		{
			name: "certificate issuer in a list that is not indirect",
			lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.RevokedCertificates = []fakeca.RevokedCertificate{indirectEntry(m.Issuer, 1)}
			})),
			want: []string{"crl-entry: entry 0, serial 1, names its certificate issuer, and the CRL is not indirect"},
		},
		{
			name: "removeFromCRL of another", lists: with(reason(10, 1, 8)),
			want: []string{"crl-remove-from-crl: entry 1, serial 2, has the reason removeFromCRL, and the CRL is not a delta"},
		},
		{
			name: "removeFromCRL", lists: listing(fakeca.CRL{Also: ours(fakeca.RemoveFromCRL)}),
			want: []string{"crl-remove-from-crl: entry 0, serial 2a, has the reason removeFromCRL, and the CRL is not a delta"},
		},
		{
			name: "twice", lists: listing(fakeca.CRL{Also: append(ours(fakeca.Superseded), ours(fakeca.KeyCompromise)...)}),
			status: fakeca.Revoked, reason: fakeca.Superseded,
			want: []string{"crl-entry: entries 0 and 1 are both about serial 2a"},
		},
		{
			name: "empty list of entries", lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				m.RevokedCertificates = []fakeca.RevokedCertificate{}
			})),
			want: []string{"crl-entry: there are none, so that revokedCertificates must be left out"},
		},
		{
			name: "the same in every entry is reported once",
			lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				for i := range 5 {
					e := indirectEntry(nil, int64(i+1))
					e.Extensions = []pkix.Extension{unknownExtension(true)}
					m.RevokedCertificates = append(m.RevokedCertificates, e)
				}
			})),
			want: []string{"crl-entry-critical-extension: entry 0, serial 1, has the critical and unknown extension 2.999.1"},
		},
	}
	for _, n := range []struct {
		name string
		at   int
	}{{"first", 0}, {"middle", 1000}, {"last", 1999}} {
		cases = append(cases, crlCase{
			name: fmt.Sprintf("%s of 2000", n.name), status: fakeca.Revoked,
			lists: listing(editingCRL(func(m *fakeca.CRLMessage) {
				for i := range 2000 {
					m.RevokedCertificates = append(m.RevokedCertificates, indirectEntry(nil, int64(1000+i)))
				}
				m.RevokedCertificates[n.at].SerialNumber = big2a
			})),
		})
	}
	runCRLCases(t, cases)
}

// Serial numbers are compared as numbers.
func TestCRLSerials(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	twenty := new(big.Int).Lsh(big.NewInt(0x7f), 152)
	for _, serial := range []*big.Int{big.NewInt(1), big.NewInt(0xf1e2d3c4), twenty} {
		leaf := w.ca.Issue(&x509.Certificate{SerialNumber: serial, DNSNames: []string{"leaf.test"}})
		checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{w.ca.CRL(fakeca.CRL{})}, nil, fakeca.Good, nil)
		near := fakeca.Response{Serial: new(big.Int).Lsh(serial, 8), Status: fakeca.Revoked}
		checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{w.ca.CRL(fakeca.CRL{Also: []fakeca.Response{near}})}, nil, fakeca.Good, nil)
		leaf.Revoke(fakeca.KeyCompromise)
		checkCRLs(t, leaf.Cert, w.ca.Cert, [][]byte{w.ca.CRL(fakeca.CRL{})}, nil, fakeca.Revoked, nil)
	}
}
