package house_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// TestAPI compares the public API with golden files, so that reviewers see each
// change of it: the lines of go doc -short, then methods and fields.
func TestAPI(t *testing.T) {
	t.Parallel()
	for _, pkg := range packages {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("go", "doc", "-short", "./"+pkg)
			cmd.Dir = root
			doc, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %v", cmd, err)
			}
			got := string(doc) + "\n" + strings.Join(members(t, pkg), "\n") + "\n"
			golden := filepath.Join("testdata", "api", strings.ReplaceAll(pkg, "/", "-")+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs; if the change is intended, run go test -update (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// members returns the exported methods and fields of the exported types of a
// package, sorted.
func members(t *testing.T, pkg string) []string {
	t.Helper()
	var all []string
	for _, path := range goFiles(t, pkg, false) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, decl := range parse(t, path).Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && d.Name.IsExported() && ast.IsExported(receiverName(d)) {
					all = append(all, oneLine(t, &ast.FuncDecl{Recv: d.Recv, Name: d.Name, Type: d.Type}))
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
						all = append(all, fields(t, s)...)
					}
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// fields returns the exported fields of a struct type, or the methods of an
// interface type.
func fields(t *testing.T, s *ast.TypeSpec) []string {
	t.Helper()
	var list []*ast.Field
	switch typ := s.Type.(type) {
	case *ast.StructType:
		list = typ.Fields.List
	case *ast.InterfaceType:
		list = typ.Methods.List
	}
	var all []string
	for _, f := range list {
		text := oneLine(t, f.Type)
		if len(f.Names) == 0 {
			all = append(all, s.Name.Name+" embeds "+text)
		}
		for _, name := range f.Names {
			if name.IsExported() {
				all = append(all, s.Name.Name+"."+name.Name+" "+text)
			}
		}
	}
	return all
}

func oneLine(t *testing.T, node ast.Node) string {
	t.Helper()
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
