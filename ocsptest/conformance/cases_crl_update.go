package conformance

import (
	"math/big"
	"net/http"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlUpdateCases are about a CRL that changes between two connections. Clients may
// use the first until it expires, so the clock advances where they must not.
func crlUpdateCases() []*scenario {
	return onlyCRLs(whileCurrent(), afterExpiry(), afterFailure())
}

// mayBeKept is why clients differ while the first CRL is current.
const mayBeKept = "; clients may still use the first"

// serveNow returns a function that serves another list from now on.
func serveNow(c fakeca.CRL) func(*world) { return func(w *world) { w.responder.SetCRL(w.ca, c) } }

// earlier has the CRL of three hours ago, so that later ones have later dates.
func earlier(w *world) {
	w.responder.SetCRL(w.ca, fakeca.CRL{ThisUpdate: w.ca.Now().Add(-3 * time.Hour)})
}

// later advances the clock until the first CRL has expired, and then does each.
func later(each ...func(*world)) func(*world) {
	return func(w *world) {
		w.clock.advance(2 * day)
		for _, do := range each {
			do(w)
		}
	}
}

var loginPage = fault.Body("text/html", []byte("<!DOCTYPE html><title>Log in</title>"))

// whileCurrent are changes while the first list is current.
func whileCurrent() []*scenario {
	return []*scenario{
		{
			name:   "crl-update/revoked",
			doc:    "the first CRL is good, and a newer one lists the certificate" + mayBeKept,
			ref:    refCRLNumberGrows,
			also:   Says{CRL: Good},
			setup:  earlier,
			second: serveRevoked,
		},
		{
			name:   "crl-update/lifted",
			doc:    "the first CRL lists the certificate as on hold, and a newer one does not" + mayBeKept,
			ref:    refCRLNumberGrows,
			also:   Says{CRL: Revoked},
			setup:  func(w *world) { earlier(w); putOnHold(w) },
			second: func(w *world) { w.responder.SetCRL(w.ca, fakeca.CRL{}); liftHold(w) },
		},
		{
			name:  "crl-update/older",
			doc:   "the first CRL lists the certificate, and the second is older and does not; clients that keep the first know better",
			ref:   refCRLNumberGrows,
			seen:  []string{"openssl/openssl#31489", "google/nomulus#1946"},
			also:  Says{CRL: Revoked},
			setup: revokeLeaf,
			second: func(w *world) {
				w.leaf.Set(fakeca.Response{}) // as it was when the older one was made
				w.responder.SetCRL(w.ca, fakeca.CRL{Number: big.NewInt(1), ThisUpdate: w.ca.Now().Add(-5 * time.Hour)})
			},
		},
		{
			name:   "crl-update/unreachable",
			doc:    "the first CRL is good, and then its server closes connections without a response" + mayBeKept,
			ref:    refCRLExpired,
			also:   Says{CRL: Good},
			second: failing(fault.Hangup()),
		},
		{
			name:   "crl-update/broken",
			doc:    "the first CRL is good, and the second has a signature of which one bit is flipped" + mayBeKept,
			ref:    refCRLSignature,
			seen:   []string{"bradh11/certmonitor#127", "bradh11/certmonitor#128"},
			also:   Says{CRL: Good},
			second: serveNow(fakeca.CRL{Mutate: flipLastBit}),
		},
		{
			name:   "crl-update/login-page",
			doc:    "the first CRL is good, and then the body is a login page" + mayBeKept,
			ref:    refCaptivePortal,
			seen:   []string{"edrlab/thorium-reader#3863", "dotnet/runtime#89907"},
			also:   Says{CRL: Good},
			second: failing(loginPage),
		},
		{
			name:   "crl-update/unchanged",
			doc:    "the same CRL is good at both connections, and the server says so to clients that ask",
			ref:    refStatus304,
			second: func(*world) {},
		},
		{
			name:   "crl-update/unchanged-revoked",
			doc:    "the same CRL lists the certificate at both connections, and the server says so to clients that ask",
			ref:    refStatus304,
			setup:  revokeLeaf,
			second: func(*world) {},
		},
	}
}

func serveRevoked(w *world) {
	w.responder.SetCRL(w.ca, fakeca.CRL{})
	revokeLeaf(w)
}

// afterExpiry are changes after the first list has expired.
func afterExpiry() []*scenario {
	// keep serves what the CA says now, from now on.
	keep := func(w *world) { w.responder.SetCRL(w.ca, unchanging(w.ca, fakeca.CRL{})) }
	all := []*scenario{
		{
			name:   "crl-update/renewed",
			doc:    "the first CRL has expired, and the second is as good",
			ref:    refCRLExpired,
			seen:   []string{"openssl/openssl#31489"},
			second: later(),
		},
		{
			name:   "crl-update/revoked-later",
			doc:    "the first CRL was good and has expired, and the second lists the certificate",
			ref:    refCRLExpired,
			seen:   []string{"openssl/openssl#31489", "google/nomulus#1946"},
			second: later(revokeLeaf),
		},
		{
			name:   "crl-update/lifted-later",
			doc:    "the first CRL listed the certificate as on hold and has expired, and the second does not",
			ref:    refCRLExpired,
			seen:   []string{"openssl/openssl#31489"},
			setup:  putOnHold,
			second: later(liftHold),
		},
		{
			name:   "crl-update/expired",
			doc:    "the CRL was good and has expired, and there is no newer one",
			ref:    refCRLExpired,
			setup:  keep,
			second: later(),
		},
		{
			name:   "crl-update/expired-unreachable",
			doc:    "the first CRL was good and has expired, and its server closes connections without a response",
			ref:    refCRLExpired,
			second: later(failing(fault.Hangup())),
		},
		{
			name:   "crl-update/expired-login-page",
			doc:    "the first CRL was good and has expired, and then the body is a login page",
			ref:    refCaptivePortal,
			seen:   []string{"edrlab/thorium-reader#3863", "dotnet/runtime#89907"},
			second: later(failing(loginPage)),
		},
		{
			name:   "crl-update/expired-broken",
			doc:    "the first CRL was good and has expired, and the second has a signature of which one bit is flipped",
			ref:    refCRLSignature,
			second: later(serveNow(fakeca.CRL{Mutate: flipLastBit})),
		},
		{
			name:   "crl-update/number-goes-back-revoked",
			doc:    "the first CRL was good and has expired, and the second has a later date and a lower number, and lists the certificate",
			ref:    refCRLNumberGrows,
			second: later(serveNow(fakeca.CRL{Number: big.NewInt(1)}), revokeLeaf),
		},
		{
			name:     "crl-update/other-shard",
			doc:      "the first CRL was good and has expired, and the second is a shard without the certificate, which is revoked",
			ref:      refPointNames,
			seen:     []string{"letsencrypt/boulder#6410", "cabforum/servercert#396"},
			template: func(w *world) { w.tmpl.SerialNumber = big.NewInt(0x1000) },
			second:   later(serveNow(fakeca.CRL{DistributionPoint: []string{elsewhereURL}, Shard: 1, Shards: 2}), revokeLeaf),
		},
		{
			name:   "crl-update/cache-headers",
			doc:    "the certificate is revoked after nextUpdate, but HTTP headers allow caching the old CRL for a year",
			ref:    refCRLExpired,
			setup:  theCRL(fault.StaleCacheHeaders()),
			second: later(revokeLeaf),
		},
		{
			name: "crl-update/wrong-304-revoked",
			doc: "the certificate is revoked after nextUpdate, but the server says to clients that ask whether the CRL has changed " +
				"that it has not; some clients then have only the expired one",
			ref:    refStatus304,
			also:   Says{CRL: Invalid},
			second: later(revokeLeaf, failing(neverModified)),
		},
	}
	for _, s := range all {
		s.needsClock = true
	}
	return all
}

// neverModified is a fault of servers that compare dates wrongly.
var neverModified = fault.Fault{
	Name: "always not modified",
	When: func(x *fault.Exchange) bool {
		return x.R.Header.Get("If-None-Match") != "" || x.R.Header.Get("If-Modified-Since") != ""
	},
	Reply: func(x *fault.Exchange) { x.Status, x.Body = http.StatusNotModified, nil },
}

// afterFailure are changes after a first connection at which there was no valid
// list.
func afterFailure() []*scenario {
	cured := failing(fault.None())
	broken := func(w *world) { w.responder.SetCRL(w.ca, fakeca.CRL{Mutate: flipLastBit}) }
	return []*scenario{
		{
			name:   "crl-update/broken-then-good",
			doc:    "the signature of the CRL is broken at the first connection, and good at the second",
			ref:    refCRLSignature,
			seen:   []string{"bradh11/certmonitor#127", "bradh11/certmonitor#128"},
			setup:  broken,
			second: serveNow(fakeca.CRL{}),
		},
		{
			name:   "crl-update/broken-then-revoked",
			doc:    "the signature of the CRL is broken at the first connection, and at the second a good CRL lists the certificate",
			ref:    refCRLSignature,
			setup:  broken,
			second: serveRevoked,
		},
		{
			name:   "crl-update/unreachable-then-good",
			doc:    "the CRL's server closes connections without a response, and at the second connection the CRL is good",
			ref:    refCRLPoint,
			setup:  failing(fault.Hangup()),
			second: cured,
		},
		{
			name:   "crl-update/unreachable-then-revoked",
			doc:    "the CRL's server closes connections without a response, and at the second connection the CRL lists the certificate",
			ref:    refCRLPoint,
			setup:  failing(fault.Hangup()),
			second: func(w *world) { cured(w); revokeLeaf(w) },
		},
		{
			name:   "crl-update/login-page-then-good",
			doc:    "the body is a login page at the first connection, and a good CRL at the second",
			ref:    refCaptivePortal,
			seen:   []string{"dotnet/runtime#89907"},
			setup:  failing(loginPage),
			second: cured,
		},
		{
			name:   "crl-update/expired-then-good",
			doc:    "the CRL has expired at the first connection, and is current at the second",
			ref:    refCRLExpired,
			setup:  func(w *world) { w.responder.SetCRL(w.ca, outdatedCRL(w.ca)) },
			second: serveNow(fakeca.CRL{}),
		},
	}
}
