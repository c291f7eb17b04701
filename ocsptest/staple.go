package ocsptest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A source makes the staple of a leaf.
type source func(*fakeca.Leaf) []byte

func fromRecord(leaf *fakeca.Leaf) []byte {
	return leaf.Staple(leaf.Issuer.Lookup(leaf.Cert.SerialNumber))
}

func fromResponse(r fakeca.Response) source {
	return func(leaf *fakeca.Leaf) []byte { return leaf.Staple(r) }
}

func fromBytes(der []byte) source {
	der = bytes.Clone(der)
	return func(*fakeca.Leaf) []byte { return der }
}

// A stapler holds a server's certificate and its staple, which it makes anew
// when the source, the CA's record or the second on the CA's clock is another.
// A load test is then not a benchmark of signatures.
type stapler struct {
	leaf *fakeca.Leaf
	bare tls.Certificate

	mu       sync.Mutex
	fetcher  *fetcher // nil: the source is asked
	source   source
	made     *tls.Certificate // nil: to be made
	revision uint64
	second   int64
}

func newStapler(leaf *fakeca.Leaf, s source) *stapler {
	if s == nil {
		s = fromRecord
	}
	return &stapler{leaf: leaf, bare: leaf.TLS(), source: s}
}

// set changes the source. It makes a staple at once, so that what cannot be
// made panics here, where a test wrote it, and changes nothing.
func (s *stapler) set(src source) {
	src(s.leaf)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetcher, s.source, s.made = nil, src, nil
}

// certificate returns the certificate with its staple. It runs in handshakes,
// where a panic of the source, or of an Edit in it, is an error.
func (s *stapler) certificate() (cert *tls.Certificate, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ocsptest: cannot make the staple: %v", p)
		}
	}()
	s.mu.Lock()
	fetcher := s.fetcher
	s.mu.Unlock()
	if fetcher != nil {
		made := s.bare
		made.OCSPStaple = fetcher.current() // may take a while
		return &made, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Read before the record is, so that a change meanwhile is seen next time.
	revision, second := s.leaf.Issuer.Revision(), s.leaf.Issuer.Now().Unix()
	if s.made == nil || s.revision != revision || s.second != second {
		made := s.bare
		made.OCSPStaple = s.source(s.leaf)
		s.made, s.revision, s.second = &made, revision, second
	}
	return s.made, nil
}
