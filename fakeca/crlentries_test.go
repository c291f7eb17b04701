package fakeca_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// In a list an entry has the bytes that Marshal gives, whichever way it is encoded.
func TestEntriesInAList(t *testing.T) {
	t.Parallel()
	bit := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }
	extension := func(value []byte, id ...int) []pkix.Extension { return []pkix.Extension{{Id: id, Value: value}} }
	reason := extension([]byte{10, 1, 1}, 2, 5, 29, 21)
	critical := extension([]byte{}, 2, 5, 29, 29)
	critical[0].Critical = true
	date := fakeca.Time{Time: at(0)}
	tests := []struct {
		name  string
		entry fakeca.RevokedCertificate
	}{
		{"zero", fakeca.RevokedCertificate{}},
		{"no serial number", fakeca.RevokedCertificate{RevocationDate: date}},
		{"serial number 0", fakeca.RevokedCertificate{SerialNumber: new(big.Int), RevocationDate: date}},
		{"127", fakeca.RevokedCertificate{SerialNumber: big.NewInt(127), RevocationDate: date}},
		{"128", fakeca.RevokedCertificate{SerialNumber: big.NewInt(128), RevocationDate: date}},
		{"-1", fakeca.RevokedCertificate{SerialNumber: big.NewInt(-1), RevocationDate: date}},
		{"20 bytes", fakeca.RevokedCertificate{SerialNumber: bit(158), RevocationDate: date}},
		{"20 bytes and a zero", fakeca.RevokedCertificate{SerialNumber: bit(159), RevocationDate: date}},
		{"21 bytes", fakeca.RevokedCertificate{SerialNumber: bit(160), RevocationDate: date}},
		{"1,000 bits", fakeca.RevokedCertificate{SerialNumber: bit(999), RevocationDate: date}},
		{
			"date elsewhere",
			fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: fakeca.Time{Time: at(0).In(time.FixedZone("", 3600))}},
		},
		{"date of 2050", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: fakeca.Time{Time: date.AddDate(26, 0, 0)}}},
		{"date by bytes", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: fakeca.Time{Raw: []byte{5, 0}}}},
		{"reason", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: reason}},
		{"no extensions", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: []pkix.Extension{}}},
		{"two extensions", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: append(reason, critical...)}},
		{"critical", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: critical}},
		{"other extension", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: extension(nil, 1, 2, 3, 4)}},
		{"short identifier", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: extension(nil, 2, 5)}},
		{"long identifier", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: extension(nil, 2, 5, 29, 128)}},
		{
			"16 bytes",
			fakeca.RevokedCertificate{SerialNumber: bit(159), RevocationDate: date, Extensions: extension(make([]byte, 16), 2, 5, 29, 21)},
		},
		{
			"200 bytes",
			fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extensions: extension(make([]byte, 200), 2, 5, 29, 21)},
		},
		{"extensions by bytes", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, RawExtensions: []byte{5, 0}}},
		{"something more", fakeca.RevokedCertificate{SerialNumber: bit(9), RevocationDate: date, Extra: []byte{5, 0}}},
		{"other bytes", fakeca.RevokedCertificate{Raw: []byte{5, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := smallList()
			list.RevokedCertificates = []fakeca.RevokedCertificate{tt.entry}
			if entry, tbs := tt.entry.Marshal(), list.TBSCertList.Marshal(); !bytes.Contains(tbs, entry) {
				t.Errorf("the list\n%x does not hold\n%x", tbs, entry)
			}
		})
	}
	t.Run("missing object identifier", func(t *testing.T) {
		t.Parallel()
		list := smallList()
		list.RevokedCertificates[1].Extensions[0].Id = asn1.ObjectIdentifier{}
		if text := panicText(t, func() { list.Marshal() }); !strings.Contains(text, "an object identifier is missing") {
			t.Error(text)
		}
	})
}
