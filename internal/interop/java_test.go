package interop

import (
	"crypto"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A javaCase is what a responder says, and what Java makes of it.
type javaCase struct {
	name  string
	setup func(*served)
	want  string  // with REVOKED, the time of the record is appended
	asked []asked // nil: the two that a validation begins with
}

// What Validate.java prints. It validates from the root down: the issuer is
// number 1, and the leaf 0.
const (
	javaUndetermined = "UNDETERMINED_REVOCATION_STATUS at 0: "
	javaNetwork      = javaUndetermined + "Unable to determine revocation status due to network error"
	javaOutOfDate    = "UNSPECIFIED at 0: Response is unreliable: its validity interval is out-of-date"
	javaNoCRL        = javaUndetermined + "Could not determine revocation status"
)

// PKIX in Java, by OCSP and by CRL. One run of a virtual machine, which takes
// its time to start, goes through all cases of a setting. Each has a responder
// of its own.
func TestJavaAsksResponder(t *testing.T) {
	t.Parallel()
	java := program(t, "java")
	withOCSP := "-Djava.security.properties=" + write(t, t.TempDir(), "java.security", []byte("ocsp.enable=true\n"))
	const withCRL = "-Dcom.sun.security.enableCRLDP=true"
	get := asked{Method: "GET", Hash: crypto.SHA1}
	post := asked{Method: "POST", Hash: crypto.SHA1}
	nonce := asked{Method: "GET", Hash: crypto.SHA1, Nonce: 16}
	crl := asked{Method: "GET"}
	for _, test := range []struct {
		name  string
		flags []string
		first []asked // by default
		cases []javaCase
	}{
		{name: "GET", flags: []string{withOCSP}, first: chainAsked(get), cases: append(javaAnswers(),
			javaCase{name: "wrong nonce, not asked for", setup: withFault(fault.UnsolicitedNonce()), want: "valid"},
			javaCase{name: "unknown by GET", setup: withFault(fault.UnknownOnGET()), want: javaUndetermined + "Certificate's revocation status is unknown"},
			javaCase{name: "POST only", setup: withFault(fault.POSTOnly()), want: javaNetwork},
			javaCase{name: "redirected", setup: withFault(fault.Redirect()), want: "valid", asked: askedTwice(get)},
			javaCase{name: "hung up", setup: withFault(fault.Hangup()), want: "valid", asked: askedTwice(get)},
		)},
		{name: "POST", flags: []string{withOCSP, "-Dcom.sun.security.ocsp.useget=false"}, first: chainAsked(post), cases: append(javaAnswers(),
			javaCase{name: "unknown by GET", setup: withFault(fault.UnknownOnGET()), want: "valid"},
			javaCase{name: "redirected", setup: withFault(fault.Redirect()), want: "valid", asked: askedTwice(post)},
			javaCase{name: "GET only", setup: withFault(fault.GETOnly()), want: javaNetwork},
		)},
		{name: "nonce", flags: []string{withOCSP, "-Djdk.security.certpath.ocspNonce=true"}, first: chainAsked(nonce), cases: append(javaAnswers(),
			javaCase{name: "wrong nonce", setup: withFault(fault.WrongNonce()), want: "UNSPECIFIED at 0: Nonces don't match"},
			javaCase{name: "nonce cut off", setup: withFault(fault.NonceOfLength(8)), want: "UNSPECIFIED at 0: Nonces don't match"},
			javaCase{name: "replayed nonce", setup: withFault(fault.ReplayedNonce()), want: "UNSPECIFIED at 0: Nonces don't match"},
			javaCase{name: "no nonce in the answer", setup: withFault(fault.NoNonce()), want: "valid"}, // RFC 6960 section 4.4.1 leaves it to the client
			javaCase{name: "two nonces", setup: withFault(fault.TwoNonces()), want: "UNSPECIFIED at 0: Nonces don't match"},
		)},
		// What OCSP leaves open, even by saying that the certificate is unknown,
		// the CRL settles.
		{name: "OCSP, then CRL", flags: []string{withOCSP, withCRL}, first: append(chainAsked(get), chainAsked(crl)[1]), cases: []javaCase{
			{name: "good", want: "valid", asked: chainAsked(get)},
			{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE", asked: chainAsked(get)},
			{name: "unknown", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: "valid"},
			{name: "tryLater", setup: says(fakeca.Response{Error: ocsp.TryLater}), want: "valid"},
			{name: "expired", setup: says(expired()), want: "valid"},
			{name: "OCSP is down", setup: withFault(fault.HTTPError(500)), want: "valid"},
			{name: "OCSP is down, revoked", setup: func(s *served) {
				s.leaf.Revoke(fakeca.Superseded)
				withFault(fault.HTTPError(500))(s)
			}, want: "REVOKED at 0: SUPERSEDED"},
			{name: "both are down", setup: func(s *served) {
				withFault(fault.HTTPError(500))(s)
				crlsDown(s)
			}, want: javaNetwork},
		}},
		{name: "CRL", flags: []string{withCRL}, first: chainAsked(crl), cases: []javaCase{
			{name: "good", want: "valid"},
			{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE"},
			{name: "on hold", setup: revoke(fakeca.CertificateHold), want: "REVOKED at 0: CERTIFICATE_HOLD"},
			{name: "revoked without a reason", setup: revoke(fakeca.Unspecified), want: "REVOKED at 0: UNSPECIFIED"},
			{name: "OCSP is down", setup: func(s *served) { s.responder.SetFault(fault.HTTPError(500)) }, want: "valid"},
			{name: "unknown to OCSP", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: "valid"},
			{name: "revoked, with the distribution point", setup: func(s *served) {
				s.leaf.Revoke(fakeca.Superseded)
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{DistributionPoint: []string{s.responder.CRLURL(s.leaf.Issuer)}})
			}, want: "REVOKED at 0: SUPERSEDED"},
			{name: "other distribution point", setup: func(s *served) {
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{DistributionPoint: []string{s.responder.CRLURL(s.root)}})
			}, want: javaNoCRL},
			{name: "expired", setup: func(s *served) {
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{ThisUpdate: expired().ThisUpdate, NextUpdate: expired().NextUpdate})
			}, want: javaNoCRL},
			{name: "no nextUpdate", setup: func(s *served) { s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{Forever: true}) }, want: javaNoCRL}, // RFC 5280 section 5.1.2.5
			{name: "stranger's signature", setup: func(s *served) {
				stranger := fakeca.New()
				s.responder.SetCRL(s.leaf.Issuer, fakeca.CRL{Signer: &fakeca.Leaf{Cert: s.leaf.Issuer.Cert, Key: stranger.Key}})
			}, want: javaNoCRL},
			{name: "CRLs are down", setup: crlsDown,
				want:  "UNDETERMINED_REVOCATION_STATUS at 1: Unable to determine revocation status due to network error",
				asked: chainAsked(crl)[:1]},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var all []*served
			args := append(slices.Clone(test.flags), filepath.Join("testdata", "Validate.java"))
			for _, c := range test.cases {
				s := newServed(t)
				if c.setup != nil {
					c.setup(s)
				}
				all = append(all, s)
				args = append(args, s.dir)
			}
			r := command{path: java, args: args, timeout: 2 * time.Minute}.run(t)
			lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
			if r.code != 0 || len(lines) != len(test.cases) {
				t.Fatalf("exit status %d, %d lines, expected 0 and %d\n%s", r.code, len(lines), len(test.cases), r.all())
			}
			for i, c := range test.cases {
				t.Run(c.name, func(t *testing.T) {
					want, wantAsked := c.want, c.asked
					if strings.HasPrefix(want, "REVOKED") {
						want += " " + all[i].revokedAt().Format(time.RFC3339)
					}
					if lines[i] != want {
						t.Errorf("Java says %q, expected %q", lines[i], want)
					}
					if wantAsked == nil {
						wantAsked = test.first
					}
					if diff := cmp.Diff(wantAsked, all[i].asked(t)); diff != "" {
						t.Errorf("Java asks otherwise (-expected +recorded):\n%s", diff)
					}
				})
			}
		})
	}
}

