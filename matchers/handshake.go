package matchers

import (
	"crypto/tls"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/ocsplab/ocsplab/ocsptest"
)

// HaveAskedForStaple matches an ocsptest.Handshake whose client sent
// status_request (RFC 6066 section 8). For what Server.Handshakes returns,
// write ContainElement(HaveAskedForStaple()) or HaveEach(HaveAskedForStaple()).
func HaveAskedForStaple() types.GomegaMatcher {
	return newMatcher("HaveAskedForStaple", nil, nil, func(actual any) (verdict, error) {
		h, err := handshakeOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := clientOf(h)
		v.ok, v.want = h.StatusRequest, "have asked for a staple (status_request, RFC 6066 section 8)"
		return v, nil
	})
}

// HaveSentAlert matches an ocsptest.Handshake whose client sent this TLS alert:
// a number of any integer type, such as ocsptest.Alert or [tls.AlertError], a
// name in RFC 8446 section 6, such as "certificate_revoked", or a matcher of an
// ocsptest.Alert. HaveSentAlert(BeZero()) matches a client that sent none.
func HaveSentAlert(alert any) types.GomegaMatcher {
	e, err := alerts.expect(alert)
	return newMatcher("HaveSentAlert", []any{alert}, err, func(actual any) (verdict, error) {
		h, err := handshakeOf(actual)
		if err != nil {
			return verdict{}, err
		}
		v := clientOf(h)
		v.ok, v.want, err = e.compare(h.Alert)
		if e.nested == nil {
			v.want = "have sent the alert " + alertText(e.value)
		}
		return v, err
	})
}

// clientOf describes the client in three lines.
func clientOf(h ocsptest.Handshake) verdict {
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
	if s := handshaken(h); len(h.Staple) == 0 {
		if h.StatusRequest {
			asked += ", got none"
		}
	} else if a, err := s.read(); err != nil {
		asked += ", got one that cannot be read"
	} else {
		asked += ", got " + a.statusLine()
	}
	switch {
	case h.Alert != 0:
		end = "sent the alert " + alertText(h.Alert)
	case h.Err != nil:
		end += "; the handshake failed: " + fold(h.Err.Error())
	}
	return verdict{what: fmt.Sprintf("the client of the handshake\n    %s\n    %s\n    %s", to, asked, end)}
}

func handshakeOf(actual any) (ocsptest.Handshake, error) {
	if !isNil(actual) {
		switch a := actual.(type) {
		case ocsptest.Handshake:
			return a, nil
		case *ocsptest.Handshake:
			return *a, nil
		case []ocsptest.Handshake:
			return ocsptest.Handshake{}, fmt.Errorf("got %d handshakes; write ContainElement(...) or HaveEach(...) around the matcher", len(a))
		}
	}
	return ocsptest.Handshake{}, fmt.Errorf("got %s; give it an ocsptest.Handshake", typeOf(actual))
}

var alerts = kind[ocsptest.Alert]{
	name: "alert",
	same: func(want, got ocsptest.Alert) bool { return want == got },
	show: alertText,
	read: readAlert,
}

func readAlert(x any) (ocsptest.Alert, error) {
	const write = `write a name of RFC 8446 such as "certificate_revoked", a number, or a matcher`
	var number uint64
	switch v := reflect.ValueOf(x); {
	case x == nil:
		return 0, fmt.Errorf("no alert can be made of nil; %s", write)
	case v.Kind() == reflect.String:
		a, ok := alertNamed(v.String())
		if !ok {
			return 0, fmt.Errorf("RFC 8446 has no such alert; the closest are %s", strings.Join(closeAlerts(v.String()), ", "))
		}
		number = uint64(a)
	case v.CanInt() && v.Int() >= 0:
		number = uint64(v.Int())
	case v.CanUint():
		number = v.Uint()
	case v.CanInt():
		number = 256 // negative
	default:
		return 0, fmt.Errorf("no alert can be made of %s; %s", typeOf(x), write)
	}
	if number > 255 {
		return 0, fmt.Errorf("an alert is a number from 1 to 255; %s", write)
	}
	if number == 0 {
		return 0, fmt.Errorf("close_notify is how every connection ends in peace, and is not recorded; for no alert write HaveSentAlert(BeZero())")
	}
	return ocsptest.Alert(number), nil
}

func alertText(a ocsptest.Alert) string {
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

// closeAlerts returns the three names that are closest to name.
func closeAlerts(name string) []string {
	var names []string
	for i := 1; i < 256; i++ {
		if text := ocsptest.Alert(i).String(); !strings.HasPrefix(text, "alert(") {
			names = append(names, text)
		}
	}
	name = sortedWords(name)
	slices.SortStableFunc(names, func(a, b string) int {
		return distance(name, sortedWords(a)) - distance(name, sortedWords(b))
	})
	return names[:min(3, len(names))]
}

// sortedWords makes "revoked certificate", as crypto/tls has it, the same as
// "certificate_revoked".
func sortedWords(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '_' || c == ' ' || c == '-' })
	slices.Sort(words)
	return strings.Join(words, "_")
}

// distance is the number of letters to insert, delete or change to make b of a.
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
