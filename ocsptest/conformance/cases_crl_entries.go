package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// crlEntriesCases are about the entries of a CRL: where they are, what serial
// number, date and reason they have, and their extensions.
func crlEntriesCases() []*scenario {
	return listScenarios("crl-entries/",
		entryPlaces(), repeatedEntries(), entrySerials(), otherSerials(), entryReasons(), wrongReasons(), entryDates(), entryExtensions())
}

// entry returns a case in which "an entry", as doc says, is that of another
// certificate or, if the certificate is revoked, its own.
func entry(name, doc string, ref Ref, crl func(*world) fakeca.CRL) listCase {
	of := func(whose string) string { return strings.Replace(doc, "an entry", whose, 1) }
	return list(name, of("the entry of another certificate"), ref, crl).revoked(of("the certificate's entry"))
}

// withSerial gives the leaf a serial number.
func withSerial(n *big.Int) func(*world) { return func(w *world) { w.tmpl.SerialNumber = n } }

// listOf returns a CRL of other certificates with these serial numbers.
func listOf(serials ...*big.Int) func(*world) fakeca.CRL {
	var also []fakeca.Response
	for _, n := range serials {
		also = append(also, fakeca.Response{Serial: n, Status: fakeca.Revoked})
	}
	return always(fakeca.CRL{Also: also})
}

// entryPlaces are about CRLs of two thousand entries, in which clients search.
func entryPlaces() []listCase {
	// others have the serial numbers 1000 to 3000, without 2000.
	others := func(edit func(*fakeca.CRLMessage)) func(*world) fakeca.CRL {
		return always(fakeca.CRL{Also: slices.Delete(manyRevoked(2001), 1000, 1001), Edit: edit})
	}
	reversed := func(m *fakeca.CRLMessage) { slices.Reverse(m.RevokedCertificates) }
	return []listCase{
		list("first-of-many", "the serial number is less than those of two thousand entries", refCRLEntry, others(nil)).
			with(withSerial(big.NewInt(7))).revoked("the certificate is the first of two thousand entries").known("proftpd/proftpd#860"),
		list("middle-of-many", "the serial number is between those of two thousand entries", refCRLEntry, others(nil)).
			with(withSerial(big.NewInt(2000))).revoked("the certificate is in the middle of two thousand entries").known("proftpd/proftpd#859"),
		list("last-of-many", "the serial number is greater than those of two thousand entries", refCRLEntry, others(nil)).
			with(withSerial(big.NewInt(5000))).onlyGood(),
		list("descending", "two thousand entries are in descending order, and no order is required", refCRLListed, others(reversed)).
			with(withSerial(big.NewInt(7))).
			revoked("the certificate is the last of two thousand entries, which are in descending order; no order is required"),
	}
}

// repeatedEntries have two entries about one certificate.
func repeatedEntries() []listCase {
	// twice adds a changed copy of the entry.
	twice := func(after int, change func(*fakeca.RevokedCertificate)) func(*world) fakeca.CRL {
		return func(w *world) fakeca.CRL {
			return editedCRL(func(m *fakeca.CRLMessage) {
				repeated := *entryOf(m, w.leaf.Cert.SerialNumber)
				i := slices.IndexFunc(m.RevokedCertificates, func(e fakeca.RevokedCertificate) bool {
					return e.SerialNumber.Cmp(repeated.SerialNumber) == 0
				})
				change(&repeated)
				m.RevokedCertificates = slices.Insert(m.RevokedCertificates, i+after, repeated)
			})(w)
		}
	}
	because := func(r fakeca.Reason) func(*fakeca.RevokedCertificate) {
		return func(e *fakeca.RevokedCertificate) { e.Extensions = []pkix.Extension{reasonCode(byte(r))} }
	}
	const before, after = 0, 1
	return []listCase{
		entry("twice", "an entry is there twice", refCRLListed, twice(after, func(*fakeca.RevokedCertificate) {})).stillRevoked(),
		list("twice-other-reason", "", refCRLListed, twice(after, because(fakeca.Superseded))).
			stillRevoked().onlyRevoked().revoked("the certificate has two entries, with different reasons"),
		list("twice-then-removed", "", refRemoveFromCRL, twice(after, because(fakeca.RemoveFromCRL))).
			stillRevoked().onlyRevoked().revoked("the certificate has two entries, and the reason of the second is removeFromCRL"),
		list("removed-then-twice", "", refRemoveFromCRL, twice(before, because(fakeca.RemoveFromCRL))).
			stillRevoked().onlyRevoked().revoked("the certificate has two entries, and the reason of the first is removeFromCRL"),
	}
}