// javaAnswers are what OCSP can say, whatever the method.
func javaAnswers() []javaCase {
	return []javaCase{
		{name: "good", want: "valid"},
		{name: "revoked", setup: revoke(fakeca.KeyCompromise), want: "REVOKED at 0: KEY_COMPROMISE"},
		{name: "on hold", setup: revoke(fakeca.CertificateHold), want: "REVOKED at 0: CERTIFICATE_HOLD"},
		{name: "revoked without a reason", setup: revoke(fakeca.Unspecified), want: "REVOKED at 0: UNSPECIFIED"},
		{name: "unknown", setup: says(fakeca.Response{Status: fakeca.Unknown}), want: javaUndetermined + "Certificate's revocation status is unknown"},
		{name: "tryLater", setup: says(fakeca.Response{Error: ocsp.TryLater}), want: javaUndetermined + "OCSP response error: TRY_LATER"},
		{name: "expired", setup: says(expired()), want: javaOutOfDate},
		// A quarter of an hour is what it allows clocks to differ.
		{name: "no nextUpdate", setup: says(fakeca.Response{Forever: true, ThisUpdate: time.Now()}), want: "valid"},
		{name: "no nextUpdate, an hour old", setup: says(fakeca.Response{Forever: true}), want: javaOutOfDate},
		{name: "answered in another hash", setup: says(fakeca.Response{Hash: crypto.SHA256}),
			want: "UNSPECIFIED at 0: OCSP response does not include a response for a certificate supplied in the OCSP request"},
		{name: "HTTP 500", setup: withFault(fault.HTTPError(500)), want: javaNetwork},
		{name: "wrong Content-Type", setup: withFault(fault.ContentType("text/html")), want: "valid"},
	}
}

// fault plays f at the request about the leaf, which is the second.
func withFault(f fault.Fault) func(*served) {
	return func(s *served) { s.responder.Script(fault.None(), f) }
}

// chainAsked is a, about the issuer and about the leaf.
func chainAsked(a asked) []asked {
	issuer, leaf := a, a
	issuer.About, leaf.About = "issuer", "leaf"
	if a.Hash == 0 {
		issuer.About, leaf.About = "/crl/0", "/crl/1"
	}
	return []asked{issuer, leaf}
}

// askedTwice is a with the leaf asked about twice.
func askedTwice(a asked) []asked {
	all := chainAsked(a)
	return append(all, all[1])
}

// crlsDown makes requests for every CRL fail.
func crlsDown(s *served) {
	for _, ca := range []*fakeca.CA{s.root, s.leaf.Issuer} {
		s.responder.SetCRLFault(ca, fault.HTTPError(500))
	}
}
