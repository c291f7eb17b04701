package matchers

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/gomega/types"
)

// A kind is a type of value that matchers compare.
type kind[T any] struct {
	have     string // before an expected value: "have the status"
	matching string // before a matcher: "have a status matching"
	is       string // before the actual value: "its status is"

	read func(any) (T, error) // reads what the matcher was given
	same func(want, got T) bool
	show func(T) string
}

// An expectation is what a matcher was given: a value, or a matcher for it.
type expectation[T any] struct {
	kind[T]
	value  T
	nested types.GomegaMatcher
}

func (k kind[T]) expect(x any) (expectation[T], error) {
	e := expectation[T]{kind: k}
	if nested, ok := x.(types.GomegaMatcher); ok && !isNil(x) {
		e.nested = nested
		return e, nil
	}
	var err error
	e.value, err = k.read(x)
	return e, err
}

func (e expectation[T]) want() string {
	if e.nested != nil {
		return e.matching + " " + literal(e.nested)
	}
	return e.have + " " + e.show(e.value)
}

// judge compares got, and completes v.
func (e expectation[T]) judge(got T, v verdict) (verdict, error) {
	v.but = e.is + " " + e.show(got)
	if e.nested == nil {
		v.ok = e.same(e.value, got)
		return v, nil
	}
	var err error
	v.ok, v.nested, err = ask(e.nested, got)
	return v, err
}

// ask asks a matcher that is not ours. text is its message, for the failure of
// Not if it matches; empty if the call, as literal shows it, says everything.
func ask(nested types.GomegaMatcher, got any) (ok bool, text string, err error) {
	ok, err = nested.Match(got)
	switch {
	case err != nil:
		return false, "", err
	case !strings.Contains(literal(nested), hidden):
		return ok, "", nil
	case ok:
		text = nested.NegatedFailureMessage(got)
	default:
		text = nested.FailureMessage(got)
	}
	return ok, quote(text), nil
}

// quote indents a text that is not ours. It writes a short text in one line, and
// cuts a long one.
func quote(text string) string {
	const maxLines, maxLine = 8, 120
	if line := oneLine(text); len(line) <= maxLine {
		return indent + line
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > maxLines {
		lines = append(lines[:maxLines-1], "...")
	}
	for i, line := range lines {
		lines[i] = indent + cut(line, maxLine)
	}
	return strings.Join(lines, "\n")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func cut(line string, most int) string {
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return line
}

// readTime reads a time.Time, or a string in the format of RFC 3339.
func readTime(x any) (time.Time, error) {
	const write = "write a time.Time, or a matcher for one"
	switch x := x.(type) {
	case time.Time:
		if x.IsZero() {
			return x, errors.New("the time is zero; " + write)
		}
		return x, nil
	case string:
		var t time.Time
		if err := t.UnmarshalText([]byte(x)); err != nil {
			return t, fmt.Errorf("%q is not a time in the format of RFC 3339; %s", x, write)
		}
		return readTime(t)
	}
	return time.Time{}, fmt.Errorf("%s is not a time; %s", typeOf(x), write)
}

// second returns t as a GeneralizedTime holds it.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// times is the kind of the field of a response with this name.
func times(name string) kind[time.Time] {
	return kind[time.Time]{
		have:     "have the " + name,
		matching: "have a " + name + " matching",
		is:       "its " + name + " is",
		read:     readTime,
		same:     func(want, got time.Time) bool { return second(want).Equal(second(got)) },
		show:     stamp,
	}
}
