package matchers

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// HaveRequestedOCSPFor matches an ocsptest.Request, or the DER of an OCSP
// request, that asks about this certificate: a *fakeca.Leaf, a *fakeca.CA or an
// *x509.Certificate. As in [BeOCSPFor], the issuer is compared too if it is
// known. For what Responder.Requests returns, write
// ContainElement(HaveRequestedOCSPFor(leaf)); for none at all, BeEmpty().
func HaveRequestedOCSPFor(cert any) types.GomegaMatcher {
	c, issuer, err := certOf(cert)
	return newMatcher("HaveRequestedOCSPFor", []any{cert}, err, func(actual any) (verdict, error) {
		r, err := requestOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := verdict{what: requestText(r), want: "ask about " + certText(c), but: "it is no OCSP request"}
		if r.OCSP == nil {
			return v, nil
		}
		v.but = "it asks about nothing"
		for i, single := range r.OCSP.List {
			but := ""
			if id := single.CertID; id.HashAlgorithm.Hash() != 0 || !sameInt(id.SerialNumber, c.SerialNumber) {
				but = differs(id, c, issuer)
			}
			if v.ok = but == ""; v.ok {
				break
			}
			if i == 0 {
				v.but = but
			}
		}
		return v, nil
	})
}

// HaveSentNonce matches an ocsptest.Request, or the DER of an OCSP request, with
// this nonce (RFC 9654): a []byte, or a matcher of a []byte, which is nil if
// there is no nonce. So HaveSentNonce(HaveLen(32)) matches a nonce of 32 bytes,
// and HaveSentNonce(BeNil()) a request without one.
func HaveSentNonce(nonce any) types.GomegaMatcher {
	e, err := nonces.expect(nonce)
	return newMatcher("HaveSentNonce", []any{nonce}, err, func(actual any) (verdict, error) {
		r, err := requestOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := verdict{what: requestText(r)}
		if r.OCSP == nil {
			v.want, v.but = "have sent a nonce", "it is no OCSP request"
			return v, nil
		}
		sent := r.OCSP.Nonce()
		v.ok, v.want, err = e.compare(sent)
		switch {
		case sent == nil:
			v.but = "it has no nonce"
		case e.nested == nil: // else the nested text shows it
			v.but = "it has the nonce " + nonceText(sent)
		}
		return v, err
	})
}

func requestOf(actual any) (ocsptest.Request, error) {
	if !isNil(actual) {
		switch a := actual.(type) {
		case ocsptest.Request:
			return a, nil
		case *ocsptest.Request:
			return *a, nil
		case []ocsptest.Request:
			return ocsptest.Request{}, fmt.Errorf("got %d requests; write ContainElement(...) or HaveEach(...) around the matcher", len(a))
		case []byte:
			req, err := fakeca.ParseRequest(a)
			if err != nil {
				return ocsptest.Request{}, fmt.Errorf("the []byte is no OCSP request: %w", err)
			}
			return ocsptest.Request{OCSP: req, Raw: a}, nil
		}
	}
	return ocsptest.Request{}, fmt.Errorf("got %s; give it an ocsptest.Request, or the DER of a request", typeOf(actual))
}

// requestText describes a request in a line for each certificate, three at the
// most.
func requestText(r ocsptest.Request) string {
	var b strings.Builder
	b.WriteString("the request")
	if r.Method != "" {
		b.WriteString(" by " + r.Method)
	}
	if r.OCSP == nil {
		fmt.Fprintf(&b, "\n    %s", r.Path)
		return b.String()
	}
	for i, single := range r.OCSP.List {
		if i == 3 {
			fmt.Fprintf(&b, "\n    and %d more", len(r.OCSP.List)-i)
			break
		}
		hash := "a hash that is not known"
		if h := single.CertID.HashAlgorithm.Hash(); h != 0 {
			hash = h.String()
		}
		fmt.Fprintf(&b, "\n    for serial %x, by %s", single.CertID.SerialNumber, hash)
	}
	return b.String()
}
