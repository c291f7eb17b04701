package conformance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Option is a setting of [Run], [Check] and [Case.Test]. None may be nil, and
// only [Skip] may be given more than once.
type Option interface{ setting() setting }

// A setting is what all options are.
type setting struct {
	name string // of the function that made it
	set  func(*suite) error
}

func (s setting) setting() setting { return s }

// A suite is how clients are run.
type suite struct {
	deadline    time.Duration
	skips       []skip
	inMemory    bool
	systemClock bool
	names       []string // of all cases and groups; nil until they are needed
}

type skip struct{ name, reason string }

const defaultDeadline = 10 * time.Second

func newSuite(opts []Option) (*suite, error) {
	s := &suite{deadline: defaultDeadline}
	var given []string
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("conformance: option %d of %d is nil; leave it out", i+1, len(opts))
		}
		setting := o.setting()
		if slices.Contains(given, setting.name) && setting.name != "Skip" {
			return nil, fmt.Errorf("conformance: %s is given twice; give it once", setting.name)
		}
		given = append(given, setting.name)
		if err := setting.set(s); err != nil {
			return nil, fmt.Errorf("conformance: %w", err)
		}
	}
	return s, nil
}

// Skip leaves out a case or a group of cases, such as "times/expired" or
// "times", and says why. A name that is not in the catalogue is an error.
func Skip(name, reason string) Option {
	return setting{"Skip", func(s *suite) error {
		if err := s.checkName(name); err != nil {
			return fmt.Errorf("Skip: %w", err)
		}
		s.skips = append(s.skips, skip{name, reason})
		return nil
	}}
}

// WithDeadline sets how long a client may take for one connection. The default
// is ten seconds.
func WithDeadline(d time.Duration) Option {
	return setting{"WithDeadline", func(s *suite) error {
		if d <= 0 {
			return fmt.Errorf("WithDeadline(%v): the deadline must be positive; leave it out for %v", d, defaultDeadline)
		}
		s.deadline = d
		return nil
	}}
}

// WithInMemoryNetwork runs each case on an [ocsptest.Network] of its own instead
// of sockets. The client must connect with [ocsptest.Server.DialContext], and to
// responders with that of [ocsptest.Server.Network].
func WithInMemoryNetwork() Option {
	return setting{"WithInMemoryNetwork", func(s *suite) error {
		s.inMemory = true
		return nil
	}}
}

// WithSystemClock leaves out the cases in which the CA's clock advances, because
// the client goes by the system's clock, as commands do. Other clients take the
// time from [ocsptest.Server.TLSClientConfig].
func WithSystemClock() Option {
	return setting{"WithSystemClock", func(s *suite) error {
		s.systemClock = true
		return nil
	}}
}

// skipped reports whether a case is left out, and why.
func (s *suite) skipped(c Case) (reason string, ok bool) {
	if s.systemClock && c.scenario.needsClock {
		return "the CA's clock advances, and the client goes by the system's", true
	}
	for _, skip := range s.skips {
		if c.Name == skip.name || strings.HasPrefix(c.Name, skip.name+"/") {
			return cmp.Or(skip.reason, "no reason given"), true
		}
	}
	return "", false
}

// checkName returns an error if the catalogue has no case or group of that name.
func (s *suite) checkName(name string) error {
	if s.names == nil {
		for _, group := range groups {
			for _, c := range group() {
				prefix, _, _ := strings.Cut(c.name, "/")
				s.names = append(s.names, prefix, c.name)
			}
		}
		slices.Sort(s.names)
		s.names = slices.Compact(s.names)
	}
	if _, ok := slices.BinarySearch(s.names, name); ok {
		return nil
	}
	closest := slices.SortedStableFunc(slices.Values(s.names), func(a, b string) int {
		return cmp.Or(similarity(b, name)-similarity(a, name), len(a)-len(b))
	})
	return fmt.Errorf("no case or group %q; the closest are %s", name, strings.Join(closest[:3], ", "))
}

// similarity returns how many bytes a and b share at their starts and ends.
func similarity(a, b string) int {
	n := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, n = a[1:], b[1:], n+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b, n = a[:len(a)-1], b[:len(b)-1], n+1
	}
	return n
}
