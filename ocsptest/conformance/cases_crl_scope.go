package conformance

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// crlScopeCases are about CRLs that do not cover all that the CA issued, and say so
// in an issuing distribution point.
//
// Left out: a relative name in the certificate, which crypto/x509 refuses.
func crlScopeCases() []*scenario {
	return onlyCRLs(shards(), namesOfLists(), kindsOfCertificates(), oddScopes(), someReasons())
}

// idpIgnored is why clients differ about lists that do not cover the certificate,
// and list it.
const idpIgnored = "; clients that do not understand the issuing distribution point may heed the entry"

// shard is the number of the leaf's shard, of two.
const shard = 0

// inShard has the leaf name a list at a URL of its own, which describe describes.
// The leaf is in that shard.
func inShard(describe func(w *world, url string) fakeca.CRL) func(*world) {
	return func(w *world) {
		w.tmpl.SerialNumber = big.NewInt(0x1000 + shard)
		url := w.responder.AddCRL(w.ca, "/shard.crl", fakeca.CRL{})
		w.responder.AddCRL(w.ca, "/shard.crl", describe(w, url))
		w.tmpl.CRLDistributionPoints = []string{url}
	}
}

// shardOf returns a shard as public CAs issue it.
func shardOf(number int, urls ...string) fakeca.CRL {
	return fakeca.CRL{Shard: number, Shards: 2, DistributionPoint: urls, OnlyUserCerts: true}
}

// ownShard is the shard of the leaf, as public CAs issue it.
func ownShard(_ *world, url string) fakeca.CRL { return shardOf(shard, url) }

// otherShard is the other shard, which is also at a URL of its own.
func otherShard(w *world, _ string) fakeca.CRL {
	url := w.responder.AddCRL(w.ca, "/other-shard.crl", fakeca.CRL{})
	c := shardOf(1-shard, url)
	w.responder.AddCRL(w.ca, "/other-shard.crl", c)
	return c
}

// listingLeaf returns c with an entry for the leaf, which is not revoked on the CA's
// record. The leaf must have its serial number already.
func listingLeaf(w *world, c fakeca.CRL) fakeca.CRL {
	c.Also = append(slices.Clone(c.Also), fakeca.Response{
		Serial: w.tmpl.SerialNumber, Status: fakeca.Revoked, Reason: fakeca.KeyCompromise,
	})
	return c
}

func shards() []*scenario {
	withoutURL := func(*world, string) fakeca.CRL { return shardOf(shard) }
	onlyURL := func(_ *world, url string) fakeca.CRL {
		return fakeca.CRL{Shard: shard, Shards: 2, DistributionPoint: []string{url}}
	}
	return []*scenario{
		{
			name:     "crl-scope/shard",
			doc:      "the CRL is a shard with its URL and onlyContainsUserCerts, as public CAs issue them" + idpOptional,
			ref:      refCRLScopeUnknown,
			seen:     []string{"smallstep/certificates#2250", "envoyproxy/envoy#37207"},
			also:     Says{CRL: Invalid},
			template: inShard(ownShard),
		},
		{
			name:     "crl-scope/shard-revoked",
			doc:      "the CRL is a shard as public CAs issue them, and lists the certificate",
			ref:      refCRLEntry,
			seen:     []string{"smallstep/certificates#2250", "envoyproxy/envoy#37207"},
			template: inShard(ownShard),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-scope/only-url-revoked",
			doc:      "the issuing distribution point has only the URL that the certificate names, and the CRL lists the certificate",
			ref:      refCRLEntry,
			seen:     []string{"aws/aws-lc#3105"},
			template: inShard(onlyURL),
			setup:    revokeLeaf,
		},
		{
			name: "crl-scope/other-shard",
			doc: "the server sends another shard of the same CA, signed with the same key, " +
				"so that the client does not see that the certificate is revoked",
			ref:      refPointNames,
			seen:     []string{"letsencrypt/boulder#6410", "cabforum/servercert#396"},
			template: inShard(otherShard),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-scope/other-shard-listing",
			doc:      "the server sends another shard of the same CA, which lists the certificate although it does not cover it" + idpIgnored,
			ref:      refPointNames,
			also:     Says{CRL: Revoked},
			template: inShard(func(w *world, url string) fakeca.CRL { return listingLeaf(w, otherShard(w, url)) }),
		},
		{
			name:     "crl-scope/shard-without-url",
			doc:      "the issuing distribution point of the shard lacks its URL, so that the shard claims to cover all leaves" + idpOptional,
			ref:      refCRLScopeUnknown,
			also:     Says{CRL: Invalid},
			template: inShard(withoutURL),
		},
		{
			name:     "crl-scope/shard-without-url-revoked",
			doc:      "the issuing distribution point of the shard lacks its URL, and the shard lists the certificate",
			ref:      refCRLEntry,
			template: inShard(withoutURL),
			setup:    revokeLeaf,
		},
	}
}

