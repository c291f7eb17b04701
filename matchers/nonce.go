package matchers

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/onsi/gomega/types"
)

// HaveOCSPNonce matches a response with this nonce (RFC 9654): a []byte, or a
// matcher for a []byte, which is nil if the response has no nonce.
// HaveOCSPNonce(BeNil()) matches a response without a nonce, and
// HaveOCSPNonce(HaveLen(32)) one with a nonce of 32 bytes.
func HaveOCSPNonce(nonce any) types.GomegaMatcher {
	return haveField("HaveOCSPNonce", nonce, nonces, func(r *response) ([]byte, string, error) {
		return r.whole.Nonce, r.lacksFields(), nil
	})
}

var nonces = kind[[]byte]{
	have:     "have the nonce",
	matching: "have a nonce matching",
	is:       "its nonce is",
	same:     func(want, got []byte) bool { return got != nil && bytes.Equal(want, got) },
	show: func(nonce []byte) string {
		if nonce == nil {
			return "missing"
		}
		return hexText(nonce)
	},
	read: func(x any) ([]byte, error) {
		const write = "write a []byte, or a matcher for one; BeNil() expects no nonce"
		nonce, ok := x.([]byte)
		switch {
		case x != nil && !ok:
			return nil, fmt.Errorf("%s is not a nonce; %s", typeOf(x), write)
		case nonce == nil:
			return nil, errors.New("the nonce is nil; " + write)
		}
		return bytes.Clone(nonce), nil
	},
}
