package plain_test

import (
	"fmt"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A CA can sign any response about a certificate that it has revoked.
func Example_responses() {
	ca := fakeca.New().Intermediate()
	leaf := ca.Leaf("api.example.test")
	leaf.Revoke(fakeca.KeyCompromise)

	truth := leaf.Staple(leaf.OnRecord())
	lie := leaf.Staple(fakeca.Response{Status: fakeca.Good, Forever: true})
	forged := leaf.Staple(fakeca.Response{Signer: fakeca.New().OCSPSigner()})
	broken := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].CertStatus.Raw = []byte{} }})

	for _, der := range [][]byte{truth, lie, forged, broken} {
		resp, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(fakeca.Status(resp.Status), resp.NextUpdate.IsZero())
	}
	_, err := fakeca.ParseResponse(broken)
	fmt.Println(err)
	// Output:
	// revoked false
	// good true
	// bad OCSP signature: x509: ECDSA verification failure
	// revoked false
	// fakeca: OCSP response: single response 0: certStatus: tag 0x18 is neither good, revoked nor unknown
}

// The staple can change while the server runs.
func Example_changes() {
	srv := ocsptest.NewUnstartedServer()
	srv.Start()
	defer srv.Close()

	srv.Leaf.Revoke(fakeca.KeyCompromise)                // on record from now on
	srv.SetStaple(fakeca.Response{Error: ocsp.TryLater}) // any other response
	srv.SetRawStaple([]byte("garbage"))                  // or any bytes

	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Printf("%s\n", resp.TLS.OCSPResponse)
	// Output: garbage
}
