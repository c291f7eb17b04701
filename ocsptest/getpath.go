package ocsptest

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// decodePath returns the request in the path of a GET: the base64 of the DER,
// escaped for a URL (RFC 6960 appendix A.1). path is as it was sent. What is
// sloppy is understood and listed.
//
// There is no http.ServeMux on the way here. It would collapse the "//" that
// base64 has now and then, and redirect.
func decodePath(path string) (der []byte, irregularities []string, err error) {
	sloppy := func(format string, args ...any) {
		irregularities = append(irregularities, fmt.Sprintf(format, args...))
	}
	text := strings.TrimPrefix(path, "/")
	for _, c := range []string{"/", "+", "="} {
		if strings.Contains(strings.TrimLeft(text, "/"), c) {
			sloppy("unescaped %q in the path", c)
		}
	}
	if text, err = url.PathUnescape(text); err != nil {
		return nil, irregularities, err
	}
	if strings.HasPrefix(text, "/") { // no DER begins so in base64
		sloppy("a slash too many before the request")
		text = strings.TrimLeft(text, "/")
	}
	if strings.ContainsAny(text, "\r\n") {
		sloppy("line breaks in base64")
		text = strings.NewReplacer("\r", "", "\n", "").Replace(text)
	}
	if strings.Contains(text, " ") {
		sloppy(`space in place of "+"`)
		text = strings.ReplaceAll(text, " ", "+")
	}
	if strings.ContainsAny(text, "-_") {
		sloppy("the URL alphabet of base64")
		text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	}
	if bare := strings.TrimRight(text, "="); len(text)%4 != 0 {
		sloppy("padding of base64 left out")
		text = bare + strings.Repeat("=", (4-len(bare)%4)%4)
	}
	if der, err = base64.StdEncoding.Strict().DecodeString(text); err != nil {
		if der, err = base64.StdEncoding.DecodeString(text); err == nil {
			sloppy("bits left over in base64")
		}
	}
	return der, irregularities, err
}
