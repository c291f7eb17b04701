package ocsptest_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A scope is the IssuingDistributionPoint of a list (RFC 5280 section 5.2.5).
type scope struct {
	Point struct {
		FullName []asn1.RawValue `asn1:"optional,tag:0"`
	} `asn1:"optional,tag:0"`
	OnlyUserCerts bool `asn1:"optional,tag:1"`
	OnlyCACerts   bool `asn1:"optional,tag:2"`
}

// A summary is what a test compares of a list.
type summary struct {
	Serials       []int64
	URLs          []string // in the issuing distribution point
	OnlyUserCerts bool
	OnlyCACerts   bool
	Critical      bool
}

// summarize downloads a list, and checks who signed it.
func summarize(t *testing.T, c *http.Client, url string, ca *fakeca.CA) (s summary) {
	t.Helper()
	list, err := x509.ParseRevocationList(labtest.ReadAll(t, labtest.Get(t, c, url)))
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(ca.Cert); err != nil {
		t.Error(err)
	}
	for _, e := range list.RevokedCertificateEntries {
		s.Serials = append(s.Serials, e.SerialNumber.Int64())
	}
	for _, e := range list.Extensions {
		if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 28}) {
			var point scope
			if _, err := asn1.Unmarshal(e.Value, &point); err != nil {
				t.Fatal(err)
			}
			for _, name := range point.Point.FullName {
				s.URLs = append(s.URLs, string(name.Bytes))
			}
			s.OnlyUserCerts, s.OnlyCACerts, s.Critical = point.OnlyUserCerts, point.OnlyCACerts, e.Critical
		}
	}
	return s
}

// Each certificate names its shard, whose scope says so, and is on no other list
// but the complete one.
func TestCRLShards(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		opts []ocsptest.ResponderOption
	}{
		{"plain", nil},
		{"path", []ocsptest.ResponderOption{ocsptest.WithPath("/x7f3")}},
		{"TLS", []ocsptest.ResponderOption{ocsptest.WithTLS()}},
		{"without OCSP", []ocsptest.ResponderOption{ocsptest.WithoutOCSP()}},
		{"memory", []ocsptest.ResponderOption{ocsptest.WithNetwork(new(ocsptest.Network))}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := fakeca.New()
			ca := root.Intermediate()
			issue := func(serial int64, isCA bool) *x509.Certificate {
				return ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), PublicKey: ca.Key, IsCA: isCA}).Cert
			}
			early := issue(3, false)
			r := ocsptest.NewResponder(t, ca, append(test.opts, ocsptest.WithCRLShards(3))...)
			shards := r.ShardURLs(ca)
			if want := []string{r.URL + "/crl/0/shard/0", r.URL + "/crl/0/shard/1", r.URL + "/crl/0/shard/2"}; !slices.Equal(shards, want) {
				t.Errorf("the shards are at %q, want %q", shards, want)
			}
			certs := map[int64]*x509.Certificate{4: issue(4, false), 5: issue(5, false), 6: issue(6, false), 7: issue(7, true), 8: issue(8, false)}
			for serial, want := range map[int64]string{4: shards[1], 5: shards[2], 6: shards[0], 7: r.CRLURL(ca), 8: shards[2]} {
				if got := certs[serial].CRLDistributionPoints; len(got) != 1 || got[0] != want {
					t.Errorf("%d names %q, want %q", serial, got, want)
				}
			}
			if early.CRLDistributionPoints != nil {
				t.Errorf("a certificate from before names %q", early.CRLDistributionPoints)
			}
			const notIssued = 1000
			for _, serial := range []int64{3, 4, 6, 7, 8, notIssued} {
				ca.Revoke(big.NewInt(serial), fakeca.Superseded)
			}
			for i, serials := range [][]int64{{3, 6, notIssued}, {4, notIssued}, {8, notIssued}} {
				want := summary{serials, shards[i : i+1], true, false, true}
				if diff := cmp.Diff(want, summarize(t, r.Client(), shards[i], ca)); diff != "" {
					t.Errorf("shard %d (-want +got):\n%s", i, diff)
				}
			}
			want := summary{Serials: []int64{3, 4, 6, 7, 8, notIssued}}
			if diff := cmp.Diff(want, summarize(t, r.Client(), r.CRLURL(ca), ca)); diff != "" {
				t.Errorf("the complete list (-want +got):\n%s", diff)
			}
			above := summary{URLs: r.ShardURLs(root)[:1], OnlyUserCerts: true, Critical: true}
			if diff := cmp.Diff(above, summarize(t, r.Client(), r.ShardURLs(root)[0], root)); diff != "" {
				t.Errorf("a shard of the root (-want +got):\n%s", diff)
			}
		})
	}
}

