package fakeca

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A SyntaxError says which element of a message is wrong. [errors.As] finds it in
// the errors of [ParseMessage], [ParseCRLMessage], [ParseRequest] and the functions
// built on them.
type SyntaxError struct {
	Element string // by its name in RFC 6960 or 5280, after those around it: "single response 0: thisUpdate"
	Err     error  // what is wrong there
}

// Error returns the element and what is wrong there.
func (e *SyntaxError) Error() string { return e.Element + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// within says in which element err is.
func within(element string, err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := err.(*SyntaxError); ok {
		element += ": " + inner.Element
		err = inner.Err
	}
	return &SyntaxError{Element: element, Err: err}
}

// read reads the element with the given tag and returns its content. The content
// is clipped, so that appending to it does not overwrite the next element.
func read(s *cryptobyte.String, tag cryptobyte_asn1.Tag) (cryptobyte.String, error) {
	var body cryptobyte.String
	switch {
	case s.Empty():
		return nil, errors.New("missing")
	case !s.PeekASN1Tag(tag):
		return nil, fmt.Errorf("found tag %#02x, expected %#02x", (*s)[0], uint8(tag))
	case !s.ReadASN1(&body, tag):
		return nil, errTruncated
	}
	return slices.Clip(body), nil
}

// readOnly reads an element that must be all of s.
func readOnly(s cryptobyte.String, tag cryptobyte_asn1.Tag) (cryptobyte.String, error) {
	body, err := read(&s, tag)
	if err != nil {
		return nil, err
	}
	return body, end(s)
}

// readExplicit reads an element with an explicit tag and returns the content of
// the element inside.
func readExplicit(s *cryptobyte.String, explicit, tag cryptobyte_asn1.Tag) (cryptobyte.String, error) {
	body, err := read(s, explicit)
	if err != nil {
		return nil, err
	}
	return readOnly(body, tag)
}

var errTruncated = errors.New("truncated, or its length is not DER")

// readAny reads an element of any tag and returns all of it. Its content must be
// DER.
func readAny(s *cryptobyte.String) ([]byte, error) {
	var whole cryptobyte.String
	var tag cryptobyte_asn1.Tag
	if s.Empty() {
		return nil, errors.New("missing")
	}
	if !s.ReadAnyASN1Element(&whole, &tag) {
		return nil, errTruncated
	}
	return slices.Clip(whole), checkDER(whole)
}

// readBytes reads the content of an element. It is not nil, even if it is empty.
func readBytes(s *cryptobyte.String, tag cryptobyte_asn1.Tag) ([]byte, error) {
	body, err := read(s, tag)
	return []byte(body), err
}

func readEnum(s *cryptobyte.String) (int, error) {
	body, err := read(s, cryptobyte_asn1.ENUM)
	if err != nil {
		return 0, err
	}
	if len(body) != 1 || body[0] > 0x7f {
		return 0, fmt.Errorf("%x is not a number from 0 to 127", []byte(body))
	}
	return int(body[0]), nil
}

func readInteger(s *cryptobyte.String) (*big.Int, error) {
	whole := *s
	if _, err := read(s, cryptobyte_asn1.INTEGER); err != nil {
		return nil, err
	}
	n := new(big.Int)
	if !whole.ReadASN1Integer(n) {
		return nil, errors.New("not an INTEGER of the shortest form")
	}
	return n, nil
}

func readOID(s *cryptobyte.String) (asn1.ObjectIdentifier, error) {
	body, err := read(s, cryptobyte_asn1.OBJECT_IDENTIFIER)
	if err != nil {
		return nil, err
	}
	return parseOID(body)
}

func parseOID(body []byte) (asn1.ObjectIdentifier, error) {
	if err := checkOID(body); err != nil {
		return nil, err
	}
	var oid asn1.ObjectIdentifier
	part := 0
	for _, b := range body {
		if part > math.MaxInt>>7 {
			return nil, errors.New("OBJECT IDENTIFIER with a part that an int does not hold")
		}
		part = part<<7 | int(b&0x7f)
		switch {
		case b >= 0x80:
			continue
		case oid == nil: // the first two parts in one number
			first := min(part/40, 2)
			oid = append(oid, first, part-40*first)
		default:
			oid = append(oid, part)
		}
		part = 0
	}
	return oid, nil
}

func readBitString(s *cryptobyte.String) ([]byte, error) {
	body, err := read(s, cryptobyte_asn1.BIT_STRING)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 || body[0] != 0 {
		return nil, errors.New("not a whole number of bytes")
	}
	return body[1:], nil
}

// before returns whole without rest, which is its end.
func before(whole, rest cryptobyte.String) []byte {
	return slices.Clip(whole[:len(whole)-len(rest)])
}

func end(s cryptobyte.String) error {
	if !s.Empty() {
		return fmt.Errorf("%d bytes of trailing data", len(s))
	}
	return nil
}
