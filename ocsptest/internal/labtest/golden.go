// Package labtest holds what the tests of ocsptest and its sub-packages share.
package labtest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is set by -update: golden files are rewritten.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Golden compares a text with testdata/name, which -update rewrites.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	GoldenFile(t, filepath.Join("testdata", name), got)
}

// GoldenFile compares a text with a file, which -update rewrites.
func GoldenFile(t testing.TB, file, got string) {
	t.Helper()
	if *Update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if the new text is right, rewrite it with -update:\n%s", file, diff)
	}
}
