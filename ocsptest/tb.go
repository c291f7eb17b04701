package ocsptest

// TB is what this package needs of a test. *testing.T, *testing.B and Ginkgo's
// GinkgoT() have it.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}
