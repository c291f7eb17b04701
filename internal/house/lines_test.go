package house_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLinesAreShort shows that no line of a Go file has more than 140
// characters.
func TestLinesAreShort(t *testing.T) {
	t.Parallel()
	const most = 140
	files := goFiles(t, ".", true)
	if len(files) == 0 {
		t.Fatal("no Go files")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range strings.Lines(string(data)) {
			number++
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > most {
				t.Errorf("%s:%d: %d characters, want at most %d", name, number, n, most)
			}
		}
	}
}
