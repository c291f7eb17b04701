package conformance

import (
	"slices"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlPointsCases are about the distribution points in the certificate.
//
// Left out: URLs that need DNS, and points that cannot be read, which crypto/x509
// refuses.
func crlPointsCases() []*scenario {
	return onlyCRLs(severalPoints(), severalURLs(), otherSchemes(), otherNames(), pointsForReasons())
}

// howToGet says why a point is of no use.
const howToGet = "; no RFC says how clients get such a CRL"

// namingURLs names these URLs in the leaf, each in a point.
func namingURLs(urls ...func(*world) string) func(*world) {
	return func(w *world) {
		for _, url := range urls {
			w.tmpl.CRLDistributionPoints = append(w.tmpl.CRLDistributionPoints, url(w))
		}
	}
}

// goodURL is the URL of the issuer's CRL.
func goodURL(w *world) string { return w.responder.CRLURL(w.ca) }

// deadURL is a URL that refuses connections.
func deadURL(w *world) string { return w.deadResponder() + "/crl/0" }

// faultyURL returns the URL of a list like the issuer's, at which the responder plays
// a fault.
func faultyURL(f fault.Fault) func(*world) string {
	return func(w *world) string {
		url := w.responder.AddCRL(w.ca, "/faulty.crl", fakeca.CRL{})
		w.responder.SetCRLFault(w.ca, f, url)
		return url
	}
}

// listURL returns the URL of another list of the issuer.
func listURL(describe func(*world) fakeca.CRL) func(*world) string {
	return func(w *world) string { return w.responder.AddCRL(w.ca, "/listed.crl", describe(w)) }
}

// severalPoints are about points of which the first has no valid list.
func severalPoints() []*scenario {
	expired := listURL(func(w *world) fakeca.CRL { return outdatedCRL(w.ca) })
	otherShard := listURL(func(*world) fakeca.CRL { return fakeca.CRL{DistributionPoint: []string{elsewhereURL}} })
	empty := listURL(func(*world) fakeca.CRL { return fakeca.CRL{} })
	// second has a list for the URL of the second point, and the first is down.
	second := func(w *world) {
		url := w.responder.AddCRL(w.ca, "/second.crl", fakeca.CRL{})
		w.responder.AddCRL(w.ca, "/second.crl", fakeca.CRL{DistributionPoint: []string{url}})
		w.tmpl.CRLDistributionPoints = []string{deadURL(w), url}
	}
	// listOnlyHere has only the list at CRLURL list the leaf.
	listOnlyHere := func(w *world) {
		w.responder.SetCRL(w.ca, fakeca.CRL{Also: []fakeca.Response{
			{Serial: w.leaf.Cert.SerialNumber, Status: fakeca.Revoked, Reason: fakeca.KeyCompromise},
		}})
	}
	var out []*scenario
	for _, first := range []struct {
		name, doc string
		ref       Ref
		seen      []string
		url       func(*world) string
	}{
		{"error", "responds with status 500", refCRLEachPoint, []string{"dotnet/runtime#121253"}, faultyURL(fault.HTTPError(500))},
		{"hanging", "never responds", refCRLEachPoint, []string{"dotnet/runtime#121253"}, faultyURL(fault.Hang())},
		{"garbage", "sends garbage", refCRLEachPoint, nil, faultyURL(fault.Body("application/pkix-crl", []byte("garbage")))},
		{"expired", "sends a CRL that has expired", refCRLExpired, nil, expired},
		{"other-shard", "sends a CRL that is for another distribution point", refPointNames, nil, otherShard},
	} {
		out = append(out,
			&scenario{
				name:     "crl-points/first-" + first.name,
				doc:      "the certificate names two URLs, the server of the first " + first.doc + ", and the second has a good CRL",
				ref:      first.ref,
				seen:     first.seen,
				template: namingURLs(first.url, goodURL),
			},
			&scenario{
				name:     "crl-points/first-" + first.name + "-revoked",
				doc:      "the certificate names two URLs, the server of the first " + first.doc + ", and the CRL at the second lists it",
				ref:      first.ref,
				seen:     first.seen,
				template: namingURLs(first.url, goodURL),
				setup:    revokeLeaf,
			},
		)
	}
	return append(out,
		&scenario{
			name:     "crl-points/second",
			doc:      "the first distribution point is down, and the CRL at the second is for that" + idpOptional,
			ref:      refPointNames,
			seen:     []string{"rustls/rustls#2999"},
			also:     Says{NextCRL: Invalid},
			template: second,
		},
		&scenario{
			name:     "crl-points/second-revoked",
			doc:      "the first distribution point is down, and the CRL at the second is for that, and lists the certificate",
			ref:      refPointNames,
			seen:     []string{"rustls/rustls#2999"},
			template: second,
			setup:    revokeLeaf,
		},
		&scenario{
			name: "crl-points/second-for-first",
			doc: "the first distribution point is down, and the second has the CRL that is for the first; " +
				"some clients compare it only with the point from which it came",
			ref:  refPointNames,
			also: Says{NextCRL: Invalid},
			template: func(w *world) {
				down := deadURL(w)
				url := w.responder.AddCRL(w.ca, "/second.crl", fakeca.CRL{DistributionPoint: []string{down}})
				w.tmpl.CRLDistributionPoints = []string{down, url}
			},
		},
		&scenario{
			name:     "crl-points/second-lists-it",
			doc:      "the first CRL is good, and the second lists the certificate; clients may look at it or go by the first",
			ref:      refReasonsMask,
			template: namingURLs(empty, goodURL),
			setup:    listOnlyHere,
		},
		&scenario{
			name:     "crl-points/first-lists-it",
			doc:      "the first CRL lists the certificate, and the second does not",
			ref:      refReasonsMask,
			template: namingURLs(goodURL, empty),
			setup:    listOnlyHere,
		},
		&scenario{
			name: "crl-points/critical",
			doc:  "the extension with the distribution points is critical, which it should not be; who gets CRLs from there understands it",
			ref:  refPointsNotCritical,
			template: func(w *world) {
				w.namePoints(fakeca.CRLPoint{URLs: []string{goodURL(w)}})
				w.tmpl.ExtraExtensions[len(w.tmpl.ExtraExtensions)-1].Critical = true
			},
		},
	)
}

// severalURLs are about a point with several URLs of one list.
func severalURLs() []*scenario {
	inOnePoint := func(urls ...func(*world) string) func(*world) {
		return func(w *world) {
			var point fakeca.CRLPoint
			for _, url := range urls {
				point.URLs = append(point.URLs, url(w))
			}
			w.namePoints(point)
		}
	}
	return []*scenario{
		{
			name:     "crl-points/two-urls",
			doc:      "the distribution point has two URLs, and the first is down",
			ref:      refSeveralNames,
			seen:     []string{"dotnet/runtime#121253"},
			template: inOnePoint(deadURL, goodURL),
		},
		{
			name:     "crl-points/two-urls-revoked",
			doc:      "the distribution point has two URLs, the first is down, and the CRL at the second lists the certificate",
			ref:      refSeveralNames,
			seen:     []string{"dotnet/runtime#121253"},
			template: inOnePoint(deadURL, goodURL),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-points/ldap-and-http",
			doc:      "the distribution point has an LDAP URL and an HTTP URL",
			ref:      refSeveralNames,
			seen:     []string{"wbond/certvalidator#41", "Netflix/lemur#1027", "CESNET/libnetconf2#604"},
			template: inOnePoint(ldapURL, goodURL),
		},
		{
			name:     "crl-points/ldap-and-http-revoked",
			doc:      "the distribution point has an LDAP URL and an HTTP URL, and the CRL lists the certificate",
			ref:      refSeveralNames,
			seen:     []string{"wbond/certvalidator#41", "Netflix/lemur#1027", "CESNET/libnetconf2#604"},
			template: inOnePoint(ldapURL, goodURL),
			setup:    revokeLeaf,
		},
	}
}

// ldapURL is a URL of an LDAP server that nobody runs.
func ldapURL(*world) string { return "ldap://127.0.0.1:0/CN=CA?certificateRevocationList;binary" }

// otherSchemes are about URLs that are not http.
func otherSchemes() []*scenario {
	https := func(w *world) string { return w.addResponder(ocsptest.WithTLS()).CRLURL(w.ca) }
	unusable := func(w *world) {
		w.tmpl.CRLDistributionPoints = []string{"", "ftp://127.0.0.1:0/crl", "http:///crl", "http://127.0.0.1:-1/crl", goodURL(w)}
	}
	return []*scenario{
		{
			name:     "crl-points/ldap",
			doc:      "the certificate names only an LDAP URL, at which no server is",
			ref:      refLDAP,
			seen:     []string{"wbond/certvalidator#41", "Netflix/lemur#1027", "CESNET/libnetconf2#604"},
			template: namingURLs(ldapURL),
		},
		{
			name:     "crl-points/ldap-first",
			doc:      "the certificate names an LDAP URL, at which no server is, and then an HTTP URL",
			ref:      refCRLEachPoint,
			seen:     []string{"wbond/certvalidator#41", "Netflix/lemur#1027", "CESNET/libnetconf2#604"},
			template: namingURLs(ldapURL, goodURL),
		},
		{
			name:     "crl-points/ldap-first-revoked",
			doc:      "the certificate names an LDAP URL, at which no server is, and then an HTTP URL with a CRL that lists it",
			ref:      refCRLEachPoint,
			seen:     []string{"wbond/certvalidator#41", "Netflix/lemur#1027", "CESNET/libnetconf2#604"},
			template: namingURLs(ldapURL, goodURL),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-points/https",
			doc:      "the CRL is at an HTTPS URL; some clients do not get it, because checking that certificate could go in circles",
			ref:      refHTTPS,
			also:     Says{CRL: Good | Invalid},
			template: namingURLs(https),
		},
		{
			name:     "crl-points/https-first-revoked",
			doc:      "the certificate names an HTTPS URL, which some clients do not get, and then an HTTP URL, and the CRL lists it",
			ref:      refHTTPS,
			also:     Says{CRL: Revoked},
			template: namingURLs(https, goodURL),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-points/odd-urls-first",
			doc:      "the certificate names four unusable URLs, and then the CRL",
			ref:      refCRLEachPoint,
			template: unusable,
		},
		{
			name:     "crl-points/odd-urls-first-revoked",
			doc:      "the certificate names four unusable URLs, and then the CRL, which lists it",
			ref:      refCRLEachPoint,
			template: unusable,
			setup:    revokeLeaf,
		},
	}
}

// otherNames are about points without a URL.
func otherNames() []*scenario {
	withoutName := func(w *world) fakeca.CRLPoint { return fakeca.CRLPoint{CRLIssuer: [][]byte{w.root.Cert.RawSubject}} }
	directory := func(w *world) fakeca.CRLPoint {
		return fakeca.CRLPoint{DirectoryNames: [][]byte{nameBelow(w.ca.Cert, "CRL")}}
	}
	// only names such a point, and first also another one after it, which has a URL.
	only := func(point func(*world) fakeca.CRLPoint) func(*world) {
		return func(w *world) { w.namePoints(point(w)) }
	}
	first := func(point func(*world) fakeca.CRLPoint) func(*world) {
		return func(w *world) { w.namePoints(point(w), fakeca.CRLPoint{URLs: []string{goodURL(w)}}) }
	}
	return []*scenario{
		{
			name:     "crl-points/without-name",
			doc:      "the distribution point has a cRLIssuer and no name" + howToGet,
			ref:      refPointParts,
			template: only(withoutName),
		},
		{
			name:     "crl-points/without-name-first",
			doc:      "the first distribution point has a cRLIssuer and no name, and the second has the URL of a good CRL",
			ref:      refPointParts,
			template: first(withoutName),
		},
		{
			name:     "crl-points/without-name-first-revoked",
			doc:      "the first distribution point has a cRLIssuer and no name, and the CRL at the second lists the certificate",
			ref:      refPointParts,
			template: first(withoutName),
			setup:    revokeLeaf,
		},
		{
			name:     "crl-points/directory-name",
			doc:      "the distribution point has only a directory name" + howToGet,
			ref:      refDirectoryEntry,
			template: only(directory),
		},
		{
			name:     "crl-points/directory-name-first",
			doc:      "the first distribution point has only a directory name, and the second has the URL of a good CRL",
			ref:      refDirectoryEntry,
			template: first(directory),
		},
		{
			name:     "crl-points/directory-name-first-revoked",
			doc:      "the first distribution point has only a directory name, and the CRL at the second lists the certificate",
			ref:      refDirectoryEntry,
			template: first(directory),
			setup:    revokeLeaf,
		},
	}
}

// pointsForReasons are about points with reasons.
func pointsForReasons() []*scenario {
	// points names a point for each set of reasons, at which a complete list is, or
	// one for that point if forPoint is set.
	points := func(forPoint bool, sets ...[]fakeca.Reason) func(*world) {
		return func(w *world) {
			var all []fakeca.CRLPoint
			for i, reasons := range sets {
				path := "/point" + string(rune('1'+i)) + ".crl"
				url := w.responder.AddCRL(w.ca, path, fakeca.CRL{})
				if forPoint {
					w.responder.AddCRL(w.ca, path, fakeca.CRL{DistributionPoint: []string{url}, OnlySomeReasons: reasons})
				}
				all = append(all, fakeca.CRLPoint{URLs: []string{url}, Reasons: reasons})
			}
			w.namePoints(all...)
		}
	}
	hold := []fakeca.Reason{fakeca.CertificateHold}
	rest := slices.DeleteFunc(slices.Collect(fakeca.Reasons()), func(r fakeca.Reason) bool {
		return r == fakeca.CertificateHold || r == fakeca.Unspecified || r == fakeca.RemoveFromCRL
	})
	return []*scenario{
		{
			name: "crl-points/reasons-of-complete",
			doc: "the distribution point is only for some reasons, and its CRL is complete; " +
				"some clients take the CRL for incomplete, because of the point",
			ref:      refPointReasons,
			also:     Says{CRL: Invalid},
			template: points(false, hold),
		},
		{
			name:     "crl-points/reasons-of-complete-revoked",
			doc:      "the distribution point is only for certificates on hold; its CRL is complete, and lists the certificate as superseded",
			ref:      refPointReasons,
			template: points(false, hold),
			setup:    func(w *world) { w.leaf.Revoke(fakeca.Superseded) },
		},
		{
			name:     "crl-points/reasons-incomplete",
			doc:      "the only distribution point and its CRL are for some reasons, and the certificate is on hold, which is none of them",
			ref:      refPointReasons,
			template: points(true, rest),
			setup:    func(w *world) { w.leaf.Revoke(fakeca.CertificateHold) },
		},
		{
			name: "crl-points/reasons-in-two",
			doc: "two distribution points with their CRLs are for all reasons together; " +
				"clients need not understand the extension that says so, and many look only at one",
			ref:      refPointReasons,
			also:     Says{NextCRL: Invalid},
			template: points(true, rest, hold),
		},
		{
			name:     "crl-points/reasons-in-two-revoked",
			doc:      "two distribution points with their CRLs are for all reasons together, and the second CRL lists the certificate",
			ref:      refPointReasons,
			template: points(true, rest, hold),
			setup:    func(w *world) { w.leaf.Revoke(fakeca.CertificateHold) },
		},
	}
}
