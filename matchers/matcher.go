package matchers

import (
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A matcher is any matcher of this package. It has no state: it judges again
// for each text.
type matcher struct {
	text  string // the call, for messages
	bad   error  // what is wrong with the arguments
	judge func(actual any) (verdict, error)
}

// A verdict is the result of a comparison, and the parts of its message:
//
//	Expected <what> to <want>:
//	    <nested>
//	but <but>:
//	    <lines>
//
// A negated message has "not to" and no but.
type verdict struct {
	ok     bool
	what   string   // what was looked at: "the staple"
	want   string   // the expectation: "have the status good"
	nested string   // the message of a matcher that is not ours; usually empty
	but    string   // why it does not match; further lines are indented
	lines  []string // what was looked at, in full
}

// message returns the failure message. to is "to" or "not to".
func (v verdict) message(to, but string) string {
	text := fmt.Sprintf("Expected %s %s %s", v.what, to, v.want)
	if v.nested != "" {
		text += ":\n" + v.nested
	}
	if but != "" {
		text += "\nbut " + but
	}
	if len(v.lines) == 0 {
		return text
	}
	if last := text[strings.LastIndexByte(text, '\n')+1:]; strings.HasPrefix(last, indent) {
		text += "\nThis is " + v.what
	}
	return text + ":\n" + indent + strings.Join(v.lines, "\n"+indent)
}

const indent = "    "

// newMatcher returns the matcher for the call name(args...). If err is not nil,
// the matcher returns it for every actual value.
func newMatcher(name string, args []any, err error, judge func(any) (verdict, error)) types.GomegaMatcher {
	m := matcher{text: call(name, args), bad: err, judge: judge}
	if err != nil {
		m.judge = func(any) (verdict, error) { return verdict{}, err }
	}
	return m
}

// Match reports whether actual is as expected.
func (m matcher) Match(actual any) (bool, error) {
	v, err := m.judge(actual)
	if err != nil {
		return false, m.fault(err)
	}
	return v.ok, nil
}

// FailureMessage returns what was expected of actual, and what it is.
func (m matcher) FailureMessage(actual any) string {
	v, err := m.judge(actual)
	if err != nil {
		return m.fault(err).Error()
	}
	return v.message("to", v.but)
}

// NegatedFailureMessage returns what was not expected of actual, and what it is.
func (m matcher) NegatedFailureMessage(actual any) string {
	v, err := m.judge(actual)
	if err != nil {
		return m.fault(err).Error()
	}
	return v.message("not to", "")
}

// MatchMayChangeInTheFuture reports whether Eventually should ask again about
// the same value. It should about a connection before its handshake, a recorder,
// and other types with a method OCSPResponse.
func (m matcher) MatchMayChangeInTheFuture(actual any) bool {
	if isNil(actual) {
		return false
	}
	switch a := actual.(type) {
	case ocsptest.Handshake, *ocsptest.Handshake, ocsptest.Request, *ocsptest.Request, ocsptest.Fetch, *ocsptest.Fetch:
		return false
	case *httptest.ResponseRecorder:
		return true
	case connection:
		return !a.ConnectionState().HandshakeComplete
	case holder:
		return true
	}
	return false
}

// String returns the call. Gomega's And and Or print their matchers with %s.
func (m matcher) String() string { return m.text }

// GomegaString returns the call. Gomega's other matchers print with this.
func (m matcher) GomegaString() string { return m.text }

func (m matcher) fault(err error) error {
	return fault{"matchers: " + m.text + ": " + err.Error(), err}
}

// A fault is an error that Gomega prints as it is.
type fault struct {
	text string
	err  error
}

func (f fault) Error() string                { return f.text }
func (f fault) Unwrap() error                { return f.err }
func (f fault) FormattedGomegaError() string { return f.text }

type (
	connection interface{ ConnectionState() tls.ConnectionState }
	holder     interface{ OCSPResponse() []byte }
)
