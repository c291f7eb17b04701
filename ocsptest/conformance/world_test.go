package conformance

import (
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// inWorld runs f in the world of a case, in memory and in a bubble.
func inWorld(t *testing.T, name string, f func(t *testing.T, c Case, w *world)) {
	t.Helper()
	c, ok := Lookup(name)
	if !ok {
		t.Fatalf("there is no case %s", name)
	}
	synctest.Test(t, func(t *testing.T) {
		w, err := c.newWorld(new(ocsptest.Network))
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
		f(t, c, w)
	})
}

// TestWorldsShareARoot shows that certificates name the responder of their own
// world, although the root names that of another one, which was started later.
func TestWorldsShareARoot(t *testing.T) {
	t.Parallel()
	setting := worldSetting{root: fakeca.New(), network: new(ocsptest.Network)}
	start := func(s *scenario) *world {
		w, err := newWorld(s, setting)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.close)
		return w
	}
	for name, change := range map[string]func(*world){
		"another intermediate": func(w *world) { w.replaceIssuer(x509.Certificate{}) },
		"issued by the root":   func(w *world) { w.ca = w.root },
	} {
		w := start(&scenario{template: func(w *world) {
			start(&scenario{})
			change(w)
		}})
		for cert, ca := w.leaf.Cert, w.ca; ca != nil; cert, ca = ca.Cert, ca.Issuer {
			for _, url := range slices.Concat(cert.OCSPServer, cert.CRLDistributionPoints, cert.IssuingCertificateURL) {
				if !strings.HasPrefix(url, w.responder.URL+"/") && url != w.responder.URL {
					t.Errorf("%s: %v names %s, want %s", name, cert.Subject, url, w.responder.URL)
				}
			}
		}
	}
}

// TestSharedRootHasNoMemory shows that what one case revokes below a shared root
// is good in the next.
func TestSharedRootHasNoMemory(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	for _, name := range []string{"chain/serial-revoked-by-root", "chain/serial-good-by-root"} {
		c, _ := Lookup(name)
		w, err := newWorld(c.scenario, worldSetting{root: root, network: new(ocsptest.Network)})
		if err != nil {
			t.Fatal(err)
		}
		defer w.close()
		want := fakeca.Good
		if name == "chain/serial-revoked-by-root" {
			want = fakeca.Revoked
		}
		if got := root.Lookup(w.leaf.Cert.SerialNumber).Status; got != want {
			t.Errorf("%s: the root says %v about the other certificate, want %v", name, got, want)
		}
	}
}

// TestWorldsShareNoPaths shows that no two worlds have URLs that differ only in
// the port, which another responder can get later.
func TestWorldsShareNoPaths(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 3 {
		inWorld(t, "http/first-dead", func(t *testing.T, _ Case, w *world) {
			cert := w.leaf.Cert
			for _, url := range slices.Concat(cert.OCSPServer, w.ca.Cert.CRLDistributionPoints, cert.IssuingCertificateURL) {
				_, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
				if seen[path] {
					t.Errorf("another world has the path %q of %s too", path, url)
				}
				seen[path] = true
			}
		})
	}
}

// TestIssuersResponderIsSilent shows that a client learns nothing from the
// responder that the issuer names, if the leaf names none.
func TestIssuersResponderIsSilent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"crl/revoked", "crl/empty", "status/revoked"} {
		inWorld(t, name, func(t *testing.T, _ Case, w *world) {
			if len(w.leaf.Cert.OCSPServer) > 0 {
				t.Fatalf("%s: the leaf names %q", name, w.leaf.Cert.OCSPServer)
			}
			g := &gauge{ctx: t.Context(), client: httpClient(w.server), at: w.clock.now()}
			if got := g.ask(http.MethodGet, w.ca.Cert.OCSPServer[0], w.leaf.Cert, w.ca.Cert); got&(Good|Revoked|Unknown) != 0 {
				t.Errorf("%s: the responder of the issuer says %v", name, got)
			}
		})
	}
}

// TestRevokedMeanwhileIsLater shows that what is said at the second connection is
// newer than what was said at the first, by every date.
func TestRevokedMeanwhileIsLater(t *testing.T) {
	t.Parallel()
	inWorld(t, "fallback/revoked-meanwhile", func(t *testing.T, c Case, w *world) {
		type said struct {
			staple, fetched fakeca.Response
			crl             *x509.RevocationList
		}
		listen := func() (s said) {
			ctx, client := t.Context(), httpClient(w.server)
			der, err := w.stapled(ctx)
			if err != nil {
				t.Fatal(err)
			}
			s.staple = must(fakeca.ParseResponse(der))
			g := &gauge{ctx: ctx, client: client}
			fetched, _ := g.get(http.MethodGet, fakeca.NewRequest(w.leaf.Cert.SerialNumber, w.ca.Cert).URL(w.responder.URL), nil, maxResponse)
			s.fetched = must(fakeca.ParseResponse(fetched))
			s.crl = must(x509.ParseRevocationList(must(downloadCRL(ctx, client, w.responder.CRLURL(w.ca)))))
			return s
		}
		first := listen()
		c.scenario.second(w)
		second := listen()
		if !second.staple.ThisUpdate.After(first.staple.ThisUpdate) || !second.staple.NextUpdate.After(first.staple.NextUpdate) {
			t.Errorf("the second staple %v is not later than the first %v", second.staple, first.staple)
		}
		if !second.fetched.ThisUpdate.After(first.fetched.ThisUpdate) || !second.fetched.NextUpdate.After(first.fetched.NextUpdate) {
			t.Errorf("the second response %v is not later than the first %v", second.fetched, first.fetched)
		}
		if !second.crl.ThisUpdate.After(first.crl.ThisUpdate) || second.crl.Number.Cmp(first.crl.Number) <= 0 {
			t.Errorf("the second CRL is not later: %v, number %v; %v, number %v",
				first.crl.ThisUpdate, first.crl.Number, second.crl.ThisUpdate, second.crl.Number)
		}
	})
}
