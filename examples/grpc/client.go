// Package grpc dials gRPC servers that must staple a good OCSP response. It is a
// module of its own, so that only this example depends on gRPC.
package grpc

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/ocsp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// Dial returns a client connection to the server at addr. It fails closed:
// without a good, current staple it refuses the server.
func Dial(addr string, cfg *tls.Config) (*grpc.ClientConn, error) {
	cfg = cfg.Clone()
	cfg.VerifyConnection = goodStaple
	return grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
}

func goodStaple(cs tls.ConnectionState) error {
	chain := cs.VerifiedChains[0]
	switch {
	case len(cs.OCSPResponse) == 0:
		return errors.New("no staple")
	case len(chain) < 2:
		return errors.New("no issuer to verify the staple with")
	}
	resp, err := ocsp.ParseResponseForCert(cs.OCSPResponse, chain[0], chain[1])
	if err != nil {
		return err
	}
	switch now := time.Now(); {
	case resp.Status == ocsp.Revoked:
		return fmt.Errorf("the server's certificate was revoked at %v", resp.RevokedAt)
	case resp.Status != ocsp.Good:
		return errors.New("the status of the staple is not good")
	case now.Before(resp.ThisUpdate) || now.After(resp.NextUpdate):
		return errors.New("the staple is not current")
	}
	return nil
}
