package verify_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/verify"
)

func at(urls ...string) fakeca.CRLPoint { return fakeca.CRLPoint{URLs: urls} }

func shard(urls ...string) fakeca.CRL { return fakeca.CRL{DistributionPoint: urls} }

// relativeName returns the DER of a RelativeDistinguishedName with a common name.
func relativeName(cn string) []byte {
	return must(asn1.Marshal(pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: cn}}))
}

// nameDER returns the DER of a name.
func nameDER(n pkix.Name) []byte { return must(asn1.Marshal(n.ToRDNSequence())) }

// Steps (b)(1) and (b)(2)(i) of RFC 5280 section 6.3.3.
func TestCRLPoints(t *testing.T) {
	t.Parallel()
	const a, b, c = "http://crl.test/a", "http://crl.test/b", "http://crl.test/c"
	notNamed := func(url string) string {
		return "crl-point: it is for other distribution points, such as " + url
	}
	runCRLCases(t, []crlCase{
		{name: "complete list, no point", lists: listing(fakeca.CRL{})},
		{name: "complete list, one point", points: []fakeca.CRLPoint{at(a)}, lists: listing(fakeca.CRL{})},
		{name: "its shard", points: []fakeca.CRLPoint{at(a)}, lists: listing(shard(a))},
		{
			name: "its shard, which revokes", points: []fakeca.CRLPoint{at(a)},
			lists: revoking(fakeca.KeyCompromise, listing(shard(a))), status: fakeca.Revoked, reason: fakeca.KeyCompromise,
		},
		{name: "other shard", points: []fakeca.CRLPoint{at(a)}, lists: listing(shard(b)), status: fakeca.Unknown, want: []string{notNamed(b)}},
		{
			name: "other shard, which lists the certificate", points: []fakeca.CRLPoint{at(a)},
			lists: revoking(fakeca.KeyCompromise, listing(shard(b))), status: fakeca.Unknown, want: []string{notNamed(b)},
		},
		{
			name: "other shard and its shard", points: []fakeca.CRLPoint{at(a)},
			lists:  listing(shard(b), fakeca.CRL{DistributionPoint: []string{a}, Also: ours(fakeca.Superseded)}),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{name: "shard, no point", lists: listing(shard(a)), status: fakeca.Unknown, want: []string{notNamed(a)}},
		{
			name: "second point", points: []fakeca.CRLPoint{at(a), at(b)},
			lists: revoking(fakeca.KeyCompromise, listing(shard(b))), status: fakeca.Revoked, reason: fakeca.KeyCompromise,
		},
		{name: "second URL of a point", points: []fakeca.CRLPoint{at(a, b)}, lists: listing(shard(b))},
		{name: "second URL of a list", points: []fakeca.CRLPoint{at(b)}, lists: listing(shard(a, b))},
		{
			name: "URL that differs in case", points: []fakeca.CRLPoint{at(a)}, lists: listing(shard("http://crl.test/A")),
			status: fakeca.Unknown, want: []string{notNamed("http://crl.test/A")},
		},
		{
			name: "two other shards", points: []fakeca.CRLPoint{at(a)}, lists: listing(shard(b), shard(c)), status: fakeca.Unknown,
			want: []string{
				"crl-point: CRL 0, number 1, for http://crl.test/b: it is for other distribution points, such as " + b,
				"crl-point: CRL 1, number 2, for http://crl.test/c: it is for other distribution points, such as " + c,
			},
		},
		{
			name:   "directory name",
			points: []fakeca.CRLPoint{{DirectoryNames: [][]byte{nameDER(pkix.Name{CommonName: "shard"})}}},
			lists:  listing(fakeca.CRL{DirectoryNames: [][]byte{nameDER(pkix.Name{CommonName: "shard"})}}),
		},
		{
			name:   "other directory name",
			points: []fakeca.CRLPoint{{DirectoryNames: [][]byte{nameDER(pkix.Name{CommonName: "shard"})}}},
			lists:  listing(fakeca.CRL{DirectoryNames: [][]byte{nameDER(pkix.Name{CommonName: "other"})}}),
			status: fakeca.Unknown, want: []string{"crl-point: it is for other distribution points"},
		},
		{
			name: "relative name",
			points: []fakeca.CRLPoint{{DirectoryNames: [][]byte{must(asn1.Marshal(pkix.RDNSequence{
				{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "CA"}}, {{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "shard"}},
			}))}}},
			lists: listing(fakeca.CRL{RelativeName: relativeName("shard")}),
		},
		{
			// RFC 5280 section 6.3.3: the assumed point has the issuer's name.
			name: "name of the issuer", points: []fakeca.CRLPoint{at(a)},
			lists: func(w *world) [][]byte {
				return listing(fakeca.CRL{DirectoryNames: [][]byte{w.ca.Cert.RawSubject}})(w)
			},
		},
		{
			name: "of another CA", status: fakeca.Unknown, points: []fakeca.CRLPoint{at(a)},
			lists: func(w *world) [][]byte { return [][]byte{w.root.CRL(shard(a))} },
			want:  []string{`crl-issuer: it is from "CN=root", neither the issuer nor a cRLIssuer of the certificate`},
		},
		{
			name: "of two other CAs", status: fakeca.Unknown,
			lists: func(w *world) [][]byte {
				return [][]byte{w.root.CRL(fakeca.CRL{Number: big.NewInt(7)}), w.stranger.CRL(fakeca.CRL{Number: big.NewInt(8)})}
			},
			want: []string{
				`crl-issuer: CRL 0 of "CN=root", number 7: it is from "CN=root", neither the issuer nor a cRLIssuer of the certificate`,
				`crl-issuer: CRL 1 of "CN=stranger", number 8: it is from "CN=stranger", neither the issuer nor a cRLIssuer of the certificate`,
			},
		},
	})
}

