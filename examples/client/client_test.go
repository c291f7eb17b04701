package client_test

import (
	"context"
	"testing"

	"github.com/ocsplab/ocsplab/examples/client"
	"github.com/ocsplab/ocsplab/ocsptest"
)

func TestRevocation(t *testing.T) {
	policy := ocsptest.Policy{HardFail: true}
	ocsptest.Run(t, policy, func(ctx context.Context, srv *ocsptest.Server) error {
		resp, err := client.Get(ctx, srv.URL, srv.TLSClientConfig())
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}, knownBugs...)
}

// What x/crypto/ocsp does not tell its callers, or does not let them do. A case
// that is skipped is printed with its reason.
var knownBugs = []ocsptest.SuiteOption{
	ocsptest.Skip("encoding", "encoding/asn1 takes more than DER, and ocsp skips what it does not know"),
	ocsptest.Skip("extensions", "ocsp.Response shows no extensions of the answer, and does not mind what is no list"),
	ocsptest.Skip("responderid", "ocsp.Response shows who is named, and does not compare"),
	ocsptest.Skip("certid/other-issuer", "golang/go#81396: the issuer's hashes are not compared"),
	ocsptest.Skip("certid/wrong-name-hash", "golang/go#81396"),
	ocsptest.Skip("certid/wrong-key-hash", "golang/go#81396"),
	ocsptest.Skip("certid/key-hash-of-key-info", "golang/go#81396"),
	ocsptest.Skip("certid/sha1-for-sha256", "golang/go#81396"),
	ocsptest.Skip("certid/sha256-for-sha1", "golang/go#81396"),
	ocsptest.Skip("certid/good-and-revoked", "the first of two statuses is taken"),
	ocsptest.Skip("certid/early-and-current", "the first of two answers is taken"),
	ocsptest.Skip("certid/expired-and-current", "the first of two answers is taken"),
	ocsptest.Skip("signer/issuer-embedded", "golang/go#59641: an embedded certificate is taken for a delegate's"),
	ocsptest.Skip("signer/issuer-cross-certificate", "golang/go#59641"),
	ocsptest.Skip("signer/issuer-with-others", "golang/go#59641"),
	ocsptest.Skip("delegate/last-of-four", "the first embedded certificate is taken for the signer's"),
	ocsptest.Skip("signer/ed25519", "ocsp knows no Ed25519"),
	ocsptest.Skip("signer/rsa-pss", "ocsp knows no RSA-PSS"),
}