// entrySerials are about certificates with unusual serial numbers.
func entrySerials() []listCase {
	octets := func(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(0x42), 8*(n-1)) }
	return []listCase{
		list("one-octet", "", refSerialNumber, othersRevoked()).with(withSerial(big.NewInt(0x42))).
			onlyRevoked().revoked("the CRL lists the certificate, whose serial number has one octet"),
		list("20-octets", "the serial number has 20 octets, and the CRL lists another that differs only in the first", refSerialNumber,
			listOf(new(big.Int).SetBit(octets(20), 152, 1))).with(withSerial(octets(20))).
			revoked("the CRL lists the certificate, whose serial number has 20 octets"),
		list("21-octets", "the serial number has 21 octets, which CAs must not use", refSerialNumber, othersRevoked()).
			with(withSerial(octets(21))).refusedBy("some clients refuse that"),
		list("zero", "the serial number is zero, which CAs must not use", refSerialGraceful, othersRevoked()).
			with(withSerial(new(big.Int))).refusedBy("some clients refuse that"),
	}
}

// otherSerials are serial numbers that are like the certificate's, or encoded in
// another way.
func otherSerials() []listCase {
	const mine = 0x71e2d3c4b5a69788
	own := big.NewInt(mine)
	plus := func(n int64) *big.Int { return big.NewInt(mine + n) }
	like := func(name, doc string, serials ...*big.Int) listCase {
		return list(name, doc, refCRLEntry, listOf(serials...)).with(withSerial(own)).onlyGood()
	}
	// negative is what the bytes of positive are without the zero before them.
	positive := big.NewInt(0xf1e2d3c4)
	negative := new(big.Int).Sub(positive, new(big.Int).Lsh(big.NewInt(1), 32))
	leadingZero := func(e *fakeca.RevokedCertificate) {
		number := encoded(asn1.TagInteger, []byte{0}, content(must(asn1.Marshal(e.SerialNumber))))
		e.Raw = encoded(tagSequence, number, withoutNumber(*e))
	}
	return []listCase{
		like("serial-prefix", "the CRL lists the certificate's serial number without its last byte, and with another byte at the end",
			new(big.Int).Rsh(own, 8), new(big.Int).Lsh(own, 8)),
		like("serial-suffix", "the CRL lists the certificate's serial number without its first byte, and with another byte at the start",
			big.NewInt(mine&(1<<56-1)), new(big.Int).SetBit(own, 64, 1)),
		like("serial-neighbours", "the CRL lists the serial numbers before and after the certificate's", plus(-1), plus(1)),
		list("serial-negative", "the CRL lists the negative number with the bytes of the certificate's serial number, except for a leading zero",
			refCRLEntry, listOf(negative)).with(withSerial(positive)).onlyGood().known("wolfSSL/wolfssl#8676"),
		list("others-not-positive", "the CRL lists the serial numbers 0 and -5, which CAs must not use", refSerialGraceful,
			listOf(new(big.Int), big.NewInt(-5))).refusedBy("some clients refuse such CRLs"),
		entry("serial-leading-zero", "the serial number of an entry has a leading zero too many", refInteger, editedEntry(leadingZero)).
			tolerated(),
		list("serial-missing", "the first entry has no serial number", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) { m.RevokedCertificates[0].SerialNumber = nil })).stillRevoked(),
	}
}

// withoutNumber returns what follows the serial number in an entry.
func withoutNumber(e fakeca.RevokedCertificate) []byte {
	e.SerialNumber = nil
	return content(e.Marshal())
}

// reasonCode returns the extension with this reason, which need not exist.
func reasonCode(r byte) pkix.Extension { return reasonExtension(0x0a, 1, r) }

// reasonExtension returns a reason code with any value.
func reasonExtension(value ...byte) pkix.Extension {
	return pkix.Extension{Id: idCE(extReasonCode), Value: value}
}

// explained returns a CRL whose entry has a reason code.
func explained(reasons ...pkix.Extension) func(*world) fakeca.CRL {
	return editedEntry(func(e *fakeca.RevokedCertificate) { e.Extensions = reasons })
}

