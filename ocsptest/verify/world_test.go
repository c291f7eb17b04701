package verify_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// judgedAt is the time at which these tests judge responses, unless a test says
// otherwise. By default thisUpdate is an hour before.
var judgedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A world has signers of responses about leaf, with and without authority.
type world struct {
	root, ca, stranger      *fakeca.CA
	leaf, sibling, delegate *fakeca.Leaf
}

// newWorld returns a world whose issuer has this key, or a P-256 key if it is nil.
func newWorld(key crypto.Signer) *world {
	w := new(world)
	clock := fakeca.WithClock(func() time.Time { return judgedAt })
	w.root = fakeca.New(fakeca.WithName("root"), clock)
	w.stranger = fakeca.New(fakeca.WithName("stranger"), clock)
	opts := []fakeca.Option{fakeca.WithName("CA")}
	if key != nil {
		opts = append(opts, fakeca.WithKey(key))
	}
	w.ca = w.root.Intermediate(opts...)
	w.leaf = w.ca.Issue(&x509.Certificate{
		SerialNumber: big.NewInt(0x2a), DNSNames: []string{"leaf.example.test"},
		NotBefore: judgedAt.AddDate(0, -1, 0), NotAfter: judgedAt.AddDate(0, 2, 0),
	})
	w.sibling = w.ca.Leaf("sibling.example.test")
	w.delegate = w.signer(x509.Certificate{})
	return w
}

// signer has the CA issue a delegate from a template.
func (w *world) signer(tmpl x509.Certificate) *fakeca.Leaf {
	tmpl.Subject = pkix.Name{CommonName: "delegate"}
	return w.ca.OCSPSigner(&tmpl)
}

// issue returns a certificate for a delegate that fakeca would not issue: with any
// key, and with no key usage by default.
func (w *world) issue(tmpl x509.Certificate, pub crypto.PublicKey) *x509.Certificate {
	tmpl.Subject = pkix.Name{CommonName: "delegate"}
	tmpl.SerialNumber = big.NewInt(7)
	tmpl.NotBefore, tmpl.NotAfter = judgedAt.AddDate(-1, 0, 0), judgedAt.AddDate(1, 0, 0)
	tmpl.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, &tmpl, w.ca.Cert, pub, w.ca.Key))))
}

// asSigner returns ca as if it were a delegate.
func asSigner(ca *fakeca.CA) *fakeca.Leaf { return &fakeca.Leaf{Cert: ca.Cert, Key: ca.Key} }

// A testCase is a response, and all that is wrong with it.
type testCase struct {
	name     string
	response fakeca.Response // what the CA signs
	der      func() []byte   // instead of response
	options  verify.Options
	at       time.Duration // after judgedAt

	want   []string // the violations
	status fakeca.Status
}

// judge compares the result of Response with the case.
func (w *world) judge(t *testing.T, c testCase) {
	t.Helper()
	var der []byte
	if c.der != nil {
		der = c.der()
	} else {
		der = w.leaf.Staple(c.response)
	}
	resp, err := c.options.Response(der, w.leaf.Cert, w.ca.Cert, judgedAt.Add(c.at))
	if diff := cmp.Diff(c.want, violations(t, err)); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	want := c.status
	if want == fakeca.Good && len(c.want) > 0 { // the response may say nothing about the leaf
		switch rule, _, _ := strings.Cut(c.want[0], ": "); rule {
		case "malformed", "response-type", "version":
			want = fakeca.ServerFailed
		case "certid-hash-algorithm", "certid-name-hash", "certid-key-hash", "certid-serial":
			want = fakeca.Unknown
		}
	}
	if resp.Status != want {
		t.Errorf("it says %v, want %v", resp.Status, want)
	}
}

// violationsOf returns the violations that err holds, none if it is nil.
func violationsOf(t *testing.T, err error) verify.Violations {
	t.Helper()
	if err == nil {
		return nil
	}
	all, ok := errors.AsType[verify.Violations](err)
	if !ok || len(all) == 0 {
		t.Fatalf("%T: %v", err, err)
	}
	return all
}

// violations returns the texts of all violations. It checks that errors.Is and
// errors.As find them, and that the text of err is one line.
func violations(t *testing.T, err error) []string {
	t.Helper()
	all := violationsOf(t, err)
	if all == nil {
		return nil
	}
	var texts []string
	for _, v := range all {
		texts = append(texts, v.Error())
		if !errors.Is(err, v) {
			t.Errorf("errors.Is does not find %v", v)
		}
	}
	if first, ok := errors.AsType[*verify.Violation](err); !ok || first != all[0] {
		t.Errorf("errors.As finds %v", first)
	}
	if line := err.Error(); line != "verify: OCSP response: "+strings.Join(texts, "; ") || strings.Contains(line, "\n") {
		t.Errorf("not one line with all of them: %q", line)
	}
	return texts
}

// runCases judges cases in subtests.
func runCases(t *testing.T, w *world, cases []testCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w.judge(t, c)
		})
	}
}

func editing(edit func(*fakeca.Message)) fakeca.Response { return fakeca.Response{Edit: edit} }

func mutating(mutate func([]byte) []byte) fakeca.Response { return fakeca.Response{Mutate: mutate} }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
