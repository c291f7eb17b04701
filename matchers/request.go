package matchers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// HaveRequestedOCSPFor matches an ocsptest.Request, or the DER of an OCSP
// request, for this certificate: a *fakeca.Leaf, *fakeca.CA or
// *[x509.Certificate]. Like [BeOCSPFor], it also compares the issuer if that is
// known. For the slice that Responder.Requests returns, write
// ContainElement(HaveRequestedOCSPFor(leaf)), or BeEmpty() to expect no request.
func HaveRequestedOCSPFor(cert any) types.GomegaMatcher {
	c, issuer, err := certOf(cert)
	return newMatcher("HaveRequestedOCSPFor", []any{cert}, err, func(actual any) (verdict, error) {
		r, err := requestOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := verdict{what: "the request", want: "be for " + certText(c), lines: requestLines(r)}
		switch {
		case r.OCSP == nil:
			v.but = "it is not an OCSP request"
		case len(r.OCSP.List) == 0:
			v.but = "it is for no certificate"
		default:
			var ids []fakeca.CertID
			for _, single := range r.OCSP.List {
				ids = append(ids, single.CertID)
			}
			v.but = differ(ids, c, issuer)
			v.ok = v.but == ""
		}
		return v, nil
	})
}

// HaveSentNonce matches an ocsptest.Request, or the DER of an OCSP request, with
// this nonce (RFC 9654): a []byte, or a matcher for a []byte, which is nil if the
// request has no nonce. HaveSentNonce(HaveLen(32)) matches a nonce of 32 bytes,
// and HaveSentNonce(BeNil()) a request without a nonce.
func HaveSentNonce(nonce any) types.GomegaMatcher {
	e, err := nonces.expect(nonce)
	return newMatcher("HaveSentNonce", []any{nonce}, err, func(actual any) (verdict, error) {
		r, err := requestOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := verdict{what: "the request", want: e.want(), lines: requestLines(r)}
		if r.OCSP == nil {
			v.but = "it is not an OCSP request"
			return v, nil
		}
		return e.judge(r.OCSP.Nonce(), v)
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
			return ocsptest.Request{}, errors.New("got a slice of requests; wrap the matcher in ContainElement(...) or HaveEach(...)")
		case []byte:
			req, err := fakeca.ParseRequest(a)
			if err != nil {
				why := strings.TrimPrefix(err.Error(), "fakeca: OCSP request: ")
				return ocsptest.Request{}, errors.New("the []byte is not an OCSP request: " + why)
			}
			return ocsptest.Request{OCSP: req, Raw: a}, nil
		}
	}
	return ocsptest.Request{}, fmt.Errorf("got %s; want ocsptest.Request, or the []byte of an OCSP request", typeOf(actual))
}

// requestLines describes a request with a line for each of the first
// certificates.
func requestLines(r ocsptest.Request) []string {
	method := r.Method
	if method != "" {
		method += " "
	}
	if r.OCSP == nil {
		return []string{method + r.Path}
	}
	var lines []string
	for i, single := range r.OCSP.List {
		if i == 3 {
			return append(lines, fmt.Sprintf("and %d more", len(r.OCSP.List)-i))
		}
		hash := "an unknown hash"
		if h := single.CertID.HashAlgorithm.Hash(); h != 0 {
			hash = h.String()
		}
		lines = append(lines, fmt.Sprintf("%sfor serial %x, by %s", method, single.CertID.SerialNumber, hash))
	}
	return lines
}