// entryReasons are about reasons that exist.
func entryReasons() []listCase {
	var cases []listCase
	for _, r := range []struct {
		name, doc string
		reason    fakeca.Reason
		ref       Ref
	}{
		{"unspecified", "unspecified, which CAs should leave out", fakeca.Unspecified, refUnspecified},
		{"ca-compromise", "CA compromise", fakeca.CACompromise, refReasons},
		{"affiliation-changed", "affiliation changed", fakeca.AffiliationChanged, refReasons},
		{"superseded", "superseded", fakeca.Superseded, refReasons},
		{"cessation-of-operation", "cessation of operation", fakeca.CessationOfOperation, refReasons},
		{"privilege-withdrawn", "privilege withdrawn", fakeca.PrivilegeWithdrawn, refReasons},
		{"aa-compromise", "AA compromise", fakeca.AACompromise, refReasons},
	} {
		cases = append(cases, entry("reason-"+r.name, "the reason of an entry is "+r.doc, r.ref,
			explained(reasonCode(byte(r.reason)))).onlyRevoked())
	}
	all := func(w *world) fakeca.CRL {
		var c fakeca.CRL
		for r := range fakeca.Reasons() {
			if r != fakeca.RemoveFromCRL {
				c.Also = append(c.Also, fakeca.Response{
					Serial: big.NewInt(1000 + int64(r)), Status: fakeca.Revoked, Reason: r, ExplicitReason: r == fakeca.Unspecified,
				})
			}
		}
		return c
	}
	return append(cases, list("reason-all", "the CRL lists other certificates, one for each reason", refReasons, all).onlyGood())
}

// wrongReasons are reasons that do not exist or cannot be read, and those that are
// not for a complete CRL.
func wrongReasons() []listCase {
	critical := reasonCode(byte(fakeca.Superseded))
	critical.Critical = true
	removed := entry("remove-from-crl", "the reason of an entry is removeFromCRL, which is only for delta CRLs", refRemoveFromCRL,
		explained(reasonCode(byte(fakeca.RemoveFromCRL)))).tolerated().known("notaryproject/notation-core-go#214", "Netflix/lemur#1028")
	removed.alsoRevoked, removed.whyRevoked = Good|Revoked, "; some clients read good, as RFC 5280 section 6.3.3 has it, and some revoked"
	return []listCase{
		removed,
		entry("reason-7", "the reason of an entry is 7, which is not used", refReasonValues, explained(reasonCode(7))).tolerated().onlyRevoked(),
		entry("reason-11", "the reason of an entry is 11, which does not exist", refReasonValues, explained(reasonCode(11))).tolerated(),
		entry("reason-integer", "the reason of an entry is an INTEGER instead of ENUMERATED", refReasonType,
			explained(reasonExtension(2, 1, 4))).tolerated().onlyRevoked(),
		entry("reason-unreadable", "the reason of an entry has no bytes", refReasonType, explained(reasonExtension(0x0a, 0))).tolerated(),
		entry("reason-twice", "an entry has two reasons", refOneOfEach,
			explained(reasonCode(byte(fakeca.Superseded)), reasonCode(byte(fakeca.RemoveFromCRL)))).tolerated(),
		entry("reason-critical", "the reason of an entry is critical", refReasonNotCritical, explained(critical)).
			refusedBy("some clients do not process reasons, and so must refuse the CRL"),
		entry("reason-unreadable-before-critical", "an entry has a reason that cannot be read, and then an unknown critical extension",
			refCRLEntryExtension, explained(reasonExtension(0x0a, 0), unknownExtension(true))).stillRevoked().
			known("openssl/openssl#32366"),
	}
}

// entryDates are about revocationDate. By RFC 5280 section 6.3.3, an entry counts
// whatever its date.
func entryDates() []listCase {
	dated := func(edit func(*fakeca.Time, *world)) func(*world) fakeca.CRL {
		return func(w *world) fakeca.CRL {
			return editedEntry(func(e *fakeca.RevokedCertificate) { edit(&e.RevocationDate, w) })(w)
		}
	}
	raw := func(der ...byte) func(*world) fakeca.CRL {
		return dated(func(t *fakeca.Time, _ *world) { t.Raw = append([]byte{}, der...) })
	}
	formatted := func(tag byte, layout string) func(*world) fakeca.CRL {
		return dated(func(t *fakeca.Time, _ *world) { t.Raw = rawTime(tag, t.UTC().Format(layout)) })
	}
	from := func(at func(*world) time.Time) func(*world) fakeca.CRL {
		return dated(func(t *fakeca.Time, w *world) { t.Time = at(w).UTC() })
	}
	return []listCase{
		entry("date-tomorrow", "the date of an entry is tomorrow", refCRLEntryDate,
			from(func(w *world) time.Time { return w.clock.now().Add(day) })).known("Mbed-TLS/mbedtls#3340"),
		entry("date-2050", "the date of an entry is in 2050, in a GeneralizedTime", refCRLEntryDate,
			raw(rawTime(generalizedTime, "20500101000000Z")...)).known("Mbed-TLS/mbedtls#3340"),
		entry("date-before-certificate", "the date of an entry is a year before the certificate is valid", refCRLEntryDate,
			from(func(w *world) time.Time { return w.leaf.Cert.NotBefore.AddDate(-1, 0, 0) })).onlyRevoked(),
		entry("date-generalizedtime", "the date of an entry is a GeneralizedTime, where CAs use UTCTime until 2049", refCRLEntryDateForm,
			formatted(generalizedTime, "20060102150405Z")),
		entry("date-fraction", "the date of an entry has a fraction of a second", refTimeForm, formatted(generalizedTime, "20060102150405.5Z")).
			tolerated(),
		entry("date-without-seconds", "the date of an entry is a UTCTime without seconds", refUTCTimeForm, formatted(utcTime, "0601021504Z")).
			stillRevoked().onlyRevoked(),
		entry("date-empty", "the date of an entry has no bytes", refUTCTimeForm, raw(utcTime, 0)).stillRevoked().onlyRevoked(),
		entry("date-missing", "an entry has no date", refCRLSyntax, raw()).stillRevoked(),
	}
}

