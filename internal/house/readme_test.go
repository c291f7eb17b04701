package house_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the module.
const root = "../.."

// TestReadmeBlocksAreRun shows that the Go code in the README is compiled and
// run: each block is part of a test file, except for its indentation.
func TestReadmeBlocksAreRun(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	var sources []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, "_test.go") {
			var data []byte
			if data, err = os.ReadFile(path); err == nil {
				sources = append(sources, flat(string(data)))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	blocks := blocks(readme, "go")
	if len(blocks) < 3 {
		t.Errorf("the README has %d blocks of Go, want at least 3", len(blocks))
	}
blocks:
	for _, block := range blocks {
		for _, source := range sources {
			if strings.Contains(source, flat(block)) {
				continue blocks
			}
		}
		t.Errorf("this block of the README is in no test file:\n%s", block)
	}
}

// TestReadmeShowsRealFailures shows that the failure texts in the README are in
// golden files.
func TestReadmeShowsRealFailures(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, pkg := range packages {
		golden, err := filepath.Glob(filepath.Join(root, pkg, "testdata", "*.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range golden {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(data)
		}
	}
	texts := blocks(read(t, "README.md"), "text")
	if len(texts) == 0 {
		t.Error("the README shows no failure text")
	}
	for _, text := range texts {
		if !strings.Contains(all.String(), text) {
			t.Errorf("this text of the README is in no golden file:\n%s", text)
		}
	}
}

// TestReadmeIsShort shows that the README has at most 150 lines.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if n := strings.Count(read(t, "README.md"), "\n"); n > 150 {
		t.Errorf("the README has %d lines, more than 150", n)
	}
}

// TestReadmeCommandIsRun shows that .ci/run runs the test command of the README.
func TestReadmeCommandIsRun(t *testing.T) {
	t.Parallel()
	const command = "\ngo test ./...\n"
	for _, file := range []string{"README.md", ".ci/run"} {
		if !strings.Contains(read(t, file), command) {
			t.Errorf("%s does not have the line %q", file, strings.TrimSpace(command))
		}
	}
}

// TestReadmeCounts compares the numbers in the README with CASES.md and
// mutants.txt.
func TestReadmeCounts(t *testing.T) {
	t.Parallel()
	readme, page := read(t, "README.md"), read(t, "ocsptest/conformance/CASES.md")
	mutants := read(t, "ocsptest/conformance/testdata/mutants.txt")
	total := regexp.MustCompile(`\d+ servers`).FindString(page)
	if total == "" {
		t.Fatal("CASES.md does not say how many servers there are")
	}
	if !strings.Contains(readme, total) {
		t.Errorf("the README does not have %q", total)
	}
	_, rest, _ := strings.Cut(mutants, "\nbare ocsp.ParseResponseForCert, under sources=staple+ocsp:\n")
	failed := 0
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "\t") {
			break
		}
		failed++
	}
	if want := fmt.Sprintf("gets %d wrong", failed); !strings.Contains(readme, want) {
		t.Errorf("the README does not have %q about ocsp.ParseResponseForCert", want)
	}
}

// TestLinks checks that what Markdown files link to is there.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, file := range []string{
		"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
		"doc/design.md", "testdata/README.md", "examples/k6/README.md",
	} {
		for _, m := range link.FindAllStringSubmatch(read(t, file), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks returns the fenced blocks in a language.
func blocks(markdown, language string) []string {
	var out []string
	for _, part := range strings.Split(markdown, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "\n```\n")
		out = append(out, block+"\n")
	}
	return out
}

// flat removes indentation, and the spaces with which gofmt aligns comments.
func flat(code string) string {
	var out strings.Builder
	for line := range strings.Lines(code) {
		out.WriteString(strings.Join(strings.Fields(line), " "))
		out.WriteByte('\n')
	}
	return out.String()
}
