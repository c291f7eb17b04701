package fakeca

import (
	"maps"
	"math/big"
	"slices"
	"time"
)

// A formerRevocation is a revocation that was changed or undone.
type formerRevocation struct {
	revocation
	until uint64 // the revision of the record at which that happened
}

// addFormer keeps a revocation that is changed or undone at a revision. The last
// one for each reason is enough to say whether a list from some revision on had
// one that the list covers.
func (e *entry) addFormer(r revocation, until uint64) {
	e.former = slices.DeleteFunc(e.former, func(f formerRevocation) bool { return f.reason == r.reason })
	e.former = append(e.former, formerRevocation{r, until})
}

// listed reports whether c lists e, and as what. If c is a delta CRL, base is the
// revision that its base was made from. Only is not considered.
func (e *entry) listed(c *CRL, base uint64, now time.Time) (revocation, bool) {
	isCA := e.cert != nil && e.cert.IsCA
	if c.Base != nil && e.changed <= base || c.OnlyAttributeCerts || c.OnlyCACerts && !isCA || c.OnlyUserCerts && isCA {
		return revocation{}, false
	}
	var r revocation
	revoked := e.response.Status == Revoked
	if revoked {
		if r = e.response.revocation(e.serial, now); c.covers(r.reason) {
			return r, true
		}
	}
	if c.Base == nil {
		return revocation{}, false
	}
	for _, was := range slices.Backward(e.former) {
		switch {
		case was.until <= base || !c.covers(was.reason):
			continue
		case revoked: // for a reason that c does not cover (section 5.2.4, (c))
			r.reason, r.explicitReason = Unspecified, false
			return r, true
		}
		was.reason = RemoveFromCRL
		return was.revocation, true
	}
	return revocation{}, false
}

// covers reports whether c lists revocations for a reason.
func (c *CRL) covers(r Reason) bool {
	return c.OnlySomeReasons == nil || slices.Contains(c.OnlySomeReasons, r)
}

// revisions are those of the records that a list was made from.
type revisions map[*CA]uint64

// number returns the default number of a list.
func (r revisions) number(thisUpdate time.Time) *big.Int {
	n := big.NewInt(max(thisUpdate.Unix(), 1)) // so that it is positive, and encodes a revision
	n.Lsh(n, revisionBits)
	for _, revision := range r {
		n.Add(n, new(big.Int).SetUint64(revision))
	}
	return n
}

// The revision is in the low bits of a default number.
const revisionBits = 32

// encodedRevision returns the revision in a default number, or 0 if number is too
// small to be one.
func encodedRevision(number *big.Int) uint64 {
	if number.Sign() < 0 || number.BitLen() <= revisionBits {
		return 0
	}
	mask := big.NewInt(1<<revisionBits - 1)
	return mask.And(mask, number).Uint64()
}

// remember keeps what a list was made from, for deltas to it. If several lists
// have the same number, the delta is to the first of them, and so to all.
func (ca *CA) remember(number *big.Int, madeFrom revisions) {
	ca.mu.Lock()
	defer ca.mu.Unlock()
	key := serialKey(number)
	kept := ca.bases[key]
	if kept == nil {
		kept = make(revisions)
		if n := encodedRevision(number); n > 0 { // a list with this number by default
			kept[ca] = n
		}
	}
	for o, revision := range madeFrom {
		if first, ok := kept[o]; ok {
			revision = min(revision, first)
		}
		kept[o] = revision
	}
	if ca.bases == nil {
		ca.bases = make(map[string]revisions)
	}
	ca.bases[key] = kept
}

// madeFrom returns what the list with this number was made from. A CA that is not
// there had nothing on it.
func (ca *CA) madeFrom(number *big.Int) revisions {
	ca.mu.RLock()
	defer ca.mu.RUnlock()
	if kept, ok := ca.bases[serialKey(number)]; ok {
		return maps.Clone(kept)
	}
	return revisions{ca: encodedRevision(number)}
}
