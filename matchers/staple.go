package matchers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"
)

// HaveOCSPStaple matches what carries a staple that all of the matchers match;
// without matchers, any staple, even one that cannot be read. That there is
// none is a mismatch, and no error: NotTo(HaveOCSPStaple()) expects none.
//
// The matchers of this package know which certificate the staple came with,
// as they do outside; others are given its bytes.
func HaveOCSPStaple(matchers ...types.GomegaMatcher) types.GomegaMatcher {
	var err error
	args := make([]any, len(matchers))
	for i, m := range matchers {
		args[i] = m
		if isNil(m) {
			err = errors.New("a matcher is nil; leave it out")
		} else if own, ok := m.(matcher); ok && own.bad != nil {
			err = own.bad // said even where there is no staple to judge
		}
	}
	matchers = slices.Clone(matchers)
	return newMatcher("HaveOCSPStaple", args, err, func(actual any) (verdict, error) {
		s, err := subjectOf(actual)
		switch {
		case err != nil:
			return verdict{}, err
		case s.where == "":
			return verdict{}, fmt.Errorf("%s carries no staple; leave HaveOCSPStaple out, and use the matchers inside of it alone", typeOf(actual))
		case len(s.der) == 0:
			return verdict{what: s.where, want: "have an OCSP staple", but: "it has none"}, nil
		case len(matchers) == 0:
			return verdict{ok: true, what: s.where + ",\nwith " + s.text(), want: "have an OCSP staple"}, nil
		}
		return s.all(matchers)
	})
}

// all judges by several matchers: it is the first mismatch, or all that match.
func (s *subject) all(matchers []types.GomegaMatcher) (verdict, error) {
	var wants []string
	for _, m := range matchers {
		v, err := s.one(m)
		if err != nil || !v.ok {
			return v, err
		}
		want, _, _ := strings.Cut(v.want, ":\n")
		wants = append(wants, want)
	}
	return verdict{ok: true, what: s.text(), want: strings.Join(wants, " and ")}, nil
}

func (s *subject) one(m types.GomegaMatcher) (verdict, error) {
	if own, ok := m.(matcher); ok {
		return own.judge(s)
	}
	ok, text, err := ask(m, bytes.Clone(s.der))
	return verdict{ok: ok, what: s.text(), want: "match in its bytes:\n" + text}, err
}

// text describes the subject's answer, which is there but may be unreadable.
func (s *subject) text() string {
	a, err := s.read()
	if u, ok := errors.AsType[*unreadable](err); ok {
		return u.what + "\n    " + u.why
	}
	return a.text()
}
