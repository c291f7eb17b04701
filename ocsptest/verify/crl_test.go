package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A crlCase is a set of lists, and what they say about the leaf of a world.
type crlCase struct {
	name    string
	points  []fakeca.CRLPoint // of the leaf
	isCA    bool              // the leaf is a CA
	lists   func(w *world) [][]byte
	options verify.Options
	issuers func(w *world) []*x509.Certificate // Options.CRLIssuers
	at      time.Duration                      // after judgedAt

	status fakeca.Status
	reason fakeca.Reason
	want   []string // the violations, without the reference
}

// runCRLCases judges cases in subtests, each in a world of its own.
func runCRLCases(t *testing.T, cases []crlCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newCRLWorld(c)
			if c.issuers != nil {
				c.options.CRLIssuers = c.issuers(w)
			}
			said, err := c.options.CRLs(c.lists(w), w.leaf.Cert, w.ca.Cert, judgedAt.Add(c.at))
			if diff := cmp.Diff(c.want, crlViolations(t, err)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			if said.Status != c.status || said.Reason != c.reason {
				t.Errorf("it says %v (%v), want %v (%v)", said.Status, said.Reason, c.status, c.reason)
			}
		})
	}
}

// newCRLWorld returns a world whose leaf is as c has it.
func newCRLWorld(c crlCase) *world {
	w := newWorld(nil)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(0x2a), DNSNames: []string{"leaf.example.test"},
		NotBefore: judgedAt.AddDate(0, -1, 0), NotAfter: judgedAt.AddDate(0, 2, 0),
	}
	if c.isCA {
		tmpl.IsCA, tmpl.BasicConstraintsValid, tmpl.DNSNames = true, true, nil
		tmpl.Subject = pkix.Name{CommonName: "leaf"}
	}
	if c.points != nil {
		tmpl.ExtraExtensions = []pkix.Extension{fakeca.CRLDistributionPoints(c.points...)}
	}
	w.leaf = w.ca.Issue(tmpl)
	return w
}

// crlViolations returns the violations without their references, which end in ")".
func crlViolations(t *testing.T, err error) []string {
	t.Helper()
	all := violationsOf(t, err)
	if all == nil {
		return nil
	}
	var texts []string
	for _, v := range all {
		texts = append(texts, fmt.Sprintf("%s: %s", v.Rule, v.Detail))
		if v.Ref != v.Rule.Ref() || !strings.HasPrefix(v.Ref, "RFC 5280 ") || strings.Contains(v.Detail, "\n") {
			t.Errorf("violation %v", v)
		}
	}
	if !strings.HasPrefix(err.Error(), "verify: CRL: crl-") {
		t.Errorf("text %q", err)
	}
	return texts
}

// listing returns lists that the CA signs, with the numbers 1, 2 and so on.
func listing(lists ...fakeca.CRL) func(*world) [][]byte {
	return func(w *world) (all [][]byte) {
		for i, c := range lists {
			if c.Number == nil {
				c.Number = big.NewInt(int64(i + 1))
			}
			all = append(all, w.ca.CRL(c))
		}
		return all
	}
}

// revoking revokes the leaf before it makes the lists.
func revoking(r fakeca.Reason, lists func(*world) [][]byte) func(*world) [][]byte {
	return func(w *world) [][]byte {
		w.leaf.Revoke(r)
		return lists(w)
	}
}

func editingCRL(edit func(*fakeca.CRLMessage)) fakeca.CRL { return fakeca.CRL{Edit: edit} }

// ours is an entry about the leaf.
func ours(r fakeca.Reason) []fakeca.Response {
	return []fakeca.Response{{Serial: big.NewInt(0x2a), Status: fakeca.Revoked, Reason: r}}
}

