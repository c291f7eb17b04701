package fakeca

import (
	"fmt"
	"time"
)

// The defaults of the times in responses and CRLs.
const (
	age           = time.Hour      // of thisUpdate
	validity      = 24 * time.Hour // from thisUpdate to nextUpdate
	revokedBefore = time.Hour      // from revokedAt to thisUpdate
)

// withTimes returns r with its default times filled in, as of now.
func (r Response) withTimes(now time.Time) Response {
	if r.ThisUpdate.IsZero() {
		r.ThisUpdate = now.Add(-age)
	}
	if r.NextUpdate.IsZero() && !r.Forever {
		r.NextUpdate = r.ThisUpdate.Add(validity)
	}
	if r.ProducedAt.IsZero() {
		r.ProducedAt = r.ThisUpdate
	}
	if r.Status == Revoked && r.RevokedAt.IsZero() {
		r.RevokedAt = r.ThisUpdate.Add(-revokedBefore)
	}
	return r
}

// checkTimes returns what is wrong with the times of a response or CRL, or "".
func checkTimes(forever bool, nextUpdate time.Time, others ...time.Time) string {
	if forever && !nextUpdate.IsZero() {
		return "Forever leaves NextUpdate out, and NextUpdate is set; choose one"
	}
	for _, t := range append(others, nextUpdate) {
		if err := checkYear(t); err != nil {
			return err.Error()
		}
	}
	return ""
}

func checkYear(t time.Time) error {
	if y := t.UTC().Year(); y < 0 || y > 9999 {
		return fmt.Errorf("a GeneralizedTime has years 0 to 9999, not %d", y)
	}
	return nil
}

// second returns t with the precision of a GeneralizedTime.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
