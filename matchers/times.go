package matchers

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"
)

// HaveOCSPThisUpdate matches an answer with this thisUpdate: a time.Time, which
// is compared to the second as GeneralizedTime tells it, a text in the form of
// RFC 3339, or a matcher of a time.Time, such as BeTemporally.
func HaveOCSPThisUpdate(t any) types.GomegaMatcher {
	return haveField("HaveOCSPThisUpdate", t, times("thisUpdate"), func(a *answer) (time.Time, string, error) {
		if but := a.lacks(); but != "" {
			return time.Time{}, but, nil
		}
		got, err := a.given("ThisUpdate", a.single.ThisUpdate)
		return got, "", err
	})
}

// HaveOCSPNextUpdate matches an answer with this nextUpdate, given as to
// [HaveOCSPThisUpdate]. An answer without nextUpdate matches no time and no
// matcher; the zero time.Time is how to expect it.
func HaveOCSPNextUpdate(t any) types.GomegaMatcher {
	if t, ok := t.(time.Time); ok && t.IsZero() {
		return haveNoNextUpdate()
	}
	return haveField("HaveOCSPNextUpdate", t, times("nextUpdate"), func(a *answer) (time.Time, string, error) {
		but := a.lacks()
		if but == "" && a.forever() {
			but = "it has no nextUpdate"
		}
		if but != "" {
			return time.Time{}, but, nil
		}
		got, err := a.given("NextUpdate", a.single.NextUpdate)
		return got, "", err
	})
}

func haveNoNextUpdate() types.GomegaMatcher {
	return newMatcher("HaveOCSPNextUpdate", []any{time.Time{}}, nil, onAnswer(func(a *answer) (verdict, error) {
		but := a.lacks()
		return verdict{ok: but == "" && a.forever(), what: a.text(), want: "be without nextUpdate", but: but}, nil
	}))
}

func (a *answer) forever() bool {
	return a.single.Forever || a.message != nil && a.single.NextUpdate.IsZero()
}

// HaveOCSPProducedAt matches an answer with this producedAt, given as to
// [HaveOCSPThisUpdate].
func HaveOCSPProducedAt(t any) types.GomegaMatcher {
	return haveField("HaveOCSPProducedAt", t, times("producedAt"), func(a *answer) (time.Time, string, error) {
		if but := a.lacks(); but != "" {
			return time.Time{}, but, nil
		}
		got, err := a.given("ProducedAt", a.whole.ProducedAt)
		return got, "", err
	})
}

// HaveOCSPRevokedAt matches an answer that says revoked since this time, given
// as to [HaveOCSPThisUpdate]. What is not revoked does not match.
func HaveOCSPRevokedAt(t any) types.GomegaMatcher {
	return haveField("HaveOCSPRevokedAt", t, times("revokedAt"), func(a *answer) (time.Time, string, error) {
		if but := a.unlessRevoked(); but != "" {
			return time.Time{}, but, nil
		}
		got, err := a.given("RevokedAt", a.single.RevokedAt)
		return got, "", err
	})
}

// BeOCSPCurrentAt matches an answer that is current at t: not before its
// thisUpdate, and not after its nextUpdate, if it has one (RFC 6960 section
// 4.2.2.1). No tolerance is added; clients differ in theirs.
func BeOCSPCurrentAt(t time.Time) types.GomegaMatcher {
	var err error
	if t.IsZero() {
		err = errors.New("the time is zero; write time.Now(), or what the CA's clock tells")
	}
	return newMatcher("BeOCSPCurrentAt", []any{t}, err, onAnswer(func(a *answer) (verdict, error) {
		v := verdict{what: a.text(), want: "be current at " + stamp(t)}
		if a.failure != ocsp.Success {
			v.but = "it is an error response, which has no times"
			return v, nil
		}
		from, err := a.given("ThisUpdate", a.single.ThisUpdate)
		if err != nil {
			return v, err
		}
		if t.Before(from) {
			v.but = fmt.Sprintf("that is %v before thisUpdate", from.Sub(t))
			return v, nil
		}
		if a.forever() {
			v.ok = true
			return v, nil
		}
		until, err := a.given("NextUpdate", a.single.NextUpdate)
		if err != nil {
			return v, err
		}
		if v.ok = !t.After(until); !v.ok {
			v.but = fmt.Sprintf("that is %v after nextUpdate", t.Sub(until))
		}
		return v, nil
	}))
}
