package ocsptest

import (
	"fmt"
	"strings"
	"time"
)

// How many lines of a time line are shown.
const shown = 100

// A timeline tells what was seen, a line each. What is seen again and again, as
// in a load test or an outage, is one line.
type timeline struct {
	lines []seen
}

type seen struct {
	first, last time.Time
	text        string
	times       int
}

func (t *timeline) add(at time.Time, text string) {
	if n := len(t.lines); n > 0 && t.lines[n-1].text == text {
		t.lines[n-1].times++
		t.lines[n-1].last = at
		return
	}
	t.lines = append(t.lines, seen{at, at, text, 1})
}

// write writes the newest lines. dropped is how many records are not among
// them, of things whose plural is what.
func (t *timeline) write(b *strings.Builder, what string, dropped int) {
	lines := t.lines
	if more := len(lines) - shown; more > 0 {
		for _, line := range lines[:more] {
			dropped += line.times
		}
		lines = lines[more:]
	}
	if dropped > 0 {
		fmt.Fprintf(b, "\n    %d earlier %s are not shown", dropped, what)
	}
	if len(lines) == 0 {
		fmt.Fprintf(b, "\n    no %s", what)
	}
	for _, line := range lines {
		fmt.Fprintf(b, "\n    %s %s", clock(line.first), line.text)
		if line.times > 1 {
			fmt.Fprintf(b, " (%d times, until %s)", line.times, clock(line.last))
		}
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000") }
