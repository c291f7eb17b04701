package fakeca

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"math/bits"

	"golang.org/x/crypto/cryptobyte"
	cryptobyte_asn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// An entryReader reads the entries of a list. A list can have a million of them,
// so what they point to is allocated for many at once.
type entryReader struct {
	ints       slab[big.Int]
	words      slab[big.Word]
	extensions slab[pkix.Extension]
	numbers    slab[int]

	lastBody []byte // of the last object identifier that was read
	lastID   asn1.ObjectIdentifier

	parseID func([]byte) (asn1.ObjectIdentifier, error) // the method oid, bound once
}

// A slab hands out parts of a larger allocation. They do not overlap, and
// appending to one does not write to the next.
type slab[T any] struct {
	free  []T
	chunk int // how many to allocate at once
}

func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		s.free = make([]T, max(n, s.chunk))
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

// parseEntries reads all entries. The result is not nil, even if there are none.
func parseEntries(s cryptobyte.String) ([]RevokedCertificate, error) {
	n := countEntries(s)
	entries := make([]RevokedCertificate, 0, n)
	chunk := min(n, 1024)
	r := entryReader{
		ints: slab[big.Int]{chunk: chunk}, words: slab[big.Word]{chunk: 2 * chunk},
		extensions: slab[pkix.Extension]{chunk: chunk}, numbers: slab[int]{chunk: 4 * chunk},
	}
	r.parseID = r.oid
	for i := 0; !s.Empty(); i++ {
		entries = append(entries, RevokedCertificate{})
		if err := r.entry(&entries[i], &s); err != nil {
			return nil, within(fmt.Sprintf("entry %d", i), err)
		}
	}
	return entries, nil
}

// countEntries returns how many entries s has if all are as they should be.
func countEntries(s cryptobyte.String) int {
	const shortest = 2 + 3 + 15 // SEQUENCE, INTEGER, UTCTime
	limit := len(s) / shortest
	n := 0
	for n < limit && s.SkipASN1(cryptobyte_asn1.SEQUENCE) {
		n++
	}
	return n
}

func (r *entryReader) entry(c *RevokedCertificate, entries *cryptobyte.String) error {
	s, err := read(entries, cryptobyte_asn1.SEQUENCE)
	if err != nil {
		return err
	}
	if c.SerialNumber, err = r.integer(&s); err != nil {
		return within("userCertificate", err)
	}
	if err := c.RevocationDate.parseEither(&s); err != nil {
		return within("revocationDate", err)
	}
	if s.PeekASN1Tag(cryptobyte_asn1.SEQUENCE) {
		extensions, err := read(&s, cryptobyte_asn1.SEQUENCE)
		if err == nil {
			c.Extensions, err = r.extensionList(extensions)
		}
		if err != nil {
			return within("crlEntryExtensions", err)
		}
	}
	return end(s)
}

func (r *entryReader) integer(s *cryptobyte.String) (*big.Int, error) {
	whole := *s
	body, err := read(s, cryptobyte_asn1.INTEGER)
	switch {
	case err != nil:
		return nil, err
	case checkInteger("INTEGER", body) != nil || body[0] >= 0x80:
		return readInteger(&whole) // the error, or a negative number
	}
	const wordSize = bits.UintSize / 8
	words := r.words.take((len(body) + wordSize - 1) / wordSize)
	for i, b := range body {
		place := len(body) - 1 - i
		words[place/wordSize] |= big.Word(b) << (place % wordSize * 8)
	}
	n := &r.ints.take(1)[0]
	return n.SetBits(words), nil
}

func (r *entryReader) extensionList(s cryptobyte.String) ([]pkix.Extension, error) {
	n := 0
	for rest := s; rest.SkipASN1(cryptobyte_asn1.SEQUENCE); {
		n++
	}
	list, _, err := parseExtensionList(r.extensions.take(n)[:0], s, strict, r.parseID)
	return list, err
}

