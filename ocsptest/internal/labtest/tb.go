package labtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

// A TB is a test that records what happens to it: its log, whether it failed,
// and its cleanups, which End runs. Methods that are not here are those of the
// embedded TB.
type TB struct {
	testing.TB

	mu       sync.Mutex
	failed   bool
	lines    []string
	cleanups []func()
}

// Helper does nothing.
func (t *TB) Helper() {}

// Fail makes the test a failed one.
func (t *TB) Fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = true
}

// Failed reports whether the test has failed.
func (t *TB) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

// Cleanup registers f for End.
func (t *TB) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// End runs the cleanups, the last one first, as the end of a test does.
func (t *TB) End() {
	t.mu.Lock()
	cleanups := t.cleanups
	t.cleanups = nil
	t.mu.Unlock()
	for _, f := range slices.Backward(cleanups) {
		f()
	}
}

// Logf records a line.
func (t *TB) Logf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, fmt.Sprintf(format, args...))
}

// Errorf records a line and fails the test.
func (t *TB) Errorf(format string, args ...any) {
	t.Logf(format, args...)
	t.Fail()
}

// Fatalf is Errorf; the test goes on.
func (t *TB) Fatalf(format string, args ...any) { t.Errorf(format, args...) }

// Logged returns the recorded lines.
func (t *TB) Logged() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines)
}
