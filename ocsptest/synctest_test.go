package ocsptest_test

import (
	"crypto/tls"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A staple that is made only once expires after seven days, which the bubble passes
// in milliseconds.
func TestStapleExpiresAfterSevenDays(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		made := time.Now()
		srv := ocsptest.NewServer(t,
			ocsptest.WithNetwork(new(ocsptest.Network)),
			ocsptest.WithStaple(fakeca.Response{ThisUpdate: made, NextUpdate: made.Add(week)}))

		dial := func() error {
			cfg := srv.TLSClientConfig()
			cfg.ServerName = "example.com"
			cfg.VerifyConnection = current
			c, err := labtest.Connect(srv, cfg)
			if err == nil {
				c.Close()
			}
			return err
		}
		for day := range 9 {
			err := dial()
			if expired := day > 7; (err != nil) != expired {
				t.Errorf("day %d: %v", day, err)
			}
			time.Sleep(24 * time.Hour)
		}
		h := srv.Handshakes()
		if len(h) != 9 || h[7].Alert != 0 || h[8].Alert.String() != "bad_certificate" || !h[8].Time.Equal(made.Add(8*24*time.Hour)) {
			t.Errorf("recorded %v", h)
		}
	})
}

// current refuses a staple that is not current.
func current(cs tls.ConnectionState) error {
	r, err := fakeca.ParseResponse(cs.OCSPResponse)
	if err != nil {
		return err
	}
	if now := time.Now(); now.Before(r.ThisUpdate) || now.After(r.NextUpdate) {
		return fmt.Errorf("the staple is not current at %v", now)
	}
	return nil
}

// The record's staple is always fresh, and shows a revocation at once.
func TestRecordFollowsTheBubblesClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := ocsptest.NewServer(t, ocsptest.WithNetwork(new(ocsptest.Network)))
		for _, version := range labtest.Versions {
			for range 30 {
				der := labtest.Stapled(t, srv, version)
				r, err := fakeca.ParseResponse(der)
				if err != nil || !r.ThisUpdate.Equal(time.Now().Add(-time.Hour)) {
					t.Fatalf("%v, %v at %v", r, err, time.Now())
				}
				time.Sleep(24 * time.Hour)
			}
		}
		srv.Leaf.Revoke(fakeca.KeyCompromise)
		revoked := time.Now().Add(-2 * time.Hour)
		for range 2 { // the date of the revocation stays
			if r, err := fakeca.ParseResponse(labtest.Stapled(t, srv, tls.VersionTLS13)); err != nil || !r.RevokedAt.Equal(revoked) {
				t.Errorf("%v, %v", r, err)
			}
			time.Sleep(time.Hour)
		}
	})
}
