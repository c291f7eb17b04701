package ocsptest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// show connects, and prints what is stapled.
func show(srv *ocsptest.Server) {
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.TLS.OCSPResponse == nil {
		fmt.Println("no staple")
		return
	}
	r, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Status, r.Reason)
}

// In a test, NewServer does what NewUnstartedServer, Start and Close do here.
func ExampleNewUnstartedServer() {
	srv := ocsptest.NewUnstartedServer()
	srv.Start()
	defer srv.Close()

	show(srv)
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	show(srv)
	// Output:
	// good unspecified
	// revoked key_compromise
}

func ExampleServer_SetStaple() {
	srv := ocsptest.NewUnstartedServer(ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}))
	srv.Start()
	defer srv.Close()

	show(srv)
	srv.SetStaple(fakeca.Response{Error: ocsp.TryLater})
	show(srv)
	srv.SetRawStaple([]byte("garbage"))
	show(srv)
	srv.SetRawStaple(nil)
	show(srv)
	// Output:
	// unknown unspecified
	// server_failed unspecified
	// fakeca: OCSP response: found tag 0x67, expected 0x30
	// no staple
}

// A client that refuses says so in a TLS alert.
func ExampleServer_Handshakes() {
	srv := ocsptest.NewUnstartedServer()
	srv.Start()
	defer srv.Close()

	cfg := srv.TLSClientConfig()
	cfg.ServerName = "example.com"
	cfg.VerifyConnection = func(tls.ConnectionState) error { return fmt.Errorf("not today") }
	_, err := tls.Dial("tcp", srv.Addr().String(), cfg)
	fmt.Println("client:", err)

	roots := x509.NewCertPool() // as in a client that reads the file of a CA
	fmt.Println("trusted:", roots.AppendCertsFromPEM(srv.RootPEM()) && roots.Equal(cfg.RootCAs))

	const badCertificate = ocsptest.Alert(42)
	refusals := slices.DeleteFunc(srv.Handshakes(), func(h ocsptest.Handshake) bool { return h.Alert != badCertificate })
	for _, h := range refusals {
		fmt.Println("server:", tls.VersionName(h.Version), h.ServerName, h.StatusRequest, h.Alert)
	}
	// Output:
	// client: not today
	// trusted: true
	// server: TLS 1.3 example.com true bad_certificate
}

// A server of your own, such as that of net/http, needs only the configuration.
func ExampleServer_ServerTLSConfig() {
	srv := ocsptest.NewUnstartedServer()
	srv.Leaf.Revoke(fakeca.Superseded)

	l, err := tls.Listen("tcp", "127.0.0.1:0", srv.ServerTLSConfig())
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go http.Serve(l, http.NotFoundHandler())

	c, err := tls.Dial("tcp", l.Addr().String(), srv.TLSClientConfig())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	r, err := fakeca.ParseResponse(c.OCSPResponse())
	fmt.Println(r.Status, r.Reason, err)
	// Output: revoked superseded <nil>
}

// Two servers with leaves of one CA. One leaf is must-staple, and its server
// staples nothing.
func ExampleWithCA() {
	ca := fakeca.New(fakeca.WithName("Example Root"))
	plain := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca))
	mustStaple := ocsptest.NewUnstartedServer(
		ocsptest.WithLeaf(ca.Issue(&x509.Certificate{
			DNSNames:        []string{"must.example.test"},
			ExtraExtensions: []pkix.Extension{fakeca.MustStaple()},
		})),
		ocsptest.WithoutStaple())
	for _, srv := range []*ocsptest.Server{plain, mustStaple} {
		srv.Start()
		defer srv.Close()
		show(srv)
	}
	// Output:
	// good unspecified
	// no staple
}

// Options that are not about the staple.
func ExampleWithTLSConfig() {
	clients := fakeca.New()
	srv := ocsptest.NewUnstartedServer(
		ocsptest.WithRawStaple([]byte("not what a client expects")),
		ocsptest.WithTLSConfig(&tls.Config{MaxVersion: tls.VersionTLS12}),
		ocsptest.WithClientCA(clients),
		ocsptest.WithSessionTickets(),
		ocsptest.WithPort(0), // any
		ocsptest.WithHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s, hello %s", tls.VersionName(r.TLS.Version), r.TLS.PeerCertificates[0].DNSNames[0])
		})))
	srv.Start()
	defer srv.Close()

	cfg := srv.TLSClientConfig()
	cfg.Certificates = []tls.Certificate{clients.Leaf("client.example.test").TLS()}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: cfg}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(srv.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(string(body), err)
	// Output: TLS 1.2, hello client.example.test <nil>
}

// A server of another protocol, which says hello.
func ExampleWithConnHandler() {
	srv := ocsptest.NewUnstartedServer(ocsptest.WithConnHandler(func(c *tls.Conn) {
		io.WriteString(c, "220 hello\r\n")
	}))
	srv.Start()
	defer srv.Close()

	raw, err := srv.DialContext(context.Background(), "tcp", "")
	if err != nil {
		log.Fatal(err)
	}
	greeting, err := io.ReadAll(tls.Client(raw, srv.TLSClientConfig()))
	fmt.Printf("%q %v\n", greeting, err)
	// Output: "220 hello\r\n" <nil>
}

