package matchers

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/onsi/gomega/types"
)

// HaveOCSPNonce matches an answer with this nonce (RFC 9654): a []byte, or a
// matcher of a []byte, which is nil if the answer has no nonce. So
// HaveOCSPNonce(BeNil()) matches an answer without a nonce, and
// HaveOCSPNonce(HaveLen(32)) one with a nonce of 32 bytes.
func HaveOCSPNonce(nonce any) types.GomegaMatcher {
	e, err := nonces.expect(nonce)
	return newMatcher("HaveOCSPNonce", []any{nonce}, err, onAnswer(func(a *answer) (verdict, error) {
		v := verdict{what: a.text(), want: e.want()}
		if v.but = a.lacks(); v.but != "" {
			return v, nil
		}
		var err error
		v.ok, v.want, err = e.compare(a.whole.Nonce)
		switch {
		case a.whole.Nonce == nil:
			v.but = "it has no nonce"
		case e.nested == nil: // else the nested text shows it
			v.but = "it has the nonce " + nonceText(a.whole.Nonce)
		}
		return v, err
	}))
}

func nonceText(nonce []byte) string {
	if len(nonce) == 0 {
		return "of no bytes"
	}
	return fmt.Sprintf("%x", nonce)
}

var nonces = kind[[]byte]{
	name: "nonce",
	same: func(want, got []byte) bool { return got != nil && bytes.Equal(want, got) },
	show: nonceText,
	read: func(x any) ([]byte, error) {
		const write = "write a []byte, or a matcher of one; HaveOCSPNonce(BeNil()) for no nonce"
		nonce, ok := x.([]byte)
		switch {
		case x != nil && !ok:
			return nil, fmt.Errorf("no nonce can be made of %s; %s", typeOf(x), write)
		case nonce == nil:
			return nil, errors.New("the nonce is nil; " + write)
		}
		return bytes.Clone(nonce), nil
	},
}
