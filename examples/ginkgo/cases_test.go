package ginkgo_test

import (
	"crypto/tls"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// A suite can start single cases and make its own assertions.
var _ = DescribeTable("The servers of the catalogue",
	func(name string, stapled OmegaMatcher) {
		for c := range conformance.Cases(conformance.Policy{HardFail: true}) {
			if c.Name != name {
				continue
			}
			Expect(c.Want).To(Equal(conformance.Reject), "%s", c.Doc)
			srv := c.Start(GinkgoT())
			conn, err := tls.Dial("tcp", srv.Addr().String(), srv.TLSClientConfig())
			Expect(err).NotTo(HaveOccurred())
			defer conn.Close()
			Expect(conn).To(stapled)
			return
		}
		Fail("no case " + name)
	},
	func(name string, _ OmegaMatcher) string { return name },
	Entry(nil, "status/revoked", HaveOCSPStatus(Revoked)),
	Entry(nil, "status/unknown", HaveOCSPStatus(Unknown)),
	Entry(nil, "status/no-staple", Not(HaveOCSPStaple())),
)
