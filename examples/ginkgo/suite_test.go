// Package ginkgo_test is a Ginkgo suite with assertions about what a server
// staples and how its clients react.
package ginkgo_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestOCSP(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Revocation")
}
