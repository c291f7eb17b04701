package fakeca

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// checkDER checks that s is a series of elements in DER, however deep, as far as
// their tags say what they are. It does not recurse: s can be nested a million
// times.
func checkDER(s cryptobyte.String) error {
	todo := []cryptobyte.String{s}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for !s.Empty() {
			var content cryptobyte.String
			var tag asn1.Tag
			if !s.ReadAnyASN1(&content, &tag) {
				return errTruncated
			}
			if err := checkElement(tag, content); err != nil {
				return err
			}
			if tag&constructed != 0 {
				todo = append(todo, content)
			}
		}
	}
	return nil
}

// The bits of a tag.
const (
	class       asn1.Tag = 0xc0 // zero: universal
	constructed asn1.Tag = 0x20
)

// checkElement checks one element, except for those inside it.
func checkElement(tag asn1.Tag, content []byte) error {
	if tag&class != 0 {
		return nil // the tag does not say what the content is
	}
	switch tag {
	case 0:
		return errors.New("tag 0x00 is reserved")
	case asn1.SET:
		return checkOrder(content)
	case asn1.SEQUENCE, externalType, embeddedPDV:
		return nil
	case asn1.SEQUENCE &^ constructed, asn1.SET &^ constructed, externalType &^ constructed, embeddedPDV &^ constructed:
		return fmt.Errorf("tag %#02x is not that of a SEQUENCE or SET, 0x30 or 0x31", uint8(tag))
	case asn1.BOOLEAN:
		if len(content) != 1 || content[0] != 0 && content[0] != 0xff {
			return fmt.Errorf("BOOLEAN %x, expected 00 or ff", content)
		}
	case asn1.INTEGER:
		return checkInteger("INTEGER", content)
	case asn1.ENUM:
		return checkInteger("ENUMERATED", content)
	case asn1.BIT_STRING:
		return checkBitString(content)
	case asn1.NULL:
		if len(content) > 0 {
			return errors.New("NULL with a content")
		}
	case asn1.OBJECT_IDENTIFIER:
		return checkOID(content)
	case asn1.UTCTime:
		return checkTime(utcTime, content)
	case asn1.GeneralizedTime:
		return checkTime("20060102150405.999999999Z", content)
	}
	if tag&constructed != 0 {
		return fmt.Errorf("a string in parts (tag %#02x)", uint8(tag))
	}
	return nil
}

const (
	externalType asn1.Tag = 8 | constructed
	embeddedPDV  asn1.Tag = 11 | constructed
)

// checkOrder checks the order of a SET OF. A SET of several types has another
// order, which is not checked.
func checkOrder(set cryptobyte.String) error {
	var last cryptobyte.String
	for !set.Empty() {
		var element cryptobyte.String
		var tag asn1.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return errTruncated
		}
		if len(last) > 0 && last[0] == element[0] && bytes.Compare(last, element) > 0 {
			return errors.New("a SET OF is not in order")
		}
		last = element
	}
	return nil
}

func checkInteger(name string, content []byte) error {
	if len(content) == 0 || len(content) > 1 && (content[0] == 0 && content[1] < 0x80 || content[0] == 0xff && content[1] >= 0x80) {
		return fmt.Errorf("%s %x is not of the shortest form", name, content)
	}
	return nil
}

func checkBitString(content []byte) error {
	switch {
	case len(content) == 0:
		return errors.New("BIT STRING without a number of unused bits")
	case content[0] > 7 || content[0] > 0 && len(content) == 1:
		return fmt.Errorf("BIT STRING with %d unused bits", content[0])
	case content[len(content)-1]&(1<<content[0]-1) != 0 && len(content) > 1:
		return errors.New("BIT STRING with unused bits that are not zero")
	}
	return nil
}

func checkOID(content []byte) error {
	if len(content) == 0 {
		return errors.New("OBJECT IDENTIFIER without parts")
	}
	const more = 0x80 // bytes of the part follow
	first := true
	for _, b := range content {
		if first && b == more {
			return fmt.Errorf("OBJECT IDENTIFIER %x is not of the shortest form", content)
		}
		first = b&more == 0
	}
	if !first {
		return fmt.Errorf("OBJECT IDENTIFIER %x ends within a part", content)
	}
	return nil
}

// checkTime checks for the one form that DER allows, which is how Go writes it.
func checkTime(layout string, content []byte) error {
	text := string(content)
	if t, err := time.Parse(layout, text); err != nil || t.Format(layout) != text {
		return fmt.Errorf("time %q is not in the form of DER", text)
	}
	return nil
}
