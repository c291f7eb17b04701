package matchers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// HaveAskedForStaple matches an ocsptest.Handshake whose client sent
// status_request (RFC 6066 section 8). For the slice that Server.Handshakes
// returns, write ContainElement(HaveAskedForStaple()) or
// HaveEach(HaveAskedForStaple()).
func HaveAskedForStaple() types.GomegaMatcher {
	return newMatcher("HaveAskedForStaple", nil, nil, func(actual any) (verdict, error) {
		h, err := handshakeOf(actual)
		return verdict{
			ok:    h.StatusRequest,
			what:  "the client",
			want:  "have asked for a staple (status_request)",
			but:   "it did not",
			lines: clientLines(h),
		}, err
	})
}

// HaveSentAlert matches an ocsptest.Handshake whose client sent this TLS alert:
// a name of RFC 8446 section 6 such as "certificate_revoked", a number of any
// integer type such as ocsptest.Alert or [tls.AlertError], or a matcher for an
// ocsptest.Alert. HaveSentAlert(BeZero()) matches a client that sent no alert.
func HaveSentAlert(alert any) types.GomegaMatcher {
	e, err := alerts.expect(alert)
	return newMatcher("HaveSentAlert", []any{alert}, err, func(actual any) (verdict, error) {
		h, err := handshakeOf(actual)
		if err != nil {
			return verdict{}, err
		}
		return e.judge(h.Alert, verdict{what: "the client", want: e.want(), lines: clientLines(h)})
	})
}

// clientLines describes the client in three lines.
func clientLines(h ocsptest.Handshake) []string {
	to, asked, end := "no TLS version", "asked for no staple", "sent no alert"
	if h.Version != 0 {
		to = tls.VersionName(h.Version)
	}
	if h.ServerName != "" {
		to += fmt.Sprintf(", for %q", h.ServerName)
	}
	if h.Resumed {
		to += ", resumed"
	}
	if h.StatusRequest {
		asked = "asked for a staple"
	}
	if len(h.Staple) > 0 {
		asked += ", got one: " + handshaken(h).lines()[0]
	} else if h.StatusRequest {
		asked += ", got none"
	}
	switch {
	case h.Alert != 0:
		end = "sent the alert " + alertText(h.Alert)
	case h.Err != nil:
		end += "; the handshake failed: " + cut(oneLine(h.Err.Error()), 300)
	}
	return []string{to, asked, end}
}

func handshakeOf(actual any) (ocsptest.Handshake, error) {
	if !isNil(actual) {
		switch a := actual.(type) {
		case ocsptest.Handshake:
			return a, nil
		case *ocsptest.Handshake:
			return *a, nil
		case []ocsptest.Handshake:
			return ocsptest.Handshake{}, errors.New("got a slice of handshakes; wrap the matcher in ContainElement(...) or HaveEach(...)")
		}
	}
	return ocsptest.Handshake{}, fmt.Errorf("got %s; want ocsptest.Handshake", typeOf(actual))
}

var alerts = kind[ocsptest.Alert]{
	have:     "have sent the alert",
	matching: "have sent an alert matching",
	is:       "it sent",
	same:     func(want, got ocsptest.Alert) bool { return want == got },
	show:     alertText,
	read:     readAlert,
}

func readAlert(x any) (ocsptest.Alert, error) {
	const write = `write a name such as "certificate_revoked", a number, or a matcher`
	var number uint64
	switch v := reflect.ValueOf(x); {
	case x == nil:
		return 0, errors.New("nil is not an alert; " + write)
	case v.Kind() == reflect.String:
		a, ok := alertNamed(v.String())
		if !ok {
			return 0, errors.New("no alert has this name; similar names are " + strings.Join(similarAlerts(v.String()), ", "))
		}
		number = uint64(a)
	case v.CanInt() && v.Int() >= 0:
		number = uint64(v.Int())
	case v.CanUint():
		number = v.Uint()
	case v.CanInt():
		number = 256 // negative
	default:
		return 0, fmt.Errorf("%s is not an alert; %s", typeOf(x), write)
	}
	if number > 255 {
		return 0, errors.New("an alert is a number from 1 to 255; " + write)
	}
	if number == 0 {
		return 0, errors.New("close_notify ends every connection, and is not recorded; to expect no alert, write HaveSentAlert(BeZero())")
	}
	return ocsptest.Alert(number), nil
}

func alertText(a ocsptest.Alert) string {
	if a == 0 {
		return "no alert"
	}
	if _, ok := alertNamed(a.String()); !ok {
		return fmt.Sprint(uint8(a))
	}
	return fmt.Sprintf("%v (%d)", a, uint8(a))
}

func alertNamed(name string) (ocsptest.Alert, bool) {
	for i := range 256 {
		a := ocsptest.Alert(i)
		if a.String() == name && !strings.HasPrefix(name, "alert(") {
			return a, true
		}
	}
	return 0, false
}

// similarAlerts returns at most three names: those with all words of name, or
// else those with the smallest distance to it.
func similarAlerts(name string) []string {
	var names, containing []string
	for i := 1; i < 256; i++ {
		text := ocsptest.Alert(i).String()
		if strings.HasPrefix(text, "alert(") {
			continue
		}
		names = append(names, text)
		if containsAll(words(text), words(name)) {
			containing = append(containing, text)
		}
	}
	if len(containing) > 0 {
		names = containing
	}
	name = strings.Join(words(name), "_")
	slices.SortStableFunc(names, func(a, b string) int {
		return distance(name, strings.Join(words(a), "_")) - distance(name, strings.Join(words(b), "_"))
	})
	return names[:min(3, len(names))]
}

// words returns the words of a name in order, so that "revoked certificate", as
// crypto/tls writes it, is the same as "certificate_revoked".
func words(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '_' || c == ' ' || c == '-' })
	slices.Sort(words)
	return words
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(word string) bool { return !slices.Contains(all, word) })
}

// distance returns how many letters to insert, delete or change to get from a to
// b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