func TestCRLStatus(t *testing.T) {
	t.Parallel()
	good := listing(fakeca.CRL{})
	garbage := func(w *world) [][]byte { return [][]byte{[]byte("garbage")} }
	both := func(a, b func(*world) [][]byte) func(*world) [][]byte {
		return func(w *world) [][]byte { return append(a(w), b(w)...) }
	}
	runCRLCases(t, []crlCase{
		{name: "good", lists: good},
		{name: "revoked", lists: revoking(fakeca.KeyCompromise, good), status: fakeca.Revoked, reason: fakeca.KeyCompromise},
		{name: "without a reason", lists: revoking(fakeca.Unspecified, good), status: fakeca.Revoked},
		{name: "on hold", lists: revoking(fakeca.CertificateHold, good), status: fakeca.Revoked, reason: fakeca.CertificateHold},
		{
			name: "revoked tomorrow",
			lists: listing(fakeca.CRL{Also: []fakeca.Response{
				{Serial: big.NewInt(0x2a), Status: fakeca.Revoked, RevokedAt: judgedAt.AddDate(0, 0, 1)},
			}}),
			status: fakeca.Revoked,
		},
		{name: "others", lists: listing(fakeca.CRL{Also: []fakeca.Response{
			{Serial: big.NewInt(0x2a2a), Status: fakeca.Revoked}, {Serial: big.NewInt(-0x2a), Status: fakeca.Revoked},
		}})},
		{name: "no list", lists: func(*world) [][]byte { return nil }, status: fakeca.Unknown, want: []string{"crl-missing: there is none"}},
		{
			name: "garbage", lists: garbage, status: fakeca.Unknown,
			want: []string{"crl-malformed: found tag 0x67, expected 0x30"},
		},
		{name: "garbage and a list", lists: both(garbage, good)},
		{
			name: "garbage and a list that revokes", lists: both(garbage, revoking(fakeca.Superseded, good)),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name: "garbage twice", lists: both(garbage, garbage), status: fakeca.Unknown,
			want: []string{"crl-malformed: CRL 0: found tag 0x67, expected 0x30", "crl-malformed: CRL 1: found tag 0x67, expected 0x30"},
		},
		{
			name: "the later of two lists revokes",
			lists: listing(
				fakeca.CRL{ThisUpdate: judgedAt.Add(-2 * time.Hour)},
				fakeca.CRL{ThisUpdate: judgedAt.Add(-1 * time.Hour), Also: ours(fakeca.Superseded)},
			),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name: "the earlier of two lists revokes",
			lists: listing(
				fakeca.CRL{ThisUpdate: judgedAt.Add(-2 * time.Hour), Also: ours(fakeca.CertificateHold)},
				fakeca.CRL{ThisUpdate: judgedAt.Add(-1 * time.Hour)},
			),
		},
		{
			name:   "the list with the higher number revokes",
			lists:  listing(fakeca.CRL{Number: big.NewInt(8)}, fakeca.CRL{Number: big.NewInt(9), Also: ours(fakeca.Superseded)}),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			// crypto/x509 takes this list for empty.
			name: "nextUpdate twice",
			lists: revoking(fakeca.KeyCompromise, listing(editingCRL(func(m *fakeca.CRLMessage) {
				next := append([]byte{0x17, 13}, "260302110000Z"...)
				m.NextUpdate.Raw = append(next, next...)
			}))),
			status: fakeca.Unknown, want: []string{"crl-malformed: nextUpdate: there are two"},
		},
	})
}

func TestCRLsReturns(t *testing.T) {
	t.Parallel()
	w := newCRLWorld(crlCase{})
	w.leaf.Revoke(fakeca.Superseded)
	said, err := verify.CRLs(listing(fakeca.CRL{})(w), w.leaf.Cert, w.ca.Cert, judgedAt)
	want := fakeca.Response{
		Status: fakeca.Revoked, Reason: fakeca.Superseded, RevokedAt: judgedAt.Add(-2 * time.Hour), Serial: big.NewInt(0x2a),
		ThisUpdate: judgedAt.Add(-time.Hour), NextUpdate: judgedAt.Add(23 * time.Hour),
	}
	if diff := cmp.Diff(want.String(), said.String()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	said, err = verify.Options{AcceptExpired: true}.CRLs(listing(fakeca.CRL{Forever: true})(w), w.leaf.Cert, w.ca.Cert, judgedAt)
	if !said.Forever || !said.NextUpdate.IsZero() || err != nil {
		t.Errorf("without nextUpdate: %v, %v", said, err)
	}
	for _, certs := range [][2]*x509.Certificate{{nil, w.ca.Cert}, {w.leaf.Cert, nil}} {
		said, err := verify.CRLs(nil, certs[0], certs[1], judgedAt)
		if _, ok := errors.AsType[verify.Violations](err); said.Status != fakeca.Unknown || ok || err == nil {
			t.Errorf("without a certificate: %v, %v", said, err)
		}
	}
}