// namesOfLists are about the names in the issuing distribution point.
func namesOfLists() []*scenario {
	issuersName := func(w *world, _ string) fakeca.CRL { return fakeca.CRL{DirectoryNames: [][]byte{w.ca.Cert.RawSubject}} }
	// The certificate names the whole of what the list names relative to the issuer.
	relative := func(inCertificate, inList string) func(*world) {
		return func(w *world) {
			url := w.responder.AddCRL(w.ca, "/relative.crl", fakeca.CRL{RelativeName: relativeName(inList)})
			w.namePoints(fakeca.CRLPoint{URLs: []string{url}, DirectoryNames: [][]byte{nameBelow(w.ca.Cert, inCertificate)}})
		}
	}
	second := func(_ *world, url string) fakeca.CRL {
		return fakeca.CRL{DistributionPoint: []string{elsewhereURL, url}}
	}
	// named has one URL in the list, made from that in the certificate.
	named := func(change func(string) string) func(*world) {
		return inShard(func(_ *world, url string) fakeca.CRL { return fakeca.CRL{DistributionPoint: []string{change(url)}} })
	}
	return []*scenario{
		{
			name: "crl-scope/issuer-name",
			doc: "the CRL is for the issuer's name instead of a URL; by RFC 5280, clients look at such a CRL " +
				"after those of the certificate's points, and many only compare it with these",
			ref:      refAssumedPoint,
			seen:     []string{"openssl/openssl#23325", "openssl/openssl#12752"},
			also:     Says{CRL: Invalid},
			template: inShard(issuersName),
		},
		{
			name:     "crl-scope/issuer-name-revoked",
			doc:      "the CRL is for the issuer's name instead of a URL, and lists the certificate",
			ref:      refAssumedPoint,
			seen:     []string{"openssl/openssl#23325", "openssl/openssl#12752"},
			template: inShard(issuersName),
			setup:    revokeLeaf,
		},
		{
			name: "crl-scope/other-directory-name",
			doc:  "the CRL is for a directory name that the certificate does not have",
			ref:  refPointNames,
			template: inShard(func(w *world, _ string) fakeca.CRL {
				return fakeca.CRL{DirectoryNames: [][]byte{nameBelow(w.ca.Cert, "other shard")}}
			}),
		},
		{
			name: "crl-scope/relative-name",
			doc: "the CRL names its distribution point relative to its issuer, and the certificate has the whole name; " +
				"some clients cannot put it together",
			ref:      refRelativeName,
			also:     Says{CRL: Invalid},
			template: relative("shard", "shard"),
		},
		{
			name:     "crl-scope/relative-name-revoked",
			doc:      "the CRL names its distribution point relative to its issuer, and lists the certificate",
			ref:      refRelativeName,
			template: relative("shard", "shard"),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-scope/other-relative-name",
			doc:      "the CRL names another distribution point, relative to its issuer",
			ref:      refRelativeName,
			template: relative("shard", "other shard"),
		},
		{
			name:     "crl-scope/second-url",
			doc:      "the issuing distribution point has two URLs, and the certificate names the second" + idpOptional,
			ref:      refPointNames,
			also:     Says{CRL: Invalid},
			template: inShard(second),
		},
		{
			name:     "crl-scope/second-url-revoked",
			doc:      "the issuing distribution point has two URLs, the certificate names the second, and the CRL lists it",
			ref:      refPointNames,
			template: inShard(second),
			setup:    revokeLeaf,
		},
		{
			name: "crl-scope/url-upper-case",
			doc: "the scheme of the URL in the issuing distribution point is in upper case, and in the certificate in lower case; " +
				"some clients compare bytes",
			ref:      refIdenticalNames,
			also:     Says{CRL: Good},
			template: named(func(url string) string { return strings.Replace(url, "http:", "HTTP:", 1) }),
		},
		{
			name:     "crl-scope/url-longer",
			doc:      "the URL in the CRL starts with that in the certificate, as the URL of shard 10 starts with that of shard 1",
			ref:      refPointNames,
			template: named(func(url string) string { return url + "0" }),
		},
		{
			name:     "crl-scope/url-shorter",
			doc:      "the URL in the certificate starts with that in the CRL, as the URL of shard 10 starts with that of shard 1",
			ref:      refPointNames,
			template: named(func(url string) string { return url[:len(url)-1] }),
		},
	}
}

