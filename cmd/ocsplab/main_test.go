package main

import (
	"bytes"
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update to accept):\n%s", path, diff)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		args   []string
		golden string
	}{
		{name: "nothing", args: []string{}, golden: "help.txt"}, // cobra reads os.Args for nil
		{name: "help", args: []string{"--help"}, golden: "help.txt"},
		{name: "serve", args: []string{"serve", "--help"}, golden: "help_serve.txt"},
		{name: "help serve", args: []string{"help", "serve"}, golden: "help_serve.txt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
				t.Errorf("exit code %d, stderr %q", code, &stderr)
			}
			golden(t, test.golden, stdout.String())
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "root.pem"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(full, "root.pem")
	missing := filepath.Join(full, "missing")
	openError := func(dir string) string { // in the system's words
		_, err := os.OpenFile(filepath.Join(dir, "root.pem"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			t.Fatalf("%s is a folder", dir)
		}
		return err.Error()
	}
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{
			name: "unknown command", args: []string{"sevre"}, code: 2,
			want: `unknown command "sevre" for "ocsplab"; see ocsplab --help`,
		},
		{
			name: "completion is off", args: []string{"completion", "bash"}, code: 2,
			want: `unknown command "completion" for "ocsplab"; see ocsplab --help`,
		},
		{
			name: "unknown flag", args: []string{"serve", "--ports", "1"}, code: 2,
			want: "unknown flag: --ports; see ocsplab serve --help",
		},
		{
			name: "argument", args: []string{"serve", "good"}, code: 2,
			want: `unknown command "good" for "ocsplab serve"; see ocsplab serve --help`,
		},
		{
			name: "port negative", args: []string{"serve", "--port=-1"}, code: 2,
			want: "--port -1: must be from 1 to 65514, because 22 servers take consecutive ports; see ocsplab serve --help",
		},
		{
			name: "port too high", args: []string{"serve", "--port=65515"}, code: 2,
			want: "--port 65515: must be from 1 to 65514, because 22 servers take consecutive ports; see ocsplab serve --help",
		},
		{
			name: "no folder", args: []string{"serve", "--dir", missing}, code: 1,
			want: openError(missing) + "; --dir must name an existing, writable folder",
		},
		{
			name: "a file instead of a folder", args: []string{"serve", "--dir", file}, code: 1,
			want: openError(file) + "; --dir must name an existing, writable folder",
		},
		{
			name: "root.pem exists", args: []string{"serve", "--dir", full}, code: 1,
			want: file + " already exists; remove it if an earlier run left it, or choose another --dir",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if diff := cmp.Diff("ocsplab: "+test.want+"\n", stderr.String()); diff != "" || stdout.Len() > 0 {
				t.Errorf("stderr (-want +got):\n%s\nstdout %q", diff, &stdout)
			}
		})
	}
	t.Cleanup(func() {
		if mine, err := os.ReadFile(file); string(mine) != "mine" {
			t.Errorf("the root.pem that was there is now %q, %v", mine, err)
		}
	})
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// A port that the servers need, but not the first.
	port := min(l.Addr().(*net.TCPAddr).Port-2, 65514)
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"serve", "--dir", dir, "--port", strconv.Itoa(port)}, &stdout, &stderr)
	text := stderr.String()
	if code != 1 || !strings.HasPrefix(text, "ocsplab: cannot listen: ") ||
		!strings.HasSuffix(text, "; choose another --port, or leave it out\n") ||
		strings.Count(text, "\n") != 1 || stdout.Len() > 0 {
		t.Errorf("exit code %d, stderr %q, stdout %q", code, text, &stdout)
	}
	wantEmpty(t, dir)
}

// If the output cannot be written, root.pem goes.
func TestCannotPrint(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"--json", "--json=false"} {
		t.Run(arg, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			r.Close()
			dir := t.TempDir()
			var stderr bytes.Buffer
			code := run(context.Background(), []string{"serve", "--dir", dir, arg}, w, &stderr)
			if text := stderr.String(); code != 1 || !strings.HasPrefix(text, "ocsplab: cannot print the servers: ") {
				t.Errorf("exit code %d, stderr %q", code, text)
			}
			wantEmpty(t, dir)
		})
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
