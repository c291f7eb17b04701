package fakeca_test

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A request as a client sends it, read as a responder reads it.
func ExampleNewRequest() {
	ca := fakeca.New()
	leaf := ca.Leaf()

	req := fakeca.NewRequest(leaf.Cert.SerialNumber, ca.Cert)
	nonce := fakeca.NewNonce()
	req.SetNonce(nonce)
	req.List = append(req.List, fakeca.SingleRequest{
		CertID: fakeca.NewCertID(ca.Cert.SerialNumber, ca.Cert, crypto.SHA256),
	})

	got, err := fakeca.ParseRequest(req.Marshal())
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, err := fakeca.NonceOf(got.Extensions)
	fmt.Println(bytes.Equal(sent, got.Nonce()), err)
	fmt.Println(bytes.Equal(got.Nonce(), nonce), fakeca.IsNonce(got.Extensions[0]), "signed:", got.Signed())
	for _, single := range got.List {
		fmt.Println(single.CertID.HashAlgorithm.Hash(), single.CertID.IssuedBy(ca.Cert), single.CertID.IssuedBy(leaf.Cert))
	}
	// Output:
	// true <nil>
	// true true signed: false
	// SHA-1 true false
	// SHA-256 true false
}

func ExampleRequest_URL() {
	leaf := fakeca.New(fakeca.WithOCSPServer("http://ocsp.example.test/")).Leaf()
	url := leaf.Request().URL(leaf.Cert.OCSPServer[0])
	fmt.Println(url[:40])
	// Output: http://ocsp.example.test/MFEwTzBNMEswSTA
}

func ExampleParseRequest() {
	var req *fakeca.Request
	req, err := fakeca.ParseRequest([]byte{0x30, 0x03, 0x02, 0x01, 0x00})
	fmt.Println(req, err)
	var syntax *fakeca.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Element)
	}
	// Output:
	// <nil> fakeca: OCSP request: tbsRequest: found tag 0x02, expected 0x30
	// tbsRequest
}
