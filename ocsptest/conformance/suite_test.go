package conformance

import (
	"slices"
	"testing"
)

// TestReference shows that the reference gets every case right under every
// policy.
func TestReference(t *testing.T) {
	t.Parallel()
	inParts(t, "all", slices.Collect(Cases()), func(t *testing.T, c Case) { watch(t, c, nil) })
}

// TestRun runs the reference over sockets, under one policy that looks at
// everything.
func TestRun(t *testing.T) {
	t.Parallel()
	Run(t, everything, Reference(everything))
}
