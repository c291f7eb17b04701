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
	return leaf.Staple(leaf.OnRecord())
}

func fromResponse(r fakeca.Response) source {
	return func(leaf *fakeca.Leaf) []byte { return leaf.Staple(r) }
}

func fromBytes(der []byte) source {
	der = bytes.Clone(der)
	return func(*fakeca.Leaf) []byte { return der }
}

// A stapler holds a server's certificate and its staple. It makes the staple
// anew only when the source, the CA's record or the second on the CA's clock has
// changed, so that a load test does not measure signatures.
type stapler struct {
	leaf    *fakeca.Leaf
	bare    tls.Certificate
	fetcher *fetcher // nil unless WithFetchedStaple

	mu       sync.Mutex
	source   source           // nil: the fetcher, or the record
	setBy    string           // the function that set source; "" if it is nil
	made     *tls.Certificate // nil: none yet
	revision uint64           // of the record, when it was made
	second   int64            // on the CA's clock, when it was made
}

// set changes the source; nil is back to the fetcher, or the record. It makes a
// staple at once, so that what cannot be made panics here, where a test wrote it,
// and changes nothing.
func (s *stapler) set(src source, by string) {
	if src != nil {
		src(s.leaf)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.source, s.setBy, s.made = src, by, nil
}

// certificate returns the certificate with its staple. It runs in handshakes,
// where a panic of the source, or of an Edit in it, must be an error.
func (s *stapler) certificate() (cert *tls.Certificate, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ocsptest: cannot make the staple: %v", p)
		}
	}()
	s.mu.Lock()
	if s.source == nil && s.fetcher != nil {
		s.mu.Unlock()
		made := s.bare
		made.OCSPStaple = s.fetcher.current() // may take a while
		return &made, nil
	}
	defer s.mu.Unlock()
	source := s.source
	if source == nil {
		source = fromRecord
	}
	// Read before the record is, so that a change meanwhile is seen next time.
	revision, second := s.leaf.Issuer.Revision(), s.leaf.Issuer.Now().Unix()
	if s.made == nil || s.revision != revision || s.second != second {
		made := s.bare
		made.OCSPStaple = source(s.leaf)
		s.made, s.revision, s.second = &made, revision, second
	}
	return s.made, nil
}

// contradiction returns a sentence if a staple set by hand says something else
// than the record, which has something else than the default.
func (s *stapler) contradiction() string {
	s.mu.Lock()
	by := s.setBy
	s.mu.Unlock()
	onRecord := s.leaf.OnRecord()
	if by == "" || onRecord.Status == fakeca.Good {
		return ""
	}
	cert, err := s.certificate()
	if err != nil {
		return ""
	}
	said, err := fakeca.ParseResponse(cert.OCSPStaple)
	if err != nil || said.Status == onRecord.Status {
		return ""
	}
	return fmt.Sprintf("%s staples %v, but the record says %v; FollowRecord goes back to the record", by, said.Status, onRecord.Status)
}
