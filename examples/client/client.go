// Package client is a client that fails closed: it talks to a server only with
// a staple at hand that says good. Its tests run it, and curl, through the
// catalogue of cases.
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

// Get gets url over TLS as cfg has it.
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

// check adds to x/crypto/ocsp what it leaves to its callers: the dates, the
// authority of a delegated responder, and what to make of unknown.
func check(cs tls.ConnectionState, now time.Time) error {
	chain := cs.VerifiedChains[0]
	if len(chain) < 2 {
		return errors.New("no issuer to check it with")
	}
	answer, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	if err != nil {
		return err
	}
	if answer.Status != ocsp.Good {
		return errors.New("it does not say good")
	}
	if err := current(answer, now); err != nil {
		return err
	}
	if answer.Certificate != nil && !answer.Certificate.Equal(chain[1]) {
		return mayAnswer(answer.Certificate, now)
	}
	return nil
}

// current allows clocks to differ by some minutes.
func current(answer *ocsp.Response, now time.Time) error {
	const skew = 5 * time.Minute
	switch {
	case now.Add(skew).Before(answer.ThisUpdate):
		return errors.New("it is from the future")
	case answer.NextUpdate.IsZero() && now.Sub(answer.ThisUpdate) > 24*time.Hour:
		return errors.New("it is old, and does not say until when it is good")
	case !answer.NextUpdate.IsZero() && now.Add(-skew).After(answer.NextUpdate):
		return errors.New("it has expired")
	case !answer.NextUpdate.IsZero() && answer.NextUpdate.Before(answer.ThisUpdate):
		return errors.New("it ends before it begins")
	case now.Add(skew).Before(answer.ProducedAt):
		return errors.New("it was made in the future")
	}
	return nil
}

// mayAnswer judges a delegated responder (RFC 6960 section 4.2.2.2), of which
// x/crypto/ocsp has checked that the issuer signed it.
func mayAnswer(delegate *x509.Certificate, now time.Time) error {
	switch {
	case !slices.Contains(delegate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return errors.New("the signer may not sign OCSP responses")
	case delegate.IsCA:
		return errors.New("the signer is a CA, and not the issuer")
	case delegate.KeyUsage != 0 && delegate.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return errors.New("the signer's key may not sign")
	case now.Before(delegate.NotBefore), now.After(delegate.NotAfter):
		return errors.New("the signer is not valid now")
	}
	return nil
}
