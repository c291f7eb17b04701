package interop

import (
	"crypto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A javaCase is a response, and what Java says about it.
type javaCase struct {
	name     string
	setup    func(*fixture)
	want     string    // after REVOKED, the test adds the time on record
	requests []request // default: first of the table
}

// What Validate.java prints. The issuer is number 1, and the leaf 0.
const (
	javaUndetermined = "UNDETERMINED_REVOCATION_STATUS at 0: "
	javaNetwork      = javaUndetermined + "Unable to determine revocation status due to network error"
	javaOutOfDate    = "UNSPECIFIED at 0: Response is unreliable: its validity interval is out-of-date"
	javaUnknown      = javaUndetermined + "Certificate's revocation status is unknown"
	javaNoCRL        = javaUndetermined + "Could not determine revocation status"
)

// Java's PKIX validation, by OCSP and by CRL. The virtual machine is slow to
// start, so one run validates all cases with the same flags. Each case has its
// own responder.
func TestJavaAsksResponder(t *testing.T) {
	t.Parallel()
	java := program(t, "java")
	withOCSP := "-Djava.security.properties=" + write(t, t.TempDir(), "java.security", []byte("ocsp.enable=true\n"))
	const (
		withCRL   = "-Dcom.sun.security.enableCRLDP=true"
		withPOST  = "-Dcom.sun.security.ocsp.useget=false"
		withNonce = "-Djdk.security.certpath.ocspNonce=true"
	)
	get := request{Method: "GET", Hash: crypto.SHA1}
	post := request{Method: "POST", Hash: crypto.SHA1}
	nonce := request{Method: "GET", Hash: crypto.SHA1, Nonce: 16}
	crl := request{Method: "GET"}
	for _, test := range []struct {
		name  string
		flags []string
		first []request // of a case without requests
		cases []javaCase
	}{
		{name: "GET", flags: []string{withOCSP}, first: aboutChain(get), cases: append(javaResponses(),
			javaCase{name: "nonce that was not sent", setup: withFault(fault.UnsolicitedNonce()), want: "valid"},
			javaCase{name: "unknown by GET", setup: withFault(fault.UnknownOnGET()), want: javaUnknown},
			javaCase{name: "POST only", setup: withFault(fault.POSTOnly()), want: javaNetwork},
			javaCase{name: "redirected", setup: withFault(fault.Redirect()), want: "valid", requests: aboutLeafTwice(get)},
			javaCase{name: "hung up", setup: withFault(fault.Hangup()), want: "valid", requests: aboutLeafTwice(get)},
		)},
		{name: "POST", flags: []string{withOCSP, withPOST}, first: aboutChain(post), cases: append(javaResponses(),
			javaCase{name: "unknown by GET", setup: faulty(fault.UnknownOnGET()), want: "valid"},
			javaCase{name: "redirected", setup: withFault(fault.Redirect()), want: "valid", requests: aboutLeafTwice(post)},
			javaCase{name: "GET only", setup: withFault(fault.GETOnly()), want: javaNetwork},
		)},
		{name: "nonce", flags: []string{withOCSP, withNonce}, first: aboutChain(nonce), cases: append(javaResponses(),
			javaCase{name: "wrong nonce", setup: withFault(fault.WrongNonce()), want: "UNSPECIFIED at 0: Nonces don't match"},
			javaCase{name: "nonce cut off", setup: withFault(fault.NonceOfLength(8)), want: "UNSPECIFIED at 0: Nonces don't match"},
			javaCase{name: "replayed nonce", setup: withFault(fault.ReplayedNonce()), want: "UNSPECIFIED at 0: Nonces don't match"},
			// RFC 6960 section 4.4.1 leaves this to the client.
			javaCase{name: "no nonce in the response", setup: withFault(fault.NoNonce()), want: "valid"},
			javaCase{name: "two nonces", setup: withFault(fault.TwoNonces()), want: "UNSPECIFIED at 0: Nonces don't match"},
		)},
		// The CRL decides where OCSP does not, and that includes unknown.
		{name: "OCSP, then CRL", flags: []string{withOCSP, withCRL}, first: append(aboutChain(get), aboutChain(crl)[1]), cases: []javaCase{
			{name: "good", want: "valid", requests: aboutChain(get)},
			{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE", requests: aboutChain(get)},
			{name: "unknown", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: "valid"},
			{name: "tryLater", setup: says(fakeca.Response{Error: ocsp.TryLater}), want: "valid"},
			{name: "expired", setup: says(expired()), want: "valid"},
			{name: "OCSP is down", setup: withFault(fault.HTTPError(500)), want: "valid"},
			{name: "OCSP is down, CRL says revoked", setup: func(s *fixture) {
				s.leaf.Revoke(fakeca.Superseded)
				withFault(fault.HTTPError(500))(s)
			}, want: "REVOKED at 0: SUPERSEDED"},
			{name: "both are down", setup: func(s *fixture) {
				withFault(fault.HTTPError(500))(s)
				crlsDown(s)
			}, want: javaNetwork},
		}},
		{name: "CRL", flags: []string{withCRL}, first: aboutChain(crl), cases: []javaCase{
			{name: "good", want: "valid"},
			{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE"},
			{name: "on hold", setup: revoke(fakeca.CertificateHold), want: "REVOKED at 0: CERTIFICATE_HOLD"},
			{name: "revoked without a reason", setup: revoke(fakeca.Unspecified), want: "REVOKED at 0: UNSPECIFIED"},
			{name: "OCSP is down", setup: faulty(fault.HTTPError(500)), want: "valid"},
			{name: "unknown to OCSP", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: "valid"},
			{name: "revoked, with the distribution point", setup: func(s *fixture) {
				s.leaf.Revoke(fakeca.Superseded)
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{DistributionPoint: []string{s.responder.CRLURL(s.leaf.Issuer)}})
			}, want: "REVOKED at 0: SUPERSEDED"},
			{name: "other distribution point", setup: func(s *fixture) {
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{DistributionPoint: []string{s.responder.CRLURL(s.root)}})
			}, want: javaNoCRL},
			{name: "expired", setup: func(s *fixture) {
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{ThisUpdate: expired().ThisUpdate, NextUpdate: expired().NextUpdate})
			}, want: javaNoCRL},
			// RFC 5280 section 5.1.2.5 requires it.
			{name: "no nextUpdate", setup: func(s *fixture) {
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{Forever: true})
			}, want: javaNoCRL},
			{name: "stranger's signature", setup: func(s *fixture) {
				stranger := fakeca.New()
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{Signer: &fakeca.Leaf{Cert: s.leaf.Issuer.Cert, Key: stranger.Key}})
			}, want: javaNoCRL},
			{name: "CRLs are down", setup: crlsDown,
				want:     "UNDETERMINED_REVOCATION_STATUS at 1: Unable to determine revocation status due to network error",
				requests: aboutChain(crl)[:1]},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var all []*fixture
			args := []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"} // a short run is not worth more
			args = append(append(args, test.flags...), filepath.Join("testdata", "Validate.java"))
			for _, c := range test.cases {
				s := newFixture(t)
				if c.setup != nil {
					c.setup(s)
				}
				all = append(all, s)
				args = append(args, s.dir)
			}
			r := command{path: java, args: args, timeout: 2 * time.Minute}.run(t)
			lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
			if r.code != 0 || len(lines) != len(test.cases) {
				t.Fatalf("exit status %d, %d lines, want 0 and %d\n%s", r.code, len(lines), len(test.cases), r.all())
			}
			for i, c := range test.cases {
				t.Run(c.name, func(t *testing.T) {
					want, wantRequests := c.want, c.requests
					if strings.HasPrefix(want, "REVOKED") {
						want += " " + all[i].leaf.OnRecord().RevokedAt.Format(time.RFC3339)
					}
					if lines[i] != want {
						t.Errorf("Java says %q, want %q", lines[i], want)
					}
					if wantRequests == nil {
						wantRequests = test.first
					}
					if diff := cmp.Diff(wantRequests, all[i].requests(t)); diff != "" {
						t.Errorf("Java sends other requests (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// javaResponses returns OCSP responses, for any method.
func javaResponses() []javaCase {
	return []javaCase{
		{name: "good", want: "valid"},
		{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE"},
		{name: "on hold", setup: revoke(fakeca.CertificateHold), want: "REVOKED at 0: CERTIFICATE_HOLD"},
		{name: "revoked without a reason", setup: revoke(fakeca.Unspecified), want: "REVOKED at 0: UNSPECIFIED"},
		{name: "unknown", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: javaUnknown},
		{name: "tryLater", setup: says(fakeca.Response{Error: ocsp.TryLater}), want: javaUndetermined + "OCSP response error: TRY_LATER"},
		{name: "expired", setup: says(expired()), want: javaOutOfDate},
		// Java allows 15 minutes of clock skew.
		{name: "no nextUpdate", setup: says(fakeca.Response{Forever: true, ThisUpdate: time.Now()}), want: "valid"},
		{name: "no nextUpdate, an hour old", setup: says(fakeca.Response{Forever: true}), want: javaOutOfDate},
		{name: "CertID with another hash", setup: says(fakeca.Response{Hash: crypto.SHA256}),
			want: "UNSPECIFIED at 0: OCSP response does not include a response for a certificate supplied in the OCSP request"},
		{name: "HTTP 500", setup: withFault(fault.HTTPError(500)), want: javaNetwork},
		{name: "wrong Content-Type", setup: withFault(fault.ContentType("text/html")), want: "valid"},
	}
}

// fault plays f for the request about the leaf, which comes second.
func withFault(f fault.Fault) func(*fixture) {
	return func(s *fixture) { s.responder.Script(fault.Fault{}, f) }
}

// aboutChain returns a twice: about the issuer and about the leaf.
func aboutChain(a request) []request {
	issuer, leaf := a, a
	issuer.About, leaf.About = "issuer", "leaf"
	if a.Hash == 0 {
		issuer.About, leaf.About = "/crl/0", "/crl/1"
	}
	return []request{issuer, leaf}
}

// aboutLeafTwice is aboutChain with a second request about the leaf.
func aboutLeafTwice(a request) []request {
	all := aboutChain(a)
	return append(all, all[1])
}

// crlsDown makes requests for every CRL fail.
func crlsDown(s *fixture) {
	for _, ca := range []*fakeca.CA{s.root, s.leaf.Issuer} {
		s.responder.SetCRLFault(ca, fault.HTTPError(500))
	}
}
