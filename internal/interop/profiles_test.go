package interop

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

var allProfiles = flag.Bool("profiles", false, "run real programs through every case that their profiles judge")

// TestProfiles runs real programs through the cases that their profiles judge.
// The wrong outcomes must be those in testdata/profiles. Rewrite them with
// -update.
func TestProfiles(t *testing.T) {
	t.Parallel()
	profiles := make(map[string]conformance.Profile)
	for p := range conformance.Profiles() {
		profiles[p.Name] = p
	}
	if !*allProfiles && !*update {
		t.Skip("takes a minute; .ci/run has -profiles")
	}
	programs := profiledPrograms(newJavaVM(t))
	var mu sync.Mutex
	reports := make(map[string]*conformance.Report)
	t.Run("programs", func(t *testing.T) {
		for _, p := range programs {
			t.Run(p.profile, func(t *testing.T) {
				t.Parallel()
				report := p.run(t, profiles[p.profile].Policy)
				mu.Lock()
				defer mu.Unlock()
				reports[p.profile] = report
			})
		}
	})
	for name := range profiles {
		if !slices.ContainsFunc(programs, func(p profiled) bool { return p.profile == name }) {
			t.Errorf("no program has the profile %q", name)
		}
	}
	if len(reports) == len(programs) {
		t.Run("summary", func(t *testing.T) { compareSummary(t, summary(programs, reports)) })
	}
}

// run runs a program through the catalogue, and compares its wrong outcomes with
// the table.
func (p profiled) run(t *testing.T, policy conformance.Policy) *conformance.Report {
	path, version := "", "any version"
	if p.program != "" {
		path = program(t, p.program)
		version = p.version(t, path)
	}
	then := readTable(t, p.profile)
	if !*update && !isRequired(t, p.program) && then.version != version {
		t.Skipf("the table is for %s, not for %s", then.version, version)
	}
	opts := append(slices.Clone(p.options),
		conformance.WithJobs(4), conformance.WithDeadline(10*time.Second), conformance.WithHangDeadline(10*time.Second))
	if p.program != "" {
		opts = append(opts, conformance.WithSystemClock(), conformance.WithRoot(fakeca.New()))
	}
	report, err := conformance.Check(t.Context(), policy, p.client(t, path), opts...)
	switch {
	case err != nil:
		t.Fatal(err)
	case report.Broken != nil:
		t.Fatal(report.Sum())
	}
	t.Log(report.Sum())
	now := table{version: version, policy: policy.String()}
	for _, r := range report.Failures() {
		now.lines = append(now.lines, fmt.Sprintf("%-12s %-45s %s\n", r.Severity, r.Case.Name, outcome(r)))
	}
	if *update {
		now.write(t, p.profile)
		return report
	}
	if diff := gocmp.Diff(strings.Join(then.lines, ""), strings.Join(now.lines, "")); diff != "" {
		t.Errorf("%s: the wrong outcomes changed (-want +got), with %s\n%s(-update to accept)", tablePath(p.profile), version, diff)
	}
	return report
}

// outcome returns what a program did, what was wanted, and the first line of its
// error.
func outcome(r conformance.Result) string {
	text := fmt.Sprintf("%v, want %v", r.Got, r.Want)
	if r.Err != nil && r.Got == conformance.Rejected {
		text += ": " + firstLine(r.Err.Error())
	}
	return text
}

var (
	progress = regexp.MustCompile(`(?m)^(Processed|Resolving|Connecting|Response verify OK|subject|issuer|Received|\d+ |` +
		`- (Certificate|Got|Successfully|Status: The certificate is trusted)|CN = |\s).*\n`)
	varying = regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/\S+|:\d{4,5}\b|\b[0-9a-fA-F]{12,}\b|http://\S+`)
)

// firstLine returns the first line of an error that is about it, without what
// varies.
func firstLine(text string) string {
	line, _, _ := strings.Cut(progress.ReplaceAllString(text+"\n", ""), "\n")
	return strings.TrimSpace(varying.ReplaceAllString(line, "..."))
}

// A table is the golden file of a profile.
type table struct {
	version string // of the program
	policy  string
	lines   []string // one for each wrong outcome, the most severe first
}

func tablePath(profile string) string {
	return filepath.Join("testdata", "profiles", profile+".txt")
}

func readTable(t *testing.T, profile string) table {
	t.Helper()
	data, err := os.ReadFile(tablePath(profile))
	if err != nil {
		if *update {
			return table{}
		}
		t.Fatalf("%v (-update to write it)", err)
	}
	var out table
	for line := range strings.Lines(string(data)) {
		if version, ok := strings.CutPrefix(line, "# version: "); ok {
			out.version = strings.TrimSpace(version)
		} else if !strings.HasPrefix(line, "#") {
			out.lines = append(out.lines, line)
		}
	}
	return out
}

func (w table) write(t *testing.T, profile string) {
	t.Helper()
	text := fmt.Sprintf("# version: %s\n# policy: %s\n%s", w.version, w.policy, strings.Join(w.lines, ""))
	if err := os.WriteFile(tablePath(profile), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// summary returns how many of the programs accept in each case, for the last
// column of CASES.md. Each program counts once, with the first of its profiles
// that judges the case. It does not count where the verdict depends on what it
// tolerates.
func summary(programs []profiled, reports map[string]*conformance.Report) string {
	type count struct{ accepts, judged int }
	counts := make(map[string]*count)
	seen := make(map[string]bool)
	for _, p := range programs {
		report := reports[p.profile]
		closed := report.Policy
		closed.Tolerates = 0
		for _, r := range report.Results {
			want, _, _ := closed.Judge(r.Case)
			key := cmp.Or(p.program, "go") + " " + r.Case.Name
			if want != r.Want || seen[key] || r.Got != conformance.Accepted && r.Got != conformance.Rejected {
				continue
			}
			seen[key] = true
			c, ok := counts[r.Case.Name]
			if !ok {
				c = new(count)
				counts[r.Case.Name] = c
			}
			c.judged++
			if r.Got == conformance.Accepted {
				c.accepts++
			}
		}
	}
	var b strings.Builder
	b.WriteString("# case, and how many programs accept, of how many\n")
	for c := range conformance.Cases() {
		if n, ok := counts[c.Name]; ok {
			fmt.Fprintf(&b, "%s %d %d\n", c.Name, n.accepts, n.judged)
		}
	}
	return b.String()
}

func compareSummary(t *testing.T, got string) {
	path := tablePath("summary")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		t.Log("CASES.md shows the summary; rewrite it with go generate ./ocsptest/conformance")
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
	if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: real programs differ (-want +got):\n%s(-update to accept)", path, diff)
	}
}
