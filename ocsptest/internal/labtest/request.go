package labtest

import (
	"crypto"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// RequestFor returns a request about a leaf, with nothing else in it.
func RequestFor(leaf *fakeca.Leaf) *fakeca.Request {
	return fakeca.NewRequest(leaf.Cert.SerialNumber, leaf.Issuer.Cert)
}

// RequestWithHash is RequestFor with a CertID of this hash.
func RequestWithHash(leaf *fakeca.Leaf, hash crypto.Hash) *fakeca.Request {
	id := fakeca.NewCertID(leaf.Cert.SerialNumber, leaf.Issuer.Cert, hash)
	return &fakeca.Request{List: []fakeca.SingleRequest{{CertID: id}}}
}

// Request returns a request about serial numbers of a CA.
func Request(ca *fakeca.CA, serials ...int64) *fakeca.Request {
	req := new(fakeca.Request)
	for _, serial := range serials {
		req.List = append(req.List, fakeca.NewRequest(big.NewInt(serial), ca.Cert).List...)
	}
	return req
}

// WithNonce sets the nonce of a request, and returns the request.
func WithNonce(req *fakeca.Request, nonce []byte) *fakeca.Request {
	req.SetNonce(nonce)
	return req
}

// Awkward returns a request whose base64 has everything that must be escaped in
// a URL.
func Awkward(ca *fakeca.CA) []byte {
	for n := int64(1); ; n++ {
		serial := new(big.Int).Mul(big.NewInt(n), big.NewInt(0x1234567890abcdef))
		serial.Lsh(serial, 32).Or(serial, big.NewInt(0xfffffbef))
		der := fakeca.NewRequest(serial, ca.Cert).Marshal()
		text := base64.StdEncoding.EncodeToString(der)
		if strings.Contains(text, "//") && strings.Contains(text, "+") && strings.HasSuffix(text, "=") {
			return der
		}
	}
}
