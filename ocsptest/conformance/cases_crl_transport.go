package conformance

import (
	"net/http"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// crlTransportCases are about how a CRL comes over HTTP.
//
// Left out: ETag and gzip as clients ask for them, which every responder here has.
func crlTransportCases() []*scenario {
	return onlyCRLs(crlStatusCodes(), crlHeaders(), otherBodies(), crlConnections(), crlRedirects())
}

// crlStatusCodes are status codes other than 404 and 500, which crl has.
func crlStatusCodes() []*scenario {
	var out []*scenario
	for _, c := range []struct {
		code, doc string
		ref       Ref
		fault     fault.Fault
	}{
		{"204", "204, and no body", refStatus204, fault.Fault{Name: "204", Reply: func(x *fault.Exchange) {
			x.Status, x.Body = http.StatusNoContent, nil
			x.Header.Del("Content-Type")
		}}},
		{"304", "304 to clients that have nothing cached", refStatus304, fault.HTTPError(304)},
		{"403", "403", refStatus403, fault.HTTPError(403)},
		{"429", "429, with Retry-After of an hour, longer than any handshake can wait", refStatus429, fault.HTTPError(429, time.Hour)},
		{"503", "503, with Retry-After of an hour, longer than any handshake can wait", refStatus503, fault.HTTPError(503, time.Hour)},
	} {
		out = append(out, &scenario{
			name: "crl-transport/status-" + c.code, doc: "the CRL's server responds with status " + c.doc, ref: c.ref,
			setup: theCRL(c.fault),
		})
	}
	return append(out, &scenario{
		name: "crl-transport/error-with-crl",
		doc:  "the CRL's server responds with status 404 and a good CRL as the body; some clients read it",
		ref:  refStatus404, also: Says{CRL: Good},
		setup: theCRL(fault.StatusCode(404)),
	})
}

// crlHeaders are about what the header says of the body.
func crlHeaders() []*scenario {
	return []*scenario{
		{
			name: "crl-transport/octet-stream",
			doc:  "the content type is application/octet-stream, as servers have it that do not know CRLs; some clients check it, most do not",
			ref:  refCRLContentType, also: Says{CRL: Invalid},
			setup: theCRL(fault.ContentType("application/octet-stream")),
		},
		{
			name:  "crl-transport/octet-stream-revoked",
			doc:   "the content type is application/octet-stream, and the CRL lists the certificate",
			ref:   refCRLContentType,
			setup: theCRL(fault.ContentType("application/octet-stream"), revokeLeaf),
		},
		{
			name: "crl-transport/no-content-type",
			doc:  "there is no content type; some clients check it, most do not",
			ref:  refCRLContentType, also: Says{CRL: Invalid},
			setup: theCRL(fault.ContentType("")),
		},
		{
			name: "crl-transport/gzip",
			doc:  "the CRL is compressed, even if the client did not ask for that; some clients cannot decompress it",
			ref:  refContentEncoding, also: Says{CRL: Invalid},
			setup: theCRL(fault.Gzip()),
		},
		{
			name: "crl-transport/gzip-revoked",
			doc: "the CRL is compressed, even if the client did not ask for that, and lists the certificate; " +
				"some clients cannot decompress it",
			ref: refContentEncoding, also: Says{CRL: Invalid},
			setup: theCRL(fault.Gzip(), revokeLeaf),
		},
		{
			name:  "crl-transport/no-content-length",
			doc:   "there is no Content-Length: the CRL ends with the connection",
			ref:   refUntilClosed,
			setup: theCRL(fault.NoContentLength()),
		},
		{
			name:  "crl-transport/chunked-revoked",
			doc:   "the CRL is sent in chunks, and lists the certificate",
			ref:   refChunked,
			setup: theCRL(fault.Chunked(), revokeLeaf),
		},
		{
			name:  "crl-transport/short-content-length",
			doc:   "Content-Length is one byte too small, so the last byte of the CRL is cut off",
			ref:   refContentLength,
			setup: theCRL(fault.ShortContentLength()),
		},
		{
			name: "crl-transport/long-content-length",
			doc:  "Content-Length is one byte too large, so the body is incomplete for HTTP; some clients accept it",
			ref:  refIncomplete, also: Says{CRL: Good | Invalid},
			setup: theCRL(fault.LongContentLength()),
		},
	}
}

// otherBodies are not CRLs.
func otherBodies() []*scenario {
	const crlType = "application/pkix-crl"
	page := []byte("<!DOCTYPE html><title>Log in</title>")
	return []*scenario{
		{
			name:  "crl-transport/login-page",
			doc:   "the body is a login page, as from a captive portal",
			ref:   refCaptivePortal,
			seen:  []string{"edrlab/thorium-reader#3863", "dotnet/runtime#89907"},
			setup: theCRL(fault.Body("text/html", page)),
		},
		{
			name:  "crl-transport/login-page-as-crl",
			doc:   "the body is a login page with the content type of a CRL",
			ref:   refCaptivePortal,
			setup: theCRL(fault.Body(crlType, page)),
		},
		{
			name:  "crl-transport/certificate",
			doc:   "the body is the issuer's certificate, which is DER too",
			ref:   refCRLSyntax,
			setup: func(w *world) { w.crlFault(fault.Body(crlType, w.ca.Cert.Raw)) },
		},
		{
			name:  "crl-transport/ocsp-response",
			doc:   "the body is an OCSP response that says good",
			ref:   refCRLSyntax,
			setup: func(w *world) { w.crlFault(fault.Body(crlType, w.leaf.Staple(fakeca.Response{}))) },
		},
		{
			name: "crl-transport/endless",
			doc:  "zeros without an end follow the CRL; some clients stop reading where the CRL ends",
			ref:  refCRLSyntax, also: Says{CRL: Disputed},
			seen:  []string{"keycloak/keycloak#52063", "firezone/firezone#14604"},
			setup: theCRL(fault.Fault{Name: "endless zeros", Send: sendForever}),
		},
	}
}

// crlConnections are slow, or break.
func crlConnections() []*scenario {
	return []*scenario{
		{
			name:  "crl-transport/slow",
			doc:   "the CRL's server takes a tenth of a second",
			ref:   refCRLPoint,
			setup: theCRL(fault.Delay(100 * time.Millisecond)),
		},
		{
			name:  "crl-transport/drip",
			doc:   "the CRL comes at one byte a second, so no read takes long, and the whole takes minutes",
			ref:   refCRLPoint,
			setup: theCRL(fault.Drip(time.Second)),
		},
		{
			name:  "crl-transport/reset",
			doc:   "the connection to the CRL's server is reset",
			ref:   refCRLPoint,
			setup: theCRL(fault.Reset()),
		},
		{
			name:  "crl-transport/reset-midway",
			doc:   "the connection is reset after 100 bytes of the CRL",
			ref:   refIncomplete,
			setup: theCRL(fault.ResetAfter(100)),
		},
	}
}

func crlRedirects() []*scenario {
	return []*scenario{
		{
			name: "crl-transport/redirect",
			doc:  "the CRL's server redirects once; some clients follow, some do not",
			ref:  refRedirect, also: Says{CRL: NoResponse},
			seen:  []string{"kaikramer/keystore-explorer#460"},
			setup: theCRL(fault.Redirect()),
		},
		{
			name: "crl-transport/redirect-revoked",
			doc:  "the CRL's server redirects once, and the CRL lists the certificate; some clients follow, some do not",
			ref:  refRedirect, also: Says{CRL: NoResponse},
			seen:  []string{"kaikramer/keystore-explorer#460"},
			setup: theCRL(fault.Redirect(), revokeLeaf),
		},
		{
			name:  "crl-transport/redirect-loop",
			doc:   "the CRL's server redirects to the same URL",
			ref:   refRedirectLoop,
			seen:  []string{"kaikramer/keystore-explorer#460"},
			setup: theCRL(fault.RedirectLoop()),
		},
		{
			name: "crl-transport/redirect-to-https",
			doc:  "the CRL's server redirects to an HTTPS URL; clients that follow must check another certificate",
			ref:  refHTTPS, also: Says{CRL: Disputed},
			setup: func(w *world) { w.crlFault(fault.RedirectTo(w.addResponder(ocsptest.WithTLS()).URL)) },
		},
		{
			name: "crl-transport/redirect-to-other",
			doc:  "the CRL's server redirects to the CRL of the root, and the certificate is revoked",
			ref:  refCRLIssuer,
			setup: func(w *world) {
				to := w.responder.CRLURL(w.root)
				w.crlFault(fault.Fault{Name: "redirect to another CRL", Reply: func(x *fault.Exchange) {
					x.Refuse(http.StatusTemporaryRedirect)
					x.Header.Set("Location", to)
				}})
				revokeLeaf(w)
			},
		},
	}
}
