package ocsptest_test

import (
	"slices"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// New certificates do not name a responder that is closed. They name another one
// of the same CA, or what the test itself advertised.
func TestClosedResponderIsNotNamed(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	ca.Advertise(fakeca.Servers{OCSP: []string{"http://before.test"}})
	named := func() []string { return ca.Leaf().Cert.OCSPServer }
	a, b := ocsptest.NewResponder(t, root), ocsptest.NewResponder(t, ca)
	a.Add(ca)
	a.Add(ca)
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"both run", func() {}, a.URL},
		{"the last is closed", a.Close, b.URL},
		{"both are closed", b.Close, "http://before.test"},
		{"closed again", b.Close, "http://before.test"},
	} {
		step.do()
		if got := named(); !slices.Equal(got, []string{step.want}) {
			t.Errorf("%s: a leaf names %q, want %q", step.name, got, step.want)
		}
	}
	if got := root.Leaf().Cert; got.OCSPServer != nil || got.CRLDistributionPoints != nil || got.IssuingCertificateURL != nil {
		t.Errorf("a leaf of the root names %q, %q, %q", got.OCSPServer, got.CRLDistributionPoints, got.IssuingCertificateURL)
	}

	c, d := ocsptest.NewResponder(t, ca), ocsptest.NewResponder(t, ca)
	c.Close() // not the last one
	if got := named(); !slices.Equal(got, []string{d.URL}) {
		t.Errorf("with the first closed, a leaf names %q, want %q", got, d.URL)
	}
	d.Close()
	if got := named(); !slices.Equal(got, []string{"http://before.test"}) {
		t.Errorf("in the end, a leaf names %q", got)
	}
}

// A CA that is added before Start names the responder after Start.
func TestAddBeforeStart(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca, other := root.Intermediate(), fakeca.New()
	r := ocsptest.NewUnstartedResponder(ca)
	r.Add(other)
	if got := other.Leaf().Cert.OCSPServer; got != nil {
		t.Errorf("before, a leaf names %q", got)
	}
	r.Start()
	defer r.Close()
	for i, ca := range []*fakeca.CA{ca, other} {
		if got := ca.Leaf().Cert.OCSPServer; !slices.Equal(got, []string{r.URL}) {
			t.Errorf("a leaf of CA %d names %q, want %q", i, got, r.URL)
		}
	}
	if got := root.Leaf().Cert.OCSPServer; got != nil {
		t.Errorf("a leaf of the root, which was not added, names %q", got)
	}
}
