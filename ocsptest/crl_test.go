package ocsptest_test

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A responder serves a complete CRL, a delta CRL to it, and a shard.
func TestAddCRL(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	r := ocsptest.NewResponder(t, ca)
	early, late := ca.Leaf(), ca.Leaf()
	early.Revoke(fakeca.KeyCompromise)
	fetch := func(url string) *x509.RevocationList {
		t.Helper()
		list, err := x509.ParseRevocationList(labtest.ReadAll(t, labtest.Get(t, labtest.Bare(r), url)))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	base := fetch(r.CRLURL(ca))
	late.Revoke(fakeca.Superseded)
	delta := r.AddCRL(ca, "/delta.crl", fakeca.CRL{Base: base.Number})
	shard := r.AddCRL(ca, "/shard/1", fakeca.CRL{
		DistributionPoint: []string{r.URL + "/shard/1"},
		Only:              func(cert *x509.Certificate) bool { return cert.SerialNumber.Cmp(early.Cert.SerialNumber) == 0 },
	})
	if delta != r.URL+"/delta.crl" || shard != r.URL+"/shard/1" {
		t.Errorf("at %s and %s", delta, shard)
	}
	for _, test := range []struct {
		url  string
		want *fakeca.Leaf
	}{{delta, late}, {shard, early}} {
		list := fetch(test.url)
		if err := list.CheckSignatureFrom(ca.Cert); err != nil {
			t.Error(err)
		}
		entries := list.RevokedCertificateEntries
		if len(entries) != 1 || entries[0].SerialNumber.Cmp(test.want.Cert.SerialNumber) != 0 {
			t.Errorf("%s lists %v", test.url, entries)
		}
	}

	r.SetCRLFault(ca, fault.HTTPError(500)) // all lists of the CA
	for _, url := range []string{r.CRLURL(ca), delta, shard} {
		if resp := labtest.Get(t, labtest.Bare(r), url); resp.StatusCode != 500 {
			t.Errorf("%s: %d", url, resp.StatusCode)
		}
	}
	if resp := labtest.Get(t, labtest.Bare(r), r.CRLURL(root)); resp.StatusCode != 200 {
		t.Errorf("the root's CRL: %d", resp.StatusCode)
	}
	r.SetCRLFault(ca, fault.None())
	r.AddCRL(ca, "/delta.crl", fakeca.CRL{Number: big.NewInt(7)})
	if got := fetch(delta).Number; got.Int64() != 7 {
		t.Errorf("after another AddCRL the number is %v", got)
	}
}

func TestAddCRLPanics(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(fakeca.WithName("CA"))
	r := ocsptest.NewResponder(t, ca)
	const form = " must begin with a slash and need no escapes, such as \"/delta.crl\""
	for _, test := range []struct {
		name string
		ca   *fakeca.CA
		path string
		want string
	}{
		{"no slash", ca, "delta.crl", `ocsptest: AddCRL: path "delta.crl"` + form},
		{"the root", ca, "/", `ocsptest: AddCRL: path "/"` + form},
		{"empty", ca, "", `ocsptest: AddCRL: path ""` + form},
		{"query", ca, "/a?b", `ocsptest: AddCRL: path "/a?b"` + form},
		{"space", ca, "/a b", `ocsptest: AddCRL: path "/a b"` + form},
		{"the CRL", ca, "/crl/0", `ocsptest: AddCRL: path "/crl/0" is taken; for the CRL at CRLURL use SetCRL`},
		{"OneCRL", ca, "/onecrl", `ocsptest: AddCRL: path "/onecrl" is taken; for the CRL at CRLURL use SetCRL`},
		{"another CA", fakeca.New(fakeca.WithName("other")), "/a", `ocsptest: AddCRL: the responder does not respond for "CN=other"; call Add`},
		{"no CA", nil, "/a", `ocsptest: AddCRL needs a CA, not nil`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			labtest.MustPanic(t, test.want, func() { r.AddCRL(test.ca, test.path, fakeca.CRL{}) })
		})
	}
	unstarted := ocsptest.NewUnstartedResponder(ca)
	labtest.MustPanic(t, "ocsptest: AddCRL: the responder is not started; call Start first, or set URL to where it is mounted", func() {
		unstarted.AddCRL(ca, "/a", fakeca.CRL{})
	})
}

