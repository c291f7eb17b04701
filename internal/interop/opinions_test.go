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
	"github.com/ocsplab/ocsplab/ocsptest/conformance"
)

var update = flag.Bool("update", false, "rewrite the tables in testdata")

const opinionsFile = "testdata/opinions.json"

// Opinions are what OpenSSL and GnuTLS say about the catalogue's responses.
type opinions struct {
	OpenSSL string          `json:"openssl"` // its version
	GnuTLS  string          `json:"gnutls"`
	Classes []opinionsClass `json:"classes"`
}

// An opinionsClass holds the cases on which the same programs disagree with us.
type opinionsClass struct {
	Class string    `json:"class"`
	Cases []opinion `json:"cases"`
}

// An opinion is a case, the verdict that we want of a hard-failing client, and
// what OpenSSL and GnuTLS say.
type opinion struct {
	Case    string `json:"case"`
	Want    string `json:"want"`
	OpenSSL string `json:"openssl"`
	GnuTLS  string `json:"gnutls"`
}

// The groups of the catalogue that are about responses.
var responseGroups = []string{
	"status", "reason", "encoding", "certid", "times", "responderid", "signer", "delegate", "extensions", "nonce", "combined",
}

// Cases that are about the second response. The programs see only the first.
var aboutSecond = []string{"nonce/replayed", "times/never-refreshed"}

// responseCases returns the cases of those groups, stapled. Only for nonces do the
// programs ask a responder.
func responseCases() []conformance.Case {
	var out []conformance.Case
	for c := range conformance.Cases() {
		group, _, _ := strings.Cut(c.Name, "/")
		switch {
		case c.Sources&conformance.Staple == 0 && group != "nonce", !slices.Contains(responseGroups, group):
		case strings.HasSuffix(c.Name, "-fetched"), slices.Contains(aboutSecond, c.Name):
		default:
			out = append(out, c)
		}
	}
	return out
}

// wanted returns the verdict on a case for a client that fails closed, and looks
// at what the programs look at.
func wanted(c conformance.Case) conformance.Verdict {
	source := conformance.Staple
	if strings.HasPrefix(c.Name, "nonce/") {
		source = conformance.OCSP
	}
	want, _, _ := conformance.Policy{Sources: source}.Judge(c)
	return want
}

// TestOpinions compares what OpenSSL and GnuTLS say about each response with the
// table. Rewrite it with -update. Where the programs are not required, a quarter
// of the responses must do.
func TestOpinions(t *testing.T) {
	t.Parallel()
	now := opinions{
		OpenSSL: firstWords(run(t, program(t, "openssl"), "version").stdout),
		GnuTLS:  firstWords(run(t, program(t, "ocsptool"), "--version").stdout),
	}
	then := readOpinions(t)
	required := os.Getenv(requireEnv) != ""
	if !*update && !required && (then.OpenSSL != now.OpenSSL || then.GnuTLS != now.GnuTLS) {
		t.Skipf("the table is for %s and %s, not for %s and %s", then.OpenSSL, then.GnuTLS, now.OpenSSL, now.GnuTLS)
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
	cases := responseCases()
	every := 4
	if *update || required {
		every = 1
	}
	judged := 0
	t.Run("cases", func(t *testing.T) {
		for i, c := range cases {
			if i%every != 0 {
				continue
			}
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
					t.Errorf("got %+v\nwant %+v\n(-update to accept)", o, was)
				}
			})
		}
	})
	if judged < len(cases) {
		return // some were left out
	}
	for name := range known {
		if _, ok := found[name]; !ok && !*update {
			t.Errorf("%s no longer has a response (-update to accept)", name)
		}
	}
	if *update && !t.Failed() {
		now.classify(cases, found)
		now.write(t)
	}
}

// firstWords returns the name and version of a program, as "OpenSSL 3.0.19".
func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(2, len(words))], " ")
}

