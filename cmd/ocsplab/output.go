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

// A description is what `ocsplab serve` prints.
type description struct {
	Root    string        `json:"root"` // path of root.pem
	Servers []servedEntry `json:"servers"`

	usual fakeca.Response // revoked, for the default times
}

// A servedEntry describes one server.
type servedEntry struct {
	Name       string           `json:"name"`
	URL        string           `json:"url"`
	MustStaple bool             `json:"must_staple"`
	OCSP       *fakeca.Response `json:"ocsp"`            // null without a staple
	Error      string           `json:"error,omitempty"` // the OCSP error, named as in RFC 6960 but in snake case

	staples string
}

// describe describes the staples as clients read them.
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

func writeJSON(w io.Writer, d description) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// writeTable makes a single write, so that a reader sees all or nothing.
func writeTable(w io.Writer, d description) error {
	var b bytes.Buffer
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tURL\tSTAPLES")
	for _, s := range d.Servers {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Name, s.URL, s.staples)
	}
	tw.Flush()

	utc := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	fmt.Fprintf(&b, "\nRoot: %s\nDefault times: producedAt and thisUpdate %s, nextUpdate %s,\nrevokedAt %s\n",
		d.Root, utc(d.usual.ThisUpdate), utc(d.usual.NextUpdate), utc(d.usual.RevokedAt))

	i := slices.IndexFunc(d.Servers, func(s servedEntry) bool { return s.Name == "revoked-key-compromise" })
	fmt.Fprintf(&b, "\nTo try one (here %s) with curl, openssl or k6:\n\n", d.Servers[i].Name)
	for _, line := range tryLines(d.Servers[i].URL, d.Root) {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	b.WriteString("\ncurl accepts good and must-staple, and refuses all others with exit code 91.\nCtrl-C stops the servers.\n")
	_, err := w.Write(b.Bytes())
	return err
}

// tryLines returns shell commands that show what a server staples.
func tryLines(url, root string) []string {
	root = shellQuote(root)
	const k6 = `echo 'import http from "k6/http"; export default () => console.log(http.get("%s").ocsp)' | ` +
		`SSL_CERT_FILE=%s k6 run -q --no-usage-report --summary-mode=disabled -`
	return []string{
		fmt.Sprintf("curl -sS --cert-status --cacert %s %s", root, url),
		fmt.Sprintf("openssl s_client -status -connect %s -servername localhost -CAfile %s </dev/null",
			strings.TrimPrefix(url, "https://"), root),
		fmt.Sprintf(k6, url, root),
	}
}

// shellQuote quotes s if a shell needs that.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+:@", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
