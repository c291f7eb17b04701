package matchers

import (
	"crypto/tls"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// A matcher is any matcher of this package. It judges afresh each time that it
// is asked, the failure texts included, and so has no state.
type matcher struct {
	text  string // the call, as it stands in messages
	bad   error  // what is wrong with the arguments
	judge func(actual any) (verdict, error)
}

// A verdict is what came of it, with the parts of the sentence
//
//	Expected <what>
//	to <want>
//	but <but>
//
// in which "not to" stands for "to" where the match itself is the failure.
type verdict struct {
	ok              bool
	what, want, but string
}

// newMatcher makes the matcher that is called name and was given args. With an
// error about these args it is one that says so, whatever it is shown.
func newMatcher(name string, args []any, err error, judge func(any) (verdict, error)) types.GomegaMatcher {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = literal(arg)
	}
	m := matcher{text: fmt.Sprintf("%s(%s)", name, strings.Join(texts, ", ")), bad: err, judge: judge}
	if err != nil {
		m.judge = func(any) (verdict, error) { return verdict{}, err }
	}
	return m
}

// Match judges actual.
func (m matcher) Match(actual any) (bool, error) {
	v, err := m.judge(actual)
	if err != nil {
		return false, m.fault(err)
	}
	return v.ok, nil
}

// FailureMessage says what actual is and what it was to be.
func (m matcher) FailureMessage(actual any) string {
	v, err := m.judge(actual)
	if err != nil {
		return m.fault(err).Error()
	}
	text := "Expected " + v.what + "\nto " + v.want
	if v.but != "" {
		text += "\nbut " + v.but
	}
	return text
}

// NegatedFailureMessage says what actual is and what it was not to be.
func (m matcher) NegatedFailureMessage(actual any) string {
	v, err := m.judge(actual)
	if err != nil {
		return m.fault(err).Error()
	}
	return "Expected " + v.what + "\nnot to " + v.want
}

// MatchMayChangeInTheFuture is true for what may still get its answer: a
// connection before its handshake, a recorder, and foreign types with a method
// OCSPResponse.
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
	case answerer:
		return true
	}
	return false
}

// GomegaString is how Gomega prints the matcher inside of others.
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
	answerer   interface{ OCSPResponse() []byte }
)
