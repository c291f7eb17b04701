package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Option is a setting of [Run], [Check] and [Case.Test]. None may be nil, and
// only [Skip] and [WithKnownFailures] may be given more than once.
type Option interface{ setting() setting }

// A setting is what all options are.
type setting struct {
	name string // of the function that made it
	set  func(*suite) error
}

func (s setting) setting() setting { return s }

// A suite is how clients are run.
type suite struct {
	policy       Policy
	newClient    func() Client // for each case
	role         Role
	deadline     time.Duration
	hangDeadline time.Duration
	jobs         int
	slots        chan struct{} // as many as jobs
	begun        chan struct{} // closed when the last case that was started has its slot
	skips        []skip
	known        []KnownFailure
	set          string // cases of newer ones do not count
	inMemory     bool
	systemClock  bool
	world        worldSetting
	names        []string // of all cases and groups; nil until they are needed
}

type skip struct{ name, reason string }

const (
	defaultDeadline = 10 * time.Second
	// A favorite timeout of clients is ten seconds, for each of several URLs.
	// Those that are slow then are not those that never return.
	defaultHangDeadline = 30 * time.Second
)

func newSuite(opts []Option) (*suite, error) {
	s := &suite{deadline: defaultDeadline, hangDeadline: defaultHangDeadline, jobs: runtime.GOMAXPROCS(0), set: newestSet}
	var given []string
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("conformance: option %d of %d is nil; leave it out", i+1, len(opts))
		}
		setting := o.setting()
		if slices.Contains(given, setting.name) && setting.name != "Skip" && setting.name != "WithKnownFailures" {
			return nil, fmt.Errorf("conformance: %s is given twice; give it once", setting.name)
		}
		given = append(given, setting.name)
		if err := setting.set(s); err != nil {
			return nil, fmt.Errorf("conformance: %w", err)
		}
	}
	s.slots, s.begun = make(chan struct{}, s.jobs), make(chan struct{})
	close(s.begun)
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

// WithHangDeadline sets how long a client may take for one connection in those
// cases in which a server never ends its response. A client that takes longer
// than [WithDeadline] there is slow, which is no failure. The default is thirty
// seconds.
func WithHangDeadline(d time.Duration) Option {
	return setting{"WithHangDeadline", func(s *suite) error {
		if d <= 0 {
			return fmt.Errorf("WithHangDeadline(%v): the deadline must be positive; leave it out for %v", d, defaultHangDeadline)
		}
		s.hangDeadline = d
		return nil
	}}
}

// WithJobs sets how many cases run at the same time. The default is GOMAXPROCS.
// The cases in which a client may hang run beside them, all at once. With one
// job, no two cases run at the same time.
func WithJobs(n int) Option {
	return setting{"WithJobs", func(s *suite) error {
		if n < 1 {
			return fmt.Errorf("WithJobs(%d): use at least 1; leave it out for GOMAXPROCS", n)
		}
		s.jobs = n
		return nil
	}}
}

// WithRole says what kind of program the client is. The default is TLSClient.
func WithRole(r Role) Option {
	return setting{"WithRole", func(s *suite) error {
		if r < 0 || int(r) >= len(roleNames) {
			return fmt.Errorf("WithRole(%v): use TLSClient, CertificateChecker or Stapler", r)
		}
		s.role = r
		return nil
	}}
}

// WithClientPerCase makes a new client for each case, so that what one case
// leaves in a cache is not seen in the next. The client that Run, Check or Test
// takes is then nil.
func WithClientPerCase(newClient func() Client) Option {
	return setting{"WithClientPerCase", func(s *suite) error {
		if newClient == nil {
			return errors.New("WithClientPerCase needs a function; leave the option out for one client")
		}
		s.newClient = newClient
		return nil
	}}
}

// WithSet makes only the cases of a set, such as "2026.1", and of older sets
// count. Newer cases run and are shown, but do not fail the run, so that a new
// version of this package does not break a build.
func WithSet(set string) Option {
	return setting{"WithSet", func(s *suite) error {
		if all := sets(); !slices.Contains(all, set) {
			return fmt.Errorf("WithSet: there is no set %q; use one of %s", set, strings.Join(all, ", "))
		}
		s.set = set
		return nil
	}}
}

// sets returns the sets of the catalogue, from the oldest.
func sets() []string {
	var all []string
	for c := range Cases() {
		if !slices.Contains(all, c.Since) {
			all = append(all, c.Since)
		}
	}
	slices.SortFunc(all, compareSets)
	return all
}

// compareSets compares "2026.2" with "2026.10".
func compareSets(a, b string) int {
	yearA, numberA, _ := strings.Cut(a, ".")
	yearB, numberB, _ := strings.Cut(b, ".")
	nA, _ := strconv.Atoi(numberA)
	nB, _ := strconv.Atoi(numberB)
	return cmp.Or(cmp.Compare(yearA, yearB), cmp.Compare(nA, nB))
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
	switch {
	case c.NeedsClock && s.systemClock:
		return "the CA's clock advances, and the client goes by the system's", true
	case c.NeedsClock && s.world.root != nil:
		return "the CA's clock advances, and the root of WithRoot has its own", true
	case !s.role.sees(c):
		return "a " + s.role.String() + " need not check the chain", true
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
	return fmt.Errorf("no case or group %q; the closest are %s", name, strings.Join(s.closest(name), ", "))
}

// closest returns the names that are most like a name that does not exist.
func (s *suite) closest(name string) []string {
	return slices.SortedStableFunc(slices.Values(s.names), func(a, b string) int {
		return cmp.Or(similarity(b, name)-similarity(a, name), len(a)-len(b))
	})[:3]
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
