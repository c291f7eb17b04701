package matchers

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// A listing is an actual value that holds CRLs, before they are parsed. It holds
// one, or as many as a PEM file does.
type listing struct {
	what string // "the CRL"
	ders [][]byte
}

const theCRL = "the CRL"

const wantList = "want the []byte of a CRL in DER or PEM, *x509.RevocationList, fakeca.CRLMessage, *httptest.ResponseRecorder, " +
	"*http.Response or ocsptest.Request"

// listingOf reads an actual value. If no value of this type holds a CRL, it
// returns an error with want, the types that the matcher takes.
func listingOf(actual any, want string) (*listing, error) {
	if isNil(actual) {
		return nil, fmt.Errorf("got %s; %s", typeOf(actual), want)
	}
	switch a := actual.(type) {
	case []byte:
		return newListing(theCRL, a), nil
	case *x509.RevocationList:
		if a.Raw == nil {
			return nil, errors.New("the *x509.RevocationList has no Raw; pass what x509.ParseRevocationList returns")
		}
		return newListing(theCRL, a.Raw), nil
	case fakeca.CRLMessage:
		return newListing(theCRL, a.Marshal()), nil
	case *fakeca.CRLMessage:
		return newListing(theCRL, a.Marshal()), nil
	case fakeca.CRL, *fakeca.CRL:
		return nil, fmt.Errorf("a %s only describes a CRL; pass the bytes that CA.CRL returns", typeOf(actual))
	case *httptest.ResponseRecorder:
		var body []byte
		if a.Body != nil {
			body = a.Body.Bytes()
		}
		return newListing("the recorded response"+exception(a.Code, a.Header()), body), nil
	case *http.Response:
		body, err := peek(a)
		if err != nil {
			return nil, err
		}
		return newListing("the HTTP response"+exception(a.StatusCode, a.Header), body), nil
	case ocsptest.Request:
		return newListing(fmt.Sprintf("the response to %s %s", a.Method, cut(a.Path, 80)), a.Response), nil
	case *ocsptest.Request:
		return listingOf(*a, want)
	}
	if reflect.TypeOf(actual).Kind() == reflect.Slice {
		return nil, fmt.Errorf("got %s; wrap the matcher in ContainElement(...) or HaveEach(...)", typeOf(actual))
	}
	return nil, fmt.Errorf("got %s; %s", typeOf(actual), want)
}

// newListing takes PEM apart. Like most programs, it ignores text and blocks of
// other types around the CRLs.
func newListing(what string, data []byte) *listing {
	l := &listing{what: what}
	for block, rest := decodePEM(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "X509 CRL" {
			l.ders = append(l.ders, block.Bytes)
		}
	}
	if l.ders == nil {
		l.ders = [][]byte{data}
	}
	return l
}

// decodePEM returns the first block of PEM, or nil for DER.
func decodePEM(data []byte) (block *pem.Block, rest []byte) {
	const sequence = 0x30
	if len(data) > 0 && data[0] == sequence {
		return nil, nil
	}
	return pem.Decode(data)
}

// exception describes what is unusual about an HTTP response with a CRL.
func exception(code int, h http.Header) string {
	var parts []string
	if code != http.StatusOK {
		parts = append(parts, fmt.Sprintf("HTTP %d", code))
	}
	if encoding := h.Get("Content-Encoding"); encoding != "" {
		parts = append(parts, "Content-Encoding "+cut(printable(encoding), 20))
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// peek reads the body of a response and puts it back.
func peek(r *http.Response) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	const most = 64 << 20
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	if err == nil && len(body) > most {
		err = fmt.Errorf("it has more than %d MiB", most>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("the body of the *http.Response cannot be read: %w", err)
	}
	return body, nil
}

// read parses the only list of l.
func (l *listing) read() (*list, error) {
	if n := len(l.ders); n > 1 {
		return nil, fmt.Errorf("%s is PEM with %d CRLs; pass them one by one", l.what, n)
	}
	return l.parse(l.ders[0])
}

func (l *listing) parse(der []byte) (*list, error) {
	m, err := fakeca.ParseCRLMessage(der)
	if err == nil {
		return &list{m, l.what}, nil
	}
	return nil, &unreadable{l.what, notCRL(der, err)}
}

// notCRL says what der is instead of a CRL.
func notCRL(der []byte, err error) string {
	if block, _ := decodePEM(der); block != nil {
		return fmt.Sprintf("PEM of the type %q, not %q", block.Type, "X509 CRL")
	}
	if _, notOCSP := fakeca.ParseMessage(der); notOCSP == nil {
		return "an OCSP response, not a CRL; use HaveOCSPStatus"
	}
	return fmt.Sprintf("%d bytes, not a CRL: %s", len(der), strings.TrimPrefix(err.Error(), "fakeca: CRL: "))
}

// onList returns a function that parses the CRL in any actual value, and judges
// it.
func onList(judge func(*list) (verdict, error)) func(any) (verdict, error) {
	return func(actual any) (verdict, error) {
		l, err := listingOf(actual, wantList)
		if err != nil {
			return verdict{}, err
		}
		list, err := l.read()
		if err != nil {
			return verdict{}, err
		}
		return judge(list)
	}
}

// A list is a parsed CRL.
type list struct {
	*fakeca.CRLMessage
	what string
}

// lines describes the list in two lines, or three if it says which certificates it
// covers.
func (l *list) lines() []string {
	lines := []string{l.nameLine(), l.timesLine(), l.scopeLine()}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func (l *list) nameLine() string {
	line := "CRL"
	number, err := l.Number()
	switch {
	case err != nil:
		line += " with an unreadable number"
	case number == nil:
		line += " without a number"
	default:
		line += fmt.Sprintf(" number %v", number)
	}
	switch base, err := l.BaseNumber(); {
	case err != nil:
		line += ", with an unreadable base"
	case base != nil:
		line = fmt.Sprintf("delta %s, base %v", line, base)
	}
	if l.Version == 0 {
		line = "version 1 " + line
	}
	return line + ", issuer " + rdnText(l.Issuer) + ", " + count(len(l.RevokedCertificates), "entry", "entries")
}

func count(n int, one, more string) string {
	switch n {
	case 0:
		return "no " + more
	case 1:
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}

func (l *list) timesLine() string {
	line := "thisUpdate " + stamp(l.ThisUpdate.Time)
	if l.NextUpdate.IsZero() {
		return line + ", no nextUpdate"
	}
	return line + ", nextUpdate " + stamp(l.NextUpdate.Time)
}

// scopeLine describes the issuing distribution point, if there is one.
func (l *list) scopeLine() string {
	const name = "issuing distribution point"
	p, err := l.IssuingDistributionPoint()
	switch {
	case err != nil:
		return "unreadable " + name
	case p == nil:
		return ""
	}
	line := name + " " + cut(pointText(pointOf(p)), 100)
	for _, flag := range []struct {
		set  bool
		text string
	}{
		{p.OnlyUserCerts, "only user certificates"},
		{p.OnlyCACerts, "only CA certificates"},
		{p.OnlyAttributeCerts, "only attribute certificates"},
		{p.Indirect, "indirect"},
	} {
		if flag.set {
			line += ", " + flag.text
		}
	}
	return line
}
