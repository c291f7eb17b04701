package matchers

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
)

// HaveMustStaple matches a certificate whose TLS feature extension (RFC 7633)
// lists status_request: an *[x509.Certificate], a *fakeca.Leaf or *fakeca.CA, the
// first certificate of a [tls.Certificate], or the peer's certificate in a
// [tls.ConnectionState], *[tls.Conn] or *[http.Response]. A malformed extension is
// an error.
func HaveMustStaple() types.GomegaMatcher {
	return newMatcher("HaveMustStaple", nil, nil, func(actual any) (verdict, error) {
		cert, err := carriedCert(actual)
		if err != nil {
			return verdict{}, err
		}
		features, err := fakeca.TLSFeatures(cert)
		if err != nil {
			return verdict{}, unprefixed(err)
		}
		v := verdict{
			ok:   slices.Contains(features, statusRequest),
			what: certText(cert),
			want: "have the TLS feature status_request (must-staple)",
			but:  "it has no TLS feature extension",
		}
		if features != nil {
			v.but = "its TLS features are: " + featuresText(features)
		}
		return v, nil
	})
}

// carriedCert returns the certificate in an actual value.
func carriedCert(actual any) (*x509.Certificate, error) {
	switch a := actual.(type) {
	case *x509.Certificate, *fakeca.Leaf, *fakeca.CA:
		cert, _, err := certOf(a)
		return cert, err
	case *subject, tls.ConnectionState, *tls.ConnectionState, *http.Response, tls.Certificate, *tls.Certificate, connection:
		s, err := subjectOf(a)
		if err == nil && s.cert == nil {
			err = fmt.Errorf("%s has no certificate that can be parsed", s.where)
		}
		if err != nil {
			return nil, err
		}
		return s.cert, nil
	}
	return nil, fmt.Errorf("got %s; %s, or *http.Response", typeOf(actual), wantCertificate)
}

const wantCertificate = "want *x509.Certificate, *fakeca.Leaf, *fakeca.CA, tls.ConnectionState, *tls.Conn, tls.Certificate"

const (
	statusRequest   = 5  // RFC 6066 section 8
	statusRequestV2 = 17 // RFC 6961 section 2.2
)

func featuresText(features []int) string {
	texts := make([]string, len(features))
	for i, n := range features {
		switch n {
		case statusRequest:
			texts[i] = "status_request"
		case statusRequestV2:
			texts[i] = "status_request_v2"
		default:
			texts[i] = strconv.Itoa(n)
		}
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}
