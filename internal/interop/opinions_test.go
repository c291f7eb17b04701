package interop

import (
	"crypto"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
)

var update = flag.Bool("update", false, "rewrite the tables in testdata")

const opinionsFile = "testdata/opinions.json"

// Opinions are what OpenSSL and GnuTLS say of the answers of the catalogue.
type opinions struct {
	OpenSSL string          `json:"openssl"` // its version
	GnuTLS  string          `json:"gnutls"`
	Classes []opinionsClass `json:"classes"`
}

// A class are the cases of which the same clients think other than we do.
type opinionsClass struct {
	Class string    `json:"class"`
	Cases []opinion `json:"cases"`
}

// An opinion is a case, what a client that fails hard is to make of it, and what
// OpenSSL and GnuTLS say.
type opinion struct {
	Case    string `json:"case"`
	Want    string `json:"want"`
	OpenSSL string `json:"openssl"`
	GnuTLS  string `json:"gnutls"`
}

// The groups of the catalogue in which what is wrong may be the answer.
var answerGroups = []string{
	"status", "reason", "encoding", "certid", "times", "responderid", "signer", "delegate", "extensions", "nonce", "combined",
}

// Cases whose first answer is another than the one that they are about. The
// programs are asked once.
var secondAnswers = []string{"nonce/replayed", "times/never-refreshed"}

// answerCases are the cases of those groups. What is fetched is there as a
// staple too, but for nonces, for which the programs ask by themselves.
func answerCases() []ocsptest.Case {
	var out []ocsptest.Case
	for _, p := range []ocsptest.Policy{{HardFail: true}, {HardFail: true, Fetch: true}} {
		for c := range ocsptest.Cases(p) {
			group, _, _ := strings.Cut(c.Name, "/")
			switch {
			case p.Fetch != (group == "nonce"), !slices.Contains(answerGroups, group):
			case strings.HasSuffix(c.Name, "-fetched"), slices.Contains(secondAnswers, c.Name):
			default:
				out = append(out, c)
			}
		}
	}
	return out
}

// TestOpinions compares what OpenSSL and GnuTLS make of each answer with what
// they made of it when the table was written.
func TestOpinions(t *testing.T) {
	t.Parallel()
	now := opinions{
		OpenSSL: firstWords(run(t, program(t, "openssl"), "version").stdout),
		GnuTLS:  firstWords(run(t, program(t, "ocsptool"), "--version").stdout),
	}
	then := readOpinions(t)
	if !*update && (then.OpenSSL != now.OpenSSL || then.GnuTLS != now.GnuTLS) {
		t.Skipf("the opinions of %s and %s are known, not those of %s and %s", then.OpenSSL, then.GnuTLS, now.OpenSSL, now.GnuTLS)
	}
	known := make(map[string]opinion)
	for _, class := range then.Classes {
		for _, o := range class.Cases {
			known[o.Case] = o
		}
	}
	var mu sync.Mutex
	found := make(map[string]opinion)
	slots := make(chan struct{}, 4)
	cases := answerCases()
	judged := 0
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				o, ok := ask(t, c)
				mu.Lock()
				defer mu.Unlock()
				judged++
				if ok {
					found[c.Name] = o
				}
				if was, written := known[c.Name]; !*update && (written != ok || was != o) {
					t.Errorf("if that is right, go test -update\n got %+v\nwant %+v", o, was)
				}
			})
		}
	})
	if judged < len(cases) {
		return // -run picked some
	}
	for name := range known {
		if _, ok := found[name]; !ok && !*update {
			t.Errorf("%s has no answer any more; go test -update", name)
		}
	}
	if *update && !t.Failed() {
		now.classify(cases, found)
		now.write(t)
	}
}

// firstWords is the name and version of a program, as "OpenSSL 3.0.19".
func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(2, len(words))], " ")
}

