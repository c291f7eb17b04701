// Package plain is a client that refuses revoked certificates. Its tests show
// ocsptest with net/http and testing alone.
package plain

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/crypto/ocsp"
)

// Get gets url over TLS as cfg has it, and refuses a server whose staple says
// that its certificate is revoked. It fails open: without a staple, or with one
// that tells nothing, it goes on.
func Get(url string, cfg *tls.Config) (*http.Response, error) {
	cfg = cfg.Clone()
	cfg.VerifyConnection = notRevoked
	transport := &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}
	return (&http.Client{Transport: transport}).Get(url)
}

// ErrRevoked is what Get returns of a revoked certificate.
var ErrRevoked = errors.New("the server's certificate is revoked")

// notRevoked is for tls.Config.VerifyConnection, which crypto/tls calls on
// resumed connections too, as it does not VerifyPeerCertificate.
func notRevoked(cs tls.ConnectionState) error {
	chain := cs.VerifiedChains[0]
	if cs.OCSPResponse == nil || len(chain) < 2 {
		return nil
	}
	answer, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	if err != nil {
		return nil
	}
	if answer.Status == ocsp.Revoked {
		return fmt.Errorf("%w since %v", ErrRevoked, answer.RevokedAt)
	}
	return nil
}
