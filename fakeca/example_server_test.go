package fakeca_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A server of your own that staples what is on record in each handshake.
//
// The certificate comes from GetConfigForClient, because httptest.Server adds
// another to Certificates. For clients that send no server name, as for
// https://127.0.0.1, crypto/tls prefers that one to GetCertificate.
func Example_server() {
	leaf := fakeca.New().Intermediate().Leaf()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		cert := leaf.TLS()
		cert.OCSPStaple = leaf.Staple(leaf.OnRecord())
		return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
	}}
	srv.StartTLS()
	defer srv.Close()

	for range 2 {
		client := &http.Client{Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: leaf.Issuer.Pool()},
			DisableKeepAlives: true,
		}}
		resp, err := client.Get(srv.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		resp.Body.Close()
		r, err := fakeca.ParseResponse(resp.TLS.OCSPResponse)
		fmt.Println(r.Status, err)
		leaf.Revoke(fakeca.KeyCompromise)
	}
	// Output:
	// good <nil>
	// revoked <nil>
}
