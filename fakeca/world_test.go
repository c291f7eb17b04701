package fakeca_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

// now is the time in these tests, with a fraction of a second that no response can
// hold.
var now = time.Date(2024, 5, 6, 7, 8, 9, 987654321, time.UTC)

// at returns the time d after the whole second of now.
func at(d time.Duration) time.Time { return now.Truncate(time.Second).Add(d) }

func clock() time.Time { return now }

// world returns an intermediate and its leaf at that time.
func world() (*fakeca.CA, *fakeca.Leaf) {
	ca := fakeca.New(fakeca.WithClock(clock)).Intermediate()
	return ca, ca.Leaf("leaf.example.test")
}

// Each key is generated once, because some take long.
var (
	rsa2048 = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	p384    = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521    = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	p256    = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	ed      = sync.OnceValue(func() crypto.Signer {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	})
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// bigInts compares serial numbers, whose fields are not exported.
var bigInts = cmp.Comparer(func(a, b *big.Int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cmp(b) == 0
})

func mustParseResponse(t *testing.T, der []byte) fakeca.Response {
	t.Helper()
	r, err := fakeca.ParseResponse(der)
	if err != nil {
		t.Fatalf("ParseResponse: %v\n%x", err, der)
	}
	return r
}

func mustParseMessage(t *testing.T, der []byte) *fakeca.Message {
	t.Helper()
	m, err := fakeca.ParseMessage(der)
	if err != nil {
		t.Fatalf("ParseMessage: %v\n%x", err, der)
	}
	return m
}

// signedParts returns tbsResponseData and the signature of a response. It does not
// use the package's parser, and accepts anything inside the signed part.
func signedParts(der []byte) (tbs, signature []byte, err error) {
	var outer, explicit, responseBytes, octets, basic, element cryptobyte.String
	var tag asn1.Tag
	s := cryptobyte.String(der)
	context0 := asn1.Tag(0).ContextSpecific().Constructed()
	if !s.ReadASN1(&outer, asn1.SEQUENCE) ||
		!outer.SkipASN1(asn1.ENUM) ||
		!outer.ReadASN1(&explicit, context0) ||
		!explicit.ReadASN1(&responseBytes, asn1.SEQUENCE) ||
		!responseBytes.SkipASN1(asn1.OBJECT_IDENTIFIER) ||
		!responseBytes.ReadASN1(&octets, asn1.OCTET_STRING) ||
		!octets.ReadASN1(&basic, asn1.SEQUENCE) ||
		!basic.ReadAnyASN1Element(&element, &tag) ||
		!basic.SkipASN1(asn1.SEQUENCE) ||
		!basic.ReadASN1BitStringAsBytes(&signature) {
		return nil, nil, fmt.Errorf("no signed part in %x", der)
	}
	return element, signature, nil
}

// checkSigned fails the test unless signer's key signed the tbsResponseData in a
// response.
func checkSigned(t *testing.T, der []byte, signer *x509.Certificate, algorithm x509.SignatureAlgorithm) {
	t.Helper()
	tbs, signature, err := signedParts(der)
	if err == nil {
		err = signer.CheckSignature(algorithm, tbs, signature)
	}
	if err != nil {
		t.Errorf("the signature over tbsResponseData: %v", err)
	}
}

// panicText runs f and returns what it panics with.
func panicText(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		t.Helper()
		switch v := recover().(type) {
		case nil:
			t.Error("did not panic")
		case string:
			text = v
			if !strings.HasPrefix(text, "fakeca: ") {
				t.Errorf("panic %q does not start with the name of the package", text)
			}
		default:
			t.Errorf("panic %v (%T) is not a message of the package", v, v)
		}
	}()
	f()
	return ""
}

// publicKeyBits returns the content of subjectPublicKey, which issuerKeyHash
// hashes.
func publicKeyBits(t *testing.T, c *x509.Certificate) []byte {
	t.Helper()
	var spki cryptobyte.String
	var bits []byte
	s := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	if !s.ReadASN1(&spki, asn1.SEQUENCE) || !spki.SkipASN1(asn1.SEQUENCE) || !spki.ReadASN1BitStringAsBytes(&bits) {
		t.Fatalf("no subjectPublicKey in %x", c.RawSubjectPublicKeyInfo)
	}
	return bits
}

// twentyTimesEach calls the functions concurrently, for the race detector.
func twentyTimesEach(work []func()) {
	var wg sync.WaitGroup
	for _, f := range work {
		wg.Go(func() {
			for range 20 {
				f()
			}
		})
	}
	wg.Wait()
}
