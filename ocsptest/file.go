package ocsptest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
)

// A file is what a responder serves at a path, beside OCSP.
type file struct {
	path        string // below the responder's URL
	contentType string
	ca          *fakeca.CA   // whose certificate or CRL it is; nil if that of all
	others      []*fakeca.CA // who are on the CRL too
	crl         bool
	fixed       bool // AddCRL cannot replace it

	// make makes the content from the record of ca, or of all. url is where the file
	// is served.
	make func(url string, v version) []byte

	read atomic.Int64 // when it, or another at its path, was last read; in seconds since 1970

	mu   sync.Mutex
	made *content // the last one; nil if there is none
}

// A content is a file as it was made.
type content struct {
	version version
	url     string // of the file
	body    []byte
	header  http.Header // must not be changed

	// Of a CRL.
	number  *big.Int
	entries int

	// The same compressed; nil if that is not worth it.
	compressed       func() []byte
	compressedHeader http.Header
}

// A version says from which state of records, when, and for which responder's URL
// a file is made.
type version struct {
	base     string // the URL
	cas      int
	revision uint64 // the sum of all
	at       time.Time
}

// maxAge is how long a version is served if the record does not change. The
// default CRL is valid for another 22 hours then.
const maxAge = time.Hour

// version returns the version of f to serve, and the time on its CA's clock. The
// files of one CA change version together, so that a delta CRL is never older than
// the complete CRL.
func (r *Responder) version(f *file) (v version, at time.Time) {
	cas := r.sources(f.ca)
	now := version{cas: len(cas), at: cas[0].Now()}
	for _, ca := range cas {
		now.revision += ca.Revision()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now.base = r.URL
	v = r.versions[f.ca]
	if !v.isCurrent(now) {
		v = now
		r.versions[f.ca] = v
	}
	return v, now.at
}

// sources returns the CAs from whose records the files of ca are made, or those of
// all CAs if ca is nil.
func (r *Responder) sources(ca *fakeca.CA) []*fakeca.CA {
	if ca == nil {
		return r.issuers()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*fakeca.CA{ca}, r.others[ca]...)
}

func (v version) isCurrent(now version) bool {
	return v.base == now.base && v.cas == now.cas && v.revision == now.revision &&
		!now.at.Before(v.at) && now.at.Before(v.at.Add(maxAge)) // a test can turn its clock back
}

// at returns the content at a version. It makes the content only if the last one
// has another version.
func (f *file) at(v version, now time.Time) *content {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.made == nil || f.made.version != v {
		f.made = f.newContent(v)
	}
	f.read.Store(now.Unix())
	return f.made
}

func (f *file) newContent(v version) *content {
	url := v.base + f.path
	c := &content{version: v, url: url, body: f.make(url, v)}
	if f.crl {
		c.number, c.entries = summarizeCRL(c.body)
	}
	sum := sha256.Sum256(c.body)
	etag := hex.EncodeToString(sum[:16])
	c.header = http.Header{
		"Content-Type":  {f.contentType},
		"Cache-Control": {"no-cache"}, // it follows the record
		"Etag":          {`"` + etag + `"`},
	}
	// HTTP dates have seconds. A client that read another content in that second, or
	// later, could not tell the two by a date.
	if v.at.Unix() > f.read.Load() {
		c.header["Last-Modified"] = []string{httpTime(v.at)}
	}
	if len(c.body) >= minCompressed {
		c.header["Vary"] = []string{"Accept-Encoding"}
		c.compressed = sync.OnceValue(func() []byte { return compress(c.body) })
		c.compressedHeader = maps.Clone(c.header)
		c.compressedHeader["Content-Encoding"] = []string{"gzip"}
		c.compressedHeader["Etag"] = []string{`"` + etag + `-gzip"`} // RFC 9110 section 8.8.3.3
	}
	return c
}

// put serves f at its path. It is called with r.mu held, or before anybody else
// has r.
func (r *Responder) put(f *file) {
	if old := r.files[f.path]; old != nil {
		f.read.Store(old.read.Load())
	}
	r.files[f.path] = f
	for _, o := range f.others {
		if !slices.Contains(r.others[f.ca], o) {
			r.others[f.ca] = append(r.others[f.ca], o)
		}
	}
}

// addFiles serves the CRLs and the certificate of the CA at index i. It is called
// with r.mu held, or before anybody else has r.
func (r *Responder) addFiles(i int) {
	ca := r.cas[i]
	r.addCRLs(i, fakeca.CRL{})
	r.put(&file{
		path: issuerPath(i), contentType: "application/pkix-cert", ca: ca, fixed: true,
		make: func(string, version) []byte { return ca.Cert.Raw },
	})
}

func issuerPath(i int) string { return fmt.Sprintf("/issuer/%d", i) }

const oneCRLPath = "/onecrl"

func (r *Responder) addOneCRL() {
	r.put(&file{
		path: oneCRLPath, contentType: "application/json", fixed: true,
		make: func(string, version) []byte { return fakeca.OneCRL(r.issuers()...) },
	})
}

// fileAt returns the file at a path, or nil.
func (r *Responder) fileAt(path string) *file {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[path]
}
