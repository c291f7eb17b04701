package conformance

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// TestOtherWorlds runs the reference against the whole catalogue with servers as
// options want them. The client looks at what the options promise.
func TestOtherWorlds(t *testing.T) {
	t.Parallel()
	root := fakeca.New(fakeca.WithName("the root of all cases"))
	generate := sync.OnceValue(func() []crypto.Signer { // RSA keys take long
		keys := make([]crypto.Signer, 3)
		for i := range keys {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			keys[i] = key
		}
		return keys
	})
	var n atomic.Int32
	newKey := func() crypto.Signer { return generate()[n.Add(1)%3] }
	var others []Option // skip groups, unless -full
	if !*full {
		for c := range Cases() {
			group, _, _ := strings.Cut(c.Name, "/")
			if !slices.Contains([]string{"control", "status", "delegate", "crl", "chain", "resumption"}, group) {
				others = append(others, Skip(c.Name, "only with -full"))
			}
		}
	}
	for _, test := range []struct {
		name   string
		option Option
		differ int // in how many servers, because cases need something else
		check  func(s *ocsptest.Server) error
	}{
		{"root", WithRoot(root), 1, func(s *ocsptest.Server) error {
			for ca := s.CA; ca != nil; ca = ca.Issuer {
				if ca == root {
					return nil
				}
			}
			return errors.New("another root")
		}},
		{"keys", WithKeys(newKey), 2 * len(aboutECDSA), func(s *ocsptest.Server) error {
			if _, ok := s.Leaf.Key.(*rsa.PrivateKey); !ok {
				return fmt.Errorf("the key is a %T", s.Leaf.Key)
			}
			return nil
		}},
		{"leaf", WithLeafTemplate(&x509.Certificate{DNSNames: []string{"db.example.com"}}), 0, func(s *ocsptest.Server) error {
			return s.Leaf.Cert.VerifyHostname("db.example.com")
		}},
		{"ALPN", WithALPN("h2", "http/1.1"), 0, func(s *ocsptest.Server) error {
			if offered := s.ServerTLSConfig().NextProtos; !slices.Equal(offered, []string{"h2", "http/1.1"}) {
				return fmt.Errorf("it offers %q", offered)
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reference := Reference(everything)
			var different atomic.Int32
			report, err := Check(t.Context(), everything, ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
				if err := test.check(s); err != nil {
					different.Add(1)
				}
				return reference.Connect(ctx, s)
			}), slices.Concat(others, []Option{test.option, WithInMemoryNetwork()})...)
			if err != nil {
				t.Fatal(err)
			}
			if report.Broken != nil {
				t.Fatal(&CaseError{*report.Broken, everything})
			}
			for _, r := range report.Failures() {
				t.Error(&CaseError{r, everything})
			}
			if n := int(different.Load()); n > test.differ {
				t.Errorf("%d servers are not as the option wants, want %d", n, test.differ)
			}
		})
	}
}

// TestSharedRoot shows that several runs can share a root at the same time: in each
// case, the intermediate names the responder of that case.
func TestSharedRoot(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	chain := Policy{Sources: OCSP | CRL, AllSources: true, Chain: true}
	var opts []Option
	for c := range Cases() {
		if group, _, _ := strings.Cut(c.Name, "/"); group != "control" && group != "chain" && group != "signer" {
			opts = append(opts, Skip(c.Name, "it is not about intermediates"))
		}
	}
	opts = append(opts, WithRoot(root), WithInMemoryNetwork(), WithJobs(4))
	var runs sync.WaitGroup
	for range 3 {
		runs.Go(func() {
			report, err := Check(t.Context(), chain, Reference(chain), opts...)
			if err != nil {
				t.Error(err)
				return
			}
			if report.Broken != nil {
				t.Error(&CaseError{*report.Broken, chain})
			}
			for _, r := range report.Failures() {
				t.Error(&CaseError{r, chain})
			}
		})
	}
	runs.Wait()
}

// TestClientPerCase shows that each case has a client of its own.
func TestClientPerCase(t *testing.T) {
	t.Parallel()
	var made atomic.Int32
	newClient := func() Client {
		made.Add(1)
		return Reference(Policy{})
	}
	report, err := Check(t.Context(), Policy{}, nil, WithClientPerCase(newClient), WithInMemoryNetwork())
	if err != nil || len(report.Failures()) > 0 || int(made.Load()) != len(report.Results) {
		t.Errorf("%d clients for %d cases, %d failures, %v", made.Load(), len(report.Results), len(report.Failures()), err)
	}
}

// TestNewerCases shows that cases of newer sets run and do not count.
func TestNewerCases(t *testing.T) {
	t.Parallel()
	s, err := newSuite([]Option{WithSet(sets()[0])})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		since    string
		severity Severity
		failed   bool
	}{
		{sets()[0], Security, true},
		{"2999.1", Security, false},
		{"2999.1", NoSeverity, false},
	} {
		r := Result{Case: Case{Name: "times/expired", Since: test.since}, Severity: test.severity}
		s.excuse(&r)
		if r.Failed() != test.failed {
			t.Errorf("%+v: failed %v, want %v", test, r.Failed(), test.failed)
		}
	}
	if all := sets(); all[len(all)-1] != newestSet {
		t.Errorf("the newest of %v is not %s", all, newestSet)
	}
	if compareSets("2026.10", "2026.9") <= 0 || compareSets("2026.10", "2027.1") >= 0 || compareSets("2026.1", "2026.1") != 0 {
		t.Error("sets are not compared by year and number")
	}
}
