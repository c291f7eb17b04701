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

// What x/crypto/ocsp does not tell its callers, or does not let them do. A case
// that is skipped is printed with its reason.
var knownBugs = []conformance.SuiteOption{
	conformance.Skip("encoding", "encoding/asn1 takes more than DER, and ocsp skips what it does not know"),
	conformance.Skip("extensions", "ocsp.Response shows no extensions of the answer, and does not mind what is no list"),
	conformance.Skip("responderid", "ocsp.Response shows who is named, and does not compare"),
	conformance.Skip("certid/other-issuer", "golang/go#81396: the issuer's hashes are not compared"),
	conformance.Skip("certid/wrong-name-hash", "golang/go#81396"),
	conformance.Skip("certid/wrong-key-hash", "golang/go#81396"),
	conformance.Skip("certid/key-hash-of-key-info", "golang/go#81396"),
	conformance.Skip("certid/sha1-for-sha256", "golang/go#81396"),
	conformance.Skip("certid/sha256-for-sha1", "golang/go#81396"),
	conformance.Skip("certid/good-and-revoked", "the first of two statuses is taken"),
	conformance.Skip("certid/early-and-current", "the first of two answers is taken"),
	conformance.Skip("certid/expired-and-current", "the first of two answers is taken"),
	conformance.Skip("signer/issuer-embedded", "golang/go#59641: an embedded certificate is taken for a delegate's"),
	conformance.Skip("signer/issuer-cross-certificate", "golang/go#59641"),
	conformance.Skip("signer/issuer-with-others", "golang/go#59641"),
	conformance.Skip("delegate/last-of-four", "the first embedded certificate is taken for the signer's"),
	conformance.Skip("signer/ed25519", "ocsp knows no Ed25519"),
	conformance.Skip("signer/rsa-pss", "ocsp knows no RSA-PSS"),
}
