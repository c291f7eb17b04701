package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryNameIsShown fails for an exported name that no Example of its
// package and no file under examples/ uses: show it, or take it out.
//
// A method counts as used where any selector has its name. Methods that are
// called through an interface of the standard library (String and its like)
// are shown by what calls them, and are not asked for.
func TestEveryNameIsShown(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"fakeca", "ocsptest", "matchers"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join("../..", pkg)
			exported := exportedNames(t, dir)
			if len(exported) == 0 {
				t.Fatalf("%s exports nothing", dir)
			}
			used := make(map[string]bool)
			for _, file := range goFiles(t, dir, false) {
				if strings.HasSuffix(file, "_test.go") {
					usesInExamples(parse(t, file), pkg, used)
				}
			}
			for _, file := range goFiles(t, "../../examples", true) {
				addUses(parse(t, file), pkg, used)
			}
			for _, name := range slices.Sorted(maps.Keys(exported)) {
				if !used[exported[name]] {
					t.Errorf("%s.%s is in no Example and in no file under examples/", pkg, name)
				}
			}
		})
	}
}

// calledByOthers are the methods that fmt, encoding/json, errors and gomega
// call.
var calledByOthers = map[string]bool{
	"String": true, "Error": true, "Unwrap": true, "Is": true, "GoString": true, "Format": true, "GomegaString": true,
	"MarshalText": true, "UnmarshalText": true, "MarshalJSON": true, "UnmarshalJSON": true,
}

// exportedNames maps the names that dir exports, as go doc writes them, to what
// a use of each looks like: "New", or ".Method".
func exportedNames(t *testing.T, dir string) map[string]string {
	t.Helper()
	names := make(map[string]string)
	for _, path := range goFiles(t, dir, false) {
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
					names[name] = name
				} else if receiver := receiverName(d); ast.IsExported(receiver) && !calledByOthers[name] {
					names[receiver+"."+name] = "." + name
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() {
							names[s.Name.Name] = s.Name.Name
						}
					case *ast.ValueSpec:
						for _, n := range s.Names {
							if n.IsExported() {
								names[n.Name] = n.Name
							}
						}
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

// usesInExamples adds what the Example functions of a file use.
func usesInExamples(file *ast.File, pkg string, used map[string]bool) {
	imported := &ast.File{Name: file.Name, Imports: file.Imports}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok && d.Recv == nil && strings.HasPrefix(d.Name.Name, "Example") {
			imported.Decls = append(imported.Decls, d)
		}
	}
	addUses(imported, pkg, used)
}

// addUses adds the names of pkg that a file uses: "Name" for pkg.Name, or for
// Name alone where the file imports pkg with a dot; ".Name" for the Name of
// anything.
func addUses(file *ast.File, pkg string, used map[string]bool) {
	local, imported := "", false
	for _, i := range file.Imports {
		if i.Path.Value == `"`+module+"/"+pkg+`"` {
			local, imported = pkg, true
			if i.Name != nil {
				local = i.Name.Name
			}
		}
	}
	if !imported && file.Name.Name != pkg {
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
			if local == "." || file.Name.Name == pkg {
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

// goFiles returns the Go files of a folder, and of those below it if deep.
func goFiles(t *testing.T, dir string, deep bool) []string {
	t.Helper()
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
