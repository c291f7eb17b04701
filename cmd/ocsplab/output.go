package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A description is what `ocsplab serve` prints. As JSON it is for scripts.
type description struct {
	Root    string        `json:"root"` // path of root.pem
	Servers []servedEntry `json:"servers"`

	usual fakeca.Response // revoked, for its times
}

// A servedEntry is a server in the description.
type servedEntry struct {
	Name       string           `json:"name"`
	URL        string           `json:"url"`
	MustStaple bool             `json:"must_staple"`
	OCSP       *fakeca.Response `json:"ocsp"`            // null: nothing is stapled
	Error      string           `json:"error,omitempty"` // of a failed responder, as in RFC 6960 but in snake case

	staples string
}

// describe says what the servers staple, as a client would read it.
func (l *lab) describe(root string) description {
	d := description{Root: root, usual: usual(fakeca.Response{Status: fakeca.Revoked}, l.now)}
	for _, s := range l.servers {
		d.Servers = append(d.Servers, s.describe(s.url(), l.now))
	}
	return d
}

func (s scenario) describe(url string, now time.Time) servedEntry {
	e := servedEntry{Name: s.name, URL: url, MustStaple: s.mustStaple, staples: s.String()}
	if !s.noStaple {
		e.OCSP = new(usual(s.response, now))
	}
	if s.response.Status == fakeca.ServerFailed {
		e.OCSP = &fakeca.Response{Status: fakeca.ServerFailed, Error: s.response.Error}
		e.Error = strings.ReplaceAll(s.name, "-", "_")
	}
	return e
}

func printJSON(w io.Writer, d description) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// printTable writes all at once, so that a reader sees all or nothing.
func printTable(w io.Writer, d description) error {
	var b bytes.Buffer
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tURL\tSTAPLES")
	for _, s := range d.Servers {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Name, s.URL, s.staples)
	}
	tw.Flush()

	utc := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	fmt.Fprintf(&b, "\nRoot: %s\nTimes, where none are given: producedAt and thisUpdate %s,\nnextUpdate %s, revokedAt %s\n",
		d.Root, utc(d.usual.ThisUpdate), utc(d.usual.NextUpdate), utc(d.usual.RevokedAt))

	i := slices.IndexFunc(d.Servers, func(s servedEntry) bool { return s.Name == "revoked-key-compromise" })
	fmt.Fprintf(&b, "\nTo try one, here %s, with curl, openssl or k6:\n\n", d.Servers[i].Name)
	for _, line := range tryLines(d.Servers[i].URL, d.Root) {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	b.WriteString("\ncurl accepts good and must-staple, and ends with exit code 91 at all others.\nCtrl-C ends the servers.\n")
	_, err := w.Write(b.Bytes())
	return err
}

// tryLines are commands for a shell that show what a server staples.
func tryLines(url, root string) []string {
	root = shellQuote(root)
	return []string{
		fmt.Sprintf("curl -sS --cert-status --cacert %s %s", root, url),
		fmt.Sprintf("openssl s_client -status -connect %s -servername localhost -CAfile %s </dev/null", strings.TrimPrefix(url, "https://"), root),
		fmt.Sprintf(`echo 'import http from "k6/http"; export default () => console.log(http.get("%s").ocsp)' | SSL_CERT_FILE=%s k6 run -q --no-usage-report --summary-mode=disabled -`, url, root),
	}
}

// shellQuote quotes s if a shell would not take it as it is.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+:@", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
