package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
	"github.com/ocsplab/ocsplab/ocsptest/internal/labtest"
)

// moody is a client with every kind of outcome. It asks responders, and knows
// the cases by their order, because no other case runs at the same time.
func moody(policy conformance.Policy, order []string) conformance.ClientFunc {
	n := 0
	return func(ctx context.Context, s *ocsptest.Server) error {
		name := order[n]
		n++
		switch name {
		case "http/hang":
			<-ctx.Done()
			return ctx.Err()
		case "http/drip":
			time.Sleep(20 * time.Second)
			return errors.New("moody: timeout")
		case "status/unknown-fetched":
			panic("on purpose")
		case "status/try-later-fetched":
			return conformance.Unsupported("tryLater")
		case "status/unauthorized-fetched":
			return conformance.NotRun(errors.New("out of memory"))
		case "status/internal-error-fetched":
			return nil
		case "status/revoked-fetched", "status/sig-required-fetched", "status/malformed-request-fetched":
			return chainOnly(ctx, s)
		case "http/get-only", "http/post-only":
			return fmt.Errorf("moody: Get %q: status 405", s.URL)
		}
		return conformance.Reference(policy)(ctx, s)
	}
}

// moodyReport runs moody against a part of the catalogue.
func moodyReport(t *testing.T) *conformance.Report {
	t.Helper()
	policy := conformance.Policy{Sources: conformance.OCSP}
	opts := []conformance.Option{
		conformance.WithJobs(1), conformance.WithInMemoryNetwork(),
		conformance.WithKnownFailures(
			conformance.KnownFailure{Pattern: "status/sig-*", Reason: "golang/go#1", Error: ""},
			conformance.KnownFailure{Pattern: "status/malformed-request-fetched", Reason: "never seen", Error: "another error"},
			conformance.KnownFailure{Pattern: "status/good-fetched", Reason: "was wrong once"},
		),
	}
	judged := []string{
		"control/good", "control/untrusted-root", "http/hang", "http/drip", // in the order in which they run
		"status/good-fetched", "status/revoked-fetched", "status/unknown-fetched", "status/malformed-request-fetched",
		"status/internal-error-fetched", "status/try-later-fetched", "status/sig-required-fetched", "status/unauthorized-fetched",
		"http/get-only", "http/post-only", "http/get-fails",
	}
	for c := range conformance.Cases() {
		if !slices.Contains(judged, c.Name) {
			opts = append(opts, conformance.Skip(c.Name, "not now"))
		}
	}
	var report *conformance.Report
	synctest.Test(t, func(t *testing.T) {
		var err error
		if report, err = conformance.Check(t.Context(), policy, moody(policy, judged), opts...); err != nil {
			t.Fatal(err)
		}
	})
	if len(report.Results) != len(judged) {
		t.Fatalf("%d results, want %d", len(report.Results), len(judged))
	}
	return report
}

// brokenReport is the report about a client that never connects.
func brokenReport(t *testing.T) *conformance.Report {
	t.Helper()
	var report *conformance.Report
	synctest.Test(t, func(t *testing.T) {
		var err error
		never := conformance.ClientFunc(func(context.Context, *ocsptest.Server) error { return nil })
		if report, err = conformance.Check(t.Context(), conformance.Policy{}, never, conformance.WithInMemoryNetwork()); err != nil {
			t.Fatal(err)
		}
	})
	return report
}

// TestReports compares the forms of two reports with golden files.
func TestReports(t *testing.T) {
	t.Parallel()
	for name, report := range map[string]*conformance.Report{"report": moodyReport(t), "broken": brokenReport(t)} {
		for ext, write := range map[string]func(io.Writer) error{
			"text.txt": report.WriteText, "json": report.WriteJSON, "junit.xml": report.WriteJUnit, "md": report.WriteMarkdown,
		} {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			text := normal(b.String())
			labtest.Golden(t, name+"."+ext, text)
			switch ext {
			case "json":
				checkSchema(t, b.Bytes())
			case "junit.xml":
				var suite struct {
					Tests    int `xml:"tests,attr"`
					Failures int `xml:"failures,attr"`
					Cases    []struct {
						Failure *struct{} `xml:"failure"`
					} `xml:"testcase"`
				}
				if err := xml.Unmarshal(b.Bytes(), &suite); err != nil || suite.Tests != len(suite.Cases) || suite.Failures == 0 {
					t.Errorf("%+v, %v", suite, err)
				}
			}
		}
	}
}

// TestReadReport shows that a report that was written and read is the same.
func TestReadReport(t *testing.T) {
	t.Parallel()
	for _, report := range []*conformance.Report{moodyReport(t), brokenReport(t)} {
		var first, second bytes.Buffer
		if err := report.WriteJSON(&first); err != nil {
			t.Fatal(err)
		}
		read, err := conformance.ReadReport(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := read.WriteJSON(&second); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.String(), second.String()); diff != "" {
			t.Errorf("read and written again (-was +is):\n%s", diff)
		}
		if c := conformance.Compare(report, read); c.String() != "" {
			t.Errorf("changes: %v", c)
		}
	}
	for _, text := range []string{
		"", "{}", `{"format": 2}`, `{"format": 1, "policy": "sources=dns"}`,
		`{"format": 1, "policy": "", "results": [{"case": "control/good", "got": "maybe"}]}`,
	} {
		if r, err := conformance.ReadReport(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", text, r)
		}
	}
}

