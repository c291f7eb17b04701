package fakeca

import (
	"crypto"
	"crypto/fips140"
	"crypto/sha1"
	"fmt"
)

// forbidden reports whether using h panics under GODEBUG=fips140=only.
func forbidden(h crypto.Hash) bool {
	return (h == crypto.SHA1 || h == crypto.MD5) && fips140.Enforced()
}

// mustBeAllowed panics with advice if using h would panic without it.
func mustBeAllowed(h crypto.Hash, use, instead string) {
	if forbidden(h) {
		panic(fmt.Sprintf("fakeca: GODEBUG=fips140=only forbids %v in %s; %s", h, use, instead))
	}
}

// sha1Sum is for hashes that others sent. They identify a name or a key and
// protect nothing, so FIPS mode need not keep us from reading them.
func sha1Sum(data []byte) [sha1.Size]byte {
	if fips140.Enforced() {
		return sha1SumUnenforced(data)
	}
	return sha1.Sum(data)
}

// sha1SumUnenforced is separate so that sum escapes to the heap only here.
func sha1SumUnenforced(data []byte) (sum [sha1.Size]byte) {
	fips140.WithoutEnforcement(func() { sum = sha1.Sum(data) })
	return sum
}
