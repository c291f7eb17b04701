package conformance

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A world is where a case takes place: a root, an intermediate, a leaf, a
// responder with CRLs, and a server. Everything in it is fine until a scenario
// changes one thing.
type world struct {
	root, ca       *fakeca.CA
	other          *fakeca.CA       // that the scenario made beside ca, if it needs one
	tmpl           x509.Certificate // of the leaf
	leaf           *fakeca.Leaf
	responder      *ocsptest.Responder
	moreResponders []*ocsptest.Responder // that the scenario started, for ca
	server         *ocsptest.Server
	tls            tls.Config        // of the server
	options        []ocsptest.Option // of the server
	network        *ocsptest.Network // nil: sockets
	clock          *fakeClock
}

// A fakeClock is a clock that a scenario can advance.
type fakeClock struct {
	base  func() time.Time
	mu    sync.Mutex
	ahead time.Duration
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.ahead)
}

func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// A worldSetting is what options change in every world.
type worldSetting struct {
	network *ocsptest.Network // nil: sockets
	root    *fakeca.CA        // nil: a new one
	newKey  func() crypto.Signer
	leaf    *x509.Certificate // a template
	alpn    []string
}

// aboutECDSA are the cases about signatures that only keys for ECDSA can make.
var aboutECDSA = []string{
	"crl/sha1", "delegate/sha1", "encoding/algorithm-null", "encoding/signature-unused-bits",
	"signer/other-algorithm-of-key", "signer/algorithm-of-other-key", "signer/ecdsa-sha1", "signer/ecdsa-sha512",
}

// keepsKeys reports whether the scenario is one of them.
func (s *scenario) keepsKeys() bool {
	return slices.Contains(aboutECDSA, strings.TrimSuffix(s.name, "-fetched"))
}

// keys returns the option that gives a CA its key.
func (o worldSetting) keys() []fakeca.Option {
	if o.newKey == nil {
		return nil
	}
	return []fakeca.Option{fakeca.WithKey(o.newKey())}
}

// newWorld returns the world of a scenario, started.
func newWorld(s *scenario, o worldSetting) (*world, error) {
	w := &world{clock: &fakeClock{base: time.Now}, network: o.network}
	if s.keepsKeys() {
		o.newKey = nil
	}
	// HTTP/2 and post-quantum key exchange take time, and no case is about them.
	w.tls.NextProtos = []string{"http/1.1"}
	if o.alpn != nil {
		w.tls.NextProtos = slices.Clone(o.alpn)
	}
	w.tls.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256}
	if w.root = o.root; w.root != nil {
		w.clock.base = w.root.Now
	} else {
		w.root = fakeca.New(append(o.keys(), fakeca.WithClock(w.clock.now))...)
	}
	var at []ocsptest.ResponderOption
	if o.network != nil {
		at = append(at, ocsptest.WithNetwork(o.network))
		w.options = append(w.options, ocsptest.WithNetwork(o.network))
	}
	at = append(at, ownPath())
	w.responder = ocsptest.NewUnstartedResponder(w.root, at...)
	if err := w.responder.Listen(); err != nil {
		return nil, err
	}
	w.replaceIssuer(x509.Certificate{}, o.keys()...)
	if o.leaf != nil {
		w.tmpl = *o.leaf
		w.tmpl.ExtraExtensions = slices.Clone(o.leaf.ExtraExtensions)
	}
	w.tmpl.DNSNames = append([]string{"localhost"}, w.tmpl.DNSNames...)
	w.tmpl.IPAddresses = append(slices.Clone(loopback), w.tmpl.IPAddresses...)
	if o.newKey != nil {
		w.tmpl.PublicKey = o.newKey()
	}
	if s.feature == FeatureMustStaple {
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, fakeca.MustStaple())
	}
	if s.speaks()&OCSP == 0 {
		w.tmpl.OCSPServer = []string{}
	}
	if s.speaks()&CRL == 0 {
		w.tmpl.CRLDistributionPoints = []string{}
	}
	if s.template != nil {
		s.template(w)
	}
	w.nameResponder(&w.tmpl, w.ca)
	w.leaf = w.ca.Issue(&w.tmpl)
	w.server = ocsptest.NewUnstartedServer(append(w.options, ocsptest.WithLeaf(w.leaf), ocsptest.WithTLSConfig(&w.tls))...)
	if s.speaks()&Staple == 0 {
		w.noStaple()
	}
	if s.speaks()&OCSP == 0 {
		w.respond(fakeca.Response{Error: ocsp.Unauthorized}) // to clients that ask the issuer's responder
	}
	if s.setup != nil {
		s.setup(w)
	}
	if err := w.server.Listen(); err != nil {
		w.closeResponders()
		return nil, err
	}
	return w, nil
}

