package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// TestRun runs the reference over sockets, under one policy that looks at
// everything.
func TestRun(t *testing.T) {
	t.Parallel()
	Run(t, everything, Reference(everything))
}

// TestHangingCases measures in which cases a client without time limits takes
// more than a second. Those run first.
func TestHangingCases(t *testing.T) {
	t.Parallel()
	patient := func(ctx context.Context, s *ocsptest.Server) error {
		r := newReference(everything)
		err := r.connect(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	var slow []string
	synctest.Test(t, func(t *testing.T) {
		report, err := Check(t.Context(), everything, ClientFunc(patient), WithInMemoryNetwork())
		if err != nil {
			t.Fatal(err)
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
