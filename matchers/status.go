package matchers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

// HaveOCSPStatus matches an answer with this status: a fakeca.Status such as
// [Good], its text ("revoked"), a constant of [golang.org/x/crypto/ocsp], or a
// matcher of a fakeca.Status. An error response has the status [ServerFailed].
func HaveOCSPStatus(status any) types.GomegaMatcher {
	return haveField("HaveOCSPStatus", status, statuses, func(a *answer) (fakeca.Status, string, error) {
		return a.status, "", nil
	})
}

// HaveOCSPReason matches an answer that says revoked, for this reason (RFC 5280
// section 5.3.1): a fakeca.Reason such as [KeyCompromise], its text
// ("key_compromise" or "keyCompromise"), a constant of
// [golang.org/x/crypto/ocsp], or a matcher of a fakeca.Reason. An answer that
// gives no reason has [Unspecified]. What is not revoked does not match.
func HaveOCSPReason(reason any) types.GomegaMatcher {
	return haveField("HaveOCSPReason", reason, reasons, func(a *answer) (fakeca.Reason, string, error) {
		return a.single.Reason, a.unlessRevoked(), nil
	})
}

// HaveOCSPError matches an error response (RFC 6960 section 4.2.1) with this
// status: a constant of [golang.org/x/crypto/ocsp] such as ocsp.TryLater, a
// text ("tryLater" or "try later"), or a matcher of an ocsp.ResponseStatus. Any
// error response matches HaveOCSPStatus([ServerFailed]).
func HaveOCSPError(status any) types.GomegaMatcher {
	return haveField("HaveOCSPError", status, failures, func(a *answer) (ocsp.ResponseStatus, string, error) {
		if a.failure == ocsp.Success {
			return 0, "it is no error response", nil
		}
		return a.failure, "", nil
	})
}

// haveField makes a matcher of one field of an answer. get returns it, or says
// why the answer does not have it, or cannot be asked.
func haveField[T any](name string, x any, k kind[T], get func(*answer) (field T, but string, err error)) types.GomegaMatcher {
	e, err := k.expect(x)
	return newMatcher(name, []any{x}, err, onAnswer(func(a *answer) (verdict, error) {
		v := verdict{what: a.text(), want: e.want()}
		got, but, err := get(a)
		if err != nil || but != "" {
			v.but = but
			return v, err
		}
		v.ok, v.want, err = e.compare(got)
		return v, err
	}))
}

func (a *answer) unlessRevoked() string {
	if a.failure == ocsp.Success && a.status != fakeca.Revoked {
		return "it is not revoked"
	}
	return a.lacks()
}

var statuses = kind[fakeca.Status]{
	name: "status",
	same: func(want, got fakeca.Status) bool { return want == got },
	show: fakeca.Status.String,
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
			return s, errors.New("that is a reason; write HaveOCSPReason, or HaveOCSPStatus(Revoked) for any")
		case ocsp.ResponseStatus:
			return s, errors.New("that is the status of an error response; write HaveOCSPError, or HaveOCSPStatus(ServerFailed) for any")
		default:
			return s, fmt.Errorf("no status can be made of %s; %s, or a matcher", typeOf(x), write)
		}
		if _, err := s.MarshalText(); err != nil {
			return s, errors.New("there is no such status; " + write)
		}
		return s, nil
	},
}

var reasons = kind[fakeca.Reason]{
	name: "reason",
	same: func(want, got fakeca.Reason) bool { return want == got },
	show: fakeca.Reason.String,
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
			return r, errors.New("that is a status; write HaveOCSPStatus")
		default:
			return r, fmt.Errorf("no reason can be made of %s; write KeyCompromise or another of the ten, or a matcher", typeOf(x))
		}
		_, err := r.MarshalText()
		return r, unprefixed(err)
	},
}

var failures = kind[ocsp.ResponseStatus]{
	name: "error",
	same: func(want, got ocsp.ResponseStatus) bool { return want == got },
	show: ocsp.ResponseStatus.String,
	read: func(x any) (ocsp.ResponseStatus, error) {
		const write = "write ocsp.Malformed, InternalError, TryLater, SignatureRequired or Unauthorized"
		switch x := x.(type) {
		case ocsp.ResponseStatus:
			return failureFrom(x, write)
		case int:
			return failureFrom(ocsp.ResponseStatus(x), write)
		case string:
			plain := strings.NewReplacer(" ", "", "_", "", "-", "").Replace
			for f, name := range fakeca.Failures() {
				if strings.EqualFold(plain(x), plain(name)) || strings.EqualFold(plain(x), plain(f.String())) {
					return f, nil
				}
			}
			return 0, errors.New("there is no such error response; write malformedRequest, internalError, tryLater, sigRequired or unauthorized")
		case fakeca.Status:
			return 0, errors.New("that is a status; write HaveOCSPStatus")
		}
		return 0, fmt.Errorf("no error status can be made of %s; %s, or a matcher", typeOf(x), write)
	},
}

func failureFrom(s ocsp.ResponseStatus, write string) (ocsp.ResponseStatus, error) {
	for f := range fakeca.Failures() {
		if f == s {
			return s, nil
		}
	}
	if s == ocsp.Success {
		return s, errors.New("success is no error; write NotTo(HaveOCSPStatus(ServerFailed))")
	}
	return s, errors.New("there is no such error response; " + write)
}

// unprefixed takes away the name of the package that an error comes from.
func unprefixed(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), "fakeca: "))
}
