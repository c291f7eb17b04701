package client_test

import (
	"context"
	"testing"

	"github.com/ocsplab/ocsplab/examples/client"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

func TestRevocation(t *testing.T) {
	policy := conformance.Policy{HardFail: true}
	conformance.Run(t, policy, func(ctx context.Context, srv *ocsptest.Server) error {
		resp, err := client.Get(ctx, srv.URL, srv.TLSClientConfig())
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}, knownBugs...)
}

// Checks that x/crypto/ocsp does not make and that its callers cannot make. The
// suite prints each skipped case with its reason.
var knownBugs = []conformance.Option{
	conformance.Skip("encoding", "encoding/asn1 accepts more than DER, and ocsp skips unknown elements"),
	conformance.Skip("extensions", "ocsp.Response has no response extensions, and a malformed list is accepted"),
	conformance.Skip("responderid", "ocsp.Response has the responder ID, but it is not compared with the signer"),
	conformance.Skip("certid/other-issuer", "golang/go#81396: the issuer's hashes are not compared"),
	conformance.Skip("certid/wrong-name-hash", "golang/go#81396"),
	conformance.Skip("certid/wrong-key-hash", "golang/go#81396"),
	conformance.Skip("certid/key-hash-of-key-info", "golang/go#81396"),
	conformance.Skip("certid/sha1-for-sha256", "golang/go#81396"),
	conformance.Skip("certid/sha256-for-sha1", "golang/go#81396"),
	conformance.Skip("certid/good-and-revoked", "the first of two statuses counts"),
	conformance.Skip("certid/early-and-current", "the first of two single responses counts"),
	conformance.Skip("certid/expired-and-current", "the first of two single responses counts"),
	conformance.Skip("signer/issuer-embedded", "golang/go#59641: any embedded certificate counts as a delegate's"),
	conformance.Skip("signer/issuer-cross-certificate", "golang/go#59641"),
	conformance.Skip("signer/issuer-with-others", "golang/go#59641"),
	conformance.Skip("delegate/last-of-four", "only the first embedded certificate is tried"),
	conformance.Skip("signer/ed25519", "ocsp does not support Ed25519"),
	conformance.Skip("signer/rsa-pss", "ocsp does not support RSA-PSS"),
}
