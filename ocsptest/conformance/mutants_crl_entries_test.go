package conformance

import (
	"bytes"
	"crypto/x509/pkix"
	"math/big"
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

// crlEntryReaders are about RFC 5280 section 6.3.3, (j) and (k).
func crlEntryReaders() []mutant {
	hasReason := func(is func(*fakeca.Reason, error) bool) func(listQuery, fakeca.RevokedCertificate) bool {
		return func(_ listQuery, e fakeca.RevokedCertificate) bool { return is(e.Reason()) }
	}
	// byReasonOf decides by one of several entries.
	byReasonOf := func(choose func([]fakeca.RevokedCertificate) fakeca.RevokedCertificate) reviewer {
		return afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
			entries := q.entries()
			if len(entries) < 2 {
				return said, err
			}
			chosen := choose(entries)
			if reason, err := chosen.Reason(); err == nil && reason != nil && *reason == fakeca.RemoveFromCRL {
				return fakeca.Response{}, nil
			}
			return said, err
		})
	}
	return []mutant{
		{
			name:   "does not read the extensions of a CRL's entries",
			review: reviewing(verify.RuleCRLEntry, verify.RuleCRLEntryExtension, verify.RuleCRLRemove),
		},
		{
			name:   "ignores entries whose reason does not exist",
			review: overlooking(hasReason(func(_ *fakeca.Reason, err error) bool { return err != nil }), verify.RuleCRLEntry),
		},
		{
			name:   "reads entries without a reason to give as good",
			review: overlooking(hasReason(func(r *fakeca.Reason, _ error) bool { return r != nil && *r == fakeca.Unspecified })),
		},
		{
			name:   "knows only the reasons up to certificateHold",
			review: overlooking(hasReason(func(r *fakeca.Reason, _ error) bool { return r != nil && *r > fakeca.CertificateHold })),
		},
		{
			name:   "reads entries as good unless the key is compromised",
			review: overlooking(hasReason(func(r *fakeca.Reason, _ error) bool { return r != nil && *r != fakeca.KeyCompromise })),
		},
		{
			name:   "ignores entries with a date in the future",
			review: overlooking(func(q listQuery, e fakeca.RevokedCertificate) bool { return e.RevocationDate.After(q.at) }),
		},
		{
			name:   "ignores entries from before the certificate",
			review: overlooking(func(q listQuery, e fakeca.RevokedCertificate) bool { return e.RevocationDate.Before(q.cert.NotBefore) }),
		},
		{
			name: "ignores entries with an invalidity date in the future",
			review: overlooking(func(q listQuery, e fakeca.RevokedCertificate) bool {
				date, err := e.InvalidityDate()
				return err == nil && date.After(q.at)
			}),
		},
		{
			name: "ignores entries with an invalidity date that it cannot read",
			review: overlooking(func(_ listQuery, e fakeca.RevokedCertificate) bool {
				_, err := e.InvalidityDate()
				return err != nil
			}, verify.RuleCRLEntry),
		},
		{
			name:   "ignores entries with critical extensions",
			review: overlooking(hasCriticalExtension, verify.RuleCRLEntryExtension),
		},
		{
			name: "takes the certificate issuer of an entry for that of all after it",
			review: afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
				for _, m := range q.parsed() {
					for _, e := range m.RevokedCertificates {
						if names, err := e.CertificateIssuer(); err == nil && names != nil {
							return fakeca.Response{}, nil // the certificate's entry is at the end
						}
					}
				}
				return said, err
			}),
		},
		{
			name:   "goes by the last of several entries",
			review: byReasonOf(func(all []fakeca.RevokedCertificate) fakeca.RevokedCertificate { return all[len(all)-1] }),
		},
		{
			name:   "goes by the first of several entries",
			review: byReasonOf(func(all []fakeca.RevokedCertificate) fakeca.RevokedCertificate { return all[0] }),
		},
		{
			name: "refuses CRLs in which an entry is twice",
			review: refusingLists(func(_ listQuery, m *fakeca.CRLMessage) bool {
				seen := make(map[string]bool)
				return slices.ContainsFunc(m.RevokedCertificates, func(e fakeca.RevokedCertificate) bool {
					text := e.SerialNumber.String()
					twice := seen[text]
					seen[text] = true
					return twice
				})
			}),
		},
	}
}

