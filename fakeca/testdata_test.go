package fakeca_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"math/big"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
)

var testdata = os.DirFS("../testdata")

// A testdataNote is what index.json says about a response. testdata/README.md
// explains the fields.
type testdataNote struct {
	File        string           `json:"file"`
	Command     string           `json:"command"`
	Remark      string           `json:"remark"`
	Index       string           `json:"index"`
	Clock       time.Time        `json:"clock"`
	Issuer      string           `json:"issuer"`
	Leaf        string           `json:"leaf"`
	Signer      string           `json:"signer"`
	Embedded    []string         `json:"embedded"`
	ResponderID string           `json:"responder_id"`
	Algorithm   string           `json:"signature_algorithm"`
	Nonce       string           `json:"nonce"`
	Refused     string           `json:"refused"`
	Error       string           `json:"error"`
	Singles     []testdataSingle `json:"singles"`
}

type testdataSingle struct {
	Serial         string          `json:"serial"`
	Hash           string          `json:"hash"`
	ExplicitReason bool            `json:"explicit_reason"`
	Response       fakeca.Response `json:"response"`
}

func testdataNotes(t *testing.T) []testdataNote {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(readTestdata(t, "index.json")))
	d.DisallowUnknownFields()
	var notes []testdataNote
	if err := d.Decode(&notes); err != nil {
		t.Fatalf("index.json: %v", err)
	}
	return notes
}

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(testdata, name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func testdataCert(t *testing.T, name string) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode(readTestdata(t, name))
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		t.Fatalf("%s: not one certificate in PEM", name)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return cert
}

