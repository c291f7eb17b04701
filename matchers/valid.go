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

// BeValidOCSPFor matches an answer in which [ocsptest.Verify] finds nothing
// wrong: well-formed, for this certificate, current, and signed by somebody with
// authority. The certificate is a *fakeca.Leaf, a *fakeca.CA or an
// *[x509.Certificate]; the issuer of the latter is looked for in what the actual
// value has of the chain, and it is an error if it is not there. The time is that
// of the issuer's clock, or [time.Now] where only an *x509.Certificate is given.
//
// A valid answer may well say revoked or unknown; add HaveOCSPStatus(Good). Bytes
// that are no OCSP response are a mismatch, and no error. A description is an
// error, for nobody signed it.
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
		case s.said != nil:
			return verdict{}, errors.New("a description is not signed; look at the signed answer")
		case len(s.der) == 0 && s.where != "":
			_, err := s.read()
			return verdict{}, err
		case issuer == nil:
			return verdict{}, fmt.Errorf("the issuer of %s is not known; write the *fakeca.Leaf, or look at a connection, which has the chain", nameOf(cert))
		}
		return s.valid(cert, issuer, clockOf(leaf)), nil
	})
}

// clockOf returns what time it is for who issued x.
func clockOf(x any) time.Time {
	var issuer *fakeca.CA
	switch x := x.(type) {
	case *fakeca.Leaf:
		issuer = x.Issuer
	case *fakeca.CA:
		issuer = x.Issuer
	}
	if issuer == nil {
		return time.Now()
	}
	return issuer.Now()
}

// valid judges the answer, of which it shows what is about cert.
func (s *subject) valid(cert, issuer *x509.Certificate, at time.Time) verdict {
	shown := *s
	shown.serial = cert.SerialNumber
	_, err := verify.Response(bytes.Clone(s.der), cert, issuer, at)
	return verdict{
		ok:   err == nil,
		what: shown.text(),
		want: fmt.Sprintf("be a valid answer for %s, at %s", certText(cert), stamp(at)),
		but:  violationsText(err),
	}
}

// violationsText is a line for each violation, of the first four.
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
		return lines[0]
	}
	return strings.Join(append([]string{"it breaks these rules:"}, lines...), "\n    ")
}
