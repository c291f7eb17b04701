package plain_test

import (
	"fmt"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// What a CA can be made to say of a certificate that it has revoked.
func Example_answers() {
	ca := fakeca.New().Intermediate()
	leaf := ca.Leaf("api.example.test")
	leaf.Revoke(fakeca.KeyCompromise)

	truth := leaf.Staple(ca.Lookup(leaf.Cert.SerialNumber))
	lie := leaf.Staple(fakeca.Response{Status: fakeca.Good, Forever: true})
	forged := leaf.Staple(fakeca.Response{Signer: fakeca.New().OCSPSigner()})
	broken := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) { m.Responses[0].CertStatus.Raw = []byte{} }})

	for _, der := range [][]byte{truth, lie, forged, broken} {
		answer, err := ocsp.ParseResponseForCert(der, leaf.Cert, ca.Cert)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(fakeca.Status(answer.Status), answer.NextUpdate.IsZero())
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

// What a server staples can change while it runs.
func Example_changes() {
	srv := ocsptest.NewUnstartedServer()
	srv.Start()
	defer srv.Close()

	srv.Leaf.Revoke(fakeca.KeyCompromise)                // from now on
	srv.SetStaple(fakeca.Response{Error: ocsp.TryLater}) // something else
	srv.SetRawStaple([]byte("garbage"))                  // or nothing like it

	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Printf("%s\n", resp.TLS.OCSPResponse)
	// Output: garbage
}
