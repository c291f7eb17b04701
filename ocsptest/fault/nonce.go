package fault

import (
	"bytes"
	"crypto/x509/pkix"
	"fmt"
	"slices"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// WrongNonce responds with another nonce than the request has.
func WrongNonce() Fault {
	return nonceFault("WrongNonce()", func(_ *Exchange, r *fakeca.Response) { r.Nonce = fakeca.NewNonce() })
}

// ReplayedNonce responds with the nonce of an earlier request, or with a new one
// if there was none.
func ReplayedNonce() Fault {
	return nonceFault("ReplayedNonce()", func(x *Exchange, r *fakeca.Response) {
		r.Nonce = x.PreviousNonce
		if r.Nonce == nil {
			r.Nonce = fakeca.NewNonce()
		}
	})
}

// NoNonce responds without a nonce.
func NoNonce() Fault {
	return nonceFault("NoNonce()", func(_ *Exchange, r *fakeca.Response) { r.Nonce = nil })
}

// NonceOfLength responds with a nonce of n bytes: that of the request, cut off
// or padded with zeros. RFC 9654 section 2.1 allows 1 to 128 bytes.
func NonceOfLength(n int) Fault {
	if n < 0 {
		panic(fmt.Sprintf("fault: NonceOfLength(%d); the length must not be negative", n))
	}
	return nonceFault(fmt.Sprintf("NonceOfLength(%d)", n), func(_ *Exchange, r *fakeca.Response) {
		nonce := make([]byte, n)
		copy(nonce, r.Nonce)
		r.Nonce = nonce
	})
}

// UnsolicitedNonce responds with a nonce even if the request has none.
func UnsolicitedNonce() Fault {
	return nonceFault("UnsolicitedNonce()", func(_ *Exchange, r *fakeca.Response) {
		if r.Nonce == nil {
			r.Nonce = fakeca.NewNonce()
		}
	})
}

// UnwrappedNonce responds with the bytes of the nonce as extnValue, without the
// OCTET STRING that belongs around them.
func UnwrappedNonce() Fault {
	return nonceEdit("UnwrappedNonce()", func(m *fakeca.Message, i int, nonce []byte) {
		m.ResponseExtensions[i].Value = nonce
	})
}

// TwoNonces responds with the nonce and with another.
func TwoNonces() Fault {
	return nonceEdit("TwoNonces()", func(m *fakeca.Message, i int, _ []byte) {
		other := m.ResponseExtensions[i]
		other.Value = bytes.Clone(other.Value)
		other.Value[len(other.Value)-1] ^= 1
		m.ResponseExtensions = append(m.ResponseExtensions, other)
	})
}

// NonceInSingle responds with the nonce in the extensions of the first single
// response, instead of in those of the whole response.
func NonceInSingle() Fault {
	return nonceEdit("NonceInSingle()", func(m *fakeca.Message, i int, _ []byte) {
		m.Responses[0].SingleExtensions = []pkix.Extension{m.ResponseExtensions[i]}
		m.ResponseExtensions = slices.Delete(m.ResponseExtensions, i, i+1)
		if len(m.ResponseExtensions) == 0 {
			m.ResponseExtensions = nil
		}
	})
}

func nonceFault(name string, say func(*Exchange, *fakeca.Response)) Fault {
	return Fault{Name: name, Say: func(x *Exchange, r *fakeca.Response) {
		if r.Failure() == ocsp.Success { // errors have no nonce
			say(x, r)
		}
	}}
}

// nonceEdit changes the message, given the index and the bytes of its nonce. If
// the request has no nonce, the response gets a new one.
func nonceEdit(name string, change func(m *fakeca.Message, i int, nonce []byte)) Fault {
	return nonceFault(name, func(_ *Exchange, r *fakeca.Response) {
		if r.Nonce == nil {
			r.Nonce = fakeca.NewNonce()
		}
		nonce, edit := r.Nonce, r.Edit
		r.Edit = func(m *fakeca.Message) {
			if edit != nil {
				edit(m)
			}
			if i := slices.IndexFunc(m.ResponseExtensions, fakeca.IsNonce); i >= 0 {
				change(m, i, nonce)
			}
		}
	})
}
