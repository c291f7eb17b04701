// Package crl is a client that checks certificates with CRLs, without OCSP. It
// fails closed: without a current CRL of the issuer, it refuses the server.
package crl

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrRevoked is returned by Get for a revoked certificate.
var ErrRevoked = errors.New("the server's certificate is revoked")

// Get requests url, and refuses a server whose certificate is on its issuer's
// CRL.
func Get(url string, cfg *tls.Config) (*http.Response, error) {
	cfg = cfg.Clone()
	cfg.VerifyConnection = check
	transport := &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}
	return (&http.Client{Transport: transport}).Get(url)
}

func check(cs tls.ConnectionState) error {
	chain := cs.VerifiedChains[0]
	leaf := chain[0]
	if len(chain) < 2 || len(leaf.CRLDistributionPoints) == 0 {
		return errors.New("crl: the certificate has no issuer or no CRL distribution point")
	}
	list, err := download(leaf.CRLDistributionPoints[0])
	if err != nil {
		return fmt.Errorf("crl: %w", err)
	}
	if err := list.CheckSignatureFrom(chain[1]); err != nil {
		return fmt.Errorf("crl: %w", err)
	}
	if now := time.Now(); now.Before(list.ThisUpdate) || now.After(list.NextUpdate) {
		return errors.New("crl: the CRL is not current")
	}
	for _, ext := range list.Extensions {
		if ext.Critical {
			return fmt.Errorf("crl: critical extension %v", ext.Id) // such as those of partial lists
		}
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
			return fmt.Errorf("%w since %v", ErrRevoked, entry.RevocationTime)
		}
	}
	return nil
}

func download(url string) (*x509.RevocationList, error) {
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	const limit = 1 << 20
	der, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return nil, err
	}
	return x509.ParseRevocationList(der)
}
