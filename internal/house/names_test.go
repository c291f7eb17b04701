package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The packages that users import.
var packages = []string{"fakeca", "ocsptest", "ocsptest/fault", "ocsptest/verify", "ocsptest/conformance", "matchers"}

// TestEveryNameIsShown fails for an exported name that no Example function and
// no file in examples/ uses. Such a name needs an example, or nobody needs it.
//
// Of the constants of a type that are declared together, one is enough. A method
// counts as used if any selector has its name. Methods that other packages call
// through an interface, such as String, need no example.
func TestEveryNameIsShown(t *testing.T) {
	t.Parallel()
	for _, pkg := range packages {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			exported := exportedNames(t, pkg)
			if len(exported) == 0 {
				t.Fatalf("%s exports nothing", pkg)
			}
			used := make(map[string]bool)
			for _, other := range packages {
				for _, file := range goFiles(t, other, false) {
					if strings.HasSuffix(file, "_test.go") {
						usesInExamples(parse(t, file), pkg, used)
					}
				}
			}
			for _, file := range goFiles(t, "examples", true) {
				addUses(parse(t, file), pkg, used)
			}
			for _, name := range slices.Sorted(maps.Keys(exported)) {
				if !slices.ContainsFunc(exported[name], func(use string) bool { return used[use] }) {
					t.Errorf("no Example and no file in examples/ uses %s.%s", path.Base(pkg), name)
				}
			}
		})
	}
}

// calledByOthers has the methods that fmt, encoding/json, errors, net/http and
// Gomega call.
var calledByOthers = map[string]bool{
	"String": true, "Error": true, "Unwrap": true, "Is": true, "GoString": true, "Format": true, "GomegaString": true,
	"MarshalText": true, "UnmarshalText": true, "MarshalJSON": true, "UnmarshalJSON": true, "ServeHTTP": true,
}

// exportedNames maps the exported names of a package, as go doc writes them, to
// what their use looks like: "New", or ".Method".
func exportedNames(t *testing.T, pkg string) map[string][]string {
	t.Helper()
	names := make(map[string][]string)
	for _, path := range goFiles(t, pkg, false) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, decl := range parse(t, path).Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if !d.Name.IsExported() {
					continue
				}
				if d.Recv == nil {
					names[name] = []string{name}
				} else if receiver := receiverName(d); ast.IsExported(receiver) && !calledByOthers[name] {
					names[receiver+"."+name] = []string{"." + name}
				}
			case *ast.GenDecl:
				var values []string
				typed := d.Tok == token.CONST
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							names[s.Name.Name] = []string{s.Name.Name}
						}
					case *ast.ValueSpec:
						typed = typed && (s.Type != nil || s.Values == nil)
						for _, n := range s.Names {
							if n.IsExported() {
								values = append(values, n.Name)
							}
						}
					}
				}
				for _, name := range values {
					names[name] = []string{name}
					if typed {
						names[name] = values
					}
				}
			}
		}
	}
	return names
}

func receiverName(d *ast.FuncDecl) string {
	expr := d.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if index, ok := expr.(*ast.IndexExpr); ok {
		expr = index.X
	}
	if id, ok := expr.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// usesInExamples adds what the Example functions of a file use of pkg.
func usesInExamples(file *ast.File, pkg string, used map[string]bool) {
	examples := &ast.File{Name: file.Name, Imports: file.Imports}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && strings.HasPrefix(d.Name.Name, "Example") {
			examples.Decls = append(examples.Decls, d)
		}
	}
	addUses(examples, pkg, used)
}

// addUses adds what a file uses of pkg: "Name" for pkg.Name, or for Name if the
// file imports pkg with a dot, and ".Name" for any selector Name.
func addUses(file *ast.File, pkg string, used map[string]bool) {
	local := ""
	for _, i := range file.Imports {
		if i.Path.Value == `"`+module+"/"+pkg+`"` {
			local = path.Base(pkg)
			if i.Name != nil {
				local = i.Name.Name
			}
		}
	}
	inside := file.Name.Name == path.Base(pkg)
	if local == "" && !inside {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			used["."+n.Sel.Name] = true
			if x, ok := n.X.(*ast.Ident); ok && x.Name == local {
				used[n.Sel.Name] = true
			}
		case *ast.Ident:
			if local == "." || inside {
				used[n.Name] = true
			}
		}
		return true
	})
}

func parse(t *testing.T, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// goFiles returns the Go files in a folder of the module, and with deep also
// those in the folders below.
func goFiles(t *testing.T, dir string, deep bool) []string {
	t.Helper()
	dir = filepath.Join(root, dir)
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != dir && !deep:
			return fs.SkipDir
		case strings.HasSuffix(path, ".go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
