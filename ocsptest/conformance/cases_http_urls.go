package conformance

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"math/rand/v2"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// naming names responders in the leaf.
func naming(urls func(*world) []string) func(*world) {
	return func(w *world) { w.tmpl.OCSPServer = urls(w) }
}

// urls are about the form of the responder's URL. Where no client can connect,
// the port is 0.
func urls() []sourceCase {
	only := func(url string) func(*world) { return naming(always([]string{url})) }
	return []sourceCase{
		{
			name: "http/escaping",
			doc:  `the base64 in the path of a GET has "//", "+" and "=", and the responder requires that they are escaped`,
			ref:  refGETEscaped,
			seen: []string{"nats-io/nats-server#7183", "hashicorp/vault#19037", "cloudflare/cfssl#993", "letsencrypt/boulder#884"},
			template: func(w *world) {
				w.tmpl.SerialNumber = awkwardSerial(w.ca.Cert)
				w.tmpl.OCSPServer = []string{w.addResponder(ocsptest.WithStrict()).URL}
			},
		},
		{
			name:     "http/url-ends-in-slash",
			doc:      "the responder's URL ends in a slash",
			ref:      refGETPath,
			seen:     []string{"square/certigo#280", "letsencrypt/boulder#2774"},
			template: naming(func(w *world) []string { return []string{w.responder.URL + "/"} }),
		},
		{
			name: "http/url-upper-case",
			doc:  "the scheme of the responder's URL is hTTp; some clients compare bytes, and find no http URL",
			ref:  refScheme,
			also: Absent | Unreachable,
			template: naming(func(w *world) []string {
				return []string{strings.Replace(w.responder.URL, "http", "hTTp", 1)}
			}),
		},
		{
			name:     "http/url-https",
			doc:      "the responder's URL is HTTPS; some clients do not ask, because checking that certificate could go in circles",
			ref:      refHTTPS,
			also:     Disputed,
			template: naming(func(w *world) []string { return []string{w.addResponder(ocsptest.WithTLS()).URL} }),
		},
		{
			name:     "http/url-ftp",
			doc:      "the scheme of the responder's URL is ftp",
			ref:      refTransport,
			template: only("ftp://127.0.0.1:0/ocsp"),
		},
		{
			name:     "http/url-unknown-scheme",
			doc:      "the scheme of the responder's URL does not exist",
			ref:      refTransport,
			template: only("ttp://127.0.0.1:0/ocsp"),
		},
		{
			name:     "http/url-without-scheme",
			doc:      "the responder's URL has no scheme",
			ref:      refURI,
			template: only("127.0.0.1:0/ocsp"),
		},
		{
			name:     "http/url-empty",
			doc:      "the responder's URL is empty",
			ref:      refURI,
			template: only(""),
		},
		{
			name:     "http/url-without-host",
			doc:      "the responder's URL has no host",
			ref:      refURI,
			template: only("http:///ocsp"),
		},
		{
			name:     "http/url-negative-port",
			doc:      "the responder's URL has a negative port",
			ref:      refURI,
			template: only("http://127.0.0.1:-1/ocsp"),
		},
		{
			name: "http/odd-urls-first",
			doc:  "the certificate names four unusable URLs, and then the responder",
			ref:  refAnotherResponder,
			template: naming(func(w *world) []string {
				return []string{"", "ftp://127.0.0.1:0/ocsp", "http:///ocsp", "http://127.0.0.1:-1/ocsp", w.responder.URL}
			}),
		},
	}
}

