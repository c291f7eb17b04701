// Package muststaple enforces must-staple (RFC 7633) in a client. It refuses a
// certificate with that extension unless the handshake has a good, current
// staple.
package muststaple

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Enforce returns a copy of cfg that enforces must-staple.
//
// It uses VerifyConnection, which crypto/tls also calls on resumed connections.
// These have the staple of the first connection, so its times are checked again.
func Enforce(cfg *tls.Config) *tls.Config {
	cfg = cfg.Clone()
	next := cfg.VerifyConnection
	now := cfg.Time
	if now == nil {
		now = time.Now
	}
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		if err := check(cs, now()); err != nil {
			return fmt.Errorf("muststaple: %w", err)
		}
		if next != nil {
			return next(cs)
		}
		return nil
	}
	return cfg
}

func check(cs tls.ConnectionState, now time.Time) error {
	chain := cs.VerifiedChains[0]
	must, err := mustStaple(chain[0])
	if err != nil || !must {
		return err
	}
	switch {
	case len(cs.OCSPResponse) == 0:
		return errors.New("no staple")
	case len(chain) < 2:
		return errors.New("no issuer to verify the staple with")
	}
	resp, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	switch {
	case err != nil:
		return err
	case resp.Status != ocsp.Good:
		return errors.New("the status of the staple is not good")
	case now.Before(resp.ThisUpdate):
		return errors.New("the staple is not valid yet")
	case !resp.NextUpdate.IsZero() && now.After(resp.NextUpdate):
		return errors.New("the staple has expired")
	}
	return nil
}

// mustStaple reports whether the TLS feature extension lists status_request.
func mustStaple(cert *x509.Certificate) (bool, error) {
	const statusRequest = 5
	for _, e := range cert.Extensions {
		if !e.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}) {
			continue
		}
		var features []int
		if rest, err := asn1.Unmarshal(e.Value, &features); err != nil || len(rest) > 0 {
			return false, errors.New("malformed TLS feature extension")
		}
		return slices.Contains(features, statusRequest), nil
	}
	return false, nil
}
