package fakeca_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A vendorList is what a client reads from OneCRL.
type vendorList struct {
	Data []struct {
		IssuerName   string
		SerialNumber string
	}
}

func readVendorList(t *testing.T, data []byte) vendorList {
	t.Helper()
	var list vendorList
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return list
}

// has reports whether a certificate is on the list. As in browsers, the bytes of
// the issuer's name and of the serial number must be the same.
func (l vendorList) has(t *testing.T, cert *x509.Certificate) bool {
	t.Helper()
	serial := serialContent(t, cert)
	for _, r := range l.Data {
		issuerName, err1 := base64.StdEncoding.DecodeString(r.IssuerName)
		serialNumber, err2 := base64.StdEncoding.DecodeString(r.SerialNumber)
		if err1 != nil || err2 != nil {
			t.Fatalf("%v; %v", err1, err2)
		}
		if bytes.Equal(issuerName, cert.RawIssuer) && bytes.Equal(serialNumber, serial) {
			return true
		}
	}
	return false
}

// serialContent returns the bytes of the serial number in the certificate.
func serialContent(t *testing.T, cert *x509.Certificate) []byte {
	t.Helper()
	tbs, serial := cryptobyte.String(cert.RawTBSCertificate), cryptobyte.String{}
	version := asn1.Tag(0).ContextSpecific().Constructed()
	if !tbs.ReadASN1(&tbs, asn1.SEQUENCE) || !tbs.SkipASN1(version) || !tbs.ReadASN1(&serial, asn1.INTEGER) {
		t.Fatalf("no serial number in %x", cert.RawTBSCertificate)
	}
	return serial
}

func TestOneCRLFollowsTheRecord(t *testing.T) {
	t.Parallel()
	root := fakeca.New()
	a, b := root.Intermediate(fakeca.WithName("a")), root.Intermediate(fakeca.WithName("b"))
	issue := func(ca *fakeca.CA, serial []byte) *fakeca.Leaf {
		return ca.Issue(&x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial)})
	}
	leaves := map[string]*fakeca.Leaf{
		"a 1":      issue(a, []byte{1}),
		"b 1":      issue(b, []byte{1}),
		"a 0080":   issue(a, []byte{0x80}),
		"a long":   issue(a, bytes.Repeat([]byte{0xfe}, 19)),
		"a random": a.Leaf(),
		"the CA a": {Cert: a.Cert, Issuer: root},
		"the root": {Cert: root.Cert, Issuer: root},
	}
	var revoked []string
	check := func(when string) {
		t.Helper()
		list := readVendorList(t, fakeca.OneCRL(root, a, b))
		if len(list.Data) != len(revoked) {
			t.Errorf("%s: %d records, want %d", when, len(list.Data), len(revoked))
		}
		for name, leaf := range leaves {
			if got, want := list.has(t, leaf.Cert), slices.Contains(revoked, name); got != want {
				t.Errorf("%s: %q is on the list: %v, want %v", when, name, got, want)
			}
		}
	}
	check("at first")
	for name, leaf := range leaves {
		leaf.Revoke(fakeca.KeyCompromise)
		revoked = append(revoked, name)
		check(name + " was revoked")
	}
	b.Set(leaves["b 1"].Cert.SerialNumber, fakeca.Response{})
	revoked = slices.DeleteFunc(revoked, func(name string) bool { return name == "b 1" })
	check("b 1 was good again")

	// It has no certificates of CAs that were not given.
	if list := readVendorList(t, fakeca.OneCRL(root)); len(list.Data) != 2 || list.has(t, leaves["a 1"].Cert) {
		t.Errorf("of the root only: %v", list.Data)
	}
}

func TestOneCRLForm(t *testing.T) {
	t.Parallel()
	clock := time.Date(2024, 5, 6, 7, 8, 9, 987654321, time.UTC)
	ca := fakeca.New(fakeca.WithName("root"), fakeca.WithClock(func() time.Time { return clock }))
	ca.Revoke(big.NewInt(0x80), fakeca.KeyCompromise)
	ca.Set(big.NewInt(0x7f), fakeca.Response{Status: fakeca.Revoked, RevokedAt: clock})
	record := func(why, serial, id, date string, ms int64) string {
		return fmt.Sprintf(`{"schema":%d,"details":{"bug":"","who":"","why":%q,"name":"CN=root","created":%q},"enabled":true,`+
			`"issuerName":%q,"serialNumber":%q,"id":%q,"last_modified":%d}`,
			ms, why, date, base64.StdEncoding.EncodeToString(ca.Cert.RawSubject), serial, id, ms)
	}
	want := `{"data":[` +
		record("unspecified", "fw==", "7a7cb942-8219-8411-96cf-0df0f27113ac", "2024-05-06T07:08:09Z", 1714979289000) + "," +
		record("key_compromise", "AIA=", "5ed5833b-ad04-8a89-bd3e-b238b583c813", "2024-05-06T05:08:09Z", 1714972089000) + `]}`
	got := fakeca.OneCRL(ca)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	clock = clock.Add(48 * time.Hour)
	if later := fakeca.OneCRL(ca); !bytes.Equal(got, later) {
		t.Errorf("two days later, with the same record, it is\n%s", later)
	}
	uuid := regexp.MustCompile(`"id":"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"`)
	if n := len(uuid.FindAll(got, -1)); n != 2 {
		t.Errorf("%d ids are UUIDs, want 2:\n%s", n, got)
	}
}

func TestOneCRLOfNothing(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{fakeca.OneCRL(), fakeca.OneCRL(fakeca.New())} {
		if string(data) != `{"data":[]}` {
			t.Errorf("%s", data)
		}
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "fakeca: OneCRL: CA 2 of 2 is nil; leave it out") {
			t.Errorf("panic %s", text)
		}
	}()
	fakeca.OneCRL(fakeca.New(), nil)
}

func ExampleOneCRL() {
	ca := fakeca.New(fakeca.WithName("root"))
	ca.Revoke(big.NewInt(255), fakeca.CACompromise)

	var list struct {
		Data []struct{ SerialNumber []byte }
	}
	if err := json.Unmarshal(fakeca.OneCRL(ca), &list); err != nil {
		panic(err)
	}
	fmt.Printf("%x\n", list.Data[0].SerialNumber)
	// Output: 00ff
}