// The record of a request for a CRL has its CA, URL and number, and how many
// certificates it lists.
func TestRequestsForCRLs(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithName("root"))
	ca := root.Intermediate(fakeca.WithName("below"))
	r := ocsptest.NewUnstartedResponder(ca)
	r.SetCRL(root, fakeca.CRL{Number: big.NewInt(5)})
	r.SetCRL(ca, fakeca.CRL{Number: big.NewInt(6)})
	ca.Revoke(big.NewInt(1), fakeca.KeyCompromise)
	r.URL = "http://responder.test"
	type recorded struct {
		CA      *fakeca.CA
		URL     string
		Number  *big.Int
		Entries int
		Status  int
	}
	below := recorded{ca, "http://responder.test/crl/0", big.NewInt(6), 1, 200}
	below304 := recorded{ca, "http://responder.test/crl/0", big.NewInt(6), 1, 304}
	above := recorded{root, "http://responder.test/crl/1", big.NewInt(5), 0, 200}
	tests := []struct {
		path, ifNoneMatch string
		want              string
		recorded          recorded
	}{
		{"/crl/0", "", `GET /crl/0: CRL of "CN=below", number 6, 1 revoked`, below},
		{"/crl/0?x", "", `GET /crl/0?x: CRL of "CN=below", number 6, 1 revoked`, below},
		{"/crl/0", "*", `GET /crl/0: not modified, CRL of "CN=below", number 6, 1 revoked`, below304},
		{"/crl/1", "", `GET /crl/1: CRL of "CN=root", number 5, 0 revoked`, above},
		{"/issuer/1", "", `GET /issuer/1: 200, `, recorded{CA: root, Status: 200}},
		{"/issuer/1", "*", `GET /issuer/1: not modified`, recorded{CA: root, Status: 304}},
		{"/onecrl", "", `GET /onecrl: 200, `, recorded{Status: 200}},
		{
			"/crl/2", "", `GET /crl/2: malformedRequest: the path is not base64: illegal base64 data at input byte 5`,
			recorded{Status: 200},
		},
	}
	for i, test := range tests {
		req := labtest.GetRequest(test.path)
		if test.ifNoneMatch != "" {
			req.Header.Set("If-None-Match", test.ifNoneMatch)
		}
		labtest.InProcess(r, req)
		got := r.Requests()[i]
		if diff := cmp.Diff(test.recorded, recorded{got.CA, got.CRLURL, got.CRLNumber, got.CRLEntries, got.StatusCode},
			cmp.Comparer(func(a, b *fakeca.CA) bool { return a == b }),
			cmp.Comparer(func(a, b *big.Int) bool { return fmt.Sprint(a) == fmt.Sprint(b) })); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.path, test.ifNoneMatch, diff)
		}
		if text := got.String(); !strings.HasPrefix(text, test.want) {
			t.Errorf("%s, want %s", text, test.want)
		}
	}
	r.SetCRL(ca, fakeca.CRL{Mutate: func([]byte) []byte { return []byte("no list") }})
	labtest.InProcess(r, labtest.GetRequest("/crl/0"))
	if got := r.Requests()[len(tests)]; got.CRLNumber != nil || got.CA != ca || got.String() != "GET /crl/0: 200, 7 bytes" {
		t.Errorf("a CRL that cannot be read: %v of %v", got, got.CA)
	}
}

// The lists of a CA are as if it issued all of them together, whenever they are
// first asked for: a delta CRL is never older than the complete CRL.
func TestListsShareANumber(t *testing.T) {
	t.Parallel()
	clock := labtest.NewClock()
	ca := fakeca.New(clock.Option())
	r := ocsptest.NewUnstartedResponder(ca, ocsptest.WithCRLShards(2))
	r.URL = "http://responder.test"
	r.AddCRL(ca, "/delta", fakeca.CRL{Base: big.NewInt(0)})
	r.AddCRL(ca, "/later", fakeca.CRL{ThisUpdate: clock.Now.Add(time.Minute)})
	list := func(path string) *x509.RevocationList {
		t.Helper()
		return labtest.Must(x509.ParseRevocationList(get(r, path, nil).Body))
	}
	numbers := make(map[string]bool)
	for i := range 10 {
		paths := []string{"/crl/0", "/delta", "/crl/0/shard/0", "/crl/0/shard/1"}
		first := list(paths[i%4])
		clock.Now = clock.Now.Add(17 * time.Minute)
		if i == 5 {
			ca.Revoke(big.NewInt(1), fakeca.KeyCompromise)
		}
		numbers[first.Number.String()] = true
		complete := list("/crl/0")
		for _, path := range paths {
			if got := list(path); got.Number.Cmp(complete.Number) != 0 || !got.ThisUpdate.Equal(complete.ThisUpdate) {
				t.Errorf("%d: %s has the number %v and thisUpdate %v, the complete list %v and %v",
					i, path, got.Number, got.ThisUpdate, complete.Number, complete.ThisUpdate)
			}
		}
		if later := list("/later"); later.Number.Cmp(complete.Number) == 0 {
			t.Errorf("%d: a list with its own ThisUpdate has the number of the others", i)
		}
	}
	if len(numbers) != 3 { // at the beginning, after 68 minutes, and after the revocation
		t.Errorf("%d numbers", len(numbers))
	}
}

// A list of several CAs is made anew when the record of any of them has changed,
// whether the responder responds for it or not.
func TestListOfSeveralCAs(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca, other, third := root.Intermediate(), root.Intermediate(fakeca.WithName("other")), root.Intermediate(fakeca.WithName("third"))
	r := ocsptest.NewResponder(t, ca)
	delta := r.AddCRL(ca, "/delta", fakeca.CRL{Others: []*fakeca.CA{other, third}, Base: big.NewInt(0)})
	r.SetCRL(ca, fakeca.CRL{Others: []*fakeca.CA{other}})
	entries := func(url string) int {
		t.Helper()
		list, err := x509.ParseRevocationList(labtest.ReadAll(t, labtest.Get(t, labtest.Bare(r), url)))
		if err != nil {
			t.Fatal(err)
		}
		return len(list.RevokedCertificateEntries)
	}
	for _, step := range []struct {
		name            string
		ca              *fakeca.CA // revokes one
		complete, delta int
	}{{"the CA", ca, 1, 1}, {"the other", other, 2, 2}, {"the third", third, 2, 3}, {"the other again", other, 3, 4}} {
		step.ca.Leaf().Revoke(fakeca.Superseded)
		if got := entries(r.CRLURL(ca)); got != step.complete {
			t.Errorf("after a revocation by %s: the complete list has %d entries, want %d", step.name, got, step.complete)
		}
		if got := entries(delta); got != step.delta {
			t.Errorf("after a revocation by %s: the delta CRL has %d entries, want %d", step.name, got, step.delta)
		}
	}
}
