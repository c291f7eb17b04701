package matchers

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// BeValidOCSPFor matches a response in which [verify.Response] finds no
// violation: it is well-formed, for this certificate, current, and signed by an
// authorized responder. The certificate is a *fakeca.Leaf, *fakeca.CA or
// *[x509.Certificate]. For an *x509.Certificate, the chain of the actual value
// must contain the issuer. The time is that of the issuer's clock, or [time.Now]
// for an *x509.Certificate.
//
// A valid response may say revoked or unknown; add HaveOCSPStatus(Good). Bytes
// that are not an OCSP response are a mismatch, not an error. A fakeca.Response is
// an error, because it is not signed.
func BeValidOCSPFor(leaf any) types.GomegaMatcher {
	cert, issuer, err := certOf(leaf)
	return newMatcher("BeValidOCSPFor", []any{leaf}, err, func(actual any) (verdict, error) {
		s, err := subjectOf(actual)
		if err != nil {
			return verdict{}, err
		}
		issuer := issuer
		if issuer == nil {
			issuer = issuerIn(s.chain, cert)
		}
		switch {
		case s.resp != nil:
			return verdict{}, errUnsigned
		case len(s.der) == 0 && s.where != "":
			_, err := s.read()
			return verdict{}, err
		case issuer == nil:
			return verdict{}, fmt.Errorf("the issuer of %s is unknown; write a *fakeca.Leaf, or pass a connection with the chain", nameOf(cert))
		}
		return s.valid(cert, issuer, clockOf(leaf)), nil
	})
}

// clockOf returns the time of the clock of x's issuer.
func clockOf(x any) time.Time {
	if issuer := issuerOf(x); issuer != nil {
		return issuer.Now()
	}
	return time.Now()
}

// issuerOf returns the CA that issued the certificate x; nil if it is not known.
func issuerOf(x any) *fakeca.CA {
	switch x := x.(type) {
	case *fakeca.Leaf:
		return x.Issuer
	case *fakeca.CA:
		return x.Issuer
	}
	return nil
}

func (s *subject) valid(cert, issuer *x509.Certificate, at time.Time) verdict {
	shown := *s
	shown.serial = cert.SerialNumber // shows the single response about cert
	_, err := verify.Response(bytes.Clone(s.der), cert, issuer, at)
	return verdict{
		ok:    err == nil,
		what:  s.what,
		want:  fmt.Sprintf("be valid for %s at %s", certText(cert), stamp(at)),
		but:   violationsText(err),
		lines: shown.lines(),
	}
}

// violationsText returns a line for each of the first violations.
func violationsText(err error) string {
	all, _ := errors.AsType[verify.Violations](err)
	const most = 4
	var lines []string
	for i, v := range all {
		if i == most {
			lines = append(lines, fmt.Sprintf("and %d more", len(all)-most))
			break
		}
		lines = append(lines, v.Error())
	}
	if len(lines) == 1 {
		return "it breaks the rule " + lines[0]
	}
	return strings.Join(append([]string{"it breaks these rules:"}, lines...), "\n"+indent)
}