// ask has both programs judge the answer of a case, if it has one.
func ask(t *testing.T, c ocsptest.Case) (opinion, bool) {
	s := c.Start(t)
	der := staple(t, s)
	fetched := len(der) == 0
	if fetched && !strings.HasPrefix(c.Name, "nonce/") {
		return opinion{}, false
	}
	w := &world{ca: s.Leaf.Issuer, leaf: s.Leaf, delegate: s.Leaf}
	dir := w.dir(t, der)
	openssl := []string{"ocsp", "-CAfile", "root.pem", "-issuer", "issuer.pem", opensslHash[hashOf(der)], "-cert", "leaf.pem"}
	gnutls := []string{"--load-trust", "issuer.pem"}
	if fetched {
		responder := s.Leaf.Cert.OCSPServer[0]
		openssl = append(openssl, "-url", responder, "-nonce")
		gnutls = append(gnutls, "--ask="+responder, "--nonce", "--load-cert", "leaf.pem", "--load-issuer", "issuer.pem")
	} else {
		openssl = append(openssl, "-respin", "answer.der", "-no_nonce")
		gnutls = append(gnutls, "--verify-response", "--load-response", "answer.der")
	}
	return opinion{
		Case:    c.Name,
		Want:    c.Want.String(),
		OpenSSL: opensslOpinion(command{path: program(t, "openssl"), dir: dir, args: openssl}.run(t)),
		GnuTLS:  gnutlsOpinion(command{path: program(t, "ocsptool"), dir: dir, args: gnutls}.run(t), s.Leaf.Cert.SerialNumber),
	}, true
}