func hasCriticalExtension(_ listQuery, e fakeca.RevokedCertificate) bool {
	return slices.ContainsFunc(e.Extensions, func(x pkix.Extension) bool { return x.Critical })
}

// crlSerialReaders are about how a client finds a serial number in a list.
func crlSerialReaders() []mutant {
	position := func(overlooks func(i int, m *fakeca.CRLMessage) bool) reviewer {
		return overlooking(func(q listQuery, e fakeca.RevokedCertificate) bool {
			m := q.parsed()[0]
			i := slices.IndexFunc(m.RevokedCertificates, func(other fakeca.RevokedCertificate) bool {
				return other.SerialNumber.Cmp(e.SerialNumber) == 0
			})
			return overlooks(i, m)
		})
	}
	low := func(n *big.Int, bits uint) *big.Int {
		mask := new(big.Int).Lsh(big.NewInt(1), bits)
		return new(big.Int).And(n, mask.Sub(mask, big.NewInt(1)))
	}
	octets := func(n *big.Int) int { return n.BitLen()/8 + 1 }
	return []mutant{
		{name: "does not look at the first entry", review: position(func(i int, _ *fakeca.CRLMessage) bool { return i == 0 })},
		{
			name:   "does not look at the last entry",
			review: position(func(i int, m *fakeca.CRLMessage) bool { return i == len(m.RevokedCertificates)-1 }),
		},
		{name: "looks at a thousand entries", review: position(func(i int, _ *fakeca.CRLMessage) bool { return i >= 1000 })},
		{
			name: "expects entries in ascending order",
			review: overlooking(func(q listQuery, e fakeca.RevokedCertificate) bool {
				_, found := slices.BinarySearchFunc(q.parsed()[0].RevokedCertificates, e.SerialNumber,
					func(other fakeca.RevokedCertificate, n *big.Int) int { return other.SerialNumber.Cmp(n) })
				return !found
			}),
		},
		{
			name: "finds every serial number between the first and the last",
			review: afterwards(func(q listQuery, said fakeca.Response, err error) (fakeca.Response, error) {
				less := func(n *big.Int) bool { return n.Cmp(q.cert.SerialNumber) < 0 }
				if err == nil && hasEntry(q.lists, less) && hasEntry(q.lists, func(n *big.Int) bool { return !less(n) }) {
					said.Status = fakeca.Revoked
				}
				return said, err
			}),
		},
		{
			name:   "compares 64 bits of serial numbers",
			review: mistaking(func(entry, serial *big.Int) bool { return low(entry, 64).Cmp(low(serial, 64)) == 0 }),
		},
		{
			name:   "compares 19 octets of serial numbers",
			review: mistaking(func(entry, serial *big.Int) bool { return low(entry, 152).Cmp(low(serial, 152)) == 0 }),
		},
		{
			name: "compares serial numbers only as far as both go",
			review: mistaking(func(entry, serial *big.Int) bool {
				a, b := entry.Bytes(), serial.Bytes()
				return serial.BitLen() <= 64 && (bytes.HasPrefix(a, b) || bytes.HasPrefix(b, a)) // longer ones are random
			}),
		},
		{
			name: "compares floating-point serial numbers",
			review: mistaking(func(entry, serial *big.Int) bool {
				a, _ := entry.Float64()
				b, _ := serial.Float64()
				return a == b
			}),
		},
		{
			name: "compares serial numbers without their sign",
			review: mistaking(func(entry, serial *big.Int) bool {
				return low(entry, 32).Cmp(low(serial, 32)) == 0 && serial.BitLen() == 32
			}),
		},
		{
			name:   "overlooks serial numbers of one octet",
			review: overlooking(func(_ listQuery, e fakeca.RevokedCertificate) bool { return octets(e.SerialNumber) == 1 }),
		},
		{
			name:   "overlooks serial numbers of 20 octets",
			review: overlooking(func(_ listQuery, e fakeca.RevokedCertificate) bool { return octets(e.SerialNumber) == 20 }),
		},
	}
}
