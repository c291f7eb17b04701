package ocsptest

import (
	"bytes"
	"fmt"
	"math/big"
	"net/url"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ocsplab/ocsplab/fakeca"
)

func crlPath(i int) string      { return fmt.Sprintf("/crl/%d", i) }
func shardPath(i, n int) string { return fmt.Sprintf("/crl/%d/shard/%d", i, n) }

// newCRLFile returns a file of the list that describe returns for its URL.
func newCRLFile(path string, ca *fakeca.CA, describe func(url string) fakeca.CRL) *file {
	return &file{
		path: path, contentType: "application/pkix-crl", ca: ca, others: describe("").Others, crl: true, // RFC 2585 section 4
		make: func(url string, v version) []byte {
			c := describe(url)
			if c.ThisUpdate.IsZero() {
				c.ThisUpdate = v.at.Add(-time.Hour) // as by default, but for all lists of the version
			}
			return ca.CRL(c)
		},
	}
}

// addCRLs serves the complete CRL of the CA at index i, and its shards. It is
// called with r.mu held, or before anybody else has r.
func (r *Responder) addCRLs(i int, c fakeca.CRL) {
	complete := newCRLFile(crlPath(i), r.cas[i], func(string) fakeca.CRL { return c })
	complete.fixed = true
	r.put(complete)
	for n := range r.settings.shards {
		r.put(newCRLFile(shardPath(i, n), r.cas[i], func(url string) fakeca.CRL { return r.shard(c, n, url) }))
	}
}

// shard returns c, limited to shard n.
func (r *Responder) shard(c fakeca.CRL, n int, url string) fakeca.CRL {
	c.Shard, c.Shards = n, r.settings.shards
	if c.DistributionPoint == nil && c.RelativeName == nil { // which must be the only name
		c.DistributionPoint = []string{url}
	}
	c.OnlyUserCerts = !c.OnlyCACerts && !c.OnlyAttributeCerts // at most one is true
	return c
}

// SetCRL serves the CRL of ca as c describes it, from now on, and the shards of
// [WithCRLShards] too. A shard has its own Shard, Shards and OnlyUserCerts, and
// its URL as DistributionPoint unless c has one or a RelativeName. The default is
// the zero CRL: fresh, complete and correct.
//
// The lists of ca are made anew when its record has changed, or that of one of
// their Others, and every hour. They share a thisUpdate and a number unless their
// CRLs say otherwise. The functions in c are called only when a list is made.
func (r *Responder) SetCRL(ca *fakeca.CA, c fakeca.CRL) {
	i := r.mustIndex("SetCRL", ca)
	ca.CRL(c) // panics where a test wrote it
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addCRLs(i, c)
}

// AddCRL serves one more CRL of ca at a path such as "/delta.crl", and returns
// its URL: a delta CRL, a shard, or anything else beside the CRL at
// [Responder.CRLURL]. Certificates name it only if their template does. Calling
// AddCRL again with the same path replaces the CRL. With the path of a shard of
// [WithCRLShards], it replaces that shard until SetCRL or Reset.
func (r *Responder) AddCRL(ca *fakeca.CA, path string, c fakeca.CRL) (url string) {
	r.mustIndex("AddCRL", ca)
	base := r.mustHaveURL("AddCRL")
	if len(path) < 2 || path[0] != '/' || !isPlainPath(path) {
		panic(fmt.Sprintf("ocsptest: AddCRL: path %q must begin with a slash and need no escapes, such as \"/delta.crl\"", path))
	}
	ca.CRL(c) // panics where a test wrote it
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.files[path]; old != nil && old.fixed {
		panic(fmt.Sprintf("ocsptest: AddCRL: path %q is taken; for the CRL at CRLURL use SetCRL", path))
	}
	r.put(newCRLFile(path, ca, func(string) fakeca.CRL { return c }))
	return base + path
}

func isPlainPath(path string) bool { return (&url.URL{Path: path}).EscapedPath() == path }

// CRLURL returns the URL of the complete CRL of ca. It panics if the responder
// does not respond for ca, or is not started.
func (r *Responder) CRLURL(ca *fakeca.CA) string {
	return r.mustHaveURL("CRLURL") + crlPath(r.mustIndex("CRLURL", ca))
}

// ShardURLs returns the URLs of the shards of ca's CRL, or nil if there are none;
// see [WithCRLShards]. It panics if the responder does not respond for ca, or is
// not started.
func (r *Responder) ShardURLs(ca *fakeca.CA) []string {
	base, i := r.mustHaveURL("ShardURLs"), r.mustIndex("ShardURLs", ca)
	var urls []string
	for n := range r.settings.shards {
		urls = append(urls, base+shardPath(i, n))
	}
	return urls
}

// summarizeCRL returns the number of a CRL, nil if it has none, and how many
// certificates it lists. Of what is not a CRL, it returns nil and zero. It looks
// at nothing else, so that a list of a million entries takes milliseconds.
func summarizeCRL(der []byte) (number *big.Int, entries int) {
	var list, tbs, revoked, explicit, extensions cryptobyte.String
	all := cryptobyte.String(der)
	ok := all.ReadASN1(&list, asn1.SEQUENCE) && list.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(asn1.INTEGER) && // version
		tbs.SkipASN1(asn1.SEQUENCE) && // signature
		tbs.SkipASN1(asn1.SEQUENCE) && // issuer
		skipTime(&tbs) // thisUpdate
	skipTime(&tbs) // nextUpdate, if it is there
	ok = ok && tbs.ReadOptionalASN1(&revoked, nil, asn1.SEQUENCE) &&
		tbs.ReadOptionalASN1(&explicit, nil, asn1.Tag(0).ContextSpecific().Constructed()) && tbs.Empty() &&
		explicit.ReadOptionalASN1(&extensions, nil, asn1.SEQUENCE)
	for ; ok && !revoked.Empty(); entries++ {
		ok = revoked.SkipASN1(asn1.SEQUENCE)
	}
	for ok && !extensions.Empty() {
		var extension, id, value cryptobyte.String
		ok = extensions.ReadASN1(&extension, asn1.SEQUENCE) && extension.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) &&
			extension.SkipOptionalASN1(asn1.BOOLEAN) && extension.ReadASN1(&value, asn1.OCTET_STRING)
		if ok && bytes.Equal(id, oidCRLNumber) {
			number = new(big.Int)
			ok = value.ReadASN1Integer(number)
		}
	}
	if !ok {
		return nil, 0
	}
	return number, entries
}

func skipTime(s *cryptobyte.String) bool {
	return s.PeekASN1Tag(asn1.UTCTime) && s.SkipASN1(asn1.UTCTime) || s.PeekASN1Tag(asn1.GeneralizedTime) && s.SkipASN1(asn1.GeneralizedTime)
}

var oidCRLNumber = []byte{2<<5 | 0x15, 29, 20}
