package matchers

import (
	"errors"
	"fmt"
	"time"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"
)

// HaveOCSPThisUpdate matches a response with this thisUpdate: a time.Time, a
// string in the format of RFC 3339, or a matcher for a time.Time such as
// BeTemporally. Times are compared to the second, the precision of OCSP.
func HaveOCSPThisUpdate(t any) types.GomegaMatcher {
	return haveField("HaveOCSPThisUpdate", t, times("thisUpdate"), func(r *response) (time.Time, string, error) {
		if lacks := r.lacksFields(); lacks != "" {
			return time.Time{}, lacks, nil
		}
		got, err := r.time("ThisUpdate", r.single.ThisUpdate)
		return got, "", err
	})
}

// HaveOCSPNextUpdate matches a response with this nextUpdate. It takes the same
// values as [HaveOCSPThisUpdate]. To expect no nextUpdate, pass time.Time{}. No
// other value or matcher matches a response without nextUpdate.
func HaveOCSPNextUpdate(t any) types.GomegaMatcher {
	if t, ok := t.(time.Time); ok && t.IsZero() {
		return haveNoNextUpdate()
	}
	return haveField("HaveOCSPNextUpdate", t, times("nextUpdate"), func(r *response) (time.Time, string, error) {
		lacks := r.lacksFields()
		if lacks == "" && r.forever() {
			lacks = "it has no nextUpdate"
		}
		if lacks != "" {
			return time.Time{}, lacks, nil
		}
		got, err := r.time("NextUpdate", r.single.NextUpdate)
		return got, "", err
	})
}

func haveNoNextUpdate() types.GomegaMatcher {
	return newMatcher("HaveOCSPNextUpdate", []any{time.Time{}}, nil, onResponse(func(r *response) (verdict, error) {
		v := verdict{what: r.what, want: "be without a nextUpdate", but: r.lacksFields(), lines: r.lines()}
		if v.but == "" {
			v.ok, v.but = r.forever(), "its nextUpdate is "+stamp(r.single.NextUpdate)
		}
		return v, nil
	}))
}

func (r *response) forever() bool {
	return r.single.Forever || r.message != nil && r.single.NextUpdate.IsZero()
}

// HaveOCSPProducedAt matches a response with this producedAt. It takes the same
// values as [HaveOCSPThisUpdate].
func HaveOCSPProducedAt(t any) types.GomegaMatcher {
	return haveField("HaveOCSPProducedAt", t, times("producedAt"), func(r *response) (time.Time, string, error) {
		if lacks := r.lacksFields(); lacks != "" {
			return time.Time{}, lacks, nil
		}
		got, err := r.time("ProducedAt", r.whole.ProducedAt)
		return got, "", err
	})
}

// HaveOCSPRevokedAt matches a response that says revoked since this time. It
// takes the same values as [HaveOCSPThisUpdate]. Only a response that says
// revoked matches.
func HaveOCSPRevokedAt(t any) types.GomegaMatcher {
	return haveField("HaveOCSPRevokedAt", t, times("revokedAt"), func(r *response) (time.Time, string, error) {
		if lacks := r.lacksRevocation(); lacks != "" {
			return time.Time{}, lacks, nil
		}
		got, err := r.time("RevokedAt", r.single.RevokedAt)
		return got, "", err
	})
}

// BeOCSPCurrentAt matches a response that is current at t: not before its
// thisUpdate, and not after its nextUpdate, if it has one (RFC 6960 section
// 4.2.2.1). It allows no clock skew; clients differ in how much they allow.
func BeOCSPCurrentAt(t time.Time) types.GomegaMatcher {
	var err error
	if t.IsZero() {
		err = errors.New("the time is zero; write time.Now(), or the time of the CA's clock")
	}
	return newMatcher("BeOCSPCurrentAt", []any{t}, err, onResponse(func(r *response) (verdict, error) {
		v := verdict{what: r.what, want: "be current at " + stamp(t), lines: r.lines()}
		if r.failure != ocsp.Success {
			v.but = r.lacksFields()
			return v, nil
		}
		from, err := r.time("ThisUpdate", r.single.ThisUpdate)
		if err != nil {
			return v, err
		}
		if t.Before(from) {
			v.but = fmt.Sprintf("that is %v before its thisUpdate", from.Sub(t))
			return v, nil
		}
		if r.forever() {
			v.ok = true
			return v, nil
		}
		until, err := r.time("NextUpdate", r.single.NextUpdate)
		if err != nil {
			return v, err
		}
		if v.ok = !t.After(until); !v.ok {
			v.but = fmt.Sprintf("that is %v after its nextUpdate", t.Sub(until))
		}
		return v, nil
	}))
}
