package conformance

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// The reference gets lists until they decide, and reads them to their end.
func TestReferenceCRLs(t *testing.T) {
	t.Parallel()
	ofReasons := func(path string, reasons ...fakeca.Reason) func(*world) string {
		return func(w *world) string { return w.responder.AddCRL(w.ca, path, fakeca.CRL{OnlySomeReasons: reasons}) }
	}
	some := ofReasons("/some", fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise)
	rest := ofReasons("/rest", fakeca.AffiliationChanged, fakeca.Superseded, fakeca.CessationOfOperation, fakeca.CertificateHold,
		fakeca.PrivilegeWithdrawn)
	for _, tt := range []struct {
		name     string
		template func(*world)
		setup    func(*world)
		want     string // in the error; "": accepted
	}{
		{name: "good"},
		{name: "revoked", setup: revokeLeaf, want: "revoked"},
		{
			// crypto/x509 takes this list for empty.
			name: "nextUpdate twice",
			setup: func(w *world) {
				revokeLeaf(w)
				w.responder.SetCRL(w.ca, fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
					next := append([]byte{0x17, 13}, m.NextUpdate.UTC().Format("060102150405Z")...)
					m.NextUpdate.Raw = bytes.Repeat(next, 2)
				}})
			},
			want: "nextUpdate: there are two",
		},
		{name: "some reasons", template: namingLists(some), want: "no CRL covers"},
		{name: "all reasons in two lists", template: namingLists(some, rest)},
		{
			name: "revoked in the second of them", template: namingLists(some, rest),
			setup: func(w *world) { w.leaf.Revoke(fakeca.Superseded) }, want: "revoked",
		},
		{name: "delta", setup: continued, want: "revoked"},
		{
			name:  "delta that is missing", // the complete list is still current
			setup: serving(fakeca.CRL{Freshest: []string{"http://127.0.0.1:1/delta"}}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, err := newWorld(
					&scenario{name: tt.name, sources: CRL, template: tt.template, setup: tt.setup}, worldSetting{network: new(ocsptest.Network)},
				)
				if err != nil {
					t.Fatal(err)
				}
				defer w.close()
				err = Reference(Policy{Sources: CRL})(t.Context(), w.server)
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %q", err, tt.want)
				}
			})
		})
	}
}

// namingLists has the leaf name lists, in this order.
func namingLists(lists ...func(*world) string) func(*world) {
	return func(w *world) {
		var urls []string
		for _, list := range lists {
			urls = append(urls, list(w))
		}
		w.tmpl.CRLDistributionPoints = urls
	}
}

// continued serves an empty list, and a delta to it that revokes the leaf.
func continued(w *world) {
	delta := w.responder.AddCRL(w.ca, "/delta", fakeca.CRL{Number: big.NewInt(2), Base: big.NewInt(1)})
	w.responder.SetCRL(w.ca, fakeca.CRL{
		Number: big.NewInt(1), Freshest: []string{delta},
		Only: func(*x509.Certificate) bool { return false },
	})
	revokeLeaf(w)
}