// entryExtensions are about extensions of entries other than the reason, and about
// what follows them.
func entryExtensions() []listCase {
	extended := func(extra ...pkix.Extension) func(*world) fakeca.CRL {
		return editedEntry(func(e *fakeca.RevokedCertificate) { e.Extensions = append(e.Extensions, extra...) })
	}
	invalidFrom := func(t string) pkix.Extension {
		return pkix.Extension{Id: idCE(extInvalidityDate), Value: rawTime(generalizedTime, t)}
	}
	// firstOf gives the first entry a certificateIssuer, another CA.
	firstOf := func(m *fakeca.CRLMessage) {
		m.RevokedCertificates[0].Extensions = append(m.RevokedCertificates[0].Extensions, certifiedBy(otherRoot().Cert))
	}
	anotherCritical := editedCRL(func(m *fakeca.CRLMessage) {
		m.RevokedCertificates[0].Extensions = append(m.RevokedCertificates[0].Extensions, unknownExtension(true))
	})
	return []listCase{
		entry("extension-unknown", "an entry has an unknown extension that is not critical", refCRLEntryExtensionsIgnored,
			extended(unknownExtension(false))),
		entry("extension-critical", "an entry has an unknown critical extension", refCRLEntryExtension, extended(unknownExtension(true))).
			stillRevoked().onlyRevoked().known("wolfSSL/wolfssl#10274"),
		list("extension-critical-of-another", "the entry of another certificate has an unknown critical extension", refCRLEntryExtension,
			anotherCritical).stillRevoked().onlyRevoked().known("wolfSSL/wolfssl#10274"),
		entry("extensions-empty", "the extensions of an entry are an empty list", refExtensionsSyntax,
			editedEntry(func(e *fakeca.RevokedCertificate) { e.RawExtensions = encoded(tagSequence) })).tolerated(),
		entry("invalid-from-later", "an entry says that its certificate is invalid only from 2049 on", refInvalidityDate,
			extended(invalidFrom("20490101000000Z"))),
		entry("invalid-from-fraction", "the invalidity date of an entry has a fraction of a second", refInvalidityDate,
			extended(invalidFrom("20000101000000.5Z"))).stillRevoked().onlyRevoked(),
		entry("invalid-from-unreadable", "the invalidity date of an entry has no bytes", refInvalidityDate,
			extended(invalidFrom(""))).tolerated(),
		entry("certificate-issuer", "an entry names another CA as its certificate issuer, and the CRL is not indirect", refCertificateIssuer,
			extended(certifiedBy(otherRoot().Cert))).tolerated(),
		list("certificate-issuer-before", "", refCertificateIssuer, editedCRL(firstOf)).stillRevoked().onlyRevoked().
			revoked("an entry before the certificate's names another CA as its certificate issuer, and the CRL is not indirect"),
		entry("trailing", "NULL follows the last element of an entry", refCRLSyntax,
			editedEntry(func(e *fakeca.RevokedCertificate) { e.Extra = asn1.NullBytes })).tolerated(),
		list("set", "the first entry is a SET instead of a SEQUENCE", refCRLSyntax,
			editedCRL(func(m *fakeca.CRLMessage) {
				first := &m.RevokedCertificates[0]
				first.Raw = first.Marshal()
				first.Raw[0] = tagSet
			})).stillRevoked(),
	}
}

// certifiedBy says that another CA issued the certificate of an entry.
func certifiedBy(ca *x509.Certificate) pkix.Extension {
	const directoryName = 0xa4
	return pkix.Extension{
		Id: idCE(extCertificateIssuer), Critical: true, Value: encoded(tagSequence, encoded(directoryName, ca.RawSubject)),
	}
}
