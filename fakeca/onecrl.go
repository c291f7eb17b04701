package fakeca

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// OneCRL returns a list of what the CAs have on record as revoked, in the form of
// Mozilla's OneCRL, which Firefox uses:
//
//	{"data": [{
//		"schema": 1715000000000,
//		"details": {"bug": "", "who": "", "why": "key_compromise", "name": "CN=...", "created": "2024-05-06T05:08:09Z"},
//		"enabled": true,
//		"issuerName": "MD0x...",
//		"serialNumber": "AJMC...",
//		"id": "b0c9...",
//		"last_modified": 1715000000000
//	}]}
//
// In each entry, issuerName is the DER of the issuer's name, and serialNumber the
// content of the serial number's INTEGER, both in base64. The times are the
// revocationTime of OCSP responses, in milliseconds since 1970 where they are
// numbers. The id is made of issuer and serial number. The newest revocations come
// first.
func OneCRL(cas ...*CA) []byte {
	list := struct {
		Data []oneCRLRecord `json:"data"`
	}{Data: []oneCRLRecord{}}
	for i, ca := range cas {
		if ca == nil {
			panic(fmt.Sprintf("fakeca: OneCRL: CA %d of %d is nil; leave it out", i+1, len(cas)))
		}
		for _, r := range ca.Revoked() {
			list.Data = append(list.Data, newOneCRLRecord(ca, r))
		}
	}
	slices.SortStableFunc(list.Data, func(a, b oneCRLRecord) int { return cmp.Compare(b.LastModified, a.LastModified) })
	out, err := json.Marshal(list)
	if err != nil {
		panic("fakeca: OneCRL: " + err.Error()) // cannot happen with strings, numbers and bytes
	}
	return out
}

// A oneCRLRecord is an entry of the list.
type oneCRLRecord struct {
	Schema       int64         `json:"schema"`
	Details      oneCRLDetails `json:"details"`
	Enabled      bool          `json:"enabled"`
	IssuerName   []byte        `json:"issuerName"`
	SerialNumber []byte        `json:"serialNumber"`
	ID           string        `json:"id"`
	LastModified int64         `json:"last_modified"`
}

type oneCRLDetails struct {
	Bug     string `json:"bug"`
	Who     string `json:"who"`
	Why     string `json:"why"`
	Name    string `json:"name"`
	Created string `json:"created"`
}

func newOneCRLRecord(ca *CA, r Response) oneCRLRecord {
	serial := integerContent(r.Serial)
	at := second(r.RevokedAt) // as in a response
	return oneCRLRecord{
		Schema:       at.UnixMilli(),
		Details:      oneCRLDetails{Why: r.Reason.String(), Name: ca.Cert.Subject.String(), Created: at.Format(time.RFC3339)},
		Enabled:      true,
		IssuerName:   ca.Cert.RawSubject,
		SerialNumber: serial,
		ID:           recordID(ca.Cert.RawSubject, serial),
		LastModified: at.UnixMilli(),
	}
}

// integerContent returns the content of the INTEGER n. It starts with a zero byte
// if n would be negative without it.
func integerContent(n *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1BigInt(n)
	var content cryptobyte.String
	der := cryptobyte.String(b.BytesOrPanic())
	der.ReadASN1(&content, asn1.INTEGER)
	return content
}

// recordID returns a UUID of version 8, whose other bits are free (RFC 9562
// section 5.8).
func recordID(issuer, serial []byte) string {
	h := sha256.New()
	h.Write(issuer)
	h.Write(serial)
	id := h.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
