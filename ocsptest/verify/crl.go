package verify

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// CRLs returns what CRLs say about cert, which issuer issued, by RFC 5280 section
// 6.3.3. It is [Options.CRLs] with the default options.
func CRLs(lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	return Options{}.CRLs(lists, cert, issuer, at)
}

// CRLs returns what CRLs say about cert, which issuer issued, by RFC 5280 section
// 6.3.3. The lists may be complete CRLs, shards, CRLs for some reasons, deltas and
// indirect CRLs, of several issuers and in any order. A delta is used if the
// complete CRL that it continues is among them.
//
// Only lists without violations decide, and if they do, err is nil: the status is
// Good or Revoked, and other lists do not matter. Otherwise err is [Violations]:
// everything that is wrong with any list, or why it is not about cert. The status
// is then what the lists would say if nothing were wrong with those about cert, and
// Unknown if even that does not decide.
//
// Of several lists about cert the latest counts. Of the result, Status, Reason,
// ExplicitReason, RevokedAt and Serial are set, and ThisUpdate, NextUpdate and
// Forever, which say when all lists that decide are current.
//
// A nil cert or issuer is an error that is not a Violations.
func (o Options) CRLs(lists [][]byte, cert, issuer *x509.Certificate, at time.Time) (fakeca.Response, error) {
	if err := checkGiven(cert, "cert", issuer); err != nil {
		return fakeca.Response{Status: fakeca.Unknown}, err
	}
	j := crlJudgement{Options: o.withDefaults(), cert: cert, issuer: issuer, at: at}
	j.readPoints()
	for i, der := range lists {
		j.all = append(j.all, j.readCRL(i, len(lists), der))
	}
	for _, l := range j.all {
		switch {
		case l.message == nil || l.unscoped:
		case l.isDelta:
			j.deltas = append(j.deltas, l)
		default:
			j.complete = append(j.complete, l)
		}
	}
	slices.SortStableFunc(j.complete, latestFirst)
	slices.SortStableFunc(j.deltas, latestFirst)
	if s := j.process(false); s.determined() {
		return j.response(s), nil
	}
	s := j.process(true)
	return j.response(s), j.violations(s)
}

// A crlJudgement is the state of one call of [Options.CRLs].
type crlJudgement struct {
	Options
	cert, issuer     *x509.Certificate
	at               time.Time
	points           []point
	all              []*crl // in the order of the caller
	complete, deltas []*crl // of all, those that can be used
	wrong            Violations
}

// A crlStatus has the state variables of RFC 5280 section 6.3.2.
type crlStatus struct {
	reasons reasonSet                  // reasons_mask
	revoked *fakeca.RevokedCertificate // cert_status; nil: UNREVOKED
	used    []*crl                     // the lists that were processed
}

// determined reports whether s is what section 6.3.3 returns.
func (s *crlStatus) determined() bool { return s.revoked != nil || s.reasons == allReasons }

// process follows RFC 5280 section 6.3.3, whose steps are in the comments. The last
// of the points is the one that it assumes at its end. Lists with violations count
// only if flawed is set.
func (j *crlJudgement) process(flawed bool) (s crlStatus) {
	for _, p := range j.points {
		for _, l := range j.complete {
			if s.determined() {
				return s
			}
			// (a) The caller has fetched the lists. With a delta, (c) and (h), the
			// times of the delta count.
			delta := j.deltaTo(l, flawed)
			if !flawed && (len(l.wrong) > 0 || len(l.outdated) > 0 && delta == nil) {
				continue
			}
			// (b)
			if j.fit(l, p) != fits || j.outOfScope(l) != "" {
				continue
			}
			// (d) and (e)
			interim := l.reasons & p.reasons
			if interim&^s.reasons == 0 {
				continue
			}
			// (f) and (g): readCRL has added to l.wrong.
			// (i), (j) and (k)
			entry := l.entry
			if delta != nil && delta.entry != nil {
				entry = delta.entry
			}
			if entry != nil && !isRemoval(entry) {
				s.revoked = entry
			}
			if s.revoked == nil && j.NoIDP && l.idp != nil {
				continue
			}
			s.used = append(s.used, l)
			if delta != nil {
				s.used[len(s.used)-1] = delta
			}
			// (l)
			s.reasons |= interim
		}
	}
	return s
}

// response returns what the lists say.
func (j *crlJudgement) response(s crlStatus) fakeca.Response {
	r := fakeca.Response{Status: fakeca.Unknown, Serial: j.cert.SerialNumber, Forever: len(s.used) > 0}
	switch {
	case s.revoked != nil:
		r.Status, r.RevokedAt = fakeca.Revoked, s.revoked.RevocationDate.Time
		if reason, err := s.revoked.Reason(); err == nil && reason != nil {
			r.Reason, r.ExplicitReason = *reason, *reason == fakeca.Unspecified
		}
	case s.reasons == allReasons:
		r.Status = fakeca.Good
	}
	for _, l := range s.used {
		this, next := l.message.ThisUpdate.Time, l.message.NextUpdate.Time
		if this.After(r.ThisUpdate) {
			r.ThisUpdate = this
		}
		if !next.IsZero() && (r.Forever || next.Before(r.NextUpdate)) {
			r.NextUpdate, r.Forever = next, false
		}
	}
	return r
}

// violations returns why the status was not determined: s is with the lists that
// have violations.
func (j *crlJudgement) violations(s crlStatus) error {
	wrong := j.wrong
	for _, l := range j.all {
		wrong = append(wrong, l.wrong...)
		wrong = append(wrong, l.outdated...)
		switch {
		case l.message == nil || l.unscoped:
		case l.isDelta:
			j.explainDelta(l, &wrong)
		default:
			j.explainScope(l, &wrong)
		}
	}
	switch {
	case len(j.all) == 0:
		wrong.add(RuleCRLMissing, "there is none")
	case len(s.used) > 0 && !s.determined():
		wrong.add(RuleCRLReasons, "no CRL covers %v", allReasons&^s.reasons)
	case len(wrong) == 0: // such as a CRL that is for no reason
		wrong.add(RuleCRLReasons, "no CRL covers any reason")
	}
	return wrong.err()
}

// latestFirst orders lists by thisUpdate, and by number if that is the same.
func latestFirst(a, b *crl) int {
	later := b.message.ThisUpdate.Compare(a.message.ThisUpdate.Time)
	if a.number == nil || b.number == nil {
		return later
	}
	return cmp.Or(later, b.number.Cmp(a.number))
}
