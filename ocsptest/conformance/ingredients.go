package conformance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// This file holds what several groups of cases are made of. The files of the
// groups use it, and nothing of each other.

const day = 24 * time.Hour

var (
	loopback = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}

	idNoCheck        = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	idExtendedRevoke = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}

	tryLaterResponse = fakeca.Response{Error: ocsp.TryLater}
	revokedResponse  = fakeca.Response{Status: fakeca.Revoked, Reason: fakeca.KeyCompromise}
	unknownResponse  = fakeca.Response{Status: fakeca.Unknown}
)

// Why clients differ.
const (
	someAccept      = "; some clients accept that"
	someReadRevoked = "; some clients still read revoked"
)

// A sourceCase is a case in which one source speaks about the leaf.
type sourceCase struct {
	name, doc string
	ref       Ref
	seen      []string
	since     string
	also      Evidence // what other correct clients read in it
	template  func(*world)
	setup     func(*world)
}

// onlyOCSP makes scenarios of cases about the responder.
func onlyOCSP(cases []sourceCase) []*scenario {
	var out []*scenario
	for _, c := range cases {
		out = append(out, &scenario{
			name: c.name, doc: c.doc, ref: c.ref, seen: c.seen, since: c.since,
			sources: OCSP, also: Says{OCSP: c.also},
			template: c.template, setup: c.setup,
		})
	}
	return out
}

// withoutStaple staples nothing, and then runs setup.
func withoutStaple(setup func(*world)) func(*world) {
	return func(w *world) {
		w.noStaple()
		if setup != nil {
			setup(w)
		}
	}
}

// always returns a function that returns v, whatever the world.
func always[T any](v T) func(*world) T { return func(*world) T { return v } }

// edited returns a good response that is changed before it is signed.
func edited(edit func(*fakeca.Message)) func(*world) fakeca.Response {
	return always(fakeca.Response{Edit: edit})
}

// mutated returns a good response whose bytes are changed.
func mutated(mutate func([]byte) []byte) func(*world) fakeca.Response {
	return always(fakeca.Response{Mutate: mutate})
}

// manyRevoked returns revocations of certificates that were never issued.
func manyRevoked(n int) []fakeca.Response {
	out := make([]fakeca.Response, n)
	for i := range out {
		out[i] = fakeca.Response{Serial: big.NewInt(int64(1000 + i)), Status: fakeca.Revoked, Reason: fakeca.Superseded}
	}
	return out
}

// content returns what is inside a SEQUENCE.
func content(der []byte) []byte {
	var raw asn1.RawValue
	must(asn1.Unmarshal(der, &raw))
	return raw.Bytes
}

const generalizedTime, utcTime = 0x18, 0x17

func rawTime(tag byte, text string) []byte { return append([]byte{tag, byte(len(text))}, text...) }

func flipLastBit(der []byte) []byte {
	der[len(der)-1] ^= 1
	return der
}

// odd returns an ECDSA signature on P-256 whose last bit is 1. (r, s) is as good
// as (r, N-s), and N is odd.
func odd(signature []byte) []byte {
	var v struct{ R, S *big.Int }
	must(asn1.Unmarshal(signature, &v))
	if v.S.Bit(0) == 0 {
		v.S.Sub(elliptic.P256().Params().N, v.S)
	}
	return must(asn1.Marshal(v))
}

// Dates are the times of a response, from now.
type dates struct{ thisUpdate, nextUpdate, producedAt time.Duration }

// outdated returns r as it was a week ago. It expired three days ago.
func outdated(w *world, r fakeca.Response) fakeca.Response {
	now := w.ca.Now()
	r.ThisUpdate, r.NextUpdate = now.Add(-10*day), now.Add(-3*day)
	return r
}

// outdatedCRL returns a CRL that expired three days ago.
func outdatedCRL(ca *fakeca.CA) fakeca.CRL {
	now := ca.Now()
	return fakeca.CRL{ThisUpdate: now.Add(-10 * day), NextUpdate: now.Add(-3 * day)}
}

// revokeLater revokes the leaf after all that was said about it has expired.
func revokeLater(w *world) {
	w.clock.advance(2 * day)
	w.leaf.Revoke(fakeca.KeyCompromise)
}

func revokeLeaf(w *world) { w.leaf.Revoke(fakeca.KeyCompromise) }

func revokeIntermediate(w *world) { w.root.Revoke(w.ca.Cert.SerialNumber, fakeca.CACompromise) }

// allDown has the responder and the CRL's server close connections without a
// response.
func allDown(w *world) {
	w.leafFault(fault.Hangup())
	w.crlFault(fault.Hangup())
}

// sendForever sends the body, and then zeros until the client goes. The first
// 16 MiB come as fast as the client reads, so that it needs a limit for the size,
// and the others slowly, so that a client without a limit does not fill the
// memory. No read takes long.
func sendForever(x *fault.Exchange) {
	x.W.WriteHeader(x.Status)
	x.W.Write(x.Body)
	zeros := make([]byte, 16<<10)
	for sent := 0; ; sent += len(zeros) {
		if sent >= 16<<20 {
			x.Wait(time.Second / 4)
		}
		if _, err := x.W.Write(zeros); err != nil {
			return
		}
	}
}

// asSigner returns ca as the signer of another CA's responses.
func asSigner(ca *fakeca.CA) *fakeca.Leaf { return &fakeca.Leaf{Cert: ca.Cert, Key: ca.Key} }

// otherRoot returns a CA that the client does not know.
func otherRoot() *fakeca.CA { return fakeca.New(fakeca.WithName("another root")) }

// namesake returns a root with ca's name and another key.
func namesake(ca *fakeca.CA) *fakeca.CA {
	return fakeca.New(fakeca.WithTemplate(&x509.Certificate{RawSubject: ca.Cert.RawSubject}))
}

// expiredDelegate returns a delegate whose certificate expired a day ago.
func expiredDelegate(w *world) *fakeca.Leaf {
	return w.ca.OCSPSigner(&x509.Certificate{NotAfter: w.ca.Now().Add(-day)})
}

// embed replaces the certificates in a response.
func embed(certs ...*x509.Certificate) func(*fakeca.Message) {
	return func(m *fakeca.Message) {
		m.Certs = nil
		for _, c := range certs {
			m.Certs = append(m.Certs, c.Raw)
		}
	}
}

// rsaKey is generated once, because that takes a thousand times as long as for
// other keys.
var rsaKey = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })

func p384Key() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) }
func p256Key() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

func ed25519Key() crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

// must returns v. It panics on errors that cannot happen.
func must[T any](v T, err error) T {
	if err != nil {
		panic("conformance: " + err.Error())
	}
	return v
}