// oid reads the content of an object identifier, which usually is the last one
// again.
func (r *entryReader) oid(body []byte) (asn1.ObjectIdentifier, error) {
	if r.lastID == nil || !bytes.Equal(body, r.lastBody) {
		id, err := parseOID(body)
		if err != nil {
			return nil, err
		}
		r.lastBody, r.lastID = body, id
	}
	id := r.numbers.take(len(r.lastID))
	copy(id, r.lastID)
	return id, nil
}

// addEntries adds the entries of a list.
func addEntries(b *cryptobyte.Builder, entries []RevokedCertificate) {
	var scratch [maxUsual]byte
	for i := range entries {
		if der, ok := entries[i].appendUsual(scratch[:0]); ok {
			b.AddBytes(der)
		} else {
			entries[i].add(b)
		}
	}
}

const (
	maxUsual       = 2 + 0x7f // the length of an element with one byte for the length
	maxUsualSerial = 20       // bytes, without a zero in front
	maxUsualValue  = 16       // bytes of an extension
)

// appendUsual appends what add adds for an entry as most are: a UTCTime, at most
// one extension, and nothing long. It does not allocate, as cryptobyte would for
// each element in an element. ok is false for any other entry.
func (c *RevokedCertificate) appendUsual(b []byte) (der []byte, ok bool) {
	if c.Raw != nil || c.Extra != nil || c.RevocationDate.Raw != nil || c.RawExtensions != nil ||
		c.SerialNumber == nil || c.SerialNumber.Sign() < 0 || c.SerialNumber.BitLen() > 8*maxUsualSerial ||
		!isUTCTime(c.RevocationDate.Time) || c.Extensions != nil && len(c.Extensions) != 1 {
		return nil, false
	}
	var serial [maxUsualSerial + 1]byte
	n := c.SerialNumber.BitLen()/8 + 1 // with a zero in front of a high bit
	b = append(b, byte(cryptobyte_asn1.SEQUENCE), 0, byte(cryptobyte_asn1.INTEGER), byte(n))
	b = append(b, c.SerialNumber.FillBytes(serial[:n])...)
	b = append(b, byte(cryptobyte_asn1.UTCTime), byte(len(utcTime)))
	b = c.RevocationDate.UTC().AppendFormat(b, utcTime)
	for _, e := range c.Extensions {
		id, length := e.Id, byte(len(e.Value))
		if len(id) != 4 || !id[:3].Equal(idCE) || id[3] < 0 || id[3] > 0x7f || e.Critical || len(e.Value) > maxUsualValue {
			return nil, false
		}
		b = append(b, byte(cryptobyte_asn1.SEQUENCE), 9+length, byte(cryptobyte_asn1.SEQUENCE), 7+length)
		b = append(b, byte(cryptobyte_asn1.OBJECT_IDENTIFIER), 3, 0x55, 0x1d, byte(id[3]), byte(cryptobyte_asn1.OCTET_STRING), length)
		b = append(b, e.Value...)
	}
	b[1] = byte(len(b) - 2)
	return b, true
}

// encodeRevocations returns the DER of revokedCertificates, as the entries of
// revokedCertificate have it. It makes none of those, because a list can have a
// million.
func encodeRevocations(listed []revocation) []byte {
	const usual = 52 // bytes of an entry with a serial number of 16 bytes and a reason
	b := cryptobyte.NewBuilder(make([]byte, 0, usual*(len(listed)+1)))
	b.AddASN1(cryptobyte_asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		var entry [1]RevokedCertificate
		reasons := make(map[Reason][]pkix.Extension) // which entries share
		for _, r := range listed {
			entry[0] = RevokedCertificate{SerialNumber: r.serial, RevocationDate: Time{Time: r.at}}
			if r.hasReason() {
				if reasons[r.reason] == nil {
					reasons[r.reason] = []pkix.Extension{reasonCode(r.reason)}
				}
				entry[0].Extensions = reasons[r.reason]
			}
			addEntries(b, entry[:])
		}
	})
	return b.BytesOrPanic()
}

// size is about how many bytes the list takes, if Raw fields hold most of it.
func (l *TBSCertList) size() int { return 1<<10 + len(l.Raw) + len(l.RawRevokedCertificates) }
