package ginkgo_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

var shared *ocsptest.Server

var _ = BeforeSuite(func() {
	shared = ocsptest.NewUnstartedServer()
	Expect(shared.Listen()).To(Succeed())
	DeferCleanup(shared.Close)
})

var _ = Describe("A server that specs share", Ordered, func() {
	AfterEach(func() {
		shared.LogIfFailed(GinkgoT())
		shared.Reset()
	})

	It("staples something else for one spec", func() {
		shared.SetStaple(fakeca.Response{Status: Revoked, Reason: Superseded})
		Expect(get(shared)).To(HaveOCSPReason(Superseded))
		Expect(shared.Handshakes()).To(HaveLen(1))
	})

	It("follows the record again in the next", func() {
		Expect(get(shared)).To(HaveOCSPStatus(Good))
		Expect(shared.Handshakes()).To(HaveLen(1))
	})
})
