package house_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A workflow is what GitHub reads, as far as it is checked here.
type workflow struct {
	On   map[string]any `yaml:"on"`
	Jobs map[string]struct {
		If       string `yaml:"if"`
		Strategy struct {
			Matrix struct{ OS []string }
		}
		RunsOn string `yaml:"runs-on"`
		Steps  []struct{ Uses, Run string }
	}
}

// CI tests changes on three systems, and looks for vulnerabilities. Once a week
// it fuzzes for longer.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, ".github/workflows/ci.yml")), &w); err != nil {
		t.Fatal(err)
	}
	for _, event := range []string{"push", "pull_request", "schedule"} {
		if _, ok := w.On[event]; !ok {
			t.Errorf("it does not run on %s", event)
		}
	}
	commands := map[string]string{
		"linux":           ".ci/run",
		"others":          "go test -short ./...",
		"vulnerabilities": "govulncheck@",
		"fuzz":            ".ci/fuzz",
	}
	for name, command := range commands {
		job := w.Jobs[name]
		if job.RunsOn == "" || len(job.Steps) == 0 || !strings.HasPrefix(job.Steps[0].Uses, "actions/checkout@") {
			t.Errorf("job %q does not check out the repository: %+v", name, job)
			continue
		}
		if last := job.Steps[len(job.Steps)-1].Run; !strings.Contains(last, command) {
			t.Errorf("job %q runs %q, want %q", name, last, command)
		}
		if onlyScheduled := job.If == "github.event_name == 'schedule'"; onlyScheduled != (name == "fuzz") {
			t.Errorf("job %q runs if %q", name, job.If)
		}
		if strings.HasPrefix(command, ".ci/") {
			info, err := os.Stat(filepath.Join(root, command))
			if err != nil {
				t.Errorf("job %q: %v", name, err)
			} else if info.Mode()&0o100 == 0 && runtime.GOOS != "windows" {
				t.Errorf("job %q: %s is not executable", name, command)
			}
		}
	}
	if len(w.Jobs) != len(commands) {
		t.Errorf("%d jobs, want %d", len(w.Jobs), len(commands))
	}
	others := w.Jobs["others"]
	if want := "${{ matrix.os }}"; others.RunsOn != want {
		t.Errorf("the others run on %q, want %q", others.RunsOn, want)
	}
	if got, want := others.Strategy.Matrix.OS, []string{"macos-latest", "windows-latest"}; !slices.Equal(got, want) {
		t.Errorf("the others run on %q, want %q", got, want)
	}
}
