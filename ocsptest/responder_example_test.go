package ocsptest_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// client asks about a leaf, and returns what the responder says.
func client(c *http.Client, leaf *fakeca.Leaf) string {
	req := fakeca.NewRequest(leaf.Cert.SerialNumber, leaf.Issuer.Cert)
	resp, err := c.Post(leaf.Cert.OCSPServer[0], "application/ocsp-request", bytes.NewReader(req.Marshal()))
	if err != nil {
		return "no response"
	}
	defer resp.Body.Close()
	der, err := io.ReadAll(resp.Body)
	if err != nil {
		return "incomplete response"
	}
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	said, err := fakeca.ParseResponse(der)
	if err != nil {
		return "malformed response"
	}
	return said.Status.String()
}

// In a test, NewResponder(t, ca) starts and closes the responder.
func ExampleNewUnstartedResponder() {
	ca := fakeca.New().Intermediate()
	var responder *ocsptest.Responder = ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()

	leaf := ca.Leaf() // names the responder
	fmt.Println(client(http.DefaultClient, leaf))
	leaf.Revoke(fakeca.KeyCompromise)
	fmt.Println(client(http.DefaultClient, leaf))
	fmt.Println(leaf.Cert.OCSPServer[0] == responder.URL, responder.CA == ca)
	// Output:
	// good
	// revoked
	// true true
}

// One responder for several CAs, and the other ways to learn what they revoked.
func ExampleResponder_Add() {
	a, b := fakeca.New(fakeca.WithName("A")), fakeca.New(fakeca.WithName("B"))
	responder := ocsptest.NewUnstartedResponder(a)
	responder.Start()
	defer responder.Close()
	responder.Add(b)
	responder.SetCRL(b, fakeca.CRL{Number: big.NewInt(7)})

	leaf := b.Leaf()
	leaf.Revoke(fakeca.Superseded)
	fmt.Println(client(http.DefaultClient, leaf))
	for _, url := range []string{responder.CRLURL(b), responder.IssuerURL(b), responder.OneCRLURL()} {
		resp, err := responder.Client().Get(url)
		if err != nil {
			log.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(resp.Header.Get("Content-Type"))
		if crl, err := x509.ParseRevocationList(body); err == nil {
			fmt.Print(", number ", crl.Number, ", revoked ", len(crl.RevokedCertificateEntries))
		}
		fmt.Println()
	}
	// Output:
	// revoked
	// application/pkix-crl, number 7, revoked 1
	// application/pkix-cert
	// application/json
}

// Requests returns what clients asked.
func ExampleResponder_Requests() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0xc0ffee)})
	client(http.DefaultClient, leaf)

	for _, request := range responder.Requests() {
		var r ocsptest.Request = request
		fmt.Println(r.Method, r.Path, r.Header.Get("Content-Type"), r.StatusCode, len(r.Irregularities))
		fmt.Printf("%x %v\n", r.OCSP.List[0].CertID.SerialNumber, r.OCSP.Nonce() != nil)
		asked, err := fakeca.ParseRequest(r.OCSPRequest())
		fmt.Println(len(asked.List), err)
		said, err := fakeca.ParseResponse(r.OCSPResponse())
		fmt.Println(said.Status, err)
	}
	// Output:
	// POST / application/ocsp-request 200 0
	// c0ffee false
	// 1 <nil>
	// good <nil>
}

// A responder that fails twice, and then recovers.
func ExampleResponder_Script() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	responder.Script(fault.HTTPError(http.StatusServiceUnavailable), fault.Hangup(), fault.None())
	for range 3 {
		fmt.Println(client(http.DefaultClient, leaf))
	}
	// Output:
	// 503 Service Unavailable
	// no response
	// good
}

// A fault until it is set to none, and a fault of the CRL.
func ExampleResponder_SetFault() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	responder.SetFault(fault.Reset())
	fmt.Println(client(http.DefaultClient, leaf))
	responder.SetFault(fault.None())
	fmt.Println(client(http.DefaultClient, leaf))

	responder.SetCRLFault(ca, fault.HTTPError(http.StatusNotFound))
	resp, err := http.Get(leaf.Cert.CRLDistributionPoints[0])
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	fmt.Println(resp.Status)
	// Output:
	// no response
	// good
	// 404 Not Found
}

// A responder over TLS that refuses requests that the RFCs do not allow.
func ExampleWithStrict() {
	ca := fakeca.New()
	options := []ocsptest.ResponderOption{ocsptest.WithStrict(), ocsptest.WithTLS(), ocsptest.WithPort(0)}
	responder := ocsptest.NewUnstartedResponder(ca, options...)
	responder.Start()
	defer responder.Close()

	leaf := ca.Leaf()
	fmt.Println(client(responder.Client(), leaf))
	resp, err := responder.Client().Post(responder.URL, "text/plain", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	fmt.Print(resp.Status, ": ", string(text))
	fmt.Println(err)
	// Output:
	// good
	// 400 Bad Request: Content-Type "text/plain"
	// <nil>
}

// A responder below a path. Requests beside it fail.
func ExampleWithPath() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca, ocsptest.WithPath("/ocsp"))
	responder.Start()
	defer responder.Close()

	leaf := ca.Leaf()
	fmt.Println(strings.TrimPrefix(leaf.Cert.OCSPServer[0], "http://"+responder.Addr().String()))
	fmt.Println(client(responder.Client(), leaf))
	// Output:
	// /ocsp
	// good
}

