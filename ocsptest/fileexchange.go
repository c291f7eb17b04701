package ocsptest

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// serveFile responds with a file. Without a fault it is compressed if the client
// asks for that. http.ServeContent is not used, because what it sends is not seen
// by the hooks of faults.
func (x *exchange) serveFile(f *file) {
	r := x.responder
	x.CA, x.record.CA = f.ca, f.ca
	x.begin()
	c := f.at(r.version(f))
	if f.crl {
		x.recordCRL(c)
	}
	played := fault.None()
	if f.crl {
		played = r.chooseCRLFault(x, f.path)
	}
	header := c.header
	x.Body = c.body
	if isNone(played) && c.compressed != nil && acceptsGzip(x.R.Header["Accept-Encoding"]) {
		header = c.compressedHeader
		x.compressed = c.compressed()
	}
	maps.Copy(x.Header, header)
	if isNotModified(x.R.Header, header) {
		x.Status, x.Body, x.compressed = http.StatusNotModified, nil, nil
		delete(x.Header, "Content-Type")
		delete(x.Header, "Content-Encoding")
	}
	x.end(played)
}

func (x *exchange) recordCRL(c *content) {
	x.responder.mu.Lock()
	defer x.responder.mu.Unlock()
	x.record.CRLURL, x.record.CRLNumber, x.record.CRLEntries = c.url, c.number, c.entries
}

// isNotModified reports whether the client has an entity already, which has this
// ETag and perhaps a date (RFC 9110 sections 13.1.2 and 13.1.3).
func isNotModified(request, entity http.Header) bool {
	if ifNoneMatch := request["If-None-Match"]; ifNoneMatch != nil {
		return matches(ifNoneMatch, entity["Etag"][0])
	}
	since, modified := request["If-Modified-Since"], entity["Last-Modified"]
	if len(since) != 1 || modified == nil {
		return false
	}
	at, err := http.ParseTime(since[0])
	if err != nil {
		return false
	}
	changed, err := http.ParseTime(modified[0])
	return err == nil && !changed.After(at)
}

// matches reports whether an If-None-Match names the entity (RFC 9110 section
// 13.1.2).
func matches(ifNoneMatch []string, etag string) bool {
	for _, line := range ifNoneMatch {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == etag {
				return true
			}
		}
	}
	return false
}

// minCompressed is the size from which on a file is compressed. A smaller list
// fits in one packet anyway, and loses less than a third. A larger one loses half,
// most of which compress/gzip finds at its fastest.
const minCompressed = 1 << 10

func compress(body []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(body) / 2)
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // whose level is valid
	w.Write(body)
	w.Close()
	return b.Bytes()
}

// acceptsGzip reports whether an Accept-Encoding lists gzip, or anything, with a
// weight that is not zero (RFC 9110 section 12.5.3).
func acceptsGzip(acceptEncoding []string) bool {
	accepts := false
	for _, line := range acceptEncoding {
		for coding := range strings.SplitSeq(line, ",") {
			name, parameter, _ := strings.Cut(coding, ";")
			weight := 1.0
			if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q="); ok {
				weight, _ = strconv.ParseFloat(q, 64)
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				return weight > 0
			case "*":
				accepts = weight > 0
			}
		}
	}
	return accepts
}
