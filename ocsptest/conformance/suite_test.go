package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRun runs the reference over sockets, under one policy that looks at
// everything.
func TestRun(t *testing.T) {
	t.Parallel()
	Run(t, everything, Reference(everything))
}

// TestReferenceIn2049 shows that nothing in the catalogue depends on the year. In
// 2049, seconds since 1970 have long outgrown 32 bits, and what is valid for a
// year ends after 2050, when GeneralizedTime replaces UTCTime.
//
// It also measures in which cases the reference waits for more than a second.
// A client without time limits hangs there, and they run first.
func TestReferenceIn2049(t *testing.T) {
	t.Parallel()
	const year = 8766 * time.Hour
	var slow []string
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(49*year + year/2) // a bubble begins in 2000
		report, err := Check(t.Context(), everything, Reference(everything), WithInMemoryNetwork())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range report.Failures() {
			t.Error(&CaseError{r, everything})
		}
		for _, r := range report.Results {
			if r.Took >= time.Second {
				slow = append(slow, r.Case.Name)
			}
		}
	})
	want := slices.Sorted(slices.Values(hangingCases))
	slices.Sort(slow)
	if diff := cmp.Diff(want, slow); diff != "" {
		t.Errorf("the list in connect.go differs from what was measured (-list +measured):\n%s", diff)
	}
}

// BenchmarkSuite runs the catalogue under one policy, in memory and over sockets.
// Over sockets, a case that hangs takes as long as the client's timeout.
func BenchmarkSuite(b *testing.B) {
	for _, p := range []Policy{{}, everything} {
		for _, bench := range []struct {
			name string
			opts []Option
		}{
			{"memory", []Option{WithInMemoryNetwork()}},
			{"sockets", nil},
			{"sockets, 8 jobs", []Option{WithJobs(8)}},
		} {
			b.Run(fmt.Sprintf("%v/%s", p, strings.ReplaceAll(bench.name, " ", "-")), func(b *testing.B) {
				judged := 0
				for b.Loop() {
					report, err := Check(b.Context(), p, Reference(p), bench.opts...)
					if err != nil {
						b.Fatal(err)
					}
					if failures := report.Failures(); len(failures) > 0 {
						b.Fatal(&CaseError{failures[0], p})
					}
					judged = len(report.Results)
				}
				b.ReportMetric(float64(judged), "cases/op")
			})
		}
	}
}
