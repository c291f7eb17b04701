package conformance

import (
	"crypto/tls"
	"crypto/x509"
	"sync"
	"time"

	"github.com/ocsplab/ocsplab/fakeca"
	"github.com/ocsplab/ocsplab/ocsptest"
	"github.com/ocsplab/ocsplab/ocsptest/fault"
)

// A world is where a case takes place: a root, an intermediate, a leaf, a
// responder with CRLs, and a server. All is well in it until a scenario changes
// one thing.
type world struct {
	root, ca  *fakeca.CA
	tmpl      x509.Certificate // of the leaf
	leaf      *fakeca.Leaf
	responder *ocsptest.Responder
	others    []*ocsptest.Responder // that the scenario started, for ca
	server    *ocsptest.Server
	tls       tls.Config        // of the server
	options   []ocsptest.Option // of the server
	network   *ocsptest.Network // nil: sockets
	clock     *clockwork
}

// A clockwork is a clock that a scenario can put forward.
type clockwork struct {
	mu      sync.Mutex
	forward time.Duration
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.forward)
}

func (c *clockwork) putForward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forward += d
}

// newWorld makes the world of a scenario, and starts it.
func newWorld(s *scenario, network *ocsptest.Network) (*world, error) {
	w := &world{clock: new(clockwork), network: network}
	// HTTP/2 and post-quantum key exchange cost time, and no case is about them.
	w.tls.NextProtos = []string{"http/1.1"}
	w.tls.CurvePreferences = []tls.CurveID{tls.X25519, tls.CurveP256}
	w.root = fakeca.New(fakeca.WithClock(w.clock.now))
	var at []ocsptest.ResponderOption
	if network != nil {
		at = append(at, ocsptest.WithNetwork(network))
		w.options = append(w.options, ocsptest.WithNetwork(network))
	}
	w.responder = ocsptest.NewUnstartedResponder(w.root, at...)
	if err := w.responder.Listen(); err != nil {
		return nil, err
	}
	w.ca = w.root.Intermediate()
	w.responder.Add(w.ca)
	w.tmpl.DNSNames = []string{"localhost"}
	w.tmpl.IPAddresses = loopback
	if s.mustStaple {
		w.tmpl.ExtraExtensions = append(w.tmpl.ExtraExtensions, fakeca.MustStaple())
	}
	if s.template != nil {
		s.template(w)
	}
	w.leaf = w.ca.Issue(&w.tmpl)
	w.server = ocsptest.NewUnstartedServer(append(w.options, ocsptest.WithLeaf(w.leaf), ocsptest.WithTLSConfig(&w.tls))...)
	if s.setup != nil {
		s.setup(w)
	}
	if err := w.server.Listen(); err != nil {
		w.closeResponders()
		return nil, err
	}
	return w, nil
}

// anotherResponder starts one more responder for ca and the root. It is named
// only in what a scenario makes name it.
func (w *world) anotherResponder(opts ...ocsptest.ResponderOption) *ocsptest.Responder {
	if w.network != nil {
		opts = append(opts, ocsptest.WithNetwork(w.network))
	}
	r := ocsptest.NewUnstartedResponder(w.ca, opts...)
	r.Start()
	w.others = append(w.others, r)
	w.responder.Add(w.ca)
	return r
}

// faulty returns the URL of one more responder, which plays a fault.
func (w *world) faulty(f fault.Fault) string {
	r := w.anotherResponder()
	r.SetFault(f)
	return r.URL
}

// newIssuer puts another intermediate in place of ca, before it issues the leaf.
func (w *world) newIssuer(opts ...fakeca.Option) {
	w.ca = w.root.Intermediate(opts...)
	w.responder.Add(w.ca)
}

// deadResponder returns the URL of a responder that has gone.
func (w *world) deadResponder() string {
	r := w.anotherResponder()
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
	return append([]*ocsptest.Responder{w.responder}, w.others...)
}

// staple staples r; noStaple staples nothing.
func (w *world) staple(r fakeca.Response) { w.server.SetStaple(r) }
func (w *world) noStaple()                { w.server.SetRawStaple(nil) }

// aboutLeaf plays a fault at requests about the leaf alone.
func (w *world) aboutLeaf(f fault.Fault) { w.responder.SetFault(f.For(w.leaf.Cert)) }

// aboutIntermediate plays a fault at requests about the intermediate alone.
func (w *world) aboutIntermediate(f fault.Fault) { w.responder.SetFault(f.For(w.ca.Cert)) }

// aboutList plays a fault at requests for the CRL of ca alone.
func (w *world) aboutList(f fault.Fault) { w.responder.SetCRLFault(w.ca, f) }

// asked returns what the responders were asked about the leaf.
func (w *world) asked() []ocsptest.Request {
	var about, all []ocsptest.Request
	for _, r := range w.responders() {
		all = append(all, r.Requests()...)
	}
	for _, r := range all {
		if r.OCSP == nil {
			continue
		}
		for _, single := range r.OCSP.List {
			if single.CertID.SerialNumber.Cmp(w.leaf.Cert.SerialNumber) == 0 {
				about = append(about, r)
				break
			}
		}
	}
	return about
}
