package verify_test

import (
	"bytes"
	"math/big"
	"slices"
	"testing"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// A crlFuzzWorld is the same in every process. Its lists are by the CA of a
// fuzzWorld.
type crlFuzzWorld struct {
	*fuzzWorld
	lists [][]byte
}

func newCRLFuzzWorld() crlFuzzWorld {
	w := crlFuzzWorld{fuzzWorld: newFuzzWorld()}
	for i, c := range []fakeca.CRL{
		{},
		{Also: ours(fakeca.KeyCompromise)},
		{OnlyUserCerts: true, Freshest: []string{"http://crl.test/delta"}},
		{Base: big.NewInt(1), Also: ours(fakeca.RemoveFromCRL)},
		{Indirect: true, Edit: func(m *fakeca.CRLMessage) {
			m.RevokedCertificates = []fakeca.RevokedCertificate{indirectEntry(w.leaf.Cert.RawSubject, 0x2a), indirectEntry(m.Issuer, 7)}
		}},
		editingCRL(asVersion1),
	} {
		c.Number = big.NewInt(int64(i + 1))
		w.lists = append(w.lists, w.ca.CRL(c))
	}
	return w
}

// wasSigned reports whether the signed part of der is that of one of the lists.
func (w *crlFuzzWorld) wasSigned(der []byte) bool {
	m, err := fakeca.ParseCRLMessage(der)
	return err == nil && slices.ContainsFunc(w.lists, func(list []byte) bool {
		return bytes.Equal(signedOfCRL(list), m.TBSCertList.Marshal())
	})
}

// signedOfCRL returns the signed part of a list of the CA.
func signedOfCRL(list []byte) []byte {
	m := must(fakeca.ParseCRLMessage(list))
	return m.TBSCertList.Marshal()
}

// FuzzCRLs checks that no bytes make CRLs panic, that only what was signed decides,
// that garbage beside a list changes nothing, and that the options only do what
// they say.
func FuzzCRLs(f *testing.F) {
	w := newCRLFuzzWorld()
	for i, der := range w.lists {
		f.Add(der, w.lists[(i+1)%len(w.lists)])
	}
	f.Add([]byte{}, []byte{0x30})
	judge := func(o verify.Options, lists ...[]byte) (fakeca.Response, error) {
		return o.CRLs(lists, w.leaf.Cert, w.ca.Cert, judgedAt)
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		given := bytes.Clone(a)
		said, err := judge(verify.Options{}, a, b)
		if !bytes.Equal(a, given) {
			t.Fatal("CRLs changed its input")
		}
		if err != nil {
			crlViolations(t, err)
		} else if said.Status != fakeca.Good && said.Status != fakeca.Revoked {
			t.Fatalf("no error, and the status %v", said.Status)
		}
		if err == nil && !w.wasSigned(a) && !w.wasSigned(b) {
			t.Fatalf("it says %v, and nothing was signed: %x, %x", said, a, b)
		}
		single, err := judge(verify.Options{}, a)
		beside, besideErr := judge(verify.Options{}, []byte("garbage"), a)
		if err == nil && (besideErr != nil || beside.Status != single.Status) {
			t.Fatalf("by itself %v, beside garbage %v, %v", single, beside, besideErr)
		}
		lax, laxErr := judge(verify.Options{AcceptExpired: true}, a)
		if err == nil && (laxErr != nil || lax.Status != single.Status) {
			t.Fatalf("by default %v, with AcceptExpired %v, %v", single, lax, laxErr)
		}
		strict, strictErr := judge(verify.Options{RefuseVersion1: true}, a)
		if strictErr == nil && (err != nil || strict.Status != single.Status) {
			t.Fatalf("by default %v, with RefuseVersion1 %v", single, strict)
		}
	})
}

// TestCRLEveryBit flips each bit of the signed part.
func TestCRLEveryBit(t *testing.T) {
	t.Parallel()
	w := newCRLFuzzWorld()
	for i, valid := range w.lists {
		part := signedOfCRL(valid)
		start := bytes.Index(valid, part)
		der := bytes.Clone(valid)
		for at := start; at < start+len(part); at++ {
			for bit := range 8 {
				der[at] ^= 1 << bit
				if said, err := verify.CRLs([][]byte{der}, w.leaf.Cert, w.ca.Cert, judgedAt); err == nil {
					t.Errorf("list %d: it says %v with bit %d of byte %d flipped", i, said.Status, bit, at)
				}
				der[at] ^= 1 << bit
			}
		}
	}
}
