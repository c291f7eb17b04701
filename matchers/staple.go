package matchers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	gomega "github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"
)

// HaveOCSPStaple matches a connection, certificate or handshake with a staple
// that matches all of these matchers. Without matchers, it matches any staple,
// also one that is not an OCSP response. NotTo(HaveOCSPStaple()) expects no
// staple.
//
// Matchers of this package also know the certificates that came with the staple,
// and so do those inside of And, Or and Not. Other matchers get its bytes.
func HaveOCSPStaple(matchers ...types.GomegaMatcher) types.GomegaMatcher {
	args := make([]any, len(matchers))
	for i, m := range matchers {
		args[i] = m
	}
	matchers = slices.Clone(matchers)
	return newMatcher("HaveOCSPStaple", args, invalid(nil, matchers...), func(actual any) (verdict, error) {
		s, err := subjectOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := verdict{what: s.where, want: "have an OCSP staple"}
		switch {
		case s.where == "":
			return v, fmt.Errorf("a value of type %s has no staple; use the matchers without HaveOCSPStaple", typeOf(actual))
		case len(s.der) == 0:
			v.but = "it has none"
			return v, nil
		case len(matchers) == 0:
			v.ok, v.lines = true, s.lines()
			return v, nil
		}
		return s.all(matchers)
	})
}

// invalid returns what is wrong with the arguments of matchers, which is an error
// even if there is nothing to judge. If refuse is not nil, it says what is wrong
// with a matcher of this package in this place.
func invalid(refuse func(matcher) error, matchers ...types.GomegaMatcher) error {
	for _, m := range matchers {
		var err error
		switch m := m.(type) {
		case matcher:
			if err = m.bad; err == nil && refuse != nil {
				err = refuse(m)
			}
		case *gomega.AndMatcher:
			err = invalid(refuse, m.Matchers...)
		case *gomega.OrMatcher:
			err = invalid(refuse, m.Matchers...)
		case *gomega.NotMatcher:
			err = invalid(refuse, m.Matcher)
		default:
			if isNil(m) {
				err = errors.New("a matcher is nil; leave it out")
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// all judges the response by all of the matchers.
func (s *subject) all(matchers []types.GomegaMatcher) (verdict, error) {
	var wants []string
	for _, m := range matchers {
		v, err := s.judge(m)
		if err != nil || !v.ok {
			return v, err
		}
		wants = append(wants, v.want)
	}
	return verdict{ok: true, what: s.what, want: strings.Join(wants, " and "), lines: s.lines()}, nil
}

// any judges the response by matchers of which one must match.
func (s *subject) any(matchers []types.GomegaMatcher) (verdict, error) {
	var wants, buts []string
	for _, m := range matchers {
		v, err := s.judge(m)
		if err != nil || v.ok {
			return v, err
		}
		wants = append(wants, v.want)
		if !slices.Contains(buts, v.but) {
			buts = append(buts, v.but)
		}
	}
	return verdict{what: s.what, want: strings.Join(wants, " or "), but: strings.Join(buts, "\nand "), lines: s.lines()}, nil
}

func (s *subject) judge(m types.GomegaMatcher) (verdict, error) {
	switch m := m.(type) {
	case matcher:
		return m.judge(s)
	case *gomega.AndMatcher:
		return s.all(m.Matchers)
	case *gomega.OrMatcher:
		return s.any(m.Matchers)
	case *gomega.NotMatcher:
		v, err := s.judge(m.Matcher)
		if _, own := m.Matcher.(matcher); !own {
			v.want = "(" + v.want + ")" // of several matchers
		}
		v.ok, v.want, v.but = !v.ok, "not "+v.want, ""
		return v, err
	}
	var value any = slices.Clip(bytes.Clone(s.der))
	v := verdict{what: s.what, want: "be bytes matching " + literal(m), but: "it is " + hexText(s.der), lines: s.lines()}
	if s.resp != nil { // an entry of a CRL
		value, v.want, v.but = *s.resp, "match "+literal(m), "it does not"
	}
	var err error
	v.ok, v.nested, err = ask(m, value)
	return v, err
}

// lines describes the response, which may be unreadable.
func (s *subject) lines() []string {
	r, err := s.read()
	if u, ok := errors.AsType[*unreadable](err); ok {
		return []string{u.why}
	}
	return r.lines()
}