// ask runs both programs on the response of a case, if it has one.
func ask(t *testing.T, c conformance.Case) (opinion, bool) {
	s := c.Start(t)
	der := staple(t, s)
	fetched := len(der) == 0
	if fetched && !strings.HasPrefix(c.Name, "nonce/") {
		return opinion{}, false
	}
	w := &pki{ca: s.Leaf.Issuer, leaf: s.Leaf, delegate: s.Leaf}
	dir := w.dir(t, der)
	openssl := []string{"ocsp", "-CAfile", "root.pem", "-issuer", "issuer.pem", opensslHash[hashOf(der)], "-cert", "leaf.pem"}
	gnutls := []string{"--load-trust", "issuer.pem"}
	if fetched {
		responder := s.Leaf.Cert.OCSPServer[0]
		openssl = append(openssl, "-url", responder, "-nonce")
		gnutls = append(gnutls, "--ask="+responder, "--nonce", "--load-cert", "leaf.pem", "--load-issuer", "issuer.pem")
	} else {
		openssl = append(openssl, "-respin", "response.der", "-no_nonce")
		gnutls = append(gnutls, "--verify-response", "--load-response", "response.der")
	}
	return opinion{
		Case:    c.Name,
		Want:    wanted(c).String(),
		OpenSSL: opensslOpinion(command{path: program(t, "openssl"), dir: dir, args: openssl}.run(t)),
		GnuTLS:  gnutlsOpinion(command{path: program(t, "ocsptool"), dir: dir, args: gnutls}.run(t), s.Leaf.Cert.SerialNumber),
	}, true
}

// staple connects, and returns the staple.
func staple(t *testing.T, s *ocsptest.Server) []byte {
	t.Helper()
	cfg := s.TLSClientConfig()
	cfg.InsecureSkipVerify = true // some cases have a bad chain
	conn, err := tls.Dial("tcp", s.Addr().String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.OCSPResponse()
}

// hashOf returns the hash of the CertID. openssl finds the response only by that.
func hashOf(der []byte) crypto.Hash {
	m, err := fakeca.ParseMessage(der)
	if err != nil || m.ResponseBytes == nil || len(m.Responses) == 0 {
		return 0
	}
	return m.Responses[0].CertID.HashAlgorithm.Hash()
}

// An error of OpenSSL: thread:error:code:library:function:reason:file:line.
var opensslError = regexp.MustCompile(`(?m)^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:([^:]*):`)

// opensslOpinion returns what openssl ocsp says: the certificate's status, or
// why it refuses the response.
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

// opensslReason returns the first useful reason. openssl looks for the signer in
// several places, and prints each where it is not.
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

// gnutlsOpinion returns what ocsptool says. It checks the signature and the
// signer, but neither times nor the CertID. So if no single response is about the
// leaf, those about other certificates count.
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
		case i == 0: // the header
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
		return "no single responses"
	}
	return strings.Join(slices.Compact(own), " and ")
}

// classify sorts opinions into classes, in the order of the catalogue.
func (all *opinions) classify(cases []conformance.Case, found map[string]opinion) {
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
	"want reject: OpenSSL accepts", "want reject: GnuTLS accepts", "want reject: both accept",
	"want accept: OpenSSL rejects", "want accept: GnuTLS rejects", "want accept: both reject",
	"either: both accept", "either: OpenSSL accepts", "either: GnuTLS accepts", "either: both reject",
}

func (o opinion) class() string {
	openssl, gnutls := o.OpenSSL == "good", o.GnuTLS == "good"
	switch {
	case o.Want == "either" && !openssl && !gnutls:
		return "either: both reject"
	case o.Want == "either":
		return "either: " + which(openssl, gnutls, "accept")
	case o.Want == "reject" && (openssl || gnutls):
		return "want reject: " + which(openssl, gnutls, "accept")
	case o.Want == "accept" && !(openssl && gnutls):
		return "want accept: " + which(!openssl, !gnutls, "reject")
	}
	return "all agree"
}

// which says who does something: both, or one of the two.
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

// write writes one case a line.
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