// replaceIssuer makes another intermediate the issuer of the leaf.
func (w *world) replaceIssuer(tmpl x509.Certificate, opts ...fakeca.Option) {
	w.ca = w.intermediate(tmpl, opts...)
	w.responder.Add(w.ca)
}

// intermediate makes a CA below the root.
func (w *world) intermediate(tmpl x509.Certificate, opts ...fakeca.Option) *fakeca.CA {
	w.nameResponder(&tmpl, w.root)
	return w.root.Intermediate(append(opts, fakeca.WithTemplate(&tmpl))...)
}

// nameResponder names the world's responder in a certificate that ca will issue,
// unless tmpl names another one. A root that worlds share names the responder of
// any of them.
func (w *world) nameResponder(tmpl *x509.Certificate, ca *fakeca.CA) {
	if tmpl.OCSPServer == nil {
		tmpl.OCSPServer = []string{w.responder.URL}
	}
	if tmpl.CRLDistributionPoints == nil {
		tmpl.CRLDistributionPoints = []string{w.responder.CRLURL(ca)}
	}
	if tmpl.IssuingCertificateURL == nil {
		tmpl.IssuingCertificateURL = []string{w.responder.IssuerURL(ca)}
	}
}

// addResponder starts another responder for ca. Certificates do not name it.
func (w *world) addResponder(opts ...ocsptest.ResponderOption) *ocsptest.Responder {
	if w.network != nil {
		opts = append(opts, ocsptest.WithNetwork(w.network))
	}
	r := ocsptest.NewUnstartedResponder(w.ca, append(opts, ownPath())...)
	r.Start()
	w.moreResponders = append(w.moreResponders, r)
	w.responder.Add(w.ca) // which certificates name again
	return r
}

// ownPath gives a responder URLs that no other case has. Clients cache by URL,
// and ports are used again.
func ownPath() ocsptest.ResponderOption {
	return ocsptest.WithPath(fmt.Sprintf("/x%08x", rand.Uint32()))
}

// faultyResponder returns the URL of another responder, which has a fault.
func (w *world) faultyResponder(f fault.Fault) string {
	r := w.addResponder()
	r.SetFault(f)
	return r.URL
}

// deadResponder returns a URL that refuses connections.
func (w *world) deadResponder() string {
	r := w.addResponder()
	r.Close()
	return r.URL
}

func (w *world) close() {
	w.server.Close()
	w.closeResponders()
}

func (w *world) closeResponders() {
	for _, r := range w.responders() {
		r.Close()
	}
}

func (w *world) responders() []*ocsptest.Responder {
	return append([]*ocsptest.Responder{w.responder}, w.moreResponders...)
}

func (w *world) staple(r fakeca.Response) { w.server.SetStaple(r) }
func (w *world) noStaple()                { w.server.SetRawStaple(nil) }

// sendChain has the server send these certificates, and what staple returns, if
// that is not nil.
func (w *world) sendChain(staple func() []byte, chain func() []*x509.Certificate) {
	certs := sync.OnceValue(chain)
	w.tls.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		cert := tls.Certificate{PrivateKey: w.leaf.Key}
		if staple != nil {
			cert.OCSPStaple = staple()
		}
		for _, c := range certs() {
			cert.Certificate = append(cert.Certificate, c.Raw)
		}
		return &cert, nil
	}
}

// onRecord returns the staple that is on record.
func (w *world) onRecord() []byte { return w.leaf.Staple(w.leaf.OnRecord()) }

// leafFault sets the responder's fault at requests about the leaf.
func (w *world) leafFault(f fault.Fault) { w.responder.SetFault(f.For(w.leaf.Cert)) }

// intermediateFault sets the responder's fault at requests about the
// intermediate.
func (w *world) intermediateFault(f fault.Fault) { w.responder.SetFault(f.For(w.ca.Cert)) }

// crlFault sets the responder's fault at requests for the CRL of ca.
func (w *world) crlFault(f fault.Fault) { w.responder.SetCRLFault(w.ca, f) }

// respond has the responder send r to requests about the leaf.
func (w *world) respond(r fakeca.Response) { w.leafFault(fault.Respond(r)) }

// requests counts what all responders were asked.
func (w *world) requests() (n int) {
	for _, r := range w.responders() {
		n += len(r.Requests())
	}
	return n
}

// leafRequests returns the OCSP requests about the leaf.
func (w *world) leafRequests() []ocsptest.Request {
	isAboutLeaf := func(r fakeca.SingleRequest) bool { return r.CertID.SerialNumber.Cmp(w.leaf.Cert.SerialNumber) == 0 }
	var about []ocsptest.Request
	for _, responder := range w.responders() {
		for _, r := range responder.Requests() {
			if r.OCSP != nil && slices.ContainsFunc(r.OCSP.List, isAboutLeaf) {
				about = append(about, r)
			}
		}
	}
	return about
}
