package conformance

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// TestEvidence measures what the sources say in each case, and compares it with
// evidence.txt, which -update rewrites.
func TestEvidence(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, group := range groups {
		for _, s := range group() {
			synctest.Test(t, func(t *testing.T) {
				m, err := measure(t.Context(), s)
				if err != nil {
					t.Errorf("%s: %v", s.name, err)
				}
				fmt.Fprintf(&text, "%s\t%v\n", s.name, m)
			})
		}
	}
	labtest.GoldenFile(t, "evidence.txt", text.String())
}

// measure starts the world of a scenario and asks every source.
func measure(ctx context.Context, s *scenario) (m measurement, err error) {
	w, err := newWorld(s, worldSetting{network: new(ocsptest.Network)})
	if err != nil {
		return m, err
	}
	defer w.close()
	if s.second != nil {
		m.two = true
		if m.firstLeaf, m.firstIssuer, _, err = w.measure(ctx); err != nil {
			return m, err
		}
		s.second(w)
	}
	m.leaf, m.issuer, m.rules, err = w.measure(ctx)
	return m, err
}

// measure asks every source about the leaf and about its issuers.
func (w *world) measure(ctx context.Context) (leaf, issuer Says, rules []verify.Rule, err error) {
	g := &gauge{ctx: ctx, client: httpClient(w.server), at: w.clock.now()}
	staple, err := w.stapled(ctx)
	if err != nil {
		return leaf, issuer, nil, err
	}
	leaf = g.certificate(w.leaf.Cert, w.ca)
	leaf.Staple = Absent
	if staple != nil {
		leaf.Staple = g.response(verify.Options{}, staple, w.leaf.Cert, w.ca.Cert)
	}
	fine := Says{Absent, Good, Absent, Good, Absent} // also of a root, about which nobody is asked
	issuer = fine
	for ca := w.ca; ca.Issuer != nil; ca = ca.Issuer {
		if said := g.certificate(ca.Cert, ca.Issuer); said != fine {
			issuer = said // what is wrong with one of several
		}
	}
	slices.Sort(g.rules)
	return leaf, issuer, slices.Compact(g.rules), nil
}

// stapled returns the staple that a new connection gets.
func (w *world) stapled(ctx context.Context) ([]byte, error) {
	raw, err := w.server.DialContext(ctx, "", "")
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	conn := tls.Client(raw, &tls.Config{ServerName: "localhost", InsecureSkipVerify: true})
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return conn.OCSPResponse(), nil
}

// A gauge reads what sources say, and collects the rules that they break.
type gauge struct {
	ctx    context.Context
	client *http.Client
	at     time.Time
	rules  []verify.Rule
}

// certificate asks the responders and the CRLs that a certificate names.
func (g *gauge) certificate(cert *x509.Certificate, ca *fakeca.CA) (s Says) {
	var ocsp, crl []Evidence
	issuer := ca.Cert
	for _, responder := range cert.OCSPServer {
		if !isHTTP(responder) {
			ocsp = append(ocsp, Absent|Unreachable)
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			ocsp = append(ocsp, g.ask(method, responder, cert, issuer))
		}
	}
	var options verify.Options
	for above := ca.Issuer; above != nil; above = above.Issuer {
		options.CRLIssuers = append(options.CRLIssuers, above.Cert)
	}
	var lists [][]byte
	for _, point := range cert.CRLDistributionPoints {
		if !isHTTP(point) {
			crl = append(crl, Absent|Unreachable)
			continue
		}
		var e Evidence
		e, lists = g.crl(options, point, lists, cert, issuer)
		crl = append(crl, e)
	}
	s.OCSP, s.NextOCSP = inTurn(ocsp)
	s.CRL, s.NextCRL = inTurn(crl)
	s.Staple = Absent
	return s
}

// isHTTP reports whether a client that knows only http can use a URL.
func isHTTP(to string) bool {
	u, err := url.Parse(to)
	return err == nil && u.Scheme == "http" && u.Host != ""
}

// inTurn returns the first of several sources, and the last one that differs.
func inTurn(all []Evidence) (first, next Evidence) {
	all = slices.Compact(all)
	switch len(all) {
	case 0:
		return Absent, Absent
	case 1:
		return all[0], Absent
	}
	return all[0], all[len(all)-1]
}

// ask asks a responder.
func (g *gauge) ask(method, responder string, cert, issuer *x509.Certificate) Evidence {
	req := fakeca.NewRequest(cert.SerialNumber, issuer)
	to, body, options := req.URL(responder), io.Reader(nil), verify.Options{}
	if method == http.MethodPost {
		options.Nonce = fakeca.NewNonce()
		req.SetNonce(options.Nonce)
		to, body = responder, bytes.NewReader(req.Marshal())
	}
	der, evidence := g.get(method, to, body, maxResponse)
	if evidence != 0 {
		return evidence
	}
	return g.response(options, der, cert, issuer)
}

