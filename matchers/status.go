package matchers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// HaveOCSPStatus matches a response with this status: a fakeca.Status such as
// [Good], its text ("revoked"), a constant of [golang.org/x/crypto/ocsp], or a
// matcher for a fakeca.Status. An error response has the status [ServerFailed].
func HaveOCSPStatus(status any) types.GomegaMatcher {
	return haveField("HaveOCSPStatus", status, statuses, func(r *response) (fakeca.Status, string, error) {
		return r.status, "", nil
	})
}

// HaveOCSPReason matches a response that says revoked for this reason (RFC 5280
// section 5.3.1): a fakeca.Reason such as [KeyCompromise], its text
// ("key_compromise" or "keyCompromise"), a constant of
// [golang.org/x/crypto/ocsp], or a matcher for a fakeca.Reason. A response that
// gives no reason has the reason [Unspecified].
//
// Only a response that says revoked has a reason. NotTo(HaveOCSPReason(r)) also
// passes for one that says good: expect HaveOCSPStatus([Revoked]) as well.
func HaveOCSPReason(reason any) types.GomegaMatcher {
	return haveField("HaveOCSPReason", reason, reasons, func(r *response) (fakeca.Reason, string, error) {
		return r.single.Reason, r.lacksRevocation(), nil
	})
}

// HaveOCSPError matches an error response (RFC 6960 section 4.2.1) with this
// error: a constant such as fakeca.TryLater, its text ("tryLater" or
// "try_later"), a constant of [golang.org/x/crypto/ocsp], or a matcher for an
// ocsp.ResponseStatus. To match any error response, use
// HaveOCSPStatus([ServerFailed]).
func HaveOCSPError(status any) types.GomegaMatcher {
	return haveField("HaveOCSPError", status, failures, func(r *response) (ocsp.ResponseStatus, string, error) {
		if r.failure == ocsp.Success {
			return 0, "it is not an error response", nil
		}
		return r.failure, "", nil
	})
}

// haveField returns a matcher for one field of a response. get returns the
// field, or why the response does not have it, or why it is not known.
func haveField[T any](name string, x any, k kind[T], get func(*response) (field T, lacks string, err error)) types.GomegaMatcher {
	e, err := k.expect(x)
	return newMatcher(name, []any{x}, err, onResponse(func(r *response) (verdict, error) {
		v := verdict{what: r.what, want: e.want(), lines: r.lines()}
		got, lacks, err := get(r)
		if err != nil || lacks != "" {
			v.but = lacks
			return v, err
		}
		return e.judge(got, v)
	}))
}

// lacksRevocation says why the response has no reason and no revocation time; ""
// if it has.
func (r *response) lacksRevocation() string {
	if r.failure == ocsp.Success && r.status != fakeca.Revoked {
		return fmt.Sprintf("it is %v, not revoked", r.status)
	}
	return r.lacksFields()
}

var statuses = kind[fakeca.Status]{
	have:     "have the status",
	matching: "have a status matching",
	is:       "its status is",
	same:     func(want, got fakeca.Status) bool { return want == got },
	show:     fakeca.Status.String,
	read: func(x any) (fakeca.Status, error) {
		const write = "write Good, Revoked, Unknown or ServerFailed"
		var s fakeca.Status
		switch x := x.(type) {
		case fakeca.Status:
			s = x
		case int: // an untyped constant of x/crypto/ocsp
			s = fakeca.Status(x)
		case string:
			err := s.UnmarshalText([]byte(x))
			return s, unprefixed(err)
		case fakeca.Reason:
			return s, errors.New("that is a reason; use HaveOCSPReason, or HaveOCSPStatus(Revoked) for any reason")
		case ocsp.ResponseStatus:
			return s, errors.New("that is the status of an error response; use HaveOCSPError, or HaveOCSPStatus(ServerFailed) for any error")
		default:
			return s, fmt.Errorf("%s is not a status; %s, or a matcher", typeOf(x), write)
		}
		if _, err := s.MarshalText(); err != nil {
			return s, errors.New("no such status; " + write)
		}
		return s, nil
	},
}

var reasons = kind[fakeca.Reason]{
	have:     "have the reason",
	matching: "have a reason matching",
	is:       "its reason is",
	same:     func(want, got fakeca.Reason) bool { return want == got },
	show:     fakeca.Reason.String,
	read: func(x any) (fakeca.Reason, error) {
		var r fakeca.Reason
		switch x := x.(type) {
		case fakeca.Reason:
			r = x
		case int: // an untyped constant of x/crypto/ocsp
			r = fakeca.Reason(x)
		case string:
			err := r.UnmarshalText([]byte(x))
			return r, unprefixed(err)
		case fakeca.Status:
			return r, errors.New("that is a status; use HaveOCSPStatus")
		default:
			return r, fmt.Errorf("%s is not a reason; write one of the ten such as KeyCompromise, or a matcher", typeOf(x))
		}
		_, err := r.MarshalText()
		return r, unprefixed(err)
	},
}

var failures = kind[ocsp.ResponseStatus]{
	have:     "have the error",
	matching: "have an error matching",
	is:       "its error is",
	same:     func(want, got ocsp.ResponseStatus) bool { return want == got },
	show:     ocsp.ResponseStatus.String,
	read: func(x any) (ocsp.ResponseStatus, error) {
		const write = "write fakeca.MalformedRequest, InternalError, TryLater, SigRequired or Unauthorized"
		switch x := x.(type) {
		case ocsp.ResponseStatus:
			return failureFrom(x, write)
		case int:
			return failureFrom(ocsp.ResponseStatus(x), write)
		case string:
			plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace
			for failure, name := range fakeca.Failures() {
				if strings.EqualFold(plain(x), plain(name)) || strings.EqualFold(plain(x), plain(failure.String())) {
					return failure, nil
				}
			}
			return 0, errors.New("no such error; " + write)
		case fakeca.Status:
			return 0, errors.New("that is a status; use HaveOCSPStatus")
		}
		return 0, fmt.Errorf("%s is not an error status; %s, or a matcher", typeOf(x), write)
	},
}

func failureFrom(s ocsp.ResponseStatus, write string) (ocsp.ResponseStatus, error) {
	for failure := range fakeca.Failures() {
		if failure == s {
			return s, nil
		}
	}
	if s == ocsp.Success {
		return s, errors.New("success is not an error; write NotTo(HaveOCSPStatus(ServerFailed))")
	}
	return s, errors.New("no such error; " + write)
}

// unprefixed removes the package name from an error of fakeca.
func unprefixed(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "fakeca: "))
}
