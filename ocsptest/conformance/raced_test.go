//go:build race

package conformance

// raced says that the race detector is on.
const raced = true