// responderLists are about several responders, and about dead ones.
func responderLists() []sourceCase {
	const notRequired = "; no RFC requires clients to try the second"
	var (
		saysRevoked  = fault.Respond(revokedResponse)
		saysUnknown  = fault.Respond(unknownResponse)
		saysTryLater = fault.Respond(tryLaterResponse)
	)
	return []sourceCase{
		{
			name:     "http/refused",
			doc:      "the responder's port refuses connections",
			ref:      refUnreachable,
			seen:     []string{"hashicorp/vault#25982", "mongodb/mongo-go-driver#926"},
			template: naming(func(w *world) []string { return []string{w.deadResponder()} }),
		},
		{
			name:     "http/first-dead",
			doc:      "the first responder is down, and the second says good" + notRequired,
			ref:      refAnotherResponder,
			template: naming(func(w *world) []string { return []string{w.deadResponder(), w.responder.URL} }),
		},
		{
			name: "http/first-hangs",
			doc:  "the first responder never responds, and the second says good" + notRequired,
			ref:  refAnotherResponder,
			template: naming(func(w *world) []string {
				return []string{w.faultyResponder(fault.Hang()), w.responder.URL}
			}),
		},
		{
			name: "http/first-fails",
			doc:  "the first responder says tryLater, and the second says good" + notRequired,
			ref:  refAnotherResponder,
			seen: []string{"wbond/certvalidator#21"},
			template: naming(func(w *world) []string {
				return []string{w.faultyResponder(saysTryLater), w.responder.URL}
			}),
		},
		{
			name: "http/first-unknown",
			doc:  "the first responder says unknown, and the second says good; some clients do not ask the second",
			ref:  refUnknown,
			also: Disputed,
			template: naming(func(w *world) []string {
				return []string{w.faultyResponder(saysUnknown), w.responder.URL}
			}),
		},
		{
			name:     "http/second-dead",
			doc:      "the first responder says good, and the second is down",
			ref:      refAnotherResponder,
			template: naming(func(w *world) []string { return []string{w.responder.URL, w.deadResponder()} }),
		},
		{
			name: "http/second-fails",
			doc:  "the first responder says good, and the second says tryLater",
			ref:  refAnotherResponder,
			template: naming(func(w *world) []string {
				return []string{w.responder.URL, w.faultyResponder(saysTryLater)}
			}),
		},
		{
			name: "http/second-revoked",
			doc:  "the first responder says tryLater, and the second says revoked",
			ref:  refAnotherResponder,
			seen: []string{"wbond/certvalidator#21"},
			template: naming(func(w *world) []string {
				return []string{w.faultyResponder(saysTryLater), w.faultyResponder(saysRevoked)}
			}),
		},
		{
			name: "http/responders-disagree",
			doc:  "the first responder says good, and the second says revoked; some clients ask both",
			ref:  refAnotherResponder,
			seen: []string{"hashicorp/vault#26091"},
			also: Disputed,
			template: naming(func(w *world) []string {
				return []string{w.responder.URL, w.faultyResponder(saysRevoked)}
			}),
		},
		{
			name: "http/all-hang",
			doc:  "the certificate names eight URLs that never respond; clients need a time limit for all of them together",
			ref:  refTimeout,
			seen: []string{"hashicorp/vault#25982", "mongodb/mongo-go-driver#926"},
			template: naming(func(w *world) []string {
				hanging := w.faultyResponder(fault.Hang())
				var all []string
				for _, path := range []string{"/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"} {
					all = append(all, hanging+path)
				}
				return all
			}),
		},
	}
}

// awkwardSerial returns a serial number for which requests, with SHA-1 and with
// SHA-256, have "//" and "+" in base64.
func awkwardSerial(issuer *x509.Certificate) *big.Int {
	for {
		// Five bytes of ones make four slashes, wherever they are.
		serial := append([]byte{0x55, 0xff, 0xff, 0xff, 0xff, 0xff}, make([]byte, 10)...)
		for i := range serial[6:] {
			serial[6+i] = byte(rand.Uint32())
		}
		n := new(big.Int).SetBytes(serial)
		bySHA1 := fakeca.NewRequest(n, issuer)
		bySHA256 := fakeca.NewRequest(n, issuer)
		bySHA256.List[0].CertID = fakeca.NewCertID(n, issuer, crypto.SHA256)
		if isAwkward(bySHA1) && isAwkward(bySHA256) {
			return n
		}
	}
}

func isAwkward(r *fakeca.Request) bool {
	text := base64.StdEncoding.EncodeToString(r.Marshal())
	return strings.Contains(text, "//") && strings.Contains(text, "+")
}