// The names of the issuer in its alternative name belong to the assumed point.
func TestCRLIssuerAltName(t *testing.T) {
	t.Parallel()
	w := newWorld(nil)
	const url = "http://ca.test/"
	names := must(asn1.Marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(url)}}))
	for _, tt := range []struct {
		name       string
		extensions []pkix.Extension
		status     fakeca.Status
		want       []string
	}{
		{"with", []pkix.Extension{{Id: idCE(18), Value: names}}, fakeca.Good, nil},
		{"without", nil, fakeca.Unknown, []string{"crl-point: it is for other distribution points, such as " + url}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			leaf := w.ca.Issue(&x509.Certificate{DNSNames: []string{"leaf.test"}, ExtraExtensions: tt.extensions})
			checkCRLs(t, leaf.Cert, w.ca.Cert, listing(shard(url))(w), nil, tt.status, tt.want)
		})
	}
}

// Steps (b)(2)(ii) to (iv).
func TestCRLKinds(t *testing.T) {
	t.Parallel()
	const (
		onlyCAs = "crl-scope: it covers only CAs, and the certificate is not that of a CA"
		noCAs   = "crl-scope: it covers no CAs, and the certificate is that of a CA"
	)
	runCRLCases(t, []crlCase{
		{name: "users, and a user", lists: listing(fakeca.CRL{OnlyUserCerts: true})},
		{
			name: "users, and a user who is revoked", lists: revoking(fakeca.Superseded, listing(fakeca.CRL{OnlyUserCerts: true})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{name: "users, and a CA", isCA: true, lists: listing(fakeca.CRL{OnlyUserCerts: true}), status: fakeca.Unknown, want: []string{noCAs}},
		{name: "CAs, and a CA", isCA: true, lists: listing(fakeca.CRL{OnlyCACerts: true})},
		{name: "CAs, and a user", lists: listing(fakeca.CRL{OnlyCACerts: true}), status: fakeca.Unknown, want: []string{onlyCAs}},
		{
			name: "attributes", lists: listing(fakeca.CRL{OnlyAttributeCerts: true}), status: fakeca.Unknown,
			want: []string{"crl-scope: it covers only attribute certificates"},
		},
		{name: "CAs and users", lists: listing(fakeca.CRL{OnlyCACerts: true}, fakeca.CRL{OnlyUserCerts: true})},
		{
			name: "shard of CAs for another point", lists: listing(fakeca.CRL{OnlyCACerts: true, DistributionPoint: []string{"http://crl.test/b"}}),
			status: fakeca.Unknown,
			want:   []string{"crl-point: it is for other distribution points, such as http://crl.test/b", onlyCAs},
		},
	})
}

// Steps (d), (e) and (l).
func TestCRLReasons(t *testing.T) {
	t.Parallel()
	some := []fakeca.Reason{fakeca.KeyCompromise, fakeca.CACompromise, fakeca.AACompromise}
	rest := []fakeca.Reason{
		fakeca.AffiliationChanged, fakeca.Superseded, fakeca.CessationOfOperation, fakeca.CertificateHold, fakeca.PrivilegeWithdrawn,
	}
	const (
		noRest = "crl-reasons: no CRL covers affiliation_changed, superseded, cessation_of_operation, certificate_hold, privilege_withdrawn"
		noSome = "crl-reasons: no CRL covers key_compromise, ca_compromise, aa_compromise"
		a, b   = "http://crl.test/a", "http://crl.test/b"
	)
	covering := func(reasons []fakeca.Reason) fakeca.CRL { return fakeca.CRL{OnlySomeReasons: reasons} }
	runCRLCases(t, []crlCase{
		{name: "some", lists: listing(covering(some)), status: fakeca.Unknown, want: []string{noRest}},
		{
			name: "some, and revoked for one of them", lists: revoking(fakeca.KeyCompromise, listing(covering(some))),
			status: fakeca.Revoked, reason: fakeca.KeyCompromise,
		},
		{
			name: "some, and revoked for another", lists: revoking(fakeca.Superseded, listing(covering(some))),
			status: fakeca.Unknown, want: []string{noRest},
		},
		{name: "some and the rest", lists: listing(covering(some), covering(rest))},
		{name: "the rest and some", lists: listing(covering(rest), covering(some))},
		{
			name: "some and the rest, which revokes", lists: revoking(fakeca.Superseded, listing(covering(some), covering(rest))),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{name: "some twice", lists: listing(covering(some), covering(some)), status: fakeca.Unknown, want: []string{noRest}},
		{name: "some and all", lists: listing(covering(some), fakeca.CRL{})},
		{
			name: "none", lists: listing(covering([]fakeca.Reason{})),
			status: fakeca.Unknown, want: []string{"crl-reasons: no CRL covers any reason"},
		},
		{name: "none and all", lists: listing(covering([]fakeca.Reason{}), fakeca.CRL{})},
		{
			name: "point for some", points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}},
			lists: listing(shard(a)), status: fakeca.Unknown, want: []string{noRest},
		},
		{
			name: "point for some, list for the rest", points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}},
			lists:  listing(fakeca.CRL{DistributionPoint: []string{a}, OnlySomeReasons: rest}),
			status: fakeca.Unknown, want: []string{"crl-reasons: no CRL covers any reason"},
		},
		{
			name: "point for some, list for some", points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}},
			lists:  listing(fakeca.CRL{DistributionPoint: []string{a}, OnlySomeReasons: some}),
			status: fakeca.Unknown, want: []string{noRest},
		},
		{
			name:   "two points for some and the rest",
			points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}, {URLs: []string{b}, Reasons: rest}},
			lists:  listing(shard(b), shard(a)),
		},
		{
			name:   "second of two points missing",
			points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}, {URLs: []string{b}, Reasons: rest}},
			lists:  listing(shard(b)), status: fakeca.Unknown, want: []string{noSome},
		},
		{
			name: "point for some, complete list", points: []fakeca.CRLPoint{{URLs: []string{a}, Reasons: some}},
			lists: listing(fakeca.CRL{}), // the assumed point is for all reasons
		},
		{
			// Step (e): what the earlier list covers is covered by the later.
			name: "some, and an earlier list for them that revokes",
			lists: listing(
				covering(some),
				fakeca.CRL{OnlySomeReasons: some, ThisUpdate: judgedAt.Add(-2 * time.Hour), Also: ours(fakeca.KeyCompromise)},
			),
			status: fakeca.Unknown, want: []string{noRest},
		},
		{
			name: "none, and revoked", lists: listing(fakeca.CRL{OnlySomeReasons: []fakeca.Reason{}, Also: ours(fakeca.KeyCompromise)}),
			status: fakeca.Unknown, want: []string{"crl-reasons: no CRL covers any reason"},
		},
		{
			// Section 5.2.5 wants a reason, but no code in the entry.
			name:  "some, and revoked without a reason",
			lists: listing(fakeca.CRL{OnlySomeReasons: some, Also: ours(fakeca.Unspecified)}), status: fakeca.Revoked,
		},
	})
}

// What RFC 5280 section 5.2.5 allows a client that does not understand the issuing
// distribution point.
func TestCRLNoIDP(t *testing.T) {
	t.Parallel()
	noIDP := verify.Options{NoIDP: true}
	notUnderstood := []string{"crl-critical-extension: the issuing distribution point is not known, and the certificate not listed"}
	runCRLCases(t, []crlCase{
		{name: "complete list", options: noIDP, lists: listing(fakeca.CRL{})},
		{name: "users", options: noIDP, lists: listing(fakeca.CRL{OnlyUserCerts: true}), status: fakeca.Unknown, want: notUnderstood},
		{
			name: "users, and revoked", options: noIDP, lists: revoking(fakeca.Superseded, listing(fakeca.CRL{OnlyUserCerts: true})),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{
			name: "other point, and revoked", options: noIDP, lists: revoking(fakeca.Superseded, listing(shard("http://crl.test/b"))),
			status: fakeca.Revoked, reason: fakeca.Superseded,
		},
		{name: "users and a complete list", options: noIDP, lists: listing(fakeca.CRL{OnlyUserCerts: true}, fakeca.CRL{})},
	})
}
