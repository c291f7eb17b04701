package ocsptest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTimeline(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	long := strings.Repeat("é", maxLine)
	tests := []struct {
		name    string
		texts   []string
		dropped int
		want    []string // the first lines
		lines   int
	}{
		{"nothing", nil, 0, []string{"    no events"}, 1},
		{"one", []string{"a"}, 0, []string{"    12:00:00.000 a"}, 1},
		{"in a row", []string{"a", "a", "b", "a"}, 0, []string{
			"    12:00:00.000 a (2 times, until 12:00:01.000)",
			"    12:00:02.000 b",
			"    12:00:03.000 a",
		}, 3},
		{"not added", []string{"a"}, 7, []string{"    7 earlier events are not shown", "    12:00:00.000 a"}, 2},
		{"more lines than are shown, twice each", pairs(maxLines + 2), 1, []string{
			"    5 earlier events are not shown", // two lines of two, and the one not added
			"    12:00:04.000 2 (2 times, until 12:00:05.000)",
		}, maxLines + 1},
		{"a long line", []string{long}, 0, []string{"    12:00:00.000 " + long[:maxLine] + "... (2048 bytes)"}, 1},
		{"a long line, cut between characters", []string{"a" + long}, 0, []string{
			"    12:00:00.000 a" + long[:maxLine-2] + "... (2049 bytes)",
		}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var events timeline
			for i, text := range test.texts {
				events.add(noon.Add(time.Duration(i)*time.Second), text)
			}
			var b strings.Builder
			events.write(&b, "events", test.dropped)
			got := strings.Split(strings.TrimPrefix(b.String(), "\n"), "\n")
			if len(got) != test.lines {
				t.Fatalf("%d lines, want %d:\n%s", len(got), test.lines, b.String())
			}
			if diff := cmp.Diff(test.want, got[:len(test.want)]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// pairs returns each number below n twice.
func pairs(n int) (texts []string) {
	for i := range n {
		texts = append(texts, fmt.Sprint(i), fmt.Sprint(i))
	}
	return texts
}

func TestServerLogKeepsTheNewest(t *testing.T) {
	t.Parallel()
	var l serverLog
	for i := range 5 {
		fmt.Fprintf(&l, "line %d\n", i)
	}
	if diff := cmp.Diff([]string{"line 2", "line 3", "line 4"}, l.newest()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	l.reset()
	if got := l.newest(); len(got) != 0 {
		t.Errorf("after reset: %q", got)
	}
}
