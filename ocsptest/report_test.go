package ocsptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// fixedLeaf gives a server a leaf that is the same in each run, except for its
// keys.
func fixedLeaf() ocsptest.Option {
	at := time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC)
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return at }))
	return ocsptest.WithLeaf(ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0xabcdef), DNSNames: []string{"api.example.test"}}))
}

// A failed test's log shows what the server saw.
func TestReport(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	srv := ocsptest.NewServer(tb, fixedLeaf(), ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})))
	srv.Client().Get(srv.URL)
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	cfg := srv.TLSClientConfig()
	cfg.VerifyConnection = labtest.Refuse
	labtest.Connect(srv, cfg)
	srv.SetStaple(fakeca.Response{Error: ocsp.TryLater})
	cfg.MaxVersion = tls.VersionTLS12
	labtest.Connect(srv, cfg)
	addr := srv.Addr().String()

	tb.Fail()
	tb.End()
	labtest.Golden(t, "report.txt", strings.ReplaceAll(strings.Join(tb.Logged(), "\n"), addr, "127.0.0.1:4433")+"\n")
}

func TestReportWithoutHandshakes(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	tb.Fail()
	ocsptest.NewServer(tb, fixedLeaf(), ocsptest.WithNetwork(new(ocsptest.Network)))
	tb.End()
	labtest.Golden(t, "report-empty.txt", strings.Join(tb.Logged(), "\n")+"\n")
}

func TestReportsWhatHandlersPanicWith(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	tb.Fail()
	srv := ocsptest.NewServer(tb, ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("from the test's handler")
	})))
	srv.Client().Get(srv.URL)
	tb.End()
	if strings.Contains(strings.Join(tb.Logged(), "\n"), "/host.go:") {
		t.Errorf("the stack shows our own frames: %s", tb.Logged())
	}
	got := strings.Join(tb.Logged(), "\n")
	for _, want := range []string{"\n    panic in a handler: from the test's handler\n", "report_test.go:"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q:\n%s", want, got)
		}
	}
}

func TestNoReportOfATestThatPasses(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	srv := ocsptest.NewServer(tb)
	labtest.Get(t, srv.Client(), srv.URL)
	tb.End()
	if got := tb.Logged(); len(got) != 0 {
		t.Errorf("logged %q", got)
	}
}

// The report notes mistakes that a test may not notice.
func TestReportNotes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		opts []ocsptest.Option
		do   func(srv *ocsptest.Server)
		want []string
	}{
		{"nothing", nil, func(*ocsptest.Server) {}, nil},
		{"revoked", nil, func(srv *ocsptest.Server) { srv.Leaf.Revoke(fakeca.KeyCompromise) }, nil},
		{"set by hand, good on record", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{Status: fakeca.Revoked})},
			func(*ocsptest.Server) {}, nil},
		{"set by hand, as on record", nil, func(srv *ocsptest.Server) {
			srv.Leaf.Revoke(fakeca.KeyCompromise)
			srv.SetStaple(srv.Leaf.OnRecord())
		}, nil},
		{"set by hand, then revoked", nil, func(srv *ocsptest.Server) {
			srv.SetStaple(fakeca.Response{})
			srv.Leaf.Revoke(fakeca.KeyCompromise)
		}, []string{"SetStaple staples good, but the record says revoked; FollowRecord goes back to the record"}},
		{"an option, then revoked", []ocsptest.Option{ocsptest.WithStaple(fakeca.Response{})}, func(srv *ocsptest.Server) {
			srv.Leaf.Revoke(fakeca.KeyCompromise)
		}, []string{"WithStaple staples good, but the record says revoked; FollowRecord goes back to the record"}},
		{"followed again", nil, func(srv *ocsptest.Server) {
			srv.SetStaple(fakeca.Response{})
			srv.Leaf.Revoke(fakeca.KeyCompromise)
			srv.FollowRecord()
		}, nil},
		{"no staple at all, and revoked", []ocsptest.Option{ocsptest.WithoutStaple()}, func(srv *ocsptest.Server) {
			srv.Leaf.Revoke(fakeca.KeyCompromise)
		}, nil},
		{"revoked by the wrong CA", nil, func(srv *ocsptest.Server) {
			srv.CA.Root().Revoke(big.NewInt(0xabc), fakeca.KeyCompromise)
		}, []string{"CN=fakeca root (do not trust) has revoked serial abc, but issued no such certificate"}},
		{"serials that were never issued", nil, func(srv *ocsptest.Server) {
			for i := range int64(3) {
				srv.CA.Revoke(big.NewInt(7+i), fakeca.KeyCompromise)
			}
		}, []string{"CN=fakeca intermediate (do not trust) has revoked serial 7 and 2 others, but issued no such certificate"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := ocsptest.NewServer(t, append(test.opts, ocsptest.WithNetwork(new(ocsptest.Network)))...)
			test.do(srv)
			var got []string
			for line := range strings.SplitSeq(srv.Report(), "\n") {
				if note, ok := strings.CutPrefix(line, "    note: "); ok {
					got = append(got, note)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// The report has a command for openssl, but only while the server runs.
func TestReportHasACommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		leaf []string // the names
		name string   // in the command
	}{
		{nil, "localhost"},
		{[]string{"*.example.test"}, "www.example.test"},
		{[]string{"127.0.0.1"}, "localhost"},
	} {
		srv := ocsptest.NewServer(t, ocsptest.WithLeaf(fakeca.New().Leaf(test.leaf...)))
		want := "\n    by hand: openssl s_client -connect " + srv.Addr().String() + " -servername " + test.name + " -status </dev/null"
		if got := srv.Report(); !strings.HasSuffix(got, want) {
			t.Errorf("running: %s\nwant %s", got, want)
		}
		srv.Close()
		if got := srv.Report(); strings.Contains(got, "by hand") {
			t.Errorf("closed: %s", got)
		}
	}
}
