package ocsptest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ocsplab/ocsplab/fakeca"
)

// Add makes the responder respond for ca too, if it does not yet. Certificates
// that ca issues from now on name the responder, or from Start on if it is not
// started. Add panics if ca has no key.
func (r *Responder) Add(ca *fakeca.CA) {
	if ca == nil {
		panic("ocsptest: Add needs a CA, not nil")
	}
	if ca.Key == nil {
		panic(errNoKey(ca).Error())
	}
	r.mu.Lock()
	if !slices.Contains(r.cas, ca) {
		r.cas = append(r.cas, ca)
		r.addFiles(len(r.cas) - 1)
	}
	if r.URL == "" {
		r.added = append(r.added, ca)
	}
	r.mu.Unlock()
	if r.URL != "" {
		r.advertise(ca)
	}
}

// advertise makes ca name the responder, until Close.
func (r *Responder) advertise(ca *fakeca.CA) {
	servers := r.servers(ca)
	r.mu.Lock()
	defer r.mu.Unlock()
	if withdraw := r.advertised[ca]; withdraw != nil {
		withdraw() // or Close would have to call both
	}
	r.advertised[ca] = ca.Advertise(servers)
}

// servers are those that certificates of ca name.
func (r *Responder) servers(ca *fakeca.CA) fakeca.Servers {
	s := fakeca.Servers{CRL: []string{r.CRLURL(ca)}, CRLShards: r.ShardURLs(ca), Issuer: []string{r.IssuerURL(ca)}}
	if !r.settings.withoutOCSP {
		s.OCSP = []string{r.URL}
	}
	return s
}

// withdraw undoes advertise, for all CAs.
func (r *Responder) withdraw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ca, withdraw := range r.advertised {
		withdraw()
		delete(r.advertised, ca)
	}
}

// isNamed reports whether a certificate names the responder.
func (r *Responder) isNamed() bool {
	isOurs := func(url string) bool { return url == r.URL || strings.HasPrefix(url, r.URL+"/") }
	for _, ca := range r.issuers() {
		for _, cert := range ca.Issued() {
			if slices.ContainsFunc(slices.Concat(cert.OCSPServer, cert.CRLDistributionPoints), isOurs) {
				return true
			}
		}
	}
	return false
}

// IssuerURL returns the URL of the certificate of ca. It panics if the responder
// does not respond for ca, or is not started.
func (r *Responder) IssuerURL(ca *fakeca.CA) string {
	return r.mustHaveURL("IssuerURL") + issuerPath(r.mustIndex("IssuerURL", ca))
}

// OneCRLURL returns the URL of the revocations of all CAs, in the form of
// [fakeca.OneCRL]. It panics if the responder is not started.
func (r *Responder) OneCRLURL() string { return r.mustHaveURL("OneCRLURL") + oneCRLPath }

func (r *Responder) mustHaveURL(method string) string {
	if r.URL == "" {
		panic(fmt.Sprintf("ocsptest: %s: the responder is not started; call Start first, or set URL to where it is mounted", method))
	}
	return r.URL
}

// mustIndex returns the index of a CA of the responder.
func (r *Responder) mustIndex(method string, ca *fakeca.CA) int {
	if ca == nil {
		panic(fmt.Sprintf("ocsptest: %s needs a CA, not nil", method))
	}
	i := slices.Index(r.issuers(), ca)
	if i < 0 {
		panic(fmt.Sprintf("ocsptest: %s: the responder does not respond for %q; call Add", method, ca.Cert.Subject))
	}
	return i
}

func (r *Responder) issuers() []*fakeca.CA {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cas[:len(r.cas):len(r.cas)] // which only grows
}
