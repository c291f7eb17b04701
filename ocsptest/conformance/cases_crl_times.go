package conformance

import (
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// crlTimesCases are about thisUpdate and nextUpdate of CRLs, and about their form.
//
// Left out: thisUpdate on both sides of 2050, because it is always near the current
// time; nextUpdate is on both sides.
func crlTimesCases() []*scenario {
	return listScenarios("crl-times/", currentLists(), listsOfOtherTimes(), listYears(), listTimeForms(), outdatedTimeForms())
}

// listDated returns a CRL of three other certificates with these times, from now.
func listDated(thisUpdate, nextUpdate time.Duration, edit func(*fakeca.CRLMessage)) func(*world) fakeca.CRL {
	return func(w *world) fakeca.CRL {
		now := w.clock.now()
		return fakeca.CRL{Also: manyRevoked(3), ThisUpdate: now.Add(thisUpdate), NextUpdate: now.Add(nextUpdate), Edit: edit}
	}
}

// withoutNextUpdate returns a CRL that does not say when the next one comes.
func withoutNextUpdate(thisUpdate time.Duration) func(*world) fakeca.CRL {
	return func(w *world) fakeca.CRL {
		return fakeca.CRL{Also: manyRevoked(3), ThisUpdate: w.clock.now().Add(thisUpdate), Forever: true}
	}
}

// Why clients differ.
const (
	allowForClocks = "most clients allow for clocks that differ"
	notSpecified   = "; RFC 5280 does not say what clients do"
)

// currentLists are valid now.
func currentLists() []listCase {
	at := func(name, doc string, ref Ref, thisUpdate, nextUpdate time.Duration) listCase {
		return list(name, doc, ref, listDated(thisUpdate, nextUpdate, nil))
	}
	return []listCase{
		at("a-week", "thisUpdate was a day ago, and nextUpdate is in a week", refCRLNextUpdateDate, -day, 7*day),
		at("ten-minutes", "nextUpdate is in ten minutes", refCRLNextUpdateDate, -day, 10*time.Minute).onlyGood(),
		at("a-year", "nextUpdate is in a year, as in CRLs of CAs that are kept offline", refCRLNextUpdateDate, -day, 365*day),
		at("eight-days-old", "thisUpdate was eight days ago, and nextUpdate is in two days", refCRLRecent, -8*day, 2*day).
			refusedBy("some clients allow at most seven days").onlyGood(),
		at("a-year-old", "thisUpdate was a year ago, and nextUpdate is in a month", refCRLRecent, -365*day, 30*day).
			refusedBy("some clients allow at most seven days").onlyGood(),
		at("early-within-skew", "thisUpdate is in a minute", refCRLThisUpdate, time.Minute, 7*day).refusedBy(allowForClocks).onlyGood(),
		at("expired-within-skew", "nextUpdate was a minute ago", refCRLExpired, -7*day, -time.Minute).refusedBy(allowForClocks).onlyGood(),
		at("same-times", "thisUpdate and nextUpdate are both a minute ago", refCRLExpired, -time.Minute, -time.Minute).
			refusedBy(allowForClocks).onlyGood(),
	}
}

// listsOfOtherTimes are not valid now, or it is open whether they are.
func listsOfOtherTimes() []listCase {
	at := func(name, doc string, ref Ref, thisUpdate, nextUpdate time.Duration) listCase {
		return list(name, doc, ref, listDated(thisUpdate, nextUpdate, nil))
	}
	byADay := func(c listCase) listCase {
		c = c.tolerated().onlyGood()
		c.why = "; some clients allow for a day"
		return c
	}
	noNextUpdate := func(c listCase) listCase {
		c = c.tolerated()
		c.why, c.whyRevoked = notSpecified, notSpecified
		return c
	}
	return []listCase{
		byADay(at("just-early", "thisUpdate is in six minutes", refCRLThisUpdate, 6*time.Minute, 7*day)),
		byADay(at("just-expired", "nextUpdate was six minutes ago", refCRLExpired, -7*day, -6*time.Minute)),
		at("early", "thisUpdate is in two days", refCRLThisUpdate, 2*day, 9*day).stillRevoked().onlyRevoked(),
		at("a-month-ahead", "all times are a month ahead, as if the clock of the CA was", refCRLThisUpdate, 30*day, 37*day).onlyGood(),
		at("same-times-expired", "thisUpdate and nextUpdate are both two days ago", refCRLExpired, -2*day, -2*day).onlyGood(),
		at("next-before-this", "thisUpdate was an hour ago, and nextUpdate two days ago", refCRLExpired, -time.Hour, -2*day).stillRevoked(),
		noNextUpdate(list("no-next-update", "there is no nextUpdate", refCRLNextUpdate, withoutNextUpdate(-time.Hour))).onlyRevoked().
			known("akash-network/console#3381"),
		noNextUpdate(list("no-next-update-old", "there is no nextUpdate, and thisUpdate was a year ago",
			refCRLNextUpdate, withoutNextUpdate(-365*day))).onlyGood().known("akash-network/console#3381"),
	}
}

// listYears have a nextUpdate on both sides of 2050, where the type of times
// changes, and of 1950, where the meaning of a UTCTime does.
func listYears() []listCase {
	next := func(tag byte, text string) func(*world) fakeca.CRL {
		return editedCRL(func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = rawTime(tag, text) })
	}
	generalized := func(t *fakeca.Time) { t.Raw = rawTime(generalizedTime, t.UTC().Format("20060102150405Z")) }
	return []listCase{
		list("utctime-2049", "nextUpdate is the last second of 2049, in a UTCTime", refUTCTimeYear, next(utcTime, "491231235959Z")).onlyGood(),
		list("generalizedtime-2050", "nextUpdate is the first second of 2050, in a GeneralizedTime", refCRLEitherTime,
			next(generalizedTime, "20500101000000Z")),
		list("utctime-1950", "nextUpdate is a UTCTime of the year 50, which is 1950", refUTCTimeYear,
			next(utcTime, "500101000000Z")).stillRevoked(),
		list("generalizedtime-9999", "nextUpdate is the end of the year 9999", refCRLEitherTime,
			next(generalizedTime, "99991231235959Z")).onlyGood(),
		list("this-update-generalizedtime", "thisUpdate is a GeneralizedTime, where CAs use UTCTime until 2049", refCRLEitherTime,
			editedCRL(func(m *fakeca.CRLMessage) { generalized(&m.ThisUpdate) })).onlyGood(),
		list("next-update-generalizedtime", "nextUpdate is a GeneralizedTime, where CAs use UTCTime until 2049", refCRLEitherTime,
			editedCRL(func(m *fakeca.CRLMessage) { generalized(&m.NextUpdate) })),
	}
}

