package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Run runs a client against the servers of the catalogue. Cases about what the
// policy does not look at are left out. Each case is a subtest, so that -run
// selects cases. The controls come first; if the client fails one, Run shows that,
// and runs nothing else. At the end Run logs [Report.Sum].
//
// The cases run in parallel, as [WithJobs] says, and end after Run has returned.
// So release what the client needs with t.Cleanup.
//
// The servers speak HTTP/1.1 and offer it by ALPN, unless [WithALPN] is given. A
// client that speaks another protocol can start a server with
// [ocsptest.Server.ServerTLSConfig].
func Run(t *testing.T, p Policy, client Client, opts ...Option) {
	if t == nil {
		panic("conformance: Run needs a test, not nil; outside of tests call Check")
	}
	t.Helper()
	s, err := prepare(p, client, opts)
	if err != nil {
		t.Fatal(err)
	}
	gate, err := s.gate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if gate.Broken != nil {
		gate.Broken.writeFiles(t)
		t.Fatalf("%v\n%s", &CaseError{*gate.Broken, p}, gate.Sum())
	}
	report := s.newReport()
	var mu sync.Mutex // guards report
	add := func(r Result) {
		mu.Lock()
		defer mu.Unlock()
		report.Results = append(report.Results, r)
	}
	for _, c := range s.cases() {
		if !c.judges(p) {
			report.LeftOut++
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			if reason, ok := s.skipped(c); ok {
				t.Skip(reason)
			}
			wait := s.start(t.Context(), c, gate) // before Parallel, which waits for a slot of its own
			t.Parallel()
			result, err := wait()
			if err != nil {
				t.Fatal(err)
			}
			add(result)
			result.log(t, p)
		})
	}
	t.Cleanup(func() {
		if len(report.Results) > 1 { // else -run selected one
			report.sort()
			t.Log(report.fitText() + report.Sum())
		}
	})
}

// log gives a test the result of its case.
func (r Result) log(t *testing.T, p Policy) {
	t.Helper()
	for key, value := range r.Attributes() {
		t.Attr(key, value)
	}
	pattern := strings.ReplaceAll("^"+t.Name()+"$", "/", "$/^")
	text := fmt.Sprintf("%v\nrun this case: go test -run '%s'", &CaseError{r, p}, pattern)
	switch {
	case r.excused:
		t.Skip(r.excuse())
	case r.Known != "":
		t.Skipf("known failure (%s): %v", r.Known, text)
	case r.New && r.Severity != NoSeverity:
		t.Skipf("newer than the set (%s): %v", r.Case.Since, text)
	case !r.Failed():
		return
	}
	t.Error(text)
	r.writeFiles(t)
}

// writeFiles writes the files of a result where go test -artifacts keeps them.
func (r Result) writeFiles(t *testing.T) {
	t.Helper()
	if len(r.Files) == 0 {
		return
	}
	dir := t.ArtifactDir()
	for name, data := range r.Files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Error(err)
		}
	}
}

// Check runs a client against the servers of the catalogue. Cases about what the
// policy does not look at are left out. The controls come first; if the client
// fails one, Check runs nothing else. There is an error if an argument is wrong, or
// if ctx is done before the end.
func Check(ctx context.Context, p Policy, client Client, opts ...Option) (*Report, error) {
	s, err := prepare(p, client, opts)
	if err != nil {
		return nil, err
	}
	gate, err := s.gate(ctx)
	if err != nil || gate.Broken != nil {
		return gate, err
	}
	report := s.newReport()
	var waits []func() (Result, error)
	for _, c := range s.cases() {
		if !c.judges(p) {
			report.LeftOut++
			continue
		}
		if _, ok := s.skipped(c); !ok {
			waits = append(waits, s.start(ctx, c, gate))
		}
	}
	for _, wait := range waits {
		result, waitErr := wait()
		if waitErr == nil {
			report.Results = append(report.Results, result)
		} else if err == nil {
			err = waitErr
		}
	}
	report.sort()
	return report, err
}

// Test runs a client against the case's server. There is an error if an argument
// is wrong, or if ctx is done before the end. If an option leaves the case out, the
// error is [ErrLeftOut].
func (c Case) Test(ctx context.Context, p Policy, client Client, opts ...Option) (Result, error) {
	if err := c.check(); err != nil {
		return Result{}, err
	}
	s, err := prepare(p, client, opts)
	if err != nil {
		return Result{}, err
	}
	if reason, ok := s.skipped(c); ok {
		return Result{}, fmt.Errorf("conformance: %s: %w: %s", c.Name, ErrLeftOut, reason)
	}
	return s.test(ctx, c)
}

// ErrLeftOut is the error of [Case.Test] for a case that an option leaves out.
var ErrLeftOut = errors.New("an option leaves the case out")

// prepare checks the arguments of Run, Check and Test.
func prepare(p Policy, client Client, opts []Option) (*suite, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	s, err := newSuite(opts)
	if err != nil {
		return nil, err
	}
	s.policy = p
	f, isFunc := client.(ClientFunc)
	isNil := client == nil || isFunc && f == nil
	switch {
	case isNil && s.newClient == nil:
		return nil, errors.New("conformance: the client is nil; pass a ClientFunc that connects to the server")
	case !isNil && s.newClient != nil:
		return nil, errors.New("conformance: there is a client, and WithClientPerCase; pass nil as the client")
	case s.newClient == nil:
		s.newClient = func() Client { return client }
	}
	return s, nil
}

// newReport returns a report without results.
func (s *suite) newReport() *Report { return &Report{Policy: s.policy, Set: s.set} }

// gate runs the controls. If the client fails one, the report has it as Broken,
// and nothing else is worth running.
func (s *suite) gate(ctx context.Context) (*Report, error) {
	report := s.newReport()
	for c := range Cases() {
		if !c.isControl() {
			break // they are the first group
		}
		if _, ok := s.skipped(c); ok {
			continue
		}
		result, err := s.test(ctx, c)
		if err != nil {
			return report, err
		}
		if result.Failed() || result.excused {
			report.Broken = &result
			return report, nil
		}
		report.Results = append(report.Results, result)
	}
	return report, nil
}

// start starts a case, and returns a function that waits for its result. The
// results of the gate are not asked for again.
func (s *suite) start(ctx context.Context, c Case, gate *Report) (wait func() (Result, error)) {
	if i := slices.IndexFunc(gate.Results, func(r Result) bool { return r.Case.Name == c.Name }); i >= 0 {
		return func() (Result, error) { return gate.Results[i], nil }
	}
	var result Result
	var err error
	done := make(chan struct{})
	if c.hangs() && s.jobs > 1 { // what hangs needs no processor
		go func() {
			defer close(done)
			result, err = s.test(ctx, c)
		}()
	} else {
		before, begun := s.begun, make(chan struct{})
		s.begun = begun
		go func() {
			defer close(done)
			<-before
			s.slots <- struct{}{}
			defer func() { <-s.slots }()
			close(begun)
			result, err = s.test(ctx, c)
		}()
	}
	return func() (Result, error) {
		<-done
		return result, err
	}
}

// cases returns the catalogue, those cases first in which a client may hang.
func (s *suite) cases() []Case {
	all := slices.Collect(Cases())
	slices.SortStableFunc(all, func(a, b Case) int { return b.hanging() - a.hanging() })
	return all
}
