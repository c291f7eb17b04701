package conformance_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

// only skips all groups except one.
func only(group string) (opts []conformance.Option) {
	skipped := map[string]bool{group: true, "control": true}
	for c := range conformance.Cases() {
		name, _, _ := strings.Cut(c.Name, "/")
		if !skipped[name] {
			opts = append(opts, conformance.Skip(name, "not now"))
		}
		skipped[name] = true
	}
	return opts
}

// Check runs the catalogue outside of tests, here only the group status.
func ExampleCheck() {
	var opts []conformance.Option
	opts = append(opts, only("status")...)
	opts = append(opts, conformance.WithInMemoryNetwork(), conformance.WithDeadline(time.Minute))
	for _, name := range []string{"malformed-request", "internal-error", "sig-required", "unauthorized", "no-staple"} {
		opts = append(opts, conformance.Skip("status/"+name, "not now"))
	}
	report, err := conformance.Check(context.Background(), conformance.Policy{}, conformance.ClientFunc(chainOnly), opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	report.WriteText(os.Stdout)
	for _, s := range []conformance.Severity{conformance.Security, conformance.Strictness} {
		fmt.Println(s, report.Count(s))
	}
	fmt.Println(len(report.Failures()), report.LeftOut > 0, report.Broken == nil)
	// Output:
	// security: accepted, want reject:
	//     status/revoked
	//     status/unknown
	//     status/try-later
	//
	// checks nothing: 3 holes (status/revoked, status/unknown, status/try-later); score 0; 6 cases judged under sources=staple (set 2026.3)
	// security 3
	// strictness 0
	// 3 true true
}

// A client that fails a control is not connected properly, and Check says only
// that.
func ExampleReport_Sum() {
	client := conformance.ClientFunc(func(context.Context, *ocsptest.Server) error { return nil })
	report, err := conformance.Check(context.Background(), conformance.Policy{}, client, conformance.WithInMemoryNetwork())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Broken.Got == conformance.Outcome(conformance.NotRunOutcome), report.Broken.Err)
	fmt.Println(report.Sum())
	// Output:
	// true it returned nil, but finished no handshake
	// could not be judged: it failed control/good, so no other case was run
}

// Known failures are a file that the run writes, and that must stay true.
func ExampleWithKnownFailures() {
	known, err := conformance.ReadKnownFailures(strings.NewReader(`
		# what chainOnly ignores
		status/revoked: it ignores staples
		status/unknown: it ignores staples
		status/good: it was wrong once
	`))
	if err != nil {
		fmt.Println(err)
		return
	}
	opts := append(only("status"), conformance.WithInMemoryNetwork(), conformance.WithKnownFailures(known...), conformance.WithSet("2026.1"))
	report, err := conformance.Check(context.Background(), conformance.Policy{}, conformance.ClientFunc(chainOnly), opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(r conformance.Result) {
		switch {
		case r.Fixed:
			fmt.Println(r.Case.Name, "passes now")
		case r.Known != "":
			fmt.Println(r.Case.Name, "is known:", r.Known)
		}
	}
	for _, result := range report.Results {
		show(result)
	}
	fmt.Println(len(report.KnownFailures()), "failures for the next list")
	// Output:
	// status/good passes now
	// status/revoked is known: it ignores staples
	// status/unknown is known: it ignores staples
	// 8 failures for the next list
}

// Compare shows what an upgrade of a client changes.
func ExampleCompare() {
	opts := append(only("status"), conformance.WithInMemoryNetwork())
	ctx, policy := context.Background(), conformance.Policy{}
	old, err := conformance.Check(ctx, policy, conformance.ClientFunc(chainOnly), opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file strings.Builder
	if err := old.WriteJSON(&file); err != nil {
		fmt.Println(err)
		return
	}
	before, err := conformance.ReadReport(strings.NewReader(file.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := conformance.Check(ctx, policy, conformance.Reference(policy), opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func(before, after *conformance.Report) conformance.Comparison {
		c := conformance.Compare(before, after)
		fmt.Print(c)
		return c
	}
	better := func(c conformance.Change) bool { return c.Better }
	c := show(before, after)
	fmt.Println(slices.ContainsFunc(c.Changes, better), len(c.Notes))
	// Output:
	// + status/revoked: reject, was accept
	// + status/unknown: reject, was accept
	// + status/malformed-request: reject, was accept
	// + status/internal-error: reject, was accept
	// + status/try-later: reject, was accept
	// + status/sig-required: reject, was accept
	// + status/unauthorized: reject, was accept
	// + status/no-staple: reject, was accept
	// true 0
}

// A report can be written for programs, for CI systems and for people. A client
// can be a command, which may be missing, or lack a feature.
func ExampleReport_WriteMarkdown() {
	client := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		return conformance.NotRun(errors.New(`exec: "myclient": executable file not found in $PATH`))
	})
	report, err := conformance.Check(context.Background(), conformance.Policy{}, client, conformance.WithInMemoryNetwork())
	if err != nil {
		fmt.Println(err)
		return
	}
	var markdown, junit strings.Builder
	report.WriteMarkdown(&markdown)
	report.WriteJUnit(&junit)
	line, _, _ := strings.Cut(strings.TrimSpace(markdown.String()), "\n")
	fmt.Println(line)
	fmt.Println(strings.Count(junit.String(), "<failure"))
	// Output:
	// ### ocsplab, policy `sources=staple`, set 2026.3
	// 1
}

// Servers can have a root, keys, names and protocols that the client needs.
func ExampleWithRoot() {
	root := fakeca.New()
	newKey := func() crypto.Signer {
		key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	}
	policy := conformance.Policy{Sources: conformance.OCSP}
	client := conformance.ClientFunc(func(ctx context.Context, s *ocsptest.Server) error {
		if s.CA.Issuer != root || s.Leaf.Cert.DNSNames[1] != "db.example.com" {
			return conformance.Unsupported("not my server")
		}
		return conformance.Reference(policy).Connect(ctx, s)
	})
	opts := append(only("status"), conformance.WithInMemoryNetwork(),
		conformance.WithRoot(root),
		conformance.WithKeys(newKey),
		conformance.WithLeafTemplate(&x509.Certificate{DNSNames: []string{"db.example.com"}}),
		conformance.WithALPN("http/1.1"),
		conformance.Skip("control/untrusted-root", "it has another root"),
	)
	report, err := conformance.Check(context.Background(), policy, client, opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Sum())
	// Output:
	// no holes; score 100; 9 cases judged under sources=ocsp (set 2026.3)
}

// A program that checks certificates need not connect.
func ExampleWithRole() {
	policy := conformance.Policy{Sources: conformance.OCSP}
	opts := append(only("status"), conformance.WithInMemoryNetwork(),
		conformance.WithRole(conformance.Role(conformance.CertificateChecker)),
		conformance.WithJobs(1),
		conformance.WithHangDeadline(time.Minute),
		conformance.WithSystemClock(),
		conformance.WithClientPerCase(func() conformance.Client { return conformance.Reference(policy) }),
	)
	report, err := conformance.Check(context.Background(), policy, nil, opts...)
	if err != nil {
		fmt.Println(err)
		return
	}
	for key, value := range report.Results[0].Attributes() {
		fmt.Println(key, value)
	}
	fits := report.Fit()
	fmt.Println(len(fits))
	c, _ := conformance.Lookup("times/early")
	_, err = c.Test(context.Background(), policy, nil, opts...)
	fmt.Println(errors.Is(err, conformance.ErrLeftOut))
	// Output:
	// case control/good
	// ref RFC 6960 2.2
	// want accept
	// got accept
	// severity none
	// 0
	// true
}
