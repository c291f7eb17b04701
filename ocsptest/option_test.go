package ocsptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

func TestWithPort(t *testing.T) {
	t.Parallel()
	first := ocsptest.NewServer(t)
	port := first.Addr().(*net.TCPAddr).Port
	tb := new(labtest.TB)
	srv := ocsptest.NewServer(tb, ocsptest.WithPort(port))
	if got := tb.Logged(); srv != nil || len(got) != 1 || !strings.HasPrefix(got[0], "ocsptest: cannot listen: ") {
		t.Errorf("a port in use: %q", got)
	}
	first.Close()
	srv = ocsptest.NewServer(t, ocsptest.WithPort(port))
	if got := srv.Addr().(*net.TCPAddr); got.Port != port || !got.IP.IsLoopback() {
		t.Errorf("listens on %v", got)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	ca := fakeca.New()
	tests := []struct {
		name string
		opts []ocsptest.Option
		want string
	}{
		{"two staples",
			[]ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}), ocsptest.WithoutStaple()},
			"ocsptest: WithStaple(unknown) and WithoutStaple() both set the staple; give one of them"},
		{"raw twice",
			[]ocsptest.Option{ocsptest.WithRawStaple([]byte("a")), ocsptest.WithRawStaple(nil)},
			"ocsptest: WithRawStaple(1 bytes) and WithRawStaple(0 bytes) both set the staple; give one of them"},
		{"two handlers",
			[]ocsptest.Option{ocsptest.WithHandler(http.NotFoundHandler()), ocsptest.WithConnHandler(func(*tls.Conn) {})},
			"ocsptest: WithHandler(...) and WithConnHandler(...) both set the handler; give one of them"},
		{"two addresses",
			[]ocsptest.Option{ocsptest.WithPort(4433), ocsptest.WithNetwork(new(ocsptest.Network))},
			"ocsptest: WithPort(4433) and WithNetwork(...) both set the address; give one of them"},
		{"two CAs",
			[]ocsptest.Option{ocsptest.WithCA(fakeca.New()), ocsptest.WithLeaf(ca.Leaf())},
			"ocsptest: WithCA and WithLeaf name two CAs; leave WithCA out"},
		{"leaf without issuer",
			[]ocsptest.Option{ocsptest.WithLeaf(&fakeca.Leaf{Cert: ca.Cert, Key: ca.Key})},
			"ocsptest: WithLeaf has a leaf without Issuer; issue it with a fakeca.CA"},
		{"leaf without key",
			[]ocsptest.Option{ocsptest.WithLeaf(ca.Issue(&x509.Certificate{PublicKey: ca.Key.Public()}))},
			"fakeca: this leaf has no private key; issue it without a PublicKey, or with a crypto.Signer as PublicKey"},
		{"certificates",
			[]ocsptest.Option{ocsptest.WithTLSConfig(&tls.Config{Certificates: []tls.Certificate{ca.Leaf().TLS()}})},
			"ocsptest: WithTLSConfig has Certificates, which would not be stapled; use WithLeaf, or GetCertificate"},
		{"one option twice",
			[]ocsptest.Option{ocsptest.WithSessionTickets(), ocsptest.WithSessionTickets()},
			"ocsptest: WithSessionTickets() is given twice; give it once"},
		{"no option",
			[]ocsptest.Option{ocsptest.WithoutStaple(), nil},
			"ocsptest: option 2 of 2 is nil; leave it out"},
		{"no CA", []ocsptest.Option{ocsptest.WithCA(nil)},
			"ocsptest: WithCA needs a CA; leave the option out for a new one"},
		{"no leaf", []ocsptest.Option{ocsptest.WithLeaf(nil)},
			"ocsptest: WithLeaf needs a leaf; leave the option out for a new one"},
		{"empty leaf", []ocsptest.Option{ocsptest.WithLeaf(&fakeca.Leaf{})},
			"ocsptest: WithLeaf needs a leaf; leave the option out for a new one"},
		{"no network", []ocsptest.Option{ocsptest.WithNetwork(nil)},
			"ocsptest: WithNetwork needs a network, such as new(ocsptest.Network); leave the option out for a socket"},
		{"no responder", []ocsptest.Option{ocsptest.WithResponder(nil)},
			"ocsptest: WithResponder needs a responder; leave the option out for the CA's"},
		{"no handler", []ocsptest.Option{ocsptest.WithHandler(nil)},
			"ocsptest: WithHandler needs a handler; leave the option out for one that says ok"},
		{"no handler of connections", []ocsptest.Option{ocsptest.WithConnHandler(nil)},
			"ocsptest: WithConnHandler needs a function; leave the option out for HTTP"},
		{"no TLS configuration", []ocsptest.Option{ocsptest.WithTLSConfig(nil)},
			"ocsptest: WithTLSConfig needs a configuration; leave the option out for the default"},
		{"no clients' CA", []ocsptest.Option{ocsptest.WithClientCA(nil)},
			"ocsptest: WithClientCA needs a CA; leave the option out to ask for no certificate"},
		{"no trusted CA", []ocsptest.Option{ocsptest.WithTrustedCA(nil)},
			"ocsptest: WithTrustedCA needs a CA; leave the option out for the server's own"},
		{"negative port", []ocsptest.Option{ocsptest.WithPort(-1)},
			"ocsptest: WithPort(-1): ports are 1 to 65535; leave the option out for a free one"},
		{"large port", []ocsptest.Option{ocsptest.WithPort(65536)},
			"ocsptest: WithPort(65536): ports are 1 to 65535; leave the option out for a free one"},
		{"responder, not started", []ocsptest.Option{ocsptest.WithResponder(ocsptest.NewUnstartedResponder(ca))},
			"ocsptest: WithResponder: the responder is not started; call its Start first"},
		{"responder of another CA", []ocsptest.Option{ocsptest.WithCA(fakeca.New()), ocsptest.WithResponder(ocsptest.NewResponder(t, ca))},
			"ocsptest: WithResponder: the responder does not respond for the server's CA; call its Add first"},
		{"responder and leaf", []ocsptest.Option{ocsptest.WithLeaf(ca.Leaf()), ocsptest.WithResponder(ocsptest.NewResponder(t, ca))},
			"ocsptest: WithLeaf and WithResponder both say which responder the leaf names; leave one of them out"},
		{"response that contradicts itself",
			[]ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Reason: fakeca.KeyCompromise})},
			"fakeca: Response: Reason or RevokedAt is set and Status is good; set Status: fakeca.Revoked"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tb := new(labtest.TB)
			if ocsptest.NewServer(tb, test.opts...) != nil {
				t.Error("NewServer returned a server")
			}
			if diff := cmp.Diff([]string{test.want}, tb.Logged()); diff != "" {
				t.Errorf("Fatalf (-want +got):\n%s", diff)
			}
			labtest.MustPanic(t, test.want, func() { ocsptest.NewUnstartedServer(test.opts...) })
		})
	}
}

