package ocsptest

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"net/url"
	"sync"

	"github.com/ocsplab/ocsplab/fakeca"
)

const oneCRLPath = "/onecrl"

// A file is what a responder serves at a path, beside OCSP.
type file struct {
	contentType string
	ca          *fakeca.CA // whose certificate or CRL it is; nil if that of all
	crl         bool
	added       bool          // by AddCRL
	make        func() []byte // from the record of ca, or of all

	mu      sync.Mutex
	version version
	made    fileContent
}

// A fileContent is a file as it was made last.
type fileContent struct {
	body    []byte
	number  *big.Int // of a CRL that can be read
	entries int
}

// A version says of which state of records, at which second, a file was made.
type version struct {
	cas      int
	revision uint64 // the sum of all
	second   int64
}

func versionOf(cas ...*fakeca.CA) version {
	v := version{cas: len(cas), second: cas[0].Now().Unix()}
	for _, ca := range cas {
		v.revision += ca.Revision()
	}
	return v
}

// read returns the content at a version. It makes the content only if that of
// the last call has another version.
func (f *file) read(v version) fileContent {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.version == v {
		return f.made
	}
	f.made, f.version = fileContent{body: f.make()}, v
	if f.crl {
		if list, err := x509.ParseRevocationList(f.made.body); err == nil {
			f.made.number, f.made.entries = list.Number, len(list.RevokedCertificateEntries)
		}
	}
	return f.made
}

// newCRLFile panics if c cannot be made, where a test wrote it.
func newCRLFile(ca *fakeca.CA, c fakeca.CRL) *file {
	ca.CRL(c)
	return &file{contentType: "application/pkix-crl", ca: ca, crl: true, make: func() []byte { return ca.CRL(c) }} // RFC 2585 section 4
}

func newIssuerFile(ca *fakeca.CA) *file {
	return &file{contentType: "application/pkix-cert", ca: ca, make: func() []byte { return ca.Cert.Raw }}
}

// addFiles serves the CRL and the certificate of the CA at index i. It is called
// with r.mu held, or before anybody else has r.
func (r *Responder) addFiles(i int) {
	ca := r.cas[i]
	r.files[crlPath(i)] = newCRLFile(ca, fakeca.CRL{})
	r.files[issuerPath(i)] = newIssuerFile(ca)
}

func crlPath(i int) string    { return fmt.Sprintf("/crl/%d", i) }
func issuerPath(i int) string { return fmt.Sprintf("/issuer/%d", i) }

// fileAt returns the file at a path, or nil.
func (r *Responder) fileAt(path string) *file {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.files[path]
}

// SetCRL serves the CRL of ca as c describes it, from now on. The default is the
// zero CRL: fresh, complete and correct.
func (r *Responder) SetCRL(ca *fakeca.CA, c fakeca.CRL) {
	i := r.mustIndex("SetCRL", ca)
	f := newCRLFile(ca, c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[crlPath(i)] = f
}

// AddCRL serves one more CRL of ca at a path such as "/delta.crl", and returns
// its URL: a delta CRL, a shard, or anything else beside the CRL at
// [Responder.CRLURL]. Certificates name it only if their template does. Calling
// AddCRL again with the same path replaces the CRL.
func (r *Responder) AddCRL(ca *fakeca.CA, path string, c fakeca.CRL) (url string) {
	r.mustIndex("AddCRL", ca)
	base := r.mustHaveURL("AddCRL")
	if len(path) < 2 || path[0] != '/' || !isPlainPath(path) {
		panic(fmt.Sprintf("ocsptest: AddCRL: path %q must begin with a slash and need no escapes, such as \"/delta.crl\"", path))
	}
	f := newCRLFile(ca, c)
	f.added = true
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.files[path]; old != nil && !old.added {
		panic(fmt.Sprintf("ocsptest: AddCRL: path %q is taken; for the CRL at CRLURL use SetCRL", path))
	}
	r.files[path] = f
	return base + path
}

func isPlainPath(path string) bool { return (&url.URL{Path: path}).EscapedPath() == path }
