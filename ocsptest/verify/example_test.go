package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// exampleAtNoon returns a CA whose clock always says noon.
func exampleAtNoon() (*fakeca.CA, *fakeca.Leaf) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ca := fakeca.New(fakeca.WithName("Example CA"), fakeca.WithClock(func() time.Time { return noon }))
	return ca, ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(42), DNSNames: []string{"api.example.test"}})
}

// A valid response may say revoked. For an invalid one, all violations are
// reported.
func ExampleResponse() {
	ca, leaf := exampleAtNoon()
	for _, der := range [][]byte{
		leaf.Staple(fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}),
		leaf.Staple(fakeca.Response{Signer: ca.Leaf("sibling.example.test"), ThisUpdate: ca.Now().AddDate(0, 0, -7)}),
	} {
		resp, err := verify.Response(der, leaf.Cert, ca.Cert, ca.Now())
		fmt.Println(resp.Status, resp.Reason)

		all, _ := errors.AsType[verify.Violations](err)
		for _, v := range all {
			fmt.Printf("  %s\n    %s\n    %s\n", v.Rule, v.Detail, v.Ref)
		}
	}
	// Output:
	// revoked key_compromise
	// good unspecified
	//   expired
	//     nextUpdate 2026-02-23T12:00:00Z is in the past
	//     RFC 6960 3.2
	//   signer-eku
	//     "CN=sibling.example.test" has no id-kp-OCSPSigning
	//     RFC 6960 4.2.2.2
}

// Options for a client that sent a nonce and is strict.
func ExampleOptions_Response() {
	ca, leaf := exampleAtNoon()
	delegate := ca.OCSPSigner()
	strict := verify.Options{
		Skew:         -1, // no skew
		MaxAge:       30 * time.Minute,
		Nonce:        []byte("from the request"),
		RequireNonce: true,
		RefuseSHA1:   true,
		Responders:   []*x509.Certificate{delegate.Cert},
	}
	for _, r := range []fakeca.Response{
		{ThisUpdate: ca.Now(), Nonce: []byte("from the request"), Signer: delegate, OmitCert: true},
		{SignatureAlgorithm: x509.ECDSAWithSHA1},
	} {
		_, err := strict.Response(leaf.Staple(r), leaf.Cert, ca.Cert, ca.Now())
		violations, _ := errors.AsType[verify.Violations](err)
		fmt.Println(len(violations), "violations")
		for _, v := range violations {
			fmt.Println(v)
		}
	}
	// Output:
	// 0 violations
	// 3 violations
	// age: thisUpdate 2026-03-01T11:00:00Z is 1h0m0s old, more than 30m0s (RFC 6960 3.2)
	// nonce: the response has none (RFC 9654 2.1)
	// signature-algorithm: SHA-1 (RFC 6960 4.3)
}

// Rules have stable names.
func ExampleViolation() {
	ca, leaf := exampleAtNoon()
	late := ca.Now().AddDate(0, 0, 1)
	_, err := verify.Response(leaf.Staple(fakeca.Response{}), leaf.Cert, ca.Cert, late)
	violation, ok := errors.AsType[*verify.Violation](err)
	if !ok {
		log.Fatal("the response is valid")
	}
	fmt.Println(violation.Rule)
	fmt.Println(violation)
	// Output:
	// expired
	// expired: nextUpdate 2026-03-02T11:00:00Z is in the past (RFC 6960 3.2)
}

// A delegate that the RFCs allow and the Baseline Requirements do not.
func ExampleOptions_baselineRequirements() {
	ca, leaf := exampleAtNoon()
	delegate := ca.OCSPSigner(&x509.Certificate{
		Subject:  pkix.Name{CommonName: "responder"},
		KeyUsage: x509.KeyUsageContentCommitment,
	})
	der := leaf.Staple(fakeca.Response{Signer: delegate})
	for _, public := range []bool{false, true} {
		_, err := verify.Options{BaselineRequirements: public}.Response(der, leaf.Cert, ca.Cert, ca.Now())
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// verify: OCSP response: signer-profile: the key usage of "CN=responder" is not only digitalSignature (Baseline Requirements 7.1.2.8)
}

// A response as some deployed responders send it: not DER, but most clients read
// it.
func ExampleOptions_lenient() {
	ca, leaf := exampleAtNoon()
	der := leaf.Staple(fakeca.Response{Edit: func(m *fakeca.Message) {
		m.RawVersion = []byte{0xa0, 3, 2, 1, 0} // v1 spelled out
	}})
	for _, lenient := range []bool{false, true} {
		resp, err := verify.Options{Lenient: lenient}.Response(der, leaf.Cert, ca.Cert, ca.Now())
		fmt.Println(resp.Status, err)
	}
	// Output:
	// server_failed verify: OCSP response: version: version: v1 is the default, which DER leaves out (RFC 6960 4.2.2.3)
	// good <nil>
}

// Each rule names the text that it comes from.
func ExampleRule() {
	for _, rule := range []verify.Rule{verify.RuleSignerEKU, verify.RuleExpired, verify.RuleCRLScope} {
		fmt.Println(rule, rule.Ref())
	}
	fmt.Println(len(verify.Rules()), "rules")
	// Output:
	// signer-eku RFC 6960 4.2.2.2
	// expired RFC 6960 3.2
	// crl-scope RFC 5280 6.3.3 (b)
	// 58 rules
}

// A client that does not check who signed can be deceived; one that does not check
// the version cannot.
func ExampleRule_Forgeable() {
	for _, r := range []verify.Rule{verify.RuleSignature, verify.RuleVersion} {
		fmt.Println(r, r.Forgeable())
	}
	// Output:
	// signature true
	// version false
}