// Misuse panics with a line that says what to write.
func TestMisusePanicsWithAdvice(t *testing.T) {
	t.Parallel()
	const noTest = "ocsptest: NewServer needs a test, not nil; in TestMain use NewUnstartedServer"
	labtest.MustPanic(t, noTest, func() { ocsptest.NewServer(nil) })
	labtest.MustPanic(t, noTest, func() { ocsptest.NewServer((*testing.T)(nil)) })
	labtest.MustPanic(t, "ocsptest: NewResponder needs a test, not nil; in TestMain use NewUnstartedResponder", func() {
		ocsptest.NewResponder(nil, fakeca.New())
	})
	labtest.MustPanic(t, "ocsptest: a Server that is not made by NewServer or NewUnstartedServer; use one of them", new(ocsptest.Server).Start)
	labtest.MustPanic(t, "ocsptest: a Responder that is not made by NewResponder or NewUnstartedResponder; use one of them",
		new(ocsptest.Responder).Start)
	new(ocsptest.Server).Close()
}

// The option names r although another responder of the CA was started later.
func TestWithResponder(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	ca := root.Intermediate()
	first := ocsptest.NewResponder(t, ca)
	ocsptest.NewResponder(t, ca)
	for _, test := range []struct {
		name   string
		opts   []ocsptest.Option
		issuer *fakeca.CA
	}{
		{"its CA", nil, ca},
		{"another of its CAs", []ocsptest.Option{ocsptest.WithCA(root)}, root},
	} {
		t.Run(test.name, func(t *testing.T) {
			srv := ocsptest.NewServer(t, append(test.opts, ocsptest.WithResponder(first), ocsptest.WithFetchedStaple(ocsptest.FetchPolicy{}))...)
			cert, want := srv.Leaf.Cert, test.issuer.Leaf().Cert
			if srv.CA != test.issuer || srv.Leaf.Issuer != test.issuer {
				t.Error("issued by another CA")
			}
			if diff := cmp.Diff(want.DNSNames, cert.DNSNames) + cmp.Diff(want.IPAddresses, cert.IPAddresses); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			got := []string{cert.OCSPServer[0], cert.CRLDistributionPoints[0], cert.IssuingCertificateURL[0]}
			if diff := cmp.Diff([]string{first.URL, first.CRLURL(test.issuer), first.IssuerURL(test.issuer)}, got); diff != "" {
				t.Errorf("the leaf names (-want +got):\n%s", diff)
			}
			if got := labtest.Status(labtest.Stapled(t, srv, tls.VersionTLS13)); got != "good" {
				t.Errorf("fetched %s", got)
			}
		})
	}
}

// A socket would hang a synctest bubble.
func TestSocketInABubbleIsRefused(t *testing.T) {
	t.Parallel()
	const want = "ocsptest: in a testing/synctest bubble a socket hangs; add WithNetwork(new(ocsptest.Network))"
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(50 * 365 * 24 * time.Hour) // any time will do
		tb := new(labtest.TB)
		if ocsptest.NewServer(tb) != nil {
			t.Error("NewServer returned a server")
		}
		if ocsptest.NewResponder(tb, fakeca.New()) != nil {
			t.Error("NewResponder returned a responder")
		}
		if diff := cmp.Diff([]string{want, want}, tb.Logged()); diff != "" {
			t.Errorf("Fatalf (-want +got):\n%s", diff)
		}
		if err := ocsptest.NewUnstartedServer().Listen(); err == nil || err.Error() != want {
			t.Errorf("Listen: %v", err)
		}
	})
}
