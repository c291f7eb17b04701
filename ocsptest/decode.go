package ocsptest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// decode reads the OCSP request. If it cannot, it returns what to respond with:
// an OCSP response, or an HTTP error and the reason.
func (x *exchange) decode() (resp *response, code int, err error) {
	var pathErr error
	switch x.R.Method {
	case http.MethodGet:
		x.record.Raw, pathErr = x.decodeGET()
	case http.MethodPost:
		x.record.Raw = x.decodePOST()
	default:
		return nil, http.StatusMethodNotAllowed, fmt.Errorf("the method is %s", x.record.Method)
	}
	if len(x.record.Raw) > maxRequest {
		x.record.Raw = bytes.Clone(x.record.Raw[:maxRequest]) // and the rest is free
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the request has more than %d KiB", maxRequest>>10)
	}
	if cached, ok := x.responder.cache.get(x.record.Raw); ok {
		x.OCSP, x.cached, x.CA = cached.request, cached.response, cached.response.ca
	} else if req, err := fakeca.ParseRequest(x.record.Raw); err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // without fakeca's prefix
		}
		if pathErr != nil {
			err = fmt.Errorf("the path is not base64: %w", pathErr)
		}
		return malformed(err), 0, nil
	} else {
		x.OCSP = req
		if len(req.List) > 0 {
			x.CA = x.responder.issuerOf(req.List[0].CertID)
		}
	}
	x.record.readable = true
	if x.OCSP.ExplicitVersion {
		x.record.addIrregularity("version v1 is spelled out, which DER leaves out")
	}
	return nil, 0, nil
}

// decodeGET returns the request in the path, or the path itself and an error.
func (x *exchange) decodeGET() ([]byte, error) {
	path := x.R.URL.EscapedPath()
	der, irregularities, err := decodePath(path)
	if err == nil {
		x.record.Irregularities = irregularities
	}
	if x.R.URL.RawQuery != "" && !x.Redirected() {
		x.record.addIrregularity("a query")
	}
	if err != nil {
		return []byte(path), err
	}
	return der, nil
}

func (x *exchange) decodePOST() []byte {
	if got := x.R.Header.Get("Content-Type"); got != contentTypeRequest {
		x.record.addIrregularity("Content-Type %q", got)
	}
	body, err := readBody(x.R)
	if err != nil {
		x.record.addIrregularity("the body ends early: %v", err)
	}
	return body
}

// readBody reads a body to its end, or one byte further than allowed.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil { // made by a test
		return nil, nil
	}
	if n := r.ContentLength; 0 < n && n <= maxRequest {
		body := make([]byte, n)
		read, err := io.ReadFull(r.Body, body)
		return body[:read], err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
}

// decodePath returns the request in the path of a GET: the base64 of the DER,
// escaped for a URL (RFC 6960 appendix A.1). path is as it was sent. Deviations
// are tolerated and listed.
//
// No http.ServeMux may come before it: for a "//" in the base64, a ServeMux
// redirects.
func decodePath(path string) (der []byte, irregularities []string, err error) {
	irregular := func(format string, args ...any) {
		irregularities = append(irregularities, fmt.Sprintf(format, args...))
	}
	text := strings.TrimPrefix(path, "/")
	for _, c := range []string{"/", "+", "="} {
		if strings.Contains(strings.TrimLeft(text, "/"), c) {
			irregular("unescaped %q in the path", c)
		}
	}
	if text, err = url.PathUnescape(text); err != nil {
		return nil, irregularities, err
	}
	if strings.HasPrefix(text, "/") { // the base64 of DER never does
		irregular("extra slashes before the request")
		text = strings.TrimLeft(text, "/")
	}
	if strings.ContainsAny(text, "\r\n") {
		irregular("line breaks in base64")
		text = strings.NewReplacer("\r", "", "\n", "").Replace(text)
	}
	if strings.Contains(text, " ") {
		irregular(`space instead of "+"`)
		text = strings.ReplaceAll(text, " ", "+")
	}
	if strings.ContainsAny(text, "-_") {
		irregular("base64 with the URL alphabet")
		text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	}
	if bare := strings.TrimRight(text, "="); len(text)%4 != 0 {
		irregular("base64 without padding")
		text = bare + strings.Repeat("=", (4-len(bare)%4)%4)
	}
	if der, err = base64.StdEncoding.Strict().DecodeString(text); err != nil {
		if der, err = base64.StdEncoding.DecodeString(text); err == nil {
			irregular("unused bits in base64 that are not zero")
		}
	}
	return der, irregularities, err
}
