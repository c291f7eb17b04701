package ocsptest_test

import (
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// golden compares a text with a file in testdata.
var golden = labtest.Golden

// world is a CA and a leaf that are the same in each run, but for their keys.
func world() ocsptest.Option {
	at := time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC)
	ca := fakeca.New(fakeca.WithClock(func() time.Time { return at }))
	return ocsptest.WithLeaf(ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0xabcdef), DNSNames: []string{"api.example.test"}}))
}

// A failed test's log tells what the server saw.
func TestReport(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	srv := ocsptest.NewServer(tb, world(), ocsptest.WithHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	})))
	srv.Client().Get(srv.URL)
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	cfg := srv.TLSClientConfig()
	cfg.VerifyConnection = refuse
	connect(srv, cfg, nil)
	srv.SetStaple(fakeca.Response{Error: 3})
	cfg.MaxVersion = tls.VersionTLS12
	connect(srv, cfg, nil)
	addr := srv.Addr().String()

	tb.Fail()
	tb.End()
	labtest.Golden(t, "report.txt", strings.ReplaceAll(strings.Join(tb.Logged(), "\n"), addr, "127.0.0.1:4433")+"\n")
}

func TestReportWithoutHandshakes(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	tb.Fail()
	ocsptest.NewServer(tb, world(), ocsptest.WithNetwork(new(ocsptest.Network)))
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
	if got := strings.Join(tb.Logged(), "\n"); !strings.Contains(got, "\n    panic in a handler: from the test's handler\n") || !strings.Contains(got, "report_test.go:") {
		t.Errorf("logged %s", got)
	}
}

func TestNoReportOfAGreenTest(t *testing.T) {
	t.Parallel()
	tb := &labtest.TB{TB: t}
	srv := ocsptest.NewServer(tb)
	get(t, srv.Client(), srv.URL)
	tb.End()
	if got := tb.Logged(); len(got) != 0 {
		t.Errorf("logged %q", got)
	}
}
