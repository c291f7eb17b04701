package matchers

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A subject is an actual value: the response in it, before it is parsed, and the
// certificates that came with it.
type subject struct {
	what  string // the response: "the staple"
	where string // what carries it: "the TLS 1.3 connection"; "" if it is not a staple
	der   []byte
	resp  *fakeca.Response // instead of der, in an unsigned response

	cert   *x509.Certificate   // what the response should be for; may be nil
	chain  []*x509.Certificate // all certificates that are known
	serial *big.Int            // selects one of several single responses; may be nil
}

const wantTypes = "want []byte, *ocsp.Response, fakeca.Response, tls.ConnectionState, *tls.Conn, *http.Response, " +
	"tls.Certificate, *httptest.ResponseRecorder, or a type with the method OCSPResponse() []byte"

// subjectOf reads an actual value. It returns an error if no value of this type
// has a response.
func subjectOf(actual any) (*subject, error) {
	if isNil(actual) {
		return nil, fmt.Errorf("got %s; %s", typeOf(actual), wantTypes)
	}
	switch a := actual.(type) {
	case *subject: // from HaveOCSPStaple
		return a, nil
	case []byte:
		s := &subject{what: "the OCSP response", where: "the []byte", der: a}
		if len(a) == 0 {
			s.where = "the empty []byte"
		}
		return s, nil
	case fakeca.Response:
		return unsigned(a), nil
	case *fakeca.Response:
		return unsigned(*a), nil
	case *ocsp.Response:
		return parsed(a), nil
	case tls.ConnectionState:
		return connected(a), nil
	case *tls.ConnectionState:
		return connected(*a), nil
	case *http.Response:
		if a.TLS == nil {
			return nil, errors.New("the *http.Response came without TLS, so it has no staple; for an OCSP responder, pass the bytes of Body")
		}
		return connected(*a.TLS), nil
	case tls.Certificate:
		return stapled(a), nil
	case *tls.Certificate:
		return stapled(*a), nil
	case *httptest.ResponseRecorder:
		return recorded(a), nil
	case ocsptest.Handshake:
		return handshaken(a), nil
	case *ocsptest.Handshake:
		return handshaken(*a), nil
	case connection:
		state := a.ConnectionState()
		if !state.HandshakeComplete && len(state.PeerCertificates) == 0 {
			return nil, fmt.Errorf("the %T has not completed its handshake; call Handshake first", actual)
		}
		return connected(state), nil
	case holder:
		return &subject{what: "the OCSP response", where: "the " + typeOf(actual), der: a.OCSPResponse()}, nil
	}
	if t := reflect.TypeOf(actual); t.Kind() == reflect.Slice {
		return nil, fmt.Errorf("got %v; wrap the matcher in ContainElement(...) or HaveEach(...)", t)
	}
	return nil, fmt.Errorf("got %s; %s", typeOf(actual), wantTypes)
}

func unsigned(r fakeca.Response) *subject {
	return &subject{what: "the OCSP response", resp: &r}
}

func parsed(r *ocsp.Response) *subject {
	if r.Raw != nil {
		return &subject{what: "the OCSP response", der: r.Raw, serial: r.SerialNumber}
	}
	return unsigned(fakeca.Response{
		Status:     fakeca.Status(r.Status),
		Reason:     fakeca.Reason(r.RevocationReason),
		RevokedAt:  r.RevokedAt,
		ThisUpdate: r.ThisUpdate,
		NextUpdate: r.NextUpdate,
		Forever:    r.NextUpdate.IsZero(),
		ProducedAt: r.ProducedAt,
		Serial:     r.SerialNumber,
		Hash:       r.IssuerHash,
	})
}

func connected(state tls.ConnectionState) *subject {
	s := &subject{what: "the staple", where: "connection", der: state.OCSPResponse}
	if state.Version != 0 {
		s.where = tls.VersionName(state.Version) + " connection"
	}
	if state.DidResume {
		s.what = "the staple of a resumed connection"
		s.where = "resumed " + s.where
	}
	s.where = "the " + s.where
	s.chain = state.PeerCertificates
	for _, chain := range state.VerifiedChains {
		s.chain = append(s.chain[:len(s.chain):len(s.chain)], chain...) // with the root, which is not sent
	}
	if len(state.PeerCertificates) > 0 {
		s.about(state.PeerCertificates[0])
		s.where += " to " + certText(s.cert)
	}
	return s
}

func stapled(c tls.Certificate) *subject {
	s := &subject{what: "the staple", where: "the tls.Certificate", der: c.OCSPStaple}
	for i, der := range c.Certificate {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			continue // reported by the matchers that need the certificate
		}
		s.chain = append(s.chain, cert)
		if i == 0 {
			s.about(cert)
			s.where += " for " + certText(cert)
		}
	}
	return s
}

func recorded(rec *httptest.ResponseRecorder) *subject {
	s := &subject{what: "the recorded response"}
	if rec.Code != http.StatusOK {
		s.what += fmt.Sprintf(" (HTTP %d)", rec.Code)
	}
	if rec.Body != nil {
		s.der = bytes.Clone(rec.Body.Bytes())
	}
	return s
}

func handshaken(h ocsptest.Handshake) *subject {
	s := &subject{what: "the staple", where: "the handshake", der: h.Staple}
	switch {
	case len(h.Staple) == 0:
		s.where += " (" + h.String() + ")"
	case h.ServerName != "":
		s.where += fmt.Sprintf(" for %q", h.ServerName)
	}
	return s
}

func (s *subject) about(cert *x509.Certificate) { s.cert, s.serial = cert, cert.SerialNumber }

// read parses the response.
func (s *subject) read() (*response, error) {
	switch {
	case s.resp != nil:
		return newResponse(s, *s.resp, nil), nil
	case len(s.der) == 0 && s.where != "":
		return nil, fmt.Errorf("%s has no staple; if you expect none, write NotTo(HaveOCSPStaple())", s.where)
	}
	m, err := fakeca.ParseMessage(s.der)
	if err != nil {
		return nil, s.unreadable(err)
	}
	r, err := fakeca.ParseResponse(s.der)
	if err != nil {
		return nil, s.unreadable(err)
	}
	return newResponse(s, r, m), nil
}

func (s *subject) unreadable(err error) error {
	if _, notCRL := fakeca.ParseCRLMessage(s.der); notCRL == nil {
		return &unreadable{s.what, "a CRL, not an OCSP response; use HaveCRLEntry"}
	}
	return &unreadable{s.what, fmt.Sprintf("%d bytes, not an OCSP response: %s",
		len(s.der), strings.TrimPrefix(err.Error(), "fakeca: OCSP response: "))}
}

// An unreadable error reports bytes that are not an OCSP response, or not a CRL.
type unreadable struct{ what, why string }

func (e *unreadable) Error() string { return e.what + " is " + e.why }

// onResponse returns a function that parses the response in any actual value,
// and judges it.
func onResponse(judge func(*response) (verdict, error)) func(any) (verdict, error) {
	return func(actual any) (verdict, error) {
		s, err := subjectOf(actual)
		if err != nil {
			return verdict{}, err
		}
		r, err := s.read()
		if err != nil {
			return verdict{}, err
		}
		return judge(r)
	}
}
