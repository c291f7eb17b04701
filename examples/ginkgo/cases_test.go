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
		c, ok := conformance.Lookup(name)
		Expect(ok).To(BeTrue(), "there is no case %s", name)
		want, because, _ := conformance.Policy{}.Judge(c)
		Expect(want).To(Equal(conformance.Reject), because)
		srv := c.Start(GinkgoT())
		conn, err := tls.Dial("tcp", srv.Addr().String(), srv.TLSClientConfig())
		Expect(err).NotTo(HaveOccurred())
		defer conn.Close()
		Expect(conn).To(stapled)
	},
	func(name string, _ OmegaMatcher) string { return name },
	Entry(nil, "status/revoked", HaveOCSPStatus(Revoked)),
	Entry(nil, "status/unknown", HaveOCSPStatus(Unknown)),
	Entry(nil, "status/no-staple", Not(HaveOCSPStaple())),
)

// A suite can also run a client against cases, and attach what it got.
var _ = It("Another client refuses revoked certificates", func(ctx SpecContext) {
	policy := conformance.Policy{Sources: conformance.OCSP}
	c, _ := conformance.Lookup("status/revoked-fetched")
	result, err := c.Test(ctx, policy, conformance.Reference(policy))
	Expect(err).NotTo(HaveOccurred())
	for key, value := range result.Attributes() {
		AddReportEntry(key, value, ReportEntryVisibilityFailureOrVerbose)
	}
	for name, data := range result.Files { // none, unless it failed
		AddReportEntry(name, data, ReportEntryVisibilityNever)
	}
	Expect(result.Failed()).To(BeFalse(), "%v", &conformance.CaseError{Result: result, Policy: policy})
})
