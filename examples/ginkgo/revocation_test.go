package ginkgo_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// get requests srv.URL with a client that ignores the staple.
func get(srv *ocsptest.Server) *http.Response {
	GinkgoHelper()
	resp, err := srv.Client().Get(srv.URL)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(resp.Body.Close)
	return resp
}

// start starts a server for one spec.
func start(t ocsptest.TB, opts ...ocsptest.Option) *ocsptest.Server {
	t.Helper()
	return ocsptest.NewServer(t, opts...)
}

var _ = Describe("A stapling server", func() {
	It("staples what the CA has on record", func() {
		srv := ocsptest.NewServer(GinkgoT())
		Expect(get(srv)).To(HaveOCSPStatus(Good))
		srv.Leaf.Revoke(fakeca.KeyCompromise)
		resp := get(srv)
		Expect(resp).To(HaveOCSPStatus(Revoked))
		Expect(resp).To(HaveOCSPReason(KeyCompromise))
		Expect(resp).To(HaveOCSPStaple(BeOCSPSignedBy(srv.CA), HaveOCSPRevokedAt(BeTemporally("~", time.Now(), 3*time.Hour))))
	})

	It("staples nothing with WithoutStaple", func() {
		Expect(get(start(GinkgoT(), ocsptest.WithoutStaple()))).NotTo(HaveOCSPStaple())
	})

	DescribeTable("staples each reason",
		func(reason fakeca.Reason) {
			srv := start(GinkgoT(), ocsptest.WithStaple(fakeca.Response{Status: Revoked, Reason: reason}))
			Expect(get(srv)).To(And(HaveOCSPStatus(Revoked), HaveOCSPReason(reason), BeOCSPFor(srv.Leaf)))
		},
		func(reason fakeca.Reason) string { return reason.String() },
		Entry(nil, Unspecified),
		Entry(nil, KeyCompromise),
		Entry(nil, CACompromise),
		Entry(nil, AffiliationChanged),
		Entry(nil, Superseded),
		Entry(nil, CessationOfOperation),
		Entry(nil, CertificateHold),
		Entry(nil, RemoveFromCRL),
		Entry(nil, PrivilegeWithdrawn),
		Entry(nil, AACompromise),
	)

	DescribeTable("staples other statuses and errors",
		func(staple fakeca.Response, expected OmegaMatcher) {
			Expect(get(start(GinkgoT(), ocsptest.WithStaple(staple)))).To(expected)
		},
		Entry("unknown", fakeca.Response{Status: Unknown}, HaveOCSPStatus(Unknown)),
		Entry("try later", fakeca.Response{Error: fakeca.TryLater}, HaveOCSPError(fakeca.TryLater)),
		Entry("unauthorized", fakeca.Response{Error: fakeca.Unauthorized}, And(HaveOCSPStatus(ServerFailed), HaveOCSPError(fakeca.Unauthorized))),
		Entry("expired", fakeca.Response{ThisUpdate: time.Now().AddDate(0, 0, -8)}, Not(BeOCSPCurrentAt(time.Now()))),
	)

	It("records how a client refuses", func() {
		srv := ocsptest.NewServer(GinkgoT())
		cfg := srv.TLSClientConfig()
		cfg.VerifyConnection = func(tls.ConnectionState) error { return errors.New("revoked") }
		_, err := tls.Dial("tcp", srv.Addr().String(), cfg)
		Expect(err).To(MatchError("revoked"))
		Expect(srv.Handshakes()).To(ConsistOf(And(HaveAskedForStaple(), HaveSentAlert("bad_certificate"))))
	})
})