// kindsOfCertificates are about lists for certificates of users, of CAs, or with
// attributes.
func kindsOfCertificates() []*scenario {
	// ofIntermediate has the intermediate name only the CRL of the root, as most do.
	ofIntermediate := func(c fakeca.CRL) func(*world) {
		return func(w *world) {
			w.replaceIssuer(x509.Certificate{OCSPServer: []string{}})
			w.responder.SetCRL(w.root, c)
		}
	}
	return []*scenario{
		{
			name: "crl-scope/only-users-revoked",
			doc:  "the CRL covers only end-entity certificates, and lists this one",
			ref:  refUserCerts,
			setup: func(w *world) {
				w.responder.SetCRL(w.ca, fakeca.CRL{OnlyUserCerts: true})
				revokeLeaf(w)
			},
		},
		{
			name: "crl-scope/only-cas-listing",
			doc:  "the CRL covers only CAs, and lists the certificate, which is none" + idpIgnored,
			ref:  refCACerts,
			also: Says{CRL: Revoked},
			template: inShard(func(w *world, _ string) fakeca.CRL {
				return listingLeaf(w, fakeca.CRL{OnlyCACerts: true})
			}),
		},
		{
			name:  "crl-scope/only-users-and-only-cas",
			doc:   "the CRL covers only end-entity certificates and only CAs, which is nothing",
			ref:   refOneKind,
			setup: serving(fakeca.CRL{OnlyUserCerts: true, OnlyCACerts: true}),
		},
		{
			name:         "crl-scope/only-users-intermediate",
			doc:          "the CRL that the intermediate names covers only end-entity certificates, and the intermediate is revoked",
			ref:          refUserCerts,
			intermediate: true,
			template:     ofIntermediate(fakeca.CRL{OnlyUserCerts: true}),
			setup:        revokeIntermediate,
		},
		{
			name:         "crl-scope/only-cas-intermediate",
			doc:          "the CRL that the intermediate names covers only CAs" + idpOptional,
			ref:          refCACerts,
			intermediate: true,
			issuerAlso:   Says{CRL: Invalid},
			template:     ofIntermediate(fakeca.CRL{OnlyCACerts: true}),
		},
		{
			name:         "crl-scope/only-cas-intermediate-revoked",
			doc:          "the CRL that the intermediate names covers only CAs, and lists it",
			ref:          refCACerts,
			intermediate: true,
			template:     ofIntermediate(fakeca.CRL{OnlyCACerts: true}),
			setup:        revokeIntermediate,
		},
		{
			name:         "crl-scope/only-attributes-intermediate",
			doc:          "the CRL that the intermediate names covers only attribute certificates, and the intermediate is revoked",
			ref:          refAttributeCerts,
			intermediate: true,
			template:     ofIntermediate(fakeca.CRL{OnlyAttributeCerts: true}),
			setup:        revokeIntermediate,
		},
	}
}

// oddScopes are issuing distribution points that are wrong.
func oddScopes() []*scenario {
	withIDP := func(value []byte) func(*world) {
		return serving(fakeca.CRL{Edit: func(l *fakeca.CRLMessage) {
			l.CRLExtensions = append(l.CRLExtensions, pkix.Extension{Id: idIssuingPoint, Critical: true, Value: value})
		}})
	}
	return []*scenario{
		{
			name: "crl-scope/not-critical",
			doc:  "the issuing distribution point of the right shard is not critical; most clients do not mind",
			ref:  refIDPCritical,
			also: Says{CRL: Good},
			template: inShard(func(w *world, url string) fakeca.CRL {
				c := ownShard(w, url)
				c.Edit = setCritical(idIssuingPoint, false)
				return c
			}),
		},
		{
			name: "crl-scope/other-shard-not-critical",
			doc:  "the server sends another shard of the same CA, whose issuing distribution point is not critical",
			ref:  refIDPCritical,
			template: inShard(func(w *world, url string) fakeca.CRL {
				c := otherShard(w, url)
				c.Edit = setCritical(idIssuingPoint, false)
				return c
			}),
			setup: revokeLeaf,
		},
		{
			name:  "crl-scope/empty",
			doc:   "the issuing distribution point is an empty SEQUENCE, which says nothing; some clients do not mind",
			ref:   refIDPEmpty,
			also:  Says{CRL: Good},
			setup: withIDP([]byte{0x30, 0}),
		},
		{
			name:  "crl-scope/unreadable",
			doc:   "the issuing distribution point is NULL",
			ref:   refCRLScope,
			setup: withIDP(asn1.NullBytes),
		},
		{
			name: "crl-scope/twice",
			doc:  "the server sends another shard of the same CA, with a second issuing distribution point that has the URL of the right one",
			ref:  refOneOfEach,
			template: inShard(func(w *world, url string) fakeca.CRL {
				c := shardOf(1-shard, elsewhereURL)
				c.Edit = func(l *fakeca.CRLMessage) {
					own := must(fakeca.ParseCRLMessage(w.ca.CRL(ownShard(w, url))))
					l.CRLExtensions = append(l.CRLExtensions, *extensionOf(own, idIssuingPoint))
				}
				return c
			}),
			setup: revokeLeaf,
		},
	}
}
