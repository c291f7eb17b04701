package house_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ocsplab/ocsplab"

// goList runs go list in the module's root and returns the lines of its output.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := err.(*exec.ExitError); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// A user of fakeca or ocsptest gets nothing else into go.sum.
func TestDependencies(t *testing.T) {
	t.Parallel()
	fakeca, ocsptest := module+"/fakeca", module+"/ocsptest"
	tests := []struct {
		name    string
		pkg     string
		test    bool
		allowed []string // modules, and packages of this one
	}{
		{"fakeca", fakeca, false, []string{fakeca, "golang.org/x/crypto"}},
		{"fakeca and its tests", fakeca, true, []string{fakeca, "golang.org/x/crypto", "github.com/google/go-cmp"}},
		{"ocsptest", ocsptest, false, []string{ocsptest, ocsptest + "/fault", ocsptest + "/internal/labtest", fakeca, "golang.org/x/crypto"}},
		{"ocsptest and its tests", ocsptest, true, []string{ocsptest, ocsptest + "/fault", ocsptest + "/internal/labtest", fakeca, "golang.org/x/crypto", "github.com/google/go-cmp"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const format = "{{if not .Standard}}{{with .Module}}{{.Path}}{{end}}={{.ImportPath}}{{end}}"
			var found []string
			for _, line := range goList(t, "-deps", fmt.Sprintf("-test=%v", tt.test), "-f", format, tt.pkg) {
				name, pkg, _ := strings.Cut(line, "=")
				if name == module {
					// A package, its tests and the program that runs them are one here.
					pkg, _, _ = strings.Cut(pkg, " [")
					name = strings.TrimSuffix(strings.TrimSuffix(pkg, ".test"), "_test")
				}
				if !slices.Contains(found, name) {
					found = append(found, name)
				}
			}
			if !slices.Contains(found, tt.pkg) {
				t.Fatalf("go list does not name the package itself: %q", found)
			}
			for _, pkg := range found {
				if !slices.Contains(tt.allowed, pkg) {
					t.Errorf("%s depends on %s; it may depend on the standard library and %s", tt.name, pkg, strings.Join(tt.allowed, ", "))
				}
			}
		})
	}
}

// Imports run one way, and the CA needs no network, files or testing.
func TestImports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		pkg    string
		banned []string
	}{
		{"fakeca", module + "/fakeca", []string{"testing", "net/http", "net/http/httptest", "os", "os/exec", "io/ioutil", "log", "flag", module}},
		{"ocsptest", module + "/ocsptest", []string{"flag", module + "/matchers", module + "/cmd"}},
		{"matchers", module + "/matchers", []string{"testing", "github.com/onsi/ginkgo", module + "/cmd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			imports := goList(t, "-f", `{{join .Imports "\n"}}`, tt.pkg)
			if len(imports) == 0 {
				t.Fatal("go list names no imports")
			}
			for _, i := range imports {
				for _, b := range tt.banned {
					if i == b || strings.HasPrefix(i, b+"/") && strings.Contains(b, ".") {
						t.Errorf("%s imports %s", tt.pkg, i)
					}
				}
			}
		})
	}
}