// A responder and a server in memory. WithNetwork is an option of both.
func ExampleResponder_DialContext() {
	var network ocsptest.HostOption = ocsptest.WithNetwork(new(ocsptest.Network))
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca, network)
	responder.Start()
	defer responder.Close()
	srv := ocsptest.NewUnstartedServer(ocsptest.WithCA(ca), network)
	srv.Start()
	defer srv.Close()

	c, err := responder.DialContext(context.Background(), "tcp", "any name")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Println(responder.Addr(), c.RemoteAddr(), srv.Leaf.Cert.OCSPServer)
	fmt.Println(client(responder.Client(), srv.Leaf))
	// Output:
	// 127.0.0.1:1 127.0.0.1:1 [http://127.0.0.1:1]
	// good
}

// A responder mounted in another server.
func ExampleResponder_ServeHTTP() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	defer responder.Close() // ends faults that wait
	srv := httptest.NewServer(http.StripPrefix("/ocsp", responder))
	defer srv.Close()
	responder.URL = srv.URL + "/ocsp"
	responder.Add(ca) // certificates name the URL from now on

	fmt.Println(client(srv.Client(), ca.Leaf()))
	// Output: good
}

// A responder that refuses connections for a while.
func ExampleResponder_Down() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()

	responder.Down()
	fmt.Println(client(http.DefaultClient, leaf))
	responder.Up()
	fmt.Println(client(http.DefaultClient, leaf))
	fmt.Println(len(responder.Requests()))
	// Output:
	// no response
	// good
	// 1
}

// Reset undoes what a test did to a responder that others share.
func ExampleResponder_Reset() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	leaf := ca.Leaf()
	responder.SetFault(fault.HTTPError(http.StatusServiceUnavailable))
	fmt.Println(client(http.DefaultClient, leaf))

	responder.Reset()
	fmt.Println(len(responder.Requests()), client(http.DefaultClient, leaf))
	// Output:
	// 503 Service Unavailable
	// 0 good
}

// Three lists of one CA: a complete CRL, a delta CRL that the complete one names,
// and one that only a template names.
func ExampleResponder_AddCRL() {
	ca := fakeca.New(fakeca.WithName("CA"))
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()

	delta := responder.AddCRL(ca, "/delta.crl", fakeca.CRL{Number: big.NewInt(2), Base: big.NewInt(1)})
	responder.SetCRL(ca, fakeca.CRL{Number: big.NewInt(1), Freshest: []string{delta}})
	held := responder.AddCRL(ca, "/held.crl", fakeca.CRL{Number: big.NewInt(3), OnlySomeReasons: []fakeca.Reason{fakeca.CertificateHold}})
	ca.Leaf().Revoke(fakeca.KeyCompromise)
	leaf := ca.Issue(&x509.Certificate{CRLDistributionPoints: []string{responder.CRLURL(ca), held}})
	for _, url := range append(leaf.Cert.CRLDistributionPoints, delta) {
		resp, err := responder.Client().Get(url)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
	}
	for _, request := range responder.Requests() {
		fmt.Println(request)
	}
	// Output:
	// GET /crl/0: CRL of "CN=CA", number 1, 1 revoked
	// GET /held.crl: CRL of "CN=CA", number 3, 0 revoked
	// GET /delta.crl: CRL of "CN=CA", number 2, 1 revoked
}

// A CRL that its second URL serves, but not its first.
func ExampleResponder_SetCRLFault() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca)
	responder.Start()
	defer responder.Close()
	mirror := responder.AddCRL(ca, "/mirror.crl", fakeca.CRL{})
	responder.SetCRLFault(ca, fault.HTTPError(http.StatusNotFound), responder.CRLURL(ca))

	for _, url := range []string{responder.CRLURL(ca), mirror} {
		resp, err := responder.Client().Get(url)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
		fmt.Println(resp.Status)
	}
	// Output:
	// 404 Not Found
	// 200 OK
}

// A CA as public CAs are now: no OCSP, and a CRL in shards.
func ExampleWithoutOCSP() {
	ca := fakeca.New(fakeca.WithName("CA"))
	responder := ocsptest.NewUnstartedResponder(ca, ocsptest.WithoutOCSP(), ocsptest.WithCRLShards(100))
	responder.Start()
	defer responder.Close()
	leaf := ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(4711)})
	leaf.Revoke(fakeca.KeyCompromise)

	shard := leaf.Cert.CRLDistributionPoints[0]
	fmt.Println(len(leaf.Cert.OCSPServer), strings.TrimPrefix(shard, responder.URL))
	resp, err := responder.Client().Get(shard)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	der, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.RevokedCertificateEntries[0].SerialNumber)
	request := responder.Requests()[0]
	fmt.Println(request.CA.Cert.Subject, request.CRLURL == shard, request.CRLNumber.Cmp(list.Number), request.CRLEntries)
	// Output:
	// 0 /crl/0/shard/11
	// 4711
	// CN=CA true 0 1
}

// All shards together list what the complete CRL lists.
func ExampleWithCRLShards() {
	ca := fakeca.New()
	responder := ocsptest.NewUnstartedResponder(ca, ocsptest.WithCRLShards(3))
	responder.Start()
	defer responder.Close()
	for range 10 {
		ca.Leaf().Revoke(fakeca.Superseded)
	}

	var sum int
	for _, url := range append(responder.ShardURLs(ca), responder.CRLURL(ca)) {
		resp, err := responder.Client().Get(url)
		if err != nil {
			log.Fatal(err)
		}
		resp.Body.Close()
	}
	requests := responder.Requests()
	for _, request := range requests[:3] {
		sum += request.CRLEntries
	}
	fmt.Println(sum, requests[3].CRLEntries)
	// Output: 10 10
}
