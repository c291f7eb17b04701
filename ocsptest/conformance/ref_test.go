package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestRefText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, place, text string
		ref               Ref
	}{
		{"must", "RFC 6960 4.2.2.2", "RFC 6960 4.2.2.2 (must): a signs", Ref{"RFC 6960", "4.2.2.2", Must, "a signs"}},
		{"should", "X.690 8.3", "X.690 8.3 (should): b", Ref{"X.690", "8.3", Should, "b"}},
		{"may", "RFC 6960 A.1", "RFC 6960 A.1 (may): c", Ref{"RFC 6960", "A.1", May, "c"}},
		{"none", "RFC 6960 2.4", "RFC 6960 2.4 (no rule): d", Ref{"RFC 6960", "2.4", None, "d"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.ref.String(); got != tt.place {
				t.Errorf("String() = %q, want %q", got, tt.place)
			}
			if got := tt.ref.Text(); got != tt.text {
				t.Errorf("Text() = %q, want %q", got, tt.text)
			}
		})
	}
	if got := Level(4).String(); got != "Level(4)" {
		t.Errorf("Level(4) is %q", got)
	}
}

// What refs.go may cite.
var knownDocuments = map[string]string{
	"RFC 3986":              "URI",
	"RFC 4055":              "RSA in X.509",
	"RFC 5246":              "TLS 1.2",
	"RFC 5280":              "X.509 certificates and CRLs",
	"RFC 5754":              "SHA-2 in CMS",
	"RFC 5758":              "DSA and ECDSA in X.509",
	"RFC 6066":              "TLS extensions: status_request",
	"RFC 6151":              "MD5",
	"RFC 6585":              "additional HTTP status codes",
	"RFC 6960":              "OCSP",
	"RFC 6962":              "Certificate Transparency",
	"RFC 7633":              "TLS feature extension",
	"RFC 8446":              "TLS 1.3",
	"RFC 9110":              "HTTP semantics",
	"RFC 9112":              "HTTP/1.1",
	"RFC 9608":              "noRevAvail",
	"RFC 9654":              "OCSP nonce",
	"RFC 9919":              "lightweight OCSP",
	"X.690":                 "DER",
	"Baseline Requirements": "CA/Browser Forum, TLS server certificates",
}

var (
	aSection = regexp.MustCompile(`^(\d+|[A-Z])(\.\d+)*$`)
	aGist    = regexp.MustCompile(`^([^.;:\n]|\.[^ \n])+$`) // without an end, and without a second sentence
)

func TestRefs(t *testing.T) {
	t.Parallel()
	const longest = 90
	refs, used := parsedRefs(t)
	if len(refs) < 100 {
		t.Fatalf("refs.go has %d refs; is it still what this test reads?", len(refs))
	}
	same, cited := make(map[Ref]string), make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		r := refs[name]
		cited[r.Doc] = true
		if _, ok := knownDocuments[r.Doc]; !ok {
			t.Errorf("%s: %q is not a known document", name, r.Doc)
		}
		if !aSection.MatchString(r.Section) {
			t.Errorf("%s: %q is not a section such as 4.2.1 or A.1", name, r.Section)
		}
		if !aGist.MatchString(r.Gist) || len(r.Gist) > longest {
			t.Errorf("%s: the gist is not one part of a sentence, of at most %d bytes: %q", name, longest, r.Gist)
		}
		r.Level = None
		if before, twice := same[r]; twice {
			t.Errorf("%s and %s have the same place and gist: %v: %s", before, name, r, r.Gist)
		}
		same[r] = name
		if !used[name] {
			t.Errorf("no case has the ref %s", name)
		}
	}
	for doc := range knownDocuments {
		if !cited[doc] {
			t.Errorf("no ref cites %s", doc)
		}
	}
}

// parsedRefs returns the variables of refs.go and refs_crl.go by name, and which names the other
// files of the package use.
func parsedRefs(t *testing.T) (refs map[string]Ref, used map[string]bool) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	refs, used = make(map[string]Ref), make(map[string]bool)
	levels := map[string]Level{"None": None, "May": May, "Should": Should, "Must": Must}
	documents := make(map[string]string)
	text := func(e ast.Expr) string {
		s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		isRefs := strings.HasPrefix(name, "refs")
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				used[n.Name] = used[n.Name] || !isRefs
			case *ast.ValueSpec:
				if !isRefs {
					break
				}
				switch v := n.Values[0].(type) {
				case *ast.BasicLit:
					documents[n.Names[0].Name] = text(v)
				case *ast.CompositeLit:
					doc, level := v.Elts[0].(*ast.Ident).Name, v.Elts[2].(*ast.Ident).Name
					refs[n.Names[0].Name] = Ref{documents[doc], text(v.Elts[1]), levels[level], text(v.Elts[3])}
				}
			}
			return true
		})
	}
	return refs, used
}
