package matchers_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/gomega"

	"github.com/ocsplab/ocsplab/fakeca"
	. "github.com/ocsplab/ocsplab/matchers"
	"github.com/ocsplab/ocsplab/ocsptest"
)

// TestCRLTexts compares the failure texts about CRLs with the golden files.
func TestCRLTexts(t *testing.T) {
	t.Parallel()
	f := newFixture()
	relative, err := asn1.Marshal(pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "shard 1"}})
	if err != nil {
		t.Fatal(err)
	}
	type point = fakeca.CRLPoint
	var (
		list    = f.crl(fakeca.CRL{})
		empty   = f.crl(fakeca.CRL{Also: []fakeca.Response{}})
		delta   = f.crl(fakeca.CRL{Base: big.NewInt(5)})
		shard   = f.crl(fakeca.CRL{DistributionPoint: []string{shardURL}, OnlyUserCerts: true})
		scoped  = f.crl(fakeca.CRL{OnlyCACerts: true, Indirect: true, OnlySomeReasons: []fakeca.Reason{KeyCompromise, CACompromise}})
		forever = f.crl(fakeca.CRL{Forever: true, OnlyAttributeCerts: true, OnlySomeReasons: []fakeca.Reason{}})
		two     = f.crl(fakeca.CRL{Also: []fakeca.Response{f.entry(revoked), f.entry(fakeca.Response{Status: Revoked})}})
		four    = f.crl(fakeca.CRL{Also: slices.Repeat([]fakeca.Response{f.entry(revoked)}, 4)})
		many    = f.crl(fakeca.CRL{Also: slices.Repeat([]fakeca.Response{{Serial: big.NewInt(0x99), Status: Revoked, RevokedAt: now}}, 5)})
		old     = f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) {
			m.Version, m.CRLExtensions, m.RevokedCertificates[0].Extensions = 0, nil, nil
		}})
		nameless = f.crl(fakeca.CRL{Edit: func(m *fakeca.CRLMessage) { m.Issuer = []byte{0x30, 0} }})
		named    = f.crl(fakeca.CRL{RelativeName: relative})
		early    = f.crl(fakeca.CRL{Number: big.NewInt(6), ThisUpdate: now.Add(-2 * time.Hour), Also: []fakeca.Response{}})
		expired  = f.crl(fakeca.CRL{ThisUpdate: now.AddDate(0, 0, -7)})
		baseless = f.crl(fakeca.CRL{Base: big.NewInt(5), Edit: func(m *fakeca.CRLMessage) {
			setExtension(m.CRLExtensions, 27, []byte{4, 0})
		}})

		one = f.withPoints(point{URLs: []string{shardURL}})
		all = f.withPoints(
			point{URLs: []string{shardURL, "ldap://crl.example.test"}, Reasons: []fakeca.Reason{KeyCompromise}},
			point{DirectoryNames: [][]byte{f.ca.Cert.RawSubject}, OtherNames: [][]byte{{0x82, 1, 'x'}}},
			point{CRLIssuer: [][]byte{f.stranger.Cert.RawSubject}},
			point{URLs: []string{"http://crl.example.test/4"}},
		)
		long = f.withPoints(point{URLs: []string{shardURL + strings.Repeat("0", 200)}})
	)
	zipped := recorded(200, []byte{0x1f, 0x8b})
	zipped.Header().Set("Content-Encoding", "gzip")

	compareTexts(t, map[string][]failure{
		"crl": {
			{"bytes", HaveCRLNumber(8), list},
			{"an empty list", HaveCRLNumber(8), empty},
			{"a shard", HaveCRLNumber(8), shard},
			{"some reasons, indirect", HaveCRLNumber(8), scoped},
			{"no nextUpdate, no reasons", HaveCRLNumber(8), forever},
			{"a relative name", HaveCRLNumber(8), named},
			{"version 1", HaveCRLNumber(8), old},
			{"no issuer", HaveCRLNumber(8), nameless},
			{"an unreadable base", HaveCRLNumber(8), baseless},
			{"an unreadable number", HaveCRLEntry(f.mustStaple), f.numbered(4, 0)},
			{"an unreadable scope", HaveCRLNumber(8), f.scoped(5, 0)},
			{"a recorder", HaveCRLNumber(8), recorded(200, list)},
			{"an HTTP response", HaveCRLNumber(8), served(200, bytes.NewReader(list))},
			{"a request", HaveCRLNumber(8), ocsptest.Request{Method: "GET", Path: "/crl/0", Response: list}},
			{"garbage", HaveCRLNumber(8), []byte("garbage")},
			{"no bytes", HaveCRLNumber(8), []byte(nil)},
			{"trailing data", HaveCRLNumber(8), append(bytes.Clone(list), 0)},
			{"an error page", HaveCRLNumber(8), recorded(503, []byte("<html>busy</html>"))},
			{"not modified", HaveCRLNumber(8), recorded(304, nil)},
			{"compressed", HaveCRLNumber(8), zipped},
			{"a broken HTTP response", HaveCRLNumber(8), served(200, iotest.ErrReader(errors.New("connection reset")))},
			{"an OCSP response", HaveCRLNumber(8), f.leaf.Staple(fakeca.Response{})},
			{"a CRL, not an OCSP response", HaveOCSPStatus(Good), list},
			{"PEM of a certificate", HaveCRLNumber(8), f.ca.CertPEM()},
			{"PEM of two CRLs", HaveCRLNumber(8), toPEM("X509 CRL", list, delta)},
			{"a template", HaveCRLNumber(8), &x509.RevocationList{}},
			{"a description", HaveCRLNumber(8), fakeca.CRL{}},
			{"a connection", HaveCRLNumber(8), f.state(nil)},
			{"a staple", HaveOCSPStaple(HaveCRLNumber(8)), f.state(list)},
			{"a slice", HaveCRLNumber(8), [][]byte{list}},
			{"nil", HaveCRLNumber(8), nil},
		},
		"crlentry": {
			{"none", HaveCRLEntry(f.mustStaple), list},
			{"none of many", HaveCRLEntry(f.leaf), many},
			{"none on an empty list", HaveCRLEntry(f.leaf), empty},
			{"none on a shard", HaveCRLEntry(f.mustStaple), shard},
			{"none, only a serial number", HaveCRLEntry(&x509.Certificate{SerialNumber: big.NewInt(1)}), list},
			{"of another CA", HaveCRLEntry(newCousin(f)), list},
			{"of another CA, indirect", HaveCRLEntry(f.leaf), f.indirect(f.stranger)},
			{"negated", HaveCRLEntry(f.leaf), list},
			{"negated, in a shard", HaveCRLEntry(f.leaf), shard},
			{"several, negated", HaveCRLEntry(f.leaf), four},
			{"reason", HaveCRLEntry(f.leaf, HaveOCSPReason(Superseded)), list},
			{"reason, negated", HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise)), list},
			{"reason, nested", HaveCRLEntry(f.leaf, HaveOCSPReason(BeElementOf(Superseded, CACompromise))), list},
			{"reason, no entry", HaveCRLEntry(f.mustStaple, HaveOCSPReason(Superseded)), list},
			{"date", HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise), HaveOCSPRevokedAt(now)), list},
			{"two matchers, negated", HaveCRLEntry(f.leaf, HaveOCSPReason(KeyCompromise), Not(HaveOCSPRevokedAt(now))), list},
			{"Or", HaveCRLEntry(f.leaf, Or(HaveOCSPReason(Superseded), HaveOCSPRevokedAt(now))), list},
			{"Not", HaveCRLEntry(f.leaf, Not(HaveOCSPReason(KeyCompromise))), list},
			{"a foreign matcher", HaveCRLEntry(f.leaf, HaveField("Reason", Superseded)), list},
			{"a foreign matcher, negated", HaveCRLEntry(f.leaf, HaveField("Reason", KeyCompromise)), list},
			{"a foreign matcher with a text", HaveCRLEntry(f.leaf, foreign{"Expected\n    it\nto be\n    short"}), list},
			{"two entries", HaveCRLEntry(f.leaf, HaveOCSPReason(Superseded)), two},
			{"two entries, negated", HaveCRLEntry(f.leaf, HaveOCSPReason(Unspecified)), two},
			{"a delta CRL", HaveCRLEntry(f.leaf, HaveOCSPReason(RemoveFromCRL)), delta},
			{"an unreadable reason", HaveCRLEntry(f.leaf), f.broken(0x0a, 1, 7)},
			{"a matcher that is not for entries", HaveCRLEntry(f.leaf, HaveOCSPStatus(Revoked)), list},
			{"a matcher that is not for entries, in And", HaveCRLEntry(f.leaf, Not(And(BeDeltaCRL()))), list},
			{"a matcher that makes no sense", HaveCRLEntry(f.leaf, HaveOCSPReason("lost")), list},
			{"a nil matcher", HaveCRLEntry(f.leaf, nil), list},
			{"nil", HaveCRLEntry(nil), list},
			{"the wrong way round", HaveCRLEntry(list), f.leaf},
		},
		"crlnumber": {
			{"another", HaveCRLNumber(8), list},
			{"negated", HaveCRLNumber(big.NewInt(7)), list},
			{"none", HaveCRLNumber(8), old},
			{"a matcher", HaveCRLNumber(BeNumerically(">", big.NewInt(7))), list},
			{"a matcher, negated", HaveCRLNumber(BeNumerically("~", 8, 1)), list},
			{"a matcher, none", HaveCRLNumber(BeNumerically(">", 7)), old},
			{"none expected", HaveCRLNumber(BeNil()), list},
			{"unreadable", HaveCRLNumber(8), f.numbered(4, 0)},
			{"nil", HaveCRLNumber(nil), list},
			{"a nil number", HaveCRLNumber((*big.Int)(nil)), list},
			{"a text", HaveCRLNumber("7"), list},
			{"a fraction", HaveCRLNumber(BeNumerically("<", 7.5)), list},
			{"an unknown comparator", HaveCRLNumber(BeNumerically("=", 7)), list},
			{"three numbers", HaveCRLNumber(BeNumerically("~", 7, 1, 1)), list},
			{"no delta", BeDeltaCRL(), list},
			{"a delta", BeDeltaCRL(), delta},
			{"an unreadable delta", BeDeltaCRL(), baseless},
		},
		"crlpoint": {
			{"another", HaveCRLPoint("http://crl.example.test/2"), one},
			{"negated", HaveCRLPoint(shardURL), one},
			{"none", HaveCRLPoint(shardURL), f.leaf},
			{"several", HaveCRLPoint("http://crl.example.test/2"), all},
			{"a matcher", HaveCRLPoint(HavePrefix("https:")), one},
			{"a matcher, negated", HaveCRLPoint(HavePrefix("http:")), one},
			{"a matcher with a text", HaveCRLPoint(foreign{"Expected\n    it\nto be\n    short"}), one},
			{"a matcher with a text, several", HaveCRLPoint(foreign{"Expected\n    it\nto be\n    short"}), all},
			{"a point", HaveCRLPoint(point{URLs: []string{shardURL}, Reasons: []fakeca.Reason{KeyCompromise, Superseded}}), one},
			{"a point, negated", HaveCRLPoint(point{URLs: []string{shardURL}}), one},
			{"a relative name", HaveCRLPoint(point{RelativeName: relative}), one},
			{"a relative name that is not one", HaveCRLPoint(point{RelativeName: []byte{0x31}}), one},
			{"a long URL", HaveCRLPoint(shardURL), long},
			{"a list", HaveCRLPoint("http://crl.example.test/2"), shard},
			{"a list, negated", HaveCRLPoint(shardURL), shard},
			{"a list without a name", HaveCRLPoint(shardURL), scoped},
			{"a complete list", HaveCRLPoint(shardURL), list},
			{"an unreadable list", HaveCRLPoint(shardURL), f.scoped(5, 0)},
			{"an unreadable certificate", HaveCRLPoint(shardURL), withoutParsing(5, 0)},
			{"an HTTP response", HaveCRLPoint(shardURL), &http.Response{}},
			{"an empty URL", HaveCRLPoint(""), one},
			{"a pointer to a point", HaveCRLPoint(&point{}), one},
			{"another type", HaveCRLPoint(7), one},
			{"another type of actual value", HaveCRLPoint(shardURL), "the list"},
			{"nil", HaveCRLPoint(shardURL), nil},
		},
		"crlvalid": {
			{"negated", BeValidCRLFor(f.leaf), list},
			{"negated, good", BeValidCRLFor(f.mustStaple), list},
			{"negated, several", BeValidCRLFor(f.leaf), [][]byte{early, delta}},
			{"one rule", BeValidCRLFor(f.leaf), expired},
			{"two rules", BeValidCRLFor(f.leaf), f.crl(fakeca.CRL{ThisUpdate: now.Add(time.Hour), OnlyCACerts: true})},
			{"a stranger's", BeValidCRLFor(f.leaf), f.stranger.CRL(fakeca.CRL{Number: big.NewInt(7)})},
			{"several", BeValidCRLFor(f.leaf), [][]byte{expired, delta}},
			{"five, one unreadable", BeValidCRLFor(f.leaf), [][]byte{expired, expired, []byte("garbage"), expired, expired}},
			{"a recorder of several", BeValidCRLFor(f.leaf), recorded(200, toPEM("X509 CRL", expired, delta))},
			{"none", BeValidCRLFor(f.leaf), [][]byte{}},
			{"garbage", BeValidCRLFor(f.leaf), []byte("garbage")},
			{"an error page", BeValidCRLFor(f.leaf), recorded(503, []byte("<html>busy</html>"))},
			{"PEM of a certificate", BeValidCRLFor(f.leaf), f.ca.CertPEM()},
			{"an OCSP response", BeValidCRLFor(f.leaf), f.leaf.Staple(fakeca.Response{})},
			{"an unknown issuer", BeValidCRLFor(f.leaf.Cert), list},
			{"a root", BeValidCRLFor(f.root), list},
			{"another type", BeValidCRLFor("api.example.test"), list},
			{"a slice", BeValidCRLFor(f.leaf), []*x509.RevocationList{}},
			{"another type of actual value", BeValidCRLFor(f.leaf), 42},
		},
	})
}
