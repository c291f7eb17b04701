package ocsptest_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// A getForm is a way to write a request, in base64, into the target of a GET.
type getForm struct {
	name           string
	target         func(text string) string
	irregularities []string // not checked for allAtOnce
}

const allAtOnce = "nearly all at once"

var getForms = []getForm{
	{"escaped", func(s string) string { return "/" + escape(s, "+/=") }, nil},
	{"escaped in lower case", func(s string) string {
		return "/" + strings.NewReplacer("+", "%2b", "/", "%2f", "=", "%3d").Replace(s)
	}, nil},
	{"escaped without need", func(s string) string { return "/" + escape(s, "+/=MAu9") }, nil},
	{"raw", func(s string) string { return "/" + s }, []string{
		`unescaped "/" in the path`, `unescaped "+" in the path`, `unescaped "=" in the path`,
	}},
	{"raw slashes", func(s string) string { return "/" + escape(s, "+=") }, []string{`unescaped "/" in the path`}},
	{"raw plus", func(s string) string { return "/" + escape(s, "/=") }, []string{`unescaped "+" in the path`}},
	{"raw equals", func(s string) string { return "/" + escape(s, "+/") }, []string{`unescaped "=" in the path`}},
	{"a slash too many", func(s string) string { return "//" + escape(s, "+/=") }, []string{"extra slashes before the request"}},
	{"three slashes too many", func(s string) string { return "////" + escape(s, "+/=") }, []string{"extra slashes before the request"}},
	{"an escaped slash too many", func(s string) string { return "/%2F" + escape(s, "+/=") }, []string{"extra slashes before the request"}},
	{"unpadded", func(s string) string { return "/" + escape(strings.TrimRight(s, "="), "+/") }, []string{"base64 without padding"}},
	{"URL alphabet", func(s string) string { return "/" + escape(urlAlphabet(s), "=") }, []string{"base64 with the URL alphabet"}},
	{"URL alphabet, unpadded", func(s string) string { return "/" + strings.TrimRight(urlAlphabet(s), "=") }, []string{
		"base64 with the URL alphabet", "base64 without padding",
	}},
	{"space for plus", func(s string) string {
		return "/" + strings.ReplaceAll(escape(s, "/="), "+", "%20")
	}, []string{`space instead of "+"`}},
	{"line breaks", func(s string) string { return "/" + escape(s[:64]+"\n"+s[64:], "+/=\n") }, []string{"line breaks in base64"}},
	{"line breaks of DOS", func(s string) string {
		return "/" + escape(s[:64]+"\r\n"+s[64:]+"\r\n", "+/=\r\n")
	}, []string{"line breaks in base64"}},
	{"bits left over", func(s string) string { return "/" + escape(leftOver(s), "+/=") }, []string{"unused bits in base64 that are not zero"}},
	{"a query", func(s string) string { return "/" + escape(s, "+/=") + "?nocache=1" }, []string{"a query"}},
	{allAtOnce, func(s string) string {
		s = strings.TrimRight(strings.Replace(s, "+", " ", 1), "=")
		return "///" + escape(s[:64]+"\n"+s[64:], " \n") + "?q"
	}, nil},
}

// escape escapes these characters in s.
func escape(s, which string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if strings.IndexByte(which, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func urlAlphabet(s string) string { return strings.NewReplacer("+", "-", "/", "_").Replace(s) }

// leftOver sets an unused bit of the last character before the padding.
func leftOver(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := len(strings.TrimRight(s, "=")) - 1
	return s[:last] + alphabet[strings.IndexByte(alphabet, s[last])|1:][:1] + s[last+1:]
}

// overWire sends a GET with this target, unchanged.
func overWire(t *testing.T, r *ocsptest.Responder, target string) labtest.Reply {
	t.Helper()
	c, err := r.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: responder.test\r\nConnection: close\r\n\r\n", target)
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return labtest.Reply{Code: resp.StatusCode, Header: resp.Header, Body: body}
}

func TestGETIsReadInAllForms(t *testing.T) {
	t.Parallel()
	ca := fakeca.New(labtest.NewClock().Option())
	der := labtest.Awkward(ca)
	text := base64.StdEncoding.EncodeToString(der)
	reaches := []struct {
		name string
		get  func(t *testing.T, r *ocsptest.Responder, target string) labtest.Reply
	}{
		{"over the wire", overWire},
		{"in process", func(_ *testing.T, r *ocsptest.Responder, target string) labtest.Reply {
			return labtest.InProcess(r, httptest.NewRequest(http.MethodGet, target, nil))
		}},
	}
	for _, form := range getForms {
		for _, reach := range reaches {
			t.Run(form.name+" "+reach.name, func(t *testing.T) {
				t.Parallel()
				lax, strict := ocsptest.NewResponder(t, ca), ocsptest.NewResponder(t, ca, ocsptest.WithStrict())
				target := form.target(text)
				got := reach.get(t, lax, target)
				if want := labtest.InProcess(lax, labtest.PostRequest(der)).Body; got.Code != 200 || string(got.Body) != string(want) {
					t.Errorf("%d, says %s, want %s as by POST", got.Code, labtest.Said(got.Body), labtest.Said(want))
				}
				record := lax.Requests()[0]
				if string(record.Raw) != string(der) || record.OCSP == nil || record.Path != target {
					t.Errorf("recorded %+v", record)
				}
				if form.name != allAtOnce {
					if diff := cmp.Diff(form.irregularities, record.Irregularities); diff != "" {
						t.Errorf("irregularities (-want +got):\n%s", diff)
					}
				}

				got = reach.get(t, strict, target)
				if len(record.Irregularities) == 0 {
					if got.Code != 200 || labtest.Said(got.Body) != "unknown "+fmt.Sprintf("%x", record.OCSP.List[0].CertID.SerialNumber) {
						t.Errorf("strict: %d, %s", got.Code, labtest.Said(got.Body))
					}
					return
				}
				want := strings.Join(record.Irregularities, "\n") + "\n"
				if got.Code != 400 || string(got.Body) != want || got.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("strict: %d, %q, %v, want %q", got.Code, got.Body, got.Header, want)
				}
			})
		}
	}
}

// A GET of anything but a request in base64 gets malformedRequest, and is recorded.
func TestGETOfSomethingElse(t *testing.T) {
	t.Parallel()
	r := ocsptest.NewResponder(t, fakeca.New())
	for i, target := range []string{
		"/", "/favicon.ico", "/MF*", "/M", "/MFM=====", "/%FF%00",
		"/crl", "/crl/", "/crl/1", "/crl/-1", "/crl/x", "/issuer/7", "/other/0",
	} {
		got := overWire(t, r, target)
		if got.Code != 200 || labtest.Status(got.Body) != "server_failed (malformed)" {
			t.Errorf("%s: %d, %s", target, got.Code, labtest.Status(got.Body))
		}
		if records := r.Requests(); len(records) != i+1 || records[i].OCSP != nil || records[i].Path != target {
			t.Errorf("%s: recorded %v", target, records[i])
		}
	}
}
