package fakeca

import (
	"slices"
	"time"
)

// A formerRevocation is one that an entry of the record had.
type formerRevocation struct {
	revocation
	until uint64 // the revision that changed or undid it
}

// addFormer keeps a revocation that is changed or undone at a revision. The last
// one for each reason is enough to say whether a list from some revision on had
// one that the list covers.
func (e *entry) addFormer(r revocation, until uint64) {
	e.former = slices.DeleteFunc(e.former, func(f formerRevocation) bool { return f.reason == r.reason })
	e.former = append(e.former, formerRevocation{r, until})
}

// listed reports whether c lists e, and as what. Only is not considered.
func (e *entry) listed(c *CRL, now time.Time) (revocation, bool) {
	var base uint64
	if c.Base != nil {
		base = crlRevision(c.Base)
	}
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
