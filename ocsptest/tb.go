package ocsptest

import (
	"fmt"
	"reflect"
)

// TB is what this package needs of a test. *testing.T, *testing.B and Ginkgo's
// GinkgoT() implement it.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// mustHaveTest panics if t is nil.
func mustHaveTest(t TB, function, without string) {
	if v := reflect.ValueOf(t); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(fmt.Sprintf("ocsptest: %s needs a test, not nil; in TestMain use %s", function, without))
	}
}
