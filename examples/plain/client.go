// Package plain is a client that refuses revoked certificates. Its tests use
// ocsptest with only net/http and testing.
package plain

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/crypto/ocsp"
)

// Get requests url, and refuses a server whose staple says that its certificate is
// revoked. It fails open: it accepts a server without a valid staple.
func Get(url string, cfg *tls.Config) (*http.Response, error) {
	cfg = cfg.Clone()
	cfg.VerifyConnection = notRevoked
	transport := &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}
	return (&http.Client{Transport: transport}).Get(url)
}

// ErrRevoked is returned by Get for a revoked certificate.
var ErrRevoked = errors.New("the server's certificate is revoked")

// notRevoked is a tls.Config.VerifyConnection, which crypto/tls calls on resumed
// connections too, unlike VerifyPeerCertificate.
func notRevoked(cs tls.ConnectionState) error {
	chain := cs.VerifiedChains[0]
	if cs.OCSPResponse == nil || len(chain) < 2 {
		return nil
	}
	resp, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	if err != nil {
		return nil
	}
	if resp.Status == ocsp.Revoked {
		return fmt.Errorf("%w since %v", ErrRevoked, resp.RevokedAt)
	}
	return nil
}