// Who is added, mounted or chosen gives shards too.
func TestWhoNamesShards(t *testing.T) {
	t.Parallel()
	ca, added := fakeca.New(), fakeca.New()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithCRLShards(2))
	r.Add(added)
	shard := func(cert *x509.Certificate, r *ocsptest.Responder, ca *fakeca.CA) {
		t.Helper()
		want := r.ShardURLs(ca)[cert.SerialNumber.Bit(0)]
		if got := cert.CRLDistributionPoints; len(got) != 1 || got[0] != want {
			t.Errorf("%v names %q, want %q", cert.SerialNumber, got, want)
		}
	}
	shard(added.Leaf().Cert, r, added)

	mounted := ocsptest.NewUnstartedResponder(ca, ocsptest.WithCRLShards(2))
	get(mounted, "/crl/0/shard/1", nil) // before it has a URL
	mounted.URL = "http://mounted.test/ocsp"
	mounted.Add(ca)
	shard(ca.Leaf().Cert, mounted, ca)
	if got := get(mounted, "/crl/0/shard/1", nil).Body; !bytes.Contains(got, []byte("http://mounted.test/ocsp/crl/0/shard/1")) {
		t.Errorf("mounted, it serves %q", got)
	}

	for range 4 {
		srv := ocsptest.NewServer(t, ocsptest.WithResponder(r))
		shard(srv.Leaf.Cert, r, ca)
	}
	if urls := ocsptest.NewResponder(t, ca).ShardURLs(ca); urls != nil {
		t.Errorf("without the option, the shards are at %q", urls)
	}
	labtest.MustPanic(t, `ocsptest: ShardURLs: the responder does not respond for "CN=fakeca root (do not trust)"; call Add`, func() {
		r.ShardURLs(fakeca.New())
	})
}

