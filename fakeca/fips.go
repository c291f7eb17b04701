package fakeca

import (
	"crypto"
	"crypto/fips140"
	"crypto/sha1"
	"fmt"
)

// forbidden reports whether the use of h panics, as that of SHA-1 and MD5 does
// under GODEBUG=fips140=only.
func forbidden(h crypto.Hash) bool {
	return (h == crypto.SHA1 || h == crypto.MD5) && fips140.Enforced()
}

// mustBeAllowed panics with our own text where the hash itself would.
func mustBeAllowed(h crypto.Hash, use, instead string) {
	if forbidden(h) {
		panic(fmt.Sprintf("fakeca: GODEBUG=fips140=only forbids %v in %s; %s", h, use, instead))
	}
}

// sha1Sum is for reading only, where SHA-1 identifies a key or a name that a
// peer sent and protects nothing, so that FIPS mode need not forbid it.
func sha1Sum(data []byte) [sha1.Size]byte {
	if fips140.Enforced() {
		return sha1SumUnenforced(data)
	}
	return sha1.Sum(data)
}

func sha1SumUnenforced(data []byte) (sum [sha1.Size]byte) {
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(data) })
	return sum
}
