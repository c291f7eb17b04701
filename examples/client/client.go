// Package client is a client that fails closed: it accepts a server only with a
// good staple. Its tests run it, and curl, against the catalogue of cases.
package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Get requests url over TLS with the configuration cfg.
func Get(ctx context.Context, url string, cfg *tls.Config) (*http.Response, error) {
	cfg = cfg.Clone()
	now := cfg.Time
	if now == nil {
		now = time.Now
	}
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		if err := check(cs, now()); err != nil {
			return fmt.Errorf("client: staple: %w", err)
		}
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return (&http.Client{Transport: &http.Transport{TLSClientConfig: cfg, DisableKeepAlives: true}}).Do(req)
}

// check checks what x/crypto/ocsp leaves to its callers: the times, the
// authority of a delegated responder, and the status.
func check(cs tls.ConnectionState, now time.Time) error {
	chain := cs.VerifiedChains[0]
	if len(chain) < 2 {
		return errors.New("no issuer to verify it with")
	}
	resp, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	if err != nil {
		return err
	}
	if resp.Status != ocsp.Good {
		return errors.New("the status is not good")
	}
	if err := current(resp, now); err != nil {
		return err
	}
	if resp.Certificate != nil && !resp.Certificate.Equal(chain[1]) {
		return mayRespond(resp.Certificate, now)
	}
	return nil
}

// current allows some minutes of clock skew.
func current(resp *ocsp.Response, now time.Time) error {
	const skew = 5 * time.Minute
	switch {
	case now.Add(skew).Before(resp.ThisUpdate):
		return errors.New("thisUpdate is in the future")
	case resp.NextUpdate.IsZero() && now.Sub(resp.ThisUpdate) > 24*time.Hour:
		return errors.New("it is old and has no nextUpdate")
	case !resp.NextUpdate.IsZero() && now.Add(-skew).After(resp.NextUpdate):
		return errors.New("it has expired")
	case !resp.NextUpdate.IsZero() && resp.NextUpdate.Before(resp.ThisUpdate):
		return errors.New("nextUpdate is before thisUpdate")
	case now.Add(skew).Before(resp.ProducedAt):
		return errors.New("producedAt is in the future")
	}
	return nil
}

// mayRespond checks the authority of a delegated responder (RFC 6960 section
// 4.2.2.2). x/crypto/ocsp has checked that the issuer signed its certificate.
func mayRespond(delegate *x509.Certificate, now time.Time) error {
	switch {
	case !slices.Contains(delegate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return errors.New("the signer lacks the extended key usage OCSPSigning")
	case delegate.IsCA:
		return errors.New("the signer is a CA other than the issuer")
	case delegate.KeyUsage != 0 && delegate.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return errors.New("the signer lacks the key usages digitalSignature and nonRepudiation")
	case now.Before(delegate.NotBefore), now.After(delegate.NotAfter):
		return errors.New("the signer's certificate has expired or is not valid yet")
	}
	return nil
}
