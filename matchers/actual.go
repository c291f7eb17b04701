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

// A subject is an actual value: the answer in it, not read yet, and what is
// known of the certificate that it came with.
type subject struct {
	what  string // the answer: "the staple"
	where string // what carries a staple: "the TLS 1.3 connection to CN=localhost"; "" if nothing does
	der   []byte
	said  *fakeca.Response // in place of der, if the answer is a description

	cert   *x509.Certificate   // what the answer should be for; may be nil
	chain  []*x509.Certificate // what else is known
	serial *big.Int            // which of several single responses is meant; nil if unknown
}

const taken = "give it a []byte, *ocsp.Response, fakeca.Response, tls.ConnectionState, *tls.Conn, *http.Response, " +
	"tls.Certificate, *httptest.ResponseRecorder, or what has a method OCSPResponse() []byte"

// subjectOf reads an actual value. The error says that there is nothing to
// look for an answer in.
func subjectOf(actual any) (*subject, error) {
	if isNil(actual) {
		return nil, fmt.Errorf("got %s; %s", typeOf(actual), taken)
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
		return described(a), nil
	case *fakeca.Response:
		return described(*a), nil
	case *ocsp.Response:
		return foreign(a), nil
	case tls.ConnectionState:
		return connected(a), nil
	case *tls.ConnectionState:
		return connected(*a), nil
	case *http.Response:
		if a.TLS == nil {
			return nil, errors.New("the *http.Response came without TLS, and so without a staple; to look at a responder's answer, give it the bytes of Body")
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
			return nil, fmt.Errorf("the handshake of the %T is not done; call Handshake, or read from it, first", actual)
		}
		return connected(state), nil
	case answerer:
		return &subject{what: "the OCSP response", where: "the " + typeOf(actual), der: a.OCSPResponse()}, nil
	}
	if t := reflect.TypeOf(actual); t.Kind() == reflect.Slice {
		return nil, fmt.Errorf("got %v; for a slice write ContainElement(...) or HaveEach(...) around the matcher", t)
	}
	return nil, fmt.Errorf("got %s; %s", typeOf(actual), taken)
}

func typeOf(actual any) string {
	switch _, bytes := actual.([]byte); {
	case bytes:
		return "[]byte" // not []uint8
	case actual == nil:
		return "nil"
	case isNil(actual):
		return fmt.Sprintf("a nil %T", actual)
	}
	return fmt.Sprintf("%T", actual)
}

func described(r fakeca.Response) *subject {
	return &subject{what: "the OCSP response", said: &r}
}

func foreign(r *ocsp.Response) *subject {
	if r.Raw != nil {
		return &subject{what: "the OCSP response", der: r.Raw, serial: r.SerialNumber}
	}
	return described(fakeca.Response{
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
	s := &subject{what: "the staple", where: "the connection", der: state.OCSPResponse}
	if state.Version != 0 {
		s.where = "the " + tls.VersionName(state.Version) + " connection"
	}
	if state.DidResume {
		s.what = "the staple of a resumed connection"
		s.where += ", resumed,"
	}
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
			continue // who is about the certificate says so
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
	s := &subject{what: "the responder's answer"}
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

// read parses the answer. The error says that there is none, or none that can
// be read.
func (s *subject) read() (*answer, error) {
	switch {
	case s.said != nil:
		return newAnswer(s, *s.said, nil), nil
	case len(s.der) == 0 && s.where != "":
		return nil, fmt.Errorf("%s has no staple; to expect none, write NotTo(HaveOCSPStaple())", s.where)
	}
	m, err := fakeca.ParseMessage(s.der)
	if err != nil {
		return nil, s.unreadable(err)
	}
	r, err := fakeca.ParseResponse(s.der)
	if err != nil {
		return nil, s.unreadable(err)
	}
	return newAnswer(s, r, m), nil
}

func (s *subject) unreadable(err error) error {
	return &unreadable{s.what, fmt.Sprintf("%d bytes that are no OCSP response: %s",
		len(s.der), strings.TrimPrefix(err.Error(), "fakeca: OCSP response: "))}
}

// An unreadable error says what is wrong with the bytes of an answer.
type unreadable struct{ what, why string }

func (e *unreadable) Error() string { return e.what + " is " + e.why }

// onAnswer makes a judge of any actual value of one that looks at an answer.
func onAnswer(judge func(*answer) (verdict, error)) func(any) (verdict, error) {
	return func(actual any) (verdict, error) {
		s, err := subjectOf(actual)
		if err != nil {
			return verdict{}, err
		}
		a, err := s.read()
		if err != nil {
			return verdict{}, err
		}
		return judge(a)
	}
}