// TestReportSet shows that a report says which set counts, in all its forms, and
// that Compare says how two reports differ besides their outcomes.
func TestReportSet(t *testing.T) {
	t.Parallel()
	run := func(p conformance.Policy, opts ...conformance.Option) *conformance.Report {
		opts = slices.Concat(only("status"), opts, []conformance.Option{conformance.WithInMemoryNetwork()})
		report, err := conformance.Check(t.Context(), p, conformance.ClientFunc(chainOnly), opts...)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	newest, old := run(conformance.Policy{}), run(conformance.Policy{}, conformance.WithSet("2026.1"))
	for _, test := range []struct {
		name   string
		report *conformance.Report
		want   string
	}{
		{"by default", newest, slices.Max(allSets())},
		{"WithSet", old, "2026.1"},
	} {
		var text, markdown, data bytes.Buffer
		if err := errors.Join(test.report.WriteText(&text), test.report.WriteMarkdown(&markdown), test.report.WriteJSON(&data)); err != nil {
			t.Fatal(err)
		}
		read, err := conformance.ReadReport(&data)
		if err != nil || test.report.Set != test.want || read.Set != test.want {
			t.Errorf("%s: the set is %q, and %q when it was written and read; want %q, %v", test.name, test.report.Set, read.Set, test.want, err)
		}
		for _, form := range []string{text.String(), markdown.String()} {
			if !strings.Contains(form, "set "+test.want) {
				t.Errorf("%s: no set in:\n%s", test.name, form)
			}
		}
	}
	for _, test := range []struct {
		name          string
		before, after *conformance.Report
		want          []string
	}{
		{"the same", old, run(conformance.Policy{}, conformance.WithSet("2026.1")), nil},
		{"another set", old, newest, []string{"the sets differ: 2026.1, and then " + newest.Set}},
		{"another policy", newest, run(conformance.Policy{Sources: conformance.OCSP}), []string{
			"the policies differ: sources=staple, and then sources=ocsp",
		}},
	} {
		if diff := cmp.Diff(test.want, conformance.Compare(test.before, test.after).Notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestAttributes shows that attributes are such as testing.T.Attr takes.
func TestAttributes(t *testing.T) {
	t.Parallel()
	got := maps.Collect(moodyReport(t).Failures()[0].Attributes())
	want := map[string]string{
		"case": "status/revoked-fetched", "ref": "RFC 6960 2.2", "want": "reject", "got": "accept", "severity": "security",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReadKnownFailures shows the form of the list.
func TestReadKnownFailures(t *testing.T) {
	t.Parallel()
	got, err := conformance.ReadKnownFailures(strings.NewReader("# a comment\n\n encoding/*: not: DER \ncertid/sha1: because\n"))
	want := []conformance.KnownFailure{{Pattern: "encoding/*", Reason: "not: DER"}, {Pattern: "certid/sha1", Reason: "because"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, (-want +got):\n%s", err, diff)
	}
	for _, test := range []struct{ text, want string }{
		{"\nencoding/*", `conformance: known failures, line 2: "encoding/*" has no reason; write "name: reason"`},
		{"certid/[: bad", `conformance: known failures, line 1: the pattern "certid/[" is malformed`},
	} {
		if _, err := conformance.ReadKnownFailures(strings.NewReader(test.text)); err == nil || err.Error() != test.want {
			t.Errorf("%q: %v, want %s", test.text, err, test.want)
		}
	}
}

// checkSchema checks a report against doc/report.schema.json.
func checkSchema(t *testing.T, data []byte) {
	t.Helper()
	text, err := os.ReadFile("../../doc/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	var value any
	if err := errors.Join(json.Unmarshal(text, &schema), json.Unmarshal(data, &value)); err != nil {
		t.Fatal(err)
	}
	for _, problem := range validate(schema, value, "$") {
		t.Error(problem)
	}
	if problems := validate(schema, map[string]any{"format": 2.0, "rumor": true}, "$"); len(problems) < 6 {
		t.Errorf("the validator finds only %q", problems)
	}
}

// validate knows as much of JSON Schema as the schema uses.
func validate(schema map[string]any, value any, at string) (problems []string) {
	wrong := func(format string, args ...any) {
		problems = append(problems, at+": "+fmt.Sprintf(format, args...))
	}
	if want, ok := schema["const"]; ok && want != value {
		wrong("%v, want %v", value, want)
	}
	if want, ok := schema["enum"].([]any); ok && !slices.Contains(want, value) {
		wrong("%v is none of %v", value, want)
	}
	switch kind := schema["type"]; v := value.(type) {
	case string:
		if kind != nil && kind != "string" {
			wrong("a string, want %v", kind)
		}
	case bool:
		if kind != "boolean" {
			wrong("a boolean, want %v", kind)
		}
	case float64:
		if kind != nil && (kind != "integer" || v != float64(int64(v))) {
			wrong("%v, want %v", v, kind)
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		if kind != "array" {
			wrong("an array, want %v", kind)
		}
		for i, item := range v {
			problems = append(problems, validate(items, item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		if kind != "object" {
			wrong("an object, want %v", kind)
		}
		for _, name := range schema["required"].([]any) {
			if _, ok := v[name.(string)]; !ok {
				wrong("no %v", name)
			}
		}
		for name, member := range v {
			if property, ok := properties[name].(map[string]any); !ok {
				wrong("%s is not in the schema", name)
			} else {
				problems = append(problems, validate(property, member, at+"."+name)...)
			}
		}
	default:
		wrong("%v is of no known type", value)
	}
	return problems
}
