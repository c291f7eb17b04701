package conformance_test

import (
	"fmt"

	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// Profiles show how the policies of real programs are written.
func ExampleProfiles() {
	for p := range conformance.Profiles() {
		fmt.Printf("%-18s %v\n", p.Name, p.Policy)
	}
	// Output:
	// curl               sources=staple
	// gnutls             sources=staple,tolerates=all,must-staple
	// gnutls-ocsp        sources=staple+ocsp,tolerates=unknown+invalid+absent,must-staple
	// openssl-ocsp       sources=ocsp
	// java               sources=staple+ocsp+crl,chain
	// java-end-entity    sources=staple+ocsp+crl
	// java-no-fallback   sources=staple+ocsp,chain
	// java-prefer-crls   sources=crl,chain
	// java-soft-fail     sources=staple+ocsp+crl,tolerates=unknown+unreachable,chain
	// nss                sources=staple
	// go                 sources=staple
	// openssl-crl        sources=crl
	// openssl-crl-all    sources=crl,chain
	// openssl-crl-deltas sources=crl
	// gnutls-crl         sources=crl,tolerates=all
	// curl-crlfile       sources=crl,chain
	// nginx-crl          sources=crl,chain
	// go-crl             sources=crl
}

// A Profile is a policy with the program that has it.
func ExampleProfile() {
	profiles := make(map[string]conformance.Profile)
	for p := range conformance.Profiles() {
		profiles[p.Name] = p
	}
	fmt.Println(profiles["gnutls"].Doc)
	// Output:
	// gnutls-cli without switches: a staple that says unknown or that is missing is accepted
}
