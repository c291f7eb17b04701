// Package ginkgo_test is a Ginkgo suite about what a server staples and how
// clients react.
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