// A timeForm is a form of a time that RFC 5280 does not allow.
type timeForm struct {
	name, doc      string
	ref            Ref
	tag            byte
	layout, suffix string
}

func (f timeForm) of(t fakeca.Time) []byte { return rawTime(f.tag, t.UTC().Format(f.layout)+f.suffix) }

func timeForms() []timeForm {
	return []timeForm{
		{"fraction", "has a fraction of a second", refTimeForm, generalizedTime, "20060102150405", ".5Z"},
		{"offset", "is a GeneralizedTime with an offset instead of Z", refTimeForm, generalizedTime, "20060102150405", "+0000"},
		{"without-seconds", "is a GeneralizedTime without seconds", refTimeForm, generalizedTime, "200601021504Z", ""},
		{"utctime-offset", "is a UTCTime with an offset instead of Z", refUTCTimeForm, utcTime, "060102150405", "+0000"},
		{"utctime-without-seconds", "is a UTCTime without seconds", refUTCTimeForm, utcTime, "0601021504Z", ""},
	}
}

// listTimeForms have current times in a form that RFC 5280 does not allow.
func listTimeForms() []listCase {
	var cases []listCase
	for _, form := range timeForms() {
		cases = append(cases, list("next-update-"+form.name, "nextUpdate "+form.doc, form.ref,
			editedCRL(func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = form.of(m.NextUpdate) })).tolerated().onlyGood())
	}
	thisUpdate := timeForms()[0]
	return append(cases,
		list("this-update-"+thisUpdate.name, "thisUpdate "+thisUpdate.doc, thisUpdate.ref,
			editedCRL(func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = thisUpdate.of(m.ThisUpdate) })).tolerated().onlyGood(),
		list("next-update-empty", "nextUpdate has no bytes", refUTCTimeForm,
			editedCRL(func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = []byte{utcTime, 0} })).onlyGood(),
		list("next-update-impossible", "nextUpdate is the 30th of February", refUTCTimeForm,
			editedCRL(func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = rawTime(utcTime, "490230000000Z") })).onlyGood(),
	)
}

// outdatedTimeForms are not current, in a form that RFC 5280 does not allow. A
// client that cannot read the time must not take the CRL for current.
func outdatedTimeForms() []listCase {
	var cases []listCase
	for _, form := range timeForms() {
		expired := list("expired-"+form.name, "nextUpdate was two days ago, and "+form.doc, refCRLExpired,
			listDated(-9*day, -2*day, func(m *fakeca.CRLMessage) { m.NextUpdate.Raw = form.of(m.NextUpdate) }))
		early := list("early-"+form.name, "thisUpdate is in two days, and "+form.doc, refCRLThisUpdate,
			listDated(2*day, 9*day, func(m *fakeca.CRLMessage) { m.ThisUpdate.Raw = form.of(m.ThisUpdate) }))
		expired.rules, early.rules = []verify.Rule{verify.RuleCRLExpired}, []verify.Rule{verify.RuleCRLEarly}
		for _, c := range []listCase{expired, early} {
			cases = append(cases, c.onlyGood().known("openssl/openssl#32377", "apple/app-store-server-library-node#447"))
		}
	}
	return cases
}
