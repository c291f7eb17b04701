package verify

import (
	"bytes"
	"fmt"
	"slices"
)

// deltaTo returns the latest delta that continues a complete list, or nil: RFC 5280
// section 6.3.3, (a), (c) and (h). Deltas with violations count only if flawed is
// set.
func (j *crlJudgement) deltaTo(l *crl, flawed bool) *crl {
	for _, d := range j.deltas {
		if d.continues(l) == "" && (flawed || len(d.wrong) == 0 && len(d.outdated) == 0) {
			return d
		}
	}
	return nil
}

// continues returns why a delta cannot be combined with a complete list, or "". The
// letters are those of RFC 5280 section 5.2.4.
func (d *crl) continues(l *crl) string {
	switch {
	case !bytes.Equal(d.message.Issuer, l.message.Issuer): // (a)
		return "is from another issuer"
	case !bytes.Equal(d.rawIDP, l.rawIDP): // (b)
		return "has another issuing distribution point"
	case !bytes.Equal(d.keyID, l.keyID): // 6.3.3 (c)(3)
		return "has another authority key identifier"
	case d.signer != nil && l.signer != nil && !d.signer.Equal(l.signer): // 6.3.3 (h)
		return "is signed with another key"
	case l.number == nil || d.number == nil:
		return "has no number"
	case l.number.Cmp(d.base) < 0: // (c)
		return "is older than that"
	case l.number.Cmp(d.number) >= 0: // (d)
		return "is not older than the delta"
	}
	return ""
}

// explainDelta adds why a delta continues no complete list.
func (j *crlJudgement) explainDelta(d *crl, wrong *Violations) {
	if len(j.complete) == 0 {
		d.add(wrong, RuleCRLDelta, "it is a delta to number %v, and there is no complete CRL", d.base)
		return
	}
	if slices.ContainsFunc(j.complete, func(l *crl) bool { return d.continues(l) == "" }) {
		return
	}
	closest := j.complete[0]
	for _, l := range j.complete {
		if bytes.Equal(d.message.Issuer, l.message.Issuer) && bytes.Equal(d.rawIDP, l.rawIDP) {
			closest = l
			break
		}
	}
	what := "the complete CRL "
	switch {
	case d.number == nil:
		what = ""
	case closest.number != nil:
		what = fmt.Sprintf("the complete CRL, number %v, ", closest.number)
	}
	d.add(wrong, RuleCRLDelta, "it is a delta to number %v, and %s%s", d.base, what, d.continues(closest))
}