// A server in memory, for tests inside testing/synctest, where a day passes at
// once.
func ExampleNetwork() {
	network := new(ocsptest.Network)
	options := []ocsptest.Option{ocsptest.WithNetwork(network), ocsptest.WithoutStaple()}
	srv := ocsptest.NewUnstartedServer(options...)
	srv.Start()
	defer srv.Close()

	fmt.Println(srv.URL)
	show(srv)

	c, err := network.DialContext(context.Background(), "tcp", srv.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(c.RemoteAddr())
	// Output:
	// https://127.0.0.1:1
	// no staple
	// 127.0.0.1:1
}

// A proxy that you write can listen on the network in memory too.
func ExampleNetwork_Listen() {
	network := new(ocsptest.Network)
	l, err := network.Listen()
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := network.DialContext(context.Background(), "tcp", l.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		io.WriteString(c, "through memory")
		c.Close()
	}()
	var c net.Conn
	if c, err = l.Accept(); err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(c)
	fmt.Println(string(text), err)
	// Output: through memory <nil>
}

// A server of your own that listens through Listener is recorded in full, with the
// alerts of its clients. A gRPC server, for example, takes the configuration in
// grpc.Creds, and serves the listener.
func ExampleServer_Listener() {
	clients := fakeca.New()
	srv := ocsptest.NewUnstartedServer(ocsptest.WithClientCA(clients))

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	own := http.Server{TLSConfig: srv.ServerTLSConfig(), ErrorLog: log.New(io.Discard, "", 0)}
	defer own.Close()
	go own.ServeTLS(srv.Listener(l), "", "")

	cfg := srv.TLSClientConfig()
	cfg.Certificates = []tls.Certificate{clients.Leaf("client.example.test").TLS()}
	dial := func() {
		if c, err := tls.Dial("tcp", l.Addr().String(), cfg); err == nil {
			io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			io.ReadAll(c)
			c.Close()
		}
	}
	dial()
	cfg.VerifyConnection = func(tls.ConnectionState) error { return fmt.Errorf("not today") }
	dial()

	for _, h := range srv.Handshakes() {
		fmt.Println("client certificate:", h.PeerCertificates != nil, "failed:", h.Err != nil)
	}
	// Output:
	// client certificate: true failed: false
	// client certificate: false failed: true
}

// A connection shows the staple of its handshake for as long as it lives.
func ExampleServer_CloseClientConnections() {
	srv := ocsptest.NewUnstartedServer()
	srv.Start()
	defer srv.Close()

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: srv.TLSClientConfig()}}
	defer client.CloseIdleConnections()
	show := func() {
		resp, err := client.Get(srv.URL)
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body) // so that the connection is used again
		r, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
		fmt.Println(r.Status, err)
	}

	show()
	srv.Leaf.Revoke(fakeca.KeyCompromise)
	show()
	srv.CloseClientConnections()
	show()
	// Output:
	// good <nil>
	// good <nil>
	// revoked <nil>
}

// Between tests that share a server, Reset forgets what was set and seen.
func ExampleServer_Reset() {
	srv := ocsptest.NewUnstartedServer(ocsptest.WithStaple(fakeca.Response{Status: fakeca.Unknown}))
	srv.Start()
	defer srv.Close()

	show(srv)
	srv.FollowRecord()
	show(srv)
	fmt.Println(len(srv.Handshakes()))

	srv.Reset()
	fmt.Println(len(srv.Handshakes()))
	show(srv)
	// Output:
	// unknown unspecified
	// good unspecified
	// 2
	// 0
	// unknown unspecified
}

// Of two responders of a CA, new leaves name the one that was started last. The
// option names another one.
func ExampleWithResponder() {
	ca := fakeca.New()
	first, second := ocsptest.NewUnstartedResponder(ca), ocsptest.NewUnstartedResponder(ca)
	for _, r := range []*ocsptest.Responder{first, second} {
		r.Start()
		defer r.Close()
	}
	srv := ocsptest.NewUnstartedServer(ocsptest.WithResponder(first))
	fmt.Println(srv.CA == ca, srv.Leaf.Cert.OCSPServer[0] == first.URL)
	fmt.Println(ca.Leaf().Cert.OCSPServer[0] == second.URL)
	// Output:
	// true true
	// true
}

// A client that does not trust the server's root refuses it.
func ExampleWithTrustedCA() {
	srv := ocsptest.NewUnstartedServer(ocsptest.WithTrustedCA(fakeca.New()))
	srv.Start()
	defer srv.Close()

	_, err := srv.Client().Get(srv.URL)
	fmt.Println(err != nil, srv.Handshakes()[0].Alert) // Go has one alert for most of what is wrong
	// Output: true bad_certificate
}

// A server that many tests share is started once, in TestMain or BeforeSuite.
// Each test that fails logs what the server saw.
func ExampleServer_LogIfFailed() {
	noon := func() time.Time { return time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC) }
	ca := fakeca.New(fakeca.WithName("Example CA"), fakeca.WithClock(noon))
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0x1234), DNSNames: []string{"localhost"}})
	srv := ocsptest.NewUnstartedServer(ocsptest.WithLeaf(leaf), ocsptest.WithoutStaple(), ocsptest.WithNetwork(new(ocsptest.Network)))
	if err := srv.Listen(); err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: srv.TLSClientConfig(),
		DialContext:     srv.Network().DialContext,
	}}
	defer client.CloseIdleConnections()
	if _, err := client.Get(srv.URL); err != nil {
		log.Fatal(err)
	}
	srv.LogIfFailed(failedTest{}) // in a test: srv.LogIfFailed(t)
	fmt.Println(strings.Count(srv.Report(), "\n"), "line")
	// Output:
	// ocsptest: what https://127.0.0.1:1 saw (leaf CN=localhost, serial 1234, issued by CN=Example CA):
	//     12:00:00.000 TLS 1.3, for "localhost", asked for a staple, got none
	// 1 line
}

// A failedTest is what a *testing.T is after t.Error.
type failedTest struct{ ocsptest.TB }

func (failedTest) Helper()                         {}
func (failedTest) Failed() bool                    { return true }
func (failedTest) Logf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
