package ocsptest

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A timeline shows no more lines than maxLines, and no more bytes of each than
// maxLine.
const (
	maxLines = 100
	maxLine  = 1 << 10
)

// A timeline has a line for each event. The same event many times in a row, as in
// a load test or an outage, is one line.
type timeline struct {
	lines []line
}

type line struct {
	first, last time.Time
	text        string
	times       int
}

func (t *timeline) add(at time.Time, text string) {
	text = shorten(text)
	if n := len(t.lines); n > 0 && t.lines[n-1].text == text {
		t.lines[n-1].times++
		t.lines[n-1].last = at
		return
	}
	t.lines = append(t.lines, line{at, at, text, 1})
}

// shorten cuts a text at maxLine.
func shorten(text string) string {
	if len(text) <= maxLine {
		return text
	}
	n := maxLine
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:n], len(text))
}

// write writes the newest lines. plural is what the events are; dropped are those
// that were not added.
func (t *timeline) write(b *strings.Builder, plural string, dropped int) {
	lines := t.lines
	if more := len(lines) - maxLines; more > 0 {
		for _, line := range lines[:more] {
			dropped += line.times
		}
		lines = lines[more:]
	}
	if dropped > 0 {
		fmt.Fprintf(b, "\n    %d earlier %s are not shown", dropped, plural)
	}
	if len(lines) == 0 {
		fmt.Fprintf(b, "\n    no %s", plural)
	}
	for _, line := range lines {
		fmt.Fprintf(b, "\n    %s %s", timeOfDay(line.first), line.text)
		if line.times > 1 {
			fmt.Fprintf(b, " (%d times, until %s)", line.times, timeOfDay(line.last))
		}
	}
}

func timeOfDay(t time.Time) string { return t.UTC().Format("15:04:05.000") }
