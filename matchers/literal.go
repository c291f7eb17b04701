package matchers

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/fakeca"
)

// hidden is in a literal that does not show everything.
const hidden = "(...)"

// call returns a call as it is written in Go.
func call(name string, args []any) string {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = literal(arg)
	}
	return name + "(" + strings.Join(texts, ", ") + ")"
}

// literal returns an argument as messages show it.
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
		return hexText(x)
	case time.Time:
		if x.IsZero() {
			return "time.Time{}"
		}
		return stamp(x)
	case fakeca.CRLPoint:
		return pointText(x)
	case interface{ GomegaString() string }:
		return x.GomegaString()
	case types.GomegaMatcher:
		return matcherText(x)
	case fmt.Stringer:
		return x.String()
	}
	switch k := reflect.TypeOf(x).Kind(); {
	case k >= reflect.Bool && k <= reflect.Float64:
		return fmt.Sprint(x)
	case k == reflect.Func:
		return "func" + hidden
	}
	return fmt.Sprintf("%T", x)
}

// matcherText returns the call that made a matcher of Gomega, whose arguments
// are the exported fields of its type. Of other matchers it knows only the type.
func matcherText(m types.GomegaMatcher) string {
	v := reflect.Indirect(reflect.ValueOf(m))
	name := strings.TrimSuffix(v.Type().Name(), "Matcher")
	if v.Type().PkgPath() != "github.com/onsi/gomega/matchers" {
		return name + hidden
	}
	var args []any
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			args = append(args, flatten(v.Field(i))...)
		}
	}
	return call(name, args)
}

// flatten returns the elements of a slice, such as those of a variadic argument;
// else the value.
func flatten(v reflect.Value) []any {
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
		return []any{v.Interface()}
	}
	var elements []any
	for i := range v.Len() {
		elements = append(elements, v.Index(i).Interface())
	}
	return elements
}

// hexText returns bytes in hexadecimal, and only the first of many.
func hexText(b []byte) string {
	const most = 32
	switch {
	case len(b) == 0:
		return "of no bytes"
	case len(b) > most:
		return fmt.Sprintf("%x... (%d bytes)", b[:most/2], len(b))
	}
	return hex.EncodeToString(b)
}

// isNil reports whether x is nil or a nil pointer.
func isNil(x any) bool {
	v := reflect.ValueOf(x)
	return x == nil || v.Kind() == reflect.Pointer && v.IsNil()
}

// typeOf names the type of x for an error.
func typeOf(x any) string {
	switch x.(type) {
	case []byte:
		return "[]byte" // not []uint8
	case [][]byte:
		return "[][]byte"
	case *subject:
		return "a staple"
	}
	switch {
	case x == nil:
		return "nil"
	case isNil(x):
		return fmt.Sprintf("a nil %T", x)
	}
	return fmt.Sprintf("%T", x)
}
