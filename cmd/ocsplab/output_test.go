package main

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// written returns the output for servers that do not exist.
func written(t *testing.T, write func(io.Writer, description) error) string {
	t.Helper()
	now := time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC)
	d := description{Root: "/home/me/it's here/root.pem", usual: usual(fakeca.Response{Status: fakeca.Revoked}, now)}
	for i, s := range scenarios(now) {
		d.Servers = append(d.Servers, s.describe(fmt.Sprintf("https://localhost:%d", 8440+i), now))
	}
	var b bytes.Buffer
	if err := write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTable(t *testing.T) {
	t.Parallel()
	golden(t, "serve.txt", written(t, writeTable))
}

func TestJSON(t *testing.T) {
	t.Parallel()
	golden(t, "serve.json", written(t, writeJSON))
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{name: "plain", in: "/var/ocsplab-12/root.pem", want: "/var/ocsplab-12/root.pem"},
		{name: "empty", in: "", want: "''"},
		{name: "space", in: "a b", want: "'a b'"},
		{name: "special within plain", in: "a$b", want: "'a$b'"},
		{name: "quote", in: "it's", want: `'it'\''s'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := shellQuote(test.in); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