// SetCRL describes the shards too, AddCRL replaces one, and Reset undoes both.
func TestSetCRLOfShards(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithCRLShards(2))
	shards := r.ShardURLs(ca)
	for _, serial := range []int64{2, 3} {
		ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(serial), PublicKey: ca.Key}).Revoke(fakeca.Superseded)
	}
	normal := []summary{
		{[]int64{2, 3}, nil, false, false, false},
		{[]int64{2}, shards[:1], true, false, true},
		{[]int64{3}, shards[1:], true, false, true},
	}
	other := []string{"http://other.test"}
	relative := labtest.Must(asn1.Marshal(pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "CRL"}}))
	for _, step := range []struct {
		name string
		do   func()
		want []summary
	}{
		{"default", func() {}, normal},
		{"another URL", func() { r.SetCRL(ca, fakeca.CRL{DistributionPoint: other}) }, []summary{
			{[]int64{2, 3}, other, false, false, true}, {[]int64{2}, other, true, false, true}, {[]int64{3}, other, true, false, true},
		}},
		{"a relative name", func() { r.SetCRL(ca, fakeca.CRL{RelativeName: relative}) }, []summary{
			{[]int64{2, 3}, nil, false, false, true}, {[]int64{2}, nil, true, false, true}, {[]int64{3}, nil, true, false, true},
		}},
		{"only CAs", func() { r.SetCRL(ca, fakeca.CRL{OnlyCACerts: true}) }, []summary{
			{nil, nil, false, true, true}, {nil, shards[:1], false, true, true}, {nil, shards[1:], false, true, true},
		}},
		{"SetCRL again", func() { r.SetCRL(ca, fakeca.CRL{}) }, normal},
		{"shard 0 is served instead of shard 1", func() {
			r.AddCRL(ca, "/crl/0/shard/1", fakeca.CRL{Shards: 2, DistributionPoint: shards[:1], OnlyUserCerts: true})
		}, []summary{normal[0], normal[1], normal[1]}},
		{"Reset", r.Reset, normal},
	} {
		step.do()
		var got []summary
		for _, url := range append([]string{r.CRLURL(ca)}, shards...) {
			got = append(got, summarize(t, labtest.Bare(r), url, ca))
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

// Of a CA without OCSP, certificates name no responder, and there is none.
func TestWithoutOCSP(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	r := ocsptest.NewResponder(t, ca, ocsptest.WithoutOCSP())
	leaf := ca.Leaf()
	list := []string{r.CRLURL(ca)}
	if c := leaf.Cert; c.OCSPServer != nil || !slices.Equal(c.CRLDistributionPoints, list) || c.IssuingCertificateURL == nil {
		t.Errorf("the leaf names %q, %q and %q", c.OCSPServer, c.CRLDistributionPoints, c.IssuingCertificateURL)
	}
	srv := ocsptest.NewServer(t, ocsptest.WithResponder(r), ocsptest.WithoutStaple())
	ocsptest.NewResponder(t, ca)
	if c := srv.Leaf.Cert; c.OCSPServer != nil || !slices.Equal(c.CRLDistributionPoints, list) {
		t.Errorf("the server's leaf names %q and %q", c.OCSPServer, c.CRLDistributionPoints)
	}
	der := labtest.RequestFor(leaf).Marshal()
	for _, way := range ways {
		if got := way.ask(t, r, der); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d %x", way.name, got.Code, got.Body)
		}
	}
	got := r.Requests()[0].String()
	want := fmt.Sprintf("GET serial %x by SHA-1: 404 Not Found: there is no OCSP, because of WithoutOCSP()", leaf.Cert.SerialNumber)
	if got != want {
		t.Errorf("recorded %q, want %q", got, want)
	}
	if got := summarize(t, labtest.Bare(r), list[0], ca); len(got.Serials) != 0 {
		t.Errorf("it lists %v", got.Serials)
	}
	tb := new(labtest.TB)
	ocsptest.NewServer(tb, ocsptest.WithResponder(r), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{}))
	const noOCSP = "ocsptest: WithFetchedStaple needs OCSP, and the responder is WithoutOCSP(); leave one of them out"
	if diff := cmp.Diff([]string{noOCSP}, tb.Logged()); diff != "" {
		t.Errorf("a server that fetches its staple (-want +got):\n%s", diff)
	}
}

// In a bubble, a list that is cached never expires before the next one.
func TestShardsStayFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ca := fakeca.New()
		r := ocsptest.NewResponder(t, ca, ocsptest.WithCRLShards(2), ocsptest.WithNetwork(new(ocsptest.Network)))
		seen := make(map[string]bool)
		for range 100 {
			der := labtest.ReadAll(t, labtest.Get(t, r.Client(), r.ShardURLs(ca)[0]))
			list := labtest.Must(x509.ParseRevocationList(der))
			if now := time.Now(); now.Before(list.ThisUpdate) || now.After(list.NextUpdate.Add(-20*time.Hour)) {
				t.Errorf("at %v the list is for %v to %v", now, list.ThisUpdate, list.NextUpdate)
			}
			seen[string(der)] = true
			time.Sleep(31 * time.Minute)
		}
		if len(seen) != 50 {
			t.Errorf("%d lists in 51 hours, of which two requests each get the same", len(seen))
		}
	})
}