// staple connects, and returns what is stapled.
func staple(t *testing.T, s *ocsptest.Server) []byte {
	t.Helper()
	cfg := s.TLSClientConfig()
	cfg.InsecureSkipVerify = true // the chain may be what is wrong
	conn, err := tls.Dial("tcp", s.Addr().String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.OCSPResponse()
}

// hashOf is the hash by which openssl is to look for the certificate: it finds
// no other.
func hashOf(der []byte) crypto.Hash {
	m, err := fakeca.ParseMessage(der)
	if err != nil || m.ResponseBytes == nil || len(m.Responses) == 0 {
		return 0
	}
	return m.Responses[0].CertID.HashAlgorithm.Hash()
}

// An error of OpenSSL: its number, "error", a code, the library, the function,
// and the reason.
var opensslError = regexp.MustCompile(`(?m)^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]*):`)

// opensslOpinion is what `openssl ocsp` says, in a line: the certificate's
// status, or why it refuses to tell.
func opensslOpinion(r result) string {
	_, status, found := strings.Cut("\n"+r.stdout, "\nleaf.pem: ")
	status, _, _ = strings.Cut(status, "\n")
	text, missing := strings.CutPrefix(status, "ERROR: ")
	_, failure, failed := strings.Cut(r.all(), "Responder Error: ")
	switch {
	case strings.Contains(r.all(), "Error reading OCSP response"):
		return "cannot read it"
	case failed:
		return "responder error " + strings.Fields(failure)[0]
	case strings.Contains(r.all(), "Nonce Verify error"):
		return "refuses: nonce verify error"
	case missing:
		return "refuses: " + strings.ToLower(strings.TrimSuffix(text, "."))
	case !found, strings.HasPrefix(status, "WARNING: "), !strings.Contains(r.all(), opensslOK):
		return "refuses: " + opensslReason(r.all())
	}
	return status
}

// opensslReason is the first reason that says something: of a signer it is
// always said first that it was not found, elsewhere.
func opensslReason(text string) string {
	var reasons []string
	for _, e := range opensslError.FindAllStringSubmatch(text, -1) {
		reasons = append(reasons, e[1])
	}
	if len(reasons) == 0 {
		return "no reason"
	}
	for _, reason := range reasons {
		if reason != "signer certificate not found" && reason != "EVP lib" {
			return reason
		}
	}
	return reasons[0]
}

// gnutlsOpinion is what `ocsptool` says: of a staple it looks at the signature
// and at who made it, not at times. Whom the answer is about is for its caller
// to see, so that what is said of others counts if nothing is of the leaf.
func gnutlsOpinion(r result, leaf *big.Int) string {
	_, verified, found := strings.Cut(r.stdout, "Verifying OCSP Response: ")
	verified, _, _ = strings.Cut(verified, "\n")
	if !found {
		lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
		why := strings.TrimSuffix(lines[len(lines)-1], ".")
		if broken, ok := strings.CutPrefix(why, "importing response: "); ok {
			return "cannot read it: " + broken
		}
		return "refuses: " + strings.TrimPrefix(why, "gnutls_ocsp_resp_verify: ")
	}
	if why, failed := strings.CutPrefix(verified, "Failure, "); failed {
		return "refuses: " + strings.TrimSuffix(why, ".")
	}
	var own, others []string
	for i, single := range strings.Split(r.stdout, "Certificate ID:") {
		serial, ok := new(big.Int).SetString(field(single, "Serial Number"), 16)
		switch status := field(single, "Certificate Status"); {
		case i == 0: // what stands before
		case ok && serial.Cmp(leaf) == 0:
			own = append(own, status)
		default:
			others = append(others, status)
		}
	}
	if own == nil {
		own = others
	}
	if own == nil {
		return "says nothing"
	}
	return strings.Join(slices.Compact(own), " and ")
}

// classify puts what was found into classes, in the order of the catalogue.
func (all *opinions) classify(cases []ocsptest.Case, found map[string]opinion) {
	classes := make(map[string][]opinion)
	for _, c := range cases {
		if o, ok := found[c.Name]; ok {
			classes[o.class()] = append(classes[o.class()], o)
		}
	}
	for _, class := range classOrder {
		if len(classes[class]) > 0 {
			all.Classes = append(all.Classes, opinionsClass{class, classes[class]})
		}
	}
}

var classOrder = []string{
	"all agree",
	"OpenSSL takes what is to be refused", "GnuTLS takes what is to be refused", "both take what is to be refused",
	"OpenSSL refuses what is to be taken", "GnuTLS refuses what is to be taken", "both refuse what is to be taken",
	"left open: both take it", "left open: OpenSSL takes it", "left open: GnuTLS takes it", "left open: both refuse it",
}

func (o opinion) class() string {
	openssl, gnutls := o.OpenSSL == "good", o.GnuTLS == "good"
	switch {
	case o.Want == "either" && !openssl && !gnutls:
		return "left open: both refuse it"
	case o.Want == "either":
		return "left open: " + which(openssl, gnutls, "take") + " it"
	case o.Want == "reject" && (openssl || gnutls):
		return which(openssl, gnutls, "take") + " what is to be refused"
	case o.Want == "accept" && !(openssl && gnutls):
		return which(!openssl, !gnutls, "refuse") + " what is to be taken"
	}
	return "all agree"
}

// which says which of the two do something, which one of them does.
func which(openssl, gnutls bool, do string) string {
	switch {
	case openssl && gnutls:
		return "both " + do
	case openssl:
		return "OpenSSL " + do + "s"
	}
	return "GnuTLS " + do + "s"
}

func readOpinions(t *testing.T) opinions {
	t.Helper()
	data, err := os.ReadFile(opinionsFile)
	if err != nil {
		if *update {
			return opinions{}
		}
		t.Fatal(err)
	}
	var all opinions
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatalf("%s: %v", opinionsFile, err)
	}
	return all
}

// write writes a case in each line.
func (all *opinions) write(t *testing.T) {
	t.Helper()
	text := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{\n\t\"openssl\": %s,\n\t\"gnutls\": %s,\n\t\"classes\": [", text(all.OpenSSL), text(all.GnuTLS))
	for i, class := range all.Classes {
		b.WriteString([]string{"\n", ",\n"}[min(i, 1)])
		fmt.Fprintf(&b, "\t\t{\"class\": %s, \"cases\": [", text(class.Class))
		for i, o := range class.Cases {
			b.WriteString([]string{"\n\t\t\t", ",\n\t\t\t"}[min(i, 1)] + text(o))
		}
		b.WriteString("\n\t\t]}")
	}
	b.WriteString("\n\t]\n}\n")
	if err := os.WriteFile(opinionsFile, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}