// get downloads a body, or returns what its absence means.
func (g *gauge) get(method, to string, body io.Reader, limit int64) ([]byte, Evidence) {
	req, err := http.NewRequestWithContext(g.ctx, method, to, body)
	if err != nil {
		return nil, Absent | Unreachable
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/ocsp-request")
	}
	der, err := download(g.client, req, limit)
	switch {
	case err == nil && len(der) > 0:
		return der, 0
	case strings.Contains(fmt.Sprint(err), "redirected"):
		return nil, NoResponse
	case evidenceOf(fakeca.Response{}, err) == Unreachable:
		return nil, Unreachable
	}
	return nil, NoResponse // an HTTP error, nothing, or too much
}

// response judges an OCSP response.
func (g *gauge) response(options verify.Options, der []byte, cert, issuer *x509.Certificate) Evidence {
	resp, err := options.Response(der, cert, issuer, g.at)
	evidence := g.judged(resp, err)
	if err != nil && !containsSigned(der, issuer) { // then anybody can have made it, not only the CA
		g.rules = slices.DeleteFunc(g.rules, func(r verify.Rule) bool { return r == verify.RuleMalformed })
	}
	return evidence
}

// judged returns what package verify says of a response or of CRLs.
func (g *gauge) judged(resp fakeca.Response, err error) Evidence {
	if err == nil {
		return statusEvidence(resp.Status)
	}
	violations, _ := errors.AsType[verify.Violations](err)
	onlyDates, unreadable := true, false
	for _, v := range violations {
		g.rules = append(g.rules, v.Rule)
		onlyDates = onlyDates && slices.Contains(timeRules, v.Rule)
		unreadable = unreadable || slices.Contains(unreadableRules, v.Rule)
	}
	switch {
	case unreadable:
		return NoResponse
	case resp.Status == fakeca.Revoked && len(violations) == 1 && violations[0].Rule == verify.RuleContradiction:
		return Revoked // no CA says that by mistake
	case resp.Status == fakeca.Revoked && onlyDates:
		return InvalidRevoked
	}
	return Invalid
}

// containsSigned reports whether issuer signed something in der that the signature
// follows, as in a BasicOCSPResponse and in a CertificateList.
func containsSigned(der []byte, issuer *x509.Certificate) bool {
	if block, _ := pem.Decode(der); block != nil {
		der = block.Bytes
	}
	algorithm := x509.ECDSAWithSHA256
	if _, ok := issuer.PublicKey.(*rsa.PublicKey); ok {
		algorithm = x509.SHA256WithRSA
	}
	var tag asn1.Tag
	for i := range der {
		var tbs, signature cryptobyte.String
		rest := cryptobyte.String(der[i:])
		if !rest.ReadAnyASN1Element(&tbs, &tag) {
			continue
		}
		rest.SkipOptionalASN1(asn1.SEQUENCE) // the algorithm, which may be missing
		if !rest.ReadAnyASN1(&signature, &tag) {
			continue
		}
		if tag == asn1.BIT_STRING {
			signature.Skip(1)
		}
		if issuer.CheckSignature(algorithm, tbs, signature) == nil {
			return true
		}
	}
	return false
}

var (
	timeRules = []verify.Rule{
		verify.RuleEarly, verify.RuleExpired, verify.RuleUpdateOrder, verify.RuleAge, verify.RuleProducedAt,
		verify.RuleCRLEarly, verify.RuleCRLExpired, verify.RuleCRLNextUpdate, verify.RuleCRLUpdateOrder, verify.RuleCRLAge,
	}
	unreadableRules = []verify.Rule{verify.RuleMalformed, verify.RuleErrorStatus, verify.RuleCRLMalformed}
)

func statusEvidence(status fakeca.Status) Evidence {
	switch status {
	case fakeca.Good:
		return Good
	case fakeca.Revoked:
		return Revoked
	}
	return Unknown
}

// crl gets and judges a CRL with its deltas. Lists that do not decide are returned,
// to be judged with the next one.
func (g *gauge) crl(options verify.Options, point string, before [][]byte, cert, issuer *x509.Certificate) (Evidence, [][]byte) {
	der, evidence := g.get(http.MethodGet, point, nil, maxCRL)
	if evidence != 0 {
		return evidence, before
	}
	lists := append([][]byte{der}, downloadDeltas(g.ctx, g.client, der, cert)...)
	resp, err := options.CRLs(lists, cert, issuer, g.at)
	if err != nil && len(before) > 0 {
		lists = append(before, lists...)
		if all, err := options.CRLs(lists, cert, issuer, g.at); err == nil {
			return g.judged(all, nil), lists
		}
	}
	return g.judged(resp, err), lists
}