func TestTestdataIsNoted(t *testing.T) {
	t.Parallel()
	notes := make(map[string]int)
	var used []string // by a note
	for _, n := range testdataNotes(t) {
		notes[n.File]++
		used = append(append(used, n.File, n.Issuer, n.Leaf, n.Signer), n.Embedded...)
		if n.Command == "" || n.Clock.IsZero() {
			t.Errorf("%s: the note has no command or no clock", n.File)
		}
	}
	for file, count := range notes {
		if count > 1 {
			t.Errorf("%s has %d notes", file, count)
		}
		if _, err := fs.Stat(testdata, file); err != nil {
			t.Errorf("a note without its file: %v", err)
		}
	}
	err := fs.WalkDir(testdata, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch path.Ext(name) {
		case ".der", ".pem":
			if !slices.Contains(used, name) {
				t.Errorf("%s is in no note", name)
			}
			if bytes.Contains(readTestdata(t, name), []byte("PRIVATE KEY")) {
				t.Errorf("%s holds a private key", name)
			}
		default:
			if !slices.Contains([]string{"README.md", "generate.sh", "index.json"}, name) {
				t.Errorf("%s does not belong here", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The responses cover all that RFC 6960 lets a responder say, also after a new run
// of generate.sh.
func TestTestdataIsComplete(t *testing.T) {
	t.Parallel()
	got := make(map[string]bool)
	for _, n := range testdataNotes(t) {
		if n.Error != "" {
			got[n.Error] = true
			continue
		}
		got[n.ResponderID], got[n.Algorithm] = true, true
		for _, s := range n.Singles {
			got[s.Response.Status.String()], got[s.Hash] = true, true
			if s.Response.Status == fakeca.Revoked {
				got[s.Response.Reason.String()] = true
			}
		}
		got["delegate"] = got["delegate"] || n.Signer != n.Issuer && len(n.Embedded) == 1
		got["delegate, not embedded"] = got["delegate, not embedded"] || n.Signer != n.Issuer && n.Embedded == nil
		got["nonce"] = got["nonce"] || n.Nonce != ""
		got["several singles"] = got["several singles"] || len(n.Singles) > 1
	}
	want := []string{
		"good", "revoked", "unknown", "by name", "by key", "delegate", "delegate, not embedded", "nonce", "several singles",
		"SHA-1", "SHA-256", "SHA-384", "SHA-512",
	}
	for r := fakeca.Unspecified; r <= fakeca.AACompromise; r++ {
		if r != 7 { // not assigned
			want = append(want, r.String())
		}
	}
	for _, e := range []ocsp.ResponseStatus{ocsp.Malformed, ocsp.InternalError, ocsp.TryLater, ocsp.SignatureRequired, ocsp.Unauthorized} {
		want = append(want, e.String())
	}
	for a := range testdataAlgorithms {
		want = append(want, a)
	}
	for _, w := range want {
		if !got[w] {
			t.Errorf("no response has %q", w)
		}
	}
}

// By their names in index.json.
var testdataAlgorithms = func() map[string]x509.SignatureAlgorithm {
	names := make(map[string]x509.SignatureAlgorithm)
	for _, a := range []x509.SignatureAlgorithm{
		x509.ECDSAWithSHA1, x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
		x509.SHA1WithRSA, x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.PureEd25519,
	} {
		names[a.String()] = a
	}
	return names
}()

func TestTestdataIsRead(t *testing.T) {
	t.Parallel()
	for _, n := range testdataNotes(t) {
		t.Run(n.File, func(t *testing.T) {
			t.Parallel()
			der := readTestdata(t, n.File)
			m, err := fakeca.ParseMessage(der)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Marshal(); !bytes.Equal(got, der) {
				t.Errorf("Marshal returns other bytes than ParseMessage read\n got %x\nwant %x", got, der)
			}
			got, err := fakeca.ParseResponse(der)
			switch {
			case n.Refused != "":
				if err == nil || !strings.Contains(err.Error(), n.Refused) {
					t.Errorf("ParseResponse: error %v, expected one with %q", err, n.Refused)
				}
			case err != nil:
				t.Errorf("ParseResponse: %v", err)
			default:
				if diff := cmp.Diff(n.response(t), got, cmp.Comparer(sameInt)); diff != "" {
					t.Errorf("Response (-the note +parsed):\n%s", diff)
				}
			}
			if n.Error == "" {
				n.checkSigned(t, m)
			}
		})
	}
}

func sameInt(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }

// response returns what ParseResponse must return.
func (n *testdataNote) response(t *testing.T) fakeca.Response {
	t.Helper()
	if n.Error != "" {
		for e := ocsp.Malformed; e <= ocsp.Unauthorized; e++ {
			if e.String() == n.Error {
				return fakeca.Response{Status: fakeca.ServerFailed, Error: e}
			}
		}
		t.Fatalf("no OCSP error is called %q", n.Error)
	}
	var all []fakeca.Response
	for _, s := range n.Singles {
		r := s.Response
		r.ProducedAt = time.Time{} // of the whole response; set below
		r.Forever = r.NextUpdate.IsZero()
		r.ExplicitReason = s.ExplicitReason
		var ok bool
		if r.Serial, ok = new(big.Int).SetString(s.Serial, 16); !ok {
			t.Fatalf("serial %q is not hexadecimal", s.Serial)
		}
		for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			if h.String() == s.Hash {
				r.Hash = h
			}
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		t.Fatal("the note has no singles")
	}
	want := all[0]
	if len(all) > 1 {
		want.Also = all[1:]
	}
	want.ProducedAt = n.Singles[0].Response.ProducedAt
	want.ByKey = n.ResponderID == "by key"
	var ok bool
	if want.SignatureAlgorithm, ok = testdataAlgorithms[n.Algorithm]; !ok {
		t.Fatalf("no signature algorithm is called %q", n.Algorithm)
	}
	if n.Nonce != "" {
		nonce, err := hex.DecodeString(n.Nonce)
		if err != nil {
			t.Fatalf("nonce: %v", err)
		}
		want.Nonce = nonce
	}
	return want
}

// checkSigned checks the signature, the responder ID and the embedded
// certificates.
func (n *testdataNote) checkSigned(t *testing.T, m *fakeca.Message) {
	t.Helper()
	signer := testdataCert(t, n.Signer)
	if err := m.CheckSignatureFrom(signer); err != nil {
		t.Error(err)
	}
	// Another certificate must fail the check above.
	if leaf := testdataCert(t, n.Leaf); m.CheckSignatureFrom(leaf) == nil {
		t.Errorf("%s passes as the signer", n.Leaf)
	}
	if n.ResponderID == "by name" && !bytes.Equal(m.ResponderID.ByName, signer.RawSubject) {
		t.Errorf("responder %x, expected the subject of %s", m.ResponderID.ByName, n.Signer)
	}
	if n.ResponderID == "by key" && len(m.ResponderID.ByKey) != 20 {
		t.Errorf("responder %x, expected a hash", m.ResponderID.ByKey)
	}
	var want [][]byte
	for _, name := range n.Embedded {
		want = append(want, testdataCert(t, name).Raw)
	}
	if !slices.EqualFunc(m.Certs, want, bytes.Equal) {
		t.Errorf("%d certificates are embedded, expected %q", len(m.Certs), n.Embedded)
	}
	if at := n.Clock; at.Before(m.ProducedAt.Time) {
		t.Errorf("the clock of the note, %v, is before producedAt, %v", at, m.ProducedAt)
	}
	for _, single := range m.Responses {
		if !single.NextUpdate.IsZero() && n.Clock.After(single.NextUpdate.Time) {
			t.Errorf("the clock of the note, %v, is after nextUpdate, %v", n.Clock, single.NextUpdate)
		}
	}
}
