package verify_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A fuzzWorld is the same in every process, so that the inputs that the fuzzer
// saves keep their meaning.
type fuzzWorld struct {
	*world
	strict [][]byte // responses that are valid
	valid  [][]byte // also those that are valid only with Lenient
}

func newFuzzWorld() *fuzzWorld {
	key := func(seed byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	}
	w := &fuzzWorld{world: new(world)}
	w.ca = fakeca.New(fakeca.WithName("CA"), fakeca.WithKey(key(1)), fakeca.WithClock(func() time.Time { return judgedAt }),
		fakeca.WithTemplate(&x509.Certificate{SerialNumber: big.NewInt(1)}))
	w.leaf = w.ca.Issue(&x509.Certificate{SerialNumber: big.NewInt(0x2a), PublicKey: key(2)})
	w.delegate = w.signer(x509.Certificate{SerialNumber: big.NewInt(3), PublicKey: key(3)})
	for _, r := range []fakeca.Response{
		{},
		{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise},
		{Status: fakeca.Unknown, ByKey: true, Nonce: []byte("nonce")},
		{Signer: w.delegate},
		{Forever: true, Also: []fakeca.Response{{Serial: big.NewInt(7), Status: fakeca.Revoked}}},
	} {
		w.strict = append(w.strict, w.leaf.Staple(r))
	}
	w.valid = append(w.valid, w.strict...)
	for _, edit := range []func(*fakeca.Message){
		func(m *fakeca.Message) { m.RawVersion = []byte{0xa0, 3, 2, 1, 0} },
		func(m *fakeca.Message) { m.RawResponseExtensions = []byte{0xa1, 2, 0x30, 0} },
		func(m *fakeca.Message) { m.ProducedAt.Raw = append([]byte{0x18, 17}, "20260301110000.5Z"...) },
	} {
		w.valid = append(w.valid, w.leaf.Staple(editing(edit)))
	}
	return w
}

func (w *fuzzWorld) verify(der []byte, o verify.Options) (fakeca.Response, error) {
	return o.Response(der, w.leaf.Cert, w.ca.Cert, judgedAt)
}

// signed returns the part that the signature is over, or nil if der cannot be
// parsed.
func signed(der []byte) []byte {
	m, err := fakeca.ParseMessageLenient(der)
	if err != nil || m.ResponseBytes == nil {
		return nil
	}
	return m.ResponseData.Marshal()
}

// FuzzVerify checks that no bytes make Response panic, that it accepts only what
// was signed, and that the options only do what they say: Lenient accepts more,
// and BaselineRequirements less.
func FuzzVerify(f *testing.F) {
	w := newFuzzWorld()
	for _, der := range w.valid {
		if _, err := w.verify(der, verify.Options{Lenient: true}); err != nil {
			f.Fatal(err)
		}
		f.Add(der)
	}
	f.Add([]byte{})
	f.Add(w.leaf.Staple(fakeca.Response{Signer: w.leaf}))
	f.Fuzz(func(t *testing.T, der []byte) {
		given := bytes.Clone(der)
		strict, strictErr := w.verify(der, verify.Options{})
		lenient, err := w.verify(der, verify.Options{Lenient: true})
		_, baselineErr := w.verify(der, verify.Options{BaselineRequirements: true})
		if !bytes.Equal(der, given) {
			t.Fatal("Response changed its input")
		}
		if strictErr != nil {
			violations(t, strictErr)
			if baselineErr == nil {
				t.Fatalf("valid with BaselineRequirements only, and not without: %v", strictErr)
			}
		}
		if err != nil {
			violations(t, err)
			if strictErr == nil {
				t.Fatalf("valid, and not with Lenient: %v", err)
			}
			return
		}
		if strictErr == nil && strict.Status != lenient.Status {
			t.Fatalf("it says %v, and with Lenient %v", strict.Status, lenient.Status)
		}
		for _, v := range w.valid {
			if bytes.Equal(signed(der), signed(v)) {
				return
			}
		}
		t.Fatalf("valid, but not signed: %x", der)
	})
}

// FuzzVerifyChanged changes bytes of a valid response: which response, where, and
// by what.
func FuzzVerifyChanged(f *testing.F) {
	w := newFuzzWorld()
	f.Add(uint8(0), uint16(40), []byte{1})
	f.Add(uint8(1), uint16(100), []byte{0xff, 0xff})
	f.Add(uint8(3), uint16(400), []byte{0, 0, 3})
	f.Add(uint8(5), uint16(40), []byte{1})
	f.Fuzz(func(t *testing.T, which uint8, where uint16, by []byte) {
		valid := w.valid[int(which)%len(w.valid)]
		der := bytes.Clone(valid)
		for i, b := range by {
			der[(int(where)+i)%len(der)] ^= b
		}
		if _, err := w.verify(der, verify.Options{Lenient: true}); err == nil && !bytes.Equal(signed(der), signed(valid)) {
			t.Fatalf("valid, although the signed part was changed: %x", der)
		}
	})
}

// TestVerifyEveryByte flips each bit of the signed part.
func TestVerifyEveryByte(t *testing.T) {
	t.Parallel()
	w := newFuzzWorld()
	for i, valid := range w.valid {
		o := verify.Options{Lenient: i >= len(w.strict)}
		part := signed(valid)
		start := bytes.Index(valid, part)
		if start < 0 {
			t.Fatalf("response %d does not contain the signed part", i)
		}
		der := bytes.Clone(valid)
		for at := start; at < start+len(part); at++ {
			for bit := range 8 {
				der[at] ^= 1 << bit
				if _, err := w.verify(der, o); err == nil {
					t.Errorf("response %d: valid with bit %d of byte %d flipped", i, bit, at)
				}
				der[at] ^= 1 << bit
			}
		}
		if _, err := w.verify(der, o); err != nil {
			t.Errorf("response %d: %v", i, err)
		}
	}
}
