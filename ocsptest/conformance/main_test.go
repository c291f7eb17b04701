package conformance

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the heap grow further than usual. The tests start thousands of
// servers, and little of them lives long.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
