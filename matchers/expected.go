package matchers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A kind is a type of value that matchers compare.
type kind[T any] struct {
	name string               // "status"
	read func(any) (T, error) // what the matcher was given
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

// want says what is expected, before it is known whether it is so.
func (e expectation[T]) want() string {
	if e.nested != nil {
		return "match in its " + e.name
	}
	return "have the " + e.name + " " + e.show(e.value)
}

// compare says whether got is as expected, and returns what follows "to", or
// "not to" if it is.
func (e expectation[T]) compare(got T) (ok bool, want string, err error) {
	if e.nested == nil {
		return e.same(e.value, got), e.want(), nil
	}
	ok, text, err := ask(e.nested, got)
	return ok, e.want() + ":\n" + text, err
}

// ask asks a nested matcher, and returns the text of its failure, or of that
// of its negation if it matches, as one indented line.
func ask(nested types.GomegaMatcher, got any) (ok bool, text string, err error) {
	ok, err = nested.Match(got)
	switch {
	case err != nil:
		return false, "", err
	case ok:
		text = nested.NegatedFailureMessage(got)
	default:
		text = nested.FailureMessage(got)
	}
	return ok, "    " + fold(text), nil
}

// fold writes a foreign text in one line of at most 300 characters, with names
// in place of the numbers that Gomega prints, and without the sizes of slices.
func fold(text string) string {
	text = strings.Join(strings.Fields(sizes.ReplaceAllString(text, "")), " ")
	text = numbered.ReplaceAllStringFunc(text, func(s string) string {
		part := numbered.FindStringSubmatch(s)
		return part[1] + digits.ReplaceAllStringFunc(part[3], func(number string) string {
			n, err := strconv.Atoi(number)
			if err != nil {
				return number
			}
			return names[part[2]](n)
		})
	})
	const most = 300
	if line := []rune(text); len(line) > most {
		return string(line[:most]) + "..."
	}
	return text
}

var (
	sizes    = regexp.MustCompile(` \| len:\d+(, cap:\d+)?`)
	digits   = regexp.MustCompile(`\d+`)
	numbered = regexp.MustCompile(`(<(?:\[\])?(ocsp\.ResponseStatus|ocsptest\.Alert)>:? ?)(\d+|\[[\d, ]+\])`)
	names    = map[string]func(int) string{
		"ocsp.ResponseStatus": func(n int) string { return ocsp.ResponseStatus(n).String() },
		"ocsptest.Alert":      func(n int) string { return ocsptest.Alert(n).String() },
	}
)

// literal is an argument as it stands in messages.
func literal(x any) string {
	if isNil(x) {
		return "nil"
	}
	if cert, _, err := certOf(x); err == nil {
		return nameOf(cert)
	}
	switch x := x.(type) {
	case string:
		return strconv.Quote(x)
	case []byte:
		return hex.EncodeToString(x)
	case time.Time:
		if x.IsZero() {
			return "time.Time{}"
		}
		return stamp(x)
	case interface{ GomegaString() string }:
		return x.GomegaString()
	case types.GomegaMatcher: // *matchers.EqualMatcher is Equal(...)
		name := fmt.Sprintf("%T", x)
		return strings.TrimSuffix(name[strings.LastIndexByte(name, '.')+1:], "Matcher") + "(...)"
	case fmt.Stringer:
		return x.String()
	}
	if k := reflect.TypeOf(x).Kind(); k >= reflect.Bool && k <= reflect.Float64 {
		return fmt.Sprint(x)
	}
	return fmt.Sprintf("%T", x)
}

// isNil says whether x is nil, or a nil pointer.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// moment reads a time, as time.Time or in RFC 3339.
func moment(x any) (time.Time, error) {
	const write = "write a time.Time, or a matcher of one"
	switch x := x.(type) {
	case time.Time:
		if x.IsZero() {
			return x, errors.New("the time is zero; " + write)
		}
		return x, nil
	case string:
		var t time.Time
		if err := t.UnmarshalText([]byte(x)); err != nil {
			return t, fmt.Errorf("%q is no time in the form of RFC 3339; %s", x, write)
		}
		return moment(t)
	}
	return time.Time{}, fmt.Errorf("no time can be made of %s; %s", typeOf(x), write)
}

// second is t as far as a GeneralizedTime tells it.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// times is the kind of the times of an answer.
func times(name string) kind[time.Time] {
	return kind[time.Time]{
		name: name,
		read: moment,
		same: func(want, got time.Time) bool { return second(want).Equal(second(got)) },
		show: stamp,
	}
}
