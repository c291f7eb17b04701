package fakeca

import "encoding/pem"

// CRLPEM returns lists in PEM, each from its DER. With the lists of several CAs
// it is a bundle such as OpenSSL, nginx and curl read from a file. To read one,
// use [pem.Decode].
func CRLPEM(ders ...[]byte) []byte {
	var out []byte
	for _, der := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})...)
	}
	return out
}
