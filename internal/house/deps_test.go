package house_test

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ocsplab/ocsplab"

// goList runs go list in the root of the module, and returns the lines that it
// prints.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var stderr []byte
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			stderr = exit.Stderr
		}
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestModules shows that users of fakeca and ocsptest get no other module than
// x/crypto into go.sum, and that our tests need only go-cmp beside it.
func TestModules(t *testing.T) {
	t.Parallel()
	var own []string
	for _, pkg := range packages {
		if pkg != "matchers" {
			own = append(own, "./"+pkg)
		}
	}
	for _, tt := range []struct {
		name    string
		list    []string
		allowed []string
	}{
		{"packages", own, []string{module, "golang.org/x/crypto"}},
		{"packages and tests", append([]string{"-test"}, own...), []string{module, "golang.org/x/crypto", "github.com/google/go-cmp"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const format = "{{if not .Standard}}{{.Module.Path}}{{end}}"
			found := goList(t, append([]string{"-deps", "-f", format}, tt.list...)...)
			if !slices.Contains(found, module) {
				t.Fatalf("go list does not name the module itself: %q", found)
			}
			slices.Sort(found)
			for _, name := range slices.Compact(found) {
				if name != "" && !slices.Contains(tt.allowed, name) {
					t.Errorf("fakeca or ocsptest depends on %s; want only the standard library and %s", name, strings.Join(tt.allowed[1:], ", "))
				}
			}
		})
	}
}

// TestTesting shows that a program that serves does not link package testing,
// which adds flags to it.
func TestTesting(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"fakeca", "ocsptest", "ocsptest/fault", "ocsptest/verify", "cmd/ocsplab"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			deps := goList(t, "-deps", "./"+pkg)
			if !slices.Contains(deps, module+"/"+pkg) {
				t.Fatalf("go list does not name the package itself: %q", deps)
			}
			if slices.Contains(deps, "testing") {
				t.Errorf("%s links testing", pkg)
			}
		})
	}
}

// A layer says what a package may import.
type layer struct {
	pkg    string   // the path in the module
	may    []string // packages of the module
	banned []string // packages of the standard library
}

// layers has all packages except those in the folders of top, which may import
// everything. Only tests may import labtest.
var layers = []layer{
	{"fakeca", nil, []string{"testing", "net/http", "os", "os/exec", "io/ioutil", "log", "flag"}},
	{"ocsptest/fault", []string{"fakeca"}, []string{"testing", "os", "os/exec", "flag"}},
	{"ocsptest/verify", []string{"fakeca"}, []string{"testing", "os", "os/exec", "flag"}},
	{"ocsptest", []string{"fakeca", "ocsptest/fault"}, []string{"testing", "os/exec", "flag"}},
	{"ocsptest/conformance", []string{"fakeca", "ocsptest", "ocsptest/fault", "ocsptest/verify"}, []string{"os/exec", "flag"}},
	{"ocsptest/internal/labtest", []string{"fakeca", "ocsptest", "ocsptest/fault", "ocsptest/verify"}, nil},
	{"matchers", []string{"fakeca", "ocsptest", "ocsptest/verify"}, []string{"testing"}},
}

var top = []string{"cmd", "examples", "internal"}

// TestImports shows that imports run one way.
func TestImports(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, line := range goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...") {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module+"/")
		if folder, _, _ := strings.Cut(pkg, "/"); slices.Contains(top, folder) {
			continue
		}
		i := slices.IndexFunc(layers, func(l layer) bool { return l.pkg == pkg })
		if i < 0 {
			t.Errorf("%s is not in layers; say there what it may import", pkg)
			continue
		}
		l := layers[i]
		seen[l.pkg] = true
		for _, path := range fields[1:] {
			if own, ok := strings.CutPrefix(path, module+"/"); ok && !slices.Contains(l.may, own) {
				t.Errorf("%s imports %s; it may import %q", pkg, own, l.may)
			}
			if slices.Contains(l.banned, path) {
				t.Errorf("%s imports %s, which is banned there", pkg, path)
			}
		}
	}
	for _, l := range layers {
		if !seen[l.pkg] {
			t.Errorf("%s is in layers, but there is no such package", l.pkg)
		}
	}
}
