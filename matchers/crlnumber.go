package matchers

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"

	gomega "github.com/onsi/gomega/matchers"
	"github.com/onsi/gomega/types"
)

// HaveCRLNumber matches a CRL with this number (RFC 5280 section 5.2.3): a
// *[big.Int], a number of any integer type, or a matcher for a *big.Int, which is
// nil if the list has no number. HaveCRLNumber(BeNumerically(">", n)) compares
// numbers of any size; n may be a *big.Int. HaveCRLNumber(BeNil()) matches a list
// without a number. A number that cannot be read is an error.
func HaveCRLNumber(number any) types.GomegaMatcher {
	e, err := numbers.expect(number)
	if m, ok := e.nested.(*gomega.BeNumericallyMatcher); ok {
		e.nested, err = newComparison(m)
	}
	return newMatcher("HaveCRLNumber", []any{number}, err, onList(func(l *list) (verdict, error) {
		v := verdict{what: l.what, want: e.want(), lines: l.lines()}
		n, err := l.Number()
		if err != nil {
			return v, err
		}
		return e.judge(n, v)
	}))
}

// BeDeltaCRL matches a delta CRL, which has a delta CRL indicator (RFC 5280
// section 5.2.4). One that cannot be read is an error.
func BeDeltaCRL() types.GomegaMatcher {
	return newMatcher("BeDeltaCRL", nil, nil, onList(func(l *list) (verdict, error) {
		base, err := l.BaseNumber()
		return verdict{
			ok:    base != nil,
			what:  l.what,
			want:  "be a delta CRL",
			but:   "it has no delta CRL indicator",
			lines: l.lines(),
		}, err
	}))
}

var numbers = kind[*big.Int]{
	have:     "have the CRL number",
	matching: "have a CRL number matching",
	is:       "its CRL number is",
	same:     sameInt,
	show: func(n *big.Int) string {
		if n == nil {
			return "missing"
		}
		return n.String()
	},
	read: readNumber,
}

func readNumber(x any) (*big.Int, error) {
	const write = "write a *big.Int, an integer, or a matcher for a *big.Int"
	switch v := reflect.ValueOf(x); {
	case isNil(x):
		return nil, errors.New("the number is nil; " + write + "; BeNil() expects no number")
	case v.CanInt():
		return big.NewInt(v.Int()), nil
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint()), nil
	}
	n, ok := x.(*big.Int)
	if !ok {
		return nil, fmt.Errorf("%s is not a CRL number; %s", typeOf(x), write)
	}
	return new(big.Int).Set(n), nil
}

// A comparison is BeNumerically for numbers of any size. Gomega's own refuses a
// *big.Int.
type comparison struct {
	*gomega.BeNumericallyMatcher
	to, within *big.Int
}

func newComparison(m *gomega.BeNumericallyMatcher) (types.GomegaMatcher, error) {
	c := comparison{BeNumericallyMatcher: m, within: new(big.Int)}
	n := len(m.CompareTo)
	if n == 0 || n > 2 {
		return c, fmt.Errorf("BeNumerically needs one number, or two for \"~\"; it has %d", n)
	}
	var err error
	if c.to, err = readNumber(m.CompareTo[0]); err == nil && n == 2 {
		c.within, err = readNumber(m.CompareTo[1])
	}
	if err == nil {
		_, err = c.compare(new(big.Int))
	}
	return c, err
}

func (c comparison) compare(n *big.Int) (bool, error) {
	order := n.Cmp(c.to)
	switch c.Comparator {
	case "==":
		return order == 0, nil
	case "~":
		distance := new(big.Int).Sub(n, c.to)
		return distance.CmpAbs(c.within) <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	}
	return false, fmt.Errorf("BeNumerically does not know the comparator %q", c.Comparator)
}

// Match reports whether actual, a *big.Int, compares as it should. A missing number
// does not.
func (c comparison) Match(actual any) (bool, error) {
	n := actual.(*big.Int)
	if n == nil {
		return false, nil
	}
	return c.compare(n)
}

// GomegaString returns the call of BeNumerically.
func (c comparison) GomegaString() string { return matcherText(c.BeNumericallyMatcher) }
