//go:build race

package ocsptest

// raced says that the race detector is on.
const raced = true
