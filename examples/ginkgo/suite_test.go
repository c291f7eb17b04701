// Package ginkgo_test is a Ginkgo suite that asserts what a server staples and
// what a client makes of it.
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
