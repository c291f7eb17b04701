package fault

import (
	"bytes"
	"crypto/x509/pkix"
	"fmt"
	"slices"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// WrongNonce answers with another nonce than was sent.
func WrongNonce() Fault {
	return nonceFault("WrongNonce()", func(_ *Exchange, said *fakeca.Response) { said.Nonce = fakeca.NewNonce() })
}

// ReplayedNonce answers with the nonce of the request before, and with a new one
// at first.
func ReplayedNonce() Fault {
	return nonceFault("ReplayedNonce()", func(x *Exchange, said *fakeca.Response) {
		said.Nonce = x.PreviousNonce
		if said.Nonce == nil {
			said.Nonce = fakeca.NewNonce()
		}
	})
}

// NoNonce answers without the nonce that was sent.
func NoNonce() Fault {
	return nonceFault("NoNonce()", func(_ *Exchange, said *fakeca.Response) { said.Nonce = nil })
}

// NonceOfLength answers with a nonce of so many bytes: what was sent, cut off
// or filled with zeros. RFC 9654 section 2.1 allows 1 to 128. It panics if n is
// negative.
func NonceOfLength(n int) Fault {
	if n < 0 {
		panic(fmt.Sprintf("fault: NonceOfLength(%d): a nonce has no fewer than 0 bytes", n))
	}
	return nonceFault(fmt.Sprintf("NonceOfLength(%d)", n), func(_ *Exchange, said *fakeca.Response) {
		nonce := make([]byte, n)
		copy(nonce, said.Nonce)
		said.Nonce = nonce
	})
}

// UnsolicitedNonce answers with a nonce although none was sent.
func UnsolicitedNonce() Fault {
	return nonceFault("UnsolicitedNonce()", func(_ *Exchange, said *fakeca.Response) {
		if said.Nonce == nil {
			said.Nonce = fakeca.NewNonce()
		}
	})
}

// UnwrappedNonce answers with the bytes of the nonce as extnValue, without the
// OCTET STRING that belongs around them.
func UnwrappedNonce() Fault {
	return nonceEdit("UnwrappedNonce()", func(m *fakeca.Message, i int, nonce []byte) {
		m.ResponseExtensions[i].Value = nonce
	})
}

// TwoNonces answers with the nonce, and with another.
func TwoNonces() Fault {
	return nonceEdit("TwoNonces()", func(m *fakeca.Message, i int, _ []byte) {
		other := m.ResponseExtensions[i]
		other.Value = bytes.Clone(other.Value)
		other.Value[len(other.Value)-1] ^= 1
		m.ResponseExtensions = append(m.ResponseExtensions, other)
	})
}

// NonceInSingle answers with the nonce among the extensions of the first single
// response, and not of the answer.
func NonceInSingle() Fault {
	return nonceEdit("NonceInSingle()", func(m *fakeca.Message, i int, _ []byte) {
		m.Responses[0].SingleExtensions = []pkix.Extension{m.ResponseExtensions[i]}
		m.ResponseExtensions = slices.Delete(m.ResponseExtensions, i, i+1)
		if len(m.ResponseExtensions) == 0 {
			m.ResponseExtensions = nil
		}
	})
}

func nonceFault(name string, lie func(*Exchange, *fakeca.Response)) Fault {
	return Fault{Name: name, Say: func(x *Exchange, said *fakeca.Response) {
		if said.Failure() == ocsp.Success { // or it has no nonce
			lie(x, said)
		}
	}}
}

// nonceEdit changes the message, given the index and the bytes of its nonce.
// Without a nonce in the request there is a new one.
func nonceEdit(name string, change func(m *fakeca.Message, i int, nonce []byte)) Fault {
	return nonceFault(name, func(_ *Exchange, said *fakeca.Response) {
		if said.Nonce == nil {
			said.Nonce = fakeca.NewNonce()
		}
		nonce, edit := said.Nonce, said.Edit
		said.Edit = func(m *fakeca.Message) {
			if edit != nil {
				edit(m)
			}
			if i := slices.IndexFunc(m.ResponseExtensions, fakeca.IsNonce); i >= 0 {
				change(m, i, nonce)
			}
		}
	})
}
